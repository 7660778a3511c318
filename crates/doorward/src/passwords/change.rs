//! A person changes their own password.

use doorward_audit::{Action, Code};
use doorward_identity::{
    Account, CredentialCheck, Gate, PasswordCheck, PasswordMatch, PasswordRejection, Session,
    account::ChangePasswordRejection,
};
use doorward_types::Scope;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    Credential, Doorward, Error, Fault, HashingError, OwnAccount, Permit,
    audit_trail::Draft,
    record::Loaded,
    stored::identity::AccountThrottle,
    work::{Committed, Tries, Work},
};

/// A changed password.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PasswordChanged {
    /// The session that takes the place of the one that asked; every other one is over.
    pub session: Session,
}

/// Why a password was not changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PasswordChangeRejection {
    /// The current password, or the account, does not allow it.
    #[error(transparent)]
    Rule(#[from] ChangePasswordRejection),
    /// The current password was wrong too often.
    #[error("the current password was wrong too often: try again after `{until}`")]
    Locked {
        /// Until when, in UTC.
        until: OffsetDateTime,
    },
    /// The current password was wrong a hundred times: a mailed reset sets another.
    #[error("the current password was wrong too often: ask for a reset by mail")]
    Stopped,
    /// The policy refuses the new one.
    #[error(transparent)]
    Password(#[from] PasswordRejection),
}

impl Doorward {
    /// Changes the password of whoever is signed in; the current one is presented (ASVS 6.2.3).
    ///
    /// All sessions are over; the answer holds the one that goes on. The person is told by mail. A
    /// wrong current password counts as a failed sign-in does.
    ///
    /// # Errors
    /// [`PasswordChangeRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn change_password(
        &self,
        permit: Permit<OwnAccount>,
        current: SecretString,
        new: SecretString,
    ) -> Result<PasswordChanged, Error<PasswordChangeRejection>> {
        let outcome = self.change_password_once(&permit, current, &new).await;
        self.settled(&permit, outcome).await
    }

    async fn change_password_once(
        &self,
        permit: &Permit<OwnAccount>,
        current: SecretString,
        new: &SecretString,
    ) -> Result<PasswordChanged, Error<PasswordChangeRejection>> {
        let current = Credential::Password(current);
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let now = permit.now();
            let mut work = permit.work("change_password", &())?;
            work.scope = Scope::Directory;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let account = Self::own(&permit).map_err(Error::widen)?;
            let proof = self.prove_current(&account.state, &current, now).await?;
            let password = self.chosen_password(&account.state, new).await?;
            let changed = account.state.clone().change_password(&proof, password, now);
            let (next, events) = changed.map_err(|rule| Error::Rejected(rule.into()))?;
            work.replace(account, &next)?;
            self.follow_up(&mut work, &next, &events, None).await?;
            let session = permit.session().ok_or(crate::Denied::Support)?;
            let outcome = PasswordChanged {
                session: Session {
                    security_epoch: next.security_epoch(),
                    signed_in_at: now,
                    ..*session
                },
            };
            if let Committed::Done(changed) = work.commit(self, &mut tries, outcome).await? {
                return Ok(changed);
            }
        }
    }

    /// Compares the presented password with the account's, counting a wrong one.
    pub(crate) async fn prove_current(
        &self,
        account: &Account,
        current: &Credential,
        now: OffsetDateTime,
    ) -> Result<PasswordMatch, Error<PasswordChangeRejection>> {
        let mut tries = Tries::default();
        loop {
            let read = self
                .load::<AccountThrottle>(Scope::Directory, account.id().as_uuid())
                .await?;
            let counted = read.as_ref().map(|read| read.state.password);
            match counted.unwrap_or_default().gate(now) {
                Gate::Open => {}
                Gate::Locked { until } => {
                    return Err(Error::Rejected(PasswordChangeRejection::Locked { until }));
                }
                Gate::Stopped => return Err(Error::Rejected(PasswordChangeRejection::Stopped)),
            }
            let check = self.check_credential(Some(account), current).await?;
            match check {
                CredentialCheck::Password(PasswordCheck::Matches(proof)) => return Ok(proof),
                CredentialCheck::Password(PasswordCheck::Differs) => {}
                CredentialCheck::Password(PasswordCheck::Faulty(_)) | CredentialCheck::Pin(_) => {
                    return Err(Fault::from(HashingError::Failed).into());
                }
            }
            let work = count_wrong(account, read.as_ref(), now)?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                let rule = ChangePasswordRejection::CurrentPassword;
                return Err(Error::Rejected(rule.into()));
            }
        }
    }
}

fn count_wrong(
    account: &Account,
    read: Option<&Loaded<AccountThrottle>>,
    now: OffsetDateTime,
) -> Result<Work, Fault> {
    let system = doorward_types::Principal::System;
    let mut work = Work::new(Scope::Directory, system, now);
    let before = read.map_or_else(
        || AccountThrottle::of(account.id()),
        |read| read.state.clone(),
    );
    let next = AccountThrottle {
        password: before.password.fail(now),
        ..before
    };
    if let Gate::Locked { until } = next.password.gate(now) {
        let lock = Draft::new(Action::LOCKOUT_START, account.id())
            .fact("until", until)
            .fact("by", Code::declare("password_change"));
        work.note([lock]);
    }
    match read {
        Some(read) => work.replace(read, &next)?,
        None => work.create(Scope::Directory, &next)?,
    }
    Ok(work)
}
