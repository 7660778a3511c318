//! What the floor does for one use case: the reads and rows that were recorded of it, as somebody
//! who knows them would write them down by hand.

use std::{
    collections::BTreeSet,
    pin::pin,
    sync::Arc,
    task::{Context, Waker},
};

use doorward_storage::{
    AuditRow, IndexEntry, OutboxRow, Precondition, RecordKey, Request, Scope, UniqueKey, Write,
};
use pollster::FutureExt as _;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::{
    floor::Floor,
    keys,
    recorder::{Read, Step},
};

/// What the floor does for one use case, in order.
#[derive(Clone, Debug)]
pub struct Plan(Vec<Do>);

#[derive(Clone, Debug)]
enum Do {
    Read(Arc<Vec<Read>>),
    Write(Arc<Commit>),
}

#[derive(Debug)]
struct Commit {
    request: Option<Request>,
    rows: Vec<Row>,
    audit: Vec<AuditRow>,
    outbox: Vec<OutboxRow>,
}

#[derive(Debug)]
enum Row {
    /// The read-set guard.
    Guard {
        key: RecordKey,
        version: Option<i64>,
    },
    /// A new record.
    Insert {
        key: RecordKey,
        body: Vec<u8>,
        claims: Vec<UniqueKey>,
        entries: Vec<IndexEntry>,
        /// Both, as one column.
        keys: Vec<u8>,
    },
    /// The next state of a record, with what it gives up and gains.
    Update {
        seq: i64,
        key: RecordKey,
        version: i64,
        body: Vec<u8>,
        gone: (Vec<UniqueKey>, Vec<IndexEntry>),
        new: (Vec<UniqueKey>, Vec<IndexEntry>),
        /// What it has from now on as one column, if that is something else.
        keys: Option<Vec<u8>>,
    },
    /// A record that goes.
    Delete {
        seq: i64,
        key: RecordKey,
        version: i64,
        gone: (Vec<UniqueKey>, Vec<IndexEntry>),
    },
}

impl Plan {
    /// Plans what was recorded against a copy of the file that it was recorded before. Before a
    /// commit nothing is read twice.
    pub fn of(recorded: Vec<Step>, copy: &Connection) -> Self {
        let mut seen: Vec<Read> = Vec::new();
        let mut steps = Vec::with_capacity(recorded.len());
        for step in recorded {
            match step {
                Step::Read(group) => {
                    let group: Vec<Read> = group
                        .into_iter()
                        .filter(|read| !seen.contains(read))
                        .collect();
                    seen.extend(group.iter().cloned());
                    if !group.is_empty() {
                        steps.push(Do::Read(Arc::new(group)));
                    }
                }
                Step::Commit(batch) => {
                    seen.clear();
                    let rows = batch.writes.into_iter().map(|write| row(copy, write));
                    steps.push(Do::Write(Arc::new(Commit {
                        request: batch.request,
                        rows: rows.collect(),
                        audit: batch.audit,
                        outbox: batch.outbox,
                    })));
                }
            }
        }
        Self(steps)
    }

    /// Does it, a hop a group and one a commit.
    pub async fn run(&self, floor: &Floor) {
        for step in &self.0 {
            match step {
                Do::Read(group) => {
                    let group = Arc::clone(group);
                    floor.read(move |connection| read(connection, &group)).await;
                }
                Do::Write(commit) => {
                    let commit = Arc::clone(commit);
                    floor
                        .write(move |connection| write(connection, &commit))
                        .await;
                }
            }
        }
    }

    /// Does it, and something else while the last group is read.
    pub fn run_beside(&self, floor: &Floor, beside: impl FnOnce()) {
        let is_read = |step: &Do| matches!(step, Do::Read(_));
        let last = self.0.iter().rposition(is_read);
        let mut beside = Some(beside);
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Do::Read(group) => {
                    let group = Arc::clone(group);
                    let mut answer = pin!(floor.read(move |connection| read(connection, &group)));
                    if Some(place) == last {
                        let mut context = Context::from_waker(Waker::noop());
                        if answer.as_mut().poll(&mut context).is_ready() {
                            panic!("the floor answers from another thread");
                        }
                        beside.take().into_iter().for_each(|beside| beside());
                    }
                    answer.block_on();
                }
                Do::Write(commit) => {
                    let commit = Arc::clone(commit);
                    floor
                        .write(move |connection| write(connection, &commit))
                        .block_on();
                }
            }
        }
    }

    /// Reads all groups on this thread.
    pub fn read(&self, connection: &Connection) {
        for step in &self.0 {
            if let Do::Read(group) = step {
                read(connection, group);
            }
        }
    }

    /// Writes all rows within the transaction that is open on this thread.
    pub fn write(&self, connection: &Connection) {
        for step in &self.0 {
            if let Do::Write(commit) = step {
                write(connection, commit);
            }
        }
    }

    /// Counts the groups of reads.
    pub fn group_count(&self) -> usize {
        let is_read = |step: &&Do| matches!(step, Do::Read(_));
        self.0.iter().filter(is_read).count()
    }

    /// Counts the commits.
    pub fn commit_count(&self) -> usize {
        self.0.len() - self.group_count()
    }

    /// Counts the statements of its commits, without their beginnings and ends.
    pub fn statement_count(&self) -> usize {
        let of = |step: &Do| match step {
            Do::Read(_) => 0,
            Do::Write(commit) => commit.statement_count(),
        };
        self.0.iter().map(of).sum()
    }
}

impl Commit {
    fn statement_count(&self) -> usize {
        let row = |row: &Row| match row {
            Row::Guard { .. } => 1,
            Row::Insert {
                claims, entries, ..
            } => 1 + claims.len() + entries.len(),
            Row::Update { gone, new, .. } => {
                1 + gone.0.len() + gone.1.len() + new.0.len() + new.1.len()
            }
            Row::Delete { gone, .. } => 2 + gone.0.len() + gone.1.len(),
        };
        let side = self
            .audit
            .iter()
            .map(|row| 1 + row.side.len())
            .sum::<usize>();
        usize::from(self.request.is_some())
            + self.rows.iter().map(row).sum::<usize>()
            + side
            + self.outbox.len()
    }
}

/// Inserts a record that is known to be new.
pub fn insert(connection: &Connection, write: Write) {
    let Write::Put {
        key,
        body,
        unique,
        index,
        ..
    } = write
    else {
        panic!("{write:?} inserts nothing");
    };
    let row = Row::Insert {
        key,
        body,
        keys: keys::encode(&unique, &index),
        claims: unique.into_iter().collect(),
        entries: index.into_iter().collect(),
    };
    write_row(connection, &row);
}

fn row(connection: &Connection, write: Write) -> Row {
    let (key, expect) = (write.key().clone(), write.expect());
    let found = connection
        .query_row(
            "SELECT seq FROM doorward_record WHERE scope = ?1 AND kind = ?2 AND id = ?3",
            params![scope(key.scope), key.kind.as_str(), key.id.as_bytes()],
            |row| row.get::<_, i64>(0),
        )
        .optional()
        .unwrap_or_else(|error| panic!("{error}"));
    let version = match expect {
        Precondition::Absent => None,
        Precondition::VersionIs(version) => {
            Some(i64::try_from(version.as_u64()).unwrap_or(i64::MAX))
        }
    };
    match (write, found, version) {
        (Write::Check { .. }, _, version) => Row::Guard { key, version },
        (Write::Delete { .. }, Some(seq), Some(version)) => {
            let (claims, entries) = held(connection, seq);
            Row::Delete {
                seq,
                key,
                version,
                gone: (claims.into_iter().collect(), entries.into_iter().collect()),
            }
        }
        (
            Write::Put {
                body,
                unique,
                index,
                ..
            },
            Some(seq),
            Some(version),
        ) => {
            let (claims, entries) = held(connection, seq);
            let is_same = claims == unique && entries == index;
            let keys = (!is_same).then(|| keys::encode(&unique, &index));
            let gone = |claim: &&UniqueKey| !unique.contains(claim);
            let gone = (
                claims.iter().filter(gone).cloned().collect(),
                entries
                    .iter()
                    .filter(|entry| !index.contains(entry))
                    .cloned()
                    .collect(),
            );
            let new = (
                unique
                    .into_iter()
                    .filter(|claim| !claims.contains(claim))
                    .collect(),
                index
                    .into_iter()
                    .filter(|entry| !entries.contains(entry))
                    .collect(),
            );
            Row::Update {
                seq,
                key,
                version,
                body,
                gone,
                new,
                keys,
            }
        }
        (
            Write::Put {
                body,
                unique,
                index,
                ..
            },
            None,
            None,
        ) => Row::Insert {
            key,
            body,
            keys: keys::encode(&unique, &index),
            claims: unique.into_iter().collect(),
            entries: index.into_iter().collect(),
        },
        (write, ..) => panic!("{write:?} does not fit the copy"),
    }
}

fn held(connection: &Connection, seq: i64) -> (BTreeSet<UniqueKey>, BTreeSet<IndexEntry>) {
    let held = connection.query_row(
        "SELECT keys FROM doorward_record WHERE seq = ?1",
        [seq],
        |row| row.get::<_, Option<Vec<u8>>>(0),
    );
    let held = held.unwrap_or_else(|error| panic!("{error}"));
    held.map(|keys| keys::decode(&keys)).unwrap_or_default()
}

fn scope(scope: Scope) -> Vec<u8> {
    match scope {
        Scope::Directory => Vec::new(),
        Scope::Tenant(tenant) => tenant.as_bytes().to_vec(),
    }
}

#[path = "statements.rs"]
mod statements;

use statements::{read, write, write_row};
