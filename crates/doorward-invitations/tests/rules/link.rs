//! Links: verify and inspect.

use doorward_invitations::{
    AddressClaim, Confirmed, DeclineReason, Decliner, Declining, Next, Resend, SponsorVerdict,
    TokenRefusal,
};
use doorward_types::{Principal, Purpose, Scope, TenantId, Token};
use time::Duration;

use crate::fixture::*;

fn resent() -> doorward_invitations::Invitation {
    let resend = Resend {
        by: contact().sponsor(),
        verdict: SponsorVerdict::Within,
        digest: digest(2),
    };
    contact()
        .resend(resend, &contact_policy(), START + Duration::days(1))
        .unwrap()
        .0
}

#[test]
fn the_latest_link_matches() {
    let matched = contact().verify(&link(1), START).unwrap();
    assert_eq!(matched.invitation(), invitation_id(1));
    assert_eq!(matched.generation(), nth(1));
    assert!(resent().verify(&link(2), START + Duration::days(1)).is_ok());
}

/// Study complaint 16: "rotate, but answer 'a newer invitation was sent at T'".
#[test]
fn an_older_link_says_when_the_newer_mail_was_sent() {
    assert_eq!(
        resent().verify(&link(1), START + Duration::days(2)),
        Err(TokenRefusal::Superseded {
            sent_at: START + Duration::days(1)
        })
    );
}

/// Design 5: "unknown, revoked or wrong secret get one answer".
#[test]
fn unknown_revoked_and_wrong_secrets_get_one_answer() {
    let open = contact();
    let wrong = Token {
        secret: secret(77),
        ..link(1)
    };
    let newer = link(2);
    let other = Token {
        record: invitation_id(2).as_uuid(),
        ..link(1)
    };
    let elsewhere = Token {
        scope: Scope::Tenant(TenantId::made_at(START, [8; 10])),
        ..link(1)
    };
    let directory = Token {
        scope: Scope::Directory,
        ..link(1)
    };
    let reset = Token {
        purpose: Purpose::PasswordReset,
        ..link(1)
    };
    for token in [wrong, newer, other, elsewhere, directory, reset] {
        assert_eq!(
            open.verify(&token, START),
            Err(TokenRefusal::Unusable),
            "{token:?}"
        );
    }
    let (revoked, _) = open.revoke(Principal::System, START).unwrap();
    assert_eq!(revoked.verify(&link(1), START), Err(TokenRefusal::Unusable));
}

#[test]
fn a_closed_invitation_does_not_speak_of_newer_mails() {
    let (revoked, _) = resent().revoke(Principal::System, START).unwrap();
    assert_eq!(revoked.verify(&link(1), START), Err(TokenRefusal::Unusable));
}

/// Design 9.1, and the study: expired is told precisely only to a matching secret.
#[test]
fn expiry_is_told_to_the_right_secret_alone_from_the_microsecond_on() {
    let end = START + Duration::days(30);
    let wrong = Token {
        secret: secret(77),
        ..link(1)
    };
    assert!(contact().verify(&link(1), end - MICRO).is_ok());
    assert_eq!(
        contact().verify(&link(1), end),
        Err(TokenRefusal::Expired { at: end })
    );
    assert_eq!(contact().verify(&wrong, end), Err(TokenRefusal::Unusable));
}

/// Study complaints 6 to 8: a GET never changes anything.
#[test]
fn inspecting_changes_nothing_however_often() {
    let invitation = contact();
    for _ in 0..3 {
        invitation
            .inspect(&link(1), AddressClaim::Free, &contact_policy(), START)
            .unwrap();
    }
    assert_eq!(invitation, contact());
}

/// Kalix: new users go to the registration page, others to the log-in page.
#[test]
fn inspecting_tells_whether_to_register_or_sign_in() {
    let (invitation, policy) = (staff(), staff_policy());
    let next = |address| {
        invitation
            .inspect(&link(1), address, &policy, START)
            .unwrap()
            .next
    };
    assert_eq!(
        next(AddressClaim::Free),
        Next::Register {
            terms: [terms(1), privacy()].into()
        }
    );
    assert_eq!(next(AddressClaim::Taken), Next::SignIn);
}

/// ASVS 14.2.6: minimum data in views.
#[test]
fn inspecting_shows_whom_it_names_and_a_masked_address() {
    let seen = contact()
        .inspect(&link(1), AddressClaim::Free, &contact_policy(), START)
        .unwrap();
    assert_eq!(seen.address, "a…z@example.org");
    assert_eq!(seen.name.unwrap().as_str(), "Ana Ruiz");
    assert_eq!(seen.tenant, tenant());
    assert_eq!(seen.expires_at, START + Duration::days(30));
}

#[test]
fn whoever_answered_is_told_that_it_was_answered() {
    let policy = contact_policy();
    let matched = contact().verify(&link(1), START).unwrap();
    let (accepted, _) = contact()
        .accept(register(matched, 1), Confirmed::by_post(), &policy, START)
        .unwrap();
    let declining = Declining {
        decliner: Decliner::Link(matched),
        reason: DeclineReason::NotMe,
    };
    let (declined, _) = contact()
        .decline(declining, Confirmed::by_post(), START)
        .unwrap();
    for answered in [accepted, declined] {
        let later = START + Duration::days(365);
        let seen = answered
            .inspect(&link(1), AddressClaim::Taken, &policy, later)
            .unwrap();
        assert_eq!(seen.next, Next::Answered);
    }
}
