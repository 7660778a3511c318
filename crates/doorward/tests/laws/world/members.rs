//! The commands of members and those who administer them.

use std::collections::BTreeSet;

use doorward::{
    Credential, EditLevels, Grant, GrantForm, ManageMembers,
    access::{Access, PermissionSet, Reach},
    types::{Channel, Levels, Token, Window},
};

use crate::{
    command::Command,
    fixture::{PASSWORD, block_on, oath},
    model::{BILLS, EDIT, Model, Place, Role, Status, VIEW, is_director},
};

use super::{Ended, PEOPLE, World, generation_of};

impl World {
    pub(super) fn sign_in(&mut self, who: usize, right: bool) -> Option<Ended> {
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

    pub(super) fn target(&self, member: usize) -> usize {
        member % self.model.members.len()
    }

    pub(super) fn disable(&mut self, by: usize, member: usize) -> Option<Ended> {
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

    pub(super) fn ends(&mut self, target: usize, status: Status) {
        let one = &mut self.model.members[target];
        one.status = status;
        if let Some((_, counts)) = &mut one.session {
            *counts = false;
        }
    }

    pub(super) fn restore(&mut self, by: usize, member: usize) -> Option<Ended> {
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

    pub(super) fn remove(&mut self, by: usize, member: usize) -> Option<Ended> {
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

    pub(super) fn edit_access(
        &mut self,
        by: usize,
        member: usize,
        role: usize,
        set: u8,
    ) -> Option<Ended> {
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

    pub(super) fn edit_level(&mut self, by: usize, level: usize, bits: u8) -> Option<Ended> {
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

    pub(super) fn grant(
        &mut self,
        by: usize,
        member: usize,
        subject: usize,
        bills: bool,
    ) -> Option<Ended> {
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

    pub(super) fn revoke_grant(
        &mut self,
        by: usize,
        member: usize,
        subject: usize,
    ) -> Option<Ended> {
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
    pub(super) fn dispatch(&mut self) -> Option<Ended> {
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
