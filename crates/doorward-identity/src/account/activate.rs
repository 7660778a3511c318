//! Activation, and proof of ownership.

use doorward_types::{AccountId, Purpose, Token};
use time::OffsetDateTime;

use super::{Account, Body, Changed, State, Status};
use crate::{
    AccountClass, AccountEvent, Activation, Address, AddressHolder, Authority, HashedPassword,
    ManagedByPerson, NewTicket, TicketRefusal,
    credential::{Credentials, PasswordCredential},
};

impl Account {
    /// Mails an activation link, the first time or anew (HomeTrak: "an activation email will be sent
    /// to the person to set their password").
    ///
    /// # Errors
    /// [`IssueActivationRejection`] where the account waits for none.
    pub fn issue_activation(
        mut self,
        authority: Authority,
        class: &AccountClass,
        ticket: NewTicket,
    ) -> Result<Changed, IssueActivationRejection> {
        let (status, epoch) = (self.status(), self.security_epoch);
        let State::Pending(body) = &mut self.state else {
            return Err(IssueActivationRejection::NotPending { status });
        };
        authority.over(body.profile.managed_by)?;
        if class.activation() != Activation::ByMail || class.name() != &body.profile.class {
            return Err(IssueActivationRejection::NotByMail);
        }
        body.tickets.open(Purpose::Activation, ticket, epoch);
        let (to, expires_at) = (body.profile.email().clone(), ticket.expires_at);
        Ok((
            self,
            vec![AccountEvent::ActivationMailed { to, expires_at }],
        ))
    }

    /// Activates the account: the mailed token proves its address, and the person sets the first
    /// password. Anything set before is replaced, the epoch rises.
    ///
    /// # Errors
    /// [`ActivateRejection`]; where another account has verified the address, the link leads to
    /// signing in there and [`Account::yield_membership`].
    pub fn activate(
        mut self,
        token: &Token,
        password: HashedPassword,
        holder: AddressHolder,
        now: OffsetDateTime,
    ) -> Result<Changed, ActivateRejection> {
        let id = self.id;
        let State::Pending(body) = &self.state else {
            return Err(ActivateRejection::Ticket(self.refuse(token)));
        };
        self.check(Purpose::Activation, token, now)
            .map_err(ActivateRejection::Ticket)?;
        if let AddressHolder::Account(held_by) = holder
            && held_by != id
        {
            return Err(ActivateRejection::AddressHeld { by: held_by });
        }
        let mut body = body.clone();
        let proved = body.prove(now);
        body.set_password(password, now);
        self.state = State::Active(body);
        self.raise_epoch();
        Ok((
            self,
            vec![AccountEvent::Activated {
                proved: Some(proved),
            }],
        ))
    }

    /// Proves the address by another flow, an invitation's token: credentials set before the proof
    /// are wiped, whoever set them, and the epoch rises. An unverified account owns nothing.
    ///
    /// # Errors
    /// [`ProveOwnershipRejection`] where the account is not open or its address is proved.
    pub fn prove_ownership(
        mut self,
        password: HashedPassword,
        now: OffsetDateTime,
    ) -> Result<Changed, ProveOwnershipRejection> {
        let status = self.status();
        let (State::Pending(body) | State::Active(body)) = &self.state else {
            return Err(ProveOwnershipRejection::NotOpen { status });
        };
        if body.profile.address.verified().is_some() {
            return Err(ProveOwnershipRejection::AlreadyVerified);
        }
        let mut body = body.clone();
        body.credentials = Credentials::default();
        let address = body.prove(now);
        body.set_password(password, now);
        self.state = State::Active(body);
        self.raise_epoch();
        let mut events = vec![AccountEvent::OwnershipProved { address }];
        if status == Status::Pending {
            events.push(AccountEvent::Activated { proved: None });
        }
        Ok((self, events))
    }

    /// Tells whether a token opens this purpose now, before anything is made of it: what a person
    /// typed beside a link that opens nothing is not looked at. Each command checks it again.
    ///
    /// # Errors
    /// [`TicketRefusal`] says why it opens nothing.
    pub fn check_token(
        &self,
        purpose: Purpose,
        token: &Token,
        now: OffsetDateTime,
    ) -> Result<(), TicketRefusal> {
        self.check(purpose, token, now)
    }

    /// Checks a token against the ticket of this purpose. A token for another record is unusable.
    pub(super) fn check(
        &self,
        purpose: Purpose,
        token: &Token,
        now: OffsetDateTime,
    ) -> Result<(), TicketRefusal> {
        if token.record != self.id.as_uuid() {
            return Err(TicketRefusal::Unusable);
        }
        let tickets = self.tickets().ok_or(TicketRefusal::Unusable)?;
        tickets.check(purpose, token, self.security_epoch, now)
    }

    /// Returns the one answer for a token presented outside its state.
    pub(super) fn refuse(&self, token: &Token) -> TicketRefusal {
        let newer = self
            .tickets()
            .is_some_and(|tickets| token.generation < tickets.generation(token.purpose));
        if newer && token.record == self.id.as_uuid() {
            TicketRefusal::Superseded
        } else {
            TicketRefusal::Unusable
        }
    }
}

impl Body {
    pub(super) fn prove(&mut self, now: OffsetDateTime) -> doorward_types::EmailAddress {
        let address = self.profile.email().clone();
        self.profile.address = Address::Verified {
            address: address.clone(),
            at: now,
        };
        address
    }

    pub(super) fn set_password(&mut self, password: HashedPassword, now: OffsetDateTime) {
        let hash = password.into_hash();
        self.credentials.password = Some(PasswordCredential::Chosen { hash, set_at: now });
    }
}

/// Why no activation mail is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IssueActivationRejection {
    /// The account is not managed by the tenant.
    #[error(transparent)]
    ManagedByPerson(#[from] ManagedByPerson),
    /// Accounts of the class are not activated by mail.
    #[error("accounts of this class are not activated by mail")]
    NotByMail,
    /// It is activated, or over.
    #[error("the account is {status}: only a pending one is activated")]
    NotPending {
        /// Where it stands.
        status: Status,
    },
}

/// Why an account was not activated.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ActivateRejection {
    /// Another account has verified this address.
    #[error("sign in to continue: this address belongs to an account already")]
    AddressHeld {
        /// The account.
        by: AccountId,
    },
    /// The token opens nothing.
    #[error(transparent)]
    Ticket(TicketRefusal),
}

/// Why ownership was not proved.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ProveOwnershipRejection {
    /// Its address is proved: its person signs in to accept.
    #[error("the address of the account is proved: its person signs in to continue")]
    AlreadyVerified,
    /// It is disabled, closed or erased.
    #[error("the account is {status}: its address is not proved now")]
    NotOpen {
        /// Where it stands.
        status: Status,
    },
}
