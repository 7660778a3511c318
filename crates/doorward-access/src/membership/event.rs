//! What happened to a membership.

use std::collections::BTreeSet;

use doorward_types::{
    AccountId, FeatureName, InvitationId, KindName, Levels, MembershipId, RoleName, SwitchName,
    Switches, Window,
};
use serde::{Deserialize, Serialize};

use crate::{Difference, SelfGranted};

/// What happened to a membership. Ids and names of the catalog only, no personal data.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum MembershipEvent {
    /// An account joined the tenant.
    Joined {
        /// Which membership.
        id: MembershipId,
        /// The account.
        account: AccountId,
        /// As which kind of user.
        kind: KindName,
        /// In which role.
        role: Option<RoleName>,
        /// With which levels.
        levels: Levels,
        /// With which switches.
        switches: Switches,
        /// Through which invitation.
        invitation: Option<InvitationId>,
    },
    /// The role, the levels or the switches were edited, in one form.
    AccessEdited {
        /// Which membership.
        id: MembershipId,
        /// The role before.
        role_before: Option<RoleName>,
        /// The role now.
        role_after: Option<RoleName>,
        /// The levels before.
        levels_before: Levels,
        /// The levels now.
        levels_after: Levels,
        /// The switches before.
        switches_before: Switches,
        /// The switches now.
        switches_after: Switches,
        /// What the member gained and lost, grants included.
        difference: Difference,
        /// Whether the actor is the member and gained.
        self_granted: SelfGranted,
    },
    /// A switch that the new role or kind does not have was dropped (design 9.4).
    SwitchDropped {
        /// Which membership.
        id: MembershipId,
        /// Which switch.
        switch: SwitchName,
    },
    /// The kind of user was changed, and levels were asked for anew (design 9.6).
    KindChanged {
        /// Which membership.
        id: MembershipId,
        /// The kind before.
        before: KindName,
        /// The kind now.
        after: KindName,
        /// The role now.
        role: Option<RoleName>,
        /// The levels now.
        levels: Levels,
        /// The switches now.
        switches: Switches,
        /// What the member gained and lost, grants included.
        difference: Difference,
        /// Whether the actor is the member and gained.
        self_granted: SelfGranted,
    },
    /// The features hidden on the desktop were changed.
    FeaturesHidden {
        /// Which membership.
        id: MembershipId,
        /// Hidden before.
        before: BTreeSet<FeatureName>,
        /// Hidden now.
        after: BTreeSet<FeatureName>,
    },
    /// The window was changed.
    WindowSet {
        /// Which membership.
        id: MembershipId,
        /// The window before.
        before: Window,
        /// The window now.
        after: Window,
        /// Whether the actor is the member and gained time.
        #[serde(default)]
        self_granted: SelfGranted,
    },
    /// Access was disabled.
    Disabled {
        /// Which membership.
        id: MembershipId,
    },
    /// Access was restored.
    Restored {
        /// Which membership.
        id: MembershipId,
    },
    /// It belongs to another account of the same person now.
    Moved {
        /// Which membership.
        id: MembershipId,
        /// The account before.
        before: AccountId,
        /// The account now.
        after: AccountId,
    },
    /// The member was removed.
    Removed {
        /// Which membership.
        id: MembershipId,
    },
    /// The member's own details were changed.
    DetailsEdited {
        /// Which membership.
        id: MembershipId,
    },
}

impl MembershipEvent {
    /// Returns which membership it happened to.
    #[must_use]
    pub const fn membership(&self) -> MembershipId {
        match self {
            Self::Joined { id, .. }
            | Self::AccessEdited { id, .. }
            | Self::SwitchDropped { id, .. }
            | Self::KindChanged { id, .. }
            | Self::FeaturesHidden { id, .. }
            | Self::WindowSet { id, .. }
            | Self::Disabled { id }
            | Self::Restored { id }
            | Self::Moved { id, .. }
            | Self::Removed { id }
            | Self::DetailsEdited { id } => *id,
        }
    }
}
