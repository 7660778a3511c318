//! A member's own details (Kalix: "My Details page"): one's own, and those of others.

use doorward_access::{Details, DetailsRejection, Membership};
use doorward_types::MembershipId;

use crate::{
    Act, Denied, Doorward, EditMemberDetails, Error, Fault, FormVersion, OwnAccount, Permit,
    Versioned, audit_trail, record::Loaded,
};

impl Doorward {
    /// Reads one's own details, with the version that their form asks for.
    ///
    /// # Errors
    /// [`Denied`] for support, which is no member, or a [`Fault`].
    pub async fn own_details(
        &self,
        permit: &Permit<OwnAccount>,
    ) -> Result<Versioned<Details>, Error<DetailsRejection>> {
        let member = permit.member().ok_or(Denied::Support)?;
        Ok(self.details_of(permit, member).await?)
    }

    /// Edits one's own details: a form.
    ///
    /// # Errors
    /// [`DetailsRejection`], [`Denied`] or a [`Fault`], [`Fault::Stale`] among them.
    pub async fn edit_own_details(
        &self,
        permit: Permit<OwnAccount>,
        version: FormVersion,
        details: Details,
    ) -> Result<(), Error<DetailsRejection>> {
        let member = permit.member().ok_or(Denied::Support)?;
        let outcome = self.save_details(&permit, member, version, details).await;
        self.settled(&permit, outcome).await
    }

    /// Reads another member's details, with the version that their form asks for.
    ///
    /// # Errors
    /// A [`Fault`], [`Fault::Unknown`] among them.
    pub async fn member_details(
        &self,
        permit: &Permit<EditMemberDetails>,
        member: MembershipId,
    ) -> Result<Versioned<Details>, Fault> {
        self.details_of(permit, member).await
    }

    /// Edits another member's details: a form (Kalix: "Edit User Details ... Kalix will take you to
    /// the user's My Details page").
    ///
    /// # Errors
    /// [`DetailsRejection`], [`Denied`] or a [`Fault`], [`Fault::Stale`] among them.
    pub async fn edit_member_details(
        &self,
        permit: Permit<EditMemberDetails>,
        member: MembershipId,
        version: FormVersion,
        details: Details,
    ) -> Result<(), Error<DetailsRejection>> {
        let outcome = self.save_details(&permit, member, version, details).await;
        self.settled(&permit, outcome).await
    }

    async fn details_of<A: Act>(
        &self,
        permit: &Permit<A>,
        member: MembershipId,
    ) -> Result<Versioned<Details>, Fault> {
        let read: Loaded<Membership> = self
            .need(permit.scope(), member.as_uuid(), "member")
            .await?;
        Ok(Versioned::from(read).map(|member| member.details().clone()))
    }

    async fn save_details<A: Act>(
        &self,
        permit: &Permit<A>,
        member: MembershipId,
        version: FormVersion,
        details: Details,
    ) -> Result<(), Error<DetailsRejection>> {
        let permit = self.again(permit).await.map_err(Error::widen)?;
        let mut work = permit.work("edit_details", &(member, version, &details))?;
        if let Some(before) = work.replay(self).await? {
            return Ok(before);
        }
        let read: Loaded<Membership> = self
            .need(permit.scope(), member.as_uuid(), "member")
            .await?;
        version.check(&read, "member")?;
        let (next, events) = read
            .state
            .clone()
            .edit_details(details)
            .map_err(Error::Rejected)?;
        if !events.is_empty() {
            work.replace(&read, &next)?;
        }
        work.note(events.iter().map(audit_trail::membership));
        Ok(work.commit_form(self, "member", ()).await?)
    }
}
