//! HomeTrak Companion, sentence by sentence: each rule of "Cloud User Setup", run on the real
//! thing.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../fixture/mod.rs"]
mod fixture;
#[path = "../storage/memory.rs"]
mod storage;

mod account;
mod harbor;
mod identity;
mod levels;
mod telephony;
mod viewing;
