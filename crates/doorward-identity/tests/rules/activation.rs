//! Registration, activation, proof of ownership.

use doorward_identity::{
    Account, AddressHolder, Authority, ManagedByPerson, PasswordCheck, Status, TicketRefusal,
    account::{
        ActivateRejection, IssueActivationRejection, ProveOwnershipRejection, RegisterRejection,
    },
};
use doorward_types::{Purpose, TokenSecret};
use time::Duration;

use crate::support::*;

/// Kalix: "They can now access your account."
#[test]
fn an_account_registered_at_accept_is_active_with_its_address_proved() {
    let account = active();
    assert_eq!(account.status(), Status::Active);
    assert_eq!(
        account.verified_email().unwrap().address(),
        &mail("ana@example.org")
    );
    assert!(matches!(
        account.verify_password(&typed(OWN), cost()),
        PasswordCheck::Matches(_)
    ));
    assert_eq!(account.managed_by(), Some(office()));
}

#[test]
fn an_account_of_an_administrator_s_making_proves_nothing_until_it_is_activated() {
    let account = pending();
    assert_eq!(account.status(), Status::Pending);
    assert!(account.verified_email().is_none());
    assert!(account.address().unwrap().verified().is_none());
    assert_eq!(
        account.verify_password(&typed(OWN), cost()),
        PasswordCheck::Differs
    );
}

#[test]
fn accounts_of_a_class_activated_at_accept_are_never_registered_pending() {
    let refused = Account::register_pending(registration(None), &contact(), office(), NOW);
    assert_eq!(refused.unwrap_err(), RegisterRejection::ActivatedAtAccept);
}

/// Design 6: "A user name of e-mail form must be the account's own address".
#[test]
fn a_user_name_of_e_mail_form_is_the_account_s_own_address_or_refused() {
    for class in [standard(), identity()] {
        let other = registration(Some("bob@example.org"));
        let refused = Account::register_pending(other, &class, office(), NOW);
        assert_eq!(
            refused.unwrap_err(),
            RegisterRejection::UserNameNotOwnAddress
        );
        let own = registration(Some("ANA@example.org"));
        assert!(Account::register_pending(own, &class, office(), NOW).is_ok());
    }
}

#[test]
fn a_class_of_e_mail_names_takes_no_other_name() {
    let free = Account::register_pending(registration(Some("ana")), &identity(), office(), NOW);
    assert_eq!(free.unwrap_err(), RegisterRejection::UserNameNotOwnAddress);
    assert!(Account::register_pending(registration(None), &identity(), office(), NOW).is_ok());
}

/// HomeTrak: "an activation email will be sent to the person to set their password".
#[test]
fn the_activation_token_sets_the_password_and_proves_the_address() {
    let before = pending();
    let (ticket, token) = ticket(&before, Purpose::Activation, 1);
    let (account, events) = before
        .issue_activation(administrator(), &identity(), ticket)
        .unwrap();
    assert_eq!(kinds(&events), ["activation_mailed"]);
    let epoch = account.security_epoch();
    let (account, events) = account
        .activate(&token, hashed(OWN), AddressHolder::Nobody, NOW)
        .unwrap();
    assert_eq!(kinds(&events), ["account_activated"]);
    assert_eq!(account.status(), Status::Active);
    assert!(account.verified_email().is_some());
    assert!(account.security_epoch() > epoch);
}

/// ASVS 6.5.1.
#[test]
fn an_activation_token_works_once() {
    let (_, token) = ticket(&pending(), Purpose::Activation, 9);
    let again = activated().activate(&token, hashed(OTHER), AddressHolder::Nobody, NOW);
    let refused = ActivateRejection::Ticket(TicketRefusal::Unusable);
    assert_eq!(again.unwrap_err(), refused);
}

#[test]
fn a_newer_activation_mail_ends_the_one_before_and_says_so() {
    let (first, old) = ticket(&pending(), Purpose::Activation, 1);
    let account = pending()
        .issue_activation(administrator(), &identity(), first)
        .unwrap()
        .0;
    let (second, new) = ticket(&account, Purpose::Activation, 2);
    assert!(account.awaits_mail(Purpose::Activation, old.generation, NOW));
    let account = account
        .issue_activation(administrator(), &identity(), second)
        .unwrap()
        .0;
    assert!(!account.awaits_mail(Purpose::Activation, old.generation, NOW));
    assert!(account.awaits_mail(Purpose::Activation, new.generation, NOW));
    let refused = account
        .clone()
        .activate(&old, hashed(OWN), AddressHolder::Nobody, NOW);
    let superseded = ActivateRejection::Ticket(TicketRefusal::Superseded);
    assert_eq!(refused.unwrap_err(), superseded);
    assert!(
        account
            .activate(&new, hashed(OWN), AddressHolder::Nobody, NOW)
            .is_ok()
    );
}

/// Design 9.1, at the microsecond.
#[test]
fn a_token_is_refused_from_the_instant_it_expires() {
    let (ticket, token) = ticket(&pending(), Purpose::Activation, 1);
    let account = pending()
        .issue_activation(administrator(), &identity(), ticket)
        .unwrap()
        .0;
    let activate = |now| {
        account
            .clone()
            .activate(&token, hashed(OWN), AddressHolder::Nobody, now)
            .map(|_| ())
    };
    let end = ticket.expires_at;
    assert_eq!(activate(end - Duration::MICROSECOND), Ok(()));
    assert_eq!(
        activate(end),
        Err(ActivateRejection::Ticket(TicketRefusal::Expired))
    );
}

/// Unknown, wrong, and meant for something else: one answer.
#[test]
fn a_wrong_token_gets_one_answer_whatever_is_wrong_with_it() {
    let (ticket, right) = ticket(&pending(), Purpose::Activation, 1);
    let account = pending()
        .issue_activation(administrator(), &identity(), ticket)
        .unwrap()
        .0;
    let mut wrong_secret = ticket_token(&account);
    wrong_secret.generation = right.generation;
    wrong_secret.secret = TokenSecret::new([77; 32]);
    let mut other_purpose = ticket_token(&account);
    other_purpose.generation = right.generation;
    other_purpose.purpose = Purpose::PasswordReset;
    let mut other_record = ticket_token(&account);
    other_record.generation = right.generation;
    other_record.record = account_id(2).as_uuid();
    let later_generation = ticket_token(&account);
    for token in [wrong_secret, other_purpose, other_record, later_generation] {
        let refused = account
            .clone()
            .activate(&token, hashed(OWN), AddressHolder::Nobody, NOW);
        let unusable = ActivateRejection::Ticket(TicketRefusal::Unusable);
        assert_eq!(refused.unwrap_err(), unusable, "{token:?}");
    }
}

fn ticket_token(account: &Account) -> doorward_types::Token {
    ticket(account, Purpose::Activation, 1).1
}

/// A ticket must not be made under a generation that another mailing already has.
#[test]
fn a_ticket_of_a_stale_generation_opens_nothing() {
    let (first, old) = ticket(&pending(), Purpose::Activation, 1);
    let account = pending()
        .issue_activation(administrator(), &identity(), first)
        .unwrap()
        .0;
    let account = account
        .issue_activation(administrator(), &identity(), first)
        .unwrap()
        .0;
    let refused = account
        .activate(&old, hashed(OWN), AddressHolder::Nobody, NOW)
        .unwrap_err();
    assert_eq!(
        refused,
        ActivateRejection::Ticket(TicketRefusal::Superseded)
    );
}

/// Design 6: "its link answers \"sign in to continue\"".
#[test]
fn an_address_that_another_account_has_verified_is_not_proved_again() {
    let (ticket, token) = ticket(&pending(), Purpose::Activation, 1);
    let account = pending()
        .issue_activation(administrator(), &identity(), ticket)
        .unwrap()
        .0;
    let holder = AddressHolder::Account(account_id(2));
    let refused = account
        .clone()
        .activate(&token, hashed(OWN), holder, NOW)
        .unwrap_err();
    assert_eq!(
        refused,
        ActivateRejection::AddressHeld { by: account_id(2) }
    );
    assert!(refused.to_string().starts_with("sign in to continue"));
    let own = AddressHolder::Account(account_id(1));
    assert!(account.activate(&token, hashed(OWN), own, NOW).is_ok());
}

#[test]
fn activation_mails_are_for_pending_accounts_of_a_class_activated_by_mail() {
    let (ticket, _) = ticket(&pending(), Purpose::Activation, 1);
    let active = activated().issue_activation(administrator(), &identity(), ticket);
    let status = Status::Active;
    assert_eq!(
        active.unwrap_err(),
        IssueActivationRejection::NotPending { status }
    );
    let standard = pending_standard().issue_activation(administrator(), &standard(), ticket);
    assert_eq!(standard.unwrap_err(), IssueActivationRejection::NotByMail);
    let other = pending().issue_activation(stranger(), &identity(), ticket);
    assert_eq!(other.unwrap_err(), ManagedByPerson.into());
}

/// Design 6: "An unverified account owns nothing: proof of its address by another flow wins, wipes
/// credentials set before and raises the epoch."
#[test]
fn proof_by_another_flow_wipes_what_was_set_before() {
    let before = pending_standard();
    let (temporary, text) = temporary(&before, 1);
    let handover = doorward_identity::Handover::Shown;
    let account = before
        .issue_temporary_password(administrator(), &standard(), temporary, handover, NOW)
        .unwrap()
        .0;
    let epoch = account.security_epoch();
    let (account, events) = account.prove_ownership(hashed(OWN), NOW).unwrap();
    assert_eq!(kinds(&events), ["ownership_proved", "account_activated"]);
    assert!(account.security_epoch() > epoch);
    assert_eq!(
        account.verify_password(&typed(&text), cost()),
        PasswordCheck::Differs
    );
    assert!(matches!(
        account.verify_password(&typed(OWN), cost()),
        PasswordCheck::Matches(_)
    ));
    assert!(account.verified_email().is_some());
}

/// All of them, the PIN included: whoever set it knew no more than an address.
#[test]
fn proof_by_another_flow_wipes_the_pin_as_well() {
    let (hash, text) = temporary(&pending_standard(), 1);
    let handover = doorward_identity::Handover::Mailed;
    let account = pending_standard()
        .issue_temporary_password(administrator(), &standard(), hash, handover, NOW)
        .unwrap()
        .0;
    let (new, token) = ticket(&account, Purpose::NewPassword, 1);
    let proof = proof(&account, &text);
    let account = account
        .redeem_temporary_password(&proof, new.generation, new.digest, NOW)
        .unwrap()
        .0;
    let account = account
        .set_new_password(&token, hashed(OTHER), NOW)
        .unwrap()
        .0;
    let hash = pin(&account, 1);
    let telephony = doorward_identity::Telephony::Offered;
    let account = account
        .issue_pin(administrator(), &standard(), telephony, hash, NOW)
        .unwrap()
        .0;
    assert!(account.pin().is_some());
    let (account, events) = account.prove_ownership(hashed(OWN), NOW).unwrap();
    assert_eq!(kinds(&events), ["ownership_proved"]);
    assert!(account.pin().is_none());
}

#[test]
fn ownership_is_not_proved_against_an_account_that_has_proved_its_own() {
    let refused = active().prove_ownership(hashed(OTHER), NOW).unwrap_err();
    assert_eq!(refused, ProveOwnershipRejection::AlreadyVerified);
    let closed = pending().close(Authority::System, NOW).unwrap().0;
    let refused = closed.prove_ownership(hashed(OTHER), NOW).unwrap_err();
    assert_eq!(
        refused,
        ProveOwnershipRejection::NotOpen {
            status: Status::Closed
        }
    );
}
