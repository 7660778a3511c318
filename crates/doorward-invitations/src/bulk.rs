//! Many invitations at once: a pure plan with a typed outcome for each row. The plan is the dry run.

mod group;
mod identity;
mod outcome;
mod plan;
mod row;
mod seen;

pub use identity::{Identity, PersonRef, PersonRefError};
pub use outcome::{Outcome, PlannedAmendment, PlannedGrant, PlannedInvitation, Refusal};
pub use plan::{Counts, Plan, PlannedRow, plan};
pub use row::{Facts, ProfileFacts, Row, Template};
