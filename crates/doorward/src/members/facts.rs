//! What a change of a member is judged against: levels, granted profiles, and who stays.

use std::collections::BTreeSet;

use doorward_access::{
    AccountStanding, Authority, Catalog, Grant, Level, MemberEdit, Membership, Survivor,
};
use doorward_identity::{Account, Status};
use doorward_storage::Limit;
use doorward_types::{LevelId, Levels, MembershipId, Principal, ProfileId, Scope};
use time::OffsetDateTime;

use crate::{
    Act, Doorward, Fault, Permit,
    named_sets::TenantSets,
    record::Loaded,
    stored::access::{grants_of, members},
    work::Work,
};

/// How many members are read at a time while looking for one who stays.
const MEMBERS_A_PAGE: usize = 100;

/// What was read to judge a change of a member.
#[derive(Debug)]
pub(crate) struct MemberFacts {
    sets: TenantSets,
    granted: Vec<ProfileId>,
    survivor: Option<StandIn>,
}

impl MemberFacts {
    pub(crate) fn edit<'a>(
        &'a self,
        catalog: &'a Catalog,
        authority: &'a Authority,
        by: &'a Principal,
        now: OffsetDateTime,
    ) -> MemberEdit<'a> {
        MemberEdit {
            catalog,
            sets: self.sets.sets(),
            grants: &self.granted,
            authority,
            by,
            survivor: self.survivor.as_ref().map(|found| &found.survivor),
            now,
        }
    }

    /// Guards what was judged for a commit after which the member holds otherwise.
    pub(crate) fn give(&self, work: &mut Work) -> Result<(), Fault> {
        self.sets.give(work)?;
        if let Some(survivor) = &self.survivor {
            survivor.guard(work);
        }
        Ok(())
    }

    /// Makes the commit fail if what was judged is changed before it.
    pub(crate) fn guard(&self, work: &mut Work) {
        self.sets.guard(work);
        if let Some(survivor) = &self.survivor {
            survivor.guard(work);
        }
    }
}

/// Another administrator who stays, with the records that say so.
#[derive(Debug)]
pub(crate) struct StandIn {
    pub(crate) survivor: Survivor,
    member: Loaded<Membership>,
    account: Loaded<Account>,
    sets: TenantSets,
}

impl StandIn {
    /// Guards that they stay: design 3, "The last-administrator rule `Check`s one survivor's
    /// membership and account".
    pub(crate) fn guard(&self, work: &mut Work) {
        work.guard(&self.member);
        work.guard(&self.account);
        self.sets.guard(work);
    }

    /// The levels by which they administer.
    pub(crate) const fn sets(&self) -> &TenantSets {
        &self.sets
    }
}

impl Doorward {
    /// Reads what a change of this member, to these levels, is judged against.
    pub(crate) async fn member_facts<A: Act>(
        &self,
        permit: &Permit<A>,
        read: &Loaded<Membership>,
        levels: &Levels,
    ) -> Result<MemberFacts, Fault> {
        let (scope, now, member) = (permit.scope(), permit.now(), &read.state);
        let after: &BTreeSet<LevelId> = match levels {
            Levels::Unrestricted => &BTreeSet::new(),
            Levels::Assigned(ids) => ids,
        };
        let grants = self.every::<Grant>(&grants_of(scope, member.id())).await?;
        let live = grants.iter().map(|read| &read.state);
        let live = live.filter(|grant| grant.is_active() && !grant.window().has_ended(now));
        let granted: BTreeSet<ProfileId> = live.map(Grant::profile).collect();
        let ids = member.level_ids().chain(after.iter().copied());
        let sets = self
            .tenant_sets(scope, ids, granted.iter().copied())
            .await?;
        let survivor = if member.needs_survivor(self.catalog(), &sets.sets(), now) {
            self.stand_in(scope, Some(member.id()), None, now).await?
        } else {
            None
        };
        Ok(MemberFacts {
            sets,
            granted: granted.into_iter().collect(),
            survivor,
        })
    }

    /// Looks for an administrator other than the one who may go: an active member with an active
    /// account and a window without end. With `instead`, as if this level stood in place of its
    /// present self.
    ///
    /// Reads members page by page until one is found.
    pub(crate) async fn stand_in(
        &self,
        scope: Scope,
        gone: Option<MembershipId>,
        instead: Option<&Level>,
        now: OffsetDateTime,
    ) -> Result<Option<StandIn>, Fault> {
        let range = members(scope);
        let limit = Limit::clamped(MEMBERS_A_PAGE);
        let mut cursor = None;
        loop {
            let (page, next) = self
                .page::<Membership>(&range, cursor.as_ref(), limit)
                .await?;
            for member in page {
                if Some(member.state.id()) == gone || !member.state.is_active() {
                    continue;
                }
                if let Some(found) = self.stays(scope, member, instead, now).await? {
                    return Ok(Some(found));
                }
            }
            match next {
                Some(next) => cursor = Some(next),
                None => return Ok(None),
            }
        }
    }

    async fn stays(
        &self,
        scope: Scope,
        member: Loaded<Membership>,
        instead: Option<&Level>,
        now: OffsetDateTime,
    ) -> Result<Option<StandIn>, Fault> {
        let sets = self
            .tenant_sets(scope, member.state.level_ids(), [])
            .await?;
        let after = instead.map(|level| sets.with_level(level));
        let judged = after.as_ref().map_or_else(|| sets.sets(), TenantSets::sets);
        // Most members administer nothing: their accounts are not read.
        if !member.state.administers(self.catalog(), &judged, now) {
            return Ok(None);
        }
        let account = member.state.account().as_uuid();
        let Some(account) = self.load::<Account>(Scope::Directory, account).await? else {
            return Ok(None);
        };
        let standing = match account.state.status() {
            Status::Active => AccountStanding::Active,
            _ => AccountStanding::Inactive,
        };
        let candidate = [(&member.state, standing)];
        let survivor = Survivor::among(candidate, self.catalog(), &judged, now);
        Ok(survivor.map(|survivor| StandIn {
            survivor,
            member,
            account,
            sets,
        }))
    }
}
