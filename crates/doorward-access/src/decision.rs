//! Decisions: the answer of a check, with its reason.

use doorward_types::{GrantId, LevelId, ProfileId, SupportId};

use crate::{Reach, SwitchRef};

/// The answer of a check with its reason (AuthZEN and Cedar: decision). Nothing but `Allow` allows.
#[must_use]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// Allowed, by this.
    Allow(Source),
    /// Denied, because of this.
    Deny(Denial),
    /// Not decided: a fact is missing. It never allows.
    Undecided(Missing),
}

impl Decision {
    /// Returns the decision without its reason.
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::Allow(_) => Verdict::Allow,
            Self::Deny(_) => Verdict::Deny,
            Self::Undecided(_) => Verdict::Undecided,
        }
    }

    /// Returns what allowed it, or the refusal as an error to pass on with `?`.
    ///
    /// # Errors
    /// [`Refused`] where it is denied or undecided.
    pub const fn allowed(self) -> Result<Source, Refused> {
        match self {
            Self::Allow(source) => Ok(source),
            Self::Deny(denial) => Err(Refused::Denied(denial)),
            Self::Undecided(missing) => Err(Refused::Undecided(missing)),
        }
    }
}

/// A decision without its reason.
#[must_use]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Allowed.
    Allow,
    /// Denied.
    Deny,
    /// Not decided; it never allows.
    Undecided,
}

/// What gave the permission.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Source {
    /// The baseline of the member's kind.
    Baseline,
    /// The member's role.
    Role,
    /// Unrestricted access.
    Unrestricted,
    /// A security level.
    Level(LevelId),
    /// A switch that is on.
    Switch(SwitchRef),
    /// A grant over the subject.
    Grant(GrantId),
    /// An opening of the tenant to the provider's support.
    Support(SupportId),
}

/// Why a permission is denied.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Denial {
    /// The membership was removed, or the opening to support revoked.
    Removed,
    /// The membership is disabled.
    Disabled,
    /// The membership's window has not begun.
    NotYet,
    /// The membership's window is over.
    Expired,
    /// A switch takes it.
    Withdrawn(SwitchRef),
    /// Something gives it, but nobody of this kind can hold it at that reach.
    AboveCeiling,
    /// It is held, at a narrower reach.
    OutOfReach {
        /// The widest reach at which it is held.
        held: Reach,
    },
    /// A grant over the subject gives it, but has not begun.
    GrantNotYet(GrantId),
    /// A grant over the subject gave it and is over.
    GrantEnded(GrantId),
    /// Nothing gives it.
    NeverGranted,
}

/// The fact that a decision lacks.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Missing {
    /// The catalog does not know the member's stored kind, role, or one of the switches: it may have
    /// been a restriction (design 4).
    Catalog,
    /// The record of a level that the member holds was not given, and nothing else decides.
    Level(LevelId),
    /// The record of a profile that the member holds over the subject was not given, and nothing else
    /// decides.
    Profile(ProfileId),
    /// The check named no permission, or none of this catalog.
    Permission,
}

/// A check that did not allow.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refused {
    /// It was denied.
    #[error("access is denied")]
    Denied(Denial),
    /// It was not decided.
    #[error("access could not be decided")]
    Undecided(Missing),
}
