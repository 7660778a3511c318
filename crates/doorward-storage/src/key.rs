//! What a record is called: scope, kind and id.

use std::{borrow::Cow, cmp::Ordering, fmt, str::FromStr};

use uuid::Uuid;

use crate::Scope;

/// The name of a kind of records, of a claim space or of an index.
///
/// Invariants: 1 to 32 bytes of `a-z`, `0-9` and `_`. Kinds order by their bytes.
///
/// ```
/// use doorward_storage::Kind;
/// const INVITATION: Kind = Kind::from_static("invitation");
/// assert_eq!("invitation".parse(), Ok(INVITATION));
/// assert!("Invitation".parse::<Kind>().is_err());
/// ```
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Kind(Cow<'static, str>);

impl Kind {
    /// The longest name, in bytes.
    pub const MAX_LEN: usize = 32;

    /// Parses a name known only at run time.
    ///
    /// # Errors
    /// [`KindError`] says which character or length was refused.
    pub fn new(name: &str) -> Result<Self, KindError> {
        check(name).map(|()| Self(Cow::Owned(name.to_owned())))
    }

    /// Makes a name that stands in the source; meant for `const` items, where a wrong name does
    /// not compile.
    ///
    /// # Panics
    /// When the name breaks the invariants.
    #[must_use]
    pub const fn from_static(name: &'static str) -> Self {
        assert!(
            check(name).is_ok(),
            "a kind has 1 to 32 bytes of `a-z`, `0-9` and `_`"
        );
        Self(Cow::Borrowed(name))
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kind({})", self.0)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Kind {
    type Err = KindError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::new(name)
    }
}

/// A text that names no kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KindError {
    /// A byte that a name cannot hold.
    #[error("a kind holds `a-z`, `0-9` and `_`, not the byte 0x{found:02x}")]
    Character {
        /// The first such byte.
        found: u8,
    },
    /// No byte, or more than a name may have.
    #[error("a kind has 1 to 32 bytes, not {len}")]
    Length {
        /// Its length in bytes.
        len: usize,
    },
}

/// What a record is called within its scope and kind.
///
/// Invariants: 1 to 128 bytes, any bytes. Ids order by their bytes. `Debug` shows 16 bytes as a
/// UUID and anything else as its length, since an id made from a name would be personal data.
///
/// ```
/// use doorward_storage::RecordId;
/// let id = RecordId::from(uuid::Uuid::max());
/// assert_eq!(id.as_bytes(), [0xff; 16]);
/// assert_eq!(id.to_uuid(), Some(uuid::Uuid::max()));
/// assert!(RecordId::new([0; 129]).is_err());
/// ```
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct RecordId(Id);

/// Most ids are UUIDs, and are held without memory of their own: 16 bytes always are one.
#[derive(Clone, Eq, Hash, PartialEq)]
enum Id {
    Uuid(Uuid),
    Other(Box<[u8]>),
}

impl RecordId {
    /// The longest id, in bytes.
    pub const MAX_LEN: usize = 128;

    /// Makes an id of these bytes.
    ///
    /// # Errors
    /// [`RecordIdError`] for no byte, or more than 128.
    pub fn new(bytes: impl AsRef<[u8]>) -> Result<Self, RecordIdError> {
        let bytes = bytes.as_ref();
        if bytes.is_empty() || bytes.len() > Self::MAX_LEN {
            return Err(RecordIdError { len: bytes.len() });
        }
        let id = Uuid::from_slice(bytes);
        Ok(Self(id.map_or_else(|_| Id::Other(bytes.into()), Id::Uuid)))
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Id::Uuid(id) => id.as_bytes(),
            Id::Other(bytes) => bytes,
        }
    }

    /// Returns the UUID that the id was made from, if it has 16 bytes.
    #[must_use]
    pub const fn to_uuid(&self) -> Option<Uuid> {
        match &self.0 {
            Id::Uuid(id) => Some(*id),
            Id::Other(_) => None,
        }
    }
}

impl From<Uuid> for RecordId {
    fn from(id: Uuid) -> Self {
        Self(Id::Uuid(id))
    }
}

impl Ord for RecordId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl PartialOrd for RecordId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_uuid() {
            Some(id) => write!(f, "RecordId({id})"),
            None => write!(f, "RecordId({} bytes)", self.as_bytes().len()),
        }
    }
}

/// Bytes that are no record id.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a record id has 1 to 128 bytes, not {len}")]
pub struct RecordIdError {
    len: usize,
}

/// The whole name of a record.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RecordKey {
    /// The part of storage it lives in.
    pub scope: Scope,
    /// What kind of record it is.
    pub kind: Kind,
    /// What it is called within scope and kind.
    pub id: RecordId,
}

impl RecordKey {
    /// Names a record.
    #[must_use]
    pub fn new(scope: Scope, kind: Kind, id: impl Into<RecordId>) -> Self {
        Self {
            scope,
            kind,
            id: id.into(),
        }
    }
}

const fn check(name: &str) -> Result<(), KindError> {
    let mut rest = name.as_bytes();
    if rest.is_empty() || rest.len() > Kind::MAX_LEN {
        return Err(KindError::Length { len: rest.len() });
    }
    while let [first, tail @ ..] = rest {
        if !matches!(*first, b'a'..=b'z' | b'0'..=b'9' | b'_') {
            return Err(KindError::Character { found: *first });
        }
        rest = tail;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_1_to_32_bytes_of_its_alphabet() {
        assert!(Kind::new("a").is_ok() && Kind::new("email_2").is_ok());
        assert!(Kind::new(&"k".repeat(32)).is_ok());
        assert_eq!(Kind::new(""), Err(KindError::Length { len: 0 }));
        assert_eq!(
            Kind::new(&"k".repeat(33)),
            Err(KindError::Length { len: 33 })
        );
        assert_eq!(Kind::new("a-b"), Err(KindError::Character { found: b'-' }));
        assert_eq!(Kind::new("é"), Err(KindError::Character { found: 0xc3 }));
    }

    #[test]
    fn an_owned_kind_equals_the_static_one() {
        assert_eq!(Kind::new("grant").unwrap(), Kind::from_static("grant"));
    }

    #[test]
    fn debug_output_of_an_id_shows_no_text() {
        let id = RecordId::new("eva@example.org").unwrap();
        assert_eq!(format!("{id:?}"), "RecordId(15 bytes)");
    }

    #[test]
    fn ids_order_by_their_bytes_whatever_they_were_made_of() {
        let id = |bytes: &[u8]| RecordId::new(bytes).unwrap();
        let uuid = RecordId::from(Uuid::from_u128(7 << 120));
        assert_eq!(uuid, id(&[&[7][..], &[0; 15]].concat()));
        let ordered = [id(&[6; 20]), id(&[7]), uuid, id(&[7, 1]), id(&[8; 16])];
        assert!(ordered.is_sorted(), "{ordered:?}");
    }

    #[test]
    fn an_id_has_1_to_128_bytes() {
        assert!(RecordId::new([]).is_err());
        assert!(RecordId::new([0xff; 128]).is_ok());
        assert_eq!(
            RecordId::new([0; 129]).unwrap_err().to_string(),
            "a record id has 1 to 128 bytes, not 129"
        );
    }
}
