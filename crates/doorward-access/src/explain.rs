//! Explanations: a decision in words, and what would grant it.

use std::fmt;

use doorward_types::{
    DisplayName, GrantId, LevelId, Levels, ProfileId, RoleName, Switch, SwitchName,
};
use time::OffsetDateTime;

use crate::{
    Catalog, Combination, Decision, Denial, Held, Mask, Membership, Missing, Permissions, Reach,
    Record, Relation, Source, Standing, Unrestricted, composition::Power,
};

/// A decision in words, made for one member, permission and record; never kept, always made anew.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Explanation {
    /// The decision.
    pub decision: Decision,
    /// How the record stands to the member.
    pub relation: Relation,
    /// What would grant it, where it is denied.
    pub remedies: Vec<Remedy>,
    text: String,
}

/// A single change that would allow what was denied.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Remedy {
    /// Restore the membership, or extend its window.
    OpenMembership,
    /// Renew a grant that is over or has not begun.
    RenewGrant(GrantId),
    /// Assign this role.
    AssignRole(RoleName),
    /// Assign this level.
    AssignLevel(LevelId, DisplayName),
    /// Give unrestricted access.
    Unrestrict,
    /// Set this switch.
    SetSwitch(SwitchName, Switch),
    /// Grant this profile over the subject.
    GrantProfile(ProfileId, DisplayName),
    /// Attach the subject to the member.
    Attach,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        if self.remedies.is_empty() {
            return Ok(());
        }
        let remedies: Vec<_> = self.remedies.iter().map(Remedy::to_string).collect();
        write!(f, "; it would be allowed by {}", remedies.join(", or by "))
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenMembership => f.write_str("restoring or extending the membership"),
            Self::RenewGrant(_) => f.write_str("a grant over this person that holds now"),
            Self::AssignRole(role) => write!(f, "the role `{role}`"),
            Self::AssignLevel(_, name) => write!(f, "the level `{name}`"),
            Self::Unrestrict => f.write_str("unrestricted access"),
            Self::SetSwitch(name, Switch::On) => write!(f, "switching `{name}` on"),
            Self::SetSwitch(name, Switch::Off) => write!(f, "switching `{name}` off"),
            Self::GrantProfile(_, name) => write!(f, "the profile `{name}` over this person"),
            Self::Attach => f.write_str("attaching this person to the member"),
        }
    }
}

/// Explains whether a member may do this to the record, and for a denial lists every single change
/// that would allow it: a level or profile of those given, a role, a switch, an attachment.
///
/// The text is for administrators: it names levels, roles and switches.
#[must_use]
pub fn explain<P: Permissions>(
    catalog: &Catalog,
    membership: &Membership,
    held: &Held<'_>,
    permissions: P,
    record: &Record,
    now: OffsetDateTime,
) -> Explanation {
    let asked = permissions.mask();
    let standing = Standing::resolve(catalog, membership, held);
    let relation = standing.relation(record, now);
    let decision = standing.check_record(permissions, record, now);
    let question = Question {
        catalog,
        membership,
        held,
        asked,
        relation,
        record,
    };
    let remedies = match decision {
        Decision::Deny(denial) => question.remedies(denial),
        Decision::Allow(_) | Decision::Undecided(_) => Vec::new(),
    };
    let text = question.text(decision);
    Explanation {
        decision,
        relation,
        remedies,
        text,
    }
}

struct Question<'a> {
    catalog: &'a Catalog,
    membership: &'a Membership,
    held: &'a Held<'a>,
    asked: Mask,
    relation: Relation,
    record: &'a Record,
}

impl Question<'_> {
    fn remedies(&self, denial: Denial) -> Vec<Remedy> {
        match denial {
            Denial::Removed => return Vec::new(),
            Denial::Disabled | Denial::NotYet | Denial::Expired => {
                return vec![Remedy::OpenMembership];
            }
            _ => {}
        }
        let mut remedies = Vec::new();
        if let Denial::GrantEnded(id) | Denial::GrantNotYet(id) = denial {
            remedies.push(Remedy::RenewGrant(id));
        }
        remedies.extend(self.switches());
        remedies.extend(self.roles());
        remedies.extend(self.levels());
        if self.record.subject().is_some() && self.relation == Relation::Other {
            remedies.extend(self.reaches());
        }
        remedies.extend(self.profiles());
        remedies
    }

    fn switches(&self) -> Vec<Remedy> {
        let membership = self.membership;
        let own = self
            .catalog
            .toggles_of(membership.kind(), membership.role());
        let flips = own.flat_map(|toggle| {
            [Switch::On, Switch::Off].map(|stands| (toggle.name().clone(), stands))
        });
        let helps = flips.filter(|(name, stands)| {
            let mut changed = membership.combination();
            changed.switches.insert(name.clone(), *stands);
            self.allowed_by(&changed)
        });
        helps
            .map(|(name, stands)| Remedy::SetSwitch(name, stands))
            .collect()
    }

    fn roles(&self) -> Vec<Remedy> {
        let kind = self.catalog.kind(self.membership.kind());
        let roles = kind.map_or(&[][..], |kind| kind.roles()).iter();
        let helps = roles.filter(|role| {
            let mut changed = self.membership.combination();
            changed.role = Some((*role).clone());
            self.allowed_by(&changed)
        });
        helps.map(|role| Remedy::AssignRole(role.clone())).collect()
    }

    fn levels(&self) -> Vec<Remedy> {
        let Levels::Assigned(ids) = self.membership.levels() else {
            return Vec::new();
        };
        let active = self
            .held
            .sets
            .levels
            .iter()
            .filter(|level| level.is_active());
        let helps = active.filter(|level| {
            let mut more = ids.clone();
            more.insert(level.id());
            let mut changed = self.membership.combination();
            changed.levels = Levels::Assigned(more);
            self.allowed_by(&changed)
        });
        let mut remedies: Vec<_> = helps
            .map(|level| Remedy::AssignLevel(level.id(), level.name().clone()))
            .collect();
        let kind = self.catalog.kind(self.membership.kind());
        if kind.is_some_and(|kind| kind.unrestricted() != Unrestricted::None) {
            let mut changed = self.membership.combination();
            changed.levels = Levels::Unrestricted;
            remedies.extend(self.allowed_by(&changed).then_some(Remedy::Unrestrict));
        }
        remedies
    }

    fn reaches(&self) -> Option<Remedy> {
        let kind = self.catalog.kind(self.membership.kind())?;
        let taken = kind.attachments() == crate::Attachments::Taken;
        let power = Power::of(
            self.catalog,
            &self.membership.combination(),
            &self.held.sets,
        )
        .ok()?;
        (taken && power.planes.at(Reach::Assigned).contains(self.asked)).then_some(Remedy::Attach)
    }

    fn profiles(&self) -> Vec<Remedy> {
        if self.record.subject().is_none() {
            return Vec::new();
        }
        // A grant puts its subject among the assigned.
        let reach = self.relation.reach().min(Reach::Assigned);
        let active = self
            .held
            .sets
            .profiles
            .iter()
            .filter(|profile| profile.is_active());
        let helps = active.filter(|profile| {
            let changed = self.membership.combination_over(profile.id());
            self.holds(&changed, reach)
        });
        helps
            .map(|profile| Remedy::GrantProfile(profile.id(), profile.name().clone()))
            .collect()
    }

    fn allowed_by(&self, changed: &Combination) -> bool {
        *changed != self.membership.combination() && self.holds(changed, self.relation.reach())
    }

    fn holds(&self, combination: &Combination, reach: Reach) -> bool {
        let power = Power::of(self.catalog, combination, &self.held.sets);
        power.is_ok_and(|power| power.planes.at(reach).contains(self.asked))
    }

    fn text(&self, decision: Decision) -> String {
        let names: Vec<_> = self
            .asked
            .iter_bits()
            .filter_map(|bit| {
                self.catalog
                    .mask_name(Mask::of_bit(bit))
                    .map(|name| format!("`{name}`"))
            })
            .collect();
        let asked = if names.is_empty() {
            "nothing".to_owned()
        } else {
            names.join(" and ")
        };
        let over = format!("{asked} over {}", self.relation);
        match decision {
            Decision::Allow(source) => format!("{over} is allowed by {}", self.source(source)),
            Decision::Deny(denial) => format!("{over} is denied: {}", self.denial(denial)),
            Decision::Undecided(missing) => {
                format!("{over} could not be decided: {}", self.missing(missing))
            }
        }
    }

    fn source(&self, source: Source) -> String {
        match source {
            Source::Baseline => format!("the kind `{}`", self.membership.kind()),
            Source::Role => match self.membership.role() {
                Some(role) => format!("the role `{role}`"),
                None => "the role".to_owned(),
            },
            Source::Unrestricted => "unrestricted access".to_owned(),
            Source::Level(id) => match self.held.sets.level(id) {
                Some(level) => format!("the level `{}`", level.name()),
                None => "a level".to_owned(),
            },
            Source::Switch(switch) => match self.catalog.switch_name(switch) {
                Some(name) => format!("the switch `{name}`"),
                None => "a switch".to_owned(),
            },
            Source::Grant(id) => {
                let grant = self.held.grants.iter().find(|grant| grant.id() == id);
                match grant.and_then(|grant| self.held.sets.profile(grant.profile())) {
                    Some(profile) => format!("the profile `{}` over this person", profile.name()),
                    None => "a grant over this person".to_owned(),
                }
            }
            Source::Support(_) => "the opening to support".to_owned(),
        }
    }

    fn denial(&self, denial: Denial) -> String {
        match denial {
            Denial::Removed => "the member was removed".to_owned(),
            Denial::Disabled => "the membership is disabled".to_owned(),
            Denial::NotYet => "the membership has not begun".to_owned(),
            Denial::Expired => "the membership is over".to_owned(),
            Denial::Withdrawn(switch) => match self.catalog.switch_name(switch) {
                Some(name) => format!("the switch `{name}` takes it"),
                None => "a switch takes it".to_owned(),
            },
            Denial::AboveCeiling => {
                format!(
                    "no member of kind `{}` can hold it there",
                    self.membership.kind()
                )
            }
            Denial::OutOfReach { held } => format!("it is held over {held} only"),
            Denial::GrantNotYet(_) => "the grant over this person has not begun".to_owned(),
            Denial::GrantEnded(_) => "the grant over this person is over".to_owned(),
            Denial::NeverGranted => "nothing gives it".to_owned(),
        }
    }

    fn missing(&self, missing: Missing) -> String {
        match missing {
            Missing::Catalog => {
                "the catalog does not know the member's kind, role or a switch".to_owned()
            }
            Missing::Level(id) => format!("the record of level `{id}` is missing"),
            Missing::Profile(id) => format!("the record of profile `{id}` is missing"),
            Missing::Permission => "no permission of the catalog was named".to_owned(),
        }
    }
}
