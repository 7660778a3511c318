//! The port itself.

use std::fmt;

use async_trait::async_trait;

use crate::{
    Batch, CommitError, Cursor, Limit, Micros, Page, Range, Receipt, Record, RecordKey, RequestKey,
    StorageError, UniqueKey, Version,
};

/// Records under keys, claims and indexes, changed by one atomic commit.
///
/// Held as `Arc<dyn Storage>`. Implementations keep the guarantees G1 to G12 of the
/// [crate](crate#the-contract); new abilities come as new traits, never as new methods here.
///
/// Every future may be dropped at any point: a commit is then applied whole or not at all, and
/// the storage goes on working.
#[async_trait]
pub trait Storage: fmt::Debug + Send + Sync + 'static {
    /// Reads records, in the order of the keys, from one consistent snapshot: no commit shows in
    /// some of them and not in others. At most 1,000 keys.
    ///
    /// # Errors
    /// [`StorageError`] from the engine, or for more than 1,000 keys.
    async fn get(&self, keys: &[RecordKey]) -> Result<Vec<Option<Record>>, StorageError>;

    /// Reads the record that holds a claim.
    ///
    /// # Errors
    /// [`StorageError`] from the engine.
    async fn lookup(&self, claim: &UniqueKey) -> Result<Option<Record>, StorageError>;

    /// Reads one page of a range, after where an earlier page ended.
    ///
    /// Records that are there from the first page to the last, under the same index value, appear
    /// exactly once, whatever is committed between the pages.
    ///
    /// # Errors
    /// [`StorageError`] from the engine, or for bytes that are no cursor.
    async fn scan(
        &self,
        range: &Range,
        after: Option<&Cursor>,
        limit: Limit,
    ) -> Result<Page, StorageError>;

    /// Applies a whole batch, or nothing of it.
    ///
    /// A request that was applied before is answered first, whatever its batch holds now.
    ///
    /// # Errors
    /// [`CommitError`] says which write, claim or limit stood in the way.
    async fn commit(&self, batch: Batch) -> Result<Applied, CommitError>;

    /// Reads what is remembered of a request.
    ///
    /// # Errors
    /// [`StorageError`] from the engine.
    async fn receipt(&self, request: &RequestKey) -> Result<Option<Receipt>, StorageError>;
}

/// How many keys [`Storage::get`] takes.
pub const MAX_KEYS: usize = 1_000;

/// Storage that forgets old request keys.
#[async_trait]
pub trait RequestStore: Storage {
    /// Forgets at most `limit` requests of all scopes made before an instant, and says how many.
    ///
    /// A tick of the host passes an instant at least
    /// [seven days](crate::Request::LIVES_FOR_DAYS) ago until the answer is below the limit.
    ///
    /// # Errors
    /// [`StorageError`] from the engine.
    async fn forget_requests(&self, before: Micros, limit: Limit) -> Result<usize, StorageError>;
}

/// A batch that was applied, now or before.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Applied {
    /// The same request was applied before; nothing happened now.
    Before {
        /// The receipt that it left.
        receipt: Vec<u8>,
    },
    /// The batch was applied.
    Now {
        /// For each write of the batch, in order, the version a put wrote; `None` for others.
        versions: Vec<Option<Version>>,
    },
}

impl Applied {
    /// Returns the version that the put at this place of the batch wrote, if it was applied now.
    #[must_use]
    pub fn version(&self, write: usize) -> Option<Version> {
        match self {
            Self::Before { .. } => None,
            Self::Now { versions } => versions.get(write).copied().flatten(),
        }
    }
}
