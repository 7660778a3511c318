//! The digest of a catalog.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Inner;
use crate::{Planes, Reach};

/// The SHA-256 of all that a catalog declares. A tenant keeps the one it was last read under, so that
/// a changed catalog is noticed and audited (design 4).
#[derive(Clone, Copy, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct CatalogDigest([u8; 32]);

impl CatalogDigest {
    pub(super) const UNKNOWN: Self = Self([0; 32]);

    pub(super) fn of(catalog: &Inner) -> Self {
        Self(Sha256::digest(text(catalog).as_bytes()).into())
    }
}

impl fmt::Display for CatalogDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

impl fmt::Debug for CatalogDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CatalogDigest({self})")
    }
}

impl From<CatalogDigest> for [u8; 32] {
    fn from(digest: CatalogDigest) -> Self {
        digest.0
    }
}

impl From<CatalogDigest> for String {
    fn from(digest: CatalogDigest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for CatalogDigest {
    type Error = ParseCatalogDigestError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = base16ct::mixed::decode_vec(text).map_err(|_| ParseCatalogDigestError)?;
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| ParseCatalogDigestError)
    }
}

/// A text that is no catalog digest.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a catalog digest is 64 hexadecimal digits")]
pub struct ParseCatalogDigestError;

/// One line a declaration, in the order of names; switches in the order of their declaration, which
/// is the order in which reasons name them. Bit numbers are left out: they are no part of a record.
fn text(catalog: &Inner) -> String {
    let mut lines = vec!["doorward catalog 1".to_owned()];
    lines.extend(
        catalog
            .names
            .keys()
            .map(|name| format!("permission {name}")),
    );
    lines.extend(catalog.kinds.values().map(|kind| {
        format!(
            "kind {} baseline {} ceiling {} unrestricted {:?} roles {} attachments {:?} {:?}",
            kind.name,
            planes(catalog, &kind.baseline),
            planes(catalog, &kind.ceiling),
            kind.unrestricted,
            join(&kind.roles),
            kind.attachments,
            kind.creator,
        )
    }));
    lines.extend(catalog.roles.values().map(|role| {
        format!(
            "role {} holds {} gives {:?}",
            role.name,
            planes(catalog, &role.held),
            role.gives
        )
    }));
    lines.extend(catalog.toggles.iter().map(|toggle| {
        format!(
            "switch {} grants {} on takes {} off takes {} preselected {:?} roles {:?} kinds {:?}",
            toggle.name,
            planes(catalog, &toggle.on_grants),
            planes(catalog, toggle.on_takes.planes()),
            planes(catalog, toggle.off_takes.planes()),
            toggle.preselected,
            toggle.roles.as_deref().map(join),
            toggle.kinds.as_deref().map(join),
        )
    }));
    lines.extend(catalog.features.values().map(|feature| {
        let needs = Planes::EMPTY.with(feature.needs, Reach::Own);
        format!(
            "feature {} {} {:?}",
            feature.name,
            planes(catalog, &needs),
            feature.otherwise
        )
    }));
    lines.extend(catalog.acts.iter().map(|(act, needs)| {
        format!(
            "act {act} {}",
            planes(catalog, &Planes::EMPTY.with(*needs, Reach::Any))
        )
    }));
    lines.extend(
        catalog
            .support
            .iter()
            .map(|held| format!("support {}", planes(catalog, held))),
    );
    let renames = &catalog.renames;
    lines.extend(
        renames
            .permissions
            .iter()
            .map(|(old, new)| format!("was {old} {}", join(new))),
    );
    lines.extend(
        renames
            .kinds
            .iter()
            .map(|(old, new)| format!("was kind {old} {new}")),
    );
    lines.extend(
        renames
            .roles
            .iter()
            .map(|(old, new)| format!("was role {old} {new}")),
    );
    lines.extend(
        renames
            .switches
            .iter()
            .map(|(old, new)| format!("was switch {old} {new}")),
    );
    lines.extend(
        renames
            .retired_switches
            .iter()
            .map(|old| format!("retired switch {old}")),
    );
    lines.join("\n")
}

fn planes(catalog: &Inner, planes: &Planes) -> String {
    let plane = |reach: Reach| {
        let names = catalog
            .by_bit
            .iter()
            .filter(|(bit, _)| planes.at(reach).contains(crate::Mask::of_bit(**bit)));
        let mut names: Vec<&str> = names.map(|(_, name)| name.as_str()).collect();
        names.sort_unstable();
        format!("{}[{}]", reach.as_str(), names.join(","))
    };
    Reach::ALL.map(plane).join(" ")
}

fn join<T: AsRef<str>>(names: &[T]) -> String {
    names
        .iter()
        .map(AsRef::as_ref)
        .collect::<Vec<_>>()
        .join(",")
}
