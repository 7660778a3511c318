//! Permits that were kept: an act stands on what its permit was made from only where that still is
//! so (ASVS 8.3.2: changes of what is allowed take effect at once).

use doorward::{
    Denied, Error, Invite, InviteRejection, ManageMembers, OwnAccount,
    access::Access,
    invitations::Confirmed,
    types::{Levels, Window},
};
use time::Duration;

use super::accepting::invited_elsewhere;
use crate::fixture::{House, Member, block_on, invitation, staff};

fn with_role(house: &House, member: &Member, role: &str) {
    let permit = house.director(ManageMembers);
    let read = block_on(house.door.member(&permit, member.membership)).unwrap();
    let access = Access {
        role: Some(role.parse().unwrap()),
        levels: Levels::none(),
        switches: [].into(),
    };
    let edited = house
        .door
        .edit_access(permit, member.membership, read.version, access);
    block_on(edited).unwrap();
}

fn disable(house: &House, member: &Member) {
    let permit = house.director(ManageMembers);
    block_on(house.door.disable_access(permit, member.membership)).unwrap();
}

/// What is left of a refused act: one entry that says so.
fn refused_alone(noted: &[String]) {
    assert_eq!(noted, ["act.refuse/session_ended"]);
}

#[test]
fn whose_access_was_disabled_invites_nobody_on_a_kept_permit() {
    let house = House::open();
    let cory = house.member("cory@example.org", staff("coordinator"));
    let kept = house.permit(&cory.session, Invite);
    disable(&house, &cory);
    let form = invitation("cleo@example.org", staff("clinical"));
    let (refused, noted) = house.noting(|| block_on(house.door.invite(kept, form)));
    assert!(
        matches!(refused, Err(Error::Denied(Denied::Session(_)))),
        "{refused:?}"
    );
    refused_alone(&noted);
    assert!(house.mails_to("cleo@example.org").is_empty());
}

#[test]
fn who_was_demoted_offers_nothing_above_them_on_a_kept_permit() {
    let house = House::open();
    let cory = house.member("cory@example.org", staff("director"));
    let kept = house.permit(&cory.session, Invite);
    with_role(&house, &cory, "coordinator");
    let form = invitation("cleo@example.org", staff("director"));
    let refused = block_on(house.door.invite(kept, form));
    assert!(refused.is_err(), "{refused:?}");
    assert!(house.mails_to("cleo@example.org").is_empty());
}

/// Nobody is refused for what a permit was made from long before.
#[test]
fn what_a_kept_permit_refuses_is_looked_at_again() {
    let house = House::open();
    let cory = house.member("cory@example.org", staff("coordinator"));
    let above = || invitation("cleo@example.org", staff("director"));
    let now = house.permit(&cory.session, Invite);
    let refused = block_on(house.door.invite(now, above()));
    assert!(
        matches!(refused, Err(Error::Rejected(InviteRejection::Rule(_)))),
        "{refused:?}"
    );
    let kept = house.permit(&cory.session, Invite);
    with_role(&house, &cory, "director");
    let invited = block_on(house.door.invite(kept, above()));
    assert!(invited.is_ok(), "{invited:?}");
}

#[test]
fn an_invitation_on_a_kept_permit_runs_from_when_it_is_made() {
    let house = House::open();
    let kept = house.director(Invite);
    house.pass(Duration::minutes(10));
    let form = invitation("cleo@example.org", staff("clinical"));
    let invited = block_on(house.door.invite(kept, form)).unwrap();
    assert_eq!(invited.expires_at, house.now() + Duration::days(7));
}

#[test]
fn a_kept_permit_ends_with_the_window_of_its_member() {
    let house = House::open();
    let cory = house.member("cory@example.org", staff("coordinator"));
    let permit = house.director(ManageMembers);
    let read = block_on(house.door.member(&permit, cory.membership)).unwrap();
    let window = Window::new(house.now(), Some(house.now() + Duration::days(2))).unwrap();
    let set = house
        .door
        .set_member_window(permit, cory.membership, read.version, window);
    block_on(set).unwrap();
    let cory = house.sign_in(house.tenant(), "cory@example.org").unwrap();
    let kept = house.permit(&cory, Invite);
    house.pass(Duration::days(2));
    let form = invitation("cleo@example.org", staff("clinical"));
    let refused = block_on(house.door.invite(kept, form));
    assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
}

#[test]
fn whose_access_was_disabled_accepts_nothing_on_a_kept_permit() {
    let house = House::open();
    let (cleo, elsewhere) = invited_elsewhere(&house);
    let kept = house.permit(&cleo.session, OwnAccount);
    disable(&house, &cleo);
    let before = house.noting(|| {
        let accepted = house
            .door
            .accept_signed_in(kept, elsewhere, Confirmed::by_post());
        block_on(accepted)
    });
    let (refused, noted) = before;
    assert!(
        matches!(refused, Err(Error::Denied(Denied::Session(_)))),
        "{refused:?}"
    );
    refused_alone(&noted);
}
