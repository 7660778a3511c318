//! What an administrator has mailed to a member's verified address.

use doorward_identity::{
    AccountEvent,
    account::{IssueResetRejection, LoginLinkRejection},
};
use doorward_types::MembershipId;

use crate::{
    Doorward, Error, Permit, ResetCredentials,
    accounts::notice,
    mail::Template,
    work::{Committed, Tries},
};

impl Doorward {
    /// Mails a member a link that sets a new password (ALIS "send an Automatic password reset
    /// email"). It goes to the verified address alone, so that it can be sent whoever manages the
    /// account; it works while the account is locked and lifts the lock when it is used.
    ///
    /// # Errors
    /// [`IssueResetRejection`], [`Denied`](crate::Denied) or a [`Fault`](crate::Fault).
    pub async fn send_reset(
        &self,
        permit: Permit<ResetCredentials>,
        membership: MembershipId,
    ) -> Result<(), Error<IssueResetRejection>> {
        let outcome = self.send_reset_once(&permit, membership).await;
        self.settled(&permit, outcome).await
    }

    async fn send_reset_once(
        &self,
        permit: &Permit<ResetCredentials>,
        membership: MembershipId,
    ) -> Result<(), Error<IssueResetRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("send_reset", &membership)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let holder = self.holder(permit.scope(), membership).await?;
            work.guard(&holder.member);
            let tenant = self.need_tenant(permit.tenant()).await?.state.name;
            self.reset_into(&mut work, &holder.account, Some(&tenant))?
                .map_err(Error::Rejected)?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Mails a member the address of the portal (ALIS "Send Login Link": "email them the direct URL
    /// to the login page"). It authenticates nobody and changes nothing.
    ///
    /// # Errors
    /// [`LoginLinkRejection`], [`Denied`](crate::Denied) or a [`Fault`](crate::Fault).
    pub async fn send_login_link(
        &self,
        permit: Permit<ResetCredentials>,
        membership: MembershipId,
    ) -> Result<(), Error<LoginLinkRejection>> {
        let outcome = self.send_login_link_once(&permit, membership).await;
        self.settled(&permit, outcome).await
    }

    async fn send_login_link_once(
        &self,
        permit: &Permit<ResetCredentials>,
        membership: MembershipId,
    ) -> Result<(), Error<LoginLinkRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("send_login_link", &membership)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let holder = self.holder(permit.scope(), membership).await?;
            let account = &holder.account.state;
            let events = account.mail_login_link().map_err(Error::Rejected)?;
            work.guard(&holder.member);
            work.guard(&holder.account);
            let tenant = self.need_tenant(permit.tenant()).await?.state.name;
            self.follow_up(&mut work, account, &events, Some(&tenant))
                .await?;
            for event in &events {
                if let AccountEvent::LoginLinkMailed { to } = event {
                    let mail = notice(Template::LoginLink, account, to.clone(), Some(&tenant));
                    work.mail(self, permit.scope(), &mail)?;
                }
            }
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }
}
