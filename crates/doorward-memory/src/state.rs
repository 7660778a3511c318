//! Records, claims, index and requests: what a commit checks and writes.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound::{Excluded, Unbounded},
};

use doorward_storage::{
    Applied, Batch, Bytes, CommitError, Cursor, IndexEntry, Kind, Limit, Micros, Page, Place,
    Range, Receipt, Record, RecordId, RecordKey, Request, RequestKey, Scope, StorageError,
    UniqueKey, Value, Version, Write,
};

use crate::{index::Index, log::Log, queue::Queue};

#[derive(Default)]
pub(crate) struct State {
    /// The last version given. One counter for all records, so that none is ever reused.
    last_version: u64,
    records: BTreeMap<(Scope, Kind), BTreeMap<RecordId, Stored>>,
    claims: BTreeMap<UniqueKey, RecordKey>,
    index: Index,
    requests: BTreeMap<RequestKey, Remembered>,
    requests_by_age: BTreeSet<(Micros, RequestKey)>,
    logs: BTreeMap<Scope, Log>,
    queue: Queue,
}

struct Stored {
    version: Version,
    body: Bytes,
    unique: BTreeSet<UniqueKey>,
    index: BTreeSet<IndexEntry>,
}

struct Remembered {
    receipt: Receipt,
    at: Micros,
}

/// Reads.
impl State {
    pub(crate) fn record(&self, key: &RecordKey) -> Option<Record> {
        self.stored(key).map(|stored| stored.to_record(key.clone()))
    }

    pub(crate) fn holder(&self, claim: &UniqueKey) -> Option<Record> {
        self.claims.get(claim).and_then(|key| self.record(key))
    }

    pub(crate) fn page(&self, range: &Range, after: Option<Place>, limit: Limit) -> Page {
        let places: Vec<Place> = match range {
            Range::Kind { scope, kind } => self.places_of_kind(*scope, kind, after, limit),
            Range::Index { scope, index, span } => {
                self.index.places(*scope, index, span, after, limit)
            }
        };
        let full = places.len() == limit.count();
        let next = places.last().filter(|_| full).map(Cursor::after);
        let key = |place: Place| RecordKey::new(range.scope(), place.kind, place.id);
        let records = places
            .into_iter()
            .filter_map(|place| self.record(&key(place)))
            .collect();
        Page { records, next }
    }

    pub(crate) fn receipt(&self, request: &RequestKey) -> Option<Receipt> {
        self.requests
            .get(request)
            .map(|remembered| remembered.receipt.clone())
    }

    pub(crate) fn log(&self, scope: Scope) -> Option<&Log> {
        self.logs.get(&scope)
    }

    pub(crate) fn unsealed_scopes(&self, after: Option<Scope>, limit: Limit) -> Vec<Scope> {
        let from = after.map_or(Unbounded, Excluded);
        let logs = self
            .logs
            .range((from, Unbounded))
            .filter(|(_, log)| log.has_unsealed());
        logs.map(|(scope, _)| *scope).take(limit.count()).collect()
    }

    pub(crate) const fn queue(&self) -> &Queue {
        &self.queue
    }

    pub(crate) fn stored_bytes(&self) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        for (id, stored) in self.records.values().flatten() {
            all.extend([id.as_bytes().to_vec(), stored.body.to_vec()]);
            all.extend(
                stored
                    .unique
                    .iter()
                    .map(|claim| claim.value.as_bytes().to_vec()),
            );
            all.extend(
                stored
                    .index
                    .iter()
                    .map(|entry| entry.value.as_bytes().to_vec()),
            );
        }
        for (key, remembered) in &self.requests {
            all.extend([
                key.principal.as_bytes().to_vec(),
                remembered.receipt.body.clone(),
            ]);
        }
        all.extend(self.logs.values().flat_map(Log::stored_bytes));
        all.extend(self.queue.bodies().map(<[u8]>::to_vec));
        all
    }

    fn stored(&self, key: &RecordKey) -> Option<&Stored> {
        self.records
            .get(&(key.scope, key.kind.clone()))?
            .get(&key.id)
    }

    fn places_of_kind(
        &self,
        scope: Scope,
        kind: &Kind,
        after: Option<Place>,
        limit: Limit,
    ) -> Vec<Place> {
        let Some(records) = self.records.get(&(scope, kind.clone())) else {
            return Vec::new();
        };
        let from = after.map_or(Unbounded, |place| Excluded(place.id));
        let place = |id: &RecordId| Place {
            value: Value::default(),
            kind: kind.clone(),
            id: id.clone(),
        };
        records
            .range((from, Unbounded))
            .map(|(id, _)| place(id))
            .take(limit.count())
            .collect()
    }
}

/// The steps of a commit, in order: [`replay`](State::replay), [`admit`](State::admit),
/// [`write`](State::write). Only the last one changes anything, and it cannot fail.
impl State {
    /// Answers a request that was applied before (G5).
    pub(crate) fn replay(&self, batch: &Batch) -> Result<Option<Applied>, CommitError> {
        let Some(request) = &batch.request else {
            return Ok(None);
        };
        match self.requests.get(&request.key) {
            None => Ok(None),
            Some(before) if before.receipt.digest == request.digest => Ok(Some(Applied::Before {
                receipt: before.receipt.body.clone(),
            })),
            Some(_) => Err(CommitError::IdempotencyMismatch),
        }
    }

    /// Checks everything that stands between a valid batch and its writing. `others` counts the
    /// items that a settlement or an erasure adds.
    pub(crate) fn admit(&self, batch: &Batch, others: usize) -> Result<(), CommitError> {
        for (place, write) in batch.writes.iter().enumerate() {
            let actual = self.stored(write.key()).map(|stored| stored.version);
            if !write.expect().holds_for(actual) {
                return Err(CommitError::Precondition {
                    write: place,
                    actual,
                });
            }
        }
        self.admit_claims(&batch.writes)?;
        let released = batch
            .writes
            .iter()
            .map(|write| self.released_by(write))
            .sum::<usize>();
        batch.check_size(others + released)?;
        let logged = |row: &&doorward_storage::AuditRow| {
            self.logs
                .get(&row.scope)
                .is_some_and(|log| log.contains(row.id))
        };
        if let Some(row) = batch.audit.iter().find(logged) {
            return Err(reused("audit entry", row.id).into());
        }
        if let Some(row) = batch
            .outbox
            .iter()
            .find(|row| self.queue.contains(row.scope, row.id))
        {
            return Err(reused("message", row.id).into());
        }
        Ok(())
    }

    /// Writes an admitted batch.
    pub(crate) fn write(&mut self, batch: Batch) -> Applied {
        let Batch {
            request,
            writes,
            audit,
            outbox,
        } = batch;
        // All claims are released before any is made, so that two records can swap values (G3).
        for write in &writes {
            match write {
                Write::Put { key, .. } | Write::Delete { key, .. } => self.remove(key),
                Write::Check { .. } => {}
            }
        }
        let versions = writes
            .into_iter()
            .map(|write| self.write_one(write))
            .collect();
        for row in audit {
            self.logs.entry(row.scope).or_default().insert(row);
        }
        for row in outbox {
            self.queue.push(row);
        }
        if let Some(request) = request {
            self.remember(request);
        }
        Applied::Now { versions }
    }

    pub(crate) fn forget_requests(&mut self, before: Micros, limit: Limit) -> usize {
        let old = self
            .requests_by_age
            .iter()
            .take_while(|(at, _)| *at < before);
        let keys: Vec<RequestKey> = old
            .take(limit.count())
            .map(|(_, key)| key.clone())
            .collect();
        for key in &keys {
            if let Some(remembered) = self.requests.remove(key) {
                self.requests_by_age.remove(&(remembered.at, key.clone()));
            }
        }
        keys.len()
    }

    pub(crate) fn log_mut(&mut self, scope: Scope) -> &mut Log {
        self.logs.entry(scope).or_default()
    }

    pub(crate) const fn queue_mut(&mut self) -> &mut Queue {
        &mut self.queue
    }

    fn admit_claims(&self, writes: &[Write]) -> Result<(), CommitError> {
        let released: BTreeSet<&RecordKey> = writes
            .iter()
            .filter(|write| !matches!(write, Write::Check { .. }))
            .map(Write::key)
            .collect();
        let mut made = BTreeSet::new();
        for (place, write) in writes.iter().enumerate() {
            let Write::Put { unique, .. } = write else {
                continue;
            };
            for claim in unique {
                let holder = self.claims.get(claim);
                let held = holder.is_some_and(|holder| !released.contains(holder));
                if held || !made.insert(claim) {
                    return Err(CommitError::UniqueTaken {
                        write: place,
                        claim: claim.clone(),
                    });
                }
            }
        }
        Ok(())
    }

    /// Counts the claims and index entries that a write takes away.
    fn released_by(&self, write: &Write) -> usize {
        let Some(stored) = self.stored(write.key()) else {
            return 0;
        };
        match write {
            Write::Check { .. } => 0,
            Write::Delete { .. } => stored.unique.len() + stored.index.len(),
            Write::Put { unique, index, .. } => {
                stored.unique.difference(unique).count() + stored.index.difference(index).count()
            }
        }
    }

    fn write_one(&mut self, write: Write) -> Option<Version> {
        let Write::Put {
            key,
            body,
            unique,
            index,
            ..
        } = write
        else {
            return None;
        };
        self.last_version += 1;
        let version = Version::from_u64(self.last_version);
        for claim in &unique {
            self.claims.insert(claim.clone(), key.clone());
        }
        for entry in &index {
            self.index.insert(&key, entry);
        }
        let stored = Stored {
            version,
            // Without the room that its writer kept.
            body: body.into_boxed_slice().into(),
            unique,
            index,
        };
        self.records
            .entry((key.scope, key.kind))
            .or_default()
            .insert(key.id, stored);
        Some(version)
    }

    fn remove(&mut self, key: &RecordKey) {
        let records = self.records.get_mut(&(key.scope, key.kind.clone()));
        let Some(stored) = records.and_then(|records| records.remove(&key.id)) else {
            return;
        };
        for claim in &stored.unique {
            self.claims.remove(claim);
        }
        for entry in &stored.index {
            self.index.remove(key, entry);
        }
    }

    fn remember(&mut self, request: Request) {
        let Request {
            key,
            digest,
            receipt,
            at,
        } = request;
        self.requests_by_age.insert((at, key.clone()));
        let receipt = Receipt {
            digest,
            body: receipt,
        };
        self.requests.insert(key, Remembered { receipt, at });
    }
}

impl Stored {
    fn to_record(&self, key: RecordKey) -> Record {
        Record {
            key,
            version: self.version,
            body: self.body.clone(),
        }
    }
}

fn reused(what: &str, id: uuid::Uuid) -> StorageError {
    StorageError::misuse(format!("the id `{id}` of the {what} is stored already"))
}
