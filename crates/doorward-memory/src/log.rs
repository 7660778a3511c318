//! The audit log of one scope.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound::{Excluded, Unbounded},
};

use doorward_storage::{
    AuditEntry, AuditRow, Checkpoint, Limit, Order, SealError, SideKey, SideRow,
};
use uuid::Uuid;

#[derive(Default)]
pub(crate) struct Log {
    /// Every entry, with its position once it is sealed.
    entries: BTreeMap<Uuid, Entry>,
    unsealed: BTreeSet<Uuid>,
    /// The sealed entries: position 1 first.
    sealed: Vec<Uuid>,
    checkpoints: BTreeMap<u64, Vec<u8>>,
    side: BTreeMap<(Uuid, String), SideRow>,
}

struct Entry {
    body: Vec<u8>,
    position: Option<u64>,
}

impl Log {
    pub(crate) fn insert(&mut self, row: AuditRow) {
        let AuditRow {
            id,
            scope: _,
            body,
            side,
        } = row;
        self.unsealed.insert(id);
        self.entries.insert(
            id,
            Entry {
                body,
                position: None,
            },
        );
        for row in side {
            self.side.insert((id, row.field.clone()), row);
        }
    }

    pub(crate) fn seal(
        &mut self,
        expect_head: u64,
        entries: &[Uuid],
        checkpoint: &[u8],
    ) -> Result<u64, SealError> {
        let head = self.position();
        if head != expect_head {
            return Err(SealError::HeadMoved { actual: head });
        }
        let mut named = BTreeSet::new();
        let refused = |id: &&Uuid| !self.unsealed.contains(id) || !named.insert(**id);
        if let Some(&entry) = entries.iter().find(refused) {
            return Err(SealError::NotUnsealed { entry });
        }
        for id in entries {
            self.unsealed.remove(id);
            self.sealed.push(*id);
            let position = self.position();
            if let Some(entry) = self.entries.get_mut(id) {
                entry.position = Some(position);
            }
        }
        let head = self.position();
        self.checkpoints.insert(head, checkpoint.to_vec());
        Ok(head)
    }

    pub(crate) fn erase(&mut self, rows: &[SideKey]) {
        for row in rows {
            self.side.remove(&(row.entry, row.field.clone()));
        }
    }

    pub(crate) fn contains(&self, id: Uuid) -> bool {
        self.entries.contains_key(&id)
    }

    pub(crate) fn has_unsealed(&self) -> bool {
        !self.unsealed.is_empty()
    }

    pub(crate) fn entries(
        &self,
        order: Order,
        after: Option<Uuid>,
        limit: Limit,
    ) -> Vec<AuditEntry> {
        let after = after.map_or(Unbounded, Excluded);
        let ids: Vec<&Uuid> = match order {
            Order::OldestFirst => {
                let range = self.entries.range((after, Unbounded));
                range.map(|(id, _)| id).take(limit.count()).collect()
            }
            Order::NewestFirst => {
                let range = self.entries.range((Unbounded, after));
                range.rev().map(|(id, _)| id).take(limit.count()).collect()
            }
        };
        self.read(ids)
    }

    pub(crate) fn unsealed(&self, limit: Limit) -> Vec<AuditEntry> {
        self.read(self.unsealed.iter().take(limit.count()))
    }

    pub(crate) fn sealed(&self, from: u64, limit: Limit) -> Vec<AuditEntry> {
        let before = usize::try_from(from.saturating_sub(1)).unwrap_or(usize::MAX);
        self.read(self.sealed.iter().skip(before).take(limit.count()))
    }

    pub(crate) fn head(&self) -> Option<Checkpoint> {
        self.checkpoints
            .last_key_value()
            .map(|(position, body)| Checkpoint {
                position: *position,
                body: body.clone(),
            })
    }

    pub(crate) fn checkpoints(&self, above: u64, limit: Limit) -> Vec<Checkpoint> {
        let range = self
            .checkpoints
            .range((Excluded(above), Unbounded))
            .take(limit.count());
        range
            .map(|(&position, body)| Checkpoint {
                position,
                body: body.clone(),
            })
            .collect()
    }

    pub(crate) fn side_rows(&self, entries: &[Uuid]) -> Vec<(Uuid, SideRow)> {
        let ids: BTreeSet<&Uuid> = entries.iter().collect();
        let of = |id: Uuid| {
            self.side
                .range((id, String::new())..)
                .take_while(move |((entry, _), _)| *entry == id)
                .map(move |(_, row)| (id, row.clone()))
        };
        ids.into_iter().flat_map(|id| of(*id)).collect()
    }

    pub(crate) fn stored_bytes(&self) -> Vec<Vec<u8>> {
        let bodies = self.entries.values().map(|entry| &entry.body);
        let side = self.side.values().map(|row| &row.value);
        bodies
            .chain(side)
            .chain(self.checkpoints.values())
            .cloned()
            .collect()
    }

    /// The position of the last sealed entry, 0 before the first.
    fn position(&self) -> u64 {
        self.sealed.len() as u64
    }

    fn read<'a>(&self, ids: impl IntoIterator<Item = &'a Uuid>) -> Vec<AuditEntry> {
        let entry = |id: &Uuid| {
            let Entry { body, position } = self.entries.get(id)?;
            Some(AuditEntry {
                id: *id,
                body: body.clone(),
                position: *position,
            })
        };
        ids.into_iter().filter_map(entry).collect()
    }
}
