//! Sending again what a mailed link did: design 3, "where nobody is signed in the record that the
//! presented secret belongs to".

use doorward::{
    OwnAccount, Reauthentication, ResetCredentials, SignedIn,
    invitations::Confirmed,
    types::{Channel, RequestId},
};
use secrecy::ExposeSecret;

use crate::agency::{Agency, NOW, OTHER, PASSWORD, block_on, email, password, secret};

fn request(n: u8) -> Option<RequestId> {
    Some(RequestId::made_at(NOW, [n; 10]))
}

/// Does it twice under one request id: the second time nothing happens, and the answer is the first.
fn twice<E: std::fmt::Debug>(agency: &Agency, act: impl Fn() -> Result<(), E>) {
    act().unwrap();
    agency.storage.take();
    act().unwrap();
    let calls = agency.storage.take();
    assert!(calls.iter().all(|call| !call.starts_with("commit")));
}

fn reset_link(agency: &Agency, member: &doorward::AccountCreated) -> String {
    let permit = agency.admin(ResetCredentials);
    block_on(agency.door.send_reset(permit, member.membership)).unwrap();
    agency.mail_to("ben@example.org").link()
}

#[test]
fn an_activation_that_is_sent_again_answers_the_first_outcome() {
    let agency = Agency::open();
    agency.account("identity", "ben", "ben@example.org");
    let link = agency.mail_to("ben@example.org").link();
    let chosen = secret(PASSWORD);
    twice(&agency, || {
        block_on(agency.door.activate(&link, &chosen, request(1)))
    });
    let again = agency.door.activate(&link, &chosen, request(2));
    assert!(block_on(again).is_err(), "another request finds it used");
}

#[test]
fn a_reset_that_is_sent_again_answers_the_first_outcome_and_sets_no_other_password() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org");
    let link = reset_link(&agency, &ben);
    let reset = |new: &str| {
        let new = secret(new);
        block_on(agency.door.reset_password(&link, &new, request(1)))
    };
    twice(&agency, || reset(OTHER));
    reset("nine green herons stand").unwrap();
    let portal = |text: &str| agency.sign_in(Channel::Portal, "ben@example.org", text);
    assert!(portal(OTHER).is_some() && portal("nine green herons stand").is_none());
}

/// Design 3: "no receipt is answered before session or secret is verified".
#[test]
fn a_receipt_is_answered_to_nobody_with_another_secret() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org");
    let (older, link) = (reset_link(&agency, &ben), reset_link(&agency, &ben));
    let reset = |link: &str| {
        let new = secret(OTHER);
        block_on(agency.door.reset_password(link, &new, request(1)))
    };
    reset(&link).unwrap();
    assert!(reset(&older).is_err());
    reset(&link).unwrap();
}

#[test]
fn a_new_password_that_is_sent_again_answers_the_first_outcome() {
    let agency = Agency::open();
    agency.account("standard", "ana", "ana@example.org");
    let temporary = agency.mail_to("ana@example.org").secret();
    let opened = agency.attempt(Channel::Mobile, "ana", password(&temporary));
    let SignedIn::NewPassword { ticket, .. } = opened.unwrap() else {
        panic!("a temporary password opened a session");
    };
    let chosen = secret(PASSWORD);
    twice(&agency, || {
        let ticket = ticket.expose_secret();
        block_on(agency.door.set_new_password(ticket, &chosen, request(1)))
    });
}

/// Asks for another address as Ben, and returns the links that went to the new and the old one.
fn asked(agency: &Agency, new: &str) -> (String, String) {
    let ben = agency.sign_in(Channel::Portal, "ben@example.org", PASSWORD);
    let permit = agency.permit(&ben.unwrap(), OwnAccount);
    let fresh = Reauthentication::FreshSession;
    let ask = agency
        .door
        .request_address_change(permit, fresh, email(new));
    block_on(ask).unwrap();
    let mails = agency.mails();
    let link = |to: &str| mails.iter().rfind(|mail| mail.to == to).unwrap().link();
    (link(new), link("ben@example.org"))
}

#[test]
fn a_proof_and_a_stop_that_are_sent_again_answer_the_first_outcome() {
    let agency = Agency::open();
    agency.identity("ben", "ben@example.org");
    let (proof, stop) = asked(&agency, "benno@example.org");
    let post = Confirmed::by_post;
    twice(&agency, || {
        block_on(agency.door.prove_address(&proof, post(), request(1)))
    });
    twice(&agency, || {
        block_on(agency.door.stop_address_change(&stop, post(), request(2)))
    });
}

#[test]
fn a_yielding_that_is_sent_again_answers_the_first_outcome() {
    let agency = Agency::open();
    agency.identity("ben", "ben@example.org");
    let (_, hill) = agency.new_tenant("Hillside", "hill@example.org");
    let (proof, _) = asked(&agency, "hill@example.org");
    let first = || {
        let permit = agency.permit(&hill, OwnAccount);
        let permit = permit.for_request(RequestId::made_at(NOW, [1; 10]));
        let yielded = agency
            .door
            .yield_membership(permit, &proof, Confirmed::by_post());
        block_on(yielded).unwrap()
    };
    assert_eq!(first(), first());
}
