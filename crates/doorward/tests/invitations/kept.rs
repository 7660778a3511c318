//! Permits that were kept: an act stands on what its permit was made from only where that still is
//! so (ASVS 8.3.2: changes of what is allowed take effect at once).

use std::fmt::Debug;

use doorward::{
    BulkRow, Denied, Error, Invite, InviteRejection, ManageMembers, NewInvitation, OwnAccount,
    access::Access,
    invitations::Confirmed,
    types::{Levels, PersonId, Window},
};
use time::Duration;

use super::accepting::invited_elsewhere;
use crate::fixture::{House, Member, block_on, invitation, kind, oath, request, staff};

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

/// Whose session is over is told so and nothing else, and one entry is left of what they tried.
fn is_over<T: Debug, R: Debug>((refused, noted): (Result<T, Error<R>>, Vec<String>)) {
    assert!(
        matches!(refused, Err(Error::Denied(Denied::Session(_)))),
        "{refused:?}"
    );
    assert_eq!(noted, ["act.refuse/session_ended"]);
}

#[test]
fn whose_access_was_disabled_invites_nobody_on_a_kept_permit() {
    let house = House::open();
    let cory = house.member("cory@example.org", staff("coordinator"));
    let kept = house.permit(&cory.session, Invite);
    disable(&house, &cory);
    let form = invitation("cleo@example.org", staff("clinical"));
    is_over(house.noting(|| block_on(house.door.invite(kept, form))));
    assert!(house.mails_to("cleo@example.org").is_empty());
}

#[test]
fn whose_access_was_disabled_learns_nothing_of_who_there_is() {
    let house = House::open();
    let cory = house.member("cory@example.org", staff("coordinator"));
    let somebody = house.person("Ana", "contact", None);
    let nobody = PersonId::made_at(house.now(), [7; 10]);
    let about = [somebody, nobody].map(|person| {
        let form = NewInvitation {
            person: Some(person),
            ..invitation("cleo@example.org", staff("clinical"))
        };
        (house.permit(&cory.session, Invite), form)
    });
    disable(&house, &cory);
    for (kept, form) in about {
        is_over(house.noting(|| block_on(house.door.invite(kept, form))));
    }
}

#[test]
fn whose_access_was_disabled_is_not_answered_from_a_receipt() {
    let house = House::open();
    let cory = house.member("cory@example.org", staff("coordinator"));
    let permit = || house.permit(&cory.session, Invite).for_request(request(1));
    let form = || invitation("cleo@example.org", staff("clinical"));
    let (first, kept) = (permit(), permit());
    let invited = block_on(house.door.invite(first, form())).unwrap();
    // Nothing stands in the way of a second one.
    let revoked = house
        .door
        .revoke_invitation(house.director(Invite), invited.invitation);
    block_on(revoked).unwrap();
    disable(&house, &cory);
    is_over(house.noting(|| block_on(house.door.invite(kept, form()))));
}

#[test]
fn a_bulk_run_stops_where_the_access_of_its_sponsor_ends() {
    let house = House::open();
    let cory = house.member("cory@example.org", staff("coordinator"));
    let resident = house.residents(1)[0];
    let rows = [1, 2, 3].map(|number| BulkRow {
        number,
        person: house.person("Ana", "contact", None),
        kind: kind("contact"),
        address: Some(format!("contact{number}@example.org")),
        subject: Some(resident.into()),
        profile: Some("family".to_owned()),
        window: None,
        sworn: Some(oath()),
    });
    let permit = house.permit(&cory.session, Invite);
    let run = house.door.invite_many(permit, &rows, |done, _| {
        if done == 1 {
            disable(&house, &cory);
        }
    });
    let run = block_on(run).unwrap();
    assert_eq!(run.rows.len(), 1, "{run:?}");
    assert!(
        matches!(run.stopped, Some(Error::Denied(Denied::Session(_)))),
        "{run:?}"
    );
    assert!(house.mails_to("contact2@example.org").is_empty());
}

#[test]
fn who_was_demoted_offers_nothing_above_them_on_a_kept_permit() {
    let house = House::open();
    let cory = house.member("cory@example.org", staff("director"));
    let kept = house.permit(&cory.session, Invite);
    with_role(&house, &cory, "coordinator");
    let form = invitation("cleo@example.org", staff("director"));
    let refused = block_on(house.door.invite(kept, form));
    assert!(
        matches!(refused, Err(Error::Rejected(InviteRejection::Rule(_)))),
        "{refused:?}"
    );
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
    let confirmed = Confirmed::by_post();
    is_over(house.noting(|| block_on(house.door.accept_signed_in(kept, elsewhere, confirmed))));
}

#[test]
fn whose_access_was_disabled_is_not_told_again_that_they_accepted() {
    let house = House::open();
    let (cleo, elsewhere) = invited_elsewhere(&house);
    let permit = || {
        let permit = house.permit(&cleo.session, OwnAccount);
        permit.for_request(request(1))
    };
    let accept = |permit| {
        let confirmed = Confirmed::by_post();
        block_on(house.door.accept_signed_in(permit, elsewhere, confirmed))
    };
    let (first, second, kept) = (permit(), permit(), permit());
    let joined = accept(first).unwrap();
    assert_eq!(accept(second).unwrap(), joined);
    disable(&house, &cleo);
    is_over(house.noting(|| accept(kept)));
}
