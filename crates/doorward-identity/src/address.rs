//! An account's address: not yet proved, proved, and on its way to another one.

use doorward_types::{AccountId, EmailAddress};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// How long the old address can stop a change, from the request on (design 6).
pub const ADDRESS_STOP_FOR: Duration = Duration::hours(72);

/// The address of an account.
///
/// Only a verified one signs in, receives resets, matches invitations and is claimed; an unverified
/// one owns nothing.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    /// Given, and not yet proved.
    Unverified {
        /// The address.
        address: EmailAddress,
    },
    /// Proved by a mailed token.
    Verified {
        /// The address.
        address: EmailAddress,
        /// When it was proved.
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
    },
}

impl Address {
    /// Returns the address itself: mail that opens nothing can go there.
    #[must_use]
    pub const fn as_email(&self) -> &EmailAddress {
        match self {
            Self::Unverified { address } | Self::Verified { address, .. } => address,
        }
    }

    /// Returns the address if it was proved.
    #[must_use]
    pub const fn verified(&self) -> Option<&EmailAddress> {
        match self {
            Self::Unverified { .. } => None,
            Self::Verified { address, .. } => Some(address),
        }
    }
}

/// A change of a verified address: a pending value first, then one that can be undone.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressChange {
    /// The new address has not proved itself; the old one stands.
    Pending {
        /// The address that must prove itself.
        new: EmailAddress,
        /// When it was asked for.
        #[serde(with = "time::serde::rfc3339")]
        requested_at: OffsetDateTime,
    },
    /// The new address stands; the old one can still stop it and stays claimed until then.
    Undoable {
        /// The address before.
        old: EmailAddress,
        /// The first instant at which the change stands for good.
        #[serde(with = "time::serde::rfc3339")]
        until: OffsetDateTime,
    },
}

/// Proof that an account has proved this address; only [`Account::verified_email`] makes it.
///
/// [`Account::verified_email`]: crate::Account::verified_email
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedEmail {
    account: AccountId,
    address: EmailAddress,
}

impl VerifiedEmail {
    pub(crate) const fn new(account: AccountId, address: EmailAddress) -> Self {
        Self { account, address }
    }

    /// Returns the account that proved it.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// Returns the address.
    #[must_use]
    pub const fn address(&self) -> &EmailAddress {
        &self.address
    }
}

/// Who has verified an address that is about to be proved; the shell looks it up by its claim.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AddressHolder {
    /// No account.
    Nobody,
    /// This one.
    Account(AccountId),
}

impl AddressHolder {
    /// Tells whether it is an account other than this one.
    #[must_use]
    pub fn is_other_than(self, account: AccountId) -> bool {
        matches!(self, Self::Account(holder) if holder != account)
    }
}
