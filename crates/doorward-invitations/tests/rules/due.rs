//! Reminders and expiries.

use doorward_invitations::{
    DeliveryReport, Due, ExpiryRejection, Lifetime, Policy, RemindRejection, Resend,
    SponsorVerdict, TokenRefusal, due,
};
use doorward_types::{Delivery, Principal};
use time::{Duration, OffsetDateTime};

use crate::fixture::*;

const REMINDER: OffsetDateTime = START.saturating_add(Duration::days(25));
const END: OffsetDateTime = START.saturating_add(Duration::days(30));

fn policy() -> Policy {
    contact_policy()
        .with_reminder(Lifetime::days(5).unwrap())
        .unwrap()
}

/// ASVS 6.4.5; design 5: "a reminder is a new generation with the old expiry".
#[test]
fn a_reminder_is_a_new_link_under_the_old_end() {
    assert_eq!(contact().due(&policy(), REMINDER - MICRO), None);
    assert_eq!(contact().due(&policy(), REMINDER), Some(Due::Remind));
    let (reminded, events) = contact().remind(digest(2), &policy(), REMINDER).unwrap();
    assert_eq!(reminded.mailing().generation, nth(2));
    assert_eq!(reminded.mailing().expires_at, END);
    assert_eq!(reminded.resend_count(), 0);
    assert_eq!(events[0].mailing(), Some(nth(2)));
    let superseded = TokenRefusal::Superseded { sent_at: REMINDER };
    assert_eq!(reminded.verify(&link(1), REMINDER), Err(superseded));
    assert!(reminded.verify(&link(2), END - MICRO).is_ok());
    assert!(reminded.verify(&link(2), END).is_err());
}

#[test]
fn one_reminder_goes_out_for_each_clock() {
    let (reminded, _) = contact().remind(digest(2), &policy(), REMINDER).unwrap();
    assert_eq!(reminded.due(&policy(), END - MICRO), None);
    let again = reminded
        .clone()
        .remind(digest(3), &policy(), REMINDER)
        .unwrap_err();
    assert_eq!(again, RemindRejection::NotDue);
    let by = reminded.sponsor();
    let resend = Resend {
        by,
        verdict: SponsorVerdict::Within,
        digest: digest(3),
    };
    let (resent, _) = reminded.resend(resend, &policy(), END).unwrap();
    assert_eq!(
        resent.due(&policy(), END + Duration::days(25)),
        Some(Due::Remind)
    );
}

#[test]
fn no_reminder_goes_to_an_address_that_takes_no_mail() {
    let bounced = DeliveryReport {
        status: Delivery::Bounced,
        at: START,
    };
    let (bounced, _) = contact().record_delivery(nth(1), bounced).unwrap();
    assert_eq!(bounced.due(&policy(), REMINDER), None);
    assert_eq!(bounced.due(&policy(), END), Some(Due::NoteExpiry));
}

#[test]
fn a_policy_without_reminder_sends_none() {
    assert_eq!(contact().due(&contact_policy(), END - MICRO), None);
    let rejection = contact()
        .remind(digest(2), &contact_policy(), REMINDER)
        .unwrap_err();
    assert_eq!(rejection, RemindRejection::NotDue);
    let rejection = contact().remind(digest(2), &policy(), END).unwrap_err();
    assert_eq!(rejection, RemindRejection::Expired { at: END });
}

/// Study complaint 20: expired invites died silently.
#[test]
fn the_sponsor_is_told_of_an_expiry_once() {
    assert_eq!(
        contact().note_expiry(END - MICRO).unwrap_err(),
        ExpiryRejection::StillOpen { until: END }
    );
    assert_eq!(contact().due(&policy(), END), Some(Due::NoteExpiry));
    let (noted, events) = contact().note_expiry(END).unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(noted.due(&policy(), END + Duration::days(1)), None);
    assert_eq!(noted.due_at(&policy()), None);
    assert_eq!(
        noted.note_expiry(END).unwrap_err(),
        ExpiryRejection::AlreadyNoted { at: END }
    );
}

#[test]
fn the_next_instant_to_look_again_is_known() {
    assert_eq!(contact().due_at(&policy()), Some((Due::Remind, REMINDER)));
    let (reminded, _) = contact().remind(digest(2), &policy(), REMINDER).unwrap();
    assert_eq!(reminded.due_at(&policy()), Some((Due::NoteExpiry, END)));
}

#[test]
fn a_list_of_invitations_says_what_is_due_among_them() {
    let (revoked, _) = contact().revoke(Principal::System, START).unwrap();
    let (open, kalix) = (contact(), staff());
    let (policy, staff_policy) = (policy(), staff_policy());
    let all = [
        (&revoked, &policy),
        (&open, &policy),
        (&kalix, &staff_policy),
    ];
    assert_eq!(due(all, START), []);
    assert_eq!(
        due(all, REMINDER),
        [(open.id(), Due::Remind), (kalix.id(), Due::NoteExpiry)]
    );
}
