//! The invitees: two thirds of them answer, with nothing but the link in their mail.

use std::collections::{BTreeMap, BTreeSet};

use doorward::{
    Doorward, InvitationRef, Joined, OwnAccount, RegisterForm,
    identity::Session,
    invitations::{Confirmed, DeclineReason, Next},
    types::{DisplayName, EmailAddress, InvitationId, PersonId, TenantId},
};

use crate::{
    community::{Community, sign_in},
    failure::Failure,
    mailbox::{Letter, Mailbox},
    progress::Progress,
};

/// Somebody with an account, and what only they know.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    /// Who they are, on the list.
    pub reference: String,
    /// Where they registered.
    pub tenant: TenantId,
    /// How they sign in.
    pub password: String,
}

/// What the invitees did.
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
    /// Every place that was taken.
    pub joined: Vec<(Joined, EmailAddress)>,
    /// The accounts by address.
    pub holders: BTreeMap<EmailAddress, Holder>,
}

impl Answers {
    /// Lets every third stay silent and the others answer.
    pub(crate) async fn give(
        &mut self,
        door: &Doorward,
        communities: &[Community],
        mailbox: &Mailbox,
    ) -> Result<(), Failure> {
        let invited = everyone(communities);
        let letters = mailbox.letters()?;
        let letters: Vec<_> = letters
            .iter()
            .filter_map(|letter| {
                let invitation = InvitationId::from_uuid(letter.record);
                Some((letter, invitation, invited.get(&invitation)?))
            })
            .collect();
        let mut progress = Progress::new("invitees: answering");
        for (number, (letter, invitation, (tenant, reference, name))) in letters.iter().enumerate()
        {
            if number % 3 == 2 {
                self.silent_count += 1;
            } else {
                let to = InvitationRef {
                    tenant: *tenant,
                    invitation: *invitation,
                };
                self.answer(door, letter, to, reference, name).await?;
            }
            progress.at(number + 1, letters.len());
        }
        Ok(())
    }

    async fn answer(
        &mut self,
        door: &Doorward,
        letter: &Letter,
        invitation: InvitationRef,
        reference: &str,
        name: &DisplayName,
    ) -> Result<(), Failure> {
        match door.inspect_invitation(&letter.link).await?.next {
            Next::Register { terms } => self.register(door, letter, terms, reference, name).await,
            Next::SignIn => {
                self.accept_or_decline(door, letter, invitation, reference)
                    .await
            }
            Next::Answered => Err(Failure::new("nobody answers twice")),
        }
    }

    async fn register(
        &mut self,
        door: &Doorward,
        letter: &Letter,
        terms: BTreeSet<doorward::types::Statement>,
        reference: &str,
        name: &DisplayName,
    ) -> Result<(), Failure> {
        let password = format!("quiet stones by the ferry {:05}", self.registered_count);
        let form = RegisterForm {
            name: name.clone(),
            password: password.as_str().into(),
            agreed: terms,
        };
        let joined = door
            .accept_by_link(&letter.link, form, Confirmed::by_post(), None)
            .await?;
        self.registered_count += 1;
        self.joined.push((joined, letter.to.clone()));
        let holder = Holder {
            reference: reference.to_owned(),
            tenant: joined.tenant,
            password,
        };
        self.holders.insert(letter.to.clone(), holder);
        Ok(())
    }

    /// The address has an account: its holder signs in where they are a member, finds the request,
    /// and takes it if it means them.
    async fn accept_or_decline(
        &mut self,
        door: &Doorward,
        letter: &Letter,
        invitation: InvitationRef,
        reference: &str,
    ) -> Result<(), Failure> {
        let unknown = || Failure::new("an account of nobody on the list");
        let holder = self.holders.get(&letter.to).ok_or_else(unknown)?.clone();
        let session: Session =
            sign_in(door, holder.tenant, letter.to.original(), &holder.password).await?;
        let permit = door.authorise(&session, OwnAccount).await?;
        let requests = door.invite_requests(&permit).await?;
        if !requests
            .iter()
            .any(|request| request.invitation == invitation.invitation)
        {
            return Err(Failure::new("an invite request was not listed"));
        }
        if holder.reference == reference {
            let joined = door
                .accept_signed_in(permit, invitation, Confirmed::by_post())
                .await?;
            self.accepted_signed_in_count += 1;
            self.joined.push((joined, letter.to.clone()));
        } else {
            let reason = DeclineReason::NotMe;
            door.decline_signed_in(permit, invitation, reason, Confirmed::by_post())
                .await?;
            self.not_me_count += 1;
        }
        Ok(())
    }
}

type Invitee = (TenantId, String, DisplayName);

/// Who was invited by which invitation, with their reference and name on the list.
fn everyone(communities: &[Community]) -> BTreeMap<InvitationId, Invitee> {
    let mut everyone = BTreeMap::new();
    for community in communities {
        let people: BTreeMap<PersonId, &crate::people::Row> = community
            .rows
            .iter()
            .map(|invitee| (invitee.person, &invitee.row))
            .collect();
        for (invitation, person) in &community.invited {
            let Some(row) = people.get(person) else {
                continue;
            };
            let Ok(name) = DisplayName::new(&row.name()) else {
                continue;
            };
            everyone.insert(
                *invitation,
                (community.tenant, row.person_ref.clone(), name),
            );
        }
    }
    everyone
}
