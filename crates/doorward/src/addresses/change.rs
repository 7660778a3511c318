//! Asking for another address.

use doorward_identity::{Account, Authority, NewTicket, account::RequestAddressChangeRejection};
use doorward_types::{DisplayName, EmailAddress, Purpose, Scope};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::{
    Doorward, Error, Fault, OwnAccount, Permit, Reauthentication, ReauthenticationRefusal,
    accounts::notice,
    mail::{MailedSecret, Template},
    record::Loaded,
    work::{Committed, Tries, Work},
};

/// How long the link that proves an address can be used.
const PROOF_LIVES: Duration = Duration::hours(24);
/// A change of address that was asked for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AddressChangeAsked {
    /// The first instant at which the new address cannot prove itself any more, in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub proof_until: OffsetDateTime,
    /// The first instant at which the old address cannot stop it any more, in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub stoppable_until: OffsetDateTime,
}

/// Why a change of address was not begun.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AddressChangeRejection {
    /// There is no proposal, or it is over.
    #[error("there is no proposal to accept")]
    NoProposal,
    /// The person has not proved again who they are.
    #[error(transparent)]
    Reauthentication(#[from] ReauthenticationRefusal),
    /// The account refuses it.
    #[error(transparent)]
    Rule(#[from] RequestAddressChangeRejection),
}

impl Doorward {
    /// Asks for another address of one's own account. Two mails go out: the new address proves
    /// itself by one, the old one can stop the change by the other for 72 hours; every other link
    /// mailed to the old one is over. Whether another account has the new address is told to nobody
    /// who has not proved it.
    ///
    /// # Errors
    /// [`AddressChangeRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn request_address_change(
        &self,
        permit: Permit<OwnAccount>,
        proof: Reauthentication,
        new: EmailAddress,
    ) -> Result<AddressChangeAsked, Error<AddressChangeRejection>> {
        let outcome = self.request_address_once(&permit, proof, &new).await;
        self.settled(&permit, outcome).await
    }

    async fn request_address_once(
        &self,
        permit: &Permit<OwnAccount>,
        proof: Reauthentication,
        new: &EmailAddress,
    ) -> Result<AddressChangeAsked, Error<AddressChangeRejection>> {
        self.reauthenticate(permit, proof).await?;
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("request_address_change", new)?;
            work.scope = Scope::Directory;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let own = Self::own(&permit).map_err(Error::widen)?;
            let asked = self
                .change_into(&mut work, own, Authority::Person, new, None)
                .await?;
            let asked = asked.map_err(|rule| Error::Rejected(rule.into()))?;
            if let Committed::Done(asked) = work.commit(self, &mut tries, asked).await? {
                return Ok(asked);
            }
        }
    }

    /// Puts a change of address into a work: the account, the entry, the mails to both addresses.
    pub(super) async fn change_into(
        &self,
        work: &mut Work,
        read: &Loaded<Account>,
        authority: Authority,
        new: &EmailAddress,
        tenant: Option<&DisplayName>,
    ) -> Result<Result<AddressChangeAsked, RequestAddressChangeRejection>, Fault> {
        let (account, now) = (&read.state, work.now);
        let proof_until = now + PROOF_LIVES;
        let proof = self.ticket(account, Purpose::AddressProof, proof_until)?;
        // How long it can be stopped is the account's rule.
        let stop = self.ticket(account, Purpose::AddressStop, now)?;
        let requested =
            account
                .clone()
                .request_address_change(authority, new.clone(), proof.1, stop.1, now);
        let (next, events) = match requested {
            Ok(requested) => requested,
            Err(rule) => return Ok(Err(rule)),
        };
        work.replace(read, &next)?;
        self.follow_up(work, &next, &events, tenant).await?;
        let stoppable_until = next
            .tickets()
            .and_then(|tickets| tickets.expires_at(Purpose::AddressStop));
        let stoppable_until = stoppable_until.unwrap_or(now);
        let mut send = |template, to: &EmailAddress, until, secret: (MailedSecret, NewTicket)| {
            let mut mail = notice(template, &next, to.clone(), tenant);
            mail.expires_at = Some(until);
            mail.secret = Some(secret.0);
            work.mail(self, work.scope, &mail).map(|_| ())
        };
        send(Template::AddressProof, new, proof_until, proof)?;
        if let Some(old) = account.address() {
            let old = old.as_email();
            send(Template::AddressChangeAsked, old, stoppable_until, stop)?;
        }
        Ok(Ok(AddressChangeAsked {
            proof_until,
            stoppable_until,
        }))
    }
}
