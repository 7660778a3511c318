//! Signing in: one neutral refusal, and the same work whether a name is known or not.

mod found;
mod settle;

pub(crate) use found::telephony_of;

use doorward_access::Membership;
use doorward_identity::{
    Account, Session, SessionEnded, SignInRefusal, SignedIn as Opened, decide_sign_in,
};
use doorward_types::{Channel, Scope, TenantId};
use secrecy::SecretString;
use time::OffsetDateTime;
use tracing::Instrument as _;

use crate::{
    Denied, Doorward, Error, Never,
    permit::membership_facts,
    record::{self, key_of},
    trace,
    work::{Committed, Tries},
};

/// What a person presents beside their name.
#[derive(Clone, Debug)]
pub enum Credential {
    /// Their own password, or a temporary one.
    Password(SecretString),
    /// The PIN of the telephone (HomeTrak "Email Telephony PIN").
    Pin(SecretString),
}

/// What signing in opened.
#[derive(Debug)]
pub enum SignedIn {
    /// A session; how it is carried is the host's.
    Session(Session),
    /// "Set a new password", and nothing else (HomeTrak: "the user is prompted to change the
    /// password the first time").
    NewPassword {
        /// The text to present to [`Doorward::set_new_password`].
        ticket: SecretString,
        /// Until when, in UTC: the window of the temporary password covers the change.
        expires_at: OffsetDateTime,
    },
}

/// One attempt to sign in.
pub(crate) struct Attempt<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) channel: Channel,
    pub(crate) name: &'a str,
    pub(crate) credential: Credential,
    pub(crate) access_key: Option<SecretString>,
}

impl Doorward {
    /// Signs somebody in to a tenant, by verified address or by the user name given there.
    ///
    /// It needs an active account, an active membership inside its window, a class that opens the
    /// channel, the right credential, and the tenant's access key where the class asks for it
    /// (HomeTrak "Mobile app access only, requiring access keys"). A temporary password opens "set a
    /// new password" alone.
    ///
    /// Whatever is wrong, the refusal reads the same, and a known name costs what an unknown one
    /// does: as many reads, one hash, one commit (ASVS 6.3.8). Wrong credentials are counted, the
    /// first and each doubling leaves an entry in the audit log.
    ///
    /// ```
    /// use doorward::{Credential, Doorward, SignedIn, types::{Channel, TenantId}};
    /// use secrecy::ExposeSecret;
    ///
    /// async fn page(door: &Doorward, tenant: TenantId, name: &str, typed: String) -> String {
    ///     let password = Credential::Password(typed.into());
    ///     match door.sign_in(tenant, Channel::Portal, name, password, None).await {
    ///         Ok(SignedIn::Session(session)) => format!("welcome, {}", session.account),
    ///         Ok(SignedIn::NewPassword { ticket, .. }) => ticket.expose_secret().to_owned(),
    ///         Err(refused) => refused.to_string(),
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SignInRefusal`], whose reason is for the host's log and never for whoever asks; or a
    /// [`Fault`](crate::Fault).
    pub async fn sign_in(
        &self,
        tenant: TenantId,
        channel: Channel,
        name: &str,
        credential: Credential,
        access_key: Option<SecretString>,
    ) -> Result<SignedIn, Error<SignInRefusal>> {
        let attempt = Attempt {
            tenant,
            channel,
            name,
            credential,
            access_key,
        };
        let span = trace::sign_in(tenant, channel);
        let outcome = self.try_sign_in(attempt).instrument(span.clone()).await;
        trace::signed_in(&span, &outcome);
        outcome
    }

    async fn try_sign_in(&self, attempt: Attempt<'_>) -> Result<SignedIn, Error<SignInRefusal>> {
        let mut tries = Tries::default();
        loop {
            let (found, check) = self.find(&attempt).await?;
            let facts = found.facts(self, &attempt, check)?;
            match decide_sign_in(facts, found.now) {
                Err(refusal) => {
                    let work = self.refuse(&attempt, &found, refusal)?;
                    if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                        return Err(Error::Rejected(refusal));
                    }
                }
                Ok(Opened::Session { session, proof }) => {
                    let work = self.admit(&attempt, &found, session, proof).await?;
                    if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                        return Ok(SignedIn::Session(session));
                    }
                }
                Ok(Opened::NewPassword { proof }) => {
                    let (work, signed_in) = self.redeem(&found, &proof)?;
                    if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                        return Ok(signed_in);
                    }
                }
            }
        }
    }

    /// Checks that a session still counts; hosts ask on each request, so that disabling access ends
    /// live sessions at once (ALIS "Immediately revoke the user's ability to log in"). It reads the
    /// account and the membership, at one instant, and nothing else.
    ///
    /// [`authorise`](Self::authorise) asks the same, so that a request which goes on to act need not
    /// ask twice.
    ///
    /// # Errors
    /// [`Denied::Session`], or a [`Fault`](crate::Fault).
    pub async fn resume(&self, session: &Session) -> Result<(), Error<Never>> {
        let keys = [
            key_of::<Account>(Scope::Directory, session.account.as_uuid()),
            key_of::<Membership>(Scope::Tenant(session.tenant), session.membership.as_uuid()),
        ];
        let found = self.storage().get(&keys).await?;
        let [Some(account), Some(member)] = found.as_slice() else {
            return Err(Denied::Session(SessionEnded::OtherPlace).into());
        };
        let account = record::read::<Account>(account)?;
        let member = record::read::<Membership>(member)?;
        if member.state.account() != session.account {
            return Err(Denied::Session(SessionEnded::OtherPlace).into());
        }
        session
            .check(&account.state, &membership_facts(&member.state), self.now())
            .map_err(|ended| Denied::Session(ended).into())
    }
}
