//! An administrator changes a member's address, or proposes it where the account is its person's.

use doorward_access::Shortfall;
use doorward_audit::{Action, Category};
use doorward_identity::{
    Authority,
    account::{ReplaceAddressRejection, RequestAddressChangeRejection},
};
use doorward_types::{DisplayName, EmailAddress, MembershipId, Scope};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::{AddressChangeAsked, AddressChangeRejection};
use crate::{
    Doorward, Error, Fault, ManageAccounts, OwnAccount, Permit, Reauthentication,
    accounts::{Holder, notice},
    audit_trail::Draft,
    mail::Template,
    record::Loaded,
    stored::identity::AddressProposed,
    work::{Committed, Tries, Work},
};

/// How long a proposal waits for its person.
const PROPOSAL_LIVES: Duration = Duration::days(7);

/// What became of another address that an administrator entered.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressOutcome {
    /// Both addresses were mailed; the new one has to prove itself.
    Asked(AddressChangeAsked),
    /// The account is its person's: they were mailed, and accept or refuse it signed in.
    Proposed {
        /// Until when, in UTC.
        #[serde(with = "time::serde::rfc3339")]
        until: OffsetDateTime,
    },
    /// Nobody had proved the old one, so the new one took its place, equally unproved; where the
    /// account waits for its activation mail, it went there.
    Replaced,
}

/// A change that an administrator proposed, as its person sees it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AddressProposal {
    /// The address.
    pub new: EmailAddress,
    /// Until when it can be accepted, in UTC.
    pub until: OffsetDateTime,
}

/// Why an address was neither changed nor proposed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ProposeAddressRejection {
    /// The member holds more than the administrator may give, and could be signed in as.
    #[error("the member's access {0}: they change their address themselves")]
    Above(Shortfall),
    /// Another member here has proved it.
    #[error("the address belongs to another member here")]
    AddressTaken,
    /// The account refuses the change.
    #[error(transparent)]
    Request(#[from] RequestAddressChangeRejection),
    /// The account refuses to replace it.
    #[error(transparent)]
    Replace(#[from] ReplaceAddressRejection),
    /// The account's user name follows its address, and another account here is called like that.
    #[error("the address is the user name of another account: rename that one first")]
    UserNameTaken,
}

impl Doorward {
    /// Enters another address for a member (ALIS "Update the contact's ... associated Connect
    /// Email"). Where nobody has proved the old one it is replaced; a proved one stands until the
    /// new one proves itself; and where the account is its person's, they are asked.
    ///
    /// # Errors
    /// [`ProposeAddressRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn propose_address(
        &self,
        permit: Permit<ManageAccounts>,
        membership: MembershipId,
        new: EmailAddress,
    ) -> Result<AddressOutcome, Error<ProposeAddressRejection>> {
        let outcome = self.propose_address_once(&permit, membership, &new).await;
        self.settled(&permit, outcome).await
    }

    async fn propose_address_once(
        &self,
        permit: &Permit<ManageAccounts>,
        membership: MembershipId,
        new: &EmailAddress,
    ) -> Result<AddressOutcome, Error<ProposeAddressRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let (tenant, scope) = (permit.tenant(), permit.scope());
            let mut work = permit.work("propose_address", &(membership, new))?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let holder = self.holder(scope, membership).await?;
            work.guard(&holder.member);
            let account = &holder.account.state;
            if self
                .is_members_address(scope, new, Some(account.id()))
                .await?
            {
                return Err(Error::Rejected(ProposeAddressRejection::AddressTaken));
            }
            let name = self.need_tenant(tenant).await?.state.name;
            let proved = account
                .address()
                .is_some_and(|address| address.verified().is_some());
            let outcome = if account.managed_by() != Some(tenant) {
                self.propose_into(&mut work, &holder, new, &name).await?
            } else {
                let above = self.beyond(&mut work, &permit, &holder).await?;
                if !above.is_none() {
                    return Err(Error::Rejected(ProposeAddressRejection::Above(above)));
                }
                if self.is_named_at(account, new).await? {
                    return Err(Error::Rejected(ProposeAddressRejection::UserNameTaken));
                }
                let authority = Authority::Administrator(tenant);
                if proved {
                    let read = &holder.account;
                    let asked = self
                        .change_into(&mut work, read, authority, new, Some(&name))
                        .await?;
                    let asked = asked.map_err(|rule| Error::Rejected(rule.into()))?;
                    AddressOutcome::Asked(asked)
                } else {
                    self.replace_into(&mut work, &holder, authority, new, &name)
                        .await?;
                    AddressOutcome::Replaced
                }
            };
            if let Committed::Done(outcome) = work.commit(self, &mut tries, outcome).await? {
                return Ok(outcome);
            }
        }
    }

    async fn replace_into(
        &self,
        work: &mut Work,
        holder: &Holder,
        authority: Authority,
        new: &EmailAddress,
        tenant: &DisplayName,
    ) -> Result<(), Error<ProposeAddressRejection>> {
        let account = holder.account.state.clone();
        let replaced = account.replace_address(authority, new.clone());
        let (mut next, events) = replaced.map_err(|rule| Error::Rejected(rule.into()))?;
        self.follow_up(work, &next, &events, Some(tenant)).await?;
        // An account that is activated otherwise, or is not pending, waits for no such mail.
        if let Ok((mailed, _)) = self
            .activation_into(work, next.clone(), authority, tenant)
            .await?
        {
            next = mailed;
        }
        work.replace(&holder.account, &next)?;
        Ok(())
    }

    async fn propose_into(
        &self,
        work: &mut Work,
        holder: &Holder,
        new: &EmailAddress,
        tenant: &DisplayName,
    ) -> Result<AddressOutcome, Error<ProposeAddressRejection>> {
        let account = &holder.account.state;
        let unverified = RequestAddressChangeRejection::Unverified;
        let proved = account.verified_email();
        let proved = proved.ok_or(Error::Rejected(unverified.into()))?;
        work.guard(&holder.account);
        let membership = holder.member.state.id();
        let until = work.now + PROPOSAL_LIVES;
        let proposal = AddressProposed {
            membership,
            new: new.clone(),
            expires_at: until,
        };
        match self.proposed(membership).await? {
            Some(before) => work.replace(&before, &proposal)?,
            None => work.create(Scope::Directory, &proposal)?,
        }
        let draft = Draft::new(Action::ADDRESS_PROPOSE, account.id())
            .fact("membership", membership)
            .fact("expires_at", until)
            .personal("address_after", new);
        work.note([draft]);
        let to = proved.address().clone();
        let mut mail = notice(Template::ChangeProposed, account, to, Some(tenant));
        mail.expires_at = Some(until);
        work.mail(self, work.scope, &mail)?;
        Ok(AddressOutcome::Proposed { until })
    }

    /// Reads what an administrator of this tenant has proposed to whoever is signed in.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn address_proposal(
        &self,
        permit: &Permit<OwnAccount>,
    ) -> Result<Option<AddressProposal>, Fault> {
        let read = match permit.member() {
            Some(member) => self.proposed(member).await?,
            None => None,
        };
        let open = read.filter(|read| permit.now() < read.state.expires_at);
        Ok(open.map(|read| AddressProposal {
            new: read.state.new,
            until: read.state.expires_at,
        }))
    }

    /// Accepts what an administrator has proposed: from here on it is a change that its person asked
    /// for ([`request_address_change`](Self::request_address_change)).
    ///
    /// # Errors
    /// [`AddressChangeRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn accept_address_proposal(
        &self,
        permit: Permit<OwnAccount>,
        proof: Reauthentication,
    ) -> Result<AddressChangeAsked, Error<AddressChangeRejection>> {
        let outcome = self.accept_proposal_once(&permit, proof).await;
        self.settled(&permit, outcome).await
    }

    async fn accept_proposal_once(
        &self,
        permit: &Permit<OwnAccount>,
        proof: Reauthentication,
    ) -> Result<AddressChangeAsked, Error<AddressChangeRejection>> {
        self.reauthenticate(permit, proof).await?;
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("accept_address_proposal", &())?;
            work.scope = Scope::Directory;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let member = permit.member().ok_or(crate::Denied::Support)?;
            let proposal = self.proposed(member).await?;
            let proposal = proposal
                .filter(|read| permit.now() < read.state.expires_at)
                .ok_or(Error::Rejected(AddressChangeRejection::NoProposal))?;
            work.delete(&proposal);
            let own = Self::own(&permit).map_err(Error::widen)?;
            let new = &proposal.state.new;
            let asked = self
                .change_into(&mut work, own, Authority::Person, new, None)
                .await?;
            let asked = asked.map_err(|rule| Error::Rejected(rule.into()))?;
            if let Committed::Done(asked) = work.commit(self, &mut tries, asked).await? {
                return Ok(asked);
            }
        }
    }

    /// Refuses what an administrator has proposed.
    ///
    /// # Errors
    /// [`AddressChangeRejection::NoProposal`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn refuse_address_proposal(
        &self,
        permit: Permit<OwnAccount>,
    ) -> Result<(), Error<AddressChangeRejection>> {
        let outcome = self.refuse_proposal_once(&permit).await;
        self.settled(&permit, outcome).await
    }

    async fn refuse_proposal_once(
        &self,
        permit: &Permit<OwnAccount>,
    ) -> Result<(), Error<AddressChangeRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("refuse_address_proposal", &())?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let member = permit.member().ok_or(crate::Denied::Support)?;
            let proposal = self.proposed(member).await?;
            let none = Error::Rejected(AddressChangeRejection::NoProposal);
            let proposal = proposal.ok_or(none)?;
            work.delete(&proposal);
            let refuse = Action::declare("address.refuse", Category::Update);
            work.note([Draft::new(refuse, member)]);
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    async fn proposed(
        &self,
        membership: MembershipId,
    ) -> Result<Option<Loaded<AddressProposed>>, Fault> {
        self.load(Scope::Directory, membership.as_uuid()).await
    }
}
