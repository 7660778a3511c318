//! Sealing, erasing, claiming and settling, each a little wrong.

use std::time::Duration;

use doorward_conformance::async_trait;
use doorward_storage::{
    Applied, AuditEntry, AuditStore, Batch, Checkpoint, Claimed, CommitError, HandOff, Limit,
    Micros, Order, OutboxStore, RequestStore, Scope, SealError, SettleError, Settlement, SideKey,
    SideRow, Storage, StorageError,
};
use uuid::Uuid;

use crate::{adapter::Broken, fault::Fault};

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
