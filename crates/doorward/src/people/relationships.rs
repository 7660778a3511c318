//! Relationships: how one person stands to a subject.

use doorward_access::{Attachment, Grant, Membership};
use doorward_identity::{AddRelationshipRejection, Link, Person, Relationship, RelationshipEnded};
use doorward_invitations::Invitation;
use doorward_storage::RecordKey;
use doorward_types::{DisplayName, PersonId, RelationshipId, Scope, SubjectId};
use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    Doorward, Error, Fault, FormVersion, ManagePeople, Permit, Versioned, audit_trail,
    record::{self, Loaded, key_of},
    stored::{
        access::{attachment_id, granted, person_member},
        identity::relationship_between,
        invitations::invitations_of,
    },
    together::both,
    work::{Committed, Tries, Work},
};

/// A relationship to be added.
#[derive(Clone, Debug, Serialize)]
pub struct NewRelationship {
    /// Whose.
    pub person: PersonId,
    /// To whom.
    pub subject: SubjectId,
    /// How: daughter, physician, case manager.
    pub label: DisplayName,
    /// Whether the person is assigned to the subject, or on record as a contact alone.
    pub link: Link,
}

/// Why a relationship was not added.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RelateRejection {
    /// The two stand to each other already.
    #[error("`{relationship}` relates the two already: change it instead")]
    AlreadyRelated {
        /// The relationship that holds.
        relationship: RelationshipId,
    },
    /// Person and subject are one.
    #[error(transparent)]
    Oneself(#[from] AddRelationshipRejection),
}

/// Why a relationship was not changed or ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RelationshipFormRejection {
    /// It is over.
    #[error(transparent)]
    Ended(#[from] RelationshipEnded),
}

impl Doorward {
    /// Adds a relationship (ALIS: "add the new contact first").
    ///
    /// # Errors
    /// [`RelateRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn add_relationship(
        &self,
        permit: Permit<ManagePeople>,
        new: NewRelationship,
    ) -> Result<RelationshipId, Error<RelateRejection>> {
        let outcome = self.add_relationship_once(&permit, &new).await;
        self.settled(&permit, outcome).await
    }

    async fn add_relationship_once(
        &self,
        permit: &Permit<ManagePeople>,
        new: &NewRelationship,
    ) -> Result<RelationshipId, Error<RelateRejection>> {
        let mut tries = Tries::default();
        loop {
            let scope = permit.scope();
            let work = permit.work("add_relationship", new)?;
            let keys = vec![
                key_of::<Person>(scope, new.person.as_uuid()),
                key_of::<Person>(scope, new.subject.person().as_uuid()),
            ];
            let (renewed, (before, (people, related))) = both(
                self.again(permit),
                both(
                    work.replay(self),
                    both(
                        self.records(keys),
                        self.relationship_of(scope, new.person, new.subject),
                    ),
                ),
            )
            .await;
            let permit = renewed.map_err(Error::widen)?;
            if let Some(before) = before? {
                return Ok(before);
            }
            let mut work = permit.work("add_relationship", new)?;
            let id = RelationshipId::made_at(work.now, self.random()?);
            let (relationship, events) = Relationship::add(
                id,
                new.person,
                new.subject,
                new.label.clone(),
                new.link,
                work.now,
            )
            .map_err(|oneself| Error::Rejected(oneself.into()))?;
            self.within_reach(&permit, new.subject.person()).await?;
            let mut people = people?;
            let unknown = |what| Fault::Unknown { what };
            let person = people.next::<Person>()?.ok_or(unknown("person"))?;
            let subject = people.next::<Person>()?.ok_or(unknown("subject"))?;
            if let Some(read) = related? {
                let relationship = read.state.id();
                let refused = RelateRejection::AlreadyRelated { relationship };
                return Err(Error::Rejected(refused));
            }
            work.guard(&person);
            work.guard(&subject);
            work.create(scope, &relationship)?;
            let drafts = events.iter();
            work.note(drafts.map(|event| audit_trail::relationship(&relationship, event)));
            if let Committed::Done(id) = work.commit(self, &mut tries, id).await? {
                return Ok(id);
            }
        }
    }

    /// Reads a relationship, with the version that its form asks for.
    ///
    /// # Errors
    /// A [`Fault`], [`Fault::Unknown`] among them.
    pub async fn relationship(
        &self,
        permit: &Permit<ManagePeople>,
        relationship: RelationshipId,
    ) -> Result<Versioned<Relationship>, Fault> {
        let id = relationship.as_uuid();
        let read: Loaded<Relationship> = self.need(permit.scope(), id, "relationship").await?;
        if !self.reaches(permit, read.state.subject().person()).await? {
            return Err(Fault::unknown("relationship"));
        }
        Ok(read.into())
    }

    /// Changes a relationship: a form. One that is no longer an assignment takes the reach that came
    /// with it at the next check.
    ///
    /// # Errors
    /// [`RelationshipFormRejection`], [`Denied`](crate::Denied) or a [`Fault`], [`Fault::Stale`]
    /// among them.
    pub async fn change_relationship(
        &self,
        permit: Permit<ManagePeople>,
        relationship: RelationshipId,
        version: FormVersion,
        label: DisplayName,
        link: Link,
    ) -> Result<(), Error<RelationshipFormRejection>> {
        let outcome = self
            .change_relationship_once(&permit, relationship, version, label, link)
            .await;
        self.settled(&permit, outcome).await
    }

    async fn change_relationship_once(
        &self,
        permit: &Permit<ManagePeople>,
        relationship: RelationshipId,
        version: FormVersion,
        label: DisplayName,
        link: Link,
    ) -> Result<(), Error<RelationshipFormRejection>> {
        let permit = self.again(permit).await.map_err(Error::widen)?;
        let arguments = (relationship, version, &label, link);
        let mut work = permit.work("change_relationship", &arguments)?;
        if let Some(before) = work.replay(self).await? {
            return Ok(before);
        }
        let id = relationship.as_uuid();
        let read: Loaded<Relationship> = self.need(permit.scope(), id, "relationship").await?;
        self.within_reach(&permit, read.state.subject().person())
            .await?;
        version.check(&read, "relationship")?;
        let (next, events) = read
            .state
            .clone()
            .change(label, link)
            .map_err(|ended| Error::Rejected(ended.into()))?;
        if !events.is_empty() {
            work.replace(&read, &next)?;
        }
        work.note(events.iter().map(|e| audit_trail::relationship(&next, e)));
        Ok(work.commit_form(self, "relationship", ()).await?)
    }

    /// Ends a relationship. The person's grant over the subject ends in the same commit, and they
    /// are no longer among those the person is assigned (design 6; ALIS: "if a family member is no
    /// longer involved in the resident's care").
    ///
    /// # Errors
    /// [`RelationshipFormRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn end_relationship(
        &self,
        permit: Permit<ManagePeople>,
        relationship: RelationshipId,
    ) -> Result<(), Error<RelationshipFormRejection>> {
        let outcome = self.end_relationship_once(&permit, relationship).await;
        self.settled(&permit, outcome).await
    }

    async fn end_relationship_once(
        &self,
        permit: &Permit<ManagePeople>,
        relationship: RelationshipId,
    ) -> Result<(), Error<RelationshipFormRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("end_relationship", &relationship)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let (scope, now) = (permit.scope(), work.now);
            let id = relationship.as_uuid();
            let read: Loaded<Relationship> = self.need(scope, id, "relationship").await?;
            self.within_reach(&permit, read.state.subject().person())
                .await?;
            let (next, events) = read
                .state
                .clone()
                .end(now)
                .map_err(|ended| Error::Rejected(ended.into()))?;
            work.replace(&read, &next)?;
            work.note(events.iter().map(|e| audit_trail::relationship(&next, e)));
            self.end_reach(scope, &mut work, &next, now).await?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Ends what the person's membership holds over the subject. One grant of a member and subject
    /// lives at a time, and giving one writes the relationship, so none slips in between.
    async fn end_reach(
        &self,
        scope: Scope,
        work: &mut Work,
        ended: &Relationship,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let (person, subject) = (ended.person(), ended.subject());
        // An accept joins with the grants of its offer and changes the invitation, so it and this
        // act cannot both go by what they read.
        let invitations = self
            .every::<Invitation>(&invitations_of(scope, person))
            .await?;
        let open = invitations.iter().filter(|read| read.state.is_open());
        open.for_each(|read| work.guard(read));
        let member = person_member(scope, person.as_bytes());
        let Some(member) = self.claimed::<Membership>(&member).await? else {
            return Ok(());
        };
        let id = member.state.id();
        if let Some(read) = self.claimed::<Grant>(&granted(scope, id, subject)).await?
            && let Ok((next, events)) = read.state.clone().end(now)
        {
            work.replace(&read, &next)?;
            work.note(events.iter().map(|e| audit_trail::grant(subject, e)));
        }
        if let Some(read) = self.attachment_of(scope, id, subject).await? {
            work.delete(&read);
            let events = read.state.detach();
            work.note(events.iter().map(audit_trail::attachment));
        }
        Ok(())
    }

    /// The relationship that holds between two people, if one does.
    pub(crate) async fn relationship_of(
        &self,
        scope: Scope,
        person: PersonId,
        subject: SubjectId,
    ) -> Result<Option<Loaded<Relationship>>, Fault> {
        let claim = relationship_between(scope, person, subject);
        self.claimed::<Relationship>(&claim).await
    }

    pub(crate) async fn attachment_of(
        &self,
        scope: Scope,
        member: doorward_types::MembershipId,
        subject: SubjectId,
    ) -> Result<Option<Loaded<Attachment>>, Fault> {
        let key: RecordKey = key_of::<Attachment>(scope, attachment_id(member, subject));
        let mut found = self.storage().get(&[key]).await?;
        found.pop().flatten().as_ref().map(record::read).transpose()
    }
}
