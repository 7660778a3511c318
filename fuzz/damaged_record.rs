//! Use cases over records that are not as they were written.

use std::{cell::OnceCell, collections::BTreeMap};

use doorward::{audit::Entry, fuzzing::rewrite, storage::RecordKey};

use crate::{
    damaged_storage::Target,
    law::text,
    stage::{Stage, Stopped},
    use_cases::{self, UseCase},
};

/// Whatever bytes an adapter answers for a record, every use case that reads it answers, and a
/// record that cannot be read is a fault: it is never passed over, and nothing is decided without
/// it.
///
/// The first line names the records: `membership` for all of a kind, `membership/2` for one, and
/// `notice` or `entry` for what waits in the outbox or stands in the log. The rest is the body.
///
/// # Panics
/// Where a law does not hold.
pub fn damaged_record(bytes: &[u8]) {
    let Some(at) = bytes.iter().position(|byte| *byte == b'\n') else {
        return;
    };
    let (named, body) = bytes.split_at(at);
    let body = body.strip_prefix(b"\n").unwrap_or(body);
    STAGE.with(|theatre| {
        let theatre = theatre.get_or_init(Theatre::open);
        if let Some(named) = text(named) {
            theatre.play(named, body);
        }
    });
}

thread_local! {
    static STAGE: OnceCell<Theatre> = const { OnceCell::new() };
}

/// The stage, and which use cases read which kind.
struct Theatre {
    stage: Stage,
    kinds: BTreeMap<&'static str, Kind>,
}

struct Kind {
    every: Target,
    records: Vec<RecordKey>,
    readers: Vec<(&'static str, UseCase)>,
}

impl Theatre {
    fn open() -> Self {
        let stage = Stage::open();
        let kind = |name: &'static str| {
            let records = stage.records(name).into_iter();
            let mut kind = Kind {
                every: match name {
                    "notice" => Target::Notices,
                    "entry" => Target::Entries,
                    _ => Target::Kind(name),
                },
                records: records.map(|record| record.key).collect(),
                readers: use_cases::all().collect(),
            };
            kind.readers.retain(|(_, use_case)| {
                stage.storage.damage(kind.every.clone(), b"{");
                let _ = use_case(&stage);
                stage.storage.seen().served_count > 0
            });
            (name, kind)
        };
        let names = doorward::fuzzing::kinds().chain(["entry"]);
        let kinds = names.map(kind).collect();
        Self { stage, kinds }
    }

    fn play(&self, named: &str, body: &[u8]) {
        let (name, number) = match named.split_once('/') {
            Some((name, number)) => (name, number.parse::<usize>().ok()),
            None => (named, None),
        };
        let Some(kind) = self.kinds.get(name) else {
            return;
        };
        let record = number.and_then(|number| {
            let at = number.checked_rem(kind.records.len())?;
            kind.records.get(at).cloned().map(Target::Record)
        });
        let target = record.unwrap_or_else(|| kind.every.clone());
        let is_readable = match target {
            Target::Entries => Entry::parse(body).is_ok(),
            _ => rewrite(name, body).is_some_and(|read| read.is_ok()),
        };
        let storage = &self.stage.storage;
        for (name, use_case) in &kind.readers {
            storage.damage(target.clone(), body);
            let answer = use_case(&self.stage);
            let seen = storage.seen();
            if seen.read_count > 0 && !is_readable && !goes_on(name) {
                assert_eq!(answer, Err(Stopped::Failed), "`{name}` passes it over");
                // What is taken out of the system is noted before it is read.
                let noted = usize::from(matches!(*name, "access_report" | "export_audit"));
                assert!(seen.commit_count <= noted, "`{name}` commits without it");
            }
        }
    }
}

/// Ticks, and what is done to many at once, say what they could not read and go on with the rest.
fn goes_on(use_case: &str) -> bool {
    matches!(use_case, "adopt_all_of" | "dispatch" | "sweep")
}
