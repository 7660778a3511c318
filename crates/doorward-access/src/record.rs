//! Records: the facts about a piece of the host's data that a check needs.

use doorward_types::{AccountId, MembershipId, PersonId, SubjectId};

/// The facts about a piece of the host's data: whose it is and who made it.
///
/// ```
/// use doorward_access::{Owner, Record};
/// # let (maker, client) = {
/// #     use doorward_types::{MembershipId, PersonId};
/// #     let at = time::OffsetDateTime::UNIX_EPOCH;
/// #     (MembershipId::made_at(at, [1; 10]), PersonId::made_at(at, [2; 10]))
/// # };
/// let bill = Record::of(client).owned_by(maker);
/// assert_eq!(bill.owner(), Some(Owner::Membership(maker)));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Record {
    subject: Option<SubjectId>,
    owner: Option<Owner>,
}

impl Record {
    /// Returns a record about nobody, made by nobody: a setting, a template of the tenant.
    pub const UNOWNED: Self = Self {
        subject: None,
        owner: None,
    };

    /// Returns a record about this person (FHIR `subject`).
    #[must_use]
    pub fn of(subject: impl Into<SubjectId>) -> Self {
        Self {
            subject: Some(subject.into()),
            owner: None,
        }
    }

    /// Returns a record about nobody in particular that belongs to this member.
    #[must_use]
    pub fn by(owner: impl Into<Owner>) -> Self {
        Self::UNOWNED.owned_by(owner)
    }

    /// Returns the record with its owner (Kalix: "their own appointments").
    #[must_use]
    pub fn owned_by(self, owner: impl Into<Owner>) -> Self {
        Self {
            owner: Some(owner.into()),
            ..self
        }
    }

    /// Returns whom it is about.
    #[must_use]
    pub const fn subject(&self) -> Option<SubjectId> {
        self.subject
    }

    /// Returns whose it is.
    #[must_use]
    pub const fn owner(&self) -> Option<Owner> {
        self.owner
    }
}

impl From<SubjectId> for Record {
    fn from(subject: SubjectId) -> Self {
        Self::of(subject)
    }
}

/// Who owns a record, by whichever id the host keeps.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Owner {
    /// An account, whatever membership it has now.
    Account(AccountId),
    /// A membership; who left and came back is another.
    Membership(MembershipId),
    /// A person.
    Person(PersonId),
}

impl From<AccountId> for Owner {
    fn from(account: AccountId) -> Self {
        Self::Account(account)
    }
}

impl From<MembershipId> for Owner {
    fn from(membership: MembershipId) -> Self {
        Self::Membership(membership)
    }
}

impl From<PersonId> for Owner {
    fn from(person: PersonId) -> Self {
        Self::Person(person)
    }
}
