//! The use cases of identity over memory: real storage, real mail, a clock that stands.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod accounts;
mod addresses;
mod agency;
mod credentials;
mod joining;
mod operator;
mod resending;
mod sign_in;
