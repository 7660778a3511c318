//! Amend.

use doorward_invitations::{Amend, AmendRejection, Event, Invitation, Sponsor, SponsorVerdict};
use doorward_types::{OFFER_MAX_SUBJECTS, OfferError};
use time::{Duration, OffsetDateTime};

use crate::fixture::*;

fn adding(subjects: impl IntoIterator<Item = u8> + Clone) -> Amend {
    Amend {
        add: subjects.clone().into_iter().map(subject_offer).collect(),
        withdraw: [].into(),
        sworn: sworn(subjects),
        by: Sponsor::Member(member(1)),
        verdict: SponsorVerdict::Within,
        digest: digest(2),
    }
}

fn amend(amend: Amend, now: OffsetDateTime) -> Result<(Invitation, Vec<Event>), AmendRejection> {
    contact().amend(amend, &contact_policy(), now)
}

/// Design 5: "next generation, new clock, one mail, attestation for each subject".
#[test]
fn another_subject_goes_out_with_one_new_mail_and_its_own_oath() {
    let now = START + Duration::days(3);
    let (amended, events) = amend(adding([2]), now).unwrap();
    assert_eq!(
        amended.offer().subjects(),
        [subject_offer(1), subject_offer(2)]
    );
    assert_eq!(amended.mailing().generation, nth(2));
    assert_eq!(amended.mailing().expires_at, now + Duration::days(30));
    let sworn: Vec<_> = amended
        .attested()
        .iter()
        .map(|it| (it.subject, it.attestation.at))
        .collect();
    assert_eq!(sworn, [(subject(1), START), (subject(2), now)]);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].mailing(), Some(nth(2)));
}

#[test]
fn a_subject_without_an_oath_is_not_added() {
    let unsworn = Amend {
        sworn: sworn([1]),
        ..adding([2])
    };
    assert_eq!(
        amend(unsworn, START).unwrap_err(),
        AmendRejection::NoAttestation {
            subjects: vec![subject(2)]
        }
    );
    let operator = Amend {
        by: Sponsor::Operator,
        ..adding([2])
    };
    assert_eq!(
        amend(operator, START).unwrap_err(),
        AmendRejection::NoSwearer
    );
}

/// Design 3: "An offer of more than 10 subjects is refused".
#[test]
fn the_eleventh_subject_is_refused() {
    let most = u8::try_from(OFFER_MAX_SUBJECTS).unwrap();
    let (full, _) = amend(adding(2..=most), START).unwrap();
    assert_eq!(full.offer().subjects().len(), OFFER_MAX_SUBJECTS);
    let more = full
        .amend(adding([most + 1]), &contact_policy(), START)
        .unwrap_err();
    assert_eq!(
        more,
        AmendRejection::Offer(OfferError::TooManySubjects { count: 11 })
    );
    let twice = amend(adding([1]), START).unwrap_err();
    let subject = subject(1);
    assert_eq!(
        twice,
        AmendRejection::Offer(OfferError::SubjectTwice { subject })
    );
}

/// Study complaint 23: a pending invite's role was rewritten upward and accept trusted the row.
#[test]
fn the_amended_offer_lies_within_what_the_amender_may_give() {
    let above = Amend {
        verdict: above(),
        ..adding([2])
    };
    assert_eq!(
        amend(above, START).unwrap_err(),
        AmendRejection::AboveCeiling(shortfall())
    );
}

#[test]
fn a_subject_can_be_taken_away_but_not_the_last() {
    let (two, _) = amend(adding([2]), START).unwrap();
    let less = |n| Amend {
        withdraw: [subject(n)].into(),
        ..adding([])
    };
    let (one, events) = two.amend(less(1), &contact_policy(), START).unwrap();
    assert_eq!(one.offer().subjects(), [subject_offer(2)]);
    let Event::Amended { withdrawn, .. } = &events[0] else {
        panic!("{events:?}")
    };
    assert_eq!(withdrawn, &[subject(1)]);
    let last = one
        .clone()
        .amend(less(2), &contact_policy(), START)
        .unwrap_err();
    assert_eq!(last, AmendRejection::NoSubject);
    let nothing = one.amend(less(9), &contact_policy(), START).unwrap_err();
    assert_eq!(nothing, AmendRejection::NothingToAmend);
}

#[test]
fn another_profile_over_the_same_subject_needs_a_new_oath() {
    let changed = Amend {
        withdraw: [subject(1)].into(),
        ..adding([1])
    };
    let unsworn = Amend {
        sworn: [].into(),
        ..changed.clone()
    };
    assert!(matches!(
        amend(unsworn, START).unwrap_err(),
        AmendRejection::NoAttestation { .. }
    ));
    let (amended, _) = amend(changed, START).unwrap();
    assert_eq!(amended.offer().subjects().len(), 1);
    assert_eq!(
        amended.attested().len(),
        2,
        "what was sworn is never dropped"
    );
}

#[test]
fn an_expired_invitation_is_not_amended() {
    let end = START + Duration::days(30);
    assert!(amend(adding([2]), end - MICRO).is_ok());
    assert_eq!(
        amend(adding([2]), end).unwrap_err(),
        AmendRejection::Expired { at: end }
    );
}

#[test]
fn place_and_role_stay_as_they_were_offered() {
    let role = doorward_types::RoleName::new("clinical").unwrap();
    let offer = staff_issue().offer.with_role(role.clone());
    let issue = doorward_invitations::Issue {
        offer,
        ..staff_issue()
    };
    let (staff, _) = Invitation::issue(issue, &staff_policy(), START).unwrap();
    let (amended, _) = staff.amend(adding([1]), &staff_policy(), START).unwrap();
    assert_eq!(amended.offer().role(), Some(&role));
}
