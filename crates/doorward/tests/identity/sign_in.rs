//! Signing in: one neutral refusal, equal work, counters, and sessions that end at once.

use std::{
    pin::pin,
    sync::mpsc,
    task::{Context, Poll, Waker},
};

use crate::agency::{Agency, OTHER, PASSWORD, Settings, USUAL, block_on, password, secret};
use doorward::{
    Caller, ConfigureTenant, Credential, Denied, Error, Fault, HashingError, HashingThreads,
    ManageAccounts, ManageMembers, OwnAccount, ResetCredentials, SignedIn, Use,
    identity::{DisabledReason, Handover, PasswordCost, SignInReason},
    types::Channel,
};
use time::Duration;

/// ASVS 6.3.8: no answer tells whether a name is known, or what is wrong with it.
#[test]
fn every_refusal_reads_the_same() {
    let agency = Agency::open();
    let ana = agency.standard("ana", "ana@example.org");
    agency.account("identity", "ben", "ben@example.org");
    let right = || password(PASSWORD);
    let mut texts = Vec::new();
    let mut reasons = Vec::new();
    let mut refuse = |channel, called: &str, credential| {
        match agency.attempt(channel, called, credential) {
            Err(Error::Rejected(refusal)) => {
                texts.push(refusal.to_string());
                reasons.push(refusal.reason().as_str());
            }
            other => panic!("not refused: {other:?}"),
        };
    };
    refuse(Channel::Mobile, "nobody", right());
    refuse(Channel::Mobile, "ana", password(OTHER));
    refuse(Channel::Portal, "ana", right());
    refuse(Channel::Portal, "ben@example.org", right());
    let disable = agency.admin(ManageMembers);
    block_on(agency.door.disable_access(disable, ana.membership)).unwrap();
    refuse(Channel::Mobile, "ana", right());
    assert_eq!(
        reasons,
        [
            "unknown_name",
            "credential",
            "channel",
            "credential",
            "membership_inactive"
        ]
    );
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
}

/// ASVS 6.3.8: as many reads, hashes and commits for a name that nobody has.
#[test]
fn an_unknown_name_costs_the_calls_that_a_known_one_does() {
    let agency = Agency::open();
    agency.standard("ana", "ana@example.org");
    let calls = |called: &str| {
        agency.storage.take();
        agency.refusal(Channel::Mobile, called, password(OTHER));
        agency.storage.take()
    };
    assert_eq!(calls("ana"), calls("nobody"));
    assert_eq!(calls("ana"), calls("nobody"));
    // Of e-mail form, where address and user name are both looked up.
    agency.identity("ben", "ben@example.org");
    assert_eq!(calls("ben@example.org"), calls("nobody@example.org"));
    for _ in 0..8 {
        calls("ana");
    }
    assert_eq!(calls("ana"), calls("nobody"), "also while locked");
}

/// OWASP Password Storage: a flood of sign-ins is bounded. Where the queue is full, a known name and an
/// unknown one are refused alike, after the same calls, and nothing is counted.
#[test]
fn a_full_queue_refuses_known_and_unknown_names_alike() {
    let agency = Agency::open();
    agency.standard("ana", "ana@example.org");
    let threads = HashingThreads::new(1).with_queue_of(1);
    let (begun, begins) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let busy = threads.run(move || {
        begun.send(()).unwrap();
        released.recv()
    });
    begins.recv().unwrap();
    let waiting = threads.run(|| ());
    let door = agency.hashing_on(threads);
    let attempt = |called: &str, text: &str| {
        let key = Some(agency.key.clone());
        let mobile = Channel::Mobile;
        block_on(door.sign_in(agency.tenant, mobile, called, password(text), key))
    };
    let refused = |called: &str, text: &str| {
        agency.storage.take();
        let answer = attempt(called, text);
        assert!(
            matches!(
                &answer,
                Err(Error::Fault(fault @ Fault::Hashing(HashingError::QueueFull)))
                    if fault.is_retryable()
            ),
            "{answer:?}"
        );
        agency.storage.take()
    };
    let unknown = refused("nobody", PASSWORD);
    assert_eq!(refused("ana", PASSWORD), unknown);
    assert_eq!(refused("ana", OTHER), unknown);
    assert!(unknown.iter().all(|call| !call.starts_with("commit")));
    release.send(()).unwrap();
    block_on(busy).unwrap().unwrap();
    block_on(waiting).unwrap();
    assert!(attempt("ana", PASSWORD).is_ok());
}

/// Everything that is decided on is read by the time the password is hashed, so that signing in takes
/// hardly longer than the hash.
#[test]
fn what_is_decided_on_is_read_while_the_password_is_hashed() {
    let agency = Agency::open();
    agency.identity("ben", "ben@example.org");
    let threads = HashingThreads::new(1);
    let (release, released) = mpsc::channel::<()>();
    let busy = threads.run(move || released.recv());
    let door = agency.hashing_on(threads);
    for called in ["ben@example.org", "nobody@example.org"] {
        agency.storage.take();
        let portal = Channel::Portal;
        let mut attempt = pin!(door.sign_in(agency.tenant, portal, called, password(OTHER), None));
        let mut context = Context::from_waker(Waker::noop());
        assert!(attempt.as_mut().poll(&mut context).is_pending());
        let calls = agency.storage.take();
        assert_eq!(calls, ["lookup", "lookup", "lookup", "lookup", "get 3"]);
    }
    release.send(()).unwrap();
    block_on(busy).unwrap().unwrap();
}

/// Design 2: "a host decides on which thread it runs". Also where it is the caller's, all that is read
/// beside the hash is asked for before it.
#[test]
fn callers_that_may_be_blocked_hash_on_their_own_thread() {
    let agency = Agency::open();
    agency.identity("ben", "ben@example.org");
    let door = agency.hashing_on(HashingThreads::of_callers(1));
    let attempt = |called: &'static str, text: &str| {
        door.sign_in(agency.tenant, Channel::Portal, called, password(text), None)
    };
    for (called, text) in [
        ("ben@example.org", PASSWORD),
        ("ben@example.org", OTHER),
        ("nobody@example.org", OTHER),
    ] {
        agency.storage.take();
        let mut attempt = pin!(attempt(called, text));
        let mut context = Context::from_waker(Waker::noop());
        assert!(attempt.as_mut().poll(&mut context).is_pending());
        let calls = agency.storage.take();
        assert_eq!(calls, ["lookup", "lookup", "lookup", "lookup", "get 3"]);
        let Poll::Ready(answer) = attempt.as_mut().poll(&mut context) else {
            panic!("nobody else hashes");
        };
        match answer {
            Ok(SignedIn::Session(_)) => assert_eq!(text, PASSWORD),
            Err(Error::Rejected(_)) => assert_eq!(text, OTHER),
            other => panic!("{other:?}"),
        }
    }
}

/// Design 6: "An account has at most one user name, claimed in the tenant that gave it and valid
/// there alone".
#[test]
fn a_user_name_signs_in_where_it_was_given_and_nowhere_else() {
    let agency = Agency::open();
    agency.standard("ana", "ana@example.org");
    let (other, _) = agency.new_tenant("Hillside", "hill@example.org");
    assert!(agency.sign_in(Channel::Mobile, "Ana", PASSWORD).is_some());
    assert!(
        agency
            .sign_in_at(other, Channel::Mobile, "ana", PASSWORD)
            .is_none()
    );
}

/// HomeTrak: "Mobile app access only, requiring access keys".
#[test]
fn a_standard_account_presents_the_access_key_and_an_identity_account_does_not() {
    let agency = Agency::open();
    agency.standard("ana", "ana@example.org");
    agency.identity("ben", "ben@example.org");
    let try_with = |called: &str, key: Option<&str>| {
        let key = key.map(secret);
        let credential = password(PASSWORD);
        let attempt = agency
            .door
            .sign_in(agency.tenant, Channel::Mobile, called, credential, key);
        block_on(attempt).is_ok()
    };
    assert!(!try_with("ana", None));
    assert!(!try_with("ana", Some("2222-3333-4444")));
    assert!(agency.sign_in(Channel::Mobile, "ana", PASSWORD).is_some());
    assert!(try_with("ben@example.org", None));
    assert!(
        agency.sign_in(Channel::Portal, "ana", PASSWORD).is_none(),
        "Only \"Identity\" accounts can log in to the HomeTrak Online interface"
    );
}

/// ALIS: "Immediately revoke the user's ability to log in".
#[test]
fn disabling_access_ends_live_sessions_at_once() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org");
    let session = agency
        .sign_in(Channel::Portal, "ben@example.org", PASSWORD)
        .unwrap();
    assert!(agency.is_live(&session));
    let disable = agency.admin(ManageMembers);
    block_on(agency.door.disable_access(disable, ben.membership)).unwrap();
    assert!(!agency.is_live(&session));
    let denied = block_on(agency.door.authorise(Caller::from(&session), OwnAccount));
    assert!(matches!(denied, Err(Error::Denied(Denied::Session(_)))));
    let restore = agency.admin(ManageMembers);
    block_on(agency.door.restore_access(restore, ben.membership)).unwrap();
    assert!(!agency.is_live(&session), "it does not come back");
    assert!(
        agency
            .sign_in(Channel::Portal, "ben@example.org", PASSWORD)
            .is_some()
    );
}

/// HomeTrak: "Status must be set to Active in order for the user to be able to log in".
#[test]
fn disabling_the_account_closes_every_channel_and_ends_sessions() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org");
    let session = agency
        .sign_in(Channel::Portal, "ben@example.org", PASSWORD)
        .unwrap();
    let disable = agency.admin(ManageAccounts);
    let reason = DisabledReason::Administrator;
    block_on(agency.door.disable_account(disable, ben.membership, reason)).unwrap();
    assert!(!agency.is_live(&session));
    for channel in [Channel::Portal, Channel::Mobile, Channel::Desktop] {
        assert!(
            agency
                .sign_in(channel, "ben@example.org", PASSWORD)
                .is_none()
        );
    }
}

/// Design 7: "counted in throttle records ... and audited at the first and at each doubling".
#[test]
fn wrong_credentials_are_audited_at_the_first_and_at_each_doubling() {
    let agency = Agency::open();
    agency.standard("ana", "ana@example.org");
    let entries = agency.noted(|| {
        for _ in 0..5 {
            agency.refusal(Channel::Mobile, "ana", password(OTHER));
        }
    });
    let mut counts: Vec<_> = entries
        .iter()
        .map(|entry| entry["facts"]["failures"].as_i64().unwrap())
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 2, 4]);
    assert!(
        entries
            .iter()
            .all(|entry| entry["action"] == "session.sign_in")
    );
}

/// Design 6: "Lock-out is a throttle value with its own clock"; "failures do not extend it".
#[test]
fn a_lock_ends_by_itself_and_failures_while_locked_do_not_extend_it() {
    let agency = Agency::open();
    agency.standard("ana", "ana@example.org");
    let entries = agency.noted(|| {
        for _ in 0..6 {
            let reason = agency.refusal(Channel::Mobile, "ana", password(OTHER));
            assert_eq!(reason, SignInReason::Credential);
        }
    });
    let locks = entries
        .iter()
        .filter(|entry| entry["action"] == "lockout.start");
    assert_eq!(locks.count(), 1);
    agency.pass(Duration::seconds(59));
    let entries = agency.noted(|| {
        let reason = agency.refusal(Channel::Mobile, "ana", password(PASSWORD));
        assert!(matches!(reason, SignInReason::Locked { .. }));
    });
    assert!(entries.is_empty(), "not told again: {entries:?}");
    agency.pass(Duration::seconds(1));
    assert!(agency.sign_in(Channel::Mobile, "ana", PASSWORD).is_some());
    let reason = agency.refusal(Channel::Mobile, "ana", password(OTHER));
    assert_eq!(reason, SignInReason::Credential, "success began anew");
}

/// ASVS 6.3.1: many guesses at the same time are as many as one after the other. Where the wrong ones
/// lock, the right one is refused too.
#[test]
fn a_right_guess_is_decided_again_when_wrong_ones_were_counted_meanwhile() {
    for earlier in [0, 1] {
        let agency = Agency::open();
        agency.identity("ben", "ben@example.org");
        let called = "ben@example.org";
        for _ in 0..earlier {
            agency.refusal(Channel::Portal, called, password(OTHER));
        }
        let (other, tenant) = (agency.second_process(), agency.tenant);
        agency.storage.before_commit(move || {
            for _ in 0..8 {
                let guess = other.sign_in(tenant, Channel::Portal, called, password(OTHER), None);
                assert!(block_on(guess).is_err());
            }
        });
        let reason = agency.refusal(Channel::Portal, called, password(PASSWORD));
        assert!(agency.storage.has_run());
        assert!(matches!(reason, SignInReason::Locked { .. }), "{reason:?}");
    }
}

/// Design 6: "while locked a mailed reset still works and lifts it".
#[test]
fn a_mailed_reset_works_while_locked_and_lifts_the_lock() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org");
    for _ in 0..6 {
        agency.refusal(Channel::Portal, "ben@example.org", password(OTHER));
    }
    let permit = agency.admin(ResetCredentials);
    block_on(agency.door.send_reset(permit, ben.membership)).unwrap();
    let link = agency.mail_to("ben@example.org").link();
    block_on(agency.door.reset_password(&link, &secret(OTHER), None)).unwrap();
    assert!(
        agency
            .sign_in(Channel::Portal, "ben@example.org", OTHER)
            .is_some()
    );
}

/// ALIS: "Help a user regain access if they are locked out. You can either send an Automatic password
/// reset email or manually reset a temporary password."
#[test]
fn a_temporary_password_works_while_locked_and_lifts_the_lock() {
    let agency = Agency::open();
    let ana = agency.standard("ana", "ana@example.org");
    for _ in 0..6 {
        agency.refusal(Channel::Mobile, "ana", password(OTHER));
    }
    let permit = agency.admin(ResetCredentials);
    let issued = agency
        .door
        .issue_temporary_password(permit, ana.membership, Handover::Mailed);
    block_on(issued).unwrap();
    let temporary = agency.mail_to("ana@example.org").secret();
    agency.replace_temporary("ana", &temporary, OTHER);
    assert!(agency.sign_in(Channel::Mobile, "ana", OTHER).is_some());
}

/// HomeTrak: "The password expires after several hours", 4 by default (design 9.6).
#[test]
fn a_temporary_password_opens_nothing_but_a_new_one_and_ends_at_its_microsecond() {
    let agency = Agency::open();
    agency.account("standard", "ana", "ana@example.org");
    let temporary = agency.mail_to("ana@example.org").secret();
    agency.pass(Duration::hours(4) - Duration::MICROSECOND);
    let opened = agency.attempt(Channel::Mobile, "ana", password(&temporary));
    let Ok(SignedIn::NewPassword { ticket, expires_at }) = opened else {
        panic!("{opened:?}");
    };
    assert_eq!(expires_at, crate::agency::NOW + Duration::hours(4));
    agency.pass(Duration::MICROSECOND);
    let reason = agency.refusal(Channel::Mobile, "ana", password(&temporary));
    assert_eq!(reason, SignInReason::TemporaryExpired);
    // "the window covers that change"
    use secrecy::ExposeSecret;
    let ticket = ticket.expose_secret();
    let set = block_on(
        agency
            .door
            .set_new_password(ticket, &secret(PASSWORD), None),
    );
    assert!(set.is_err());
}

/// HomeTrak "Email Telephony PIN"; design 6: "own counter closed after 10 failures, opens telephony
/// alone, made anew by each mailing".
#[test]
fn a_pin_has_its_own_counter_and_opens_the_telephone_alone() {
    let agency = Agency::open();
    let ana = agency.standard("ana", "ana@example.org");
    let mail = || {
        let permit = agency.admin(ResetCredentials);
        block_on(agency.door.mail_pin(permit, ana.membership)).unwrap();
        agency.mail_to("ana@example.org").secret()
    };
    let pin = mail();
    assert_eq!(pin.len(), 6);
    let typed = |text: &str| Credential::Pin(secret(text));
    assert!(
        agency
            .attempt(Channel::Telephony, "ana", typed(&pin))
            .is_ok()
    );
    let reason = agency.refusal(Channel::Mobile, "ana", typed(&pin));
    assert_eq!(reason, SignInReason::Credential);
    let reason = agency.refusal(Channel::Telephony, "ana", password(PASSWORD));
    assert_eq!(reason, SignInReason::Credential);
    assert!(
        agency
            .attempt(Channel::Telephony, "ana", typed(&pin))
            .is_ok()
    );
    let wrong = if pin == "000000" { "000001" } else { "000000" };
    for _ in 0..10 {
        agency.refusal(Channel::Telephony, "ana", typed(wrong));
    }
    let reason = agency.refusal(Channel::Telephony, "ana", typed(&pin));
    assert_eq!(reason, SignInReason::Stopped);
    assert!(agency.sign_in(Channel::Mobile, "ana", PASSWORD).is_some());
    let next = mail();
    assert!(
        agency
            .attempt(Channel::Telephony, "ana", typed(&next))
            .is_ok()
    );
}

/// HomeTrak: "This is used only if the office is using the optional IVR features".
#[test]
fn without_telephony_no_pin_is_mailed_or_accepted() {
    let agency = Agency::open();
    let ana = agency.standard("ana", "ana@example.org");
    let permit = agency.admin(ResetCredentials);
    block_on(agency.door.mail_pin(permit, ana.membership)).unwrap();
    let pin = agency.mail_to("ana@example.org").secret();
    let permit = agency.admin(ConfigureTenant);
    block_on(agency.door.set_telephony(permit, Use::NotUsed)).unwrap();
    let typed = Credential::Pin(secret(&pin));
    let reason = agency.refusal(Channel::Telephony, "ana", typed);
    assert_eq!(reason, SignInReason::Channel);
    let permit = agency.admin(ResetCredentials);
    assert!(block_on(agency.door.mail_pin(permit, ana.membership)).is_err());
}

/// A tenant's log does not tell who has an account elsewhere (design 6: neutral across tenants).
#[test]
fn somebody_elses_account_is_logged_as_an_unknown_name() {
    let agency = Agency::open();
    agency.new_tenant("Hillside", "hill@example.org");
    let entries = agency.noted(|| {
        for text in [OTHER, PASSWORD] {
            agency.refusal(Channel::Portal, "hill@example.org", password(text));
        }
    });
    assert_eq!(entries.len(), 2);
    for entry in &entries {
        assert_eq!(entry["outcome"]["reason"], "unknown_name", "{entry}");
        assert_eq!(entry["target"]["kind"], "tenant");
    }
}

/// Design 6: "rehash on login".
#[test]
fn signing_in_makes_a_hash_of_a_lower_cost_anew() {
    let agency = Agency::open();
    agency.standard("ana", "ana@example.org");
    let dearer = Settings {
        cost: PasswordCost::owasp(),
        ..USUAL
    };
    let door = crate::agency::door(&agency.storage, &agency.clock, &agency.entropy, dearer);
    let sign_in = || {
        let key = Some(agency.key.clone());
        let credential = password(PASSWORD);
        let attempt = door.sign_in(agency.tenant, Channel::Mobile, "ana", credential, key);
        block_on(attempt).unwrap()
    };
    let SignedIn::Session(first) = sign_in() else {
        panic!("no session");
    };
    assert!(agency.is_stored("m=19456,t=2,p=1"));
    sign_in();
    assert!(agency.is_live(&first), "the password is the same");
    let upgrades = agency
        .tenant_entries()
        .iter()
        .filter(|entry| entry.to_string().contains("password.upgrade"))
        .count();
    assert_eq!(upgrades, 1);
}

/// The right credential of somebody whose access is off is told to the tenant's auditors.
#[test]
fn a_right_password_without_access_leaves_a_denied_entry() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org");
    let permit = agency.admin(ManageMembers);
    block_on(agency.door.disable_access(permit, ben.membership)).unwrap();
    let entries = agency.noted(|| {
        agency.refusal(Channel::Portal, "ben@example.org", password(PASSWORD));
    });
    assert_eq!(entries.len(), 1);
    let reason = &entries[0]["outcome"]["reason"];
    assert_eq!(reason, "membership_inactive", "{entries:?}");
}

/// HomeTrak "Email Mobile Password"; design 9.6: "A temporary password replaces the old one at once
/// and ends sessions".
#[test]
fn a_temporary_password_replaces_the_old_one_and_ends_sessions() {
    let agency = Agency::open();
    let ana = agency.standard("ana", "ana@example.org");
    let session = agency.sign_in(Channel::Mobile, "ana", PASSWORD).unwrap();
    let permit = agency.admin(ResetCredentials);
    let issued = agency
        .door
        .issue_temporary_password(permit, ana.membership, Handover::Mailed);
    assert!(block_on(issued).unwrap().password.is_none());
    assert!(!agency.is_live(&session));
    assert!(agency.sign_in(Channel::Mobile, "ana", PASSWORD).is_none());
    let temporary = agency.mail_to("ana@example.org").secret();
    agency.replace_temporary("ana", &temporary, OTHER);
    assert!(agency.sign_in(Channel::Mobile, "ana", OTHER).is_some());
    let again = agency.refusal(Channel::Mobile, "ana", password(&temporary));
    assert_eq!(again, SignInReason::Credential, "it opens once");
}

/// Design 2: an act is decided again on conflict, so that no failure is lost under a race.
#[test]
fn wrong_credentials_at_once_are_all_counted() {
    let agency = Agency::open();
    agency.standard("ana", "ana@example.org");
    let entries = agency.noted(|| {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| agency.refusal(Channel::Mobile, "ana", password(OTHER)));
            }
        });
    });
    let counts = entries
        .iter()
        .map(|entry| entry["facts"]["failures"].as_i64());
    assert_eq!(counts.max().flatten(), Some(4), "{entries:?}");
}
