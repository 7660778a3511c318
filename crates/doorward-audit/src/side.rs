//! Side rows: personal data beside an entry, bound to it by a salted digest.

use std::fmt;

use doorward_types::EntryId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::code::Code;

/// The longest value of a side row, in bytes: 16 KiB.
pub const SIDE_VALUE_MAX_LEN: usize = 16 << 10;

/// One personal field beside an entry: a name, an address, a remark.
///
/// The entry holds its [`Commitment`]. Only erasure changes a side row: it goes, the entry's bytes
/// stay as they are, and without the salt the commitment tells nothing (design 7).
///
/// ```
/// use doorward_audit::{Code, SideRow};
/// use doorward_types::EntryId;
/// let row = SideRow {
///     entry: EntryId::made_at(time::OffsetDateTime::UNIX_EPOCH, [1; 10]),
///     field: Code::declare("actor_name"),
///     salt: [7; 32], // random, drawn for this row alone
///     value: "Ana Ruiz".to_owned(),
/// };
/// assert!(!format!("{row:?}").contains("Ana"));
/// assert!(row.commitment().is_of(&row));
/// ```
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct SideRow {
    /// The entry it belongs to.
    pub entry: EntryId,
    /// The field, once an entry.
    pub field: Code,
    /// 32 random bytes, drawn for this row alone.
    pub salt: [u8; 32],
    /// The personal data.
    pub value: String,
}

impl SideRow {
    /// Returns the digest that the entry holds.
    ///
    /// SHA-256 over `audit-pii-v1`, entry id (16 bytes), field, salt (32 bytes) and value in UTF-8,
    /// each preceded by its length in bytes as 8 bytes, most significant first: no two rows are the
    /// same bytes.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        let parts: [&[u8]; 5] = [
            b"audit-pii-v1",
            self.entry.as_bytes(),
            self.field.as_str().as_bytes(),
            &self.salt,
            self.value.as_bytes(),
        ];
        let mut digest = Sha256::new();
        for part in parts {
            digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(part);
        }
        Commitment(digest.finalize().into())
    }
}

// Without the salt a commitment tells nothing, so it is as secret as the value.
impl fmt::Debug for SideRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SideRow")
            .field("entry", &self.entry)
            .field("field", &self.field)
            .field("value", &format_args!("[redacted]"))
            .finish_non_exhaustive()
    }
}

/// The digest of a side row, in 64 hexadecimal digits where it is stored.
#[derive(Clone, Copy, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Commitment([u8; 32]);

impl Commitment {
    /// Tells whether it was made of this row.
    #[must_use]
    pub fn is_of(&self, row: &SideRow) -> bool {
        row.commitment() == *self
    }

    /// Returns its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Commitment({self})")
    }
}

impl From<Commitment> for String {
    fn from(commitment: Commitment) -> Self {
        commitment.to_string()
    }
}

impl TryFrom<String> for Commitment {
    type Error = ParseCommitmentError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        unhex(&text).map(Self).ok_or(ParseCommitmentError)
    }
}

/// A text that is no commitment.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a commitment is 64 hexadecimal digits in lower case")]
pub struct ParseCommitmentError;

pub(crate) fn unhex(text: &str) -> Option<[u8; 32]> {
    base16ct::lower::decode_vec(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::OffsetDateTime;
    use uuid::Uuid;

    use super::*;

    fn row(value: &str) -> SideRow {
        SideRow {
            entry: EntryId::from_uuid(Uuid::from_bytes([1; 16])),
            field: Code::literal("actor_name"),
            salt: [7; 32],
            value: value.to_owned(),
        }
    }

    /// The value was computed with Python's `hashlib` over the bytes the documentation describes.
    #[test]
    fn a_commitment_is_the_digest_of_the_framed_parts() {
        assert_eq!(
            row("Đặng O'Brien").commitment().to_string(),
            "289c5afab85c39bde5a15013922d013b8321fafb31039ad71898088b6924d982"
        );
    }

    #[test]
    fn any_other_part_is_another_commitment() {
        let one = row("Ana");
        let others = [
            SideRow {
                entry: EntryId::made_at(OffsetDateTime::UNIX_EPOCH, [0; 10]),
                ..one.clone()
            },
            SideRow {
                field: Code::literal("subject_name"),
                ..one.clone()
            },
            SideRow {
                salt: [8; 32],
                ..one.clone()
            },
            SideRow {
                value: "Eva".to_owned(),
                ..one.clone()
            },
        ];
        assert!(others.iter().all(|other| !one.commitment().is_of(other)));
    }

    #[test]
    fn a_commitment_reads_back_from_its_digits_alone() {
        let commitment = row("Ana").commitment();
        assert_eq!(Commitment::try_from(commitment.to_string()), Ok(commitment));
        for text in [
            "",
            "0",
            &"g".repeat(64),
            &"A".repeat(64),
            &"a".repeat(63),
            &"é".repeat(32),
        ] {
            assert_eq!(
                Commitment::try_from(text.to_string()),
                Err(ParseCommitmentError),
                "{text}"
            );
        }
    }

    /// ASVS 16.2.5.
    #[test]
    fn debug_output_shows_neither_value_nor_salt() {
        let shown = format!("{:?}", row("Ana"));
        assert!(!shown.contains("Ana") && !shown.contains("7, 7"), "{shown}");
    }

    proptest! {
        /// Without framing, letters could move from the field into the salt unseen.
        #[test]
        fn moving_a_letter_between_parts_is_seen(field in "[a-z]{2,20}", value in any::<String>()) {
            let whole = SideRow { field: Code::new(&field).unwrap(), ..row(&value) };
            let (head, last) = field.split_at(field.len() - 1);
            let moved = SideRow {
                field: Code::new(head).unwrap(),
                value: format!("{last}{value}"),
                ..whole.clone()
            };
            prop_assert!(!whole.commitment().is_of(&moved));
        }
    }
}
