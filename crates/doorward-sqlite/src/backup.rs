//! Copies of a database: made while it is in use, verified, restored.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    thread,
};

use futures_channel::oneshot;
use rusqlite::{Connection, Error, ErrorCode, OpenFlags};

use crate::{
    SqliteStorage, checkpointer,
    connection::{Part, connect},
    held,
    open::shown,
    schema,
};

/// What a verified database holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Verified {
    /// The version of the tables.
    pub schema: u32,
    /// How many records there are.
    pub records: u64,
    /// How many audit entries there are, sealed or not.
    pub audit_entries: u64,
    /// How long the file is, in bytes.
    pub bytes: u64,
}

/// Why a copy was not made, or is not to be trusted. The source is unchanged, and nothing of the
/// copy is left.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// Something is in the place of the copy; a copy never overwrites.
    #[error("`{path}` is there already: choose another name")]
    Exists {
        /// The file.
        path: String,
    },
    /// The file has a fault. Of a copy, make another one; of the database, restore a backup.
    #[error("`{path}` is damaged: {fault}")]
    Damaged {
        /// The file.
        path: String,
        /// The first fault that SQLite reports.
        fault: String,
    },
    /// A file that SQLite cannot read, or that holds none of the tables.
    #[error("`{path}` holds no database of this crate")]
    NotABackup {
        /// The file.
        path: String,
    },
    /// A newer release has made it.
    #[error("the tables of `{path}` have version {found}, this release knows {known}")]
    NewerSchema {
        /// The file.
        path: String,
        /// The version of the tables.
        found: u32,
        /// The last version that this release knows.
        known: u32,
    },
    /// The disk is full, or a file cannot be read or written.
    #[error("the database could not be copied")]
    Disk(#[from] io::Error),
    /// SQLite failed.
    #[error("the database could not be copied")]
    Engine(#[from] Error),
}

impl SqliteStorage {
    /// Copies the database as it is at one moment into a new file, while it is read and written,
    /// and verifies the copy.
    ///
    /// The copy is compact: nothing of what was erased is in its free pages. It comes under its
    /// name only when it is whole, on disk and verified, readable by this user alone. It works on
    /// a thread of its own; the write-ahead log grows meanwhile.
    ///
    /// # Errors
    /// [`BackupError`] when there is no copy.
    pub async fn backup(&self, to: impl AsRef<Path>) -> Result<Verified, BackupError> {
        let (options, to) = (self.options().clone(), to.as_ref().to_owned());
        aside("doorward-sqlite-backup", move || {
            copy(&connect(&options, Part::Write)?, &to)
        })
        .await
    }

    /// Moves the write-ahead log into the database and empties its file, so that nothing of what
    /// was erased is left in it. By itself the log keeps its length and is written over from its
    /// beginning, so its end may stay for long.
    ///
    /// Commits wait while it waits for readers. Answers false where a reader or another process held
    /// on to the log for longer than the patience: then it is to be called again.
    ///
    /// # Errors
    /// [`BackupError`] from the disk or SQLite.
    pub async fn empty_log(&self) -> Result<bool, BackupError> {
        let options = self.options().clone();
        aside("doorward-sqlite-log", move || {
            Ok(checkpointer::empty(&connect(&options, Part::Write)?)?)
        })
        .await
    }
}

/// Looks through a whole database that nobody writes to: pages, indexes, references, version.
///
/// It works on the caller's thread, for as long as reading the file takes.
///
/// # Errors
/// [`BackupError`] says what is wrong with the file.
pub fn verify(path: impl AsRef<Path>) -> Result<Verified, BackupError> {
    let path = path.as_ref();
    let connection = read_only(path)?;
    verify_with(&connection, path).map_err(|error| unreadable(error, path))
}

/// Verifies a backup and copies it into the place of a database that is not there any more.
///
/// It works on the caller's thread. What is in the place of the database, its write-ahead log
/// included, is moved away by the operator first, since a restore never overwrites.
///
/// # Errors
/// [`BackupError`] when there is no copy.
pub fn restore(
    backup: impl AsRef<Path>,
    database: impl AsRef<Path>,
) -> Result<Verified, BackupError> {
    let (backup, database) = (backup.as_ref(), database.as_ref());
    verify(backup)?;
    // A log that is left of another database would be played into this one.
    let log = checkpointer::log_of(database);
    if log.exists() {
        return Err(BackupError::Exists { path: shown(&log) });
    }
    copy(&read_only(backup)?, database)
}

/// Copies into a name of its own, verifies, flushes, and gives the copy its name.
fn copy(connection: &Connection, to: &Path) -> Result<Verified, BackupError> {
    if to.exists() {
        return Err(BackupError::Exists { path: shown(to) });
    }
    let partial = Partial::make(to)?;
    let name = partial.0.to_str().ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidFilename, "a backup's name is UTF-8")
    })?;
    let from = connection.path().map(PathBuf::from).unwrap_or_default();
    let copied = connection.execute("VACUUM INTO ?1", [name]);
    copied.map_err(|error| unreadable(error.into(), &from))?;
    let verified = verify(&partial.0)?;
    File::open(&partial.0)?.sync_all()?;
    fs::rename(&partial.0, to)?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(verified)
}

/// A copy that is not whole yet; removed when it comes to nothing.
struct Partial(PathBuf);

impl Partial {
    fn make(to: &Path) -> io::Result<Self> {
        let mut name = to.as_os_str().to_owned();
        name.push(".partial");
        let partial = Self(name.into());
        match fs::remove_file(&partial.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut made = fs::OpenOptions::new();
        made.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut made, 0o600);
        made.open(&partial.0)?;
        Ok(partial)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // After the renaming there is nothing of this name.
        let _ = fs::remove_file(&self.0);
    }
}

fn read_only(path: &Path) -> Result<Connection, BackupError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    if !path.exists() {
        return Err(BackupError::NotABackup { path: shown(path) });
    }
    Ok(Connection::open_with_flags(path, flags)?)
}

fn verify_with(connection: &Connection, path: &Path) -> Result<Verified, BackupError> {
    let schema = schema::version(connection)?;
    if schema > schema::KNOWN {
        return Err(BackupError::NewerSchema {
            path: shown(path),
            found: schema,
            known: schema::KNOWN,
        });
    }
    if schema == 0 {
        return Err(BackupError::NotABackup { path: shown(path) });
    }
    let damaged = |fault: String| BackupError::Damaged {
        path: shown(path),
        fault,
    };
    let check = "PRAGMA integrity_check(1)";
    let fault: String = connection.query_row(check, [], |row| row.get(0))?;
    if fault != "ok" {
        return Err(damaged(fault));
    }
    let mut loose = connection.prepare("PRAGMA foreign_key_check")?;
    if let Some(row) = loose.query([])?.next()? {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        return Err(damaged(format!(
            "a row of `{table}` has lost its `{parent}`"
        )));
    }
    if schema >= schema::KEYS
        && let Some(fault) = held::fault(connection)?
    {
        return Err(damaged(fault));
    }
    let count = |statement| connection.query_row(statement, [], |row| row.get::<_, i64>(0));
    let counted = |statement| count(statement).map(i64::unsigned_abs);
    Ok(Verified {
        schema,
        records: counted("SELECT count(*) FROM doorward_record")?,
        audit_entries: counted("SELECT count(*) FROM doorward_audit")?,
        bytes: fs::metadata(path)?.len(),
    })
}

/// A file that SQLite cannot make sense of is damaged, or no database at all.
fn unreadable(error: BackupError, path: &Path) -> BackupError {
    let BackupError::Engine(engine) = error else {
        return error;
    };
    let path = shown(path);
    match engine.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => BackupError::NotABackup { path },
        Some(ErrorCode::DatabaseCorrupt) => BackupError::Damaged {
            path,
            fault: engine.to_string(),
        },
        _ => BackupError::Engine(engine),
    }
}

/// Works on a thread of its own, without blocking the caller's.
async fn aside<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    let (answer, answered) = oneshot::channel();
    let work = move || {
        // Whoever dropped the call in the meantime wants no answer.
        let _ = answer.send(work());
    };
    thread::Builder::new().name(name.to_owned()).spawn(work)?;
    answered
        .await
        .unwrap_or_else(|_| Err(io::Error::other("the thread that copied has panicked").into()))
}
