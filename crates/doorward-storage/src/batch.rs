//! What one commit carries.

use std::{collections::BTreeSet, fmt};

use crate::{
    AuditRow, CommitError, IndexEntry, OutboxRow, RecordKey, Request, StorageError, TooLarge,
    UniqueKey, Version,
};

/// What must hold of a record for a write to go through.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Precondition {
    /// There is no such record.
    Absent,
    /// The record is there, in this version.
    VersionIs(Version),
}

impl Precondition {
    /// Tells whether a record in this version, or its absence, meets the precondition.
    #[must_use]
    pub fn holds_for(self, actual: Option<Version>) -> bool {
        match self {
            Self::Absent => actual.is_none(),
            Self::VersionIs(version) => actual == Some(version),
        }
    }
}

/// One change of one record, or a guard on it.
#[derive(Clone, Eq, PartialEq)]
pub enum Write {
    /// Guards what was read: nothing changes, but the batch fails unless it still holds.
    Check {
        /// The record.
        key: RecordKey,
        /// What must hold.
        expect: Precondition,
    },
    /// Removes a record with its claims and index entries.
    Delete {
        /// The record.
        key: RecordKey,
        /// The version that was read.
        expect: Version,
    },
    /// Writes a whole record: body, claims and index entries replace what was there.
    Put {
        /// The record.
        key: RecordKey,
        /// What must hold.
        expect: Precondition,
        /// The new body.
        body: Vec<u8>,
        /// All claims that the record holds from now on.
        unique: BTreeSet<UniqueKey>,
        /// All index entries that it is found under from now on.
        index: BTreeSet<IndexEntry>,
    },
}

impl Write {
    /// Returns the record that is written or guarded.
    #[must_use]
    pub const fn key(&self) -> &RecordKey {
        match self {
            Self::Check { key, .. } | Self::Delete { key, .. } | Self::Put { key, .. } => key,
        }
    }

    /// Returns what must hold of the record.
    #[must_use]
    pub const fn expect(&self) -> Precondition {
        match self {
            Self::Check { expect, .. } | Self::Put { expect, .. } => *expect,
            Self::Delete { expect, .. } => Precondition::VersionIs(*expect),
        }
    }
}

impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, body) = match self {
            Self::Check { .. } => ("Check", None),
            Self::Delete { .. } => ("Delete", None),
            Self::Put { body, .. } => ("Put", Some(body.len())),
        };
        let mut debug = f.debug_struct(name);
        debug
            .field("key", self.key())
            .field("expect", &self.expect());
        if let Some(len) = body {
            debug.field("body", &format_args!("{len} bytes"));
        }
        debug.finish_non_exhaustive()
    }
}

/// Everything that one commit applies, or nothing of it.
///
/// Plain data on purpose: an adapter takes it apart field by field, so that it cannot overlook
/// one. The order of writes does not matter: all preconditions are read before anything changes,
/// and all claims are released before new ones are made.
///
/// ```
/// use doorward_storage::{Batch, Kind, Precondition, RecordKey, Scope, UniqueKey, Value};
/// const GROUP: Kind = Kind::from_static("group");
/// const GROUP_NAME: Kind = Kind::from_static("group_name");
///
/// let tenant = Scope::Tenant(uuid::Uuid::from_u128(1));
/// let key = RecordKey::new(tenant, GROUP, uuid::Uuid::from_u128(2));
/// let name = UniqueKey::new(tenant, GROUP_NAME, Value::new("night shift")?);
/// let batch = Batch::new().put(key, Precondition::Absent, "{\"v\":1}", [name], []);
/// assert_eq!(batch.item_count(), 2);
/// assert!(batch.validate().is_ok());
/// # Ok::<(), doorward_storage::ValueError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Batch {
    /// The request that the batch answers, if a resend is to be told.
    pub request: Option<Request>,
    /// Changes and guards, at most one for each record.
    pub writes: Vec<Write>,
    /// New entries of the audit log.
    pub audit: Vec<AuditRow>,
    /// New messages.
    pub outbox: Vec<OutboxRow>,
}

impl Batch {
    /// How many items every adapter takes in one commit.
    pub const MAX_ITEMS: usize = 100;
    /// How many bytes every adapter takes in one commit: 1 MiB.
    pub const MAX_BYTES: usize = 1 << 20;

    /// Makes an empty batch; committing it is allowed and changes nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the request that the batch answers.
    #[must_use]
    pub fn request(mut self, request: Request) -> Self {
        self.request = Some(request);
        self
    }

    /// Adds the writing of a whole record.
    #[must_use]
    pub fn put(
        self,
        key: RecordKey,
        expect: Precondition,
        body: impl Into<Vec<u8>>,
        unique: impl IntoIterator<Item = UniqueKey>,
        index: impl IntoIterator<Item = IndexEntry>,
    ) -> Self {
        self.write(Write::Put {
            key,
            expect,
            body: body.into(),
            unique: unique.into_iter().collect(),
            index: index.into_iter().collect(),
        })
    }

    /// Adds the removal of a record.
    #[must_use]
    pub fn delete(self, key: RecordKey, expect: Version) -> Self {
        self.write(Write::Delete { key, expect })
    }

    /// Adds a guard on a record that is read and not written.
    #[must_use]
    pub fn check(self, key: RecordKey, expect: Precondition) -> Self {
        self.write(Write::Check { key, expect })
    }

    /// Adds a write.
    #[must_use]
    pub fn write(mut self, write: Write) -> Self {
        self.writes.push(write);
        self
    }

    /// Adds an entry of the audit log.
    #[must_use]
    pub fn audit(mut self, row: AuditRow) -> Self {
        self.audit.push(row);
        self
    }

    /// Adds a message.
    #[must_use]
    pub fn message(mut self, row: OutboxRow) -> Self {
        self.outbox.push(row);
        self
    }

    /// Tells whether committing the batch changes and guards nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.request.is_none()
            && self.writes.is_empty()
            && self.audit.is_empty()
            && self.outbox.is_empty()
    }

    /// Counts the items that the batch names: writes, claims, index entries, audit entries, side
    /// rows, messages, and the receipt.
    ///
    /// What a put or delete releases counts as well, but only the adapter knows it
    /// (see [`check_size`](Self::check_size)).
    #[must_use]
    pub fn item_count(&self) -> usize {
        let named = |write: &Write| match write {
            Write::Put { unique, index, .. } => 1 + unique.len() + index.len(),
            Write::Check { .. } | Write::Delete { .. } => 1,
        };
        usize::from(self.request.is_some())
            + self.writes.iter().map(named).sum::<usize>()
            + self
                .audit
                .iter()
                .map(|row| 1 + row.side.len())
                .sum::<usize>()
            + self.outbox.len()
    }

    /// Counts the bytes of everything that has no fixed size: bodies, names, ids, values, fields
    /// and the receipt.
    #[must_use]
    pub fn byte_count(&self) -> usize {
        let request =
            |request: &Request| request.key.principal.as_bytes().len() + request.receipt.len();
        self.request.as_ref().map_or(0, request)
            + self.writes.iter().map(write_bytes).sum::<usize>()
            + self.audit.iter().map(AuditRow::byte_count).sum::<usize>()
            + self.outbox.iter().map(|row| row.body.len()).sum::<usize>()
    }

    /// Checks what every adapter refuses in the same words, before it looks at what is stored.
    ///
    /// # Errors
    /// [`CommitError::TooLarge`] above a limit; [`CommitError::Backend`] with
    /// [`Misuse`](crate::StorageErrorKind::Misuse) when one record is written twice, or an audit
    /// entry, a field of it or a message is named twice.
    pub fn validate(&self) -> Result<(), CommitError> {
        self.check_size(0)?;
        let receipt_len = self
            .request
            .as_ref()
            .map_or(0, |request| request.receipt.len());
        if receipt_len > Request::MAX_RECEIPT_LEN {
            return Err(TooLarge::Receipt { len: receipt_len }.into());
        }
        if let Some(row) = self
            .audit
            .iter()
            .find(|row| row.body.len() > AuditRow::MAX_BODY_LEN)
        {
            return Err(TooLarge::AuditBody {
                len: row.body.len(),
            }
            .into());
        }
        let twice = |what| Err(StorageError::misuse(NamedTwice { what }).into());
        if has_duplicate(self.writes.iter().map(Write::key)) {
            return twice("record");
        }
        if has_duplicate(self.audit.iter().map(|row| (row.scope, row.id))) {
            return twice("audit entry");
        }
        let fields = |row: &AuditRow| has_duplicate(row.side.iter().map(|side| &side.field));
        if self.audit.iter().any(fields) {
            return twice("field of an audit entry");
        }
        if has_duplicate(self.outbox.iter().map(|row| (row.scope, row.id))) {
            return twice("message");
        }
        Ok(())
    }

    /// Checks the limits with the claims, index entries and other rows that the commit releases:
    /// those that a put drops, a delete takes along, a settlement or an erasure removes.
    ///
    /// # Errors
    /// [`CommitError::TooLarge`] above a limit.
    pub fn check_size(&self, released: usize) -> Result<(), CommitError> {
        let items = self.item_count().saturating_add(released);
        if items > Self::MAX_ITEMS {
            return Err(TooLarge::Items { count: items }.into());
        }
        let bytes = self.byte_count();
        if bytes > Self::MAX_BYTES {
            return Err(TooLarge::Bytes { count: bytes }.into());
        }
        Ok(())
    }
}

/// Something that stands in a batch twice.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a batch names each {what} once")]
struct NamedTwice {
    what: &'static str,
}

fn has_duplicate<T: Ord>(mut items: impl Iterator<Item = T>) -> bool {
    let mut seen = BTreeSet::new();
    items.any(|item| !seen.insert(item))
}

fn write_bytes(write: &Write) -> usize {
    let key = write.key();
    let name = key.kind.as_str().len() + key.id.as_bytes().len();
    let rest = match write {
        Write::Put {
            body,
            unique,
            index,
            ..
        } => {
            let claim =
                |claim: &UniqueKey| claim.space.as_str().len() + claim.value.as_bytes().len();
            let entry =
                |entry: &IndexEntry| entry.index.as_str().len() + entry.value.as_bytes().len();
            body.len()
                + unique.iter().map(claim).sum::<usize>()
                + index.iter().map(entry).sum::<usize>()
        }
        Write::Check { .. } | Write::Delete { .. } => 0,
    };
    name + rest
}
