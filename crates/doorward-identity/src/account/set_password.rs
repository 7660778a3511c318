//! The person's own password: changed, reset by mail, upgraded, imported.

use doorward_types::{Purpose, Token};
use time::OffsetDateTime;

use super::{Account, Changed, State, Status};
use crate::{
    AccountEvent, HashError, HashedPassword, NewTicket, PasswordCost, PasswordHash, PasswordMatch,
    TicketRefusal, TypedPassword, Verdict,
    credential::{PasswordCredential, PasswordKind},
    password::SALT_LEN,
};

impl Account {
    /// Changes the password; the current one was presented (ASVS 6.2.3). Every session is over, the
    /// one that asks included: the shell opens a new one.
    ///
    /// # Errors
    /// [`ChangePasswordRejection`] where the proof is not of this account as it stands.
    pub fn change_password(
        mut self,
        current: &PasswordMatch,
        new: HashedPassword,
        now: OffsetDateTime,
    ) -> Result<Changed, ChangePasswordRejection> {
        let (status, proved) = (self.status(), self.is_proved_by(current));
        let State::Active(body) = &mut self.state else {
            return Err(ChangePasswordRejection::NotActive { status });
        };
        if !proved {
            return Err(ChangePasswordRejection::CurrentPassword);
        }
        if current.kind() != PasswordKind::Chosen {
            return Err(ChangePasswordRejection::Temporary);
        }
        body.set_password(new, now);
        self.raise_epoch();
        Ok((self, vec![AccountEvent::PasswordChanged]))
    }

    /// Mails a link that resets the password, asked for by the person or sent by an administrator
    /// (ALIS: "send an Automatic password reset email"); it goes to the verified address alone, so
    /// any tenant's administrator may send it.
    ///
    /// # Errors
    /// [`IssueResetRejection`]: a reset never activates a pending account, nor opens a disabled one.
    pub fn issue_reset(mut self, ticket: NewTicket) -> Result<Changed, IssueResetRejection> {
        let (status, epoch) = (self.status(), self.security_epoch);
        let State::Active(body) = &mut self.state else {
            return Err(IssueResetRejection::NotActive { status });
        };
        let to = body
            .profile
            .address
            .verified()
            .ok_or(IssueResetRejection::Unverified)?;
        let (to, expires_at) = (to.clone(), ticket.expires_at);
        body.tickets.open(Purpose::PasswordReset, ticket, epoch);
        Ok((
            self,
            vec![AccountEvent::PasswordResetMailed { to, expires_at }],
        ))
    }

    /// Sets a new password by the mailed token. Sessions are over, a lock is lifted, nobody is
    /// signed in by it.
    ///
    /// # Errors
    /// [`ResetPasswordRejection`] where the token opens nothing: a reset token is refused for any
    /// other purpose and outside an active account.
    pub fn reset_password(
        mut self,
        token: &Token,
        new: HashedPassword,
        now: OffsetDateTime,
    ) -> Result<Changed, ResetPasswordRejection> {
        if self.status() != Status::Active {
            return Err(ResetPasswordRejection::Ticket(self.refuse(token)));
        }
        self.check(Purpose::PasswordReset, token, now)
            .map_err(ResetPasswordRejection::Ticket)?;
        if let State::Active(body) = &mut self.state {
            body.set_password(new, now);
        }
        self.raise_epoch();
        Ok((self, vec![AccountEvent::PasswordReset]))
    }

    /// Hashes the presented password anew at the present cost (ASVS 11.4.2). The password is the
    /// same, so the epoch stays and nobody is signed out.
    ///
    /// # Errors
    /// [`UpgradePasswordRejection`] where the proof is not of this account's own password, or the
    /// text typed cannot be hashed.
    pub fn upgrade_password(
        mut self,
        current: &PasswordMatch,
        typed: &TypedPassword,
        cost: PasswordCost,
        salt: [u8; SALT_LEN],
    ) -> Result<Changed, UpgradePasswordRejection> {
        if !self.is_proved_by(current) {
            return Err(UpgradePasswordRejection::CurrentPassword);
        }
        let body = self
            .body_mut()
            .ok_or(UpgradePasswordRejection::CurrentPassword)?;
        let Some(PasswordCredential::Chosen { hash, .. }) = &mut body.credentials.password else {
            return Err(UpgradePasswordRejection::Temporary);
        };
        // Never a hash of another text than the one that was proved.
        if hash.verify(typed)? != Verdict::Matches {
            return Err(UpgradePasswordRejection::CurrentPassword);
        }
        *hash = hash.upgraded(typed, cost, salt)?;
        Ok((self, vec![AccountEvent::PasswordUpgraded]))
    }

    /// Takes over the hash that another system made, where the account has no password of its own.
    ///
    /// # Errors
    /// [`ImportPasswordRejection`] where it has one, or is over.
    pub fn import_password(
        mut self,
        hash: PasswordHash,
        now: OffsetDateTime,
    ) -> Result<Changed, ImportPasswordRejection> {
        let status = self.status();
        let body = self
            .body_mut()
            .ok_or(ImportPasswordRejection::NotOpen { status })?;
        if body.credentials.password.is_some() {
            return Err(ImportPasswordRejection::HasPassword);
        }
        body.credentials.password = Some(PasswordCredential::Chosen { hash, set_at: now });
        self.raise_epoch();
        Ok((self, vec![AccountEvent::PasswordImported]))
    }

    pub(super) fn is_proved_by(&self, proof: &PasswordMatch) -> bool {
        proof.account == self.id && proof.epoch == self.security_epoch
    }
}

/// Why a password was not changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ChangePasswordRejection {
    /// The proof is of another account or of an earlier password.
    #[error("the current password is needed to change it")]
    CurrentPassword,
    /// It is not active.
    #[error("the account is {status}: its password is not changed now")]
    NotActive {
        /// Where it stands.
        status: Status,
    },
    /// The current one is temporary: it is redeemed, not changed.
    #[error("the password is temporary: sign in with it to set a new one")]
    Temporary,
}

/// Why no reset is mailed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IssueResetRejection {
    /// It is not active.
    #[error("the account is {status}: only an active one resets its password")]
    NotActive {
        /// Where it stands.
        status: Status,
    },
    /// Nobody has proved the address of the account.
    #[error("the address of the account is not proved: nothing is mailed there")]
    Unverified,
}

/// Why a password was not reset.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ResetPasswordRejection {
    /// The token opens nothing.
    #[error(transparent)]
    Ticket(TicketRefusal),
}

/// Why a hash was not made anew.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum UpgradePasswordRejection {
    /// The proof is of another account or of an earlier password.
    #[error("the current password is needed to hash it anew")]
    CurrentPassword,
    /// The hash was not made.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// A temporary password is never hashed anew.
    #[error("a temporary password is not hashed anew")]
    Temporary,
}

/// Why a hash was not taken over.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ImportPasswordRejection {
    /// The account has a password.
    #[error("the account has a password: it is not replaced by an import")]
    HasPassword,
    /// It is closed or erased.
    #[error("the account is {status}: nothing is imported to it")]
    NotOpen {
        /// Where it stands.
        status: Status,
    },
}
