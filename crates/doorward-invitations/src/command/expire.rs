//! Note an expiry: the sponsor is told, once.

use time::OffsetDateTime;

use crate::{Closed, Event, Invitation};

/// Why no expiry was noted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ExpiryRejection {
    /// It was answered or taken back.
    #[error(transparent)]
    Closed(Closed),
    /// It is still good.
    #[error("the invitation is open until `{until}`")]
    StillOpen {
        /// Until when.
        until: OffsetDateTime,
    },
    /// It was noted before.
    #[error("the expiry was noted at `{at}`")]
    AlreadyNoted {
        /// When.
        at: OffsetDateTime,
    },
}

impl Invitation {
    /// Notes that it expired, so that its sponsor is told once. Its status needs no note: it is
    /// computed.
    ///
    /// # Errors
    /// [`ExpiryRejection`] where there is nothing to note.
    pub fn note_expiry(
        mut self,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<Event>), ExpiryRejection> {
        self.check_open().map_err(ExpiryRejection::Closed)?;
        let expired_at = self.mailing.expires_at;
        if !self.mailing.has_expired(now) {
            return Err(ExpiryRejection::StillOpen { until: expired_at });
        }
        if let Some(at) = self.expiry_noted_at {
            return Err(ExpiryRejection::AlreadyNoted { at });
        }
        self.expiry_noted_at = Some(now);
        let event = Event::ExpiryNoted {
            invitation: self.id,
            expired_at,
            sponsor: self.sponsor,
        };
        Ok((self, vec![event]))
    }
}
