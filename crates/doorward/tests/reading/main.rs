//! What is read: checks and reviews, lists, the report, the audit log, and what the sweep tidies.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail the test"
)]

mod audit;
mod checks;
#[expect(dead_code, reason = "nobody commits first here")]
#[path = "../identity/agency/counted.rs"]
mod counted;
mod lists;
mod report;
mod reviews;
mod sweep;
mod world;
