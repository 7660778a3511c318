//! The port's traits, on the threads.

use std::time::Duration;

use doorward_storage::{
    Applied, AuditEntry, AuditStore, Batch, Checkpoint, Claimed, CommitError, Cursor, HandOff,
    Limit, MAX_KEYS, Micros, Order, OutboxStore, Page, Range, Receipt, Record, RecordKey,
    RequestKey, RequestStore, Scope, SealError, SettleError, Settlement, SideKey, SideRow, Storage,
    StorageError, UniqueKey, async_trait,
};
use uuid::Uuid;

use crate::{SqliteStorage, admit, commit, log, queue, records, requests, writer::Halt};

#[async_trait]
impl Storage for SqliteStorage {
    async fn get(&self, keys: &[RecordKey]) -> Result<Vec<Option<Record>>, StorageError> {
        refuse_above(MAX_KEYS, keys.len())?;
        let keys = keys.to_vec();
        self.read(move |connection| records::get(connection, keys))
            .await
    }

    async fn lookup(&self, claim: &UniqueKey) -> Result<Option<Record>, StorageError> {
        let claim = claim.clone();
        self.read(move |connection| records::lookup(connection, &claim))
            .await
    }

    async fn scan(
        &self,
        range: &Range,
        after: Option<&Cursor>,
        limit: Limit,
    ) -> Result<Page, StorageError> {
        let after = after
            .map(Cursor::place)
            .transpose()
            .map_err(StorageError::misuse)?;
        let range = range.clone();
        self.read(move |connection| records::page(connection, &range, after, limit))
            .await
    }

    async fn commit(&self, batch: Batch) -> Result<Applied, CommitError> {
        batch.validate()?;
        self.write(move |connection| commit::commit(connection, &batch))
            .await
    }

    async fn receipt(&self, request: &RequestKey) -> Result<Option<Receipt>, StorageError> {
        let request = request.clone();
        self.read(move |connection| requests::remembered(connection, &request))
            .await
    }
}

#[async_trait]
impl RequestStore for SqliteStorage {
    async fn forget_requests(&self, before: Micros, limit: Limit) -> Result<usize, StorageError> {
        self.write(move |connection| Ok(requests::forget(connection, before, limit)?))
            .await
    }
}

#[async_trait]
impl AuditStore for SqliteStorage {
    async fn entries(
        &self,
        scope: Scope,
        order: Order,
        after: Option<Uuid>,
        limit: Limit,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        self.read(move |connection| log::entries(connection, scope, order, after, limit))
            .await
    }

    async fn unsealed_scopes(
        &self,
        after: Option<Scope>,
        limit: Limit,
    ) -> Result<Vec<Scope>, StorageError> {
        self.read(move |connection| log::unsealed_scopes(connection, after, limit))
            .await
    }

    async fn unsealed(&self, scope: Scope, limit: Limit) -> Result<Vec<AuditEntry>, StorageError> {
        self.read(move |connection| log::unsealed(connection, scope, limit))
            .await
    }

    async fn head(&self, scope: Scope) -> Result<Option<Checkpoint>, StorageError> {
        self.read(move |connection| log::head(connection, scope))
            .await
    }

    async fn checkpoints(
        &self,
        scope: Scope,
        above: u64,
        limit: Limit,
    ) -> Result<Vec<Checkpoint>, StorageError> {
        self.read(move |connection| log::checkpoints(connection, scope, above, limit))
            .await
    }

    async fn seal(
        &self,
        scope: Scope,
        expect_head: u64,
        entries: &[Uuid],
        checkpoint: &[u8],
    ) -> Result<u64, SealError> {
        refuse_above(Limit::MAX.count(), entries.len())?;
        if entries.is_empty() {
            return Err(StorageError::misuse("a sealing names at least one entry").into());
        }
        let (entries, body) = (entries.to_vec(), checkpoint.to_vec());
        self.write(move |connection| log::seal(connection, scope, expect_head, &entries, &body))
            .await
    }

    async fn sealed(
        &self,
        scope: Scope,
        from: u64,
        limit: Limit,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        self.read(move |connection| log::sealed(connection, scope, from, limit))
            .await
    }

    async fn side_rows(
        &self,
        scope: Scope,
        entries: &[Uuid],
    ) -> Result<Vec<(Uuid, SideRow)>, StorageError> {
        refuse_above(Limit::MAX.count(), entries.len())?;
        let entries = entries.to_vec();
        self.read(move |connection| log::side_rows(connection, scope, &entries))
            .await
    }

    async fn erase_side_rows(
        &self,
        scope: Scope,
        rows: &[SideKey],
        with: Batch,
    ) -> Result<Applied, CommitError> {
        with.validate()?;
        with.check_size(rows.len())?;
        let rows = rows.to_vec();
        self.write(move |connection| {
            if let Some(before) = commit::replay(connection, &with)? {
                return Ok(before);
            }
            let admitted = admit::admit(connection, &with, rows.len())?;
            log::erase(connection, scope, &rows)?;
            commit::write(connection, &with, &admitted)
        })
        .await
    }
}

#[async_trait]
impl OutboxStore for SqliteStorage {
    async fn claim(
        &self,
        now: Micros,
        lease: Duration,
        limit: Limit,
    ) -> Result<Vec<Claimed>, StorageError> {
        self.write(move |connection| Ok(queue::claim(connection, now, lease, limit)?))
            .await
    }

    async fn settle(
        &self,
        hand_off: HandOff,
        settlement: Settlement,
        with: Batch,
    ) -> Result<Applied, SettleError> {
        with.validate()?;
        with.check_size(SETTLEMENT)?;
        self.write(move |connection| {
            if let Some(before) = commit::replay(connection, &with).map_err(Halt::widen)? {
                return Ok(before);
            }
            if queue::held(connection, hand_off)?.is_none() {
                return Err(Halt::Refused(SettleError::Stale));
            }
            let admitted = admit::admit(connection, &with, SETTLEMENT).map_err(Halt::widen)?;
            queue::settle(connection, hand_off, settlement)?;
            commit::write(connection, &with, &admitted).map_err(Halt::widen)
        })
        .await
    }
}

/// A settlement is one item of its batch.
const SETTLEMENT: usize = 1;

fn refuse_above(max: usize, count: usize) -> Result<(), StorageError> {
    if count > max {
        return Err(StorageError::misuse(format!(
            "a call names at most {max} rows, not {count}"
        )));
    }
    Ok(())
}
