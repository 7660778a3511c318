//! A home care agency to test the identity use cases in: HomeTrak's two classes of account, its
//! telephone line and access keys, and an administrator who is signed in.

mod counted;

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use bitflags::bitflags;
use doorward::{
    AccountCreated, Act, Admission, Caller, Clock, ConfigureTenant, Credential, Doorward, Entropy,
    EntropyError, Error, FirstAdministrator, HashingThreads, Invite, KeyRing, Keys, ManageAccounts,
    ManagePeople, NewAccount, NewInvitation, NewPerson, NewTenant, Permit, RegisterForm, SecretKey,
    Setup, Shown, SignedIn, StarterLevels, Use,
    access::{Administration, Catalog, Gives, Reach},
    identity::{
        AccessKeys, AccountClass, Activation, Handover, PasswordCost, PasswordPolicy, Session,
        SignInReason, SignInRefusal, TemporaryPasswordLifetime, UserNameRule,
    },
    invitations::{Confirmed, Policy, Sworn},
    mailer::MemoryMailer,
    storage::{AuditStore, Limit, Order, Scope as StorageScope},
    types::{
        Channel, ClassName, DisplayName, EmailAddress, KindName, Levels, Note, Offer, PersonId,
        TenantId, UserName,
    },
};
use secrecy::{ExposeSecret, SecretString};
use time::{Duration, OffsetDateTime, macros::datetime};

pub(crate) use counted::Counted;
pub(crate) use pollster::block_on;

bitflags! {
    /// What the host of these tests protects.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub(crate) struct Companion: u32 {
        const VIEW_CALENDAR = 1;
        const VIEW_PROFILES = 1 << 1;
        const MANAGE_USERS = 1 << 2;
        const HELP_USERS = 1 << 3;
    }
}

/// HomeTrak: office staff are unrestricted where they have no levels; caregivers see their calendar.
pub(crate) fn catalog() -> Catalog {
    let helping = [
        Administration::ManageAccounts,
        Administration::ResetCredentials,
    ];
    let acts = Administration::ALL.into_iter();
    let managing = acts.filter(move |act| !helping.contains(act));
    Catalog::builder::<Companion>()
        .kind("staff", |kind| {
            kind.ceiling_of_everything()
                .unrestricted_by_default(Gives::Everything)
        })
        .kind("caregiver", |kind| {
            kind.baseline(Companion::VIEW_CALENDAR, Reach::Own)
                .ceiling(
                    Companion::VIEW_CALENDAR | Companion::VIEW_PROFILES,
                    Reach::Assigned,
                )
                .takes_attachments()
        })
        .administered_by(Companion::MANAGE_USERS, managing)
        .administered_by(Companion::HELP_USERS, helping)
        .build()
        .unwrap()
}

pub(crate) fn name(text: &str) -> DisplayName {
    DisplayName::new(text).unwrap()
}

pub(crate) fn email(text: &str) -> EmailAddress {
    EmailAddress::new(text).unwrap()
}

pub(crate) fn kind(text: &str) -> KindName {
    KindName::new(text).unwrap()
}

pub(crate) fn class(text: &str) -> ClassName {
    ClassName::new(text).unwrap()
}

pub(crate) fn user_name(text: &str) -> UserName {
    UserName::new(text).unwrap()
}

pub(crate) fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

pub(crate) fn password(text: &str) -> Credential {
    Credential::Password(secret(text))
}

/// A clock that stands until it is moved.
#[derive(Clone)]
pub(crate) struct StandingClock(Arc<Mutex<OffsetDateTime>>);

impl Clock for StandingClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap()
    }
}

#[derive(Clone, Default)]
pub(crate) struct SeededEntropy(Arc<AtomicU64>);

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        for byte in bytes {
            // SplitMix64, one byte a step: good enough for tests.
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (z ^ (z >> 31)).to_le_bytes()[0];
        }
        Ok(())
    }
}

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);
pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const OTHER: &str = "seven purple otters swimming";

/// A mail that was handed over.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
}

impl Got {
    /// The link in it.
    pub(crate) fn link(&self) -> String {
        let line = self.text.lines().find(|line| line.contains("#dw1_"));
        line.unwrap().trim().to_owned()
    }

    /// The temporary password or PIN in it: the one line that is set in.
    pub(crate) fn secret(&self) -> String {
        let line = self.text.lines().find(|line| line.starts_with("    "));
        line.unwrap().trim().to_owned()
    }
}

pub(crate) struct Agency {
    pub(crate) door: Doorward,
    pub(crate) storage: Counted,
    pub(crate) mailer: Arc<MemoryMailer>,
    pub(crate) clock: StandingClock,
    pub(crate) tenant: TenantId,
    pub(crate) admin: Session,
    /// The key that standard accounts present.
    pub(crate) key: SecretString,
    pub(crate) entropy: SeededEntropy,
}

/// How a door of the tests differs from the usual one.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) cost: PasswordCost,
    pub(crate) shown: Shown,
}

pub(crate) const USUAL: Settings = Settings {
    cost: PasswordCost::for_tests(),
    shown: Shown::ToThePerson,
};

pub(crate) fn door(
    storage: &Counted,
    clock: &StandingClock,
    entropy: &SeededEntropy,
    settings: Settings,
) -> Doorward {
    let setup = setup(clock, entropy, settings).with_hashing(HashingThreads::new(1));
    setup.open(Arc::new(storage.clone()))
}

fn setup(clock: &StandingClock, entropy: &SeededEntropy, settings: Settings) -> Setup {
    let keys = Keys {
        token: KeyRing::new(SecretKey::from_bytes([1; 32])),
        pin: KeyRing::new(SecretKey::from_bytes([2; 32])),
    };
    let lifetime = TemporaryPasswordLifetime::default();
    let standard = AccountClass::new(
        class("standard"),
        [Channel::Desktop, Channel::Mobile, Channel::Telephony],
        Activation::ByTemporaryPassword(lifetime),
    );
    let identity = AccountClass::new(
        class("identity"),
        [
            Channel::Desktop,
            Channel::Mobile,
            Channel::Portal,
            Channel::Telephony,
        ],
        Activation::ByMail,
    );
    let admission = || Admission {
        class: class("identity"),
        policy: Policy::seven_days(),
    };
    Setup::new(
        name("Companion"),
        "https://companion.example.org",
        keys,
        catalog(),
    )
    .with_class(
        standard
            .with_access_keys(AccessKeys::Required)
            .converting_to(class("identity")),
    )
    .with_class(identity.with_user_name(UserNameRule::IsEmail))
    .with_admission(kind("staff"), admission())
    .with_admission(kind("caregiver"), admission())
    .with_passwords(PasswordPolicy::only_factor(), settings.cost)
    .with_temporary_passwords(settings.shown)
    .with_clock(clock.clone())
    .with_entropy(entropy.clone())
}

impl Agency {
    pub(crate) fn open() -> Self {
        Self::open_with(USUAL)
    }

    pub(crate) fn open_with(settings: Settings) -> Self {
        let storage = Counted::default();
        let clock = StandingClock(Arc::new(Mutex::new(NOW)));
        let entropy = SeededEntropy::default();
        let door = door(&storage, &clock, &entropy, settings);
        let mut agency = Self {
            door,
            storage,
            mailer: Arc::new(MemoryMailer::new()),
            clock,
            tenant: TenantId::made_at(NOW, [0; 10]),
            admin: placeholder(),
            key: secret(""),
            entropy,
        };
        let (tenant, admin) = agency.new_tenant("Sunnyvale Home Care", "dana@example.org");
        (agency.tenant, agency.admin) = (tenant, admin);
        let permit = agency.admin(ConfigureTenant);
        let made = block_on(agency.door.replace_access_key(permit)).unwrap();
        agency.key = made.text.unwrap();
        agency
    }

    /// Creates a tenant with its first administrator, who accepts as a new person and signs in.
    pub(crate) fn new_tenant(&self, called: &str, address: &str) -> (TenantId, Session) {
        let first = FirstAdministrator {
            email: email(address),
            name: Some(name("Dana Reyes")),
            kind: kind("staff"),
            role: None,
            levels: StarterLevels::OfTheKind,
        };
        let new = NewTenant::new(name(called), first).with_telephony(Use::Used);
        let created = block_on(self.door.create_tenant(&self.door.operator(), new)).unwrap();
        self.register(address);
        let session = self
            .sign_in_at(created.tenant, Channel::Portal, address, PASSWORD)
            .unwrap();
        (created.tenant, session)
    }

    /// Registers by the newest invitation mailed to the address.
    pub(crate) fn register(&self, address: &str) {
        let link = self.mail_to(address).link();
        let form = RegisterForm {
            name: name("Robin Ashe"),
            password: secret(PASSWORD),
            agreed: BTreeSet::new(),
        };
        let accepted = self
            .door
            .accept_by_link(&link, form, Confirmed::by_post(), None);
        block_on(accepted).unwrap();
    }

    /// Invites somebody as staff with these levels; they register and sign in.
    pub(crate) fn staff(&self, address: &str, levels: Levels) -> Session {
        let form = NewInvitation {
            address: email(address),
            person: None,
            name: None,
            offer: Offer::of(kind("staff")).with_levels(levels),
            sworn: Sworn::default(),
        };
        block_on(self.door.invite(self.admin(Invite), form)).unwrap();
        self.register(address);
        self.sign_in(Channel::Portal, address, PASSWORD).unwrap()
    }

    /// Another process over the same storage, which hashes on these threads.
    pub(crate) fn hashing_on(&self, threads: HashingThreads) -> Doorward {
        let setup = setup(&self.clock, &self.entropy, USUAL).with_hashing(threads);
        setup.open(Arc::new(self.storage.clone()))
    }

    /// Another process over the same storage.
    pub(crate) fn second_process(&self) -> Doorward {
        let entropy = SeededEntropy(Arc::new(AtomicU64::new(77)));
        door(&self.storage, &self.clock, &entropy, USUAL)
    }

    pub(crate) fn pass(&self, time: Duration) {
        *self.clock.0.lock().unwrap() += time;
    }

    pub(crate) fn permit<A: Act>(&self, session: &Session, act: A) -> Permit<A> {
        block_on(self.door.authorise(Caller::from(session), act)).unwrap()
    }

    pub(crate) fn admin<A: Act>(&self, act: A) -> Permit<A> {
        self.permit(&self.admin, act)
    }

    /// Hands over all mail.
    pub(crate) fn mails(&self) -> Vec<Got> {
        let now = self.door.now();
        block_on(self.door.dispatch_once(&*self.mailer, now, Limit::MAX)).unwrap();
        let got = self.mailer.take().into_iter().map(|mail| Got {
            to: mail.to().address().as_str().to_owned(),
            subject: mail.subject().as_str().to_owned(),
            text: mail.text().to_owned(),
        });
        got.collect()
    }

    /// Hands over all mail and returns the newest to this address.
    pub(crate) fn mail_to(&self, address: &str) -> Got {
        let mails = self.mails();
        mails
            .into_iter()
            .rfind(|mail| mail.to == address)
            .unwrap_or_else(|| panic!("no mail went to {address}"))
    }

    /// Records a caregiver.
    pub(crate) fn person(&self, called: &str, address: Option<&str>) -> PersonId {
        let new = NewPerson {
            kind: kind("caregiver"),
            name: name(called),
            email: address.map(email),
            cell: None,
            note: Note::default(),
            reference: None,
            data: doorward::DataAbout::Nobody,
        };
        block_on(self.door.record_person(self.admin(ManagePeople), new)).unwrap()
    }

    /// Creates an account of a class for a new caregiver.
    pub(crate) fn account(&self, class_name: &str, called: &str, address: &str) -> AccountCreated {
        let person = self.person(called, None);
        let new = new_account(person, class_name, called, address);
        block_on(self.door.create_account(self.admin(ManageAccounts), new)).unwrap()
    }

    /// A caregiver with a standard account and a password of their own.
    pub(crate) fn standard(&self, called: &str, address: &str) -> AccountCreated {
        let created = self.account("standard", called, address);
        let temporary = self.mail_to(address).secret();
        self.replace_temporary(called, &temporary, PASSWORD);
        created
    }

    /// A caregiver with an identity account that is activated.
    pub(crate) fn identity(&self, called: &str, address: &str) -> AccountCreated {
        let created = self.account("identity", called, address);
        let link = self.mail_to(address).link();
        block_on(self.door.activate(&link, &secret(PASSWORD), None)).unwrap();
        created
    }

    pub(crate) fn replace_temporary(&self, called: &str, temporary: &str, new: &str) {
        let opened = self.attempt(Channel::Mobile, called, password(temporary));
        let SignedIn::NewPassword { ticket, .. } = opened.unwrap() else {
            panic!("a temporary password opened a session");
        };
        let ticket = ticket.expose_secret();
        block_on(self.door.set_new_password(ticket, &secret(new), None)).unwrap();
    }

    /// One attempt, with the access key.
    pub(crate) fn attempt(
        &self,
        channel: Channel,
        called: &str,
        credential: Credential,
    ) -> Result<SignedIn, Error<SignInRefusal>> {
        let key = Some(self.key.clone());
        block_on(
            self.door
                .sign_in(self.tenant, channel, called, credential, key),
        )
    }

    pub(crate) fn sign_in(&self, channel: Channel, called: &str, text: &str) -> Option<Session> {
        self.sign_in_at(self.tenant, channel, called, text)
    }

    pub(crate) fn sign_in_at(
        &self,
        tenant: TenantId,
        channel: Channel,
        called: &str,
        text: &str,
    ) -> Option<Session> {
        let key = Some(self.key.clone());
        let attempt = self
            .door
            .sign_in(tenant, channel, called, password(text), key);
        match block_on(attempt) {
            Ok(SignedIn::Session(session)) => Some(session),
            _ => None,
        }
    }

    /// Why an attempt with this password is refused.
    pub(crate) fn refusal(
        &self,
        channel: Channel,
        called: &str,
        credential: Credential,
    ) -> SignInReason {
        match self.attempt(channel, called, credential) {
            Err(Error::Rejected(refusal)) => refusal.reason(),
            other => panic!("not refused: {other:?}"),
        }
    }

    pub(crate) fn is_live(&self, session: &Session) -> bool {
        block_on(self.door.resume(session)).is_ok()
    }

    pub(crate) fn entries(&self, scope: StorageScope) -> Vec<serde_json::Value> {
        let memory = &self.storage.memory;
        let entries = memory.entries(scope, Order::OldestFirst, None, Limit::MAX);
        let entries = block_on(entries).unwrap();
        let read = |entry: &doorward::storage::AuditEntry| serde_json::from_slice(&entry.body);
        entries.iter().map(|entry| read(entry).unwrap()).collect()
    }

    pub(crate) fn tenant_entries(&self) -> Vec<serde_json::Value> {
        self.entries(StorageScope::Tenant(self.tenant.as_uuid()))
    }

    /// The tenant's entries that this leaves. Within a millisecond of the clock that stands, entries
    /// have no order.
    pub(crate) fn noted(&self, run: impl FnOnce()) -> Vec<serde_json::Value> {
        let before = self.tenant_entries();
        run();
        let mut after = self.tenant_entries();
        after.retain(|entry| !before.contains(entry));
        after
    }

    pub(crate) fn actions(&self, scope: StorageScope) -> Vec<String> {
        let entries = self.entries(scope);
        let actions = entries.iter().map(|entry| entry["action"].as_str());
        actions.map(|action| action.unwrap().to_owned()).collect()
    }

    /// Tells whether any stored byte string holds this text.
    pub(crate) fn is_stored(&self, needle: impl AsRef<[u8]>) -> bool {
        let needle = needle.as_ref();
        let stored = self.storage.memory.stored_bytes().unwrap();
        let holds = |bytes: &Vec<u8>| bytes.windows(needle.len()).any(|window| window == needle);
        stored.iter().any(holds)
    }
}

/// An account as the form is filled in by default: the user name is what they are called, or their
/// address where the class wants that.
pub(crate) fn new_account(
    person: PersonId,
    class_name: &str,
    called: &str,
    address: &str,
) -> NewAccount {
    let user = if class_name == "identity" {
        address
    } else {
        called
    };
    NewAccount {
        person,
        class: class(class_name),
        address: email(address),
        user_name: Some(user_name(user)),
        cell: None,
        role: None,
        levels: None,
        switches: Default::default(),
        handover: Handover::Mailed,
    }
}

fn placeholder() -> Session {
    use doorward::types::{AccountId, MembershipId};
    serde_json::from_value(serde_json::json!({
        "account": AccountId::made_at(NOW, [0; 10]),
        "membership": MembershipId::made_at(NOW, [0; 10]),
        "tenant": TenantId::made_at(NOW, [0; 10]),
        "channel": "portal",
        "security_epoch": 0,
        "access_epoch": 0,
        "signed_in_at": "2026-11-22T10:00:00Z",
    }))
    .unwrap()
}
