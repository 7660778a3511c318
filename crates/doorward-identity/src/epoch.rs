//! Epochs: counters that end what was made under an earlier one.

use serde::{Deserialize, Serialize};

/// Rises on every change of credential, address or recovery, on disabling and on closing; never on
/// failures (design 6). Sessions and mailed tokens hold the epoch they were made under.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(transparent)]
pub struct SecurityEpoch(u64);

impl SecurityEpoch {
    /// The epoch of a new account.
    pub const FIRST: Self = Self(1);

    /// Returns the next one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Returns the count, from 1.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// The epoch of a membership, as a fact from outside: it rises on disable, removal and change of
/// kind.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(transparent)]
pub struct AccessEpoch(u64);

impl AccessEpoch {
    /// Returns the count.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl From<u64> for AccessEpoch {
    fn from(number: u64) -> Self {
        Self(number)
    }
}
