//! A permit of one act is none for another.

use doorward::{Doorward, Grant, Permit, types::InvitationId};

async fn revoke(door: &Doorward, permit: Permit<Grant>, invitation: InvitationId) {
    let _ = door.revoke_invitation(permit, invitation).await;
}

fn main() {}
