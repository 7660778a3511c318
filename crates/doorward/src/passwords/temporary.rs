//! Temporary passwords: made by the system, good for setting a new one.

use doorward_access::Shortfall;
use doorward_identity::{
    Account, AccountClass, Authority, Handover, TemporaryPassword, TemporaryPasswordHash,
    account::IssueTemporaryPasswordRejection,
};
use doorward_types::{DisplayName, MembershipId, Purpose, Scope};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    Doorward, Error, Fault, HashingError, Permit, ResetCredentials, Shown,
    accounts::notice,
    keys::Derivation,
    mail::{MailedSecret, Template},
    work::{Committed, Tries, Work},
};

/// A temporary password that was made.
#[derive(Debug, Deserialize, Serialize)]
pub struct TemporaryPasswordIssued {
    /// The first instant at which it is refused, in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// The password, where it is shown: once, and never again to a request that is sent again.
    #[serde(skip)]
    pub password: Option<SecretString>,
}

/// Why no temporary password was made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TemporaryPasswordRejection {
    /// The member holds more than the administrator may give, and could be signed in as.
    #[error("the member's access {0}: have it mailed")]
    Above(Shortfall),
    /// The host's policy shows temporary passwords to nobody but their person.
    #[error("temporary passwords are not shown here: have it mailed")]
    NotShown,
    /// The account does not take one.
    #[error(transparent)]
    Rule(#[from] IssueTemporaryPasswordRejection),
}

impl Doorward {
    /// Replaces a member's password by a temporary one, mailed (HomeTrak "Email Mobile Password") or
    /// shown once (ALIS "manually reset a temporary password"). The old one is gone and sessions are
    /// over at once; the new one opens nothing but "set a new password".
    ///
    /// # Errors
    /// [`TemporaryPasswordRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn issue_temporary_password(
        &self,
        permit: Permit<ResetCredentials>,
        membership: MembershipId,
        handover: Handover,
    ) -> Result<TemporaryPasswordIssued, Error<TemporaryPasswordRejection>> {
        let outcome = self.issue_temporary_once(&permit, membership, handover);
        let outcome = outcome.await;
        self.settled(&permit, outcome).await
    }

    async fn issue_temporary_once(
        &self,
        permit: &Permit<ResetCredentials>,
        membership: MembershipId,
        handover: Handover,
    ) -> Result<TemporaryPasswordIssued, Error<TemporaryPasswordRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("issue_temporary_password", &(membership, handover))?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            if handover == Handover::Shown && self.setup().temporary_passwords == Shown::ToThePerson
            {
                return Err(Error::Rejected(TemporaryPasswordRejection::NotShown));
            }
            let holder = self.holder(permit.scope(), membership).await?;
            work.guard(&holder.member);
            if handover == Handover::Shown {
                let above = self.beyond(&mut work, &permit, &holder).await?;
                if !above.is_none() {
                    return Err(Error::Rejected(TemporaryPasswordRejection::Above(above)));
                }
            }
            let account = &holder.account.state;
            let Some(class) = account.class() else {
                return Err(Fault::unknown("member").into());
            };
            let giving = Giving {
                authority: Authority::Administrator(permit.tenant()),
                class: self.class(class)?,
                handover,
                tenant: self.need_tenant(permit.tenant()).await?.state.name,
            };
            let given = self
                .temporary_into(&mut work, account.clone(), giving)
                .await?;
            let (next, outcome) = given.map_err(|rule| Error::Rejected(rule.into()))?;
            work.replace(&holder.account, &next)?;
            if let Committed::Done(issued) = work.commit(self, &mut tries, outcome).await? {
                return Ok(issued);
            }
        }
    }

    /// Gives an account a temporary password: entry and mail go into the work, the account is put by
    /// the caller.
    pub(crate) async fn temporary_into(
        &self,
        work: &mut Work,
        account: Account,
        giving: Giving<'_>,
    ) -> Result<Result<(Account, TemporaryPasswordIssued), IssueTemporaryPasswordRejection>, Fault>
    {
        let Giving {
            authority,
            class,
            handover,
            tenant,
        } = giving;
        let (drawn, hash) = self.draw_temporary(&account, handover).await?;
        let given = account.issue_temporary_password(authority, class, hash, handover, work.now);
        let (next, events) = match given {
            Ok(given) => given,
            Err(rule) => return Ok(Err(rule)),
        };
        let doorward_identity::PasswordState::Temporary { expires_at } = next.password() else {
            return Err(HashingError::Failed.into());
        };
        self.follow_up(work, &next, &events, Some(&tenant)).await?;
        let address = next.address();
        let mut password = None;
        match drawn {
            Drawn::Mailed(secret) => {
                if let Some(address) = address {
                    let to = address.as_email().clone();
                    let mut mail = notice(Template::TemporaryPassword, &next, to, Some(&tenant));
                    mail.expires_at = Some(expires_at);
                    mail.secret = Some(secret);
                    work.mail(self, work.scope, &mail)?;
                }
            }
            Drawn::Shown(text) => {
                password = Some(text);
                // Somebody else has read it, so its person is told (ASVS 6.3.7).
                if let Some(to) = address.and_then(|address| address.verified().cloned()) {
                    let mail = notice(Template::PasswordChanged, &next, to, Some(&tenant));
                    work.mail(self, work.scope, &mail)?;
                }
            }
        }
        let issued = TemporaryPasswordIssued {
            expires_at,
            password,
        };
        Ok(Ok((next, issued)))
    }

    async fn draw_temporary(
        &self,
        account: &Account,
        handover: Handover,
    ) -> Result<(Drawn, TemporaryPasswordHash), Fault> {
        let generation = account.next_generation(Purpose::TemporaryPassword);
        let (drawn, password) = match handover {
            Handover::Mailed => {
                let (secret, derivation, key) = self.mailed_secret(|nonce| Derivation {
                    purpose: Purpose::TemporaryPassword,
                    scope: Scope::Directory,
                    record: account.id().as_uuid(),
                    generation,
                    nonce,
                })?;
                (Drawn::Mailed(secret), derivation.temporary_password(key))
            }
            // It is not made again, so nothing of it is kept.
            Handover::Shown => {
                let password = TemporaryPassword::from_derived(self.random()?);
                (Drawn::Shown(password.to_text()), password)
            }
        };
        let (cost, salt) = (self.setup().cost, self.random()?);
        let job = move || password.hash(generation, cost, salt);
        let hash = self.setup().hashing.run(job).await?;
        Ok((drawn, hash.map_err(|_| HashingError::Failed)?))
    }
}

/// On whose word and how a temporary password is given.
pub(crate) struct Giving<'a> {
    pub(crate) authority: Authority,
    pub(crate) class: &'a AccountClass,
    pub(crate) handover: Handover,
    pub(crate) tenant: DisplayName,
}

enum Drawn {
    Mailed(MailedSecret),
    Shown(SecretString),
}
