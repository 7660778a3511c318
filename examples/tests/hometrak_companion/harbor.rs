//! Harbor Home Care, its access key, and the two ways into it.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use doorward::{
    AccountCreated, AccountForm, ConfigureTenant, CreateAccountRejection, DataAbout,
    ManageAccounts, ManageMembers, NewAccount, SignedIn, Use, Versioned,
    access::{Availability, Decision, Permissions, Record},
    identity::{Handover, Session, SignInRefusal},
    types::{Channel, Levels, MembershipId, PersonId, Switches, UserName},
};
use doorward_examples::{
    hometrak_companion::{self, DEFAULT_LEVELS},
    world,
};
use pollster::FutureExt as _;
use secrecy::{ExposeSecret, SecretString};

use crate::fixture::*;

/// The office with its access key.
pub(crate) struct Harbor {
    pub(crate) house: House,
    pub(crate) key: SecretString,
}

impl Harbor {
    pub(crate) fn open() -> Self {
        Self::with_telephony(Use::Used)
    }

    pub(crate) fn with_telephony(telephony: Use) -> Self {
        let setup = hometrak_companion::setup(world::published_keys()).unwrap();
        let office = hometrak_companion::office(
            "Harbor Home Care",
            "Omar Haddad",
            "omar@harbor.example",
            telephony,
        );
        let house = House::open(setup, office.unwrap());
        let made = house.door.replace_access_key(house.permit(ConfigureTenant));
        let key = made.block_on().unwrap().text.unwrap();
        Self { house, key }
    }

    pub(crate) fn person(&self, kind: &str, name: &str) -> PersonId {
        let data = match kind {
            "client" => DataAbout::ThisPerson,
            _ => DataAbout::Nobody,
        };
        self.house.record(kind, name, Some(&address_of(name)), data)
    }

    pub(crate) fn form(&self, person: PersonId) -> Versioned<AccountForm> {
        let permit = self.house.permit(ManageAccounts);
        self.house
            .door
            .account_form(&permit, person)
            .block_on()
            .unwrap()
    }

    /// The form as it stands, saved.
    pub(crate) fn filled(&self, person: PersonId, class: &str) -> NewAccount {
        let form = self.form(person).value;
        NewAccount {
            person,
            class: class.parse().unwrap(),
            address: form.address.unwrap(),
            user_name: None,
            cell: form.cell,
            role: None,
            levels: None,
            switches: Switches::new(),
            handover: Handover::Mailed,
        }
    }

    pub(crate) fn create(&self, new: NewAccount) -> Result<AccountCreated, CreateAccountRejection> {
        let created = self
            .house
            .door
            .create_account(self.house.permit(ManageAccounts), new);
        created.block_on().map_err(rejected)
    }

    /// A standard account whose temporary password was replaced by the usual one.
    pub(crate) fn standard(&self, kind: &str, name: &str, user_name: &str) -> MembershipId {
        let person = self.person(kind, name);
        let mut new = self.filled(person, "standard");
        new.user_name = Some(UserName::new(user_name).unwrap());
        let created = self.create(new).unwrap();
        let mail = self.house.mail_to(&address_of(name));
        let temporary = world::secret(&mail).unwrap();
        let SignedIn::NewPassword { ticket, .. } = self.mobile(user_name, temporary).unwrap()
        else {
            panic!("a temporary password opens no session");
        };
        let own = SecretString::from(PASSWORD);
        let set = self
            .house
            .door
            .set_new_password(ticket.expose_secret(), &own, None);
        set.block_on().unwrap();
        self.house.post();
        created.membership
    }

    /// An activated identity account with these levels, or what its kind begins with.
    pub(crate) fn identity(&self, kind: &str, name: &str, levels: Option<Levels>) -> Member {
        let person = self.person(kind, name);
        let mut new = self.filled(person, "identity");
        new.levels = levels;
        let created = self.create(new).unwrap();
        let link = self.house.link_to(&address_of(name));
        let password = SecretString::from(PASSWORD);
        let activated = self.house.door.activate(&link, &password, None);
        activated.block_on().unwrap();
        self.house.post();
        Member {
            person,
            membership: created.membership,
            session: self.house.portal(&address_of(name)),
        }
    }

    /// The mobile app with the office's access key.
    pub(crate) fn mobile(&self, name: &str, password: &str) -> Result<SignedIn, SignInRefusal> {
        self.house
            .try_channel(Channel::Mobile, name, password, Some(&self.key))
    }

    /// A session from a channel, without an access key.
    pub(crate) fn session(&self, channel: Channel, name: &str) -> Session {
        match self
            .house
            .try_channel(channel, name, PASSWORD, None)
            .unwrap()
        {
            SignedIn::Session(session) => session,
            SignedIn::NewPassword { .. } => panic!("`{name}` has a temporary password"),
        }
    }

    pub(crate) fn levels<const N: usize>(&self, names: [&str; N]) -> Levels {
        let id = |name: &str| {
            let at = DEFAULT_LEVELS.iter().position(|level| level.0 == name);
            self.house.created.levels[at.unwrap()]
        };
        Levels::Assigned(names.into_iter().map(id).collect())
    }

    pub(crate) fn set_levels(&self, member: MembershipId, levels: Levels) {
        let permit = self.house.permit(ManageMembers);
        let version = self
            .house
            .door
            .member(&permit, member)
            .block_on()
            .unwrap()
            .version;
        let set = self.house.door.set_levels(permit, member, version, levels);
        set.block_on().unwrap();
    }

    pub(crate) fn may<P: Permissions>(&self, who: &Session, asked: P, record: &Record) -> bool {
        let decision = self
            .house
            .door
            .check(who, asked, record)
            .block_on()
            .unwrap();
        matches!(decision, Decision::Allow(_))
    }

    pub(crate) fn tool(&self, who: &Session, feature: &str) -> Availability {
        let feature = feature.parse().unwrap();
        self.house
            .door
            .availability(who, &feature)
            .block_on()
            .unwrap()
    }
}

/// Somebody with an identity account, signed in at the portal.
pub(crate) struct Member {
    pub(crate) person: PersonId,
    pub(crate) membership: MembershipId,
    pub(crate) session: Session,
}

/// The address of a person: the first name.
pub(crate) fn address_of(name: &str) -> String {
    let first = name.split(' ').next().unwrap().to_lowercase();
    format!("{first}@care.example")
}
