//! Changing an address.

use doorward_identity::{
    ADDRESS_STOP_FOR, Account, AddressChange, AddressHolder, Authority, Claim, ManagedByPerson,
    TicketRefusal,
    account::{
        ProveAddressRejection, ReplaceAddressRejection, RequestAddressChangeRejection,
        ResetPasswordRejection, StopAddressChangeRejection,
    },
    account_claims,
};
use doorward_types::{EmailAddress, Purpose, Token};
use time::{Duration, OffsetDateTime};

use crate::support::*;

fn requested(account: Account, new: &str, now: OffsetDateTime) -> (Account, Token, Token) {
    let (proof, prove) = ticket(&account, Purpose::AddressProof, 1);
    let (stop, stopping) = ticket(&account, Purpose::AddressStop, 2);
    let proof = doorward_identity::NewTicket {
        expires_at: now + Duration::days(1),
        ..proof
    };
    let changed = account.request_address_change(Authority::Person, mail(new), proof, stop, now);
    (changed.unwrap().0, prove, stopping)
}

fn address(account: &Account) -> &EmailAddress {
    account.address().unwrap().as_email()
}

/// Design 6: "Changing an address is a pending value".
#[test]
fn a_new_address_stands_only_once_it_has_proved_itself() {
    let (account, prove, _) = requested(active(), "new@example.org", NOW);
    assert_eq!(address(&account), &mail("ana@example.org"));
    assert_eq!(
        account.verified_email().unwrap().address(),
        &mail("ana@example.org")
    );
    assert_eq!(account.security_epoch(), active().security_epoch());
    let (account, events) = account
        .prove_address(&prove, AddressHolder::Nobody, NOW)
        .unwrap();
    assert_eq!(kinds(&events), ["address_changed"]);
    assert_eq!(
        account.verified_email().unwrap().address(),
        &mail("new@example.org")
    );
    assert!(account.security_epoch() > active().security_epoch());
}

/// Design 6: "tokens to the old one die at the request".
#[test]
fn links_mailed_to_the_old_address_die_at_the_request() {
    let (reset, token) = ticket(&active(), Purpose::PasswordReset, 3);
    let account = active().issue_reset(reset).unwrap().0;
    let (account, ..) = requested(account, "new@example.org", NOW);
    let refused = account
        .reset_password(&token, hashed(OTHER), NOW)
        .unwrap_err();
    assert_eq!(
        refused,
        ResetPasswordRejection::Ticket(TicketRefusal::Unusable)
    );
}

#[test]
fn a_second_request_ends_the_first_one_s_mail() {
    let (account, first, _) = requested(active(), "new@example.org", NOW);
    let (account, second, _) = requested(account, "newer@example.org", NOW);
    let refused = account
        .clone()
        .prove_address(&first, AddressHolder::Nobody, NOW)
        .unwrap_err();
    assert_eq!(
        refused,
        ProveAddressRejection::Ticket(TicketRefusal::Superseded)
    );
    let account = account
        .prove_address(&second, AddressHolder::Nobody, NOW)
        .unwrap()
        .0;
    assert_eq!(address(&account), &mail("newer@example.org"));
}

#[test]
fn the_old_address_stops_a_change_before_its_proof() {
    let (account, prove, stop) = requested(active(), "new@example.org", NOW);
    let epoch = account.security_epoch();
    let (account, events) = account.stop_address_change(&stop, NOW).unwrap();
    assert_eq!(kinds(&events), ["address_change_stopped"]);
    assert_eq!(address(&account), &mail("ana@example.org"));
    assert!(
        account.security_epoch() > epoch,
        "whoever asked may be a thief with a session"
    );
    let refused = account
        .prove_address(&prove, AddressHolder::Nobody, NOW)
        .unwrap_err();
    assert_eq!(
        refused,
        ProveAddressRejection::Ticket(TicketRefusal::Unusable)
    );
}

/// Design 6: "can stop it for 72 h", at the microsecond.
#[test]
fn the_old_address_takes_a_proved_change_back_for_72_hours() {
    let (account, prove, stop) = requested(active(), "new@example.org", NOW);
    let account = account
        .prove_address(&prove, AddressHolder::Nobody, NOW)
        .unwrap()
        .0;
    let end = NOW + ADDRESS_STOP_FOR;
    let (back, _) = account
        .clone()
        .stop_address_change(&stop, end - Duration::MICROSECOND)
        .unwrap();
    assert_eq!(
        back.verified_email().unwrap().address(),
        &mail("ana@example.org")
    );
    assert!(back.address_change().is_none());
    let late = account.stop_address_change(&stop, end).unwrap_err();
    assert_eq!(
        late,
        StopAddressChangeRejection::Ticket(TicketRefusal::Expired)
    );
}

/// A thief who also changes the password must not shake the stop off.
#[test]
fn the_stop_outlives_every_rise_of_the_epoch() {
    let (account, prove, stop) = requested(active(), "thief@example.org", NOW);
    let account = account
        .prove_address(&prove, AddressHolder::Nobody, NOW)
        .unwrap()
        .0;
    let current = proof(&account, OWN);
    let account = account
        .change_password(&current, hashed(OTHER), NOW)
        .unwrap()
        .0;
    let account = account.stop_address_change(&stop, NOW).unwrap().0;
    assert_eq!(address(&account), &mail("ana@example.org"));
}

#[test]
fn a_change_that_can_still_be_stopped_is_followed_by_no_other() {
    let (account, prove, _) = requested(active(), "thief@example.org", NOW);
    let account = account
        .prove_address(&prove, AddressHolder::Nobody, NOW)
        .unwrap()
        .0;
    let (proof, _) = ticket(&account, Purpose::AddressProof, 1);
    let (stop, _) = ticket(&account, Purpose::AddressStop, 2);
    let until = NOW + ADDRESS_STOP_FOR;
    let request = |now| {
        let new = mail("another@example.org");
        account
            .clone()
            .request_address_change(Authority::Person, new, proof, stop, now)
    };
    let refused = request(until - Duration::MICROSECOND).unwrap_err();
    assert_eq!(refused, RequestAddressChangeRejection::Stoppable { until });
    assert!(request(until).is_ok());
}

#[test]
fn while_it_can_be_undone_the_old_address_stays_claimed_beside_the_new_one() {
    let (account, prove, _) = requested(active(), "new@example.org", NOW);
    let addresses = |account: &Account| {
        let claims = account_claims(account).into_iter();
        claims
            .filter(|claim| matches!(claim, Claim::VerifiedAddress(_)))
            .count()
    };
    assert_eq!(addresses(&account), 1, "a pending address claims nothing");
    let account = account
        .prove_address(&prove, AddressHolder::Nobody, NOW)
        .unwrap()
        .0;
    assert_eq!(addresses(&account), 2);
    let until = NOW + ADDRESS_STOP_FOR;
    assert!(
        account
            .clone()
            .settle_address(until - Duration::MICROSECOND)
            .is_none()
    );
    let settled = account.settle_address(until).unwrap();
    assert_eq!(addresses(&settled), 1);
    assert!(settled.address_change().is_none());
    assert!(settled.settle_address(until).is_none());
}

#[test]
fn a_request_that_nobody_proves_is_forgotten_when_its_link_expires() {
    let (account, ..) = requested(active(), "new@example.org", NOW);
    assert!(matches!(
        account.address_change(),
        Some(AddressChange::Pending { .. })
    ));
    assert!(account.clone().settle_address(NOW).is_none());
    let settled = account.settle_address(NOW + Duration::days(1)).unwrap();
    assert!(settled.address_change().is_none());
    assert_eq!(address(&settled), &mail("ana@example.org"));
}

#[test]
fn a_user_name_that_was_the_old_address_follows_the_new_one() {
    let (account, prove, stop) = requested(activated(), "new@example.org", NOW);
    let (account, events) = account
        .prove_address(&prove, AddressHolder::Nobody, NOW)
        .unwrap();
    assert_eq!(kinds(&events), ["address_changed", "user_name_changed"]);
    assert_eq!(
        account.user_name().unwrap().name.as_str(),
        "new@example.org"
    );
    let account = account.stop_address_change(&stop, NOW).unwrap().0;
    assert_eq!(
        account.user_name().unwrap().name.as_str(),
        "ana@example.org"
    );
}

#[test]
fn an_address_that_another_account_has_verified_is_not_taken_over() {
    let (account, prove, _) = requested(active(), "new@example.org", NOW);
    let holder = AddressHolder::Account(account_id(2));
    let refused = account.prove_address(&prove, holder, NOW).unwrap_err();
    assert_eq!(
        refused,
        ProveAddressRejection::AddressHeld { by: account_id(2) }
    );
}

#[test]
fn an_unproved_address_is_replaced_at_once_and_its_links_die() {
    let (ticket, token) = ticket(&pending(), Purpose::Activation, 1);
    let account = pending()
        .issue_activation(administrator(), &identity(), ticket)
        .unwrap()
        .0;
    let (account, events) = account
        .replace_address(administrator(), mail("b@example.org"))
        .unwrap();
    assert_eq!(kinds(&events), ["address_replaced", "user_name_changed"]);
    assert!(account.address().unwrap().verified().is_none());
    assert!(
        account
            .activate(&token, hashed(OWN), AddressHolder::Nobody, NOW)
            .is_err()
    );
}

#[test]
fn a_proved_address_is_changed_and_never_replaced() {
    let refused = active()
        .replace_address(administrator(), mail("b@example.org"))
        .unwrap_err();
    assert_eq!(refused, ReplaceAddressRejection::Verified);
    let refused = active()
        .replace_address(stranger(), mail("b@example.org"))
        .unwrap_err();
    assert_eq!(refused, ManagedByPerson.into());
}

#[test]
fn the_same_address_in_other_letters_is_no_change() {
    let (proof, _) = ticket(&active(), Purpose::AddressProof, 1);
    let (stop, _) = ticket(&active(), Purpose::AddressStop, 2);
    let same = mail("ANA@example.org");
    let refused = active().request_address_change(Authority::Person, same, proof, stop, NOW);
    assert_eq!(
        refused.unwrap_err(),
        RequestAddressChangeRejection::SameAddress
    );
}

#[test]
fn another_tenant_s_administrator_changes_no_address() {
    let (proof, _) = ticket(&active(), Purpose::AddressProof, 1);
    let (stop, _) = ticket(&active(), Purpose::AddressStop, 2);
    let new = mail("new@example.org");
    let refused = active().request_address_change(stranger(), new, proof, stop, NOW);
    assert_eq!(refused.unwrap_err(), ManagedByPerson.into());
}
