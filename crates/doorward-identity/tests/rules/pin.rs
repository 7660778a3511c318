//! The telephony PIN.

use doorward_identity::{
    Authority, Gate, ManagedByPerson, PIN_MAX_FAILURES, PinCheck, PinCounter, PinDigestInput,
    Status, Telephony, account::IssuePinRejection,
};
use doorward_types::{Generation, Purpose};

use crate::support::*;

fn with_pin(mac: u8) -> doorward_identity::Account {
    let hash = pin(&activated(), mac);
    let issued = activated().issue_pin(administrator(), &identity(), Telephony::Offered, hash, NOW);
    issued.unwrap().0
}

/// HomeTrak: "email the IVR PIN to the user's email address".
#[test]
fn a_mailed_pin_is_the_account_s_and_replaces_the_one_before() {
    let account = with_pin(1);
    let check = |account: &doorward_identity::Account, mac: u8| {
        account.verify_pin(&PinDigestInput::new([mac; 32]), PIN_KEY.into())
    };
    assert!(matches!(check(&account, 1), PinCheck::Matches(_)));
    assert_eq!(check(&account, 2), PinCheck::Differs);
    let hash = pin(&account, 2);
    let first = account.pin().unwrap().generation();
    let (account, events) = account
        .issue_pin(administrator(), &identity(), Telephony::Offered, hash, NOW)
        .unwrap();
    assert_eq!(kinds(&events), ["pin_mailed"]);
    assert_eq!(check(&account, 1), PinCheck::Differs);
    assert!(matches!(check(&account, 2), PinCheck::Matches(_)));
    assert!(!account.awaits_mail(Purpose::TelephonyPin, first, NOW));
    assert!(account.awaits_mail(Purpose::TelephonyPin, first.next(), NOW));
}

/// Design 5: "Losing the PIN key means new PINs."
#[test]
fn a_pin_of_another_key_never_matches() {
    let answer = with_pin(1).verify_pin(&PinDigestInput::new([1; 32]), [8; 8].into());
    assert_eq!(answer, PinCheck::Differs);
    assert_eq!(with_pin(1).pin().unwrap().key().as_bytes(), &PIN_KEY);
}

/// Design 6: "without telephony no PIN is mailed or accepted".
#[test]
fn a_pin_is_mailed_only_where_a_telephone_opens_something() {
    let issue = |account: doorward_identity::Account, authority, class, telephony| {
        let hash = pin(&account, 1);
        account
            .issue_pin(authority, &class, telephony, hash, NOW)
            .map(|_| ())
            .unwrap_err()
    };
    let offered = Telephony::Offered;
    let refused = issue(
        activated(),
        administrator(),
        identity(),
        Telephony::NotOffered,
    );
    assert_eq!(refused, IssuePinRejection::NotOffered);
    let refused = issue(active(), administrator(), contact(), offered);
    assert_eq!(refused, IssuePinRejection::NotInClass);
    let refused = issue(pending(), administrator(), identity(), offered);
    assert_eq!(
        refused,
        IssuePinRejection::NotActive {
            status: Status::Pending
        }
    );
    for authority in [stranger(), Authority::Person] {
        let refused = issue(activated(), authority, identity(), offered);
        assert_eq!(refused, IssuePinRejection::ManagedByPerson(ManagedByPerson));
    }
}

/// Design 6: "own counter closed after 10 failures", "made anew by each mailing".
#[test]
fn ten_failures_close_a_pin_until_a_new_one_is_mailed() {
    let first = Generation::FIRST;
    let counter = (0..PIN_MAX_FAILURES - 1).fold(PinCounter::default(), |c, _| c.fail(first));
    assert!(!counter.is_closed(first));
    let reset = counter.succeed(first);
    assert_eq!(reset.failure_count(), 0);
    let closed = counter.fail(first);
    assert!(closed.is_closed(first));
    assert_eq!(
        (closed.gate(first), closed.gate(first.next())),
        (Gate::Stopped, Gate::Open)
    );
    assert!(
        closed.succeed(first).is_closed(first),
        "the right PIN comes too late"
    );
    assert!(!closed.is_closed(first.next()));
    assert_eq!(closed.fail(first.next()).failure_count(), 1);
}
