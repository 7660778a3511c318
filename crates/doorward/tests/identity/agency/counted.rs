//! Storage that writes down what it is asked, over memory, and lets others commit first.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use doorward::storage::{
    Applied, AuditEntry, AuditStore, Batch, Checkpoint, Claimed, CommitError, Cursor, HandOff,
    Limit, Micros, Order, OutboxStore, Page, Range, Receipt, Record, RecordKey, RequestKey,
    RequestStore, Scope, SealError, SettleError, Settlement, SideKey, SideRow, Storage,
    StorageError, UniqueKey, Write, async_trait,
};
use doorward_memory::MemoryStorage;
use uuid::Uuid;

/// Calls in order: what was called, and for a commit which kinds it wrote.
#[derive(Clone, Default)]
pub(crate) struct Counted {
    pub(crate) memory: MemoryStorage,
    calls: Arc<Mutex<Vec<String>>>,
    first: Arc<Mutex<Option<(Moment, Racing)>>>,
}

/// Right before what something is to run.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Moment {
    Commit,
    Scan(Range),
}

type Racing = Box<dyn FnOnce() + Send>;

impl fmt::Debug for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counted").finish_non_exhaustive()
    }
}

impl Counted {
    /// Takes out the calls since the last time.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    /// Runs something right before the next commit.
    pub(crate) fn before_commit(&self, run: impl FnOnce() + Send + 'static) {
        *self.first.lock().unwrap() = Some((Moment::Commit, Box::new(run)));
    }

    /// Runs something right before a range is read.
    pub(crate) fn before_scan(&self, range: Range, run: impl FnOnce() + Send + 'static) {
        *self.first.lock().unwrap() = Some((Moment::Scan(range), Box::new(run)));
    }

    fn come_to(&self, moment: &Moment) {
        let first = self
            .first
            .lock()
            .unwrap()
            .take_if(|(awaited, _)| awaited == moment);
        if let Some((_, run)) = first {
            run();
        }
    }

    /// Tells whether what was to run has run.
    pub(crate) fn has_run(&self) -> bool {
        self.first.lock().unwrap().is_none()
    }

    fn note(&self, call: impl Into<String>) {
        self.calls.lock().unwrap().push(call.into());
    }
}

#[async_trait]
impl Storage for Counted {
    async fn get(&self, keys: &[RecordKey]) -> Result<Vec<Option<Record>>, StorageError> {
        self.note(format!("get {}", keys.len()));
        self.memory.get(keys).await
    }

    async fn lookup(&self, claim: &UniqueKey) -> Result<Option<Record>, StorageError> {
        self.note("lookup");
        self.memory.lookup(claim).await
    }

    async fn scan(
        &self,
        range: &Range,
        after: Option<&Cursor>,
        limit: Limit,
    ) -> Result<Page, StorageError> {
        self.note("scan");
        self.come_to(&Moment::Scan(range.clone()));
        self.memory.scan(range, after, limit).await
    }

    async fn commit(&self, batch: Batch) -> Result<Applied, CommitError> {
        let puts = batch.writes.iter();
        let puts = puts.filter(|write| matches!(write, Write::Put { .. }));
        self.note(format!("commit {}", puts.count()));
        self.come_to(&Moment::Commit);
        self.memory.commit(batch).await
    }

    async fn receipt(&self, request: &RequestKey) -> Result<Option<Receipt>, StorageError> {
        self.note("receipt");
        self.memory.receipt(request).await
    }
}

#[async_trait]
impl RequestStore for Counted {
    async fn forget_requests(&self, before: Micros, limit: Limit) -> Result<usize, StorageError> {
        self.memory.forget_requests(before, limit).await
    }
}

#[async_trait]
impl AuditStore for Counted {
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
        self.memory.unsealed(scope, limit).await
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
        self.memory
            .seal(scope, expect_head, entries, checkpoint)
            .await
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
        self.memory.erase_side_rows(scope, rows, with).await
    }
}

#[async_trait]
impl OutboxStore for Counted {
    async fn claim(
        &self,
        now: Micros,
        lease: Duration,
        limit: Limit,
    ) -> Result<Vec<Claimed>, StorageError> {
        self.memory.claim(now, lease, limit).await
    }

    async fn settle(
        &self,
        hand_off: HandOff,
        settlement: Settlement,
        with: Batch,
    ) -> Result<Applied, SettleError> {
        self.memory.settle(hand_off, settlement, with).await
    }
}
