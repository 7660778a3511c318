//! What is read: checks and reviews, lists, the report, the audit log, and what the sweep tidies.

mod audit;
mod checks;
mod lists;
mod report;
mod reviews;
mod sweep;
mod world;
