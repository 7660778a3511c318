//! Toggles: what a switch of the catalog does when it is on and when it is off.

use doorward_types::{KindName, RoleName, Switch, SwitchName};

use crate::{Permissions, Planes, Reach, planes::Withdrawal};

/// A switch of the catalog: a permission toggle of each member on top of the role (Kalix: "additional
/// permissions you can customize per user, irrespective of their access level").
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Toggle {
    pub(crate) name: SwitchName,
    pub(crate) on_grants: Planes,
    pub(crate) on_takes: Withdrawal,
    pub(crate) off_takes: Withdrawal,
    pub(crate) preselected: Preselected<RoleName>,
    pub(crate) roles: Option<Vec<RoleName>>,
    pub(crate) kinds: Option<Vec<KindName>>,
}

impl Toggle {
    /// Returns its name.
    #[must_use]
    pub const fn name(&self) -> &SwitchName {
        &self.name
    }

    /// Tells whether it takes access when it is *on* (Kalix: "Select to prevent users from").
    #[must_use]
    pub const fn is_restriction(&self) -> bool {
        !self.on_takes.planes().is_empty()
    }

    /// Tells whether a member of this kind and role has the switch at all.
    #[must_use]
    pub fn supports(&self, kind: &KindName, role: Option<&RoleName>) -> bool {
        let of_kind = self.kinds.as_ref().is_none_or(|kinds| kinds.contains(kind));
        let of_role = self
            .roles
            .as_ref()
            .is_none_or(|roles| role.is_some_and(|role| roles.contains(role)));
        of_kind && of_role
    }

    /// Returns how it stands for a new member of this role.
    #[must_use]
    pub fn preselected(&self, role: Option<&RoleName>) -> Switch {
        let on = match &self.preselected {
            Preselected::Never => false,
            Preselected::Always => true,
            Preselected::Except(roles) => role.is_none_or(|role| !roles.contains(role)),
        };
        if on { Switch::On } else { Switch::Off }
    }

    pub(crate) const fn takes(&self, stands: Switch) -> Withdrawal {
        match stands {
            Switch::On => self.on_takes,
            Switch::Off => self.off_takes,
        }
    }

    pub(crate) const fn grants(&self, stands: Switch) -> Planes {
        match stands {
            Switch::On => self.on_grants,
            Switch::Off => Planes::EMPTY,
        }
    }
}

/// The roles for which a switch is on at first.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum Preselected<Name> {
    #[default]
    Never,
    Always,
    Except(Vec<Name>),
}

/// Declares a switch, inside [`CatalogBuilder::switch`](crate::CatalogBuilder::switch).
#[derive(Clone, Debug, Default)]
pub struct ToggleDeclaration {
    pub(crate) on_grants: Planes,
    pub(crate) on_takes: Withdrawal,
    pub(crate) off_takes: Withdrawal,
    pub(crate) preselected: Preselected<String>,
    pub(crate) roles: Option<Vec<String>>,
    pub(crate) kinds: Option<Vec<String>>,
}

impl ToggleDeclaration {
    /// While on, the member holds these permissions at this reach.
    #[must_use]
    pub fn on_grants<P: Permissions>(mut self, permissions: P, reach: Reach) -> Self {
        self.on_grants = self.on_grants.union(Planes::holding(permissions, reach));
        self
    }

    /// While off, these permissions are taken at this reach and wider, whoever gives them.
    #[must_use]
    pub fn off_takes<P: Permissions>(mut self, permissions: P, from: Reach) -> Self {
        self.off_takes = self.off_takes.and(Withdrawal::of(permissions, from));
        self
    }

    /// A restriction: while on, these permissions are taken at this reach and wider.
    #[must_use]
    pub fn on_takes<P: Permissions>(mut self, permissions: P, from: Reach) -> Self {
        self.on_takes = self.on_takes.and(Withdrawal::of(permissions, from));
        self
    }

    /// The switch is on for a new member.
    #[must_use]
    pub fn preselected(mut self) -> Self {
        self.preselected = Preselected::Always;
        self
    }

    /// The switch is on for a new member of any role but these.
    #[must_use]
    pub fn preselected_except<const N: usize>(mut self, roles: [&str; N]) -> Self {
        self.preselected = Preselected::Except(roles.map(str::to_owned).into());
        self
    }

    /// Only members of these roles have the switch (Kalix: "supported for Clinical Users only").
    #[must_use]
    pub fn only_for_roles<const N: usize>(mut self, roles: [&str; N]) -> Self {
        self.roles = Some(roles.map(str::to_owned).into());
        self
    }

    /// Only members of these kinds have the switch.
    #[must_use]
    pub fn only_for_kinds<const N: usize>(mut self, kinds: [&str; N]) -> Self {
        self.kinds = Some(kinds.map(str::to_owned).into());
        self
    }
}
