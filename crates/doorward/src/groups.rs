//! Groups of users: created, renamed and deleted for the tenant, and assigned to members (Kalix
//! "Creating, Editing & Assigning User Groups").
//!
//! A group gives nothing; it sorts members. That a member is in a group is a record of its own, so
//! that deleting a group is one write whatever its size: tags of a group that is gone mean nothing,
//! and the sweep takes them away.

use std::collections::BTreeSet;

use doorward_access::{Group, GroupTag, Membership};
use doorward_storage::{Kind, Limit, Range};
use doorward_types::{DisplayName, GroupId, MembershipId, Principal, Scope};
use time::OffsetDateTime;

use crate::{
    Doorward, Error, Fault, ManageGroups, Never, OwnAccount, Permit, audit_trail,
    record::{Loaded, Stored, stored_scope},
    stored::access::{every, exactly, name_claim},
    work::{Committed, Tries, Work},
};

/// How many tags one sweeping commit takes away: each is a write and two index entries.
const TAGS_A_COMMIT: usize = 25;

/// Why a group was not created, renamed or assigned.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum GroupRejection {
    /// Another group of the tenant is called this, letter case and blanks aside.
    #[error("another group is called this already: choose another name")]
    NameTaken,
    /// The tenant has no such group.
    #[error("group `{group}` does not exist: it may have been deleted")]
    UnknownGroup {
        /// Which group.
        group: GroupId,
    },
    /// The member was removed.
    #[error("the member was removed: whoever returns joins anew")]
    MemberRemoved,
}

impl Doorward {
    /// Lists the tenant's groups by name. Every member may read them (design 9.5).
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn groups(&self, permit: &Permit<OwnAccount>) -> Result<Vec<Group>, Fault> {
        let range = every(permit.scope(), "group");
        let all = self.every::<Group>(&range).await?;
        Ok(all.into_iter().map(|read| read.state).collect())
    }

    /// Creates a group (Kalix: "clicking on the plus button").
    ///
    /// # Errors
    /// [`GroupRejection::NameTaken`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn create_group(
        &self,
        permit: Permit<ManageGroups>,
        name: DisplayName,
    ) -> Result<GroupId, Error<GroupRejection>> {
        let outcome = self.create_group_once(&permit, &name).await;
        self.settled(&permit, outcome).await
    }

    async fn create_group_once(
        &self,
        permit: &Permit<ManageGroups>,
        name: &DisplayName,
    ) -> Result<GroupId, Error<GroupRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("create_group", name)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            self.group_name_is_free(permit.scope(), name, None).await?;
            let id = GroupId::made_at(work.now, self.random()?);
            let (group, events) = Group::create(id, name.clone());
            work.create(permit.scope(), &group)?;
            work.note(events.iter().map(audit_trail::group));
            if let Committed::Done(id) = work.commit(self, &mut tries, id).await? {
                return Ok(id);
            }
        }
    }

    /// Renames a group, for all users (Kalix: "Edit the name of user groups by clicking in its
    /// field").
    ///
    /// # Errors
    /// [`GroupRejection::NameTaken`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn rename_group(
        &self,
        permit: Permit<ManageGroups>,
        group: GroupId,
        name: DisplayName,
    ) -> Result<(), Error<GroupRejection>> {
        let outcome = self.rename_group_once(&permit, group, &name).await;
        self.settled(&permit, outcome).await
    }

    async fn rename_group_once(
        &self,
        permit: &Permit<ManageGroups>,
        group: GroupId,
        name: &DisplayName,
    ) -> Result<(), Error<GroupRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("rename_group", &(group, name))?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let scope = permit.scope();
            let read: Loaded<Group> = self.need(scope, group.as_uuid(), "group").await?;
            self.group_name_is_free(scope, name, Some(group)).await?;
            let (next, events) = read.state.clone().rename(name.clone());
            if !events.is_empty() {
                work.replace(&read, &next)?;
            }
            work.note(events.iter().map(audit_trail::group));
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Deletes a group (Kalix: "clicking on the cross"). Its members are in it no more, at once.
    ///
    /// # Errors
    /// [`Denied`](crate::Denied) or a [`Fault`], [`Fault::Unknown`] among them.
    pub async fn delete_group(
        &self,
        permit: Permit<ManageGroups>,
        group: GroupId,
    ) -> Result<(), Error<Never>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(&permit).await?;
            let mut work = permit.work("delete_group", &group)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let read: Loaded<Group> = self.need(permit.scope(), group.as_uuid(), "group").await?;
            work.delete(&read);
            let events = read.state.delete();
            work.note(events.iter().map(audit_trail::group));
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Puts a member into exactly these groups (Kalix: "Select the user group/s you wish to assign to
    /// the selected user and click Save").
    ///
    /// # Errors
    /// [`GroupRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn assign_groups(
        &self,
        permit: Permit<ManageGroups>,
        member: MembershipId,
        groups: BTreeSet<GroupId>,
    ) -> Result<(), Error<GroupRejection>> {
        let outcome = self.assign_groups_once(&permit, member, &groups).await;
        self.settled(&permit, outcome).await
    }

    async fn assign_groups_once(
        &self,
        permit: &Permit<ManageGroups>,
        member: MembershipId,
        groups: &BTreeSet<GroupId>,
    ) -> Result<(), Error<GroupRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("assign_groups", &(member, groups))?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let scope = permit.scope();
            let read: Loaded<Membership> = self.need(scope, member.as_uuid(), "member").await?;
            if read.state.is_removed() {
                return Err(Error::Rejected(GroupRejection::MemberRemoved));
            }
            let tags = self.tags_of(scope, member).await?;
            let stands = |group: &GroupId| tags.iter().any(|tag| tag.state.group == *group);
            for group in groups.iter().filter(|group| !stands(group)) {
                let found: Option<Loaded<Group>> = self.load(scope, group.as_uuid()).await?;
                let unknown = GroupRejection::UnknownGroup { group: *group };
                // A group that is deleted at the same time takes nobody in.
                work.guard(&found.ok_or(Error::Rejected(unknown))?);
                let (tag, events) = GroupTag::add(*group, member);
                work.create(scope, &tag)?;
                work.note(events.iter().map(audit_trail::group));
            }
            for tag in tags.iter().filter(|tag| !groups.contains(&tag.state.group)) {
                work.delete(tag);
                work.note(tag.state.remove().iter().map(audit_trail::group));
            }
            work.guard(&read);
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Lists the groups a member is in, by name.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn groups_of_member(
        &self,
        permit: &Permit<ManageGroups>,
        member: MembershipId,
    ) -> Result<Vec<Group>, Fault> {
        self.member_groups(permit.scope(), member).await
    }

    /// The groups of a member; a tag of a group that is gone means nothing.
    pub(crate) async fn member_groups(
        &self,
        scope: Scope,
        member: MembershipId,
    ) -> Result<Vec<Group>, Fault> {
        let tags = self.tags_of(scope, member).await?;
        let ids = tags.iter().map(|tag| tag.state.group.as_uuid());
        let groups: Vec<Loaded<Group>> = self.load_all(scope, ids).await?;
        let mut groups: Vec<Group> = groups.into_iter().map(|read| read.state).collect();
        groups.sort_by_key(|group| group.name().folded());
        Ok(groups)
    }

    async fn tags_of(
        &self,
        scope: Scope,
        member: MembershipId,
    ) -> Result<Vec<Loaded<GroupTag>>, Fault> {
        let range = exactly(scope, "group_tag_by_membership", &[member.as_bytes()]);
        self.every::<GroupTag>(&range).await
    }

    async fn group_name_is_free(
        &self,
        scope: Scope,
        name: &DisplayName,
        own: Option<GroupId>,
    ) -> Result<(), Error<GroupRejection>> {
        match self
            .claimed::<Group>(&name_claim(scope, "group_name", name))
            .await?
        {
            Some(read) if Some(read.state.id()) != own => {
                Err(Error::Rejected(GroupRejection::NameTaken))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Takes away the tags of groups that are gone and of members who were removed, page by page.
    /// Returns how many. They mean nothing, so no entry tells of it.
    pub(crate) async fn sweep_group_tags(
        &self,
        scope: Scope,
        now: OffsetDateTime,
    ) -> Result<usize, Fault> {
        let range = Range::kind(stored_scope(scope), Kind::from_static(GroupTag::KIND));
        let limit = Limit::clamped(TAGS_A_COMMIT);
        let (mut swept, mut cursor) = (0, None);
        loop {
            let (page, next) = self
                .page::<GroupTag>(&range, cursor.as_ref(), limit)
                .await?;
            let groups: BTreeSet<_> = page.iter().map(|tag| tag.state.group.as_uuid()).collect();
            let groups: Vec<Loaded<Group>> = self.load_all(scope, groups).await?;
            let members: BTreeSet<_> = page
                .iter()
                .map(|tag| tag.state.membership.as_uuid())
                .collect();
            let members: Vec<Loaded<Membership>> = self.load_all(scope, members).await?;
            let stands = |tag: &GroupTag| {
                let mut members = members.iter().map(|read| &read.state);
                groups.iter().any(|read| read.state.id() == tag.group)
                    && members.any(|read| read.id() == tag.membership && !read.is_removed())
            };
            let dangling: Vec<_> = page.iter().filter(|tag| !stands(&tag.state)).collect();
            if !dangling.is_empty() {
                let mut work = Work::new(scope, Principal::System, now);
                dangling.iter().for_each(|tag| work.delete(tag));
                if let Committed::Done(()) = work.commit(self, &mut Tries::default(), ()).await? {
                    swept += dangling.len();
                }
            }
            match next {
                Some(next) => cursor = Some(next),
                None => return Ok(swept),
            }
        }
    }
}
