//! Yielding: a membership goes to the account that has verified the address.

use doorward_types::{MembershipId, Purpose, Token};
use time::OffsetDateTime;

use super::{Account, Changed, State};
use crate::{AccountEvent, AddressChange, TicketRefusal, VerifiedEmail};

/// Whether the account has memberships beside the one that it yields.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OtherMemberships {
    /// None: the account closes.
    None,
    /// At least one: the account stays.
    Some,
}

impl Account {
    /// Yields a membership to the account that has verified the address this one would have proved.
    /// The person came by this account's link and has signed in to the other one; the shell moves
    /// the membership in the same commit (design 6).
    ///
    /// # Errors
    /// [`YieldMembershipRejection`] where the link opens nothing, or the other account has verified
    /// another address.
    pub fn yield_membership(
        mut self,
        token: &Token,
        to: &VerifiedEmail,
        membership: MembershipId,
        others: OtherMemberships,
        now: OffsetDateTime,
    ) -> Result<Changed, YieldMembershipRejection> {
        let refused = YieldMembershipRejection::Ticket;
        let (purpose, wanted) = match (&self.state, token.purpose) {
            (State::Pending(body), Purpose::Activation) => {
                (Purpose::Activation, body.profile.email().clone())
            }
            (State::Active(body), Purpose::AddressProof) => match &body.address_change {
                Some(AddressChange::Pending { new, .. }) => (Purpose::AddressProof, new.clone()),
                _ => return Err(refused(self.refuse(token))),
            },
            _ => return Err(refused(self.refuse(token))),
        };
        self.check(purpose, token, now).map_err(refused)?;
        if to.account() == self.id || *to.address() != wanted {
            return Err(YieldMembershipRejection::OtherAddress);
        }
        if let Some(body) = self.body_mut() {
            body.tickets.close(purpose);
            body.tickets.close(Purpose::AddressStop);
            body.address_change = None;
        }
        let mut events = vec![AccountEvent::MembershipYielded {
            membership,
            to: to.account(),
        }];
        if others == OtherMemberships::None {
            let profile = self.profile().cloned();
            if let Some(profile) = profile {
                self.state = State::Closed {
                    profile: Box::new(profile),
                    at: now,
                };
            }
            self.raise_epoch();
            events.push(AccountEvent::Closed);
        }
        Ok((self, events))
    }
}

/// Why a membership was not yielded.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum YieldMembershipRejection {
    /// Whoever signed in has not verified the address that the link went to.
    #[error("sign in with the account that has the address this link was mailed to")]
    OtherAddress,
    /// The token opens nothing.
    #[error(transparent)]
    Ticket(TicketRefusal),
}
