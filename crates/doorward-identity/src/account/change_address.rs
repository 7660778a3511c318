//! Changing an address: replaced while unproved, else pending, proved, and undoable for 72 hours.

use doorward_types::{AccountId, EmailAddress, Purpose, Token};
use time::OffsetDateTime;

use super::{Account, Body, Changed, OwnUserName, State, Status, is_own_address, user_name_of};
use crate::{
    ADDRESS_STOP_FOR, AccountEvent, Address, AddressChange, AddressHolder, Authority,
    ManagedByPerson, NewTicket, TicketRefusal,
};

impl Account {
    /// Replaces an address that nobody has proved; links mailed to it are over. A pending account
    /// needs a new activation mail.
    ///
    /// # Errors
    /// [`ReplaceAddressRejection`]; a verified address is changed by
    /// [`Account::request_address_change`].
    pub fn replace_address(
        mut self,
        authority: Authority,
        new: EmailAddress,
    ) -> Result<Changed, ReplaceAddressRejection> {
        let status = self.status();
        let body = self
            .body_mut()
            .ok_or(ReplaceAddressRejection::NotOpen { status })?;
        authority.over(body.profile.managed_by)?;
        let Address::Unverified { address: old } = &body.profile.address else {
            return Err(ReplaceAddressRejection::Verified);
        };
        if old.original() == new.original() {
            return Err(ReplaceAddressRejection::SameAddress);
        }
        let old = old.clone();
        body.profile.address = Address::Unverified {
            address: new.clone(),
        };
        let renamed = body.let_user_name_follow(&old, &new);
        self.raise_epoch();
        let mut events = vec![AccountEvent::AddressReplaced { old, new }];
        events.extend(renamed);
        Ok((self, events))
    }

    /// Asks for another address. It is a pending value until a mail proves it; the old one stands,
    /// is told, and can stop the change for 72 hours. Every other link mailed to the old one is
    /// over at once.
    ///
    /// The epoch rises only when the address changes: asking ends no session.
    ///
    /// # Errors
    /// [`RequestAddressChangeRejection`], also while an earlier change can still be stopped: a thief
    /// would otherwise use up the old address's time.
    pub fn request_address_change(
        mut self,
        authority: Authority,
        new: EmailAddress,
        proof: NewTicket,
        stop: NewTicket,
        now: OffsetDateTime,
    ) -> Result<Changed, RequestAddressChangeRejection> {
        let (status, epoch) = (self.status(), self.security_epoch);
        let State::Active(body) = &mut self.state else {
            return Err(RequestAddressChangeRejection::NotActive { status });
        };
        authority.over(body.profile.managed_by)?;
        let Address::Verified { address: old, .. } = &body.profile.address else {
            return Err(RequestAddressChangeRejection::Unverified);
        };
        if *old == new {
            return Err(RequestAddressChangeRejection::SameAddress);
        }
        if let Some(AddressChange::Undoable { until, .. }) = body.address_change
            && now < until
        {
            return Err(RequestAddressChangeRejection::Stoppable { until });
        }
        let old = old.clone();
        let stoppable_until = stop_until(now);
        let change = AddressChange::Pending {
            new: new.clone(),
            requested_at: now,
        };
        body.address_change = Some(change);
        body.tickets.close_all_but_stop();
        body.tickets.open(Purpose::AddressProof, proof, epoch);
        let stop = NewTicket {
            expires_at: stoppable_until,
            ..stop
        };
        body.tickets.open(Purpose::AddressStop, stop, epoch);
        let event = AccountEvent::AddressChangeRequested {
            old,
            new,
            stoppable_until,
        };
        Ok((self, vec![event]))
    }

    /// Proves the new address by its mailed token; from now on it stands. A user name that was the
    /// old address becomes the new one.
    ///
    /// # Errors
    /// [`ProveAddressRejection`]; where another account has verified the address, the link leads to
    /// signing in there and [`Account::yield_membership`].
    pub fn prove_address(
        mut self,
        token: &Token,
        holder: AddressHolder,
        now: OffsetDateTime,
    ) -> Result<Changed, ProveAddressRejection> {
        let State::Active(body) = &self.state else {
            return Err(ProveAddressRejection::Ticket(self.refuse(token)));
        };
        self.check(Purpose::AddressProof, token, now)
            .map_err(ProveAddressRejection::Ticket)?;
        let Some(AddressChange::Pending { new, requested_at }) = body.address_change.clone() else {
            return Err(ProveAddressRejection::Ticket(TicketRefusal::Unusable));
        };
        if let AddressHolder::Account(held_by) = holder
            && held_by != self.id
        {
            return Err(ProveAddressRejection::AddressHeld { by: held_by });
        }
        let mut body = body.clone();
        let old = body.profile.email().clone();
        body.profile.address = Address::Verified {
            address: new.clone(),
            at: now,
        };
        let until = stop_until(requested_at);
        let undo = AddressChange::Undoable {
            old: old.clone(),
            until,
        };
        body.address_change = (now < until).then_some(undo);
        let renamed = body.let_user_name_follow(&old, &new);
        self.state = State::Active(body);
        self.raise_epoch();
        let mut events = vec![AccountEvent::AddressChanged { old, new }];
        events.extend(renamed);
        Ok((self, events))
    }

    /// Stops a change of address by the token mailed to the old one. Before the proof the change is
    /// dropped; after it the old address is put back. The epoch rises in either case: whoever asked
    /// for the change may be a thief. So does stopping work while the account is disabled.
    ///
    /// # Errors
    /// [`StopAddressChangeRejection`] where the token opens nothing.
    pub fn stop_address_change(
        mut self,
        token: &Token,
        now: OffsetDateTime,
    ) -> Result<Changed, StopAddressChangeRejection> {
        let refused = StopAddressChangeRejection::Ticket;
        self.check(Purpose::AddressStop, token, now)
            .map_err(refused)?;
        let Some(body) = self.body_mut() else {
            return Err(refused(TicketRefusal::Unusable));
        };
        let current = body.profile.email().clone();
        let (kept, stopped) = match body.address_change.take() {
            Some(AddressChange::Pending { new, .. }) => (current, new),
            Some(AddressChange::Undoable { old, .. }) => {
                body.profile.address = Address::Verified {
                    address: old.clone(),
                    at: now,
                };
                (old, current)
            }
            None => return Err(refused(TicketRefusal::Unusable)),
        };
        let renamed = body.let_user_name_follow(&stopped, &kept);
        body.tickets.close(Purpose::AddressStop);
        self.raise_epoch();
        let mut events = vec![AccountEvent::AddressChangeStopped {
            kept,
            refused: stopped,
        }];
        events.extend(renamed);
        Ok((self, events))
    }

    /// Returns the user name that comes with another address: one that is the present address follows
    /// to it, where it can be a user name at all. `None` where the present one stays as it is.
    #[must_use]
    pub fn user_name_at(&self, new: &EmailAddress) -> Option<OwnUserName> {
        let address = self.address()?.as_email();
        let own = self.user_name()?;
        if !is_own_address(&own.name, address) {
            return None;
        }
        let (tenant, name) = (own.tenant, user_name_of(new)?);
        (name != own.name).then_some(OwnUserName { tenant, name })
    }

    /// Forgets a change of address that can no longer be proved or undone, so that the old address
    /// is claimed no more; `None` where there is nothing to forget. The sweep calls it; it needs no
    /// event, since nothing that anybody could do changes.
    #[must_use]
    pub fn settle_address(mut self, now: OffsetDateTime) -> Option<Self> {
        let body = self.body_mut()?;
        let over = match body.address_change.as_ref()? {
            AddressChange::Pending { .. } => {
                let proof = body.tickets.expires_at(Purpose::AddressProof);
                proof.is_none_or(|expires_at| expires_at <= now)
            }
            AddressChange::Undoable { until, .. } => *until <= now,
        };
        if !over {
            return None;
        }
        body.address_change = None;
        body.tickets.close(Purpose::AddressProof);
        body.tickets.close(Purpose::AddressStop);
        Some(self)
    }
}

impl Body {
    /// A user name that was the old address is the new one from now on, or none.
    fn let_user_name_follow(
        &mut self,
        old: &EmailAddress,
        new: &EmailAddress,
    ) -> Option<AccountEvent> {
        let own = self
            .profile
            .user_name
            .take_if(|own| is_own_address(&own.name, old))?;
        let (tenant, from) = (own.tenant, Some(own.name));
        let to = user_name_of(new);
        self.profile.user_name = to.clone().map(|name| OwnUserName { tenant, name });
        (from != to).then_some(AccountEvent::UserNameChanged { from, to })
    }
}

fn stop_until(requested_at: OffsetDateTime) -> OffsetDateTime {
    requested_at.saturating_add(ADDRESS_STOP_FOR)
}

/// Why an unproved address was not replaced.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReplaceAddressRejection {
    /// The account is not managed by the tenant.
    #[error(transparent)]
    ManagedByPerson(#[from] ManagedByPerson),
    /// It is closed or erased.
    #[error("the account is {status}: its address stays as it is")]
    NotOpen {
        /// Where it stands.
        status: Status,
    },
    /// It is the address that the account has.
    #[error("the account has this address already")]
    SameAddress,
    /// The address is proved: a new one must prove itself first.
    #[error("the address is proved: ask for a change that the new one confirms")]
    Verified,
}

/// Why a change of address was not begun.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RequestAddressChangeRejection {
    /// The account is not managed by the tenant.
    #[error(transparent)]
    ManagedByPerson(#[from] ManagedByPerson),
    /// It is not active.
    #[error("the account is {status}: only an active one changes its address")]
    NotActive {
        /// Where it stands.
        status: Status,
    },
    /// It is the address that the account has.
    #[error("the account has this address already")]
    SameAddress,
    /// An earlier change can still be stopped.
    #[error("the last change of address can be stopped until `{until}`: wait until then")]
    Stoppable {
        /// Until when.
        until: OffsetDateTime,
    },
    /// Nobody has proved the address: it is replaced, not changed.
    #[error("nobody has proved the address of the account: replace it")]
    Unverified,
}

/// Why a new address was not proved.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ProveAddressRejection {
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

/// Why a change of address was not stopped.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StopAddressChangeRejection {
    /// The token opens nothing.
    #[error(transparent)]
    Ticket(TicketRefusal),
}
