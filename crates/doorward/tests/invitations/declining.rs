//! Declining: by the link or signed in, also with "this is not me".

use doorward::{
    Error, InvitationRef, OwnAccount, ViewAccess,
    invitations::{Confirmed, DeclineReason, DeclineRejection, Status},
    storage::Limit,
    types::Note,
};

use crate::fixture::{DANA, House, block_on, email, request, staff};

fn by_link(
    house: &House,
    link: &str,
    reason: DeclineReason,
) -> Result<(), Error<DeclineRejection>> {
    let declined = house
        .door
        .decline_by_link(link, reason, Confirmed::by_post(), None);
    block_on(declined)
}

/// Design 9.10: "declines with `NotMe`, which the sponsor sees".
#[test]
fn the_sponsor_sees_that_it_was_not_them_and_is_mailed() {
    let house = House::open();
    house.invite("cleo@example.org", staff("clinical"));
    let link = house.link_to("cleo@example.org");
    let before = house.mails_to(DANA).len();
    let (declined, noted) = house.noting(|| by_link(&house, &link, DeclineReason::NotMe));
    declined.unwrap();
    assert_eq!(noted, ["invitation.decline"]);
    assert_eq!(house.mails_to(DANA).len(), before + 1);
    let permit = house.director(ViewAccess);
    let page = block_on(house.door.email_statuses(&permit, None, Limit::MAX)).unwrap();
    let row = page
        .rows
        .iter()
        .find(|row| row.address == email("cleo@example.org"))
        .unwrap();
    assert_eq!(row.status, Status::Declined);
    assert_eq!(row.declined, Some(DeclineReason::NotMe));
}

/// Design 3: a resend answers the first outcome, also where nobody is signed in.
#[test]
fn a_decline_by_the_link_that_is_sent_again_answers_the_first_outcome() {
    let house = House::open();
    house.invite("cleo@example.org", staff("clinical"));
    let link = house.link_to("cleo@example.org");
    let decline = || {
        let (reason, post) = (DeclineReason::NotMe, Confirmed::by_post());
        let asked = Some(request(1));
        block_on(house.door.decline_by_link(&link, reason, post, asked))
    };
    decline().unwrap();
    let (again, noted) = house.noting(decline);
    again.unwrap();
    assert!(noted.is_empty());
}

#[test]
fn what_was_declined_is_neither_accepted_nor_declined_again() {
    let house = House::open();
    house.invite("cleo@example.org", staff("clinical"));
    let link = house.link_to("cleo@example.org");
    let reason = DeclineReason::Other(Note::new("I moved away").unwrap());
    by_link(&house, &link, reason).unwrap();
    assert!(matches!(
        by_link(&house, &link, DeclineReason::NotWanted),
        Err(Error::Rejected(DeclineRejection::AlreadyDeclinedByYou(_)))
    ));
    let accepted = house.door.accept_by_link(
        &link,
        crate::fixture::registration(),
        Confirmed::by_post(),
        None,
    );
    assert!(block_on(accepted).is_err());
    house.invite("cleo@example.org", staff("clinical"));
    house.accept("cleo@example.org");
}

#[test]
fn whoever_is_signed_in_declines_their_own_and_nobody_elses() {
    let house = House::open();
    let cleo = house.member("cleo@example.org", staff("clinical"));
    let other = house.second_tenant("cleo@example.org");
    let invitation = InvitationRef {
        tenant: other.tenant,
        invitation: other.invitation,
    };
    let decline = |session, id| {
        let permit = house.permit(session, OwnAccount).for_request(request(id));
        let reason = DeclineReason::NotWanted;
        let declined =
            house
                .door
                .decline_signed_in(permit, invitation, reason, Confirmed::by_post());
        block_on(declined)
    };
    let (refused, noted) = house.noting(|| decline(&house.director.session, 1));
    assert!(matches!(
        refused,
        Err(Error::Rejected(DeclineRejection::WrongRecipient))
    ));
    assert_eq!(noted, ["act.refuse/wrong_recipient"]);
    decline(&cleo.session, 2).unwrap();
    let before = house.stored();
    decline(&cleo.session, 2).unwrap();
    decline(&cleo.session, 3).unwrap();
    assert_eq!(house.stored(), before, "a double click changes nothing");
}
