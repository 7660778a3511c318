//! Conversion to another class (HomeTrak "Create HomeTrak Identity Account").

use doorward_identity::{Activation, Authority, Handover, Status, account::ConvertRejection};
use doorward_types::MembershipId;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    Doorward, Error, Fault, ManageAccounts, Permit,
    passwords::Giving,
    work::{Committed, Tries},
};

/// An account that is of another class now.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AccountConverted {
    /// Until when the mail that activates it can be used, in UTC, where the new class has one.
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
}

/// Why an account was not converted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ConvertAccountRejection {
    /// Until it is activated again its person cannot sign in, and nobody else administers here.
    #[error("the tenant would be left without an administrator: make another one first")]
    LastAdministrator,
    /// The classes or the account refuse it.
    #[error(transparent)]
    Rule(#[from] ConvertRejection),
}

impl Doorward {
    /// Converts a member's account to the class that its own converts to (HomeTrak "Create or
    /// convert this account as an Identity account"). Where the new class is activated by mail, the
    /// mail goes out and the old password opens nothing from now on; sessions are over.
    ///
    /// # Errors
    /// [`ConvertAccountRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn convert_account(
        &self,
        permit: Permit<ManageAccounts>,
        membership: MembershipId,
    ) -> Result<AccountConverted, Error<ConvertAccountRejection>> {
        let outcome = self.convert_account_once(&permit, membership).await;
        self.settled(&permit, outcome).await
    }

    async fn convert_account_once(
        &self,
        permit: &Permit<ManageAccounts>,
        membership: MembershipId,
    ) -> Result<AccountConverted, Error<ConvertAccountRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("convert_account", &membership)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let holder = self.holder(permit.scope(), membership).await?;
            work.guard(&holder.member);
            let account = &holder.account.state;
            let from = self.class(account.class().ok_or(Fault::unknown("member"))?)?;
            let to = from.converts_to();
            let to = to.ok_or(Error::Rejected(ConvertRejection::NotConvertible.into()))?;
            let to = self.class(to)?;
            let authority = Authority::Administrator(permit.tenant());
            let converted = account.clone().convert(authority, from, to);
            let (next, events) = converted.map_err(|rule| Error::Rejected(rule.into()))?;
            if next.status() != Status::Active
                && !self
                    .keeps_administrator(&mut work, &holder, permit.now())
                    .await?
            {
                return Err(Error::Rejected(ConvertAccountRejection::LastAdministrator));
            }
            let tenant = self.need_tenant(permit.tenant()).await?.state.name;
            self.follow_up(&mut work, &next, &events, Some(&tenant))
                .await?;
            let (next, expires_at) = match to.activation() {
                Activation::AtAccept => (next, None),
                Activation::ByMail => {
                    let mailed = self.activation_into(&mut work, next, authority, &tenant);
                    // It is pending, of this class, and this tenant's: nothing refuses it.
                    let (next, mailed) = mailed.await?.map_err(|_| Fault::Busy)?;
                    (next, Some(mailed.expires_at))
                }
                Activation::ByTemporaryPassword(_) => {
                    let giving = Giving {
                        authority,
                        class: to,
                        handover: Handover::Mailed,
                        tenant,
                    };
                    let given = self.temporary_into(&mut work, next, giving).await?;
                    let (next, issued) = given.map_err(|_| Fault::Busy)?;
                    (next, Some(issued.expires_at))
                }
            };
            work.replace(&holder.account, &next)?;
            let outcome = AccountConverted { expires_at };
            if let Committed::Done(converted) = work.commit(self, &mut tries, outcome).await? {
                return Ok(converted);
            }
        }
    }
}
