//! Permissions as the report shows them: over whose data, and where they come from.

use std::{collections::BTreeMap, fmt};

use doorward_types::{DisplayName, PermissionName, RoleName, SwitchName};
use serde::{Deserialize, Serialize};

/// Over whose data a permission is held.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// The holder's own.
    Own,
    /// That of people assigned to the holder, and the holder's own.
    Assigned,
    /// Anybody's.
    Any,
}

impl Reach {
    /// Returns the word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Assigned => "assigned",
            Self::Any => "any",
        }
    }
}

/// A permission in effect, with everything that gives it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct HeldPermission {
    /// Which permission.
    pub permission: PermissionName,
    /// Over whose data.
    pub reach: Reach,
    /// What gives it; each alone would.
    pub why: Vec<Why>,
}

/// What gives a permission.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Every user of this kind has it.
    Baseline,
    /// A role.
    Role(RoleName),
    /// A security level, by the name it has today.
    Level(DisplayName),
    /// No levels were applied (HomeTrak: "they will have full access to all available features").
    Unrestricted,
    /// A switch.
    Switch(SwitchName),
    /// A profile granted over the subject, by the name it has today.
    Profile(DisplayName),
    /// The tenant's opening to support.
    Support,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Baseline => f.write_str("baseline"),
            Self::Role(role) => write!(f, "role {role}"),
            Self::Level(level) => write!(f, "level {level}"),
            Self::Unrestricted => f.write_str("full access by default"),
            Self::Switch(switch) => write!(f, "switch {switch}"),
            Self::Profile(profile) => write!(f, "profile {profile}"),
            Self::Support => f.write_str("support access"),
        }
    }
}

/// Writes permissions as `view_record (any); edit_plan (own)`.
pub(crate) fn permission_text(held: &[HeldPermission]) -> String {
    let one = |held: &HeldPermission| format!("{} ({})", held.permission, held.reach.as_str());
    held.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Writes reasons, each with what it gives: `role director: edit_plan, view_record`.
pub(crate) fn reason_text(held: &[HeldPermission]) -> String {
    let mut by_reason: BTreeMap<&Why, Vec<&str>> = BTreeMap::new();
    for permission in held {
        for why in &permission.why {
            by_reason
                .entry(why)
                .or_default()
                .push(permission.permission.as_str());
        }
    }
    let one = |(why, given): (&Why, Vec<&str>)| format!("{why}: {}", given.join(", "));
    by_reason
        .into_iter()
        .map(one)
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_given_twice_is_told_under_both_reasons() {
        let role = Why::Role(RoleName::new("director").unwrap());
        let held = [
            HeldPermission {
                permission: PermissionName::new("edit_plan").unwrap(),
                reach: Reach::Own,
                why: vec![role.clone()],
            },
            HeldPermission {
                permission: PermissionName::new("view_record").unwrap(),
                reach: Reach::Any,
                why: vec![Why::Baseline, role],
            },
        ];
        assert_eq!(permission_text(&held), "edit_plan (own); view_record (any)");
        assert_eq!(
            reason_text(&held),
            "baseline: view_record; role director: edit_plan, view_record"
        );
        assert_eq!(reason_text(&[]), "");
    }
}
