//! Adopt: another member vouches, for one invitation or all of a leaver's.

use doorward_types::{InvitationId, MembershipId};
use time::OffsetDateTime;

use crate::{Closed, Event, Invitation, Shortfall, Sponsor, SponsorVerdict};

/// Who vouches from now on.
#[derive(Clone, Debug)]
pub struct Adopt {
    /// The member.
    pub by: MembershipId,
    /// Whether they may give what is offered.
    pub verdict: SponsorVerdict,
}

/// Why it was not adopted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AdoptRejection {
    /// It was answered or taken back.
    #[error(transparent)]
    Closed(Closed),
    /// It expired: sending it again makes the sender its sponsor.
    #[error("the invitation expired at `{at}`: send it again or make a new one")]
    Expired {
        /// When.
        at: OffsetDateTime,
    },
    /// The member vouches already.
    #[error("the member vouches for this invitation already")]
    AlreadySponsor,
    /// The member may not give what is offered.
    #[error("the offer is above the adopter's own rights: {0}")]
    AboveCeiling(Shortfall),
}

impl Invitation {
    /// Makes another member its sponsor; the link and its clock stay. What was sworn stays sworn by
    /// whoever swore it.
    ///
    /// # Errors
    /// [`AdoptRejection`] says why the sponsor stays.
    pub fn adopt(
        mut self,
        adopt: Adopt,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<Event>), AdoptRejection> {
        self.check_adopt(adopt.by, now)?;
        adopt
            .verdict
            .within()
            .map_err(AdoptRejection::AboveCeiling)?;
        let was = self.sponsor;
        self.sponsor = Sponsor::Member(adopt.by);
        let event = Event::Adopted {
            invitation: self.id,
            was,
            sponsor: self.sponsor,
        };
        Ok((self, vec![event]))
    }

    fn check_adopt(&self, by: MembershipId, now: OffsetDateTime) -> Result<(), AdoptRejection> {
        self.check_open().map_err(AdoptRejection::Closed)?;
        if self.mailing.has_expired(now) {
            return Err(AdoptRejection::Expired {
                at: self.mailing.expires_at,
            });
        }
        if self.sponsor == Sponsor::Member(by) {
            return Err(AdoptRejection::AlreadySponsor);
        }
        Ok(())
    }
}

/// One invitation of a leaver, and whether the adopter can take it over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Adoption {
    /// Which one.
    pub invitation: InvitationId,
    /// The verdict: what [`Invitation::adopt`] would answer.
    pub outcome: Result<(), AdoptRejection>,
}

/// Plans the adoption of all that a leaver sponsors: one outcome an invitation, in their order.
/// Invitations of other sponsors, and closed ones, are not part of it. Nothing is changed.
pub fn adoption_plan<'a>(
    invitations: impl IntoIterator<Item = &'a Invitation>,
    leaver: Sponsor,
    by: MembershipId,
    verdict: impl Fn(&Invitation) -> SponsorVerdict,
    now: OffsetDateTime,
) -> Vec<Adoption> {
    let theirs = invitations
        .into_iter()
        .filter(|invitation| invitation.sponsor == leaver && invitation.is_open());
    let planned = theirs.map(|invitation| {
        let judged = || {
            verdict(invitation)
                .within()
                .map_err(AdoptRejection::AboveCeiling)
        };
        Adoption {
            invitation: invitation.id,
            outcome: invitation.check_adopt(by, now).and_then(|()| judged()),
        }
    });
    planned.collect()
}
