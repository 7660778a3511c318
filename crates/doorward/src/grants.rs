//! Grants: a profile over one subject, given to a member, changed, and taken back.
//!
//! | to | see |
//! |---|---|
//! | give, change and revoke a grant | this module |
//! | attach people to a member and detach them | `attach` |
//! | list who holds what over whom | `lists` |

mod attach;
mod lists;

use doorward_access::{Grant, GrantEdit, GrantRejection, Granting, Membership};
use doorward_identity::{Account, Person};
use doorward_invitations::AttestationRule;
use doorward_types::{
    Attestation, GrantId, MembershipId, ProfileId, Scope, Statement, SubjectId, Window,
};
use serde::Serialize;

pub use self::lists::SeesGrants;
use crate::{
    Denied, Doorward, Error, Fault, FormVersion, Permit, Template, act, audit_trail,
    mail::{About, Notice},
    named_sets::TenantSets,
    record::Loaded,
    stored::access::granted,
    work::{Committed, Tries, Work},
};

/// What to grant a member (ALIS: "Select what access you will grant to this contact").
#[derive(Clone, Debug, Serialize)]
pub struct GrantForm {
    /// To whom.
    pub member: MembershipId,
    /// Over whose data.
    pub subject: SubjectId,
    /// Under which profile.
    pub profile: ProfileId,
    /// When.
    pub window: Window,
    /// What the grantor swears to (ALIS: "Select the checkbox to confirm that this user is
    /// authorized to view the resident's sensitive information").
    pub sworn: Option<Statement>,
}

/// Why nothing was granted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum GiveRejection {
    /// The member has a grant over this subject already.
    #[error("`{grant}` gives this member access to this person already: change it instead")]
    AlreadyGranted {
        /// Which grant.
        grant: GrantId,
    },
    /// The rule of grants.
    #[error(transparent)]
    Rule(#[from] GrantRejection),
}

/// What a change of a grant is judged with.
struct GrantFacts {
    member: Loaded<Membership>,
    sets: TenantSets,
    statement: Option<Statement>,
}

impl GrantFacts {
    /// Guards what was judged, and writes the membership as it is: an edit of the member judges their
    /// grants, so one that is decided at the same time is decided again.
    fn touch(&self, work: &mut Work) -> Result<(), Fault> {
        self.sets.give(work)?;
        work.replace(&self.member, &self.member.state)
    }
}

impl Doorward {
    /// Grants a member a profile over a subject, and tells them by mail. For a member there is no
    /// invitation (design 5). One grant a member and subject: another profile is a change of it.
    ///
    /// # Errors
    /// [`GiveRejection`], [`Denied`] or a [`Fault`].
    pub async fn grant(
        &self,
        permit: Permit<act::Grant>,
        form: GrantForm,
    ) -> Result<GrantId, Error<GiveRejection>> {
        let outcome = self.grant_once(&permit, &form).await;
        self.settled(&permit, outcome).await
    }

    async fn grant_once(
        &self,
        permit: &Permit<act::Grant>,
        form: &GrantForm,
    ) -> Result<GrantId, Error<GiveRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("grant", form)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let (scope, now) = (permit.scope(), permit.now());
            let subject = form.subject.person().as_uuid();
            let person: Loaded<Person> = self.need(scope, subject, "subject").await?;
            let facts = self.grant_facts(scope, form.member, [form.profile]).await?;
            let by = permit.member().ok_or(Denied::Support)?;
            let attestation = form.sworn.clone().map(|statement| Attestation {
                statement,
                by,
                at: now,
            });
            let granting = Granting {
                id: GrantId::made_at(now, self.random()?),
                subject: form.subject,
                profile: form.profile,
                window: form.window,
                attestation,
            };
            let authority = permit.authority();
            let edit = GrantEdit {
                catalog: self.catalog(),
                sets: facts.sets.sets(),
                membership: &facts.member.state,
                statement: facts.statement.as_ref(),
                authority: &authority,
                by: permit.principal(),
                now,
            };
            let given = Grant::give(granting, &edit);
            let (grant, events) = given.map_err(|rule| Error::Rejected(rule.into()))?;
            facts.touch(&mut work)?;
            work.guard(&person);
            work.note(events.iter().map(|e| audit_trail::grant(form.subject, e)));
            self.make_room(&permit, &mut work, form).await?;
            self.touch_relationship(scope, &mut work, &facts.member.state, form.subject)
                .await?;
            work.create(scope, &grant)?;
            if by != form.member {
                self.tell_of_grant(&mut work, &facts.member.state, &form.window)
                    .await?;
            }
            if let Committed::Done(id) = work.commit(self, &mut tries, grant.id()).await? {
                return Ok(id);
            }
        }
    }

    /// Refuses a second live grant; one whose window is over gives its place to the new one.
    async fn make_room(
        &self,
        permit: &Permit<act::Grant>,
        work: &mut Work,
        form: &GrantForm,
    ) -> Result<(), Error<GiveRejection>> {
        let claim = granted(permit.scope(), form.member, form.subject);
        let Some(read) = self.claimed::<Grant>(&claim).await? else {
            return Ok(());
        };
        if !read.state.window().has_ended(work.now) {
            let grant = read.state.id();
            return Err(Error::Rejected(GiveRejection::AlreadyGranted { grant }));
        }
        let (over, events) = read
            .state
            .clone()
            .revoke(permit.principal(), work.now)
            .map_err(|rule| Error::Rejected(rule.into()))?;
        work.replace(&read, &over)?;
        work.note(events.iter().map(|e| audit_trail::grant(form.subject, e)));
        Ok(())
    }

    /// Writes the relationship as it is: ending one ends what the person holds over its subject
    /// (design 6), so an ending at the same time is decided again and sees what is given here.
    pub(crate) async fn touch_relationship(
        &self,
        scope: Scope,
        work: &mut Work,
        member: &Membership,
        subject: SubjectId,
    ) -> Result<(), Fault> {
        if let Some(person) = member.person()
            && let Some(read) = self.relationship_of(scope, person, subject).await?
        {
            work.replace(&read, &read.state)?;
        }
        Ok(())
    }

    async fn tell_of_grant(
        &self,
        work: &mut Work,
        member: &Membership,
        window: &Window,
    ) -> Result<(), Fault> {
        let account = member.account().as_uuid();
        let account = self.load::<Account>(Scope::Directory, account).await?;
        let verified = account
            .as_ref()
            .and_then(|read| read.state.verified_email());
        let (Some(account), Some(verified)) = (&account, verified) else {
            return Ok(());
        };
        let tenant = self.need_tenant(member.tenant()).await?;
        let notice = Notice {
            template: Template::GrantAdded,
            to: verified.address().clone(),
            about: About::Membership(member.id()),
            name: account.state.name().cloned(),
            tenant: Some(tenant.state.name().clone()),
            expires_at: window.until(),
            secret: None,
        };
        work.mail(self, Scope::Tenant(member.tenant()), &notice)?;
        Ok(())
    }

    /// Reads the member, their levels, these profiles, and what a grantor must swear to.
    async fn grant_facts(
        &self,
        scope: Scope,
        member: MembershipId,
        profiles: impl IntoIterator<Item = ProfileId> + Send,
    ) -> Result<GrantFacts, Fault> {
        let member: Loaded<Membership> = self.need(scope, member.as_uuid(), "member").await?;
        let sets = self
            .tenant_sets(scope, member.state.level_ids(), profiles)
            .await?;
        let policy = &self.admission(member.state.kind())?.policy;
        let statement = match policy.attestation() {
            AttestationRule::Required(statement) => Some(statement.clone()),
            AttestationRule::NotNeeded => None,
        };
        Ok(GrantFacts {
            member,
            sets,
            statement,
        })
    }

    /// Gives another profile over the same subject: a form (ALIS: "change their assigned User Profile
    /// to adjust their permission levels").
    ///
    /// # Errors
    /// [`GrantRejection`], [`Denied`] or a [`Fault`], [`Fault::Stale`] among them.
    pub async fn change_grant_profile(
        &self,
        permit: Permit<act::Grant>,
        grant: GrantId,
        version: FormVersion,
        profile: ProfileId,
    ) -> Result<(), Error<GrantRejection>> {
        let change = |read: Grant, edit: &GrantEdit<'_>| read.change_profile(profile, edit);
        let arguments = ("profile", profile.to_string());
        let outcome = self
            .save_grant(&permit, (grant, version), &arguments, Some(profile), change)
            .await;
        self.settled(&permit, outcome).await
    }

    /// Sets when a grant holds: a form.
    ///
    /// # Errors
    /// [`GrantRejection`], [`Denied`] or a [`Fault`], [`Fault::Stale`] among them.
    pub async fn set_grant_window(
        &self,
        permit: Permit<act::Grant>,
        grant: GrantId,
        version: FormVersion,
        window: Window,
    ) -> Result<(), Error<GrantRejection>> {
        let change = |read: Grant, edit: &GrantEdit<'_>| read.set_window(window, edit);
        let arguments = ("window", window);
        let outcome = self
            .save_grant(&permit, (grant, version), &arguments, None, change)
            .await;
        self.settled(&permit, outcome).await
    }

    async fn save_grant(
        &self,
        permit: &Permit<act::Grant>,
        (grant, version): (GrantId, FormVersion),
        arguments: &(impl Serialize + Sync),
        profile: Option<ProfileId>,
        change: impl Fn(
            Grant,
            &GrantEdit<'_>,
        ) -> Result<(Grant, Vec<doorward_access::GrantEvent>), GrantRejection>
        + Send
        + Sync,
    ) -> Result<(), Error<GrantRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("edit_grant", &(grant, version, arguments))?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let scope = permit.scope();
            let read: Loaded<Grant> = self.need(scope, grant.as_uuid(), "grant").await?;
            version.check(&read, "grant")?;
            let profiles = [read.state.profile()].into_iter().chain(profile);
            let facts = self
                .grant_facts(scope, read.state.membership(), profiles)
                .await?;
            let authority = permit.authority();
            let edit = GrantEdit {
                catalog: self.catalog(),
                sets: facts.sets.sets(),
                membership: &facts.member.state,
                statement: facts.statement.as_ref(),
                authority: &authority,
                by: permit.principal(),
                now: permit.now(),
            };
            let (next, events) = change(read.state.clone(), &edit).map_err(Error::Rejected)?;
            if !events.is_empty() {
                facts.touch(&mut work)?;
                work.replace(&read, &next)?;
            }
            let subject = next.subject();
            work.note(events.iter().map(|e| audit_trail::grant(subject, e)));
            // Stale where the form's own record was changed, decided again where something else was.
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Takes a grant back, at once and for good (design 9.2: "taking one subject away is revoking a
    /// grant").
    ///
    /// # Errors
    /// [`GrantRejection::Over`], [`Denied`] or a [`Fault`].
    pub async fn revoke_grant(
        &self,
        permit: Permit<act::Grant>,
        grant: GrantId,
    ) -> Result<(), Error<GrantRejection>> {
        let outcome = self.revoke_grant_once(&permit, grant).await;
        self.settled(&permit, outcome).await
    }

    async fn revoke_grant_once(
        &self,
        permit: &Permit<act::Grant>,
        grant: GrantId,
    ) -> Result<(), Error<GrantRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("revoke_grant", &grant)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let read: Loaded<Grant> = self.need(permit.scope(), grant.as_uuid(), "grant").await?;
            let (next, events) = read
                .state
                .clone()
                .revoke(permit.principal(), work.now)
                .map_err(Error::Rejected)?;
            work.replace(&read, &next)?;
            let subject = next.subject();
            work.note(events.iter().map(|e| audit_trail::grant(subject, e)));
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }
}
