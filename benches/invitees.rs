//! People who have an account in one community and are invited to another, in one SQLite file.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use doorward::{Doorward, InvitationRef};
use doorward::{
    Invite, Joined, OwnAccount, RegisterForm,
    identity::{PasswordCost, Session},
    invitations::Confirmed,
    storage::{FullStorage, Limit},
    types::{DisplayName, EmailAddress, RequestId},
};
use doorward_examples::world;
use doorward_sqlite::{Durability, SqliteOptions, SqliteStorage};
use pollster::FutureExt as _;
use secrecy::SecretString;
use uuid::Uuid;

use crate::house::{Community, House, PASSWORD, address, invitation};
use serde::{Deserialize, Serialize};

/// Somebody who is signed in where they are a member, and invited where they are not.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Invitee {
    /// Their session in the first community.
    pub session: Session,
    /// Their invitation to the second.
    pub invitation: InvitationRef,
    /// Their address.
    pub address: EmailAddress,
    /// What their acceptance is asked under.
    pub request: RequestId,
}

impl Invitee {
    /// Accepts, as a host's request handler does: the session is checked, then the act.
    ///
    /// # Panics
    /// Where either is refused.
    pub async fn accept(&self, door: &Doorward) -> Joined {
        let permit = door.authorise(&self.session, OwnAccount).await;
        let permit = permit.unwrap_or_else(|error| panic!("{error}"));
        let permit = permit.for_request(self.request);
        let joined = door
            .accept_signed_in(permit, self.invitation, Confirmed::by_post())
            .await;
        joined.unwrap_or_else(|error| panic!("{error}"))
    }
}

/// A file with invitees, and copies of it.
#[derive(Debug)]
pub struct Invitees {
    folder: tempfile::TempDir,
    /// The community that invites.
    pub inviting: Community,
    /// Everybody.
    pub all: Vec<Invitee>,
}

impl Invitees {
    /// Makes a file in which this many people can accept.
    ///
    /// # Panics
    /// Where anything of it is refused.
    #[must_use]
    pub fn make(count: usize, cost: PasswordCost) -> Self {
        let folder = folder();
        let path = folder.path().join("made.db");
        // Flushing is not measured here.
        let options = SqliteOptions::new(&path).durability(Durability::Normal);
        let house = House::on(opened(options), cost);
        let (home, inviting) = (house.community(0), house.community(1));
        let addresses = addresses(count);
        let all = invitees(&house, &home, &inviting, &addresses);
        Self {
            folder,
            inviting,
            all,
        }
    }

    /// Copies the file and returns the path of the copy.
    ///
    /// # Panics
    /// Where the disk is full, or the name is taken.
    #[must_use]
    pub fn copy(&self, name: &str) -> PathBuf {
        let copy = self.folder.path().join(format!("{name}.db"));
        let made = opened(SqliteOptions::new(self.folder.path().join("made.db")));
        let copied = made.backup(&copy).block_on();
        copied.unwrap_or_else(|error| panic!("{error}"));
        copy
    }
}

/// Makes a folder where `DOORWARD_BENCH_FOLDER` says, else beside what is built: there a database
/// is flushed to a disk, and the system's folder for temporary files may lie in memory.
///
/// # Panics
/// Where the disk is full.
#[must_use]
pub fn folder() -> tempfile::TempDir {
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    let folder = std::env::var_os("DOORWARD_BENCH_FOLDER").map_or_else(built, PathBuf::from);
    tempfile::tempdir_in(folder).unwrap_or_else(|error| panic!("a folder for databases: {error}"))
}

/// Opens a database.
///
/// # Panics
/// Where that fails.
#[must_use]
pub fn opened(options: SqliteOptions) -> SqliteStorage {
    options.open().unwrap_or_else(|error| panic!("{error}"))
}

/// Returns as many addresses.
#[must_use]
pub fn addresses(count: usize) -> Vec<EmailAddress> {
    (0..count)
        .map(|n| address(&format!("person{n:06}@family.example")))
        .collect()
}

/// Makes members of the first community who are invited to the second.
///
/// # Panics
/// Where anything of it is refused.
#[must_use]
pub fn invitees<S: FullStorage + Clone>(
    house: &House<S>,
    home: &Community,
    inviting: &Community,
    addresses: &[EmailAddress],
) -> Vec<Invitee> {
    let at_home = house.administrator(home);
    let sessions = let_in(house, &at_home, addresses);
    let sponsor = house.administrator(inviting);
    let invited = addresses.iter().map(|to| {
        let permit = house.door.authorise(&sponsor, Invite).block_on();
        let permit = permit.unwrap_or_else(|error| panic!("{error}"));
        house.invite(permit, invitation(to)).invitation
    });
    let invited = Vec::from_iter(invited);
    let _ = mailed(house);
    let each = sessions
        .into_iter()
        .zip(invited)
        .zip(addresses)
        .zip(0_u128..);
    each.map(|(((session, invitation), address), n)| Invitee {
        session,
        invitation: InvitationRef {
            tenant: inviting.tenant,
            invitation,
        },
        address: address.clone(),
        request: RequestId::from_uuid(Uuid::from_u128(n + 1)),
    })
    .collect()
}

/// Lets people into a community and signs them in.
///
/// # Panics
/// Where anything of it is refused.
#[must_use]
pub fn let_in<S: FullStorage + Clone>(
    house: &House<S>,
    administrator: &Session,
    addresses: &[EmailAddress],
) -> Vec<Session> {
    for to in addresses {
        let _ = house.invite(house.permit(administrator), invitation(to));
    }
    let links = mailed(house);
    let name = DisplayName::new("Sam Staff").unwrap_or_else(|error| panic!("{error}"));
    let session = |address: &EmailAddress| {
        let form = RegisterForm {
            name: name.clone(),
            password: SecretString::from(PASSWORD),
            agreed: [].into(),
        };
        let link = &links[address.canonical()];
        let joined = house
            .door
            .accept_by_link(link, form, Confirmed::by_post(), None);
        let _ = joined.block_on().unwrap_or_else(|error| panic!("{error}"));
        house.session(administrator.tenant, address)
    };
    addresses.iter().map(session).collect()
}

/// Hands over all mail and returns the links by address.
///
/// # Panics
/// Where the mailer or the storage fails.
#[must_use]
pub fn mailed<S: FullStorage + Clone>(house: &House<S>) -> HashMap<String, String> {
    let mut links = HashMap::new();
    loop {
        let mails = world::post(&house.door).block_on();
        let mails = mails.unwrap_or_else(|error| panic!("{error}"));
        for mail in &mails {
            let link = world::link(mail).unwrap_or_else(|| panic!("a mail has a link"));
            links.insert(mail.to().address().as_str().to_owned(), link.to_owned());
        }
        if mails.len() < Limit::MAX.count() {
            return links;
        }
    }
}
