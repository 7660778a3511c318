//! Declining: by the link or signed in; the sponsor sees that, and why.

use doorward_access::Membership;
use doorward_identity::Account;
use doorward_invitations::{
    Confirmed, DeclineReason, DeclineRejection, Decliner, Declining, Invitation, Sponsor,
};
use doorward_types::{Principal, RequestId, Scope};

use super::{InvitationRef, answered_by};
use crate::{
    Denied, Doorward, Error, Fault, OwnAccount, Permit, audit_trail,
    mail::{About, Notice, Template},
    work::{Asked, Committed, Tries, Work},
};

impl Doorward {
    /// Declines by the mailed link, also with "this is not me". A host calls it from a POST. Sent
    /// again under its request id, it answers the first outcome.
    ///
    /// # Errors
    /// [`DeclineRejection`] or a [`Fault`].
    pub async fn decline_by_link(
        &self,
        link: &str,
        reason: DeclineReason,
        _confirmed: Confirmed,
        request: Option<RequestId>,
    ) -> Result<(), Error<DeclineRejection>> {
        let asked = Asked::by_link(link, request, "decline_by_link", &reason)?;
        let outcome = self.decline_by_link_once(link, &reason, asked.clone());
        let outcome = outcome.await;
        self.as_its_twin(asked.as_ref(), outcome).await
    }

    async fn decline_by_link_once(
        &self,
        link: &str,
        reason: &DeclineReason,
        asked: Option<Asked>,
    ) -> Result<(), Error<DeclineRejection>> {
        let refused = DeclineRejection::Refused;
        let (token, first) = self
            .linked_invitation(link)
            .await
            .map_err(|e| e.map_rejection(refused))?;
        let mut tries = Tries::default();
        loop {
            let now = self.now();
            let mut work = Work::new(first.scope, Principal::Anonymous, now).asked(asked.clone());
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let pointed = self.need_pointed(first.scope, first.state.id()).await?;
            let read = &pointed.invitation;
            let matched = read.state.verify(&token, now);
            let matched = matched.map_err(|refusal| Error::Rejected(refused(refusal)))?;
            let declining = Declining {
                decliner: Decliner::Link(matched),
                reason: reason.clone(),
            };
            let declined = read
                .state
                .clone()
                .decline(declining, Confirmed::by_post(), now);
            let (next, events) = declined.map_err(Error::Rejected)?;
            work.replace(read, &next)?;
            pointed.withdraw(&mut work);
            work.note(events.iter().map(audit_trail::invitation));
            self.tell_sponsor(&mut work, &next).await?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Declines as whoever is signed in, also with "this is not me": the address was somebody
    /// else's on the sponsor's list (design 9.10).
    ///
    /// # Errors
    /// [`DeclineRejection`], [`Denied`] or a [`Fault`].
    pub async fn decline_signed_in(
        &self,
        permit: Permit<OwnAccount>,
        invitation: InvitationRef,
        reason: DeclineReason,
        _confirmed: Confirmed,
    ) -> Result<(), Error<DeclineRejection>> {
        let outcome = self
            .decline_signed_in_once(&permit, invitation, &reason)
            .await;
        self.settled(&permit, outcome).await
    }

    async fn decline_signed_in_once(
        &self,
        permit: &Permit<OwnAccount>,
        invitation: InvitationRef,
        reason: &DeclineReason,
    ) -> Result<(), Error<DeclineRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let (now, scope) = (permit.now(), Scope::Tenant(invitation.tenant));
            let pointed = self.need_pointed(scope, invitation.invitation).await?;
            let read = &pointed.invitation;
            let account = permit.actor().account.as_ref().ok_or(Denied::Support)?;
            let wrong = || Error::Rejected(DeclineRejection::WrongRecipient);
            let verified = account.state.verified_email().ok_or_else(wrong)?;
            let decliner = Decliner::Account {
                account: account.state.id(),
                verified: verified.address().clone(),
            };
            let declining = Declining {
                decliner,
                reason: reason.clone(),
            };
            let asked = answered_by(&permit, scope, "decline_signed_in", &(invitation, reason))?;
            permit.keep_asked(asked.as_ref());
            let mut work = Work::new(scope, permit.principal().clone(), now).asked(asked);
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            work.guard(account);
            let declined = read
                .state
                .clone()
                .decline(declining, Confirmed::by_post(), now);
            let (next, events) = match declined {
                Ok(declined) => declined,
                Err(DeclineRejection::AlreadyDeclinedByYou(_)) => return Ok(()),
                Err(rejection) => return Err(Error::Rejected(rejection)),
            };
            work.replace(read, &next)?;
            pointed.withdraw(&mut work);
            work.note(events.iter().map(audit_trail::invitation));
            self.tell_sponsor(&mut work, &next).await?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Mails the sponsor that the invitation was declined.
    async fn tell_sponsor(&self, work: &mut Work, invitation: &Invitation) -> Result<(), Fault> {
        let Sponsor::Member(sponsor) = invitation.sponsor() else {
            return Ok(());
        };
        let scope = Scope::Tenant(invitation.tenant());
        let Some(member) = self.load::<Membership>(scope, sponsor.as_uuid()).await? else {
            return Ok(());
        };
        let account = member.state.account().as_uuid();
        let account = self.load::<Account>(Scope::Directory, account).await?;
        let Some(address) = account
            .as_ref()
            .and_then(|read| read.state.verified_email())
        else {
            return Ok(());
        };
        let tenant = self.need_tenant(invitation.tenant()).await?;
        let notice = Notice {
            template: Template::InvitationDeclined,
            to: address.address().clone(),
            about: About::Membership(sponsor),
            name: account.and_then(|read| read.state.name().cloned()),
            tenant: Some(tenant.state.name),
            expires_at: None,
            secret: None,
        };
        work.mail(self, scope, &notice).map(|_| ())
    }
}
