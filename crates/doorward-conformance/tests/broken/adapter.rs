//! Memory with a fault in front of it.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};

use doorward_conformance::async_trait;
use doorward_memory::MemoryStorage;
use doorward_storage::{
    Applied, AuditEntry, AuditStore, Batch, Checkpoint, Claimed, CommitError, Cursor, HandOff,
    Limit, Micros, Order, OutboxStore, Outcome, Page, Place, Precondition, Range, Receipt, Record,
    RecordId, RecordKey, RequestKey, RequestStore, Scope, SealError, SettleError, Settlement,
    SideKey, SideRow, Span, Storage, StorageError, StorageErrorKind, TooLarge, UniqueKey, Value,
    Version, Write,
};
use uuid::Uuid;

use crate::fault::Fault;

/// Memory that breaks one guarantee.
#[derive(Debug)]
pub(crate) struct Broken {
    memory: MemoryStorage,
    fault: Fault,
    busy: AtomicBool,
    handle: Mutex<Handle>,
}

/// What a faulty adapter wrongly keeps in its handle.
#[derive(Debug, Default)]
struct Handle {
    cache: BTreeMap<RecordKey, Option<Record>>,
    cursors: Vec<Cursor>,
    ever_claimed: BTreeMap<UniqueKey, RecordKey>,
    /// For each key the version it was created in.
    births: BTreeMap<RecordKey, u64>,
    attempts: BTreeMap<(Scope, Uuid), u32>,
}

impl Broken {
    pub(crate) fn new(memory: MemoryStorage, fault: Fault) -> Self {
        let (busy, handle) = (AtomicBool::new(false), Mutex::default());
        Self {
            memory,
            fault,
            busy,
            handle,
        }
    }

    fn handle(&self) -> std::sync::MutexGuard<'_, Handle> {
        self.handle.lock().unwrap()
    }

    /// Commits each write alone, as an adapter without transactions would.
    async fn commit_one_by_one(&self, batch: Batch) -> Result<Applied, CommitError> {
        let Batch {
            request,
            writes,
            audit,
            outbox,
        } = batch;
        let mut all = Vec::new();
        for write in writes {
            match self.memory.commit(Batch::new().write(write)).await? {
                Applied::Now { versions } => all.extend(versions),
                before @ Applied::Before { .. } => return Ok(before),
            }
        }
        for chunk in audit.chunks(10) {
            self.memory
                .commit(Batch {
                    audit: chunk.to_vec(),
                    ..Batch::new()
                })
                .await?;
        }
        for chunk in outbox.chunks(10) {
            self.memory
                .commit(Batch {
                    outbox: chunk.to_vec(),
                    ..Batch::new()
                })
                .await?;
        }
        self.memory
            .commit(Batch {
                request,
                ..Batch::new()
            })
            .await?;
        Ok(Applied::Now { versions: all })
    }

    async fn replay(&self, batch: &Batch) -> Result<Option<Applied>, StorageError> {
        let Some(request) = &batch.request else {
            return Ok(None);
        };
        let receipt = self.memory.receipt(&request.key).await?;
        Ok(receipt.map(|receipt| Applied::Before {
            receipt: receipt.body,
        }))
    }

    async fn versions(&self, batch: &Batch) -> Vec<Option<Version>> {
        let keys: Vec<_> = batch
            .writes
            .iter()
            .map(|write| write.key().clone())
            .collect();
        let records = self.memory.get(&keys).await.unwrap();
        records
            .into_iter()
            .map(|record| record.map(|record| record.version))
            .collect()
    }

    async fn conflict(&self, batch: &Batch) -> Option<CommitError> {
        let versions = self.versions(batch).await;
        let mut places = batch.writes.iter().zip(versions).enumerate();
        places.find_map(|(write, (expected, actual))| {
            let holds = expected.expect().holds_for(actual);
            (!holds).then_some(CommitError::Precondition { write, actual })
        })
    }

    /// Rewrites the batch so that whatever is stored meets it.
    async fn blind(&self, mut batch: Batch) -> Batch {
        let versions = self.versions(&batch).await;
        for (write, actual) in batch.writes.iter_mut().zip(versions) {
            let now = actual.map_or(Precondition::Absent, Precondition::VersionIs);
            match write {
                Write::Put { expect, .. } | Write::Check { expect, .. } => *expect = now,
                Write::Delete { expect, .. } => *expect = actual.unwrap_or(*expect),
            }
        }
        batch
    }

    fn shown_to_real(&self, key: &RecordKey, version: Version) -> Version {
        let base = self.handle().births.get(key).copied().unwrap_or(1);
        Version::from_u64(version.as_u64() + base - 1)
    }

    fn real_to_shown(&self, key: &RecordKey, version: Version) -> Version {
        let base = self.handle().births.get(key).copied().unwrap_or(1);
        Version::from_u64(version.as_u64() - base + 1)
    }

    async fn commit_with_restarting_versions(
        &self,
        mut batch: Batch,
    ) -> Result<Applied, CommitError> {
        for write in &mut batch.writes {
            let key = write.key().clone();
            match write {
                Write::Put {
                    expect: Precondition::VersionIs(version),
                    ..
                }
                | Write::Check {
                    expect: Precondition::VersionIs(version),
                    ..
                }
                | Write::Delete {
                    expect: version, ..
                } => {
                    *version = self.shown_to_real(&key, *version);
                }
                Write::Put { .. } | Write::Check { .. } => {}
            }
        }
        let writes = batch.writes.clone();
        let mut applied = self.memory.commit(batch).await?;
        if let Applied::Now { versions } = &mut applied {
            for (write, version) in writes.iter().zip(versions) {
                let Some(version) = version else { continue };
                if write.expect() == Precondition::Absent {
                    self.handle()
                        .births
                        .insert(write.key().clone(), version.as_u64());
                }
                *version = self.real_to_shown(write.key(), *version);
            }
        }
        Ok(applied)
    }

    async fn refuse_busy(&self) -> Result<(), StorageError> {
        if self.fault == Fault::BreaksWhenDropped {
            if self.busy.swap(true, Ordering::SeqCst) {
                return Err(StorageError::unavailable(
                    Outcome::NotApplied,
                    "connection in use",
                ));
            }
            yield_once().await;
            self.busy.store(false, Ordering::SeqCst);
        }
        Ok(())
    }

    fn claims_of(batch: &mut Batch) -> impl Iterator<Item = (RecordKey, &mut Claims)> {
        batch.writes.iter_mut().filter_map(|write| match write {
            Write::Put { key, unique, .. } => Some((key.clone(), unique)),
            _ => None,
        })
    }
}

type Claims = std::collections::BTreeSet<UniqueKey>;

#[async_trait]
impl Storage for Broken {
    async fn get(&self, keys: &[RecordKey]) -> Result<Vec<Option<Record>>, StorageError> {
        self.refuse_busy().await?;
        let mut records = match self.fault {
            Fault::ReadsKeyByKey => {
                let mut records = Vec::new();
                for key in keys {
                    records.extend(self.memory.get(std::slice::from_ref(key)).await?);
                    std::thread::sleep(Duration::from_micros(50));
                }
                records
            }
            Fault::CachesReads => {
                let read = self.memory.get(keys).await?;
                let mut handle = self.handle();
                let pairs = keys.iter().zip(read);
                pairs
                    .map(|(key, now)| handle.cache.entry(key.clone()).or_insert(now).clone())
                    .collect()
            }
            _ => self.memory.get(keys).await?,
        };
        for record in records.iter_mut().flatten() {
            if self.fault == Fault::ReadsText {
                record.body = String::from_utf8_lossy(&record.body)
                    .into_owned()
                    .into_bytes();
            }
            if self.fault == Fault::RestartsVersions {
                record.version = self.real_to_shown(&record.key, record.version);
            }
        }
        Ok(records)
    }

    async fn lookup(&self, claim: &UniqueKey) -> Result<Option<Record>, StorageError> {
        self.memory
            .lookup(&faulty_claim(self.fault, claim.clone()))
            .await
    }

    async fn scan(
        &self,
        range: &Range,
        after: Option<&Cursor>,
        limit: Limit,
    ) -> Result<Page, StorageError> {
        self.refuse_busy().await?;
        match self.fault {
            Fault::ReadsBackwards => {
                let mut page = self.memory.scan(range, after, limit).await?;
                page.records.reverse();
                Ok(page)
            }
            Fault::IgnoresLimits => self.memory.scan(range, after, Limit::MAX).await,
            Fault::WritesPrefixesAsText => {
                let range = match range {
                    Range::Index {
                        scope,
                        index,
                        span: Span::Prefix(prefix),
                    } => {
                        let mut until = prefix.as_bytes().to_vec();
                        until.push(0xff);
                        let until = Value::truncated(until);
                        Range::between(*scope, index.clone(), prefix.clone(), until)
                    }
                    other => other.clone(),
                };
                self.memory.scan(&range, after, limit).await
            }
            Fault::LeaksScopes => {
                let mut page = self.memory.scan(range, after, limit).await?;
                if page.records.is_empty() && after.is_none() {
                    let mut elsewhere = range.clone();
                    let (Range::Kind { scope, .. } | Range::Index { scope, .. }) = &mut elsewhere;
                    *scope = Scope::Directory;
                    page.records = self.memory.scan(&elsewhere, None, limit).await?.records;
                }
                Ok(page)
            }
            Fault::CountsFromAnOffset => {
                let offset = after.map_or(0, |cursor| {
                    let id = cursor.place().unwrap().id;
                    usize::from_be_bytes(id.as_bytes().try_into().unwrap())
                });
                let all = self.memory.scan(range, None, Limit::MAX).await?.records;
                let records: Vec<_> = all.into_iter().skip(offset).take(limit.count()).collect();
                let place = |last: &Record| Place {
                    value: Value::default(),
                    kind: last.key.kind.clone(),
                    id: RecordId::new((offset + records.len()).to_be_bytes()).unwrap(),
                };
                let full = records.len() == limit.count();
                let next = records
                    .last()
                    .filter(|_| full)
                    .map(|last| Cursor::after(&place(last)));
                Ok(Page { records, next })
            }
            Fault::KeepsCursorsInMemory => {
                let number = |cursor: &Cursor| cursor.as_bytes().first().copied().map(usize::from);
                let known = after.and_then(number);
                let real = known.and_then(|number| self.handle().cursors.get(number).cloned());
                let mut page = self.memory.scan(range, real.as_ref(), limit).await?;
                if let Some(next) = page.next.take() {
                    let mut handle = self.handle();
                    handle.cursors.push(next);
                    page.next = Some(Cursor::from_bytes(vec![handle.cursors.len() as u8 - 1]));
                }
                Ok(page)
            }
            _ => self.memory.scan(range, after, limit).await,
        }
    }

    async fn commit(&self, mut batch: Batch) -> Result<Applied, CommitError> {
        self.refuse_busy().await?;
        self.handle().cache.clear();
        if let Some(request) = &mut batch.request {
            request.key = faulty_request(self.fault, request.key.clone());
        }
        for (_, unique) in Self::claims_of(&mut batch) {
            let claims = std::mem::take(unique).into_iter();
            *unique = claims
                .map(|claim| faulty_claim(self.fault, claim))
                .collect();
        }
        match self.fault {
            Fault::TearsBatches => self.commit_one_by_one(batch).await,
            Fault::TearsWhenDropped if batch.writes.len() > 1 => {
                let rest = batch.writes.split_off(1);
                let first = Batch {
                    writes: std::mem::take(&mut batch.writes),
                    ..Batch::new()
                };
                if let Some(before) = self.replay(&batch).await? {
                    return Ok(before);
                }
                self.memory.commit(first).await?;
                yield_once().await;
                self.memory
                    .commit(Batch {
                        writes: rest,
                        ..batch
                    })
                    .await
            }
            Fault::LosesRequestsWhenDropped => {
                if let Some(before) = self.replay(&batch).await? {
                    return Ok(before);
                }
                let request = batch.request.take();

                let applied = self.memory.commit(batch).await?;
                yield_once().await;
                self.memory
                    .commit(Batch {
                        request,
                        ..Batch::new()
                    })
                    .await?;
                Ok(applied)
            }
            Fault::LosesMessages => {
                batch.outbox.clear();
                self.memory.commit(batch).await
            }
            Fault::LosesClaims => {
                Self::claims_of(&mut batch).for_each(|(_, unique)| unique.clear());
                self.memory.commit(batch).await
            }
            Fault::IgnoresVersions => self.memory.commit(self.blind(batch).await).await,
            Fault::IgnoresChecks => {
                batch
                    .writes
                    .retain(|write| !matches!(write, Write::Check { .. }));
                self.memory.commit(batch).await
            }
            Fault::ChecksThenWrites => {
                if let Some(conflict) = self.conflict(&batch).await {
                    return Err(conflict);
                }
                std::thread::sleep(Duration::from_millis(1));
                loop {
                    match self.memory.commit(self.blind(batch.clone()).await).await {
                        Err(CommitError::Precondition { .. }) => {}
                        other => return other,
                    }
                }
            }
            Fault::RefusesSwaps => {
                let puts: Vec<_> = Self::claims_of(&mut batch)
                    .map(|(key, unique)| (key, unique.clone()))
                    .collect();
                for (key, unique) in puts {
                    for claim in unique {
                        let holder = self.memory.lookup(&claim).await?;
                        if holder.is_some_and(|holder| holder.key != key) {
                            return Err(CommitError::UniqueTaken { write: 0, claim });
                        }
                    }
                }
                self.memory.commit(batch).await
            }
            Fault::NeverReleasesClaims => {
                let mut claimed = Vec::new();
                for (key, unique) in Self::claims_of(&mut batch) {
                    claimed.extend(unique.iter().map(|claim| (claim.clone(), key.clone())));
                }
                for (claim, key) in &claimed {
                    if self
                        .handle()
                        .ever_claimed
                        .get(claim)
                        .is_some_and(|by| by != key)
                    {
                        let claim = claim.clone();
                        return Err(CommitError::UniqueTaken { write: 0, claim });
                    }
                }
                let applied = self.memory.commit(batch).await?;
                self.handle().ever_claimed.extend(claimed);
                Ok(applied)
            }
            Fault::ClaimsTwiceInABatch => {
                let mut seen = Claims::new();
                for (_, unique) in Self::claims_of(&mut batch) {
                    unique.retain(|claim| seen.insert(claim.clone()));
                }
                self.memory.commit(batch).await
            }
            Fault::RestartsVersions => self.commit_with_restarting_versions(batch).await,
            Fault::ReportsTakenAsConflict => {
                self.memory
                    .commit(batch)
                    .await
                    .map_err(|error| match error {
                        CommitError::UniqueTaken { write, .. } => CommitError::Precondition {
                            write,
                            actual: None,
                        },
                        other => other,
                    })
            }
            Fault::ForgetsRequests => {
                batch.request = None;
                self.memory.commit(batch).await
            }
            Fault::RemembersRefusedRequests => {
                let request = batch.request.clone();
                let result = self.memory.commit(batch).await;
                if let Err(CommitError::Precondition { .. }) = result {
                    self.memory
                        .commit(Batch {
                            request,
                            ..Batch::new()
                        })
                        .await?;
                }
                result
            }
            Fault::IgnoresDigests => match self.memory.commit(batch).await {
                Err(CommitError::IdempotencyMismatch) => Ok(Applied::Before {
                    receipt: b"receipt".to_vec(),
                }),
                other => other,
            },
            Fault::LooksAtPreconditionsFirst => match self.conflict(&batch).await {
                Some(conflict) => Err(conflict),
                None => self.memory.commit(batch).await,
            },
            Fault::TakesTooLittle if batch.item_count() >= Batch::MAX_ITEMS => {
                Err(TooLarge::Items {
                    count: batch.item_count(),
                }
                .into())
            }
            Fault::TakesTooMuch => match self.memory.commit(batch.clone()).await {
                Err(CommitError::TooLarge(TooLarge::Bytes { .. })) => {
                    let mut cut = batch;
                    for write in &mut cut.writes {
                        if let Write::Put { body, .. } = write {
                            body.pop();
                        }
                    }
                    self.memory.commit(cut).await
                }
                Err(CommitError::TooLarge(_)) => self.commit_one_by_one(batch).await,
                other => other,
            },
            Fault::CountsReleasedItemsAsNothing => match self.memory.commit(batch.clone()).await {
                Err(CommitError::TooLarge(_)) if batch.item_count() <= Batch::MAX_ITEMS => {
                    self.commit_one_by_one(batch).await
                }
                other => other,
            },
            Fault::OverwritesEntries => match self.memory.commit(batch.clone()).await {
                Err(CommitError::Backend(error)) if error.kind() == StorageErrorKind::Misuse => {
                    batch.audit.clear();
                    self.memory.commit(batch).await
                }
                other => other,
            },
            _ => self.memory.commit(batch).await,
        }
    }

    async fn receipt(&self, request: &RequestKey) -> Result<Option<Receipt>, StorageError> {
        self.memory
            .receipt(&faulty_request(self.fault, request.clone()))
            .await
    }
}

#[async_trait]
impl RequestStore for Broken {
    async fn forget_requests(&self, before: Micros, limit: Limit) -> Result<usize, StorageError> {
        let before = if self.fault == Fault::ForgetsYoungRequests {
            Micros(i64::MAX)
        } else {
            before
        };
        self.memory.forget_requests(before, limit).await
    }
}

#[async_trait]
impl AuditStore for Broken {
    async fn entries(
        &self,
        scope: Scope,
        order: Order,
        after: Option<Uuid>,
        limit: Limit,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        self.memory.entries(scope, order, after, limit).await
    }

    async fn unsealed_scopes(
        &self,
        after: Option<Scope>,
        limit: Limit,
    ) -> Result<Vec<Scope>, StorageError> {
        self.memory.unsealed_scopes(after, limit).await
    }

    async fn unsealed(&self, scope: Scope, limit: Limit) -> Result<Vec<AuditEntry>, StorageError> {
        let mut unsealed = self.memory.unsealed(scope, limit).await?;
        if self.fault == Fault::SealsByCursor {
            let sealed = self.memory.sealed(scope, 1, Limit::MAX).await?;
            let last = sealed.iter().map(|entry| entry.id).max();
            unsealed.retain(|entry| Some(entry.id) > last);
        }
        Ok(unsealed)
    }

    async fn head(&self, scope: Scope) -> Result<Option<Checkpoint>, StorageError> {
        self.memory.head(scope).await
    }

    async fn checkpoints(
        &self,
        scope: Scope,
        above: u64,
        limit: Limit,
    ) -> Result<Vec<Checkpoint>, StorageError> {
        self.memory.checkpoints(scope, above, limit).await
    }

    async fn seal(
        &self,
        scope: Scope,
        expect_head: u64,
        entries: &[Uuid],
        checkpoint: &[u8],
    ) -> Result<u64, SealError> {
        let mut entries = entries.to_vec();
        if self.fault == Fault::SealsInOrderOfIds {
            entries.sort();
        }
        match self
            .memory
            .seal(scope, expect_head, &entries, checkpoint)
            .await
        {
            Err(SealError::HeadMoved { actual }) if self.fault == Fault::SealsWithoutComparing => {
                self.memory.seal(scope, actual, &entries, checkpoint).await
            }
            other => other,
        }
    }

    async fn sealed(
        &self,
        scope: Scope,
        from: u64,
        limit: Limit,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        self.memory.sealed(scope, from, limit).await
    }

    async fn side_rows(
        &self,
        scope: Scope,
        entries: &[Uuid],
    ) -> Result<Vec<(Uuid, SideRow)>, StorageError> {
        self.memory.side_rows(scope, entries).await
    }

    async fn erase_side_rows(
        &self,
        scope: Scope,
        rows: &[SideKey],
        with: Batch,
    ) -> Result<Applied, CommitError> {
        match self.fault {
            Fault::ErasesFirst => {
                self.memory
                    .erase_side_rows(scope, rows, Batch::new())
                    .await?;
                self.memory.commit(with).await
            }
            Fault::ErasesWholeEntries => {
                let ids: Vec<_> = rows.iter().map(|row| row.entry).collect();
                let side = self.memory.side_rows(scope, &ids).await?;
                let key = |(entry, row): (Uuid, SideRow)| SideKey {
                    entry,
                    field: row.field,
                };
                let all: Vec<_> = side.into_iter().map(key).collect();
                self.memory.erase_side_rows(scope, &all, with).await
            }
            _ => self.memory.erase_side_rows(scope, rows, with).await,
        }
    }
}

#[async_trait]
impl OutboxStore for Broken {
    async fn claim(
        &self,
        now: Micros,
        lease: Duration,
        limit: Limit,
    ) -> Result<Vec<Claimed>, StorageError> {
        let (now, lease) = match self.fault {
            Fault::ClaimsEarly => (Micros(now.0.saturating_add(1)), lease),
            Fault::LeasesForever => (now, Duration::MAX),
            Fault::LeasesNothing => (now, Duration::ZERO),
            _ => (now, lease),
        };
        let claimed = self.memory.claim(now, lease, limit).await?;
        for claimed in &claimed {
            let key = (claimed.message.scope, claimed.message.id);
            self.handle().attempts.insert(key, claimed.attempt);
        }
        Ok(claimed)
    }

    async fn settle(
        &self,
        mut hand_off: HandOff,
        settlement: Settlement,
        with: Batch,
    ) -> Result<Applied, SettleError> {
        match self.fault {
            Fault::SettlesStale => {
                let last = self
                    .handle()
                    .attempts
                    .get(&(hand_off.scope, hand_off.id))
                    .copied();
                hand_off.attempt = last.unwrap_or(hand_off.attempt);
                self.memory.settle(hand_off, settlement, with).await
            }
            Fault::SettlesFirst => {
                self.memory
                    .settle(hand_off, settlement, Batch::new())
                    .await?;
                Ok(self.memory.commit(with).await?)
            }
            _ => self.memory.settle(hand_off, settlement, with).await,
        }
    }
}

fn faulty_claim(fault: Fault, mut claim: UniqueKey) -> UniqueKey {
    if fault == Fault::SharesClaimsBetweenScopes {
        claim.scope = Scope::Directory;
    }
    if fault == Fault::FoldsCase {
        claim.value = Value::truncated(claim.value.as_bytes().to_ascii_lowercase());
    }
    claim
}

fn faulty_request(fault: Fault, mut key: RequestKey) -> RequestKey {
    if fault == Fault::SharesRequestsBetweenPrincipals {
        key.principal = RecordId::from(Uuid::nil());
    }
    key
}

/// Gives up the thread once, as a call to an engine does.
async fn yield_once() {
    let mut yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
