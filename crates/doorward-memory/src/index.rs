//! The index: which records are found under which values.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound::{Excluded, Unbounded},
};

use doorward_storage::{IndexEntry, Kind, Limit, Place, RecordId, RecordKey, Scope, Span, Value};

#[derive(Default)]
pub(crate) struct Index {
    values: BTreeMap<(Scope, Kind), BTreeMap<Value, Found>>,
}

/// The records found under one value, in their order.
type Found = BTreeSet<(Kind, RecordId)>;

impl Index {
    pub(crate) fn insert(&mut self, key: &RecordKey, entry: &IndexEntry) {
        let values = self
            .values
            .entry((key.scope, entry.index.clone()))
            .or_default();
        let found = values.entry(entry.value.clone()).or_default();
        found.insert((key.kind.clone(), key.id.clone()));
    }

    pub(crate) fn remove(&mut self, key: &RecordKey, entry: &IndexEntry) {
        let values = self.values.get_mut(&(key.scope, entry.index.clone()));
        let Some(values) = values else { return };
        let Some(found) = values.get_mut(&entry.value) else {
            return;
        };
        found.remove(&(key.kind.clone(), key.id.clone()));
        if found.is_empty() {
            values.remove(&entry.value);
        }
    }

    /// Returns the first places of a span after a place.
    pub(crate) fn places(
        &self,
        scope: Scope,
        index: &Kind,
        span: &Span,
        after: Option<Place>,
        limit: Limit,
    ) -> Vec<Place> {
        let Some(values) = self.values.get(&(scope, index.clone())) else {
            return Vec::new();
        };
        let (first, end) = span.bounds();
        let from = after
            .as_ref()
            .map_or(&first, |place| (&place.value).max(&first));
        let within = values
            .range(from..)
            .take_while(|(value, _)| end.as_ref().is_none_or(|end| *value < end));
        let places = within.flat_map(|(value, found)| {
            let seen = after.as_ref().filter(|place| place.value == *value);
            let from = seen.map_or(Unbounded, |place| {
                Excluded((place.kind.clone(), place.id.clone()))
            });
            found.range((from, Unbounded)).map(|(kind, id)| Place {
                value: value.clone(),
                kind: kind.clone(),
                id: id.clone(),
            })
        });
        places.take(limit.count()).collect()
    }
}
