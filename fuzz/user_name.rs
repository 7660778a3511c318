//! What people and things are called.

use doorward::types::{
    DISPLAY_NAME_MAX_CHARS, DisplayName, NOTE_MAX_CHARS, Note, USER_NAME_MAX_LEN, UserName,
};

use crate::law::{json_back, text};

/// User names, names to be shown and notes: what is accepted is in the one form that is accepted
/// again as it is (RFC 8264 7), within its bounds, and out of the logs.
///
/// # Panics
/// Where a law does not hold.
pub fn user_name(bytes: &[u8]) {
    let Some(typed) = text(bytes) else {
        return;
    };
    if let Ok(name) = UserName::new(typed) {
        enforced(typed, &name);
    }
    if let Ok(name) = DisplayName::new(typed) {
        shown(&name);
    }
    if let Ok(note) = Note::new(typed) {
        let again = Note::new(note.as_str());
        assert_eq!(again.as_ref(), Ok(&note), "a note is its own form");
        assert!(note.as_str().chars().count() <= NOTE_MAX_CHARS);
        let mut characters = note.as_str().chars();
        assert!(
            !characters.any(|c| c.is_control() && !matches!(c, '\n' | '\t')),
            "a note has lines and tabs, no other controls"
        );
        hidden(&format!("{note:?}"), "Note", note.as_str());
        json_back(&note);
    }
}

fn enforced(typed: &str, name: &UserName) {
    let again = UserName::new(name.as_str());
    assert_eq!(again.as_ref(), Ok(name), "enforcement is stable");
    assert!((1..=USER_NAME_MAX_LEN).contains(&name.as_str().len()));
    let mut characters = name.as_str().chars();
    assert!(
        !characters.any(|c| c.is_control() || c.is_whitespace()),
        "a user name is one word"
    );
    if typed.is_ascii() {
        let shouted = UserName::new(&typed.to_ascii_uppercase());
        assert_eq!(shouted.as_ref(), Ok(name), "case makes no second name");
    }
    assert!(name.looks_like(name), "a name looks like itself");
    assert!(!name.skeleton().is_empty(), "and like something");
    hidden(&format!("{name:?}"), "UserName", name.as_str());
    json_back(name);
}

fn shown(name: &DisplayName) {
    let again = DisplayName::new(name.as_str());
    assert_eq!(again.as_ref(), Ok(name), "a name is its own form");
    let count = name.as_str().chars().count();
    assert!((1..=DISPLAY_NAME_MAX_CHARS).contains(&count));
    assert!(
        !name.as_str().chars().any(char::is_control),
        "a name fits on a line"
    );
    if let Ok(folded) = DisplayName::new(&name.folded()) {
        assert_eq!(folded.folded(), name.folded(), "folding is stable");
    }
    hidden(&format!("{name:?}"), "DisplayName", name.as_str());
    json_back(name);
}

/// ASVS 16.2.5: logs show how long it is.
fn hidden(shown: &str, type_name: &str, text: &str) {
    let count = text.chars().count();
    assert_eq!(shown, format!("{type_name}({count} chars)"));
}
