//! What a person typed as a password.

use std::fmt;

use secrecy::{ExposeSecret, SecretString, zeroize::Zeroize};

use super::opaque;
use crate::letters;

/// What a person typed as a password; zeroed when dropped, redacted in debug output.
///
/// Before it is compared it is prepared by PRECIS OpaqueString (RFC 8265 4: blanks of other scripts
/// become U+0020, NFC; case and width stay), so that the same password typed on another keyboard is
/// the same (NIST SP 800-63B-4 3.1.1.2).
pub struct TypedPassword(SecretString);

impl TypedPassword {
    /// Wraps what was typed.
    #[must_use]
    pub fn new(text: impl Into<SecretString>) -> Self {
        Self(text.into())
    }

    /// Returns what was typed as it stands: hashes of other systems were made of that.
    #[cfg(feature = "foreign-hashes")]
    pub(crate) fn raw(&self) -> Option<&str> {
        Some(self.0.expose_secret()).filter(|text| text.len() <= MAX_BYTES)
    }

    /// Returns the prepared text; `None` for one that no policy ever accepted.
    pub(crate) fn prepared(&self) -> Option<SecretString> {
        let text = self.0.expose_secret();
        if text.len() > MAX_BYTES {
            return None;
        }
        opaque::prepare(text)
    }

    /// Returns the text as a system-made secret is compared.
    pub(crate) fn folded(&self) -> Option<SecretString> {
        let text = self.0.expose_secret();
        if text.len() > MAX_BYTES {
            return None;
        }
        let mut folded = letters::fold(text);
        let secret = SecretString::from(folded.as_str());
        folded.zeroize();
        Some(secret)
    }
}

impl fmt::Debug for TypedPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedPassword([redacted])")
    }
}

/// No policy accepts more than 1,000 characters, of at most four bytes each.
const MAX_BYTES: usize = 4_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(text: &str) -> Option<SecretString> {
        TypedPassword::new(text.to_owned()).prepared()
    }

    #[test]
    fn a_text_longer_than_any_password_is_not_looked_at() {
        assert!(prepared(&"a".repeat(4_000)).is_some());
        assert!(prepared(&"a".repeat(4_001)).is_none());
    }

    /// ASVS 16.2.5.
    #[test]
    fn debug_output_shows_no_password() {
        let shown = format!("{:?}", TypedPassword::new("hunter2".to_owned()));
        assert_eq!(shown, "TypedPassword([redacted])");
    }
}
