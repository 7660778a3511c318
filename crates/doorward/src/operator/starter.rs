//! Starter levels and profiles: what a new tenant comes with.

use std::collections::BTreeSet;

use doorward_access::{Level, LevelEvent, NamedSet, PermissionSet, Profile, ProfileEvent, Sets};
use doorward_types::{DisplayName, LevelId, Levels, Principal, ProfileId, TenantId};
use time::OffsetDateTime;

use super::{CreateTenantRejection, NewTenant};
use crate::{
    Doorward, Error, Fault, Tenant,
    audit_trail::{self, Draft},
    record::Stored,
    work::{Tries, Work},
};

/// How many starter sets go into one commit: with their claims, index entries and side rows they
/// stay far below its 100 items.
const SETS_A_COMMIT: usize = 12;
/// How many permissions, so that the entry of the commit stays below 16 KiB.
const PERMISSIONS_A_COMMIT: usize = 120;

#[derive(Debug, Default)]
pub(super) struct StarterSets {
    pub(super) levels: Vec<Level>,
    pub(super) profiles: Vec<Profile>,
    level_events: Vec<Vec<LevelEvent>>,
    profile_events: Vec<Vec<ProfileEvent>>,
}

impl StarterSets {
    pub(super) fn make(
        door: &Doorward,
        new: &NewTenant,
        now: OffsetDateTime,
    ) -> Result<Self, Error<CreateTenantRejection>> {
        names_once(&new.levels).map_err(Error::Rejected)?;
        names_once(&new.profiles).map_err(Error::Rejected)?;
        let mut starter = Self::default();
        for (name, permissions) in &new.levels {
            let id = LevelId::made_at(now, door.random()?);
            let made = Level::create(id, name.clone(), permissions.clone(), door.catalog());
            let (level, events) = made.map_err(|unknown| Error::Rejected(unknown.into()))?;
            starter.levels.push(level);
            starter.level_events.push(events);
        }
        for (name, permissions) in &new.profiles {
            let id = ProfileId::made_at(now, door.random()?);
            let made = Profile::create(id, name.clone(), permissions.clone(), door.catalog());
            let (profile, events) = made.map_err(|unknown| Error::Rejected(unknown.into()))?;
            starter.profiles.push(profile);
            starter.profile_events.push(events);
        }
        Ok(starter)
    }

    pub(super) fn sets(&self) -> Sets<'_> {
        Sets {
            levels: &self.levels,
            profiles: &self.profiles,
        }
    }

    pub(super) fn named_levels(
        &self,
        names: &BTreeSet<DisplayName>,
    ) -> Result<Levels, CreateTenantRejection> {
        let ids = names.iter().map(|name| named(&self.levels, name));
        ids.collect::<Result<_, _>>().map(Levels::Assigned)
    }

    pub(super) fn tenant(
        &self,
        id: TenantId,
        new: &NewTenant,
        now: OffsetDateTime,
    ) -> Result<Tenant, CreateTenantRejection> {
        let default = new.default_resident_profile.as_ref();
        let default = default
            .map(|name| named(&self.profiles, name))
            .transpose()?;
        Ok(Tenant {
            id,
            name: new.name.clone(),
            telephony: new.telephony,
            default_resident_profile: default,
            access_key: None,
            catalog: None,
            created_at: now,
        })
    }

    /// Writes all sets into the tenant's own commit, or each into one before it where they are many.
    pub(super) async fn write(&self, door: &Doorward, work: &mut Work) -> Result<(), Fault> {
        let levels = self.levels.iter().map(Level::permissions);
        let profiles = self.profiles.iter().map(Profile::permissions);
        let sizes: Vec<usize> = levels.chain(profiles).map(PermissionSet::len).collect();
        let fits =
            sizes.len() <= SETS_A_COMMIT && sizes.iter().sum::<usize>() <= PERMISSIONS_A_COMMIT;
        let placed = if fits { Placed::With } else { Placed::Before };
        for (level, events) in self.levels.iter().zip(&self.level_events) {
            let drafts = events
                .iter()
                .map(|event| audit_trail::level(level.id(), event));
            write(door, work, placed, level, drafts).await?;
        }
        for (profile, events) in self.profiles.iter().zip(&self.profile_events) {
            let drafts = events
                .iter()
                .map(|event| audit_trail::profile(profile.id(), event));
            write(door, work, placed, profile, drafts).await?;
        }
        Ok(())
    }
}

/// Where a starter set is written: with its tenant, or in a commit before it.
#[derive(Clone, Copy)]
enum Placed {
    With,
    Before,
}

async fn write<T: Stored>(
    door: &Doorward,
    work: &mut Work,
    placed: Placed,
    set: &T,
    drafts: impl Iterator<Item = Draft>,
) -> Result<(), Fault> {
    let scope = work.scope;
    match placed {
        Placed::With => {
            work.create(scope, set)?;
            work.note(drafts);
        }
        Placed::Before => {
            let mut ahead = Work::new(scope, Principal::Operator, work.now);
            ahead.create(scope, set)?;
            ahead.note(drafts);
            ahead.commit(door, &mut Tries::default(), ()).await?;
        }
    }
    Ok(())
}

fn named<Id: Copy + Eq>(
    sets: &[NamedSet<Id>],
    name: &DisplayName,
) -> Result<Id, CreateTenantRejection> {
    let mut sets = sets.iter();
    sets.find(|set| set.name() == name)
        .map(NamedSet::id)
        .ok_or_else(|| CreateTenantRejection::UnknownName { name: name.clone() })
}

fn names_once(sets: &[(DisplayName, PermissionSet)]) -> Result<(), CreateTenantRejection> {
    let mut seen = BTreeSet::new();
    match sets.iter().find(|(name, _)| !seen.insert(name.folded())) {
        Some((twice, _)) => Err(CreateTenantRejection::NameTwice {
            name: twice.clone(),
        }),
        None => Ok(()),
    }
}
