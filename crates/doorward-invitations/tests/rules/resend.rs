//! Resend.

use doorward_invitations::{
    DeliveryReport, Event, Invitation, Lifetime, Policy, Resend, ResendRejection, Sponsor,
    SponsorVerdict, Status,
};
use doorward_types::Delivery;
use time::{Duration, OffsetDateTime};

use crate::fixture::*;

fn by(n: u8) -> Resend {
    Resend {
        by: Sponsor::Member(member(n)),
        verdict: SponsorVerdict::Within,
        digest: digest(2),
    }
}

fn resend(
    invitation: Invitation,
    policy: &Policy,
    now: OffsetDateTime,
) -> Result<(Invitation, Vec<Event>), ResendRejection> {
    invitation.resend(by(1), policy, now)
}

/// ALIS: "Resend Invite ... send a fresh invitation link"; design 5: same id, next generation, new
/// clock.
#[test]
fn a_resend_keeps_the_record_and_starts_a_new_link_and_clock() {
    let now = START + Duration::days(10);
    let (resent, events) = resend(contact(), &contact_policy(), now).unwrap();
    assert_eq!(resent.id(), contact().id());
    assert_eq!(resent.offer(), contact().offer());
    assert_eq!(resent.attested(), contact().attested());
    assert_eq!(resent.mailing().generation, nth(2));
    assert_eq!(resent.mailing().expires_at, now + Duration::days(30));
    assert_eq!(resent.delivery(), Delivery::Queued);
    assert_eq!(resent.resend_count(), 1);
    assert_eq!(events[0].mailing(), Some(nth(2)));
}

/// ALIS resends from expired; Kalix: "you will need to send a new invitation".
#[test]
fn an_expired_invitation_is_sent_again_where_the_policy_allows_it() {
    let late = START + Duration::days(31);
    let (resent, _) = resend(contact(), &contact_policy(), late).unwrap();
    assert_eq!(resent.status(late), Status::Invited);
    let end = START + Duration::days(7);
    assert!(resend(staff(), &staff_policy(), end - MICRO).is_ok());
    assert_eq!(
        resend(staff(), &staff_policy(), end).unwrap_err(),
        ResendRejection::Expired { at: end }
    );
}

/// Study: the ceiling is re-checked with the resender as sponsor.
#[test]
fn whoever_sends_it_again_vouches_for_it() {
    let above = Resend {
        verdict: above(),
        ..by(2)
    };
    assert_eq!(
        contact()
            .resend(above, &contact_policy(), START)
            .unwrap_err(),
        ResendRejection::AboveCeiling(shortfall())
    );
    let (resent, events) = contact().resend(by(2), &contact_policy(), START).unwrap();
    assert_eq!(resent.sponsor(), Sponsor::Member(member(2)));
    let was = Sponsor::Member(member(1));
    assert!(matches!(events[0], Event::Resent { was: it, .. } if it == was));
}

/// ASVS 2.4.1; study: a delivery failure does not consume the cooldown.
#[test]
fn a_pause_lies_between_two_mails_unless_the_first_failed() {
    let policy = contact_policy().with_resend_pause(std::time::Duration::from_secs(600));
    let until = START + Duration::minutes(10);
    assert_eq!(
        resend(contact(), &policy, until - MICRO).unwrap_err(),
        ResendRejection::TooSoon { until }
    );
    assert!(resend(contact(), &policy, until).is_ok());
    let bounced = DeliveryReport {
        status: Delivery::Bounced,
        at: START,
    };
    let (bounced, _) = contact().record_delivery(nth(1), bounced).unwrap();
    assert!(resend(bounced, &policy, START + MICRO).is_ok());
}

#[test]
fn an_invitation_is_sent_again_as_often_as_the_policy_says() {
    let policy = contact_policy().with_most_resends(2);
    let (once, _) = resend(contact(), &policy, START).unwrap();
    let (twice, _) = resend(once, &policy, START).unwrap();
    assert_eq!(
        resend(twice, &policy, START).unwrap_err(),
        ResendRejection::TooOften { count: 2 }
    );
}

#[test]
fn a_new_clock_runs_as_long_as_the_policy_says_now() {
    let shorter = contact_policy()
        .shortened_to(Lifetime::days(3).unwrap())
        .unwrap();
    let (resent, _) = resend(contact(), &shorter, START).unwrap();
    assert_eq!(resent.mailing().expires_at, START + Duration::days(3));
    assert_eq!(resent.lifetime(), shorter.lifetime());
}
