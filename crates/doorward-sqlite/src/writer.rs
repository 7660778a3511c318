//! The thread that writes: one transaction for all commits that wait at a time.
//!
//! The first commit of a group begins the transaction; those that came meanwhile join it, each in
//! a savepoint of its own, so that one that is refused undoes itself alone. Nobody is answered
//! before the group is on disk.

use std::io;

use crossbeam_channel::{Receiver, Sender};
use doorward_storage::{Outcome, StorageError};
use futures_channel::oneshot;
use rusqlite::{Connection, Error};

use crate::{
    SqliteOptions,
    checkpointer::Pace,
    connection::{Part, connect},
    fault::{Fault, gone},
    schema,
    worker::Worker,
};

/// One connection on a thread of its own.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: Option<Sender<Box<dyn Job>>>,
    thread: Option<Worker>,
}

/// Why a write does not go through: for a reason of its own, or because the engine failed.
#[derive(Debug)]
pub(crate) enum Halt<E> {
    Refused(E),
    Failed(Error),
}

impl<E> From<Error> for Halt<E> {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl<E> Halt<E> {
    /// The same, where a refusal is one of several.
    pub(crate) fn widen<F: From<E>>(self) -> Halt<F> {
        match self {
            Self::Refused(refusal) => Halt::Refused(refusal.into()),
            Self::Failed(error) => Halt::Failed(error),
        }
    }
}

impl Writer {
    pub(crate) fn start(
        connection: Connection,
        options: SqliteOptions,
        pace: Pace,
    ) -> io::Result<Self> {
        let (queue, jobs) = crossbeam_channel::unbounded();
        let turn = Turn {
            connection: Some(connection),
            options,
            pace,
        };
        let thread = Worker::start("doorward-sqlite-write", move || turn.serve(&jobs))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Writes on the thread, without blocking the caller's. A call that is dropped is written
    /// whole or not at all.
    pub(crate) async fn write<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Halt<E>> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Box<dyn Job> = Box::new(Act {
            work: Some(work),
            found: None,
            answer,
        });
        let sent = self.queue.as_ref().map(|queue| queue.send(job));
        if !matches!(sent, Some(Ok(()))) {
            return Err(gone().into());
        }
        match answered.await {
            Ok(answer) => answer,
            Err(oneshot::Canceled) => Err(gone().into()),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        self.thread = None;
    }
}

/// One write of a group.
trait Job: Send {
    /// Tells whether anybody still waits for it.
    fn is_wanted(&self) -> bool;

    /// Does the work within the transaction.
    fn run(&mut self, connection: &Connection) -> Step;

    /// Answers, once the end of the group is known.
    fn answer(self: Box<Self>, end: &Result<(), Broken>);
}

/// What a job leaves in the transaction.
#[derive(Debug)]
enum Step {
    Keep,
    Undo,
}

/// How a group failed.
#[derive(Clone, Debug)]
struct Broken {
    fault: Fault,
    moment: Moment,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Moment {
    /// Before the transaction was to end: nothing is applied.
    Before,
    /// While it ended.
    Ending,
}

struct Act<W, T, E> {
    work: Option<W>,
    found: Option<Result<T, Halt<E>>>,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<W, T, E> Job for Act<W, T, E>
where
    W: FnOnce(&Connection) -> Result<T, Halt<E>> + Send,
    T: Send,
    E: From<StorageError> + Send,
{
    fn is_wanted(&self) -> bool {
        !self.answer.is_canceled()
    }

    fn run(&mut self, connection: &Connection) -> Step {
        self.found = self.work.take().map(|work| work(connection));
        match &self.found {
            Some(Ok(_)) => Step::Keep,
            Some(Err(_)) | None => Step::Undo,
        }
    }

    fn answer(self: Box<Self>, end: &Result<(), Broken>) {
        let lost = |broken: &Broken, kept| {
            let outcome = match (broken.moment, kept) {
                (Moment::Ending, true) => return broken.fault.of_commit(),
                _ => Outcome::NotApplied,
            };
            broken.fault.to_error(outcome)
        };
        let answer = match (self.found, end) {
            (Some(Ok(found)), Ok(())) => Ok(found),
            (Some(Err(Halt::Failed(error))), _) => Err(crate::fault::fault(error).into()),
            (Some(Err(Halt::Refused(refusal))), Ok(())) => Err(refusal),
            // It was refused for what others of the group wrote, which is not there.
            (Some(Err(Halt::Refused(_))) | None, Err(broken)) => Err(lost(broken, false).into()),
            (Some(Ok(_)), Err(broken)) => Err(lost(broken, true).into()),
            (None, Ok(())) => Err(gone().into()),
        };
        // Whoever dropped the call in the meantime wants no answer.
        let _ = self.answer.send(answer);
    }
}

/// What the thread works with.
struct Turn {
    /// Lost after an end that nobody can tell, and opened again for the next group.
    connection: Option<Connection>,
    options: SqliteOptions,
    pace: Pace,
}

impl Turn {
    fn serve(mut self, jobs: &Receiver<Box<dyn Job>>) {
        while let Ok(first) = jobs.recv() {
            if !first.is_wanted() {
                continue;
            }
            let mut group = Vec::new();
            let end = self.group(first, jobs, &mut group);
            let keep = end.is_ok();
            match &end {
                Ok(()) => tracing::trace!(commits = group.len(), "group written"),
                Err(broken) => {
                    tracing::warn!(commits = group.len(), fault = %broken.fault, "group failed");
                }
            }
            let commits = group.len();
            for job in group {
                job.answer(&end);
            }
            if keep {
                self.pace.tell(commits);
            }
        }
    }

    /// Writes one group, and adds its jobs to `group` as they are taken.
    fn group(
        &mut self,
        first: Box<dyn Job>,
        jobs: &Receiver<Box<dyn Job>>,
        group: &mut Vec<Box<dyn Job>>,
    ) -> Result<(), Broken> {
        let before = |error: &Error| Broken {
            fault: Fault::new(error),
            moment: Moment::Before,
        };
        let connection = match self.connection.take() {
            Some(connection) => Ok(connection),
            None => connect(&self.options, Part::Write),
        };
        let connection =
            match connection.and_then(|connection| begin(&connection).map(|()| connection)) {
                Ok(connection) => connection,
                Err(error) => {
                    // Whoever waits behind it has been as patient.
                    group.push(first);
                    group.extend(jobs.try_iter());
                    return Err(before(&error));
                }
            };
        let filled = fill(&connection, first, jobs, group);
        let ended = match filled {
            Ok(Step::Keep) => run(&connection, "COMMIT").map_err(|error| Broken {
                fault: Fault::new(&error),
                moment: Moment::Ending,
            }),
            Ok(Step::Undo) => run(&connection, "ROLLBACK").map_err(|error| before(&error)),
            Err(error) => Err(before(&error)),
        };
        // SQLite ends some transactions itself; where it did not, nothing of it may stay open.
        let clean = connection.is_autocommit() || run(&connection, "ROLLBACK").is_ok();
        if clean && ended.is_ok() {
            self.connection = Some(connection);
        }
        ended
    }
}

/// Begins a transaction on tables that this release knows, also when another release has opened
/// the file in the meantime.
fn begin(connection: &Connection) -> Result<(), Error> {
    run(connection, "BEGIN IMMEDIATE")?;
    let found = schema::counted_version(connection);
    if matches!(found, Ok(schema::KNOWN)) {
        return Ok(());
    }
    run(connection, "ROLLBACK")?;
    Err(Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_SCHEMA),
        Some(format!(
            "the tables have version {}, this release writes {}: another release has opened the file",
            found?,
            schema::KNOWN
        )),
    ))
}

/// Runs the jobs that wait. Answers whether anything of them is to be kept.
fn fill(
    connection: &Connection,
    mut first: Box<dyn Job>,
    jobs: &Receiver<Box<dyn Job>>,
    group: &mut Vec<Box<dyn Job>>,
) -> Result<Step, Error> {
    let step = first.run(connection);
    group.push(first);
    // Most commits are alone: the first one needs no savepoint, since nothing is before it.
    if matches!(step, Step::Undo) || connection.is_autocommit() {
        return Ok(Step::Undo);
    }
    while group.len() < GROUP {
        let Ok(mut job) = jobs.try_recv() else { break };
        if !job.is_wanted() {
            continue;
        }
        run(connection, "SAVEPOINT one")?;
        let step = job.run(connection);
        group.push(job);
        if connection.is_autocommit() {
            return Err(ended_by_engine());
        }
        if matches!(step, Step::Undo) {
            run(connection, "ROLLBACK TO one")?;
        }
        run(connection, "RELEASE one")?;
    }
    Ok(Step::Keep)
}

fn run(connection: &Connection, statement: &str) -> Result<(), Error> {
    connection.prepare_cached(statement)?.execute([]).map(drop)
}

fn ended_by_engine() -> Error {
    Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT_ROLLBACK),
        Some("the transaction was undone by the failure of another commit in it".to_owned()),
    )
}

/// How many commits one transaction holds at most.
const GROUP: usize = 128;
