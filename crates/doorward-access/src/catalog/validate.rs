//! The checks that a catalog passes once, when it is built.
//!
//! In order: permissions, roles, kinds, switches, features, support, renames, and the helpers that
//! parse a name, refuse a second declaration and look an undeclared name up.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
};

use doorward_types::{FeatureName, KindName, NameError, PermissionName, RoleName, SwitchName};

use super::{CatalogBuilder, CatalogDigest, CatalogError, Inner, renames::Renames};
use crate::{
    Feature, FeatureDeclaration, Kind, Mask, Permission, Planes, Reach, Role, Toggle,
    toggle::Preselected,
};

/// Checks all declarations; the first that contradicts another is the error.
pub(super) fn frozen(builder: CatalogBuilder) -> Result<Inner, CatalogError> {
    let (names, by_bit) = permissions(&builder.flags)?;
    let known = by_bit
        .keys()
        .fold(Mask::EMPTY, |known, bit| known | Mask::of_bit(*bit));
    let roles = builder.checked_roles(known)?;
    let kinds = builder.checked_kinds(known, &roles, &by_bit)?;
    let toggles = builder.checked_toggles(known, &roles, &kinds)?;
    let features = builder.checked_features(known)?;
    for (act, needs) in &builder.acts {
        let at = format!("administration `{act}`");
        all_named(known, &at, Planes::EMPTY.with(*needs, Reach::Any))?;
        if needs.is_empty() {
            return Err(CatalogError::NoEffect {
                what: "administration",
                name: act.to_string(),
            });
        }
    }
    let support = builder.checked_support(known)?;
    let renames = builder.checked_renames(&names, &kinds, &roles, &toggles)?;
    let mut inner = Inner {
        names,
        by_bit,
        kinds,
        roles,
        toggles,
        features,
        acts: builder.acts,
        support,
        renames,
        digest: CatalogDigest::UNKNOWN,
    };
    inner.digest = CatalogDigest::of(&inner);
    Ok(inner)
}

impl CatalogBuilder {
    fn checked_roles(&self, known: Mask) -> Result<BTreeMap<RoleName, Role>, CatalogError> {
        let mut roles = BTreeMap::new();
        for (text, declared) in &self.roles {
            let name: RoleName = parse("role", text)?;
            all_named(known, &format!("role `{name}`"), declared.held)?;
            let role = Role {
                name: name.clone(),
                held: declared.held,
                gives: declared.gives,
            };
            once("role", text, roles.insert(name, role))?;
        }
        Ok(roles)
    }

    fn checked_kinds(
        &self,
        known: Mask,
        roles: &BTreeMap<RoleName, Role>,
        by_bit: &BTreeMap<u8, PermissionName>,
    ) -> Result<BTreeMap<KindName, Kind>, CatalogError> {
        let mut kinds = BTreeMap::new();
        for (text, declared) in &self.kinds {
            let name: KindName = parse("kind", text)?;
            let at = format!("kind `{name}`");
            for planes in [declared.baseline, declared.ceiling]
                .iter()
                .chain(&declared.narrowed)
            {
                all_named(known, &at, *planes)?;
            }
            let whole = if declared.everything {
                Planes::holding(known, Reach::Any)
            } else {
                declared.ceiling
            };
            let ceiling = declared
                .narrowed
                .iter()
                .fold(whole, |left, cut| left.minus(*cut));
            let below = |what: &str, held: Planes| match held.minus(ceiling) {
                above if above.is_empty() => Ok(()),
                above => Err(CatalogError::AboveCeiling {
                    kind: text.clone(),
                    what: what.to_owned(),
                    held: named(by_bit, above),
                }),
            };
            below("a baseline", declared.baseline)?;
            let mut own_roles = Vec::new();
            for role in &declared.roles {
                let role: RoleName = parse("role", role)?;
                let Some(fixed) = roles.get(&role) else {
                    return Err(undeclared(&at, "role", role.as_str()));
                };
                below(&format!("role `{role}`"), fixed.held)?;
                own_roles.push(role);
            }
            let kind = Kind {
                name: name.clone(),
                baseline: declared.baseline,
                ceiling,
                unrestricted: declared.unrestricted,
                roles: own_roles,
                attachments: declared.attachments,
                creator: declared.creator,
            };
            once("kind", text, kinds.insert(name, kind))?;
        }
        if kinds.is_empty() {
            Err(CatalogError::NoKind)
        } else {
            Ok(kinds)
        }
    }

    fn checked_toggles(
        &self,
        known: Mask,
        roles: &BTreeMap<RoleName, Role>,
        kinds: &BTreeMap<KindName, Kind>,
    ) -> Result<Vec<Toggle>, CatalogError> {
        let mut toggles: Vec<Toggle> = Vec::new();
        for (text, declared) in &self.toggles {
            let name: SwitchName = parse("switch", text)?;
            let at = format!("switch `{name}`");
            let (on, off) = (*declared.on_takes.planes(), *declared.off_takes.planes());
            for planes in [declared.on_grants, on, off] {
                all_named(known, &at, planes)?;
            }
            let permits = !declared.on_grants.is_empty() || !off.is_empty();
            match (permits, on.is_empty()) {
                (true, false) => {
                    return Err(CatalogError::SwitchBothWays {
                        switch: text.clone(),
                    });
                }
                (false, true) => {
                    return Err(CatalogError::NoEffect {
                        what: "switch",
                        name: text.clone(),
                    });
                }
                _ => {}
            }
            let preselected = match &declared.preselected {
                Preselected::Never => Preselected::Never,
                Preselected::Always => Preselected::Always,
                Preselected::Except(names) => Preselected::Except(all(&at, "role", names, roles)?),
            };
            let of_roles = declared
                .roles
                .as_ref()
                .map(|names| all(&at, "role", names, roles));
            let of_kinds = declared
                .kinds
                .as_ref()
                .map(|names| all(&at, "kind", names, kinds));
            let twice = toggles
                .iter()
                .any(|toggle| toggle.name == name)
                .then_some(());
            once("switch", text, twice)?;
            toggles.push(Toggle {
                name,
                on_grants: declared.on_grants,
                on_takes: declared.on_takes,
                off_takes: declared.off_takes,
                preselected,
                roles: of_roles.transpose()?,
                kinds: of_kinds.transpose()?,
            });
        }
        Ok(toggles)
    }

    fn checked_features(
        &self,
        known: Mask,
    ) -> Result<BTreeMap<FeatureName, Feature>, CatalogError> {
        let mut features = BTreeMap::new();
        for (text, declared) in &self.features {
            let name: FeatureName = parse("feature", text)?;
            let needs = Planes::EMPTY.with(declared.needs, Reach::Own);
            all_named(known, &format!("feature `{name}`"), needs)?;
            if declared.needs.is_empty() {
                return Err(CatalogError::NoEffect {
                    what: "feature",
                    name: text.clone(),
                });
            }
            let FeatureDeclaration { needs, otherwise } = *declared;
            let feature = Feature {
                name: name.clone(),
                needs,
                otherwise,
            };
            once("feature", text, features.insert(name, feature))?;
        }
        Ok(features)
    }

    /// Design 6: support "cannot invite, grant, touch credentials, export or renew itself".
    fn checked_support(&self, known: Mask) -> Result<Option<Planes>, CatalogError> {
        let Some(declared) = &self.support else {
            return Ok(None);
        };
        all_named(known, "support", declared.held)?;
        let held = declared.held.at(Reach::Any);
        let mut closed = self
            .acts
            .iter()
            .filter(|(act, _)| !act.is_open_to_support());
        match closed.find(|(_, needs)| held.contains(**needs)) {
            Some((act, _)) => Err(CatalogError::SupportAdministers { act: *act }),
            None => Ok(Some(declared.held)),
        }
    }

    fn checked_renames(
        &self,
        names: &BTreeMap<PermissionName, Permission>,
        kinds: &BTreeMap<KindName, Kind>,
        roles: &BTreeMap<RoleName, Role>,
        toggles: &[Toggle],
    ) -> Result<Renames, CatalogError> {
        let switches: BTreeMap<_, _> = toggles
            .iter()
            .map(|toggle| (toggle.name.clone(), ()))
            .collect();
        let mut permissions = BTreeMap::new();
        for (old, new) in &self.renamed_permissions {
            let at = format!("the renaming of `{old}`");
            let old = gone("permission", old, names)?;
            let new = all(&at, "permission", new, names)?;
            once(
                "renamed permission",
                old.clone().as_str(),
                permissions.insert(old, new),
            )?;
        }
        let mut retired_switches = BTreeSet::new();
        for old in &self.retired_switches {
            retired_switches.insert(gone("switch", old, &switches)?);
        }
        Ok(Renames {
            permissions,
            kinds: renamed("kind", &self.renamed_kinds, kinds)?,
            roles: renamed("role", &self.renamed_roles, roles)?,
            switches: renamed("switch", &self.renamed_switches, &switches)?,
            retired_switches,
        })
    }
}

type Named = (
    BTreeMap<PermissionName, Permission>,
    BTreeMap<u8, PermissionName>,
);

fn permissions(flags: &[(String, u128)]) -> Result<Named, CatalogError> {
    let (mut names, mut by_bit) = (BTreeMap::new(), BTreeMap::new());
    for (text, bits) in flags {
        let name: PermissionName = parse("permission", text)?;
        // One bit among 128: its number fits.
        let bit = u8::try_from(bits.trailing_zeros()).unwrap_or(u8::MAX);
        once(
            "permission",
            text,
            names.insert(name.clone(), Permission::at(bit)),
        )?;
        if let Some(first) = by_bit.insert(bit, name) {
            let first = first.as_str().to_owned();
            return Err(CatalogError::SameBit {
                first,
                second: text.clone(),
            });
        }
    }
    if names.is_empty() {
        Err(CatalogError::NoPermission)
    } else {
        Ok((names, by_bit))
    }
}

fn parse<T: FromStr<Err = NameError>>(what: &'static str, text: &str) -> Result<T, CatalogError> {
    text.parse().map_err(|source| CatalogError::Name {
        what,
        text: text.to_owned(),
        source,
    })
}

fn once<T>(what: &'static str, name: &str, before: Option<T>) -> Result<(), CatalogError> {
    match before {
        Some(_) => Err(CatalogError::Twice {
            what,
            name: name.to_owned(),
        }),
        None => Ok(()),
    }
}

fn undeclared(at: &str, what: &'static str, name: &str) -> CatalogError {
    CatalogError::Undeclared {
        at: at.to_owned(),
        what,
        name: name.to_owned(),
    }
}

fn all_named(known: Mask, at: &str, planes: Planes) -> Result<(), CatalogError> {
    let used = Reach::ALL
        .into_iter()
        .fold(Mask::EMPTY, |used, reach| used | planes.at(reach));
    match used.minus(known) {
        Mask::EMPTY => Ok(()),
        strange => Err(CatalogError::UnnamedBits {
            at: at.to_owned(),
            bits: strange.bits(),
        }),
    }
}

fn all<Name, T>(
    at: &str,
    what: &'static str,
    names: &[String],
    declared: &BTreeMap<Name, T>,
) -> Result<Vec<Name>, CatalogError>
where
    Name: Ord + FromStr<Err = NameError>,
{
    let one = |text: &String| {
        let name: Name = parse(what, text)?;
        if declared.contains_key(&name) {
            Ok(name)
        } else {
            Err(undeclared(at, what, text))
        }
    };
    names.iter().map(one).collect()
}

fn gone<Name, T>(
    what: &'static str,
    old: &str,
    declared: &BTreeMap<Name, T>,
) -> Result<Name, CatalogError>
where
    Name: Ord + FromStr<Err = NameError>,
{
    let name: Name = parse(what, old)?;
    if declared.contains_key(&name) {
        return Err(CatalogError::StillDeclared {
            what,
            name: old.to_owned(),
        });
    }
    Ok(name)
}

fn renamed<Name, T>(
    what: &'static str,
    pairs: &[(String, String)],
    declared: &BTreeMap<Name, T>,
) -> Result<BTreeMap<Name, Name>, CatalogError>
where
    Name: Clone + Ord + FromStr<Err = NameError>,
{
    let mut renames = BTreeMap::new();
    for (old, new) in pairs {
        let name = gone(what, old, declared)?;
        let at = format!("the renaming of `{old}`");
        let new = all(&at, what, std::slice::from_ref(new), declared)?;
        if let Some(new) = new.into_iter().next() {
            once(what, old, renames.insert(name, new))?;
        }
    }
    Ok(renames)
}

fn named(by_bit: &BTreeMap<u8, PermissionName>, planes: Planes) -> String {
    let held = by_bit.iter().filter_map(|(bit, name)| {
        let mask = Mask::of_bit(*bit);
        planes
            .widest(mask)
            .map(|reach| format!("`{name}` ({})", reach.as_str()))
    });
    held.collect::<Vec<_>>().join(", ")
}
