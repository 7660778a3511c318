//! What happened to a grant, and why a command on one is refused.

use doorward_types::{GrantId, MembershipId, ProfileId, SubjectId, Window};
use serde::{Deserialize, Serialize};

use crate::{Missing, SelfGranted, Shortfall};

/// What happened to a grant.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum GrantEvent {
    /// It was given.
    Given {
        /// Which grant.
        id: GrantId,
        /// To whom.
        membership: MembershipId,
        /// Over whose data.
        subject: SubjectId,
        /// Under which profile.
        profile: ProfileId,
        /// When.
        window: Window,
        /// Whether the actor is the member and gained.
        self_granted: SelfGranted,
    },
    /// Its profile was changed.
    ProfileChanged {
        /// Which grant.
        id: GrantId,
        /// The profile before.
        before: ProfileId,
        /// The profile now.
        after: ProfileId,
        /// Whether the actor is the member and gained.
        self_granted: SelfGranted,
    },
    /// Its window was changed.
    WindowSet {
        /// Which grant.
        id: GrantId,
        /// The window before.
        before: Window,
        /// The window now.
        after: Window,
    },
    /// It was taken back.
    Revoked {
        /// Which grant.
        id: GrantId,
        /// Whose.
        membership: MembershipId,
    },
    /// It ended with the relationship.
    Ended {
        /// Which grant.
        id: GrantId,
        /// Whose.
        membership: MembershipId,
    },
}

/// A command on a grant that is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum GrantRejection {
    /// The member would gain what the actor cannot give.
    #[error("the grant {0}")]
    Above(Shortfall),
    /// The grantor must swear to the host's statement first.
    #[error("confirm that the member is authorized to view this person's information")]
    AttestationMissing,
    /// Something else was sworn to, or another version of it.
    #[error("the confirmation is of another statement: confirm the present one")]
    OtherStatement,
    /// The tenant has no such profile.
    #[error("profile `{profile}` does not exist")]
    UnknownProfile {
        /// Which profile.
        profile: ProfileId,
    },
    /// The profile is being deleted.
    #[error("profile `{profile}` is being deleted: choose another")]
    RetiredProfile {
        /// Which profile.
        profile: ProfileId,
    },
    /// The window would be over from the start.
    #[error("the window is over already: choose a later end")]
    WindowOver,
    /// The member was removed.
    #[error("the member was removed: whoever returns joins anew")]
    MemberRemoved,
    /// The grant is over.
    #[error("the grant is over: give a new one")]
    Over,
    /// A fact is missing.
    #[error("what the member holds could not be told: reload levels, profiles and catalog")]
    Undecided(Missing),
}

impl From<Missing> for GrantRejection {
    fn from(missing: Missing) -> Self {
        Self::Undecided(missing)
    }
}
