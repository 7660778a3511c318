//! ALIS Connect, sentence by sentence: each rule of its guide, run on the real thing.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../fixture/mod.rs"]
mod fixture;
#[path = "../storage/memory.rs"]
mod storage;

mod auditing;
mod inviting;
mod managing;
mod maple;
