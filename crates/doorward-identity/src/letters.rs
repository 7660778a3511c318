//! The letters of system-made secrets: 32 without look-alikes, so that a byte gives one without
//! bias (256 is a multiple of 32).

use secrecy::{ExposeSecret, SecretString};

/// Digits and capitals without `0`, `1`, `I` and `O`.
const ALPHABET: [char; 32] = [
    '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L',
    'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
];

/// Spells one letter a byte.
pub(crate) fn spell(bytes: &[u8]) -> String {
    bytes
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
        .collect()
}

/// Returns the letters in groups of four with dashes between them.
pub(crate) fn grouped(letters: &SecretString) -> SecretString {
    let letters = letters.expose_secret();
    let mut grouped = String::with_capacity(letters.len() * 5 / 4);
    for (at, letter) in letters.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            grouped.push('-');
        }
        grouped.push(letter);
    }
    SecretString::from(grouped)
}

/// Undoes what people do while typing such a secret: small letters, blanks and dashes.
pub(crate) fn fold(typed: &str) -> String {
    typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_letter_comes_from_eight_bytes_and_none_looks_like_another() {
        let all: Vec<u8> = (0..=255).collect();
        let spelled = spell(&all);
        assert_eq!(spelled.chars().count(), 256);
        let letters: BTreeSet<char> = spelled.chars().collect();
        assert_eq!(letters.len(), 32);
        for letter in &letters {
            assert_eq!(spelled.chars().filter(|c| c == letter).count(), 8);
        }
        assert!("01IO".chars().all(|c| !letters.contains(&c)));
    }

    #[test]
    fn folding_undoes_dashes_blanks_and_small_letters() {
        assert_eq!(fold(" abcd-ef2 3 "), "ABCDEF23");
    }
}
