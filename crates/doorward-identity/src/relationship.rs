//! Relationships: how one person stands to a subject.

use doorward_types::{DisplayName, PersonId, RelationshipId, SubjectId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// How one person stands to a subject: daughter, physician, assigned clinician (FHIR
/// RelatedPerson).
///
/// ```
/// use doorward_identity::{Link, Relationship};
/// use doorward_types::{DisplayName, PersonId, RelationshipId, SubjectId};
/// use time::macros::datetime;
/// let now = datetime!(2026-11-22 10:00 UTC);
/// let daughter = PersonId::made_at(now, [1; 10]);
/// let resident = SubjectId::from(PersonId::made_at(now, [2; 10]));
/// let id = RelationshipId::made_at(now, [3; 10]);
/// let label = DisplayName::new("daughter")?;
/// let (relationship, _) = Relationship::add(id, daughter, resident, label, Link::Listed, now)?;
/// assert!(relationship.is_current() && relationship.link() == Link::Listed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Relationship {
    id: RelationshipId,
    person: PersonId,
    subject: SubjectId,
    label: DisplayName,
    link: Link,
    status: RelationshipStatus,
}

/// Whether a relationship counts when access asks whom a person is assigned to.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// The person is assigned to the subject: "assigned" reach includes it.
    Assigned,
    /// The person is on record as a contact and no more.
    Listed,
}

/// Where a relationship stands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationshipStatus {
    /// It holds.
    Current {
        /// Since when.
        #[serde(with = "time::serde::rfc3339")]
        since: OffsetDateTime,
    },
    /// It was removed; grants over the subject ended in the same commit.
    Ended {
        /// When.
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
    },
}

impl Relationship {
    /// Adds a relationship.
    ///
    /// # Errors
    /// [`AddRelationshipRejection`] where a person would be related to themselves.
    pub fn add(
        id: RelationshipId,
        person: PersonId,
        subject: SubjectId,
        label: DisplayName,
        link: Link,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<RelationshipEvent>), AddRelationshipRejection> {
        if subject.person() == person {
            return Err(AddRelationshipRejection::Oneself);
        }
        let status = RelationshipStatus::Current { since: now };
        let event = RelationshipEvent::Added {
            person,
            subject,
            label: label.clone(),
            link,
        };
        Ok((
            Self {
                id,
                person,
                subject,
                label,
                link,
                status,
            },
            vec![event],
        ))
    }

    /// Gives it another label, or makes it another link; one form.
    ///
    /// # Errors
    /// [`RelationshipEnded`] where it was removed before.
    pub fn change(
        self,
        label: DisplayName,
        link: Link,
    ) -> Result<(Self, Vec<RelationshipEvent>), RelationshipEnded> {
        self.check_current()?;
        let mut events = Vec::new();
        if label != self.label {
            let event = RelationshipEvent::Relabelled {
                from: self.label,
                to: label.clone(),
            };
            events.push(event);
        }
        if link != self.link {
            events.push(RelationshipEvent::Relinked {
                from: self.link,
                to: link,
            });
        }
        Ok((
            Self {
                label,
                link,
                ..self
            },
            events,
        ))
    }

    /// Removes it. The shell ends the person's grants over the subject in the same commit.
    ///
    /// # Errors
    /// [`RelationshipEnded`] where it was removed before.
    pub fn end(
        self,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<RelationshipEvent>), RelationshipEnded> {
        self.check_current()?;
        let event = RelationshipEvent::Ended {
            person: self.person,
            subject: self.subject,
        };
        Ok((
            Self {
                status: RelationshipStatus::Ended { at: now },
                ..self
            },
            vec![event],
        ))
    }

    /// Returns its id.
    #[must_use]
    pub const fn id(&self) -> RelationshipId {
        self.id
    }

    /// Returns the person.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        self.person
    }

    /// Returns whom the person stands to.
    #[must_use]
    pub const fn subject(&self) -> SubjectId {
        self.subject
    }

    /// Returns how.
    #[must_use]
    pub const fn label(&self) -> &DisplayName {
        &self.label
    }

    /// Returns whether it counts as an assignment.
    #[must_use]
    pub const fn link(&self) -> Link {
        self.link
    }

    /// Returns where it stands.
    #[must_use]
    pub const fn status(&self) -> RelationshipStatus {
        self.status
    }

    /// Tells whether it holds.
    #[must_use]
    pub const fn is_current(&self) -> bool {
        matches!(self.status, RelationshipStatus::Current { .. })
    }

    const fn check_current(&self) -> Result<(), RelationshipEnded> {
        match self.status {
            RelationshipStatus::Current { .. } => Ok(()),
            RelationshipStatus::Ended { at } => Err(RelationshipEnded { at }),
        }
    }
}

/// What happened to a relationship.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RelationshipEvent {
    /// It was added.
    Added {
        /// Whose.
        person: PersonId,
        /// To whom.
        subject: SubjectId,
        /// How.
        label: DisplayName,
        /// Whether as an assignment.
        link: Link,
    },
    /// It was removed.
    Ended {
        /// Whose.
        person: PersonId,
        /// To whom.
        subject: SubjectId,
    },
    /// It is called otherwise.
    Relabelled {
        /// Before.
        from: DisplayName,
        /// Now.
        to: DisplayName,
    },
    /// It counts otherwise.
    Relinked {
        /// Before.
        from: Link,
        /// Now.
        to: Link,
    },
}

/// Why a relationship was not added.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AddRelationshipRejection {
    /// Person and subject are one.
    #[error("a person has no relationship to themselves: choose another person")]
    Oneself,
}

/// The relationship was removed before.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the relationship ended at `{at}`: add a new one")]
pub struct RelationshipEnded {
    /// When.
    pub at: OffsetDateTime,
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);

    fn relationship() -> Relationship {
        let person = PersonId::made_at(NOW, [1; 10]);
        let subject = SubjectId::from(PersonId::made_at(NOW, [2; 10]));
        let id = RelationshipId::made_at(NOW, [3; 10]);
        let label = DisplayName::new("daughter").unwrap();
        Relationship::add(id, person, subject, label, Link::Listed, NOW)
            .unwrap()
            .0
    }

    #[test]
    fn nobody_is_related_to_themselves() {
        let person = PersonId::made_at(NOW, [1; 10]);
        let id = RelationshipId::made_at(NOW, [3; 10]);
        let label = DisplayName::new("self").unwrap();
        let refused = Relationship::add(id, person, person.into(), label, Link::Listed, NOW);
        assert_eq!(refused.unwrap_err(), AddRelationshipRejection::Oneself);
    }

    #[test]
    fn an_ended_relationship_stays_ended() {
        let (ended, events) = relationship().end(NOW).unwrap();
        assert!(matches!(events[..], [RelationshipEvent::Ended { .. }]));
        assert!(!ended.is_current());
        assert_eq!(ended.clone().end(NOW), Err(RelationshipEnded { at: NOW }));
        let label = ended.label().clone();
        assert_eq!(
            ended.change(label, Link::Assigned),
            Err(RelationshipEnded { at: NOW })
        );
    }

    #[test]
    fn each_changed_field_is_one_event() {
        let label = DisplayName::new("niece").unwrap();
        let (changed, events) = relationship().change(label, Link::Assigned).unwrap();
        assert_eq!(changed.link(), Link::Assigned);
        assert_eq!(events.len(), 2);
        let same = changed.label().clone();
        assert!(changed.change(same, Link::Assigned).unwrap().1.is_empty());
    }
}
