//! The SQLite adapter of the Doorward storage port: the embedded default.
//!
//! One file holds a cell: the directory and all its tenants. It keeps the whole contract of
//! [`doorward_storage`]; the tables stand beside a host's own in the same file, under the prefix
//! `doorward_`. It knows no domain, it encrypts nothing, it needs no runtime, and it is not for
//! network disks.
//!
//! ```text
//!             get, lookup, scan                      commit, claim, settle, seal
//!  callers  --------------------> readers   callers  ---------------------------> writer
//!             one queue          N threads             one queue                 one thread
//!                                    |                                              |
//!                                    |          all commits that wait at a time     |
//!                                    |          are one transaction, one flush      |
//!                                    v                                              v
//!                               [ care.db ] <---- checkpointer <------------- [ care.db-wal ]
//!                                                  one thread
//! ```
//!
//! # The shortest honest program
//!
//! ```
//! use doorward_sqlite::SqliteStorage;
//! use doorward_storage::{Batch, Kind, Precondition, RecordKey, Scope, Storage};
//!
//! # pollster::block_on(async {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("care.db");
//! const NOTE: Kind = Kind::from_static("note");
//! let key = RecordKey::new(Scope::Directory, NOTE, uuid::Uuid::from_u128(1));
//!
//! let storage = SqliteStorage::open(&path)?;
//! let batch = Batch::new().put(key.clone(), Precondition::Absent, "kept", [], []);
//! storage.commit(batch).await?;
//! drop(storage);
//!
//! let storage = SqliteStorage::open(&path)?;
//! let records = storage.get(&[key]).await?;
//! assert_eq!(records[0].as_ref().map(|record| &*record.body), Some(&b"kept"[..]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # Beside a host's own SQLite
//!
//! A build links SQLite once. The range of the `rusqlite` dependency reaches down to the release
//! that shares its library with sqlx 0.9, so that a host on either can link this crate.
//!
//! # For people and reports
//!
//! Bodies are JSON. Six read-only views show accounts, people, memberships, invitations, grants and
//! audit entries as typed columns to any program that reads SQLite; `src/schema/README.md` lists
//! them.
//!
//! # Modules
//!
//! All items stand at the root.
//!
//! | file | what |
//! |---|---|
//! | `lib` | [`SqliteStorage`] |
//! | `options` | [`SqliteOptions`], [`Durability`], [`Missing`] |
//! | `backup` | [`SqliteStorage::backup`], [`verify`], [`restore`], [`Verified`], [`BackupError`] |
//! | `open`, `connection`, `schema` | [`OpenError`]; connections; tables and their migrations |
//! | `storage` | the traits of the port |
//! | `commit`, `admit`, `held` | the steps of a commit; what it must meet; what a record has |
//! | `records`, `bodies`, `requests` | reads; idempotency |
//! | `log`, `queue` | the audit log; messages and leases |
//! | `writer`, `readers`, `checkpointer`, `worker` | the threads |
//! | `columns`, `fault` | keys as columns; what SQLite reports |

mod admit;
mod backup;
mod bodies;
mod checkpointer;
mod columns;
mod commit;
mod connection;
mod fault;
mod held;
mod log;
mod open;
mod options;
mod queue;
mod readers;
mod records;
mod requests;
mod schema;
mod storage;
mod worker;
mod writer;

use std::{fmt, path::Path, sync::Arc};

use doorward_storage::StorageError;
use rusqlite::{Connection, Error};

pub use crate::{
    backup::{BackupError, Verified, restore, verify},
    open::OpenError,
    options::{Durability, Missing, SqliteOptions},
};
use crate::{
    checkpointer::Checkpointer,
    connection::{Part, connect},
    readers::Readers,
    writer::{Halt, Writer},
};

/// Storage in one SQLite file. Clones share its threads, which end with the last of them.
///
/// Several handles and several processes may have one file open; their commits take turns.
/// Dropping the last handle waits for the commits that were begun.
#[derive(Clone)]
pub struct SqliteStorage {
    threads: Arc<Threads>,
}

/// In the order in which they end: who closes last checkpoints.
struct Threads {
    writer: Writer,
    readers: Readers,
    _checkpointer: Checkpointer,
    options: SqliteOptions,
}

impl SqliteStorage {
    /// Opens a file, or makes it, with what most hosts want; [`SqliteOptions`] says more.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong with the file or its folder.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        SqliteOptions::new(path).open()
    }

    pub(crate) fn start(options: SqliteOptions) -> Result<Self, OpenError> {
        let sorted = |error| open::sorted(&options.path, error);
        let writing = open::open(&options)?;
        let moving = options.clone().patience(checkpointer::PATIENCE);
        let moving = connect(&moving, Part::Write).map_err(sorted)?;
        let reading = (0..options.readers.get()).map(|_| connect(&options, Part::Read));
        let reading = reading.collect::<Result<_, _>>().map_err(sorted)?;
        let checkpointer = Checkpointer::start(moving)?;
        let threads = Threads {
            writer: Writer::start(writing, options.clone(), checkpointer.pace())?,
            readers: Readers::start(reading)?,
            _checkpointer: checkpointer,
            options,
        };
        Ok(Self {
            threads: Arc::new(threads),
        })
    }

    pub(crate) fn options(&self) -> &SqliteOptions {
        &self.threads.options
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, StorageError> {
        self.threads.readers.read(work).await
    }

    async fn write<T, E>(
        &self,
        work: impl FnMut(&Connection) -> Result<T, Halt<E>> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        self.threads.writer.write(work).await
    }
}

impl fmt::Debug for SqliteStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStorage")
            .field("path", &self.threads.options.path)
            .finish_non_exhaustive()
    }
}
