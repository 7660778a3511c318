//! Invitations as sponsors and invitees live them: every rule of the use cases that invite, accept
//! and decline, over real storage and real mails.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test fails by panicking; its fixture is its own"
)]

#[expect(dead_code, reason = "each test file uses its part of the fixture")]
mod fixture;

#[path = "invitations/accepting.rs"]
mod accepting;
#[path = "invitations/bulk.rs"]
mod bulk;
#[path = "invitations/declining.rs"]
mod declining;
#[path = "invitations/inviting.rs"]
mod inviting;
#[path = "invitations/kept.rs"]
mod kept;
#[path = "invitations/returning.rs"]
mod returning;
#[path = "invitations/sponsors.rs"]
mod sponsors;
