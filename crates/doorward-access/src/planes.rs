//! Planes: permissions by reach, and the order in which they are composed.

use crate::{Mask, Permissions, Reach};

/// Three planes of permissions, one for each reach. A check is one AND on one plane.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Planes {
    own: Mask,
    assigned: Mask,
    any: Mask,
}

impl Planes {
    /// No permission at any reach.
    pub const EMPTY: Self = Self {
        own: Mask::EMPTY,
        assigned: Mask::EMPTY,
        any: Mask::EMPTY,
    };

    /// Returns the permissions held at this reach and, since wider implies narrower, below it.
    #[must_use]
    pub fn holding<P: Permissions>(permissions: P, reach: Reach) -> Self {
        Self::EMPTY.with(permissions, reach).closed()
    }

    /// Returns the permissions held at this reach.
    #[inline]
    #[must_use]
    pub const fn at(&self, reach: Reach) -> Mask {
        match reach {
            Reach::Own => self.own,
            Reach::Assigned => self.assigned,
            Reach::Any => self.any,
        }
    }

    /// Returns the permissions of both: nothing is ever lost by a union.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    /// Returns the permissions in both.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    /// Returns the permissions of this one that the other does not hold at the same reach.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        self.zip(other, Mask::minus)
    }

    /// Tells whether no permission is held at any reach.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.own.is_empty() && self.assigned.is_empty() && self.any.is_empty()
    }

    /// Tells whether all that the other holds is held here, per reach.
    #[must_use]
    pub fn covers(&self, other: Self) -> bool {
        other.minus(*self).is_empty()
    }

    /// Returns the widest reach at which the permission is held.
    #[must_use]
    #[inline]
    pub fn widest(&self, permission: Mask) -> Option<Reach> {
        if self.any.contains(permission) {
            Some(Reach::Any)
        } else if self.assigned.contains(permission) {
            Some(Reach::Assigned)
        } else if self.own.contains(permission) {
            Some(Reach::Own)
        } else {
            None
        }
    }

    /// What a grant lends over its subject, who is among the assigned by it: never more than that.
    pub(crate) const fn lent(self) -> Self {
        Self {
            any: Mask::EMPTY,
            ..self
        }
    }

    /// Closes downward: what is held at a reach is held at every narrower one.
    pub(crate) fn closed(self) -> Self {
        let assigned = self.assigned | self.any;
        Self {
            own: self.own | assigned,
            assigned,
            any: self.any,
        }
    }

    /// Closes upward: what is taken at a reach is taken at every wider one.
    fn closed_upward(self) -> Self {
        let assigned = self.assigned | self.own;
        Self {
            own: self.own,
            assigned,
            any: self.any | assigned,
        }
    }

    /// Adds permissions at one plane alone.
    pub(crate) fn with<P: Permissions>(mut self, permissions: P, reach: Reach) -> Self {
        let plane = match reach {
            Reach::Own => &mut self.own,
            Reach::Assigned => &mut self.assigned,
            Reach::Any => &mut self.any,
        };
        *plane |= permissions.mask();
        self
    }

    fn zip(self, other: Self, join: impl Fn(Mask, Mask) -> Mask) -> Self {
        Self {
            own: join(self.own, other.own),
            assigned: join(self.assigned, other.assigned),
            any: join(self.any, other.any),
        }
    }
}

/// What switches take: each permission at a reach and wider, never narrower (design 4, step 3).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Withdrawal(Planes);

impl Withdrawal {
    pub(crate) fn of<P: Permissions>(permissions: P, from: Reach) -> Self {
        Self(Planes::EMPTY.with(permissions, from).closed_upward())
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0.union(other.0))
    }

    pub(crate) const fn planes(&self) -> &Planes {
        &self.0
    }
}

/// The composition, in the order that design 4 states: (1) `held` is the union the caller made, (2)
/// closed downward, (3) minus what switches withdraw, (4) within the ceiling of the kind. Nothing is
/// united after (4).
pub(crate) fn compose(held: Planes, withdrawn: Withdrawal, ceiling: Planes) -> Planes {
    held.closed().minus(withdrawn.0).intersection(ceiling)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masks() -> impl Strategy<Value = Planes> {
        any::<[u8; 3]>().prop_map(|bits| {
            Reach::ALL
                .into_iter()
                .zip(bits)
                .fold(Planes::EMPTY, |planes, (reach, byte)| {
                    (0..8)
                        .filter(|bit| byte & (1 << bit) != 0)
                        .fold(planes, |planes, bit| {
                            planes.with(Mask::of_bit(bit * 18), reach)
                        })
                })
        })
    }

    fn ceilings() -> impl Strategy<Value = Planes> {
        masks().prop_map(Planes::closed)
    }

    fn withdrawals() -> impl Strategy<Value = Withdrawal> {
        masks().prop_map(|planes| Withdrawal(planes.closed_upward()))
    }

    fn is_closed(planes: Planes) -> bool {
        planes.closed() == planes
    }

    proptest! {
        #[test]
        fn a_union_is_commutative_associative_and_idempotent(
            a in masks(), b in masks(), c in masks()
        ) {
            prop_assert_eq!(a.union(b), b.union(a));
            prop_assert_eq!(a.union(b).union(c), a.union(b.union(c)));
            prop_assert_eq!(a.union(a), a);
            prop_assert_eq!(a.union(Planes::EMPTY), a);
        }

        /// Design 4: "Union laws (... monotone)": one more level never takes anything.
        #[test]
        fn holding_more_never_takes_anything(
            a in masks(), b in masks(), off in withdrawals(), ceiling in ceilings()
        ) {
            let more = compose(a.union(b), off, ceiling);
            prop_assert!(more.covers(compose(a, off, ceiling)));
        }

        #[test]
        fn a_composition_of_a_union_is_the_union_of_the_compositions(
            a in masks(), b in masks(), off in withdrawals(), ceiling in ceilings()
        ) {
            let apart = compose(a, off, ceiling).union(compose(b, off, ceiling));
            prop_assert_eq!(compose(a.union(b), off, ceiling), apart);
        }

        #[test]
        fn the_ceiling_is_never_exceeded(
            held in masks(), off in withdrawals(), ceiling in ceilings()
        ) {
            prop_assert!(ceiling.covers(compose(held, off, ceiling)));
        }

        #[test]
        fn a_withdrawal_never_widens(
            held in masks(), one in withdrawals(), two in withdrawals(), ceiling in ceilings()
        ) {
            let with_one = compose(held, one, ceiling);
            prop_assert!(with_one.covers(compose(held, one.and(two), ceiling)));
        }

        #[test]
        fn wider_implies_narrower_whatever_was_withdrawn(
            held in masks(), off in withdrawals(), ceiling in ceilings()
        ) {
            prop_assert!(is_closed(compose(held, off, ceiling)));
        }
    }

    /// Design 4, step 3: "each removing its reach and wider, never narrower".
    #[test]
    fn a_withdrawal_at_assigned_leaves_own_alone() {
        let tasks = Mask::of_bit(1);
        let all = Planes::holding(tasks, Reach::Any);
        let left = compose(all, Withdrawal::of(tasks, Reach::Assigned), all);
        assert_eq!(left.widest(tasks), Some(Reach::Own));
        let nothing = compose(all, Withdrawal::of(tasks, Reach::Own), all);
        assert_eq!(nothing.widest(tasks), None);
        let assigned = compose(all, Withdrawal::of(tasks, Reach::Any), all);
        assert_eq!(assigned.widest(tasks), Some(Reach::Assigned));
    }
}
