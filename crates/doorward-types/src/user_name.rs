//! User names: PRECIS UsernameCaseMapped (RFC 8265 3.3) and the skeleton that finds look-alikes.

use std::{fmt, str::FromStr};

use precis_profiles::{UsernameCaseMapped, precis_core::profile::PrecisFastInvocation};
use serde::{Deserialize, Serialize};
use unicode_security::confusable_detection::skeleton;

/// The longest user name, in bytes: a user name may be an e-mail address.
pub const USER_NAME_MAX_LEN: usize = 254;

/// The name a person types to sign in.
///
/// Invariants: enforced by the PRECIS profile UsernameCaseMapped (RFC 8265 3.3: width and case
/// mapped, NFC, no blanks, no symbols of compatibility), stable under enforcement (RFC 8264 7), 1 to
/// 254 bytes.
///
/// ```
/// use doorward_types::UserName;
/// assert_eq!(UserName::new("Marnie")?.as_str(), "marnie");
/// assert_eq!(UserName::new("JörgÅ")?.as_str(), "jörgå");
/// assert!(UserName::new("two words").is_err());
/// # Ok::<(), doorward_types::UserNameError>(())
/// ```
#[derive(Clone, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserName(String);

impl UserName {
    /// Parses and enforces a user name.
    ///
    /// # Errors
    /// [`UserNameError`] says what was refused.
    pub fn new(text: &str) -> Result<Self, UserNameError> {
        if text.is_empty() {
            return Err(UserNameError::Empty);
        }
        let too_long = |len: usize| UserNameError::TooLong { len };
        if text.len() > USER_NAME_MAX_LEN {
            return Err(too_long(text.len()));
        }
        // RFC 8264 7: applied until stable; a text that does not settle is refused.
        let mut name = enforce(text)?;
        for _ in 0..3 {
            let again = enforce(&name)?;
            if again == name {
                return if name.len() > USER_NAME_MAX_LEN {
                    Err(too_long(name.len()))
                } else {
                    Ok(Self(name))
                };
            }
            name = again;
        }
        Err(UserNameError::Disallowed)
    }

    /// Returns the enforced name: what is compared and claimed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether the name has the form of an e-mail address; it must then be the account's own.
    #[must_use]
    pub fn has_email_form(&self) -> bool {
        self.0.contains('@')
    }

    /// Returns what the name is claimed by when it or its rival has a letter outside ASCII
    /// (UTS 39 skeleton): `раypal` with a Cyrillic `а` looks like `paypal`.
    ///
    /// Two names of ASCII alone are never look-alikes (`marnie` and `mamie` differ), so an ASCII
    /// name claims its skeleton only against others: see [`UserName::looks_like`].
    ///
    /// ```
    /// # use doorward_types::UserName;
    /// let latin = UserName::new("paypal")?;
    /// let mixed = UserName::new("pаypаl")?; // two Cyrillic letters
    /// assert_eq!(latin.skeleton(), mixed.skeleton());
    /// # Ok::<(), doorward_types::UserNameError>(())
    /// ```
    #[must_use]
    pub fn skeleton(&self) -> String {
        skeleton(&self.0).collect()
    }

    /// Tells whether a person could take one name for the other: same name, or same skeleton where
    /// at least one has a letter outside ASCII.
    #[must_use]
    pub fn looks_like(&self, other: &Self) -> bool {
        self == other
            || (!(self.is_ascii() && other.is_ascii()) && self.skeleton() == other.skeleton())
    }

    /// Tells whether the name is of ASCII letters alone.
    #[must_use]
    pub fn is_ascii(&self) -> bool {
        self.0.is_ascii()
    }
}

impl AsRef<str> for UserName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// A user name is often an address: logs show its length (ASVS 16.2.5).
impl fmt::Debug for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserName({} chars)", self.0.chars().count())
    }
}

impl FromStr for UserName {
    type Err = UserNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl TryFrom<String> for UserName {
    type Error = UserNameError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<UserName> for String {
    fn from(name: UserName) -> Self {
        name.0
    }
}

/// A text that cannot be a user name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UserNameError {
    /// Nothing was given.
    #[error("a user name must not be empty")]
    Empty,
    /// A blank, symbol or mix of directions that RFC 8265 does not allow.
    #[error(
        "a user name has letters, digits and signs such as `.`, `-`, `_` or `@`, and no blanks"
    )]
    Disallowed,
    /// More bytes than a user name may have.
    #[error("a user name has at most 254 bytes, not {len}")]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
}

fn enforce(text: &str) -> Result<String, UserNameError> {
    match UsernameCaseMapped::enforce(text) {
        Ok(name) if name.is_empty() => Err(UserNameError::Empty),
        Ok(name) => Ok(name.into_owned()),
        Err(_) => Err(UserNameError::Disallowed),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Design 6: `marnie` and `mamie` differ, though `rn` looks like `m`.
    #[test]
    fn ascii_names_are_never_look_alikes() {
        let marnie = UserName::new("marnie").unwrap();
        let mamie = UserName::new("mamie").unwrap();
        assert!(!marnie.looks_like(&mamie));
    }

    #[test]
    fn a_letter_of_another_script_is_found() {
        let latin = UserName::new("paypal").unwrap();
        let mixed = UserName::new("p\u{430}yp\u{430}l").unwrap();
        assert!(latin.looks_like(&mixed));
        assert!(mixed.looks_like(&latin));
    }

    #[test]
    fn blanks_and_controls_are_refused() {
        for text in ["foo bar", "a\tb", "\u{200b}", "henry\u{2163}", "a\0"] {
            assert_eq!(
                UserName::new(text),
                Err(UserNameError::Disallowed),
                "{text:?}"
            );
        }
        assert_eq!(UserName::new(""), Err(UserNameError::Empty));
        assert_eq!(
            UserName::new(&"a".repeat(255)),
            Err(UserNameError::TooLong { len: 255 })
        );
    }

    #[test]
    fn an_address_can_be_a_user_name() {
        assert!(
            UserName::new("Ana.Ruiz@example.org")
                .unwrap()
                .has_email_form()
        );
    }

    proptest! {
        /// RFC 8264 7: enforcing an enforced name changes nothing.
        #[test]
        fn enforcement_is_stable(text in "\\PC{1,40}") {
            if let Ok(name) = UserName::new(&text) {
                prop_assert_eq!(UserName::new(name.as_str()).unwrap(), name);
            }
        }
    }
}
