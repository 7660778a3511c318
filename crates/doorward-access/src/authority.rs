//! Authority: what an actor may give.

use std::fmt;

use doorward_types::MembershipId;

use crate::{Catalog, Difference, Gives, PermissionSet, Planes, SelfGranted, composition::Power};

/// What an actor may give to others, taken before the change it judges.
///
/// Every change computes what each distinct combination of holders gains, and each gain must lie
/// within it; sets are never compared by their names (design 4).
///
/// ```
/// use doorward_access::{Authority, Gives};
/// // The operator creates a tenant with its first administrator; everybody else has what their
/// // `Standing::authority` says.
/// assert_eq!(Authority::everything().gives(), Gives::Everything);
/// assert_eq!(Authority::nothing().gives(), Gives::Held);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Authority {
    held: Planes,
    gives: Gives,
    unrestricted: bool,
    actor: Option<MembershipId>,
}

impl Authority {
    /// Returns the authority of somebody who may give everything and is no member: the operator, who
    /// creates a tenant with its first administrator.
    #[must_use]
    pub const fn everything() -> Self {
        Self {
            held: Planes::EMPTY,
            gives: Gives::Everything,
            unrestricted: true,
            actor: None,
        }
    }

    /// Returns the authority of somebody who may give nothing.
    #[must_use]
    pub const fn nothing() -> Self {
        Self {
            held: Planes::EMPTY,
            gives: Gives::Held,
            unrestricted: false,
            actor: None,
        }
    }

    pub(crate) const fn of(actor: MembershipId, power: &Power) -> Self {
        Self {
            held: power.planes,
            gives: power.gives,
            unrestricted: power.unrestricted,
            actor: Some(actor),
        }
    }

    /// Returns whether it is everything, or what the actor holds.
    #[must_use]
    pub const fn gives(&self) -> Gives {
        self.gives
    }

    /// Returns the membership that acts, if it is one.
    #[must_use]
    pub const fn actor(&self) -> Option<MembershipId> {
        self.actor
    }

    /// Judges a step from one power to another.
    pub(crate) fn judge(
        &self,
        catalog: &Catalog,
        before: &Power,
        after: &Power,
    ) -> Result<Difference, Shortfall> {
        let gained = after.planes.minus(before.planes);
        let difference = Difference {
            gained: catalog.names(&gained),
            lost: catalog.names(&before.planes.minus(after.planes)),
        };
        if self.gives == Gives::Everything {
            return Ok(difference);
        }
        let above = gained.minus(self.held);
        let shortfall = Shortfall {
            permissions: catalog.names(&above),
            unrestricted: after.unrestricted && !before.unrestricted && !self.unrestricted,
            everything: after.gives > before.gives,
        };
        if shortfall.is_none() {
            Ok(difference)
        } else {
            Err(shortfall)
        }
    }

    /// Tells whether a step from one power to another gives the actor something.
    pub(crate) fn self_granted(
        &self,
        target: MembershipId,
        before: &Power,
        after: &Power,
    ) -> SelfGranted {
        let gains = !before.planes.covers(after.planes)
            || after.gives > before.gives
            || (after.unrestricted && !before.unrestricted);
        if self.actor == Some(target) && gains {
            SelfGranted::Yes
        } else {
            SelfGranted::No
        }
    }
}

/// What a change would give and its actor cannot.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Shortfall {
    /// Permissions beyond what the actor holds, per reach.
    pub permissions: PermissionSet,
    /// Unrestricted access, which only someone unrestricted gives.
    pub unrestricted: bool,
    /// The power to give everything, which only its holder gives.
    pub everything: bool,
}

impl Shortfall {
    /// Tells whether nothing is short.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.permissions.is_empty() && !self.unrestricted && !self.everything
    }

    /// Returns both shortfalls together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        other.permissions.iter().for_each(|(name, reach)| {
            self.permissions.insert(name.clone(), reach);
        });
        self.unrestricted |= other.unrestricted;
        self.everything |= other.everything;
        self
    }
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut given = Vec::new();
        if !self.permissions.is_empty() {
            given.push(self.permissions.to_string());
        }
        if self.unrestricted {
            given.push("unrestricted access".to_owned());
        }
        if self.everything {
            given.push("the power to give everything".to_owned());
        }
        write!(
            f,
            "gives {}, which the actor cannot give",
            given.join(" and ")
        )
    }
}
