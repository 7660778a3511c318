//! The commands of sponsors and invitees.

use std::collections::{BTreeMap, BTreeSet};

use doorward::{
    AmendForm, Grant, InvitationRef, Invite, OwnAccount,
    invitations::{Confirmed, DeclineReason},
    types::{Offer, PersonId},
};

use crate::{
    fixture::{block_on, invitation, kind, registration, sworn},
    model::{Invited, Member, Place, State, Status},
};

use super::{Ended, PEOPLE, World};

impl World {
    pub(super) fn invite(&mut self, by: usize, who: usize, offer: usize) -> Option<Ended> {
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

    pub(super) fn resend(&mut self, by: usize, number: usize) -> Option<Ended> {
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

    pub(super) fn mailed_anew(
        &mut self,
        number: usize,
        by: usize,
        expires_at: time::OffsetDateTime,
    ) {
        let one = &mut self.model.invitations[number];
        one.generation += 1;
        one.sponsor = by;
        one.expires_at = expires_at;
        self.model.outbox.push((number, one.generation));
    }

    pub(super) fn amend(
        &mut self,
        by: usize,
        number: usize,
        subject: usize,
        bills: bool,
    ) -> Option<Ended> {
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

    pub(super) fn adopt(&mut self, by: usize, number: usize) -> Option<Ended> {
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

    pub(super) fn revoke(&mut self, by: usize, number: usize) -> Option<Ended> {
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

    pub(super) fn accept_link(&mut self, number: usize, newest: bool) -> Option<Ended> {
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

    pub(super) fn accept_signed_in(&mut self, who: usize, number: usize) -> Option<Ended> {
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

    pub(super) fn joined(&mut self, number: usize, membership: doorward::types::MembershipId) {
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
    pub(super) fn grants_of(
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

    pub(super) fn decline(&mut self, number: usize) -> Option<Ended> {
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
            .decline_by_link(link, reason, Confirmed::by_post(), None);
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
}
