//! Races: the same scene again and again, its racers started together by threads of one process
//! or of two, each round held against the outcomes that are allowed.

use std::{
    collections::BTreeMap,
    env, hint,
    path::{Path, PathBuf},
    sync::Barrier,
    thread,
    time::{Duration, SystemTime},
};

use doorward_sqlite::{Durability, verify};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};

use crate::{
    arm::Arm,
    child::{self, Second},
    ledger::Ledger,
    office::{Office, Practice},
};

/// A scene that is raced.
pub(crate) trait Scene: Sized {
    /// What can come of a round: what each racer was told, counted.
    const OUTCOMES: &'static [&'static str];

    /// Makes what rounds share.
    fn open(office: &Office, practice: &Practice) -> Self;

    /// Makes a round.
    fn arms(&mut self, office: &Office, practice: &Practice, round: u32) -> Vec<Arm>;

    /// Panics unless what is stored agrees with what the racers were told, in the order of their
    /// arms.
    fn check(&mut self, office: &Office, ledger: &Ledger, told: &[String]);
}

/// How often: a thousand rounds where `DOORWARD_LONG` is set.
pub(crate) fn rounds() -> u32 {
    if is_long() { 1_000 } else { 100 }
}

pub(crate) fn is_long() -> bool {
    env::var_os("DOORWARD_LONG").is_some()
}

/// Prints the seed of a test, or takes the one in `DOORWARD_SEED`.
pub(crate) fn seeded(what: &str) -> StdRng {
    let seed = env::var("DOORWARD_SEED").map_or_else(|_| rand::random(), |it| it.parse().unwrap());
    println!("{what}: DOORWARD_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

/// Races on threads that share one handle: commits meet in one transaction.
pub(crate) fn on_threads<S: Scene>(test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cell.db");
    let office = Office::open(&path, Durability::Normal);
    run::<S>(test, &path, &office, |lots| {
        let ready: Vec<_> = lots
            .into_iter()
            .map(|lot| (lot.wait, lot.arm.ready(&office.door)))
            .collect();
        start(ready, SystemTime::now())
    });
}

/// Races in two processes, each with a handle of its own on the file.
pub(crate) fn in_two_processes<S: Scene>(test: &str) {
    if let Some(path) = child::part::<PathBuf>() {
        return second_process(&path);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cell.db");
    let office = Office::open(&path, Durability::Full);
    let mut second = Second::start(test, &path);
    run::<S>(test, &path, &office, |lots| {
        let (here, there): (Vec<_>, Vec<_>) = lots.into_iter().partition(|lot| lot.is_here);
        second.tell(&there);
        let ready: Vec<_> = here
            .into_iter()
            .map(|lot| (lot.wait, lot.arm.ready(&office.door)))
            .collect();
        let () = second.answer();
        let at = SystemTime::now() + Duration::from_millis(2);
        second.tell(&at);
        let mut told = start(ready, at);
        let theirs: Vec<String> = second.answer();
        told.extend(theirs);
        told
    });
    assert!(second.end());
}

fn second_process(path: &Path) {
    let office = Office::open(path, Durability::Full);
    while let Some(lots) = child::hear::<Vec<Lot>>() {
        let ready: Vec<_> = lots
            .into_iter()
            .map(|lot| (lot.wait, lot.arm.ready(&office.door)))
            .collect();
        child::say(&());
        let Some(at) = child::hear() else { return };
        child::say(&start(ready, at));
    }
}

/// A racer with its place in this round.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Lot {
    arm: Arm,
    /// How long it lets the others go ahead: racers of unequal length have to meet in every order.
    wait: Duration,
    is_here: bool,
}

/// Starts all at one instant, and answers what each was told.
fn start(ready: Vec<(Duration, crate::arm::Ready)>, at: SystemTime) -> Vec<String> {
    let line = Barrier::new(ready.len() + 1);
    thread::scope(|scope| {
        let racer = |(wait, run): (Duration, crate::arm::Ready)| {
            let line = &line;
            scope.spawn(move || {
                line.wait();
                if !wait.is_zero() {
                    thread::sleep(wait);
                }
                run()
            })
        };
        let racers: Vec<_> = ready.into_iter().map(racer).collect();
        while SystemTime::now() < at {
            hint::spin_loop();
        }
        line.wait();
        let told = racers.into_iter();
        told.map(|racer| racer.join().unwrap()).collect()
    })
}

/// How many rounds one tenant sees: what is read back to check a round stays small.
const ROUNDS_A_TENANT: u32 = 25;

fn run<S: Scene>(
    test: &str,
    path: &Path,
    office: &Office,
    mut collide: impl FnMut(Vec<Lot>) -> Vec<String>,
) {
    let mut random = seeded(test);
    let mut outcomes: BTreeMap<String, u32> = BTreeMap::new();
    let mut stage = None;
    for round in 0..rounds() {
        if round % ROUNDS_A_TENANT == 0 {
            let practice = office.practice(&format!("director.{round}@example.org"));
            stage = Some((S::open(office, &practice), practice));
        }
        let (scene, practice) = stage.as_mut().unwrap();
        let arms = scene.arms(office, practice, round);
        let (lots, places) = draw(arms, round, &mut random);
        let told = collide(lots);
        let told: Vec<String> = places.into_iter().map(|at| told[at].clone()).collect();
        let outcome = counted(&told);
        assert!(
            S::OUTCOMES.contains(&outcome.as_str()),
            "round {round} ended in `{outcome}`"
        );
        let ledger = Ledger::read(&office.storage, path, practice.tenant);
        ledger.assert_whole();
        scene.check(office, &ledger, &told);
        *outcomes.entry(outcome).or_default() += 1;
    }
    for (outcome, count) in &outcomes {
        println!("{test}: {count:>5} x {outcome}");
    }
    verify(path).unwrap();
}

/// Shuffles who goes where and how far ahead; returns for each arm the place of its answer.
fn draw(arms: Vec<Arm>, round: u32, random: &mut StdRng) -> (Vec<Lot>, Vec<usize>) {
    let many = arms.len() > 2;
    let mut lots: Vec<_> = arms
        .into_iter()
        .enumerate()
        .map(|(number, arm)| {
            // Two racers of unequal length hardly ever meet where none of them waits.
            let most = if many { 300 } else { 6_000 };
            let wait = Duration::from_micros(random.random_range(0..most));
            let is_here = (number + round as usize).is_multiple_of(2);
            (number, Lot { arm, wait, is_here })
        })
        .collect();
    // Answers of this process come first.
    lots.sort_by_key(|(number, lot)| (!lot.is_here, *number));
    let mut places = vec![0; lots.len()];
    for (place, (number, _)) in lots.iter().enumerate() {
        places[*number] = place;
    }
    (lots.into_iter().map(|(_, lot)| lot).collect(), places)
}

/// Counts equal answers: `1 joined, 31 link used`.
fn counted(told: &[String]) -> String {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for word in told {
        let word = word.split(" as ").next().unwrap_or(word);
        *counts.entry(word).or_default() += 1;
    }
    let counts: Vec<_> = counts
        .iter()
        .map(|(word, n)| format!("{n} {word}"))
        .collect();
    counts.join(", ")
}
