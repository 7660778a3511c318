//! Joining a tenant.

use doorward_types::{AccountId, InvitationId, MembershipId, PersonId, TenantId, Window};
use time::OffsetDateTime;

use super::{Details, Membership, MembershipEvent, MembershipStatus};
use crate::FittedOffer;

/// Who joins, and how.
#[derive(Clone, Debug)]
pub struct Joining {
    /// The id of the new membership.
    pub id: MembershipId,
    /// The tenant.
    pub tenant: TenantId,
    /// The account that joins.
    pub account: AccountId,
    /// The tenant's record of the human, where there is one.
    pub person: Option<PersonId>,
    /// The invitation that was accepted, if there was one.
    pub invitation: Option<InvitationId>,
    /// When the membership holds.
    pub window: Window,
    /// The member's own details.
    pub details: Details,
}

impl Membership {
    /// Joins an account to a tenant on the terms of an offer that was judged to lie within what its
    /// sponsor may give. The grants of the offer are records of their own.
    #[must_use]
    pub fn join(
        joining: Joining,
        offer: &FittedOffer,
        now: OffsetDateTime,
    ) -> (Self, Vec<MembershipEvent>) {
        let Joining {
            id,
            tenant,
            account,
            person,
            invitation,
            window,
            details,
        } = joining;
        let offer = offer.as_offer();
        let event = MembershipEvent::Joined {
            id,
            account,
            kind: offer.kind().clone(),
            role: offer.role().cloned(),
            levels: offer.levels().clone(),
            switches: offer.switches().clone(),
            invitation,
        };
        let membership = Self {
            id,
            tenant,
            account,
            person,
            kind: offer.kind().clone(),
            role: offer.role().cloned(),
            levels: offer.levels().clone(),
            switches: offer.switches().clone(),
            hidden: std::collections::BTreeSet::new(),
            status: MembershipStatus::Active,
            window,
            access_epoch: 1,
            joined_at: now,
            invitation,
            details,
        };
        (membership, vec![event])
    }
}
