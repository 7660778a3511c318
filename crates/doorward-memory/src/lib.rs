//! The memory adapter of the Doorward storage port: the model the other adapters are compared with.
//!
//! For tests, examples and hosts that want to try Doorward before they choose a database. It keeps
//! the whole contract of [`doorward_storage`] and is written to be read: ordered maps behind one
//! lock. It keeps nothing when the process ends, and it does not scale over the one lock.
//!
//! ```text
//!  MemoryStorage --clone--> MemoryStorage          one state, any number of handles
//!         \                   /
//!          one lock: records, claims, index        `state`
//!                    audit log of each scope       `log`
//!                    messages and their leases     `queue`
//! ```
//!
//! # The shortest honest program
//!
//! ```
//! use doorward_memory::MemoryStorage;
//! use doorward_storage::{Batch, Kind, Precondition, RecordKey, Scope, Storage};
//!
//! # pollster::block_on(async {
//! const NOTE: Kind = Kind::from_static("note");
//! let storage = MemoryStorage::new();
//! let key = RecordKey::new(Scope::Directory, NOTE, uuid::Uuid::from_u128(1));
//!
//! let batch = Batch::new().put(key.clone(), Precondition::Absent, "first", [], []);
//! let first = storage.commit(batch).await?.version(0).ok_or("nothing was written")?;
//!
//! let edit = |body: &str| {
//!     Batch::new().put(key.clone(), Precondition::VersionIs(first), body, [], [])
//! };
//! storage.commit(edit("second")).await?;
//! assert!(storage.commit(edit("third, from a stale page")).await.is_err());
//!
//! let records = storage.get(&[key.clone()]).await?;
//! assert_eq!(records[0].as_ref().map(|record| &*record.body), Some(&b"second"[..]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # Modules
//!
//! | file | what |
//! |---|---|
//! | `lib` | [`MemoryStorage`] and the traits it implements |
//! | `state` | records, claims, requests; what a commit checks and writes |
//! | `index` | which records are found under which values |
//! | `log` | the audit log of one scope |
//! | `queue` | messages and leases |

mod index;
mod log;
mod queue;
mod state;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use doorward_storage::{
    Applied, AuditEntry, AuditStore, Batch, Checkpoint, Claimed, CommitError, Cursor, HandOff,
    Limit, MAX_KEYS, Micros, Order, OutboxStore, Outcome, Page, Range, Receipt, Record, RecordKey,
    RequestKey, RequestStore, Scope, SealError, SettleError, Settlement, SideKey, SideRow, Storage,
    StorageError, UniqueKey, async_trait,
};
use uuid::Uuid;

use crate::state::State;

/// Storage in the memory of this process. Clones share one state.
///
/// A panic while the lock is held (none is known) makes every later call fail with
/// [`Broken`](doorward_storage::StorageErrorKind::Broken) instead of showing half a commit.
#[derive(Clone, Default)]
pub struct MemoryStorage {
    state: Arc<Mutex<State>>,
}

impl MemoryStorage {
    /// Makes an empty storage.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns every byte string that is stored, in no promised order: for tests that look for
    /// what must not be there, such as a secret.
    ///
    /// # Errors
    /// [`StorageError`] after a panic.
    pub fn stored_bytes(&self) -> Result<Vec<Vec<u8>>, StorageError> {
        Ok(self.lock()?.stored_bytes())
    }

    fn lock(&self) -> Result<MutexGuard<'_, State>, StorageError> {
        self.state.lock().map_err(|_| {
            StorageError::broken(
                Outcome::NotApplied,
                "an earlier call panicked in this storage",
            )
        })
    }
}

impl fmt::Debug for MemoryStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStorage").finish_non_exhaustive()
    }
}

#[async_trait]
impl Storage for MemoryStorage {
    async fn get(&self, keys: &[RecordKey]) -> Result<Vec<Option<Record>>, StorageError> {
        refuse_above(MAX_KEYS, keys.len())?;
        let state = self.lock()?;
        Ok(keys.iter().map(|key| state.record(key)).collect())
    }

    async fn lookup(&self, claim: &UniqueKey) -> Result<Option<Record>, StorageError> {
        Ok(self.lock()?.holder(claim))
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
        Ok(self.lock()?.page(range, after, limit))
    }

    async fn commit(&self, batch: Batch) -> Result<Applied, CommitError> {
        batch.validate()?;
        let mut state = self.lock()?;
        if let Some(before) = state.replay(&batch)? {
            return Ok(before);
        }
        state.admit(&batch, 0)?;
        Ok(state.write(batch))
    }

    async fn receipt(&self, request: &RequestKey) -> Result<Option<Receipt>, StorageError> {
        Ok(self.lock()?.receipt(request))
    }
}

#[async_trait]
impl RequestStore for MemoryStorage {
    async fn forget_requests(&self, before: Micros, limit: Limit) -> Result<usize, StorageError> {
        Ok(self.lock()?.forget_requests(before, limit))
    }
}

#[async_trait]
impl AuditStore for MemoryStorage {
    async fn entries(
        &self,
        scope: Scope,
        order: Order,
        after: Option<Uuid>,
        limit: Limit,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        Ok(self
            .lock()?
            .log(scope)
            .map_or_else(Vec::new, |log| log.entries(order, after, limit)))
    }

    async fn unsealed_scopes(
        &self,
        after: Option<Scope>,
        limit: Limit,
    ) -> Result<Vec<Scope>, StorageError> {
        Ok(self.lock()?.unsealed_scopes(after, limit))
    }

    async fn unsealed(&self, scope: Scope, limit: Limit) -> Result<Vec<AuditEntry>, StorageError> {
        Ok(self
            .lock()?
            .log(scope)
            .map_or_else(Vec::new, |log| log.unsealed(limit)))
    }

    async fn head(&self, scope: Scope) -> Result<Option<Checkpoint>, StorageError> {
        Ok(self.lock()?.log(scope).and_then(log::Log::head))
    }

    async fn checkpoints(
        &self,
        scope: Scope,
        above: u64,
        limit: Limit,
    ) -> Result<Vec<Checkpoint>, StorageError> {
        Ok(self
            .lock()?
            .log(scope)
            .map_or_else(Vec::new, |log| log.checkpoints(above, limit)))
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
        self.lock()?
            .log_mut(scope)
            .seal(expect_head, entries, checkpoint)
    }

    async fn sealed(
        &self,
        scope: Scope,
        from: u64,
        limit: Limit,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        Ok(self
            .lock()?
            .log(scope)
            .map_or_else(Vec::new, |log| log.sealed(from, limit)))
    }

    async fn side_rows(
        &self,
        scope: Scope,
        entries: &[Uuid],
    ) -> Result<Vec<(Uuid, SideRow)>, StorageError> {
        refuse_above(Limit::MAX.count(), entries.len())?;
        Ok(self
            .lock()?
            .log(scope)
            .map_or_else(Vec::new, |log| log.side_rows(entries)))
    }

    async fn erase_side_rows(
        &self,
        scope: Scope,
        rows: &[SideKey],
        with: Batch,
    ) -> Result<Applied, CommitError> {
        with.validate()?;
        with.check_size(rows.len())?;
        let mut state = self.lock()?;
        if let Some(before) = state.replay(&with)? {
            return Ok(before);
        }
        state.admit(&with, rows.len())?;
        state.log_mut(scope).erase(rows);
        Ok(state.write(with))
    }
}

#[async_trait]
impl OutboxStore for MemoryStorage {
    async fn claim(
        &self,
        now: Micros,
        lease: Duration,
        limit: Limit,
    ) -> Result<Vec<Claimed>, StorageError> {
        Ok(self.lock()?.queue_mut().claim(now, lease, limit))
    }

    async fn settle(
        &self,
        hand_off: HandOff,
        settlement: Settlement,
        with: Batch,
    ) -> Result<Applied, SettleError> {
        with.validate()?;
        with.check_size(SETTLEMENT)?;
        let mut state = self.lock()?;
        if let Some(before) = state.replay(&with)? {
            return Ok(before);
        }
        if !state.queue().is_held_by(hand_off) {
            return Err(SettleError::Stale);
        }
        state.admit(&with, SETTLEMENT)?;
        state.queue_mut().settle(hand_off, settlement);
        Ok(state.write(with))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_under_the_lock_is_a_typed_error_afterwards() {
        let storage = MemoryStorage::new();
        let other = storage.clone();
        let panicked = std::panic::catch_unwind(move || {
            let _guard = other.state.lock();
            std::panic::resume_unwind(Box::new("on purpose"));
        });
        assert!(panicked.is_err());
        let error = pollster::block_on(storage.get(&[])).unwrap_err();
        assert_eq!(error.kind(), doorward_storage::StorageErrorKind::Broken);
    }
}
