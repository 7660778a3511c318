//! Actions: what was done or tried.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::code::{Code, CodeError};

/// What was done or tried: a code of the form `noun.verb`, and its category.
///
/// [`Action::REGISTERED`] lists those of this workspace; a host declares its own. Invariants: two
/// or more parts of lower-case ASCII letters, digits and `_`, each beginning with a letter, joined
/// by `.`; at most 64 bytes.
///
/// ```
/// use doorward_audit::{Action, Category};
/// const BREAK_GLASS: Action = Action::declare("record.break_glass", Category::Execute);
/// assert_eq!(BREAK_GLASS.code().as_str(), "record.break_glass");
/// assert_eq!(Action::INVITATION_ISSUE.category(), Category::Create);
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Action {
    code: Code,
    category: Category,
}

impl Action {
    /// Names an action in the program's own text.
    ///
    /// # Panics
    /// Where the text is no action. In a `const`, as it is meant to be used, that does not compile.
    #[must_use]
    pub const fn declare(code: &'static str, category: Category) -> Self {
        assert!(
            is_action(code.as_bytes()),
            "an action is `noun.verb` in lower case"
        );
        Self {
            code: Code::declare(code),
            category,
        }
    }

    /// Parses an action.
    ///
    /// # Errors
    /// [`ActionError`] where the text is no code of the form `noun.verb`.
    pub fn new(code: &str, category: Category) -> Result<Self, ActionError> {
        let code = Code::new(code)?;
        if is_action(code.as_str().as_bytes()) {
            Ok(Self { code, category })
        } else {
            Err(ActionError::Form { found: code })
        }
    }

    /// Returns its code.
    #[must_use]
    pub const fn code(&self) -> &Code {
        &self.code
    }

    /// Returns its category.
    #[must_use]
    pub const fn category(&self) -> Category {
        self.category
    }

    /// Tells whether it is this action or one below it: `invitation` covers `invitation.issue`, but
    /// not `invitations.issue`.
    #[must_use]
    pub fn is_within(&self, prefix: &Code) -> bool {
        let rest = self.code.as_str().strip_prefix(prefix.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.code.fmt(f)
    }
}

/// What an action does to data (FHIR AuditEvent `action`: C, R, U, D, E).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Category {
    /// Makes something.
    #[serde(rename = "C")]
    Create,
    /// Reads something.
    #[serde(rename = "R")]
    Read,
    /// Changes something.
    #[serde(rename = "U")]
    Update,
    /// Ends or removes something.
    #[serde(rename = "D")]
    Delete,
    /// Does something, such as signing in.
    #[serde(rename = "E")]
    Execute,
}

impl Category {
    /// Returns its letter.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "C",
            Self::Read => "R",
            Self::Update => "U",
            Self::Delete => "D",
            Self::Execute => "E",
        }
    }
}

/// A text that is no action.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ActionError {
    /// Not even a code.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// A code, but not of the right form.
    #[error("an action has the form `noun.verb`, such as `invitation.issue`, not `{found}`")]
    Form {
        /// The code.
        found: Code,
    },
}

#[derive(Deserialize, Serialize)]
struct Stored {
    action: String,
    category: Category,
}

impl TryFrom<Stored> for Action {
    type Error = ActionError;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        Self::new(&stored.action, stored.category)
    }
}

impl From<Action> for Stored {
    fn from(action: Action) -> Self {
        Self {
            action: action.code.into(),
            category: action.category,
        }
    }
}

const fn is_action(mut text: &[u8]) -> bool {
    let (mut begins, mut dots) = (true, 0);
    while let Some((byte, rest)) = text.split_first() {
        match *byte {
            b'a'..=b'z' => begins = false,
            b'0'..=b'9' | b'_' if !begins => {}
            b'.' if !begins => {
                begins = true;
                dots += 1;
            }
            _ => return false,
        }
        text = rest;
    }
    dots > 0 && !begins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_a_noun_and_a_verb() {
        for text in [
            "",
            "issue",
            "Invitation.issue",
            "invitation.",
            ".issue",
            "a..b",
            "a.1",
            "a.b-c",
        ] {
            assert!(Action::new(text, Category::Create).is_err(), "{text:?}");
        }
        assert!(Action::new("a.b.c_1", Category::Read).is_ok());
        assert_eq!(
            Action::new("issue", Category::Create)
                .unwrap_err()
                .to_string(),
            "an action has the form `noun.verb`, such as `invitation.issue`, not `issue`"
        );
    }

    #[test]
    fn a_prefix_covers_whole_parts() {
        let action = Action::INVITATION_ISSUE;
        for (prefix, within) in [
            ("invitation", true),
            ("invitation.issue", true),
            ("invit", false),
            ("issue", false),
        ] {
            assert_eq!(
                action.is_within(&Code::new(prefix).unwrap()),
                within,
                "{prefix}"
            );
        }
    }
}
