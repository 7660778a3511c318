//! E-mail addresses against vectors, each with its expectation under our policy (design 9.8).
//!
//! The vectors state what their own library does by its defaults. Where our policy differs, the
//! difference is listed here with its reason.

use doorward_types::{EmailAddress, EmailError, LocalPart};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    group: String,
    input: String,
    #[serde(default)]
    detail: serde_json::Value,
}

fn vectors(group: &str, expected_len: usize) -> Vec<Vector> {
    let json = include_str!("data/email_vectors.json");
    let Ok(mut vectors) = serde_json::from_str::<Vec<Vector>>(json) else {
        return Vec::new();
    };
    vectors.retain(|vector| vector.group == group);
    assert_eq!(vectors.len(), expected_len, "{group}");
    vectors
}

fn accepted(vectors: &[Vector], local_part: LocalPart) -> Vec<&str> {
    let inputs = vectors.iter().map(|vector| vector.input.as_str());
    inputs
        .filter(|input| EmailAddress::with(input, local_part).is_ok())
        .collect()
}

/// Differences: quoted local parts and display names are refused.
#[test]
fn plain_addresses_are_accepted_and_compared_by_their_ascii_form() {
    let vectors = vectors("email_valid", 7);
    let refused = [
        "\"de-quoted.local.part\"@example.org",
        "\"escaped.quote.\\\".local.part\"@example.org",
        "My Name <me@example.org>",
    ];
    for vector in vectors {
        let answer = EmailAddress::new(&vector.input);
        if refused.contains(&vector.input.as_str()) {
            assert!(answer.is_err(), "{}", vector.input);
            continue;
        }
        let ascii = vector.detail["ascii_email"]
            .as_str()
            .unwrap()
            .to_ascii_lowercase();
        assert_eq!(answer.unwrap().canonical(), ascii, "{}", vector.input);
    }
}

/// Differences: off by default; never with a display name.
#[test]
fn international_local_parts_are_accepted_where_the_host_asks_for_them() {
    let vectors = vectors("email_valid_intl_local_part", 8);
    for vector in &vectors {
        let has_display_name = vector.input.contains('<');
        let ascii = EmailAddress::new(&vector.input).unwrap_err();
        let international = EmailAddress::with(&vector.input, LocalPart::International);
        if has_display_name {
            assert_eq!(ascii, EmailError::Blank, "{}", vector.input);
            assert_eq!(international, Err(EmailError::Blank), "{}", vector.input);
        } else {
            assert_eq!(
                ascii,
                EmailError::InternationalLocalPart,
                "{}",
                vector.input
            );
            assert!(international.is_ok(), "{} {international:?}", vector.input);
        }
    }
}

#[test]
fn what_needs_quotes_is_refused() {
    let vectors = vectors("email_valid_only_if_quoted_local_part", 4);
    assert_eq!(accepted(&vectors, LocalPart::International), [""; 0]);
}

#[test]
fn wrong_syntax_is_refused() {
    let vectors = vectors("email_invalid_syntax", 42);
    assert_eq!(accepted(&vectors, LocalPart::International), [""; 0]);
}

#[test]
fn unsafe_characters_are_refused() {
    let vectors = vectors("email_unsafe_character", 6);
    assert_eq!(accepted(&vectors, LocalPart::International), [""; 0]);
    let inside: Vec<String> = vectors
        .iter()
        .map(|vector| format!("{}@example.org", vector.input))
        .collect();
    for text in inside {
        assert!(
            EmailAddress::with(&text, LocalPart::International).is_err(),
            "{text:?}"
        );
    }
}

/// Difference: refused there only in strict mode.
#[test]
fn more_than_64_bytes_before_the_at_are_refused() {
    for vector in vectors("email_invalid_syntax_strict", 1) {
        assert_eq!(EmailAddress::new(&vector.input), Err(EmailError::TooLong));
    }
}

/// Difference: refused there by the list of special-use names. Whether a well-formed domain takes
/// mail is not asked here: an address proves itself by a mail that arrives.
#[test]
fn domains_of_special_use_are_domains() {
    let vectors = vectors("email_invalid_reserved_domain", 3);
    assert_eq!(accepted(&vectors, LocalPart::Ascii).len(), 3);
}

#[test]
fn quotes_are_refused_with_and_without_international_letters() {
    let vectors = vectors("email_invalid_character_smtputf8_off", 1);
    assert_eq!(accepted(&vectors, LocalPart::International), [""; 0]);
}

/// Of the set of pyIsEmail those are accepted that it calls valid, less what our policy refuses:
/// quoted local parts, domain literals, comments. Blanks at the ends are dropped as people paste
/// them; line breaks are not.
#[test]
fn of_the_pyisemail_set_the_plain_addresses_are_accepted() {
    let vectors = vectors("pyisemail_tests", 75);
    assert_eq!(
        accepted(&vectors, LocalPart::Ascii),
        [
            "test@iana.org",
            "test@about.museum",
            "test.test@iana.org",
            "test@123.com",
            "test@mason-dixon.com",
            "xn--test@iana.org",
            "test@iana.org ",
        ]
    );
}

/// What we accept, a mailer must be able to send (design 9.8).
#[test]
fn what_is_accepted_is_sendable_ascii_before_and_after_the_at() {
    for group in [
        "email_valid",
        "email_invalid_reserved_domain",
        "pyisemail_tests",
    ] {
        let json = include_str!("data/email_vectors.json");
        let all: Vec<Vector> = serde_json::from_str(json).unwrap();
        for vector in all.iter().filter(|vector| vector.group == group) {
            let Ok(address) = EmailAddress::new(&vector.input) else {
                continue;
            };
            let (local, domain) = address.canonical().rsplit_once('@').unwrap();
            assert!(local.is_ascii() && domain.is_ascii(), "{address}");
            assert!(
                local.bytes().all(|byte| byte.is_ascii_graphic()),
                "{address}"
            );
        }
    }
}
