//! Resend: the same invitation, a new link, a new clock.

use doorward_types::TokenDigest;
use time::OffsetDateTime;

use crate::{AfterExpiry, Closed, Event, Invitation, Policy, Shortfall, Sponsor, SponsorVerdict};

/// Who sends an invitation again.
#[derive(Clone, Debug)]
pub struct Resend {
    /// Who sends it again, and vouches for it from then on.
    pub by: Sponsor,
    /// Whether they may give what is offered.
    pub verdict: SponsorVerdict,
    /// The digest of the new link's secret.
    pub digest: TokenDigest,
}

/// Why it was not sent again.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ResendRejection {
    /// It was answered or taken back.
    #[error(transparent)]
    Closed(Closed),
    /// The policy asks for a new invitation (Kalix: "you will need to send a new invitation").
    #[error("the invitation expired at `{at}`: send a new one")]
    Expired {
        /// When.
        at: OffsetDateTime,
    },
    /// The pause after the last mailing is not over (ASVS 2.4.1).
    #[error("the last mail is too recent: send it again from `{until}` on")]
    TooSoon {
        /// From when on it can be sent again.
        until: OffsetDateTime,
    },
    /// It was sent again as often as the policy allows.
    #[error("the invitation was sent again {count} times: revoke it and check the address")]
    TooOften {
        /// How often.
        count: u32,
    },
    /// Whoever sends it may not give what is offered.
    #[error("the offer is above the sender's own rights: {0}")]
    AboveCeiling(Shortfall),
}

impl Invitation {
    /// Sends it again: the next generation with a new clock, while the older link ends (ALIS: "send
    /// a fresh invitation link"). An expired one too, where the policy allows it.
    ///
    /// # Errors
    /// [`ResendRejection`] says why it was not sent.
    pub fn resend(
        mut self,
        resend: Resend,
        policy: &Policy,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<Event>), ResendRejection> {
        self.check_open().map_err(ResendRejection::Closed)?;
        let expires_at = self.mailing.expires_at;
        if self.mailing.has_expired(now) && policy.after_expiry() == AfterExpiry::ResendRefused {
            return Err(ResendRejection::Expired { at: expires_at });
        }
        if self.resend_count >= policy.most_resends() {
            return Err(ResendRejection::TooOften {
                count: self.resend_count,
            });
        }
        let until = self.mailing.sent_at.saturating_add(policy.resend_pause());
        if now < until && !self.mailing.delivery.has_failed() {
            return Err(ResendRejection::TooSoon { until });
        }
        resend
            .verdict
            .within()
            .map_err(ResendRejection::AboveCeiling)?;
        let was = self.sponsor;
        self.sponsor = resend.by;
        self.resend_count = self.resend_count.saturating_add(1);
        self.mail_anew(resend.digest, policy, now);
        let event = Event::Resent {
            invitation: self.id,
            was,
            sponsor: self.sponsor,
            generation: self.mailing.generation,
            expires_at: self.mailing.expires_at,
        };
        Ok((self, vec![event]))
    }

    /// Starts the next generation with a new clock.
    pub(super) fn mail_anew(&mut self, digest: TokenDigest, policy: &Policy, now: OffsetDateTime) {
        self.lifetime = policy.lifetime();
        self.mailing = self.mailing.next(digest, now, self.lifetime.after(now));
        self.reminded_at = None;
        self.expiry_noted_at = None;
    }
}
