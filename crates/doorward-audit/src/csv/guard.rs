//! The guard against formulas (ASVS 1.2.10), and its undoing.

use std::borrow::Cow;

/// Puts one `'` before a text that a spreadsheet would run or that already begins like a guarded
/// one.
///
/// Such a text is any number of `'` followed by one of `= + - @`, tab, line feed, carriage return,
/// the zero character, or the full-width forms of the four signs.
#[must_use]
pub fn guard(text: &str) -> Cow<'_, str> {
    if is_trigger(text.trim_start_matches('\'')) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Takes the guard away again: for every text, `unguard(guard(text)) == text`.
#[must_use]
pub fn unguard(cell: &str) -> Cow<'_, str> {
    match cell.strip_prefix('\'') {
        Some(text) if is_trigger(text.trim_start_matches('\'')) => Cow::Borrowed(text),
        _ => Cow::Borrowed(cell),
    }
}

fn is_trigger(text: &str) -> bool {
    text.starts_with([
        '=', '+', '-', '@', '\t', '\n', '\r', '\0', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The probes of the audit study: spreadsheets run or misread each of them.
    #[test]
    fn every_probe_is_guarded() {
        for text in [
            "=1+1",
            "=cmd|'/c calc'!A0",
            "+1 (555) 010-0000",
            "-2+3+cmd|'/c calc'!D2",
            "@SUM(A1:A9)",
            "\t=1",
            "\r=1",
            "\n=1",
            "\0=1",
            "\u{ff1d}1+1",
            "\u{ff0b}1",
            "\u{ff0d}1",
            "\u{ff20}SUM(A1)",
            "'=1+1",
            "''=1+1",
        ] {
            assert_eq!(guard(text), format!("'{text}"), "{text:?}");
            assert_eq!(unguard(&guard(text)), text);
        }
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in [
            "", "'", "''", "O'Brien", "'quoted'", "a=b", " =1", "Ana", "1-2", "Đặng",
        ] {
            assert_eq!(guard(text), text);
            assert_eq!(unguard(text), text);
        }
    }

    fn hostile() -> impl Strategy<Value = String> {
        prop_oneof![any::<String>(), "['=+@\t\r\n\0ａ＝＋－＠a-]{0,6}"]
    }

    proptest! {
        #[test]
        fn the_guard_is_undone(text in hostile()) {
            let cell = guard(&text);
            prop_assert_eq!(unguard(&cell), text.as_str());
        }

        /// ASVS 1.2.10.
        #[test]
        fn no_guarded_text_begins_with_a_sign(text in hostile()) {
            prop_assert!(!is_trigger(&guard(&text)));
        }

        #[test]
        fn two_texts_never_become_one_cell(a in hostile(), b in hostile()) {
            prop_assert_eq!(guard(&a) == guard(&b), a == b);
        }
    }
}
