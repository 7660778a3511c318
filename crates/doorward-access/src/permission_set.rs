//! Permission sets: permissions by name, as records and reports hold them.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use doorward_types::PermissionName;

use crate::Reach;

/// A set of permissions by name, each with the widest reach at which it is held.
///
/// This is what records store: "stored sets are names, never bit numbers" (design 4). In JSON it is
/// an object such as `{"view_bills": "any"}`.
///
/// ```
/// use doorward_access::{PermissionSet, Reach};
/// let set = PermissionSet::new()
///     .with("view_evaluations".parse()?, Reach::Assigned)
///     .with("view_invoices".parse()?, Reach::Assigned);
/// assert_eq!(set.to_string(), "`view_evaluations` (assigned), `view_invoices` (assigned)");
/// # Ok::<(), doorward_types::NameError>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct PermissionSet(BTreeMap<PermissionName, Reach>);

impl PermissionSet {
    /// Returns a set of no permission.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Returns the set with this permission too; of two reaches the wider stays.
    #[must_use]
    pub fn with(mut self, name: PermissionName, reach: Reach) -> Self {
        self.insert(name, reach);
        self
    }

    /// Adds a permission; of two reaches the wider stays.
    pub fn insert(&mut self, name: PermissionName, reach: Reach) {
        let held = self.0.entry(name).or_insert(reach);
        *held = reach.max(*held);
    }

    /// Returns the reach at which the permission is in the set.
    #[must_use]
    pub fn reach(&self, name: &str) -> Option<Reach> {
        self.0.get(name).copied()
    }

    /// Visits names and reaches in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&PermissionName, Reach)> {
        self.0.iter().map(|(name, reach)| (name, *reach))
    }

    /// Returns how many permissions it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(PermissionName, Reach)> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = (PermissionName, Reach)>>(pairs: I) -> Self {
        let mut set = Self::new();
        pairs
            .into_iter()
            .for_each(|(name, reach)| set.insert(name, reach));
        set
    }
}

impl fmt::Display for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing");
        }
        self.iter().enumerate().try_for_each(|(at, (name, reach))| {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}`{name}` ({})", reach.as_str())
        })
    }
}

/// What a change gives and what it takes (design 4: "every change yields `{gained, lost}` before it
/// is committed").
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Difference {
    /// What is held after the change and was not before.
    pub gained: PermissionSet,
    /// What was held before the change and is no more.
    pub lost: PermissionSet,
}

impl Difference {
    /// Tells whether nothing changes hands.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_an_object_of_names_in_json_and_is_parsed_again() {
        let set = PermissionSet::new().with("view_bills".parse().unwrap(), Reach::Any);
        let json = serde_json::to_string(&set).unwrap();
        assert_eq!(json, r#"{"view_bills":"any"}"#);
        assert_eq!(serde_json::from_str::<PermissionSet>(&json).unwrap(), set);
        assert!(serde_json::from_str::<PermissionSet>(r#"{"view bills":"any"}"#).is_err());
    }

    #[test]
    fn of_two_reaches_the_wider_stays() {
        let name: PermissionName = "view_bills".parse().unwrap();
        let set = PermissionSet::new()
            .with(name.clone(), Reach::Any)
            .with(name, Reach::Own);
        assert_eq!(set.reach("view_bills"), Some(Reach::Any));
    }
}
