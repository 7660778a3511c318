//! The invitees: two thirds of them answer, with nothing but the link in their mail.

use std::collections::BTreeMap;

use doorward::{
    Doorward, InvitationRef, Invite, OwnAccount, RegisterForm,
    identity::Session,
    invitations::{Confirmed, DeclineReason, Next, Status},
    types::{DisplayName, EmailAddress, PersonId, Statement},
};

use super::{
    choice::is_silent,
    community::{Community, Invitation, sign_in},
    failure::Failure,
    mailbox::Letter,
    places::{Holder, Place, Places, password},
    post::Post,
    progress::Progress,
};

/// What the invitees on the list did, in this run and in earlier ones.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// Links that nobody followed.
    pub silent_count: usize,
    /// New people who registered.
    pub registered_count: usize,
    /// People with an account who accepted in one more community.
    pub accepted_signed_in_count: usize,
    /// People who found an invitation meant for somebody else at their address.
    pub not_me_count: usize,
    /// How many of them all answered in an earlier run.
    pub before_count: usize,
    /// Mails that had to be written again, since the folder has them no more.
    pub resent_count: usize,
    /// How many accounts there should be, of everybody.
    pub expected_account_count: usize,
    /// How many there are.
    pub account_count: usize,
    /// Every place that was taken.
    pub places: Vec<Place>,
}

/// Whoever is to answer an invitation.
struct Invitee<'a> {
    community: &'a Community,
    invitation: &'a Invitation,
    reference: &'a str,
    name: DisplayName,
}

impl Answers {
    /// Lets every third stay silent and the others answer, if they did not before.
    pub(crate) async fn give(
        door: &Doorward,
        communities: &[Community],
        post: &mut Post,
    ) -> Result<Self, Failure> {
        let mut answers = Self::default();
        let mut invited = Vec::new();
        for community in communities {
            invited.push(community.invitations(door).await?);
        }
        let before = Places::read(door, communities).await?;
        let mut due = Vec::new();
        for (community, invited) in communities.iter().zip(&invited) {
            due.extend(answers.due(community, invited));
        }
        let letters = answers.letters(door, &due, post).await?;
        let mut answering = Answering {
            door,
            answers: &mut answers,
            holders: before.holders(),
        };
        let mut progress = Progress::new("invitees: answering");
        for (number, invitee) in due.iter().enumerate() {
            let letter = letters.get(&invitee.invitation.id.as_uuid());
            let letter = letter.ok_or_else(|| Failure::new("a mail is not in its folder"))?;
            answering.answer(invitee, letter).await?;
            progress.at(number + 1, due.len());
        }
        answers.expected_account_count = before.account_count() + answers.registered_count;
        answers.count_places(Places::read(door, communities).await?, communities);
        Ok(answers)
    }

    /// Who of a community is to answer now, in the order in which they were invited.
    fn due<'a>(
        &mut self,
        community: &'a Community,
        invited: &'a BTreeMap<PersonId, Invitation>,
    ) -> Vec<Invitee<'a>> {
        let people: BTreeMap<PersonId, &super::people::Row> = community
            .rows
            .iter()
            .map(|invitee| (invitee.person, &invitee.row))
            .collect();
        let mut due = Vec::new();
        for (person, invitation) in invited {
            let Some(row) = people.get(person) else {
                continue;
            };
            match invitation.status {
                Status::Invited if is_silent(&row.person_ref) => self.silent_count += 1,
                Status::Invited => {
                    if let Ok(name) = DisplayName::new(&row.name()) {
                        due.push(Invitee {
                            community,
                            invitation,
                            reference: &row.person_ref,
                            name,
                        });
                    }
                }
                Status::Accepted => self.before_count += 1,
                Status::Declined => {
                    self.before_count += 1;
                    self.not_me_count += 1;
                }
                Status::Expired | Status::Replaced | Status::Revoked => {}
            }
        }
        due.sort_by_key(|invitee| invitee.invitation.id);
        due
    }

    /// The mails of those who answer. Whose mail is gone is sent another one by the Director.
    async fn letters(
        &mut self,
        door: &Doorward,
        due: &[Invitee<'_>],
        post: &mut Post,
    ) -> Result<BTreeMap<uuid::Uuid, Letter>, Failure> {
        if due.is_empty() {
            return Ok(BTreeMap::new());
        }
        let letters = post.mailbox.letters()?;
        let is_gone = |invitee: &&Invitee<'_>| {
            let id = invitee.invitation.id.as_uuid();
            !letters.contains_key(&id)
        };
        for invitee in due.iter().filter(is_gone) {
            let permit = door.authorise(&invitee.community.director, Invite).await?;
            door.resend_invitation(permit, invitee.invitation.id)
                .await?;
            self.resent_count += 1;
        }
        if self.resent_count == 0 {
            return Ok(letters);
        }
        post.hand_over(door).await?;
        post.mailbox.letters()
    }

    /// Counts who has a place, as the communities' lists say.
    fn count_places(&mut self, places: Places, communities: &[Community]) {
        self.account_count = places.account_count();
        self.places = places.listed(communities);
        let registered = self.places.iter().filter(|place| places.is_first(place));
        self.registered_count = registered.count();
        self.accepted_signed_in_count = self.places.len() - self.registered_count;
    }
}

/// Answering, one invitee after another.
struct Answering<'a> {
    door: &'a Doorward,
    answers: &'a mut Answers,
    holders: BTreeMap<EmailAddress, Holder>,
}

impl Answering<'_> {
    async fn answer(&mut self, invitee: &Invitee<'_>, letter: &Letter) -> Result<(), Failure> {
        match self.door.inspect_invitation(&letter.link).await?.next {
            Next::Register { terms } => self.register(invitee, letter, terms).await,
            Next::SignIn => self.accept_or_decline(invitee, letter).await,
            Next::Answered => Err(Failure::new("nobody answers twice")),
        }
    }

    async fn register(
        &mut self,
        invitee: &Invitee<'_>,
        letter: &Letter,
        terms: std::collections::BTreeSet<Statement>,
    ) -> Result<(), Failure> {
        let form = RegisterForm {
            name: invitee.name.clone(),
            password: password(&letter.to).into(),
            agreed: terms,
        };
        let joined = self
            .door
            .accept_by_link(&letter.link, form, Confirmed::by_post(), None)
            .await?;
        self.answers.registered_count += 1;
        let holder = Holder {
            reference: invitee.reference.to_owned(),
            door: Some(joined.tenant),
        };
        self.holders.insert(letter.to.clone(), holder);
        Ok(())
    }

    /// The address has an account: its holder signs in where they are a member, finds the request,
    /// and takes it if it means them.
    async fn accept_or_decline(
        &mut self,
        invitee: &Invitee<'_>,
        letter: &Letter,
    ) -> Result<(), Failure> {
        let door = self.door;
        let unknown = || Failure::new("an account of nobody on record");
        let holder = self.holders.get(&letter.to).ok_or_else(unknown)?.clone();
        let is_meant = holder.reference == invitee.reference;
        let reason = DeclineReason::NotMe;
        match holder.door {
            Some(tenant) => {
                let name = letter.to.original();
                let session: Session = sign_in(door, tenant, name, &password(&letter.to)).await?;
                let permit = door.authorise(&session, OwnAccount).await?;
                let requests = door.invite_requests(&permit).await?;
                let mut ids = requests.iter().map(|request| request.invitation);
                if !ids.any(|id| id == invitee.invitation.id) {
                    return Err(Failure::new("an invite request was not listed"));
                }
                let invitation = InvitationRef {
                    tenant: invitee.community.tenant,
                    invitation: invitee.invitation.id,
                };
                if is_meant {
                    door.accept_signed_in(permit, invitation, Confirmed::by_post())
                        .await?;
                } else {
                    door.decline_signed_in(permit, invitation, reason, Confirmed::by_post())
                        .await?;
                }
            }
            // Whoever is disabled everywhere has the link and their password.
            None if is_meant => {
                let password = password(&letter.to).into();
                door.accept_by_password(&letter.link, password, Confirmed::by_post(), None)
                    .await?;
            }
            None => {
                door.decline_by_link(&letter.link, reason, Confirmed::by_post(), None)
                    .await?;
            }
        }
        if !is_meant {
            self.answers.not_me_count += 1;
        }
        Ok(())
    }
}
