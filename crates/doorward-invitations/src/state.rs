//! States: what is stored, and what a list shows.

use std::fmt;

use doorward_types::{AccountId, Agreement, InvitationId, MembershipId, Note, Principal};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::RequestDigest;

/// The stored state. Every state but `Open` is final.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum State {
    /// Can be answered until it expires; whether it has is computed.
    Open,
    /// Somebody joined by it.
    Accepted(Accepted),
    /// The invited person said no.
    Declined(Declined),
    /// Taken back (Kalix: "removes the invited user's ability to accept the pending invitation").
    Revoked(Revoked),
    /// Expired, and gave its place to a newer invitation.
    Replaced(Replaced),
}

/// Who joined by an invitation, and how.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Accepted {
    /// The account that joined.
    pub account: AccountId,
    /// The membership that was made.
    pub membership: MembershipId,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// By which of the two ways.
    pub path: AcceptPath,
    /// What the person agreed to on the way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agreements: Vec<Agreement>,
    /// The request that did it, if it was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestDigest>,
}

/// The two ways to accept.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AcceptPath {
    /// A new person registered by the link (Kalix: "If the user is new").
    Registered,
    /// An account signed in and accepted (Kalix: "Under the Invite Requests section").
    SignedIn,
}

/// Who said no, and why.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Declined {
    /// Why; the sponsor sees it.
    pub reason: DeclineReason,
    /// By which of the two ways.
    pub path: DeclinePath,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// The two ways to decline.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclinePath {
    /// By the link of the mail.
    Link,
    /// By the account that has the address.
    Account(AccountId),
}

/// Why an invited person said no.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// The invitation names somebody else (design 9.10): the address is wrong.
    NotMe,
    /// The person does not want the access.
    NotWanted,
    /// In their own words.
    Other(Note),
}

impl DeclineReason {
    /// Returns the word for it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NotMe => "not_me",
            Self::NotWanted => "not_wanted",
            Self::Other(_) => "other",
        }
    }
}

/// Who took it back.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Revoked {
    /// Who.
    pub by: Principal,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// What took its place.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Replaced {
    /// The newer invitation.
    pub by: InvitationId,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// What a list shows (ALIS: "Invited", then "Connected").
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Status {
    /// Open, and its link is good.
    Invited,
    /// Open, and its link is not good any more.
    Expired,
    /// Accepted.
    Accepted,
    /// Declined.
    Declined,
    /// Revoked.
    Revoked,
    /// Replaced by a newer invitation.
    Replaced,
}

impl Status {
    /// Returns the word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Expired => "expired",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Revoked => "revoked",
            Self::Replaced => "replaced",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why nothing more can become of an invitation: its final state, for those who may know.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Closed {
    /// It was accepted: disable the membership instead.
    #[error("the invitation was accepted at `{}`: change the member's access instead", .0.at)]
    Accepted(Accepted),
    /// It was declined.
    #[error("the invitation was declined at `{}`: send a new one if need be", .0.at)]
    Declined(Declined),
    /// It was revoked.
    #[error("the invitation was revoked at `{}`: send a new one if need be", .0.at)]
    Revoked(Revoked),
    /// A newer one took its place.
    #[error("the invitation was replaced at `{}` by `{}`: use that one", .0.at, .0.by)]
    Replaced(Replaced),
}

impl State {
    /// Returns the final state, if it is one.
    #[must_use]
    pub fn closed(&self) -> Option<Closed> {
        match self {
            Self::Open => None,
            Self::Accepted(accepted) => Some(Closed::Accepted(accepted.clone())),
            Self::Declined(declined) => Some(Closed::Declined(declined.clone())),
            Self::Revoked(revoked) => Some(Closed::Revoked(revoked.clone())),
            Self::Replaced(replaced) => Some(Closed::Replaced(replaced.clone())),
        }
    }
}
