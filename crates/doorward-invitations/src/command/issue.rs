//! Issue: an invitation is made.

use doorward_types::{
    ClassName, DisplayName, EmailAddress, InvitationId, MembershipId, Offer, PersonId, SubjectId,
    TenantId, TokenDigest,
};
use time::OffsetDateTime;

use crate::{
    AddressStanding, Event, Identity, Invitation, Mailing, Policy, Shortfall, Sponsor,
    SponsorVerdict, State, Sworn,
    attested::{Unsworn, needs_subject, swear},
};

/// What an invitation is made of.
#[derive(Clone, Debug)]
pub struct Issue {
    /// Its id, made now.
    pub id: InvitationId,
    /// The tenant that invites.
    pub tenant: TenantId,
    /// To which address.
    pub address: EmailAddress,
    /// To which person of the tenant, if it has a record of them.
    pub person: Option<PersonId>,
    /// Whom the invitation names.
    pub name: Option<DisplayName>,
    /// The class of account it makes.
    pub class: ClassName,
    /// What it offers.
    pub offer: Offer,
    /// What the sponsor's form swore.
    pub sworn: Sworn,
    /// Who vouches.
    pub sponsor: Sponsor,
    /// Whether the sponsor may give what is offered.
    pub verdict: SponsorVerdict,
    /// How the address stands in the tenant.
    pub standing: AddressStanding,
    /// The digest of the first link's secret.
    pub digest: TokenDigest,
}

/// Why no invitation was made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IssueRejection {
    /// The address is another person's in this tenant (design 9.10).
    #[error("the address belongs to another person here: give this one an address of their own")]
    AddressOfAnotherPerson {
        /// That person, where the tenant has a record.
        holder: Option<PersonId>,
    },
    /// The address is a member's: grant directly.
    #[error("`{membership}` is a member already: change their access instead")]
    AlreadyMember {
        /// The membership.
        membership: MembershipId,
    },
    /// The address has an open invitation: amend or resend it.
    #[error("`{invitation}` is open for this address: amend or resend it instead")]
    AlreadyOpen {
        /// The open one.
        invitation: InvitationId,
    },
    /// The sponsor may not give what is offered.
    #[error("the offer is above the sponsor's own rights: {0}")]
    AboveCeiling(Shortfall),
    /// Boxes were not ticked, or beside other words than the present ones.
    #[error("confirm for each subject that this person may see their information")]
    NoAttestation {
        /// The subjects without.
        subjects: Vec<SubjectId>,
    },
    /// What must be sworn, a process cannot swear.
    #[error("a member must send an invitation that needs a confirmation")]
    NoSwearer,
    /// An oath is needed, and there is no subject to swear about.
    #[error("an invitation of this class names at least one subject")]
    NoSubject,
}

impl Invitation {
    /// Makes an invitation; its first mail goes out with the commit.
    ///
    /// # Errors
    /// [`IssueRejection`] says why none was made.
    pub fn issue(
        issue: Issue,
        policy: &Policy,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<Event>), IssueRejection> {
        let Issue { standing, .. } = &issue;
        let invited = Identity {
            person: issue.person,
            reference: None,
            name: issue.name.clone(),
        };
        if let Some(holder) = &standing.holder
            && !holder.same_as(&invited)
        {
            let holder = holder.person;
            return Err(IssueRejection::AddressOfAnotherPerson { holder });
        }
        let person = standing.holder.as_ref().and_then(|holder| holder.person);
        if let Some(member) = &standing.member {
            return Err(IssueRejection::AlreadyMember {
                membership: member.membership,
            });
        }
        if let Some(open) = &standing.open {
            return Err(IssueRejection::AlreadyOpen {
                invitation: open.id,
            });
        }
        issue
            .verdict
            .within()
            .map_err(IssueRejection::AboveCeiling)?;
        let subjects = issue.offer.subjects();
        needs_subject(subjects.len(), policy.attestation())?;
        let subjects = subjects.iter().map(|offer| offer.subject);
        let attested = swear(
            subjects,
            &issue.sworn,
            issue.sponsor,
            policy.attestation(),
            now,
        )?;
        let expires_at = policy.lifetime().after(now);
        let invitation = Self {
            id: issue.id,
            tenant: issue.tenant,
            address: issue.address,
            person: issue.person.or(person),
            name: issue.name,
            class: issue.class,
            offer: issue.offer,
            attested,
            sponsor: issue.sponsor,
            issued_at: now,
            lifetime: policy.lifetime(),
            mailing: Mailing::first(issue.digest, now, expires_at),
            resend_count: 0,
            reminded_at: None,
            expiry_noted_at: None,
            state: State::Open,
        };
        let event = Event::Issued {
            invitation: invitation.id,
            address: invitation.address.clone(),
            person: invitation.person,
            offer: invitation.offer.clone(),
            sponsor: invitation.sponsor,
            attested: invitation.attested.clone(),
            generation: invitation.mailing.generation,
            expires_at,
        };
        Ok((invitation, vec![event]))
    }
}

impl From<Unsworn> for IssueRejection {
    fn from(unsworn: Unsworn) -> Self {
        match unsworn {
            Unsworn::NoSubject => Self::NoSubject,
            Unsworn::Operator => Self::NoSwearer,
            Unsworn::Missing(subjects) => Self::NoAttestation { subjects },
        }
    }
}
