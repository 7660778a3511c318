//! A storage whose bytes are not as they were written.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use doorward::storage::{
    Applied, AuditEntry, AuditStore, Batch, Checkpoint, Claimed, CommitError, Cursor, FullStorage,
    HandOff, Limit, Micros, Order, OutboxStore, Outcome, Page, Range, Receipt, Record, RecordKey,
    RequestKey, RequestStore, Scope, SealError, SettleError, Settlement, SideKey, SideRow, Storage,
    StorageError, UniqueKey, Version, Write, async_trait,
};
use uuid::Uuid;

/// What is damaged.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// The records of this kind.
    Kind(&'static str),
    /// One record.
    Record(RecordKey),
    /// The messages of the outbox.
    Notices,
    /// The entries of the audit log.
    Entries,
}

/// A storage that answers other bytes for some records. It says that a commit was applied and stays
/// as it is, so that every input meets the same records.
#[derive(Clone, Debug)]
pub(crate) struct DamagedStorage {
    stored: Arc<dyn FullStorage>,
    /// What waited in the outbox.
    waiting: Vec<Claimed>,
    damage: Arc<Mutex<Damage>>,
}

#[derive(Debug, Default)]
struct Damage {
    target: Option<Target>,
    body: Vec<u8>,
    seen: Seen,
}

/// What was asked of it since something was damaged.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// How many damaged records were answered.
    pub(crate) served_count: usize,
    /// How many of them to be read, and not to tell who holds a claim.
    pub(crate) read_count: usize,
    /// How many batches were sent.
    pub(crate) commit_count: usize,
}

/// Who goes on until nothing is left would go on for ever.
const MOST_COMMITS: usize = 12;

impl DamagedStorage {
    pub(crate) fn over(stored: Arc<dyn FullStorage>, waiting: Vec<Claimed>) -> Self {
        Self {
            stored,
            waiting,
            damage: Arc::default(),
        }
    }

    /// Damages some records from now on.
    pub(crate) fn damage(&self, target: Target, body: &[u8]) {
        *self.lock() = Damage {
            target: Some(target),
            body: body.to_vec(),
            seen: Seen::default(),
        };
    }

    pub(crate) fn seen(&self) -> Seen {
        self.lock().seen
    }

    fn lock(&self) -> MutexGuard<'_, Damage> {
        self.damage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn served(&self, mut record: Record, read_count: usize) -> Record {
        let mut damage = self.lock();
        let is_target = match &damage.target {
            Some(Target::Kind(kind)) => record.key.kind.as_str() == *kind,
            Some(Target::Record(key)) => record.key == *key,
            Some(Target::Notices | Target::Entries) | None => false,
        };
        if is_target {
            damage.seen.served_count += 1;
            damage.seen.read_count += read_count;
            record.body = damage.body.clone().into();
        }
        record
    }

    fn applied(&self, batch: &Batch) -> Result<Applied, CommitError> {
        batch.validate()?;
        let mut damage = self.lock();
        damage.seen.commit_count += 1;
        if damage.seen.commit_count > MOST_COMMITS {
            return Err(refused().into());
        }
        let put = |write: &Write| matches!(write, Write::Put { .. }).then(|| Version::from_u64(99));
        Ok(Applied::Now {
            versions: batch.writes.iter().map(put).collect(),
        })
    }
}

fn refused() -> StorageError {
    StorageError::unavailable(
        Outcome::NotApplied,
        "this is never sealed, and not so much committed",
    )
}

#[async_trait]
impl Storage for DamagedStorage {
    async fn get(&self, keys: &[RecordKey]) -> Result<Vec<Option<Record>>, StorageError> {
        let records = self.stored.get(keys).await?.into_iter();
        Ok(records
            .map(|found| found.map(|record| self.served(record, 1)))
            .collect())
    }

    async fn lookup(&self, claim: &UniqueKey) -> Result<Option<Record>, StorageError> {
        // Often only who holds the claim is asked, and the body is not looked at.
        let found = self.stored.lookup(claim).await?;
        Ok(found.map(|record| self.served(record, 0)))
    }

    async fn scan(
        &self,
        range: &Range,
        after: Option<&Cursor>,
        limit: Limit,
    ) -> Result<Page, StorageError> {
        let mut page = self.stored.scan(range, after, limit).await?;
        let records = std::mem::take(&mut page.records).into_iter();
        page.records = records.map(|record| self.served(record, 1)).collect();
        Ok(page)
    }

    async fn commit(&self, batch: Batch) -> Result<Applied, CommitError> {
        self.applied(&batch)
    }

    async fn receipt(&self, request: &RequestKey) -> Result<Option<Receipt>, StorageError> {
        self.stored.receipt(request).await
    }
}

#[async_trait]
impl RequestStore for DamagedStorage {
    async fn forget_requests(&self, _: Micros, _: Limit) -> Result<usize, StorageError> {
        Ok(0)
    }
}

#[async_trait]
impl OutboxStore for DamagedStorage {
    async fn claim(&self, _: Micros, _: Duration, _: Limit) -> Result<Vec<Claimed>, StorageError> {
        let mut waiting = self.waiting.clone();
        let mut damage = self.lock();
        if matches!(damage.target, Some(Target::Notices)) {
            damage.seen.served_count += waiting.len();
            damage.seen.read_count += waiting.len();
            for claimed in &mut waiting {
                claimed.message.body.clone_from(&damage.body);
            }
        }
        Ok(waiting)
    }

    async fn settle(&self, _: HandOff, _: Settlement, with: Batch) -> Result<Applied, SettleError> {
        Ok(self.applied(&with)?)
    }
}

#[async_trait]
impl AuditStore for DamagedStorage {
    async fn entries(
        &self,
        scope: Scope,
        order: Order,
        after: Option<Uuid>,
        limit: Limit,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        let mut entries = self.stored.entries(scope, order, after, limit).await?;
        let mut damage = self.lock();
        if matches!(damage.target, Some(Target::Entries)) {
            damage.seen.served_count += entries.len();
            damage.seen.read_count += entries.len();
            for entry in &mut entries {
                entry.body.clone_from(&damage.body);
            }
        }
        Ok(entries)
    }

    async fn unsealed_scopes(
        &self,
        after: Option<Scope>,
        limit: Limit,
    ) -> Result<Vec<Scope>, StorageError> {
        self.stored.unsealed_scopes(after, limit).await
    }

    async fn unsealed(&self, scope: Scope, limit: Limit) -> Result<Vec<AuditEntry>, StorageError> {
        self.stored.unsealed(scope, limit).await
    }

    async fn head(&self, scope: Scope) -> Result<Option<Checkpoint>, StorageError> {
        self.stored.head(scope).await
    }

    async fn checkpoints(
        &self,
        scope: Scope,
        above: u64,
        limit: Limit,
    ) -> Result<Vec<Checkpoint>, StorageError> {
        self.stored.checkpoints(scope, above, limit).await
    }

    async fn seal(&self, _: Scope, _: u64, _: &[Uuid], _: &[u8]) -> Result<u64, SealError> {
        Err(refused().into())
    }

    async fn sealed(
        &self,
        scope: Scope,
        from: u64,
        limit: Limit,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        self.stored.sealed(scope, from, limit).await
    }

    async fn side_rows(
        &self,
        scope: Scope,
        entries: &[Uuid],
    ) -> Result<Vec<(Uuid, SideRow)>, StorageError> {
        self.stored.side_rows(scope, entries).await
    }

    async fn erase_side_rows(
        &self,
        _: Scope,
        _: &[SideKey],
        with: Batch,
    ) -> Result<Applied, CommitError> {
        self.applied(&with)
    }
}
