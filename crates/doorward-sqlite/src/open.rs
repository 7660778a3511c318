//! Opening a file, and what can be wrong with it.

use std::{
    fs::OpenOptions,
    io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, Error, ErrorCode, MAIN_DB};

use crate::{
    Missing, SqliteOptions, checkpointer,
    connection::{Part, connect},
    schema,
};

/// Why a database was not opened. Nothing of it was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process holds the file's lock for longer than the patience, or the disk failed:
    /// the same call may work later.
    #[error("the database `{path}` is not available now")]
    Unavailable {
        /// The file.
        path: String,
        /// What SQLite says.
        source: Error,
    },
    /// Pages or tables are not as SQLite or this crate left them: restore a backup.
    #[error("the database `{path}` is damaged: restore a backup")]
    Damaged {
        /// The file.
        path: String,
        /// What SQLite says.
        source: Error,
    },
    /// The file cannot be made or written, or its folder is missing or cannot be written; the
    /// write-ahead log lies beside the file.
    #[error("`{path}` cannot be written: the file and its folder must exist and be writable")]
    NotWritable {
        /// The file.
        path: String,
        /// What the system says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There is no such file, and it was not to be made.
    #[error("there is no database `{path}`")]
    Missing {
        /// The file.
        path: String,
    },
    /// A newer release has brought the tables further than this one knows.
    #[error(
        "the tables of `{path}` have version {found}, this release knows {known}: open them with a newer release"
    )]
    NewerSchema {
        /// The file.
        path: String,
        /// The version of the tables.
        found: u32,
        /// The last version that this release knows.
        known: u32,
    },
    /// Something else in the file has a name that this crate needs.
    #[error(
        "`{name}` in `{path}` is not of this crate: leave names that begin with `doorward_` to it"
    )]
    InTheWay {
        /// The file.
        path: String,
        /// The table, index or view.
        name: String,
    },
    /// The file holds something else, or is encrypted.
    #[error("`{path}` is no SQLite database")]
    NotADatabase {
        /// The file.
        path: String,
    },
    /// The file's system has no shared memory, as most network disks.
    #[error(
        "`{path}` lies where no write-ahead log can be kept, but mode `{mode}`: use a local disk"
    )]
    NoWriteAheadLog {
        /// The file.
        path: String,
        /// The journal mode that SQLite fell back to.
        mode: String,
    },
    /// The system gives no more threads.
    #[error("no thread could be started")]
    Threads(#[from] io::Error),
}

/// Opens a file for writing, with tables of the version that this release knows.
pub(crate) fn open(options: &SqliteOptions) -> Result<Connection, OpenError> {
    make(options)?;
    let sorted = |error| sorted(&options.path, error);
    let mut connection = connect(options, Part::Write).map_err(sorted)?;
    // Reading the tables' version is the first look at the file; nothing was written to it yet.
    let found = schema::version(&connection).map_err(sorted)?;
    if found > schema::KNOWN {
        return Err(OpenError::NewerSchema {
            path: shown(&options.path),
            found,
            known: schema::KNOWN,
        });
    }
    if let Some(name) = schema::in_the_way(&connection).map_err(sorted)? {
        let path = shown(&options.path);
        return Err(OpenError::InTheWay { path, name });
    }
    if connection.is_readonly(MAIN_DB).map_err(sorted)? {
        return Err(OpenError::NotWritable {
            path: shown(&options.path),
            source: io::Error::from(io::ErrorKind::ReadOnlyFilesystem).into(),
        });
    }
    let mode = keep_log(&connection, options.patience).map_err(sorted)?;
    if !mode.eq_ignore_ascii_case("wal") {
        let path = shown(&options.path);
        return Err(OpenError::NoWriteAheadLog { path, mode });
    }
    schema::migrate(&mut connection, schema::KNOWN).map_err(sorted)?;
    if found < schema::KNOWN {
        // What a migration wrote is not left for every read to go through. Where somebody else holds
        // on to the log, it is moved later.
        let _ = checkpointer::empty(&connection);
    }
    Ok(connection)
}

/// Lets the file have a write-ahead log, and answers the journal mode that it has.
///
/// Two processes that do so at once are told that the file is busy without any waiting.
fn keep_log(connection: &Connection, patience: Duration) -> Result<String, Error> {
    let begun = Instant::now();
    loop {
        let mode = connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        match mode {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && begun.elapsed() < patience =>
            {
                thread::sleep(PAUSE);
            }
            mode => return mode,
        }
    }
}

/// Makes an empty file that this user alone can read: SQLite would let the group read it too.
fn make(options: &SqliteOptions) -> Result<(), OpenError> {
    let path = &options.path;
    if path.is_dir() {
        return Err(OpenError::NotADatabase { path: shown(path) });
    }
    if path.exists() {
        return Ok(());
    }
    if options.missing == Missing::Refuse {
        return Err(OpenError::Missing { path: shown(path) });
    }
    let mut made = OpenOptions::new();
    made.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut made, 0o600);
    match made.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(OpenError::NotWritable {
            path: shown(path),
            source: error.into(),
        }),
        _ => Ok(()),
    }
}

pub(crate) fn sorted(path: &Path, error: Error) -> OpenError {
    let path = shown(path);
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::NotADatabase { path },
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            OpenError::NotWritable {
                path,
                source: error.into(),
            }
        }
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::OutOfMemory
            | ErrorCode::FileLockingProtocolFailed,
        ) => OpenError::Unavailable {
            path,
            source: error,
        },
        _ => OpenError::Damaged {
            path,
            source: error,
        },
    }
}

pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// How long a process waits before it tries again what another one is doing.
const PAUSE: Duration = Duration::from_millis(5);
