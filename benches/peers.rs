//! The scenarios that peers were run through, on SQLite: prints our column of their table, in their
//! rows, with the bar that their figures set.
//!
//! What is counted or seen (S2 to S6) is asserted; times are printed. `cargo bench --bench peers --
//! S7` runs one scenario alone. The peers ran with a rollback journal unless their figure says
//! WAL, on two cores whose disk flushed in 0.1 ms; the first row of S1 tells what the disk of this
//! run allows.

#[path = "peers/crash.rs"]
mod crash;
#[path = "peers/listing.rs"]
mod listing;
#[path = "peers/process.rs"]
mod process;
#[path = "peers/races.rs"]
mod races;
#[path = "peers/semantics.rs"]
mod semantics;
#[path = "peers/table.rs"]
mod table;
#[path = "peers/throughput.rs"]
mod throughput;
#[path = "peers/timing.rs"]
mod timing;

use std::{env, io, path::Path};

use doorward::{identity::Session, types::MembershipId};
use doorward_benches::is_wanted;

use self::{process::CHILD, races::Attack, table::Table};

type Scenario = fn(&mut Table);

fn main() {
    let arguments: Vec<String> = env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == CHILD) {
        return child(&arguments[at + 1..]);
    }
    let mut table = Table::default();
    let scenarios: [(&str, Scenario); 6] = [
        ("S1 throughput", throughput::measure),
        ("S2 S3 S4 races", races::run),
        ("S5 crashes", crash::run),
        ("S6 semantics", semantics::ask),
        ("S6 timing", timing::measure),
        ("S7 listing", listing::measure),
    ];
    for (name, run) in scenarios {
        if is_wanted(name) {
            run(&mut table);
        }
    }
    println!("\n{table}");
}

/// What this program does as a second process.
fn child(arguments: &[String]) {
    match arguments {
        [act, path, list, from] if act == "crash" => {
            let from = from.parse().unwrap_or_else(|error| panic!("{error}"));
            crash::child(Path::new(path), Path::new(list), from);
        }
        [act, path] if act == "owners" => {
            let house = races::open(Path::new(path));
            process::say("ready");
            for line in io::stdin().lines().map_while(Result::ok) {
                let (attack, session, on): (String, Session, MembershipId) =
                    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}"));
                Attack::parse(&attack).act(&house.door, &session, on);
                process::say("done");
            }
        }
        other => panic!("no child does {other:?}"),
    }
}
