//! Accepting an invitation, one at a time and many at once, beside the same reads and rows by hand.

use std::{path::PathBuf, sync::Mutex, time::Instant};

use doorward::identity::PasswordCost;
use doorward_benches::{
    house::House,
    interleave,
    invitees::{Invitee, Invitees, addresses, invitees, opened},
    is_test, median,
    usage::processor_seconds,
};
use doorward_memory::MemoryStorage;
use doorward_sqlite::{SqliteOptions, SqliteStorage};
use pollster::FutureExt as _;

use crate::{
    floor::{self, Floor, Part},
    plan::Plan,
    recorder::Recorder,
};

/// How many at once, in how many turns, and how many each of them does in a turn.
const SIZES: [(usize, usize, usize); 3] = [(1, 100, 10), (8, 40, 8), (32, 40, 4)];

/// One file for ours, one for the floor with a hop, one for the floor without.
struct Sides {
    house: House<SqliteStorage>,
    floor: Floor,
    direct: PathBuf,
    invitees: Vec<Invitee>,
    plans: Vec<Plan>,
}

/// Measures all sizes.
pub fn accept(wanted: impl Fn(&str) -> bool) {
    let names = SIZES.map(|(at_once, ..)| format!("accept_sqlite_{at_once}"));
    if !names.iter().any(|name| wanted(name)) {
        return;
    }
    let sizes = SIZES.map(|(at_once, turns, each)| {
        if is_test() {
            (at_once, 1, 1)
        } else {
            (at_once, turns, each)
        }
    });
    let count = sizes
        .iter()
        .map(|(at_once, turns, each)| at_once * turns * each)
        .sum();
    let sides = Sides::make(count);
    println!(
        "an accept: {} groups of reads, a commit of {} statements",
        sides.plans[0].group_count(),
        sides.plans[0].statement_count(),
    );
    println!("an accept on memory storage: {:.1} us", on_memory() / 1e3);
    let mut from = 0;
    for ((at_once, turns, each), name) in sizes.into_iter().zip(names) {
        let until = from + at_once * turns * each;
        if wanted(&name) {
            sides.measure(&name, at_once, turns, from, until);
        }
        from = until;
    }
}

impl Sides {
    fn make(count: usize) -> Self {
        let made = Invitees::make(count, PasswordCost::for_tests());
        let [ours, floor, direct, recorded] =
            ["ours", "floor", "direct", "recorded"].map(|name| made.copy(name));
        let recorder = Recorder::new(opened(SqliteOptions::new(recorded)));
        let house = House::on(recorder.clone(), PasswordCost::for_tests());
        let copy = floor::connect(&floor, Part::Read);
        let plan = |invitee: &Invitee| {
            let (_, recorded) = recorder.record(invitee.accept(&house.door));
            Plan::of(recorded, &copy)
        };
        let plans = made.all.iter().map(plan).collect();
        let invitees = made.all.clone();
        // The folder stays until the process ends.
        std::mem::forget(made);
        Self {
            house: House::on(opened(SqliteOptions::new(ours)), PasswordCost::for_tests()),
            floor: Floor::open(&floor),
            direct,
            invitees,
            plans,
        }
    }

    fn measure(&self, name: &str, at_once: usize, turns: usize, from: usize, until: usize) {
        let turn = (until - from) / turns;
        let invitees = &self.invitees[from..until];
        let plans = &self.plans[from..until];
        let (mut first, mut second) = (invitees.chunks(turn), plans.chunks(turn));
        let (mut ours, mut theirs) = (0.0, 0.0);
        let medians = interleave(
            turns,
            1,
            || {
                let invitees = first.next().unwrap_or_default();
                let begin = processor_seconds();
                together(at_once, invitees, |invitee| {
                    let _ = invitee.accept(&self.house.door).block_on();
                });
                ours += processor_seconds() - begin;
            },
            || {
                let plans = second.next().unwrap_or_default();
                let begin = processor_seconds();
                together(at_once, plans, |plan| plan.run(&self.floor).block_on());
                theirs += processor_seconds() - begin;
            },
        );
        let direct = self.direct(plans, at_once);
        let each = |nanos: f64| nanos / turn as f64;
        println!(
            "{name}: ours {:.1} us, floor {:.1} us, without a hop {:.1} us",
            each(medians.ours) / 1e3,
            each(medians.floor) / 1e3,
            direct / 1e3,
        );
        println!(
            "{name}: ours {:.0}/s, floor {:.0}/s",
            1e9 / each(medians.ours),
            1e9 / each(medians.floor)
        );
        let of_each = |seconds: f64| seconds * 1e6 / invitees.len() as f64;
        println!(
            "{name}: of processors ours {:.0} us, floor {:.0} us",
            of_each(ours),
            of_each(theirs),
        );
        println!("ratio {name} {:.3}", medians.ratio());
    }

    /// The floor on one thread with one connection, as many commits in a transaction; nanoseconds.
    fn direct(&self, plans: &[Plan], at_once: usize) -> f64 {
        let connection = floor::connect(&self.direct, Part::Write);
        let group = |plans: &[Plan]| {
            let begin = Instant::now();
            for plan in plans {
                plan.read(&connection);
            }
            floor::run(&connection, "BEGIN IMMEDIATE");
            for plan in plans {
                plan.write(&connection);
            }
            floor::run(&connection, "COMMIT");
            begin.elapsed().as_secs_f64() * 1e9 / plans.len() as f64
        };
        let times = plans.chunks(at_once).map(group).collect();
        floor::checkpoint(&connection);
        median(times)
    }
}

/// What an accept costs where storing costs little; nanoseconds.
fn on_memory() -> f64 {
    let count = if is_test() { 1 } else { 400 };
    let house = House::on(MemoryStorage::new(), PasswordCost::for_tests());
    let (home, inviting) = (house.community(0), house.community(1));
    let all = invitees(&house, &home, &inviting, &addresses(count));
    let each = all.iter().map(|invitee| {
        let begin = Instant::now();
        let _ = invitee.accept(&house.door).block_on();
        begin.elapsed().as_secs_f64() * 1e9
    });
    median(each.collect())
}

/// Does all the work on this many threads, or on this one alone.
fn together<T: Sync>(at_once: usize, all: &[T], work: impl Fn(&T) + Sync) {
    if at_once == 1 {
        return all.iter().for_each(work);
    }
    let queue = Mutex::new(all.iter());
    let next = || {
        queue
            .lock()
            .unwrap_or_else(|error| panic!("{error}"))
            .next()
    };
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some(one) = next() {
                    work(one);
                }
            });
        }
    });
}
