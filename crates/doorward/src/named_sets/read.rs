//! Levels and profiles that a decision reads, with the guards on them.

use std::collections::BTreeSet;

use doorward_access::{Level, Profile, Sets};
use doorward_types::{LevelId, ProfileId, Scope};

use crate::{Doorward, Fault, record::Loaded, work::Work};

/// Levels and profiles as they were read.
#[derive(Clone, Debug, Default)]
pub(crate) struct TenantSets {
    levels: Vec<Level>,
    profiles: Vec<Profile>,
    read_levels: Vec<Loaded<Level>>,
    read_profiles: Vec<Loaded<Profile>>,
}

impl TenantSets {
    pub(crate) fn sets(&self) -> Sets<'_> {
        Sets {
            levels: &self.levels,
            profiles: &self.profiles,
        }
    }

    /// The same sets, with this level in place of its present self.
    pub(crate) fn with_level(&self, instead: &Level) -> Self {
        let others = |level: &&Level| level.id() != instead.id();
        let levels = self.levels.iter().filter(others).cloned();
        Self {
            levels: levels.chain([instead.clone()]).collect(),
            ..self.clone()
        }
    }

    /// Those of both.
    pub(crate) fn and(mut self, other: &Self) -> Self {
        for level in &other.levels {
            if self.levels.iter().all(|held| held.id() != level.id()) {
                self.levels.push(level.clone());
            }
        }
        for profile in &other.profiles {
            if self.profiles.iter().all(|held| held.id() != profile.id()) {
                self.profiles.push(profile.clone());
            }
        }
        self.read_levels.extend(other.read_levels.iter().cloned());
        self.read_profiles
            .extend(other.read_profiles.iter().cloned());
        self
    }

    /// Guards them for a commit that gives them to somebody.
    pub(crate) fn give(&self, work: &mut Work) -> Result<(), Fault> {
        for level in &self.read_levels {
            work.give(level)?;
        }
        for profile in &self.read_profiles {
            work.give(profile)?;
        }
        Ok(())
    }

    /// Makes the commit fail if one of them is changed, or retired, before it (design 3).
    pub(crate) fn guard(&self, work: &mut Work) {
        self.read_levels.iter().for_each(|level| work.guard(level));
        self.read_profiles
            .iter()
            .for_each(|profile| work.guard(profile));
    }
}

impl Doorward {
    /// Reads these levels and profiles; one that is gone is left out, and what depends on it then
    /// reports it missing.
    pub(crate) async fn tenant_sets(
        &self,
        scope: Scope,
        levels: impl IntoIterator<Item = LevelId> + Send,
        profiles: impl IntoIterator<Item = ProfileId> + Send,
    ) -> Result<TenantSets, Fault> {
        let levels: BTreeSet<LevelId> = levels.into_iter().collect();
        let profiles: BTreeSet<ProfileId> = profiles.into_iter().collect();
        let levels = levels.iter().map(LevelId::as_uuid);
        let read_levels: Vec<Loaded<Level>> = self.load_all(scope, levels).await?;
        let profiles = profiles.iter().map(ProfileId::as_uuid);
        let read_profiles: Vec<Loaded<Profile>> = self.load_all(scope, profiles).await?;
        Ok(TenantSets {
            levels: read_levels.iter().map(|read| read.state.clone()).collect(),
            profiles: read_profiles
                .iter()
                .map(|read| read.state.clone())
                .collect(),
            read_levels,
            read_profiles,
        })
    }
}
