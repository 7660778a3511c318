//! HomeTrak, "Email Telephony PIN".

use doorward::{
    ConfigureTenant, ResetCredentials, Use,
    identity::PIN_MAX_FAILURES,
    types::{Channel, MembershipId},
};
use doorward_examples::world;
use pollster::FutureExt as _;

use crate::harbor::*;

const CARA: &str = "cara@care.example";

fn mailed_pin(harbor: &Harbor, member: MembershipId) -> String {
    let permit = harbor.house.permit(ResetCredentials);
    harbor
        .house
        .door
        .mail_pin(permit, member)
        .block_on()
        .unwrap();
    let mail = harbor.house.mail_to(CARA);
    world::secret(&mail).unwrap().to_owned()
}

fn another(pin: &str) -> &'static str {
    if pin == "000000" { "000001" } else { "000000" }
}

/// HomeTrak: "Click this button to email the IVR PIN to the user's email address"; design 6: six
/// digits, opens telephony alone.
#[test]
fn a_mailed_pin_opens_the_telephone_line_and_nothing_else() {
    let harbor = Harbor::open();
    let cara = harbor.identity("caregiver", "Cara Diaz", None);
    let pin = mailed_pin(&harbor, cara.membership);
    assert!(
        pin.len() == 6 && pin.bytes().all(|digit| digit.is_ascii_digit()),
        "{pin}"
    );
    harbor.house.try_telephone(CARA, &pin).unwrap();
    for channel in [Channel::Desktop, Channel::Mobile, Channel::Portal] {
        harbor
            .house
            .try_channel(channel, CARA, &pin, None)
            .unwrap_err();
    }
    harbor.house.try_telephone(CARA, another(&pin)).unwrap_err();
}

/// HomeTrak: "This is used only if the office is using the optional IVR features in Companion".
#[test]
fn without_telephony_no_pin_is_mailed_or_accepted() {
    let harbor = Harbor::with_telephony(Use::NotUsed);
    let cara = harbor.identity("caregiver", "Cara Diaz", None);
    let permit = harbor.house.permit(ResetCredentials);
    harbor
        .house
        .door
        .mail_pin(permit, cara.membership)
        .block_on()
        .unwrap_err();
    assert_eq!(harbor.house.post().len(), 0);
    let used = harbor
        .house
        .door
        .set_telephony(harbor.house.permit(ConfigureTenant), Use::Used);
    used.block_on().unwrap();
    let pin = mailed_pin(&harbor, cara.membership);
    let permit = harbor.house.permit(ConfigureTenant);
    harbor
        .house
        .door
        .set_telephony(permit, Use::NotUsed)
        .block_on()
        .unwrap();
    harbor.house.try_telephone(CARA, &pin).unwrap_err();
}

/// Design 6: the PIN has its "own counter closed after 10 failures" and is "made anew by each
/// mailing".
#[test]
fn ten_wrong_pins_close_the_telephone_until_a_new_pin_and_leave_the_password_alone() {
    let harbor = Harbor::open();
    let cara = harbor.identity("caregiver", "Cara Diaz", None);
    let pin = mailed_pin(&harbor, cara.membership);
    for _ in 0..PIN_MAX_FAILURES {
        harbor.house.try_telephone(CARA, another(&pin)).unwrap_err();
    }
    harbor.house.try_telephone(CARA, &pin).unwrap_err();
    harbor.house.portal(CARA);
    let anew = mailed_pin(&harbor, cara.membership);
    harbor.house.try_telephone(CARA, &anew).unwrap();
}

/// Design 6: "the telephony PIN belongs to either HomeTrak class".
#[test]
fn a_standard_account_takes_a_pin_too() {
    let harbor = Harbor::open();
    let cara = harbor.standard("caregiver", "Cara Diaz", "cara");
    let pin = mailed_pin(&harbor, cara);
    harbor.house.try_telephone("cara", &pin).unwrap();
}
