//! Cell numbers: where a text message or a call can go.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The number of a cell phone (HomeTrak: "The user's cell phone, for texting purposes").
///
/// Invariants: 4 to 15 digits (ITU-T E.164), with an optional `+` before them and blanks, dots,
/// dashes, slashes and brackets between them. The text is kept as it was typed; two numbers are
/// equal when their digits and their `+` are. Whether somebody answers there is not asked.
///
/// ```
/// use doorward_identity::CellNumber;
/// let cell = CellNumber::new("+1 (555) 010-9999")?;
/// assert_eq!(cell.as_str(), "+1 (555) 010-9999");
/// assert_eq!(cell.dialled(), "+15550109999");
/// assert!(CellNumber::new("ask Eva").is_err());
/// # Ok::<(), doorward_identity::CellNumberError>(())
/// ```
#[derive(Clone, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct CellNumber {
    original: String,
    dialled: String,
}

impl CellNumber {
    /// Parses a number.
    ///
    /// # Errors
    /// [`CellNumberError`] says what was refused.
    pub fn new(text: &str) -> Result<Self, CellNumberError> {
        let original = text.trim();
        if original.is_empty() {
            return Err(CellNumberError::Empty);
        }
        let (plus, rest) = match original.strip_prefix('+') {
            Some(rest) => ("+", rest),
            None => ("", original),
        };
        let between = |c: char| matches!(c, ' ' | '.' | '-' | '/' | '(' | ')');
        if let Some(found) = rest.chars().find(|&c| !c.is_ascii_digit() && !between(c)) {
            return Err(CellNumberError::Character { found });
        }
        let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
        if !(MIN_DIGITS..=MAX_DIGITS).contains(&digits.len()) {
            let count = digits.len();
            return Err(CellNumberError::Digits { count });
        }
        if original.len() > MAX_LEN {
            return Err(CellNumberError::TooLong);
        }
        Ok(Self {
            original: original.to_owned(),
            dialled: format!("{plus}{digits}"),
        })
    }

    /// Returns the number as it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.original
    }

    /// Returns its digits, behind a `+` if it had one.
    #[must_use]
    pub fn dialled(&self) -> &str {
        &self.dialled
    }
}

impl PartialEq for CellNumber {
    fn eq(&self, other: &Self) -> bool {
        self.dialled == other.dialled
    }
}

impl Eq for CellNumber {}

impl fmt::Display for CellNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.original)
    }
}

// Personal data: logs show how long it is (ASVS 16.2.5).
impl fmt::Debug for CellNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CellNumber({} characters)", self.dialled.len())
    }
}

impl FromStr for CellNumber {
    type Err = CellNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl TryFrom<String> for CellNumber {
    type Error = CellNumberError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<CellNumber> for String {
    fn from(number: CellNumber) -> Self {
        number.original
    }
}

/// A text that is no cell number.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CellNumberError {
    /// Nothing was given.
    #[error("a cell number is needed, such as `+1 555 010 9999`")]
    Empty,
    /// A letter or sign that stands in no number.
    #[error("a cell number has digits and ` .-/()`, with one `+` at most before them, not `{}`", found.escape_debug())]
    Character {
        /// The first such character.
        found: char,
    },
    /// Too few or too many digits.
    #[error("a cell number has 4 to 15 digits, not {count}")]
    Digits {
        /// How many it had.
        count: usize,
    },
    /// More signs between the digits than any number needs.
    #[error("a cell number has at most 40 characters")]
    TooLong,
}

const MIN_DIGITS: usize = 4;
const MAX_DIGITS: usize = 15;
const MAX_LEN: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_the_digits_makes_no_other_number() {
        let spaced = CellNumber::new("+31 6 1234 5678").unwrap();
        assert_eq!(spaced, CellNumber::new("+31(6)1234-5678").unwrap());
        assert_ne!(spaced, CellNumber::new("31 6 1234 5678").unwrap());
    }

    #[test]
    fn each_refusal_names_what_was_wrong() {
        let refused = |text: &str| CellNumber::new(text).unwrap_err();
        assert_eq!(refused("  "), CellNumberError::Empty);
        assert_eq!(
            refused("555-CALL"),
            CellNumberError::Character { found: 'C' }
        );
        assert_eq!(refused("12+345"), CellNumberError::Character { found: '+' });
        assert_eq!(refused("123"), CellNumberError::Digits { count: 3 });
        assert_eq!(
            refused("1234567890123456"),
            CellNumberError::Digits { count: 16 }
        );
        assert_eq!(refused("٣٤٥٦٧"), CellNumberError::Character { found: '٣' });
        assert_eq!(
            refused(&format!("1{}234", " ".repeat(40))),
            CellNumberError::TooLong
        );
    }

    #[test]
    fn debug_output_shows_no_number() {
        let shown = format!("{:?}", CellNumber::new("+15550109999").unwrap());
        assert_eq!(shown, "CellNumber(12 characters)");
    }
}
