//! Claims and index entries: the bytes by which a record is found.

use std::{fmt, sync::Arc};

use uuid::Uuid;

use crate::{Kind, Scope};

/// The bytes of a claim or an index entry.
///
/// Invariants: 0 to 512 bytes, any bytes. Values order by their bytes; a shorter one comes before
/// every longer one that begins with it. `Debug` shows the length alone: a value is often an
/// address or a name.
///
/// ```
/// use doorward_storage::Value;
/// assert!(Value::from(-1_i64) < Value::from(0_i64));
/// assert!(Value::new([0; 513]).is_err());
///
/// // A composite value: all of `Ruiz`, ordered by first name, and nothing of `Ruiz-Diaz`.
/// let ruiz = Value::of_parts(["Ruiz"])?;
/// assert!(Value::of_parts(["Ruiz", "Ana"])?.as_bytes().starts_with(ruiz.as_bytes()));
/// assert!(!Value::of_parts(["Ruiz-Diaz", "Ana"])?.as_bytes().starts_with(ruiz.as_bytes()));
/// # Ok::<(), doorward_storage::ValueError>(())
/// ```
#[derive(Clone, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Value(Arc<[u8]>);

impl Value {
    /// The longest value, in bytes.
    pub const MAX_LEN: usize = 512;

    /// Makes a value of these bytes.
    ///
    /// # Errors
    /// [`ValueError`] for more than 512 bytes.
    pub fn new(bytes: impl AsRef<[u8]>) -> Result<Self, ValueError> {
        let bytes = bytes.as_ref();
        if bytes.len() > Self::MAX_LEN {
            return Err(ValueError { len: bytes.len() });
        }
        Ok(Self(bytes.into()))
    }

    /// Makes a value of the first 512 bytes: for index entries that only order, never for claims,
    /// where two texts must not fall together.
    #[must_use]
    pub fn truncated(bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        Self(bytes.get(..Self::MAX_LEN).unwrap_or(bytes).into())
    }

    /// Joins parts so that values order part by part, and the value of the first parts is a prefix
    /// of exactly those values that begin with the same parts.
    ///
    /// Each part is closed by `00 01`, and a zero byte in it is written `00 ff`.
    ///
    /// # Errors
    /// [`ValueError`] when the whole has more than 512 bytes.
    pub fn of_parts<P: AsRef<[u8]>>(
        parts: impl IntoIterator<Item = P>,
    ) -> Result<Self, ValueError> {
        let mut joined = Vec::with_capacity(64);
        for part in parts {
            for &byte in part.as_ref() {
                joined.push(byte);
                if byte == 0 {
                    joined.push(0xff);
                }
            }
            joined.extend([0, 1]);
        }
        Self::new(joined)
    }

    /// Returns the bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the smallest value that comes after every value beginning with this one, `None` if
    /// there is none (an empty value, or all bytes `ff`): the end of a prefix as a half-open range.
    #[must_use]
    pub fn prefix_end(&self) -> Option<Self> {
        let last = self.0.iter().rposition(|&byte| byte != 0xff)?;
        let mut end = self.0.get(..=last)?.to_vec();
        if let Some(byte) = end.last_mut() {
            *byte = byte.saturating_add(1);
        }
        Some(Self(end.into()))
    }
}

impl From<i64> for Value {
    /// Writes 8 bytes that order as the numbers do, negative ones included.
    fn from(number: i64) -> Self {
        Self((number ^ i64::MIN).to_be_bytes().into())
    }
}

impl From<Uuid> for Value {
    fn from(id: Uuid) -> Self {
        Self(id.as_bytes().as_slice().into())
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({} bytes)", self.0.len())
    }
}

/// Bytes that are too long for a claim or an index entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a claim or index value has at most 512 bytes, not {len}")]
pub struct ValueError {
    len: usize,
}

/// A claim: at most one record of the cell holds this value in this scope and space.
///
/// The scope is the claim's own: an account that lives in the directory can hold a user name in a
/// tenant. Claims also say "no other": absence is never scanned for, it is claimed.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct UniqueKey {
    /// Within which part of storage the value is unique.
    pub scope: Scope,
    /// What is claimed: `user_name`, `verified_address`, `open_invitation`.
    pub space: Kind,
    /// The claimed value.
    pub value: Value,
}

impl UniqueKey {
    /// Names a claim.
    #[must_use]
    pub fn new(scope: Scope, space: Kind, value: impl Into<Value>) -> Self {
        Self {
            scope,
            space,
            value: value.into(),
        }
    }
}

/// An index entry: the record is found under this value, together with any number of others.
///
/// It lives in the record's scope.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct IndexEntry {
    /// The index: `person_by_name`, `invitation_by_expiry`.
    pub index: Kind,
    /// The value it is found under.
    pub value: Value,
}

impl IndexEntry {
    /// Names an index entry.
    #[must_use]
    pub fn new(index: Kind, value: impl Into<Value>) -> Self {
        Self {
            index,
            value: value.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_value_has_at_most_512_bytes() {
        assert!(Value::new([]).is_ok() && Value::new([0xff; 512]).is_ok());
        assert!(Value::new([0; 513]).is_err());
        assert_eq!(Value::truncated([7; 600]).as_bytes(), [7; 512]);
        assert_eq!(Value::truncated([7; 3]).as_bytes(), [7; 3]);
    }

    #[test]
    fn the_end_of_a_prefix_skips_trailing_ff() {
        let end = |bytes: &[u8]| Value::new(bytes).unwrap().prefix_end();
        assert_eq!(end(&[1, 2]).unwrap().as_bytes(), [1, 3]);
        assert_eq!(end(&[1, 0xff, 0xff]).unwrap().as_bytes(), [2]);
        assert_eq!((end(&[]), end(&[0xff, 0xff])), (None, None));
    }

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(
            prop_oneof![Just(0_u8), Just(1), Just(0xfe), Just(0xff)],
            0..6,
        )
    }

    proptest! {
        #[test]
        fn a_value_begins_with_a_prefix_iff_it_lies_before_the_prefix_end(
            prefix in bytes(),
            other in bytes(),
        ) {
            let prefix = super::Value::new(prefix).unwrap();
            let other = super::Value::new(other).unwrap();
            let within = other >= prefix && prefix.prefix_end().is_none_or(|end| other < end);
            prop_assert_eq!(within, other.as_bytes().starts_with(prefix.as_bytes()));
        }

        #[test]
        fn joined_parts_order_as_the_parts_do(
            left in prop::collection::vec(bytes(), 0..4),
            right in prop::collection::vec(bytes(), 0..4),
        ) {
            let joined = |parts: &Vec<Vec<u8>>| super::Value::of_parts(parts).unwrap();
            prop_assert_eq!(left.cmp(&right), joined(&left).cmp(&joined(&right)));
            prop_assert_eq!(
                left.starts_with(&right),
                joined(&left).as_bytes().starts_with(joined(&right).as_bytes())
            );
        }

        #[test]
        fn numbers_order_as_their_values_do(left: i64, right: i64) {
            prop_assert_eq!(left.cmp(&right), super::Value::from(left).cmp(&super::Value::from(right)));
        }
    }
}
