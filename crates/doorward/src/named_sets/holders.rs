//! Holders: who has a level or profile, counted by what decides what they hold.

use std::collections::{BTreeMap, BTreeSet};

use doorward_access::{Combination, Grant, Membership};
use doorward_invitations::{Invitation, Status};
use doorward_storage::{Limit, Range};
use doorward_types::{LevelId, Levels, MembershipId, ProfileId, Scope};
use time::OffsetDateTime;

use crate::{
    Doorward, Fault,
    record::Loaded,
    stored::{
        access::{grants_of_profile, members_with_level},
        invitations::{offering_level, offering_profile},
    },
};

/// Who holds a set: each member once, with the combination in which they hold it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holders {
    members: BTreeMap<MembershipId, Combination>,
}

impl Holders {
    /// The distinct combinations with their numbers.
    pub(super) fn counted(&self) -> Vec<(Combination, u64)> {
        let mut counted = BTreeMap::<&Combination, u64>::new();
        for combination in self.members.values() {
            *counted.entry(combination).or_default() += 1;
        }
        let counted = counted.into_iter();
        counted
            .map(|(combination, count)| (combination.clone(), count))
            .collect()
    }

    pub(super) fn count(&self) -> u64 {
        u64::try_from(self.members.len()).unwrap_or(u64::MAX)
    }

    pub(super) fn of(&self, member: MembershipId) -> Option<Combination> {
        self.members.get(&member).cloned()
    }

    pub(super) fn level_ids(&self) -> BTreeSet<LevelId> {
        let levels = self.members.values().map(|held| &held.levels);
        levels
            .filter_map(|levels| match levels {
                Levels::Unrestricted => None,
                Levels::Assigned(ids) => Some(ids),
            })
            .flatten()
            .copied()
            .collect()
    }

    pub(super) fn profile_ids(&self) -> BTreeSet<ProfileId> {
        let held = self.members.values();
        held.filter_map(|combination| combination.profile).collect()
    }
}

impl Doorward {
    /// Who has the level, disabled members too: they have it again when restored.
    pub(super) async fn holders_of_level(
        &self,
        scope: Scope,
        level: LevelId,
    ) -> Result<Holders, Fault> {
        let range = members_with_level(scope, level);
        let members = self.every::<Membership>(&range).await?;
        let members = members.iter().map(|read| &read.state);
        Ok(Holders {
            members: members
                .map(|member| (member.id(), member.combination()))
                .collect(),
        })
    }

    /// Who has a grant of the profile that is not over. Grants of removed members hang on nothing.
    pub(super) async fn holders_of_profile(
        &self,
        scope: Scope,
        profile: ProfileId,
        now: OffsetDateTime,
    ) -> Result<Holders, Fault> {
        let range = grants_of_profile(scope, profile);
        let grants = self.every::<Grant>(&range).await?;
        let grants = grants.iter().map(|read| &read.state);
        let live = grants.filter(|grant| grant.is_active() && !grant.window().has_ended(now));
        let members: BTreeSet<MembershipId> = live.map(Grant::membership).collect();
        let ids = members.iter().map(MembershipId::as_uuid);
        let members: Vec<Loaded<Membership>> = self.load_all(scope, ids).await?;
        let members = members.iter().map(|read| &read.state);
        let members = members.filter(|member| !member.is_removed());
        Ok(Holders {
            members: members
                .map(|member| (member.id(), member.combination_over(profile)))
                .collect(),
        })
    }

    /// How many invitations that can be accepted offer the level.
    pub(super) async fn offers_of_level(
        &self,
        scope: Scope,
        level: LevelId,
        now: OffsetDateTime,
    ) -> Result<u64, Fault> {
        self.open_in(&offering_level(scope, level), now).await
    }

    /// How many invitations that can be accepted offer the profile, and whether the one-click invite
    /// of a resident does.
    pub(super) async fn offers_of_profile(
        &self,
        scope: Scope,
        profile: ProfileId,
        now: OffsetDateTime,
    ) -> Result<u64, Fault> {
        let offered = self.open_in(&offering_profile(scope, profile), now).await?;
        let Scope::Tenant(tenant) = scope else {
            return Ok(offered);
        };
        let tenant = self.need_tenant(tenant).await?;
        let default = tenant.state.default_resident_profile == Some(profile);
        Ok(offered + u64::from(default))
    }

    async fn open_in(&self, range: &Range, now: OffsetDateTime) -> Result<u64, Fault> {
        let (mut count, mut cursor) = (0, None);
        loop {
            let (page, next) = self
                .page::<Invitation>(range, cursor.as_ref(), Limit::MAX)
                .await?;
            let open = page
                .iter()
                .filter(|read| read.state.status(now) == Status::Invited);
            count += u64::try_from(open.count()).unwrap_or(u64::MAX);
            match next {
                Some(next) => cursor = Some(next),
                None => return Ok(count),
            }
        }
    }
}
