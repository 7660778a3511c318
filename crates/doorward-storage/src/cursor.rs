//! Where a scan goes on.

use std::{fmt, str::FromStr};

use crate::{Kind, RecordId, Value};

/// Where a page ended. Bytes that a host may store, and hand back after a restart.
///
/// A cursor belongs to its range: within another one it means a place, but not one that was
/// reached. It carries no scope, so a forged one reads nothing that its range does not hold; it
/// carries the last value, so it is shown to those who may see the page. `Display` and `FromStr`
/// are hexadecimal.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Cursor(Box<[u8]>);

impl Cursor {
    /// Marks the place after this entry. A kind range has the empty value.
    #[must_use]
    pub fn after(place: &Place) -> Self {
        let mut bytes = Vec::with_capacity(
            4 + place.value.as_bytes().len()
                + place.kind.as_str().len()
                + place.id.as_bytes().len(),
        );
        // INVARIANT (cursor): value <= 512 fits two bytes, kind <= 32 fits one, the id is the rest.
        let value_len = u16::try_from(place.value.as_bytes().len()).unwrap_or(u16::MAX);
        let kind_len = u8::try_from(place.kind.as_str().len()).unwrap_or(u8::MAX);
        bytes.push(CURSOR_FORM);
        bytes.extend(value_len.to_be_bytes());
        bytes.extend(place.value.as_bytes());
        bytes.push(kind_len);
        bytes.extend(place.kind.as_str().as_bytes());
        bytes.extend(place.id.as_bytes());
        Self(bytes.into())
    }

    /// Wraps bytes that were stored; they are read when the cursor is used.
    #[must_use]
    pub fn from_bytes(bytes: impl Into<Box<[u8]>>) -> Self {
        Self(bytes.into())
    }

    /// Returns the bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the place that the cursor marks.
    ///
    /// # Errors
    /// [`CursorError`] when the bytes are no cursor.
    pub fn place(&self) -> Result<Place, CursorError> {
        let rest = self.0.strip_prefix(&[CURSOR_FORM]).ok_or(CursorError)?;
        let (value_len, rest) = rest.split_first_chunk::<2>().ok_or(CursorError)?;
        let value_len = usize::from(u16::from_be_bytes(*value_len));
        let (value, rest) = rest.split_at_checked(value_len).ok_or(CursorError)?;
        let (&kind_len, rest) = rest.split_first().ok_or(CursorError)?;
        let (kind, id) = rest
            .split_at_checked(usize::from(kind_len))
            .ok_or(CursorError)?;
        let kind = std::str::from_utf8(kind).map_err(|_| CursorError)?;
        Ok(Place {
            value: Value::new(value).map_err(|_| CursorError)?,
            kind: Kind::new(kind).map_err(|_| CursorError)?,
            id: RecordId::new(id).map_err(|_| CursorError)?,
        })
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cursor({} bytes)", self.0.len())
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = base16ct::mixed::decode_vec(text).map_err(|_| CursorError)?;
        Ok(Self(bytes.into()))
    }
}

/// One place in the order of a range: what an adapter compares a cursor by.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// The index value; empty in a kind range.
    pub value: Value,
    /// The kind of the record.
    pub kind: Kind,
    /// The id of the record.
    pub id: RecordId,
}

/// Bytes or text that are no cursor.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a cursor is what an earlier page answered in `next`, unchanged")]
pub struct CursorError;

/// The first byte of a cursor, so that a later form can be told apart.
const CURSOR_FORM: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn place(value: &[u8]) -> Place {
        Place {
            value: Value::new(value).unwrap(),
            kind: Kind::from_static("person"),
            id: RecordId::new([0, 0xff, 1]).unwrap(),
        }
    }

    #[test]
    fn a_cursor_survives_bytes_and_text() {
        for value in [&[][..], &[0, 0xff], &[7; 512]] {
            let cursor = Cursor::after(&place(value));
            assert_eq!(
                Cursor::from_bytes(cursor.as_bytes()).place(),
                Ok(place(value))
            );
            assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        }
    }

    #[test]
    fn bytes_that_are_no_cursor_are_refused() {
        let whole = Cursor::after(&place(b"abc"));
        for len in 0..whole.as_bytes().len() - 2 {
            assert_eq!(
                Cursor::from_bytes(&whole.as_bytes()[..len]).place(),
                Err(CursorError)
            );
        }
        assert!("0".parse::<Cursor>().is_err() && "zz".parse::<Cursor>().is_err());
        assert!("+1".parse::<Cursor>().is_err() && "é".parse::<Cursor>().is_err());
    }
}
