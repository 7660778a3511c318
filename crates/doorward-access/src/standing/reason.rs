//! Deciding with a reason: what gave a permission, or what kept it.

use doorward_types::SubjectId;
use time::OffsetDateTime;

use super::{HeldGrant, Standing};
use crate::{Decision, Denial, Mask, Missing, Planes, Reach, Relation, Source};

impl Standing {
    #[inline]
    pub(super) fn decide(
        &self,
        asked: Mask,
        relation: Relation,
        subject: Option<SubjectId>,
        now: OffsetDateTime,
    ) -> Decision {
        if asked.is_empty() {
            return Decision::Undecided(Missing::Permission);
        }
        if let Some(closed) = self.closed_at(now) {
            return closed;
        }
        let reach = relation.reach();
        if self.effective.at(reach).contains(asked) {
            // INVARIANT (sources): whatever the member holds comes from one of them.
            return Decision::Allow(
                self.source_of(asked.first(), reach)
                    .unwrap_or(Source::Baseline),
            );
        }
        match subject {
            Some(subject) if !self.grants.is_empty() => {
                self.decide_over(asked, reach, subject, now)
            }
            _ => self.refuse(asked, reach),
        }
    }

    /// Decides where nothing is granted over the subject.
    #[inline]
    fn refuse(&self, asked: Mask, reach: Reach) -> Decision {
        if let Some(level) = self.missing {
            return Decision::Undecided(Missing::Level(level));
        }
        let lacking = asked.minus(self.effective.at(reach)).first();
        let denial = self.denial_of(lacking, reach, &self.effective, &self.held);
        Decision::Deny(denial.unwrap_or(Denial::NeverGranted))
    }

    /// Decides with what is granted over the subject besides.
    #[inline(never)]
    fn decide_over(
        &self,
        asked: Mask,
        reach: Reach,
        subject: SubjectId,
        now: OffsetDateTime,
    ) -> Decision {
        let over = self.effective_over(Some(subject), now);
        if over.at(reach).contains(asked) {
            let permission = asked.first();
            let gives = |grant: &&HeldGrant| {
                grant.is_live(now) && grant.effective.at(reach).contains(permission)
            };
            let granted = || self.grants_over(subject).find(gives);
            let granted = || granted().map(|grant| Source::Grant(grant.id));
            // INVARIANT (sources): whatever is held comes from a source or a grant over the subject.
            let source = self.source_of(permission, reach).or_else(granted);
            return Decision::Allow(source.unwrap_or(Source::Baseline));
        }
        if let Some(missing) = self.first_missing(Some(subject), now) {
            return Decision::Undecided(missing);
        }
        let lacking = asked.minus(over.at(reach)).first();
        let live = self.grants_over(subject).filter(|grant| grant.is_live(now));
        let raw = live.fold(self.held, |all, grant| all.union(grant.held));
        if let Some(denial) = self.denial_of(lacking, reach, &over, &raw) {
            return Decision::Deny(denial);
        }
        // While it is live, a grant puts its subject among the assigned.
        let lent = reach.min(Reach::Assigned);
        let gives = |grant: &&HeldGrant| grant.effective.at(lent).contains(lacking);
        Decision::Deny(match self.grants_over(subject).find(gives) {
            Some(grant) if !grant.over && !grant.window.has_ended(now) => {
                Denial::GrantNotYet(grant.id)
            }
            Some(grant) => Denial::GrantEnded(grant.id),
            None => Denial::NeverGranted,
        })
    }

    #[inline]
    fn source_of(&self, permission: Mask, reach: Reach) -> Option<Source> {
        let gives = |planes: &Planes| planes.at(reach).contains(permission);
        self.sources
            .iter()
            .find(|(_, planes)| gives(planes))
            .map(|(source, _)| *source)
    }

    /// Why a permission is lacking that something gives, before cuts (`raw`) or after (`over`).
    #[inline]
    fn denial_of(
        &self,
        permission: Mask,
        reach: Reach,
        over: &Planes,
        raw: &Planes,
    ) -> Option<Denial> {
        if raw.at(reach).contains(permission) {
            return Some(self.cut_of(permission, reach));
        }
        // What is effective anywhere, and what is held anywhere, is so at the narrowest reach.
        if let Some(held) = over.widest(permission) {
            return Some(Denial::OutOfReach { held });
        }
        raw.widest(permission)
            .map(|narrower| self.cut_of(permission, narrower))
    }

    /// What cut a permission that something gives: the first switch that takes it, else the ceiling.
    fn cut_of(&self, permission: Mask, reach: Reach) -> Denial {
        let mut taken = self.taken.iter();
        let switch = taken.find(|(_, takes)| takes.planes().at(reach).contains(permission));
        switch.map_or(Denial::AboveCeiling, |(switch, _)| {
            Denial::Withdrawn(*switch)
        })
    }
}
