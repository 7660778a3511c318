//! HomeTrak's conversion to an identity account.

use doorward_identity::{
    Account, AddressHolder, Authority, Handover, ManagedByPerson, PasswordState, Status, Telephony,
    account::ConvertRejection,
};
use doorward_types::Purpose;

use crate::support::*;

/// A standard account whose person has set a password.
fn set_up() -> Account {
    let (hash, text) = temporary(&pending_standard(), 1);
    let account = pending_standard()
        .issue_temporary_password(administrator(), &standard(), hash, Handover::Mailed, NOW)
        .unwrap()
        .0;
    let (new, token) = ticket(&account, Purpose::NewPassword, 1);
    let proof = proof(&account, &text);
    let account = account
        .redeem_temporary_password(&proof, new.generation, new.digest, NOW)
        .unwrap()
        .0;
    account
        .set_new_password(&token, hashed(OWN), NOW)
        .unwrap()
        .0
}

fn named_by_address(account: Account) -> Account {
    let name = Some(own_name("ana@example.org"));
    account
        .rename(administrator(), &standard(), name)
        .unwrap()
        .0
}

/// HomeTrak: "Create or convert this account as an Identity account."
#[test]
fn a_standard_account_becomes_an_identity_that_waits_for_its_activation() {
    let account = named_by_address(set_up());
    let epoch = account.security_epoch();
    let (account, events) = account
        .convert(administrator(), &standard(), &identity())
        .unwrap();
    assert_eq!(kinds(&events), ["account_converted"]);
    assert_eq!(account.status(), Status::Pending);
    assert_eq!(account.class(), Some(identity().name()));
    assert_eq!(account.password(), PasswordState::None);
    assert!(account.security_epoch() > epoch);
    let (ticket, token) = ticket(&account, Purpose::Activation, 5);
    let account = account
        .issue_activation(administrator(), &identity(), ticket)
        .unwrap()
        .0;
    let account = account
        .activate(&token, hashed(OTHER), AddressHolder::Nobody, NOW)
        .unwrap()
        .0;
    assert_eq!(account.status(), Status::Active);
}

/// HomeTrak: "The username must be the email address to be created as an Identity account."
#[test]
fn only_an_account_named_by_its_own_address_is_converted() {
    let refused = set_up()
        .convert(administrator(), &standard(), &identity())
        .unwrap_err();
    assert_eq!(refused, ConvertRejection::UserNameNotOwnAddress);
    let nameless = set_up()
        .rename(administrator(), &standard(), None)
        .unwrap()
        .0;
    let refused = nameless
        .convert(administrator(), &standard(), &identity())
        .unwrap_err();
    assert_eq!(refused, ConvertRejection::UserNameNotOwnAddress);
}

/// Design 6: "The telephony PIN belongs to either HomeTrak class".
#[test]
fn the_pin_survives_the_conversion() {
    let account = named_by_address(set_up());
    let hash = pin(&account, 1);
    let account = account
        .issue_pin(administrator(), &standard(), Telephony::Offered, hash, NOW)
        .unwrap()
        .0;
    let account = account
        .convert(administrator(), &standard(), &identity())
        .unwrap()
        .0;
    assert!(account.pin().is_some());
}

#[test]
fn a_class_converts_only_to_the_one_it_names() {
    let account = named_by_address(set_up());
    let back = account
        .clone()
        .convert(administrator(), &standard(), &contact())
        .unwrap_err();
    assert_eq!(back, ConvertRejection::NotConvertible);
    let other = activated()
        .convert(administrator(), &identity(), &standard())
        .unwrap_err();
    assert_eq!(other, ConvertRejection::NotConvertible);
    let mistaken = activated()
        .convert(administrator(), &standard(), &identity())
        .unwrap_err();
    assert_eq!(mistaken, ConvertRejection::NotConvertible);
    let refused = account
        .clone()
        .convert(stranger(), &standard(), &identity())
        .unwrap_err();
    assert_eq!(refused, ManagedByPerson.into());
    let closed = account.close(Authority::System, NOW).unwrap().0;
    let refused = closed
        .convert(administrator(), &standard(), &identity())
        .unwrap_err();
    assert_eq!(
        refused,
        ConvertRejection::NotOpen {
            status: Status::Closed
        }
    );
}
