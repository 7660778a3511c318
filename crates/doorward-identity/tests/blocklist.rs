//! The bundled blocklist is the committed words and nothing else.

use doorward_identity::{Blocklist, ContextWords, PasswordPolicy, PasswordRejection};
use secrecy::SecretString;

const WORDS: &str = include_str!("../src/data/common_passwords.txt");
const BUNDLED: &[u8] = include_bytes!("../src/data/common_passwords.fst");

/// After a change of the words the file is what `Blocklist::words_to_bytes` makes of them.
#[test]
fn the_bundled_list_is_made_of_the_committed_words() {
    assert_eq!(Blocklist::words_to_bytes(WORDS.lines()).unwrap(), BUNDLED);
}

/// ASVS 6.2.4: "at least the top 3000 passwords which match the policy".
#[test]
fn the_top_3000_passwords_that_fit_the_policy_are_refused() {
    let (list, nothing) = (Blocklist::bundled().unwrap(), ContextWords::default());
    let mut refused = 0;
    for policy in [
        PasswordPolicy::with_second_factor(),
        PasswordPolicy::only_factor(),
    ] {
        let fitting = WORDS
            .lines()
            .filter(|word| word.chars().count() >= policy.min_chars());
        for word in fitting {
            for text in [word.to_owned(), word.to_uppercase()] {
                let answer = policy.check(&SecretString::from(text), &nothing, &list);
                assert_eq!(answer.unwrap_err(), PasswordRejection::Common, "{word}");
            }
            refused += 1;
        }
    }
    assert!(refused > 3_000, "{refused}");
}
