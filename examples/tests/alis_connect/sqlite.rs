//! The same tests as in `main.rs`, over SQLite.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../fixture/mod.rs"]
mod fixture;
#[path = "../storage/sqlite.rs"]
mod storage;

mod auditing;
mod inviting;
mod managing;
mod maple;
