//! Returning: whoever has an account and no place to sign in to accepts by the link and their own
//! password.

use doorward::{
    AcceptInvitationRejection, Error, Invite, Joined, ManageMembers,
    invitations::{AcceptRejection, Confirmed},
    types::{InvitationId, RequestId},
};
use time::Duration;

use crate::fixture::{House, Member, PASSWORD, block_on, registration, request, staff};

const ANA: &str = "ana@example.org";

type Refused = Error<AcceptInvitationRejection>;

/// Ana had a place, was removed, and is invited again.
fn removed_and_invited() -> (House, Member, String, InvitationId) {
    let house = House::open();
    house.invite(ANA, staff("clinical"));
    let ana = house.accept(ANA);
    let permit = house.director(ManageMembers);
    block_on(house.door.remove_member(permit, ana.membership)).unwrap();
    let invited = house.invite(ANA, staff("clinical"));
    let link = house.link_to(ANA);
    (house, ana, link, invited.invitation)
}

fn by_password(
    house: &House,
    link: &str,
    password: &str,
    request: Option<RequestId>,
) -> Result<Joined, Refused> {
    let confirmed = Confirmed::by_post();
    block_on(
        house
            .door
            .accept_by_password(link, password.into(), confirmed, request),
    )
}

fn rejection(refused: Refused) -> AcceptInvitationRejection {
    match refused {
        Error::Rejected(rejection) => rejection,
        other => panic!("{other:?}"),
    }
}

/// Kalix: "If the user has an existing Kalix account under this email".
#[test]
fn a_removed_member_returns_with_the_same_account_and_a_new_membership() {
    let (house, before, link, _) = removed_and_invited();
    let register = house
        .door
        .accept_by_link(&link, registration(), Confirmed::by_post(), None);
    let register = rejection(block_on(register).unwrap_err());
    let AcceptInvitationRejection::Rule(AcceptRejection::SignInToAccept) = register else {
        panic!("{register:?}");
    };
    let joined = by_password(&house, &link, PASSWORD, None).unwrap();
    assert_eq!(joined.account, before.session.account);
    assert_ne!(
        joined.membership, before.membership,
        "nothing of the old place is revived"
    );
    let back = house.signed_in(joined, ANA);
    block_on(house.door.resume(&back.session)).unwrap();
    block_on(house.door.resume(&before.session)).unwrap_err();
}

#[test]
fn a_wrong_password_accepts_nothing_and_counts_until_it_locks() {
    let (house, _, link, _) = removed_and_invited();
    for _ in 0..6 {
        let refused =
            rejection(by_password(&house, &link, "not hers at all, no", None).unwrap_err());
        assert!(
            matches!(refused, AcceptInvitationRejection::Credential),
            "{refused:?}"
        );
    }
    let locked = rejection(by_password(&house, &link, PASSWORD, None).unwrap_err());
    assert!(
        matches!(locked, AcceptInvitationRejection::Credential),
        "{locked:?}"
    );
    house.pass(Duration::hours(2));
    by_password(&house, &link, PASSWORD, None).unwrap();
}

#[test]
fn sending_it_again_answers_the_first_outcome() {
    let (house, _, link, _) = removed_and_invited();
    let first = by_password(&house, &link, PASSWORD, Some(request(7))).unwrap();
    let again = by_password(&house, &link, PASSWORD, Some(request(7))).unwrap();
    assert_eq!(again, first);
}

#[test]
fn the_password_of_nobody_is_refused_in_the_same_words_and_the_link_stays_good() {
    let house = House::open();
    house.invite("new@example.org", staff("clinical"));
    let link = house.link_to("new@example.org");
    let refused = rejection(by_password(&house, &link, PASSWORD, None).unwrap_err());
    assert!(
        matches!(refused, AcceptInvitationRejection::Credential),
        "{refused:?}"
    );
    let accepted = house
        .door
        .accept_by_link(&link, registration(), Confirmed::by_post(), None);
    block_on(accepted).unwrap();
}

#[test]
fn a_revoked_link_opens_nothing_with_the_right_password_either() {
    let (house, _, link, invitation) = removed_and_invited();
    let permit = house.director(Invite);
    block_on(house.door.revoke_invitation(permit, invitation)).unwrap();
    let refused = rejection(by_password(&house, &link, PASSWORD, None).unwrap_err());
    assert!(matches!(
        refused,
        AcceptInvitationRejection::Rule(AcceptRejection::Refused(_))
    ));
}
