//! Compositions: what a kind, role, levels and switches add up to.

use doorward_types::{KindName, LevelId, Levels, ProfileId, RoleName, Switches};
use serde::{Deserialize, Serialize};

use crate::{
    Catalog, Gives, Level, Missing, Planes, Profile, Source, SwitchRef, Unrestricted,
    catalog::{Stance, Support},
    planes::{Withdrawal, compose},
};

/// A distinct combination of holders: everything that decides what a member holds, and nothing that
/// tells members apart. Changes of levels and profiles are judged once for each (design 4).
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Combination {
    /// The kind of user.
    pub kind: KindName,
    /// The role, where the kind has roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleName>,
    /// The levels.
    pub levels: Levels,
    /// The switches as stored.
    #[serde(default, skip_serializing_if = "Switches::is_empty")]
    pub switches: Switches,
    /// The profile over one subject, where a grant is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileId>,
}

/// The tenant's levels and profiles that a command or a check needs.
///
/// Only those that the members in question hold, or will hold, are needed; one that is missing is
/// reported, never taken for empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sets<'a> {
    /// Security levels.
    pub levels: &'a [Level],
    /// User profiles.
    pub profiles: &'a [Profile],
}

impl<'a> Sets<'a> {
    /// Returns the level of this id.
    #[must_use]
    pub fn level(&self, id: LevelId) -> Option<&'a Level> {
        self.levels.iter().find(|level| level.id() == id)
    }

    /// Returns the profile of this id.
    #[must_use]
    pub fn profile(&self, id: ProfileId) -> Option<&'a Profile> {
        self.profiles.iter().find(|profile| profile.id() == id)
    }
}

/// What somebody holds and may give, after the composition.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Power {
    pub(crate) planes: Planes,
    pub(crate) gives: Gives,
    pub(crate) unrestricted: bool,
}

impl Power {
    /// What somebody holds who has no access at all.
    pub(crate) const NONE: Self = Self {
        planes: Planes::EMPTY,
        gives: Gives::Held,
        unrestricted: false,
    };

    /// The power of a combination.
    pub(crate) fn of(
        catalog: &Catalog,
        combination: &Combination,
        sets: &Sets<'_>,
    ) -> Result<Self, Missing> {
        let parts = Parts::of(catalog, combination, sets)?;
        if let Some(level) = parts.missing {
            return Err(Missing::Level(level));
        }
        let profile = match combination.profile {
            Some(id) => {
                let profile = sets.profile(id).ok_or(Missing::Profile(id))?;
                catalog.planes(profile.permissions()).lent()
            }
            None => Planes::EMPTY,
        };
        let planes = parts.within(parts.held.union(profile));
        Ok(Self {
            planes,
            gives: parts.gives,
            unrestricted: parts.unrestricted,
        })
    }
}

/// The parts of a composition before they are put together, so that reasons can point at them.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) sources: Vec<(Source, Planes)>,
    pub(crate) held: Planes,
    pub(crate) taken: Vec<(SwitchRef, Withdrawal)>,
    pub(crate) withdrawn: Withdrawal,
    pub(crate) ceiling: Planes,
    pub(crate) gives: Gives,
    pub(crate) unrestricted: bool,
    pub(crate) missing: Option<LevelId>,
}

impl Parts {
    /// Collects the parts; fails where the catalog does not know a stored kind, role or switch.
    pub(crate) fn of(
        catalog: &Catalog,
        combination: &Combination,
        sets: &Sets<'_>,
    ) -> Result<Self, Missing> {
        let kind = catalog.kind(&combination.kind).ok_or(Missing::Catalog)?;
        let mut sources = Vec::new();
        let (mut gives, mut missing) = (Gives::Held, None);
        let role = match &combination.role {
            Some(name) => {
                let role = catalog.role(name).ok_or(Missing::Catalog)?;
                sources.push((Source::Role, *role.held()));
                gives = gives.max(role.gives());
                Some(role.name())
            }
            None => None,
        };
        sources.push((Source::Baseline, *kind.baseline()));
        let unrestricted = combination.levels == Levels::Unrestricted;
        match (&combination.levels, kind.unrestricted()) {
            // A kind that lost its unrestricted access since: the catalog does not know what is meant.
            (Levels::Unrestricted, Unrestricted::None) => return Err(Missing::Catalog),
            (Levels::Unrestricted, Unrestricted::Exists(all) | Unrestricted::Default(all)) => {
                sources.push((Source::Unrestricted, *kind.ceiling()));
                gives = gives.max(all);
            }
            (Levels::Assigned(ids), _) => {
                for id in ids {
                    match sets.level(*id) {
                        Some(level) => {
                            let planes = catalog.planes(level.permissions());
                            sources.push((Source::Level(*id), planes));
                        }
                        None => missing = Some(*id),
                    }
                }
            }
        }
        let switches = catalog
            .standing_switches(kind.name(), role, &combination.switches)
            .ok_or(Missing::Catalog)?;
        let mut taken = Vec::new();
        for Stance {
            switch,
            toggle,
            stands,
            support,
        } in switches
        {
            let grants = toggle.grants(stands);
            if support == Support::Full && !grants.is_empty() {
                sources.push((Source::Switch(switch), grants));
            }
            let takes = toggle.takes(stands);
            // Off takes only where the switch exists; on takes wherever it is stored.
            if (support == Support::Full || toggle.is_restriction()) && !takes.planes().is_empty() {
                taken.push((switch, takes));
            }
        }
        let withdrawn = taken
            .iter()
            .fold(Withdrawal::default(), |all, (_, takes)| all.and(*takes));
        let held = sources
            .iter()
            .fold(Planes::EMPTY, |held, (_, planes)| held.union(*planes));
        Ok(Self {
            sources,
            held: held.closed(),
            taken,
            withdrawn,
            ceiling: *kind.ceiling(),
            gives,
            unrestricted,
            missing,
        })
    }

    /// Puts a union of sources through steps (2) to (4) of the composition.
    pub(crate) fn within(&self, held: Planes) -> Planes {
        compose(held, self.withdrawn, self.ceiling)
    }
}
