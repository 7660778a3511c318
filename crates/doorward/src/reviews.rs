//! Reviews: who can see this person's data, and why; and what a member can reach.
//!
//! A review is complete or an error: one member whose access cannot be told spoils it, because a
//! list that silently leaves somebody out is worse than none. It is worked out from the same tables
//! as a check, so both always say the same.

mod reasons;

use std::collections::{HashMap, HashSet};

use doorward_access::{
    Able, Attachment, Catalog, Grant, Held, Level, Mask, Membership, Permissions, Profile, Record,
    Relation, ReviewError, Sets, Source, Standing, SupportAccess, reach_of, who_can,
};
use doorward_audit::report::{HeldPermission, Why};
use doorward_identity::{Account, Person, Relationship, Status};
use doorward_storage::{Cursor, Limit};
use doorward_types::{
    AccountId, DisplayName, KindName, MembershipId, PersonId, Scope, SubjectId, SupportId,
};
use time::OffsetDateTime;

use crate::{
    Doorward, Error, Fault, Permit, ViewAccess,
    access_checks::{is_assignment, relationships_to, states},
    lists::{ProfileNames, called},
    record::Loaded,
    stored::access::{attachments_to, every, grants_over, members},
};

pub(crate) use self::reasons::Reasons;

/// Somebody who can do what was asked to a person's data, and why.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Viewer {
    /// The membership; `None` for support.
    pub membership: Option<MembershipId>,
    /// The account; `None` for support.
    pub account: Option<AccountId>,
    /// The opening, where it is the provider's support.
    pub support: Option<SupportId>,
    /// The tenant's record of the person, if there is one.
    pub person: Option<PersonId>,
    /// What the member is called.
    pub name: Option<DisplayName>,
    /// The kind of user; `None` for support.
    pub kind: Option<KindName>,
    /// How the data stands to them.
    pub relation: Relation,
    /// What a check answers as the reason.
    pub source: Source,
    /// Everything that gives it, by the names of today.
    pub why: Vec<Why>,
    /// The first instant at which it ends by itself, in UTC; `None` where it lasts.
    pub until: Option<OffsetDateTime>,
}

/// What a member can reach at one instant.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MemberReach {
    /// Whose reach it is.
    pub membership: MembershipId,
    /// The permissions over everybody's data.
    pub everybody: Vec<HeldPermission>,
    /// The permissions over the member's own data and work.
    pub own: Vec<HeldPermission>,
    /// The permissions over each person the member is assigned, by name.
    pub people: Vec<PersonReach>,
}

/// What a member can do to one person's data.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PersonReach {
    /// Whose data.
    pub subject: SubjectId,
    /// What that person is called.
    pub name: Option<DisplayName>,
    /// The permissions, each with what gives it.
    pub permissions: Vec<HeldPermission>,
}

impl Doorward {
    /// Lists everybody who can do this to a person's data now, in the order in which they joined,
    /// each with the reason; open support comes last. Several permissions mean all of them.
    ///
    /// Whose account is not active cannot sign in and is not listed.
    ///
    /// # Errors
    /// [`ReviewError`] where it cannot be told for one member, [`Fault::Unknown`] for a person of
    /// another tenant, [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn who_can_see<P: Permissions>(
        &self,
        permit: &Permit<ViewAccess>,
        subject: SubjectId,
        permissions: P,
    ) -> Result<Vec<Viewer>, Error<ReviewError>> {
        let asked = permissions.mask();
        let permit = self.again(permit).await.map_err(Error::widen)?;
        let (scope, now) = (permit.scope(), permit.now());
        let id = subject.person().as_uuid();
        self.need::<Person>(scope, id, "person").await?;
        let over = self.held_over(scope, subject).await?;
        let mut viewers = Vec::new();
        let mut cursor: Option<Cursor> = None;
        loop {
            let (read, next) = self
                .page::<Membership>(&members(scope), cursor.as_ref(), Limit::MAX)
                .await?;
            let some = self.viewers(&read, &over, subject, asked, now).await?;
            viewers.extend(some);
            match next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        let openings = self
            .every::<SupportAccess>(&every(scope, "support"))
            .await?;
        for opening in openings.iter().filter(|read| read.state.is_open(now)) {
            let standing = Standing::of_support(self.catalog(), &opening.state);
            let able = who_can(asked, &Record::of(subject), [&standing], now);
            for able in able.map_err(Error::Rejected)? {
                viewers.push(Viewer {
                    membership: None,
                    account: None,
                    support: Some(opening.state.id()),
                    person: None,
                    name: None,
                    kind: None,
                    relation: able.relation,
                    source: able.source,
                    why: vec![Why::Support],
                    until: opening.state.window().until(),
                });
            }
        }
        Ok(viewers)
    }

    async fn viewers(
        &self,
        read: &[Loaded<Membership>],
        over: &HeldOver,
        subject: SubjectId,
        asked: Mask,
        now: OffsetDateTime,
    ) -> Result<Vec<Viewer>, Error<ReviewError>> {
        let standings: Vec<Standing> = read
            .iter()
            .map(|member| over.standing(self.catalog(), &member.state, subject))
            .collect();
        let able = who_can(asked, &Record::of(subject), &standings, now);
        let able: HashMap<MembershipId, Able> = able
            .map_err(Error::Rejected)?
            .into_iter()
            .filter_map(|able| Some((able.membership?, able)))
            .collect();
        let listed = || {
            let pairs = read.iter().zip(&standings);
            pairs.filter_map(|(member, standing)| {
                let member = &member.state;
                Some((member, standing, able.get(&member.id())?))
            })
        };
        let accounts = self
            .accounts_of(listed().map(|(member, ..)| member.account()))
            .await?;
        let mut viewers = Vec::with_capacity(able.len());
        for (member, standing, able) in listed() {
            let account = accounts.get(&member.account());
            if account.map(Account::status) != Some(Status::Active) {
                continue;
            }
            let reasons = over.reasons(self.catalog(), Some(member));
            let why = reasons.of(standing, asked, able.relation, Some(subject), now);
            viewers.push(Viewer {
                membership: Some(member.id()),
                account: Some(member.account()),
                support: None,
                person: member.person(),
                name: called(member, account),
                kind: Some(member.kind().clone()),
                relation: able.relation,
                source: able.source,
                until: over.until(member, able, &why, now),
                why,
            });
        }
        Ok(viewers)
    }

    /// Lists what a member can reach now: over everybody, over their own, and over each person they
    /// are assigned.
    ///
    /// # Errors
    /// [`ReviewError`] where it cannot be told, [`Fault::Unknown`] for a member of another tenant,
    /// [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn reach_of(
        &self,
        permit: &Permit<ViewAccess>,
        member: MembershipId,
    ) -> Result<MemberReach, Error<ReviewError>> {
        let permit = self.again(permit).await.map_err(Error::widen)?;
        let (scope, now) = (permit.scope(), permit.now());
        let member = self
            .need::<Membership>(scope, member.as_uuid(), "member")
            .await?
            .state;
        let hanging = self.hanging_on(scope, &member).await?;
        let levels = states(&self.every::<Level>(&every(scope, "level")).await?);
        let standing = hanging.standing(self, &member, &levels);
        let extent = reach_of(&standing, now).map_err(Error::Rejected)?;
        let names = ProfileNames::of(&hanging.profiles);
        let reasons = Reasons {
            catalog: self.catalog(),
            levels: &levels,
            grants: &hanging.grants,
            profiles: &names,
            member: Some(&member),
        };
        let account = self
            .load::<Account>(Scope::Directory, member.account().as_uuid())
            .await?;
        let is_active = account.is_some_and(|account| account.state.status() == Status::Active);
        let mut reach = MemberReach {
            membership: member.id(),
            everybody: Vec::new(),
            own: Vec::new(),
            people: Vec::new(),
        };
        if !is_active {
            return Ok(reach);
        }
        reach.everybody = reasons.held(&standing, Relation::Other, None, now);
        let own = member.person().map(SubjectId::from);
        reach.own = reasons.held(&standing, Relation::Own, own, now);
        let ids = extent.people.iter().map(|(subject, _)| subject.person());
        let people = self
            .load_all::<Person>(scope, ids.map(|person| person.as_uuid()))
            .await?;
        let called: HashMap<PersonId, DisplayName> = people
            .into_iter()
            .map(|person| (person.state.id, person.state.name))
            .collect();
        let rows = extent.people.iter().map(|(subject, _)| PersonReach {
            subject: *subject,
            name: called.get(&subject.person()).cloned(),
            permissions: reasons.held(&standing, Relation::Assigned, Some(*subject), now),
        });
        reach.people = rows.collect();
        reach
            .people
            .sort_by_cached_key(|row| (row.name.as_ref().map(DisplayName::folded), row.subject));
        Ok(reach)
    }

    /// Reads what anybody holds over one subject, and the tenant's levels.
    async fn held_over(&self, scope: Scope, subject: SubjectId) -> Result<HeldOver, Fault> {
        let grants = states(&self.every::<Grant>(&grants_over(scope, subject)).await?);
        let profiles = self.every::<Profile>(&every(scope, "profile")).await?;
        let attached = self
            .every::<Attachment>(&attachments_to(scope, subject))
            .await?;
        let related = self
            .every::<Relationship>(&relationships_to(scope, subject))
            .await?;
        let linked = related.iter().filter(|read| is_assignment(&read.state));
        let profiles = states(&profiles);
        let mut by_member: HashMap<MembershipId, Vec<Grant>> = HashMap::new();
        for grant in &grants {
            let held = by_member.entry(grant.membership()).or_default();
            held.push(grant.clone());
        }
        Ok(HeldOver {
            levels: states(&self.every::<Level>(&every(scope, "level")).await?),
            names: ProfileNames::of(&profiles),
            profiles,
            grants,
            by_member,
            attached: attached
                .iter()
                .map(|read| read.state.membership())
                .collect(),
            assigned: linked.map(|read| read.state.person()).collect(),
        })
    }
}

/// What anybody holds over one subject.
struct HeldOver {
    levels: Vec<Level>,
    profiles: Vec<Profile>,
    names: ProfileNames,
    grants: Vec<Grant>,
    by_member: HashMap<MembershipId, Vec<Grant>>,
    attached: HashSet<MembershipId>,
    assigned: HashSet<PersonId>,
}

impl HeldOver {
    fn standing(&self, catalog: &Catalog, member: &Membership, subject: SubjectId) -> Standing {
        let assigned = [subject];
        let held = Held {
            sets: Sets {
                levels: &self.levels,
                profiles: &self.profiles,
            },
            grants: self.by_member.get(&member.id()).map_or(&[], Vec::as_slice),
            assigned: if self.is_assigned(member) {
                &assigned
            } else {
                &[]
            },
        };
        Standing::resolve(catalog, member, &held)
    }

    fn is_assigned(&self, member: &Membership) -> bool {
        let by_person = member.person();
        self.attached.contains(&member.id())
            || by_person.is_some_and(|person| self.assigned.contains(&person))
    }

    fn reasons<'a>(&'a self, catalog: &'a Catalog, member: Option<&'a Membership>) -> Reasons<'a> {
        Reasons {
            catalog,
            levels: &self.levels,
            grants: &self.grants,
            profiles: &self.names,
            member,
        }
    }

    /// When it ends by itself: with the membership, or before that with the grant, where the grant
    /// alone gives the permission or the reach.
    fn until(
        &self,
        member: &Membership,
        able: &Able,
        why: &[Why],
        now: OffsetDateTime,
    ) -> Option<OffsetDateTime> {
        let needs_grant = why.iter().all(|why| matches!(why, Why::Profile(_)))
            || (able.relation == Relation::Assigned && !self.is_assigned(member));
        let mut grants = self.by_member.get(&member.id()).into_iter().flatten();
        let live = |grant: &&Grant| grant.is_active() && grant.window().contains(now);
        let granted = grants
            .find(live)
            .filter(|_| needs_grant)
            .and_then(|grant| grant.window().until());
        [granted, member.window().until()]
            .into_iter()
            .flatten()
            .min()
    }
}
