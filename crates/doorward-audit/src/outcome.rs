//! Outcomes: how a command ended.

use serde::Deserialize;

use crate::{canonical::Json, code::Code};

/// How a command ended. A refusal and a failure say why.
///
/// A refused command of a known principal is one entry and nothing else (design 7).
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum Outcome {
    /// It was done.
    Success,
    /// A rule refused it.
    Denied {
        /// Which rule.
        reason: Code,
    },
    /// It was allowed and could not be done.
    Failure {
        /// What stopped it.
        reason: Code,
    },
}

impl Outcome {
    /// Returns the outcome without its reason.
    #[must_use]
    pub const fn kind(&self) -> OutcomeKind {
        match self {
            Self::Success => OutcomeKind::Success,
            Self::Denied { .. } => OutcomeKind::Denied,
            Self::Failure { .. } => OutcomeKind::Failure,
        }
    }

    /// Returns why it was refused or failed.
    #[must_use]
    pub const fn reason(&self) -> Option<&Code> {
        match self {
            Self::Success => None,
            Self::Denied { reason } | Self::Failure { reason } => Some(reason),
        }
    }
}

/// An outcome without its reason.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum OutcomeKind {
    /// It was done.
    Success,
    /// A rule refused it.
    Denied,
    /// It was allowed and could not be done.
    Failure,
}

impl OutcomeKind {
    /// Returns the word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Denied => "denied",
            Self::Failure => "failure",
        }
    }
}

impl<'a> From<&'a Outcome> for Json<'a> {
    fn from(outcome: &'a Outcome) -> Self {
        let code = Self::literal(outcome.kind().as_str());
        let reason = outcome.reason().map(Self::code);
        Self::map([("code", Some(code)), ("reason", reason)])
    }
}
