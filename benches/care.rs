//! The main job at 4,000 and at 20,000 people, whole: list, SQLite file, mails, reports.
//!
//! Once at the cost of a hash that the job has, OWASP's, and once at the cost of tests, so that what
//! is stored and read is not hidden behind the hashes. Either must grow with the people and not
//! faster. Five communities each time: a community of the long list has five times the people.
//!
//! The time is the wall's. Where the system tells it, the processors' time stands beside it, which
//! does not grow with what else the machine does. A part of a ratio's name, as an argument, runs it
//! alone.

use std::{fs, path::Path, time::Instant};

use doorward::identity::PasswordCost;
use doorward_benches::{is_test, is_wanted, people::List, usage::processor_seconds};
use doorward_examples::care_community::{Arguments, run};
use pollster::FutureExt as _;

fn main() {
    let residents = if is_test() { 4 } else { 1_000 };
    let (short, long) = (List::of(residents, 1), List::of(residents, 5));
    let costs = [
        ("care_20000_over_4000_cheap_hash", PasswordCost::for_tests()),
        ("care_20000_over_4000_owasp", PasswordCost::owasp()),
    ];
    for (name, cost) in costs.into_iter().filter(|(name, _)| is_wanted(name)) {
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
        println!(
            "ratio {name}_processors {:.3}",
            whole.processors / part.processors
        );
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
    let (begin, used) = (Instant::now(), processor_seconds());
    let page = run(&arguments, cost).block_on();
    let time = Time {
        wall: begin.elapsed().as_secs_f64(),
        processors: processor_seconds() - used,
    };
    let page = page.unwrap_or_else(|failure| panic!("{failure}"));
    let page = page.to_string();
    assert!(page.contains("All counts add up."), "{page}");
    time
}

/// Seconds, by the clock and of the processors.
#[derive(Clone, Copy)]
struct Time {
    wall: f64,
    processors: f64,
}

impl Time {
    fn and(self, other: Self) -> Self {
        Self {
            wall: self.wall + other.wall,
            processors: self.processors + other.processors,
        }
    }

    fn half(self) -> Self {
        Self {
            wall: self.wall / 2.0,
            processors: self.processors / 2.0,
        }
    }

    fn shown(self) -> String {
        format!(
            "{:.1} s ({:.1} s of processors)",
            self.wall, self.processors
        )
    }
}
