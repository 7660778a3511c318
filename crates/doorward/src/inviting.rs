//! Invitations as sponsors see them: issued, sent again, amended, adopted, revoked.

mod adopt;
mod issue;
mod judge;
mod mailing;

use std::collections::BTreeSet;

use doorward_access::FitRejection;
use doorward_invitations::{
    Adopt, AdoptRejection, Amend, AmendRejection, Invitation, IssueRejection, Policy, Resend,
    ResendRejection, RevokeRejection, Shortfall, Sponsor, SponsorVerdict, Sworn,
};
use doorward_storage::RecordKey;
use doorward_types::{
    DisplayName, EmailAddress, InvitationId, MembershipId, Offer, PersonId, Scope, SubjectId,
    SubjectOffer,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

pub use self::adopt::Adopted;
pub(crate) use self::{
    issue::Issuing,
    judge::{Judged, Named, OfferSets, check_accept_fits, shortfall},
};
use crate::{
    Doorward, Error, Fault, Invite, Permit, audit_trail,
    mail::Template,
    record::{Loaded, key_of},
    stored::invitations::InviteRequest,
    together::Records,
    work::{Committed, Tries, Work},
};

/// Whom to invite, and to what (Kalix: "enter the new user's log-in email and select their access
/// level or role"; ALIS: "Email", "User Profile", "Confirmation").
#[derive(Clone, Debug, Serialize)]
pub struct NewInvitation {
    /// Where the mail goes; whoever accepts proves it.
    pub address: EmailAddress,
    /// Which person of the tenant it is for, if they are recorded.
    pub person: Option<PersonId>,
    /// Whom the mail greets.
    pub name: Option<DisplayName>,
    /// What is offered.
    pub offer: Offer,
    /// What the sponsor swears to, for each subject (ALIS: "Select the checkbox to confirm that
    /// this user is authorized to view the resident's sensitive information").
    #[serde(skip)]
    pub sworn: Sworn,
}

/// An invitation that waits, as its sponsor sees it right after an act.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Invited {
    /// The invitation.
    pub invitation: InvitationId,
    /// Until when it can be accepted, in UTC (ALIS: "Invitation expires in 30 days").
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// Why an act of a sponsor is refused: the offer cannot be made as it stands, or the invitation's
/// own rule.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InviteRejection<R> {
    /// The offer names something that does not fit or does not exist.
    #[error(transparent)]
    Offer(FitRejection),
    /// The rule of the invitation.
    #[error("{0}")]
    Rule(R),
}

/// Which subjects are added to an open invitation, and which are taken away.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AmendForm {
    /// Subjects to add.
    pub add: Vec<SubjectOffer>,
    /// Subjects to take away.
    pub withdraw: BTreeSet<SubjectId>,
    /// What the sponsor swears to, for each added subject.
    #[serde(skip)]
    pub sworn: Sworn,
}

type Refused<R> = Error<InviteRejection<R>>;

impl Doorward {
    /// Invites somebody: one commit, one mail.
    ///
    /// The offer must lie within what the sponsor may give, the address must be nobody else's in
    /// this tenant, and where the policy asks for it the sponsor swears for each subject. An expired
    /// invitation to the same address gives its place to the new one. The sponsor does not learn
    /// whether the address has an account elsewhere.
    ///
    /// # Errors
    /// [`IssueRejection`] or [`FitRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn invite(
        &self,
        mut permit: Permit<Invite>,
        form: NewInvitation,
    ) -> Result<Invited, Refused<IssueRejection>> {
        let outcome = self.invite_once(&mut permit, &form).await;
        self.settled(&permit, outcome).await
    }

    async fn invite_once(
        &self,
        permit: &mut Permit<Invite>,
        form: &NewInvitation,
    ) -> Result<Invited, Refused<IssueRejection>> {
        permit.asked_for("invite", form)?;
        let mut tries = Tries::default();
        loop {
            let tried = self.try_to_invite(permit, &mut tries, form).await;
            if let Committed::Done(invited) = tries.settle(tried)? {
                return Ok(invited);
            }
        }
    }

    async fn try_to_invite(
        &self,
        permit: &mut Permit<Invite>,
        tries: &mut Tries,
        form: &NewInvitation,
    ) -> Result<Committed<Invited>, Refused<IssueRejection>> {
        let issuing = Issuing {
            tenant: permit.tenant(),
            address: form.address.clone(),
            person: form.person,
            name: form.name.clone(),
            offer: form.offer.clone(),
            sworn: form.sworn.clone(),
            sponsor: sponsor(permit)?,
        };
        let reading = self.read_for(permit, tries, &issuing).await?;
        let mut work = permit.work("invite", form)?;
        let issued = self
            .issue_into(&mut work, issuing, reading, &permit.authority())
            .await?;
        Ok(work.commit(self, tries, invited(&issued)).await?)
    }

    /// Sends an invitation again: the same one, with a new link, a new clock, and whoever sends it
    /// as its sponsor (ALIS "Resend Invite"; Kalix "Resend invitation"). Earlier links end.
    ///
    /// # Errors
    /// [`ResendRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn resend_invitation(
        &self,
        permit: Permit<Invite>,
        invitation: InvitationId,
    ) -> Result<Invited, Refused<ResendRejection>> {
        let outcome = self.resend_once(&permit, invitation).await;
        self.settled(&permit, outcome).await
    }

    async fn resend_once(
        &self,
        permit: &Permit<Invite>,
        invitation: InvitationId,
    ) -> Result<Invited, Refused<ResendRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let (now, scope) = (permit.now(), permit.scope());
            let mut work = permit.work("resend_invitation", &invitation)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let read = self.need_invitation(scope, invitation).await?;
            let verdict = self
                .guarded_verdict(&mut work, &read.state, read.state.offer(), &permit)
                .await?;
            let (secret, digest) = self.next_link(scope, &read.state)?;
            let resend = Resend {
                by: sponsor(&permit)?,
                verdict,
                digest,
            };
            let policy = self.policy_of(&read.state)?;
            let (next, events) = read
                .state
                .clone()
                .resend(resend, policy, now)
                .map_err(ruled)?;
            work.replace(&read, &next)?;
            work.note(events.iter().map(audit_trail::invitation));
            self.mail_invitation(&mut work, &next, Template::Invitation, secret)
                .await?;
            let invited = invited(&next);
            if let Committed::Done(invited) = work.commit(self, &mut tries, invited).await? {
                return Ok(invited);
            }
        }
    }

    /// Adds subjects to an open invitation or takes some away, with one new mail.
    ///
    /// # Errors
    /// [`AmendRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn amend_invitation(
        &self,
        permit: Permit<Invite>,
        invitation: InvitationId,
        form: AmendForm,
    ) -> Result<Invited, Refused<AmendRejection>> {
        let outcome = self.amend_once(&permit, invitation, &form).await;
        self.settled(&permit, outcome).await
    }

    async fn amend_once(
        &self,
        permit: &Permit<Invite>,
        invitation: InvitationId,
        form: &AmendForm,
    ) -> Result<Invited, Refused<AmendRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let (now, scope) = (permit.now(), permit.scope());
            let mut work = permit.work("amend_invitation", &(invitation, form))?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let read = self.need_invitation(scope, invitation).await?;
            let added = form.add.iter().map(|row| row.subject);
            self.known_subjects(scope, added).await?;
            // Judged as it will stand; what cannot stand is refused by the rule, and given by nobody.
            let offer = read.state.offer().clone();
            let verdict = match offer.amended(form.add.iter().cloned(), &form.withdraw) {
                Ok(offer) => {
                    self.guarded_verdict(&mut work, &read.state, &offer, &permit)
                        .await?
                }
                Err(_) => SponsorVerdict::Above(Shortfall::OfferGone),
            };
            let (secret, digest) = self.next_link(scope, &read.state)?;
            let amend = Amend {
                add: form.add.clone(),
                withdraw: form.withdraw.clone(),
                sworn: form.sworn.clone(),
                by: sponsor(&permit)?,
                verdict,
                digest,
            };
            let policy = self.policy_of(&read.state)?;
            let (next, events) = read
                .state
                .clone()
                .amend(amend, policy, now)
                .map_err(ruled)?;
            work.replace(&read, &next)?;
            work.note(events.iter().map(audit_trail::invitation));
            self.mail_invitation(&mut work, &next, Template::Invitation, secret)
                .await?;
            let invited = invited(&next);
            if let Committed::Done(invited) = work.commit(self, &mut tries, invited).await? {
                return Ok(invited);
            }
        }
    }

    /// Takes over an open invitation, whose sponsor may no longer offer it or has left. No mail:
    /// the link stays as it is.
    ///
    /// # Errors
    /// [`AdoptRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn adopt_invitation(
        &self,
        permit: Permit<Invite>,
        invitation: InvitationId,
    ) -> Result<(), Refused<AdoptRejection>> {
        let outcome = self.adopt_once(&permit, invitation).await;
        self.settled(&permit, outcome).await
    }

    async fn adopt_once(
        &self,
        permit: &Permit<Invite>,
        invitation: InvitationId,
    ) -> Result<(), Refused<AdoptRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("adopt_invitation", &invitation)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let read = self.need_invitation(permit.scope(), invitation).await?;
            let verdict = self
                .guarded_verdict(&mut work, &read.state, read.state.offer(), &permit)
                .await?;
            let by = permit.member().ok_or(crate::Denied::Support)?;
            let adopt = Adopt { by, verdict };
            let (next, events) = read
                .state
                .clone()
                .adopt(adopt, permit.now())
                .map_err(ruled)?;
            work.replace(&read, &next)?;
            work.note(events.iter().map(audit_trail::invitation));
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Ends an invitation (Kalix: "Revoke invitation - removes the invited user's ability to accept
    /// the pending invitation").
    ///
    /// # Errors
    /// [`RevokeRejection`] where it is closed already, [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn revoke_invitation(
        &self,
        permit: Permit<Invite>,
        invitation: InvitationId,
    ) -> Result<(), Error<RevokeRejection>> {
        let outcome = self.revoke_once(&permit, invitation).await;
        self.settled(&permit, outcome).await
    }

    async fn revoke_once(
        &self,
        permit: &Permit<Invite>,
        invitation: InvitationId,
    ) -> Result<(), Error<RevokeRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("revoke_invitation", &invitation)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let pointed = self.need_pointed(permit.scope(), invitation).await?;
            let read = &pointed.invitation;
            let by = permit.principal().clone();
            let (next, events) = read
                .state
                .clone()
                .revoke(by, permit.now())
                .map_err(Error::Rejected)?;
            work.replace(read, &next)?;
            pointed.withdraw(&mut work);
            work.note(events.iter().map(audit_trail::invitation));
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    pub(crate) async fn need_invitation(
        &self,
        scope: Scope,
        invitation: InvitationId,
    ) -> Result<Loaded<Invitation>, Fault> {
        self.need(scope, invitation.as_uuid(), "invitation").await
    }

    /// Which policy an invitation stands under: that of the kind it offers.
    pub(crate) fn policy_of(&self, invitation: &Invitation) -> Result<&Policy, Fault> {
        Ok(&self.admission(invitation.offer().kind())?.policy)
    }

    /// Whether the actor may give what an invitation offers; what was read for it is guarded.
    async fn guarded_verdict<R>(
        &self,
        work: &mut Work,
        invitation: &Invitation,
        offer: &Offer,
        permit: &Permit<Invite>,
    ) -> Result<SponsorVerdict, Refused<R>> {
        check_accept_fits(offer)?;
        let judged = self
            .judge(permit.scope(), offer, &permit.authority())
            .await?;
        judged.guard(work);
        match judged.verdict() {
            Ok(verdict) => Ok(verdict),
            Err(unfit) if invitation.is_open() => {
                Err(Error::Rejected(InviteRejection::Offer(unfit)))
            }
            // Its rule says that it is closed.
            Err(_) => Ok(SponsorVerdict::Above(Shortfall::OfferGone)),
        }
    }

    /// Reads an invitation together with the invitee's own pointer to it.
    pub(crate) async fn need_pointed(
        &self,
        scope: Scope,
        invitation: InvitationId,
    ) -> Result<Pointed, Fault> {
        Pointed::take(&mut self.records(Pointed::keys(scope, invitation)).await?)
    }

    /// Takes the invitee's own pointer to a closed invitation away.
    pub(crate) async fn withdraw_request(
        &self,
        work: &mut Work,
        invitation: InvitationId,
    ) -> Result<(), Fault> {
        if let Some(request) = self
            .load::<InviteRequest>(Scope::Directory, invitation.as_uuid())
            .await?
        {
            work.delete(&request);
        }
        Ok(())
    }
}

/// An invitation, and the invitee's own pointer to it in the directory.
#[derive(Debug)]
pub(crate) struct Pointed {
    pub(crate) invitation: Loaded<Invitation>,
    pub(crate) pointer: Option<Loaded<InviteRequest>>,
}

impl Pointed {
    /// Returns the keys of both, to be read with others.
    pub(crate) fn keys(scope: Scope, invitation: InvitationId) -> Vec<RecordKey> {
        vec![
            key_of::<Invitation>(scope, invitation.as_uuid()),
            key_of::<InviteRequest>(Scope::Directory, invitation.as_uuid()),
        ]
    }

    /// Takes both out of what was read by [`keys`](Self::keys).
    pub(crate) fn take(read: &mut Records) -> Result<Self, Fault> {
        let missing = Fault::Unknown { what: "invitation" };
        Ok(Self {
            invitation: read.next()?.ok_or(missing)?,
            pointer: read.next()?,
        })
    }

    /// Takes the pointer away with the act that closes the invitation.
    pub(crate) fn withdraw(&self, work: &mut Work) {
        if let Some(pointer) = &self.pointer {
            work.delete(pointer);
        }
    }
}

fn sponsor<A: crate::Act>(permit: &Permit<A>) -> Result<Sponsor, crate::Denied> {
    let member: Option<MembershipId> = permit.member();
    member.map(Sponsor::Member).ok_or(crate::Denied::Support)
}

fn invited(invitation: &Invitation) -> Invited {
    Invited {
        invitation: invitation.id(),
        expires_at: invitation.mailing().expires_at,
    }
}

fn ruled<R>(rule: R) -> Refused<R> {
    Error::Rejected(InviteRejection::Rule(rule))
}
