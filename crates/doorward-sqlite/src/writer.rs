//! The thread that writes: one transaction for all commits that wait at a time.
//!
//! The first commit of a group begins the transaction, and those that came meanwhile join it. Most of
//! those that are refused have written nothing. Where one has, the group begins anew with each in a
//! savepoint of its own, so that it undoes itself alone. Nobody is answered before the group is on
//! disk.

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
    /// whole or not at all. The work may be run twice: what its first run wrote is undone before. One
    /// that is refused may have written rows, and nothing else.
    pub(crate) async fn write<T, E>(
        &self,
        work: impl FnMut(&Connection) -> Result<T, Halt<E>> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Box<dyn Job> = Box::new(Act {
            work,
            found: None,
            answer,
        });
        let sent = self.queue.as_ref().map(|queue| queue.send(job));
        if !matches!(sent, Some(Ok(()))) {
            return Err(gone().into());
        }
        match answered.await {
            // To drop the work is not for the thread that all wait for.
            Ok((answer, _work)) => answer,
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

/// How a job ended within the transaction.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    Done,
    Refused,
    /// The engine failed, which may have torn a statement or the whole transaction.
    Failed,
}

/// How the transaction is to end.
#[derive(Debug)]
enum End {
    Commit,
    Rollback,
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
    work: W,
    found: Option<Result<T, Halt<E>>>,
    answer: oneshot::Sender<(Result<T, E>, W)>,
}

impl<W, T, E> Job for Act<W, T, E>
where
    W: FnMut(&Connection) -> Result<T, Halt<E>> + Send,
    T: Send,
    E: From<StorageError> + Send,
{
    fn is_wanted(&self) -> bool {
        !self.answer.is_canceled()
    }

    fn run(&mut self, connection: &Connection) -> Step {
        match self.found.insert((self.work)(connection)) {
            Ok(_) => Step::Done,
            Err(Halt::Refused(_)) => Step::Refused,
            Err(Halt::Failed(_)) => Step::Failed,
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
        let _ = self.answer.send((answer, self.work));
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
            Ok(End::Commit) => run(&connection, "COMMIT").map_err(|error| Broken {
                fault: Fault::new(&error),
                moment: Moment::Ending,
            }),
            Ok(End::Rollback) => run(&connection, "ROLLBACK").map_err(|error| before(&error)),
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

/// Runs the jobs that wait. Answers how the transaction is to end.
fn fill(
    connection: &Connection,
    first: Box<dyn Job>,
    jobs: &Receiver<Box<dyn Job>>,
    group: &mut Vec<Box<dyn Job>>,
) -> Result<End, Error> {
    let mut next = Some(first);
    while let Some(mut job) = next {
        let written = connection.total_changes();
        let step = job.run(connection);
        group.push(job);
        if connection.is_autocommit() {
            return Err(ended_by_engine());
        }
        let undo = match step {
            Step::Done => false,
            Step::Refused => connection.total_changes() != written,
            Step::Failed => true,
        };
        if undo && group.len() == 1 {
            return Ok(End::Rollback);
        }
        if undo {
            run(connection, "ROLLBACK")?;
            if let Err(error) = begin(connection) {
                group.extend(jobs.try_iter());
                return Err(error);
            }
            // Who failed has its answer, and might fail the others with it.
            let again = group.len() - usize::from(step == Step::Failed);
            return apart(connection, group.iter_mut().take(again));
        }
        if group.len() == GROUP {
            break;
        }
        next = jobs.try_iter().find(|job| job.is_wanted());
    }
    Ok(End::Commit)
}

/// Runs jobs anew, each apart from the others: between the two transactions another process may have
/// written, so any of them may be refused now.
fn apart<'a>(
    connection: &Connection,
    jobs: impl Iterator<Item = &'a mut Box<dyn Job>>,
) -> Result<End, Error> {
    for job in jobs {
        run(connection, "SAVEPOINT one")?;
        let step = job.run(connection);
        if connection.is_autocommit() {
            return Err(ended_by_engine());
        }
        if step != Step::Done {
            run(connection, "ROLLBACK TO one")?;
        }
        run(connection, "RELEASE one")?;
    }
    Ok(End::Commit)
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

#[cfg(test)]
mod tests {
    use std::{
        pin::Pin,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
            mpsc,
        },
        task::{Context, Waker},
    };

    use pollster::FutureExt as _;

    use super::*;
    use crate::SqliteStorage;

    type Answer<'a> = Pin<Box<dyn Future<Output = Result<(), StorageError>> + 'a>>;

    /// What the third of four jobs does.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    enum Third {
        LooksAndIsRefused,
        WritesAndIsRefused,
        WritesAndFails,
    }

    /// Queues four jobs behind each other and runs them. Answers how often each ran, and what is in the
    /// file: each of them writes its number.
    fn four(third: Third) -> ([usize; 4], Vec<i64>) {
        let folder = tempfile::tempdir().unwrap();
        let storage = SqliteStorage::open(folder.path().join("a.db")).unwrap();
        let make = |connection: &Connection| {
            connection.execute_batch("CREATE TABLE number (number INTEGER)")?;
            Ok::<_, Halt<StorageError>>(())
        };
        storage.write(make).block_on().unwrap();
        let runs: Arc<[AtomicUsize; 4]> = Arc::default();
        let (queued, all_queued) = mpsc::channel();
        let mut all_queued = Some(all_queued);
        let mut all: Vec<Answer<'_>> = Vec::new();
        for (number, place) in (1_i64..).zip(0..4) {
            let (runs, wait) = (Arc::clone(&runs), all_queued.take());
            let work = move |connection: &Connection| {
                if runs[place].fetch_add(1, Ordering::SeqCst) == 0
                    && let Some(all_queued) = &wait
                {
                    all_queued.recv().unwrap();
                }
                let refusal = Halt::Refused(StorageError::misuse("as the test wants it"));
                if place == 2 && third == Third::LooksAndIsRefused {
                    return Err(refusal);
                }
                connection.execute("INSERT INTO number VALUES (?1)", [number])?;
                match third {
                    Third::WritesAndIsRefused if place == 2 => Err(refusal),
                    Third::WritesAndFails if place == 2 => Err(Halt::Failed(ended_by_engine())),
                    _ => Ok(()),
                }
            };
            let mut answer: Answer<'_> = Box::pin(storage.write::<(), StorageError>(work));
            let mut context = Context::from_waker(Waker::noop());
            assert!(answer.as_mut().poll(&mut context).is_pending());
            all.push(answer);
        }
        queued.send(()).unwrap();
        for (place, answer) in all.into_iter().enumerate() {
            assert_eq!(answer.block_on().is_ok(), place != 2);
        }
        let read = |connection: &Connection| {
            let mut all = connection.prepare("SELECT number FROM number ORDER BY number")?;
            all.query_map([], |row| row.get(0))?.collect()
        };
        let numbers = storage.read(read).block_on().unwrap();
        let runs = [0, 1, 2, 3].map(|place: usize| runs[place].load(Ordering::SeqCst));
        (runs, numbers)
    }

    #[test]
    fn who_is_refused_before_it_wrote_costs_the_others_nothing() {
        let ran = four(Third::LooksAndIsRefused);
        assert_eq!(ran, ([1, 1, 1, 1], vec![1, 2, 4]));
    }

    #[test]
    fn who_is_refused_after_it_wrote_is_undone_alone() {
        let ran = four(Third::WritesAndIsRefused);
        assert_eq!(ran, ([2, 2, 2, 1], vec![1, 2, 4]));
    }

    #[test]
    fn who_fails_is_undone_and_not_run_again() {
        let ran = four(Third::WritesAndFails);
        assert_eq!(ran, ([2, 2, 1, 1], vec![1, 2, 4]));
    }
}
