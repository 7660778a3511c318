//! Delivery status.

use doorward_invitations::{
    DeliveryRejection, DeliveryReport, Event, Resend, SponsorVerdict, Status,
};
use doorward_types::Delivery;
use time::Duration;

use crate::fixture::*;

fn report(status: Delivery, seconds: i64) -> DeliveryReport {
    DeliveryReport {
        status,
        at: START + Duration::seconds(seconds),
    }
}

/// ALIS: "You can verify the delivery status of your invitations".
#[test]
fn what_became_of_the_mail_stands_on_the_invitation() {
    let (sent, _) = contact()
        .record_delivery(nth(1), report(Delivery::Sent, 1))
        .unwrap();
    let (delivered, events) = sent
        .record_delivery(nth(1), report(Delivery::Delivered, 2))
        .unwrap();
    assert_eq!(delivered.delivery(), Delivery::Delivered);
    assert_eq!(
        events,
        [Event::DeliveryRecorded {
            invitation: contact().id(),
            generation: nth(1),
            was: Delivery::Sent,
            status: Delivery::Delivered,
        }]
    );
}

/// Study complaint 28: a bounced invite was shown as sent, and "already pending" blocked the retry.
#[test]
fn a_bounce_is_shown_and_closes_nothing() {
    let (bounced, _) = contact()
        .record_delivery(nth(1), report(Delivery::Bounced, 9))
        .unwrap();
    assert_eq!(bounced.delivery(), Delivery::Bounced);
    assert_eq!(bounced.status(START), Status::Invited);
    let by = bounced.sponsor();
    let resend = Resend {
        by,
        verdict: SponsorVerdict::Within,
        digest: digest(2),
    };
    let (resent, _) = bounced.resend(resend, &contact_policy(), START).unwrap();
    assert_eq!(resent.delivery(), Delivery::Queued);
    let late = resent
        .record_delivery(nth(1), report(Delivery::Bounced, 20))
        .unwrap_err();
    let (reported, latest) = (nth(1), nth(2));
    assert_eq!(late, DeliveryRejection::AnotherMailing { reported, latest });
}

#[test]
fn a_later_report_replaces_an_earlier_one_and_never_the_other_way() {
    let (sent, _) = contact()
        .record_delivery(nth(1), report(Delivery::Delivered, 5))
        .unwrap();
    let older = sent
        .clone()
        .record_delivery(nth(1), report(Delivery::Sent, 4))
        .unwrap_err();
    assert!(matches!(older, DeliveryRejection::Outdated { .. }));
    let (same, events) = sent
        .clone()
        .record_delivery(nth(1), report(Delivery::Delivered, 6))
        .unwrap();
    assert_eq!((same, events.len()), (sent, 0));
}
