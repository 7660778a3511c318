//! S7: who has access, over 20,001 members.

use std::{
    io::{self, Write},
    time::Instant,
};

use doorward::{Export, ReportOptions, identity::PasswordCost};
use doorward_benches::{
    house::House,
    invitees::{addresses, folder, let_in, opened},
    is_test, median,
    usage::{processor_seconds, resident_mib},
};
use doorward_sqlite::{Durability, SqliteOptions};
use pollster::FutureExt as _;

use crate::table::{Row, Table, Verdict};

const MEMBERS: usize = 20_000;

/// Measures the whole list, as CSV and as JSON Lines.
pub fn measure(table: &mut Table) {
    let members = if is_test() { 20 } else { MEMBERS };
    let folder = folder();
    let path = folder.path().join("s7.db");
    let community = {
        let made = opened(SqliteOptions::new(&path).durability(Durability::Normal));
        let house = House::on(made, PasswordCost::for_tests());
        let community = house.community(0);
        let _ = let_in(
            &house,
            &house.administrator(&community),
            &addresses(members),
        );
        community
    };
    let house = House::on(opened(SqliteOptions::new(&path)), PasswordCost::for_tests());
    let administrator = house.administrator(&community);
    let permit = house.door.authorise(&administrator, Export).block_on();
    let permit = permit.unwrap_or_else(|error| panic!("{error}"));
    println!("S7: {members} members are made");
    let before = resident_mib();
    let runs = if is_test() { 1 } else { 7 };
    let used = processor_seconds();
    let mut csv = Vec::new();
    let mut lines = Vec::new();
    let mut bytes = 0;
    for _ in 0..runs {
        let mut counted = Counted::default();
        let begin = Instant::now();
        let report = house
            .door
            .access_report(&permit, ReportOptions::default(), &mut counted)
            .block_on();
        csv.push(begin.elapsed().as_secs_f64() * 1e3);
        let header = report.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(header.counts.rows, members as u64 + 1, "a row a member");
        bytes = counted.bytes;
        let mut counted = Counted::default();
        let begin = Instant::now();
        let report = house
            .door
            .access_report_lines(&permit, ReportOptions::default(), &mut counted)
            .block_on();
        lines.push(begin.elapsed().as_secs_f64() * 1e3);
        report.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(counted.lines, members + 1, "a line a member");
    }
    let used = (processor_seconds() - used) * 1e3 / f64::from(2 * runs);
    let grown = resident_mib() - before;
    let best = csv.iter().copied().fold(f64::INFINITY, f64::min);
    let (csv, lines) = (median(csv), median(lines));
    table.figure(Row {
        name: "S7 who has access: names, effective permissions, reasons of 20,001",
        ours: format!(
            "{csv:.0} ms (best {best:.0}; {used:.0} of processors), RSS {grown:+.0} MB, {} KB of CSV",
            bytes / 1_000
        ),
        bar: "< 300 ms, bounded memory",
        verdict: Verdict::of(csv < 300.0),
        peers: "BA 1,323 ms +180 MB; TW 62 ms ids and role only; DO 393 ms, view 4.7 s",
    });
    table.figure(Row {
        name: "S7 export",
        ours: format!("CSV {csv:.0} ms and JSON Lines {lines:.0} ms, streamed in portions"),
        bar: "CSV + JSON lines, streamed",
        verdict: Verdict::of(csv < 300.0 && lines < 300.0),
        peers: "BA JSON, DO HTML",
    });
}

/// Counts what is written and keeps none of it.
#[derive(Debug, Default)]
struct Counted {
    bytes: usize,
    lines: usize,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len();
        self.lines += bytes.iter().filter(|byte| **byte == b'\n').count();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
