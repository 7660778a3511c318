//! Mailings: the replaceable part of an invitation.

use doorward_types::{Delivery, Generation, TokenDigest};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// The latest mailing of an invitation: the one link that works.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Mailing {
    /// Which mailing it is; strictly grows.
    pub generation: Generation,
    /// The digest of its secret. That of an earlier mailing is not kept.
    pub digest: TokenDigest,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub sent_at: OffsetDateTime,
    /// The first instant at which its link is no longer good.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// What became of the mail (ALIS: "verify the delivery status of your invitations").
    pub delivery: DeliveryReport,
}

impl Mailing {
    pub(crate) fn first(
        digest: TokenDigest,
        now: OffsetDateTime,
        expires_at: OffsetDateTime,
    ) -> Self {
        Self {
            generation: Generation::FIRST,
            digest,
            sent_at: now,
            expires_at,
            delivery: DeliveryReport::queued(now),
        }
    }

    /// Returns the next mailing: the link of this one ends.
    pub(crate) fn next(
        &self,
        digest: TokenDigest,
        now: OffsetDateTime,
        expires_at: OffsetDateTime,
    ) -> Self {
        let generation = self.generation.next();
        Self {
            generation,
            ..Self::first(digest, now, expires_at)
        }
    }

    /// Tells whether its link is no longer good: exactly at the end is (design 9.1).
    #[must_use]
    pub fn has_expired(&self, now: OffsetDateTime) -> bool {
        now >= self.expires_at
    }

    /// Returns how long its link is still good for, if it is.
    #[must_use]
    pub fn expires_in(&self, now: OffsetDateTime) -> Option<Duration> {
        (!self.has_expired(now)).then(|| self.expires_at - now)
    }
}

/// What became of a mail, and when that was learnt.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DeliveryReport {
    /// What became of it.
    pub status: Delivery,
    /// When the report came in.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

impl DeliveryReport {
    pub(crate) const fn queued(now: OffsetDateTime) -> Self {
        Self {
            status: Delivery::Queued,
            at: now,
        }
    }

    /// Tells whether the mail will not arrive.
    #[must_use]
    pub const fn has_failed(&self) -> bool {
        match self.status {
            Delivery::Bounced | Delivery::Suppressed | Delivery::Failed | Delivery::Dropped => true,
            Delivery::Queued | Delivery::Sent | Delivery::Delivered | Delivery::Deferred => false,
        }
    }
}
