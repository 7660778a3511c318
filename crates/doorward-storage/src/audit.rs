//! The audit log: entries are inserted in the commit and sealed in batches afterwards.
//!
//! Sealing inside the commit would make the head of the log a lock that every writer of a tenant
//! waits for. An entry is tamper-evident from its sealing on.

use std::fmt;

use async_trait::async_trait;
use uuid::Uuid;

use crate::{Applied, Batch, CommitError, Limit, Scope, Storage, StorageError};

/// A new entry of the audit log, with the personal data that stays outside its bytes.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct AuditRow {
    /// The entry's id: time-ordered (UUIDv7), never used twice in a scope.
    pub id: Uuid,
    /// The scope in which the principal acted.
    pub scope: Scope,
    /// The entry bytes: no position, no personal data; never changed.
    pub body: Vec<u8>,
    /// What the entry commits to and does not hold.
    pub side: Vec<SideRow>,
}

impl AuditRow {
    /// The longest entry, in bytes: 16 KiB.
    pub const MAX_BODY_LEN: usize = 16 << 10;

    pub(crate) fn byte_count(&self) -> usize {
        let side = |row: &SideRow| row.field.len() + row.value.len();
        self.body.len() + self.side.iter().map(side).sum::<usize>()
    }
}

impl fmt::Debug for AuditRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditRow")
            .field("id", &self.id)
            .field("scope", &self.scope)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("side", &self.side)
            .finish()
    }
}

/// One personal field beside an audit entry: the entry holds its salted digest. Only erasure
/// changes it.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct SideRow {
    /// The field, once an entry.
    pub field: String,
    /// The salt of the digest; without it the digest tells nothing.
    pub salt: [u8; 32],
    /// The personal data.
    pub value: Vec<u8>,
}

impl fmt::Debug for SideRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SideRow")
            .field("field", &self.field)
            .finish_non_exhaustive()
    }
}

/// What a side row is called within its scope.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SideKey {
    /// The entry's id.
    pub entry: Uuid,
    /// The field.
    pub field: String,
}

/// An entry as it is read.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct AuditEntry {
    /// The entry's id.
    pub id: Uuid,
    /// The entry bytes.
    pub body: Vec<u8>,
    /// Its place in the sealed log, from 1; `None` until it is sealed.
    pub position: Option<u64>,
}

impl fmt::Debug for AuditEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditEntry")
            .field("id", &self.id)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("position", &self.position)
            .finish()
    }
}

/// One sealing: everything up to a position, and the bytes that vouch for it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Checkpoint {
    /// The position of the last entry it covers.
    pub position: u64,
    /// What the sealer wrote.
    pub body: Vec<u8>,
}

/// In which order entries are read.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Order {
    /// By rising id.
    OldestFirst,
    /// By falling id.
    NewestFirst,
}

/// Storage whose audit log can be read, sealed, and freed of personal data.
///
/// Entries enter it by [`Storage::commit`] alone; nothing changes or removes one.
#[async_trait]
pub trait AuditStore: Storage {
    /// Reads entries of a scope, sealed or not, by id, after the last one of an earlier page.
    ///
    /// Pages stay in step while entries are sealed, since ids do not change.
    ///
    /// # Errors
    /// [`StorageError`] from the engine.
    async fn entries(
        &self,
        scope: Scope,
        order: Order,
        after: Option<Uuid>,
        limit: Limit,
    ) -> Result<Vec<AuditEntry>, StorageError>;

    /// Reads the scopes that hold unsealed entries, in order, after the last one of an earlier
    /// page.
    ///
    /// # Errors
    /// [`StorageError`] from the engine.
    async fn unsealed_scopes(
        &self,
        after: Option<Scope>,
        limit: Limit,
    ) -> Result<Vec<Scope>, StorageError>;

    /// Reads the first unsealed entries of a scope by id, whatever order they were committed in.
    ///
    /// # Errors
    /// [`StorageError`] from the engine.
    async fn unsealed(&self, scope: Scope, limit: Limit) -> Result<Vec<AuditEntry>, StorageError>;

    /// Reads the last checkpoint of a scope, `None` before the first.
    ///
    /// # Errors
    /// [`StorageError`] from the engine.
    async fn head(&self, scope: Scope) -> Result<Option<Checkpoint>, StorageError>;

    /// Reads the checkpoints of a scope above a position, in order.
    ///
    /// # Errors
    /// [`StorageError`] from the engine.
    async fn checkpoints(
        &self,
        scope: Scope,
        above: u64,
        limit: Limit,
    ) -> Result<Vec<Checkpoint>, StorageError>;

    /// Gives unsealed entries the positions after `expect_head`, in the order of `entries`, and
    /// stores the checkpoint that covers them. Answers the new head.
    ///
    /// `expect_head` is the position of the last checkpoint, 0 before the first; of two sealers
    /// one is refused, so that the log cannot fork.
    ///
    /// # Errors
    /// [`SealError`] when the head has moved, or an entry is not there to be sealed.
    async fn seal(
        &self,
        scope: Scope,
        expect_head: u64,
        entries: &[Uuid],
        checkpoint: &[u8],
    ) -> Result<u64, SealError>;

    /// Reads sealed entries of a scope from a position on, in order.
    ///
    /// # Errors
    /// [`StorageError`] from the engine.
    async fn sealed(
        &self,
        scope: Scope,
        from: u64,
        limit: Limit,
    ) -> Result<Vec<AuditEntry>, StorageError>;

    /// Reads the side rows of at most 1,000 entries, by entry id and field.
    ///
    /// # Errors
    /// [`StorageError`] from the engine, or for more than 1,000 entries.
    async fn side_rows(
        &self,
        scope: Scope,
        entries: &[Uuid],
    ) -> Result<Vec<(Uuid, SideRow)>, StorageError>;

    /// Erases side rows and commits a batch with them, which holds the audit entry of the
    /// erasure. Rows that are not there are passed over; each row named is an item.
    ///
    /// # Errors
    /// [`CommitError`] of the batch; nothing is erased then.
    async fn erase_side_rows(
        &self,
        scope: Scope,
        rows: &[SideKey],
        with: Batch,
    ) -> Result<Applied, CommitError>;
}

/// Why entries were not sealed; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Another sealer was first: read the head and the unsealed entries again.
    #[error("the sealed log ends at {actual}, not where the sealer expected")]
    HeadMoved {
        /// The position of the last checkpoint, 0 before the first.
        actual: u64,
    },
    /// No such entry, sealed already, or named twice.
    #[error("the entry `{entry}` is not there to be sealed")]
    NotUnsealed {
        /// The entry.
        entry: Uuid,
    },
    /// The engine failed, or no entry or more than 1,000 were named.
    #[error(transparent)]
    Backend(#[from] StorageError),
}
