//! Issue.

use doorward_invitations::{
    AddressStanding, Event, Identity, Invitation, Issue, IssueRejection, OpenInvitation, Shortfall,
    Sponsor, SponsorVerdict, Status, TenantMember,
};
use doorward_types::{Delivery, DisplayName, Generation, Principal, Statement, StatementName};
use time::Duration;

use crate::fixture::*;

/// ALIS: "the Profile column will display the 'Invited' status, invitation timestamp details, and a
/// notification that the 'Invitation expires in 30 days'".
#[test]
fn a_contact_is_invited_for_thirty_days() {
    let (invitation, events) =
        Invitation::issue(contact_issue(), &contact_policy(), START).unwrap();
    assert_eq!(invitation.status(START), Status::Invited);
    assert_eq!(invitation.issued_at(), START);
    assert_eq!(invitation.days_left(START), Some(30));
    assert_eq!(invitation.delivery(), Delivery::Queued);
    let [
        Event::Issued {
            attested,
            generation,
            expires_at,
            ..
        },
    ] = events.as_slice()
    else {
        panic!("one event: {events:?}");
    };
    assert_eq!(*generation, Generation::FIRST);
    assert_eq!(*expires_at, START + Duration::days(30));
    assert_eq!(attested.len(), 1);
    assert_eq!(events[0].mailing(), Some(Generation::FIRST));
}

/// Kalix: "pending invitations expire after seven days"; design 9.1: exactly at the end is outside.
#[test]
fn a_user_is_invited_for_seven_days_to_the_microsecond() {
    let invitation = staff();
    let end = START + Duration::days(7);
    assert_eq!(invitation.status(end - MICRO), Status::Invited);
    assert_eq!(invitation.expires_in(end - MICRO), Some(MICRO));
    assert_eq!(invitation.status(end), Status::Expired);
    assert_eq!(invitation.expires_in(end), None);
}

#[test]
fn days_left_count_each_day_begun() {
    let invitation = staff();
    assert_eq!(invitation.days_left(START + MICRO), Some(7));
    assert_eq!(invitation.days_left(START + Duration::days(1)), Some(6));
    assert_eq!(
        invitation.days_left(START + Duration::days(7) - MICRO),
        Some(1)
    );
    assert_eq!(invitation.days_left(START + Duration::days(7)), None);
}

/// ALIS: "Select the checkbox to confirm that this user is authorized to view the resident's
/// sensitive information"; study decision 7: attestation is data.
#[test]
fn what_was_sworn_names_who_swore_what_about_whom_and_when() {
    let invitation = contact();
    let [attested] = invitation.attested() else {
        panic!("one oath")
    };
    assert_eq!(attested.subject, subject(1));
    assert_eq!(attested.attestation.statement, words());
    assert_eq!(attested.attestation.by, member(1));
    assert_eq!(attested.attestation.at, START);
}

#[test]
fn each_subject_needs_its_own_oath() {
    let offer = contact_issue()
        .offer
        .with_subject(subject_offer(2))
        .unwrap();
    let issue = Issue {
        offer,
        ..contact_issue()
    };
    assert_eq!(
        Invitation::issue(issue.clone(), &contact_policy(), START).unwrap_err(),
        IssueRejection::NoAttestation {
            subjects: vec![subject(2)]
        }
    );
    let both = Issue {
        sworn: sworn([1, 2]),
        ..issue
    };
    let (invitation, _) = Invitation::issue(both, &contact_policy(), START).unwrap();
    assert_eq!(invitation.attested().len(), 2);
}

#[test]
fn an_oath_beside_other_words_is_none() {
    let name = StatementName::new("sensitive_information").unwrap();
    for stale in [
        Statement::of(name.clone(), 2, "This user is authorized."),
        Statement::of(name, 1, "This user is a friend."),
    ] {
        let issue = Issue {
            sworn: [(subject(1), stale)].into(),
            ..contact_issue()
        };
        assert_eq!(
            Invitation::issue(issue, &contact_policy(), START).unwrap_err(),
            IssueRejection::NoAttestation {
                subjects: vec![subject(1)]
            }
        );
    }
}

/// Design 9.2: "a contact's always needs it".
#[test]
fn a_contact_without_a_subject_is_not_invited() {
    let issue = Issue {
        sworn: sworn([1]),
        offer: staff_issue().offer,
        ..contact_issue()
    };
    assert_eq!(
        Invitation::issue(issue, &contact_policy(), START).unwrap_err(),
        IssueRejection::NoSubject
    );
}

/// Design 9.2: residents see their own record, nothing is sworn.
#[test]
fn a_resident_is_invited_to_their_own_record_without_an_oath() {
    let issue = Issue {
        sworn: [].into(),
        ..contact_issue()
    };
    let policy = doorward_invitations::Policy::thirty_days();
    let (invitation, _) = Invitation::issue(issue, &policy, START).unwrap();
    assert!(invitation.attested().is_empty());
}

/// Design 6: the operator issues each tenant's first administrator's invitation; ASVS 6.3.2.
#[test]
fn the_operator_invites_the_first_administrator_and_swears_to_nothing() {
    let operator = Sponsor::Operator;
    let first = Issue {
        sponsor: operator,
        ..staff_issue()
    };
    let (invitation, _) = Invitation::issue(first, &staff_policy(), START).unwrap();
    assert_eq!(invitation.sponsor(), operator);
    let contact = Issue {
        sponsor: operator,
        ..contact_issue()
    };
    assert_eq!(
        Invitation::issue(contact, &contact_policy(), START).unwrap_err(),
        IssueRejection::NoSwearer
    );
}

/// Study lesson 22: the ceiling is over effective permissions, with the names that are missing.
#[test]
fn nobody_offers_more_than_they_may_give() {
    let issue = Issue {
        verdict: above(),
        ..contact_issue()
    };
    let rejection = Invitation::issue(issue, &contact_policy(), START).unwrap_err();
    assert_eq!(rejection, IssueRejection::AboveCeiling(shortfall()));
    assert!(rejection.to_string().contains("`view_bills`"));
    let unrestricted = SponsorVerdict::Above(Shortfall::Unrestricted);
    let issue = Issue {
        verdict: unrestricted,
        ..staff_issue()
    };
    assert!(Invitation::issue(issue, &staff_policy(), START).is_err());
}

/// Design 5: "One open invitation per address and tenant"; a member is granted to directly.
#[test]
fn an_open_address_is_amended_and_a_member_is_granted_to() {
    let open = OpenInvitation {
        id: invitation_id(7),
        subjects: [].into(),
    };
    let standing = AddressStanding {
        open: Some(open),
        ..AddressStanding::default()
    };
    let issue = Issue {
        standing,
        ..contact_issue()
    };
    assert_eq!(
        Invitation::issue(issue, &contact_policy(), START).unwrap_err(),
        IssueRejection::AlreadyOpen {
            invitation: invitation_id(7)
        }
    );
    let member = TenantMember {
        membership: member(9),
        subjects: [].into(),
    };
    let membership = member.membership;
    let standing = AddressStanding {
        member: Some(member),
        ..AddressStanding::default()
    };
    let issue = Issue {
        standing,
        ..contact_issue()
    };
    assert_eq!(
        Invitation::issue(issue, &contact_policy(), START).unwrap_err(),
        IssueRejection::AlreadyMember { membership }
    );
}

/// Design 5: "an expired one never blocks a new one".
#[test]
fn an_expired_or_closed_invitation_does_not_stand_in_the_way() {
    let end = START + Duration::days(30);
    let open = OpenInvitation::of(&contact(), end - MICRO).unwrap();
    assert_eq!(
        (open.id, open.subjects),
        (invitation_id(1), [subject(1)].into())
    );
    assert_eq!(OpenInvitation::of(&contact(), end), None);
    let (revoked, _) = contact().revoke(Principal::System, START).unwrap();
    assert_eq!(OpenInvitation::of(&revoked, START), None);
}

/// Design 9.10: "never a merge".
#[test]
fn an_address_of_another_person_of_the_tenant_is_refused() {
    let held_by = |n, name: &str| AddressStanding {
        holder: Some(Identity {
            person: Some(person(n)),
            reference: None,
            name: Some(DisplayName::new(name).unwrap()),
        }),
        ..AddressStanding::default()
    };
    let issue = Issue {
        standing: held_by(51, "Ana Ruiz"),
        ..contact_issue()
    };
    assert_eq!(
        Invitation::issue(issue, &contact_policy(), START).unwrap_err(),
        IssueRejection::AddressOfAnotherPerson {
            holder: Some(person(51))
        }
    );
    let own = Issue {
        standing: held_by(50, "A. Ruiz"),
        ..contact_issue()
    };
    assert!(Invitation::issue(own, &contact_policy(), START).is_ok());
    // Nobody on the form: the same name is the same person, and the record is filled in.
    let unnamed = Issue {
        standing: held_by(50, "ANA RUIZ"),
        ..staff_issue()
    };
    let (invitation, _) = Invitation::issue(unnamed, &staff_policy(), START).unwrap();
    assert_eq!(invitation.person(), Some(person(50)));
}

/// ASVS 16.2.5: no address, name or digest in logs.
#[test]
fn debug_output_shows_neither_address_nor_name_nor_digest() {
    let text = format!("{:?}", contact());
    assert!(
        !text.contains("Ana.Ruiz") && !text.contains("ana.ruiz"),
        "{text}"
    );
    assert!(!text.contains("Ana Ruiz"), "{text}");
    assert!(!text.contains(&String::from(digest(1))), "{text}");
}
