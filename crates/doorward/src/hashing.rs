//! The threads that hash passwords, and the queue in front of them.

mod desk;

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
    thread::{self, Thread},
};

use doorward_identity::HashMemory;

use self::desk::Desk;
use crate::together::pause;

type Job = Box<dyn FnOnce(&mut HashMemory) + Send + 'static>;

/// The threads that hash passwords: a bounded number, so that a flood of sign-ins cannot take every
/// core or the memory of every hash at once (OWASP Password Storage), and the caller's executor is
/// never blocked. A host whose callers may be blocked needs none of its own:
/// [`of_callers`](Self::of_callers).
///
/// Each keeps the memory of its last hash, 19 MiB at the default cost, for the next one, and who
/// hashed last hashes next: its memory is still near its processor. In front of them wait at most
/// [`WAITING_A_THREAD`](Self::WAITING_A_THREAD) passwords a thread, unless
/// [`with_queue_of`](Self::with_queue_of) says otherwise; what comes then is refused at once, since
/// whoever asked would be gone before it is hashed. A name that nobody has is hashed for like any
/// other, so a full queue refuses both.
///
/// ```
/// # pollster::block_on(async {
/// let threads = doorward::HashingThreads::new(2).with_queue_of(500);
/// assert_eq!(threads.run(|| 6 * 7).await, Ok(42));
/// # });
/// ```
pub struct HashingThreads(Place);

/// Where the work is done.
enum Place {
    Own(Arc<Queue>),
    Callers(Arc<Desk>),
}

/// Why a password was not hashed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum HashingError {
    /// The hash was not made: its job failed, or the threads were stopped.
    #[error("the password was not hashed: try again")]
    Failed,
    /// As many passwords wait as the queue takes.
    #[error("more passwords wait to be hashed than the queue takes: try again")]
    QueueFull,
}

#[derive(Default)]
struct Queue {
    jobs: Mutex<Jobs>,
}

#[derive(Default)]
struct Jobs {
    next: VecDeque<Job>,
    /// The threads that have nothing to do, the one that had last at the end.
    idle: Vec<Thread>,
    room: usize,
    closed: bool,
}

impl HashingThreads {
    /// How many passwords wait for each thread at most: some seconds at the default cost.
    pub const WAITING_A_THREAD: usize = 64;

    /// Starts this many threads, at least one.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        let threads = threads.max(1);
        let queue = Arc::new(Queue::default());
        queue.lock().room = threads.saturating_mul(Self::WAITING_A_THREAD);
        for _ in 0..threads {
            let queue = Arc::clone(&queue);
            thread::spawn(move || queue.work());
        }
        Self(Place::Own(queue))
    }

    /// Hashes on whichever thread waits for the use case, on at most this many of them at a time, at
    /// least one; the others are blocked until it is their turn.
    ///
    /// For a host that gives each request a thread, or calls from threads that may be blocked: then
    /// nobody is woken for a hash, which takes a tenth of a millisecond there and back. On the threads
    /// of an executor it stops everything else that they do.
    ///
    /// ```
    /// # pollster::block_on(async {
    /// let own = std::thread::current().id();
    /// let threads = doorward::HashingThreads::of_callers(2);
    /// let on = threads.run(|| std::thread::current().id()).await;
    /// assert_eq!(on, Ok(own));
    /// # });
    /// ```
    #[must_use]
    pub fn of_callers(at_a_time: usize) -> Self {
        let at_a_time = at_a_time.max(1);
        let room = at_a_time.saturating_mul(Self::WAITING_A_THREAD);
        Self(Place::Callers(Arc::new(Desk::new(at_a_time, room))))
    }

    /// Lets this many jobs wait for all threads together, at least one; those being hashed are not
    /// counted.
    #[must_use]
    pub fn with_queue_of(self, waiting: usize) -> Self {
        let waiting = waiting.max(1);
        match &self.0 {
            Place::Own(queue) => queue.lock().room = waiting,
            Place::Callers(desk) => desk.set_room(waiting),
        }
        self
    }

    /// Runs the job on one of the threads and answers what it returned.
    ///
    /// # Errors
    /// [`HashingError::QueueFull`] at once; [`HashingError::Failed`] if the job did not end (it
    /// panicked, or the threads were stopped).
    pub fn run<T, F>(&self, job: F) -> impl Future<Output = Hashed<T>> + Send + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.run_in(|_| job())
    }

    /// Runs a job that hashes in the memory of its thread.
    pub(crate) fn run_in<T, F>(&self, job: F) -> impl Future<Output = Hashed<T>> + Send + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce(&mut HashMemory) -> T + Send + 'static,
    {
        let begun = match &self.0 {
            Place::Own(queue) => Ok(queue.answer(job)),
            Place::Callers(desk) => Err((Arc::clone(desk), job)),
        };
        async move {
            match begun {
                Ok(answer) => answer.await,
                Err((desk, job)) => {
                    // What is read at the same time is asked for before this thread is busy.
                    pause().await;
                    desk.run(job)
                }
            }
        }
    }
}

impl fmt::Debug for HashingThreads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashingThreads").finish_non_exhaustive()
    }
}

impl Drop for HashingThreads {
    fn drop(&mut self) {
        let Place::Own(queue) = &self.0 else { return };
        let mut jobs = queue.lock();
        jobs.closed = true;
        jobs.idle.drain(..).for_each(|thread| thread.unpark());
    }
}

impl Queue {
    fn lock(&self) -> std::sync::MutexGuard<'_, Jobs> {
        // The queue is whole between statements, so a panic elsewhere cannot have torn it.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a job over, and answers what it will return.
    fn answer<T, F>(&self, job: F) -> Answer<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut HashMemory) -> T + Send + 'static,
    {
        let slot = Arc::new(Mutex::new(Slot {
            answer: Err(HashingError::Failed),
            done: false,
            waker: None,
        }));
        let fill = Filler {
            slot: Arc::clone(&slot),
        };
        let pushed = self.push(Box::new(move |memory| {
            let answer = job(memory);
            fill.answer(answer);
        }));
        if let Err(full) = pushed {
            lock(&slot).answer = Err(full);
        }
        Answer { slot }
    }

    /// A job that finds no room is dropped, which ends it.
    fn push(&self, job: Job) -> Result<(), HashingError> {
        let mut jobs = self.lock();
        if jobs.next.len() >= jobs.room {
            return Err(HashingError::QueueFull);
        }
        jobs.next.push_back(job);
        let idle = jobs.idle.pop();
        drop(jobs);
        if let Some(thread) = idle {
            thread.unpark();
        }
        Ok(())
    }

    fn work(&self) {
        let mut memory = HashMemory::new();
        while let Some(job) = self.pop() {
            // A job that panics ends as `Failed` for its caller; the thread goes on, and what it left
            // in the memory is written over.
            let run = std::panic::AssertUnwindSafe(|| job(&mut memory));
            let _ = std::panic::catch_unwind(run);
        }
    }

    fn pop(&self) -> Option<Job> {
        let this = thread::current();
        loop {
            let mut jobs = self.lock();
            // Whoever wakes without being woken is still among the idle.
            jobs.idle.retain(|thread| thread.id() != this.id());
            if let Some(job) = jobs.next.pop_front() {
                return Some(job);
            }
            if jobs.closed {
                return None;
            }
            jobs.idle.push(this.clone());
            drop(jobs);
            thread::park();
        }
    }
}

type Hashed<T> = Result<T, HashingError>;

struct Slot<T> {
    answer: Hashed<T>,
    done: bool,
    waker: Option<Waker>,
}

fn lock<T>(slot: &Mutex<Slot<T>>) -> std::sync::MutexGuard<'_, Slot<T>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Marks the slot done when it goes, also where the job panicked or was never run.
struct Filler<T> {
    slot: Arc<Mutex<Slot<T>>>,
}

impl<T> Filler<T> {
    fn answer(self, answer: T) {
        lock(&self.slot).answer = Ok(answer);
    }
}

impl<T> Drop for Filler<T> {
    fn drop(&mut self) {
        let mut slot = lock(&self.slot);
        slot.done = true;
        if let Some(waker) = slot.waker.take() {
            waker.wake();
        }
    }
}

struct Answer<T> {
    slot: Arc<Mutex<Slot<T>>>,
}

impl<T> Future for Answer<T> {
    type Output = Hashed<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut slot = lock(&self.slot);
        if slot.done {
            let taken = std::mem::replace(&mut slot.answer, Err(HashingError::Failed));
            return Poll::Ready(taken);
        }
        slot.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_job_that_panics_has_failed_and_the_thread_goes_on() {
        pollster::block_on(async {
            let threads = HashingThreads::new(1);
            assert_eq!(
                threads.run(|| -> u8 { panic!("a fault of the job") }).await,
                Err(HashingError::Failed)
            );
            assert_eq!(threads.run(|| 7).await, Ok(7));
        });
    }

    #[test]
    fn many_jobs_on_few_threads_all_end() {
        let threads = HashingThreads::new(2);
        let jobs: Vec<_> = (0..100_u32).map(|n| threads.run(move || n * 2)).collect();
        let sum: u32 = jobs
            .into_iter()
            .map(|job| pollster::block_on(job).unwrap())
            .sum();
        assert_eq!(sum, 9_900);
    }

    #[test]
    fn a_job_that_finds_the_queue_full_is_refused_at_once_and_the_others_end() {
        let threads = HashingThreads::new(1).with_queue_of(2);
        let (begun, begins) = mpsc::channel();
        let (release, released) = mpsc::channel();
        let busy = threads.run(move || {
            begun.send(()).unwrap();
            released.recv().unwrap();
            1
        });
        begins.recv().unwrap();
        let waiting = [2, 3].map(|n| threads.run(move || n));
        let refused = pollster::block_on(threads.run(|| 4));
        assert_eq!(refused, Err(HashingError::QueueFull));
        release.send(()).unwrap();
        assert_eq!(pollster::block_on(busy), Ok(1));
        let ended = waiting.map(|job| pollster::block_on(job).unwrap());
        assert_eq!(ended, [2, 3]);
        assert_eq!(pollster::block_on(threads.run(|| 5)), Ok(5));
    }
}
