//! The account behind a member, as its administrators reach it.

use doorward_access::{Authority, Level, MemberEdit, Membership, RemoveRejection, Sets, Shortfall};
use doorward_identity::{Account, Status};
use doorward_types::{AccountId, EmailAddress, Levels, MembershipId, Principal, Scope};
use time::OffsetDateTime;

use crate::{
    Act, Doorward, Error, Fault, Permit, audit_trail,
    record::Loaded,
    stored::{
        access::{Seat, account_member, nobody},
        identity::verified_address,
    },
    work::Work,
};

/// A member of the tenant and their account.
#[derive(Debug)]
pub(crate) struct Holder {
    pub(crate) member: Loaded<Membership>,
    pub(crate) account: Loaded<Account>,
}

impl Doorward {
    /// Reads a member of the tenant with their account; somebody else's member is unknown (ASVS
    /// 8.4.1), and so is one who was removed.
    pub(crate) async fn holder(
        &self,
        scope: Scope,
        membership: MembershipId,
    ) -> Result<Holder, Fault> {
        let member = self
            .need::<Membership>(scope, membership.as_uuid(), "member")
            .await?;
        if member.state.is_removed() {
            return Err(Fault::unknown("member"));
        }
        let account = self.account_of(member.state.account()).await?;
        Ok(Holder { member, account })
    }

    /// Reads an account.
    pub(crate) async fn account_of(&self, account: AccountId) -> Result<Loaded<Account>, Fault> {
        self.need::<Account>(Scope::Directory, account.as_uuid(), "account")
            .await
    }

    /// Finds the member whose account has proved an address.
    ///
    /// Who asks may not learn whether it has an account elsewhere: the account is not unpacked, and
    /// a membership is looked up whether there is one or not.
    pub(crate) async fn member_who_proved(
        &self,
        scope: Scope,
        address: &EmailAddress,
    ) -> Result<Option<Loaded<Membership>>, Fault> {
        let account = self.storage().lookup(&verified_address(address)).await?;
        let account = account.and_then(|record| record.key.id.to_uuid());
        let account = account.map_or_else(nobody, AccountId::from_uuid);
        self.claimed(&account_member(scope, account)).await
    }

    /// Reads the account of whoever acts on their own.
    pub(crate) fn own<A: Act>(permit: &Permit<A>) -> Result<&Loaded<Account>, Error<crate::Never>> {
        permit
            .actor()
            .account
            .as_ref()
            .ok_or_else(|| crate::Denied::Support.into())
    }

    /// What the member holds and an administrator could not give. Whoever reads another's temporary
    /// password, or moves their account to an address of their own choice, could use it: so none of
    /// it may lie above what they may give (design 4).
    pub(crate) async fn beyond<A: Act>(
        &self,
        work: &mut Work,
        permit: &Permit<A>,
        holder: &Holder,
    ) -> Result<Shortfall, Fault> {
        let member = &holder.member;
        let facts = self.member_facts(permit, member, &Levels::none()).await?;
        work.guard(member);
        facts.guard(work);
        let (authority, by) = (permit.authority(), permit.principal());
        let edit = facts.edit(self.catalog(), &authority, by, permit.now());
        // What cannot be told counts as everything.
        Ok(member.state.beyond(&edit).unwrap_or(Shortfall {
            everything: true,
            ..Shortfall::default()
        }))
    }

    /// Tells whether the tenant keeps an administrator if this member cannot sign in any more, and
    /// guards who stays (design 4).
    pub(crate) async fn keeps_administrator(
        &self,
        work: &mut Work,
        holder: &Holder,
        now: OffsetDateTime,
    ) -> Result<bool, Fault> {
        let member = &holder.member;
        if holder.account.state.status() != Status::Active {
            return Ok(true);
        }
        let ids = member.state.level_ids().map(|level| level.as_uuid());
        let read = self.load_all::<Level>(member.scope, ids).await?;
        read.iter().for_each(|level| work.guard(level));
        work.guard(member);
        let levels: Vec<Level> = read.into_iter().map(|read| read.state).collect();
        let sets = Sets {
            levels: &levels,
            profiles: &[],
        };
        if !member.state.needs_survivor(self.catalog(), &sets, now) {
            return Ok(true);
        }
        let gone = Some(member.state.id());
        match self.stand_in(member.scope, gone, None, now).await? {
            Some(survivor) => {
                survivor.guard(work);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Removes a membership whose account closes, with its seat.
    pub(crate) async fn leave_into(
        &self,
        work: &mut Work,
        member: &Loaded<Membership>,
        by: &Principal,
        now: OffsetDateTime,
    ) -> Result<Result<(), RemoveRejection>, Fault> {
        let ids = member.state.level_ids().map(|level| level.as_uuid());
        let read = self.load_all::<Level>(member.scope, ids).await?;
        let levels: Vec<Level> = read.iter().map(|read| read.state.clone()).collect();
        let sets = Sets {
            levels: &levels,
            profiles: &[],
        };
        let gone = Some(member.state.id());
        let stays = if member.state.needs_survivor(self.catalog(), &sets, now) {
            self.stand_in(member.scope, gone, None, now).await?
        } else {
            None
        };
        let edit = MemberEdit {
            catalog: self.catalog(),
            sets,
            grants: &[],
            authority: &Authority::nothing(),
            by,
            survivor: stays.as_ref().map(|found| &found.survivor),
            now,
        };
        let (next, events) = match member.state.clone().remove(&edit) {
            Ok(removed) => removed,
            Err(rejection) => return Ok(Err(rejection)),
        };
        read.iter().for_each(|level| work.guard(level));
        if let Some(found) = &stays {
            found.guard(work);
        }
        work.replace(member, &next)?;
        work.note(events.iter().map(audit_trail::membership));
        let seat = member.state.id().as_uuid();
        if let Some(seat) = self.load::<Seat>(Scope::Directory, seat).await? {
            work.delete(&seat);
        }
        Ok(Ok(()))
    }
}
