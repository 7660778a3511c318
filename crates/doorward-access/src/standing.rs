//! Standings: a member resolved once, to be asked many times.
//!
//! In order: [`Held`], the records that go in; [`Standing`] with resolving, checks, relation,
//! availability, menus and authority. How a reason is found is in `reason`.

mod reason;

use doorward_types::{
    AccountId, Channel, FeatureName, GrantId, LevelId, MembershipId, PersonId, ProfileId,
    SubjectId, Window,
};
use time::OffsetDateTime;

use crate::{
    Administration, Authority, Availability, Catalog, Decision, Denial, Gives, Grant, Mask,
    Membership, MembershipStatus, Missing, Owner, Permissions, Planes, Reach, Record, Relation,
    Sets, Source, SupportAccess, SwitchRef, Verdict,
    composition::{Parts, Power},
    planes::Withdrawal,
};

/// The records that hang on a membership, for resolving it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Held<'a> {
    /// The levels and profiles that the member holds.
    pub sets: Sets<'a>,
    /// The member's grants.
    pub grants: &'a [Grant],
    /// The people the member is assigned: attachments, and relationships of the assigned sort.
    pub assigned: &'a [SubjectId],
}

/// A member of a tenant, resolved: what they hold, over whom, and from where.
///
/// Resolve it from fresh records for each request; it is a snapshot and never changes. Checks then
/// allocate nothing: each is an AND on one plane, and the reason is found among the few sources.
///
/// ```text
///   membership + levels ──resolve──> Standing ──check(permission, record, now)──> Decision
///   grants, attachments ─╯               ╰──availability, authority, permissions_over
/// ```
///
/// The program at the top of the crate resolves one.
#[derive(Clone, Debug)]
pub struct Standing {
    effective: Planes,
    window: Window,
    gate: Gate,
    missing: Option<LevelId>,
    gives: Gives,
    unrestricted: bool,
    membership: Option<MembershipId>,
    account: Option<AccountId>,
    person: Option<PersonId>,
    ceiling: Planes,
    held: Planes,
    sources: Box<[(Source, Planes)]>,
    taken: Box<[(SwitchRef, Withdrawal)]>,
    assigned: Box<[SubjectId]>,
    grants: Box<[HeldGrant]>,
    hidden: Box<[FeatureName]>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Gate {
    Open,
    Disabled,
    Removed,
    Undecided(Missing),
}

#[derive(Clone, Debug)]
struct HeldGrant {
    subject: SubjectId,
    id: GrantId,
    window: Window,
    over: bool,
    held: Planes,
    effective: Planes,
    missing: Option<ProfileId>,
}

impl Standing {
    /// Resolves a member. Nothing fails here: what the catalog does not know, and levels or profiles
    /// that were not given, leave the checks that depend on them undecided.
    #[must_use]
    pub fn resolve(catalog: &Catalog, membership: &Membership, held: &Held<'_>) -> Self {
        let mut standing = Self {
            membership: Some(membership.id()),
            account: Some(membership.account()),
            person: membership.person(),
            hidden: membership.hidden().iter().cloned().collect(),
            ..Self::closed(*membership.window())
        };
        standing.gate = match membership.status() {
            MembershipStatus::Active => Gate::Open,
            MembershipStatus::Disabled { .. } => Gate::Disabled,
            MembershipStatus::Removed { .. } => Gate::Removed,
        };
        match Parts::of(catalog, &membership.combination(), &held.sets) {
            Ok(parts) => standing.fill(catalog, parts, held),
            Err(missing) if standing.gate == Gate::Open => {
                standing.gate = Gate::Undecided(missing);
            }
            Err(_) => {}
        }
        standing
    }

    /// Resolves the provider's support inside an opening: it holds what the catalog opens to support,
    /// from tick to tick + 7 d, and nothing where the catalog opens nothing.
    #[must_use]
    pub fn of_support(catalog: &Catalog, support: &SupportAccess) -> Self {
        let mut standing = Self::closed(*support.window());
        if support.is_revoked() {
            standing.gate = Gate::Removed;
            return standing;
        }
        standing.gate = Gate::Open;
        let held = catalog.support().copied().unwrap_or_default();
        standing.effective = held;
        standing.held = held;
        standing.ceiling = held;
        standing.sources = Box::new([(Source::Support(support.id()), held)]);
        standing
    }

    fn closed(window: Window) -> Self {
        Self {
            effective: Planes::EMPTY,
            window,
            gate: Gate::Removed,
            missing: None,
            gives: Gives::Held,
            unrestricted: false,
            membership: None,
            account: None,
            person: None,
            ceiling: Planes::EMPTY,
            held: Planes::EMPTY,
            sources: Box::default(),
            taken: Box::default(),
            assigned: Box::default(),
            grants: Box::default(),
            hidden: Box::default(),
        }
    }

    fn fill(&mut self, catalog: &Catalog, parts: Parts, held: &Held<'_>) {
        self.effective = parts.within(parts.held);
        let sources = parts
            .sources
            .iter()
            .map(|(source, held)| (*source, parts.within(*held)));
        self.sources = sources.collect();
        let mine = |grant: &&Grant| Some(grant.membership()) == self.membership;
        let mut grants: Vec<HeldGrant> = held
            .grants
            .iter()
            .filter(mine)
            .map(|grant| {
                let profile = held.sets.profile(grant.profile());
                let planes = profile.map(|profile| catalog.planes(profile.permissions()).lent());
                let planes = planes.unwrap_or_default();
                HeldGrant {
                    subject: grant.subject(),
                    id: grant.id(),
                    window: *grant.window(),
                    over: !grant.is_active(),
                    held: planes,
                    effective: parts.within(planes),
                    missing: profile.is_none().then(|| grant.profile()),
                }
            })
            .collect();
        grants.sort_by_key(|grant| (grant.subject, grant.id));
        self.grants = grants.into();
        let mut assigned = held.assigned.to_vec();
        assigned.sort_unstable();
        assigned.dedup();
        self.assigned = assigned.into();
        self.held = parts.held;
        self.ceiling = parts.ceiling;
        self.gives = parts.gives;
        self.unrestricted = parts.unrestricted;
        self.missing = parts.missing;
        self.taken = parts.taken.into();
    }

    /// Decides whether the member may do this to such a record, with the reason. A host that keeps
    /// relations itself passes the relation as a fact; grants over a single subject are not looked at
    /// then.
    #[inline]
    pub fn check<P: Permissions>(
        &self,
        permissions: P,
        relation: Relation,
        now: OffsetDateTime,
    ) -> Decision {
        self.decide(permissions.mask(), relation, None, now)
    }

    /// Decides whether the member may do this to this record, with the reason: the relation is
    /// computed from facts, and grants over its subject count.
    #[inline]
    pub fn check_record<P: Permissions>(
        &self,
        permissions: P,
        record: &Record,
        now: OffsetDateTime,
    ) -> Decision {
        self.decide(
            permissions.mask(),
            self.relation(record, now),
            record.subject(),
            now,
        )
    }

    /// Decides as [`check`](Self::check) does, without the reason.
    #[inline]
    pub fn verdict<P: Permissions>(
        &self,
        permissions: P,
        relation: Relation,
        now: OffsetDateTime,
    ) -> Verdict {
        let asked = permissions.mask();
        let open = self.gate == Gate::Open && self.window.contains(now) && !asked.is_empty();
        if open && self.effective.at(relation.reach()).contains(asked) {
            return Verdict::Allow;
        }
        self.decide(asked, relation, None, now).verdict()
    }

    /// Decides whether the member may do an act of administration in the tenant.
    pub fn may(&self, catalog: &Catalog, act: Administration, now: OffsetDateTime) -> Decision {
        match catalog.needed_for(act) {
            Some(needs) => self.check(needs, Relation::Other, now),
            None => self
                .closed_at(now)
                .unwrap_or(Decision::Deny(Denial::NeverGranted)),
        }
    }

    /// Returns whose data the record is: the narrowest relation that holds. Own is what the member
    /// owns or is the subject of; assigned is what is about somebody attached to them, or over whom
    /// they have a live grant.
    #[must_use]
    pub fn relation(&self, record: &Record, now: OffsetDateTime) -> Relation {
        let subject = record.subject();
        let owns = record.owner().is_some_and(|owner| match owner {
            Owner::Account(account) => self.account == Some(account),
            Owner::Membership(membership) => self.membership == Some(membership),
            Owner::Person(person) => self.person == Some(person),
        });
        let is_subject = subject.is_some_and(|subject| self.person == Some(subject.person()));
        if owns || is_subject {
            return Relation::Own;
        }
        let assigned = subject.is_some_and(|subject| {
            self.assigned.binary_search(&subject).is_ok()
                || self.grants_over(subject).any(|grant| grant.is_live(now))
        });
        if assigned {
            Relation::Assigned
        } else {
            Relation::Other
        }
    }

    /// Returns what a surface shows of a feature. The member's hidden list applies to the desktop
    /// alone and never changes a decision; an area that is switched off is hidden on every channel.
    pub fn availability(
        &self,
        catalog: &Catalog,
        feature: &FeatureName,
        channel: Channel,
        now: OffsetDateTime,
    ) -> Availability {
        let Some(declared) = catalog.feature(feature) else {
            return Availability::Hidden;
        };
        if channel == Channel::Desktop && self.hidden.contains(feature) {
            return Availability::Hidden;
        }
        let mut held = self.effective.at(Reach::Own);
        for grant in self.grants.iter().filter(|grant| grant.is_live(now)) {
            held |= grant.effective.at(Reach::Own);
        }
        if self.closed_at(now).is_none() && held.meets(declared.needs()) {
            Availability::Enabled
        } else {
            declared.otherwise()
        }
    }

    /// Returns what the member holds over records of this relation: one mask for a whole menu. Empty
    /// where no access is open.
    #[must_use]
    pub fn permissions_over(
        &self,
        relation: Relation,
        subject: Option<SubjectId>,
        now: OffsetDateTime,
    ) -> Mask {
        if self.closed_at(now).is_some() {
            return Mask::EMPTY;
        }
        self.effective_over(subject, now).at(relation.reach())
    }

    /// Returns what the member may give, at this instant.
    #[must_use]
    pub fn authority(&self, now: OffsetDateTime) -> Authority {
        match self.membership {
            Some(membership) if self.closed_at(now).is_none() => {
                let (planes, gives) = (self.effective, self.gives);
                let power = Power {
                    planes,
                    gives,
                    unrestricted: self.unrestricted,
                };
                Authority::of(membership, &power)
            }
            _ => Authority::nothing(),
        }
    }

    /// Returns the membership; `None` for support.
    #[must_use]
    pub const fn membership(&self) -> Option<MembershipId> {
        self.membership
    }

    /// Returns what the member holds without grants, after the whole composition.
    #[must_use]
    pub const fn effective(&self) -> &Planes {
        &self.effective
    }

    /// Returns the people the member is assigned: attached, or under a live grant. Each once, in order.
    #[must_use]
    pub fn assigned(&self, now: OffsetDateTime) -> Vec<SubjectId> {
        let live = self.grants.iter().filter(|grant| grant.is_live(now));
        let mut all: Vec<_> = live
            .map(|grant| grant.subject)
            .chain(self.assigned.iter().copied())
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Returns everything that gives this permission over such a record, each of which alone would;
    /// nothing where no access is open.
    #[must_use]
    pub fn sources<P: Permissions>(
        &self,
        permissions: P,
        relation: Relation,
        subject: Option<SubjectId>,
        now: OffsetDateTime,
    ) -> Vec<Source> {
        let (asked, reach) = (permissions.mask(), relation.reach());
        if asked.is_empty() || self.closed_at(now).is_some() {
            return Vec::new();
        }
        let gives = |planes: &Planes| planes.at(reach).contains(asked);
        let standing = self.sources.iter().filter(|(_, planes)| gives(planes));
        let over = subject
            .into_iter()
            .flat_map(|subject| self.grants_over(subject));
        let granted = over.filter(|grant| grant.is_live(now) && gives(&grant.effective));
        standing
            .map(|(source, _)| *source)
            .chain(granted.map(|grant| Source::Grant(grant.id)))
            .collect()
    }

    pub(crate) fn effective_over(&self, subject: Option<SubjectId>, now: OffsetDateTime) -> Planes {
        let over = subject
            .into_iter()
            .flat_map(|subject| self.grants_over(subject));
        over.filter(|grant| grant.is_live(now))
            .fold(self.effective, |all, grant| all.union(grant.effective))
    }

    pub(crate) const fn person(&self) -> Option<PersonId> {
        self.person
    }

    /// The first fact that leaves this member's permissions undecided, over this subject.
    pub(crate) fn first_missing(
        &self,
        subject: Option<SubjectId>,
        now: OffsetDateTime,
    ) -> Option<Missing> {
        let profile = || {
            let mut over = subject
                .into_iter()
                .flat_map(|subject| self.grants_over(subject));
            over.find_map(|grant| grant.missing.filter(|_| grant.is_live(now)))
        };
        self.missing
            .map(Missing::Level)
            .or_else(|| profile().map(Missing::Profile))
    }

    /// Why nothing at all is open, if nothing is.
    #[inline]
    pub(crate) fn closed_at(&self, now: OffsetDateTime) -> Option<Decision> {
        match self.gate {
            Gate::Open if self.window.contains(now) => None,
            Gate::Open if self.window.has_ended(now) => Some(Decision::Deny(Denial::Expired)),
            Gate::Open => Some(Decision::Deny(Denial::NotYet)),
            Gate::Disabled => Some(Decision::Deny(Denial::Disabled)),
            Gate::Removed => Some(Decision::Deny(Denial::Removed)),
            Gate::Undecided(missing) => Some(Decision::Undecided(missing)),
        }
    }

    fn grants_over(&self, subject: SubjectId) -> impl Iterator<Item = &HeldGrant> {
        let start = self.grants.partition_point(|grant| grant.subject < subject);
        self.grants
            .iter()
            .skip(start)
            .take_while(move |grant| grant.subject == subject)
    }
}

impl HeldGrant {
    fn is_live(&self, now: OffsetDateTime) -> bool {
        !self.over && self.window.contains(now)
    }
}
