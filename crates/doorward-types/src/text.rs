//! Text that people type: names of people and things, and notes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The longest display name, in characters.
pub const DISPLAY_NAME_MAX_CHARS: usize = 200;
/// The longest note, in characters.
pub const NOTE_MAX_CHARS: usize = 2_000;

/// What a person, level, profile, group or tenant is called (SCIM `displayName`).
///
/// Invariants: NFC; 1 to 200 characters; runs of white space, tabs and line breaks are one blank,
/// none at the ends; no other control character, no bidirectional override (it can make a report
/// read as another name), and at least one visible character. Letters of every script, joiners and
/// punctuation stay as they are.
///
/// ```
/// use doorward_types::DisplayName;
/// assert_eq!(DisplayName::new(" Ana\tMaria\n Ruiz ")?.as_str(), "Ana Maria Ruiz");
/// assert!(DisplayName::new("\u{202e}nana").is_err());
/// # Ok::<(), doorward_types::TextError>(())
/// ```
#[derive(Clone, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct DisplayName(String);

impl DisplayName {
    /// Parses a name.
    ///
    /// # Errors
    /// [`TextError`] says what was refused.
    pub fn new(text: &str) -> Result<Self, TextError> {
        if is_plain(text) {
            return Ok(Self(text.to_owned()));
        }
        let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
        checked(&folded, DISPLAY_NAME_MAX_CHARS, |_| false).map(Self)
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the form in which two names are the same name: lower case, NFC
    /// (design 9.10: NFC, case-folded, blanks collapsed).
    #[must_use]
    pub fn folded(&self) -> String {
        if self.0.is_ascii() {
            return self.0.to_ascii_lowercase();
        }
        self.0.to_lowercase().nfc().collect()
    }
}

/// A free remark of an administrator; may have several lines.
///
/// Invariants: NFC, at most 2,000 characters, no control character but line break and tab.
///
/// ```
/// use doorward_types::Note;
/// assert_eq!(Note::new("calls on Mondays\nask for Eva")?.as_str().lines().count(), 2);
/// # Ok::<(), doorward_types::TextError>(())
/// ```
#[derive(Clone, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Note(String);

impl Note {
    /// Parses a note; `\r\n` becomes `\n`. An empty note is none.
    ///
    /// # Errors
    /// [`TextError`] says what was refused.
    pub fn new(text: &str) -> Result<Self, TextError> {
        let unified = text.replace("\r\n", "\n");
        if unified.trim().is_empty() {
            return Ok(Self::default());
        }
        checked(unified.trim(), NOTE_MAX_CHARS, |c| matches!(c, '\n' | '\t')).map(Self)
    }

    /// Returns the note.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether nothing was noted.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

macro_rules! text_traits {
    ($name:ident) => {
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        // Personal data: logs show that there was a text, not which (ASVS 16.2.5).
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(
                    f,
                    concat!(stringify!($name), "({} chars)"),
                    self.0.chars().count()
                )
            }
        }

        impl FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

text_traits!(DisplayName);
text_traits!(Note);

/// A text that cannot be a display name or a note.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// Nothing visible was given.
    #[error("a name needs at least one visible character")]
    Empty,
    /// A control character or bidirectional override.
    #[error("the character U+{code:04X} cannot stand in a name or note", code = u32::from(*found))]
    Character {
        /// The first such character.
        found: char,
    },
    /// More characters than the field holds.
    #[error("at most {max} characters are kept, not {len}")]
    TooLong {
        /// How many were given.
        len: usize,
        /// How many the field holds.
        max: usize,
    },
}

/// Tells whether a text is a display name as it stands: visible ASCII, with single blanks between
/// words. Most names are, and each is parsed again whenever its record is read.
fn is_plain(text: &str) -> bool {
    let mut before = b' ';
    let words = text.bytes().all(|byte| {
        let ok = byte.is_ascii_graphic() || (byte == b' ' && before != b' ');
        before = byte;
        ok
    });
    words && before != b' ' && text.len() <= DISPLAY_NAME_MAX_CHARS
}

fn checked(text: &str, max: usize, kept: impl Fn(char) -> bool) -> Result<String, TextError> {
    let refused = |c: char| (c.is_control() && !kept(c)) || is_override(c);
    if let Some(found) = text.chars().find(|&c| refused(c)) {
        return Err(TextError::Character { found });
    }
    if !text.chars().any(is_visible) {
        return Err(TextError::Empty);
    }
    let normal: String = if text.is_ascii() {
        text.to_owned()
    } else {
        text.nfc().collect()
    };
    let len = normal.chars().count();
    if len > max {
        return Err(TextError::TooLong { len, max });
    }
    Ok(normal)
}

/// Embeddings, overrides and isolates (UAX #9), line and paragraph separators, tags, the BOM.
const fn is_override(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}'
        | '\u{e0000}'..='\u{e007f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Joiners, marks of direction and blanks are kept, but alone they show nothing.
fn is_visible(c: char) -> bool {
    !c.is_whitespace()
        && !c.is_control()
        && !matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}'
            | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn line_breaks_in_a_name_become_a_blank() {
        assert_eq!(
            DisplayName::new("Line\nBreak O'Brien").unwrap().as_str(),
            "Line Break O'Brien"
        );
    }

    #[test]
    fn joiners_of_indic_scripts_stay() {
        let name = "त्रिरत्\u{200d}न गिरी";
        assert!(
            DisplayName::new(name)
                .unwrap()
                .as_str()
                .contains('\u{200d}')
        );
    }

    #[test]
    fn texts_without_anything_to_see_are_refused() {
        for text in ["", "   ", "\u{200b}\u{200d}", "\u{3164}", "\n\t"] {
            assert_eq!(DisplayName::new(text), Err(TextError::Empty), "{text:?}");
        }
    }

    #[test]
    fn control_characters_and_overrides_are_refused_by_name() {
        assert_eq!(
            DisplayName::new("a\0b"),
            Err(TextError::Character { found: '\0' })
        );
        assert_eq!(
            DisplayName::new("a\u{202e}b"),
            Err(TextError::Character { found: '\u{202e}' })
        );
        assert_eq!(
            DisplayName::new("a\u{1b}[0m").unwrap_err().to_string(),
            "the character U+001B cannot stand in a name or note"
        );
    }

    #[test]
    fn the_limits_count_characters() {
        assert!(DisplayName::new(&"ж".repeat(200)).is_ok());
        assert_eq!(
            DisplayName::new(&"ж".repeat(201)),
            Err(TextError::TooLong { len: 201, max: 200 })
        );
        assert!(Note::new(&"n".repeat(2_000)).is_ok());
        assert!(Note::new(&"n".repeat(2_001)).is_err());
    }

    #[test]
    fn debug_output_shows_no_personal_data() {
        assert_eq!(
            format!("{:?}", DisplayName::new("Eva").unwrap()),
            "DisplayName(3 chars)"
        );
    }

    #[test]
    fn two_spellings_of_one_name_fold_alike() {
        let composed = DisplayName::new("JOSÉ  Díaz").unwrap();
        let decomposed = DisplayName::new("jose\u{301} di\u{301}az").unwrap();
        assert_eq!(composed.folded(), decomposed.folded());
    }

    proptest! {
        #[test]
        fn a_plain_name_is_kept_as_it_stands(text in "[ -~\\t]{0,12}([a-z ]{0,200})?") {
            let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let long = checked(&folded, DISPLAY_NAME_MAX_CHARS, |_| false);
            if is_plain(&text) {
                prop_assert_eq!(&long, &Ok(text.clone()));
            }
            prop_assert_eq!(DisplayName::new(&text).map(String::from), long);
        }

        #[test]
        fn folding_ascii_is_folding(text in "[ -~]{1,40}") {
            if let Ok(name) = DisplayName::new(&text) {
                let long: String = name.as_str().to_lowercase().nfc().collect();
                prop_assert_eq!(name.folded(), long);
            }
        }

        #[test]
        fn parsing_twice_changes_nothing(text in "\\PC{0,60}") {
            if let Ok(name) = DisplayName::new(&text) {
                prop_assert_eq!(DisplayName::new(name.as_str()).unwrap(), name);
            }
        }
    }
}
