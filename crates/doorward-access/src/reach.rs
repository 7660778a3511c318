//! Reach: over whose data a permission is held; relation: whose data a record is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Over whose data a permission is held. Wider implies narrower: `Any` gives `Assigned` gives `Own`
/// (design 4).
///
/// ```
/// use doorward_access::Reach;
/// assert!(Reach::Own < Reach::Assigned && Reach::Assigned < Reach::Any);
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// One's own data (Kalix: "can only edit their own").
    Own,
    /// The data of the people one is assigned (Kalix: "Access Only Assigned Clients"; HomeTrak:
    /// "People that this Account can View").
    Assigned,
    /// Everybody's data in the tenant.
    Any,
}

impl Reach {
    /// Every reach, from narrow to wide.
    pub const ALL: [Self; 3] = [Self::Own, Self::Assigned, Self::Any];

    /// Returns the word for it, as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Assigned => "assigned",
            Self::Any => "any",
        }
    }

    const fn phrase(self) -> &'static str {
        match self {
            Self::Own => "one's own data",
            Self::Assigned => "the data of assigned people",
            Self::Any => "anybody's data",
        }
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.phrase())
    }
}

/// Whose data a record is, seen from a member: the narrowest that holds (design 4).
///
/// [`Standing::relation`](crate::Standing::relation) computes it from facts; a host that keeps
/// relations itself passes its own.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Relation {
    /// The member's own: they are the subject, or the record's owner.
    Own,
    /// Of a person the member is assigned.
    Assigned,
    /// Somebody else's.
    Other,
}

impl Relation {
    /// Every relation, from near to far.
    pub const ALL: [Self; 3] = [Self::Own, Self::Assigned, Self::Other];

    /// Returns the reach a permission needs to cover it.
    #[must_use]
    pub const fn reach(self) -> Reach {
        match self {
            Self::Own => Reach::Own,
            Self::Assigned => Reach::Assigned,
            Self::Other => Reach::Any,
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reach().fmt(f)
    }
}
