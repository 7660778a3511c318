//! The telephony PIN of an account.

use doorward_types::{Channel, Purpose};
use time::OffsetDateTime;

use super::{Account, Changed, State, Status};
use crate::{AccountClass, AccountEvent, Authority, ManagedByPerson, Pin, PinHash};

/// Whether a tenant has the telephony option (HomeTrak: "only if the office is using the optional
/// IVR features").
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Telephony {
    /// It has.
    Offered,
    /// It has not: no PIN is mailed or accepted.
    NotOffered,
}

impl Account {
    /// Mails a new PIN; each mailing makes it anew and ends the one before.
    ///
    /// # Errors
    /// [`IssuePinRejection`] where no PIN would open anything, or the account is not the tenant's to
    /// change.
    pub fn issue_pin(
        mut self,
        authority: Authority,
        class: &AccountClass,
        telephony: Telephony,
        pin: PinHash,
        now: OffsetDateTime,
    ) -> Result<Changed, IssuePinRejection> {
        let status = self.status();
        let State::Active(body) = &mut self.state else {
            return Err(IssuePinRejection::NotActive { status });
        };
        authority.hands_out(body.profile.managed_by)?;
        if telephony == Telephony::NotOffered {
            return Err(IssuePinRejection::NotOffered);
        }
        if !class.opens(Channel::Telephony) || class.name() != &body.profile.class {
            return Err(IssuePinRejection::NotInClass);
        }
        let PinHash {
            key,
            generation,
            hash,
        } = pin;
        let generation = body.tickets.count(Purpose::TelephonyPin, generation);
        body.credentials.pin = Some(Pin {
            hash,
            key,
            generation,
            issued_at: now,
        });
        let to = body.profile.email().clone();
        self.raise_epoch();
        Ok((self, vec![AccountEvent::PinMailed { to }]))
    }
}

/// Why no PIN is mailed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IssuePinRejection {
    /// The account is not managed by the tenant.
    #[error(transparent)]
    ManagedByPerson(#[from] ManagedByPerson),
    /// It is not active.
    #[error("the account is {status}: only an active one has a PIN")]
    NotActive {
        /// Where it stands.
        status: Status,
    },
    /// Accounts of the class are not entered by telephone.
    #[error("accounts of this class are not entered by telephone")]
    NotInClass,
    /// The tenant has no telephony.
    #[error("telephony is not switched on here: no PIN is mailed")]
    NotOffered,
}
