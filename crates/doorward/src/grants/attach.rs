//! Attaching people to a member (HomeTrak: "People that this Account can View"; Kalix: assigned
//! clients).

use doorward_access::{AttachRejection, Attachment, Membership};
use doorward_identity::{Account, Person};
use doorward_types::{MembershipId, Scope, SubjectId};

use crate::{
    Doorward, Error, Fault, Permit, act, audit_trail,
    record::Loaded,
    work::{Committed, Tries},
};

impl Doorward {
    /// Attaches a person to a member (HomeTrak: "Attach to other people"). It adds reach, no
    /// permission. Attaching again changes nothing.
    ///
    /// # Errors
    /// [`AttachRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn attach(
        &self,
        permit: Permit<act::Grant>,
        member: MembershipId,
        subject: SubjectId,
    ) -> Result<(), Error<AttachRejection>> {
        let outcome = self.attach_once(&permit, member, subject).await;
        self.settled(&permit, outcome).await
    }

    async fn attach_once(
        &self,
        permit: &Permit<act::Grant>,
        member: MembershipId,
        subject: SubjectId,
    ) -> Result<(), Error<AttachRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("attach", &(member, subject))?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let (scope, now) = (permit.scope(), permit.now());
            let read: Loaded<Membership> = self.need(scope, member.as_uuid(), "member").await?;
            let person = subject.person().as_uuid();
            let person: Loaded<Person> = self.need(scope, person, "subject").await?;
            let account = read.state.account().as_uuid();
            let account: Loaded<Account> = self.need(Scope::Directory, account, "account").await?;
            let channels = self.channels_of(&account.state)?;
            let (authority, by) = (permit.authority(), permit.principal());
            let (attachment, events) = Attachment::attach(
                &read.state,
                subject,
                self.catalog(),
                &channels,
                &authority,
                by,
                now,
            )
            .map_err(Error::Rejected)?;
            if self.attachment_of(scope, member, subject).await?.is_none() {
                work.guard(&read);
                work.guard(&person);
                // The account's class says whether it can use the portal.
                work.guard(&account);
                self.touch_relationship(scope, &mut work, &read.state, subject)
                    .await?;
                work.create(scope, &attachment)?;
                work.note(events.iter().map(audit_trail::attachment));
            }
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Detaches a person from a member (HomeTrak: "Remove selected").
    ///
    /// # Errors
    /// [`Denied`](crate::Denied) or a [`Fault`]; [`Fault::Unknown`] where nobody is attached.
    pub async fn detach(
        &self,
        permit: Permit<act::Grant>,
        member: MembershipId,
        subject: SubjectId,
    ) -> Result<(), Error<crate::Never>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(&permit).await?;
            let mut work = permit.work("detach", &(member, subject))?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let read = self
                .attachment_of(permit.scope(), member, subject)
                .await?
                .ok_or(Fault::unknown("attachment"))?;
            work.delete(&read);
            let events = read.state.detach();
            work.note(events.iter().map(audit_trail::attachment));
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }
}
