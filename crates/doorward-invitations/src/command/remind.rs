//! Remind: a new link under the old end.

use doorward_types::TokenDigest;
use time::OffsetDateTime;

use crate::{Closed, Due, Event, Invitation, Policy};

/// Why no reminder goes out.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RemindRejection {
    /// It was answered or taken back.
    #[error(transparent)]
    Closed(Closed),
    /// It expired: a reminder would be of no use.
    #[error("the invitation expired at `{at}`")]
    Expired {
        /// When.
        at: OffsetDateTime,
    },
    /// None is due: the policy has none, it is too early, it was sent, or the address takes no mail.
    #[error("no reminder is due for this invitation now")]
    NotDue,
}

impl Invitation {
    /// Sends the reminder: the next generation, because no secret is kept to be mailed again, with
    /// the old end (design 5). One for each clock.
    ///
    /// # Errors
    /// [`RemindRejection`] says why none goes out.
    pub fn remind(
        mut self,
        digest: TokenDigest,
        policy: &Policy,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<Event>), RemindRejection> {
        self.check_open().map_err(RemindRejection::Closed)?;
        let expires_at = self.mailing.expires_at;
        if self.mailing.has_expired(now) {
            return Err(RemindRejection::Expired { at: expires_at });
        }
        if self.due(policy, now) != Some(Due::Remind) {
            return Err(RemindRejection::NotDue);
        }
        self.mailing = self.mailing.next(digest, now, expires_at);
        self.reminded_at = Some(now);
        let event = Event::Reminded {
            invitation: self.id,
            generation: self.mailing.generation,
            expires_at,
        };
        Ok((self, vec![event]))
    }
}
