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
    /// reference, else by name (NFC, case-folded, blanks collapsed). Two of whom nothing at all is
    /// known are one: the address is all there is.
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
        match (&self.name, &other.name) {
            (Some(one), Some(other)) => one.folded() == other.folded(),
            _ => *self == Self::default() && *other == Self::default(),
        }
    }

    /// Returns the identity with what another one of the same person adds: two rows that agree with
    /// a third in their names alone, but not with each other, must not both be that person.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        Self {
            person: self.person.or(other.person),
            reference: self.reference.or_else(|| other.reference.clone()),
            name: self.name.or_else(|| other.name.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(person: Option<u8>, reference: Option<&str>, name: Option<&str>) -> Identity {
        let made = |n| PersonId::made_at(time::OffsetDateTime::UNIX_EPOCH, [n; 10]);
        Identity {
            person: person.map(made),
            reference: reference.map(|text| PersonRef::new(text).unwrap()),
            name: name.map(|text| DisplayName::new(text).unwrap()),
        }
    }

    #[test]
    fn records_decide_before_references_and_references_before_names() {
        let ana = identity(Some(1), Some("P1"), Some("Ana"));
        assert!(ana.same_as(&identity(Some(1), Some("P2"), Some("Eva"))));
        assert!(!ana.same_as(&identity(Some(2), Some("P1"), Some("Ana"))));
        assert!(ana.same_as(&identity(None, Some("P1"), Some("Eva"))));
        assert!(!ana.same_as(&identity(None, Some("P2"), Some("Ana"))));
        assert!(ana.same_as(&identity(None, None, Some("ANA"))));
    }

    #[test]
    fn somebody_unnamed_is_not_taken_for_anybody_known() {
        let nobody = Identity::default();
        assert!(nobody.same_as(&nobody));
        assert!(!nobody.same_as(&identity(None, None, Some("Ana"))));
        assert!(!nobody.same_as(&identity(None, Some("P1"), None)));
    }

    #[test]
    fn a_reference_has_no_control_characters_and_a_limit() {
        assert!(PersonRef::new(&"x".repeat(128)).is_ok());
        for refused in ["", "a\u{0}b", &"x".repeat(129)] {
            assert_eq!(PersonRef::new(refused), Err(PersonRefError));
        }
    }
}
