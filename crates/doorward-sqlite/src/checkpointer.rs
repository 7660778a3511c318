//! The thread that moves the write-ahead log into the database, off the writer's path.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, TrySendError};
use rusqlite::{Connection, Error};

use crate::worker::Worker;

/// A connection on a thread of its own that checkpoints when the writer tells it to look.
#[derive(Debug)]
pub(crate) struct Checkpointer {
    looks: Option<Sender<()>>,
    thread: Option<Worker>,
}

impl Checkpointer {
    pub(crate) fn start(connection: Connection) -> io::Result<Self> {
        let (sender, looks) = crossbeam_channel::bounded(1);
        let serve = move || serve(&connection, &looks);
        let thread = Worker::start("doorward-sqlite-checkpoint", serve)?;
        Ok(Self {
            looks: Some(sender),
            thread: Some(thread),
        })
    }

    /// The writer's side.
    pub(crate) fn pace(&self) -> Pace {
        Pace {
            looks: self.looks.clone(),
            commits: 0,
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.looks = None;
        self.thread = None;
    }
}

/// Tells the checkpointer now and then that the log has grown.
#[derive(Debug)]
pub(crate) struct Pace {
    looks: Option<Sender<()>>,
    commits: usize,
}

impl Pace {
    /// A group of so many commits has ended.
    pub(crate) fn tell(&mut self, commits: usize) {
        self.commits += commits;
        if self.commits < LOOK_EVERY {
            return;
        }
        if let Some(looks) = &self.looks {
            match looks.try_send(()) {
                // One look is enough for both.
                Ok(()) | Err(TrySendError::Full(())) => self.commits = 0,
                Err(TrySendError::Disconnected(())) => self.looks = None,
            }
        }
    }
}

/// Returns the file of a database's write-ahead log.
pub(crate) fn log_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Moves the whole log into the database and empties the file, waiting for writer and readers up
/// to the connection's patience. Answers whether it came to that.
pub(crate) fn empty(connection: &Connection) -> Result<bool, Error> {
    checkpoint(connection, "TRUNCATE").map(|log| log.is_whole)
}

fn serve(connection: &Connection, looks: &Receiver<()>) {
    let mut due = RESTART;
    for () in looks {
        // A failure here harms nobody: the log grows, and the next look tries again.
        let Some(moved) = noted(checkpoint(connection, "PASSIVE")) else {
            continue;
        };
        if moved.pages < due {
            due = due.min(moved.pages + RESTART);
            continue;
        }
        // What came since the line above is little, so the writer waits for little. The file keeps
        // its length: to write over what is there costs two thirds of making room anew.
        let restarted = noted(checkpoint(connection, "RESTART"));
        due = RESTART;
        if restarted.is_none_or(|log| !log.is_whole) {
            // Commits waited meanwhile: not again before as much has come as now.
            tracing::warn!(
                pages = moved.pages,
                "log not begun anew: somebody holds on to it"
            );
            due += moved.pages;
        }
    }
}

fn noted(ended: Result<Log, Error>) -> Option<Log> {
    match ended {
        Ok(log) => {
            tracing::debug!(pages = log.pages, whole = log.is_whole, "log checkpointed");
            Some(log)
        }
        Err(fault) => {
            tracing::warn!(%fault, "log not checkpointed");
            None
        }
    }
}

/// The log, as a checkpoint left it.
#[derive(Clone, Copy, Debug)]
struct Log {
    /// How many pages it holds from its beginning, also those that are moved.
    pages: i64,
    /// Whether all of it is moved, and nobody stood in the way of what was asked for.
    is_whole: bool,
}

fn checkpoint(connection: &Connection, mode: &str) -> Result<Log, Error> {
    let statement = format!("PRAGMA wal_checkpoint({mode})");
    connection.query_row(&statement, [], |row| {
        let (blocked, pages, moved): (i64, i64, i64) = row.try_into()?;
        let is_whole = blocked == 0 && moved == pages;
        Ok(Log { pages, is_whole })
    })
}

/// After how many commits the log is looked at, and copied into the database without waiting for
/// anybody.
const LOOK_EVERY: usize = 128;

/// From this many pages on it begins anew, since a log that is always written to never does so by
/// itself: 32 MiB of SQLite's usual pages.
const RESTART: i64 = 8 * 1024;

/// How long commits may wait until those who read let the log begin anew.
pub(crate) const PATIENCE: Duration = Duration::from_millis(100);
