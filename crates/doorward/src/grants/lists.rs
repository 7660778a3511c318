//! Who holds what over whom.

use doorward_access::{Attachment, Grant};
use doorward_types::{MembershipId, SubjectId};

use crate::{
    Act, Doorward, Fault, ManageMembers, Permit, Versioned, ViewAccess, act,
    stored::access::{attachments_of, attachments_to, grants_of, grants_over},
};

/// Acts whose forms show who holds what over whom.
pub trait SeesGrants: Act {}

impl SeesGrants for act::Grant {}
impl SeesGrants for ManageMembers {}
impl SeesGrants for ViewAccess {}

impl Doorward {
    /// Lists the grants of a member, those that are over too, each with the version that its forms
    /// ask for.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn grants_of_member<A: SeesGrants>(
        &self,
        permit: &Permit<A>,
        member: MembershipId,
    ) -> Result<Vec<Versioned<Grant>>, Fault> {
        let range = grants_of(permit.scope(), member);
        let all = self.every::<Grant>(&range).await?;
        Ok(all.into_iter().map(Versioned::from).collect())
    }

    /// Lists the grants over a subject, those that are over too (ALIS "Manage ALIS Connect Access"
    /// of one resident).
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn grants_over_subject<A: SeesGrants>(
        &self,
        permit: &Permit<A>,
        subject: SubjectId,
    ) -> Result<Vec<Versioned<Grant>>, Fault> {
        let range = grants_over(permit.scope(), subject);
        let all = self.every::<Grant>(&range).await?;
        Ok(all.into_iter().map(Versioned::from).collect())
    }

    /// Lists the people attached to a member (HomeTrak: "the list of people this user can view").
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn people_attached_to<A: SeesGrants>(
        &self,
        permit: &Permit<A>,
        member: MembershipId,
    ) -> Result<Vec<Attachment>, Fault> {
        let range = attachments_of(permit.scope(), member);
        let all = self.every::<Attachment>(&range).await?;
        Ok(all.into_iter().map(|read| read.state).collect())
    }

    /// Lists the members to whom a person is attached.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn members_attached_to<A: SeesGrants>(
        &self,
        permit: &Permit<A>,
        subject: SubjectId,
    ) -> Result<Vec<Attachment>, Fault> {
        let range = attachments_to(permit.scope(), subject);
        let all = self.every::<Attachment>(&range).await?;
        Ok(all.into_iter().map(|read| read.state).collect())
    }
}
