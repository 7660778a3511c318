//! Members: what an administrator sees of one, and the forms over their access.
//!
//! ```text
//!   member(..) ──> Versioned<Membership> ──> edit_access, change_kind, set_levels, hide_features,
//!                          │                 set_window: forms, each carries the version
//!                          └──────────────> disable_access, restore_access, remove_member: acts
//! ```
//!
//! A change judges what the member gains, alone and over each subject of a grant, against what the
//! actor may give, and its commit guards everything that was read for that.

mod details;
mod facts;
mod status;

use std::collections::BTreeSet;

use doorward_access::{
    Access, AccessRejection, Difference, FeaturesRejection, MemberEdit, Membership,
    MembershipEvent, WindowRejection,
};
use doorward_types::{FeatureName, KindName, Levels, MembershipId, Window};
use serde::Serialize;

use crate::{
    Act, Doorward, Error, Fault, FormVersion, ManageMembers, Permit, Versioned, audit_trail,
    record::Loaded,
    work::{Committed, Tries},
};

pub(crate) use self::facts::StandIn;

type Changed<R> = Result<(Membership, Vec<MembershipEvent>), R>;

/// A form over one member, as its use case names it.
struct Form<'a, S> {
    use_case: &'static str,
    arguments: &'a S,
    member: MembershipId,
    version: FormVersion,
}

impl Doorward {
    /// Reads a member, with the version that the forms over them ask for.
    ///
    /// # Errors
    /// A [`Fault`], [`Fault::Unknown`] among them.
    pub async fn member(
        &self,
        permit: &Permit<ManageMembers>,
        member: MembershipId,
    ) -> Result<Versioned<Membership>, Fault> {
        let read: Loaded<Membership> = self
            .need(permit.scope(), member.as_uuid(), "member")
            .await?;
        Ok(read.into())
    }

    /// Shows what the "edit access" form would give and take, grants included, before it is saved
    /// (design 4: "Edits are previewable"). Nothing is written.
    ///
    /// # Errors
    /// [`AccessRejection`] where the form does not fit, or a [`Fault`].
    pub async fn preview_access(
        &self,
        permit: &Permit<ManageMembers>,
        member: MembershipId,
        access: Access,
    ) -> Result<Difference, Error<AccessRejection>> {
        let read: Loaded<Membership> = self
            .need(permit.scope(), member.as_uuid(), "member")
            .await?;
        let facts = self.member_facts(permit, &read, &access.levels).await?;
        let (authority, by) = (permit.authority(), permit.principal());
        let edit = facts.edit(self.catalog(), &authority, by, permit.now());
        read.state
            .preview_access(access, &edit)
            .map_err(Error::Rejected)
    }

    /// Edits role, levels and switches of a member: one form, one commit (Kalix: "Edit User
    /// Access").
    ///
    /// # Errors
    /// [`AccessRejection`], [`Denied`](crate::Denied) or a [`Fault`], [`Fault::Stale`] among them.
    pub async fn edit_access(
        &self,
        permit: Permit<ManageMembers>,
        member: MembershipId,
        version: FormVersion,
        access: Access,
    ) -> Result<(), Error<AccessRejection>> {
        let filled_in = (&access.role, &access.levels, &access.switches);
        let form = Form {
            use_case: "edit_access",
            arguments: &(member, version, filled_in),
            member,
            version,
        };
        let change =
            |read: Membership, edit: &MemberEdit<'_>| read.edit_access(access.clone(), edit);
        let outcome = self.save(&permit, form, &access.levels, change).await;
        self.settled(&permit, outcome).await
    }

    /// Changes the kind of user. Role, levels and switches are asked for anew, unrestricted access
    /// is never carried over, and sessions end (design 9.6).
    ///
    /// # Errors
    /// [`AccessRejection`], [`Denied`](crate::Denied) or a [`Fault`], [`Fault::Stale`] among them.
    pub async fn change_kind(
        &self,
        permit: Permit<ManageMembers>,
        member: MembershipId,
        version: FormVersion,
        kind: KindName,
        access: Access,
    ) -> Result<(), Error<AccessRejection>> {
        let filled_in = (&kind, &access.role, &access.levels, &access.switches);
        let form = Form {
            use_case: "change_kind",
            arguments: &(member, version, filled_in),
            member,
            version,
        };
        let change = |read: Membership, edit: &MemberEdit<'_>| {
            read.change_kind(kind.clone(), access.clone(), edit)
        };
        let outcome = self.save(&permit, form, &access.levels, change).await;
        self.settled(&permit, outcome).await
    }

    /// Sets the security levels of a member (HomeTrak: "Users may have multiple Security Levels
    /// applied to their account"). Taking the last one away leaves the kind's baseline, never
    /// unrestricted access (design 4).
    ///
    /// # Errors
    /// [`AccessRejection`], [`Denied`](crate::Denied) or a [`Fault`], [`Fault::Stale`] among them.
    pub async fn set_levels(
        &self,
        permit: Permit<ManageMembers>,
        member: MembershipId,
        version: FormVersion,
        levels: Levels,
    ) -> Result<(), Error<AccessRejection>> {
        let form = Form {
            use_case: "set_levels",
            arguments: &(member, version, &levels),
            member,
            version,
        };
        let change =
            |read: Membership, edit: &MemberEdit<'_>| read.set_levels(levels.clone(), edit);
        let outcome = self.save(&permit, form, &levels, change).await;
        self.settled(&permit, outcome).await
    }

    /// Hides exactly these features from a member on the desktop; a decision never changes by it
    /// (HomeTrak: "Remove User Interface Features").
    ///
    /// # Errors
    /// [`FeaturesRejection`], [`Denied`](crate::Denied) or a [`Fault`], [`Fault::Stale`] among them.
    pub async fn hide_features(
        &self,
        permit: Permit<ManageMembers>,
        member: MembershipId,
        version: FormVersion,
        features: BTreeSet<FeatureName>,
    ) -> Result<(), Error<FeaturesRejection>> {
        let form = Form {
            use_case: "hide_features",
            arguments: &(member, version, &features),
            member,
            version,
        };
        let change = |read: Membership, edit: &MemberEdit<'_>| {
            read.hide_features(features.clone(), edit.catalog)
        };
        let outcome = self.save(&permit, form, &Levels::none(), change).await;
        self.settled(&permit, outcome).await
    }

    /// Sets when a membership holds.
    ///
    /// # Errors
    /// [`WindowRejection`], [`Denied`](crate::Denied) or a [`Fault`], [`Fault::Stale`] among them.
    pub async fn set_member_window(
        &self,
        permit: Permit<ManageMembers>,
        member: MembershipId,
        version: FormVersion,
        window: Window,
    ) -> Result<(), Error<WindowRejection>> {
        let form = Form {
            use_case: "set_member_window",
            arguments: &(member, version, window),
            member,
            version,
        };
        let change = |read: Membership, edit: &MemberEdit<'_>| read.set_window(window, edit);
        let outcome = self.save(&permit, form, &Levels::none(), change).await;
        self.settled(&permit, outcome).await
    }

    /// Saves a form over a member: reads, judges, commits once.
    async fn save<A: Act, S: Serialize + Sync, R: Send>(
        &self,
        permit: &Permit<A>,
        form: Form<'_, S>,
        levels: &Levels,
        change: impl Fn(Membership, &MemberEdit<'_>) -> Changed<R> + Send + Sync,
    ) -> Result<(), Error<R>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work(form.use_case, form.arguments)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let read: Loaded<Membership> = self
                .need(permit.scope(), form.member.as_uuid(), "member")
                .await?;
            form.version.check(&read, "member")?;
            let facts = self.member_facts(&permit, &read, levels).await?;
            let (authority, by) = (permit.authority(), permit.principal());
            let edit = facts.edit(self.catalog(), &authority, by, permit.now());
            let (next, events) = change(read.state.clone(), &edit).map_err(Error::Rejected)?;
            if !events.is_empty() {
                facts.give(&mut work)?;
                work.replace(&read, &next)?;
            }
            work.note(events.iter().map(audit_trail::membership));
            // Stale where the form's own record was changed, decided again where something else was.
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }
}
