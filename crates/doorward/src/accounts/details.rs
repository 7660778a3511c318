//! Name, cell number and note of an account; its user name.

use doorward_identity::{
    Account, Authority, CellNumber, LooksLikeAnother, OwnUserName,
    account::{EditDetailsRejection, RenameRejection},
};
use doorward_types::{DisplayName, MembershipId, Note, Scope, UserName};
use serde::Serialize;

use crate::{
    Act, Doorward, Error, Fault, FormVersion, ManageAccounts, OwnAccount, Permit,
    record::Loaded,
    work::{Committed, Tries, Work},
};

/// What an administrator fills in of an account they manage.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct AccountDetails {
    /// What its person is called.
    pub name: DisplayName,
    /// The cell number (HomeTrak "The user's cell phone, for texting purposes").
    pub cell: Option<CellNumber>,
    /// A remark (HomeTrak "Add a note, if desired").
    pub note: Note,
}

/// Why a user name was not changed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RenameAccountRejection {
    /// It could be taken for another one.
    #[error(transparent)]
    LooksLikeAnother(#[from] LooksLikeAnother),
    /// The account does not take it.
    #[error(transparent)]
    Rule(#[from] RenameRejection),
    /// It is another account's here.
    #[error("the user name is taken: choose another")]
    Taken,
}

impl Doorward {
    /// Changes name, cell number and note of a member's account: a form.
    ///
    /// # Errors
    /// [`EditDetailsRejection`], [`Denied`](crate::Denied) or a [`Fault`], [`Fault::Stale`] among
    /// them.
    pub async fn edit_account(
        &self,
        permit: Permit<ManageAccounts>,
        membership: MembershipId,
        version: FormVersion,
        details: AccountDetails,
    ) -> Result<(), Error<EditDetailsRejection>> {
        let outcome = self.edit_account_once(&permit, membership, version, details);
        let outcome = outcome.await;
        self.settled(&permit, outcome).await
    }

    async fn edit_account_once(
        &self,
        permit: &Permit<ManageAccounts>,
        membership: MembershipId,
        version: FormVersion,
        details: AccountDetails,
    ) -> Result<(), Error<EditDetailsRejection>> {
        let permit = self.again(permit).await.map_err(Error::widen)?;
        let mut work = permit.work("edit_account", &(membership, version, &details))?;
        if let Some(before) = work.replay(self).await? {
            return Ok(before);
        }
        let holder = self.holder(permit.scope(), membership).await?;
        version.check(&holder.account, "account")?;
        work.guard(&holder.member);
        let authority = Authority::Administrator(permit.tenant());
        let AccountDetails { name, cell, note } = details;
        let account = holder.account.state.clone();
        let edited = account.edit_details(authority, name, cell, note);
        let (next, events) = edited.map_err(Error::Rejected)?;
        if !events.is_empty() {
            work.replace(&holder.account, &next)?;
        }
        self.follow_up(&mut work, &next, &events, None).await?;
        Ok(work.commit_form(self, "account", ()).await?)
    }

    /// Gives a member's account another user name in this tenant, or none (ALIS "Update the
    /// contact's Username"). Its person is told.
    ///
    /// # Errors
    /// [`RenameAccountRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn rename_account(
        &self,
        permit: Permit<ManageAccounts>,
        membership: MembershipId,
        name: Option<UserName>,
    ) -> Result<(), Error<RenameAccountRejection>> {
        let outcome = self.rename_account_once(&permit, membership, name).await;
        self.settled(&permit, outcome).await
    }

    async fn rename_account_once(
        &self,
        permit: &Permit<ManageAccounts>,
        membership: MembershipId,
        name: Option<UserName>,
    ) -> Result<(), Error<RenameAccountRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("rename_account", &(membership, &name))?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let holder = self.holder(permit.scope(), membership).await?;
            work.guard(&holder.member);
            let authority = Authority::Administrator(permit.tenant());
            self.rename_into(&permit, &mut work, &holder.account, authority, &name)
                .await?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Gives whoever is signed in another user name in this tenant, or none.
    ///
    /// # Errors
    /// [`RenameAccountRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn rename_own_account(
        &self,
        permit: Permit<OwnAccount>,
        name: Option<UserName>,
    ) -> Result<(), Error<RenameAccountRejection>> {
        let outcome = self.rename_own_account_once(&permit, name).await;
        self.settled(&permit, outcome).await
    }

    async fn rename_own_account_once(
        &self,
        permit: &Permit<OwnAccount>,
        name: Option<UserName>,
    ) -> Result<(), Error<RenameAccountRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("rename_own_account", &name)?;
            work.scope = Scope::Directory;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let own = Self::own(&permit).map_err(Error::widen)?;
            self.rename_into(&permit, &mut work, own, Authority::Person, &name)
                .await?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    async fn rename_into<A: Act>(
        &self,
        permit: &Permit<A>,
        work: &mut Work,
        read: &Loaded<Account>,
        authority: Authority,
        name: &Option<UserName>,
    ) -> Result<(), Error<RenameAccountRejection>> {
        let tenant = permit.tenant();
        let class = read.state.class().ok_or(Fault::unknown("member"))?;
        let own = name.clone().map(|name| OwnUserName { tenant, name });
        let renamed = read
            .state
            .clone()
            .rename(authority, self.class(class)?, own);
        let (next, events) = renamed.map_err(|rule| Error::Rejected(rule.into()))?;
        if let Some(name) = name
            && self.is_named(tenant, name, Some(&read.state)).await?
        {
            return Err(Error::Rejected(RenameAccountRejection::Taken));
        }
        if let Err(clash) = self.reskeleton(work, Some(&read.state), &next).await? {
            return Err(Error::Rejected(clash.into()));
        }
        if !events.is_empty() {
            work.replace(read, &next)?;
        }
        let named = self.need_tenant(tenant).await?.state.name;
        self.follow_up(work, &next, &events, Some(&named)).await?;
        Ok(())
    }
}
