//! Laws: random command sequences through the use cases, against a plain model of who is invited,
//! who has access, and who may give what.
//!
//! After each command the storage, the sessions and the audit log are compared with the model:
//! no transition from a terminal state, at most one winner, no access after revoke, disable or
//! expiry, no change without its audit entry, no mail lost, an administrator always there, nobody
//! with a gain the actor could not give, no secret in storage.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test fails by panicking; its fixture is its own"
)]

#[expect(dead_code, reason = "each test file uses its part of the fixture")]
mod fixture;

#[path = "laws/command.rs"]
mod command;
#[path = "laws/file.rs"]
mod file;
#[path = "laws/model.rs"]
mod model;
#[path = "laws/world.rs"]
mod world;

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::{command::Command, fixture::House, model::State, world::World};

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        max_shrink_iters: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn sequences() -> impl Strategy<Value = Vec<Command>> {
    prop::collection::vec(Command::any(), 20..90)
}

fn obey(house: House, commands: Vec<Command>) {
    let mut world = World::of(house);
    for command in commands {
        world.run(command);
        world.check();
    }
    world.check_secrets();
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn the_use_cases_do_what_the_plain_model_says(commands in sequences()) {
        obey(House::open(), commands);
    }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn the_use_cases_over_sqlite_do_what_the_plain_model_says(commands in sequences()) {
        obey(file::house(), commands);
    }
}

/// The law is not empty: what the sequences hold is done and refused, command by command.
#[test]
fn the_sequences_reach_both_ends_of_every_command() {
    reach_both_ends(House::open);
}

#[test]
fn the_sequences_over_sqlite_reach_both_ends_of_every_command() {
    reach_both_ends(file::house);
}

fn reach_both_ends(open: fn() -> House) {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};

    let mut runner = TestRunner::deterministic();
    let commands = prop::collection::vec(Command::any(), 90);
    let mut tally: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut states = Vec::new();
    for _ in 0..30 {
        let mut world = World::of(open());
        for command in commands.new_tree(&mut runner).unwrap().current() {
            world.run(command);
        }
        states.extend(world.states());
        for (name, (done, refused)) in &world.tally {
            let all = tally.entry(name.clone()).or_default();
            *all = (all.0 + done, all.1 + refused);
        }
    }
    for (name, (done, refused)) in &tally {
        let is_somebodys = !matches!(name.as_str(), "Pass" | "Dispatch" | "Sweep" | "SignIn");
        let both = *done > 0 && *refused > 0;
        assert!(both || !is_somebodys, "{name} in {tally:?}");
    }
    for state in State::ALL {
        assert!(states.contains(&state), "no invitation is {state:?}");
    }
}
