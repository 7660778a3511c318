//! A practice over one file: a real catalog, doors, mail, and people who come in.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{Arc, Mutex},
};

use bitflags::bitflags;
use doorward::{
    Act, Admission, Credential, DataAbout, Doorward, FirstAdministrator, HashingThreads, Invite,
    Invited, Joined, KeyRing, Keys, ManagePeople, NewInvitation, NewPerson, NewTenant, Permit,
    RegisterForm, SecretKey, Setup, SignedIn, StarterLevels, Use,
    access::{Administration, Catalog, PermissionSet, Reach},
    identity::{
        AccountClass, Activation, PasswordCost, PasswordPolicy, Session, TemporaryPasswordLifetime,
    },
    invitations::{Confirmed, Policy, Sworn},
    mailer::{Mailer, MemoryMailer},
    storage::Limit,
    types::{
        Channel, ClassName, DisplayName, EmailAddress, KindName, LevelId, Levels, Note, Offer,
        PersonId, ProfileId, RequestId, SubjectOffer, TenantId, Window,
    },
};
use doorward_sqlite::{Durability, SqliteOptions, SqliteStorage};
pub(crate) use pollster::block_on;

bitflags! {
    /// What the host of these tests protects.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub(crate) struct Care: u32 {
        const VIEW_RECORDS = 1;
        const EDIT_RECORDS = 1 << 1;
        const VIEW_INVOICES = 1 << 2;
        const MANAGE_USERS = 1 << 3;
    }
}

/// Practice users as in Kalix (roles), staff as in HomeTrak (levels), contacts and residents as in
/// ALIS (profiles over a subject). A manager gives what they hold, a director everything.
fn catalog() -> Catalog {
    Catalog::builder::<Care>()
        .kind("user", |kind| {
            kind.roles(["clinical", "manager", "director"])
                .ceiling_of_everything()
        })
        .kind("staff", |kind| kind.ceiling_of_everything())
        .kind("contact", |kind| {
            kind.ceiling(Care::VIEW_RECORDS | Care::VIEW_INVOICES, Reach::Assigned)
        })
        .kind("resident", |kind| {
            kind.baseline(Care::VIEW_RECORDS, Reach::Own)
                .ceiling(Care::VIEW_RECORDS, Reach::Own)
        })
        .role("clinical", |role| {
            role.holds(Care::VIEW_RECORDS, Reach::Any)
        })
        .role("manager", |role| {
            role.holds(Care::VIEW_RECORDS | Care::MANAGE_USERS, Reach::Any)
        })
        .role("director", |role| {
            role.holds(Care::all(), Reach::Any).gives_everything()
        })
        .administered_by(Care::MANAGE_USERS, Administration::ALL)
        .build()
        .unwrap()
}

/// One process of the host: its storage, its door, its mail.
pub(crate) struct Office {
    pub(crate) storage: SqliteStorage,
    pub(crate) door: Doorward,
    mailer: MemoryMailer,
    inbox: Mutex<Vec<Received>>,
}

/// A mail that was handed over.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) to: String,
    pub(crate) text: String,
}

impl Received {
    /// Returns its link.
    pub(crate) fn link(&self) -> Option<&str> {
        self.text.lines().find(|line| line.contains("#dw1_"))
    }
}

/// A tenant with its first director signed in.
#[derive(Clone, Debug)]
pub(crate) struct Practice {
    pub(crate) tenant: TenantId,
    pub(crate) director: Session,
    pub(crate) profile: ProfileId,
}

impl Office {
    /// Opens the file as one process of the host does.
    pub(crate) fn open(path: &Path, durability: Durability) -> Self {
        let options = SqliteOptions::new(path).durability(durability);
        Self::over(options.open().unwrap())
    }

    pub(crate) fn over(storage: SqliteStorage) -> Self {
        Self {
            door: door(&storage),
            storage,
            mailer: MemoryMailer::new(),
            inbox: Mutex::default(),
        }
    }

    /// Creates a tenant, whose director comes in by the operator's invitation.
    pub(crate) fn practice(&self, director: &str) -> Practice {
        let first = FirstAdministrator {
            email: email(director),
            name: None,
            kind: kind("user"),
            role: Some("director".parse().unwrap()),
            levels: StarterLevels::OfTheKind,
        };
        let new = NewTenant::new(name("Harbour House"), first)
            .with_profile(name("Family"), set([("view_records", Reach::Assigned)]))
            .with_telephony(Use::Used);
        let created = block_on(self.door.create_tenant(&self.door.operator(), new)).unwrap();
        Practice {
            tenant: created.tenant,
            director: self.come_in(created.tenant, director),
            profile: created.profiles[0],
        }
    }

    pub(crate) fn permit<A: Act>(&self, session: &Session, act: A) -> Permit<A> {
        block_on(self.door.authorise(session, act)).unwrap()
    }

    pub(crate) fn invite(&self, by: &Session, address: &str, offer: Offer) -> Invited {
        let form = NewInvitation {
            address: email(address),
            person: None,
            name: None,
            offer,
            sworn: Sworn::new(),
        };
        block_on(self.door.invite(self.permit(by, Invite), form)).unwrap()
    }

    /// Invites, registers and signs in.
    pub(crate) fn member(&self, by: &Session, address: &str, offer: Offer) -> Session {
        self.invite(by, address, offer);
        self.come_in(by.tenant, address)
    }

    /// Registers by the newest link mailed to the address, and signs in.
    pub(crate) fn come_in(&self, tenant: TenantId, address: &str) -> Session {
        let link = self.link_to(address);
        accept(&self.door, &link, PASSWORD, None).unwrap();
        self.sign_in(tenant, address)
    }

    pub(crate) fn sign_in(&self, tenant: TenantId, address: &str) -> Session {
        let password = Credential::Password(PASSWORD.to_owned().into());
        let signed_in = self
            .door
            .sign_in(tenant, Channel::Portal, address, password, None);
        match block_on(signed_in).unwrap() {
            SignedIn::Session(session) => session,
            SignedIn::NewPassword { .. } => panic!("the password is the person's own"),
        }
    }

    /// Hands all mail over, and keeps it.
    pub(crate) fn dispatch(&self) {
        let mailer: &dyn Mailer = &self.mailer;
        block_on(self.door.dispatch_once(mailer, self.door.now(), Limit::MAX)).unwrap();
        let got = self.mailer.take().into_iter().map(|mail| Received {
            to: mail.to().address().as_str().to_owned(),
            text: mail.text().to_owned(),
        });
        self.inbox.lock().unwrap().extend(got);
    }

    /// Returns the newest link mailed to an address.
    pub(crate) fn link_to(&self, address: &str) -> String {
        self.dispatch();
        let inbox = self.inbox.lock().unwrap();
        let theirs = inbox.iter().rev().filter(|mail| mail.to == address);
        let link = theirs.filter_map(Received::link).next();
        link.expect("a mail with a link").to_owned()
    }

    /// Takes out all mail that was kept.
    pub(crate) fn take_mail(&self) -> Vec<Received> {
        std::mem::take(&mut self.inbox.lock().unwrap())
    }

    /// A person of the tenant, whose data can be shared.
    pub(crate) fn resident(&self, practice: &Practice, called: &str) -> PersonId {
        let person = NewPerson {
            kind: kind("resident"),
            name: name(called),
            email: None,
            cell: None,
            note: Note::default(),
            reference: None,
            data: DataAbout::ThisPerson,
        };
        let permit = self.permit(&practice.director, ManagePeople);
        block_on(self.door.record_person(permit, person)).unwrap()
    }
}

fn door(storage: &SqliteStorage) -> Doorward {
    let keys = Keys {
        token: KeyRing::new(SecretKey::from_bytes([1; 32])),
        pin: KeyRing::new(SecretKey::from_bytes([2; 32])),
    };
    let class = || ClassName::new("portal").unwrap();
    let channels = [Channel::Portal, Channel::Telephony];
    let portal = AccountClass::new(class(), channels, Activation::AtAccept)
        .with_temporary_password(TemporaryPasswordLifetime::default());
    let policy = Policy::thirty_days().with_resend_pause(std::time::Duration::ZERO);
    let mut setup = Setup::new(name("Care"), "https://care.example.org", keys, catalog())
        .with_class(portal)
        .with_passwords(PasswordPolicy::only_factor(), PasswordCost::for_tests())
        .with_hashing(HashingThreads::new(2));
    for invited in ["user", "staff", "contact", "resident"] {
        let admission = Admission {
            class: class(),
            policy: policy.clone(),
        };
        setup = setup.with_admission(kind(invited), admission);
    }
    setup.open(Arc::new(storage.clone()))
}

/// Accepts by a link with this password.
pub(crate) fn accept(
    door: &Doorward,
    link: &str,
    password: &str,
    request: Option<RequestId>,
) -> Result<Joined, doorward::Error<doorward::AcceptInvitationRejection>> {
    let form = RegisterForm {
        name: name("Robin Ashe"),
        password: password.to_owned().into(),
        agreed: BTreeSet::new(),
    };
    block_on(door.accept_by_link(link, form, Confirmed::by_post(), request))
}

pub(crate) const PASSWORD: &str = "nine green herons stand";

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

pub(crate) fn user(role: &str) -> Offer {
    Offer::of(kind("user")).with_role(role.parse().unwrap())
}

pub(crate) fn staff(levels: impl IntoIterator<Item = LevelId>) -> Offer {
    Offer::of(kind("staff")).with_levels(Levels::Assigned(levels.into_iter().collect()))
}

/// A contact of these people, each under the practice's profile.
pub(crate) fn contact_of(practice: &Practice, subjects: &[PersonId]) -> Offer {
    let over = |subject: &PersonId| SubjectOffer {
        subject: (*subject).into(),
        profile: practice.profile,
        window: Window::since(practice.director.signed_in_at),
    };
    let mut rows = subjects.iter().map(over);
    rows.try_fold(Offer::of(kind("contact")), Offer::with_subject)
        .unwrap()
}
