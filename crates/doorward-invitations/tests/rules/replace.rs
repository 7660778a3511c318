//! Replace.

use doorward_invitations::{ReplaceRejection, Status};
use time::Duration;

use crate::fixture::*;

/// Design 5: "an expired one never blocks a new one".
#[test]
fn an_expired_invitation_gives_its_place_to_a_newer_one() {
    let end = START + Duration::days(7);
    let (replaced, _) = staff().replaced(invitation_id(2), end).unwrap();
    assert_eq!(replaced.status(end), Status::Replaced);
    assert!(!replaced.is_open(), "its claim is free");
}

#[test]
fn an_invitation_that_is_still_good_keeps_its_place() {
    let end = START + Duration::days(7);
    let rejection = staff().replaced(invitation_id(2), end - MICRO).unwrap_err();
    assert_eq!(rejection, ReplaceRejection::StillOpen { until: end });
}
