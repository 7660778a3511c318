//! Activation by mail: the link proves the address, the person sets the first password.

use doorward_access::Membership;
use doorward_identity::{
    Account, AddressHolder, Authority, PasswordRejection, TicketRefusal,
    account::{ActivateRejection as Rule, IssueActivationRejection},
};
use doorward_types::{
    DisplayName, EmailAddress, MembershipId, Principal, Purpose, RequestId, Scope,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::{
    Doorward, Error, Fault, LinkRefusal, ManageAccounts, Permit,
    accounts::notice,
    mail::Template,
    record::Loaded,
    stored::identity::verified_address,
    work::{Asked, Committed, Tries, Work},
};

/// How long an activation link can be used.
const ACTIVATION_LIVES: Duration = Duration::days(7);

/// An activation mail that was queued.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ActivationMailed {
    /// The first instant at which its link is refused, in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// Why an account was not activated.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ActivateRejection {
    /// The link opens nothing.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
    /// The policy refuses the password; the link is still good.
    #[error(transparent)]
    Password(#[from] PasswordRejection),
    /// Another account has proved the address. Whoever holds the link reads the address's mail, so
    /// they may know; they sign in to that account and bring the link along.
    #[error("sign in to continue: this address belongs to an account already")]
    SignIn,
}

impl Doorward {
    /// Mails an activation link anew; the one before ends (design 9.6: "An identity account not yet
    /// activated gets a new activation mail").
    ///
    /// # Errors
    /// [`IssueActivationRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn resend_activation(
        &self,
        permit: Permit<ManageAccounts>,
        membership: MembershipId,
    ) -> Result<ActivationMailed, Error<IssueActivationRejection>> {
        let outcome = self.resend_activation_once(&permit, membership).await;
        self.settled(&permit, outcome).await
    }

    async fn resend_activation_once(
        &self,
        permit: &Permit<ManageAccounts>,
        membership: MembershipId,
    ) -> Result<ActivationMailed, Error<IssueActivationRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("resend_activation", &membership)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let holder = self.holder(permit.scope(), membership).await?;
            work.guard(&holder.member);
            let tenant = self.need_tenant(permit.tenant()).await?.state.name;
            let authority = Authority::Administrator(permit.tenant());
            let issued = self
                .activation_into(&mut work, holder.account.state.clone(), authority, &tenant)
                .await?;
            let (next, mailed) = issued.map_err(Error::Rejected)?;
            work.replace(&holder.account, &next)?;
            if let Committed::Done(mailed) = work.commit(self, &mut tries, mailed).await? {
                return Ok(mailed);
            }
        }
    }

    /// Gives an account the ticket of an activation mail: entry and mail go into the work, the
    /// account is put by the caller.
    pub(crate) async fn activation_into(
        &self,
        work: &mut Work,
        account: Account,
        authority: Authority,
        tenant: &DisplayName,
    ) -> Result<Result<(Account, ActivationMailed), IssueActivationRejection>, Fault> {
        let Some(class) = account.class() else {
            return Err(Fault::unknown("member"));
        };
        let class = self.class(class)?;
        let expires_at = work.now + ACTIVATION_LIVES;
        let (secret, ticket) = self.ticket(&account, Purpose::Activation, expires_at)?;
        let (next, events) = match account.issue_activation(authority, class, ticket) {
            Ok(issued) => issued,
            Err(rule) => return Ok(Err(rule)),
        };
        self.follow_up(work, &next, &events, Some(tenant)).await?;
        if let Some(address) = next.address() {
            let to = address.as_email().clone();
            let mut mail = notice(Template::Activation, &next, to, Some(tenant));
            mail.expires_at = Some(expires_at);
            mail.secret = Some(secret);
            work.mail(self, work.scope, &mail)?;
        }
        Ok(Ok((next, ActivationMailed { expires_at })))
    }

    /// Activates an account by its mailed link, with the first password (HomeTrak "an activation
    /// email will be sent to the person to set their password"). The link proves the address. The
    /// person signs in afterwards. Sent again under its request id, it answers the first outcome.
    ///
    /// # Errors
    /// [`ActivateRejection`] or a [`Fault`].
    pub async fn activate(
        &self,
        link: &str,
        password: &SecretString,
        request: Option<RequestId>,
    ) -> Result<(), Error<ActivateRejection>> {
        let asked = Asked::by_link(link, request, "activate", &())?;
        let outcome = self.activate_once(link, password, asked.clone()).await;
        self.as_its_twin(asked.as_ref(), outcome).await
    }

    async fn activate_once(
        &self,
        link: &str,
        password: &SecretString,
        asked: Option<Asked>,
    ) -> Result<(), Error<ActivateRejection>> {
        let mut tries = Tries::default();
        loop {
            let now = self.now();
            let mut work =
                Work::new(Scope::Directory, Principal::Anonymous, now).asked(asked.clone());
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let (token, account) = self.account_by_link(Purpose::Activation, link).await?;
            let holder = self.holder_of_address(account.state.address().map(|a| a.as_email()));
            let holder = holder.await?;
            if holder.is_other_than(account.state.id()) {
                return Err(Error::Rejected(ActivateRejection::SignIn));
            }
            let hashed = self.chosen_password(&account.state, password).await?;
            let activated = account.state.clone().activate(&token, hashed, holder, now);
            let (next, events) = activated.map_err(|rule| Error::Rejected(rule.into()))?;
            work.replace(&account, &next)?;
            self.follow_up(&mut work, &next, &events, None).await?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Who has proved an address.
    pub(crate) async fn holder_of_address(
        &self,
        address: Option<&EmailAddress>,
    ) -> Result<AddressHolder, Fault> {
        let Some(address) = address else {
            return Ok(AddressHolder::Nobody);
        };
        let holder: Option<Loaded<Account>> = self.claimed(&verified_address(address)).await?;
        Ok(holder.map_or(AddressHolder::Nobody, |read| {
            AddressHolder::Account(read.state.id())
        }))
    }

    /// Every membership of an account that is not over, in any tenant.
    pub(crate) async fn memberships_of(
        &self,
        account: doorward_types::AccountId,
    ) -> Result<Vec<Loaded<Membership>>, Fault> {
        use crate::stored::access::{Seat, seats_of};

        let mut members = Vec::new();
        for seat in self.every::<Seat>(&seats_of(account)).await? {
            let scope = Scope::Tenant(seat.state.tenant);
            let id = seat.state.membership.as_uuid();
            let read = self.load::<Membership>(scope, id).await?;
            members.extend(read.filter(|read| !read.state.is_removed()));
        }
        Ok(members)
    }
}

impl From<Rule> for ActivateRejection {
    fn from(rule: Rule) -> Self {
        match rule {
            Rule::AddressHeld { by: _ } => Self::SignIn,
            Rule::Ticket(refusal) => Self::from(refusal),
        }
    }
}

impl From<TicketRefusal> for ActivateRejection {
    fn from(refusal: TicketRefusal) -> Self {
        Self::Link(refusal.into())
    }
}
