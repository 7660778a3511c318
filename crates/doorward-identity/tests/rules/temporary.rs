//! Temporary passwords.

use doorward_identity::{
    Account, Authority, Handover, ManagedByPerson, PasswordCheck, PasswordState, Status,
    TicketRefusal,
    account::{
        ChangePasswordRejection, IssueTemporaryPasswordRejection, RedeemTemporaryPasswordRejection,
        SetNewPasswordRejection,
    },
};
use doorward_types::Purpose;
use time::Duration;

use crate::support::*;

fn issued(bytes: u8) -> (Account, String) {
    let (hash, text) = temporary(&active(), bytes);
    let handover = Handover::Shown;
    let changed =
        active().issue_temporary_password(administrator(), &contact(), hash, handover, NOW);
    (changed.unwrap().0, text)
}

/// ALIS: "Help a user regain access if they are locked out."
#[test]
fn a_temporary_password_lifts_a_lock() {
    let (hash, _) = temporary(&active(), 1);
    let handover = Handover::Shown;
    let (_, events) = active()
        .issue_temporary_password(administrator(), &contact(), hash, handover, NOW)
        .unwrap();
    assert!(events[0].lifts_lock());
}

/// Design 9.6: "A temporary password replaces the old one at once and ends sessions."
#[test]
fn a_temporary_password_replaces_the_old_one_and_ends_sessions() {
    let (account, text) = issued(1);
    assert!(account.security_epoch() > active().security_epoch());
    assert_eq!(
        account.verify_password(&typed(OWN), cost()),
        PasswordCheck::Differs
    );
    for spelled in [text.clone(), text.to_lowercase(), text.replace('-', " ")] {
        let check = account.verify_password(&typed(&spelled), cost());
        assert!(matches!(check, PasswordCheck::Matches(_)), "{spelled}");
    }
    let expires_at = NOW + Duration::hours(4);
    assert_eq!(account.password(), PasswordState::Temporary { expires_at });
}

#[test]
fn redeeming_gives_a_ticket_that_sets_the_new_password_inside_the_same_window() {
    let (account, text) = issued(1);
    let (new, token) = ticket(&account, Purpose::NewPassword, 1);
    let proof = proof(&account, &text);
    let (account, events) = account
        .redeem_temporary_password(&proof, new.generation, new.digest, NOW)
        .unwrap();
    assert_eq!(kinds(&events), ["temporary_password_redeemed"]);
    let end = NOW + Duration::hours(4);
    let set = |now| account.clone().set_new_password(&token, hashed(OTHER), now);
    let (done, events) = set(end - Duration::MICROSECOND).unwrap();
    assert_eq!(kinds(&events), ["password_replaced"]);
    assert!(done.security_epoch() > account.security_epoch());
    assert!(matches!(done.password(), PasswordState::Chosen { .. }));
    assert_eq!(
        done.verify_password(&typed(&text), cost()),
        PasswordCheck::Differs
    );
    let late = SetNewPasswordRejection::Ticket(TicketRefusal::Expired);
    assert_eq!(set(end).unwrap_err(), late);
}

#[test]
fn a_temporary_password_is_redeemed_only_before_it_expires() {
    let (account, text) = issued(1);
    let (new, _) = ticket(&account, Purpose::NewPassword, 1);
    let proof = proof(&account, &text);
    let at = NOW + Duration::hours(4);
    let refused = account.redeem_temporary_password(&proof, new.generation, new.digest, at);
    assert_eq!(
        refused.unwrap_err(),
        RedeemTemporaryPasswordRejection::Expired { at }
    );
}

#[test]
fn presenting_it_again_ends_the_ticket_before() {
    let (account, text) = issued(1);
    let (first, old) = ticket(&account, Purpose::NewPassword, 1);
    let account = account
        .clone()
        .redeem_temporary_password(&proof(&account, &text), first.generation, first.digest, NOW)
        .unwrap()
        .0;
    let (second, new) = ticket(&account, Purpose::NewPassword, 2);
    let account = account
        .clone()
        .redeem_temporary_password(
            &proof(&account, &text),
            second.generation,
            second.digest,
            NOW,
        )
        .unwrap()
        .0;
    let refused = account
        .clone()
        .set_new_password(&old, hashed(OTHER), NOW)
        .unwrap_err();
    assert_eq!(
        refused,
        SetNewPasswordRejection::Ticket(TicketRefusal::Superseded)
    );
    assert!(account.set_new_password(&new, hashed(OTHER), NOW).is_ok());
}

/// An own password is changed with the current one; a temporary one opens its own door alone.
#[test]
fn a_temporary_password_changes_no_password_and_an_own_one_redeems_nothing() {
    let (account, text) = issued(1);
    let temporary = proof(&account, &text);
    let refused = account
        .change_password(&temporary, hashed(OTHER), NOW)
        .unwrap_err();
    assert_eq!(refused, ChangePasswordRejection::Temporary);
    let own = proof(&active(), OWN);
    let (new, _) = ticket(&active(), Purpose::NewPassword, 1);
    let refused = active().redeem_temporary_password(&own, new.generation, new.digest, NOW);
    assert_eq!(
        refused.unwrap_err(),
        RedeemTemporaryPasswordRejection::NotTemporary
    );
}

/// HomeTrak standard: its first own password activates the account; no address is proved by it.
#[test]
fn the_first_own_password_activates_an_account_of_its_class() {
    let (hash, text) = temporary(&pending_standard(), 1);
    let account = pending_standard()
        .issue_temporary_password(administrator(), &standard(), hash, Handover::Mailed, NOW)
        .unwrap()
        .0;
    assert_eq!(account.status(), Status::Pending);
    let (new, token) = ticket(&account, Purpose::NewPassword, 1);
    let proof = proof(&account, &text);
    let account = account
        .redeem_temporary_password(&proof, new.generation, new.digest, NOW)
        .unwrap()
        .0;
    let (account, events) = account.set_new_password(&token, hashed(OWN), NOW).unwrap();
    assert_eq!(kinds(&events), ["password_replaced", "account_activated"]);
    assert_eq!(account.status(), Status::Active);
    assert!(account.verified_email().is_none());
}

/// HomeTrak: "This button will be hidden if the account is Identity."
#[test]
fn a_class_without_temporary_passwords_refuses_them() {
    let (hash, _) = temporary(&activated(), 1);
    let refused = activated().issue_temporary_password(
        administrator(),
        &identity(),
        hash,
        Handover::Mailed,
        NOW,
    );
    assert_eq!(
        refused.unwrap_err(),
        IssueTemporaryPasswordRejection::NotInClass
    );
    let (hash, _) = temporary(&pending(), 1);
    let refused = pending().issue_temporary_password(
        administrator(),
        &identity(),
        hash,
        Handover::Mailed,
        NOW,
    );
    let status = Status::Pending;
    assert_eq!(
        refused.unwrap_err(),
        IssueTemporaryPasswordRejection::NotActive { status }
    );
}

#[test]
fn only_the_managing_tenant_hands_them_out() {
    for authority in [stranger(), Authority::Person] {
        let (hash, _) = temporary(&active(), 1);
        let refused =
            active().issue_temporary_password(authority, &contact(), hash, Handover::Shown, NOW);
        assert_eq!(refused.unwrap_err(), ManagedByPerson.into());
    }
}

/// Design 5: a mailing overtaken before its hand-off is dropped.
#[test]
fn an_older_temporary_password_s_mail_is_no_longer_wanted() {
    let (account, _) = issued(1);
    let first = account
        .tickets()
        .unwrap()
        .generation(Purpose::TemporaryPassword);
    assert!(account.awaits_mail(Purpose::TemporaryPassword, first, NOW));
    let end = NOW + Duration::hours(4);
    assert!(!account.awaits_mail(Purpose::TemporaryPassword, first, end));
    let (hash, _) = temporary(&account, 2);
    let account = account
        .issue_temporary_password(administrator(), &contact(), hash, Handover::Mailed, NOW)
        .unwrap()
        .0;
    assert!(!account.awaits_mail(Purpose::TemporaryPassword, first, NOW));
    assert!(account.awaits_mail(Purpose::TemporaryPassword, first.next(), NOW));
}
