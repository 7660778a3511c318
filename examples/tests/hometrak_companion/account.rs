//! HomeTrak, "Manage User Account": the form, the standard account and its temporary password.

use doorward::{
    AccountDetails, CreateAccountRejection, Error, Fault, ManageAccounts, ManagePeople, NewAccount,
    ResetCredentials, SignedIn, TemporaryPasswordRejection,
    identity::{CellNumber, DisabledReason, Handover, PersonDetails, SignInReason, Status},
    types::{Channel, Note, PersonId, UserName},
};
use doorward_examples::world;
use pollster::FutureExt as _;
use secrecy::{ExposeSecret, SecretString};
use time::Duration;

use crate::{fixture::*, harbor::*};

/// The form of a standard account, with `cara` as its user name.
fn named(harbor: &Harbor, person: PersonId) -> NewAccount {
    let mut new = harbor.filled(person, "standard");
    new.user_name = Some(UserName::new("cara").unwrap());
    new
}

/// HomeTrak: "Before a user can log in to the mobile application, their mobile access credentials
/// must be set up in Companion."
#[test]
fn a_person_on_record_without_an_account_does_not_sign_in() {
    let harbor = Harbor::open();
    harbor.person("caregiver", "Cara Diaz");
    let refusal = harbor.mobile("cara@care.example", PASSWORD).unwrap_err();
    assert_eq!(refusal.reason(), SignInReason::UnknownName);
}

/// HomeTrak: "User: The name of the person this username is attached to"; "This will automatically
/// be filled with the email address from the person's profile" and "with the cell number".
#[test]
fn the_form_is_filled_from_the_profile() {
    let harbor = Harbor::open();
    let cara = harbor.person("caregiver", "Cara Diaz");
    let permit = harbor.house.permit(ManagePeople);
    let read = harbor.house.door.person(&permit, cara).block_on().unwrap();
    let details = PersonDetails {
        kind: read.value.kind.clone(),
        name: read.value.name.clone(),
        email: read.value.email.clone(),
        cell: Some(CellNumber::new("+1 215 770 0763").unwrap()),
        note: read.value.note.clone(),
    };
    let changed = harbor
        .house
        .door
        .change_person(permit, cara, read.version, details);
    changed.block_on().unwrap();
    let form = harbor.form(cara).value;
    assert_eq!(form.name, display("Cara Diaz"));
    assert_eq!(form.address, Some(email("cara@care.example")));
    assert_eq!(form.cell, Some(CellNumber::new("+1 215 770 0763").unwrap()));
    assert_eq!(
        (form.user_name, form.class, form.status),
        (None, None, None)
    );
}

/// HomeTrak: "Enter a unique username for this person."
#[test]
fn a_user_name_is_given_once_in_an_office() {
    let harbor = Harbor::open();
    harbor.standard("caregiver", "Cara Diaz", "cara");
    let ben = harbor.person("caregiver", "Ben Ode");
    let mut new = harbor.filled(ben, "standard");
    new.user_name = Some(UserName::new("Cara").unwrap());
    assert!(matches!(
        harbor.create(new),
        Err(CreateAccountRejection::UserNameTaken)
    ));
}

/// HomeTrak: "recommends using the email address as the unique mobile username".
#[test]
fn the_email_address_can_be_the_user_name() {
    let harbor = Harbor::open();
    harbor.standard("caregiver", "Cara Diaz", "cara@care.example");
    assert!(matches!(
        harbor.mobile("cara@care.example", PASSWORD),
        Ok(SignedIn::Session(_))
    ));
}

/// HomeTrak: "Status must be set to Active in order for the user to be able to log in to the mobile
/// app"; design 9.6: any other closes every channel.
#[test]
fn an_account_that_is_not_active_opens_no_channel() {
    let harbor = Harbor::open();
    let cara = harbor.identity("caregiver", "Cara Diaz", None);
    let permit = harbor.house.permit(ResetCredentials);
    harbor
        .house
        .door
        .mail_pin(permit, cara.membership)
        .block_on()
        .unwrap();
    let mail = harbor.house.mail_to("cara@care.example");
    let permit = harbor.house.permit(ManageAccounts);
    let reason = DisabledReason::Administrator;
    let disabled = harbor
        .house
        .door
        .disable_account(permit, cara.membership, reason);
    disabled.block_on().unwrap();
    assert_eq!(
        harbor.form(cara.person).value.status,
        Some(Status::Disabled)
    );
    for channel in [Channel::Desktop, Channel::Mobile, Channel::Portal] {
        let refused = harbor
            .house
            .try_channel(channel, "cara@care.example", PASSWORD, None);
        let reason = refused.unwrap_err().reason();
        assert!(
            matches!(reason, SignInReason::Account { .. }),
            "{channel}: {reason:?}"
        );
    }
    let pin = world::secret(&mail).unwrap();
    harbor
        .house
        .try_telephone("cara@care.example", pin)
        .unwrap_err();
    harbor
        .house
        .door
        .resume(&cara.session)
        .block_on()
        .unwrap_err();
    let permit = harbor.house.permit(ManageAccounts);
    harbor
        .house
        .door
        .restore_account(permit, cara.membership)
        .block_on()
        .unwrap();
    harbor.house.portal("cara@care.example");
}

/// HomeTrak: "Note: (optional) Add a note, if desired."
#[test]
fn a_note_can_be_kept_beside_the_account() {
    let harbor = Harbor::open();
    let cara = harbor.identity("caregiver", "Cara Diaz", None);
    let form = harbor.form(cara.person);
    let note = Note::new("Prefers the evening shift.").unwrap();
    let details = AccountDetails {
        name: form.value.name,
        cell: form.value.cell,
        note: note.clone(),
    };
    let permit = harbor.house.permit(ManageAccounts);
    let edited = harbor
        .house
        .door
        .edit_account(permit, cara.membership, form.version, details);
    edited.block_on().unwrap();
    assert_eq!(harbor.form(cara.person).value.note, note);
}

/// HomeTrak: "Click Save." A form that was read before another was saved takes nothing back.
#[test]
fn a_form_that_was_saved_by_somebody_else_meanwhile_is_refused() {
    let harbor = Harbor::open();
    let cara = harbor.identity("caregiver", "Cara Diaz", None);
    let form = harbor.form(cara.person);
    let save = |note: &str| {
        let details = AccountDetails {
            name: form.value.name.clone(),
            cell: None,
            note: Note::new(note).unwrap(),
        };
        let permit = harbor.house.permit(ManageAccounts);
        let door = &harbor.house.door;
        door.edit_account(permit, cara.membership, form.version, details)
            .block_on()
    };
    save("The first to save.").unwrap();
    let refused = save("The second, who had not seen it.");
    assert!(
        matches!(refused, Err(Error::Fault(Fault::Stale { .. }))),
        "{refused:?}"
    );
}

/// HomeTrak, "Email Mobile Password": "email the temporary mobile password to the user's email
/// address"; "the user is prompted to change the password the first time they log into the mobile
/// app".
#[test]
fn the_mailed_password_opens_a_new_password_and_nothing_else() {
    let harbor = Harbor::open();
    let cara = harbor.person("caregiver", "Cara Diaz");
    harbor.create(named(&harbor, cara)).unwrap();
    let mail = harbor.house.mail_to("cara@care.example");
    let temporary = world::secret(&mail).unwrap();
    let opened = harbor.mobile("cara", temporary).unwrap();
    let SignedIn::NewPassword { ticket, .. } = opened else {
        panic!("a temporary password opens no session");
    };
    let own = SecretString::from(PASSWORD);
    harbor
        .house
        .door
        .set_new_password(ticket.expose_secret(), &own, None)
        .block_on()
        .unwrap();
    harbor.mobile("cara", temporary).unwrap_err();
    assert!(matches!(
        harbor.mobile("cara", PASSWORD),
        Ok(SignedIn::Session(_))
    ));
}

/// HomeTrak: "The password expires after several hours"; design 9.6: four, and exactly at the end
/// it is refused.
#[test]
fn the_mailed_password_expires_after_four_hours() {
    for (waited, opens) in [
        (Duration::hours(4) - Duration::microseconds(1), true),
        (Duration::hours(4), false),
    ] {
        let harbor = Harbor::open();
        let cara = harbor.person("caregiver", "Cara Diaz");
        let created = harbor.create(named(&harbor, cara)).unwrap();
        assert_eq!(created.expires_at, NOW + Duration::hours(4));
        let mail = harbor.house.mail_to("cara@care.example");
        harbor.house.pass(waited);
        let opened = harbor.mobile("cara", world::secret(&mail).unwrap());
        assert_eq!(opened.is_ok(), opens, "{waited}");
    }
}

/// HomeTrak, "Email Mobile Password" again: design 9.6: it "replaces the old one at once and ends
/// sessions".
#[test]
fn another_mailed_password_replaces_the_old_one_at_once() {
    let harbor = Harbor::open();
    let cara = harbor.standard("caregiver", "Cara Diaz", "cara");
    let Ok(SignedIn::Session(session)) = harbor.mobile("cara", PASSWORD) else {
        panic!("cara has a password of her own");
    };
    let permit = harbor.house.permit(ResetCredentials);
    let issued = harbor
        .house
        .door
        .issue_temporary_password(permit, cara, Handover::Mailed);
    assert!(
        issued.block_on().unwrap().password.is_none(),
        "it is mailed, not shown"
    );
    harbor.mobile("cara", PASSWORD).unwrap_err();
    harbor.house.door.resume(&session).block_on().unwrap_err();
    let mail = harbor.house.mail_to("cara@care.example");
    assert!(matches!(
        harbor.mobile("cara", world::secret(&mail).unwrap()),
        Ok(SignedIn::NewPassword { .. })
    ));
}

/// HomeTrak: "For non-"Identity" accounts. ... This button will be hidden if the account is
/// "Identity"."
#[test]
fn identity_accounts_get_no_mobile_password() {
    let harbor = Harbor::open();
    let cara = harbor.identity("caregiver", "Cara Diaz", None);
    let permit = harbor.house.permit(ResetCredentials);
    let issued =
        harbor
            .house
            .door
            .issue_temporary_password(permit, cara.membership, Handover::Mailed);
    let rejection = rejected(issued.block_on().unwrap_err());
    assert!(
        matches!(rejection, TemporaryPasswordRejection::Rule(_)),
        "{rejection:?}"
    );
}

/// HomeTrak: "Mobile app access only, requiring access keys."
#[test]
fn a_standard_account_needs_the_access_key_and_opens_no_portal() {
    let harbor = Harbor::open();
    harbor.standard("caregiver", "Cara Diaz", "cara");
    assert!(matches!(
        harbor.mobile("cara", PASSWORD),
        Ok(SignedIn::Session(_))
    ));
    let other = SecretString::from("another key");
    for key in [None, Some(&other)] {
        let refused = harbor
            .house
            .try_channel(Channel::Mobile, "cara", PASSWORD, key);
        assert_eq!(refused.unwrap_err().reason(), SignInReason::AccessKey);
    }
    let portal = harbor
        .house
        .try_channel(Channel::Portal, "cara", PASSWORD, Some(&harbor.key));
    assert_eq!(portal.unwrap_err().reason(), SignInReason::Channel);
}
