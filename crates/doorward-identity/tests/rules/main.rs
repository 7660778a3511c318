//! The rules of accounts, each as a test named after it.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail the test"
)]

mod activation;
mod address;
mod claims;
mod conversion;
mod details;
mod machine;
mod password;
mod pin;
mod session;
mod sign_in;
mod status;
mod stored;
mod support;
mod temporary;
mod yielding;
