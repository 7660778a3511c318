//! What a use case answers instead of an outcome.

use std::{error::Error as StdError, fmt};

use doorward_storage::{CommitError, StorageError, TooLarge, UniqueKey};

use crate::{EntropyError, HashingError, permit::Denied};

/// Why a use case did not happen: the principal may not, the rule says no, or a part failed.
///
/// `R` is the use case's own rejection, an enum to match. Nothing was committed but, for a known
/// principal, one `denied` entry in the audit log.
#[derive(Debug)]
pub enum Error<R> {
    /// The principal may not do this.
    Denied(Denied),
    /// The rule refuses it in this state.
    Rejected(R),
    /// A part around the rules failed.
    Fault(Fault),
}

impl<R> Error<R> {
    /// Changes the rejection, leaving the rest.
    pub fn map_rejection<S>(self, change: impl FnOnce(R) -> S) -> Error<S> {
        match self {
            Self::Denied(denied) => Error::Denied(denied),
            Self::Rejected(rejection) => Error::Rejected(change(rejection)),
            Self::Fault(fault) => Error::Fault(fault),
        }
    }

    /// Returns the rejection, if that is what it was.
    #[must_use]
    pub fn rejection(&self) -> Option<&R> {
        match self {
            Self::Rejected(rejection) => Some(rejection),
            Self::Denied(_) | Self::Fault(_) => None,
        }
    }
}

impl Error<std::convert::Infallible> {
    /// Sees an error without rejections as one of another use case.
    #[must_use]
    pub fn widen<R>(self) -> Error<R> {
        self.map_rejection(|never| match never {})
    }
}

impl<R: fmt::Display> fmt::Display for Error<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(denied) => denied.fmt(f),
            Self::Rejected(rejection) => rejection.fmt(f),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl<R: fmt::Debug + fmt::Display> StdError for Error<R> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Fault(fault) => fault.source(),
            Self::Denied(_) | Self::Rejected(_) => None,
        }
    }
}

impl<R> From<Fault> for Error<R> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl<R> From<Denied> for Error<R> {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl<R> From<StorageError> for Error<R> {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl<R> From<EntropyError> for Error<R> {
    fn from(error: EntropyError) -> Self {
        Self::Fault(error.into())
    }
}

/// A failure around the rules.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The record was changed at the same time five times in a row; the same call may succeed.
    #[error("others were changing the same records: try again")]
    Busy,
    /// The entry of the audit log could not be made; nothing was committed.
    #[error("the entry of the audit log could not be made: {0}")]
    Entry(#[from] doorward_audit::EntryError),
    /// A password was not hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The source of randomness failed.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The request id was used for another request.
    #[error("this request id was used for another request: draw a new one")]
    RequestReused,
    /// The host's set-up lacks something that a stored record names.
    #[error("the set-up knows no {what} `{name}`")]
    SetUp {
        /// What is missing: a class, a key, an invitation policy.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// The form was read before somebody else changed the record; read it again.
    #[error("the {what} was changed since the form was read: read it again")]
    Stale {
        /// What was changed.
        what: &'static str,
    },
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The change has more parts than one commit takes.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// A stored body could not be read by this version.
    #[error("the stored {kind} `{id}` cannot be read")]
    Unreadable {
        /// The kind of record.
        kind: &'static str,
        /// Its id.
        id: String,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// This tenant has no such record (also where another tenant has: ASVS 8.4.1).
    #[error("there is no such {what}")]
    Unknown {
        /// What was asked for.
        what: &'static str,
    },
    /// A claim was taken by another record at the same time.
    #[error("a value of `{space}` is taken", space = .0.space)]
    Taken(UniqueKey),
}

impl Fault {
    /// Tells whether the same call may succeed later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Busy | Self::Hashing(_) | Self::Entropy(_) => true,
            Self::Storage(error) => error.is_retryable(),
            _ => false,
        }
    }

    /// Tells whether it comes of what other commits have changed.
    pub(crate) const fn is_of_others(&self) -> bool {
        matches!(
            self,
            Self::Busy | Self::Stale { .. } | Self::Taken(_) | Self::Unknown { .. }
        )
    }

    pub(crate) const fn unknown(what: &'static str) -> Self {
        Self::Unknown { what }
    }
}

impl From<CommitError> for Fault {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::TooLarge(error) => Self::TooLarge(error),
            CommitError::IdempotencyMismatch => Self::RequestReused,
            CommitError::Precondition { .. } => Self::Busy,
            CommitError::UniqueTaken { claim, .. } => Self::Taken(claim),
            CommitError::Backend(error) => Self::Storage(error),
        }
    }
}
