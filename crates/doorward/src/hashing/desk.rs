//! Hashing on the thread that asks.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use doorward_identity::HashMemory;

use super::HashingError;

/// The memory of a bounded number of hashes, for whichever thread comes. A thread that finds none
/// free is blocked until one is.
#[derive(Debug)]
pub(super) struct Desk {
    free: Mutex<Free>,
    given_back: Condvar,
}

#[derive(Debug)]
struct Free {
    /// The one that was used last at the end: it may still be near the processor.
    memories: Vec<HashMemory>,
    waiting: usize,
    room: usize,
}

impl Desk {
    pub(super) fn new(memories: usize, room: usize) -> Self {
        let memories = (0..memories).map(|_| HashMemory::new()).collect();
        Self {
            free: Mutex::new(Free {
                memories,
                waiting: 0,
                room,
            }),
            given_back: Condvar::new(),
        }
    }

    pub(super) fn set_room(&self, room: usize) {
        self.lock().room = room;
    }

    /// Runs the job here, in memory that nobody else has meanwhile.
    pub(super) fn run<T>(&self, job: impl FnOnce(&mut HashMemory) -> T) -> Result<T, HashingError> {
        let mut memory = self.take()?;
        // What a job that panics left in the memory is written over.
        let ran = catch_unwind(AssertUnwindSafe(|| job(&mut memory)));
        self.lock().memories.push(memory);
        self.given_back.notify_one();
        ran.map_err(|_| HashingError::Failed)
    }

    fn take(&self) -> Result<HashMemory, HashingError> {
        let mut free = self.lock();
        if free.memories.is_empty() && free.waiting >= free.room {
            return Err(HashingError::QueueFull);
        }
        loop {
            if let Some(memory) = free.memories.pop() {
                return Ok(memory);
            }
            free.waiting += 1;
            let woken = self.given_back.wait(free);
            free = woken.unwrap_or_else(PoisonError::into_inner);
            free.waiting -= 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Free> {
        // It is whole between statements, so a panic elsewhere cannot have torn it.
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Barrier,
            atomic::{AtomicUsize, Ordering},
        },
        thread,
        time::Duration,
    };

    use super::*;

    #[test]
    fn no_more_hash_at_once_than_there_are_memories() {
        let desk = Desk::new(2, 64);
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let all = Barrier::new(8);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    all.wait();
                    let ran = desk.run(|_| {
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        thread::sleep(Duration::from_millis(2));
                        now.fetch_sub(1, Ordering::SeqCst);
                    });
                    assert_eq!(ran, Ok(()));
                });
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn who_finds_no_room_is_refused_at_once_and_a_panic_gives_its_memory_back() {
        let desk = Desk::new(1, 0);
        let inner = desk.run(|_| desk.run(|_| 1));
        assert_eq!(inner, Ok(Err(HashingError::QueueFull)));
        let failed = desk.run(|_| panic!("a fault of the job"));
        assert_eq!(failed, Err::<(), _>(HashingError::Failed));
        assert_eq!(desk.run(|_| 2), Ok(2));
    }
}
