//! Reasons: what gives a permission, by the names it has today.

use doorward_access::{
    Catalog, Grant, Level, Mask, Membership, Permission, Permissions, Reach, Relation, Source,
    Standing,
};
use doorward_audit::report::{HeldPermission, Reach as Extent, Why};
use doorward_types::SubjectId;
use time::OffsetDateTime;

use crate::lists::ProfileNames;

/// What sources are called today.
pub(crate) struct Reasons<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) levels: &'a [Level],
    pub(crate) grants: &'a [Grant],
    pub(crate) profiles: &'a ProfileNames,
    pub(crate) member: Option<&'a Membership>,
}

impl Reasons<'_> {
    /// Every permission that is held over records of this relation, each with what gives it.
    pub(crate) fn held(
        &self,
        standing: &Standing,
        relation: Relation,
        subject: Option<SubjectId>,
        now: OffsetDateTime,
    ) -> Vec<HeldPermission> {
        let held = standing.permissions_over(relation, subject, now);
        let mine = self
            .catalog
            .permissions()
            .filter(|(_, permission)| held.contains(permission.mask()));
        mine.map(|(name, permission)| HeldPermission {
            permission: name.clone(),
            reach: reach_word(relation.reach()),
            why: self.of(standing, permission.mask(), relation, subject, now),
        })
        .collect()
    }

    /// Every permission that is held without grants, at its widest reach.
    pub(crate) fn effective(
        &self,
        standing: &Standing,
        now: OffsetDateTime,
    ) -> Vec<HeldPermission> {
        let widest = |permission: Permission| standing.effective().widest(permission.mask());
        let held = self.catalog.permissions().filter_map(|(name, permission)| {
            let reach = widest(permission)?;
            let relation = match reach {
                Reach::Own => Relation::Own,
                Reach::Assigned => Relation::Assigned,
                Reach::Any => Relation::Other,
            };
            Some(HeldPermission {
                permission: name.clone(),
                reach: reach_word(reach),
                why: self.of(standing, permission.mask(), relation, None, now),
            })
        });
        held.collect()
    }

    /// Everything that gives these permissions, each reason once.
    pub(super) fn of(
        &self,
        standing: &Standing,
        asked: Mask,
        relation: Relation,
        subject: Option<SubjectId>,
        now: OffsetDateTime,
    ) -> Vec<Why> {
        let each = self.catalog.permissions().map(|(_, permission)| permission);
        let asked = each.filter(|permission| asked.contains(permission.mask()));
        let sources =
            asked.flat_map(|permission| standing.sources(permission, relation, subject, now));
        let mut why: Vec<Why> = sources.filter_map(|source| self.why(source)).collect();
        why.sort();
        why.dedup();
        why
    }

    fn why(&self, source: Source) -> Option<Why> {
        Some(match source {
            Source::Baseline => Why::Baseline,
            Source::Role => Why::Role(self.member?.role()?.clone()),
            Source::Unrestricted => Why::Unrestricted,
            Source::Level(id) => {
                let level = self.levels.iter().find(|level| level.id() == id)?;
                Why::Level(level.name().clone())
            }
            Source::Switch(switch) => Why::Switch(self.catalog.switch_name(switch)?.clone()),
            Source::Grant(id) => {
                let grant = self.grants.iter().find(|grant| grant.id() == id)?;
                Why::Profile(self.profiles.name(grant.profile())?)
            }
            Source::Support(_) => Why::Support,
        })
    }
}

const fn reach_word(reach: Reach) -> Extent {
    match reach {
        Reach::Own => Extent::Own,
        Reach::Assigned => Extent::Assigned,
        Reach::Any => Extent::Any,
    }
}
