//! What members are called, read for many at once.

use std::{collections::HashMap, sync::Arc};

use doorward_access::Membership;
use doorward_audit::report::By;
use doorward_identity::Account;
use doorward_types::{AccountId, DisplayName, MembershipId, Principal, Scope};

use crate::{Doorward, Fault};

/// Names of members that were looked up; one that is not known is not asked for again. A copy costs
/// nothing until more are learnt.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(Arc<HashMap<MembershipId, Option<Known>>>);

#[derive(Clone, Debug)]
struct Known {
    account: AccountId,
    name: Option<DisplayName>,
}

impl Names {
    pub(crate) fn name(&self, member: MembershipId) -> Option<DisplayName> {
        self.known(member)?.name.clone()
    }

    /// Who this is, with the name they have today; `None` for a member that was never there.
    pub(crate) fn member(&self, membership: MembershipId) -> Option<By> {
        let known = self.known(membership)?;
        let account = known.account;
        Some(By {
            principal: Principal::Account {
                account,
                membership,
            },
            name: known.name.clone(),
        })
    }

    pub(crate) fn of(&self, principal: &Principal) -> By {
        let name = match principal {
            Principal::Account { membership, .. } => self.name(*membership),
            _ => None,
        };
        By {
            principal: principal.clone(),
            name,
        }
    }

    fn known(&self, member: MembershipId) -> Option<&Known> {
        self.0.get(&member)?.as_ref()
    }
}

/// What a member is called: as in their own details here, else as their account is.
pub(crate) fn called(member: &Membership, account: Option<&Account>) -> Option<DisplayName> {
    let own = member.details().name.clone();
    own.or_else(|| account.and_then(Account::name).cloned())
}

impl Doorward {
    /// Looks up the names of these members that are not known yet.
    pub(crate) async fn learn_names(
        &self,
        names: &mut Names,
        scope: Scope,
        members: impl IntoIterator<Item = MembershipId>,
    ) -> Result<(), Fault> {
        let mut wanted: Vec<MembershipId> = members
            .into_iter()
            .filter(|member| !names.0.contains_key(member))
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        wanted.sort_unstable();
        wanted.dedup();
        let ids = wanted.iter().map(|member| member.as_uuid());
        let members = self.load_all::<Membership>(scope, ids).await?;
        let accounts = self
            .accounts_of(members.iter().map(|member| member.state.account()))
            .await?;
        let known = Arc::make_mut(&mut names.0);
        known.extend(wanted.into_iter().map(|member| (member, None)));
        for member in &members {
            let account = member.state.account();
            let name = called(&member.state, accounts.get(&account));
            known.insert(member.state.id(), Some(Known { account, name }));
        }
        Ok(())
    }

    /// Reads accounts of the directory, by id.
    pub(crate) async fn accounts_of(
        &self,
        accounts: impl IntoIterator<Item = AccountId>,
    ) -> Result<HashMap<AccountId, Account>, Fault> {
        let mut ids: Vec<AccountId> = accounts.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let ids = ids.iter().map(|account| account.as_uuid());
        let read = self.load_all::<Account>(Scope::Directory, ids).await?;
        Ok(read
            .into_iter()
            .map(|account| (account.state.id(), account.state))
            .collect())
    }
}
