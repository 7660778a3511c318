//! Renames: names that records may still hold and the catalog no longer declares.

use std::collections::{BTreeMap, BTreeSet};

use doorward_types::{KindName, PermissionName, RoleName, SwitchName};

/// What old names became. A retired permission or switch is one that the host knows to be gone: it
/// means nothing, where an unknown switch might have been a restriction.
#[derive(Debug, Default)]
pub(super) struct Renames {
    pub(super) permissions: BTreeMap<PermissionName, Vec<PermissionName>>,
    pub(super) kinds: BTreeMap<KindName, KindName>,
    pub(super) roles: BTreeMap<RoleName, RoleName>,
    pub(super) switches: BTreeMap<SwitchName, SwitchName>,
    pub(super) retired_switches: BTreeSet<SwitchName>,
}

impl Renames {
    pub(super) fn permission(&self, name: &PermissionName) -> &[PermissionName] {
        self.permissions.get(name).map_or(&[], Vec::as_slice)
    }

    pub(super) fn kind<'a>(&'a self, name: &'a KindName) -> &'a KindName {
        self.kinds.get(name).unwrap_or(name)
    }

    pub(super) fn role<'a>(&'a self, name: &'a RoleName) -> &'a RoleName {
        self.roles.get(name).unwrap_or(name)
    }

    pub(super) fn switch<'a>(&'a self, name: &'a SwitchName) -> &'a SwitchName {
        self.switches.get(name).unwrap_or(name)
    }

    pub(super) fn is_retired(&self, name: &SwitchName) -> bool {
        self.retired_switches.contains(name)
    }
}
