//! What the contract says, as lists that are searched from end to end.
//!
//! Written from the contract alone; shares nothing with any adapter.

use doorward_storage::{
    Batch, Claimed, HandOff, IndexEntry, OutboxRow, Precondition, Range, Record, RecordKey,
    Request, RequestKey, Scope, Settlement, UniqueKey, Version, Write,
};
use uuid::Uuid;

use crate::{
    Verdict,
    case::{ensure, same, some},
};

/// What a commit has to answer.
#[derive(Debug)]
pub(crate) enum Answer {
    Now,
    Before(Vec<u8>),
    Mismatch,
    Precondition(usize, Option<Version>),
    Taken(usize, UniqueKey),
}

#[derive(Default)]
pub(crate) struct Model {
    records: Vec<ModelRecord>,
    /// Every version that any key ever had.
    history: Vec<(RecordKey, Version)>,
    requests: Vec<Request>,
    log: Vec<(Scope, Uuid, Option<u64>)>,
    messages: Vec<ModelMessage>,
}

struct ModelRecord {
    record: Record,
    unique: Vec<UniqueKey>,
    index: Vec<IndexEntry>,
}

struct ModelMessage {
    row: OutboxRow,
    attempts: u32,
    leased: bool,
    free_at: i64,
}

impl Model {
    pub(crate) fn record(&self, key: &RecordKey) -> Option<&Record> {
        self.find(key).map(|found| &found.record)
    }

    pub(crate) fn holder(&self, claim: &UniqueKey) -> Option<&Record> {
        let holds = |record: &&ModelRecord| record.unique.contains(claim);
        self.records.iter().find(holds).map(|found| &found.record)
    }

    pub(crate) fn first_version(&self, key: &RecordKey) -> Option<Version> {
        self.history
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, version)| *version)
    }

    pub(crate) fn scan(&self, range: &Range) -> Vec<RecordKey> {
        let in_scope = self
            .records
            .iter()
            .filter(|found| found.record.key.scope == range.scope());
        match range {
            Range::Kind { kind, .. } => {
                let keys = in_scope.map(|found| found.record.key.clone());
                let mut keys: Vec<_> = keys.filter(|key| key.kind == *kind).collect();
                keys.sort();
                keys
            }
            Range::Index { index, span, .. } => {
                let mut found: Vec<_> = in_scope
                    .flat_map(|found| {
                        found
                            .index
                            .iter()
                            .map(move |entry| (entry, &found.record.key))
                    })
                    .filter(|(entry, _)| entry.index == *index && span.contains(&entry.value))
                    .map(|(entry, key)| (entry.value.clone(), key.clone()))
                    .collect();
                found.sort();
                found.into_iter().map(|(_, key)| key).collect()
            }
        }
    }

    pub(crate) fn replayed(&self, batch: &Batch) -> Option<&Request> {
        let key: &RequestKey = &batch.request.as_ref()?.key;
        self.requests.iter().find(|request| request.key == *key)
    }

    pub(crate) fn answer(&self, batch: &Batch) -> Answer {
        if let (Some(before), Some(request)) = (self.replayed(batch), &batch.request) {
            return if before.digest == request.digest {
                Answer::Before(before.receipt.clone())
            } else {
                Answer::Mismatch
            };
        }
        for (place, write) in batch.writes.iter().enumerate() {
            let actual = self.record(write.key()).map(|record| record.version);
            let holds = match write.expect() {
                Precondition::Absent => actual.is_none(),
                Precondition::VersionIs(version) => actual == Some(version),
            };
            if !holds {
                return Answer::Precondition(place, actual);
            }
        }
        let mut claims: Vec<&UniqueKey> = self
            .records
            .iter()
            .filter(|found| {
                !batch
                    .writes
                    .iter()
                    .any(|write| replaces(write, &found.record.key))
            })
            .flat_map(|found| &found.unique)
            .collect();
        for (place, write) in batch.writes.iter().enumerate() {
            let Write::Put { unique, .. } = write else {
                continue;
            };
            for claim in unique {
                if claims.contains(&claim) {
                    return Answer::Taken(place, claim.clone());
                }
                claims.push(claim);
            }
        }
        Answer::Now
    }

    pub(crate) fn apply(&mut self, batch: &Batch, versions: &[Option<Version>]) -> Verdict {
        same("answered versions", versions.len(), batch.writes.len())?;
        for (write, version) in batch.writes.iter().zip(versions) {
            self.records
                .retain(|found| !replaces(write, &found.record.key));
            let Write::Put {
                key,
                body,
                unique,
                index,
                ..
            } = write
            else {
                same("the version of a write that puts nothing", *version, None)?;
                continue;
            };
            let version = some("the version of a put", *version)?;
            let mut earlier = self.history.iter().filter(|(known, _)| known == key);
            ensure(
                earlier.all(|(_, old)| *old < version),
                "a version was reused",
            )?;
            self.history.push((key.clone(), version));
            self.records.push(ModelRecord {
                record: Record {
                    key: key.clone(),
                    version,
                    body: body.clone().into(),
                },
                unique: unique.iter().cloned().collect(),
                index: index.iter().cloned().collect(),
            });
        }
        self.requests.extend(batch.request.clone());
        self.log
            .extend(batch.audit.iter().map(|row| (row.scope, row.id, None)));
        self.messages
            .extend(batch.outbox.iter().map(|row| ModelMessage {
                row: row.clone(),
                attempts: 0,
                leased: false,
                free_at: row.due_at.0,
            }));
        Ok(())
    }

    pub(crate) fn claim(&mut self, now: i64, limit: usize) -> Vec<Claimed> {
        self.messages
            .sort_by_key(|message| (message.free_at, message.row.scope, message.row.id));
        let free = self
            .messages
            .iter_mut()
            .filter(|message| message.free_at <= now)
            .take(limit);
        free.map(|message| {
            message.attempts += 1;
            message.leased = true;
            message.free_at = now + 1_000_000;
            Claimed {
                message: message.row.clone(),
                attempt: message.attempts,
            }
        })
        .collect()
    }

    pub(crate) fn is_held_by(&self, hand_off: HandOff) -> bool {
        self.messages.iter().any(|message| {
            let HandOff { scope, id, attempt } = hand_off;
            (message.row.scope, message.row.id, message.attempts) == (scope, id, attempt)
                && message.leased
        })
    }

    pub(crate) fn settle(&mut self, hand_off: HandOff, settlement: Settlement) {
        let is = |message: &ModelMessage| {
            (message.row.scope, message.row.id) == (hand_off.scope, hand_off.id)
        };
        match settlement {
            Settlement::Done => self.messages.retain(|message| !is(message)),
            Settlement::Retry { due_at } => {
                for message in self.messages.iter_mut().filter(|message| is(message)) {
                    message.row.due_at = due_at;
                    message.free_at = due_at.0;
                    message.leased = false;
                }
            }
        }
    }

    pub(crate) fn sealed_count(&self, scope: Scope) -> u64 {
        self.positions(scope)
            .iter()
            .filter(|(_, position)| position.is_some())
            .count() as u64
    }

    pub(crate) fn unsealed(&self, scope: Scope) -> Vec<Uuid> {
        let positions = self.positions(scope);
        positions
            .iter()
            .filter(|(_, position)| position.is_none())
            .map(|(id, _)| *id)
            .collect()
    }

    pub(crate) fn positions(&self, scope: Scope) -> Vec<(Uuid, Option<u64>)> {
        let of_scope = self.log.iter().filter(|(of, ..)| *of == scope);
        let mut positions: Vec<_> = of_scope.map(|(_, id, position)| (*id, *position)).collect();
        positions.sort();
        positions
    }

    pub(crate) fn seal(&mut self, scope: Scope, ids: &[Uuid]) {
        let mut position = self.sealed_count(scope);
        for id in ids {
            position += 1;
            for entry in self
                .log
                .iter_mut()
                .filter(|(of, known, _)| (of, known) == (&scope, id))
            {
                entry.2 = Some(position);
            }
        }
    }

    fn find(&self, key: &RecordKey) -> Option<&ModelRecord> {
        self.records.iter().find(|found| found.record.key == *key)
    }
}

/// Tells whether a write removes what a key named before.
fn replaces(write: &Write, key: &RecordKey) -> bool {
    write.key() == key && !matches!(write, Write::Check { .. })
}
