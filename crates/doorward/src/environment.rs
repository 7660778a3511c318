//! The impure inputs: the clock, randomness, and the threads that hash passwords.

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Condvar, Mutex, PoisonError},
    task::{Context, Poll, Waker},
    thread,
};

use doorward_identity::HashMemory;
use rand::{TryRng, rngs::SysRng};
use time::OffsetDateTime;

/// Reads the time. A host replaces it in tests and simulations.
///
/// ```
/// use doorward::{Clock, SystemClock};
/// assert_eq!(SystemClock.now().nanosecond() % 1_000, 0); // whole microseconds
/// ```
pub trait Clock: Send + Sync + 'static {
    /// Returns the present instant in UTC, cut to microseconds: no database keeps more.
    fn now(&self) -> OffsetDateTime;
}

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc().truncate_to_microsecond()
    }
}

/// Draws random bytes fit for secrets (ASVS 11.5.1).
pub trait Entropy: Send + Sync + 'static {
    /// Fills the bytes.
    ///
    /// # Errors
    /// [`EntropyError`] where the source is exhausted or missing; nothing was committed then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}

/// The operating system's source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        SysRng.try_fill_bytes(bytes).map_err(|_| EntropyError)
    }
}

/// The source of randomness gave nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the source of randomness gave nothing")]
pub struct EntropyError;

type Job = Box<dyn FnOnce(&mut HashMemory) + Send + 'static>;

/// The threads that hash passwords: a bounded number, so that a flood of sign-ins cannot take every
/// core or the memory of every hash at once (OWASP Password Storage), and the caller's executor is
/// never blocked.
///
/// Each keeps the memory of its last hash, 19 MiB at the default cost, for the next one.
///
/// ```
/// # pollster::block_on(async {
/// let threads = doorward::HashingThreads::new(2);
/// assert_eq!(threads.run(|| 6 * 7).await, Some(42));
/// # });
/// ```
pub struct HashingThreads {
    queue: Arc<Queue>,
}

#[derive(Default)]
struct Queue {
    jobs: Mutex<Jobs>,
    waiting: Condvar,
}

#[derive(Default)]
struct Jobs {
    next: VecDeque<Job>,
    closed: bool,
}

impl HashingThreads {
    /// Starts this many threads, at least one.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        let queue = Arc::new(Queue::default());
        for _ in 0..threads.max(1) {
            let queue = Arc::clone(&queue);
            thread::spawn(move || queue.work());
        }
        Self { queue }
    }

    /// Runs the job on one of the threads and answers what it returned, or `None` if it did not
    /// end (it panicked, or the threads were stopped).
    pub fn run<T, F>(&self, job: F) -> impl Future<Output = Option<T>> + Send + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.run_in(|_| job())
    }

    /// Runs a job that hashes in the memory of its thread.
    pub(crate) fn run_in<T, F>(&self, job: F) -> impl Future<Output = Option<T>> + Send + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce(&mut HashMemory) -> T + Send + 'static,
    {
        let slot = Arc::new(Mutex::new(Slot {
            answer: None,
            done: false,
            waker: None,
        }));
        let fill = Filler {
            slot: Arc::clone(&slot),
        };
        self.queue.push(Box::new(move |memory| {
            let answer = job(memory);
            fill.answer(answer);
        }));
        Answer { slot }
    }
}

impl fmt::Debug for HashingThreads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashingThreads").finish_non_exhaustive()
    }
}

impl Drop for HashingThreads {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.waiting.notify_all();
    }
}

impl Queue {
    fn lock(&self) -> std::sync::MutexGuard<'_, Jobs> {
        // The queue is whole between statements, so a panic elsewhere cannot have torn it.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, job: Job) {
        self.lock().next.push_back(job);
        self.waiting.notify_one();
    }

    fn work(&self) {
        let mut memory = HashMemory::new();
        while let Some(job) = self.pop() {
            // A job that panics ends as `None` for its caller; the thread goes on, and what it left
            // in the memory is written over.
            let run = std::panic::AssertUnwindSafe(|| job(&mut memory));
            let _ = std::panic::catch_unwind(run);
        }
    }

    fn pop(&self) -> Option<Job> {
        let mut jobs = self.lock();
        loop {
            if let Some(job) = jobs.next.pop_front() {
                return Some(job);
            }
            if jobs.closed {
                return None;
            }
            jobs = self
                .waiting
                .wait(jobs)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

struct Slot<T> {
    answer: Option<T>,
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
        lock(&self.slot).answer = Some(answer);
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
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut slot = lock(&self.slot);
        if slot.done {
            return Poll::Ready(slot.answer.take());
        }
        slot.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_panics_answers_none_and_the_thread_goes_on() {
        pollster::block_on(async {
            let threads = HashingThreads::new(1);
            assert_eq!(
                threads.run(|| -> u8 { panic!("a fault of the job") }).await,
                None
            );
            assert_eq!(threads.run(|| 7).await, Some(7));
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
    fn the_system_gives_other_bytes_each_time() {
        let mut first = [0; 32];
        let mut second = [0; 32];
        SystemEntropy.fill(&mut first).unwrap();
        SystemEntropy.fill(&mut second).unwrap();
        assert_ne!(first, second);
    }
}
