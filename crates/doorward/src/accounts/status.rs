//! Disabling, restoring, closing and erasing an account.

use doorward_access::{RemoveRejection, Shortfall};
use doorward_identity::{
    Account, Authority, DisabledReason,
    account::{CloseRejection, DisableRejection, EraseRejection, RestoreRejection},
};
use doorward_types::{AccountId, MembershipId, Scope};

use crate::{
    Doorward, Error, Fault, ManageAccounts, OwnAccount, Permit, Reauthentication,
    ReauthenticationRefusal,
    record::Loaded,
    work::{Committed, Tries, Work},
};

/// Why an account was not disabled.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DisableAccountRejection {
    /// The tenant would lose its last administrator.
    #[error("the tenant would be left without an administrator: make another one first")]
    LastAdministrator,
    /// The account refuses it.
    #[error(transparent)]
    Rule(#[from] DisableRejection),
}

/// Why an account was not restored.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RestoreAccountRejection {
    /// Its member holds what the administrator cannot give.
    #[error("restoring {0}")]
    Above(Shortfall),
    /// The account refuses it.
    #[error(transparent)]
    Rule(#[from] RestoreRejection),
}

/// Why an account was not closed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CloseAccountRejection {
    /// A tenant would lose its last administrator.
    #[error("a tenant would be left without an administrator: make another one first")]
    LastAdministrator,
    /// Its person has not proved again who they are.
    #[error(transparent)]
    Reauthentication(#[from] ReauthenticationRefusal),
    /// The account refuses it.
    #[error(transparent)]
    Rule(#[from] CloseRejection),
}

impl Doorward {
    /// Disables a member's account: every session and every mailed link is over at once, on every
    /// channel (HomeTrak "Status must be set to Active in order for the user to be able to log
    /// in"). Where its person manages it, their membership is disabled instead.
    ///
    /// # Errors
    /// [`DisableAccountRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn disable_account(
        &self,
        permit: Permit<ManageAccounts>,
        membership: MembershipId,
        reason: DisabledReason,
    ) -> Result<(), Error<DisableAccountRejection>> {
        let outcome = self.disable_account_once(&permit, membership, reason).await;
        self.settled(&permit, outcome).await
    }

    async fn disable_account_once(
        &self,
        permit: &Permit<ManageAccounts>,
        membership: MembershipId,
        reason: DisabledReason,
    ) -> Result<(), Error<DisableAccountRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("disable_account", &(membership, reason))?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let holder = self.holder(permit.scope(), membership).await?;
            work.guard(&holder.member);
            let authority = Authority::Administrator(permit.tenant());
            let (by, now) = (permit.principal().clone(), permit.now());
            let disabled = holder
                .account
                .state
                .clone()
                .disable(authority, reason, by, now);
            let (next, events) = disabled.map_err(|rule| Error::Rejected(rule.into()))?;
            if !self.keeps_administrator(&mut work, &holder, now).await? {
                return Err(Error::Rejected(DisableAccountRejection::LastAdministrator));
            }
            work.replace(&holder.account, &next)?;
            let tenant = self.need_tenant(permit.tenant()).await?.state.name;
            self.follow_up(&mut work, &next, &events, Some(&tenant))
                .await?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Restores a disabled account to what it was. What its member holds is gained anew, so the
    /// administrator must be able to give it; sessions and links of before stay over.
    ///
    /// # Errors
    /// [`RestoreAccountRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn restore_account(
        &self,
        permit: Permit<ManageAccounts>,
        membership: MembershipId,
    ) -> Result<(), Error<RestoreAccountRejection>> {
        let outcome = self.restore_account_once(&permit, membership).await;
        self.settled(&permit, outcome).await
    }

    async fn restore_account_once(
        &self,
        permit: &Permit<ManageAccounts>,
        membership: MembershipId,
    ) -> Result<(), Error<RestoreAccountRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("restore_account", &membership)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let holder = self.holder(permit.scope(), membership).await?;
            let authority = Authority::Administrator(permit.tenant());
            let restored = holder.account.state.clone().restore(authority);
            let (next, events) = restored.map_err(|rule| Error::Rejected(rule.into()))?;
            let above = self.beyond(&mut work, &permit, &holder).await?;
            if !above.is_none() {
                return Err(Error::Rejected(RestoreAccountRejection::Above(above)));
            }
            work.replace(&holder.account, &next)?;
            let tenant = self.need_tenant(permit.tenant()).await?.state.name;
            self.follow_up(&mut work, &next, &events, Some(&tenant))
                .await?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Closes a member's account for good, with its membership: credentials go, user name and
    /// address are free again. Answers the account, by which it can be erased.
    ///
    /// # Errors
    /// [`CloseAccountRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn close_account(
        &self,
        permit: Permit<ManageAccounts>,
        membership: MembershipId,
    ) -> Result<AccountId, Error<CloseAccountRejection>> {
        let outcome = self.close_account_once(&permit, membership).await;
        self.settled(&permit, outcome).await
    }

    async fn close_account_once(
        &self,
        permit: &Permit<ManageAccounts>,
        membership: MembershipId,
    ) -> Result<AccountId, Error<CloseAccountRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("close_account", &membership)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let holder = self.holder(permit.scope(), membership).await?;
            let authority = Authority::Administrator(permit.tenant());
            self.close_into(&mut work, &holder.account, authority)
                .await?;
            let id = holder.account.state.id();
            if let Committed::Done(id) = work.commit(self, &mut tries, id).await? {
                return Ok(id);
            }
        }
    }

    /// Closes the account of whoever is signed in, with every membership it has.
    ///
    /// # Errors
    /// [`CloseAccountRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn close_own_account(
        &self,
        permit: Permit<OwnAccount>,
        proof: Reauthentication,
    ) -> Result<(), Error<CloseAccountRejection>> {
        let outcome = self.close_own_account_once(&permit, proof).await;
        self.settled(&permit, outcome).await
    }

    async fn close_own_account_once(
        &self,
        permit: &Permit<OwnAccount>,
        proof: Reauthentication,
    ) -> Result<(), Error<CloseAccountRejection>> {
        self.reauthenticate(permit, proof).await?;
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("close_own_account", &())?;
            work.scope = Scope::Directory;
            let own = Self::own(&permit).map_err(Error::widen)?;
            self.close_into(&mut work, own, Authority::Person).await?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    async fn close_into(
        &self,
        work: &mut Work,
        account: &Loaded<Account>,
        authority: Authority,
    ) -> Result<(), Error<CloseAccountRejection>> {
        let (by, now) = (work.principal.clone(), work.now);
        let closed = account.state.clone().close(authority, now);
        let (next, events) = closed.map_err(|rule| Error::Rejected(rule.into()))?;
        work.replace(account, &next)?;
        self.follow_up(work, &next, &events, None).await?;
        // A name that is given free is nobody's look-alike.
        let _ = self.reskeleton(work, Some(&account.state), &next).await?;
        for member in self.memberships_of(account.state.id()).await? {
            match self.leave_into(work, &member, &by, now).await? {
                Ok(()) | Err(RemoveRejection::AlreadyRemoved { .. }) => {}
                Err(RemoveRejection::LastAdministrator) => {
                    return Err(Error::Rejected(CloseAccountRejection::LastAdministrator));
                }
            }
        }
        Ok(())
    }

    /// Erases a closed account that the tenant managed: name, address, cell and note go; the id
    /// stays and is never used again. Entries of the audit log hold none of it; what stands beside
    /// them is erased there.
    ///
    /// # Errors
    /// [`EraseRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn erase_account(
        &self,
        permit: Permit<ManageAccounts>,
        account: AccountId,
    ) -> Result<(), Error<EraseRejection>> {
        let outcome = self.erase_account_once(&permit, account).await;
        self.settled(&permit, outcome).await
    }

    async fn erase_account_once(
        &self,
        permit: &Permit<ManageAccounts>,
        account: AccountId,
    ) -> Result<(), Error<EraseRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("erase_account", &account)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let read = self.account_of(account).await?;
            if read.state.managed_by() != Some(permit.tenant()) {
                return Err(Fault::unknown("account").into());
            }
            let erased = read.state.clone().erase(permit.now());
            let (next, events) = erased.map_err(Error::Rejected)?;
            work.replace(&read, &next)?;
            self.follow_up(&mut work, &next, &events, None).await?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }
}
