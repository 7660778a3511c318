//! Signing in, beside the bare verification of the same hash.

use std::path::Path;

use doorward::{identity::PasswordCost, types::Channel};
use doorward_benches::{
    Medians,
    hash::{Hashing, LAYOUTS, OverVerification, Stored, over_verification},
    house::{House, PASSWORD, password},
    interleave,
    invitees::{folder, opened},
    is_test,
};
use doorward_sqlite::SqliteOptions;
use pollster::FutureExt as _;

use crate::{
    floor::{Floor, Part, connect},
    plan::Plan,
    recorder::Recorder,
};

/// Measures it at the default cost of a hash: the lookups of account and membership, the
/// verification, and the flushed commit of the session's entry, over the verification alone, in memory
/// that is there already. Both verify on the thread that signs in, or both on one of their own; then
/// the way to that thread and back is in ours alone.
pub fn login(wanted: impl Fn(&str) -> bool) {
    let sides = [
        ("login_sqlite", Hashing::OnCallers),
        ("login_sqlite_threads", Hashing::OnThreads),
    ];
    for (name, hashing) in sides {
        if wanted(name) {
            measure(hashing).print(name);
        }
    }
    if wanted("login_sqlite_rows") {
        over_rows().print("login_sqlite_rows");
    }
}

/// How often each layout signs in.
const TURNS: usize = 16;

/// A sign-in over the verification with the same reads and rows by hand, one hop a group of reads and
/// one for the flushed commit: what is left is what our code adds.
fn over_rows() -> Medians {
    let layouts = if is_test() { 1 } else { LAYOUTS };
    let turns = if is_test() { 1 } else { TURNS };
    let folder = folder();
    let (mut ours, mut floors) = (Vec::new(), Vec::new());
    for number in 0..layouts {
        let path = |name: &str| folder.path().join(format!("{name}-{number}.db"));
        let made = opened(SqliteOptions::new(path("made")));
        let house = House::for_blocking_callers(made.clone());
        let community = house.community(0);
        // The first one makes the count that every later one holds on to.
        let _ = house.administrator(&community);
        for name in ["ours", "floor", "recorded"] {
            let copied = made.backup(path(name)).block_on();
            copied.unwrap_or_else(|error| panic!("{error}"));
        }
        let name = community.administrator.original();
        let recorder = Recorder::new(opened(SqliteOptions::new(path("recorded"))));
        let recorded = House::for_blocking_callers(recorder.clone());
        let copy = connect(&path("floor"), Part::Read);
        let plan = |_| {
            let door = &recorded.door;
            let act = door.sign_in(community.tenant, Channel::Portal, name, password(), None);
            let (signed_in, steps) = recorder.record(act);
            assert!(signed_in.is_ok(), "{signed_in:?}");
            Plan::of(steps, &copy)
        };
        let plans: Vec<Plan> = (0..turns).map(plan).collect();
        let mut stored = Stored::of_the_only_account(&accounts(&path("floor")));
        let house = House::for_blocking_callers(opened(SqliteOptions::new(path("ours"))));
        // Who takes its memory first has the better of it.
        if number % 2 == 0 {
            let _ = house.administrator(&community);
        }
        assert!(stored.matches(PASSWORD), "the password is this");
        let _ = house.administrator(&community);
        ours.push((house, community));
        floors.push((Floor::open(&path("floor")), plans.into_iter(), stored));
    }
    let (mut first, mut second) = (0, 0);
    let place = |turn: &mut usize| {
        let layout = (*turn + *turn / layouts) % layouts;
        *turn += 1;
        layout
    };
    interleave(
        turns * layouts,
        1,
        || {
            let (house, community) = &ours[place(&mut first)];
            house.administrator(community)
        },
        || {
            let (floor, plans, stored) = &mut floors[place(&mut second)];
            let plan = plans.next().unwrap_or_else(|| panic!("a plan a turn"));
            plan.run_beside(floor, || {
                assert!(stored.matches(PASSWORD), "the password is this")
            });
        },
    )
}

fn measure(hashing: Hashing) -> OverVerification {
    let folder = folder();
    let layout = |number: usize| {
        let path = folder.path().join(format!("login-{number}.db"));
        let storage = opened(SqliteOptions::new(&path));
        let house = match hashing {
            Hashing::OnCallers => House::for_blocking_callers(storage),
            Hashing::OnThreads => House::on(storage, PasswordCost::owasp()),
        };
        let community = house.community(0);
        let accounts = accounts(&path);
        let sign_in = move || {
            let _ = house.administrator(&community);
        };
        (sign_in, accounts)
    };
    over_verification(hashing, layout, PASSWORD)
}

/// What is stored of all accounts.
fn accounts(path: &Path) -> Vec<Vec<u8>> {
    let accounts = || -> rusqlite::Result<Vec<Vec<u8>>> {
        let connection = connect(path, Part::Read);
        let accounts = "SELECT body FROM doorward_record WHERE kind = 'account'";
        let mut accounts = connection.prepare(accounts)?;
        accounts.query_map([], |row| row.get(0))?.collect()
    };
    accounts().unwrap_or_else(|error| panic!("{error}"))
}
