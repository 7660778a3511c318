//! Stored bodies: one committed file a state stays readable and writable as it is.

use std::{fs, path::PathBuf};

use doorward_invitations::{
    Confirmed, DeclineReason, Decliner, Declining, DeliveryReport, Invitation, Lifetime,
    RequestDigest, Status,
};
use doorward_types::{Delivery, Note, Principal, RequestId};
use time::Duration;

use crate::fixture::*;

fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "golden", name]
        .iter()
        .collect()
}

fn check(name: &str, invitation: &Invitation) {
    let stored = fs::read_to_string(path(name)).unwrap();
    let written = serde_json::to_string_pretty(invitation).unwrap() + "\n";
    assert_eq!(written, stored, "{name} is written otherwise");
    let read: Invitation = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, *invitation, "{name} is read otherwise");
}

#[test]
fn an_open_body_is_stable() {
    let policy = contact_policy()
        .with_reminder(Lifetime::days(5).unwrap())
        .unwrap();
    let (reminded, _) = contact()
        .remind(digest(2), &policy, START + Duration::days(25))
        .unwrap();
    let report = DeliveryReport {
        status: Delivery::Sent,
        at: START + Duration::days(26),
    };
    let (sent, _) = reminded.record_delivery(nth(2), report).unwrap();
    let (noted, _) = sent.note_expiry(START + Duration::days(30)).unwrap();
    check("open.json", &noted);
}

#[test]
fn an_accepted_body_is_stable() {
    let matched = staff().verify(&link(1), START).unwrap();
    let mut acceptance = register(matched, 1);
    acceptance.request = Some(RequestDigest::of(RequestId::made_at(START, [6; 10])));
    let (accepted, _) = staff()
        .accept(acceptance, Confirmed::by_post(), &staff_policy(), START)
        .unwrap();
    check("accepted.json", &accepted);
}

#[test]
fn a_declined_body_is_stable() {
    let decliner = Decliner::Account {
        account: account(1),
        verified: address(),
    };
    let reason = DeclineReason::Other(Note::new("my brother does this").unwrap());
    let declining = Declining { decliner, reason };
    let (declined, _) = contact()
        .decline(declining, Confirmed::by_post(), START)
        .unwrap();
    check("declined.json", &declined);
}

#[test]
fn a_revoked_body_is_stable() {
    let by = Principal::Account {
        account: account(1),
        membership: member(1),
    };
    let (revoked, _) = staff().revoke(by, START).unwrap();
    check("revoked.json", &revoked);
}

#[test]
fn a_replaced_body_is_stable() {
    let (replaced, _) = staff()
        .replaced(invitation_id(2), START + Duration::days(7))
        .unwrap();
    check("replaced.json", &replaced);
}

/// Fields that came later may be missing.
#[test]
fn the_smallest_body_is_readable() {
    let stored = fs::read_to_string(path("smallest.json")).unwrap();
    let read: Invitation = serde_json::from_str(&stored).unwrap();
    assert_eq!(read.status(START), Status::Invited);
    assert_eq!(read.resend_count(), 0);
    assert!(read.person().is_none() && read.attested().is_empty());
}

/// ASVS 6.5.3: storage holds the digest alone.
#[test]
fn no_body_holds_a_secret() {
    let body = serde_json::to_string(&contact()).unwrap();
    assert!(body.contains(&String::from(digest(1))));
    // The 32 bytes of the first secret, as base64url and in hexadecimal.
    for clear in ["AAAAAQkJCQkJCQkJCQkJ", "00000001090909"] {
        assert!(!body.contains(clear), "{body}");
    }
}
