//! People: a tenant's record of a human, with or without access.

use std::{fmt, str::FromStr};

use doorward_types::{DisplayName, EmailAddress, KindName, Note, PersonId};
use serde::{Deserialize, Serialize};

use crate::CellNumber;

/// A tenant's record of a human, with or without access (SCIM, FHIR RelatedPerson).
///
/// Reports list every person. A person who is the subject of data has the same id there.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Person {
    /// The id.
    pub id: PersonId,
    /// The kind of user this person would be (HomeTrak: office staff, caregiver, client).
    pub kind: KindName,
    /// What the person is called.
    pub name: DisplayName,
    /// Where mail goes. ALIS: "Any email already saved to the contact profile will pre-populate".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// The cell number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<CellNumber>,
    /// An administrator's remark.
    #[serde(default, skip_serializing_if = "Note::is_empty")]
    pub note: Note,
    /// What the system it was imported from calls this person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<PersonRef>,
}

impl Person {
    /// Records a person.
    #[must_use]
    pub fn record(self) -> (Self, Vec<PersonEvent>) {
        let event = PersonEvent::Recorded {
            name: self.name.clone(),
            kind: self.kind.clone(),
        };
        (self, vec![event])
    }

    /// Replaces what is recorded by what a form or an import says now; the id stays.
    #[must_use]
    pub fn change(self, to: PersonDetails) -> (Self, Vec<PersonEvent>) {
        let before = self.details();
        if before == to {
            return (self, Vec::new());
        }
        let PersonDetails {
            kind,
            name,
            email,
            cell,
            note,
        } = to.clone();
        let after = Self {
            kind,
            name,
            email,
            cell,
            note,
            ..self
        };
        let event = PersonEvent::Changed {
            before: Box::new(before),
            after: Box::new(to),
        };
        (after, vec![event])
    }

    /// Returns what a form shows and changes.
    #[must_use]
    pub fn details(&self) -> PersonDetails {
        PersonDetails {
            kind: self.kind.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            cell: self.cell.clone(),
            note: self.note.clone(),
        }
    }

    /// Tells how this record stands to a row of an import (design 9.10): the same reference, else
    /// the same address and the same name, is the same person; the same address under another
    /// name is another person's. Inside one tenant only: across tenants nothing is compared.
    #[must_use]
    pub fn compare(
        &self,
        reference: Option<&PersonRef>,
        name: &DisplayName,
        email: Option<&EmailAddress>,
    ) -> Likeness {
        match (self.reference.as_ref(), reference) {
            (Some(ours), Some(theirs)) if ours == theirs => return Likeness::Same,
            _ => {}
        }
        if email.is_none() || self.email.as_ref() != email {
            return Likeness::Other;
        }
        // Two different references are two people, whatever they are called.
        let distinct = matches!((self.reference.as_ref(), reference), (Some(_), Some(_)));
        if !distinct && self.name.folded() == name.folded() {
            Likeness::Same
        } else {
            Likeness::AddressOfAnotherPerson
        }
    }
}

/// What a form shows and changes of a person.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PersonDetails {
    /// The kind of user this person would be.
    pub kind: KindName,
    /// What the person is called.
    pub name: DisplayName,
    /// Where mail goes.
    pub email: Option<EmailAddress>,
    /// The cell number.
    pub cell: Option<CellNumber>,
    /// An administrator's remark.
    pub note: Note,
}

/// How a stored person stands to a row of an import.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Likeness {
    /// The row's address is this other person's: refused, never merged.
    AddressOfAnotherPerson,
    /// Another person.
    Other,
    /// The same person.
    Same,
}

/// What happened to a person's record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PersonEvent {
    /// What is recorded was changed.
    Changed {
        /// What it was.
        before: Box<PersonDetails>,
        /// What it is.
        after: Box<PersonDetails>,
    },
    /// The person was recorded.
    Recorded {
        /// What the person is called.
        name: DisplayName,
        /// The kind of user this person would be.
        kind: KindName,
    },
}

/// What the system that people are imported from calls a person.
///
/// Invariants: 1 to 100 printable ASCII characters; compared as they are.
///
/// ```
/// use doorward_identity::PersonRef;
/// assert_eq!(PersonRef::new(" R00012 ")?.as_str(), "R00012");
/// assert!(PersonRef::new("").is_err());
/// # Ok::<(), doorward_identity::PersonRefError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonRef(String);

impl PersonRef {
    /// Parses a reference; blanks at its ends are dropped.
    ///
    /// # Errors
    /// [`PersonRefError`] for an empty or long text, or one with other characters.
    pub fn new(text: &str) -> Result<Self, PersonRefError> {
        let text = text.trim();
        let printable = text.chars().all(|c| c.is_ascii_graphic() || c == ' ');
        if text.is_empty() || text.len() > 100 || !printable {
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

impl FromStr for PersonRef {
    type Err = PersonRefError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl TryFrom<String> for PersonRef {
    type Error = PersonRefError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<PersonRef> for String {
    fn from(reference: PersonRef) -> Self {
        reference.0
    }
}

/// A text that cannot be a reference.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a person's reference has 1 to 100 printable ASCII characters")]
pub struct PersonRefError;

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;

    fn person(reference: Option<&str>) -> Person {
        Person {
            id: PersonId::made_at(OffsetDateTime::UNIX_EPOCH, [1; 10]),
            kind: KindName::new("contact").unwrap(),
            name: DisplayName::new("José Díaz").unwrap(),
            email: Some(EmailAddress::new("jose@example.org").unwrap()),
            cell: None,
            note: Note::default(),
            reference: reference.map(|text| PersonRef::new(text).unwrap()),
        }
    }

    fn compared(stored: Option<&str>, reference: Option<&str>, name: &str, mail: &str) -> Likeness {
        let reference = reference.map(|text| PersonRef::new(text).unwrap());
        let name = DisplayName::new(name).unwrap();
        let mail = EmailAddress::new(mail).unwrap();
        person(stored).compare(reference.as_ref(), &name, Some(&mail))
    }

    /// Design 9.10.
    #[test]
    fn the_same_reference_is_the_same_person_under_any_name_and_address() {
        let likeness = compared(Some("C1"), Some("C1"), "Pepe", "pepe@example.org");
        assert_eq!(likeness, Likeness::Same);
    }

    /// Design 9.10: "NFC, case-folded, blanks collapsed".
    #[test]
    fn the_same_address_and_folded_name_is_the_same_person() {
        let likeness = compared(
            None,
            Some("C1"),
            "JOSE\u{301}  DI\u{301}AZ",
            "JOSE@example.org",
        );
        assert_eq!(likeness, Likeness::Same);
    }

    /// Design 9.10: "another person's row with it is `AddressOfAnotherPerson`, never a merge".
    #[test]
    fn the_same_address_under_another_name_or_reference_is_never_merged() {
        let other_name = compared(None, None, "Ana Ruiz", "jose@example.org");
        assert_eq!(other_name, Likeness::AddressOfAnotherPerson);
        let other_reference = compared(Some("C1"), Some("C2"), "José Díaz", "jose@example.org");
        assert_eq!(other_reference, Likeness::AddressOfAnotherPerson);
    }

    #[test]
    fn people_without_an_address_are_the_same_by_reference_alone() {
        let mut stored = person(None);
        stored.email = None;
        let name = stored.name.clone();
        assert_eq!(stored.compare(None, &name, None), Likeness::Other);
    }

    #[test]
    fn a_change_that_changes_nothing_leaves_no_event() {
        let stored = person(None);
        let same = stored.details();
        assert!(stored.clone().change(same).1.is_empty());
        let renamed = PersonDetails {
            name: DisplayName::new("Pepe Díaz").unwrap(),
            ..stored.details()
        };
        let (after, events) = stored.change(renamed);
        assert_eq!(after.name.as_str(), "Pepe Díaz");
        assert_eq!(events.len(), 1);
    }
}
