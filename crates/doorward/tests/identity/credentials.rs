//! Passwords, resets, temporary passwords and PINs, and that none of them is ever stored in clear.

use crate::agency::{
    Agency, NOW, OTHER, PASSWORD, Settings, USUAL, block_on, name, password, secret,
};
use doorward::{
    EditLevels, Error, LinkRefusal, OwnAccount, PasswordChangeRejection, ResetCredentials,
    SetPasswordRejection, Shown, SignedIn, TemporaryPasswordRejection,
    access::Reach,
    identity::{Handover, PasswordRejection, TicketRefusal, account::ChangePasswordRejection},
    storage::{Limit, Scope as StorageScope},
    types::{Channel, Levels, Purpose, RequestId},
};
use secrecy::ExposeSecret;
use time::Duration;

fn link<T>(refused: Result<T, Error<SetPasswordRejection>>) -> LinkRefusal {
    match refused {
        Err(Error::Rejected(SetPasswordRejection::Link(refusal))) => refusal,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("the link opened something"),
    }
}

const UNUSABLE: LinkRefusal = LinkRefusal::Ticket(TicketRefusal::Unusable);
const SUPERSEDED: LinkRefusal = LinkRefusal::Ticket(TicketRefusal::Superseded);
const EXPIRED: LinkRefusal = LinkRefusal::Ticket(TicketRefusal::Expired);

fn resolve(agency: &Agency) -> (usize, usize) {
    let now = agency.door.now();
    let resolved = block_on(agency.door.resolve_resets(now, Limit::MAX)).unwrap();
    (resolved.mailed_count, resolved.dropped_count)
}

/// ASVS 6.2.3, 7.4.3: the current password is asked for, and every other session is over.
#[test]
fn changing_the_password_ends_every_session_but_the_one_it_answers() {
    let agency = Agency::open();
    agency.identity("ben", "ben@example.org");
    let sign_in = |text| agency.sign_in(Channel::Portal, "ben@example.org", text);
    let (session, phone) = (sign_in(PASSWORD).unwrap(), sign_in(PASSWORD).unwrap());
    let permit = agency.permit(&session, OwnAccount);
    let change = agency
        .door
        .change_password(permit, secret(PASSWORD), secret(OTHER));
    let changed = block_on(change).unwrap();
    assert!(!agency.is_live(&session) && !agency.is_live(&phone));
    assert!(agency.is_live(&changed.session));
    assert!(sign_in(PASSWORD).is_none() && sign_in(OTHER).is_some());
    let told = agency.mail_to("ben@example.org");
    assert!(
        told.subject.ends_with("Your password was changed"),
        "{told:?}"
    );
    let actions = agency.actions(StorageScope::Directory);
    assert!(actions.contains(&"password.set".to_owned()), "{actions:?}");
}

/// Guessing the current password from a stolen session counts as guessing at sign-in does.
#[test]
fn a_wrong_current_password_counts_and_locks() {
    let agency = Agency::open();
    agency.identity("ben", "ben@example.org");
    let session = agency
        .sign_in(Channel::Portal, "ben@example.org", PASSWORD)
        .unwrap();
    let change = |current: &str| {
        let permit = agency.permit(&session, OwnAccount);
        let change = agency
            .door
            .change_password(permit, secret(current), secret(OTHER));
        match block_on(change) {
            Err(Error::Rejected(rejection)) => rejection,
            other => panic!("{other:?}"),
        }
    };
    for _ in 0..6 {
        let rule = ChangePasswordRejection::CurrentPassword;
        assert_eq!(change(OTHER), PasswordChangeRejection::Rule(rule));
    }
    let locked = change(PASSWORD);
    let until = NOW + Duration::minutes(1);
    assert_eq!(locked, PasswordChangeRejection::Locked { until });
    assert!(
        agency
            .sign_in(Channel::Portal, "ben@example.org", PASSWORD)
            .is_none()
    );
}

/// ASVS 6.2.11, NIST SP 800-63B-4 3.1.1.2: names of the person and the place.
#[test]
fn a_new_password_is_not_made_of_names_known_here() {
    let agency = Agency::open();
    agency.account("identity", "ben", "ben@example.org");
    let link = agency.mail_to("ben@example.org").link();
    let activate = |text: &str| match block_on(agency.door.activate(&link, &secret(text), None)) {
        Err(Error::Rejected(doorward::ActivateRejection::Password(rejection))) => rejection,
        other => panic!("{other:?}"),
    };
    for text in [
        "Sunnyvale Home Care",
        "ben@example.org",
        "Companion-Companion",
    ] {
        assert_eq!(activate(text), PasswordRejection::Context, "{text}");
    }
    assert!(matches!(
        activate("short"),
        PasswordRejection::TooShort { .. }
    ));
    assert_eq!(activate("aaaaaaaaaaaaaaaa"), PasswordRejection::Common);
    // The link is still good.
    block_on(agency.door.activate(&link, &secret(PASSWORD), None)).unwrap();
}

/// Design 6: "commits one request record for every name ... nothing looked up".
#[test]
fn asking_for_a_reset_is_the_same_whatever_is_typed() {
    let agency = Agency::open();
    agency.identity("ben", "ben@example.org");
    let ask = |typed: &str| {
        agency.storage.take();
        block_on(agency.door.request_reset(Some(agency.tenant), typed)).unwrap();
        agency.storage.take()
    };
    for typed in ["ben@example.org", "nobody@example.org", "ana", "", "\u{0}"] {
        assert_eq!(ask(typed), ["commit 1"], "{typed}");
    }
    assert!(
        !agency.is_stored("nobody@example.org"),
        "not even the name in clear"
    );
    assert_eq!(resolve(&agency), (1, 4));
    assert_eq!(resolve(&agency), (0, 0), "each is resolved once");
    let mails = agency.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, "ben@example.org");
}

/// ASVS 6.5.1: a code succeeds once; design 5: an older one answers "superseded".
#[test]
fn a_reset_link_works_once_and_a_newer_mail_replaces_it() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org");
    let send = || {
        let permit = agency.admin(ResetCredentials);
        block_on(agency.door.send_reset(permit, ben.membership)).unwrap();
        agency.mail_to("ben@example.org").link()
    };
    let reset = |text: &str| block_on(agency.door.reset_password(text, &secret(OTHER), None));
    let session = agency
        .sign_in(Channel::Portal, "ben@example.org", PASSWORD)
        .unwrap();
    let (first, second) = (send(), send());
    assert_eq!(link(reset(&first)), SUPERSEDED);
    assert_eq!(
        block_on(agency.door.inspect_link(&second)).unwrap(),
        Purpose::PasswordReset
    );
    reset(&second).unwrap();
    assert!(!agency.is_live(&session), "a recovery ends sessions");
    assert_eq!(link(reset(&second)), UNUSABLE);
    let third = send();
    agency.pass(Duration::hours(24));
    assert_eq!(link(reset(&third)), EXPIRED);
}

/// Nobody fills another person's mailbox by asking again and again.
#[test]
fn a_reset_asked_for_again_within_five_minutes_is_not_mailed_again() {
    let agency = Agency::open();
    agency.identity("ben", "ben@example.org");
    let ask = || block_on(agency.door.request_reset(None, "ben@example.org")).unwrap();
    ask();
    ask();
    assert_eq!(resolve(&agency), (1, 1));
    agency.pass(Duration::minutes(5) - Duration::MICROSECOND);
    ask();
    assert_eq!(resolve(&agency), (0, 1));
    agency.pass(Duration::MICROSECOND);
    ask();
    assert_eq!(resolve(&agency), (1, 0));
}

/// Design 6: "Each mailed token has one purpose and is refused outside its state".
#[test]
fn a_link_is_refused_for_any_other_purpose() {
    let agency = Agency::open();
    agency.account("identity", "ana", "ana@example.org");
    let activation = agency.mail_to("ana@example.org").link();
    let ben = agency.identity("ben", "ben@example.org");
    let permit = agency.admin(ResetCredentials);
    block_on(agency.door.send_reset(permit, ben.membership)).unwrap();
    let reset = agency.mail_to("ben@example.org").link();
    let new = secret(OTHER);
    assert_eq!(
        link(block_on(agency.door.reset_password(
            &activation,
            &new,
            None
        ))),
        UNUSABLE
    );
    assert_eq!(
        link(block_on(agency.door.set_new_password(&reset, &new, None))),
        UNUSABLE
    );
    assert!(block_on(agency.door.activate(&reset, &new, None)).is_err());
    let confirmed = doorward::invitations::Confirmed::by_post;
    assert!(block_on(agency.door.prove_address(&reset, confirmed(), None)).is_err());
    assert!(block_on(agency.door.stop_address_change(&reset, confirmed(), None)).is_err());
    assert!(matches!(
        link(block_on(agency.door.reset_password("dw1_abc", &new, None))),
        LinkRefusal::Text(_)
    ));
    block_on(agency.door.reset_password(&reset, &new, None)).unwrap();
}

/// A reset never activates an account, nor opens a disabled one.
#[test]
fn a_pending_account_gets_no_reset() {
    let agency = Agency::open();
    let ana = agency.account("identity", "ana", "ana@example.org");
    agency.mails();
    block_on(agency.door.request_reset(None, "ana@example.org")).unwrap();
    assert_eq!(resolve(&agency), (0, 1));
    let permit = agency.admin(ResetCredentials);
    assert!(block_on(agency.door.send_reset(permit, ana.membership)).is_err());
    assert!(agency.mails().is_empty());
}

/// ALIS "Send Login Link": "email them the direct URL to the login page".
#[test]
fn a_login_link_authenticates_nobody() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org");
    let permit = agency.admin(ResetCredentials);
    block_on(agency.door.send_login_link(permit, ben.membership)).unwrap();
    let mail = agency.mail_to("ben@example.org");
    assert!(
        mail.text.contains("https://companion.example.org"),
        "{mail:?}"
    );
    assert!(!mail.text.contains("dw1_"), "{mail:?}");
}

/// ASVS 6.4.6: administrators do not choose or see passwords, unless the host's policy says so.
#[test]
fn a_temporary_password_is_shown_only_where_the_policy_allows_it() {
    let agency = Agency::open();
    let ana = agency.standard("ana", "ana@example.org");
    let issue = |agency: &Agency, membership| {
        let permit = agency.admin(ResetCredentials);
        let issue = agency
            .door
            .issue_temporary_password(permit, membership, Handover::Shown);
        block_on(issue)
    };
    assert!(matches!(
        issue(&agency, ana.membership),
        Err(Error::Rejected(TemporaryPasswordRejection::NotShown))
    ));
    let agency = Agency::open_with(Settings {
        shown: Shown::ToTheAdministrator,
        ..USUAL
    });
    let ana = agency.standard("ana", "ana@example.org");
    let issued = issue(&agency, ana.membership).unwrap();
    let shown = issued.password.unwrap();
    assert!(agency.mails().is_empty(), "nobody has proved the address");
    agency.replace_temporary("ana", shown.expose_secret(), OTHER);
}

/// Design 4: whoever reads another's temporary password could use it, so what the member holds must
/// lie within what the administrator may give.
#[test]
fn nobody_is_shown_the_password_of_somebody_who_holds_more() {
    let agency = Agency::open_with(Settings {
        shown: Shown::ToTheAdministrator,
        ..USUAL
    });
    let held = [("help_users".parse().unwrap(), Reach::Any)];
    let permit = agency.admin(EditLevels);
    let level = agency
        .door
        .create_level(permit, name("Front desk"), held.into_iter().collect());
    let level = block_on(level).unwrap();
    let desk = agency.staff("desk@example.org", Levels::from([level]));
    let ana = agency.standard("ana", "ana@example.org");
    let issue = |handover| {
        let permit = agency.permit(&desk, ResetCredentials);
        let issue = agency
            .door
            .issue_temporary_password(permit, ana.membership, handover);
        block_on(issue)
    };
    // The front desk does not even see a calendar; caregivers see their own.
    assert!(matches!(
        issue(Handover::Shown),
        Err(Error::Rejected(TemporaryPasswordRejection::Above(_)))
    ));
    // Mailed, it goes to the caregiver alone.
    issue(Handover::Mailed).unwrap();
}

/// Design 3: "A replay answers the first outcome less its secrets".
#[test]
fn a_request_sent_again_answers_the_first_outcome_without_the_password() {
    let agency = Agency::open_with(Settings {
        shown: Shown::ToTheAdministrator,
        ..USUAL
    });
    let ana = agency.standard("ana", "ana@example.org");
    let request = RequestId::made_at(NOW, [9; 10]);
    let issue = || {
        let permit = agency.admin(ResetCredentials).for_request(request);
        let issue = agency
            .door
            .issue_temporary_password(permit, ana.membership, Handover::Shown);
        block_on(issue).unwrap()
    };
    let first = issue();
    agency.pass(Duration::minutes(1));
    let again = issue();
    assert_eq!(first.expires_at, again.expires_at);
    assert!(first.password.is_some() && again.password.is_none());
    let first = first.password.unwrap();
    agency.replace_temporary("ana", first.expose_secret(), OTHER);
}

/// Design 5: "No clear text at rest".
#[test]
fn no_secret_is_ever_stored_in_clear() {
    let agency = Agency::open();
    let mut secrets: Vec<Vec<u8>> = vec![PASSWORD.into(), OTHER.into()];
    let mut look = |agency: &Agency, made: &[&str]| {
        for text in made {
            let typed: String = text.chars().filter(|c| *c != '-').collect();
            secrets.push(typed.to_lowercase().into_bytes());
            secrets.push(typed.into_bytes());
            secrets.push((*text).into());
            if let Some((_, token)) = text.split_once("#dw1_") {
                let bytes = base64url(token);
                secrets.push(token.as_bytes().to_vec());
                secrets.push(bytes[bytes.len() - 36..bytes.len() - 4].to_vec());
            }
        }
        for secret in &secrets {
            assert!(
                !agency.is_stored(secret),
                "{}",
                String::from_utf8_lossy(secret)
            );
        }
    };
    let ana = agency.account("standard", "ana", "ana@example.org");
    assert!(
        agency.is_stored("ana@example.org"),
        "the search finds what is there"
    );
    look(&agency, &[]);
    let temporary = agency.mail_to("ana@example.org").secret();
    look(&agency, &[&temporary]);
    let opened = agency.attempt(Channel::Mobile, "ana", password(&temporary));
    let Ok(SignedIn::NewPassword { ticket, .. }) = opened else {
        panic!("{opened:?}");
    };
    let ticket = format!("#{}", ticket.expose_secret());
    look(&agency, &[&ticket]);
    block_on(
        agency
            .door
            .set_new_password(&ticket, &secret(PASSWORD), None),
    )
    .unwrap();
    let ben = agency.account("identity", "ben", "ben@example.org");
    let activation = agency.mail_to("ben@example.org").link();
    look(&agency, &[&activation]);
    block_on(agency.door.activate(&activation, &secret(PASSWORD), None)).unwrap();
    let permit = agency.admin(ResetCredentials);
    block_on(agency.door.send_reset(permit, ben.membership)).unwrap();
    look(&agency, &[]);
    let reset = agency.mail_to("ben@example.org").link();
    look(&agency, &[&reset]);
    block_on(agency.door.reset_password(&reset, &secret(OTHER), None)).unwrap();
    let permit = agency.admin(ResetCredentials);
    block_on(agency.door.mail_pin(permit, ana.membership)).unwrap();
    look(&agency, &[]);
    assert!(
        agency
            .sign_in(Channel::Portal, "ben@example.org", OTHER)
            .is_some()
    );
    look(&agency, &[agency.key.expose_secret()]);
}

fn base64url(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes() {
        let value = alphabet.iter().position(|known| *known == letter).unwrap();
        bits = (bits << 6) | u32::try_from(value).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).unwrap());
        }
    }
    bytes
}
