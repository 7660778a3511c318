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
            return Decision::Allow(self.source_of(asked.first(), reach, subject, now));
        }
        let over = self.effective_over(subject, now);
        if over.at(reach).contains(asked) {
            return Decision::Allow(self.source_of(asked.first(), reach, subject, now));
        }
        if let Some(missing) = self.first_missing(subject, now) {
            return Decision::Undecided(missing);
        }
        let lacking = asked.minus(over.at(reach)).first();
        Decision::Deny(self.denial_of(lacking, reach, over, subject, now))
    }

    #[inline]
    fn source_of(
        &self,
        permission: Mask,
        reach: Reach,
        subject: Option<SubjectId>,
        now: OffsetDateTime,
    ) -> Source {
        for (source, planes) in &self.sources {
            if planes.at(reach).contains(permission) {
                return *source;
            }
        }
        let mut over = subject
            .into_iter()
            .flat_map(|subject| self.grants_over(subject));
        let gives = |grant: &&HeldGrant| {
            grant.is_live(now) && grant.effective.at(reach).contains(permission)
        };
        // INVARIANT (sources): whatever is held comes from a source or a grant over the subject.
        over.find(gives)
            .map_or(Source::Baseline, |grant| Source::Grant(grant.id))
    }

    fn denial_of(
        &self,
        permission: Mask,
        reach: Reach,
        over: Planes,
        subject: Option<SubjectId>,
        now: OffsetDateTime,
    ) -> Denial {
        let grants = || {
            subject
                .into_iter()
                .flat_map(|subject| self.grants_over(subject))
        };
        let live = grants().filter(|grant| grant.is_live(now));
        let raw = live.fold(self.held, |all, grant| all.union(grant.held));
        if raw.at(reach).contains(permission) {
            return self.cut_of(permission, reach);
        }
        if let Some(held) = over.widest(permission) {
            return Denial::OutOfReach { held };
        }
        if let Some(narrower) = raw.widest(permission) {
            return self.cut_of(permission, narrower);
        }
        // While it is live, a grant puts its subject among the assigned.
        let lent = reach.min(Reach::Assigned);
        let gives = |grant: &&HeldGrant| grant.effective.at(lent).contains(permission);
        match grants().find(gives) {
            Some(grant) if !grant.over && !grant.window.has_ended(now) => {
                Denial::GrantNotYet(grant.id)
            }
            Some(grant) => Denial::GrantEnded(grant.id),
            None => Denial::NeverGranted,
        }
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
