//! The Connect Center: residents, their contacts, and who of them has access (ALIS).

use std::collections::HashMap;

use doorward_access::{Grant, Level, Membership, Profile};
use doorward_audit::report::AccessStatus;
use doorward_identity::{Account, Link, Person, Relationship};
use doorward_invitations::Invitation;
use doorward_storage::Limit;
use doorward_types::{
    AccountId, DisplayName, EmailAddress, GrantId, KindName, MembershipId, PersonId, ProfileId,
    RelationshipId, Scope, SubjectId, UserName,
};
use time::OffsetDateTime;

use super::{Facts, InvitationRow, Page, PageMark, ProfileNames};
use crate::{
    Doorward, Error, Fault, Never, Permit, ViewAccess,
    access_checks::{Hanging, relationships_to, states},
    stored::{
        access::{beginning, every, person_member},
        invitations::invitations_of,
    },
};

/// One person over one resident's data: the resident, or one of their contacts.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ContactRow {
    /// The person.
    pub person: PersonId,
    /// What the person is called.
    pub name: DisplayName,
    /// The address on the person's record.
    pub email: Option<EmailAddress>,
    /// How the person stands to the resident: daughter, physician. `None` for the resident.
    pub relation: Option<DisplayName>,
    /// The relationship on record, if there is one.
    pub relationship: Option<RelationshipId>,
    /// Whether that counts as an assignment.
    pub link: Option<Link>,
    /// How the person stands to the resident's data (ALIS: "'Invited' status", "'Connected'").
    pub status: AccessStatus,
    /// The membership, if there is one.
    pub membership: Option<MembershipId>,
    /// The account, if there is one.
    pub account: Option<AccountId>,
    /// The address that signs in or gets mail (ALIS "Connect Email").
    pub account_email: Option<EmailAddress>,
    /// The name the person signs in by (ALIS "Username").
    pub user_name: Option<UserName>,
    /// The profile granted over the resident's data, by the name it has today.
    pub profile: Option<(ProfileId, DisplayName)>,
    /// The grant it is held by.
    pub grant: Option<GrantId>,
    /// The first instant at which the grant no longer holds, if it ends.
    pub granted_until: Option<OffsetDateTime>,
    /// The last invitation to the resident's data.
    pub invitation: Option<InvitationRow>,
}

/// A resident with everybody on record for them: a row of the Connect Center, and the whole of the
/// page "Manage ALIS Connect Access".
#[derive(Clone, Debug)]
pub struct ResidentAccess {
    /// Whose data.
    pub subject: SubjectId,
    /// The resident's own access (ALIS: "the Send Invite button in the Resident Access column").
    pub resident: ContactRow,
    /// The contacts, by name: those on record, and others who hold a grant over the data.
    pub contacts: Vec<ContactRow>,
}

impl Doorward {
    /// Lists the people of a kind with their contacts and the access of each: the Connect Center's
    /// access tab, by name.
    ///
    /// # Errors
    /// [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn access_rows(
        &self,
        permit: &Permit<ViewAccess>,
        kind: &KindName,
        after: Option<&PageMark>,
        limit: Limit,
    ) -> Result<Page<ResidentAccess>, Error<Never>> {
        let permit = self.again(permit).await?;
        let (scope, now) = (permit.scope(), permit.now());
        let range = beginning(scope, "person_by_kind", &[kind.as_str().as_bytes()]);
        let (people, next) = self
            .page::<Person>(&range, after.map(PageMark::cursor), limit)
            .await?;
        let sets = self.sets_of(scope).await?;
        let mut rows = Vec::with_capacity(people.len());
        for person in people {
            rows.push(self.resident(scope, &sets, person.state, now).await?);
        }
        Ok(Page::new(rows, next))
    }

    /// Reads the access page of one resident (ALIS "Manage ALIS Connect Access": "review the list
    /// of contacts").
    ///
    /// # Errors
    /// [`Fault::Unknown`] for a person of another tenant, [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn resident_access(
        &self,
        permit: &Permit<ViewAccess>,
        subject: SubjectId,
    ) -> Result<ResidentAccess, Error<Never>> {
        let permit = self.again(permit).await?;
        let (scope, now) = (permit.scope(), permit.now());
        let id = subject.person().as_uuid();
        let person = self.need::<Person>(scope, id, "person").await?;
        let sets = self.sets_of(scope).await?;
        Ok(self.resident(scope, &sets, person.state, now).await?)
    }

    async fn resident(
        &self,
        scope: Scope,
        sets: &TenantSets,
        person: Person,
        now: OffsetDateTime,
    ) -> Result<ResidentAccess, Fault> {
        let subject = SubjectId::from(person.id);
        let related = self
            .every::<Relationship>(&relationships_to(scope, subject))
            .await?;
        let current = related.into_iter().map(|read| read.state);
        let related: Vec<Relationship> = current.filter(Relationship::is_current).collect();
        let people = self
            .load_all::<Person>(scope, related.iter().map(|it| it.person().as_uuid()))
            .await?;
        let mut people: HashMap<PersonId, Person> = people
            .into_iter()
            .map(|read| (read.state.id, read.state))
            .collect();
        let mut contacts = Vec::with_capacity(related.len());
        for relationship in &related {
            let Some(person) = people.remove(&relationship.person()) else {
                continue;
            };
            let known = self.known(scope, sets, person).await?;
            contacts.push(known.row(subject, Some(relationship), sets, now));
        }
        let held = self.holders_beside(scope, subject, &related).await?;
        for person in held {
            let known = self.known(scope, sets, person).await?;
            contacts.push(known.row(subject, None, sets, now));
        }
        contacts.sort_by_cached_key(|row| (row.name.folded(), row.person));
        let known = self.known(scope, sets, person).await?;
        Ok(ResidentAccess {
            subject,
            resident: known.row(subject, None, sets, now),
            contacts,
        })
    }

    /// The people who hold a grant over the subject and are not on record for them.
    async fn holders_beside(
        &self,
        scope: Scope,
        subject: SubjectId,
        related: &[Relationship],
    ) -> Result<Vec<Person>, Fault> {
        let range = crate::stored::access::grants_over(scope, subject);
        let grants = self.every::<Grant>(&range).await?;
        let active = grants.iter().filter(|grant| grant.state.is_active());
        let members = active.map(|grant| grant.state.membership().as_uuid());
        let members = self.load_all::<Membership>(scope, members).await?;
        let mut others: Vec<PersonId> = members
            .iter()
            .filter(|member| !member.state.is_removed())
            .filter_map(|member| member.state.person())
            .filter(|person| *person != subject.person())
            .filter(|person| related.iter().all(|other| other.person() != *person))
            .collect();
        others.sort_unstable();
        others.dedup();
        let people = self
            .load_all::<Person>(scope, others.iter().map(|person| person.as_uuid()))
            .await?;
        Ok(states(&people))
    }

    pub(super) async fn sets_of(&self, scope: Scope) -> Result<TenantSets, Fault> {
        let levels = self.every::<Level>(&every(scope, "level")).await?;
        let profiles = self.every::<Profile>(&every(scope, "profile")).await?;
        let profiles = states(&profiles);
        Ok(TenantSets {
            levels: states(&levels),
            names: ProfileNames::of(&profiles),
        })
    }

    async fn known(&self, scope: Scope, sets: &TenantSets, person: Person) -> Result<Known, Fault> {
        let claim = person_member(scope, person.id.as_bytes());
        let member = self.claimed::<Membership>(&claim).await?;
        let invitations = self
            .every::<Invitation>(&invitations_of(scope, person.id))
            .await?;
        let (mut account, mut hanging, mut standing) = (None, Hanging::default(), None);
        if let Some(member) = &member {
            let id = member.state.account().as_uuid();
            account = self.load::<Account>(Scope::Directory, id).await?;
            hanging = self.hanging_on(scope, &member.state).await?;
            standing = Some(hanging.standing(self, &member.state, &sets.levels));
        }
        Ok(Known {
            person,
            member: member.map(|member| member.state),
            account: account.map(|account| account.state),
            invitations: states(&invitations),
            hanging,
            standing,
        })
    }
}

/// The levels of a tenant, and the names of its profiles: few, so they are read once a list.
#[derive(Clone, Debug, Default)]
pub(super) struct TenantSets {
    pub(super) levels: Vec<Level>,
    pub(super) names: ProfileNames,
}

struct Known {
    person: Person,
    member: Option<Membership>,
    account: Option<Account>,
    invitations: Vec<Invitation>,
    hanging: Hanging,
    standing: Option<doorward_access::Standing>,
}

impl Known {
    fn facts(&self, now: OffsetDateTime) -> Facts<'_> {
        Facts {
            member: self.member.as_ref(),
            account: self.account.as_ref(),
            invitations: self.invitations.iter().collect(),
            grants: &self.hanging.grants,
            standing: self.standing.as_ref(),
            now,
        }
    }

    fn row(
        &self,
        subject: SubjectId,
        relationship: Option<&Relationship>,
        sets: &TenantSets,
        now: OffsetDateTime,
    ) -> ContactRow {
        let facts = self.facts(now);
        let grant = facts.grant_over(subject).filter(|grant| grant.is_active());
        let account = self.account.as_ref();
        let profile = grant.map(Grant::profile);
        ContactRow {
            person: self.person.id,
            name: self.person.name.clone(),
            email: self.person.email.clone(),
            relation: relationship.map(|it| it.label().clone()),
            relationship: relationship.map(Relationship::id),
            link: relationship.map(Relationship::link),
            status: facts.status_over(subject),
            membership: self.member.as_ref().map(Membership::id),
            account: self.member.as_ref().map(Membership::account),
            account_email: account
                .and_then(Account::address)
                .map(|address| address.as_email().clone()),
            user_name: account
                .and_then(Account::user_name)
                .map(|own| own.name.clone()),
            profile: profile.and_then(|id| Some((id, sets.names.name(id)?))),
            grant: grant.map(Grant::id),
            granted_until: grant.and_then(|grant| grant.window().until()),
            invitation: facts
                .invitation_over(subject)
                .map(|invitation| InvitationRow::of(invitation, None, now)),
        }
    }
}
