//! Replace: an expired invitation gives its place to a newer one.

use doorward_types::InvitationId;
use time::OffsetDateTime;

use crate::{Closed, Event, Invitation, Replaced, State};

/// Why it keeps its place.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReplaceRejection {
    /// It holds no place any more.
    #[error(transparent)]
    Closed(Closed),
    /// It is still good: amend, resend or revoke it.
    #[error("the invitation is open until `{until}`: amend, resend or revoke it instead")]
    StillOpen {
        /// Until when.
        until: OffsetDateTime,
    },
}

impl Invitation {
    /// Ends an expired invitation in the commit that gives its address to a newer one: an expired
    /// one never blocks a new one (design 5).
    ///
    /// # Errors
    /// [`ReplaceRejection`] where it is closed, or still good.
    pub fn replaced(
        mut self,
        by: InvitationId,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<Event>), ReplaceRejection> {
        self.check_open().map_err(ReplaceRejection::Closed)?;
        if !self.mailing.has_expired(now) {
            return Err(ReplaceRejection::StillOpen {
                until: self.mailing.expires_at,
            });
        }
        self.state = State::Replaced(Replaced { by, at: now });
        let event = Event::Replaced {
            invitation: self.id,
            by,
        };
        Ok((self, vec![event]))
    }
}
