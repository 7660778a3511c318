//! Disabling, restoring, closing, erasing.

use doorward_types::Principal;
use time::OffsetDateTime;

use super::{Account, Before, Changed, DisabledReason, State, Status};
use crate::{AccountEvent, Authority, ManagedByPerson};

impl Account {
    /// Disables the account: every session and every mailed link is over at once (HomeTrak: "Status
    /// must be set to Active in order for the user to be able to log in").
    ///
    /// # Errors
    /// [`DisableRejection`] where the account is not open or not the tenant's to change.
    pub fn disable(
        mut self,
        authority: Authority,
        reason: DisabledReason,
        by: Principal,
        now: OffsetDateTime,
    ) -> Result<Changed, DisableRejection> {
        let status = self.status();
        let (before, body) = match &self.state {
            State::Pending(body) => (Before::Pending, body.clone()),
            State::Active(body) => (Before::Active, body.clone()),
            State::Disabled { .. } => return Err(DisableRejection::AlreadyDisabled),
            State::Closed { .. } | State::Erased { .. } => {
                return Err(DisableRejection::NotOpen { status });
            }
        };
        authority.over(body.profile.managed_by)?;
        self.state = State::Disabled {
            before,
            reason,
            by: by.clone(),
            at: now,
            body,
        };
        self.raise_epoch();
        Ok((self, vec![AccountEvent::Disabled { reason, by }]))
    }

    /// Restores a disabled account to what it was; a pending one needs a new activation mail.
    ///
    /// # Errors
    /// [`RestoreRejection`] where the account is not disabled or not the tenant's to change.
    pub fn restore(mut self, authority: Authority) -> Result<Changed, RestoreRejection> {
        let status = self.status();
        let State::Disabled { before, body, .. } = &self.state else {
            return Err(RestoreRejection::NotDisabled { status });
        };
        authority.over(body.profile.managed_by)?;
        self.state = match before {
            Before::Pending => State::Pending(body.clone()),
            Before::Active => State::Active(body.clone()),
        };
        Ok((self, vec![AccountEvent::Restored]))
    }

    /// Closes the account for good: credentials, tickets and any change of address go, claims are
    /// released.
    ///
    /// # Errors
    /// [`CloseRejection`] where it is closed or not the tenant's to change.
    pub fn close(
        mut self,
        authority: Authority,
        now: OffsetDateTime,
    ) -> Result<Changed, CloseRejection> {
        let Some(body) = self.body() else {
            return Err(CloseRejection::AlreadyClosed);
        };
        authority.over(body.profile.managed_by)?;
        let profile = Box::new(body.profile.clone());
        self.state = State::Closed { profile, at: now };
        self.raise_epoch();
        Ok((self, vec![AccountEvent::Closed]))
    }

    /// Erases a closed account: the id stays and is never reused.
    ///
    /// # Errors
    /// [`EraseRejection`] where it is not closed.
    pub fn erase(mut self, now: OffsetDateTime) -> Result<Changed, EraseRejection> {
        match self.state {
            State::Closed { .. } => {
                self.state = State::Erased { at: now };
                Ok((self, vec![AccountEvent::Erased]))
            }
            State::Erased { .. } => Err(EraseRejection::AlreadyErased),
            _ => Err(EraseRejection::NotClosed {
                status: self.status(),
            }),
        }
    }
}

/// Why an account was not disabled.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DisableRejection {
    /// It is disabled.
    #[error("the account is disabled already")]
    AlreadyDisabled,
    /// The account is not managed by the tenant.
    #[error(transparent)]
    ManagedByPerson(#[from] ManagedByPerson),
    /// It is closed or erased.
    #[error("the account is {status}: nobody signs in to it as it is")]
    NotOpen {
        /// Where it stands.
        status: Status,
    },
}

/// Why an account was not restored.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RestoreRejection {
    /// The account is not managed by the tenant.
    #[error(transparent)]
    ManagedByPerson(#[from] ManagedByPerson),
    /// It is not disabled.
    #[error("the account is {status}: only a disabled one is restored")]
    NotDisabled {
        /// Where it stands.
        status: Status,
    },
}

/// Why an account was not closed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CloseRejection {
    /// It is closed or erased.
    #[error("the account is closed already")]
    AlreadyClosed,
    /// The account is not managed by the tenant.
    #[error(transparent)]
    ManagedByPerson(#[from] ManagedByPerson),
}

/// Why an account was not erased.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EraseRejection {
    /// It is erased.
    #[error("the account is erased already")]
    AlreadyErased,
    /// It is not closed.
    #[error("the account is {status}: close it before it is erased")]
    NotClosed {
        /// Where it stands.
        status: Status,
    },
}
