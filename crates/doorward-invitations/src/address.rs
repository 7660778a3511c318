//! How an address stands in the tenant, and whether an account has it: facts the shell looked up.

use std::collections::BTreeSet;

use doorward_types::{InvitationId, MembershipId, SubjectId};
use time::OffsetDateTime;

use crate::{Identity, Invitation, Status};

/// How an address stands in the tenant. Says nothing about accounts elsewhere: a sponsor does not
/// learn whether one exists (ASVS 6.3.8).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AddressStanding {
    /// The person of the tenant whose address it is: the one who had it first (design 9.10). Where
    /// no person is on record, whoever the open invitation or the membership names.
    pub holder: Option<Identity>,
    /// The open, unexpired invitation to it.
    pub open: Option<OpenInvitation>,
    /// The member of the tenant who has it as a verified address.
    pub member: Option<TenantMember>,
}

/// An open, unexpired invitation to an address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OpenInvitation {
    /// Which one.
    pub id: InvitationId,
    /// The subjects it offers.
    pub subjects: BTreeSet<SubjectId>,
}

impl OpenInvitation {
    /// Returns the fact, unless the invitation is closed or expired: neither blocks a new one.
    #[must_use]
    pub fn of(invitation: &Invitation, now: OffsetDateTime) -> Option<Self> {
        let subjects = invitation.offer().subjects().iter();
        (invitation.status(now) == Status::Invited).then(|| Self {
            id: invitation.id(),
            subjects: subjects.map(|offer| offer.subject).collect(),
        })
    }
}

/// A member of the tenant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TenantMember {
    /// The membership.
    pub membership: MembershipId,
    /// The subjects over which it holds a live grant.
    pub subjects: BTreeSet<SubjectId>,
}

/// Whether a verified account has the invited address by now (the directory's claim).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AddressClaim {
    /// No account has it: a new person can register.
    Free,
    /// An account has it: its holder signs in to accept.
    Taken,
}
