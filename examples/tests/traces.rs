//! What a log of the spans shows of whole days: ids, words and counts; nobody's name, address or
//! secret. The office's day is on a file, so that the adapter tells what it does as well.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod fixture;
#[path = "storage/sqlite.rs"]
mod storage;

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use doorward::{
    ConfigureTenant, DataAbout, ManageAccounts, NewAccount, ResetCredentials, SignedIn,
    types::{Channel, Switches, UserName},
};
use doorward_examples::{alis_connect, hometrak_companion, kalix, world};
use doorward_identity::Handover;
use fixture::{House, PASSWORD};
use pollster::FutureExt as _;
use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::fmt::{MakeWriter, format::FmtSpan};

/// What a subscriber wrote.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8(bytes.clone()).unwrap()
    }
}

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Written {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Every text of a program that may be somebody's name, address or password.
fn literals(source: &str) -> Vec<String> {
    let code = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let texts = code.flat_map(|line| line.split('"').skip(1).step_by(2));
    let personal = |text: &&str| text.len() >= 6 && (text.contains(' ') || text.contains('@'));
    texts.filter(personal).map(ToOwned::to_owned).collect()
}

/// A day of an office: an account begun with a temporary password, a wrong password, a PIN, a
/// reset. Answers every name, address and secret that was in play.
fn office_day() -> Vec<String> {
    let setup = hometrak_companion::setup(world::published_keys()).unwrap();
    let (boss, at) = ("Omar Haddad", "omar@harbor.example");
    let telephony = doorward::Use::Used;
    let office = hometrak_companion::office("Harbor Home Care", boss, at, telephony).unwrap();
    let house = House::open(setup, office);
    let key = house.door.replace_access_key(house.permit(ConfigureTenant));
    let key = key.block_on().unwrap().text.unwrap();
    let (name, address) = ("Ngozi Okafor", "ngozi@mail.example");
    let person = house.record("caregiver", name, Some(address), DataAbout::Nobody);
    let permit = house.permit(ManageAccounts);
    let form = house.door.account_form(&permit, person);
    let form = form.block_on().unwrap().value;
    let new = NewAccount {
        person,
        class: "standard".parse().unwrap(),
        address: form.address.unwrap(),
        user_name: Some(UserName::new("ngozi.okafor").unwrap()),
        cell: form.cell,
        role: None,
        levels: None,
        switches: Switches::new(),
        handover: Handover::Mailed,
    };
    let created = house.door.create_account(house.permit(ManageAccounts), new);
    let member = created.block_on().unwrap().membership;
    let temporary = world::secret(&house.mail_to(address)).unwrap().to_owned();
    let wrong = "seven purple ravens sing";
    let mobile =
        |password: &str| house.try_channel(Channel::Mobile, "ngozi.okafor", password, Some(&key));
    assert!(mobile(wrong).is_err());
    let Ok(SignedIn::NewPassword { ticket, .. }) = mobile(&temporary) else {
        panic!("a temporary password opens no session");
    };
    let own = SecretString::from(PASSWORD);
    let set = house
        .door
        .set_new_password(ticket.expose_secret(), &own, None);
    set.block_on().unwrap();
    house.post();
    let reset = house
        .door
        .send_reset(house.permit(ResetCredentials), house.admin.membership);
    reset.block_on().unwrap();
    let link = house.link_to(at);
    let mailed = house.door.mail_pin(house.permit(ResetCredentials), member);
    mailed.block_on().unwrap();
    let pin = world::secret(&house.mail_to(address)).unwrap().to_owned();
    assert!(house.try_telephone("ngozi.okafor", &pin).is_ok());
    let typed = [boss, at, name, address, "ngozi.okafor", wrong, PASSWORD];
    let made = [
        temporary,
        pin,
        link.rsplit('/').next().unwrap().to_owned(),
        key.expose_secret().to_owned(),
        ticket.expose_secret().to_owned(),
    ];
    typed
        .map(ToOwned::to_owned)
        .into_iter()
        .chain(made)
        .collect()
}

#[test]
fn a_log_of_whole_days_shows_ids_and_nothing_of_people() {
    let written = Written::default();
    tracing_subscriber::fmt()
        .with_writer(written.clone())
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .init();
    let mut personal = office_day();
    alis_connect::main().unwrap();
    hometrak_companion::main().unwrap();
    kalix::main().unwrap();
    for source in [
        include_str!("../alis_connect.rs"),
        include_str!("../hometrak_companion.rs"),
        include_str!("../kalix.rs"),
        include_str!("../alis_connect/quarter.rs"),
        include_str!("../hometrak_companion/week.rs"),
        include_str!("../kalix/desk.rs"),
        include_str!("../kalix/month.rs"),
        include_str!("../kalix/newcomers.rs"),
    ] {
        personal.extend(literals(source));
    }
    assert!(personal.len() > 60, "{} texts", personal.len());

    let log = written.text();
    for seen in [
        "authorise{act=\"invite\" tenant=",
        "outcome=\"permitted\"",
        "sign_in{tenant=",
        "channel=mobile outcome=\"credential\"",
        "hand_off{scope=tenant ",
        "action=\"invitation.accept\"",
        "outcome=\"applied\"",
        "group written commits=",
    ] {
        assert!(log.contains(seen), "no `{seen}` in {} bytes", log.len());
    }
    let told: Vec<&String> = personal.iter().filter(|text| log.contains(*text)).collect();
    assert!(told.is_empty(), "the log tells {told:?}");
}
