//! Credentials: what proves control of an account, and the proof that it was presented.

use doorward_types::{AccountId, Generation};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    SecurityEpoch,
    password::{HashError, HashMemory, PasswordHash, Rehash, Verdict},
    pin::Pin,
    temporary_password::Handover,
};

/// The credentials of one account.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Credentials {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<PasswordCredential>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pin: Option<Pin>,
}

/// The password of an account: the person's own, or a temporary one that must be changed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PasswordCredential {
    Chosen {
        hash: PasswordHash,
        #[serde(with = "time::serde::rfc3339")]
        set_at: OffsetDateTime,
    },
    Temporary {
        hash: PasswordHash,
        generation: Generation,
        handover: Handover,
        #[serde(with = "time::serde::rfc3339")]
        expires_at: OffsetDateTime,
    },
}

/// What is known about an account's password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PasswordState {
    /// None was set, or it was wiped.
    None,
    /// The person's own.
    Chosen {
        /// When it was set.
        set_at: OffsetDateTime,
    },
    /// A temporary one: it opens nothing but "set a new password".
    Temporary {
        /// The first instant at which it is refused.
        expires_at: OffsetDateTime,
    },
}

/// Proof that the password of an account was presented; only [`Account::verify_password`] makes it.
///
/// It is good for one account as it stood: a rise of its epoch ends it.
///
/// [`Account::verify_password`]: crate::Account::verify_password
#[derive(Debug, Eq, PartialEq)]
pub struct PasswordMatch {
    pub(crate) account: AccountId,
    pub(crate) epoch: SecurityEpoch,
    pub(crate) kind: PasswordKind,
    pub(crate) rehash: Rehash,
}

impl PasswordMatch {
    /// Returns whose password it was.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// Tells which password it was.
    #[must_use]
    pub const fn kind(&self) -> PasswordKind {
        self.kind
    }

    /// Tells whether the shell should hash it anew and [`Account::upgrade_password`].
    ///
    /// [`Account::upgrade_password`]: crate::Account::upgrade_password
    #[must_use]
    pub const fn rehash(&self) -> Rehash {
        self.rehash
    }
}

/// Which password it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PasswordKind {
    /// The person's own.
    Chosen,
    /// A temporary one, and its expiry.
    Temporary {
        /// The first instant at which it is refused.
        expires_at: OffsetDateTime,
    },
}

/// What came of a presented password.
#[derive(Debug, Eq, PartialEq)]
pub enum PasswordCheck {
    /// It is another one, or the account has none.
    Differs,
    /// The stored hash gave no verdict; the shell reports it, and nobody signs in.
    Faulty(HashError),
    /// It is the one.
    Matches(PasswordMatch),
}

/// Proof that the PIN of an account was presented; only [`Account::verify_pin`] makes it.
///
/// [`Account::verify_pin`]: crate::Account::verify_pin
#[derive(Debug, Eq, PartialEq)]
pub struct PinMatch {
    pub(crate) account: AccountId,
    pub(crate) epoch: SecurityEpoch,
    pub(crate) generation: Generation,
}

impl PinMatch {
    /// Returns whose PIN it was.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// Returns which mailing it came with.
    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.generation
    }
}

/// What came of a presented PIN.
#[derive(Debug, Eq, PartialEq)]
pub enum PinCheck {
    /// It is another one, or the account has none.
    Differs,
    /// The stored hash gave no verdict, or it is of a key that was not used.
    Faulty(HashError),
    /// It is the one.
    Matches(PinMatch),
}

impl PasswordCredential {
    pub(crate) const fn hash(&self) -> &PasswordHash {
        match self {
            Self::Chosen { hash, .. } | Self::Temporary { hash, .. } => hash,
        }
    }

    pub(crate) fn verify_in(
        &self,
        typed: &crate::TypedPassword,
        memory: &mut HashMemory,
    ) -> Result<(Verdict, PasswordKind), HashError> {
        match self {
            Self::Chosen { hash, .. } => Ok((hash.verify_in(typed, memory)?, PasswordKind::Chosen)),
            Self::Temporary {
                hash, expires_at, ..
            } => {
                let kind = PasswordKind::Temporary {
                    expires_at: *expires_at,
                };
                Ok((hash.verify_made_in(typed, memory)?, kind))
            }
        }
    }
}
