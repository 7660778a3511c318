//! The thread that moves the write-ahead log into the database, off the writer's path.

use std::{
    fs, io,
    path::{Path, PathBuf},
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
    pub(crate) fn start(connection: Connection, database: &Path) -> io::Result<Self> {
        let (sender, looks) = crossbeam_channel::bounded(1);
        let log = log_of(database);
        let serve = move || serve(&connection, &log, &looks);
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
            groups: 0,
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
    groups: u32,
}

impl Pace {
    pub(crate) fn tell(&mut self) {
        self.groups += 1;
        if self.groups < LOOK_EVERY {
            return;
        }
        if let Some(looks) = &self.looks {
            match looks.try_send(()) {
                // One look is enough for both.
                Ok(()) | Err(TrySendError::Full(())) => self.groups = 0,
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
    checkpoint(connection, "TRUNCATE")
}

fn serve(connection: &Connection, log: &Path, looks: &Receiver<()>) {
    for () in looks {
        let length = || fs::metadata(log).map_or(0, |file| file.len());
        if length() < SOFT {
            continue;
        }
        // A failure here harms nobody: the log grows, and the next look tries again.
        note(length(), checkpoint(connection, "PASSIVE"));
        if length() >= HARD {
            // What came since the line above is little, so the writer waits for little.
            note(length(), checkpoint(connection, "TRUNCATE"));
        }
    }
}

fn note(bytes: u64, ended: Result<bool, Error>) {
    match ended {
        Ok(whole) => tracing::debug!(bytes, whole, "log checkpointed"),
        Err(fault) => tracing::warn!(bytes, %fault, "log not checkpointed"),
    }
}

fn checkpoint(connection: &Connection, mode: &str) -> Result<bool, Error> {
    let statement = format!("PRAGMA wal_checkpoint({mode})");
    let blocked: i64 = connection.query_row(&statement, [], |row| row.get(0))?;
    Ok(blocked == 0)
}

/// After how many groups of commits the log is looked at.
const LOOK_EVERY: u32 = 32;

/// From this length on the log is copied into the database without waiting for anybody.
const SOFT: u64 = 4 << 20;

/// From this length on it is emptied, since a log that is always written to never ends by itself.
const HARD: u64 = 32 << 20;
