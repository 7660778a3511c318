//! Kalix, sentence by sentence: each rule of its article, run on the real thing.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../fixture/mod.rs"]
mod fixture;
#[path = "../storage/memory.rs"]
mod storage;

mod accepting;
mod clients;
mod groups;
mod inviting;
mod practice;
mod roles;
mod support;
mod table;
mod users;
