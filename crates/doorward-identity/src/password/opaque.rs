//! Preparation of passwords by PRECIS OpaqueString (RFC 8265 4).

use precis_profiles::{
    OpaqueString,
    precis_core::{
        DerivedPropertyValue, FreeformClass, StringClass, profile::PrecisFastInvocation,
    },
};
use secrecy::{SecretString, zeroize::Zeroizing};
use unicode_normalization::UnicodeNormalization;

/// Prepares a password: blanks of other scripts become U+0020, NFC; letter case and width stay.
/// `None` is one with control or invisible characters, or an empty one.
///
/// The tables of PRECIS are of Unicode 6.3. A character that is younger (`🦊`) is taken as it
/// stands: NIST SP 800-63B-4 3.1.1.2 asks that Unicode be accepted, and refusing what a keyboard
/// offers would tell people to choose something simpler.
pub(super) fn prepare(text: &str) -> Option<SecretString> {
    // Younger characters must not hide what stands between them.
    let known: Zeroizing<String> = Zeroizing::new(
        text.chars()
            .map(|c| if is_young(c) { 'x' } else { c })
            .collect(),
    );
    OpaqueString::prepare(known.as_str()).ok()?;
    let prepared: String = text
        .chars()
        .map(|c| if is_blank(c) { ' ' } else { c })
        .nfc()
        .collect();
    Some(SecretString::from(prepared))
}

fn is_young(c: char) -> bool {
    FreeformClass::default().get_value_from_char(c) == DerivedPropertyValue::Unassigned
        && !is_invisible(c)
}

/// Default ignorable code points that PRECIS calls unassigned.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{2065}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// The blanks (general category Zs) beside U+0020.
const fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

#[cfg(test)]
mod tests {
    use precis_profiles::{OpaqueString, precis_core::profile::PrecisFastInvocation};
    use proptest::prelude::*;
    use secrecy::ExposeSecret;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Vector {
        input: String,
        output: Option<String>,
    }

    fn prepared(text: &str) -> Option<String> {
        prepare(text).map(|secret| secret.expose_secret().to_owned())
    }

    /// Returns the inputs that are prepared otherwise than the vectors say.
    fn differing(json: &str, expected_len: usize) -> Vec<String> {
        let vectors: Vec<Vector> = serde_json::from_str(json).unwrap();
        assert_eq!(vectors.len(), expected_len);
        let differs = |vector: &Vector| prepared(&vector.input) != vector.output;
        vectors
            .into_iter()
            .filter(differs)
            .map(|vector| vector.input)
            .collect()
    }

    /// RFC 8265 section 4.3.
    #[test]
    fn the_examples_of_rfc_8265_are_prepared_as_it_says() {
        let json = include_str!("../../tests/data/rfc8265_opaque_string.json");
        assert_eq!(differing(json, 7), [""; 0]);
    }

    /// One difference: a zero-width non-joiner between letters of Unicode 11 and 14 is refused,
    /// because the tables do not know that they join.
    #[test]
    fn the_precis_vectors_of_opaque_string_are_prepared_as_they_say() {
        let json = include_str!("../../tests/data/precis_opaque_string.json");
        assert_eq!(differing(json, 81), ["\u{10d00}\u{200c}\u{88e}"]);
    }

    #[test]
    fn characters_younger_than_the_tables_are_taken_as_they_stand() {
        assert_eq!(prepared("🦊\u{a0}🐙").as_deref(), Some("🦊 🐙"));
        assert_eq!(prepared("🦊\u{7}"), None);
        assert_eq!(prepared("a\u{e0041}b"), None, "an invisible tag");
    }

    proptest! {
        /// What the library prepares, this prepares alike. (Preparing twice is no law: U+0387 becomes
        /// the middle dot, which is refused when typed; a password is prepared once.)
        #[test]
        fn it_agrees_with_the_library_wherever_that_answers(text in "\\PC{1,30}") {
            let answer = prepared(&text);
            if let Ok(theirs) = OpaqueString::enforce(text.as_str()) {
                prop_assert_eq!(answer.as_deref(), Some(theirs.as_ref()));
            }
        }
    }
}
