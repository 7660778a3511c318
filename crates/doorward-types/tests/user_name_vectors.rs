//! User names against vectors, each with its expectation under our policy.

use doorward_types::{UserName, UserNameError};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    input: String,
    output: Option<String>,
}

/// Returns the inputs that are answered otherwise than the vectors say.
fn differing(vectors: &[Vector]) -> Vec<&str> {
    let differs = |vector: &&Vector| {
        let ours = UserName::new(&vector.input).ok();
        ours.as_ref().map(UserName::as_str) != vector.output.as_deref()
    };
    vectors
        .iter()
        .filter(differs)
        .map(|vector| vector.input.as_str())
        .collect()
}

/// RFC 8265 section 3.5, examples 1 to 11.
#[test]
fn the_examples_of_rfc_8265_are_answered_as_it_says() {
    let json = include_str!("data/rfc8265_usernames.json");
    let vectors: Vec<Vector> = serde_json::from_str(json).unwrap();
    assert_eq!(vectors.len(), 11);
    assert_eq!(differing(&vectors), [""; 0]);
}

/// RFC 8265 section 3.5: `fussball` and `fußball` are two names, and so are `σ` and `ς`.
#[test]
fn names_that_only_look_related_are_two_names() {
    assert_ne!(UserName::new("fussball"), UserName::new("fußball"));
    assert_ne!(UserName::new("σ"), UserName::new("ς"));
    assert_eq!(UserName::new("Σ"), UserName::new("σ"));
}

/// Three differences, all of them refusals. The vectors map letters first and look at what comes
/// out; RFC 8265 3.3.2 looks at what was typed, so that a character with a compatibility form
/// (`K` the Kelvin sign, U+1FEF, U+1FD3), an old jamo, or a middle dot between capitals is refused
/// before it is mapped. And characters younger than Unicode 6.3 are unassigned in our tables, which
/// is a refusal too (RFC 8264 8).
#[test]
fn the_precis_vectors_are_answered_as_they_say() {
    let json = include_str!("data/precis_username_case_mapped.json");
    let vectors: Vec<Vector> = serde_json::from_str(json).unwrap();
    assert_eq!(vectors.len(), 81);
    let differing = differing(&vectors);
    assert_eq!(
        differing,
        [
            "\u{212a}evin",
            "\u{1fef}",
            "\u{1100}\u{1161}",
            "ruL\u{b7}Lz",
            "\u{1fd3}\u{3b9}\u{308}\u{301}",
            "\u{1fe3}\u{3c5}\u{308}\u{301}",
            "\u{111c9}",
            "\u{10d00}\u{7fd}\u{200c}\u{7fd}\u{88e}",
        ]
    );
    for input in differing {
        assert_eq!(UserName::new(input), Err(UserNameError::Disallowed));
    }
}

#[test]
fn an_empty_name_is_told_from_a_disallowed_one() {
    assert_eq!(UserName::new(""), Err(UserNameError::Empty));
    assert_eq!(
        UserName::new("henry\u{2163}"),
        Err(UserNameError::Disallowed)
    );
}
