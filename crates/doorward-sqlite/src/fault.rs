//! What SQLite reports, as the errors of the port.

use doorward_storage::{Outcome, StorageError};
use rusqlite::{Error, ErrorCode, ffi};

/// A failure of a group of commits: every caller of the group is told.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{text}")]
pub(crate) struct Fault {
    code: Option<ErrorCode>,
    text: String,
}

impl Fault {
    pub(crate) fn new(error: &Error) -> Self {
        Self {
            code: error.sqlite_error_code(),
            text: error.to_string(),
        }
    }

    /// A commit that SQLite refused to end. A full disk leaves no commit mark behind; whether a
    /// flush that failed did, nobody knows.
    pub(crate) fn of_commit(&self) -> StorageError {
        let outcome = match self.code {
            Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy) => Outcome::NotApplied,
            _ => Outcome::Unknown,
        };
        self.to_error(outcome)
    }

    pub(crate) fn to_error(&self, outcome: Outcome) -> StorageError {
        sorted(self.code, outcome, self.clone())
    }
}

/// Sorts a failure by what a caller does about it; nothing was applied.
pub(crate) fn fault(error: Error) -> StorageError {
    sorted(error.sqlite_error_code(), Outcome::NotApplied, error)
}

/// The thread that was asked is no more.
pub(crate) fn gone() -> StorageError {
    StorageError::broken(
        Outcome::Unknown,
        "a thread of this storage has ended: open the database again",
    )
}

/// Tells whether an insertion went through, or met a row with its key.
pub(crate) fn is_new(inserted: Result<usize, Error>) -> Result<bool, Error> {
    match inserted {
        Ok(_) => Ok(true),
        Err(Error::SqliteFailure(failure, _)) if TAKEN.contains(&failure.extended_code) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Other constraints are kept by the adapter itself, so one that is violated is a fault.
const TAKEN: [i32; 2] = [
    ffi::SQLITE_CONSTRAINT_UNIQUE,
    ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
];

/// Stored bytes that no version of this adapter wrote.
pub(crate) fn damaged(what: &'static str) -> Error {
    Error::SqliteFailure(
        ffi::Error::new(ffi::SQLITE_CORRUPT),
        Some(format!("a stored {what} cannot be read")),
    )
}

fn sorted(
    code: Option<ErrorCode>,
    outcome: Outcome,
    source: impl std::error::Error + Send + Sync + 'static,
) -> StorageError {
    match code {
        // Time, or room on the disk, mends these.
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted
            // What others of the group met ended the transaction.
            | ErrorCode::OperationAborted
            | ErrorCode::FileLockingProtocolFailed,
        ) => StorageError::unavailable(outcome, source),
        _ => StorageError::broken(outcome, source),
    }
}
