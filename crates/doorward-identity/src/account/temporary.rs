//! The temporary password of an account.

use doorward_types::{Generation, Purpose, Token, TokenDigest};
use time::OffsetDateTime;

use super::{Account, Changed, State, Status};
use crate::{
    AccountClass, AccountEvent, Activation, Authority, Handover, ManagedByPerson, NewTicket,
    PasswordMatch, TemporaryPasswordHash, TicketRefusal,
    credential::{PasswordCredential, PasswordKind},
};

impl Account {
    /// Replaces the password by a temporary one (HomeTrak: "The password expires after several
    /// hours and the user is prompted to change the password the first time"). The old one is gone
    /// and sessions are over at once; the new one opens nothing but "set a new password".
    ///
    /// It activates a pending account only where the class says so. It proves no address: an
    /// administrator may have read it.
    ///
    /// # Errors
    /// [`IssueTemporaryPasswordRejection`] where the class has none, or the account is not the
    /// tenant's to change.
    pub fn issue_temporary_password(
        mut self,
        authority: Authority,
        class: &AccountClass,
        password: TemporaryPasswordHash,
        handover: Handover,
        now: OffsetDateTime,
    ) -> Result<Changed, IssueTemporaryPasswordRejection> {
        let status = self.status();
        let body = match &mut self.state {
            State::Active(body) => body,
            State::Pending(body)
                if matches!(class.activation(), Activation::ByTemporaryPassword(_)) =>
            {
                body
            }
            _ => return Err(IssueTemporaryPasswordRejection::NotActive { status }),
        };
        authority.hands_out(body.profile.managed_by)?;
        let lifetime = class
            .temporary_password()
            .filter(|_| class.name() == &body.profile.class)
            .ok_or(IssueTemporaryPasswordRejection::NotInClass)?;
        let TemporaryPasswordHash { generation, hash } = password;
        let generation = body.tickets.count(Purpose::TemporaryPassword, generation);
        let expires_at = now.saturating_add(lifetime.as_duration());
        body.credentials.password = Some(PasswordCredential::Temporary {
            hash,
            generation,
            handover,
            expires_at,
        });
        let to = body.profile.email().clone();
        self.raise_epoch();
        let event = AccountEvent::TemporaryPasswordIssued {
            to,
            handover,
            expires_at,
        };
        Ok((self, vec![event]))
    }

    /// Exchanges a presented temporary password for the ticket that sets a new one. The ticket ends
    /// when the temporary password does: the window covers the change. Until a password is set it
    /// can be presented again; each time ends the ticket before.
    ///
    /// # Errors
    /// [`RedeemTemporaryPasswordRejection`] where the proof is not of this account's temporary
    /// password, or it has expired.
    pub fn redeem_temporary_password(
        mut self,
        proof: &PasswordMatch,
        generation: Generation,
        digest: TokenDigest,
        now: OffsetDateTime,
    ) -> Result<Changed, RedeemTemporaryPasswordRejection> {
        let PasswordKind::Temporary { expires_at } = proof.kind() else {
            return Err(RedeemTemporaryPasswordRejection::NotTemporary);
        };
        let (status, epoch, proved) =
            (self.status(), self.security_epoch, self.is_proved_by(proof));
        let (State::Pending(body) | State::Active(body)) = &mut self.state else {
            return Err(RedeemTemporaryPasswordRejection::NotOpen { status });
        };
        if !proved {
            return Err(RedeemTemporaryPasswordRejection::NotTemporary);
        }
        if now >= expires_at {
            return Err(RedeemTemporaryPasswordRejection::Expired { at: expires_at });
        }
        let ticket = NewTicket {
            generation,
            digest,
            expires_at,
        };
        body.tickets.open(Purpose::NewPassword, ticket, epoch);
        Ok((self, vec![AccountEvent::TemporaryPasswordRedeemed]))
    }

    /// Sets a new password in place of the temporary one; a pending account is active from then on.
    ///
    /// # Errors
    /// [`SetNewPasswordRejection`] where the ticket opens nothing.
    pub fn set_new_password(
        mut self,
        ticket: &Token,
        new: crate::HashedPassword,
        now: OffsetDateTime,
    ) -> Result<Changed, SetNewPasswordRejection> {
        let status = self.status();
        let (State::Pending(body) | State::Active(body)) = &self.state else {
            return Err(SetNewPasswordRejection::Ticket(self.refuse(ticket)));
        };
        self.check(Purpose::NewPassword, ticket, now)
            .map_err(SetNewPasswordRejection::Ticket)?;
        let mut body = body.clone();
        body.set_password(new, now);
        self.state = State::Active(body);
        self.raise_epoch();
        let mut events = vec![AccountEvent::PasswordReplaced];
        if status == Status::Pending {
            events.push(AccountEvent::Activated { proved: None });
        }
        Ok((self, events))
    }
}

/// Why no temporary password was issued.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IssueTemporaryPasswordRejection {
    /// The account is not managed by the tenant.
    #[error(transparent)]
    ManagedByPerson(#[from] ManagedByPerson),
    /// It is in no state that a temporary password opens.
    #[error("the account is {status}: a temporary password would open nothing")]
    NotActive {
        /// Where it stands.
        status: Status,
    },
    /// HomeTrak: "This button will be hidden if the account is Identity."
    #[error("accounts of this class have no temporary passwords: mail a reset link")]
    NotInClass,
}

/// Why a temporary password was not redeemed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RedeemTemporaryPasswordRejection {
    /// It came too late.
    #[error("the temporary password expired at `{at}`: ask for a new one")]
    Expired {
        /// When it expired.
        at: OffsetDateTime,
    },
    /// It is disabled, closed or erased.
    #[error("the account is {status}: nobody signs in to it")]
    NotOpen {
        /// Where it stands.
        status: Status,
    },
    /// The proof is of another password or another account.
    #[error("the password is not the account's temporary one")]
    NotTemporary,
}

/// Why no password was set in place of a temporary one.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SetNewPasswordRejection {
    /// The ticket opens nothing.
    #[error(transparent)]
    Ticket(TicketRefusal),
}
