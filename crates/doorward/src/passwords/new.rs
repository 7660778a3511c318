//! A new password: checked against the policy, hashed, and set by a mailed link.

use doorward_identity::{
    Account, ContextWords, HashedPassword, PasswordRejection, TicketRefusal,
    account::{ResetPasswordRejection, SetNewPasswordRejection},
};
use doorward_types::{DisplayName, Principal, Purpose, RequestId, Scope, Token, TokenError};
use secrecy::SecretString;

use crate::{
    Doorward, Error, Fault, HashingError, Tenant,
    record::Loaded,
    stored::access::{Seat, seats_of},
    work::{Asked, Committed, Tries, Work},
};

/// Why a link opens nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LinkRefusal {
    /// The text is no link of ours, or a part of it is missing.
    #[error(transparent)]
    Text(#[from] TokenError),
    /// It is expired, superseded, used or wrong.
    #[error(transparent)]
    Ticket(#[from] TicketRefusal),
}

/// Why no password was set by a link.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SetPasswordRejection {
    /// The link opens nothing.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
    /// The policy refuses the password; the link is still good.
    #[error(transparent)]
    Password(#[from] PasswordRejection),
}

impl From<TicketRefusal> for SetPasswordRejection {
    fn from(refusal: TicketRefusal) -> Self {
        Self::Link(LinkRefusal::Ticket(refusal))
    }
}

/// Of how many of its tenants an account's new password must not be made.
const MAX_CONTEXT_TENANTS: usize = 10;

impl Doorward {
    /// Sets a new password by a mailed reset link. Every session is over, a lock is lifted, the
    /// person is told; nobody is signed in by it. Sent again under its request id, it answers the
    /// first outcome, though the link is used by then.
    ///
    /// # Errors
    /// [`SetPasswordRejection`] or a [`Fault`]. A link is looked at before the password is, so that
    /// only its holder learns what the policy says of it.
    pub async fn reset_password(
        &self,
        link: &str,
        new: &SecretString,
        request: Option<RequestId>,
    ) -> Result<(), Error<SetPasswordRejection>> {
        let asked = Asked::by_link(link, request, "reset_password", &())?;
        let outcome = self.reset_password_once(link, new, asked.clone()).await;
        self.as_its_twin(asked.as_ref(), outcome).await
    }

    async fn reset_password_once(
        &self,
        link: &str,
        new: &SecretString,
        asked: Option<Asked>,
    ) -> Result<(), Error<SetPasswordRejection>> {
        let mut tries = Tries::default();
        loop {
            let now = self.now();
            let mut work =
                Work::new(Scope::Directory, Principal::Anonymous, now).asked(asked.clone());
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let (token, account) = self.account_by_link(Purpose::PasswordReset, link).await?;
            let password = self.chosen_password(&account.state, new).await?;
            let reset = account.state.clone().reset_password(&token, password, now);
            let (next, events) = reset.map_err(|ResetPasswordRejection::Ticket(refusal)| {
                Error::Rejected(refusal.into())
            })?;
            work.replace(&account, &next)?;
            self.follow_up(&mut work, &next, &events, None).await?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Sets a new password in place of a temporary one, by the ticket that signing in gave (HomeTrak
    /// "the user is prompted to change the password the first time they log into the mobile app").
    /// A pending account is active from then on. The person signs in with it afterwards. Sent again
    /// under its request id, it answers the first outcome.
    ///
    /// # Errors
    /// [`SetPasswordRejection`] or a [`Fault`].
    pub async fn set_new_password(
        &self,
        ticket: &str,
        new: &SecretString,
        request: Option<RequestId>,
    ) -> Result<(), Error<SetPasswordRejection>> {
        let asked = Asked::by_link(ticket, request, "set_new_password", &())?;
        let outcome = self.set_new_password_once(ticket, new, asked.clone()).await;
        self.as_its_twin(asked.as_ref(), outcome).await
    }

    async fn set_new_password_once(
        &self,
        ticket: &str,
        new: &SecretString,
        asked: Option<Asked>,
    ) -> Result<(), Error<SetPasswordRejection>> {
        let mut tries = Tries::default();
        loop {
            let now = self.now();
            let mut work =
                Work::new(Scope::Directory, Principal::Anonymous, now).asked(asked.clone());
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let (token, account) = self.account_by_link(Purpose::NewPassword, ticket).await?;
            let password = self.chosen_password(&account.state, new).await?;
            let set = account
                .state
                .clone()
                .set_new_password(&token, password, now);
            let (next, events) = set.map_err(|SetNewPasswordRejection::Ticket(refusal)| {
                Error::Rejected(refusal.into())
            })?;
            work.replace(&account, &next)?;
            self.follow_up(&mut work, &next, &events, None).await?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Reads a link of an account without using it: mail scanners open every link (ASVS 6.5.1), and
    /// a page tells an expired one before it asks for a password.
    ///
    /// # Errors
    /// [`LinkRefusal`] or a [`Fault`].
    pub async fn inspect_link(&self, link: &str) -> Result<Purpose, Error<LinkRefusal>> {
        let text = link.rsplit_once('#').map_or(link, |(_, token)| token);
        let token = Token::parse(text).map_err(|error| Error::Rejected(error.into()))?;
        self.account_by_link::<LinkRefusal>(token.purpose, text)
            .await?;
        Ok(token.purpose)
    }

    /// Reads the account that a link is of, and checks that it opens this purpose now.
    pub(crate) async fn account_by_link<R>(
        &self,
        purpose: Purpose,
        link: &str,
    ) -> Result<(Token, Loaded<Account>), Error<R>>
    where
        R: From<LinkRefusal>,
    {
        let refused = |refusal: LinkRefusal| Error::Rejected(R::from(refusal));
        // A link may come whole, as it stood in the mail.
        let text = link.rsplit_once('#').map_or(link, |(_, token)| token);
        let token = Token::parse(text).map_err(|error| refused(error.into()))?;
        let unusable = || refused(TicketRefusal::Unusable.into());
        if token.scope != Scope::Directory || token.purpose != purpose {
            return Err(unusable());
        }
        let account = self.load::<Account>(Scope::Directory, token.record).await?;
        let account = account.ok_or_else(unusable)?;
        account
            .state
            .check_token(purpose, &token, self.now())
            .map_err(|refusal| refused(refusal.into()))?;
        Ok((token, account))
    }

    /// Checks a password that the person of this account chose, and hashes it.
    pub(crate) async fn chosen_password<R>(
        &self,
        account: &Account,
        text: &SecretString,
    ) -> Result<HashedPassword, Error<R>>
    where
        R: From<PasswordRejection>,
    {
        let seats = self.every::<Seat>(&seats_of(account.id())).await?;
        let mut tenants = Vec::new();
        for seat in seats.iter().take(MAX_CONTEXT_TENANTS) {
            let tenant = seat.state.tenant;
            let read = self
                .load::<Tenant>(Scope::Tenant(tenant), tenant.as_uuid())
                .await?;
            tenants.extend(read.map(|read| read.state.name));
        }
        let words = self.context_words(account, &tenants);
        match self.hash_password(text, &words).await? {
            Ok(hashed) => Ok(hashed),
            Err(rejection) => Err(Error::Rejected(rejection.into())),
        }
    }

    /// What an attacker would try for this person here (ASVS 6.2.11).
    fn context_words(&self, account: &Account, tenants: &[DisplayName]) -> ContextWords {
        let product = [self.setup().product.as_str()];
        let name = account.name().map(DisplayName::as_str);
        let user_name = account.user_name().map(|own| own.name.as_str());
        let address = account
            .address()
            .map(|address| address.as_email().canonical());
        let words = product
            .into_iter()
            .chain(tenants.iter().map(DisplayName::as_str));
        ContextWords::new(words.chain(name).chain(user_name).chain(address))
    }

    /// Checks a new password and hashes it on one of the hashing threads.
    pub(crate) async fn hash_password(
        &self,
        text: &SecretString,
        words: &ContextWords,
    ) -> Result<Result<HashedPassword, PasswordRejection>, Fault> {
        let setup = self.setup();
        let checked = match setup.passwords.check(text, words, &setup.blocklist) {
            Ok(checked) => checked,
            Err(rejection) => return Ok(Err(rejection)),
        };
        let (cost, salt) = (setup.cost, self.random()?);
        let hashed = setup.hashing.run(move || checked.hash(cost, salt)).await;
        let hashed = hashed?.map_err(|_| HashingError::Failed)?;
        Ok(Ok(hashed))
    }
}
