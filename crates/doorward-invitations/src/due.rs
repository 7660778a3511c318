//! What time asks for: reminders, and expiries that nobody has been told of.

use doorward_types::InvitationId;
use time::OffsetDateTime;

use crate::{Invitation, Policy};

/// What a tick should do about an invitation. Doing it ends its being due, so that running a tick
/// twice is harmless.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Due {
    /// Send the reminder (ASVS 6.4.5): see [`Invitation::remind`].
    Remind,
    /// Tell the sponsor that it expired: see [`Invitation::note_expiry`].
    NoteExpiry,
}

impl Invitation {
    /// Returns what is due at this instant, if anything is.
    #[must_use]
    pub fn due(&self, policy: &Policy, now: OffsetDateTime) -> Option<Due> {
        let (due, at) = self.due_at(policy)?;
        if self.mailing.has_expired(now) {
            return self.expiry_noted_at.is_none().then_some(Due::NoteExpiry);
        }
        (at <= now).then_some(due)
    }

    /// Returns what will be due next, and the first instant at which it is: a shell indexes open
    /// invitations by it.
    #[must_use]
    pub fn due_at(&self, policy: &Policy) -> Option<(Due, OffsetDateTime)> {
        if !self.is_open() || self.expiry_noted_at.is_some() {
            return None;
        }
        let expires_at = self.mailing.expires_at;
        match policy.reminder() {
            // A reminder to an address that took no mail would not arrive either.
            Some(before) if self.reminded_at.is_none() && !self.mailing.delivery.has_failed() => {
                Some((Due::Remind, expires_at.saturating_sub(before.duration())))
            }
            _ => Some((Due::NoteExpiry, expires_at)),
        }
    }
}

/// Lists what is due among invitations, each with its policy, in their order.
pub fn due<'a>(
    invitations: impl IntoIterator<Item = (&'a Invitation, &'a Policy)>,
    now: OffsetDateTime,
) -> Vec<(InvitationId, Due)> {
    invitations
        .into_iter()
        .filter_map(|(invitation, policy)| Some((invitation.id, invitation.due(policy, now)?)))
        .collect()
}
