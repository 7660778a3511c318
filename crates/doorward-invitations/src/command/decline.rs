//! Decline: the invited person says no.

use doorward_types::{AccountId, EmailAddress};
use time::OffsetDateTime;

use crate::{
    Closed, Confirmed, DeclinePath, DeclineReason, Declined, Event, Invitation, State, TokenMatch,
    TokenRefusal,
};

/// An invited person's no.
#[derive(Clone, Debug)]
pub struct Declining {
    /// Who says it.
    pub decliner: Decliner,
    /// Why; the sponsor sees it.
    pub reason: DeclineReason,
}

/// Who says no.
#[derive(Clone, Debug)]
pub enum Decliner {
    /// Whoever holds the link.
    Link(TokenMatch),
    /// A signed-in account.
    Account {
        /// The account.
        account: AccountId,
        /// Its verified address.
        verified: EmailAddress,
    },
}

/// Why it was not declined.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DeclineRejection {
    /// The same person said no before: a second click.
    #[error("you declined this invitation at `{}`", .0.at)]
    AlreadyDeclinedByYou(Declined),
    /// It was answered otherwise, or taken back.
    #[error(transparent)]
    Closed(Closed),
    /// It expired.
    #[error("the invitation expired at `{at}`: there is nothing to decline")]
    Expired {
        /// When.
        at: OffsetDateTime,
    },
    /// The link is no longer the latest, or of another invitation.
    #[error(transparent)]
    Refused(TokenRefusal),
    /// The account's address is not the invited one.
    #[error("the invitation was sent to another address than the account's")]
    WrongRecipient,
}

impl Invitation {
    /// Declines it, by its link or by the account that has its address; the sponsor is told.
    ///
    /// # Errors
    /// [`DeclineRejection`] says why it stays as it is.
    pub fn decline(
        mut self,
        declining: Declining,
        _confirmed: Confirmed,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<Event>), DeclineRejection> {
        let path = match declining.decliner {
            Decliner::Link(matched) => {
                self.recheck(matched).map_err(DeclineRejection::Refused)?;
                DeclinePath::Link
            }
            Decliner::Account { verified, .. } if verified != self.address => {
                return Err(DeclineRejection::WrongRecipient);
            }
            Decliner::Account { account, .. } => DeclinePath::Account(account),
        };
        match self.state.closed() {
            Some(Closed::Declined(declined)) if declined.path == path => {
                return Err(DeclineRejection::AlreadyDeclinedByYou(declined));
            }
            Some(closed) => return Err(DeclineRejection::Closed(closed)),
            None if self.mailing.has_expired(now) => {
                return Err(DeclineRejection::Expired {
                    at: self.mailing.expires_at,
                });
            }
            None => {}
        }
        let reason = declining.reason;
        self.state = State::Declined(Declined {
            reason: reason.clone(),
            path,
            at: now,
        });
        let event = Event::Declined {
            invitation: self.id,
            reason,
            path,
            sponsor: self.sponsor,
        };
        Ok((self, vec![event]))
    }
}
