//! The new address proves itself, the old one stops the change, and a tick forgets what is over.

use doorward_identity::{
    AddressChange, TicketRefusal,
    account::{ProveAddressRejection as Rule, StopAddressChangeRejection},
};
use doorward_invitations::Confirmed;
use doorward_storage::Limit;
use doorward_types::{Principal, Purpose, RequestId, Scope};
use time::OffsetDateTime;

use crate::{
    Doorward, Error, Fault, LinkRefusal,
    stored::identity::{AddressProposed, address_proposals_due},
    work::{Asked, Committed, Tries, Work},
};

/// Why a new address was not proved.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ProveAddressRejection {
    /// The link opens nothing.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
    /// Another account has proved the address: its person signs in there and brings the link along.
    #[error("sign in to continue: this address belongs to an account already")]
    SignIn,
    /// The account's user name follows its address, and another account of the tenant that gave it
    /// is called like the new one. The link stays good until an administrator has renamed that one.
    #[error("this address is the user name of another account: ask an administrator")]
    UserNameTaken,
}

impl From<Rule> for ProveAddressRejection {
    fn from(rule: Rule) -> Self {
        match rule {
            Rule::AddressHeld { by: _ } => Self::SignIn,
            Rule::Ticket(refusal) => Self::Link(refusal.into()),
        }
    }
}

impl Doorward {
    /// Proves a new address by its mailed link: from now on it signs in, receives resets and matches
    /// invitations. Sessions are over; the old address is told. A host calls it from a POST, since
    /// mail scanners open every link. Sent again under its request id, it answers the first outcome.
    ///
    /// # Errors
    /// [`ProveAddressRejection`] or a [`Fault`].
    pub async fn prove_address(
        &self,
        link: &str,
        _confirmed: Confirmed,
        request: Option<RequestId>,
    ) -> Result<(), Error<ProveAddressRejection>> {
        let asked = Asked::by_link(link, request, "prove_address", &())?;
        let outcome = self.prove_address_once(link, asked.clone()).await;
        self.as_its_twin(asked.as_ref(), outcome).await
    }

    async fn prove_address_once(
        &self,
        link: &str,
        asked: Option<Asked>,
    ) -> Result<(), Error<ProveAddressRejection>> {
        let mut tries = Tries::default();
        loop {
            let now = self.now();
            let mut work =
                Work::new(Scope::Directory, Principal::Anonymous, now).asked(asked.clone());
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let (token, account) = self
                .account_by_link::<ProveAddressRejection>(Purpose::AddressProof, link)
                .await?;
            let new = match account.state.address_change() {
                Some(AddressChange::Pending { new, .. }) => Some(new.clone()),
                _ => None,
            };
            let holder = self.holder_of_address(new.as_ref()).await?;
            let proved = account.state.clone().prove_address(&token, holder, now);
            let (next, events) = proved.map_err(|rule| Error::Rejected(rule.into()))?;
            if let Some(new) = &new
                && self.is_named_at(&account.state, new).await?
            {
                return Err(Error::Rejected(ProveAddressRejection::UserNameTaken));
            }
            work.replace(&account, &next)?;
            self.follow_up(&mut work, &next, &events, None).await?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Stops a change of address by the link mailed to the old one: before the proof it is dropped,
    /// after it the old address is put back. Sessions are over either way: whoever asked may be a
    /// thief. A host calls it from a POST. Sent again under its request id, it answers the first
    /// outcome.
    ///
    /// # Errors
    /// [`LinkRefusal`] or a [`Fault`].
    pub async fn stop_address_change(
        &self,
        link: &str,
        _confirmed: Confirmed,
        request: Option<RequestId>,
    ) -> Result<(), Error<LinkRefusal>> {
        let asked = Asked::by_link(link, request, "stop_address_change", &())?;
        let outcome = self.stop_address_change_once(link, asked.clone()).await;
        self.as_its_twin(asked.as_ref(), outcome).await
    }

    async fn stop_address_change_once(
        &self,
        link: &str,
        asked: Option<Asked>,
    ) -> Result<(), Error<LinkRefusal>> {
        let mut tries = Tries::default();
        loop {
            let now = self.now();
            let mut work =
                Work::new(Scope::Directory, Principal::Anonymous, now).asked(asked.clone());
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let (token, account) = self
                .account_by_link::<LinkRefusal>(Purpose::AddressStop, link)
                .await?;
            let stopped = account.state.clone().stop_address_change(&token, now);
            let (next, events) = stopped.map_err(refused)?;
            work.replace(&account, &next)?;
            self.follow_up(&mut work, &next, &events, None).await?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Forgets at most `limit` proposed addresses that nobody has answered in time, and says how many.
    /// A host calls it on a tick; what is over opens nothing before that either.
    ///
    /// # Errors
    /// A [`Fault`]; what was forgotten before stays forgotten.
    pub async fn forget_address_proposals(
        &self,
        now: OffsetDateTime,
        limit: Limit,
    ) -> Result<usize, Fault> {
        let mut count = 0;
        let due = address_proposals_due(now);
        for read in self.page::<AddressProposed>(&due, None, limit).await?.0 {
            let mut work = Work::new(Scope::Directory, Principal::System, now);
            work.delete(&read);
            // One that was answered at the same time is gone.
            if let Committed::Done(()) = work.commit(self, &mut Tries::default(), ()).await? {
                count += 1;
            }
        }
        Ok(count)
    }
}

fn refused(
    StopAddressChangeRejection::Ticket(refusal): StopAddressChangeRejection,
) -> Error<LinkRefusal> {
    let refusal: TicketRefusal = refusal;
    Error::Rejected(refusal.into())
}
