//! Amend: other subjects for an address that has an open invitation.

use std::collections::BTreeSet;

use doorward_types::{OfferError, SubjectId, SubjectOffer, TokenDigest};
use time::OffsetDateTime;

use crate::{
    Closed, Event, Invitation, Policy, Shortfall, Sponsor, SponsorVerdict, Sworn,
    attested::{Unsworn, needs_subject, swear},
};

/// How an open invitation changes.
#[derive(Clone, Debug)]
pub struct Amend {
    /// The subjects to add.
    pub add: Vec<SubjectOffer>,
    /// The subjects to take away: a relationship ended before the invitation was answered.
    pub withdraw: BTreeSet<SubjectId>,
    /// What the sponsor's form swore about those to add.
    pub sworn: Sworn,
    /// Who amends it, and vouches for it from then on.
    pub by: Sponsor,
    /// Whether they may give all that is then offered.
    pub verdict: SponsorVerdict,
    /// The digest of the new link's secret.
    pub digest: TokenDigest,
}

/// Why it was not amended.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AmendRejection {
    /// It was answered or taken back.
    #[error(transparent)]
    Closed(Closed),
    /// It expired: a new one can be sent at once.
    #[error("the invitation expired at `{at}`: send a new one")]
    Expired {
        /// When.
        at: OffsetDateTime,
    },
    /// Nothing to add and nothing to take away that it offers.
    #[error("name a subject to add, or one of the invitation's own to take away")]
    NothingToAmend,
    /// More than ten subjects, or one twice.
    #[error(transparent)]
    Offer(#[from] OfferError),
    /// Whoever amends it may not give what would be offered.
    #[error("the offer is above the sponsor's own rights: {0}")]
    AboveCeiling(Shortfall),
    /// Boxes were not ticked, or beside other words than the present ones.
    #[error("confirm for each added subject that this person may see their information")]
    NoAttestation {
        /// The subjects without.
        subjects: Vec<SubjectId>,
    },
    /// What must be sworn, a process cannot swear.
    #[error("a member must amend an invitation that needs a confirmation")]
    NoSwearer,
    /// The last subject would go where the policy needs one.
    #[error("an invitation of this class keeps at least one subject: revoke it instead")]
    NoSubject,
}

impl Invitation {
    /// Adds subjects, takes others away: the next generation, a new clock, one mail, and an oath
    /// for each subject added (design 5).
    ///
    /// # Errors
    /// [`AmendRejection`] says why it stays as it is.
    pub fn amend(
        mut self,
        amend: Amend,
        policy: &Policy,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<Event>), AmendRejection> {
        self.check_open().map_err(AmendRejection::Closed)?;
        if self.mailing.has_expired(now) {
            return Err(AmendRejection::Expired {
                at: self.mailing.expires_at,
            });
        }
        let subjects = self.offer.subjects().iter().map(|offer| offer.subject);
        let withdrawn: Vec<_> = subjects
            .filter(|subject| amend.withdraw.contains(subject))
            .collect();
        if amend.add.is_empty() && withdrawn.is_empty() {
            return Err(AmendRejection::NothingToAmend);
        }
        let offer = self
            .offer
            .clone()
            .amended(amend.add.iter().cloned(), &amend.withdraw)?;
        needs_subject(offer.subjects().len(), policy.attestation())?;
        amend
            .verdict
            .within()
            .map_err(AmendRejection::AboveCeiling)?;
        let added = amend.add.iter().map(|offer| offer.subject);
        let attested = swear(added, &amend.sworn, amend.by, policy.attestation(), now)?;
        self.offer = offer;
        self.attested.extend(attested.iter().cloned());
        self.sponsor = amend.by;
        self.mail_anew(amend.digest, policy, now);
        let event = Event::Amended {
            invitation: self.id,
            sponsor: self.sponsor,
            added: amend.add,
            withdrawn,
            attested,
            generation: self.mailing.generation,
            expires_at: self.mailing.expires_at,
        };
        Ok((self, vec![event]))
    }
}

impl From<Unsworn> for AmendRejection {
    fn from(unsworn: Unsworn) -> Self {
        match unsworn {
            Unsworn::NoSubject => Self::NoSubject,
            Unsworn::Operator => Self::NoSwearer,
            Unsworn::Missing(subjects) => Self::NoAttestation { subjects },
        }
    }
}
