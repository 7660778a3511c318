//! Accepting: by the mailed link as a new person, or signed in by the account's own address.

use std::{collections::BTreeSet, sync::mpsc};

use doorward::{
    AcceptInvitationRejection, Error, Grant, InvitationRef, Invite, InviteRequestRow, Joined,
    OwnAccount, RegisterForm,
    invitations::{AcceptRejection, Confirmed, Next, Shortfall, TokenRefusal},
    types::{Offer, RequestId},
};
use time::Duration;

use crate::fixture::{
    House, Member, PASSWORD, block_on, invitation, kind, name, registration, request, staff, terms,
};

type Refused = Error<AcceptInvitationRejection>;

fn by_link(house: &House, link: &str, request: Option<RequestId>) -> Result<Joined, Refused> {
    let accepted = house
        .door
        .accept_by_link(link, registration(), Confirmed::by_post(), request);
    block_on(accepted)
}

fn signed_in(
    house: &House,
    member: &Member,
    invitation: InvitationRef,
    request: Option<RequestId>,
) -> Result<Joined, Refused> {
    let mut permit = house.permit(&member.session, OwnAccount);
    if let Some(request) = request {
        permit = permit.for_request(request);
    }
    let accepted = house
        .door
        .accept_signed_in(permit, invitation, Confirmed::by_post());
    block_on(accepted)
}

fn requests(house: &House, member: &Member) -> Vec<InviteRequestRow> {
    let permit = house.permit(&member.session, OwnAccount);
    block_on(house.door.invite_requests(&permit)).unwrap()
}

fn rule(refused: Refused) -> AcceptRejection {
    match refused {
        Error::Rejected(AcceptInvitationRejection::Rule(rule)) => rule,
        other => panic!("a rule of the invitation refuses it, not: {other}"),
    }
}

/// Somebody of the first house whom the second tenant invites as well.
pub(super) fn invited_elsewhere(house: &House) -> (Member, InvitationRef) {
    let cleo = house.member("cleo@example.org", staff("clinical"));
    let other = house.second_tenant("eve@example.org");
    let link = house.link_to("eve@example.org");
    let eve = by_link(house, &link, None).unwrap();
    let eve = house.signed_in(eve, "eve@example.org");
    let form = invitation("cleo@example.org", staff("coordinator"));
    let invited = block_on(house.door.invite(house.permit(&eve.session, Invite), form));
    let invitation = InvitationRef {
        tenant: other.tenant,
        invitation: invited.unwrap().invitation,
    };
    (cleo, invitation)
}

/// Kalix: "the invited user ... should enter their email address, name, and a secure password".
#[test]
fn a_new_person_accepts_by_the_link_and_signs_in() {
    let house = House::open();
    house.invite("cleo@example.org", staff("clinical"));
    let link = house.link_to("cleo@example.org");
    let inspected = block_on(house.door.inspect_invitation(&link)).unwrap();
    assert_eq!(
        inspected.next,
        Next::Register {
            terms: BTreeSet::from([terms()])
        }
    );
    let (joined, noted) = house.noting(|| by_link(&house, &link, None).unwrap());
    assert_eq!(noted, ["invitation.accept"], "one entry a command");
    house
        .sign_in(joined.tenant, "cleo@example.org")
        .expect("the password they chose");
}

#[test]
fn the_terms_are_agreed_to_in_their_present_version() {
    let house = House::open();
    house.invite("cleo@example.org", staff("clinical"));
    let link = house.link_to("cleo@example.org");
    let form = RegisterForm {
        agreed: BTreeSet::new(),
        ..registration()
    };
    let refused = house
        .door
        .accept_by_link(&link, form, Confirmed::by_post(), None);
    assert!(matches!(
        rule(block_on(refused).unwrap_err()),
        AcceptRejection::TermsMissing { .. }
    ));
    by_link(&house, &link, None).unwrap();
}

/// NIST SP 800-63B-4 3.1.1.2: a password of eight letters is no only factor.
#[test]
fn a_weak_password_is_refused_and_the_invitation_stays_open() {
    let house = House::open();
    house.invite("cleo@example.org", staff("clinical"));
    let link = house.link_to("cleo@example.org");
    for weak in ["short", "harbour house cleo", "Somebody New somebody new"] {
        let form = RegisterForm {
            name: name("Somebody New"),
            password: weak.to_owned().into(),
            agreed: BTreeSet::from([terms()]),
        };
        let refused = house
            .door
            .accept_by_link(&link, form, Confirmed::by_post(), None);
        if let Ok(joined) = block_on(refused) {
            panic!("`{weak}` was taken: {joined:?}");
        }
    }
    by_link(&house, &link, None).unwrap();
}

/// Design 5: "any other second use is refused as a used link".
#[test]
fn a_link_works_once() {
    let house = House::open();
    house.invite("cleo@example.org", staff("clinical"));
    let link = house.link_to("cleo@example.org");
    let first = by_link(&house, &link, Some(request(1))).unwrap();
    let before = house.stored();
    let used = |request| rule(by_link(&house, &link, request).unwrap_err());
    assert_eq!(used(None), AcceptRejection::LinkUsed);
    assert_eq!(used(Some(request(2))), AcceptRejection::LinkUsed);
    let (replayed, noted) = house.noting(|| by_link(&house, &link, Some(request(1))));
    assert_eq!(replayed.unwrap(), first, "design 5: the same request id");
    assert!(noted.is_empty());
    assert_eq!(house.stored(), before);
}

/// The other use comes between what this one reads of the invitation and of the address.
#[test]
fn a_link_used_twice_at_once_is_a_used_link_and_the_same_request_is_known() {
    for (twin, mine) in [(None, None), (Some(request(1)), Some(request(1)))] {
        let house = House::open();
        house.invite("cleo@example.org", staff("clinical"));
        let link = house.link_to("cleo@example.org");
        let (other, same) = (house.second_process(), link.clone());
        let (told, first) = mpsc::channel();
        // After the draw of the salt, before that of the account's id.
        house.at_draw(1, move || {
            let accept = other.accept_by_link(&same, registration(), Confirmed::by_post(), twin);
            told.send(block_on(accept).unwrap()).unwrap();
        });
        let outcome = by_link(&house, &link, mine);
        let first = first.recv().unwrap();
        match mine {
            None => assert_eq!(rule(outcome.unwrap_err()), AcceptRejection::LinkUsed),
            Some(_) => assert_eq!(outcome.unwrap(), first),
        }
    }
}

/// Request ids live 7 days; the invitation keeps its own digest of the one that accepted it.
#[test]
fn the_same_request_is_known_after_its_receipt_is_gone() {
    let house = House::open();
    house.invite("cleo@example.org", staff("clinical"));
    let link = house.link_to("cleo@example.org");
    let first = by_link(&house, &link, Some(request(1))).unwrap();
    house.pass(Duration::days(40));
    block_on(house.door.sweep(house.now())).unwrap();
    assert_eq!(by_link(&house, &link, Some(request(1))).unwrap(), first);
}

/// Design 9.1: "All windows are half-open; exactly at the end is refused."
#[test]
fn an_invitation_is_accepted_until_the_microsecond_before_its_end() {
    for (short, accepted) in [(Duration::MICROSECOND, true), (Duration::ZERO, false)] {
        let house = House::open();
        let invited = house.invite("cleo@example.org", staff("clinical"));
        let link = house.link_to("cleo@example.org");
        house.pass(invited.expires_at - house.now() - short);
        let outcome = by_link(&house, &link, None);
        assert_eq!(outcome.is_ok(), accepted);
        if let Err(refused) = outcome {
            let at = invited.expires_at;
            assert_eq!(
                rule(refused),
                AcceptRejection::Refused(TokenRefusal::Expired { at })
            );
        }
    }
}

/// Design 5: "If the address has an account by now, the token path answers 'sign in to accept' and
/// never sets that account's password."
#[test]
fn a_link_to_an_address_with_an_account_asks_to_sign_in() {
    let house = House::open();
    let (cleo, invitation) = invited_elsewhere(&house);
    let link = house.link_to("cleo@example.org");
    let inspected = block_on(house.door.inspect_invitation(&link)).unwrap();
    assert_eq!(inspected.next, Next::SignIn);
    let refused = by_link(&house, &link, None).unwrap_err();
    assert_eq!(rule(refused), AcceptRejection::SignInToAccept);
    let joined = signed_in(&house, &cleo, invitation, None).unwrap();
    assert_eq!(joined.account, cleo.account);
    assert_eq!(joined.tenant, invitation.tenant);
    house
        .sign_in(invitation.tenant, "cleo@example.org")
        .unwrap();
}

/// Kalix: "Under the Invite Requests section of this page, click Accept".
#[test]
fn whoever_is_signed_in_accepts_what_waits_for_their_own_address() {
    let house = House::open();
    let (cleo, invitation) = invited_elsewhere(&house);
    let waiting = requests(&house, &cleo);
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].invitation, invitation.invitation);
    let first = signed_in(&house, &cleo, invitation, Some(request(1))).unwrap();
    assert!(requests(&house, &cleo).is_empty());
    let before = house.stored();
    for again in [None, Some(request(1)), Some(request(2))] {
        assert_eq!(signed_in(&house, &cleo, invitation, again).unwrap(), first);
    }
    assert_eq!(house.stored(), before, "a double click answers the first");
}

/// Design 5: "another person is `WrongRecipient` and it stays open".
#[test]
fn somebody_else_is_refused_with_one_denied_entry_and_it_stays_open() {
    let house = House::open();
    let (cleo, invitation) = invited_elsewhere(&house);
    let dana = house.director;
    let (refused, noted) = house.noting(|| signed_in(&house, &dana, invitation, None));
    assert_eq!(rule(refused.unwrap_err()), AcceptRejection::WrongRecipient);
    assert_eq!(noted, ["act.refuse/wrong_recipient"]);
    signed_in(&house, &cleo, invitation, None).unwrap();
}

/// Design 5: "The sponsor's right to offer is re-checked at accept; if it no longer holds,
/// `NeedsReissue` (nothing silently shrinks)".
#[test]
fn an_offer_is_judged_again_while_it_is_accepted() {
    let house = House::open();
    let coordinator = house.member("cory@example.org", staff("coordinator"));
    house
        .invite_by(
            &coordinator.session,
            "cleo@example.org",
            staff("coordinator"),
        )
        .unwrap();
    let link = house.link_to("cleo@example.org");
    // Somebody disables the sponsor between what the accept reads and its commit.
    let (other, director) = (house.second_process(), house.director.session);
    let sponsor = coordinator.membership;
    house.at_draw(4, move || {
        let permit = block_on(other.authorise(&director, doorward::ManageMembers)).unwrap();
        block_on(other.disable_access(permit, sponsor)).unwrap();
    });
    let refused = by_link(&house, &link, None).unwrap_err();
    assert_eq!(
        rule(refused),
        AcceptRejection::NeedsReissue(Shortfall::SponsorGone)
    );
}

/// At most one winner: the second of two accepts at the same time sees the first.
#[test]
fn of_two_accepts_at_once_one_wins() {
    let house = House::open();
    house.invite("cleo@example.org", staff("clinical"));
    let link = house.link_to("cleo@example.org");
    let (other, same) = (house.second_process(), link.clone());
    house.at_draw(4, move || {
        let accepted = other.accept_by_link(&same, registration(), Confirmed::by_post(), None);
        block_on(accepted).unwrap();
    });
    let refused = by_link(&house, &link, None).unwrap_err();
    assert_eq!(rule(refused), AcceptRejection::LinkUsed);
}

/// Design 3: every adapter takes 100 items; design 5: an offer holds up to ten subjects.
#[test]
fn ten_subjects_under_ten_profiles_are_accepted_in_one_commit() {
    let house = House::open();
    let residents = house.residents(10);
    let offer = residents.iter().enumerate().fold(
        Offer::of(kind("contact")),
        |offer, (number, resident)| {
            let permit = house.director(doorward::EditProfiles);
            let permissions =
                crate::fixture::set([("view_care", doorward::access::Reach::Assigned)]);
            let called = name(&format!("Family {number}"));
            let profile = block_on(house.door.create_profile(permit, called, permissions));
            let row = house.over(*resident, profile.unwrap());
            offer.with_subject(row).unwrap()
        },
    );
    let person = house.person("Ana Ruiz", "contact", Some("ana@example.org"));
    let mut form = invitation("ana@example.org", offer);
    form.person = Some(person);
    form.name = Some(name("Ana Ruiz"));
    block_on(house.door.invite(house.director(Invite), form)).unwrap();
    let link = house.link_to("ana@example.org");
    let joined = by_link(&house, &link, Some(request(1))).unwrap();
    let permit = house.director(Grant);
    let held = block_on(house.door.grants_of_member(&permit, joined.membership)).unwrap();
    assert_eq!(held.len(), 10);
}

/// One person has one membership, however many addresses they were invited at.
#[test]
fn a_person_who_has_access_does_not_get_a_second_place() {
    let house = House::open();
    let (person, subject) = (
        house.person("Ana Ruiz", "contact", None),
        house.residents(1),
    );
    for address in ["ana@example.org", "ana@work.example.org"] {
        let mut form = invitation(address, house.contact_of(&subject));
        form.person = Some(person);
        block_on(house.door.invite(house.director(Invite), form)).unwrap();
    }
    let first = house.accept("ana@example.org");
    let link = house.link_to("ana@work.example.org");
    let membership = first.membership;
    assert_eq!(
        rule(by_link(&house, &link, None).unwrap_err()),
        AcceptRejection::AlreadyMember { membership }
    );
}

/// ASVS 6.3.8: what outsiders read does not depend on what is behind.
#[test]
fn outsiders_read_one_neutral_text_for_every_link_that_was_never_theirs() {
    let house = House::open();
    let revoked = house.invite("cleo@example.org", staff("clinical"));
    let link = house.link_to("cleo@example.org");
    let permit = house.director(Invite);
    block_on(house.door.revoke_invitation(permit, revoked.invitation)).unwrap();
    let forged = {
        let (head, secret) = link.split_at(link.len() - 4);
        let turned: String = secret.chars().rev().collect();
        format!("{head}{turned}")
    };
    let read = |link: &str| match by_link(&house, link, None).unwrap_err() {
        Error::Rejected(rejection) => rejection.outward(),
        other => panic!("{other}"),
    };
    let texts = BTreeSet::from([read(&link), read(&forged), read("dw1_nothing")]);
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(!PASSWORD.is_empty());
}
