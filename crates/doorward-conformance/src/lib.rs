//! The contract of the Doorward storage port as named test cases for any adapter.
//!
//! Who writes an adapter, ours or a host's, runs these cases against it; the guarantees G1 to G12
//! of [`doorward_storage`] are what they check. The kit measures nothing, and it cannot prove that
//! data survives a loss of power: it sees what handles and processes show.
//!
//! ```text
//!   your adapter  ---->  Harness { open, reopen }  ---->  conformance_tests!  ----> one #[test]
//!                              |                                                    each case
//!                              |    fresh storage for each case
//!                              '--> cases run in the directory and in three tenants at once, with
//!                                   the same ids and values in all of them
//! ```
//!
//! # The shortest honest program
//!
//! In `tests/contract.rs` of an adapter:
//!
//! ```
//! use std::sync::Arc;
//! use doorward_conformance::{Harness, async_trait, conformance_tests};
//! use doorward_memory::MemoryStorage;
//! use doorward_storage::FullStorage;
//!
//! struct Memory;
//!
//! #[async_trait]
//! impl Harness for Memory {
//!     type Guard = MemoryStorage;
//!
//!     async fn open(&self) -> (MemoryStorage, Arc<dyn FullStorage>) {
//!         let storage = MemoryStorage::new();
//!         (storage.clone(), Arc::new(storage))
//!     }
//!
//!     async fn reopen(&self, guard: &MemoryStorage) -> Arc<dyn FullStorage> {
//!         Arc::new(guard.clone())
//!     }
//! }
//!
//! conformance_tests!(Memory);
//! # let case = doorward_conformance::cases::<Memory>().into_iter().next().unwrap();
//! # case.run(&Memory).unwrap();
//! ```
//!
//! An adapter whose storage other processes can open says how by [`Harness::second_process`]; for
//! memory the cases of two processes say that they are skipped.
//!
//! Random batches are compared with a model; a failure names the seed, and `DOORWARD_SEED=17`
//! replays it.
//!
//! # Modules
//!
//! | file | what |
//! |---|---|
//! | `lib` | [`Harness`], [`cases`], [`run_all`], [`prove`] |
//! | `case` | [`Case`], [`Verdict`], [`Failure`] |
//! | `macros` | [`conformance_tests!`] and the list of all cases |
//! | `atomicity`, `races`, `claims`, `versions` | G1, G2, G3, G4 and G6 |
//! | `requests`, `cancellation` | G5, G7 and G8 |
//! | `processes`, `second` | G1, G2, G5, G7 and G11 between two processes; [`serve`] |
//! | `scans`, `pages` | G9 |
//! | `audit`, `erasure` | G10 |
//! | `outbox`, `limits` | G11, G12 |
//! | `random`, `model` | random batches against a model |
//! | `fixture`, `race` | what the cases share |

mod atomicity;
mod audit;
mod cancellation;
mod case;
mod claims;
mod erasure;
mod fixture;
mod limits;
mod macros;
mod model;
mod outbox;
mod pages;
mod processes;
mod race;
mod races;
mod random;
mod requests;
mod scans;
mod second;
mod versions;

use std::{future::Future, process::Command, sync::Arc};

use doorward_storage::FullStorage;
pub use doorward_storage::async_trait;

pub use crate::{
    case::{Case, Failure, Verdict},
    second::serve,
};

/// How the kit gets hold of an adapter. Set-up that fails may panic.
#[async_trait]
pub trait Harness: Sync {
    /// What keeps a storage alive between handles: a folder, a database name.
    type Guard: Send + Sync;

    /// Opens a fresh, empty storage.
    async fn open(&self) -> (Self::Guard, Arc<dyn FullStorage>);

    /// Opens another handle on the same storage, as independent of the first as the engine allows:
    /// its own connections, no shared caches.
    async fn reopen(&self, guard: &Self::Guard) -> Arc<dyn FullStorage>;

    /// Returns a command that starts a second process on the same storage: a program that opens it
    /// and calls [`serve`]. A test binary can start itself for a test that does nothing else.
    ///
    /// `None`, the default, skips the cases of two processes, which say so.
    fn second_process(&self, _guard: &Self::Guard) -> Option<Command> {
        None
    }

    /// Runs a future to its end on this thread. Races call it from many threads at once, while the
    /// thread of the case waits.
    ///
    /// An adapter that needs a runtime runs the future on that, one with several threads.
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        pollster::block_on(future)
    }
}

/// Returns every case of the contract.
#[must_use]
pub fn cases<H: Harness>() -> Vec<Case<H>> {
    crate::conformance_cases! { conformance_table (H) }
}

/// Runs every case, also after a failure.
///
/// # Errors
/// All failures.
pub fn run_all<H: Harness>(harness: &H) -> Result<(), Vec<Failure>> {
    let failures: Vec<_> = cases::<H>()
        .iter()
        .filter_map(|case| case.run(harness).err())
        .collect();
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures)
    }
}

/// Runs one case as a test.
///
/// # Panics
/// When the storage breaks the guarantee, or no case has this name.
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub fn prove<H: Harness>(harness: &H, name: &str) {
    let Some(case) = cases::<H>().into_iter().find(|case| case.name == name) else {
        panic!("no case is called `{name}`");
    };
    if let Err(failure) = case.run(harness) {
        panic!("{failure}");
    }
}
