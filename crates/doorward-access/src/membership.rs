//! Memberships: an account in a tenant.

mod access;
mod event;
mod features;
mod join;
mod moving;
mod status;

use std::collections::BTreeSet;

use doorward_types::{
    AccountId, DisplayName, FeatureName, InvitationId, KindName, Levels, MembershipId, Note,
    PersonId, Principal, ProfileId, RoleName, Switches, TenantId, Window,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

pub use self::{
    access::{Access, AccessRejection},
    event::MembershipEvent,
    features::FeaturesRejection,
    join::Joining,
    moving::MoveRejection,
    status::{DisableRejection, RemoveRejection, RestoreRejection, WindowRejection},
};
use crate::{Authority, Catalog, Combination, Sets, Survivor, composition::Power};

/// An account in a tenant: kind, role, levels, switches, hidden features, status, window (SCIM).
///
/// Each command takes the membership and gives it back changed, with what happened; a refused command
/// says why, and the caller still has the record it read.
///
/// ```text
///   join ──> Active <──restore── Disabled
///               │ ╰────disable─────^  │
///               ╰──remove──> Removed <╯   (nothing leaves Removed: who returns joins anew)
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Membership {
    id: MembershipId,
    tenant: TenantId,
    account: AccountId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    kind: KindName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<RoleName>,
    levels: Levels,
    #[serde(default)]
    switches: Switches,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    hidden: BTreeSet<FeatureName>,
    status: MembershipStatus,
    window: Window,
    access_epoch: u64,
    #[serde(with = "time::serde::rfc3339")]
    joined_at: OffsetDateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    invitation: Option<InvitationId>,
    #[serde(default)]
    details: Details,
}

/// Whether a membership gives access.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum MembershipStatus {
    /// It does, inside its window.
    Active,
    /// It gives none until it is restored (ALIS: "Disable Access").
    Disabled {
        /// Since when.
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
        /// By whom.
        by: Principal,
    },
    /// It is over (Kalix: "Remove User").
    Removed {
        /// Since when.
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
        /// By whom.
        by: Principal,
    },
}

/// A member's own details (Kalix: "My Details page").
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Details {
    /// What the member is called here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<DisplayName>,
    /// What the member does here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<DisplayName>,
    /// A free remark.
    #[serde(default, skip_serializing_if = "Note::is_empty")]
    pub note: Note,
}

/// The circumstances of a command on a membership.
#[derive(Clone, Copy, Debug)]
pub struct MemberEdit<'a> {
    /// The catalog.
    pub catalog: &'a Catalog,
    /// The levels that the member holds before and after, and the profiles of [`grants`](Self::grants).
    pub sets: Sets<'a>,
    /// The distinct profiles of the member's grants that are not over: what a change does to them is
    /// judged too.
    pub grants: &'a [ProfileId],
    /// What the actor may give, taken before the change.
    pub authority: &'a Authority,
    /// Who acts.
    pub by: &'a Principal,
    /// Proof that another administrator stays, where the member is one.
    pub survivor: Option<&'a Survivor>,
    /// The instant of the command.
    pub now: OffsetDateTime,
}

impl Membership {
    /// Returns its id, new at each joining.
    #[must_use]
    pub const fn id(&self) -> MembershipId {
        self.id
    }

    /// Returns the tenant.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Returns the account.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// Returns the tenant's record of the human, where there is one.
    #[must_use]
    pub const fn person(&self) -> Option<PersonId> {
        self.person
    }

    /// Returns the kind of user.
    #[must_use]
    pub const fn kind(&self) -> &KindName {
        &self.kind
    }

    /// Returns the role, where the kind has roles.
    #[must_use]
    pub const fn role(&self) -> Option<&RoleName> {
        self.role.as_ref()
    }

    /// Returns the levels.
    #[must_use]
    pub const fn levels(&self) -> &Levels {
        &self.levels
    }

    /// Returns the switches as stored.
    #[must_use]
    pub const fn switches(&self) -> &Switches {
        &self.switches
    }

    /// Returns the features hidden from the member on the desktop.
    #[must_use]
    pub const fn hidden(&self) -> &BTreeSet<FeatureName> {
        &self.hidden
    }

    /// Returns its status.
    #[must_use]
    pub const fn status(&self) -> &MembershipStatus {
        &self.status
    }

    /// Tells whether the status is active; the window is another matter.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.status, MembershipStatus::Active)
    }

    /// Returns when it holds.
    #[must_use]
    pub const fn window(&self) -> &Window {
        &self.window
    }

    /// Returns the epoch that sessions carry: it rises on disabling, removal and a change of kind,
    /// and a session of an earlier one is over (design 6).
    #[must_use]
    pub const fn access_epoch(&self) -> u64 {
        self.access_epoch
    }

    /// Returns when it began.
    #[must_use]
    pub const fn joined_at(&self) -> OffsetDateTime {
        self.joined_at
    }

    /// Returns the invitation it came from, if any.
    #[must_use]
    pub const fn invitation(&self) -> Option<InvitationId> {
        self.invitation
    }

    /// Returns the member's own details.
    #[must_use]
    pub const fn details(&self) -> &Details {
        &self.details
    }

    /// Returns the combination that decides what the member holds, without grants.
    #[must_use]
    pub fn combination(&self) -> Combination {
        Combination {
            kind: self.kind.clone(),
            role: self.role.clone(),
            levels: self.levels.clone(),
            switches: self.switches.clone(),
            profile: None,
        }
    }

    /// Returns the combination over a subject for which the member holds this profile.
    #[must_use]
    pub fn combination_over(&self, profile: ProfileId) -> Combination {
        Combination {
            profile: Some(profile),
            ..self.combination()
        }
    }

    /// Returns the levels that the membership names.
    pub fn level_ids(&self) -> impl Iterator<Item = doorward_types::LevelId> + '_ {
        let ids = match &self.levels {
            Levels::Unrestricted => None,
            Levels::Assigned(ids) => Some(ids),
        };
        ids.into_iter().flatten().copied()
    }

    /// Tells whether the member counts as an administrator of the tenant at this instant: active,
    /// inside a window without end, and able to administer. What cannot be decided does not count.
    #[must_use]
    pub fn administers(&self, catalog: &Catalog, sets: &Sets<'_>, now: OffsetDateTime) -> bool {
        let power = Power::of(catalog, &self.combination(), sets);
        self.is_lasting(now) && power.is_ok_and(|power| catalog.is_administered_by(&power))
    }

    /// Tells whether a change that may take administration from the member needs a [`Survivor`]. What
    /// cannot be decided counts as administering here, so that nothing slips through.
    #[must_use]
    pub fn needs_survivor(&self, catalog: &Catalog, sets: &Sets<'_>, now: OffsetDateTime) -> bool {
        let power = Power::of(catalog, &self.combination(), sets);
        self.is_lasting(now) && power.map_or(true, |power| catalog.is_administered_by(&power))
    }

    /// Changes the member's own details.
    ///
    /// # Errors
    /// [`DetailsRejection`] where the member was removed.
    pub fn edit_details(
        self,
        details: Details,
    ) -> Result<(Self, Vec<MembershipEvent>), DetailsRejection> {
        if self.is_removed() {
            return Err(DetailsRejection::Removed);
        }
        if self.details == details {
            return Ok((self, Vec::new()));
        }
        let event = MembershipEvent::DetailsEdited { id: self.id };
        Ok((Self { details, ..self }, vec![event]))
    }

    /// Design 4: "The last member who can administer a tenant cannot be removed, demoted, disabled or
    /// let expire".
    fn leaves_an_administrator(&self, after: &Self, edit: &MemberEdit<'_>) -> bool {
        let survives = |survivor: &Survivor| survivor.membership() != self.id;
        !self.needs_survivor(edit.catalog, &edit.sets, edit.now)
            || after.administers(edit.catalog, &edit.sets, edit.now)
            || edit.survivor.is_some_and(survives)
    }

    fn is_lasting(&self, now: OffsetDateTime) -> bool {
        self.is_active() && self.window.contains(now) && self.window.until().is_none()
    }

    /// What the member holds, alone and over each subject of a grant.
    fn powers(&self, edit: &MemberEdit<'_>) -> Result<Vec<Power>, crate::Missing> {
        let alone = self.combination();
        let over = edit
            .grants
            .iter()
            .map(|profile| self.combination_over(*profile));
        let combinations = std::iter::once(alone).chain(over);
        combinations
            .map(|combination| Power::of(edit.catalog, &combination, &edit.sets))
            .collect()
    }
}

/// A change of a member's own details that is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DetailsRejection {
    /// The member was removed.
    #[error("the member was removed: whoever returns joins anew")]
    Removed,
}
