//! Values: what an entry can tell of a field.

use std::collections::BTreeSet;

use doorward_types::{
    AccountId, AgentName, ClassName, FeatureName, GrantId, GroupId, InvitationId, KindName,
    LevelId, Levels, MembershipId, PermissionName, PersonId, ProfileId, RelationshipId, RequestId,
    RoleName, StatementName, SubjectId, SupportId, SwitchName, TenantId, TextDigest,
};
use serde::Deserialize;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::code::{Code, CodeError};

/// The value of a field before or after a change, or of a fact.
///
/// Free text and floating-point numbers have no variant: the first would let personal data into an
/// entry, the second has no one way of being written (RFC 8785).
///
/// ```
/// use doorward_audit::{Code, Value};
/// assert_eq!(Value::from(7_u32).to_string(), "7");
/// let acts = Value::codes([Code::new("edit")?, Code::new("delete")?]);
/// assert_eq!(acts.to_string(), r#"["delete","edit"]"#);
/// assert!(Value::try_from(1_u64 << 53).is_err());
/// # Ok::<(), doorward_audit::CodeError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(untagged)]
pub enum Value {
    /// The field held nothing.
    Nothing,
    /// Yes or no.
    Flag(bool),
    /// A count.
    Number(SafeInteger),
    /// One code.
    Code(Code),
    /// A set of codes, such as permissions.
    Codes(BTreeSet<Code>),
}

impl Value {
    /// Returns the set of these codes.
    #[must_use]
    pub fn codes<C: Into<Code>>(codes: impl IntoIterator<Item = C>) -> Self {
        Self::Codes(codes.into_iter().map(Into::into).collect())
    }
}

/// Writes the value as its JSON.
impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&crate::canonical::Json::from(self).to_text())
    }
}

/// An integer that every reader of JSON keeps exactly: between -(2^53 - 1) and 2^53 - 1 (RFC 8785
/// 3.2.2.3, RFC 7493 2.2).
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(try_from = "i64")]
pub struct SafeInteger(i64);

impl SafeInteger {
    /// The largest one.
    pub const MAX: Self = Self((1 << 53) - 1);
    /// The smallest one.
    pub const MIN: Self = Self(1 - (1 << 53));

    /// Returns the number.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for SafeInteger {
    type Error = NumberError;

    fn try_from(number: i64) -> Result<Self, Self::Error> {
        if (Self::MIN.0..=Self::MAX.0).contains(&number) {
            Ok(Self(number))
        } else {
            Err(NumberError)
        }
    }
}

/// A number that JSON readers would round.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a number lies between -9007199254740991 and 9007199254740991")]
pub struct NumberError;

macro_rules! small_number {
    ($($number:ty),+) => {$(
        impl From<$number> for Value {
            fn from(number: $number) -> Self {
                Self::Number(SafeInteger(i64::from(number)))
            }
        }
    )+};
}

small_number!(u8, u16, u32, i32);

macro_rules! large_number {
    ($($number:ty),+) => {$(
        impl TryFrom<$number> for Value {
            type Error = NumberError;

            fn try_from(number: $number) -> Result<Self, Self::Error> {
                let number = i64::try_from(number).map_err(|_| NumberError)?;
                SafeInteger::try_from(number).map(Self::Number)
            }
        }
    )+};
}

large_number!(u64, i64, usize);

macro_rules! value_of_code {
    ($($word:ty),+ $(,)?) => {$(
        impl From<$word> for Value {
            fn from(word: $word) -> Self {
                Self::Code(word.into())
            }
        }

        impl From<&$word> for Value {
            fn from(word: &$word) -> Self {
                Self::Code(word.clone().into())
            }
        }
    )+};
}

value_of_code!(
    AccountId,
    AgentName,
    ClassName,
    Code,
    FeatureName,
    GrantId,
    GroupId,
    InvitationId,
    KindName,
    LevelId,
    MembershipId,
    OffsetDateTime,
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
    Uuid,
);

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<SafeInteger> for Value {
    fn from(number: SafeInteger) -> Self {
        Self::Number(number)
    }
}

impl From<BTreeSet<Code>> for Value {
    fn from(codes: BTreeSet<Code>) -> Self {
        Self::Codes(codes)
    }
}

/// `unrestricted`, or the set of the levels' ids.
impl From<&Levels> for Value {
    fn from(levels: &Levels) -> Self {
        match levels {
            Levels::Unrestricted => Self::Code(Code::literal("unrestricted")),
            Levels::Assigned(levels) => Self::codes(levels),
        }
    }
}

impl<V: Into<Self>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

impl TryFrom<&str> for Value {
    type Error = CodeError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        Code::new(text).map(Self::Code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7493 2.2.
    #[test]
    fn numbers_end_where_json_readers_begin_to_round() {
        assert!(SafeInteger::try_from((1_i64 << 53) - 1).is_ok());
        assert!(SafeInteger::try_from(1_i64 << 53).is_err());
        assert!(SafeInteger::try_from(1 - (1_i64 << 53)).is_ok());
        assert!(SafeInteger::try_from(-(1_i64 << 53)).is_err());
        assert!(Value::try_from(u64::MAX).is_err());
    }

    #[test]
    fn floats_and_free_text_are_no_values() {
        for json in [
            "1.5",
            "1e3",
            "9007199254740992",
            "\"two words\"",
            "\"\"",
            "{}",
            "[1]",
        ] {
            assert!(serde_json::from_str::<Value>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn every_value_reads_back_from_its_json() {
        let values = [
            Value::Nothing,
            Value::from(true),
            Value::from(-7),
            Value::try_from("director").unwrap(),
            Value::codes([Code::literal("b"), Code::literal("a")]),
            Value::codes::<Code>([]),
            Value::from(&Levels::Unrestricted),
            Value::from(None::<bool>),
        ];
        for value in values {
            assert_eq!(
                serde_json::from_str::<Value>(&value.to_string()).unwrap(),
                value
            );
        }
    }
}
