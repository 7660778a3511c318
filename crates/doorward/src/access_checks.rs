//! Checks: what a caller may do, read fresh and answered with its reason.
//!
//! A check never guesses: it reads account, membership, levels, grants and assignments as they are
//! now, so "disable access" holds at the next one (ALIS: "Immediately revoke the user's ability to
//! log in").

use doorward_access::{
    Attachment, Availability, Decision, Explanation, Grant, Held, Level, Mask, Membership,
    Permissions, Profile, Record, Relation, Sets, Standing,
};
use doorward_identity::{Link, Relationship};
use doorward_types::{Channel, FeatureName, MembershipId, PersonId, Scope, SubjectId, TenantId};
use time::OffsetDateTime;

use crate::{
    Caller, Doorward, Error, Fault, Never, Permit, ViewAccess,
    record::Loaded,
    stored::{
        access::{attachment_id, attachments_of, every, exactly, grants_of},
        identity::relationship_between,
    },
};

/// What a caller holds, read once: a host asks it as often as one request needs, and reads it anew
/// for the next one.
///
/// It is a snapshot: what is changed after [`taken_at`](Self::taken_at) does not show in it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Snapshot {
    door: Doorward,
    standing: Standing,
    channel: Channel,
    tenant: TenantId,
    taken_at: OffsetDateTime,
}

impl Snapshot {
    /// Decides whether the caller may do this to the record, with the reason.
    ///
    /// New work is asked for as [`Record::of`] its subject, without an owner: nobody owns yet what
    /// does not exist, so new work on an unassigned client is refused where access is limited to
    /// assigned ones (Kalix "Access Only Assigned Clients", design 9.4).
    pub fn check<P: Permissions>(&self, permissions: P, record: &Record) -> Decision {
        self.standing
            .check_record(permissions, record, self.taken_at)
    }

    /// Returns what the caller's surface shows of a feature, on the channel of the session.
    pub fn availability(&self, feature: &FeatureName) -> Availability {
        let catalog = self.door.catalog();
        self.standing
            .availability(catalog, feature, self.channel, self.taken_at)
    }

    /// Returns what the caller's surface shows of each feature of the catalog, by name.
    #[must_use]
    pub fn menu(&self) -> Vec<(FeatureName, Availability)> {
        let features = self.door.catalog().features();
        features
            .map(|feature| (feature.name().clone(), self.availability(feature.name())))
            .collect()
    }

    /// Returns every permission over records of this relation, and over this subject: one mask for
    /// a whole list.
    #[must_use]
    pub fn permissions_over(&self, relation: Relation, subject: Option<SubjectId>) -> Mask {
        self.standing
            .permissions_over(relation, subject, self.taken_at)
    }

    /// Returns the people the caller is assigned: attached, assigned by a relationship, or under a
    /// grant that holds now. A host narrows its own lists to them.
    #[must_use]
    pub fn assigned(&self) -> Vec<SubjectId> {
        self.standing.assigned(self.taken_at)
    }

    /// Returns the resolved standing, for questions with relations of the host's own.
    #[must_use]
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Returns the tenant.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Returns the instant at which it was read, in UTC.
    #[must_use]
    pub const fn taken_at(&self) -> OffsetDateTime {
        self.taken_at
    }
}

impl Doorward {
    /// Reads what the caller holds, once for a request.
    ///
    /// Support has no channel of its own and no hidden features: it is shown what the portal shows.
    ///
    /// # Errors
    /// [`Denied`](crate::Denied) where the session is over or support is not let in, or a
    /// [`Fault`].
    pub async fn standing(&self, caller: impl Into<Caller>) -> Result<Snapshot, Error<Never>> {
        let caller = caller.into();
        let actor = self.actor(&caller).await?;
        let standing = match &actor.member {
            None => actor.standing,
            Some(member) => {
                let scope = Scope::Tenant(actor.tenant);
                let hanging = self.hanging_on(scope, &member.state).await?;
                hanging.standing(self, &member.state, &states(&actor.levels))
            }
        };
        Ok(Snapshot {
            door: self.clone(),
            standing,
            channel: channel_of(&caller),
            tenant: actor.tenant,
            taken_at: actor.now,
        })
    }

    /// Decides whether the caller may do this to the record now, with the reason.
    ///
    /// It reads less than [`standing`](Self::standing): of the assignments, those to the record's
    /// subject alone. Nothing is noted in the audit log; what the host then does is the host's to
    /// note.
    ///
    /// # Errors
    /// [`Denied`](crate::Denied) where the session is over or support is not let in, or a
    /// [`Fault`]. A permission that is not held is no error: see [`Decision`].
    pub async fn check<P: Permissions>(
        &self,
        caller: impl Into<Caller>,
        permissions: P,
        record: &Record,
    ) -> Result<Decision, Error<Never>> {
        let asked = permissions.mask();
        let actor = self.actor(&caller.into()).await?;
        let standing = match &actor.member {
            None => actor.standing,
            Some(member) => {
                let scope = Scope::Tenant(actor.tenant);
                let member = &member.state;
                let hanging = match record.subject() {
                    Some(subject) => self.hanging_over(scope, member, subject).await?,
                    None => Hanging::default(),
                };
                hanging.standing(self, member, &states(&actor.levels))
            }
        };
        Ok(standing.check_record(asked, record, actor.now))
    }

    /// Returns what the caller's surface shows of a feature, on the channel of the session
    /// (HomeTrak: "disabled and grayed out"; "completely removed from the user interface").
    ///
    /// # Errors
    /// [`Denied`](crate::Denied) where the session is over or support is not let in, or a
    /// [`Fault`].
    pub async fn availability(
        &self,
        caller: impl Into<Caller>,
        feature: &FeatureName,
    ) -> Result<Availability, Error<Never>> {
        Ok(self.standing(caller).await?.availability(feature))
    }

    /// Explains to an administrator whether a member may do this to the record, and for a denial
    /// every single change that would allow it.
    ///
    /// # Errors
    /// [`Fault::Unknown`] for a member of another tenant, [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn explain<P: Permissions>(
        &self,
        permit: &Permit<ViewAccess>,
        member: MembershipId,
        permissions: P,
        record: &Record,
    ) -> Result<Explanation, Error<Never>> {
        let asked = permissions.mask();
        let permit = self.again(permit).await?;
        let scope = permit.scope();
        let member: Loaded<Membership> = self.need(scope, member.as_uuid(), "member").await?;
        let hanging = self.hanging_on(scope, &member.state).await?;
        // Remedies name any level and profile of the tenant, not those alone that are held.
        let levels = states(&self.every::<Level>(&every(scope, "level")).await?);
        let profiles = states(&self.every::<Profile>(&every(scope, "profile")).await?);
        let held = Held {
            sets: Sets {
                levels: &levels,
                profiles: &profiles,
            },
            grants: &hanging.grants,
            assigned: &hanging.assigned,
        };
        let explained = doorward_access::explain(
            self.catalog(),
            &member.state,
            &held,
            asked,
            record,
            permit.now(),
        );
        Ok(explained)
    }

    /// Reads everything that hangs on a member.
    pub(crate) async fn hanging_on(
        &self,
        scope: Scope,
        member: &Membership,
    ) -> Result<Hanging, Fault> {
        let grants = self.every::<Grant>(&grants_of(scope, member.id())).await?;
        let attached = self
            .every::<Attachment>(&attachments_of(scope, member.id()))
            .await?;
        let mut assigned: Vec<SubjectId> = attached
            .iter()
            .map(|attachment| attachment.state.subject())
            .collect();
        if let Some(person) = member.person() {
            let related = self
                .every::<Relationship>(&relationships_of(scope, person))
                .await?;
            let linked = related.iter().filter(|read| is_assignment(&read.state));
            assigned.extend(linked.map(|read| read.state.subject()));
        }
        self.hanging(scope, states(&grants), assigned).await
    }

    /// Reads what hangs on a member over one subject.
    pub(crate) async fn hanging_over(
        &self,
        scope: Scope,
        member: &Membership,
        subject: SubjectId,
    ) -> Result<Hanging, Fault> {
        let grants = self.every::<Grant>(&grants_of(scope, member.id())).await?;
        let over = grants
            .into_iter()
            .map(|grant| grant.state)
            .filter(|grant| grant.subject() == subject);
        let grants: Vec<Grant> = over.collect();
        let key = crate::record::key_of::<Attachment>(scope, attachment_id(member.id(), subject));
        let mut found = self.storage().get(&[key]).await?;
        let mut assigned = found.pop().flatten().is_some();
        if let Some(person) = member.person().filter(|_| !assigned) {
            let between = relationship_between(scope, person, subject);
            let related = self.claimed::<Relationship>(&between).await?;
            assigned = related.is_some_and(|related| is_assignment(&related.state));
        }
        let assigned = Vec::from_iter(assigned.then_some(subject));
        self.hanging(scope, grants, assigned).await
    }

    async fn hanging(
        &self,
        scope: Scope,
        grants: Vec<Grant>,
        assigned: Vec<SubjectId>,
    ) -> Result<Hanging, Fault> {
        let mut profiles: Vec<_> = grants.iter().map(Grant::profile).collect();
        profiles.sort_unstable();
        profiles.dedup();
        let profiles = self
            .load_all::<Profile>(scope, profiles.iter().map(|profile| profile.as_uuid()))
            .await?;
        Ok(Hanging {
            grants,
            profiles: states(&profiles),
            assigned,
        })
    }
}

/// What hangs on a member: grants with their profiles, and whom the member is assigned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hanging {
    pub(crate) grants: Vec<Grant>,
    pub(crate) profiles: Vec<Profile>,
    pub(crate) assigned: Vec<SubjectId>,
}

impl Hanging {
    pub(crate) fn standing(
        &self,
        door: &Doorward,
        member: &Membership,
        levels: &[Level],
    ) -> Standing {
        let held = Held {
            sets: Sets {
                levels,
                profiles: &self.profiles,
            },
            grants: &self.grants,
            assigned: &self.assigned,
        };
        Standing::resolve(door.catalog(), member, &held)
    }
}

/// The states alone, where versions do not matter.
pub(crate) fn states<T: Clone>(read: &[Loaded<T>]) -> Vec<T> {
    read.iter().map(|read| read.state.clone()).collect()
}

/// Tells whether a relationship puts its subject among the assigned.
pub(crate) fn is_assignment(relationship: &Relationship) -> bool {
    relationship.is_current() && relationship.link() == Link::Assigned
}

pub(crate) fn relationships_of(scope: Scope, person: PersonId) -> doorward_storage::Range {
    exactly(scope, "relationship_by_person", &[person.as_bytes()])
}

pub(crate) fn relationships_to(scope: Scope, subject: SubjectId) -> doorward_storage::Range {
    exactly(
        scope,
        "relationship_by_subject",
        &[subject.person().as_bytes()],
    )
}

const fn channel_of(caller: &Caller) -> Channel {
    match caller {
        Caller::Session(session) => session.channel,
        Caller::Support { .. } => Channel::Portal,
    }
}
