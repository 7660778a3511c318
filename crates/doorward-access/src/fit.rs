//! Fitting: whether kind, role, levels and switches go together.

use doorward_types::{KindName, LevelId, Levels, Offer, ProfileId, RoleName, SwitchName, Switches};

use crate::{Authority, Catalog, Combination, Kind, Role, Sets, Shortfall, composition::Power};

/// An offer that fits the catalog and the tenant, with its whole switch set, and lies within what its
/// sponsor may give. Only [`judge_offer`] makes one; joining needs one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FittedOffer {
    offer: Offer,
}

impl FittedOffer {
    /// Returns the offer, with every switch named.
    #[must_use]
    pub const fn as_offer(&self) -> &Offer {
        &self.offer
    }
}

/// Whether an offer lies within what its sponsor may give.
#[must_use]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OfferVerdict {
    /// It does.
    Within(FittedOffer),
    /// It does not: this much is above.
    Above(Shortfall),
}

/// Judges an offer: first whether it fits, then whether the sponsor may give all of it. It is judged
/// when it is made and again when it is accepted (design 5).
///
/// # Errors
/// [`FitRejection`] where it names what does not exist, is retired, or does not go together.
pub fn judge_offer(
    catalog: &Catalog,
    offer: &Offer,
    sets: &Sets<'_>,
    sponsor: &Authority,
) -> Result<OfferVerdict, FitRejection> {
    let given = Fitting {
        kind: offer.kind(),
        role: offer.role(),
        levels: offer.levels(),
    };
    let switches = fit(catalog, sets, given, offer.switches(), &[])?;
    let offer = &current(catalog, offer);
    let alone = Combination {
        kind: offer.kind().clone(),
        role: offer.role().cloned(),
        levels: offer.levels().clone(),
        switches: switches.clone(),
        profile: None,
    };
    let mut profiles: Vec<ProfileId> = offer.subjects().iter().map(|row| row.profile).collect();
    profiles.sort_unstable();
    profiles.dedup();
    for id in &profiles {
        match sets.profile(*id) {
            None => return Err(FitRejection::UnknownProfile { profile: *id }),
            Some(profile) if !profile.is_active() => {
                return Err(FitRejection::RetiredProfile { profile: *id });
            }
            Some(_) => {}
        }
    }
    let over = |id| Combination {
        profile: Some(id),
        ..alone.clone()
    };
    let combinations = profiles.into_iter().map(over).chain([alone.clone()]);
    let mut above = Shortfall::default();
    for combination in combinations {
        let power = Power::of(catalog, &combination, sets).map_err(|_| FitRejection::Unreadable)?;
        if let Err(short) = sponsor.judge(catalog, &Power::NONE, &power) {
            above = above.and(short);
        }
    }
    if above.is_none() {
        let offer = offer.clone().with_switches(switches);
        Ok(OfferVerdict::Within(FittedOffer { offer }))
    } else {
        Ok(OfferVerdict::Above(above))
    }
}

/// The offer under the names that the catalog has now: an open offer may be older than a rename.
fn current(catalog: &Catalog, offer: &Offer) -> Offer {
    let kind = catalog.kind(offer.kind()).map_or(offer.kind(), Kind::name);
    let role = offer
        .role()
        .map(|role| catalog.role(role).map_or(role, Role::name));
    let place = Offer::of(kind.clone()).with_levels(offer.levels().clone());
    let place = match role {
        Some(role) => place.with_role(role.clone()),
        None => place,
    };
    // The subjects come from an offer, so each is there once and they are ten at most.
    let subjects = offer.subjects().iter().cloned();
    subjects.fold(place, |place, subject| {
        place.clone().with_subject(subject).unwrap_or(place)
    })
}

/// What must go together.
#[derive(Clone, Copy)]
pub(crate) struct Fitting<'a> {
    pub(crate) kind: &'a KindName,
    pub(crate) role: Option<&'a RoleName>,
    pub(crate) levels: &'a Levels,
}

/// Returns the whole switch set, pre-selected where it is not named. Levels that are held already may
/// stay although they are being deleted.
pub(crate) fn fit(
    catalog: &Catalog,
    sets: &Sets<'_>,
    given: Fitting<'_>,
    switches: &Switches,
    held: &[LevelId],
) -> Result<Switches, FitRejection> {
    let Fitting {
        kind: name,
        role,
        levels,
    } = given;
    let kind = catalog
        .kind(name)
        .ok_or_else(|| FitRejection::UnknownKind { kind: name.clone() })?;
    match role {
        None if kind.roles().is_empty() => {}
        None => return Err(FitRejection::RoleMissing { kind: name.clone() }),
        Some(role) => {
            let Some(fixed) = catalog.role(role) else {
                return Err(FitRejection::UnknownRole { role: role.clone() });
            };
            if !kind.roles().contains(fixed.name()) {
                let (kind, role) = (name.clone(), role.clone());
                return Err(FitRejection::RoleOfAnotherKind { kind, role });
            }
        }
    }
    if !Catalog::takes_levels(kind, levels) {
        return Err(FitRejection::NoUnrestricted { kind: name.clone() });
    }
    if let Levels::Assigned(ids) = levels {
        for id in ids {
            match sets.level(*id) {
                None => return Err(FitRejection::UnknownLevel { level: *id }),
                Some(level) if !level.is_active() && !held.contains(id) => {
                    return Err(FitRejection::RetiredLevel { level: *id });
                }
                Some(_) => {}
            }
        }
    }
    for switch in switches.keys() {
        match catalog.toggle(switch) {
            None => {
                return Err(FitRejection::UnknownSwitch {
                    switch: switch.clone(),
                });
            }
            Some(_) if !catalog.has_switch(name, role, switch) => {
                return Err(FitRejection::UnsupportedSwitch {
                    switch: switch.clone(),
                });
            }
            Some(_) => {}
        }
    }
    let mut whole = catalog.preselected(name, role);
    whole.extend(switches.iter().filter_map(|(name, stands)| {
        catalog
            .toggle(name)
            .map(|toggle| (toggle.name().clone(), *stands))
    }));
    Ok(whole)
}

/// Kind, role, levels, switches or profiles that do not go together.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FitRejection {
    /// The catalog has no such kind.
    #[error("`{kind}` is no kind of user")]
    UnknownKind {
        /// The name.
        kind: KindName,
    },
    /// The catalog has no such role.
    #[error("`{role}` is no role")]
    UnknownRole {
        /// The name.
        role: RoleName,
    },
    /// The role belongs to other kinds.
    #[error("a member of kind `{kind}` cannot have the role `{role}`")]
    RoleOfAnotherKind {
        /// The kind.
        kind: KindName,
        /// The role.
        role: RoleName,
    },
    /// The kind has roles and none was chosen.
    #[error("a member of kind `{kind}` has exactly one role: choose it")]
    RoleMissing {
        /// The kind.
        kind: KindName,
    },
    /// The kind has no unrestricted access.
    #[error("a member of kind `{kind}` cannot be unrestricted: assign levels")]
    NoUnrestricted {
        /// The kind.
        kind: KindName,
    },
    /// The tenant has no such level.
    #[error("level `{level}` does not exist")]
    UnknownLevel {
        /// Which level.
        level: LevelId,
    },
    /// The level is being deleted.
    #[error("level `{level}` is being deleted: choose another")]
    RetiredLevel {
        /// Which level.
        level: LevelId,
    },
    /// The tenant has no such profile.
    #[error("profile `{profile}` does not exist")]
    UnknownProfile {
        /// Which profile.
        profile: ProfileId,
    },
    /// The profile is being deleted.
    #[error("profile `{profile}` is being deleted: choose another")]
    RetiredProfile {
        /// Which profile.
        profile: ProfileId,
    },
    /// The catalog has no such switch.
    #[error("`{switch}` is no switch")]
    UnknownSwitch {
        /// The name.
        switch: SwitchName,
    },
    /// Members of this kind and role do not have the switch.
    #[error("switch `{switch}` is not supported for this kind and role")]
    UnsupportedSwitch {
        /// The name.
        switch: SwitchName,
    },
    /// The stored records and the catalog do not agree.
    #[error("what the offer gives could not be told: reload levels, profiles and catalog")]
    Unreadable,
}
