//! Fuzz bodies as plain functions, one a parser: each takes any bytes, must not panic, and asserts
//! what holds for every input. `cargo test` replays the corpora under `corpus/NAME/` on stable.

use doorward::{
    audit::{csv, json_lines},
    types::{DisplayName, EmailAddress, LocalPart, Note, Offer, PermissionName, Token, UserName},
};
use secrecy::ExposeSecret;

/// A fuzz body.
pub type Body = fn(&[u8]);

/// Every body, by the name of its corpus.
pub const BODIES: [(&str, Body); 7] = [
    ("csv_guard", csv_guard),
    ("email", email),
    ("entry", entry),
    ("offer", offer),
    ("permission_name", permission_name),
    ("text", text),
    ("token", token),
];

/// The text of a link: what is read is written back the same.
fn token(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(token) = Token::parse(text) {
        assert_eq!(
            token.to_text().expose_secret(),
            text.trim(),
            "a token reads back"
        );
    }
}

/// Addresses: what is accepted is accepted again, in both its forms, and compares equal.
fn email(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(address) = EmailAddress::with(text, LocalPart::International) {
        let again = EmailAddress::with(address.canonical(), LocalPart::International);
        assert_eq!(
            again.as_ref(),
            Ok(&address),
            "the canonical form is an address"
        );
        assert!(
            address.canonical().len() <= 254,
            "an address fits an envelope"
        );
    }
}

/// User names: enforcement is stable (RFC 8264 7).
fn text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(name) = UserName::new(text) {
        assert_eq!(
            UserName::new(name.as_str()).as_ref(),
            Ok(&name),
            "enforcement is stable"
        );
    }
    if let Ok(name) = DisplayName::new(text) {
        assert_eq!(
            DisplayName::new(name.as_str()).as_ref(),
            Ok(&name),
            "parsing is stable"
        );
        assert!(
            !name.as_str().chars().any(char::is_control),
            "a name fits on a line"
        );
    }
    if let Ok(note) = Note::new(text) {
        assert_eq!(
            Note::new(note.as_str()).as_ref(),
            Ok(&note),
            "parsing is stable"
        );
    }
}

/// Names of the catalog: what is accepted is what was given.
fn permission_name(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(name) = PermissionName::new(text) {
        assert_eq!(name.as_str(), text, "a name is kept as it is");
    }
}

/// Stored offers: whatever is read holds at most ten subjects, each once.
fn offer(bytes: &[u8]) {
    if let Ok(offer) = serde_json::from_slice::<Offer>(bytes) {
        assert!(offer.subjects().len() <= 10, "an offer is one commit");
    }
}

/// Entries of the audit log, as stored.
fn entry(bytes: &[u8]) {
    let _ = doorward::audit::Entry::parse(bytes);
    let _ = json_lines::read(bytes);
}

/// The formula guard of CSV: whatever is guarded reads back the same.
fn csv_guard(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    assert_eq!(
        csv::unguard(&csv::guard(text)),
        text,
        "the guard is undone exactly"
    );
}
