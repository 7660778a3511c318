//! Survivors: the last administrator rule.

use doorward_types::MembershipId;
use time::OffsetDateTime;

use crate::{
    Administration, Catalog, Combination, Gives, Membership, Permissions as _, Reach, Sets,
    Unrestricted, composition::Power,
};

/// Proof that somebody who can administer the tenant stays. The commit that relies on it checks the
/// survivor's membership and account records, so that it holds under races too (design 3).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Survivor {
    membership: MembershipId,
    combination: Combination,
}

/// Whether a member's account is active: a fact from the directory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AccountStanding {
    /// It can sign in.
    Active,
    /// It cannot: pending, disabled, closed or erased.
    Inactive,
}

impl Survivor {
    /// Returns the first of these members who can administer the tenant: active membership, active
    /// account, window without end, and a role, kind or levels that administer. Leave out whoever is
    /// about to go.
    pub fn among<'a>(
        candidates: impl IntoIterator<Item = (&'a Membership, AccountStanding)>,
        catalog: &Catalog,
        sets: &Sets<'_>,
        now: OffsetDateTime,
    ) -> Option<Self> {
        let mut able = candidates.into_iter().filter(|(membership, account)| {
            *account == AccountStanding::Active && membership.administers(catalog, sets, now)
        });
        able.next().map(|(membership, _)| Self {
            membership: membership.id(),
            combination: membership.combination(),
        })
    }

    /// Returns who stays.
    #[must_use]
    pub const fn membership(&self) -> MembershipId {
        self.membership
    }

    pub(crate) const fn combination(&self) -> &Combination {
        &self.combination
    }
}

impl Catalog {
    /// Tells whether this combination administers a tenant: it manages members, and gives everything
    /// where the catalog has anyone who does.
    ///
    /// # Errors
    /// [`Missing`](crate::Missing) where a level of it was not given or the catalog does not know it.
    pub fn administers(
        &self,
        combination: &Combination,
        sets: &Sets<'_>,
    ) -> Result<bool, crate::Missing> {
        Power::of(self, combination, sets).map(|power| self.is_administered_by(&power))
    }

    pub(crate) fn is_administered_by(&self, power: &Power) -> bool {
        let manages = self
            .needed_for(Administration::ManageMembers)
            .is_some_and(|needs| power.planes.at(Reach::Any).contains(needs.mask()));
        manages && (power.gives == Gives::Everything || !self.someone_gives_everything())
    }

    fn someone_gives_everything(&self) -> bool {
        let all = |kind: &crate::Kind| {
            matches!(
                kind.unrestricted(),
                Unrestricted::Exists(Gives::Everything) | Unrestricted::Default(Gives::Everything)
            )
        };
        self.roles().any(|role| role.gives() == Gives::Everything) || self.kinds().any(all)
    }
}
