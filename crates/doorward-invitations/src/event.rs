//! Events: what happened to an invitation.

use doorward_types::{
    AccountId, Agreement, Delivery, EmailAddress, Generation, InvitationId, MembershipId, Offer,
    PersonId, Principal, SubjectId, SubjectOffer,
};
use time::OffsetDateTime;

use crate::{AcceptPath, Attested, DeclinePath, DeclineReason, Sponsor};

/// What happened to an invitation, with what an audit entry needs. Addresses and the words of a
/// decline are personal data and stand in typed fields of their own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Event {
    /// It was made; the first mail goes out.
    Issued {
        /// Which one.
        invitation: InvitationId,
        /// To which address.
        address: EmailAddress,
        /// To which person of the tenant, if known.
        person: Option<PersonId>,
        /// What it offers.
        offer: Offer,
        /// Who vouches.
        sponsor: Sponsor,
        /// What was sworn.
        attested: Vec<Attested>,
        /// Which mailing goes out.
        generation: Generation,
        /// The first instant at which the link is no longer good.
        expires_at: OffsetDateTime,
    },
    /// It was sent again; the older link ended.
    Resent {
        /// Which one.
        invitation: InvitationId,
        /// Who vouched before.
        was: Sponsor,
        /// Who vouches now: whoever sent it again.
        sponsor: Sponsor,
        /// Which mailing goes out.
        generation: Generation,
        /// The first instant at which the new link is no longer good.
        expires_at: OffsetDateTime,
    },
    /// Its reminder goes out; the older link ended, the end did not move.
    Reminded {
        /// Which one.
        invitation: InvitationId,
        /// Which mailing goes out.
        generation: Generation,
        /// The first instant at which the new link is no longer good, as before.
        expires_at: OffsetDateTime,
    },
    /// Subjects were added or taken away; one new mail goes out.
    Amended {
        /// Which one.
        invitation: InvitationId,
        /// Who vouches now: whoever amended it.
        sponsor: Sponsor,
        /// The subjects that were added.
        added: Vec<SubjectOffer>,
        /// The subjects that were taken away.
        withdrawn: Vec<SubjectId>,
        /// What was sworn for those added.
        attested: Vec<Attested>,
        /// Which mailing goes out.
        generation: Generation,
        /// The first instant at which the new link is no longer good.
        expires_at: OffsetDateTime,
    },
    /// Another member vouches for it.
    Adopted {
        /// Which one.
        invitation: InvitationId,
        /// Who vouched before.
        was: Sponsor,
        /// Who vouches now.
        sponsor: Sponsor,
    },
    /// It was taken back.
    Revoked {
        /// Which one.
        invitation: InvitationId,
        /// By whom.
        by: Principal,
    },
    /// The invited person said no; the sponsor is told.
    Declined {
        /// Which one.
        invitation: InvitationId,
        /// Why.
        reason: DeclineReason,
        /// How.
        path: DeclinePath,
        /// Who is told.
        sponsor: Sponsor,
    },
    /// Somebody joined by it.
    Accepted {
        /// Which one.
        invitation: InvitationId,
        /// The account.
        account: AccountId,
        /// The new membership.
        membership: MembershipId,
        /// How.
        path: AcceptPath,
        /// What the person agreed to.
        agreements: Vec<Agreement>,
        /// Who vouched.
        sponsor: Sponsor,
    },
    /// It had expired and gave its place to a newer one.
    Replaced {
        /// Which one.
        invitation: InvitationId,
        /// The newer one.
        by: InvitationId,
    },
    /// It expired and the sponsor is told.
    ExpiryNoted {
        /// Which one.
        invitation: InvitationId,
        /// When it expired.
        expired_at: OffsetDateTime,
        /// Who is told.
        sponsor: Sponsor,
    },
    /// A report about its latest mail came in.
    DeliveryRecorded {
        /// Which one.
        invitation: InvitationId,
        /// Which mailing.
        generation: Generation,
        /// What was known before.
        was: Delivery,
        /// What is known now.
        status: Delivery,
    },
}

impl Event {
    /// Returns the invitation it happened to.
    #[must_use]
    pub const fn invitation(&self) -> InvitationId {
        match self {
            Self::Issued { invitation, .. }
            | Self::Resent { invitation, .. }
            | Self::Reminded { invitation, .. }
            | Self::Amended { invitation, .. }
            | Self::Adopted { invitation, .. }
            | Self::Revoked { invitation, .. }
            | Self::Declined { invitation, .. }
            | Self::Accepted { invitation, .. }
            | Self::Replaced { invitation, .. }
            | Self::ExpiryNoted { invitation, .. }
            | Self::DeliveryRecorded { invitation, .. } => *invitation,
        }
    }

    /// Returns the mailing that must go out with the same commit, if one must.
    #[must_use]
    pub const fn mailing(&self) -> Option<Generation> {
        match self {
            Self::Issued { generation, .. }
            | Self::Resent { generation, .. }
            | Self::Reminded { generation, .. }
            | Self::Amended { generation, .. } => Some(*generation),
            _ => None,
        }
    }

    /// Returns the word under which audit files it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Issued { .. } => "invitation_issued",
            Self::Resent { .. } => "invitation_resent",
            Self::Reminded { .. } => "invitation_reminded",
            Self::Amended { .. } => "invitation_amended",
            Self::Adopted { .. } => "invitation_adopted",
            Self::Revoked { .. } => "invitation_revoked",
            Self::Declined { .. } => "invitation_declined",
            Self::Accepted { .. } => "invitation_accepted",
            Self::Replaced { .. } => "invitation_replaced",
            Self::ExpiryNoted { .. } => "invitation_expired",
            Self::DeliveryRecorded { .. } => "invitation_delivery_recorded",
        }
    }
}
