//! An office to test the access use cases in: one tenant over memory, with an administrator who
//! accepted the operator's invitation and signed in.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use bitflags::bitflags;
use doorward::{
    Act, Admission, Caller, Clock, Credential, Doorward, Entropy, EntropyError, FirstAdministrator,
    HashingThreads, Invite, Joined, KeyRing, Keys, NewInvitation, NewTenant, Permit, RegisterForm,
    SecretKey, Setup, SignedIn, StarterLevels, TenantCreated,
    access::{Administration, Catalog, Gives, PermissionSet, Reach},
    identity::{AccountClass, Activation, PasswordCost, PasswordPolicy, Session, UserNameRule},
    invitations::{Confirmed, Policy, Sworn},
    mailer::MemoryMailer,
    storage::{AuditStore, Limit, Order, Scope as StorageScope},
    types::{
        Channel, ClassName, DisplayName, EmailAddress, KindName, Levels, Offer, Statement,
        StatementName, TenantId,
    },
};
use doorward_memory::MemoryStorage;
use time::{Duration, OffsetDateTime, macros::datetime};

pub(crate) use pollster::block_on;

bitflags! {
    /// What the host of these tests protects.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub(crate) struct Care: u32 {
        const VIEW_RECORDS = 1;
        const EDIT_RECORDS = 1 << 1;
        const VIEW_INVOICES = 1 << 2;
        const MANAGE_USERS = 1 << 3;
        const EDIT_LEVELS = 1 << 4;
        const EDIT_PROFILES = 1 << 5;
    }
}

/// Staff as in HomeTrak (levels, unrestricted by default), practice users as in Kalix (roles, the
/// creator is attached), contacts and residents as in ALIS. Unrestricted staff and directors give
/// this.
pub(crate) fn catalog(gives: Gives) -> Catalog {
    let acts = Administration::ALL.into_iter();
    let people = acts.filter(|act| {
        !matches!(
            act,
            Administration::EditLevels | Administration::EditProfiles
        )
    });
    Catalog::builder::<Care>()
        .kind("staff", |kind| {
            kind.ceiling_of_everything().unrestricted_by_default(gives)
        })
        .kind("user", |kind| {
            kind.roles(["clinical", "director"])
                .ceiling_of_everything()
                .attaches_creator()
        })
        .kind("contact", |kind| {
            kind.ceiling(Care::VIEW_RECORDS | Care::VIEW_INVOICES, Reach::Assigned)
                .takes_attachments()
        })
        .kind("resident", |kind| {
            kind.baseline(Care::VIEW_RECORDS, Reach::Own)
                .ceiling(Care::VIEW_RECORDS | Care::VIEW_INVOICES, Reach::Own)
        })
        .role("clinical", |role| {
            role.holds(Care::VIEW_RECORDS, Reach::Any)
                .holds(Care::EDIT_RECORDS, Reach::Own)
        })
        .role("director", |role| {
            let role = role.holds(Care::all(), Reach::Any);
            match gives {
                Gives::Everything => role.gives_everything(),
                Gives::Held => role,
            }
        })
        .feature("billing", |feature| {
            feature.needs_any_of(Care::VIEW_INVOICES)
        })
        .administered_by(Care::MANAGE_USERS, people)
        .administered_by(Care::EDIT_LEVELS, [Administration::EditLevels])
        .administered_by(Care::EDIT_PROFILES, [Administration::EditProfiles])
        .build()
        .unwrap()
}

/// ALIS: "Select the checkbox to confirm that this user is authorized to view the resident's
/// sensitive information."
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

pub(crate) fn set<const N: usize>(held: [(&str, Reach); N]) -> PermissionSet {
    let held = held.into_iter();
    held.map(|(name, reach)| (name.parse().unwrap(), reach))
        .collect()
}

/// A clock that stands until it is moved.
#[derive(Clone)]
pub(crate) struct StandingClock(Arc<Mutex<OffsetDateTime>>);

impl Clock for StandingClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap()
    }
}

type Hook = Box<dyn FnOnce() + Send>;

/// Seeded bytes. Each draw can run something else first: between the reads of a use case and its
/// commit stands the draw of its entry's id.
#[derive(Clone, Default)]
pub(crate) struct SeededEntropy {
    state: Arc<AtomicU64>,
    hook: Arc<Mutex<Option<(usize, Hook)>>>,
}

impl SeededEntropy {
    fn run_hook(&self) {
        let mut hook = self.hook.lock().unwrap();
        let due = match hook.as_mut() {
            Some((0, _)) => hook.take(),
            Some((left, _)) => {
                *left -= 1;
                None
            }
            None => None,
        };
        drop(hook);
        if let Some((_, run)) = due {
            run();
        }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        self.run_hook();
        for byte in bytes {
            // SplitMix64, one byte a step: good enough for ids of tests.
            let mut z = self
                .state
                .fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (z ^ (z >> 31)).to_le_bytes()[0];
        }
        Ok(())
    }
}

/// One tenant, with an unrestricted administrator signed in.
pub(crate) struct Office {
    pub(crate) door: Doorward,
    pub(crate) mailer: Arc<MemoryMailer>,
    pub(crate) clock: StandingClock,
    pub(crate) tenant: TenantId,
    pub(crate) created: TenantCreated,
    pub(crate) admin: Session,
    storage: Arc<MemoryStorage>,
    entropy: SeededEntropy,
    gives: Gives,
}

/// Somebody who joined and signed in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) joined: Joined,
    pub(crate) session: Session,
}

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Opens a door over this storage; several over one storage are several processes.
pub(crate) fn door(
    storage: &Arc<MemoryStorage>,
    clock: StandingClock,
    entropy: SeededEntropy,
    gives: Gives,
) -> Doorward {
    let keys = Keys {
        token: KeyRing::new(SecretKey::from_bytes([1; 32])),
        pin: KeyRing::new(SecretKey::from_bytes([2; 32])),
    };
    let class = |text: &str| ClassName::new(text).unwrap();
    let portal = AccountClass::new(
        class("portal"),
        [Channel::Portal, Channel::Desktop],
        Activation::AtAccept,
    );
    let desktop = AccountClass::new(class("desktop"), [Channel::Desktop], Activation::AtAccept);
    let admission = |name: &str, policy: Policy| Admission {
        class: class(name),
        policy,
    };
    let sworn = Policy::thirty_days().with_attestation(statement());
    Setup::new(
        name("Care"),
        "https://care.example.org",
        keys,
        catalog(gives),
    )
    .with_class(portal.with_user_name(UserNameRule::IsEmail))
    .with_class(desktop)
    .with_admission(kind("staff"), admission("desktop", Policy::seven_days()))
    .with_admission(kind("user"), admission("portal", Policy::seven_days()))
    .with_admission(kind("contact"), admission("portal", sworn))
    .with_admission(kind("resident"), admission("portal", Policy::thirty_days()))
    .with_passwords(PasswordPolicy::only_factor(), PasswordCost::for_tests())
    .with_hashing(HashingThreads::new(1))
    .with_clock(clock)
    .with_entropy(entropy)
    .open(Arc::clone(storage) as _)
}

/// The tenant of the tests: two levels, two profiles, one administrator.
pub(crate) fn new_tenant() -> NewTenant {
    tenant_of("dana@example.org", "Dana Reyes")
}

/// The same tenant under another administrator.
pub(crate) fn tenant_of(address: &str, called: &str) -> NewTenant {
    tenant_under(administrator(address, called, StarterLevels::OfTheKind))
}

/// A first administrator among the staff.
pub(crate) fn administrator(
    address: &str,
    called: &str,
    levels: StarterLevels,
) -> FirstAdministrator {
    FirstAdministrator {
        email: email(address),
        name: Some(name(called)),
        kind: kind("staff"),
        role: None,
        levels,
    }
}

/// The tenant of the tests under this administrator.
pub(crate) fn tenant_under(first: FirstAdministrator) -> NewTenant {
    let everything = set([
        ("edit_levels", Reach::Any),
        ("edit_profiles", Reach::Any),
        ("edit_records", Reach::Any),
        ("manage_users", Reach::Any),
        ("view_invoices", Reach::Any),
        ("view_records", Reach::Any),
    ]);
    NewTenant::new(name("Harbour House"), first)
        .with_level(name("Billing"), set([("view_invoices", Reach::Any)]))
        .with_level(name("Administration"), everything)
        .with_profile(name("Family"), set([("view_records", Reach::Assigned)]))
        .with_profile(
            name("Family and bills"),
            set([
                ("view_invoices", Reach::Assigned),
                ("view_records", Reach::Assigned),
            ]),
        )
}

impl Office {
    pub(crate) fn open() -> Self {
        Self::open_with(new_tenant(), Gives::Everything)
    }

    pub(crate) fn open_with(new: NewTenant, gives: Gives) -> Self {
        let storage = Arc::new(MemoryStorage::new());
        let clock = StandingClock(Arc::new(Mutex::new(NOW)));
        let entropy = SeededEntropy::default();
        let door = door(&storage, clock.clone(), entropy.clone(), gives);
        let mailer = Arc::new(MemoryMailer::new());
        let created = block_on(door.create_tenant(&door.operator(), new)).unwrap();
        let mut office = Self {
            tenant: created.tenant,
            admin: placeholder(created.tenant),
            door,
            mailer,
            clock,
            created,
            storage,
            entropy,
            gives,
        };
        office.admin = office.accept("dana@example.org", "Dana Reyes").session;
        office
    }

    /// A second office over the same storage: another tenant.
    pub(crate) fn another_tenant(&self) -> Member {
        let new = tenant_of("eve@example.org", "Eve Moss");
        block_on(self.door.create_tenant(&self.door.operator(), new)).unwrap();
        self.accept("eve@example.org", "Eve Moss")
    }

    /// Another process over the same storage, with entropy of its own.
    pub(crate) fn second_process(&self) -> Doorward {
        let entropy = SeededEntropy::default();
        entropy.state.store(77, Ordering::Relaxed);
        door(&self.storage, self.clock.clone(), entropy, self.gives)
    }

    /// Runs something when the office next draws random bytes, after `skip` draws.
    pub(crate) fn at_draw(&self, skip: usize, run: impl FnOnce() + Send + 'static) {
        *self.entropy.hook.lock().unwrap() = Some((skip, Box::new(run)));
    }

    /// Tells whether what was to run has run.
    pub(crate) fn has_run(&self) -> bool {
        self.entropy.hook.lock().unwrap().is_none()
    }

    pub(crate) fn pass(&self, time: Duration) {
        *self.clock.0.lock().unwrap() += time;
    }

    /// Authorises; each act is a millisecond after the one before, so that entries have an order.
    pub(crate) fn permit<A: Act>(&self, session: &Session, act: A) -> Permit<A> {
        self.pass(Duration::milliseconds(1));
        block_on(self.door.authorise(Caller::from(session), act)).unwrap()
    }

    pub(crate) fn admin<A: Act>(&self, act: A) -> Permit<A> {
        self.permit(&self.admin, act)
    }

    /// Hands over all mail and returns texts by address.
    pub(crate) fn mails(&self) -> Vec<(String, String)> {
        let now = self.door.now();
        block_on(self.door.dispatch_once(&*self.mailer, now, Limit::MAX)).unwrap();
        let mails = self.mailer.take();
        mails
            .iter()
            .map(|mail| {
                (
                    mail.to().address().as_str().to_owned(),
                    mail.text().to_owned(),
                )
            })
            .collect()
    }

    /// Accepts the invitation that was mailed to an address, and signs in.
    pub(crate) fn accept(&self, address: &str, called: &str) -> Member {
        let mails = self.mails();
        let (_, text) = mails.iter().rfind(|(to, _)| to == address).unwrap();
        let link = text.lines().find(|line| line.contains("#dw1_")).unwrap();
        let form = RegisterForm {
            name: name(called),
            password: PASSWORD.to_owned().into(),
            agreed: BTreeSet::new(),
        };
        let joined = block_on(
            self.door
                .accept_by_link(link, form, Confirmed::by_post(), None),
        )
        .unwrap();
        let session = self.sign_in(joined.tenant, address).unwrap();
        Member { joined, session }
    }

    pub(crate) fn sign_in(&self, tenant: TenantId, address: &str) -> Option<Session> {
        let password = Credential::Password(PASSWORD.to_owned().into());
        let signed_in = self
            .door
            .sign_in(tenant, Channel::Desktop, address, password, None);
        match block_on(signed_in) {
            Ok(SignedIn::Session(session)) => Some(session),
            _ => None,
        }
    }

    /// Invites by the administrator, accepts and signs in.
    pub(crate) fn member(&self, address: &str, offer: Offer) -> Member {
        let sworn: Sworn = offer
            .subjects()
            .iter()
            .map(|row| (row.subject, statement()))
            .collect();
        let form = NewInvitation {
            address: email(address),
            person: None,
            name: None,
            offer,
            sworn,
        };
        block_on(self.door.invite(self.admin(Invite), form)).unwrap();
        self.accept(address, "Somebody")
    }

    /// A member of the staff with these levels.
    pub(crate) fn staff(&self, address: &str, levels: Levels) -> Member {
        self.member(address, Offer::of(kind("staff")).with_levels(levels))
    }

    /// A practice user in this role.
    pub(crate) fn user(&self, address: &str, role: &str) -> Member {
        self.member(
            address,
            Offer::of(kind("user")).with_role(role.parse().unwrap()),
        )
    }

    /// The bodies of the tenant's audit entries, the oldest first.
    pub(crate) fn entries(&self) -> Vec<serde_json::Value> {
        let scope = StorageScope::Tenant(self.tenant.as_uuid());
        let entries = self
            .storage
            .entries(scope, Order::OldestFirst, None, Limit::MAX);
        let entries = block_on(entries).unwrap();
        entries
            .iter()
            .map(|entry| serde_json::from_slice(&entry.body).unwrap())
            .collect()
    }

    /// All that is stored, as text.
    pub(crate) fn stored_text(&self) -> String {
        let stored = self.storage.stored_bytes().unwrap();
        let texts = stored.iter().map(|bytes| String::from_utf8_lossy(bytes));
        texts.collect::<Vec<_>>().join("\n")
    }

    /// The actions of the tenant's audit entries, the oldest first.
    pub(crate) fn actions(&self) -> Vec<String> {
        let actions = self.entries();
        actions
            .iter()
            .map(|entry| entry["action"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn placeholder(tenant: TenantId) -> Session {
    use doorward::types::{AccountId, MembershipId};
    Session {
        account: AccountId::made_at(NOW, [0; 10]),
        membership: MembershipId::made_at(NOW, [0; 10]),
        tenant,
        channel: Channel::Portal,
        security_epoch: Default::default(),
        access_epoch: Default::default(),
        signed_in_at: NOW,
    }
}
