//! The main job at 4,000 and at 20,000 people, whole: list, SQLite file, mails, reports.
//!
//! Once at the cost of a hash that the job has, OWASP's, and once at the cost of tests, so that what
//! is stored and read is not hidden behind the hashes. Either must grow with the people and not
//! faster. Five communities each time: a community of the long list has five times the people.
//!
//! The time is the wall's. Where the system tells it, the processors' time stands beside it, which
//! does not grow with what else the machine does. The name of a ratio, as an argument, runs it alone.

use std::{fs, path::Path, time::Instant};

use doorward::identity::PasswordCost;
use doorward_benches::{is_test, people::List};
use doorward_examples::care_community::{Arguments, run};
use pollster::FutureExt as _;

fn main() {
    let residents = if is_test() { 4 } else { 1_000 };
    let (short, long) = (List::of(residents, 1), List::of(residents, 5));
    let costs = [
        ("care_20000_over_4000_cheap_hash", PasswordCost::for_tests()),
        ("care_20000_over_4000", PasswordCost::owasp()),
    ];
    let named: Vec<String> = std::env::args().skip(1).collect();
    let is_named = |name: &str| named.iter().any(|argument| argument == name);
    let all = !costs.iter().any(|(name, _)| is_named(name));
    for (name, cost) in costs.into_iter().filter(|(name, _)| all || is_named(name)) {
        // The long one in the middle: the machine's pace may drift.
        let before = timed(&short, cost);
        let whole = timed(&long, cost);
        let part = before.and(timed(&short, cost)).half();
        let (few, many) = (short.row_count, long.row_count);
        println!(
            "{name}: {few} rows in {}, {many} rows in {}",
            part.shown(),
            whole.shown()
        );
        if let (Some(part), Some(whole)) = (part.processors, whole.processors) {
            println!("ratio {name}_processors {:.3}", whole / part);
        }
        println!("ratio {name} {:.3}", whole.wall / part.wall);
    }
}

/// Runs the job on a new database, beside the build.
fn timed(list: &List, cost: PasswordCost) -> Time {
    let folder = tempfile::tempdir_in(Path::new(env!("CARGO_TARGET_TMPDIR"))).expect("a folder");
    let path = |name| folder.path().join(name);
    let arguments = Arguments {
        people: path("people.csv"),
        database: path("care.db"),
        mail_dir: path("mail"),
        report: path("report"),
    };
    fs::write(&arguments.people, &list.text).expect("the list can be written");
    let (begin, used) = (Instant::now(), processors());
    let page = run(&arguments, cost).block_on();
    let time = Time {
        wall: begin.elapsed().as_secs_f64(),
        processors: processors().zip(used).map(|(now, then)| now - then),
    };
    let page = page.unwrap_or_else(|failure| panic!("{failure}"));
    let page = page.to_string();
    assert!(page.contains("All counts add up."), "{page}");
    time
}

/// Seconds.
#[derive(Clone, Copy)]
struct Time {
    wall: f64,
    processors: Option<f64>,
}

impl Time {
    fn and(self, other: Self) -> Self {
        let processors = self.processors.zip(other.processors);
        Self {
            wall: self.wall + other.wall,
            processors: processors.map(|(one, other)| one + other),
        }
    }

    fn half(self) -> Self {
        Self {
            wall: self.wall / 2.0,
            processors: self.processors.map(|both| both / 2.0),
        }
    }

    fn shown(self) -> String {
        match self.processors {
            Some(used) => format!("{:.1} s ({used:.1} s of processors)", self.wall),
            None => format!("{:.1} s", self.wall),
        }
    }
}

/// What this process has used of the processors, in seconds; Linux tells it in hundredths.
fn processors() -> Option<f64> {
    let told = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in parentheses, may hold anything.
    let (_, told) = told.rsplit_once(')')?;
    let mut times = told.split_whitespace().skip(11);
    let mut time = || times.next()?.parse::<f64>().ok();
    Some((time()? + time()?) / 100.0)
}
