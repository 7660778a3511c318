//! Revoke.

use doorward_invitations::{Closed, Confirmed, RevokeRejection, Status};
use doorward_types::Principal;
use time::Duration;

use crate::fixture::*;

fn director() -> Principal {
    Principal::Account {
        account: account(9),
        membership: member(1),
    }
}

/// Kalix: "Revoke invitation - removes the invited user's ability to accept the pending invitation".
#[test]
fn a_pending_invitation_is_revoked() {
    let (revoked, events) = staff().revoke(director(), START).unwrap();
    assert_eq!(revoked.status(START), Status::Revoked);
    assert!(!revoked.is_open());
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].mailing(), None);
}

/// Study complaint 20: an expired card could not be removed.
#[test]
fn an_expired_invitation_is_revoked_too() {
    assert!(
        staff()
            .revoke(director(), START + Duration::days(8))
            .is_ok()
    );
}

/// Study complaint 3: an accepted invite could be flipped to cancelled.
#[test]
fn an_accepted_invitation_is_not_revoked_and_names_the_membership() {
    let acceptance = sign_in(1, address());
    let (accepted, _) = staff()
        .accept(acceptance, Confirmed::by_post(), &staff_policy(), START)
        .unwrap();
    let RevokeRejection::Closed(closed) = accepted.revoke(director(), START).unwrap_err();
    let Closed::Accepted(accepted) = closed else {
        panic!("{closed:?}")
    };
    assert_eq!(accepted.membership, member(101));
}
