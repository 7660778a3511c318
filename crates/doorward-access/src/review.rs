//! Reviews: the reverse questions, from the same tables as the check.

use doorward_types::{MembershipId, SubjectId};
use time::OffsetDateTime;

use crate::{
    Catalog, Decision, Mask, Missing, PermissionSet, Permissions, Planes, Reach, Record, Relation,
    Source, Standing,
};

/// Somebody who can do what was asked, and why.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Able {
    /// Which member; `None` for support.
    pub membership: Option<MembershipId>,
    /// How the record stands to them.
    pub relation: Relation,
    /// What gives it.
    pub source: Source,
}

/// A review that would not be complete.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReviewError {
    /// What one of the members can do could not be decided.
    #[error("the list would not be complete: one member's access could not be decided")]
    Undecided {
        /// Which member.
        membership: Option<MembershipId>,
        /// What is missing.
        missing: Missing,
    },
}

/// Lists who among these members can do this to the record, in their order, each with the reason.
///
/// # Errors
/// [`ReviewError`] where it cannot be told for one of them: a list is complete or an error.
pub fn who_can<'a, P: Permissions>(
    permissions: P,
    record: &Record,
    members: impl IntoIterator<Item = &'a Standing>,
    now: OffsetDateTime,
) -> Result<Vec<Able>, ReviewError> {
    let able = |standing: &Standing| match standing.check_record(permissions, record, now) {
        Decision::Allow(source) => Ok(Some(Able {
            membership: standing.membership(),
            relation: standing.relation(record, now),
            source,
        })),
        Decision::Deny(_) => Ok(None),
        Decision::Undecided(missing) => Err(ReviewError::Undecided {
            membership: standing.membership(),
            missing,
        }),
    };
    members
        .into_iter()
        .filter_map(|standing| able(standing).transpose())
        .collect()
}

/// What a member can reach: everybody's data, their own, and that of each person they are assigned.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Extent {
    /// Held over everybody's data.
    pub everybody: Mask,
    /// Held over the member's own data.
    pub own: Mask,
    /// Held over the data of each person they are assigned, in the order of the ids.
    pub people: Vec<(SubjectId, Mask)>,
}

impl Extent {
    /// Returns the names of what is held over everybody's data.
    #[must_use]
    pub fn everybody_named(&self, catalog: &Catalog) -> PermissionSet {
        catalog.names(&Planes::EMPTY.with(self.everybody, Reach::Any))
    }
}

/// Lists what a member can reach at this instant.
///
/// # Errors
/// [`ReviewError`] where a fact is missing: the answer is complete or an error.
pub fn reach_of(standing: &Standing, now: OffsetDateTime) -> Result<Extent, ReviewError> {
    let undecided = |missing| ReviewError::Undecided {
        membership: standing.membership(),
        missing,
    };
    match standing.closed_at(now) {
        Some(Decision::Undecided(missing)) => return Err(undecided(missing)),
        Some(_) => return Ok(Extent::default()),
        None => {}
    }
    let own = standing.person().map(SubjectId::from);
    let mut people = Vec::new();
    for subject in standing.assigned(now) {
        if let Some(missing) = standing.first_missing(Some(subject), now) {
            return Err(undecided(missing));
        }
        if Some(subject) != own {
            people.push((
                subject,
                standing
                    .effective_over(Some(subject), now)
                    .at(Reach::Assigned),
            ));
        }
    }
    if let Some(missing) = standing.first_missing(own, now) {
        return Err(undecided(missing));
    }
    Ok(Extent {
        everybody: standing.effective().at(Reach::Any),
        own: standing.effective_over(own, now).at(Reach::Own),
        people,
    })
}
