//! Messages and their leases.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use doorward_storage::{Claimed, HandOff, Limit, Micros, OutboxRow, Scope, Settlement};
use uuid::Uuid;

#[derive(Default)]
pub(crate) struct Queue {
    messages: BTreeMap<(Scope, Uuid), Message>,
    /// Every message, by the instant from which it may be claimed.
    schedule: BTreeSet<(Micros, Scope, Uuid)>,
}

struct Message {
    row: OutboxRow,
    /// How often it has been claimed.
    attempts: u32,
    /// The attempt that may settle it: the last one, until it has.
    holder: Option<u32>,
    /// When it is due, while it is leased the end of the lease.
    free_at: Micros,
}

impl Queue {
    pub(crate) fn push(&mut self, row: OutboxRow) {
        self.schedule.insert((row.due_at, row.scope, row.id));
        let free_at = row.due_at;
        let message = Message {
            attempts: 0,
            holder: None,
            free_at,
            row,
        };
        self.messages
            .insert((message.row.scope, message.row.id), message);
    }

    pub(crate) fn claim(&mut self, now: Micros, lease: Duration, limit: Limit) -> Vec<Claimed> {
        let free = self
            .schedule
            .iter()
            .take_while(|(free_at, ..)| *free_at <= now);
        let free: Vec<_> = free.take(limit.count()).copied().collect();
        let lease_end = now.saturating_add(lease);
        let claimed = free.into_iter().filter_map(|(free_at, scope, id)| {
            let message = self.messages.get_mut(&(scope, id))?;
            message.attempts = message.attempts.saturating_add(1);
            message.holder = Some(message.attempts);
            message.free_at = lease_end;
            self.schedule.remove(&(free_at, scope, id));
            self.schedule.insert((lease_end, scope, id));
            Some(Claimed {
                message: message.row.clone(),
                attempt: message.attempts,
            })
        });
        claimed.collect()
    }

    pub(crate) fn settle(&mut self, hand_off: HandOff, settlement: Settlement) {
        let HandOff {
            scope,
            id,
            attempt: _,
        } = hand_off;
        let Some(mut message) = self.messages.remove(&(scope, id)) else {
            return;
        };
        self.schedule.remove(&(message.free_at, scope, id));
        match settlement {
            Settlement::Done => {}
            Settlement::Retry { due_at } => {
                message.holder = None;
                message.row.due_at = due_at;
                message.free_at = due_at;
                self.schedule.insert((due_at, scope, id));
                self.messages.insert((scope, id), message);
            }
        }
    }

    pub(crate) fn contains(&self, scope: Scope, id: Uuid) -> bool {
        self.messages.contains_key(&(scope, id))
    }

    /// Tells whether this try may settle: it is the message's last, also after its lease as long
    /// as nobody else was given the message, and it has not settled yet.
    pub(crate) fn is_held_by(&self, hand_off: HandOff) -> bool {
        let message = self.messages.get(&(hand_off.scope, hand_off.id));
        message.is_some_and(|message| message.holder == Some(hand_off.attempt))
    }

    pub(crate) fn bodies(&self) -> impl Iterator<Item = &[u8]> {
        self.messages
            .values()
            .map(|message| message.row.body.as_slice())
    }
}
