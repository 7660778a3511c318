//! The catalog: what the host application can be asked to protect.

mod builder;
mod digest;
mod error;
mod renames;
mod validate;

use std::{collections::BTreeMap, fmt, sync::Arc};

use doorward_types::{
    FeatureName, KindName, Levels, PermissionName, RoleName, Switch, SwitchName, Switches,
};

use self::renames::Renames;
pub use self::{
    builder::CatalogBuilder,
    digest::{CatalogDigest, ParseCatalogDigestError},
    error::CatalogError,
};
use crate::{
    Administration, Feature, Kind, Mask, Permission, PermissionSet, Permissions, Planes, Role,
    Toggle, Unrestricted,
};

/// What the host can be asked to protect: permissions, kinds, roles, switches, features, and which
/// permissions administration needs. Built once, validated, frozen; cloning shares it.
///
/// ```
/// use doorward_access::{Administration, Catalog, Reach};
///
/// bitflags::bitflags! {
///     #[derive(Clone, Copy, Debug, Eq, PartialEq)]
///     struct Notes: u8 {
///         const READ_NOTES = 1;
///         const WRITE_NOTES = 2;
///         const MANAGE_USERS = 4;
///     }
/// }
///
/// let catalog = Catalog::builder::<Notes>()
///     .kind("staff", |kind| kind.roles(["nurse", "manager"]).ceiling_of_everything())
///     .role("nurse", |role| role
///         .holds(Notes::READ_NOTES, Reach::Any)
///         .holds(Notes::WRITE_NOTES, Reach::Own))
///     .role("manager", |role| role.holds(Notes::all(), Reach::Any).gives_everything())
///     .administered_by(Notes::MANAGE_USERS, Administration::ALL)
///     .build()?;
/// assert!(catalog.permission("read_notes").is_some());
/// # Ok::<(), doorward_access::CatalogError>(())
/// ```
#[derive(Clone)]
pub struct Catalog {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    names: BTreeMap<PermissionName, Permission>,
    by_bit: BTreeMap<u8, PermissionName>,
    kinds: BTreeMap<KindName, Kind>,
    roles: BTreeMap<RoleName, Role>,
    toggles: Vec<Toggle>,
    features: BTreeMap<FeatureName, Feature>,
    acts: BTreeMap<Administration, Mask>,
    support: Option<Planes>,
    renames: Renames,
    digest: CatalogDigest,
}

impl Catalog {
    /// Starts a catalog over the host's `bitflags!` type of at most 128 bits. A permission is a flag
    /// of one bit; its name is the flag's in lower case.
    #[must_use]
    pub fn builder<P: bitflags::Flags<Bits: Into<u128>>>() -> CatalogBuilder {
        CatalogBuilder::over::<P>()
    }

    /// Returns the permission of this name.
    #[must_use]
    pub fn permission(&self, name: &str) -> Option<Permission> {
        self.inner.names.get(name).copied()
    }

    /// Returns the name of a permission of this catalog.
    #[must_use]
    pub fn permission_name(&self, permission: Permission) -> Option<&PermissionName> {
        self.inner.by_bit.get(&permission.bit())
    }

    /// Visits every permission with its name, in the order of the names.
    pub fn permissions(&self) -> impl Iterator<Item = (&PermissionName, Permission)> {
        self.inner
            .names
            .iter()
            .map(|(name, permission)| (name, *permission))
    }

    /// Returns the kind of this name, or of the name it was renamed to.
    #[must_use]
    pub fn kind(&self, name: &KindName) -> Option<&Kind> {
        self.inner.kinds.get(self.inner.renames.kind(name))
    }

    /// Visits the kinds in the order of their names.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.inner.kinds.values()
    }

    /// Returns the role of this name, or of the name it was renamed to.
    #[must_use]
    pub fn role(&self, name: &RoleName) -> Option<&Role> {
        self.inner.roles.get(self.inner.renames.role(name))
    }

    /// Visits the roles in the order of their names.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.inner.roles.values()
    }

    /// Returns the switch of this name, or of the name it was renamed to.
    #[must_use]
    pub fn toggle(&self, name: &SwitchName) -> Option<&Toggle> {
        let name = self.inner.renames.switch(name);
        self.inner
            .toggles
            .iter()
            .find(|toggle| toggle.name == *name)
    }

    /// Visits the switches in the order of their declaration.
    pub fn toggles(&self) -> impl Iterator<Item = &Toggle> {
        self.inner.toggles.iter()
    }

    /// Returns the name of a switch that a decision points at.
    #[must_use]
    pub fn switch_name(&self, switch: SwitchRef) -> Option<&SwitchName> {
        self.inner
            .toggles
            .get(usize::from(switch.0))
            .map(Toggle::name)
    }

    /// Returns the feature of this name.
    #[must_use]
    pub fn feature(&self, name: &FeatureName) -> Option<&Feature> {
        self.inner.features.get(name)
    }

    /// Visits the features in the order of their names.
    pub fn features(&self) -> impl Iterator<Item = &Feature> {
        self.inner.features.values()
    }

    /// Returns the permissions that an act of administration needs, at reach `Any`; `None` where the
    /// catalog gives the act to nobody.
    #[must_use]
    pub fn needed_for(&self, act: Administration) -> Option<Mask> {
        self.inner.acts.get(&act).copied()
    }

    /// Returns what the provider's support holds, if the catalog opens anything to it.
    #[must_use]
    pub fn support(&self) -> Option<&Planes> {
        self.inner.support.as_ref()
    }

    /// Visits the switches that a member of this kind and role has, in the order of their declaration.
    pub fn toggles_of<'a>(
        &'a self,
        kind: &KindName,
        role: Option<&RoleName>,
    ) -> impl Iterator<Item = &'a Toggle> + use<'a> {
        let renames = &self.inner.renames;
        let kind = renames.kind(kind).clone();
        let role = role.map(|role| renames.role(role).clone());
        self.toggles()
            .filter(move |toggle| toggle.supports(&kind, role.as_ref()))
    }

    /// Returns the whole switch set of a new member of this kind and role, as the invite form shows
    /// it: every switch that they have, as it is pre-selected.
    #[must_use]
    pub fn preselected(&self, kind: &KindName, role: Option<&RoleName>) -> Switches {
        let role = role.map(|role| self.inner.renames.role(role));
        let stands = |toggle: &Toggle| (toggle.name.clone(), toggle.preselected(role));
        self.toggles_of(kind, role).map(stands).collect()
    }

    /// Returns the digest of all that the catalog declares; it changes when the catalog does.
    #[must_use]
    pub fn digest(&self) -> CatalogDigest {
        self.inner.digest
    }

    /// Returns the permissions of a stored set. A name the catalog does not know grants nothing
    /// (design 4); a renamed one grants what it became.
    #[must_use]
    pub fn planes(&self, set: &PermissionSet) -> Planes {
        set.iter().fold(Planes::EMPTY, |planes, (name, reach)| {
            self.current(name).fold(planes, |planes, permission| {
                planes.union(Planes::holding(permission, reach))
            })
        })
    }

    /// Returns the names of permissions, each with the widest reach at which it is held.
    #[must_use]
    pub fn names(&self, planes: &Planes) -> PermissionSet {
        let held = |(name, permission): (&PermissionName, Permission)| {
            planes
                .widest(permission.mask())
                .map(|reach| (name.clone(), reach))
        };
        self.permissions().filter_map(held).collect()
    }

    /// Checks the names of a set that comes from outside.
    ///
    /// # Errors
    /// [`UnknownPermissions`] lists the names that are not the catalog's (design 4: "Unknown names in
    /// input are refused").
    pub fn known(&self, set: &PermissionSet) -> Result<(), UnknownPermissions> {
        let unknown = |(name, _): &(&PermissionName, _)| !self.inner.names.contains_key(*name);
        let names: Vec<_> = set
            .iter()
            .filter(unknown)
            .map(|(name, _)| name.clone())
            .collect();
        if names.is_empty() {
            Ok(())
        } else {
            Err(UnknownPermissions { names })
        }
    }

    /// Returns the part of a stored set that the catalog does not know: it is kept on rewrite.
    #[must_use]
    pub fn unknown(&self, set: &PermissionSet) -> PermissionSet {
        let unknown = |(name, _): &(&PermissionName, _)| self.current(name).next().is_none();
        set.iter()
            .filter(unknown)
            .map(|(name, reach)| (name.clone(), reach))
            .collect()
    }

    /// Tells whether a member of this kind and role has the switch.
    pub(crate) fn has_switch(
        &self,
        kind: &KindName,
        role: Option<&RoleName>,
        switch: &SwitchName,
    ) -> bool {
        let name = self.inner.renames.switch(switch);
        self.toggles_of(kind, role)
            .any(|toggle| toggle.name == *name)
    }

    /// Tells whether these levels can be held by members of the kind at all.
    pub(crate) fn takes_levels(kind: &Kind, levels: &Levels) -> bool {
        *levels != Levels::Unrestricted || kind.unrestricted != Unrestricted::None
    }

    /// Visits the switches with how each stands for a member, named or pre-selected. `None` where a
    /// stored name is unknown and not retired: it may have been a restriction.
    pub(crate) fn standing_switches(
        &self,
        kind: &KindName,
        role: Option<&RoleName>,
        switches: &Switches,
    ) -> Option<Vec<Stance<'_>>> {
        let renames = &self.inner.renames;
        let strange = |name: &SwitchName| !renames.is_retired(name) && self.toggle(name).is_none();
        if switches.keys().any(strange) {
            return None;
        }
        // A present name wins over the old one it replaced, should both be stored.
        let (present, old): (Vec<_>, Vec<_>) = switches
            .iter()
            .partition(|(name, _)| renames.switch(name) == *name);
        let named: BTreeMap<_, _> = old
            .into_iter()
            .chain(present)
            .map(|(name, stands)| (renames.switch(name), *stands))
            .collect();
        let rows = self
            .inner
            .toggles
            .iter()
            .zip(0u16..)
            .filter_map(|(toggle, at)| {
                let named = named.get(&toggle.name).copied();
                let switch = SwitchRef(at);
                if toggle.supports(kind, role) {
                    let stands = named.unwrap_or_else(|| toggle.preselected(role));
                    Some(Stance {
                        switch,
                        toggle,
                        stands,
                        support: Support::Full,
                    })
                } else {
                    named.map(|stands| Stance {
                        switch,
                        toggle,
                        stands,
                        support: Support::TakesOnly,
                    })
                }
            });
        Some(rows.collect())
    }

    pub(crate) fn mask_name(&self, mask: Mask) -> Option<&PermissionName> {
        mask.first()
            .iter_bits()
            .next()
            .and_then(|bit| self.inner.by_bit.get(&bit))
    }

    fn current(&self, name: &PermissionName) -> impl Iterator<Item = Permission> + '_ {
        let direct = self.inner.names.get(name).copied();
        let renamed = self.inner.renames.permission(name).iter();
        direct
            .into_iter()
            .chain(renamed.filter_map(|name| self.inner.names.get(name).copied()))
    }
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalog")
            .field("permissions", &self.inner.names.len())
            .field("kinds", &self.inner.kinds.keys())
            .field("roles", &self.inner.roles.keys())
            .field("digest", &self.inner.digest)
            .finish_non_exhaustive()
    }
}

/// A switch of a catalog, as decisions point at it: `Copy`, where its name is not.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SwitchRef(u16);

/// How a switch stands for a member.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stance<'a> {
    pub(crate) switch: SwitchRef,
    pub(crate) toggle: &'a Toggle,
    pub(crate) stands: Switch,
    pub(crate) support: Support,
}

/// Whether a member's kind and role have a switch. A stored switch that they no longer have still
/// takes what it took, and grants nothing: it never widens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Support {
    Full,
    TakesOnly,
}

/// Names that no permission of the catalog has.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown permissions {}: use names of the catalog", list(.names))]
pub struct UnknownPermissions {
    /// The names.
    pub names: Vec<PermissionName>,
}

fn list(names: &[PermissionName]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
