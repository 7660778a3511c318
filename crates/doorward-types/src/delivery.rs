//! What became of a mail.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What became of a mail (ALIS: "verify the delivery status of your invitations").
///
/// A later report replaces an earlier one: what was delivered can still bounce.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Waits for the next hand-off.
    Queued,
    /// Handed to the mail system.
    Sent,
    /// The recipient's server took it.
    Delivered,
    /// A server asked to try again later.
    Deferred,
    /// The recipient's server refused it or sent it back.
    Bounced,
    /// The mail system does not mail this address any more.
    Suppressed,
    /// It could not be handed over and will not be tried again.
    Failed,
    /// Overtaken before it was handed over: its link was already closed or replaced.
    Dropped,
}

impl Delivery {
    /// Returns the word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Deferred => "deferred",
            Self::Bounced => "bounced",
            Self::Suppressed => "suppressed",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        }
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
