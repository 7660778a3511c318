//! What outsiders read: a few neutral answers.

use std::fmt;

use crate::{AcceptRejection, Closed, DeclineRejection, TokenRefusal};

/// What the holder of a link, or somebody signed in, is told about a refusal.
///
/// No answer tells whether an account exists, except to whoever proved to read the invited mailbox,
/// and none tells whether an invitation exists to whoever has no secret of it (ASVS 6.3.8, 16.5.1).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outward {
    /// The link or invitation cannot be used, for whatever reason.
    NotUsable,
    /// A newer mail was sent; its link works.
    Superseded,
    /// The right link, too late.
    Expired,
    /// The right link, already answered.
    Answered,
    /// The signed-in person is a member already.
    Member,
    /// The texts must be agreed to first.
    AgreeFirst,
    /// Sign in with the invited address to go on.
    SignIn,
    /// It cannot be accepted as it stands; whoever invited must send it anew.
    AskSponsor,
}

impl Outward {
    /// Returns the answer in plain words; hosts may use their own.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotUsable => "this invitation cannot be used",
            Self::Superseded => "a newer mail was sent: use the link in that one",
            Self::Expired => "this invitation has expired: ask for a new one",
            Self::Answered => "this invitation has been answered: sign in to go on",
            Self::Member => "you have access already",
            Self::AgreeFirst => "read and agree to the terms to go on",
            Self::SignIn => "sign in with the address the invitation was sent to",
            Self::AskSponsor => "this invitation must be sent anew: ask whoever invited you",
        }
    }
}

impl fmt::Display for Outward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TokenRefusal {
    /// Returns what the holder of the link is told.
    #[must_use]
    pub const fn outward(&self) -> Outward {
        match self {
            Self::Superseded { .. } => Outward::Superseded,
            Self::Expired { .. } => Outward::Expired,
            Self::Unusable => Outward::NotUsable,
        }
    }
}

impl AcceptRejection {
    /// Returns what the person who tried to accept is told.
    #[must_use]
    pub const fn outward(&self) -> Outward {
        match self {
            Self::AlreadyAcceptedByYou(_) | Self::LinkUsed => Outward::Answered,
            Self::Expired { .. } => Outward::Expired,
            Self::Refused(refusal) => refusal.outward(),
            Self::SignInToAccept => Outward::SignIn,
            Self::TermsMissing { .. } => Outward::AgreeFirst,
            Self::NeedsReissue(_) => Outward::AskSponsor,
            Self::AlreadyMember { .. } => Outward::Member,
            // Whoever has no secret of it does not learn that it exists.
            Self::WrongRecipient | Self::Closed(_) => Outward::NotUsable,
        }
    }
}

impl DeclineRejection {
    /// Returns what the person who tried to decline is told.
    #[must_use]
    pub const fn outward(&self) -> Outward {
        match self {
            Self::AlreadyDeclinedByYou(_) => Outward::Answered,
            Self::Expired { .. } => Outward::Expired,
            Self::Refused(refusal) => refusal.outward(),
            Self::Closed(Closed::Accepted(_) | Closed::Declined(_)) => Outward::Answered,
            Self::WrongRecipient | Self::Closed(_) => Outward::NotUsable,
        }
    }
}
