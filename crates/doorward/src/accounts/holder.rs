//! The account behind a member, as its administrators reach it.

use doorward_access::{
    Authority, Grant, Level, MemberEdit, Membership, Profile, Sets, Shortfall, Survivor,
};
use doorward_identity::Account;
use doorward_types::{AccountId, MembershipId, ProfileId, Scope};

use crate::{
    Act, Doorward, Error, Fault, Permit, record::Loaded, stored::access::grants_of, work::Work,
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
        let scope = permit.scope();
        let member = &holder.member;
        let levels = self
            .load_all::<Level>(scope, member.state.level_ids().map(|level| level.as_uuid()))
            .await?;
        let grants = self
            .every::<Grant>(&grants_of(scope, member.state.id()))
            .await?;
        let mut held: Vec<ProfileId> = grants
            .iter()
            .filter(|grant| grant.state.is_active())
            .map(|grant| grant.state.profile())
            .collect();
        held.sort_unstable();
        held.dedup();
        let profiles = self
            .load_all::<Profile>(scope, held.iter().map(|profile| profile.as_uuid()))
            .await?;
        work.guard(member);
        let levels: Vec<Level> = levels.into_iter().map(|read| read.state).collect();
        let profiles: Vec<Profile> = profiles.into_iter().map(|read| read.state).collect();
        let authority: Authority = permit.authority();
        let edit = MemberEdit {
            catalog: self.catalog(),
            sets: Sets {
                levels: &levels,
                profiles: &profiles,
            },
            grants: &held,
            authority: &authority,
            by: permit.principal(),
            survivor: None::<&Survivor>,
            now: permit.now(),
        };
        // What cannot be told counts as everything.
        Ok(member.state.beyond(&edit).unwrap_or(Shortfall {
            everything: true,
            ..Shortfall::default()
        }))
    }
}
