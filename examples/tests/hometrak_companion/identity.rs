//! HomeTrak, "Create HomeTrak Identity Account".

use doorward::{
    CreateAccountRejection, ManageAccounts, SignedIn,
    identity::{SignInReason, Status},
    types::{Channel, UserName},
};
use pollster::FutureExt as _;
use secrecy::SecretString;
use time::Duration;

use crate::{fixture::*, harbor::*};

/// HomeTrak: "an activation email will be sent to the person to set their password and log in to
/// the web portal".
#[test]
fn an_identity_account_begins_with_an_activation_mail() {
    let harbor = Harbor::open();
    let cara = harbor.person("caregiver", "Cara Diaz");
    harbor.create(harbor.filled(cara, "identity")).unwrap();
    assert_eq!(harbor.form(cara).value.status, Some(Status::Pending));
    let link = harbor.house.link_to("cara@care.example");
    assert!(link.contains("/activate#"));
    harbor
        .house
        .door
        .activate(&link, &SecretString::from(PASSWORD), None)
        .block_on()
        .unwrap();
    harbor.house.portal("cara@care.example");
    assert_eq!(harbor.form(cara).value.status, Some(Status::Active));
}

/// HomeTrak: "can be used to log in to the Companion program, the mobile apps (Android and iOS) and
/// the HomeTrak Online web portal ... not requiring the entry of cloud access keys".
#[test]
fn an_identity_account_opens_desktop_mobile_and_portal_without_access_keys() {
    let harbor = Harbor::open();
    harbor.identity("caregiver", "Cara Diaz", None);
    for channel in [Channel::Desktop, Channel::Mobile, Channel::Portal] {
        harbor.session(channel, "cara@care.example");
    }
}

/// HomeTrak: "Is Identity: Checked if this user has been made an "Identity" account."
#[test]
fn the_form_tells_whether_an_account_is_identity() {
    let harbor = Harbor::open();
    let cara = harbor.identity("caregiver", "Cara Diaz", None);
    assert_eq!(
        harbor.form(cara.person).value.class,
        Some("identity".parse().unwrap())
    );
}

/// HomeTrak: "The username must be the email address to be created as an Identity account."
#[test]
fn an_identity_account_has_no_other_user_name_than_its_address() {
    let harbor = Harbor::open();
    let cara = harbor.person("caregiver", "Cara Diaz");
    let mut new = harbor.filled(cara, "identity");
    new.user_name = Some(UserName::new("cara").unwrap());
    assert!(matches!(
        harbor.create(new.clone()),
        Err(CreateAccountRejection::Rule(_))
    ));
    new.user_name = Some(UserName::new("cara@care.example").unwrap());
    harbor.create(new).unwrap();
}

/// HomeTrak: "Create or convert this account as an "Identity" account."
#[test]
fn a_standard_account_is_converted_by_an_activation_mail_and_its_old_password_ends() {
    let harbor = Harbor::open();
    let member = harbor.standard("caregiver", "Cara Diaz", "cara@care.example");
    let permit = harbor.house.permit(ManageAccounts);
    harbor
        .house
        .door
        .convert_account(permit, member)
        .block_on()
        .unwrap();
    harbor.mobile("cara@care.example", PASSWORD).unwrap_err();
    let mails = harbor.house.post();
    let link = mails
        .iter()
        .find_map(doorward_examples::world::link)
        .unwrap();
    let new = SecretString::from("five brown otters swim");
    harbor
        .house
        .door
        .activate(link, &new, None)
        .block_on()
        .unwrap();
    harbor
        .house
        .try_portal("cara@care.example", "five brown otters swim")
        .unwrap();
}

/// HomeTrak: "Only "Identity" accounts can log in to the HomeTrak Online interface."
#[test]
fn only_identity_accounts_open_the_portal() {
    let harbor = Harbor::open();
    harbor.standard("client", "Carl Berg", "carl");
    let refused = harbor
        .house
        .try_channel(Channel::Portal, "carl", PASSWORD, Some(&harbor.key));
    assert_eq!(refused.unwrap_err().reason(), SignInReason::Channel);
    harbor.identity("client", "Dora Berg", None);
}

/// Design 9.6: "An identity account not yet activated gets a new activation mail."
#[test]
fn an_activation_mail_that_was_missed_is_sent_anew() {
    let harbor = Harbor::open();
    let cara = harbor.person("caregiver", "Cara Diaz");
    let created = harbor.create(harbor.filled(cara, "identity")).unwrap();
    let missed = harbor.house.link_to("cara@care.example");
    harbor.house.pass(Duration::days(60));
    let permit = harbor.house.permit(ManageAccounts);
    harbor
        .house
        .door
        .resend_activation(permit, created.membership)
        .block_on()
        .unwrap();
    let link = harbor.house.link_to("cara@care.example");
    let password = SecretString::from(PASSWORD);
    harbor
        .house
        .door
        .activate(&missed, &password, None)
        .block_on()
        .unwrap_err();
    harbor
        .house
        .door
        .activate(&link, &password, None)
        .block_on()
        .unwrap();
    assert!(matches!(
        harbor
            .house
            .try_channel(Channel::Portal, "cara@care.example", PASSWORD, None),
        Ok(SignedIn::Session(_))
    ));
}
