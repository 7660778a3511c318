//! What can go wrong, sorted by what a caller does about it.

use std::error::Error;

use crate::{AuditRow, Batch, Request, UniqueKey, Version};

/// Why a batch was not applied; but for [`Backend`](Self::Backend) with an unknown outcome,
/// nothing of it was.
///
/// Where several reasons hold, the first of this order is answered: what the batch alone shows,
/// request, preconditions by place, claims by place, released items, ids of audit entries and
/// messages that are stored already ([`StorageErrorKind::Misuse`]).
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The batch is above a limit: a fault of the caller.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// The request key was used with another digest: the caller reused an id for another act.
    #[error("this request id was used for another request")]
    IdempotencyMismatch,
    /// A record is not as it was read: read again and decide again.
    #[error("write {write} found its record {}", found(*actual))]
    Precondition {
        /// The place in the batch, from 0.
        write: usize,
        /// The version that is stored, `None` for no record.
        actual: Option<Version>,
    },
    /// Another record holds the value, or another put of the batch claims it too.
    #[error("write {write} claims a value of `{}` that is taken", claim.space)]
    UniqueTaken {
        /// The place in the batch, from 0.
        write: usize,
        /// The claim that is taken.
        claim: UniqueKey,
    },
    /// The engine failed.
    #[error(transparent)]
    Backend(#[from] StorageError),
}

/// Which limit a batch is above.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TooLarge {
    /// Too many items, with those that the commit would release.
    #[error("a batch has at most {max} items, not {count}", max = Batch::MAX_ITEMS)]
    Items {
        /// How many.
        count: usize,
    },
    /// Too many bytes.
    #[error("a batch has at most {max} bytes, not {count}", max = Batch::MAX_BYTES)]
    Bytes {
        /// How many.
        count: usize,
    },
    /// A receipt is too long.
    #[error("a receipt has at most {max} bytes, not {len}", max = Request::MAX_RECEIPT_LEN)]
    Receipt {
        /// Its length in bytes.
        len: usize,
    },
    /// An audit entry is too long.
    #[error("an audit entry has at most {max} bytes, not {len}", max = AuditRow::MAX_BODY_LEN)]
    AuditBody {
        /// Its length in bytes.
        len: usize,
    },
}

/// A failure of the engine or of its use: opaque, with a kind.
///
/// `Display` does not repeat the source.
///
/// ```
/// use doorward_storage::{Outcome, StorageError, StorageErrorKind};
/// let error = StorageError::unavailable(Outcome::Unknown, "connection reset");
/// assert!(error.is_retryable());
/// assert_eq!(error.kind(), StorageErrorKind::Unavailable);
/// assert_eq!(error.outcome(), Outcome::Unknown);
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{}", text(*kind, *outcome))]
pub struct StorageError {
    kind: StorageErrorKind,
    outcome: Outcome,
    source: Box<dyn Error + Send + Sync>,
}

impl StorageError {
    /// The engine is busy, unreachable or cut off: the same call may work later.
    #[must_use]
    pub fn unavailable(outcome: Outcome, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind: StorageErrorKind::Unavailable,
            outcome,
            source: source.into(),
        }
    }

    /// The engine or what it stores is not in order: an operator has to look.
    #[must_use]
    pub fn broken(outcome: Outcome, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind: StorageErrorKind::Broken,
            outcome,
            source: source.into(),
        }
    }

    /// The call breaks the contract: nothing was applied, and the caller's code has to change.
    #[must_use]
    pub fn misuse(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind: StorageErrorKind::Misuse,
            outcome: Outcome::NotApplied,
            source: source.into(),
        }
    }

    /// Returns what kind of failure it is.
    #[must_use]
    pub const fn kind(&self) -> StorageErrorKind {
        self.kind
    }

    /// Returns whether a commit may have been applied. A read answers `NotApplied`.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Tells whether the same call may work later. With an unknown outcome only a batch with a
    /// request may be sent again.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self.kind, StorageErrorKind::Unavailable)
    }
}

/// What a failure asks for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum StorageErrorKind {
    /// An operator: stored bytes, schema or engine are not as the adapter left them.
    Broken,
    /// A programmer: the call is outside the contract.
    Misuse,
    /// Time: busy, unreachable, cut off.
    Unavailable,
}

/// Whether a failed commit changed anything.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    /// It did not.
    NotApplied,
    /// Nobody knows: the answer was lost. Sending the same request again finds out.
    Unknown,
}

fn found(actual: Option<Version>) -> String {
    actual.map_or_else(
        || "missing".to_owned(),
        |version| format!("in version {version}"),
    )
}

const fn text(kind: StorageErrorKind, outcome: Outcome) -> &'static str {
    match (kind, outcome) {
        (StorageErrorKind::Misuse, _) => "the call is outside the storage contract",
        (StorageErrorKind::Broken, Outcome::NotApplied) => "the storage is not in order",
        (StorageErrorKind::Broken, Outcome::Unknown) => {
            "the storage is not in order, and whether the batch was applied is unknown"
        }
        (StorageErrorKind::Unavailable, Outcome::NotApplied) => "the storage is unavailable",
        (StorageErrorKind::Unavailable, Outcome::Unknown) => {
            "the storage is unavailable, and whether the batch was applied is unknown: send the \
             same request again"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Scope, Value};

    #[test]
    fn errors_name_the_write_and_no_value() {
        let missing = CommitError::Precondition {
            write: 2,
            actual: None,
        };
        assert_eq!(missing.to_string(), "write 2 found its record missing");
        let value = Value::new("eva@example.org").unwrap();
        let claim = UniqueKey::new(Scope::Directory, Kind::from_static("address"), value);
        let taken = CommitError::UniqueTaken { write: 0, claim };
        assert_eq!(
            taken.to_string(),
            "write 0 claims a value of `address` that is taken"
        );
        assert!(!format!("{taken:?}").contains("eva"));
    }

    #[test]
    fn the_source_is_kept_and_not_repeated() {
        let error = CommitError::from(StorageError::misuse("because"));
        assert_eq!(
            error.to_string(),
            "the call is outside the storage contract"
        );
        assert_eq!(
            error.source().map(ToString::to_string).as_deref(),
            Some("because")
        );
    }
}
