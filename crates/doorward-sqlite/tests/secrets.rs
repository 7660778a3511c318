//! Secrets and erased people on the disk: the database, its log and its shared memory are searched
//! byte by byte, at every moment of what mails and forms carry.

#[expect(dead_code, reason = "each test file uses its part of the agency")]
mod agency;

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use doorward::{
    ConfigureTenant, Credential, Invite, ManageAccounts, OwnAccount, Reauthentication,
    ResetCredentials, SignedIn,
    invitations::Confirmed,
    mailer::{Accepted, Mail as Message, MailError, Mailer},
    storage::{AuditStore, Batch, Limit, Order, Scope as StorageScope, SideKey},
    types::Channel,
};
use doorward_conformance::async_trait;
use secrecy::ExposeSecret;
use time::Duration;

use crate::agency::{
    Agency, Mail, OTHER, PASSWORD, block_on,
    day::{access_key, nurse},
    email, secret,
};

/// The bytes of every file of a folder, one after another. A service never reads its files so: closing
/// them gives up its locks. Here no other process opens them.
fn bytes_of(folder: &Path) -> Vec<u8> {
    let files = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let bytes = files.flat_map(|file| fs::read(file.path()).unwrap_or_default());
    bytes.collect()
}

/// Looks for byte strings of six bytes or more, all in one pass.
struct Search<'a>(HashMap<&'a [u8], Vec<&'a [u8]>>);

const BEGINNING: usize = 6;

impl<'a> Search<'a> {
    fn new(needles: impl IntoIterator<Item = &'a Vec<u8>>) -> Self {
        let mut by_beginning: HashMap<&[u8], Vec<&[u8]>> = HashMap::new();
        for needle in needles {
            let beginning = &needle[..BEGINNING];
            by_beginning.entry(beginning).or_default().push(needle);
        }
        Self(by_beginning)
    }

    fn found(&self, bytes: &[u8]) -> Option<&'a [u8]> {
        let windows = bytes.windows(BEGINNING).enumerate();
        let mut candidates = windows.filter_map(|(at, window)| Some((at, self.0.get(window)?)));
        candidates.find_map(|(at, needles)| {
            let mut needles = needles.iter();
            needles
                .find(|needle| bytes[at..].starts_with(needle))
                .copied()
        })
    }
}

/// What was seen in a folder, moment by moment.
struct Moments {
    folder: PathBuf,
    last: HashMap<PathBuf, Vec<u8>>,
    seen: Vec<(String, Vec<u8>)>,
}

impl Moments {
    /// Keeps what has changed in each file since the last moment, from its first changed page on.
    fn look(&mut self, label: &str) {
        for file in fs::read_dir(&self.folder).unwrap().map(Result::unwrap) {
            let now = fs::read(file.path()).unwrap_or_default();
            let last = self.last.entry(file.path()).or_default();
            let pages = now.chunks(4096).zip(last.chunks(4096));
            let same = pages.take_while(|(now, last)| now == last).count() * 4096;
            // A secret may have begun in the page before.
            let changed = now.get(same.saturating_sub(256)..).unwrap_or_default();
            self.seen.push((label.to_owned(), changed.to_vec()));
            *last = now;
        }
    }
}

/// A folder that is looked at again and again; a mailer that looks in the middle of a hand-off.
struct Watch {
    moments: Mutex<Moments>,
    mails: Mutex<Vec<Mail>>,
    secrets: Mutex<BTreeSet<Vec<u8>>>,
}

#[async_trait]
impl Mailer for Watch {
    async fn deliver(&self, mail: &Message) -> Result<Accepted, MailError> {
        let to = mail.to().address().as_str().to_owned();
        self.look(&format!("while a mail to {to} is handed over"));
        let text = mail.text().to_owned();
        self.mails.lock().unwrap().push(Mail { to, text });
        Ok(Accepted::default())
    }
}

impl Watch {
    fn of(folder: &Path) -> Self {
        let moments = Moments {
            folder: folder.to_owned(),
            last: HashMap::new(),
            seen: Vec::new(),
        };
        Self {
            moments: Mutex::new(moments),
            mails: Mutex::default(),
            secrets: Mutex::default(),
        }
    }

    fn look(&self, label: &str) {
        self.moments.lock().unwrap().look(label);
    }

    /// Looks while the mail is queued, in its hand-off and after its settlement; returns the newest.
    fn mail(&self, agency: &Agency, address: &str) -> Mail {
        self.look("while mail is queued");
        let now = agency.door.now();
        block_on(agency.door.dispatch_once(self, now, Limit::MAX)).unwrap();
        self.look("after the settlement");
        let mails = self.mails.lock().unwrap();
        let newest = mails.iter().rfind(|mail| mail.to == address);
        newest.unwrap().clone()
    }

    fn link(&self, agency: &Agency, address: &str) -> String {
        let link = self.mail(agency, address).link();
        self.token(&link);
        link
    }

    /// A token: as the link shows it, and the secret in it in every form it could be stored in.
    fn token(&self, link: &str) {
        let (_, token) = link.rsplit_once("dw1_").unwrap();
        let payload = Base64UrlUnpadded::decode_vec(token).unwrap();
        // The 32 bytes of the secret stand before the four of the checksum.
        let raw = &payload[payload.len() - 36..payload.len() - 4];
        let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
        let list: Vec<String> = raw.iter().map(u8::to_string).collect();
        let mut secrets = self.secrets.lock().unwrap();
        secrets.extend([
            token.as_bytes().to_vec(),
            raw.to_vec(),
            hex.to_uppercase().into_bytes(),
            hex.into_bytes(),
            Base64UrlUnpadded::encode_string(raw).into_bytes(),
            Base64::encode_string(raw).into_bytes(),
            list.join(",").into_bytes(),
        ]);
    }

    /// A password, PIN or key: as it is shown, and as it may be typed.
    fn typed(&self, text: &str) {
        let plain: String = text.chars().filter(|letter| *letter != '-').collect();
        let mut secrets = self.secrets.lock().unwrap();
        secrets.extend([
            text.as_bytes().to_vec(),
            plain.to_lowercase().into_bytes(),
            plain.to_uppercase().into_bytes(),
            Base64::encode_string(text.as_bytes()).into_bytes(),
        ]);
    }

    /// Searches every moment for every secret, also those that were made after it.
    fn found(&self) -> Option<String> {
        let secrets = self.secrets.lock().unwrap();
        let search = Search::new(secrets.iter());
        let moments = self.moments.lock().unwrap();
        moments.seen.iter().find_map(|(label, bytes)| {
            let found = String::from_utf8_lossy(search.found(bytes)?);
            Some(format!("{label}: `{found}` is stored"))
        })
    }
}

/// Design 5: "Memory and the mail are the only places a secret ever is."
#[test]
fn no_secret_is_on_the_disk_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let agency = Agency::found(&folder.path().join("cell.db"));
    let watch = Watch::of(folder.path());
    watch.typed(PASSWORD);
    watch.typed(OTHER);
    invitations(&agency, &watch);
    temporary_passwords_and_pins(&agency, &watch);
    links(&agency, &watch);

    block_on(agency.storage.empty_log()).unwrap();
    watch.look("after the log was emptied");
    let copies = tempfile::tempdir().unwrap();
    block_on(agency.storage.backup(copies.path().join("backup.db"))).unwrap();
    drop(agency);
    watch.look("after the last handle was closed");
    let mut moments = watch.moments.lock().unwrap();
    let backup = bytes_of(copies.path());
    moments.seen.push(("in a backup".to_owned(), backup));
    assert!(moments.seen.len() > 100, "{}", moments.seen.len());
    drop(moments);
    assert_eq!(watch.found(), None);
}

/// Mailed, mailed again, accepted, revoked.
fn invitations(agency: &Agency, watch: &Watch) {
    let door = &agency.door;
    let again = agency.invite("Kim Ito", "kim@example.org", nurse());
    watch.link(agency, "kim@example.org");
    block_on(door.resend_invitation(agency.admin(Invite), again)).unwrap();
    let link = watch.link(agency, "kim@example.org");
    let form = doorward::RegisterForm {
        name: agency::name("Kim Ito"),
        password: secret(PASSWORD),
        agreed: BTreeSet::new(),
    };
    block_on(door.accept_by_link(&link, form, Confirmed::by_post(), None)).unwrap();
    watch.look("after the accept");
    let revoked = agency.invite("Lena Wolf", "lena@example.org", nurse());
    watch.link(agency, "lena@example.org");
    block_on(door.revoke_invitation(agency.admin(Invite), revoked)).unwrap();
    watch.look("after the revocation");
}

fn temporary_passwords_and_pins(agency: &Agency, watch: &Watch) {
    let door = &agency.door;
    let key = access_key(agency);
    watch.typed(key.expose_secret());
    watch.look("after an access key was made");
    let ana = agency.account("standard", "ana", "ana@example.org");
    let temporary = watch.mail(agency, "ana@example.org").secret();
    watch.typed(&temporary);
    let sign_in = |credential, channel| {
        let opened = agency.attempt(channel, "ana", credential, Some(key.clone()));
        watch.look("after a sign-in");
        opened
    };
    let wrong = "the-wrong-one-was-typed";
    watch.typed(wrong);
    assert!(sign_in(Credential::Password(secret(wrong)), Channel::Mobile).is_err());
    let opened = sign_in(Credential::Password(secret(&temporary)), Channel::Mobile);
    let Ok(SignedIn::NewPassword { ticket, .. }) = opened else {
        panic!("a temporary password opened a session");
    };
    watch.token(ticket.expose_secret());
    block_on(door.set_new_password(ticket.expose_secret(), &secret(PASSWORD), None)).unwrap();
    watch.look("after a new password was set");
    let permit = agency.admin(ResetCredentials);
    block_on(door.mail_pin(permit, ana.membership)).unwrap();
    let pin = watch.mail(agency, "ana@example.org").secret();
    watch.typed(&pin);
    assert!(sign_in(Credential::Pin(secret(&pin)), Channel::Telephony).is_ok());
    let permit = agency.admin(ConfigureTenant);
    let newer = block_on(door.replace_access_key(permit)).unwrap();
    watch.typed(newer.text.unwrap().expose_secret());
    watch.look("after the access key was replaced");
}

/// Activation, reset, login link, and the two links of a change of address.
fn links(agency: &Agency, watch: &Watch) {
    let door = &agency.door;
    let ben = agency.account("identity", "Ben Sato", "ben@example.org");
    let activation = watch.link(agency, "ben@example.org");
    block_on(door.activate(&activation, &secret(PASSWORD), None)).unwrap();
    watch.look("after the activation");
    let permit = agency.admin(ResetCredentials);
    block_on(door.send_reset(permit, ben.membership)).unwrap();
    let reset = watch.link(agency, "ben@example.org");
    block_on(door.reset_password(&reset, &secret(OTHER), None)).unwrap();
    watch.look("after the reset");
    // Nobody is mailed two resets within five minutes.
    agency.pass(Duration::minutes(5));
    block_on(door.request_reset(Some(agency.tenant), "ben@example.org")).unwrap();
    watch.look("after a reset was asked for");
    let unused = watch.link(agency, "ben@example.org");
    assert_ne!(unused, reset);
    let password = Credential::Password(secret(OTHER));
    let opened = agency.attempt(Channel::Portal, "ben@example.org", password, None);
    let Ok(SignedIn::Session(session)) = opened else {
        panic!("the new password did not sign in");
    };
    let permit = agency.permit(&session, OwnAccount);
    let proof = Reauthentication::Password(secret(OTHER));
    let new = email("benno@example.org");
    block_on(door.request_address_change(permit, proof, new)).unwrap();
    let proving = watch.link(agency, "benno@example.org");
    watch.link(agency, "ben@example.org");
    block_on(door.prove_address(&proving, Confirmed::by_post(), None)).unwrap();
    watch.look("after the address was proved");
}

/// The negative control: what is stored is found, in whichever file it is.
#[test]
fn what_is_stored_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let agency = Agency::found(&folder.path().join("cell.db"));
    agency.invite("Kim Ito", "kim@example.org", nurse());
    let watch = Watch::of(folder.path());
    watch.look("from the beginning");
    watch.typed("KIM@EXAMPLE.ORG");
    let stored = "from the beginning: `kim@example.org` is stored";
    assert_eq!(watch.found().as_deref(), Some(stored));
    let needles = [b"kim@example.org".to_vec()];
    let search = Search::new(&needles);
    let holds = |name: &str| {
        let bytes = fs::read(folder.path().join(name)).unwrap();
        search.found(&bytes).is_some()
    };
    assert!(holds("cell.db-wal"));
    assert!(!holds("cell.db"));
    block_on(agency.storage.empty_log()).unwrap();
    assert!(holds("cell.db"));
    assert!(!holds("cell.db-wal"));
}

/// GDPR Art. 17: what was erased is in no free page, no log and no backup.
#[test]
fn an_erased_address_is_nowhere_in_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let agency = Agency::found(&folder.path().join("cell.db"));
    let door = &agency.door;
    let address = "ulf.dahl.of.hillside@example.org";
    let ulf = agency.account("identity", "Ulf Dahl", address);
    let link = agency.mail_to(address).link();
    block_on(door.activate(&link, &secret(PASSWORD), None)).unwrap();
    // Enough of others, that pages are split and merged around it.
    for number in 0..30 {
        let other = format!("somebody{number}@example.org");
        agency.invite("Somebody Else", &other, nurse());
    }
    agency.mails();
    block_on(agency.storage.empty_log()).unwrap();
    let needles = [address.as_bytes().to_vec()];
    let search = Search::new(&needles);
    assert!(search.found(&bytes_of(folder.path())).is_some());

    let closed = block_on(door.close_account(agency.admin(ManageAccounts), ulf.membership));
    let closed = closed.unwrap();
    agency.mails();
    block_on(door.erase_account(agency.admin(ManageAccounts), closed)).unwrap();
    erase_side_rows(&agency, address);
    assert!(block_on(agency.storage.empty_log()).unwrap());
    assert!(search.found(&bytes_of(folder.path())).is_none());
    let copies = tempfile::tempdir().unwrap();
    block_on(agency.storage.backup(copies.path().join("backup.db"))).unwrap();
    assert!(search.found(&bytes_of(copies.path())).is_none());
}

/// Erases what stands beside the audit entries and holds this text.
fn erase_side_rows(agency: &Agency, text: &str) {
    let storage = &agency.storage;
    for scope in [
        StorageScope::Directory,
        StorageScope::Tenant(agency.tenant.as_uuid()),
    ] {
        let entries = storage.entries(scope, Order::OldestFirst, None, Limit::MAX);
        let entries = block_on(entries).unwrap();
        let ids: Vec<_> = entries.iter().map(|entry| entry.id).collect();
        let rows = block_on(storage.side_rows(scope, &ids)).unwrap();
        let holding = rows
            .into_iter()
            .filter(|(_, row)| String::from_utf8_lossy(&row.value).contains(text));
        let keys: Vec<SideKey> = holding
            .map(|(entry, row)| SideKey {
                entry,
                field: row.field,
            })
            .collect();
        block_on(storage.erase_side_rows(scope, &keys, Batch::new())).unwrap();
    }
}
