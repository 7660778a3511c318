//! Decline.

use doorward_invitations::{
    Closed, Confirmed, DeclinePath, DeclineReason, DeclineRejection, Decliner, Declining, Event,
    State, Status,
};
use doorward_types::{Note, Principal};
use time::Duration;

use crate::fixture::*;

fn by_link(reason: DeclineReason) -> Declining {
    let matched = contact().verify(&link(1), START).unwrap();
    Declining {
        decliner: Decliner::Link(matched),
        reason,
    }
}

fn by_account(n: u8, verified: doorward_types::EmailAddress) -> Declining {
    let decliner = Decliner::Account {
        account: account(n),
        verified,
    };
    Declining {
        decliner,
        reason: DeclineReason::NotWanted,
    }
}

/// Design 9.10: who holds the address "declines with `NotMe`, which the sponsor sees".
#[test]
fn whoever_is_not_meant_says_so_and_the_sponsor_sees_it() {
    let (declined, events) = contact()
        .decline(by_link(DeclineReason::NotMe), Confirmed::by_post(), START)
        .unwrap();
    assert_eq!(declined.status(START), Status::Declined);
    let [
        Event::Declined {
            reason,
            sponsor,
            path,
            ..
        },
    ] = events.as_slice()
    else {
        panic!("one event: {events:?}");
    };
    assert_eq!((reason, path), (&DeclineReason::NotMe, &DeclinePath::Link));
    assert_eq!(*sponsor, contact().sponsor());
}

#[test]
fn a_reason_can_be_in_ones_own_words() {
    let words = DeclineReason::Other(Note::new("my brother does this").unwrap());
    let (declined, _) = contact()
        .decline(by_link(words.clone()), Confirmed::by_post(), START)
        .unwrap();
    let State::Declined(kept) = declined.state() else {
        panic!("declined")
    };
    assert_eq!(kept.reason, words);
}

#[test]
fn an_account_declines_what_was_sent_to_its_own_address_alone() {
    let wrong = contact().decline(by_account(1, other_address()), Confirmed::by_post(), START);
    assert_eq!(wrong.unwrap_err(), DeclineRejection::WrongRecipient);
    let own = contact().decline(by_account(1, address()), Confirmed::by_post(), START);
    assert!(own.is_ok());
}

#[test]
fn a_second_click_answers_the_first_outcome() {
    for declining in [by_link(DeclineReason::NotWanted), by_account(1, address())] {
        let (declined, _) = contact()
            .decline(declining.clone(), Confirmed::by_post(), START)
            .unwrap();
        let again = declined
            .decline(declining, Confirmed::by_post(), START)
            .unwrap_err();
        assert!(
            matches!(again, DeclineRejection::AlreadyDeclinedByYou(_)),
            "{again:?}"
        );
    }
}

#[test]
fn an_expired_or_closed_invitation_is_not_declined() {
    let end = START + Duration::days(30);
    let late = contact().decline(by_account(1, address()), Confirmed::by_post(), end);
    assert_eq!(late.unwrap_err(), DeclineRejection::Expired { at: end });
    let (revoked, _) = contact().revoke(Principal::System, START).unwrap();
    let closed = revoked
        .decline(by_link(DeclineReason::NotMe), Confirmed::by_post(), START)
        .unwrap_err();
    assert!(matches!(
        closed,
        DeclineRejection::Closed(Closed::Revoked(_))
    ));
}
