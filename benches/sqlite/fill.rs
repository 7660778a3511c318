//! A file filled with what a few recorded writes write, over and over under other ids.

use std::{collections::BTreeMap, path::Path};

use doorward_storage::{IndexEntry, RecordKey, UniqueKey, Value, Write};
use uuid::Uuid;

use crate::{
    floor::{self, Part, connect},
    plan,
};

/// How many copies are written in one transaction.
const AT_A_TIME: usize = 5_000;

/// Fills a file with so many copies.
pub fn fill(path: &Path, copies: usize, template: &[Write]) {
    let connection = connect(path, Part::Write);
    let template = Template::of(template);
    for from in (0..copies).step_by(AT_A_TIME) {
        floor::run(&connection, "BEGIN IMMEDIATE");
        for n in from..(from + AT_A_TIME).min(copies) {
            for write in template.copy(n) {
                plan::insert(&connection, write);
            }
        }
        floor::run(&connection, "COMMIT");
        floor::checkpoint(&connection);
    }
}

/// Writes with the places where their own ids and addresses stand.
struct Template<'a> {
    writes: &'a [Write],
    /// The ids of the records, each an id of its own in every copy.
    ids: Vec<Uuid>,
}

impl<'a> Template<'a> {
    fn of(writes: &'a [Write]) -> Self {
        let ids = writes.iter().filter_map(|write| write.key().id.to_uuid());
        let mut ids: Vec<Uuid> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        Self { writes, ids }
    }

    fn copy(&self, n: usize) -> Vec<Write> {
        let others: BTreeMap<Uuid, Uuid> = self
            .ids
            .iter()
            .map(|&id| (id, Uuid::from_u128(id.as_u128() ^ scattered(n))))
            .collect();
        self.writes
            .iter()
            .map(|write| other(write, &others, n))
            .collect()
    }
}

/// A number that tells the copies apart and, as time does in an id, grows with them.
fn scattered(n: usize) -> u128 {
    (n as u128) << 80
}

fn other(write: &Write, ids: &BTreeMap<Uuid, Uuid>, n: usize) -> Write {
    let Write::Put {
        key,
        expect,
        body,
        unique,
        index,
    } = write
    else {
        panic!("a template puts");
    };
    let id = key.id.to_uuid().and_then(|id| ids.get(&id)).copied();
    let id = id.unwrap_or_else(|| panic!("{key:?}"));
    let mut text = String::from_utf8_lossy(body).into_owned();
    for (from, to) in ids {
        text = text.replace(&from.to_string(), &to.to_string());
    }
    let text = text.replace("person000000@", &format!("person{n:06}@"));
    let value = |value: &Value| {
        let mut bytes = value.as_bytes().to_vec();
        for (from, to) in ids {
            substitute(&mut bytes, from.as_bytes(), to.as_bytes());
        }
        let address = format!("person{n:06}@");
        substitute(&mut bytes, b"person000000@", address.as_bytes());
        Value::new(bytes).unwrap_or_else(|error| panic!("{error}"))
    };
    let claim = |claim: &UniqueKey| UniqueKey {
        value: value(&claim.value),
        ..claim.clone()
    };
    let entry = |entry: &IndexEntry| IndexEntry {
        value: value(&entry.value),
        ..entry.clone()
    };
    let unique: std::collections::BTreeSet<UniqueKey> = unique.iter().map(claim).collect();
    // A grant of its own needs another subject: one grant lives for a member and subject.
    let unique = unique.into_iter().map(|mut claim| {
        if claim.space.as_str() == "grant" {
            let mut bytes = claim.value.as_bytes().to_vec();
            bytes.truncate(bytes.len() - 8);
            bytes.extend((n as u64).to_be_bytes());
            claim.value = Value::new(bytes).unwrap_or_else(|error| panic!("{error}"));
        }
        claim
    });
    Write::Put {
        key: RecordKey {
            id: id.into(),
            ..key.clone()
        },
        expect: *expect,
        body: text.into_bytes(),
        unique: unique.collect(),
        index: index.iter().map(entry).collect(),
    }
}

/// Replaces what stands at the same length.
fn substitute(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    let last = (bytes.len() + 1).saturating_sub(from.len());
    for at in 0..last {
        if let Some(window) = bytes.get_mut(at..at + from.len())
            && window == from
        {
            window.copy_from_slice(to);
        }
    }
}
