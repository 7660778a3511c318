//! A storage that writes down what is read and committed, and passes it on.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{Arc, Mutex},
    task::Poll,
    time::Duration,
};

use async_trait::async_trait;
use doorward_sqlite::SqliteStorage;
use doorward_storage::{
    Applied, AuditEntry, AuditStore, Batch, Checkpoint, Claimed, CommitError, Cursor, HandOff,
    Limit, Micros, Order, OutboxStore, Page, Range, Receipt, Record, RecordKey, RequestKey,
    RequestStore, Scope, SealError, SettleError, Settlement, SideKey, SideRow, Storage,
    StorageError, UniqueKey,
};
use pollster::FutureExt as _;
use uuid::Uuid;

/// One thing that was read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Read {
    Record(RecordKey),
    Claim(UniqueKey),
    Page(Range, Option<Cursor>, Limit),
    Receipt(RequestKey),
}

/// What a use case did, in order.
#[derive(Clone, Debug)]
pub enum Step {
    /// A group of reads: all that was asked for before anything of it was answered.
    Read(Vec<Read>),
    /// A commit.
    Commit(Batch),
}

#[derive(Debug, Default)]
struct Log {
    steps: Vec<Step>,
    /// How often the use case was asked for its end.
    asked: usize,
    /// When the last group began.
    group: usize,
}

/// The storage.
#[derive(Clone, Debug)]
pub struct Recorder {
    inner: SqliteStorage,
    log: Arc<Mutex<Log>>,
}

impl Recorder {
    pub fn new(inner: SqliteStorage) -> Self {
        Self {
            inner,
            log: Arc::default(),
        }
    }

    /// Returns what was done since it was asked before; reads are not grouped.
    pub fn take(&self) -> Vec<Step> {
        std::mem::take(&mut self.log().steps)
    }

    fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(|error| panic!("{error}"))
    }

    /// Runs a use case, and returns what it read and committed.
    ///
    /// Whatever it asks for before it waits is a group; all of a group is answered at the same
    /// time, as if each read took as long.
    pub fn record<T>(&self, act: impl Future<Output = T>) -> (T, Vec<Step>) {
        *self.log() = Log::default();
        let mut act = pin!(act);
        let done = poll_fn(|context| {
            self.log().asked += 1;
            act.as_mut().poll(context)
        });
        let done = done.block_on();
        (done, std::mem::take(&mut self.log().steps))
    }

    async fn reading<T>(&self, read: Vec<Read>, answer: impl Future<Output = T>) -> T {
        {
            let mut log = self.log();
            if log.group != log.asked {
                log.group = log.asked;
                log.steps.push(Step::Read(Vec::new()));
            }
            if let Some(Step::Read(group)) = log.steps.last_mut() {
                group.extend(read);
            }
        }
        let answer = answer.block_on();
        let mut is_first = true;
        poll_fn(|context| {
            if std::mem::take(&mut is_first) {
                context.waker().wake_by_ref();
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
        answer
    }
}

#[async_trait]
impl Storage for Recorder {
    async fn get(&self, keys: &[RecordKey]) -> Result<Vec<Option<Record>>, StorageError> {
        let read = keys.iter().cloned().map(Read::Record).collect();
        self.reading(read, self.inner.get(keys)).await
    }

    async fn lookup(&self, claim: &UniqueKey) -> Result<Option<Record>, StorageError> {
        let read = vec![Read::Claim(claim.clone())];
        self.reading(read, self.inner.lookup(claim)).await
    }

    async fn scan(
        &self,
        range: &Range,
        after: Option<&Cursor>,
        limit: Limit,
    ) -> Result<Page, StorageError> {
        let read = vec![Read::Page(range.clone(), after.cloned(), limit)];
        self.reading(read, self.inner.scan(range, after, limit))
            .await
    }

    async fn commit(&self, batch: Batch) -> Result<Applied, CommitError> {
        self.log().steps.push(Step::Commit(batch.clone()));
        self.inner.commit(batch).await
    }

    async fn receipt(&self, request: &RequestKey) -> Result<Option<Receipt>, StorageError> {
        let read = vec![Read::Receipt(request.clone())];
        self.reading(read, self.inner.receipt(request)).await
    }
}

#[async_trait]
impl RequestStore for Recorder {
    async fn forget_requests(&self, before: Micros, limit: Limit) -> Result<usize, StorageError> {
        self.inner.forget_requests(before, limit).await
    }
}

#[async_trait]
impl AuditStore for Recorder {
    async fn entries(
        &self,
        scope: Scope,
        order: Order,
        after: Option<Uuid>,
        limit: Limit,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        self.inner.entries(scope, order, after, limit).await
    }

    async fn unsealed_scopes(
        &self,
        after: Option<Scope>,
        limit: Limit,
    ) -> Result<Vec<Scope>, StorageError> {
        self.inner.unsealed_scopes(after, limit).await
    }

    async fn unsealed(&self, scope: Scope, limit: Limit) -> Result<Vec<AuditEntry>, StorageError> {
        self.inner.unsealed(scope, limit).await
    }

    async fn head(&self, scope: Scope) -> Result<Option<Checkpoint>, StorageError> {
        self.inner.head(scope).await
    }

    async fn checkpoints(
        &self,
        scope: Scope,
        above: u64,
        limit: Limit,
    ) -> Result<Vec<Checkpoint>, StorageError> {
        self.inner.checkpoints(scope, above, limit).await
    }

    async fn seal(
        &self,
        scope: Scope,
        expect_head: u64,
        entries: &[Uuid],
        checkpoint: &[u8],
    ) -> Result<u64, SealError> {
        self.inner
            .seal(scope, expect_head, entries, checkpoint)
            .await
    }

    async fn sealed(
        &self,
        scope: Scope,
        from: u64,
        limit: Limit,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        self.inner.sealed(scope, from, limit).await
    }

    async fn side_rows(
        &self,
        scope: Scope,
        entries: &[Uuid],
    ) -> Result<Vec<(Uuid, SideRow)>, StorageError> {
        self.inner.side_rows(scope, entries).await
    }

    async fn erase_side_rows(
        &self,
        scope: Scope,
        rows: &[SideKey],
        with: Batch,
    ) -> Result<Applied, CommitError> {
        self.inner.erase_side_rows(scope, rows, with).await
    }
}

#[async_trait]
impl OutboxStore for Recorder {
    async fn claim(
        &self,
        now: Micros,
        lease: Duration,
        limit: Limit,
    ) -> Result<Vec<Claimed>, StorageError> {
        self.inner.claim(now, lease, limit).await
    }

    async fn settle(
        &self,
        hand_off: HandOff,
        settlement: Settlement,
        with: Batch,
    ) -> Result<Applied, SettleError> {
        self.inner.settle(hand_off, settlement, with).await
    }
}
