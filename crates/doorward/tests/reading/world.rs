//! A small community on memory storage, with a clock and randomness that a test decides.

use std::{
    collections::BTreeSet,
    future::Future,
    sync::{Arc, Mutex},
};

use bitflags::bitflags;
use doorward::{
    Act, Clock, Credential, Doorward, Entropy, EntropyError, FirstAdministrator, Invite, Joined,
    KeyRing, Keys, ManageMembers, ManagePeople, NewInvitation, NewPerson, NewRelationship,
    NewTenant, Permit, RegisterForm, SecretKey, Setup, SignedIn, StarterLevels, TenantCreated,
    access::{
        Administration, Catalog, CatalogBuilder, FeatureDeclaration, Gives, PermissionSet, Reach,
    },
    identity::{AccountClass, Activation, Link, PasswordCost, PasswordPolicy, Session},
    invitations::{Confirmed, Lifetime, Policy},
    mailer::MemoryMailer,
    storage::{FullStorage, Limit},
    types::{
        Channel, ClassName, DisplayName, EmailAddress, InvitationId, KindName, Levels,
        MembershipId, Note, Offer, PermissionName, PersonId, ProfileId, RoleName, Statement,
        StatementName, SubjectId, SubjectOffer, Switch, SwitchName, TenantId, Window,
    },
};
use doorward_memory::MemoryStorage;
use time::{Duration, OffsetDateTime, macros::datetime};

use crate::counted::Counted;

bitflags! {
    /// What the community's software protects.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub(crate) struct P: u32 {
        const VIEW_CARE = 1 << 0;
        const EDIT_CARE = 1 << 1;
        const VIEW_INVOICES = 1 << 2;
        const BE_SCHEDULED = 1 << 3;
        const VIEW_ACCESS = 1 << 4;
        const MANAGE = 1 << 5;
    }
}

pub(crate) const START: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);
pub(crate) const PASSWORD: &str = "seven brown foxes over the moon";

pub(crate) fn catalog() -> Catalog {
    declared().build().unwrap()
}

/// The catalog of a later release of the software, with one more feature.
pub(crate) fn catalog_with(feature: &str) -> Catalog {
    let visible = |feature: FeatureDeclaration| feature.needs_any_of(P::VIEW_CARE);
    declared().feature(feature, visible).build().unwrap()
}

fn declared() -> CatalogBuilder {
    let care = P::VIEW_CARE | P::EDIT_CARE;
    Catalog::builder::<P>()
        .kind("staff", |kind| {
            kind.roles(["caregiver", "coordinator", "director"])
                .ceiling_of_everything()
                .attaches_creator()
        })
        .kind("office", |kind| {
            kind.ceiling_of_everything()
                .unrestricted_by_default(Gives::Everything)
        })
        .kind("resident", |kind| {
            kind.baseline(P::VIEW_CARE, Reach::Own)
                .ceiling(care | P::VIEW_INVOICES, Reach::Own)
        })
        .kind("contact", |kind| {
            kind.ceiling(care | P::VIEW_INVOICES, Reach::Assigned)
        })
        .role("caregiver", |role| {
            role.holds(care, Reach::Any)
                .holds(P::BE_SCHEDULED, Reach::Own)
        })
        .role("coordinator", |role| {
            role.holds(P::VIEW_CARE | P::VIEW_ACCESS, Reach::Any)
        })
        .role("director", |role| {
            role.holds(P::all(), Reach::Any).gives_everything()
        })
        .switch("only_assigned", |switch| {
            switch
                .only_for_roles(["caregiver"])
                .on_takes(care, Reach::Any)
        })
        .switch("show_on_calendar", |switch| {
            switch
                .only_for_kinds(["staff"])
                .preselected_except(["director"])
                .off_takes(P::BE_SCHEDULED, Reach::Own)
        })
        .feature("calendar", |feature| feature.needs_any_of(P::BE_SCHEDULED))
        .feature("billing", |feature| {
            feature.needs_any_of(P::VIEW_INVOICES).else_hidden()
        })
        .support(|role| role.holds(P::VIEW_CARE | P::VIEW_ACCESS, Reach::Any))
        .administered_by(P::MANAGE, Administration::ALL)
        .administered_by(P::VIEW_ACCESS, [Administration::ViewAccess])
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

pub(crate) fn all() -> Limit {
    Limit::MAX
}

pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    pollster::block_on(future)
}

/// ALIS: "confirm that this user is authorized to view the resident's sensitive information".
pub(crate) fn statement() -> Statement {
    let words = "This user is authorized to view the resident's sensitive information.";
    Statement::of(
        StatementName::new("sensitive_information").unwrap(),
        1,
        words,
    )
}

#[derive(Clone)]
struct TestClock(Arc<Mutex<OffsetDateTime>>);

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap()
    }
}

/// SplitMix64: the same bytes at each run.
struct Seeded(Mutex<u64>);

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        let mut state = self.0.lock().unwrap();
        for chunk in bytes.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = *state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^= mixed >> 31;
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

pub(crate) struct World {
    pub(crate) door: Doorward,
    pub(crate) storage: MemoryStorage,
    pub(crate) mailer: MemoryMailer,
    clock: TestClock,
    pub(crate) tenant: TenantId,
    pub(crate) director: Session,
    /// Family, then Bills.
    pub(crate) profiles: Vec<ProfileId>,
}

/// Somebody who joined, and is signed in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) joined: Joined,
    pub(crate) session: Session,
}

impl Member {
    pub(crate) const fn id(&self) -> MembershipId {
        self.joined.membership
    }
}

fn open(storage: Arc<dyn FullStorage>, clock: &TestClock, catalog: Catalog, seed: u64) -> Doorward {
    let class = AccountClass::new(
        ClassName::new("portal_user").unwrap(),
        [Channel::Portal, Channel::Desktop],
        Activation::AtAccept,
    );
    let admission = |policy: Policy| doorward::Admission {
        class: class.name().clone(),
        policy,
    };
    let contact = Policy::thirty_days()
        .with_attestation(statement())
        .with_reminder(Lifetime::days(5).unwrap())
        .unwrap();
    let keys = Keys {
        token: KeyRing::new(SecretKey::from_bytes([1; 32])),
        pin: KeyRing::new(SecretKey::from_bytes([2; 32])),
    };
    Setup::new(
        name("Maple Connect"),
        "https://portal.example.org",
        keys,
        catalog,
    )
    .with_class(class.clone())
    .with_admission(kind("staff"), admission(Policy::seven_days()))
    .with_admission(kind("office"), admission(Policy::seven_days()))
    .with_admission(kind("resident"), admission(Policy::thirty_days()))
    .with_admission(kind("contact"), admission(contact))
    .with_passwords(PasswordPolicy::only_factor(), PasswordCost::for_tests())
    .with_clock(clock.clone())
    .with_entropy(Seeded(Mutex::new(seed)))
    .open(storage)
}

impl World {
    pub(crate) fn new() -> Self {
        let (storage, mailer) = (MemoryStorage::new(), MemoryMailer::new());
        let clock = TestClock(Arc::new(Mutex::new(START)));
        let door = open(Arc::new(storage.clone()), &clock, catalog(), 1);
        let mut world = Self {
            door,
            storage,
            mailer,
            clock,
            tenant: TenantId::made_at(START, [0; 10]),
            director: unsigned(),
            profiles: Vec::new(),
        };
        let (created, director) = world.community("Maple Grove", "dana@example.org");
        world.tenant = created.tenant;
        world.profiles = created.profiles;
        world.director = director;
        world
    }

    /// Creates a community with the profiles Family and Bills, and signs its director in.
    pub(crate) fn community(&self, called: &str, director: &str) -> (TenantCreated, Session) {
        let administrator = FirstAdministrator {
            email: email(director),
            name: Some(name("Dana Reyes")),
            kind: kind("staff"),
            role: Some(RoleName::new("director").unwrap()),
            levels: StarterLevels::OfTheKind,
        };
        let set = |permission: &str| {
            PermissionSet::new().with(PermissionName::new(permission).unwrap(), Reach::Assigned)
        };
        let tenant = NewTenant::new(name(called), administrator)
            .with_profile(name("Family"), set("view_care"))
            .with_profile(name("Bills"), set("view_invoices"));
        let operator = self.door.operator();
        let created = run(self.door.create_tenant(&operator, tenant)).unwrap();
        let joined = self.accept(director, "Dana Reyes");
        (created, self.sign_in(joined, director, Channel::Portal))
    }

    /// The same storage behind a set-up with another catalog.
    pub(crate) fn reopened(&self, catalog: Catalog) -> Doorward {
        open(Arc::new(self.storage.clone()), &self.clock, catalog, 99)
    }

    /// The same records behind a storage that writes down what it is asked.
    pub(crate) fn counted(&self, seed: u64) -> (Doorward, Counted) {
        let mut counted = Counted::default();
        counted.memory = self.storage.clone();
        let door = open(Arc::new(counted.clone()), &self.clock, catalog(), seed);
        (door, counted)
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    pub(crate) fn wait(&self, time: Duration) {
        *self.clock.0.lock().unwrap() += time;
    }

    pub(crate) fn permit<A: Act>(&self, act: A) -> Permit<A> {
        self.permit_of(&self.director, act)
    }

    pub(crate) fn permit_of<A: Act>(&self, session: &Session, act: A) -> Permit<A> {
        run(self.door.authorise(session, act)).unwrap()
    }

    pub(crate) fn person(&self, of: &str, called: &str, address: Option<&str>) -> PersonId {
        let person = NewPerson {
            kind: kind(of),
            name: name(called),
            email: address.map(email),
            cell: None,
            note: Note::default(),
            reference: None,
            data: doorward::DataAbout::Nobody,
        };
        run(self.door.record_person(self.permit(ManagePeople), person)).unwrap()
    }

    pub(crate) fn relate(&self, person: PersonId, subject: PersonId, label: &str, link: Link) {
        let new = NewRelationship {
            person,
            subject: subject.into(),
            label: name(label),
            link,
        };
        run(self.door.add_relationship(self.permit(ManagePeople), new)).unwrap();
    }

    /// A resident without access.
    pub(crate) fn resident(&self, called: &str) -> PersonId {
        self.person("resident", called, None)
    }

    /// A contact of a resident, on record and not invited.
    pub(crate) fn contact(&self, called: &str, address: &str, resident: PersonId) -> PersonId {
        let person = self.person("contact", called, Some(address));
        self.relate(person, resident, "daughter", Link::Listed);
        person
    }

    pub(crate) fn over(&self, subject: PersonId, profile: usize) -> SubjectOffer {
        SubjectOffer {
            subject: subject.into(),
            profile: self.profiles[profile],
            window: Window::since(self.now()),
        }
    }

    pub(crate) fn invite(
        &self,
        address: &str,
        person: Option<PersonId>,
        offer: Offer,
    ) -> InvitationId {
        let subjects = offer.subjects().iter().map(|offer| offer.subject);
        let sworn = subjects.map(|subject| (subject, statement())).collect();
        let form = NewInvitation {
            address: email(address),
            person,
            name: None,
            offer,
            sworn,
        };
        run(self.door.invite(self.permit(Invite), form))
            .unwrap()
            .invitation
    }

    /// Invites a contact over a resident's data under the profile Family.
    pub(crate) fn invite_contact(
        &self,
        address: &str,
        person: PersonId,
        resident: PersonId,
    ) -> InvitationId {
        let offer = Offer::of(kind("contact"))
            .with_subject(self.over(resident, 0))
            .unwrap();
        self.invite(address, Some(person), offer)
    }

    pub(crate) fn dispatch(&self) {
        let done = run(self.door.dispatch_once(&self.mailer, self.now(), all())).unwrap();
        assert_eq!(done.set_up_faults, Vec::<String>::new());
    }

    /// The link of the last mail to this address.
    pub(crate) fn link(&self, address: &str) -> String {
        self.dispatch();
        let mails = self.mailer.take();
        let to = |mail: &&doorward::mailer::Mail| mail.to().address().as_str() == address;
        let mail = mails.iter().rev().find(to);
        let text = mail.map_or_else(String::new, |mail| mail.text().to_owned());
        let link = text.split_whitespace().find(|word| word.contains('#'));
        link.map_or_else(|| panic!("no link was mailed to {address}"), str::to_owned)
    }

    /// Registers by the mailed link.
    pub(crate) fn accept(&self, address: &str, called: &str) -> Joined {
        let link = self.link(address);
        self.register(&link, called)
    }

    pub(crate) fn register(&self, link: &str, called: &str) -> Joined {
        let form = RegisterForm {
            name: name(called),
            password: PASSWORD.to_owned().into(),
            agreed: BTreeSet::new(),
        };
        run(self
            .door
            .accept_by_link(link, form, Confirmed::by_post(), None))
        .unwrap()
    }

    pub(crate) fn sign_in(&self, joined: Joined, address: &str, channel: Channel) -> Session {
        let credential = Credential::Password(PASSWORD.to_owned().into());
        let signed = run(self
            .door
            .sign_in(joined.tenant, channel, address, credential, None));
        match signed.unwrap() {
            SignedIn::Session(session) => session,
            other => panic!("{other:?}"),
        }
    }

    /// Invites, accepts and signs in.
    pub(crate) fn join(&self, address: &str, person: Option<PersonId>, offer: Offer) -> Member {
        self.invite(address, person, offer);
        let joined = self.accept(address, address);
        let session = self.sign_in(joined, address, Channel::Portal);
        Member { joined, session }
    }

    /// A contact who joined, with the profile Family over the resident.
    pub(crate) fn family(&self, address: &str, resident: PersonId) -> Member {
        let person = self.contact(address, address, resident);
        let offer = Offer::of(kind("contact"))
            .with_subject(self.over(resident, 0))
            .unwrap();
        self.join(address, Some(person), offer)
    }

    /// Staff in this role, with these switches on and the others as they are pre-selected.
    pub(crate) fn staff(&self, address: &str, role: &str, on: &[&str]) -> Member {
        let role = RoleName::new(role).unwrap();
        let catalog = self.door.catalog();
        let mut switches = catalog.preselected(&kind("staff"), Some(&role));
        for switch in on {
            switches.insert(SwitchName::new(switch).unwrap(), Switch::On);
        }
        let person = self.person("staff", address, Some(address));
        let offer = Offer::of(kind("staff"))
            .with_role(role)
            .with_switches(switches);
        self.join(address, Some(person), offer)
    }

    /// Office staff without levels: full access.
    pub(crate) fn office(&self, address: &str) -> Member {
        let offer = Offer::of(kind("office")).with_levels(Levels::Unrestricted);
        self.join(address, None, offer)
    }

    pub(crate) fn person_of(&self, member: &Member) -> PersonId {
        let permit = self.permit(ManageMembers);
        let read = run(self.door.member(&permit, member.id())).unwrap();
        read.value.person().unwrap()
    }

    pub(crate) fn disable(&self, member: MembershipId) {
        run(self.door.disable_access(self.permit(ManageMembers), member)).unwrap();
    }
}

pub(crate) fn subject(person: PersonId) -> SubjectId {
    person.into()
}

/// Stands where no session is yet.
fn unsigned() -> Session {
    let text = r#"{"account":"00000000-0000-7000-8000-000000000001","membership":"00000000-0000-7000-8000-000000000002","tenant":"00000000-0000-7000-8000-000000000003","channel":"portal","security_epoch":1,"access_epoch":1,"signed_in_at":"2026-11-22T10:00:00Z"}"#;
    serde_json::from_str(text).unwrap()
}
