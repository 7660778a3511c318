//! What can go wrong: a text that would break the mail, and a hand-over that failed.

use std::{error::Error, fmt};

/// What a caller does about a failed hand-over (RFC 5321 4.2.1: 4yz and 5yz replies).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MailErrorKind {
    /// Not now, or nobody knows: deliver the same mail again later.
    Transient,
    /// Never to this recipient: the same mail will not be taken.
    Permanent,
    /// The mailer is set up wrongly: every mail fails until somebody mends it.
    Configuration,
}

impl fmt::Display for MailErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Transient => "transient",
            Self::Permanent => "permanent",
            Self::Configuration => "configuration",
        })
    }
}

/// A hand-over that failed: opaque, but for its kind.
///
/// A mail that was perhaps taken (the line broke before the answer) is
/// [`MailErrorKind::Transient`]: the [`MessageId`](crate::MessageId) lets the receiving side tell a
/// double.
///
/// ```
/// use doorward_mail::{MailError, MailErrorKind};
/// let error = MailError::transient("the server did not answer within 30 s");
/// assert_eq!(error.kind(), MailErrorKind::Transient);
/// assert_eq!(error.to_string(), "the server did not answer within 30 s");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct MailError {
    kind: MailErrorKind,
    reason: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl MailError {
    /// Makes an error of this kind. The reason holds no word of the mail: it is logged.
    #[must_use]
    pub fn new(kind: MailErrorKind, reason: impl Into<String>) -> Self {
        Self {
            kind,
            reason: reason.into(),
            source: None,
        }
    }

    /// Makes an error that a later try may not meet.
    #[must_use]
    pub fn transient(reason: impl Into<String>) -> Self {
        Self::new(MailErrorKind::Transient, reason)
    }

    /// Makes an error of this recipient.
    #[must_use]
    pub fn permanent(reason: impl Into<String>) -> Self {
        Self::new(MailErrorKind::Permanent, reason)
    }

    /// Makes an error of the mailer's set-up.
    #[must_use]
    pub fn configuration(reason: impl Into<String>) -> Self {
        Self::new(MailErrorKind::Configuration, reason)
    }

    /// Returns the error with what caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Returns what a caller does about it.
    #[must_use]
    pub const fn kind(&self) -> MailErrorKind {
        self.kind
    }
}

/// A text that cannot stand in the header of a mail.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MailTextError {
    /// Nothing visible was given.
    #[error("a {what} must not be empty")]
    Empty {
        /// What the text was for.
        what: &'static str,
    },
    /// A character that would end the header or hide what follows.
    #[error("the character U+{code:04X} cannot stand in a {what}", code = u32::from(*found))]
    Character {
        /// What the text was for.
        what: &'static str,
        /// The first such character.
        found: char,
    },
    /// Not of the form it must have.
    #[error("a {what} has the form `{expected}`")]
    Form {
        /// What the text was for.
        what: &'static str,
        /// A sample.
        expected: &'static str,
    },
    /// Longer than it may be.
    #[error("a {what} has at most {max} bytes, not {len}")]
    TooLong {
        /// What the text was for.
        what: &'static str,
        /// How many bytes were given.
        len: usize,
        /// How many it may have.
        max: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_is_kept_and_not_repeated_in_the_text() {
        let error = MailError::configuration("the folder takes no files")
            .with_source(std::io::Error::other("read-only"));
        assert_eq!(error.to_string(), "the folder takes no files");
        assert_eq!(error.source().unwrap().to_string(), "read-only");
    }
}
