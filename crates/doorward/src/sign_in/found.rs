//! What is read for an attempt: always as much, whoever was found.

use doorward_access::Membership;
use doorward_identity::{
    AccessKeyCheck, Account, AddressChange, Bucket, CredentialCheck, Gate, KnownAccount,
    PasswordCheck, PasswordState, PinCheck, SignInFacts, Telephony, TypedPassword,
};
use doorward_storage::UniqueKey;
use doorward_types::{AccountId, EmailAddress, Scope};
use secrecy::SecretString;
use time::OffsetDateTime;

use super::{Attempt, Credential};
use crate::{
    Doorward, Fault, Tenant, Use,
    keys::{keyed, pin_input},
    permit::membership_facts,
    record::{Loaded, key_of},
    stored::{
        access::{account_member, nobody},
        identity::{AccountThrottle, AnonymousThrottle, bucket_id, login_keys},
    },
    together::{both, each},
};

/// What was read for an attempt.
pub(super) struct Found {
    pub(super) tenant: Loaded<Tenant>,
    pub(super) account: Option<Loaded<Account>>,
    pub(super) member: Option<Loaded<Membership>>,
    pub(super) throttle: Option<Loaded<AccountThrottle>>,
    pub(super) bucket: Bucket,
    pub(super) refusals: Option<Loaded<AnonymousThrottle>>,
    pub(super) now: OffsetDateTime,
}

impl Found {
    /// The failures counted so far.
    pub(super) fn counted(&self, account: AccountId) -> AccountThrottle {
        self.throttle
            .as_ref()
            .map_or_else(|| AccountThrottle::of(account), |read| read.state.clone())
    }

    /// What is decided on.
    pub(super) fn facts<'a>(
        &'a self,
        door: &'a Doorward,
        attempt: &Attempt<'_>,
        credential: CredentialCheck,
    ) -> Result<SignInFacts<'a>, Fault> {
        let tenant = &self.tenant.state;
        let known = match &self.account {
            None => None,
            Some(account) => Some(self.known(door, &account.state, &attempt.credential)?),
        };
        Ok(SignInFacts {
            tenant: attempt.tenant,
            channel: attempt.channel,
            telephony: telephony_of(tenant),
            known: known.flatten(),
            credential,
            access_key: access_key_check(tenant, attempt.access_key.as_ref()),
        })
    }

    fn known<'a>(
        &'a self,
        door: &'a Doorward,
        account: &'a Account,
        credential: &Credential,
    ) -> Result<Option<KnownAccount<'a>>, Fault> {
        // An erased account claims no name, so it is never found.
        let Some(class) = account.class() else {
            return Ok(None);
        };
        Ok(Some(KnownAccount {
            account,
            class: door.class(class)?,
            membership: self
                .member
                .as_ref()
                .map(|member| membership_facts(&member.state)),
            gate: self.gate(account, credential),
        }))
    }

    fn gate(&self, account: &Account, credential: &Credential) -> Gate {
        let counted = self.counted(account.id());
        match credential {
            Credential::Password(_) => counted.password.gate(self.now),
            Credential::Pin(_) => match account.pin() {
                Some(pin) if counted.pin.is_closed(pin.generation()) => Gate::Stopped,
                _ => Gate::Open,
            },
        }
    }
}

/// Whether the tenant takes and mails PINs.
pub(crate) const fn telephony_of(tenant: &Tenant) -> Telephony {
    match tenant.telephony() {
        Use::Used => Telephony::Offered,
        Use::NotUsed => Telephony::NotOffered,
    }
}

fn access_key_check(tenant: &Tenant, presented: Option<&SecretString>) -> AccessKeyCheck {
    match (&tenant.access_key, presented) {
        (Some(key), presented) => key.check(presented),
        (None, Some(_)) => AccessKeyCheck::Differs,
        (None, None) => AccessKeyCheck::NotPresented,
    }
}

/// An address that another one replaced stays claimed for 72 hours, so that the change can be
/// undone; it signs in no more.
fn is_replaced(account: &Account, typed: &str) -> bool {
    let Some(AddressChange::Undoable { old, .. }) = account.address_change() else {
        return false;
    };
    EmailAddress::new(typed).is_ok_and(|typed| typed.canonical() == old.canonical())
}

/// Whom a name means, and whether they are a member.
type Meant = (Option<Loaded<Account>>, Option<Loaded<Membership>>);

impl Doorward {
    /// Finds who is meant, and compares the credential. What else is decided on is read while the
    /// password is hashed: that takes longer than every read.
    pub(super) async fn find(
        &self,
        attempt: &Attempt<'_>,
    ) -> Result<(Found, CredentialCheck), Fault> {
        let (account, member) = self.meant(attempt).await?;
        let known = account.as_ref().map(|read| &read.state);
        let holder = known.map_or_else(nobody, Account::id);
        let scope = Scope::Tenant(attempt.tenant);
        let bucket = self.bucket(attempt.name);
        let keys = vec![
            key_of::<Tenant>(scope, attempt.tenant.as_uuid()),
            key_of::<AccountThrottle>(Scope::Directory, holder.as_uuid()),
            key_of::<AnonymousThrottle>(scope, bucket_id(bucket)),
        ];
        let check = self.check_credential(known, &attempt.credential);
        let (check, read) = both(check, self.records(keys)).await;
        // Whoever hears of a full queue tries again; a tenant that is not there stays away.
        let mut read = read?;
        let tenant = read.next()?.ok_or(Fault::unknown("tenant"))?;
        let check = check?;
        let found = Found {
            tenant,
            account,
            member,
            throttle: read.next()?,
            bucket,
            refusals: read.next()?,
            now: self.now(),
        };
        Ok((found, check))
    }

    /// Looks up every name that can be, at the same time, and each time a membership too, so that the
    /// number of reads depends on the form of the name alone. The holder of an address comes before
    /// the holder of a user name, if they are a member.
    async fn meant(&self, attempt: &Attempt<'_>) -> Result<Meant, Fault> {
        let keys = login_keys(attempt.tenant, attempt.name);
        let looked_up = each(keys.iter().map(|key| self.meant_by(key, attempt))).await;
        let (mut account, mut member) = (None, None);
        for one in looked_up {
            let (held, joined) = one?;
            let better = joined.is_some() && member.is_none();
            if held.is_some() && (account.is_none() || better) {
                (account, member) = (held, joined);
            }
        }
        Ok((account, member))
    }

    async fn meant_by(&self, name: &UniqueKey, attempt: &Attempt<'_>) -> Result<Meant, Fault> {
        let held = self.claimed::<Account>(name).await?;
        let id = held.as_ref().map_or_else(nobody, |read| read.state.id());
        let member = account_member(Scope::Tenant(attempt.tenant), id);
        let joined = self.claimed::<Membership>(&member).await?;
        let held = held.filter(|read| !is_replaced(&read.state, attempt.name));
        Ok((held, joined))
    }

    /// In which bucket refusals of this name are counted. It is found by a keyed digest: people type
    /// passwords where names belong, and nothing of that may be stored.
    fn bucket(&self, name: &str) -> Bucket {
        let folded = name.trim().to_lowercase();
        let key = self.setup().keys.token.current();
        Bucket::of(keyed(key, b"doorward/name", folded.as_bytes()))
    }

    /// Compares the credential, or does the same work on a hash that nobody has.
    pub(crate) async fn check_credential(
        &self,
        account: Option<&Account>,
        credential: &Credential,
    ) -> Result<CredentialCheck, Fault> {
        let setup = self.setup();
        let (cost, dummy) = (setup.cost, self.dummy_hash()?);
        match credential {
            Credential::Password(text) => {
                let typed = TypedPassword::new(text.clone());
                let account = account
                    .filter(|account| account.password() != PasswordState::None)
                    .cloned();
                let check = setup.hashing.run_in(move |memory| match account {
                    Some(account) => account.verify_password_in(&typed, cost, memory),
                    None => {
                        let _ = dummy.verify_in(&typed, memory);
                        PasswordCheck::Differs
                    }
                });
                let check = check.await?;
                Ok(CredentialCheck::Password(check))
            }
            Credential::Pin(text) => {
                let typed = TypedPassword::new(text.clone());
                let compared = account.and_then(|account| {
                    let id = account.pin()?.key();
                    let key = setup.keys.pin.named(id.into())?;
                    Some((account.clone(), pin_input(key, account.id(), text), id))
                });
                let check = setup.hashing.run_in(move |memory| match compared {
                    Some((account, input, key)) => account.verify_pin_in(&input, key, memory),
                    None => {
                        let _ = dummy.verify_in(&typed, memory);
                        PinCheck::Differs
                    }
                });
                let check = check.await?;
                Ok(CredentialCheck::Pin(check))
            }
        }
    }
}
