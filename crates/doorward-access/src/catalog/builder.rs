//! The builder of a catalog: declarations in, one validated catalog out.

use std::{collections::BTreeMap, sync::Arc};

use bitflags::Flags;

use super::{Catalog, CatalogError, validate};
use crate::{
    Administration, FeatureDeclaration, KindDeclaration, Mask, Permissions, Reach, RoleDeclaration,
    ToggleDeclaration,
};

/// Collects the declarations of a [`Catalog`]; [`build`](Self::build) checks them all.
#[derive(Clone, Debug)]
pub struct CatalogBuilder {
    pub(super) flags: Vec<(String, u128)>,
    pub(super) kinds: Vec<(String, KindDeclaration)>,
    pub(super) roles: Vec<(String, RoleDeclaration)>,
    pub(super) toggles: Vec<(String, ToggleDeclaration)>,
    pub(super) features: Vec<(String, FeatureDeclaration)>,
    pub(super) acts: BTreeMap<Administration, Mask>,
    pub(super) support: Option<RoleDeclaration>,
    pub(super) renamed_permissions: Vec<(String, Vec<String>)>,
    pub(super) renamed_kinds: Vec<(String, String)>,
    pub(super) renamed_roles: Vec<(String, String)>,
    pub(super) renamed_switches: Vec<(String, String)>,
    pub(super) retired_switches: Vec<String>,
}

impl CatalogBuilder {
    pub(super) fn over<P: Flags<Bits: Into<u128>>>() -> Self {
        // A flag of several bits is the host's shorthand, one of none is nobody's: neither is stored.
        let flags = P::FLAGS
            .iter()
            .map(|flag| (flag.name().to_ascii_lowercase(), flag.value().bits().into()));
        Self {
            flags: flags
                .filter(|(name, bits)| !name.is_empty() && bits.is_power_of_two())
                .collect(),
            kinds: Vec::new(),
            roles: Vec::new(),
            toggles: Vec::new(),
            features: Vec::new(),
            acts: BTreeMap::new(),
            support: None,
            renamed_permissions: Vec::new(),
            renamed_kinds: Vec::new(),
            renamed_roles: Vec::new(),
            renamed_switches: Vec::new(),
            retired_switches: Vec::new(),
        }
    }

    /// Declares a kind of user.
    #[must_use]
    pub fn kind(
        mut self,
        name: &str,
        declare: impl FnOnce(KindDeclaration) -> KindDeclaration,
    ) -> Self {
        self.kinds
            .push((name.to_owned(), declare(KindDeclaration::default())));
        self
    }

    /// Declares a role.
    #[must_use]
    pub fn role(
        mut self,
        name: &str,
        declare: impl FnOnce(RoleDeclaration) -> RoleDeclaration,
    ) -> Self {
        self.roles
            .push((name.to_owned(), declare(RoleDeclaration::default())));
        self
    }

    /// Declares roles as the columns of a table: each row is permissions, and the reach at which each
    /// role holds them, if it does. Roles declared before keep what they hold.
    ///
    /// ```
    /// # use doorward_access::{Catalog, Reach};
    /// # bitflags::bitflags! {
    /// #     #[derive(Clone, Copy)]
    /// #     struct Bills: u8 { const VIEW_BILLS = 1; const EDIT_BILLS = 2; }
    /// # }
    /// const NO: Option<Reach> = None;
    /// const OWN: Option<Reach> = Some(Reach::Own);
    /// const ALL: Option<Reach> = Some(Reach::Any);
    /// let catalog = Catalog::builder::<Bills>()
    ///     .kind("user", |kind| kind.roles(["clinical", "director"]).ceiling_of_everything())
    ///     .role_table(["clinical", "director"], &[
    ///         (Bills::VIEW_BILLS, [OWN, ALL]),
    ///         (Bills::EDIT_BILLS, [NO,  ALL]),
    ///     ])
    ///     .build()?;
    /// # Ok::<(), doorward_access::CatalogError>(())
    /// ```
    #[must_use]
    pub fn role_table<P: Permissions, const N: usize>(
        mut self,
        roles: [&str; N],
        rows: &[(P, [Option<Reach>; N])],
    ) -> Self {
        for (at, name) in roles.into_iter().enumerate() {
            let held = rows.iter().filter_map(|(permissions, reaches)| {
                reaches
                    .get(at)
                    .copied()
                    .flatten()
                    .map(|reach| (*permissions, reach))
            });
            let known = self.roles.iter().position(|(other, _)| other == name);
            let slot = known.unwrap_or_else(|| {
                self.roles
                    .push((name.to_owned(), RoleDeclaration::default()));
                self.roles.len() - 1
            });
            if let Some((_, role)) = self.roles.get_mut(slot) {
                *role = held.fold(role.clone(), |role, (p, reach)| role.holds(p, reach));
            }
        }
        self
    }

    /// The holders of this role may give everything, not only what they hold.
    #[must_use]
    pub fn gives_everything(mut self, role: &str) -> Self {
        match self.roles.iter_mut().find(|(name, _)| name == role) {
            Some((_, declared)) => *declared = declared.clone().gives_everything(),
            None => self.roles.push((
                role.to_owned(),
                RoleDeclaration::default().gives_everything(),
            )),
        }
        self
    }

    /// Declares a switch.
    #[must_use]
    pub fn switch(
        mut self,
        name: &str,
        declare: impl FnOnce(ToggleDeclaration) -> ToggleDeclaration,
    ) -> Self {
        self.toggles
            .push((name.to_owned(), declare(ToggleDeclaration::default())));
        self
    }

    /// Declares a feature.
    #[must_use]
    pub fn feature(
        mut self,
        name: &str,
        declare: impl FnOnce(FeatureDeclaration) -> FeatureDeclaration,
    ) -> Self {
        self.features
            .push((name.to_owned(), declare(FeatureDeclaration::new())));
        self
    }

    /// These acts of administration need all of these permissions, at reach `Any`. An act named again
    /// needs what was said last.
    #[must_use]
    pub fn administered_by<P: Permissions>(
        mut self,
        permissions: P,
        acts: impl IntoIterator<Item = Administration>,
    ) -> Self {
        self.acts
            .extend(acts.into_iter().map(|act| (act, permissions.mask())));
        self
    }

    /// Declares what the provider's support holds in a tenant that opens itself.
    #[must_use]
    pub fn support(mut self, declare: impl FnOnce(RoleDeclaration) -> RoleDeclaration) -> Self {
        self.support = Some(declare(RoleDeclaration::default()));
        self
    }

    /// A stored permission of the old name stands for the new ones.
    #[must_use]
    pub fn renamed<const N: usize>(mut self, old: &str, new: [&str; N]) -> Self {
        self.renamed_permissions
            .push((old.to_owned(), new.map(str::to_owned).into()));
        self
    }

    /// A stored permission of this name stands for nothing any more, as the host knows.
    #[must_use]
    pub fn retired(self, old: &str) -> Self {
        self.renamed(old, [])
    }

    /// A stored kind of the old name is the new one.
    #[must_use]
    pub fn renamed_kind(mut self, old: &str, new: &str) -> Self {
        self.renamed_kinds.push((old.to_owned(), new.to_owned()));
        self
    }

    /// A stored role of the old name is the new one.
    #[must_use]
    pub fn renamed_role(mut self, old: &str, new: &str) -> Self {
        self.renamed_roles.push((old.to_owned(), new.to_owned()));
        self
    }

    /// A stored switch of the old name is the new one.
    #[must_use]
    pub fn renamed_switch(mut self, old: &str, new: &str) -> Self {
        self.renamed_switches.push((old.to_owned(), new.to_owned()));
        self
    }

    /// A stored switch of this name means nothing any more. Say so only of a switch that may be
    /// forgotten: an unknown one leaves its members undecided, because it may have restricted them.
    #[must_use]
    pub fn retired_switch(mut self, old: &str) -> Self {
        self.retired_switches.push(old.to_owned());
        self
    }

    /// Checks the declarations and freezes them.
    ///
    /// # Errors
    /// [`CatalogError`] names the first declaration that contradicts another.
    pub fn build(self) -> Result<Catalog, CatalogError> {
        validate::frozen(self).map(|inner| Catalog {
            inner: Arc::new(inner),
        })
    }
}
