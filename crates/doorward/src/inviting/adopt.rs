//! Adopting all that somebody who leaves has offered.

use doorward_invitations::{AdoptRejection, Invitation};
use doorward_types::{InvitationId, MembershipId};

use super::Refused;
use crate::{Doorward, Error, Invite, Never, Permit, stored::invitations::sponsored_by};

/// What became of one invitation of a leaver.
#[derive(Debug)]
pub struct Adopted {
    /// The invitation.
    pub invitation: InvitationId,
    /// Whether it was taken over; a refusal leaves it as it was.
    pub outcome: Result<(), Refused<AdoptRejection>>,
}

impl Doorward {
    /// Takes over every open invitation of a sponsor who leaves, each in a commit of its own. What
    /// the actor may not offer stays with the leaver and is told; sent again, the rest is gone over.
    ///
    /// # Errors
    /// [`Denied`](crate::Denied), or a [`Fault`](crate::Fault) where the storage fails.
    pub async fn adopt_all_of(
        &self,
        permit: Permit<Invite>,
        leaver: MembershipId,
    ) -> Result<Vec<Adopted>, Error<Never>> {
        // A request names one act; these are many, and adopting twice changes nothing.
        let permit = self.again(&permit).await?.unasked();
        let theirs = self
            .every::<Invitation>(&sponsored_by(permit.scope(), leaver))
            .await?;
        let mut adopted = Vec::with_capacity(theirs.len());
        for read in theirs {
            let invitation = read.state.id();
            let outcome = self.adopt_once(&permit, invitation).await;
            let outcome = self.settled(&permit, outcome).await;
            adopted.push(Adopted {
                invitation,
                outcome,
            });
        }
        Ok(adopted)
    }
}
