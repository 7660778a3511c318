//! The world: the real thing beside the model, and what is compared after each command.

use std::collections::{BTreeMap, BTreeSet};

use doorward::{
    Act, AmendForm, Credential, EditLevels, Grant, GrantForm, InvitationRef, Invite, ManageMembers,
    OwnAccount, Permit,
    access::{Access, PermissionSet, Reach, Record, Verdict},
    identity::Session,
    invitations::{Confirmed, DeclineReason},
    storage::{Kind, RecordKey, Scope as StorageScope, Storage},
    types::{
        Channel, Generation, LevelId, Levels, Offer, PersonId, SubjectOffer, TenantId, Token,
        Window,
    },
};
use time::Duration;

use crate::{
    command::Command,
    fixture::{
        self, Care, House, PASSWORD, block_on, invitation, kind, oath, registration, staff, sworn,
    },
    model::{
        self, BILLS, EDIT, Invited, MANAGE, Member, Model, Offered, Place, Role, State, Status,
        VIEW, is_director,
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
    pub fn open() -> Self {
        let house = House::open();
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
        let entry_count = house.entries().len();
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
        let entries = self.house.entries();
        let added = entries.len() - self.entry_count;
        self.entry_count = entries.len();
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
        let stored = self.house.stored();
        let received = self.house.received.lock().unwrap();
        let links = received.iter().filter_map(fixture::Received::link);
        let mut secrets: Vec<&str> = links
            .filter_map(|link| link.split_once('#'))
            .map(|(_, token)| token)
            .collect();
        secrets.push(PASSWORD);
        for secret in secrets {
            // Base64 of the same bytes at another offset differs, so the raw bytes count as well.
            let tail = &secret.as_bytes()[secret.len().saturating_sub(40)..];
            for bytes in &stored {
                let mut windows = bytes.windows(tail.len());
                assert!(windows.all(|window| window != tail), "a secret is stored");
            }
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

    fn invite(&mut self, by: usize, who: usize, offer: usize) -> Option<Ended> {
        let who = who % PEOPLE.len();
        let (at, permit) = match self.actor(by, Invite)? {
            Ok(actor) => actor,
            Err(refused) => return Some(refused),
        };
        let (offer, offered) = self.offer(offer);
        let now = self.house.now();
        let open = self.model.open_for(who);
        let blocked = open.is_some_and(|one| self.model.invitations[one].is_live(now));
        let expected =
            !blocked && !self.model.is_member(who) && self.model.gives_offer(at, &offered);
        let form = invitation(PEOPLE[who], offer);
        let outcome = block_on(self.house.door.invite(permit, form));
        let ended = self.expect(outcome.is_ok(), expected);
        if let Ok(invited) = outcome {
            if let Some(open) = open {
                self.model.invitations[open].state = State::Replaced;
            }
            self.model.outbox.push((self.model.invitations.len(), 1));
            self.model.invitations.push(Invited {
                id: invited.invitation,
                who,
                offer: offered,
                sponsor: at,
                generation: 1,
                expires_at: invited.expires_at,
                resend_count: 0,
                state: State::Open,
                links: BTreeMap::new(),
            });
        }
        Some(ended)
    }

    fn resend(&mut self, by: usize, number: usize) -> Option<Ended> {
        let number = self.invitation(number)?;
        let (at, permit) = match self.actor(by, Invite)? {
            Ok(actor) => actor,
            Err(refused) => return Some(refused),
        };
        let (now, one) = (self.house.now(), &self.model.invitations[number]);
        let in_time = one.is_live(now) || one.offer.place == Place::Contact;
        let expected = one.state == State::Open
            && in_time
            && one.resend_count < 20
            && self.model.gives_offer(at, &one.offer);
        let outcome = block_on(self.house.door.resend_invitation(permit, one.id));
        let ended = self.expect(outcome.is_ok(), expected);
        if let Ok(sent) = outcome {
            self.mailed_anew(number, at, sent.expires_at);
            self.model.invitations[number].resend_count += 1;
        }
        Some(ended)
    }

    fn mailed_anew(&mut self, number: usize, by: usize, expires_at: time::OffsetDateTime) {
        let one = &mut self.model.invitations[number];
        one.generation += 1;
        one.sponsor = by;
        one.expires_at = expires_at;
        self.model.outbox.push((number, one.generation));
    }

    fn amend(&mut self, by: usize, number: usize, subject: usize, bills: bool) -> Option<Ended> {
        let (number, subject) = (self.invitation(number)?, subject % self.residents.len());
        if self.model.invitations[number].offer.place != Place::Contact {
            return Some(Ended::Nothing);
        }
        let (at, permit) = match self.actor(by, Invite)? {
            Ok(actor) => actor,
            Err(refused) => return Some(refused),
        };
        let one = &self.model.invitations[number];
        let mut whole = one.offer.clone();
        let twice = whole
            .subjects
            .insert(subject, self.profile(bills).1)
            .is_some();
        let expected =
            one.is_live(self.house.now()) && !twice && self.model.gives_offer(at, &whole);
        let add = vec![self.over(subject, bills)];
        let swearing = Offer::of(kind("contact"))
            .with_subject(add[0].clone())
            .unwrap();
        let form = AmendForm {
            add,
            withdraw: BTreeSet::new(),
            sworn: sworn(&swearing),
        };
        let outcome = block_on(self.house.door.amend_invitation(permit, one.id, form));
        let ended = self.expect(outcome.is_ok(), expected);
        if let Ok(amended) = outcome {
            self.mailed_anew(number, at, amended.expires_at);
            self.model.invitations[number].offer = whole;
        }
        Some(ended)
    }

    fn adopt(&mut self, by: usize, number: usize) -> Option<Ended> {
        let number = self.invitation(number)?;
        let (at, permit) = match self.actor(by, Invite)? {
            Ok(actor) => actor,
            Err(refused) => return Some(refused),
        };
        let one = &self.model.invitations[number];
        let expected = one.is_live(self.house.now())
            && one.sponsor != at
            && self.model.gives_offer(at, &one.offer);
        let outcome = block_on(self.house.door.adopt_invitation(permit, one.id));
        let ended = self.expect(outcome.is_ok(), expected);
        if outcome.is_ok() {
            self.model.invitations[number].sponsor = at;
        }
        Some(ended)
    }

    fn revoke(&mut self, by: usize, number: usize) -> Option<Ended> {
        let number = self.invitation(number)?;
        let (_, permit) = match self.actor(by, Invite)? {
            Ok(actor) => actor,
            Err(refused) => return Some(refused),
        };
        let one = &mut self.model.invitations[number];
        let expected = one.state == State::Open;
        let outcome = block_on(self.house.door.revoke_invitation(permit, one.id));
        if outcome.is_ok() {
            one.state = State::Revoked;
        }
        Some(self.expect(outcome.is_ok(), expected))
    }

    fn accept_link(&mut self, number: usize, newest: bool) -> Option<Ended> {
        let number = self.invitation(number)?;
        let one = &self.model.invitations[number];
        let link = if newest {
            one.links.last_key_value()
        } else {
            one.links.first_key_value()
        };
        let Some((generation, link)) = link else {
            return Some(Ended::Nothing);
        };
        let expected = one.is_live(self.house.now())
            && *generation == one.generation
            && !self.model.accounts.contains(&one.who)
            && self.model.is_vouched_for(one);
        let accepted =
            self.house
                .door
                .accept_by_link(link, registration(), Confirmed::by_post(), None);
        let outcome = block_on(accepted);
        self.expect(outcome.is_ok(), expected);
        let Ok(joined) = outcome else {
            return Some(Ended::RefusedUnnoted);
        };
        self.joined(number, joined.membership);
        Some(Ended::Done)
    }

    fn accept_signed_in(&mut self, who: usize, number: usize) -> Option<Ended> {
        let (number, who) = (self.invitation(number)?, 1 + who % 2);
        let one = &self.model.invitations[number];
        let session = self.elsewhere[&who];
        let permit = self.house.permit(&session, OwnAccount);
        let mine = self.model.members.iter().any(|member| {
            // A double click answers what the first did.
            one.state == State::Accepted && one.who == who && member.who == who
        });
        let expected = one.who == who
            && one.is_live(self.house.now())
            && !self.model.is_member(who)
            && self.model.is_vouched_for(one);
        let invitation = InvitationRef {
            tenant: self.tenant(),
            invitation: one.id,
        };
        let accepted = self
            .house
            .door
            .accept_signed_in(permit, invitation, Confirmed::by_post());
        let outcome = block_on(accepted);
        self.expect(outcome.is_ok(), expected || mine);
        match outcome {
            Ok(joined) if !mine => {
                self.joined(number, joined.membership);
                Some(Ended::Done)
            }
            Ok(_) => Some(Ended::Nothing),
            // Noted where they are signed in.
            Err(_) => Some(Ended::RefusedUnnoted),
        }
    }

    fn joined(&mut self, number: usize, membership: doorward::types::MembershipId) {
        let one = &mut self.model.invitations[number];
        one.state = State::Accepted;
        let (who, place) = (one.who, one.offer.place.clone());
        let shown = one.offer.subjects.clone();
        self.model.accounts.insert(who);
        let held = self.grants_of(membership);
        let grants = shown.into_iter().map(|(subject, bits)| {
            let id = held[&self.residents[subject]];
            (subject, (id, bits))
        });
        let grants = grants.collect();
        self.model.members.push(Member {
            id: membership,
            who,
            place,
            status: Status::Active,
            session: None,
            grants,
        });
    }

    /// The ids of a member's grants, as any administrator reads them.
    fn grants_of(
        &self,
        member: doorward::types::MembershipId,
    ) -> BTreeMap<PersonId, doorward::types::GrantId> {
        let mut members = 0..self.model.members.len();
        let Some(at) = members.find(|at| self.model.may_manage(*at)) else {
            return BTreeMap::new();
        };
        let (session, _) = self.model.members[at].session.unwrap();
        let permit = block_on(self.house.door.authorise(&session, Grant)).unwrap();
        let held = block_on(self.house.door.grants_of_member(&permit, member)).unwrap();
        let held = held.iter().map(|read| &read.value);
        held.map(|grant| (grant.subject().person(), grant.id()))
            .collect()
    }

    fn decline(&mut self, number: usize) -> Option<Ended> {
        let number = self.invitation(number)?;
        let one = &mut self.model.invitations[number];
        let Some((generation, link)) = one.links.last_key_value() else {
            return Some(Ended::Nothing);
        };
        let expected = one.is_live(self.house.now()) && *generation == one.generation;
        let reason = DeclineReason::NotMe;
        let declined = self
            .house
            .door
            .decline_by_link(link, reason, Confirmed::by_post());
        let outcome = block_on(declined);
        if outcome.is_ok() {
            one.state = State::Declined;
        }
        self.expect(outcome.is_ok(), expected);
        Some(if outcome.is_ok() {
            Ended::Done
        } else {
            Ended::RefusedUnnoted
        })
    }

    fn sign_in(&mut self, who: usize, right: bool) -> Option<Ended> {
        let who = who % PEOPLE.len();
        let mut members = self.model.members.iter();
        let at = members.position(|one| one.who == who && one.status != Status::Removed);
        let active = at.is_some_and(|at| self.model.members[at].status == Status::Active);
        let typed = if right {
            PASSWORD
        } else {
            "not their password"
        };
        let credential = Credential::Password(typed.to_owned().into());
        let (tenant, channel) = (self.tenant(), Channel::Portal);
        let signed_in = self
            .house
            .door
            .sign_in(tenant, channel, PEOPLE[who], credential, None);
        let outcome = block_on(signed_in);
        match outcome {
            Ok(doorward::SignedIn::Session(session)) => {
                assert!(right && active, "{:?}", self.log);
                let at = at.unwrap();
                self.model.members[at].session = Some((session, true));
            }
            Ok(doorward::SignedIn::NewPassword { .. }) => panic!("no such password was made"),
            // Whoever typed wrong often enough waits.
            Err(_) => {
                let wrong = self
                    .log
                    .iter()
                    .any(|command| matches!(command, Command::SignIn { right: false, .. }));
                assert!(!active || !right || wrong, "{:?}", self.log);
            }
        }
        None
    }

    fn target(&self, member: usize) -> usize {
        member % self.model.members.len()
    }

    fn disable(&mut self, by: usize, member: usize) -> Option<Ended> {
        let target = self.target(member);
        let (_, permit) = match self.actor(by, ManageMembers)? {
            Ok(actor) => actor,
            Err(refused) => return Some(refused),
        };
        let one = &self.model.members[target];
        let last = is_director(&one.place) && !self.model.survives(target);
        let expected = one.status == Status::Active && !last;
        let outcome = block_on(self.house.door.disable_access(permit, one.id));
        if outcome.is_ok() {
            self.ends(target, Status::Disabled);
        }
        Some(self.expect(outcome.is_ok(), expected))
    }

    fn ends(&mut self, target: usize, status: Status) {
        let one = &mut self.model.members[target];
        one.status = status;
        if let Some((_, counts)) = &mut one.session {
            *counts = false;
        }
    }

    fn restore(&mut self, by: usize, member: usize) -> Option<Ended> {
        let target = self.target(member);
        let (at, permit) = match self.actor(by, ManageMembers)? {
            Ok(actor) => actor,
            Err(refused) => return Some(refused),
        };
        let one = &self.model.members[target];
        let above = is_director(&one.place) && !self.model.gives_everything(at);
        let expected =
            one.status == Status::Disabled && !above && self.model.gives(at, self.model.whole(one));
        let outcome = block_on(self.house.door.restore_access(permit, one.id));
        if outcome.is_ok() {
            self.model.members[target].status = Status::Active;
        }
        Some(self.expect(outcome.is_ok(), expected))
    }

    fn remove(&mut self, by: usize, member: usize) -> Option<Ended> {
        let target = self.target(member);
        let (_, permit) = match self.actor(by, ManageMembers)? {
            Ok(actor) => actor,
            Err(refused) => return Some(refused),
        };
        let one = &self.model.members[target];
        let counts = one.status == Status::Active && is_director(&one.place);
        let last = counts && !self.model.survives(target);
        let expected = one.status != Status::Removed && !last;
        let outcome = block_on(self.house.door.remove_member(permit, one.id));
        if outcome.is_ok() {
            self.ends(target, Status::Removed);
        }
        Some(self.expect(outcome.is_ok(), expected))
    }

    fn edit_access(&mut self, by: usize, member: usize, role: usize, set: u8) -> Option<Ended> {
        let (target, role) = (self.target(member), Role::ALL[role % 3]);
        let levels: BTreeSet<usize> = (0..2).filter(|level| set & (1 << level) != 0).collect();
        let next = Place::Staff {
            role,
            levels: levels.clone(),
        };
        if self.model.members[target].place == Place::Contact {
            return Some(Ended::Nothing);
        }
        if self.model.members[target].place == next {
            return Some(Ended::Nothing);
        }
        let (at, permit) = match self.actor(by, ManageMembers)? {
            Ok(actor) => actor,
            Err(refused) => return Some(refused),
        };
        let one = &self.model.members[target];
        let gained = self.model.bits(&next) & !self.model.bits(&one.place);
        let everything = self.model.gives_everything(at);
        let above = is_director(&next) && !is_director(&one.place) && !everything;
        let own = at == target && gained != 0 && !everything;
        let counts = one.status == Status::Active && is_director(&one.place);
        let last = counts && !is_director(&next) && !self.model.survives(target);
        let expected = one.status != Status::Removed
            && !above
            && !own
            && !last
            && self.model.gives(at, gained);
        let read = block_on(self.house.door.member(&permit, one.id)).unwrap();
        let access = Access {
            role: Some(role.name().parse().unwrap()),
            levels: Levels::Assigned(levels.iter().map(|level| self.level(*level)).collect()),
            switches: [].into(),
        };
        let edited = self
            .house
            .door
            .edit_access(permit, one.id, read.version, access);
        let outcome = block_on(edited);
        let ended = self.expect(outcome.is_ok(), expected);
        if outcome.is_ok() {
            self.model.members[target].place = next;
        }
        Some(ended)
    }

    fn edit_level(&mut self, by: usize, level: usize, bits: u8) -> Option<Ended> {
        let level = level % 2;
        if self.model.levels[level] == bits {
            return Some(Ended::Nothing);
        }
        let (at, permit) = match self.actor(by, EditLevels)? {
            Ok(actor) => actor,
            Err(refused) => return Some(refused),
        };
        let mut next = Model {
            levels: self.model.levels,
            ..Model::default()
        };
        next.levels[level] = bits;
        let everything = self.model.gives_everything(at);
        let expected = self.model.members.iter().enumerate().all(|(number, one)| {
            let gained = next.bits(&one.place) & !self.model.bits(&one.place);
            let holds =
                matches!(&one.place, Place::Staff { levels, .. } if levels.contains(&level));
            one.status == Status::Removed
                || !holds
                || (self.model.gives(at, gained) && (everything || number != at || gained == 0))
        });
        let names = [
            ("view_care", VIEW),
            ("edit_care", EDIT),
            ("view_bills", BILLS),
        ];
        let set: PermissionSet = names
            .iter()
            .filter(|(_, bit)| bits & bit != 0)
            .map(|(name, _)| (name.parse().unwrap(), Reach::Any))
            .collect();
        let id = self.level(level);
        let read = block_on(self.house.door.level(&permit, id)).unwrap();
        let outcome = block_on(self.house.door.edit_level(permit, id, read.version, set));
        let ended = self.expect(outcome.is_ok(), expected);
        if outcome.is_ok() {
            self.model.levels[level] = bits;
        }
        Some(ended)
    }

    fn grant(&mut self, by: usize, member: usize, subject: usize, bills: bool) -> Option<Ended> {
        let (target, subject) = (self.target(member), subject % self.residents.len());
        if self.model.members[target].status != Status::Active {
            return Some(Ended::Nothing);
        }
        let (at, permit) = match self.actor(by, Grant)? {
            Ok(actor) => actor,
            Err(refused) => return Some(refused),
        };
        let one = &self.model.members[target];
        let (profile, shown) = self.profile(bills);
        let gained = shown & !self.model.bits(&one.place);
        let own = at == target && gained != 0 && !self.model.gives_everything(at);
        let expected = !one.grants.contains_key(&subject) && !own && self.model.gives(at, gained);
        let form = GrantForm {
            member: one.id,
            subject: self.residents[subject].into(),
            profile,
            window: Window::since(self.house.now()),
            sworn: Some(oath()),
        };
        let outcome = block_on(self.house.door.grant(permit, form));
        let ended = self.expect(outcome.is_ok(), expected);
        if let Ok(grant) = outcome {
            self.model.members[target]
                .grants
                .insert(subject, (grant, shown));
        }
        Some(ended)
    }

    fn revoke_grant(&mut self, by: usize, member: usize, subject: usize) -> Option<Ended> {
        let (target, subject) = (self.target(member), subject % self.residents.len());
        let Some((grant, _)) = self.model.members[target].grants.get(&subject).copied() else {
            return Some(Ended::Nothing);
        };
        if self.model.members[target].status == Status::Removed {
            return Some(Ended::Nothing);
        }
        let (_, permit) = match self.actor(by, Grant)? {
            Ok(actor) => actor,
            Err(refused) => return Some(refused),
        };
        let outcome = block_on(self.house.door.revoke_grant(permit, grant));
        self.model.members[target].grants.remove(&subject);
        Some(self.expect(outcome.is_ok(), true))
    }

    /// No mail is lost, and none goes out that was overtaken: what arrives is what the model waits
    /// for.
    fn dispatch(&mut self) -> Option<Ended> {
        let now = self.house.now();
        let before = self.house.received.lock().unwrap().len();
        self.house.dispatch();
        let mut wanted = BTreeSet::new();
        for (number, generation) in std::mem::take(&mut self.model.outbox) {
            let one = &self.model.invitations[number];
            if one.is_live(now) && one.generation == generation {
                wanted.insert((one.id.as_uuid(), generation));
            }
        }
        let received = self.house.received.lock().unwrap();
        let mut arrived = BTreeSet::new();
        for mail in &received[before..] {
            let Some(link) = mail.link() else { continue };
            let (_, text) = link.split_once('#').unwrap();
            let token = Token::parse(text).unwrap();
            let generation = generation_of(token.generation);
            assert!(arrived.insert((token.record, generation)), "mailed twice");
            let mut all = self.model.invitations.iter_mut();
            let one = all.find(|one| one.id.as_uuid() == token.record).unwrap();
            assert_eq!(mail.to, PEOPLE[one.who]);
            one.links.insert(generation, link.to_owned());
        }
        assert_eq!(arrived, wanted, "{:?}", self.log);
        None
    }
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
