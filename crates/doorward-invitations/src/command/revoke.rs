//! Revoke: an invitation is taken back.

use doorward_types::Principal;
use time::OffsetDateTime;

use crate::{Closed, Event, Invitation, Revoked, State};

/// Why it was not revoked.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RevokeRejection {
    /// It was answered, or taken back already.
    #[error(transparent)]
    Closed(Closed),
}

impl Invitation {
    /// Takes it back, expired or not (Kalix: "removes the invited user's ability to accept the
    /// pending invitation").
    ///
    /// # Errors
    /// [`RevokeRejection`] where it is no longer open; of an accepted one it names the membership,
    /// whose access can be ended instead.
    pub fn revoke(
        mut self,
        by: Principal,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<Event>), RevokeRejection> {
        self.check_open().map_err(RevokeRejection::Closed)?;
        self.state = State::Revoked(Revoked {
            by: by.clone(),
            at: now,
        });
        let event = Event::Revoked {
            invitation: self.id,
            by,
        };
        Ok((self, vec![event]))
    }
}
