//! The main job, run as a manager runs it: the whole process, its files, its page, its exit code.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod broken;
mod continued;
mod run;
mod whole;
