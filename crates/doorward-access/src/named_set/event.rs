//! What happened to a level or profile, and why a command on one is refused.

use doorward_types::DisplayName;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::SelfGranted;
use crate::{Missing, PermissionSet, Shortfall, UnknownPermissions};

/// What happened to a level or profile.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum NamedSetEvent<Id> {
    /// It was created.
    Created {
        /// Which set.
        id: Id,
        /// What it is called.
        name: DisplayName,
        /// What it holds.
        permissions: PermissionSet,
    },
    /// It was renamed.
    Renamed {
        /// Which set.
        id: Id,
        /// Its name before.
        before: DisplayName,
        /// Its name now.
        after: DisplayName,
    },
    /// Its permissions were edited, for all its holders.
    Edited {
        /// Which set.
        id: Id,
        /// What it held before.
        before: PermissionSet,
        /// What it holds now.
        after: PermissionSet,
        /// How many hold it.
        holders: u64,
        /// Whether the actor is one of them and gained.
        self_granted: SelfGranted,
    },
    /// Its deletion began.
    Retired {
        /// Which set.
        id: Id,
    },
    /// Its deletion was undone.
    Restored {
        /// Which set.
        id: Id,
    },
    /// It was deleted.
    Deleted {
        /// Which set.
        id: Id,
        /// What it was called.
        name: DisplayName,
    },
}

/// An edit of a level or profile that is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EditRejection {
    /// It names permissions that the catalog does not have.
    #[error(transparent)]
    Unknown(#[from] UnknownPermissions),
    /// A holder would gain what the actor cannot give.
    #[error("the edit {0}")]
    Above(Shortfall),
    /// The tenant would lose its last administrator.
    #[error("the tenant would be left without an administrator: make another one first")]
    LastAdministrator,
    /// A fact about a holder is missing.
    #[error("what a holder holds could not be told: reload levels, profiles and catalog")]
    Undecided(Missing),
}

/// A retirement that is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RetireRejection {
    /// It is retired already.
    #[error("it is being deleted since `{at}`")]
    AlreadyRetired {
        /// Since when.
        at: OffsetDateTime,
    },
}

/// A deletion that is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DeleteRejection {
    /// Members hold it, or open offers name it.
    #[error("it is in use {count} times: take it from its holders and open offers first")]
    InUse {
        /// How many holders and open offers.
        count: u64,
    },
    /// It was not retired first.
    #[error("it must be retired before it is deleted")]
    NotRetired,
}

impl From<Missing> for EditRejection {
    fn from(missing: Missing) -> Self {
        Self::Undecided(missing)
    }
}
