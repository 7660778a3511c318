//! Links: whether the secret of a mail belongs to an invitation.

use doorward_types::{Generation, InvitationId, Purpose, Scope, Token};
use time::OffsetDateTime;

use crate::{Invitation, State};

/// Proof that somebody holds the secret of an invitation's latest mailing. Only
/// [`Invitation::verify`] makes one; it opens that invitation in that generation alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TokenMatch {
    invitation: InvitationId,
    generation: Generation,
}

impl TokenMatch {
    /// Returns the invitation whose secret it was.
    #[must_use]
    pub const fn invitation(&self) -> InvitationId {
        self.invitation
    }

    /// Returns the mailing that it came with.
    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.generation
    }
}

/// Why a link opens nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TokenRefusal {
    /// A newer mail was sent: its link works. Needs the id of an open invitation, which only a mail
    /// of it holds.
    #[error("the link was replaced by a newer mail, sent at `{sent_at}`: use the link in that one")]
    Superseded {
        /// When the newer mail was sent.
        sent_at: OffsetDateTime,
    },
    /// It was the right secret, too late.
    #[error("the link was good until `{at}`: ask for a new one")]
    Expired {
        /// Since when.
        at: OffsetDateTime,
    },
    /// Unknown, revoked, replaced or a wrong secret: one answer for all.
    #[error("the link cannot be used: ask whoever invited you for a new one")]
    Unusable,
}

impl Invitation {
    /// Checks a link against the invitation and returns the proof that its secret is right.
    ///
    /// An accepted or declined invitation matches too, so that whoever answered it can be told so;
    /// it cannot be answered again. Compares in constant time (ASVS 11.2.4), counts nothing and
    /// changes nothing.
    ///
    /// # Errors
    /// [`TokenRefusal`]; a wrong secret learns nothing, not even that the invitation expired.
    pub fn verify(&self, token: &Token, now: OffsetDateTime) -> Result<TokenMatch, TokenRefusal> {
        let is_ours = token.purpose == Purpose::Invitation
            && token.scope == Scope::Tenant(self.tenant)
            && token.record == self.id.as_uuid();
        // Digest before deciding: the work does not depend on the state.
        let is_secret = self.mailing.digest.matches(&token.secret);
        if !is_ours {
            return Err(TokenRefusal::Unusable);
        }
        if self.is_open() && token.generation < self.mailing.generation {
            return Err(self.superseded());
        }
        if !is_secret || token.generation != self.mailing.generation {
            return Err(TokenRefusal::Unusable);
        }
        let matched = TokenMatch {
            invitation: self.id,
            generation: token.generation,
        };
        match self.state {
            State::Open if self.mailing.has_expired(now) => Err(TokenRefusal::Expired {
                at: self.mailing.expires_at,
            }),
            State::Open | State::Accepted(_) | State::Declined(_) => Ok(matched),
            State::Revoked(_) | State::Replaced(_) => Err(TokenRefusal::Unusable),
        }
    }

    /// Checks a proof again at the command: the invitation may have been reloaded since.
    pub(crate) fn recheck(&self, matched: TokenMatch) -> Result<(), TokenRefusal> {
        let is_ours = matched.invitation == self.id;
        if is_ours && matched.generation == self.mailing.generation {
            Ok(())
        } else if is_ours && matched.generation < self.mailing.generation && self.is_open() {
            Err(self.superseded())
        } else {
            Err(TokenRefusal::Unusable)
        }
    }

    const fn superseded(&self) -> TokenRefusal {
        TokenRefusal::Superseded {
            sent_at: self.mailing.sent_at,
        }
    }
}
