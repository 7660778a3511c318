//! Secrets: nothing that was mailed, shown or typed is in storage, whatever it opens.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test fails by panicking; its fixture is its own"
)]

#[expect(dead_code, reason = "each test file uses its part of the fixture")]
mod fixture;

use std::collections::BTreeSet;

use doorward::{
    ConfigureTenant, Invite, ManageAccounts, NewAccount, OwnAccount, ResetCredentials,
    identity::Handover,
    storage::Limit,
    types::{ClassName, Switches},
};
use secrecy::ExposeSecret;

use crate::fixture::{House, PASSWORD, block_on, email, staff};

/// Design 5: "Memory and the mail are the only places a secret ever is."
#[test]
fn no_secret_of_any_mail_or_form_is_stored() {
    let house = House::open();
    let mut secrets = BTreeSet::from([PASSWORD.to_owned()]);
    // Invitations: used, waiting, superseded.
    let cleo = house.member("cleo@example.org", staff("clinical"));
    let waiting = house.invite("wait@example.org", staff("clinical"));
    house.dispatch();
    let permit = house.director(Invite);
    block_on(house.door.resend_invitation(permit, waiting.invitation)).unwrap();
    // An activation, two resets, an access key, a new password.
    let person = house.person("Otto Berg", "staff", Some("otto@example.org"));
    let account = NewAccount {
        person,
        class: ClassName::new("office").unwrap(),
        address: email("otto@example.org"),
        user_name: None,
        cell: None,
        role: Some("clinical".parse().unwrap()),
        levels: None,
        switches: Switches::new(),
        handover: Handover::Mailed,
    };
    let permit = house.director(ManageAccounts);
    block_on(house.door.create_account(permit, account)).unwrap();
    let permit = house.director(ResetCredentials);
    block_on(house.door.send_reset(permit, cleo.membership)).unwrap();
    house.dispatch();
    block_on(
        house
            .door
            .request_reset(Some(house.tenant()), "cleo@example.org"),
    )
    .unwrap();
    block_on(house.door.resolve_resets(house.now(), Limit::MAX)).unwrap();
    let permit = house.director(ConfigureTenant);
    let key = block_on(house.door.replace_access_key(permit)).unwrap();
    let shown = key.text.expect("it is shown once");
    secrets.insert(shown.expose_secret().to_owned());
    let new = "another long enough phrase";
    let permit = house.permit(&cleo.session, OwnAccount);
    let changed =
        house
            .door
            .change_password(permit, PASSWORD.to_owned().into(), new.to_owned().into());
    block_on(changed).unwrap();
    secrets.insert(new.to_owned());
    house.dispatch();
    let received = house.received.lock().unwrap();
    let links: Vec<&str> = received
        .iter()
        .filter_map(fixture::Received::link)
        .collect();
    assert!(links.len() >= 6, "{}", links.len());
    secrets.extend(
        links
            .iter()
            .map(|link| link.rsplit_once('#').unwrap().1.to_owned()),
    );
    for secret in &secrets {
        let raw = raw_secret(secret);
        for bytes in house.stored() {
            assert!(!contains(&bytes, secret.as_bytes()), "a secret is stored");
            if let Some(raw) = &raw {
                assert!(!contains(&bytes, raw), "the bytes of a secret are stored");
                let listed = serde_json::to_string(raw).unwrap();
                let listed = listed.trim_matches(['[', ']']);
                assert!(!contains(&bytes, listed.as_bytes()), "as a list of numbers");
            }
        }
    }
}

/// The negative control: what is looked for would be found.
#[test]
fn what_is_stored_is_found() {
    let house = House::open();
    house.invite("cleo@example.org", staff("clinical"));
    let stored = house.stored();
    assert!(
        stored
            .iter()
            .any(|bytes| contains(bytes, b"cleo@example.org"))
    );
}

/// The 32 bytes of a token's secret: they stand before the four of its checksum.
fn raw_secret(text: &str) -> Option<Vec<u8>> {
    let payload = text.strip_prefix("dw1_")?;
    let mut bits = 0_u32;
    let mut held = 0;
    let mut bytes = Vec::new();
    for letter in payload.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).unwrap());
        }
    }
    let end = bytes.len().checked_sub(4)?;
    bytes.get(end.checked_sub(32)?..end).map(<[u8]>::to_vec)
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}
