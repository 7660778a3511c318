//! Many threads at one starting line.

use std::{future::Future, pin::Pin, sync::Barrier, thread};

use crate::{Failure, Harness, Verdict};

/// How many threads race.
pub(crate) const RACERS: usize = 32;

/// What one thread does.
pub(crate) type Racer<'a, T = ()> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// Runs each racer on a thread of its own; all start together.
pub(crate) fn race<'a, H: Harness, T: Send>(
    harness: &H,
    racers: impl IntoIterator<Item = Racer<'a, T>>,
) -> Vec<Result<T, Failure>> {
    let racers: Vec<_> = racers.into_iter().collect();
    let line = Barrier::new(racers.len());
    thread::scope(|scope| {
        let line = &line;
        let run = |racer: Racer<'a, T>| {
            scope.spawn(move || {
                line.wait();
                harness.block_on(racer)
            })
        };
        let threads: Vec<_> = racers.into_iter().map(run).collect();
        let panicked = |_| Err(Failure("a racing call panicked".to_owned()));
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(panicked))
            .collect()
    })
}

/// Fails with the first failure.
pub(crate) fn wait_for_all(results: Vec<Verdict>) -> Verdict {
    results.into_iter().collect()
}
