//! The sweep: what only the passing of time asks for.
//!
//! Nothing waits for it. Whether something is expired, over or disabled is computed at each
//! question; the sweep notes, reminds and tidies up. Running it twice, or in two processes at once,
//! does nothing twice.

use doorward_identity::Account;
use doorward_invitations::{Due, Invitation};
use doorward_storage::{Kind, Limit, Range, Request};
use doorward_types::{Principal, Scope, TenantId};
use time::{Duration, OffsetDateTime};

use crate::{
    Doorward, Fault, Template,
    audit_trail::{self, TenantEvent},
    record::{Loaded, Stored, stored_scope},
    stored::{access::every, invitations::ending_before},
    tenant::{Tenant, TenantEntry},
    work::{Committed, Tries, Work, micros},
};

/// What one sweep did.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Swept {
    /// Tenants that it walked.
    pub tenant_count: usize,
    /// Expiries of invitations that were noted.
    pub expiry_count: usize,
    /// Reminders that were queued.
    pub reminder_count: usize,
    /// Tenants in whose log a change of the host's catalog was noted.
    pub catalog_change_count: usize,
    /// Deletions of levels and profiles that were cut off half-way, settled.
    pub set_count: usize,
    /// Tags of groups and members that are gone, taken away.
    pub tag_count: usize,
    /// Changes of address that can no longer be proved or undone, forgotten.
    pub address_count: usize,
    /// Asked-for resets that were resolved: mailed, or dropped.
    pub reset_count: usize,
    /// Requests older than seven days, forgotten.
    pub request_count: usize,
    /// What went wrong. One tenant's fault stops no other tenant.
    pub faults: Vec<SweepFault>,
}

/// Something that a sweep could not do; the next one tries again.
#[derive(Debug)]
#[non_exhaustive]
pub struct SweepFault {
    /// In which tenant; `None` in the directory.
    pub tenant: Option<TenantId>,
    /// What it was at.
    pub task: SweepTask,
    /// What failed.
    pub fault: Fault,
}

/// What a sweep does.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SweepTask {
    /// Forget changes of address that are over.
    Addresses,
    /// Note that the host's catalog changed.
    Catalog,
    /// Note that invitations expired.
    Expiries,
    /// Remind of invitations that are about to expire.
    Reminders,
    /// Forget requests older than seven days.
    Requests,
    /// Resolve the resets that were asked for.
    Resets,
    /// Settle deletions of levels and profiles that were cut off half-way.
    Sets,
    /// Take away the tags of groups and members that are gone.
    Tags,
}

impl Doorward {
    /// Sweeps every tenant and the directory at this instant. A host calls it on a tick, once in a
    /// few minutes; several processes may.
    ///
    /// # Errors
    /// A [`Fault`] where not even the tenants could be listed; everything else is told in
    /// [`Swept::faults`].
    pub async fn sweep(&self, now: OffsetDateTime) -> Result<Swept, Fault> {
        let mut swept = Swept::default();
        let tenants = Range::kind(
            stored_scope(TenantEntry::SCOPE),
            Kind::from_static(TenantEntry::KIND),
        );
        let mut after = None;
        loop {
            let (entries, next) = self
                .page::<TenantEntry>(&tenants, after.as_ref(), Limit::MAX)
                .await?;
            for entry in entries {
                self.sweep_tenant(entry.state.tenant, now, &mut swept).await;
            }
            match next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let resolved = self.resolve_all_resets(now, &mut swept.reset_count).await;
        swept.note(None, SweepTask::Resets, resolved);
        let settled = self.settle_addresses(now, &mut swept.address_count).await;
        swept.note(None, SweepTask::Addresses, settled);
        let settled = self.forget_proposals(now, &mut swept.address_count).await;
        swept.note(None, SweepTask::Addresses, settled);
        let forgotten = self.forget_requests(now, &mut swept.request_count).await;
        swept.note(None, SweepTask::Requests, forgotten);
        Ok(swept)
    }

    async fn sweep_tenant(&self, tenant: TenantId, now: OffsetDateTime, swept: &mut Swept) {
        swept.tenant_count += 1;
        let scope = Scope::Tenant(tenant);
        let noted = self
            .note_catalog(tenant, now, &mut swept.catalog_change_count)
            .await;
        swept.note(Some(tenant), SweepTask::Catalog, noted);
        // Expiries first: what has expired is not reminded of.
        let noted = self
            .note_expiries(scope, now, &mut swept.expiry_count)
            .await;
        swept.note(Some(tenant), SweepTask::Expiries, noted);
        let reminded = self.remind_all(scope, now, &mut swept.reminder_count).await;
        swept.note(Some(tenant), SweepTask::Reminders, reminded);
        let settled = self.settle_retired(scope, now).await;
        let settled = settled.map(|count| swept.set_count += count);
        swept.note(Some(tenant), SweepTask::Sets, settled);
        let taken = self.sweep_group_tags(scope, now).await;
        let taken = taken.map(|count| swept.tag_count += count);
        swept.note(Some(tenant), SweepTask::Tags, taken);
    }

    /// One entry a tenant when the host's catalog is another one than at the last sweep (design 4).
    async fn note_catalog(
        &self,
        tenant: TenantId,
        now: OffsetDateTime,
        count: &mut usize,
    ) -> Result<(), Fault> {
        let mut tries = Tries::default();
        let scope = Scope::Tenant(tenant);
        loop {
            let read = self.need_tenant(tenant).await?;
            let (before, after) = (read.state.catalog, self.catalog().digest());
            if before == Some(after) {
                return Ok(());
            }
            let next = Tenant {
                catalog: Some(after),
                ..read.state.clone()
            };
            let mut work = Work::new(scope, Principal::System, now);
            work.replace(&read, &next)?;
            let changed = TenantEvent::CatalogChanged { before, after };
            work.note([audit_trail::tenant(tenant, &changed)]);
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                *count += 1;
                return Ok(());
            }
        }
    }

    async fn note_expiries(
        &self,
        scope: Scope,
        now: OffsetDateTime,
        count: &mut usize,
    ) -> Result<(), Fault> {
        // Exactly at the end is expired (design 9.1).
        let range = ending_before(scope, now.saturating_add(Duration::MICROSECOND));
        let mut after = None;
        loop {
            let (read, next) = self
                .page::<Invitation>(&range, after.as_ref(), Limit::MAX)
                .await?;
            for invitation in read {
                *count += usize::from(self.note_expiry(invitation, now).await?);
            }
            match next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }

    async fn note_expiry(
        &self,
        mut read: Loaded<Invitation>,
        now: OffsetDateTime,
    ) -> Result<bool, Fault> {
        let mut tries = Tries::default();
        loop {
            let Ok((next, events)) = read.state.clone().note_expiry(now) else {
                return Ok(false);
            };
            let mut work = Work::new(read.scope, Principal::System, now);
            work.replace(&read, &next)?;
            work.note(events.iter().map(audit_trail::invitation));
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(true);
            }
            let id = read.state.id().as_uuid();
            match self.load(read.scope, id).await? {
                Some(again) => read = again,
                None => return Ok(false),
            }
        }
    }

    /// Looks at the invitations that end within the longest time of any policy's reminder.
    async fn remind_all(
        &self,
        scope: Scope,
        now: OffsetDateTime,
        count: &mut usize,
    ) -> Result<(), Fault> {
        let admissions = self.setup().admissions.values();
        let reminders = admissions.filter_map(|admission| admission.policy.reminder());
        let Some(longest) = reminders.max() else {
            return Ok(());
        };
        let range = ending_before(
            scope,
            longest.after(now).saturating_add(Duration::MICROSECOND),
        );
        let (mut after, mut unknown) = (None, None);
        loop {
            let (read, next) = self
                .page::<Invitation>(&range, after.as_ref(), Limit::MAX)
                .await?;
            for invitation in read {
                match self.remind(invitation, now).await {
                    Ok(reminded) => *count += usize::from(reminded),
                    // A kind that the host no longer invites stops no other kind's reminders.
                    Err(fault @ Fault::SetUp { .. }) => unknown = Some(fault),
                    Err(fault) => return Err(fault),
                }
            }
            match next {
                Some(next) => after = Some(next),
                None => return unknown.map_or(Ok(()), Err),
            }
        }
    }

    /// A reminder is a new generation with the old end, because no secret is kept to be mailed
    /// again (design 5).
    async fn remind(
        &self,
        mut read: Loaded<Invitation>,
        now: OffsetDateTime,
    ) -> Result<bool, Fault> {
        let mut tries = Tries::default();
        loop {
            let policy = self.policy_of(&read.state)?;
            if read.state.due(policy, now) != Some(Due::Remind) {
                return Ok(false);
            }
            let (secret, digest) = self.next_link(read.scope, &read.state)?;
            let Ok((next, events)) = read.state.clone().remind(digest, policy, now) else {
                return Ok(false);
            };
            let mut work = Work::new(read.scope, Principal::System, now);
            work.replace(&read, &next)?;
            work.note(events.iter().map(audit_trail::invitation));
            self.mail_invitation(&mut work, &next, Template::InvitationReminder, secret)
                .await?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(true);
            }
            let id = read.state.id().as_uuid();
            match self.load(read.scope, id).await? {
                Some(again) => read = again,
                None => return Ok(false),
            }
        }
    }

    /// Frees addresses that are claimed by changes which can no longer be proved or undone.
    async fn settle_addresses(&self, now: OffsetDateTime, count: &mut usize) -> Result<(), Fault> {
        let range = every(Scope::Directory, "account_address_change");
        let mut after = None;
        loop {
            let (read, next) = self
                .page::<Account>(&range, after.as_ref(), Limit::MAX)
                .await?;
            for account in read {
                *count += usize::from(self.settle_address(account, now).await?);
            }
            match next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }

    async fn settle_address(
        &self,
        mut read: Loaded<Account>,
        now: OffsetDateTime,
    ) -> Result<bool, Fault> {
        let mut tries = Tries::default();
        loop {
            let Some(next) = read.state.clone().settle_address(now) else {
                return Ok(false);
            };
            let mut work = Work::new(Scope::Directory, Principal::System, now);
            work.replace(&read, &next)?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(true);
            }
            let id = read.state.id().as_uuid();
            match self.load(Scope::Directory, id).await? {
                Some(again) => read = again,
                None => return Ok(false),
            }
        }
    }

    async fn resolve_all_resets(
        &self,
        now: OffsetDateTime,
        count: &mut usize,
    ) -> Result<(), Fault> {
        loop {
            let resolved = self.resolve_resets(now, Limit::MAX).await?.total_count();
            *count += resolved;
            if resolved < Limit::MAX.count() {
                return Ok(());
            }
        }
    }

    async fn forget_proposals(&self, now: OffsetDateTime, count: &mut usize) -> Result<(), Fault> {
        loop {
            let forgotten = self.forget_address_proposals(now, Limit::MAX).await?;
            *count += forgotten;
            if forgotten < Limit::MAX.count() {
                return Ok(());
            }
        }
    }

    /// Request ids live seven days (design 3).
    async fn forget_requests(&self, now: OffsetDateTime, count: &mut usize) -> Result<(), Fault> {
        let before = micros(now.saturating_sub(Duration::days(Request::LIVES_FOR_DAYS)));
        loop {
            let forgotten = self.storage().forget_requests(before, Limit::MAX).await?;
            *count += forgotten;
            if forgotten < Limit::MAX.count() {
                return Ok(());
            }
        }
    }
}

impl Swept {
    fn note(&mut self, tenant: Option<TenantId>, task: SweepTask, outcome: Result<(), Fault>) {
        if let Err(fault) = outcome {
            self.faults.push(SweepFault {
                tenant,
                task,
                fault,
            });
        }
    }
}
