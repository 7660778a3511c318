//! Invitations as sponsors and invitees live them: every rule of the use cases that invite, accept
//! and decline, over real storage and real mails.

mod fixture;

#[path = "invitations/accepting.rs"]
mod accepting;
#[path = "invitations/bulk.rs"]
mod bulk;
#[path = "invitations/declining.rs"]
mod declining;
#[path = "invitations/inviting.rs"]
mod inviting;
#[path = "invitations/sponsors.rs"]
mod sponsors;
