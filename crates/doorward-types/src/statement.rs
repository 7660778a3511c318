//! Statements that people agree to, and the record that they did.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::{MembershipId, StatementName};

/// A text somebody agrees to, pinned by version and digest: terms of use, a privacy policy, or the
/// words beside an attestation's check box.
///
/// ```
/// use doorward_types::{Statement, StatementName};
/// let statement = Statement::of(StatementName::new("sensitive_information")?, 1,
///     "This user is authorized to view the resident's sensitive information.");
/// assert_eq!(statement.version, 1);
/// # Ok::<(), doorward_types::NameError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Statement {
    /// Which statement.
    pub name: StatementName,
    /// Its version, counted by the host.
    pub version: u32,
    /// What it said.
    pub digest: TextDigest,
}

impl Statement {
    /// Returns the statement with the digest of its text.
    #[must_use]
    pub fn of(name: StatementName, version: u32, text: &str) -> Self {
        Self {
            name,
            version,
            digest: TextDigest(Sha256::digest(text.as_bytes()).into()),
        }
    }
}

/// The SHA-256 of a statement's text, in UTF-8.
#[derive(Clone, Copy, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct TextDigest([u8; 32]);

impl fmt::Display for TextDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

impl fmt::Debug for TextDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TextDigest({self})")
    }
}

impl From<TextDigest> for String {
    fn from(digest: TextDigest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for TextDigest {
    type Error = ParseDigestError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = base16ct::mixed::decode_vec(text).map_err(|_| ParseDigestError)?;
        bytes.try_into().map(Self).map_err(|_| ParseDigestError)
    }
}

/// A text that is no SHA-256 digest.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a digest is 64 hexadecimal digits")]
pub struct ParseDigestError;

/// That an inviter swore to a statement (ALIS: "Select the checkbox to confirm that this user is
/// authorized to view the resident's sensitive information").
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Attestation {
    /// What was sworn to.
    pub statement: Statement,
    /// Who swore.
    pub by: MembershipId,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// That an invitee agreed to a statement (Kalix: "They should read the Terms and Conditions and
/// Privacy Policy before clicking Register").
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Agreement {
    /// What was agreed to.
    pub statement: Statement,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_text_is_another_statement() {
        let name = StatementName::new("terms").unwrap();
        assert_ne!(
            Statement::of(name.clone(), 1, "a"),
            Statement::of(name, 1, "b")
        );
    }

    #[test]
    fn a_digest_is_stored_as_hexadecimal_and_checked() {
        let statement = Statement::of(StatementName::new("terms").unwrap(), 1, "");
        let json = serde_json::to_string(&statement).unwrap();
        assert!(json.contains("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        assert_eq!(serde_json::from_str::<Statement>(&json).unwrap(), statement);
        assert!(serde_json::from_str::<TextDigest>("\"e3\"").is_err());
    }
}
