//! What an invitation offers: plain data that access alone can judge.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{KindName, LevelId, ProfileId, RoleName, SubjectId, SwitchName, Window};

/// The most subjects one offer can hold: an accept is one commit.
pub const OFFER_MAX_SUBJECTS: usize = 10;

/// A member's security levels. "No levels" is a value of its own, never an empty set (HomeTrak: "If
/// you do not apply Security Levels to an Office Staff user, they will have full access").
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Levels {
    /// The whole ceiling of the member's kind.
    Unrestricted,
    /// The union of these levels; none of them leaves the kind's baseline.
    Assigned(BTreeSet<LevelId>),
}

impl Levels {
    /// Returns an assignment of no level: the kind's baseline alone.
    #[must_use]
    pub const fn none() -> Self {
        Self::Assigned(BTreeSet::new())
    }
}

impl<const N: usize> From<[LevelId; N]> for Levels {
    fn from(levels: [LevelId; N]) -> Self {
        Self::Assigned(BTreeSet::from(levels))
    }
}

/// Whether a switch is selected.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// Selected.
    On,
    /// Not selected.
    Off,
}

/// The switches of a member by name; one that is not named stands as the catalog pre-selects it.
pub type Switches = BTreeMap<SwitchName, Switch>;

/// One subject of an offer: a profile over a person's data, for a period.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SubjectOffer {
    /// Whose data.
    pub subject: SubjectId,
    /// Under which profile (ALIS: "User Profile: Select what access you will grant to this
    /// contact").
    pub profile: ProfileId,
    /// When the grant will hold.
    pub window: Window,
}

/// What an invitation offers: a place in the tenant, and profiles over at most ten subjects.
///
/// ```
/// use doorward_types::{KindName, Offer, RoleName};
/// let offer = Offer::of(KindName::new("practice_user")?).with_role(RoleName::new("clinical")?);
/// assert!(offer.subjects().is_empty());
/// # Ok::<(), doorward_types::NameError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub struct Offer {
    fields: Fields,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Fields {
    kind: KindName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<RoleName>,
    levels: Levels,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    switches: Switches,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    subjects: Vec<SubjectOffer>,
}

impl Offer {
    /// Returns an offer of a place of this kind, without role, levels, switches or subjects.
    #[must_use]
    pub const fn of(kind: KindName) -> Self {
        let switches = BTreeMap::new();
        let fields = Fields {
            kind,
            role: None,
            levels: Levels::none(),
            switches,
            subjects: Vec::new(),
        };
        Self { fields }
    }

    /// Returns the offer with this role.
    #[must_use]
    pub fn with_role(mut self, role: RoleName) -> Self {
        self.fields.role = Some(role);
        self
    }

    /// Returns the offer with these levels.
    #[must_use]
    pub fn with_levels(mut self, levels: Levels) -> Self {
        self.fields.levels = levels;
        self
    }

    /// Returns the offer with these switches set as named.
    #[must_use]
    pub fn with_switches(mut self, switches: Switches) -> Self {
        self.fields.switches = switches;
        self
    }

    /// Returns the offer with one more subject.
    ///
    /// # Errors
    /// [`OfferError`] for the eleventh subject, or one that is already there.
    pub fn with_subject(mut self, subject: SubjectOffer) -> Result<Self, OfferError> {
        self.fields.subjects.push(subject);
        Self::try_from(self.fields)
    }

    /// Takes subjects away and adds others: what is taken away makes room.
    ///
    /// # Errors
    /// [`OfferError`] where more than ten would be left, or one twice.
    pub fn amended(
        mut self,
        add: impl IntoIterator<Item = SubjectOffer>,
        withdraw: &BTreeSet<SubjectId>,
    ) -> Result<Self, OfferError> {
        let subjects = &mut self.fields.subjects;
        subjects.retain(|offered| !withdraw.contains(&offered.subject));
        subjects.extend(add);
        Self::try_from(self.fields)
    }

    /// Returns the kind of user it makes.
    #[must_use]
    pub const fn kind(&self) -> &KindName {
        &self.fields.kind
    }

    /// Returns the role it gives, if the kind has roles.
    #[must_use]
    pub const fn role(&self) -> Option<&RoleName> {
        self.fields.role.as_ref()
    }

    /// Returns the levels it gives.
    #[must_use]
    pub const fn levels(&self) -> &Levels {
        &self.fields.levels
    }

    /// Returns the switches it sets.
    #[must_use]
    pub const fn switches(&self) -> &Switches {
        &self.fields.switches
    }

    /// Returns the subjects it opens, each once.
    #[must_use]
    pub fn subjects(&self) -> &[SubjectOffer] {
        &self.fields.subjects
    }
}

impl TryFrom<Fields> for Offer {
    type Error = OfferError;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        if fields.subjects.len() > OFFER_MAX_SUBJECTS {
            return Err(OfferError::TooManySubjects {
                count: fields.subjects.len(),
            });
        }
        let mut seen = BTreeSet::new();
        match fields
            .subjects
            .iter()
            .find(|offer| !seen.insert(offer.subject))
        {
            Some(twice) => Err(OfferError::SubjectTwice {
                subject: twice.subject,
            }),
            None => Ok(Self { fields }),
        }
    }
}

impl From<Offer> for Fields {
    fn from(offer: Offer) -> Self {
        offer.fields
    }
}

/// An offer that cannot be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OfferError {
    /// More than ten subjects.
    #[error("an offer holds at most 10 subjects, not {count}: amend it for the others later")]
    TooManySubjects {
        /// How many it would have.
        count: usize,
    },
    /// A subject that the offer already holds.
    #[error("subject `{subject}` is in the offer already")]
    SubjectTwice {
        /// Which subject.
        subject: SubjectId,
    },
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::PersonId;

    fn subject(n: u8) -> SubjectOffer {
        let now = datetime!(2026-11-22 10:00 UTC);
        SubjectOffer {
            subject: PersonId::made_at(now, [n; 10]).into(),
            profile: ProfileId::made_at(now, [0; 10]),
            window: Window::since(now),
        }
    }

    fn with_subjects(count: u8) -> Result<Offer, OfferError> {
        let offer = Offer::of(KindName::new("contact").unwrap());
        (0..count).try_fold(offer, |offer, n| offer.with_subject(subject(n)))
    }

    /// Design 3: "An offer of more than 10 subjects is refused."
    #[test]
    fn ten_subjects_are_taken_and_the_eleventh_refused() {
        assert_eq!(with_subjects(10).unwrap().subjects().len(), 10);
        assert_eq!(
            with_subjects(11),
            Err(OfferError::TooManySubjects { count: 11 })
        );
    }

    #[test]
    fn a_subject_is_offered_once() {
        let offer = with_subjects(2).unwrap();
        assert!(matches!(
            offer.with_subject(subject(1)),
            Err(OfferError::SubjectTwice { .. })
        ));
    }

    #[test]
    fn what_is_taken_away_makes_room_for_what_is_added() {
        let full = with_subjects(10).unwrap();
        let gone = BTreeSet::from([subject(3).subject]);
        let amended = full.clone().amended([subject(11)], &gone).unwrap();
        assert_eq!(amended.subjects().len(), 10);
        assert!(
            amended
                .subjects()
                .iter()
                .all(|row| row.subject != subject(3).subject)
        );
        assert!(full.amended([subject(11)], &BTreeSet::new()).is_err());
    }

    #[test]
    fn a_stored_offer_reads_back_and_is_checked() {
        let offer = with_subjects(2).unwrap().with_levels(Levels::Unrestricted);
        let json = serde_json::to_string(&offer).unwrap();
        assert_eq!(serde_json::from_str::<Offer>(&json).unwrap(), offer);
        let mut value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let first = value["subjects"][0].clone();
        value["subjects"][1] = first;
        assert!(serde_json::from_value::<Offer>(value).is_err());
    }
}
