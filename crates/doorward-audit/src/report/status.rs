//! Statuses: how a person stands to the tenant's data.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a person stands to the tenant's data, in the words of the report.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessStatus {
    /// No invitation was ever sent.
    NeverInvited,
    /// An invitation is open (ALIS: "the Profile column will display the 'Invited' status").
    Invited,
    /// The last invitation ran out.
    InvitationExpired,
    /// The last invitation was declined.
    Declined,
    /// The last invitation was revoked.
    Revoked,
    /// An account waits for its activation.
    AwaitingActivation,
    /// Has access (ALIS: "their status will update to 'Connected'").
    Connected,
    /// Access is disabled (ALIS: "Disable Access").
    Disabled,
    /// Access begins later.
    NotYetBegun,
    /// Access ran out, or the member was removed.
    Ended,
    /// The provider's support, inside an opening (Kalix: "Inviting Kalix Support to Your Account").
    Support,
}

impl AccessStatus {
    /// Every status.
    pub const ALL: [Self; 11] = [
        Self::NeverInvited,
        Self::Invited,
        Self::InvitationExpired,
        Self::Declined,
        Self::Revoked,
        Self::AwaitingActivation,
        Self::Connected,
        Self::Disabled,
        Self::NotYetBegun,
        Self::Ended,
        Self::Support,
    ];

    /// Returns the words for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NeverInvited => "never invited",
            Self::Invited => "invited",
            Self::InvitationExpired => "invitation expired",
            Self::Declined => "declined",
            Self::Revoked => "invitation revoked",
            Self::AwaitingActivation => "awaiting activation",
            Self::Connected => "connected",
            Self::Disabled => "disabled",
            Self::NotYetBegun => "not yet begun",
            Self::Ended => "ended",
            Self::Support => "support",
        }
    }

    /// Tells whether the person can see anything today.
    #[must_use]
    pub const fn has_access(self) -> bool {
        matches!(self, Self::Connected | Self::Support)
    }
}

impl fmt::Display for AccessStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
