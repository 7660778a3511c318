//! The threads that read.

use std::{
    io, thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, TryRecvError};
use doorward_storage::{Outcome, StorageError};
use futures_channel::oneshot;
use rusqlite::{Connection, Error};

use crate::{
    fault::{fault, gone},
    worker::Worker,
};

/// A pool of connections, each on a thread of its own, that take reads from one queue.
#[derive(Debug)]
pub(crate) struct Readers {
    queue: Option<Sender<Job>>,
    threads: Vec<Worker>,
}

type Job = Box<dyn FnOnce(&Connection) + Send>;

impl Readers {
    pub(crate) fn start(connections: Vec<Connection>) -> io::Result<Self> {
        let (queue, jobs) = crossbeam_channel::unbounded::<Job>();
        let start = |connection| {
            let jobs = jobs.clone();
            Worker::start("doorward-sqlite-read", move || serve(&connection, &jobs))
        };
        let threads = connections
            .into_iter()
            .map(start)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            queue: Some(queue),
            threads,
        })
    }

    /// Reads on one of the threads, without blocking the caller's.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, StorageError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            if !answer.is_canceled() {
                // Whoever dropped the call in the meantime wants no answer.
                let _ = answer.send(work(connection));
            }
        });
        let sent = self.queue.as_ref().map(|queue| queue.send(job));
        if !matches!(sent, Some(Ok(()))) {
            return Err(gone());
        }
        match answered.await {
            Ok(read) => read.map_err(fault),
            Err(oneshot::Canceled) => Err(StorageError::broken(
                Outcome::NotApplied,
                "a reading thread of this storage has panicked",
            )),
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue = None;
        self.threads.clear();
    }
}

fn serve(connection: &Connection, jobs: &Receiver<Job>) {
    while let Some(job) = next(jobs) {
        // A read that panics takes its caller's answer along, not the thread.
        let run = std::panic::AssertUnwindSafe(|| job(connection));
        if std::panic::catch_unwind(run).is_err() {
            thread::yield_now();
        }
    }
}

/// Waits for a read, awake for a moment: a decision reads several times, one after the other, and to
/// be woken takes longer than most reads.
fn next(jobs: &Receiver<Job>) -> Option<Job> {
    let begin = Instant::now();
    let mut last = begin;
    loop {
        match jobs.try_recv() {
            Ok(job) => return Some(job),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => thread::yield_now(),
        }
        let now = Instant::now();
        if now - begin > AWAKE || now - last > YIELDED {
            return jobs.recv().ok();
        }
        last = now;
    }
}

/// How long a thread that has read stays awake; most decisions ask again before that.
const AWAKE: Duration = Duration::from_micros(30);

/// Where to yield takes longer, the processor is somebody else's.
const YIELDED: Duration = Duration::from_micros(5);
