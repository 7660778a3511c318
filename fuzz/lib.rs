//! Fuzz bodies as plain functions: each takes any bytes, must not panic, and asserts what holds for
//! every input. `cargo test` replays the corpora under `corpus/NAME/` on stable; the targets under
//! `fuzz_targets/` hand the same functions to libFuzzer.

#![cfg(feature = "test-cost")]

mod commands;
mod csv;
mod damaged_record;
mod damaged_storage;
mod email;
mod entry;
mod foreign_hash;
mod hash_cost;
mod law;
mod offer;
mod permission_name;
mod record;
#[expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a stage that does not stand fails at once"
)]
mod stage;
mod token;
#[expect(clippy::indexing_slicing, reason = "the stage has these")]
mod use_cases;
mod user_name;

// The main job's list of people, as its example reads it.
#[path = "../examples/care/people.rs"]
#[expect(dead_code, reason = "the example opens files as well")]
mod people;

// The laws of the use cases: their commands, their model and the world that compares both.
#[path = "../crates/doorward/tests/laws/command.rs"]
#[expect(dead_code, unreachable_pub, reason = "the laws draw commands as well")]
mod command;
#[path = "../crates/doorward/tests/fixture/mod.rs"]
#[expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "a law fails by panicking, and needs a part of the fixture"
)]
mod fixture;
#[path = "../crates/doorward/tests/laws/model.rs"]
#[expect(
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub,
    reason = "a law fails by panicking"
)]
mod model;
#[path = "../crates/doorward/tests/laws/world.rs"]
#[expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "a law fails by panicking"
)]
mod world;

pub use self::commands::commands;
pub use self::csv::csv;
pub use self::damaged_record::damaged_record;
pub use self::email::email;
pub use self::entry::entry;
pub use self::foreign_hash::foreign_hash;
pub use self::offer::offer;
pub use self::permission_name::permission_name;
pub use self::record::record;
pub use self::token::token;
pub use self::user_name::user_name;

/// A fuzz body.
pub type Body = fn(&[u8]);

/// Every body, by the name of its target and of its corpus.
pub const BODIES: [(&str, Body); 11] = [
    ("commands", commands),
    ("csv", csv),
    ("damaged_record", damaged_record),
    ("email", email),
    ("entry", entry),
    ("foreign_hash", foreign_hash),
    ("offer", offer),
    ("permission_name", permission_name),
    ("record", record),
    ("token", token),
    ("user_name", user_name),
];
