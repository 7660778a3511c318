//! The outbox: messages that commit with the change that causes them and are handed on afterwards.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use uuid::Uuid;

use crate::{Applied, Batch, CommitError, Limit, Micros, Scope, Storage, StorageError};

/// A message that waits for its hand-off.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct OutboxRow {
    /// The message's id, never used twice in a scope.
    pub id: Uuid,
    /// The scope whose act caused it.
    pub scope: Scope,
    /// What is to be sent, without secrets; never changed.
    pub body: Vec<u8>,
    /// From when on it may be claimed.
    pub due_at: Micros,
}

impl fmt::Debug for OutboxRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboxRow")
            .field("id", &self.id)
            .field("scope", &self.scope)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("due_at", &self.due_at)
            .finish()
    }
}

/// A message under lease: until the lease lapses nobody else is given it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Claimed {
    /// The message.
    pub message: OutboxRow,
    /// How often it has been claimed, this time included.
    pub attempt: u32,
}

impl Claimed {
    /// Names the hand-off that this claim allows to settle.
    #[must_use]
    pub const fn hand_off(&self) -> HandOff {
        HandOff {
            scope: self.message.scope,
            id: self.message.id,
            attempt: self.attempt,
        }
    }
}

/// One try to hand a message on.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct HandOff {
    /// The message's scope.
    pub scope: Scope,
    /// The message's id.
    pub id: Uuid,
    /// Which claim of it this is.
    pub attempt: u32,
}

/// How a try ended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Settlement {
    /// The message is finished, sent or dropped, and is removed.
    Done,
    /// The message stays, and the lease ends.
    Retry {
        /// From when on it may be claimed again.
        due_at: Micros,
    },
}

/// Storage whose messages are claimed under a lease and settled.
///
/// A message is handed on at least once: who crashes between sending and settling leaves it to
/// the next claim.
#[async_trait]
pub trait OutboxStore: Storage {
    /// Leases free messages of all scopes until `now + lease`, the longest free first.
    ///
    /// A message is free from `due_at` on, once claimed from the end of its lease on: exactly then
    /// it may be claimed.
    ///
    /// # Errors
    /// [`StorageError`] from the engine.
    async fn claim(
        &self,
        now: Micros,
        lease: Duration,
        limit: Limit,
    ) -> Result<Vec<Claimed>, StorageError>;

    /// Ends a try and commits a batch with it: the delivery status on the record that the message
    /// is about. Both or neither; [`Batch::new`] where there is nothing to write. The settlement
    /// is one item. A request of the batch that was applied before is answered first; then the try
    /// is looked at, then the batch.
    ///
    /// # Errors
    /// [`SettleError::Stale`] when the message has been claimed again or is finished;
    /// [`SettleError::Commit`] from the batch. Nothing is changed then.
    async fn settle(
        &self,
        hand_off: HandOff,
        settlement: Settlement,
        with: Batch,
    ) -> Result<Applied, SettleError>;
}

/// Why a try was not settled; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The try is not the message's last one, or was settled already.
    #[error("the message has been claimed again or is settled")]
    Stale,
    /// The batch failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl From<StorageError> for SettleError {
    fn from(error: StorageError) -> Self {
        Self::Commit(error.into())
    }
}
