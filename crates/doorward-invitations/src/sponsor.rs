//! Sponsors: who vouches for an invitation, and whether they still may.

use std::{collections::BTreeSet, fmt};

use doorward_types::{MembershipId, PermissionName};
use serde::{Deserialize, Serialize};

/// Who vouches for an invitation.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sponsor {
    /// A member of the tenant.
    Member(MembershipId),
    /// The host process, for a tenant's first administrator alone (design 6; ASVS 6.3.2).
    Operator,
}

impl Sponsor {
    /// Returns the membership, if it is a member.
    #[must_use]
    pub const fn membership(self) -> Option<MembershipId> {
        match self {
            Self::Member(membership) => Some(membership),
            Self::Operator => None,
        }
    }
}

impl fmt::Display for Sponsor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(membership) => membership.fmt(f),
            Self::Operator => f.write_str("operator"),
        }
    }
}

/// What a sponsor lacks to make an offer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Shortfall {
    /// Permissions that the offer gives and the sponsor may not give.
    Permissions(BTreeSet<PermissionName>),
    /// The offer gives `Unrestricted`, which only someone unrestricted gives (design 4).
    Unrestricted,
    /// The sponsor is no longer an active member who may invite.
    SponsorGone,
    /// The offer names a role, level or profile that is no longer there.
    OfferGone,
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permissions(names) => {
                f.write_str("the sponsor may not give")?;
                for (nth, name) in names.iter().enumerate() {
                    write!(f, "{} `{name}`", if nth == 0 { "" } else { "," })?;
                }
                Ok(())
            }
            Self::Unrestricted => f.write_str("only someone unrestricted gives `unrestricted`"),
            Self::SponsorGone => f.write_str("the sponsor no longer may invite"),
            Self::OfferGone => f.write_str("the offer names a role, level or profile that is gone"),
        }
    }
}

/// Whether an offer lies within what its sponsor may give, as access judged it just now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SponsorVerdict {
    /// It does.
    Within,
    /// It does not.
    Above(Shortfall),
}

impl SponsorVerdict {
    /// Returns the verdict over permissions that the sponsor may not give: none of them is within.
    ///
    /// ```
    /// use doorward_invitations::SponsorVerdict;
    /// assert_eq!(SponsorVerdict::lacking([]), SponsorVerdict::Within);
    /// ```
    #[must_use]
    pub fn lacking(names: impl IntoIterator<Item = PermissionName>) -> Self {
        let names: BTreeSet<_> = names.into_iter().collect();
        if names.is_empty() {
            Self::Within
        } else {
            Self::Above(Shortfall::Permissions(names))
        }
    }

    pub(crate) fn within(self) -> Result<(), Shortfall> {
        match self {
            Self::Within => Ok(()),
            Self::Above(shortfall) => Err(shortfall),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortfall_names_what_is_missing() {
        let names = ["edit_bills", "view_bills"].map(|name| PermissionName::new(name).unwrap());
        let SponsorVerdict::Above(shortfall) = SponsorVerdict::lacking(names) else {
            panic!("two names are missing");
        };
        assert_eq!(
            shortfall.to_string(),
            "the sponsor may not give `edit_bills`, `view_bills`"
        );
    }
}
