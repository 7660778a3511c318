//! Accept.

use doorward_invitations::{
    AcceptPath, AcceptRejection, Acceptance, Acceptor, AddressClaim, Adopt, Confirmed, Event,
    Invitation, RequestDigest, Resend, Shortfall, SponsorVerdict, State, Status, TokenRefusal,
};
use doorward_types::{EmailAddress, Principal, RequestId};
use time::{Duration, OffsetDateTime};

use crate::fixture::*;

fn accept(
    invitation: Invitation,
    acceptance: Acceptance,
    now: OffsetDateTime,
) -> Result<(Invitation, Vec<Event>), AcceptRejection> {
    invitation.accept(acceptance, Confirmed::by_post(), &staff_policy(), now)
}

fn by_link(n: u8) -> Acceptance {
    register(staff().verify(&link(1), START).unwrap(), n)
}

fn agreeing(agreed: &[doorward_types::Statement]) -> Acceptance {
    let matched = staff().verify(&link(1), START).unwrap();
    let acceptor = Acceptor::NewPerson {
        matched,
        account: account(1),
        address: AddressClaim::Free,
        agreed: agreed.iter().cloned().collect(),
    };
    Acceptance {
        acceptor,
        ..by_link(1)
    }
}

/// Kalix: "If the user is new to Kalix".
#[test]
fn a_new_person_registers_by_the_link() {
    let (invitation, events) = accept(staff(), by_link(1), START).unwrap();
    assert_eq!(invitation.status(START), Status::Accepted);
    let State::Accepted(accepted) = invitation.state() else {
        panic!("accepted")
    };
    assert_eq!(
        (accepted.account, accepted.membership),
        (account(1), member(101))
    );
    assert_eq!(accepted.path, AcceptPath::Registered);
    assert!(matches!(
        events.as_slice(),
        [Event::Accepted {
            path: AcceptPath::Registered,
            ..
        }]
    ));
}

/// Kalix: "They should read the Terms and Conditions and Privacy Policy before clicking Register".
#[test]
fn a_new_person_agrees_to_the_present_texts() {
    let missing = |agreed: &[_]| match accept(staff(), agreeing(agreed), START) {
        Err(AcceptRejection::TermsMissing { missing }) => missing,
        other => panic!("terms are missing: {other:?}"),
    };
    assert_eq!(missing(&[]).len(), 2);
    assert_eq!(missing(&[terms(1)]), [privacy()]);
    assert_eq!(missing(&[terms(2), privacy()]), [terms(1)]);
    let (invitation, _) = accept(staff(), agreeing(&[terms(1), privacy()]), START).unwrap();
    let State::Accepted(accepted) = invitation.state() else {
        panic!("accepted")
    };
    let agreed: Vec<_> = accepted
        .agreements
        .iter()
        .map(|it| (&it.statement, it.at))
        .collect();
    assert_eq!(agreed, [(&privacy(), START), (&terms(1), START)]);
}

/// Kalix: "If the user has an existing Kalix account under this email ... click Accept"; no link.
#[test]
fn an_account_accepts_by_its_own_verified_address_without_a_link() {
    let upper = EmailAddress::new("ANA.RUIZ@EXAMPLE.ORG").unwrap();
    let (invitation, _) = accept(staff(), sign_in(2, upper), START).unwrap();
    let State::Accepted(accepted) = invitation.state() else {
        panic!("accepted")
    };
    assert_eq!(accepted.path, AcceptPath::SignedIn);
    assert!(accepted.agreements.is_empty());
}

/// NIST SP 800-63B-4 3.1.3.1: a mail never opens an existing account.
#[test]
fn a_link_never_takes_over_an_account_that_has_the_address() {
    let matched = staff().verify(&link(1), START).unwrap();
    let acceptor = Acceptor::NewPerson {
        matched,
        account: account(1),
        address: AddressClaim::Taken,
        agreed: [terms(1), privacy()].into(),
    };
    let acceptance = Acceptance {
        acceptor,
        ..by_link(1)
    };
    assert_eq!(
        accept(staff(), acceptance, START).unwrap_err(),
        AcceptRejection::SignInToAccept
    );
}

/// Study complaint 10: the logged-in account swallowed an invite meant for another address.
#[test]
fn another_account_does_not_swallow_the_invitation() {
    let wrong = accept(staff(), sign_in(2, other_address()), START).unwrap_err();
    assert_eq!(wrong, AcceptRejection::WrongRecipient);
    assert!(accept(staff(), sign_in(2, address()), START).is_ok());
}

#[test]
fn the_acceptors_second_click_answers_the_first_outcome() {
    let (accepted, _) = accept(staff(), by_link(1), START).unwrap();
    let replay = accept(accepted, sign_in(1, address()), START + Duration::days(90));
    let Err(AcceptRejection::AlreadyAcceptedByYou(first)) = replay else {
        panic!("{replay:?}")
    };
    assert_eq!(
        (first.account, first.membership, first.at),
        (account(1), member(101), START)
    );
}

#[test]
fn the_acceptors_replay_survives_a_change_of_address() {
    let (accepted, _) = accept(staff(), sign_in(1, address()), START).unwrap();
    let replay = accept(accepted, sign_in(1, other_address()), START).unwrap_err();
    assert!(matches!(replay, AcceptRejection::AlreadyAcceptedByYou(_)));
}

/// Design 3: nobody is signed in, so the record that the secret belongs to knows the request.
#[test]
fn the_same_request_again_answers_the_first_outcome() {
    let request = |n| Some(RequestDigest::of(RequestId::made_at(START, [n; 10])));
    let first = Acceptance {
        request: request(1),
        ..by_link(1)
    };
    let (accepted, _) = accept(staff(), first.clone(), START).unwrap();
    let replay = accept(accepted.clone(), first, START).unwrap_err();
    assert!(matches!(replay, AcceptRejection::AlreadyAcceptedByYou(_)));
    let other = Acceptance {
        request: request(2),
        ..by_link(1)
    };
    assert_eq!(
        accept(accepted, other, START).unwrap_err(),
        AcceptRejection::LinkUsed
    );
}

/// ASVS 6.5.1: succeeds once.
#[test]
fn any_other_second_use_is_refused_as_a_used_link() {
    let (accepted, _) = accept(staff(), by_link(1), START).unwrap();
    for second in [by_link(1), by_link(2), sign_in(2, address())] {
        let rejection = accept(accepted.clone(), second, START).unwrap_err();
        assert_eq!(rejection, AcceptRejection::LinkUsed);
    }
}

/// Design 9.1.
#[test]
fn an_invitation_is_accepted_until_its_last_microsecond() {
    let end = START + Duration::days(7);
    assert!(accept(staff(), by_link(1), end - MICRO).is_ok());
    assert!(accept(staff(), sign_in(1, address()), end - MICRO).is_ok());
    for late in [by_link(1), sign_in(1, address())] {
        let rejection = accept(staff(), late, end).unwrap_err();
        assert_eq!(rejection, AcceptRejection::Expired { at: end });
    }
}

/// Study complaint 3: a cancelled invite was still acceptable elsewhere.
#[test]
fn a_revoked_invitation_is_not_accepted() {
    let (revoked, _) = staff().revoke(Principal::System, START).unwrap();
    for late in [by_link(1), sign_in(1, address())] {
        let rejection = accept(revoked.clone(), late, START).unwrap_err();
        assert!(matches!(rejection, AcceptRejection::Closed(_)));
    }
}

/// Design 5: re-checked at accept, nothing silently shrinks; another sponsor may adopt.
#[test]
fn a_sponsor_who_lost_the_right_makes_it_wait_for_another() {
    for lost in [above(), SponsorVerdict::Above(Shortfall::SponsorGone)] {
        let acceptance = Acceptance {
            verdict: lost,
            ..by_link(1)
        };
        let rejection = accept(staff(), acceptance, START).unwrap_err();
        assert!(
            matches!(rejection, AcceptRejection::NeedsReissue(_)),
            "{rejection:?}"
        );
    }
    let adopt = Adopt {
        by: member(2),
        verdict: SponsorVerdict::Within,
    };
    let (adopted, _) = staff().adopt(adopt, START).unwrap();
    assert!(accept(adopted, by_link(1), START).is_ok());
}

/// Study complaint 2: a second way in must not duplicate a member.
#[test]
fn a_member_does_not_join_twice() {
    let acceptor = Acceptor::Account {
        account: account(1),
        verified: address(),
        member: Some(member(44)),
    };
    let acceptance = Acceptance {
        acceptor,
        ..by_link(1)
    };
    assert_eq!(
        accept(staff(), acceptance, START).unwrap_err(),
        AcceptRejection::AlreadyMember {
            membership: member(44)
        }
    );
}

/// A proof made before a resend opens nothing after it.
#[test]
fn a_proof_of_an_older_mail_ends_with_the_resend() {
    let old = by_link(1);
    let resend = Resend {
        by: staff().sponsor(),
        verdict: SponsorVerdict::Within,
        digest: digest(2),
    };
    let (resent, _) = staff().resend(resend, &staff_policy(), START).unwrap();
    let rejection = accept(resent, old, START).unwrap_err();
    let superseded = TokenRefusal::Superseded { sent_at: START };
    assert_eq!(rejection, AcceptRejection::Refused(superseded));
}

#[test]
fn a_proof_of_another_invitation_opens_nothing() {
    let issue = doorward_invitations::Issue {
        id: invitation_id(2),
        ..staff_issue()
    };
    let (other, _) = Invitation::issue(issue, &staff_policy(), START).unwrap();
    let rejection = accept(other, by_link(1), START).unwrap_err();
    assert_eq!(rejection, AcceptRejection::Refused(TokenRefusal::Unusable));
}
