//! Identities: whether two rows mean one person.

use std::fmt;

use doorward_types::{DisplayName, PersonId};

/// What a file calls a person, so that several rows can mean one.
///
/// Invariants: 1 to 128 bytes, no control characters, no blanks at the ends. Compared as it stands.
///
/// ```
/// use doorward_invitations::PersonRef;
/// assert_eq!(PersonRef::new(" P01000 ")?.as_str(), "P01000");
/// assert!(PersonRef::new(" ").is_err());
/// # Ok::<(), doorward_invitations::PersonRefError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PersonRef(String);

const MAX_LEN: usize = 128;

impl PersonRef {
    /// Parses a reference.
    ///
    /// # Errors
    /// [`PersonRefError`] for an empty or overlong one, or one with control characters.
    pub fn new(text: &str) -> Result<Self, PersonRefError> {
        let text = text.trim();
        if text.is_empty() || text.len() > MAX_LEN || text.chars().any(char::is_control) {
            return Err(PersonRefError);
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the reference.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PersonRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that names no person.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a person's reference has 1 to 128 bytes and no control characters")]
pub struct PersonRefError;

/// Who somebody is, as far as it is known.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Identity {
    /// The tenant's record.
    pub person: Option<PersonId>,
    /// What the file calls them.
    pub reference: Option<PersonRef>,
    /// Their name.
    pub name: Option<DisplayName>,
}

impl Identity {
    /// Tells whether two people who share an address are one (design 9.10): by record, else by
    /// reference, else by name (NFC, case-folded, blanks collapsed).
    ///
    /// ```
    /// use doorward_invitations::Identity;
    /// use doorward_types::DisplayName;
    /// let named = |name: &str| DisplayName::new(name)
    ///     .map(|name| Identity { name: Some(name), ..Identity::default() });
    /// assert!(named("Ana  Ruiz")?.same_as(&named("ANA RUIZ")?));
    /// assert!(!named("Ana Ruiz")?.same_as(&named("Eva Ruiz")?));
    /// # Ok::<(), doorward_types::TextError>(())
    /// ```
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        if let (Some(one), Some(other)) = (self.person, other.person) {
            return one == other;
        }
        if let (Some(one), Some(other)) = (&self.reference, &other.reference) {
            return one == other;
        }
        let folded = |identity: &Self| identity.name.as_ref().map(DisplayName::folded);
        folded(self) == folded(other)
    }
}
