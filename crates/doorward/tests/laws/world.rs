//! The world: the real thing beside the model, and what is compared after each command.

#[path = "world/invites.rs"]
mod invites;
#[path = "world/members.rs"]
mod members;

use std::collections::{BTreeMap, BTreeSet};

use doorward::{
    Act, Permit,
    access::{Record, Verdict},
    identity::Session,
    storage::{Kind, RecordKey, Scope as StorageScope},
    types::{Generation, LevelId, Levels, Offer, PersonId, SubjectOffer, TenantId, Window},
};
use time::Duration;

use crate::{
    command::Command,
    fixture::{self, Care, House, PASSWORD, block_on, kind, staff},
    model::{
        self, BILLS, EDIT, MANAGE, Member, Model, Offered, Place, Role, State, Status, VIEW,
        is_director,
    },
};

/// The director, two people with accounts elsewhere, three who are members from the start, two more.
const PEOPLE: [&str; 8] = [
    fixture::DANA,
    "one@example.org",
    "two@example.org",
    "cory@example.org",
    "dora@example.org",
    "fay@example.org",
    "six@example.org",
    "seven@example.org",
];

pub struct World {
    house: House,
    model: Model,
    residents: Vec<PersonId>,
    /// Who has an account through another tenant, signed in there.
    elsewhere: BTreeMap<usize, Session>,
    /// How many entries the audit log had when the command began.
    entry_count: usize,
    log: Vec<Command>,
    /// How often each command was done, and how often refused.
    pub tally: BTreeMap<String, (usize, usize)>,
}

/// How a command ended.
enum Ended {
    /// Something changed, by somebody known or by a link.
    Done,
    /// A known principal was refused.
    Refused,
    /// Nobody known was refused.
    RefusedUnnoted,
    /// Nothing was there to do.
    Nothing,
}

impl World {
    pub fn of(house: House) -> Self {
        let residents = house.residents(3);
        let mut elsewhere = BTreeMap::new();
        for who in [1, 2] {
            let other = house.second_tenant(PEOPLE[who]).tenant;
            let member = house.accept(PEOPLE[who]);
            assert_eq!(member.session.tenant, other);
            elsewhere.insert(who, member.session);
        }
        let place = |role| Place::Staff {
            role,
            levels: BTreeSet::new(),
        };
        let member = |who, member: fixture::Member, place| Member {
            id: member.membership,
            who,
            place,
            status: Status::Active,
            session: Some((member.session, true)),
            grants: BTreeMap::new(),
        };
        let mut members = vec![member(0, house.director, place(Role::Director))];
        for (who, role) in [(3, Role::Coordinator), (4, Role::Director)] {
            let joined = house.member(PEOPLE[who], staff(role.name()));
            members.push(member(who, joined, place(role)));
        }
        let family = house.member(PEOPLE[5], house.contact_of(&residents[..1]));
        members.push(member(5, family, Place::Contact));
        let model = Model {
            members,
            levels: [BILLS, EDIT],
            accounts: BTreeSet::from([0, 1, 2, 3, 4, 5]),
            ..Model::default()
        };
        let entry_count = entry_count(&house);
        house.received.lock().unwrap().clear();
        let mut world = Self {
            house,
            model,
            residents,
            elsewhere,
            entry_count,
            log: Vec::new(),
            tally: BTreeMap::new(),
        };
        let held = world.grants_of(family.membership);
        let granted = (held[&world.residents[0]], VIEW);
        world.model.members[3].grants.insert(0, granted);
        world
    }

    pub fn states(&self) -> Vec<State> {
        self.model.invitations.iter().map(|one| one.state).collect()
    }

    pub fn run(&mut self, command: Command) {
        self.log.push(command);
        let ended = match command {
            Command::Invite { by, who, offer } => self.invite(by, who, offer),
            Command::Resend { by, invitation } => self.resend(by, invitation),
            Command::Amend {
                by,
                invitation,
                subject,
                bills,
            } => self.amend(by, invitation, subject, bills),
            Command::Adopt { by, invitation } => self.adopt(by, invitation),
            Command::Revoke { by, invitation } => self.revoke(by, invitation),
            Command::AcceptLink { invitation, newest } => self.accept_link(invitation, newest),
            Command::AcceptSignedIn { who, invitation } => self.accept_signed_in(who, invitation),
            Command::DeclineLink { invitation } => self.decline(invitation),
            Command::SignIn { who, right } => self.sign_in(who, right),
            Command::Disable { by, member } => self.disable(by, member),
            Command::Restore { by, member } => self.restore(by, member),
            Command::Remove { by, member } => self.remove(by, member),
            Command::EditAccess {
                by,
                member,
                role,
                levels,
            } => self.edit_access(by, member, role, levels),
            Command::EditLevel { by, level, bits } => self.edit_level(by, level, bits),
            Command::Grant {
                by,
                member,
                subject,
                bills,
            } => self.grant(by, member, subject, bills),
            Command::RevokeGrant {
                by,
                member,
                subject,
            } => self.revoke_grant(by, member, subject),
            Command::Pass { hours } => {
                self.house.pass(Duration::hours(hours));
                Some(Ended::Nothing)
            }
            Command::Dispatch => self.dispatch(),
            Command::Sweep => {
                block_on(self.house.door.sweep(self.house.now())).unwrap();
                None
            }
        };
        let shown = format!("{command:?}");
        let name = shown.split(' ').next().unwrap_or_default();
        let (done, refused) = self.tally.entry(name.to_owned()).or_default();
        match ended {
            Some(Ended::Done) => *done += 1,
            Some(Ended::Refused | Ended::RefusedUnnoted) => *refused += 1,
            Some(Ended::Nothing) | None => {}
        }
        self.check_entries(ended);
    }

    // What is compared.

    /// No change without its entry, no refusal of somebody known without one, and no other entries.
    fn check_entries(&mut self, ended: Option<Ended>) {
        let entry_count = entry_count(&self.house);
        let added = entry_count - self.entry_count;
        self.entry_count = entry_count;
        let expected = match ended {
            None => return,
            Some(Ended::Nothing | Ended::RefusedUnnoted) => 0,
            Some(Ended::Done | Ended::Refused) => 1,
        };
        assert_eq!(added, expected, "entries after {:?}", self.log);
    }

    /// Compares everything that the model knows with what is stored and what sessions may do.
    pub fn check(&self) {
        let log = &self.log;
        for one in &self.model.invitations {
            let stored = self.stored("invitation", one.id.as_uuid());
            assert_eq!(stored["state"]["kind"], one.state.name(), "{log:?}");
            assert_eq!(stored["mailing"]["generation"], one.generation, "{log:?}");
        }
        let mut administrators = 0;
        for (at, member) in self.model.members.iter().enumerate() {
            let stored = self.stored("membership", member.id.as_uuid());
            let status = format!("{:?}", member.status).to_lowercase();
            let shown = stored["status"].to_string();
            assert!(shown.contains(&status), "{shown} is not {status}: {log:?}");
            if member.status == Status::Active && is_director(&member.place) {
                administrators += 1;
            }
            self.check_access(at, member);
        }
        assert!(
            administrators > 0,
            "an administrator is always there: {log:?}"
        );
    }

    /// What a session may do is what the model says the member holds: nobody gained anything that
    /// was not given by somebody who could.
    fn check_access(&self, at: usize, member: &Member) {
        let log = &self.log;
        let Some((session, counts)) = member.session else {
            return;
        };
        let resumed = block_on(self.house.door.resume(&session));
        assert_eq!(resumed.is_ok(), counts, "session of member {at}: {log:?}");
        let Ok(snapshot) = block_on(self.house.door.standing(&session)) else {
            assert!(!counts, "{log:?}");
            return;
        };
        let bits = self.model.bits(&member.place);
        let names = [
            (Care::VIEW_CARE, VIEW),
            (Care::EDIT_CARE, EDIT),
            (Care::VIEW_BILLS, BILLS),
            (Care::MANAGE_ACCESS, MANAGE),
        ];
        for (permission, bit) in names {
            let anywhere = snapshot.check(permission, &Record::UNOWNED).verdict();
            let held = bits & bit != 0;
            assert_eq!(
                anywhere == Verdict::Allow,
                held,
                "{permission:?} of {at}: {log:?}"
            );
            for (number, resident) in self.residents.iter().enumerate() {
                let granted = member.grants.get(&number).map_or(0, |(_, shown)| *shown);
                let record = Record::of(*resident);
                let over = snapshot.check(permission, &record).verdict();
                assert_eq!(
                    over == Verdict::Allow,
                    held || granted & bit != 0,
                    "{permission:?} of {at} over {number}: {log:?}"
                );
            }
        }
    }

    /// Neither a link nor a password that anybody was ever sent or typed is stored.
    pub fn check_secrets(&self) {
        let received = self.house.received.lock().unwrap();
        let links = received.iter().filter_map(fixture::Received::link);
        let mut secrets: Vec<&str> = links
            .filter_map(|link| link.split_once('#'))
            .map(|(_, token)| token)
            .collect();
        secrets.push(PASSWORD);
        let stored = self.house.stored();
        let stored: Vec<_> = stored
            .iter()
            .map(|it| String::from_utf8_lossy(it))
            .collect();
        let is_stored = |text: &str| stored.iter().any(|stored| stored.contains(text));
        assert!(is_stored(fixture::DANA), "the search finds what is stored");
        for secret in secrets {
            // The end of a link is its secret; what comes before says whose it is.
            let end = secret.get(secret.len().saturating_sub(40)..);
            let tail = end.unwrap_or(secret);
            assert!(!is_stored(tail), "a secret is stored");
        }
    }

    fn stored(&self, what: &'static str, id: uuid::Uuid) -> serde_json::Value {
        let scope = StorageScope::Tenant(self.tenant().as_uuid());
        let key = RecordKey::new(scope, Kind::from_static(what), id);
        let found = block_on(self.house.storage.get(&[key])).unwrap();
        let record = found[0].as_ref().expect("it is stored");
        let body: serde_json::Value = serde_json::from_slice(&record.body).unwrap();
        body["state"].clone()
    }

    fn tenant(&self) -> TenantId {
        self.house.tenant()
    }

    /// Whoever acts: the permit, where they may manage access, as the model says.
    fn actor<A: Act>(&self, by: usize, act: A) -> Option<Result<(usize, Permit<A>), Ended>> {
        let at = by % self.model.members.len();
        let (session, _) = self.model.members[at].session?;
        let permit = block_on(self.house.door.authorise(&session, act));
        assert_eq!(permit.is_ok(), self.model.may_manage(at), "{:?}", self.log);
        Some(
            permit
                .map(|permit| (at, permit))
                .map_err(|_| Ended::Refused),
        )
    }

    fn expect(&self, happened: bool, expected: bool) -> Ended {
        assert_eq!(
            happened, expected,
            "after {:#?}\n{:#?}",
            self.log, self.model
        );
        if happened {
            Ended::Done
        } else {
            Ended::Refused
        }
    }

    fn invitation(&self, number: usize) -> Option<usize> {
        let count = self.model.invitations.len();
        (count > 0).then(|| number % count)
    }

    fn profile(&self, bills: bool) -> (doorward::types::ProfileId, u8) {
        if bills {
            (self.house.bills(), VIEW | BILLS)
        } else {
            (self.house.family(), VIEW)
        }
    }

    fn over(&self, subject: usize, bills: bool) -> SubjectOffer {
        SubjectOffer {
            subject: self.residents[subject].into(),
            profile: self.profile(bills).0,
            window: Window::since(self.house.now()),
        }
    }

    fn level(&self, number: usize) -> LevelId {
        self.house.created.levels[number]
    }

    /// One of the offers: three roles, with and without a level; contacts of one or two subjects.
    fn offer(&self, number: usize) -> (Offer, Offered) {
        let role = Role::ALL[number % 3];
        match number % 8 {
            0..3 => (
                staff(role.name()),
                offered(
                    Place::Staff {
                        role,
                        levels: [].into(),
                    },
                    [],
                ),
            ),
            3 => (
                staff("coordinator").with_levels(Levels::from([self.level(0)])),
                offered(
                    Place::Staff {
                        role: Role::Coordinator,
                        levels: [0].into(),
                    },
                    [],
                ),
            ),
            4 => self.contact([(0, false), (1, false)]),
            5 => self.contact([(0, true)]),
            6 => (
                staff("clinical").with_levels(Levels::from([self.level(1)])),
                offered(
                    Place::Staff {
                        role: Role::Clinical,
                        levels: [1].into(),
                    },
                    [],
                ),
            ),
            _ => self.contact([(2, false)]),
        }
    }

    fn contact<const N: usize>(&self, rows: [(usize, bool); N]) -> (Offer, Offered) {
        let offer = rows
            .iter()
            .map(|(subject, bills)| self.over(*subject, *bills))
            .try_fold(Offer::of(kind("contact")), Offer::with_subject)
            .unwrap();
        let shown = rows.map(|(subject, bills)| (subject, self.profile(bills).1));
        (offer, offered(Place::Contact, shown))
    }

    // What is done.
}

/// How long the tenant's audit log is.
fn entry_count(house: &House) -> usize {
    let scope = StorageScope::Tenant(house.tenant().as_uuid());
    house.entry_bodies(scope).len()
}

fn generation_of(generation: Generation) -> u32 {
    generation.number()
}

fn offered<const N: usize>(place: Place, subjects: [(usize, u8); N]) -> Offered {
    model::Offered {
        place,
        subjects: BTreeMap::from(subjects),
    }
}
