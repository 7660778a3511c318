//! Support access: the provider's humans, let in by a Director for seven days.
//!
//! Kalix: "Our access automatically expires after seven days, and you can also revoke this access at
//! any time."

use doorward_access::{Standing, SupportAccess, SupportRejection};
use doorward_storage::Range;
use doorward_types::{AgentName, Principal, Scope, SupportId, TenantId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    Denied, Doorward, Error, Fault, Never, OpenSupport, Permit, audit_trail,
    permit::Actor,
    record::Loaded,
    stored::access::every,
    work::{Committed, Tries},
};

/// An opening of the tenant to the provider's support.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SupportOpened {
    /// The opening; the provider's humans name it when they act.
    pub support: SupportId,
    /// When it ends by itself, in UTC.
    #[serde(with = "time::serde::rfc3339::option")]
    pub until: Option<OffsetDateTime>,
}

impl Doorward {
    /// Lets support in for seven days from now. While it is open, a second tick of the check box
    /// starts a new seven days (design 9.5).
    ///
    /// # Errors
    /// [`SupportRejection`], [`Denied`] or a [`Fault`].
    pub async fn open_support(
        &self,
        permit: Permit<OpenSupport>,
    ) -> Result<SupportOpened, Error<SupportRejection>> {
        let outcome = self.open_support_once(&permit).await;
        self.settled(&permit, outcome).await
    }

    async fn open_support_once(
        &self,
        permit: &Permit<OpenSupport>,
    ) -> Result<SupportOpened, Error<SupportRejection>> {
        let mut tries = Tries::default();
        loop {
            let renewed = self.again(permit).await.map_err(Error::widen)?;
            let (permit, now, scope) = (&renewed, renewed.now(), renewed.scope());
            let mut work = permit.work("open_support", &())?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let by = permit.member().ok_or(Denied::Support)?;
            let open = self.support_of(scope, now).await?;
            let (next, events) = match &open {
                Some(open) => open.state.clone().renew(by, now),
                None => {
                    let id = SupportId::made_at(now, self.random()?);
                    SupportAccess::open(id, permit.tenant(), by, now)
                }
            }
            .map_err(Error::Rejected)?;
            match &open {
                Some(open) => work.replace(open, &next)?,
                None => work.create(scope, &next)?,
            }
            work.note(events.iter().map(audit_trail::support));
            let opened = SupportOpened {
                support: next.id(),
                until: next.window().until(),
            };
            if let Committed::Done(opened) = work.commit(self, &mut tries, opened).await? {
                return Ok(opened);
            }
        }
    }

    /// Ends support access at once.
    ///
    /// # Errors
    /// [`SupportRejection::NotOpen`] where there is none, [`Denied`] or a [`Fault`].
    pub async fn close_support(
        &self,
        permit: Permit<OpenSupport>,
    ) -> Result<(), Error<SupportRejection>> {
        let outcome = self.close_support_once(&permit).await;
        self.settled(&permit, outcome).await
    }

    async fn close_support_once(
        &self,
        permit: &Permit<OpenSupport>,
    ) -> Result<(), Error<SupportRejection>> {
        let mut tries = Tries::default();
        loop {
            let renewed = self.again(permit).await.map_err(Error::widen)?;
            let (permit, now, scope) = (&renewed, renewed.now(), renewed.scope());
            let mut work = permit.work("close_support", &())?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let by = permit.member().ok_or(Denied::Support)?;
            let open = self.support_of(scope, now).await?;
            let open = open.ok_or(Error::Rejected(SupportRejection::NotOpen))?;
            let (next, events) = open
                .state
                .clone()
                .revoke(by, now)
                .map_err(Error::Rejected)?;
            work.replace(&open, &next)?;
            work.note(events.iter().map(audit_trail::support));
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// The opening that holds now, if there is one.
    pub(crate) async fn support_of(
        &self,
        scope: Scope,
        now: OffsetDateTime,
    ) -> Result<Option<Loaded<SupportAccess>>, Fault> {
        let range: Range = every(scope, "support");
        let all = self.every::<SupportAccess>(&range).await?;
        Ok(all.into_iter().find(|read| read.state.is_open(now)))
    }

    /// Reads what a human of the provider may do inside an opening.
    pub(crate) async fn let_in(
        &self,
        tenant: TenantId,
        support: SupportId,
        agent: &AgentName,
        now: OffsetDateTime,
    ) -> Result<Actor, Error<Never>> {
        let scope = Scope::Tenant(tenant);
        let read = self.load::<SupportAccess>(scope, support.as_uuid()).await?;
        let read = read
            .filter(|read| read.state.is_open(now))
            .ok_or(Denied::Support)?;
        let director = self.who_opened(scope, &read.state).await?;
        let director = director.ok_or(Denied::Support)?;
        Ok(Actor {
            tenant,
            principal: Principal::Support {
                support,
                agent: agent.clone(),
            },
            on_behalf_of: Some(director),
            standing: Standing::of_support(self.catalog(), &read.state),
            account: None,
            member: None,
            levels: Vec::new(),
            now,
        })
    }

    /// The Director who let support in by this opening, open or over: every entry of support names
    /// them.
    pub(crate) async fn director_of(
        &self,
        tenant: TenantId,
        support: SupportId,
    ) -> Result<Option<Principal>, Fault> {
        let scope = Scope::Tenant(tenant);
        match self.load::<SupportAccess>(scope, support.as_uuid()).await? {
            Some(read) => self.who_opened(scope, &read.state).await,
            None => Ok(None),
        }
    }

    async fn who_opened(
        &self,
        scope: Scope,
        opening: &SupportAccess,
    ) -> Result<Option<Principal>, Fault> {
        let by = opening.granted_by().as_uuid();
        let member = self.load::<doorward_access::Membership>(scope, by).await?;
        Ok(member.map(|member| Principal::Account {
            account: member.state.account(),
            membership: member.state.id(),
        }))
    }
}
