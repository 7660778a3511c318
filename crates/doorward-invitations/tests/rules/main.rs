//! The observable rules of invitations, one test a rule, each named after it.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail the test"
)]

mod accept;
mod adopt;
mod amend;
mod bulk;
mod bulk_laws;
mod decline;
mod delivery;
mod due;
mod fixture;
mod golden;
mod issue;
mod link;
mod model;
mod outward;
mod replace;
mod resend;
mod revoke;
