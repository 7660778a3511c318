//! Codes: the only text an entry can hold.

use std::{borrow::Cow, fmt, str::FromStr};

use doorward_types::{
    AccountId, AgentName, ClassName, EntryId, FeatureName, GrantId, GroupId, InvitationId,
    KindName, LevelId, MembershipId, PermissionName, PersonId, ProfileId, RelationshipId,
    RequestId, RoleName, StatementName, SubjectId, SupportId, SwitchName, TenantId, TextDigest,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::instant;

/// The longest code, in bytes.
pub const CODE_MAX_LEN: usize = 64;

/// A short machine text (FHIR `code`): a field's name, a reason, a permission, an id, an instant.
///
/// It is what keeps personal data out of an entry: full names, addresses, telephone numbers and
/// free text do not fit; what does must still be a word of the program or an id. Invariants: 1 to
/// 64 bytes; ASCII letters, digits, `_`, `-`, `.` and `:`; begins with a letter, unless it was made
/// of an id, an instant or a digest.
///
/// ```
/// use doorward_audit::Code;
/// const ABOVE_CEILING: Code = Code::declare("above_ceiling");
/// assert_eq!(Code::new("above_ceiling")?, ABOVE_CEILING);
/// for text in ["Ana Ruiz", "ana@example.org", "+48 725 175 008", "0958167577", "Đặng"] {
///     assert!(Code::new(text).is_err());
/// }
/// # Ok::<(), doorward_audit::CodeError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(Cow<'static, str>);

impl Code {
    /// Parses a code.
    ///
    /// # Errors
    /// [`CodeError`] says which character or length was refused.
    pub fn new(text: &str) -> Result<Self, CodeError> {
        match text.chars().next() {
            Some(found) if !found.is_ascii_alphabetic() => Err(CodeError::FirstCharacter { found }),
            _ => Self::stored(text.to_owned()),
        }
    }

    /// Names a code in the program's own text.
    ///
    /// # Panics
    /// Where the text is no code. In a `const`, as it is meant to be used, that does not compile.
    #[must_use]
    pub const fn declare(text: &'static str) -> Self {
        assert!(
            is_declarable(text.as_bytes()),
            "a code is 1 to 64 of `a-zA-Z0-9_-.:`"
        );
        Self(Cow::Borrowed(text))
    }

    /// Returns the code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a code that may have been made of an id, an instant or a digest.
    fn stored(text: String) -> Result<Self, CodeError> {
        if text.is_empty() {
            return Err(CodeError::Empty);
        }
        let allowed = |c: char| u8::try_from(c).is_ok_and(is_letter);
        if let Some(found) = text.chars().find(|&c| !allowed(c)) {
            return Err(CodeError::Character { found });
        }
        if text.len() > CODE_MAX_LEN {
            return Err(CodeError::TooLong { len: text.len() });
        }
        Ok(Self(Cow::Owned(text)))
    }

    pub(crate) fn into_text(self) -> Cow<'static, str> {
        self.0
    }

    pub(crate) const fn literal(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl AsRef<str> for Code {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Code {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Code {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl TryFrom<&str> for Code {
    type Error = CodeError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

/// Reads a stored code.
impl TryFrom<String> for Code {
    type Error = CodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::stored(text)
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0.into_owned()
    }
}

impl From<Uuid> for Code {
    fn from(id: Uuid) -> Self {
        Self(Cow::Owned(id.as_hyphenated().to_string()))
    }
}

/// In UTC, with microseconds: `2026-11-22T00:13:59.123456Z`.
impl From<OffsetDateTime> for Code {
    fn from(at: OffsetDateTime) -> Self {
        Self(Cow::Owned(instant::text(at)))
    }
}

macro_rules! code_of {
    ($($word:ty),+ $(,)?) => {$(
        impl From<$word> for Code {
            fn from(word: $word) -> Self {
                Self(Cow::Owned(word.to_string()))
            }
        }

        impl From<&$word> for Code {
            fn from(word: &$word) -> Self {
                Self(Cow::Owned(word.to_string()))
            }
        }
    )+};
}

// Every one of these prints at most 64 bytes of the letters above.
code_of!(
    AccountId,
    AgentName,
    ClassName,
    EntryId,
    FeatureName,
    GrantId,
    GroupId,
    InvitationId,
    KindName,
    LevelId,
    MembershipId,
    PermissionName,
    PersonId,
    ProfileId,
    RelationshipId,
    RequestId,
    RoleName,
    StatementName,
    SubjectId,
    SupportId,
    SwitchName,
    TenantId,
    TextDigest,
);

/// A text that is no code.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeError {
    /// Nothing was given.
    #[error("a code must not be empty")]
    Empty,
    /// It does not begin with a letter.
    #[error("a code begins with an ASCII letter, not `{}`", found.escape_debug())]
    FirstCharacter {
        /// The character it began with.
        found: char,
    },
    /// A character a code cannot hold; personal data belongs into a side row.
    #[error(
        "a code holds ASCII letters, digits, `_`, `-`, `.` and `:`, not `{}`: other text goes into \
         a side row",
        found.escape_debug()
    )]
    Character {
        /// The first such character.
        found: char,
    },
    /// More bytes than a code may have.
    #[error("a code has at most 64 bytes, not {len}")]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
}

const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':')
}

const fn is_declarable(text: &[u8]) -> bool {
    let Some((first, mut rest)) = text.split_first() else {
        return false;
    };
    if !first.is_ascii_alphabetic() || text.len() > CODE_MAX_LEN {
        return false;
    }
    while let Some((next, others)) = rest.split_first() {
        if !is_letter(*next) {
            return false;
        }
        rest = others;
    }
    true
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn each_refusal_names_what_was_wrong() {
        assert_eq!(Code::new(""), Err(CodeError::Empty));
        assert_eq!(
            Code::new("1a"),
            Err(CodeError::FirstCharacter { found: '1' })
        );
        assert_eq!(Code::new("a b"), Err(CodeError::Character { found: ' ' }));
        assert_eq!(
            Code::new("a\u{e9}"),
            Err(CodeError::Character { found: '\u{e9}' })
        );
        assert_eq!(
            Code::new(&"a".repeat(65)),
            Err(CodeError::TooLong { len: 65 })
        );
        assert!(Code::new(&"a".repeat(64)).is_ok());
    }

    #[test]
    fn a_declared_code_obeys_the_same_rule() {
        for text in ["", "1a", "a b", "é", "a@b"] {
            assert!(!is_declarable(text.as_bytes()), "{text:?}");
            assert!(Code::new(text).is_err(), "{text:?}");
        }
        assert!(is_declarable(b"invitation.issue:v1_a-b"));
    }

    /// The longest word of each sort fits, so the conversions cannot fail.
    #[test]
    fn every_word_that_becomes_a_code_reads_back_as_one() {
        let at = datetime!(9999-12-31 23:59:59.999999 UTC);
        let codes = [
            Code::from(PermissionName::new(&"a".repeat(64)).unwrap()),
            Code::from(EntryId::made_at(at, [255; 10])),
            Code::from(SubjectId::from(PersonId::made_at(at, [0; 10]))),
            Code::from(at),
            Code::from(Uuid::nil()),
        ];
        for code in codes {
            let json = serde_json::to_string(&code).unwrap();
            assert_eq!(serde_json::from_str::<Code>(&json).unwrap(), code);
        }
    }
}
