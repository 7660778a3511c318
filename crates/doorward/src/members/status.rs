//! Disabling, restoring and removing a member: acts, decided again where others changed what they
//! rely on.

use doorward_access::{
    DisableRejection, MemberEdit, Membership, RemoveRejection, RestoreRejection,
};
use doorward_types::{Levels, MembershipId, Scope};

use super::Changed;
use crate::{
    Doorward, Error, ManageMembers, Permit, audit_trail,
    record::Loaded,
    stored::access::Seat,
    work::{Committed, Tries},
};

impl Doorward {
    /// Disables a member's access, with all its subjects; their sessions end at once (ALIS: "Disable
    /// Access: Immediately revoke the user's ability to log in").
    ///
    /// # Errors
    /// [`DisableRejection`], [`Denied`](crate::Denied) or a [`Fault`](crate::Fault).
    pub async fn disable_access(
        &self,
        permit: Permit<ManageMembers>,
        member: MembershipId,
    ) -> Result<(), Error<DisableRejection>> {
        let change = |read: Membership, edit: &MemberEdit<'_>| read.disable(edit);
        let outcome = self.act_on(&permit, "disable_access", member, change).await;
        self.settled(&permit, outcome).await
    }

    /// Restores a member's access. All that they hold is gained anew, so the actor must be able to
    /// give it (design 9.2: "enable restores it").
    ///
    /// # Errors
    /// [`RestoreRejection`], [`Denied`](crate::Denied) or a [`Fault`](crate::Fault).
    pub async fn restore_access(
        &self,
        permit: Permit<ManageMembers>,
        member: MembershipId,
    ) -> Result<(), Error<RestoreRejection>> {
        let change = |read: Membership, edit: &MemberEdit<'_>| read.restore(edit);
        let outcome = self.act_on(&permit, "restore_access", member, change).await;
        self.settled(&permit, outcome).await
    }

    /// Removes a member (Kalix: "Remove User"). One write ends everything that hangs on the
    /// membership: who returns joins anew and revives nothing. Invitations they sponsor stay open,
    /// and whoever accepts one learns that it must be made again.
    ///
    /// # Errors
    /// [`RemoveRejection`], [`Denied`](crate::Denied) or a [`Fault`](crate::Fault).
    pub async fn remove_member(
        &self,
        permit: Permit<ManageMembers>,
        member: MembershipId,
    ) -> Result<(), Error<RemoveRejection>> {
        let change = |read: Membership, edit: &MemberEdit<'_>| read.remove(edit);
        let outcome = self.act_on(&permit, "remove_member", member, change).await;
        self.settled(&permit, outcome).await
    }

    async fn act_on<R: Send>(
        &self,
        permit: &Permit<ManageMembers>,
        use_case: &'static str,
        member: MembershipId,
        change: impl Fn(Membership, &MemberEdit<'_>) -> Changed<R> + Send + Sync,
    ) -> Result<(), Error<R>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work(use_case, &member)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let read: Loaded<Membership> = self
                .need(permit.scope(), member.as_uuid(), "member")
                .await?;
            let facts = self.member_facts(&permit, &read, &Levels::none()).await?;
            let (authority, by) = (permit.authority(), permit.principal());
            let edit = facts.edit(self.catalog(), &authority, by, permit.now());
            let (next, events) = change(read.state.clone(), &edit).map_err(Error::Rejected)?;
            facts.guard(&mut work);
            work.replace(&read, &next)?;
            work.note(events.iter().map(audit_trail::membership));
            if next.is_removed()
                && let Some(seat) = self
                    .load::<Seat>(Scope::Directory, member.as_uuid())
                    .await?
            {
                work.delete(&seat);
            }
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }
}
