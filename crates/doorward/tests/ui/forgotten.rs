//! A use case that changes something is not called without a permit.

use doorward::{Doorward, types::InvitationId};

async fn revoke(door: &Doorward, invitation: InvitationId) {
    let _ = door.revoke_invitation(invitation).await;
}

fn main() {}
