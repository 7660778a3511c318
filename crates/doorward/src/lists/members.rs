//! Members: who they are, what they hold, in which groups; and who can be scheduled.

use std::collections::HashMap;

use doorward_access::{Group, GroupTag, Level, Membership, Permissions, Relation};
use doorward_audit::report::{AccessStatus, LevelsHeld};
use doorward_identity::Account;
use doorward_storage::{Kind, Limit, Range};
use doorward_types::{
    AccountId, DisplayName, EmailAddress, GroupId, KindName, Levels, MembershipId, PersonId,
    RoleName, Scope, Switches, UserName,
};
use time::OffsetDateTime;

use super::{Page, PageMark, facts::member_status, names::called};
use crate::{
    Doorward, Error, Fault, Never, OwnAccount, Permit, ViewAccess,
    access_checks::{Hanging, states},
    record::{Loaded, stored_scope, value},
    stored::access::{every, exactly, members},
};

/// A member as a list shows them (Kalix: "Viewing Users in Your Account").
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MemberRow {
    /// The membership.
    pub membership: MembershipId,
    /// The account.
    pub account: AccountId,
    /// The tenant's record of the person, if there is one.
    pub person: Option<PersonId>,
    /// What the member is called.
    pub name: Option<DisplayName>,
    /// What the member does here.
    pub title: Option<DisplayName>,
    /// The account's address.
    pub email: Option<EmailAddress>,
    /// The name the member signs in by, where it was given in this tenant.
    pub user_name: Option<UserName>,
    /// The kind of user.
    pub kind: KindName,
    /// The role, where the kind has roles.
    pub role: Option<RoleName>,
    /// The switches as they are stored.
    pub switches: Switches,
    /// The levels, by the names they have today.
    pub levels: LevelsHeld,
    /// The groups, by name.
    pub groups: Vec<(GroupId, DisplayName)>,
    /// How the member stands to the tenant.
    pub status: AccessStatus,
    /// The first instant at which access ends by itself, if it does.
    pub until: Option<OffsetDateTime>,
    /// When the member joined, in UTC.
    pub joined_at: OffsetDateTime,
}

/// A member by name alone: what colleagues see of each other.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Colleague {
    /// The membership.
    pub membership: MembershipId,
    /// What the member is called.
    pub name: Option<DisplayName>,
    /// What the member does here.
    pub title: Option<DisplayName>,
    /// The groups, by name.
    pub groups: Vec<(GroupId, DisplayName)>,
}

impl Doorward {
    /// Lists the members of the tenant in the order in which they joined; removed ones are not
    /// among them.
    ///
    /// # Errors
    /// [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn members(
        &self,
        permit: &Permit<ViewAccess>,
        after: Option<&PageMark>,
        limit: Limit,
    ) -> Result<Page<MemberRow>, Error<Never>> {
        let permit = self.again(permit).await?;
        let scope = permit.scope();
        let (read, next) = self
            .page::<Membership>(&members(scope), after.map(PageMark::cursor), limit)
            .await?;
        let rows = self.member_rows(scope, &read, permit.now()).await?;
        Ok(Page::new(rows, next))
    }

    /// Lists the members of a group (Kalix: "User groups can be used to categorize providers"). Who was
    /// removed is in no group.
    ///
    /// # Errors
    /// [`Fault::Unknown`] for a group of another tenant, [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn group_members(
        &self,
        permit: &Permit<ViewAccess>,
        group: GroupId,
        after: Option<&PageMark>,
        limit: Limit,
    ) -> Result<Page<MemberRow>, Error<Never>> {
        let permit = self.again(permit).await?;
        let scope = permit.scope();
        self.need::<Group>(scope, group.as_uuid(), "group").await?;
        let range = exactly(scope, "group_tag_by_group", &[group.as_bytes()]);
        let (tags, next) = self
            .page::<GroupTag>(&range, after.map(PageMark::cursor), limit)
            .await?;
        let mut ids: Vec<MembershipId> = tags.iter().map(|tag| tag.state.membership).collect();
        ids.sort_unstable();
        let mut read: Vec<Loaded<Membership>> = self
            .load_all(scope, ids.iter().map(|member| member.as_uuid()))
            .await?;
        // Tags hang on a membership and go with it.
        read.retain(|member| !member.state.is_removed());
        let rows = self.member_rows(scope, &read, permit.now()).await?;
        Ok(Page::new(rows, next))
    }

    /// Lists the members who hold a permission over their own work at least, by name alone: the
    /// schedulable clinicians of a calendar (Kalix "Show on Calendar").
    ///
    /// Everybody who is signed in can ask, since a calendar is everybody's; the host decides to
    /// whom it shows one. Whose access could not be decided is left out.
    ///
    /// # Errors
    /// [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn members_holding<P: Permissions>(
        &self,
        permit: &Permit<OwnAccount>,
        permissions: P,
        after: Option<&PageMark>,
        limit: Limit,
    ) -> Result<Page<Colleague>, Error<Never>> {
        let asked = permissions.mask();
        let permit = self.again(permit).await?;
        let (scope, now) = (permit.scope(), permit.now());
        let (read, next) = self
            .page::<Membership>(&members(scope), after.map(PageMark::cursor), limit)
            .await?;
        let levels = states(&self.every::<Level>(&every(scope, "level")).await?);
        let holds = |member: &Loaded<Membership>| {
            let standing = Hanging::default().standing(self, &member.state, &levels);
            let decision = standing.check(asked, Relation::Own, now);
            decision.allowed().is_ok()
        };
        let holding: Vec<Loaded<Membership>> = read.into_iter().filter(holds).collect();
        let accounts = self
            .accounts_of(holding.iter().map(|member| member.state.account()))
            .await?;
        let mut groups = self.groups_of(scope, &holding).await?;
        let colleague = |Loaded { state: member, .. }: &Loaded<Membership>| {
            let account = accounts.get(&member.account());
            let connected = member_status(member, account, now) == AccessStatus::Connected;
            connected.then(|| Colleague {
                membership: member.id(),
                name: called(member, account),
                title: member.details().title.clone(),
                groups: groups.remove(&member.id()).unwrap_or_default(),
            })
        };
        let rows = holding.iter().filter_map(colleague).collect();
        Ok(Page::new(rows, next))
    }

    async fn member_rows(
        &self,
        scope: Scope,
        read: &[Loaded<Membership>],
        now: OffsetDateTime,
    ) -> Result<Vec<MemberRow>, Fault> {
        let levels = states(&self.every::<Level>(&every(scope, "level")).await?);
        let accounts = self
            .accounts_of(read.iter().map(|member| member.state.account()))
            .await?;
        let mut groups = self.groups_of(scope, read).await?;
        let row = |Loaded { state: member, .. }: &Loaded<Membership>| {
            let account = accounts.get(&member.account());
            MemberRow {
                membership: member.id(),
                account: member.account(),
                person: member.person(),
                name: called(member, account),
                title: member.details().title.clone(),
                email: account
                    .and_then(Account::address)
                    .map(|address| address.as_email().clone()),
                user_name: account
                    .and_then(Account::user_name)
                    .filter(|own| Scope::Tenant(own.tenant) == scope)
                    .map(|own| own.name.clone()),
                kind: member.kind().clone(),
                role: member.role().cloned(),
                switches: member.switches().clone(),
                levels: levels_held(member.levels(), &levels),
                groups: groups.remove(&member.id()).unwrap_or_default(),
                status: member_status(member, account, now),
                until: member.window().until(),
                joined_at: member.joined_at(),
            }
        };
        Ok(read.iter().map(row).collect())
    }

    /// The groups of these members, by name. Members of a page lie side by side in the index, so
    /// their tags are one range; a tag of a group that is gone means nothing.
    async fn groups_of(
        &self,
        scope: Scope,
        read: &[Loaded<Membership>],
    ) -> Result<HashMap<MembershipId, Vec<(GroupId, DisplayName)>>, Fault> {
        let ids = || read.iter().map(|member| member.state.id());
        let (Some(first), Some(last)) = (ids().min(), ids().max()) else {
            return Ok(HashMap::new());
        };
        let groups = self.every::<Group>(&every(scope, "group")).await?;
        let names: HashMap<GroupId, DisplayName> = groups
            .into_iter()
            .map(|group| (group.state.id(), group.state.name().clone()))
            .collect();
        if names.is_empty() {
            return Ok(HashMap::new());
        }
        let index = Kind::from_static("group_tag_by_membership");
        let until = value([last.as_bytes()]).prefix_end().unwrap_or_default();
        let from = value([first.as_bytes()]);
        let range = Range::between(stored_scope(scope), index, from, until);
        let mut tagged: HashMap<MembershipId, Vec<(GroupId, DisplayName)>> = HashMap::new();
        for tag in self.every::<GroupTag>(&range).await? {
            let tag = tag.state;
            if let Some(name) = names.get(&tag.group) {
                let groups = tagged.entry(tag.membership).or_default();
                groups.push((tag.group, name.clone()));
            }
        }
        for groups in tagged.values_mut() {
            groups.sort_by_cached_key(|(_, name)| name.folded());
        }
        Ok(tagged)
    }
}

/// Levels by the names they have today; one that is gone gives nothing and is not shown.
pub(crate) fn levels_held(held: &Levels, levels: &[Level]) -> LevelsHeld {
    match held {
        Levels::Unrestricted => LevelsHeld::Unrestricted,
        Levels::Assigned(ids) => {
            let named = levels.iter().filter(|level| ids.contains(&level.id()));
            LevelsHeld::Named(named.map(|level| level.name().clone()).collect())
        }
    }
}
