//! The floor: hand-written statements on raw rusqlite, on connections behind the same kind of
//! threads and channels.
//!
//! Who reads answers one message a group of reads; who writes answers one a commit, begins a
//! transaction with the first and lets those that wait join it: none of them is ever refused. The
//! write-ahead log is copied into the database off the writer's path.

use std::{fs, path::Path, thread};

use crossbeam_channel::{Receiver, Sender};
use futures_channel::oneshot;
use rusqlite::{Connection, Error, OpenFlags, config::DbConfig};

type Job = Box<dyn FnOnce(&Connection) + Send>;
type Written = Box<dyn FnOnce() + Send>;
type WriteJob = Box<dyn FnOnce(&Connection) -> Written + Send>;

/// Threads over one file.
#[derive(Debug)]
pub struct Floor {
    reads: Option<Sender<Job>>,
    writes: Option<Sender<WriteJob>>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Floor {
    /// Opens a file with as many readers as the adapter has by default.
    pub fn open(path: &Path) -> Self {
        let (reads, jobs) = crossbeam_channel::unbounded::<Job>();
        let (writes, commits) = crossbeam_channel::unbounded::<WriteJob>();
        let (looks, told) = crossbeam_channel::bounded::<()>(1);
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let mut threads = Vec::new();
        for _ in 0..processors.min(4) {
            let (connection, jobs) = (connect(path, Part::Read), jobs.clone());
            threads.push(thread::spawn(move || {
                jobs.iter().for_each(|job| job(&connection));
            }));
        }
        let (connection, mover) = (connect(path, Part::Write), connect(path, Part::Write));
        threads.push(thread::spawn(move || write(&connection, &commits, &looks)));
        let log = path.with_extension("db-wal");
        threads.push(thread::spawn(move || {
            for () in told {
                if fs::metadata(&log).map_or(0, |file| file.len()) >= 4 << 20 {
                    checkpoint(&mover);
                }
            }
        }));
        Self {
            reads: Some(reads),
            writes: Some(writes),
            threads,
        }
    }

    /// Reads one group: one hop.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> T + Send + 'static,
    ) -> T {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let _ = answer.send(work(connection));
        });
        send(self.reads.as_ref(), job);
        answered.await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Commits: one hop, answered when it is on disk.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> T + Send + 'static,
    ) -> T {
        let (answer, answered) = oneshot::channel();
        let job: WriteJob = Box::new(move |connection| {
            let done = work(connection);
            Box::new(move || {
                let _ = answer.send(done);
            })
        });
        send(self.writes.as_ref(), job);
        answered.await.unwrap_or_else(|error| panic!("{error}"))
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        (self.reads, self.writes) = (None, None);
        for thread in self.threads.drain(..) {
            thread
                .join()
                .unwrap_or_else(|_| panic!("a thread of the floor"));
        }
    }
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    Read,
    Write,
}

/// Opens a connection with the adapter's own settings.
pub fn connect(path: &Path, part: Part) -> Connection {
    let connection = || -> Result<Connection, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "cache_size", -8 * 1024)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        match part {
            Part::Read => connection.pragma_update(None, "query_only", true)?,
            Part::Write => {
                connection.pragma_update(None, "foreign_keys", true)?;
                connection.pragma_update(None, "secure_delete", true)?;
                connection.pragma_update(None, "synchronous", "FULL")?;
                connection.pragma_update(None, "wal_autocheckpoint", 0)?;
            }
        }
        Ok(connection)
    };
    connection().unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
}

/// Runs a statement without columns.
pub fn run(connection: &Connection, statement: &str) {
    let ran = connection
        .prepare_cached(statement)
        .and_then(|mut statement| statement.execute([]));
    ran.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// Moves what it can of the write-ahead log into the database.
pub fn checkpoint(connection: &Connection) {
    let moved = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    moved.unwrap_or_else(|error| panic!("a checkpoint: {error}"));
}

fn write(connection: &Connection, jobs: &Receiver<WriteJob>, looks: &Sender<()>) {
    let mut groups = 0_u32;
    while let Ok(first) = jobs.recv() {
        run(connection, "BEGIN IMMEDIATE");
        let mut written = vec![first(connection)];
        while let Ok(job) = jobs.try_recv() {
            written.push(job(connection));
        }
        run(connection, "COMMIT");
        written.into_iter().for_each(|answer| answer());
        groups += 1;
        if groups.is_multiple_of(32) {
            let _ = looks.try_send(());
        }
    }
}

fn send<T>(queue: Option<&Sender<T>>, job: T) {
    let sent = queue.map(|queue| queue.send(job));
    assert!(
        matches!(sent, Some(Ok(()))),
        "a thread of the floor is gone"
    );
}
