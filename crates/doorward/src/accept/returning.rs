//! Accepting by the mailed link and the account's own password: for whoever has an account and no
//! place to sign in to, such as a member who was removed and is invited again.

use doorward_identity::{Account, CredentialCheck, Gate, PasswordCheck, PasswordKind, Throttle};
use doorward_invitations::{AcceptRejection, Confirmed, RequestDigest};
use doorward_types::{MembershipId, Principal, RequestId, Scope};
use secrecy::SecretString;

use super::{
    AcceptInvitationRejection, Joined, Refused,
    place::{Accepting, Look},
    wrong_recipient,
};
use crate::{
    Credential, Doorward, Error, Fault,
    record::Loaded,
    stored::identity::{AccountThrottle, verified_address},
    work::{Committed, Tries, Work},
};

impl Doorward {
    /// Accepts by the mailed link and the password of the account that has the address (Kalix: "If
    /// the new user already has a Kalix account").
    ///
    /// The link alone never signs in (ASVS 6.3.6), and the account's password is not set by it. Wrong
    /// passwords count and lock as they do where the account signs in. Accepting opens no session.
    ///
    /// # Errors
    /// [`AcceptInvitationRejection`] or a [`Fault`].
    pub async fn accept_by_password(
        &self,
        link: &str,
        password: SecretString,
        _confirmed: Confirmed,
        request: Option<RequestId>,
    ) -> Result<Joined, Refused> {
        let refused = |refusal| AcceptInvitationRejection::Rule(AcceptRejection::Refused(refusal));
        let found = self.linked_invitation(link).await;
        let (token, first) = found.map_err(|error| error.map_rejection(refused))?;
        let credential = Credential::Password(password);
        let mut tries = Tries::default();
        loop {
            let now = self.now();
            let pointed = self.need_pointed(first.scope, first.state.id()).await?;
            let read = &pointed.invitation;
            self.matched(&read.state, &token)?;
            let holder = verified_address(read.state.address());
            let account = self.claimed::<Account>(&holder).await?;
            let known = account.as_ref().map(|account| &account.state);
            let check = self.check_credential(known, &credential).await?;
            let Some(account) = account else {
                return Err(Error::Rejected(AcceptInvitationRejection::Credential));
            };
            let id = account.state.id();
            let counted = self
                .load::<AccountThrottle>(Scope::Directory, id.as_uuid())
                .await?;
            let before = counted
                .as_ref()
                .map_or_else(Throttle::default, |read| read.state.password);
            if before.gate(now) != Gate::Open {
                return Err(Error::Rejected(AcceptInvitationRejection::Credential));
            }
            let membership = MembershipId::made_at(now, self.random()?);
            let principal = Principal::Account {
                account: id,
                membership,
            };
            if !is_own_password(&check) {
                let mut work = Work::new(Scope::Directory, Principal::Anonymous, now);
                put(&mut work, counted.as_ref(), &account, before.fail(now))?;
                if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                    return Err(Error::Rejected(AcceptInvitationRejection::Credential));
                }
                continue;
            }
            let mut work = Work::new(read.scope, principal, now);
            match &counted {
                // Wrong passwords that are counted meanwhile are seen.
                Some(read) if before.failure_count() == 0 => work.guard(read),
                read => put(&mut work, read.as_ref(), &account, before.succeed())?,
            }
            if account.state.verified_email().is_none() {
                return Err(wrong_recipient());
            }
            let digest = request.map(RequestDigest::of);
            let accepting = self
                .accept_as(work, &account, &pointed, digest, Look::AtPlace)
                .await;
            let (work, joined) = match accepting {
                Ok(Accepting::Now(work, joined)) => (work, joined),
                Ok(Accepting::Before(joined)) => return Ok(joined),
                Err(Error::Rejected(_)) if !self.is_still(read).await? => {
                    tries.again()?;
                    continue;
                }
                Err(refused) => return Err(refused),
            };
            if let Committed::Done(joined) = work.commit(self, &mut tries, joined).await? {
                return Ok(joined);
            }
        }
    }
}

/// A temporary password opens nothing but "set a new password".
fn is_own_password(check: &CredentialCheck) -> bool {
    match check {
        CredentialCheck::Password(PasswordCheck::Matches(proof)) => {
            matches!(proof.kind(), PasswordKind::Chosen)
        }
        CredentialCheck::Password(_) | CredentialCheck::Pin(_) => false,
    }
}

fn put(
    work: &mut Work,
    counted: Option<&Loaded<AccountThrottle>>,
    account: &Loaded<Account>,
    password: Throttle,
) -> Result<(), Fault> {
    match counted {
        Some(read) => {
            let next = AccountThrottle {
                password,
                ..read.state.clone()
            };
            work.replace(read, &next)
        }
        None => {
            let next = AccountThrottle {
                password,
                ..AccountThrottle::of(account.state.id())
            };
            work.create(Scope::Directory, &next)
        }
    }
}
