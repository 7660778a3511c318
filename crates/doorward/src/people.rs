//! People: a tenant's records of humans, with or without access, and how they stand to each other.
//!
//! | to | see |
//! |---|---|
//! | record, change and find a person | this module |
//! | add, change and end a relationship | `relationships` |
//! | take over many people | `import` |
//! | know whom a member may read and change | `reach` |

mod import;
mod reach;
mod relationships;

use doorward_access::Attachment;
use doorward_identity::{Account, CellNumber, Person, PersonDetails, PersonRef};
use doorward_types::{DisplayName, EmailAddress, KindName, Note, PersonId, Scope, SubjectId};
use serde::Serialize;

use crate::{
    Doorward, Error, Fault, FormVersion, ManagePeople, Permit, Versioned, audit_trail,
    record::Loaded,
    stored::identity::{person_address, person_reference},
    work::{Committed, Tries, Work},
};

pub use self::{
    import::{ImportOutcome, PersonRow, RowRefusal},
    relationships::{NewRelationship, RelateRejection, RelationshipFormRejection},
};

/// A person to be recorded.
#[derive(Clone, Debug, Serialize)]
pub struct NewPerson {
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
    /// What another system calls this person.
    pub reference: Option<PersonRef>,
    /// Whether the host keeps data about this person.
    pub data: DataAbout,
}

/// Whether a person is the subject of the host's data: a resident, client or patient.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DataAbout {
    /// They are a contact or staff.
    #[default]
    Nobody,
    /// They are. Where the catalog says so, they are assigned to the member who records them
    /// (design 9.4: "a client the member creates is assigned to them").
    ThisPerson,
}

/// Why a person was not recorded or changed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PersonRejection {
    /// The address is the person's who had it first (design 9.10).
    #[error("the address belongs to `{holder}` already: give this person an address of their own")]
    AddressOfAnotherPerson {
        /// Who has it.
        holder: PersonId,
    },
    /// The reference is another person's.
    #[error("the reference belongs to `{holder}` already")]
    ReferenceOfAnotherPerson {
        /// Who has it.
        holder: PersonId,
    },
    /// The catalog has no such kind.
    #[error("`{kind}` is no kind of user")]
    UnknownKind {
        /// The name.
        kind: KindName,
    },
}

impl Doorward {
    /// Records a person.
    ///
    /// # Errors
    /// [`PersonRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn record_person(
        &self,
        permit: Permit<ManagePeople>,
        person: NewPerson,
    ) -> Result<PersonId, Error<PersonRejection>> {
        let outcome = self.record_person_once(&permit, &person).await;
        self.settled(&permit, outcome).await
    }

    async fn record_person_once(
        &self,
        permit: &Permit<ManagePeople>,
        new: &NewPerson,
    ) -> Result<PersonId, Error<PersonRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("record_person", new)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            self.known_kind(&new.kind)?;
            let (email, reference) = (new.email.as_ref(), new.reference.as_ref());
            self.free_for(permit.scope(), None, email, reference)
                .await?;
            let person = Person {
                id: PersonId::made_at(work.now, self.random()?),
                kind: new.kind.clone(),
                name: new.name.clone(),
                email: new.email.clone(),
                cell: new.cell.clone(),
                note: new.note.clone(),
                reference: new.reference.clone(),
            };
            let id = self.record_into(&permit, &mut work, person, new.data)?;
            if let Committed::Done(id) = work.commit(self, &mut tries, id).await? {
                return Ok(id);
            }
        }
    }

    /// Changes what is recorded of a person: a form.
    ///
    /// # Errors
    /// [`PersonRejection`], [`Denied`](crate::Denied) or a [`Fault`], [`Fault::Stale`] among them.
    pub async fn change_person(
        &self,
        permit: Permit<ManagePeople>,
        person: PersonId,
        version: FormVersion,
        details: PersonDetails,
    ) -> Result<(), Error<PersonRejection>> {
        let outcome = self
            .change_person_once(&permit, person, version, details)
            .await;
        self.settled(&permit, outcome).await
    }

    async fn change_person_once(
        &self,
        permit: &Permit<ManagePeople>,
        person: PersonId,
        version: FormVersion,
        details: PersonDetails,
    ) -> Result<(), Error<PersonRejection>> {
        let permit = self.again(permit).await.map_err(Error::widen)?;
        let filled_in = (
            &details.kind,
            &details.name,
            &details.email,
            &details.cell,
            &details.note,
        );
        let mut work = permit.work("change_person", &(person, version, filled_in))?;
        if let Some(before) = work.replay(self).await? {
            return Ok(before);
        }
        let scope = permit.scope();
        self.within_reach(&permit, person).await?;
        let read: Loaded<Person> = self.need(scope, person.as_uuid(), "person").await?;
        version.check(&read, "person")?;
        self.known_kind(&details.kind)?;
        self.free_for(scope, Some(person), details.email.as_ref(), None)
            .await?;
        let address = details.email.clone();
        let (next, events) = read.state.clone().change(details);
        if !events.is_empty() {
            work.replace(&read, &next)?;
        }
        work.note(events.iter().map(|e| audit_trail::person(person, e)));
        match work.commit_form(self, "person", ()).await {
            // Somebody else took the address in between.
            Err(Fault::Taken(claim)) => {
                self.free_for(scope, Some(person), address.as_ref(), None)
                    .await?;
                Err(Fault::Taken(claim).into())
            }
            other => Ok(other?),
        }
    }

    /// Reads a person, with the version that [`change_person`](Self::change_person) asks for.
    ///
    /// # Errors
    /// A [`Fault`], [`Fault::Unknown`] among them, which also answers for people whom the caller does
    /// not reach.
    pub async fn person(
        &self,
        permit: &Permit<ManagePeople>,
        person: PersonId,
    ) -> Result<Versioned<Person>, Fault> {
        let read: Loaded<Person> = self
            .need(permit.scope(), person.as_uuid(), "person")
            .await?;
        if !self.reaches(permit, person).await? {
            return Err(Fault::unknown("person"));
        }
        Ok(read.into())
    }

    /// Finds the person whom another system calls this, if the caller reaches them.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn person_by_reference(
        &self,
        permit: &Permit<ManagePeople>,
        reference: &PersonRef,
    ) -> Result<Option<Versioned<Person>>, Fault> {
        let claim = person_reference(permit.scope(), reference.as_str());
        let Some(found) = self.claimed::<Person>(&claim).await? else {
            return Ok(None);
        };
        let reached = self.reaches(permit, found.state.id).await?;
        Ok(reached.then(|| found.into()))
    }

    fn known_kind(&self, kind: &KindName) -> Result<(), Error<PersonRejection>> {
        match self.catalog().kind(kind) {
            Some(_) => Ok(()),
            None => Err(Error::Rejected(PersonRejection::UnknownKind {
                kind: kind.clone(),
            })),
        }
    }

    /// Refuses an address or reference that another person of the tenant has.
    async fn free_for(
        &self,
        scope: Scope,
        person: Option<PersonId>,
        email: Option<&EmailAddress>,
        reference: Option<&PersonRef>,
    ) -> Result<(), Error<PersonRejection>> {
        let other = |read: Option<Loaded<Person>>| {
            read.map(|read| read.state.id)
                .filter(|holder| Some(*holder) != person)
        };
        if let Some(email) = email
            && let Some(holder) = other(self.claimed(&person_address(scope, email)).await?)
        {
            let refused = PersonRejection::AddressOfAnotherPerson { holder };
            return Err(Error::Rejected(refused));
        }
        if let Some(reference) = reference
            && let Some(holder) = other(
                self.claimed(&person_reference(scope, reference.as_str()))
                    .await?,
            )
        {
            let refused = PersonRejection::ReferenceOfAnotherPerson { holder };
            return Err(Error::Rejected(refused));
        }
        Ok(())
    }

    /// Puts a new person, and a subject among those its creator is assigned where the catalog says
    /// so.
    fn record_into(
        &self,
        permit: &Permit<ManagePeople>,
        work: &mut Work,
        person: Person,
        data: DataAbout,
    ) -> Result<PersonId, Fault> {
        let (person, events) = person.record();
        let id = person.id;
        work.create(permit.scope(), &person)?;
        work.note(events.iter().map(|event| audit_trail::person(id, event)));
        if data == DataAbout::ThisPerson {
            self.attach_creator(permit, work, id.into())?;
        }
        Ok(id)
    }

    fn attach_creator(
        &self,
        permit: &Permit<ManagePeople>,
        work: &mut Work,
        subject: SubjectId,
    ) -> Result<(), Fault> {
        let actor = permit.actor();
        let Some(member) = &actor.member else {
            return Ok(());
        };
        let by = permit.principal();
        let made = Attachment::of_creator(&member.state, subject, self.catalog(), by, work.now);
        match made {
            Ok(Some((attachment, events))) => {
                work.create(permit.scope(), &attachment)?;
                work.note(events.iter().map(audit_trail::attachment));
                Ok(())
            }
            // The kind says whether creators are attached; where it cannot, the person stays alone.
            Ok(None) | Err(_) => Ok(()),
        }
    }

    /// The channels of an account's class; none where it has no class any more.
    pub(crate) fn channels_of(&self, account: &Account) -> Result<doorward_types::Channels, Fault> {
        match account.class() {
            Some(class) => Ok(self.class(class)?.channels().clone()),
            None => Ok(doorward_types::Channels::default()),
        }
    }
}
