//! How a database is opened.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{OpenError, SqliteStorage};

/// How a database is opened: one file, and what to do about durability, threads and other
/// processes.
///
/// ```
/// use doorward_sqlite::{Durability, SqliteOptions};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("care.db");
/// let storage = SqliteOptions::new(&path).durability(Durability::Normal).open()?;
/// # drop(storage);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SqliteOptions {
    pub(crate) path: PathBuf,
    pub(crate) durability: Durability,
    pub(crate) missing: Missing,
    pub(crate) readers: NonZeroUsize,
    pub(crate) patience: Duration,
}

impl SqliteOptions {
    /// Names the file; the rest is what most hosts want: [`Durability::Full`], a missing file is
    /// made, one reader for each processor but at most four, five seconds of patience.
    #[must_use]
    pub fn new(path: impl AsRef<Path>) -> Self {
        let processors = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self {
            path: path.as_ref().to_owned(),
            durability: Durability::Full,
            missing: Missing::Create,
            readers: processors.min(NonZeroUsize::new(4).unwrap_or(NonZeroUsize::MIN)),
            patience: Duration::from_secs(5),
        }
    }

    /// Says what survives a loss of power.
    #[must_use]
    pub const fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Says what to do where there is no file.
    #[must_use]
    pub const fn missing(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }

    /// Says how many threads read, each with a connection of its own.
    #[must_use]
    pub const fn readers(mut self, readers: NonZeroUsize) -> Self {
        self.readers = readers;
        self
    }

    /// Says how long a call waits for another process that holds the file's write lock, before it
    /// fails as unavailable: twice that where a refusal made its group of commits begin anew.
    #[must_use]
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Opens the database: makes the file and the tables where they are missing, brings older
    /// tables up to date, and starts the threads.
    ///
    /// It works on the caller's thread, for as long as a migration takes: a host opens its storage
    /// before it serves.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong with the file or its folder.
    pub fn open(self) -> Result<SqliteStorage, OpenError> {
        SqliteStorage::start(self)
    }
}

/// What survives a loss of power. A commit that was answered survives the end of the process
/// either way.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Durability {
    /// Every commit that was answered: the write-ahead log is flushed with each commit, or with
    /// each group of commits that came together.
    #[default]
    Full,
    /// Everything up to some commit of the last moments, in order and none of it by half: the log
    /// is flushed at checkpoints alone.
    Normal,
}

impl Durability {
    pub(crate) const fn pragma(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Normal => "NORMAL",
        }
    }
}

/// What to do where there is no file.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Missing {
    /// Make it, readable by this user alone.
    #[default]
    Create,
    /// Refuse to open: for tools that must not make an empty database of a mistyped name.
    Refuse,
}
