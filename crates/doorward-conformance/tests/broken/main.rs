//! Negative controls: adapters that break one guarantee each, and the case that must catch it.

#![expect(clippy::unwrap_used, reason = "a broken adapter may break loudly")]

mod adapter;
mod commit;
mod fault;
mod processes;
mod ticks;

use std::sync::Arc;

use doorward_conformance::{Harness, async_trait, cases, run_all};
use doorward_memory::MemoryStorage;
use doorward_storage::FullStorage;

use crate::{adapter::Broken, fault::Fault};

struct BrokenHarness(Fault);

#[async_trait]
impl Harness for BrokenHarness {
    type Guard = MemoryStorage;

    async fn open(&self) -> (MemoryStorage, Arc<dyn FullStorage>) {
        let memory = MemoryStorage::new();
        (memory.clone(), Arc::new(Broken::new(memory, self.0)))
    }

    async fn reopen(&self, guard: &MemoryStorage) -> Arc<dyn FullStorage> {
        Arc::new(Broken::new(guard.clone(), self.0))
    }
}

#[test]
fn each_fault_is_caught_by_the_case_that_names_it() {
    let cases = cases::<BrokenHarness>();
    let mut missed = Vec::new();
    let faults = fault::CAUGHT_BY.iter().flat_map(|(_, faults)| *faults);
    for &(fault, name) in faults {
        let case = cases.iter().find(|case| case.name == name);
        let case = case.unwrap_or_else(|| panic!("no case is called `{name}`"));
        match case.run(&BrokenHarness(fault)) {
            Ok(()) => missed.push(format!("{fault:?} passed {name}")),
            Err(failure) => assert!(failure.to_string().starts_with(name), "{failure}"),
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn each_guarantee_has_an_adapter_that_breaks_it() {
    let broken = fault::CAUGHT_BY.iter().map(|(guarantee, _)| *guarantee);
    let guarantees = (1..=12).map(|number| format!("G{number}"));
    assert!(broken.eq(guarantees));
    assert!(
        fault::CAUGHT_BY
            .iter()
            .all(|(_, faults)| !faults.is_empty())
    );
}

#[test]
fn the_wrapper_without_a_fault_passes_every_case() {
    assert_eq!(run_all(&BrokenHarness(Fault::None)), Ok(()));
}

#[test]
fn random_batches_find_faults_too() {
    let random = cases::<BrokenHarness>();
    let random = random
        .iter()
        .find(|case| case.name == "random_batches_match_the_model")
        .unwrap();
    let found = [
        Fault::ClaimsTwiceInABatch,
        Fault::IgnoresChecks,
        Fault::IgnoresDigests,
        Fault::IgnoresVersions,
        Fault::LooksAtPreconditionsFirst,
        Fault::LosesClaims,
        Fault::LosesMessages,
        Fault::NeverReleasesClaims,
        Fault::RefusesSwaps,
        Fault::ReportsTakenAsConflict,
        Fault::SealsByCursor,
        Fault::SettlesStale,
        Fault::SharesClaimsBetweenScopes,
    ];
    for fault in found {
        match random.run(&BrokenHarness(fault)) {
            Ok(()) => panic!("{fault:?} passed"),
            Err(failure) => {
                let failure = failure.to_string();
                assert!(failure.contains("DOORWARD_SEED="), "{fault:?}: {failure}");
            }
        }
    }
}
