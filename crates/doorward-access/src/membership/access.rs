//! The "edit access" form: kind, role, levels and switches of a member.

use doorward_types::{KindName, Levels, RoleName, Switch, SwitchName, Switches};

use super::{MemberEdit, Membership, MembershipEvent};
use crate::{
    Difference, FitRejection, Missing, SelfGranted, Shortfall,
    composition::Power,
    fit::{Fitting, fit},
};

/// What the "edit access" form holds: everything but the kind, in one command (Kalix: "Edit User
/// Access").
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Access {
    /// The role.
    pub role: Option<RoleName>,
    /// The levels.
    pub levels: Levels,
    /// The whole switch set, or the switches that change where the role stays.
    pub switches: Switches,
}

impl Membership {
    /// Edits role, levels and switches in one step. A new role needs the whole switch set, so that
    /// nobody is surprised by what it pre-selects; switches that it does not have are dropped, with an
    /// event (design 9.4).
    ///
    /// # Errors
    /// [`AccessRejection`] where the form does not fit the kind, the member would gain what the actor
    /// cannot give, or the last administrator would be lost.
    pub fn edit_access(
        self,
        access: Access,
        edit: &MemberEdit<'_>,
    ) -> Result<(Self, Vec<MembershipEvent>), AccessRejection> {
        let after = self.with_access(access, edit)?;
        let (difference, self_granted) = self.judged(&after, edit, Carry::Over)?;
        if after == self {
            return Ok((self, Vec::new()));
        }
        let mut events = self.dropped(&after, edit);
        events.insert(
            0,
            MembershipEvent::AccessEdited {
                id: self.id,
                role_before: self.role,
                role_after: after.role.clone(),
                levels_before: self.levels,
                levels_after: after.levels.clone(),
                switches_before: self.switches,
                switches_after: after.switches.clone(),
                difference,
                self_granted,
            },
        );
        Ok((after, events))
    }

    /// Shows what the form would give and take, grants included; the actor's authority is not asked.
    ///
    /// # Errors
    /// [`AccessRejection`] where the form does not fit the kind or a fact is missing.
    pub fn preview_access(
        &self,
        access: Access,
        edit: &MemberEdit<'_>,
    ) -> Result<Difference, AccessRejection> {
        let after = self.with_access(access, edit)?;
        Ok(difference(&self.powers(edit)?, &after.powers(edit)?, edit))
    }

    /// Assigns a role with its whole switch set.
    ///
    /// # Errors
    /// As [`edit_access`](Self::edit_access).
    pub fn assign_role(
        self,
        role: RoleName,
        switches: Switches,
        edit: &MemberEdit<'_>,
    ) -> Result<(Self, Vec<MembershipEvent>), AccessRejection> {
        let access = Access {
            role: Some(role),
            levels: self.levels.clone(),
            switches,
        };
        self.edit_access(access, edit)
    }

    /// Sets the levels. Taking the last one away leaves an empty assignment, never unrestricted
    /// access.
    ///
    /// # Errors
    /// As [`edit_access`](Self::edit_access).
    pub fn set_levels(
        self,
        levels: Levels,
        edit: &MemberEdit<'_>,
    ) -> Result<(Self, Vec<MembershipEvent>), AccessRejection> {
        let access = Access {
            role: self.role.clone(),
            levels,
            switches: Switches::new(),
        };
        self.edit_access(access, edit)
    }

    /// Sets the switches that are named; the others stay.
    ///
    /// # Errors
    /// As [`edit_access`](Self::edit_access).
    pub fn set_switches(
        self,
        switches: Switches,
        edit: &MemberEdit<'_>,
    ) -> Result<(Self, Vec<MembershipEvent>), AccessRejection> {
        let access = Access {
            role: self.role.clone(),
            levels: self.levels.clone(),
            switches,
        };
        self.edit_access(access, edit)
    }

    /// Changes the kind of user. Role, levels and switches are asked for anew, and unrestricted
    /// access is never carried over: it is given again, by someone who has it (design 9.6). Sessions
    /// end.
    ///
    /// # Errors
    /// As [`edit_access`](Self::edit_access).
    pub fn change_kind(
        self,
        kind: KindName,
        access: Access,
        edit: &MemberEdit<'_>,
    ) -> Result<(Self, Vec<MembershipEvent>), AccessRejection> {
        let Access {
            role,
            levels,
            switches,
        } = access;
        self.refuse_removed()?;
        if kind == self.kind {
            return Err(AccessRejection::SameKind);
        }
        let given = Fitting {
            kind: &kind,
            role: role.as_ref(),
            levels: &levels,
        };
        let switches = fit(edit.catalog, &edit.sets, given, &switches, &[])?;
        let after = Self {
            kind: kind.clone(),
            role,
            levels,
            switches,
            access_epoch: self.access_epoch.saturating_add(1),
            ..self.clone()
        };
        let (difference, self_granted) = self.judged(&after, edit, Carry::Nothing)?;
        let mut events = self.dropped(&after, edit);
        events.insert(
            0,
            MembershipEvent::KindChanged {
                id: self.id,
                before: self.kind,
                after: kind,
                role: after.role.clone(),
                levels: after.levels.clone(),
                switches: after.switches.clone(),
                difference,
                self_granted,
            },
        );
        Ok((after, events))
    }

    fn with_access(&self, access: Access, edit: &MemberEdit<'_>) -> Result<Self, AccessRejection> {
        self.refuse_removed()?;
        let Access {
            role,
            levels,
            switches,
        } = access;
        let same_role = role == self.role;
        if !same_role {
            let supported = edit.catalog.toggles_of(&self.kind, role.as_ref());
            let mut silent = supported.filter(|toggle| !switches.contains_key(toggle.name()));
            if let Some(toggle) = silent.next() {
                return Err(AccessRejection::SwitchNotNamed {
                    switch: toggle.name().clone(),
                });
            }
        }
        let mut whole = Switches::new();
        if same_role {
            let known = self.switches.iter().filter_map(|(name, stands)| {
                let toggle = edit.catalog.toggle(name)?;
                let kept = edit.catalog.has_switch(&self.kind, role.as_ref(), name);
                kept.then(|| (toggle.name().clone(), *stands))
            });
            whole.extend(known);
        }
        whole.extend(switches);
        let given = Fitting {
            kind: &self.kind,
            role: role.as_ref(),
            levels: &levels,
        };
        let held = self.level_ids().collect::<Vec<_>>();
        let switches = fit(edit.catalog, &edit.sets, given, &whole, &held)?;
        Ok(Self {
            role,
            levels,
            switches,
            ..self.clone()
        })
    }

    fn judged(
        &self,
        after: &Self,
        edit: &MemberEdit<'_>,
        carry: Carry,
    ) -> Result<(Difference, SelfGranted), AccessRejection> {
        let before = self.powers(edit)?;
        let now = after.powers(edit)?;
        let mut above = Shortfall::default();
        let mut self_granted = SelfGranted::No;
        for (before, after) in before.iter().zip(&now) {
            let before = match carry {
                Carry::Over => *before,
                Carry::Nothing => Power {
                    planes: before.planes,
                    ..Power::NONE
                },
            };
            if let Err(short) = edit.authority.judge(edit.catalog, &before, after) {
                above = above.and(short);
            }
            if edit.authority.self_granted(self.id, &before, after) == SelfGranted::Yes {
                self_granted = SelfGranted::Yes;
            }
        }
        if !above.is_none() {
            return Err(AccessRejection::Above(above));
        }
        if !self.leaves_an_administrator(after, edit) {
            return Err(AccessRejection::LastAdministrator);
        }
        Ok((difference(&before, &now, edit), self_granted))
    }

    fn dropped(&self, after: &Self, edit: &MemberEdit<'_>) -> Vec<MembershipEvent> {
        let on = self
            .switches
            .iter()
            .filter(|(_, stands)| **stands == Switch::On);
        let gone = on.map(|(name, _)| name).filter(|name| {
            edit.catalog.toggle(name).is_some()
                && !edit
                    .catalog
                    .has_switch(&after.kind, after.role.as_ref(), name)
        });
        let id = self.id;
        gone.map(|switch| MembershipEvent::SwitchDropped {
            id,
            switch: switch.clone(),
        })
        .collect()
    }

    fn refuse_removed(&self) -> Result<(), AccessRejection> {
        if self.is_removed() {
            Err(AccessRejection::Removed)
        } else {
            Ok(())
        }
    }
}

/// What of a member's power counts as held before a change.
#[derive(Clone, Copy)]
enum Carry {
    /// All of it.
    Over,
    /// The permissions, but neither unrestricted access nor the power to give everything.
    Nothing,
}

/// The difference over all pairs: what is gained or lost anywhere.
fn difference(before: &[Power], after: &[Power], edit: &MemberEdit<'_>) -> Difference {
    let both = || before.iter().zip(after);
    let gained = both().fold(crate::Planes::EMPTY, |all, (before, after)| {
        all.union(after.planes.minus(before.planes))
    });
    let lost = both().fold(crate::Planes::EMPTY, |all, (before, after)| {
        all.union(before.planes.minus(after.planes))
    });
    Difference {
        gained: edit.catalog.names(&gained),
        lost: edit.catalog.names(&lost),
    }
}

/// A change of access that is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AccessRejection {
    /// It does not fit the catalog or the tenant's levels.
    #[error(transparent)]
    Unfit(#[from] FitRejection),
    /// A new role or kind needs the whole switch set.
    #[error("the new role needs the whole switch set: `{switch}` is not named")]
    SwitchNotNamed {
        /// A switch that is not named.
        switch: SwitchName,
    },
    /// The kind is the member's already.
    #[error("the member is of this kind already: edit the access instead")]
    SameKind,
    /// The member would gain what the actor cannot give.
    #[error("the change {0}")]
    Above(Shortfall),
    /// The tenant would lose its last administrator.
    #[error("the tenant would be left without an administrator: make another one first")]
    LastAdministrator,
    /// The member was removed.
    #[error("the member was removed: whoever returns joins anew")]
    Removed,
    /// A fact is missing.
    #[error("what the member holds could not be told: reload levels, profiles and catalog")]
    Undecided(Missing),
}

impl From<Missing> for AccessRejection {
    fn from(missing: Missing) -> Self {
        Self::Undecided(missing)
    }
}
