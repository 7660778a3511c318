//! Names that a host declares in its catalog and that records hold instead of bit numbers.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// The longest name, in bytes.
pub const NAME_MAX_LEN: usize = 64;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $sample:literal) => {
        $(#[$doc])*
        ///
        /// Invariants: 1 to 64 bytes; ASCII letters, digits, `_`, `-` and `.`; begins with a
        /// letter. Names compare by their bytes.
        ///
        /// ```
        #[doc = concat!("use doorward_types::", stringify!($name), ";")]
        #[doc = concat!("assert_eq!(", stringify!($name), "::new(\"", $sample, "\")?.as_str(), \"", $sample, "\");")]
        #[doc = concat!("assert!(", stringify!($name), "::new(\"two words\").is_err());")]
        /// # Ok::<(), doorward_types::NameError>(())
        /// ```
        #[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Parses a name.
            ///
            /// # Errors
            /// [`NameError`] says which character or length was refused.
            pub fn new(text: &str) -> Result<Self, NameError> {
                parse(text).map(|text| Self(Arc::from(text)))
            }

            /// Returns the name as it was declared.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.as_ref().to_owned()
            }
        }
    };
}

name! {
    /// A permission of the host's catalog (NIST RBAC: an operation on an object).
    PermissionName, "view_record"
}
name! {
    /// A kind of user (office staff, caregiver, contact): baseline and ceiling hang on it.
    KindName, "office_staff"
}
name! {
    /// A fixed role of the host's catalog (NIST RBAC role).
    RoleName, "director"
}
name! {
    /// A per-member switch on top of a role.
    SwitchName, "access_billing"
}
name! {
    /// A part of the host's surface that can be enabled, disabled or hidden.
    FeatureName, "calendar"
}
name! {
    /// A class of accounts: channels, user name, activation.
    ClassName, "identity"
}
name! {
    /// The provider's own name for one of its support staff.
    AgentName, "a.meyer"
}
name! {
    /// A statement somebody agrees to: an attestation, terms of use, a privacy policy.
    StatementName, "terms_of_use"
}

/// A text that is no name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing was given.
    #[error("a name must not be empty")]
    Empty,
    /// The name does not begin with a letter.
    #[error("a name begins with an ASCII letter, not `{found}`")]
    FirstCharacter {
        /// The character it began with.
        found: char,
    },
    /// A character a name cannot hold.
    #[error("a name holds ASCII letters, digits, `_`, `-` and `.`, not `{found}`")]
    Character {
        /// The first such character.
        found: char,
    },
    /// More bytes than a name may have.
    #[error("a name has at most 64 bytes, not {len}")]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
}

fn parse(text: &str) -> Result<&str, NameError> {
    let first = text.chars().next().ok_or(NameError::Empty)?;
    if !first.is_ascii_alphabetic() {
        return Err(NameError::FirstCharacter { found: first });
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if let Some(found) = text.chars().find(|&c| !allowed(c)) {
        return Err(NameError::Character { found });
    }
    if text.len() > NAME_MAX_LEN {
        return Err(NameError::TooLong { len: text.len() });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_names_what_was_wrong() {
        assert_eq!(KindName::new(""), Err(NameError::Empty));
        assert_eq!(
            KindName::new("1st"),
            Err(NameError::FirstCharacter { found: '1' })
        );
        assert_eq!(
            KindName::new("a b"),
            Err(NameError::Character { found: ' ' })
        );
        assert_eq!(
            KindName::new(&"a".repeat(65)),
            Err(NameError::TooLong { len: 65 })
        );
        assert!(KindName::new(&"a".repeat(64)).is_ok());
    }

    #[test]
    fn a_stored_name_is_parsed_again() {
        assert!(serde_json::from_str::<RoleName>("\"director\"").is_ok());
        assert!(serde_json::from_str::<RoleName>("\"di rector\"").is_err());
    }
}
