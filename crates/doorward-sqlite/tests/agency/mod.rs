//! A home care agency on a file: HomeTrak's two classes of account, contacts who see what a profile
//! over a client shows, and an administrator who is signed in. The clock stands until it is moved,
//! randomness is seeded.

pub(crate) mod day;

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use bitflags::bitflags;
use doorward::{
    AccountCreated, Act, Admission, Clock, Credential, DataAbout, Doorward, Entropy, EntropyError,
    Error, FirstAdministrator, HashingThreads, Invite, Joined, KeyRing, Keys, ManageAccounts,
    ManagePeople, NewAccount, NewInvitation, NewPerson, NewTenant, Permit, RegisterForm, SecretKey,
    Setup, SignedIn, StarterLevels, Use,
    access::{Administration, Catalog, Gives, PermissionSet, Reach},
    identity::{
        AccessKeys, AccountClass, Activation, Handover, PasswordCost, PasswordPolicy, Session,
        SignInRefusal, TemporaryPasswordLifetime, UserNameRule,
    },
    invitations::{Confirmed, Policy},
    mailer::MemoryMailer,
    storage::Limit,
    types::{
        Channel, ClassName, DisplayName, EmailAddress, InvitationId, KindName, MembershipId, Note,
        Offer, PersonId, ProfileId, Statement, StatementName, SubjectOffer, Switches, TenantId,
        UserName, Window,
    },
};
use doorward_sqlite::SqliteStorage;
use secrecy::SecretString;
use time::{Duration, OffsetDateTime, macros::datetime};

pub(crate) use pollster::block_on;

bitflags! {
    /// What the host of these tests protects.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub(crate) struct Companion: u32 {
        const VIEW_CALENDAR = 1;
        const VIEW_CARE = 1 << 1;
        const MANAGE_USERS = 1 << 2;
    }
}

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);
pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const OTHER: &str = "seven purple otters swimming";
pub(crate) const ADMIN: &str = "dana@example.org";

/// Staff are unrestricted where they have no levels; clinicians have a role; a contact sees what a
/// profile over a client shows.
fn catalog() -> Catalog {
    Catalog::builder::<Companion>()
        .kind("staff", |kind| {
            kind.ceiling_of_everything()
                .unrestricted_by_default(Gives::Everything)
        })
        .kind("clinician", |kind| {
            kind.roles(["nurse", "aide"]).ceiling_of_everything()
        })
        .kind("contact", |kind| {
            kind.ceiling(Companion::VIEW_CARE, Reach::Assigned)
                .takes_attachments()
        })
        .kind("client", |kind| {
            kind.ceiling(Companion::VIEW_CARE, Reach::Own)
        })
        .role("nurse", |role| role.holds(Companion::VIEW_CARE, Reach::Any))
        .role("aide", |role| {
            role.holds(Companion::VIEW_CALENDAR, Reach::Own)
        })
        .administered_by(Companion::MANAGE_USERS, Administration::ALL)
        .support(|support| support.holds(Companion::VIEW_CARE, Reach::Any))
        .build()
        .unwrap()
}

pub(crate) fn statement() -> Statement {
    let name = StatementName::new("sensitive_information").unwrap();
    Statement::of(name, 1, "This user is authorized to view the information.")
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

fn class(text: &str) -> ClassName {
    ClassName::new(text).unwrap()
}

pub(crate) fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

/// A clock that stands until it is moved.
#[derive(Clone)]
struct StandingClock(Arc<Mutex<OffsetDateTime>>);

impl Clock for StandingClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap()
    }
}

struct SeededEntropy(AtomicU64);

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

/// A mail that was handed over.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) text: String,
}

impl Mail {
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

/// A door over a file, with one agency and its administrator.
pub(crate) struct Agency {
    pub(crate) door: Doorward,
    pub(crate) storage: SqliteStorage,
    pub(crate) tenant: TenantId,
    pub(crate) admin: Session,
    /// The profile that shows a client's care records.
    pub(crate) profile: Option<ProfileId>,
    clock: StandingClock,
    mailer: MemoryMailer,
}

impl Agency {
    /// Makes the agency in a new file.
    pub(crate) fn found(path: &Path) -> Self {
        let (door, storage, clock) = open(path, 0);
        let new = new_tenant("Sunnyvale Home Care", ADMIN);
        let created = block_on(door.create_tenant(&door.operator(), new)).unwrap();
        let mut agency = Self {
            admin: nobody(),
            tenant: created.tenant,
            profile: created.profiles.first().copied(),
            door,
            storage,
            clock,
            mailer: MemoryMailer::new(),
        };
        agency.register(ADMIN);
        agency.admin = agency.session(ADMIN).unwrap();
        agency
    }

    /// Opens a file that has the agency already.
    pub(crate) fn reopen(path: &Path, tenant: TenantId) -> Self {
        let (door, storage, clock) = open(path, 4_711);
        let mut agency = Self {
            admin: nobody(),
            tenant,
            profile: None,
            door,
            storage,
            clock,
            mailer: MemoryMailer::new(),
        };
        agency.admin = agency.session(ADMIN).unwrap();
        agency
    }

    /// Founds another agency in the same file; its administrator registers and signs in there.
    pub(crate) fn second_agency(&self, administrator: &str) -> Session {
        let new = new_tenant("Hillside", administrator);
        let created = block_on(self.door.create_tenant(&self.door.operator(), new)).unwrap();
        self.register(administrator);
        self.session_at(created.tenant, administrator).unwrap()
    }

    pub(crate) fn pass(&self, time: Duration) {
        *self.clock.0.lock().unwrap() += time;
    }

    pub(crate) fn permit<A: Act>(&self, session: &Session, act: A) -> Permit<A> {
        block_on(self.door.authorise(session, act)).unwrap()
    }

    pub(crate) fn admin<A: Act>(&self, act: A) -> Permit<A> {
        self.permit(&self.admin, act)
    }

    /// Hands over all mail that is due.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        let now = self.door.now();
        block_on(self.door.dispatch_once(&self.mailer, now, Limit::MAX)).unwrap();
        let got = self.mailer.take().into_iter().map(|mail| Mail {
            to: mail.to().address().as_str().to_owned(),
            text: mail.text().to_owned(),
        });
        got.collect()
    }

    /// Hands over all mail and returns the newest to this address.
    pub(crate) fn mail_to(&self, address: &str) -> Mail {
        let newest = self.mails().into_iter().rfind(|mail| mail.to == address);
        newest.unwrap_or_else(|| panic!("no mail went to {address}"))
    }

    pub(crate) fn person(&self, called: &str, kind_of: &str, address: Option<&str>) -> PersonId {
        let new = NewPerson {
            kind: kind(kind_of),
            name: name(called),
            email: address.map(email),
            cell: None,
            note: Note::default(),
            reference: None,
            data: DataAbout::Nobody,
        };
        block_on(self.door.record_person(self.admin(ManagePeople), new)).unwrap()
    }

    /// What a contact of this client is offered.
    pub(crate) fn contact_of(&self, client: PersonId) -> Offer {
        let row = SubjectOffer {
            subject: client.into(),
            profile: self.profile.unwrap(),
            window: Window::since(NOW),
        };
        Offer::of(kind("contact")).with_subject(row).unwrap()
    }

    pub(crate) fn invite(&self, called: &str, address: &str, offer: Offer) -> InvitationId {
        let subjects = offer.subjects().iter().map(|row| row.subject);
        let form = NewInvitation {
            address: email(address),
            person: None,
            name: Some(name(called)),
            sworn: subjects.map(|subject| (subject, statement())).collect(),
            offer,
        };
        let invited = block_on(self.door.invite(self.admin(Invite), form)).unwrap();
        invited.invitation
    }

    /// Invites somebody, who registers.
    pub(crate) fn member(&self, called: &str, address: &str, offer: Offer) -> MembershipId {
        self.invite(called, address, offer);
        self.register_as(called, address).membership
    }

    /// Registers by the newest invitation mailed to the address.
    pub(crate) fn register(&self, address: &str) -> Joined {
        self.register_as("Dana Reyes", address)
    }

    pub(crate) fn register_as(&self, called: &str, address: &str) -> Joined {
        let link = self.mail_to(address).link();
        let form = RegisterForm {
            name: name(called),
            password: secret(PASSWORD),
            agreed: BTreeSet::new(),
        };
        let accepted = self
            .door
            .accept_by_link(&link, form, Confirmed::by_post(), None);
        block_on(accepted).unwrap()
    }

    /// Creates an account for a new client; a standard one has their name for a user name.
    pub(crate) fn account(&self, of_class: &str, called: &str, address: &str) -> AccountCreated {
        let person = self.person(called, "client", None);
        let user = if of_class == "identity" {
            address
        } else {
            called
        };
        let new = NewAccount {
            person,
            class: class(of_class),
            address: email(address),
            user_name: Some(UserName::new(user).unwrap()),
            cell: None,
            role: None,
            levels: None,
            switches: Switches::new(),
            handover: Handover::Mailed,
        };
        block_on(self.door.create_account(self.admin(ManageAccounts), new)).unwrap()
    }

    pub(crate) fn attempt(
        &self,
        channel: Channel,
        called: &str,
        credential: Credential,
        key: Option<SecretString>,
    ) -> Result<SignedIn, Error<SignInRefusal>> {
        let attempt = self
            .door
            .sign_in(self.tenant, channel, called, credential, key);
        block_on(attempt)
    }

    /// Signs in by the usual password, at the portal.
    pub(crate) fn session(&self, address: &str) -> Option<Session> {
        self.session_at(self.tenant, address)
    }

    fn session_at(&self, tenant: TenantId, address: &str) -> Option<Session> {
        let password = Credential::Password(secret(PASSWORD));
        let attempt = self
            .door
            .sign_in(tenant, Channel::Portal, address, password, None);
        match block_on(attempt) {
            Ok(SignedIn::Session(session)) => Some(session),
            _ => None,
        }
    }
}

fn new_tenant(called: &str, administrator: &str) -> NewTenant {
    let first = FirstAdministrator {
        email: email(administrator),
        name: Some(name("Dana Reyes")),
        kind: kind("staff"),
        role: None,
        levels: StarterLevels::OfTheKind,
    };
    let sees = |reach| {
        let care = ("view_care".parse().unwrap(), reach);
        [care].into_iter().collect::<PermissionSet>()
    };
    NewTenant::new(name(called), first)
        .with_telephony(Use::Used)
        .with_level(name("Care records"), sees(Reach::Any))
        .with_level(name("Audits, yearly"), sees(Reach::Any))
        .with_profile(name("Family"), sees(Reach::Assigned))
}

fn open(path: &Path, seed: u64) -> (Doorward, SqliteStorage, StandingClock) {
    let storage = SqliteStorage::open(path).unwrap();
    let clock = StandingClock(Arc::new(Mutex::new(NOW)));
    let keys = Keys {
        token: KeyRing::new(SecretKey::from_bytes([1; 32])),
        pin: KeyRing::new(SecretKey::from_bytes([2; 32])),
    };
    let standard = AccountClass::new(
        class("standard"),
        [Channel::Desktop, Channel::Mobile, Channel::Telephony],
        Activation::ByTemporaryPassword(TemporaryPasswordLifetime::default()),
    );
    let every = [Channel::Desktop, Channel::Portal, Channel::Telephony];
    let identity = AccountClass::new(class("identity"), every, Activation::ByMail);
    let portal = AccountClass::new(class("portal"), [Channel::Portal], Activation::AtAccept);
    let admission = |policy| Admission {
        class: class("portal"),
        policy,
    };
    let setup = Setup::new(
        name("Companion"),
        "https://companion.example.org",
        keys,
        catalog(),
    );
    let door = setup
        .with_class(standard.with_access_keys(AccessKeys::Required))
        .with_class(identity.with_user_name(UserNameRule::IsEmail))
        .with_class(portal)
        .with_admission(kind("staff"), admission(Policy::seven_days()))
        .with_admission(kind("clinician"), admission(Policy::seven_days()))
        .with_admission(
            kind("contact"),
            admission(Policy::thirty_days().with_attestation(statement())),
        )
        .with_admission(kind("client"), admission(Policy::seven_days()))
        .with_passwords(PasswordPolicy::only_factor(), PasswordCost::for_tests())
        .with_hashing(HashingThreads::new(1))
        .with_clock(clock.clone())
        .with_entropy(SeededEntropy(AtomicU64::new(seed)))
        .open(Arc::new(storage.clone()));
    (door, storage, clock)
}

fn nobody() -> Session {
    use doorward::types::AccountId;

    Session {
        account: AccountId::made_at(NOW, [0; 10]),
        membership: MembershipId::made_at(NOW, [0; 10]),
        tenant: TenantId::made_at(NOW, [0; 10]),
        channel: Channel::Portal,
        security_epoch: Default::default(),
        access_epoch: Default::default(),
        signed_in_at: NOW,
    }
}
