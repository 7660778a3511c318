//! Addresses.

use doorward::{
    mailer::Address,
    types::{EmailAddress, EmailError, LocalPart},
};

use crate::law::{json_back, text};

/// An address that is accepted is accepted again in each of its forms, equals itself in all of
/// them, fits an envelope, and is one that a mailer takes.
///
/// # Panics
/// Where a law does not hold.
pub fn email(bytes: &[u8]) {
    let Some(typed) = text(bytes) else {
        return;
    };
    let Ok(address) = EmailAddress::with(typed, LocalPart::International) else {
        return;
    };
    let plain = EmailAddress::new(typed);
    if address.canonical().is_ascii() && address.original().is_ascii() {
        assert_eq!(plain.as_ref(), Ok(&address), "plain letters need no option");
    }
    assert!(
        plain.is_ok_and(|plain| plain == address)
            || EmailAddress::new(typed) == Err(EmailError::InternationalLocalPart),
        "without the option only letters before the `@` are refused"
    );
    let mailed = address.to_mailable();
    for form in [address.original(), address.canonical(), &mailed] {
        let again = EmailAddress::with(form, LocalPart::International);
        assert_eq!(again.as_ref(), Ok(&address), "`{form}` is the same address");
        assert_eq!(
            again.map(|again| again.canonical().to_owned()).as_deref(),
            Ok(address.canonical()),
            "the canonical form is its own"
        );
    }
    for form in [address.canonical(), &mailed] {
        assert!(form.len() <= 254, "an address fits an envelope");
        let local = form.rsplit_once('@').map_or(0, |(local, _)| local.len());
        assert!((1..=64).contains(&local), "RFC 5321 4.5.3.1.1: `{form}`");
    }
    assert_eq!(address.original(), typed.trim_matches(' '), "kept as typed");
    let taken = Address::new(&mailed);
    assert!(taken.is_ok(), "a mailer takes `{mailed}`: {taken:?}");
    json_back(&address);
    shows_little(&address);
}

/// ASVS 16.2.5: an address of three letters or more is masked in logs.
fn shows_little(address: &EmailAddress) {
    let local = address.canonical().rsplit_once('@').map_or("", |it| it.0);
    if local.chars().count() > 2 {
        let shown = format!("{address:?}");
        let (first, _) = shown.split_once('@').unwrap_or_default();
        assert!(!first.ends_with(local), "`{shown}` is masked");
    }
}
