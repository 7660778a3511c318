//! A permit is used up by what it permitted.

use doorward::{Doorward, Invite, Permit, types::InvitationId};

async fn revoke(door: &Doorward, permit: Permit<Invite>, invitation: InvitationId) {
    let _ = door.revoke_invitation(permit, invitation).await;
    let _ = door.revoke_invitation(permit, invitation).await;
}

fn main() {}
