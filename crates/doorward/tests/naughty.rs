//! Every string of `data/naughty_strings.json` in every text that somebody can type, end to end: a
//! typed refusal or kept exactly in its type's normal form, never a panic; mails go out, and the
//! audit log and its CSV read back.

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

use doorward::{
    Credential, DataAbout, EditLevels, EditProfiles, Error, Invite, ManageAccounts, ManageGroups,
    ManagePeople, NewAccount, NewInvitation, NewPerson, OwnAccount, PersonalData, ReadAudit,
    RegisterForm, ViewAccess,
    access::PermissionSet,
    audit::Query,
    identity::{Handover, Session},
    invitations::{Confirmed, DeclineReason},
    storage::Limit,
    types::{Channel, ClassName, DisplayName, EmailAddress, Note, Scope, Switches, UserName},
};

use crate::fixture::{
    House, PASSWORD, block_on, email, invitation, kind, name, registration, staff, terms,
};

fn strings() -> Vec<String> {
    let strings: Vec<String> =
        serde_json::from_str(include_str!("data/naughty_strings.json")).unwrap();
    assert!(strings.len() > 400);
    strings
}

fn reads_back(house: &House) {
    // What waits is mailed: no name breaks a mail.
    loop {
        let done = house.dispatch();
        assert!(done.set_up_faults.is_empty(), "{:?}", done.set_up_faults);
        if done.total_count() == 0 {
            break;
        }
    }
    let permit = house.director(ReadAudit);
    let query = Query::of(Scope::Tenant(house.tenant()));
    let (mut after, mut count) = (None, 0);
    loop {
        let page = house
            .door
            .read_audit(&permit, &query, PersonalData::Shown, after, Limit::MAX);
        let page = block_on(page).unwrap();
        count += page.rows.len();
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert!(count > 100);
    let mut csv = Vec::new();
    let rows = block_on(house.door.export_audit(&permit, &query, &mut csv)).unwrap();
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_reader(csv.as_slice());
    let mut read = 0_u64;
    for record in reader.records() {
        record.unwrap();
        read += 1;
    }
    assert!(read >= rows && rows > 100);
}

#[test]
fn names_and_notes_of_people_are_kept_exactly_or_refused() {
    let house = House::open();
    for text in strings() {
        let (Ok(called), note) = (DisplayName::new(&text), Note::new(&text)) else {
            continue;
        };
        let person = NewPerson {
            kind: kind("resident"),
            name: called.clone(),
            email: None,
            cell: None,
            note: note.clone().unwrap_or_default(),
            reference: None,
            data: DataAbout::ThisPerson,
        };
        let id = block_on(
            house
                .door
                .record_person(house.director(ManagePeople), person),
        )
        .unwrap();
        let permit = house.director(ManagePeople);
        let read = block_on(house.door.person(&permit, id)).unwrap().value;
        assert_eq!(read.name, called);
        assert_eq!(read.note, note.unwrap_or_default());
        // The normal form is its own.
        assert_eq!(DisplayName::new(read.name.as_str()).unwrap(), called);
    }
    reads_back(&house);
}

#[test]
fn names_of_groups_levels_and_profiles_are_kept_exactly_or_refused() {
    let house = House::open();
    for text in strings() {
        let Ok(called) = DisplayName::new(&text) else {
            continue;
        };
        let permit = house.director(ManageGroups);
        let group = block_on(house.door.create_group(permit, called.clone()));
        if let Ok(group) = group {
            let permit = house.director(OwnAccount);
            let groups = block_on(house.door.groups(&permit)).unwrap();
            let kept = groups.iter().find(|one| one.id() == group).unwrap();
            assert_eq!(kept.name(), &called);
        } else {
            assert!(matches!(group, Err(Error::Rejected(_))), "{text:?}: taken");
        }
        let permit = house.director(EditLevels);
        let level = house
            .door
            .create_level(permit, called.clone(), PermissionSet::new());
        match block_on(level) {
            Ok(level) => {
                let permit = house.director(EditLevels);
                let kept = block_on(house.door.level(&permit, level)).unwrap().value;
                assert_eq!(kept.name(), &called);
            }
            Err(refused) => assert!(matches!(refused, Error::Rejected(_)), "{text:?}"),
        }
        let permit = house.director(EditProfiles);
        let profile = house
            .door
            .create_profile(permit, called.clone(), PermissionSet::new());
        match block_on(profile) {
            Ok(profile) => {
                let permit = house.director(EditProfiles);
                let kept = block_on(house.door.profile(&permit, profile))
                    .unwrap()
                    .value;
                assert_eq!(kept.name(), &called);
            }
            Err(refused) => assert!(matches!(refused, Error::Rejected(_)), "{text:?}"),
        }
    }
    reads_back(&house);
}

#[test]
fn names_of_invitees_and_reasons_to_decline_are_kept_exactly_or_refused() {
    let house = House::open();
    for (number, text) in strings().iter().enumerate() {
        let address = format!("n{number}@example.org");
        let called = DisplayName::new(text).ok();
        let form = NewInvitation {
            name: called.clone(),
            ..invitation(&address, staff("clinical"))
        };
        let invited = block_on(house.door.invite(house.director(Invite), form)).unwrap();
        let permit = house.director(ViewAccess);
        let rows = block_on(house.door.pending_invitations(&permit, None, Limit::MAX)).unwrap();
        let mut rows = rows.rows.into_iter();
        let row = rows
            .find(|row| row.invitation == invited.invitation)
            .unwrap();
        assert_eq!(row.name, called);
        let link = house.link_to(&address);
        let reason = match Note::new(text) {
            Ok(note) => DeclineReason::Other(note),
            Err(_) => DeclineReason::NotMe,
        };
        let declined = house
            .door
            .decline_by_link(&link, reason, Confirmed::by_post(), None);
        block_on(declined).unwrap();
        house.received.lock().unwrap().clear();
    }
    reads_back(&house);
}

#[test]
fn passwords_open_what_they_closed_or_are_refused() {
    let house = House::open();
    let mut taken = 0;
    for (number, text) in strings().iter().enumerate() {
        let address = format!("n{number}@example.org");
        house.invite(&address, staff("clinical"));
        let link = house.link_to(&address);
        house.received.lock().unwrap().clear();
        let form = RegisterForm {
            name: name("Somebody"),
            password: text.clone().into(),
            agreed: [terms()].into(),
        };
        let accepted = house
            .door
            .accept_by_link(&link, form, Confirmed::by_post(), None);
        match block_on(accepted) {
            Ok(joined) => {
                taken += 1;
                let typed = Credential::Password(text.clone().into());
                let signed_in =
                    house
                        .door
                        .sign_in(joined.tenant, Channel::Portal, &address, typed, None);
                assert!(block_on(signed_in).is_ok(), "{text:?}");
            }
            Err(refused) => assert!(matches!(refused, Error::Rejected(_)), "{text:?}: {refused}"),
        }
    }
    assert!(taken > 50, "{taken}");
    reads_back(&house);
}

#[test]
fn login_names_credentials_keys_and_links_are_refused_neutrally() {
    let house = House::open();
    let tenant = house.tenant();
    let mut texts = std::collections::BTreeSet::new();
    for text in strings() {
        let guess = || Credential::Password(PASSWORD.to_owned().into());
        let key = Some(text.clone().into());
        let refused = house
            .door
            .sign_in(tenant, Channel::Portal, &text, guess(), key);
        texts.insert(block_on(refused).unwrap_err().to_string());
        let pin = Credential::Pin(text.clone().into());
        let refused = house
            .door
            .sign_in(tenant, Channel::Telephony, &text, pin, None);
        texts.insert(block_on(refused).unwrap_err().to_string());
        block_on(house.door.request_reset(Some(tenant), &text)).unwrap();
        for link in [
            text.clone(),
            format!("https://care.example.org/accept#dw1_{text}"),
        ] {
            assert!(block_on(house.door.inspect_invitation(&link)).is_err());
            let accepted =
                house
                    .door
                    .accept_by_link(&link, registration(), Confirmed::by_post(), None);
            assert!(matches!(block_on(accepted), Err(Error::Rejected(_))));
            let declined =
                house
                    .door
                    .decline_by_link(&link, DeclineReason::NotMe, Confirmed::by_post(), None);
            assert!(matches!(block_on(declined), Err(Error::Rejected(_))));
            let new = PASSWORD.to_owned().into();
            assert!(matches!(
                block_on(house.door.reset_password(&link, &new, None)),
                Err(Error::Rejected(_))
            ));
            assert!(matches!(
                block_on(house.door.activate(&link, &new, None)),
                Err(Error::Rejected(_))
            ));
        }
    }
    assert_eq!(texts.len(), 1, "ASVS 6.3.8: one text for all: {texts:?}");
    let resolved = house.door.resolve_resets(house.now(), Limit::MAX);
    block_on(resolved).unwrap();
    reads_back_signed_in(&house, &house.director.session);
}

/// The director's session still counts after all that.
fn reads_back_signed_in(house: &House, session: &Session) {
    block_on(house.door.resume(session)).unwrap();
    assert!(house.dispatch().set_up_faults.is_empty());
}

#[test]
fn addresses_and_user_names_are_kept_in_their_form_or_refused() {
    let house = House::open();
    let mut made = 0;
    for (number, text) in strings().iter().enumerate() {
        if let Ok(address) = EmailAddress::new(text) {
            assert_eq!(EmailAddress::new(address.original()).unwrap(), address);
        }
        let Ok(user_name) = UserName::new(text) else {
            continue;
        };
        let address = format!("u{number}@example.org");
        let person = house.person("Somebody", "staff", Some(&address));
        let account = NewAccount {
            person,
            class: ClassName::new("office").unwrap(),
            address: email(&address),
            user_name: Some(user_name.clone()),
            cell: None,
            role: Some("clinical".parse().unwrap()),
            levels: None,
            switches: Switches::new(),
            handover: Handover::Mailed,
        };
        let permit = house.director(ManageAccounts);
        match block_on(house.door.create_account(permit, account)) {
            Ok(_) => made += 1,
            // A look-alike of an earlier one, or a name in the form of an address.
            Err(refused) => assert!(matches!(refused, Error::Rejected(_)), "{text:?}: {refused}"),
        }
        assert_eq!(UserName::new(user_name.as_str()).unwrap(), user_name);
    }
    assert!(made > 20, "{made}");
    reads_back(&house);
}
