//! Permits: the proof that a principal was authorised for an act, made in one place.

use std::{
    fmt,
    marker::PhantomData,
    sync::{Arc, OnceLock},
};

use doorward_access::{Authority, Decision, Denial, Held, Level, Membership, Missing, Standing};
use doorward_audit::{Action, Category, Code};
use doorward_identity::{Account, MembershipFacts, MembershipStanding, Session, SessionEnded};
use doorward_storage::RecordKey;
use doorward_types::{AgentName, MembershipId, Principal, RequestId, Scope, SupportId, TenantId};
use serde::{Serialize, de::DeserializeOwned};
use time::OffsetDateTime;
use tracing::Instrument as _;

use crate::{
    Doorward, Error, Fault,
    act::Act,
    audit_trail::Draft,
    record::{Loaded, key_of},
    together::Records,
    trace,
    work::{Asked, Tries, Work},
};

/// Who asks.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Caller {
    /// Somebody who has signed in.
    Session(Session),
    /// A human of the provider, inside an opening that the tenant granted.
    Support {
        /// The tenant.
        tenant: TenantId,
        /// The opening.
        support: SupportId,
        /// The provider's name for the human.
        agent: AgentName,
    },
}

impl From<&Session> for Caller {
    fn from(session: &Session) -> Self {
        Self::Session(*session)
    }
}

/// That a principal may do `A`, in their tenant, now. Only [`Doorward::authorise`] makes one, and
/// every use case that changes something takes one.
///
/// It holds what was read to decide, so that the commit can guard it. Whoever keeps one gains
/// nothing: what has changed since is found by the commit, or by authorising again.
pub struct Permit<A> {
    caller: Caller,
    actor: Actor,
    request: Option<RequestId>,
    /// What the request was for, once a use case has said so; shared with the permits made again.
    asked: Arc<OnceLock<Asked>>,
    act: PhantomData<A>,
}

/// Who acts, as far as it was read.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    pub(crate) tenant: TenantId,
    pub(crate) principal: Principal,
    pub(crate) on_behalf_of: Option<Principal>,
    pub(crate) standing: Standing,
    pub(crate) account: Option<Loaded<Account>>,
    pub(crate) member: Option<Loaded<Membership>>,
    pub(crate) levels: Vec<Loaded<Level>>,
    pub(crate) now: OffsetDateTime,
}

impl<A: Act> Permit<A> {
    /// Names the request, so that sending it again answers the first outcome, less its secrets.
    /// Request ids live seven days.
    #[must_use]
    pub const fn for_request(mut self, request: RequestId) -> Self {
        self.request = Some(request);
        self
    }

    /// Returns the tenant it holds in.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.actor.tenant
    }

    /// Returns who acts.
    #[must_use]
    pub const fn principal(&self) -> &Principal {
        &self.actor.principal
    }

    pub(crate) const fn scope(&self) -> Scope {
        Scope::Tenant(self.actor.tenant)
    }

    pub(crate) const fn actor(&self) -> &Actor {
        &self.actor
    }

    pub(crate) const fn request(&self) -> Option<RequestId> {
        self.request
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.actor.now
    }

    pub(crate) fn authority(&self) -> Authority {
        self.actor.standing.authority(self.actor.now)
    }

    /// The member who acts; support acts without one.
    pub(crate) fn member(&self) -> Option<MembershipId> {
        self.actor.member.as_ref().map(|member| member.state.id())
    }

    /// The session it was authorised for; support has none.
    pub(crate) const fn session(&self) -> Option<&Session> {
        match &self.caller {
            Caller::Session(session) => Some(session),
            Caller::Support { .. } => None,
        }
    }

    /// The permit for a reading: sent again it reads again, and is noted again.
    pub(crate) fn unasked(mut self) -> Self {
        self.request = None;
        self
    }

    /// Keeps what the request is for; every try asks for the same.
    pub(crate) fn keep_asked(&self, asked: Option<&Asked>) {
        if let Some(asked) = asked {
            let _ = self.asked.set(asked.clone());
        }
    }

    /// Says what the request is for, where there is one.
    pub(crate) fn asked_for(
        &self,
        use_case: &str,
        arguments: &impl Serialize,
    ) -> Result<Option<Asked>, Fault> {
        let Some(id) = self.request else {
            return Ok(None);
        };
        let asked = Asked::of(self.scope(), &self.actor.principal, id, use_case, arguments)?;
        self.keep_asked(Some(&asked));
        Ok(Some(asked))
    }

    /// Begins the work of a use case: its request, and the guards on what authorised it.
    pub(crate) fn work(&self, use_case: &str, arguments: &impl Serialize) -> Result<Work, Fault> {
        let actor = &self.actor;
        let (scope, principal) = (self.scope(), actor.principal.clone());
        let asked = self.asked_for(use_case, arguments)?;
        let mut work = Work::new(scope, principal, actor.now)
            .asked(asked)
            .on_behalf_of(actor.on_behalf_of.clone());
        if let Some(account) = &actor.account {
            work.guard(account);
        }
        if let Some(member) = &actor.member {
            work.guard(member);
        }
        actor.levels.iter().for_each(|level| work.guard(level));
        Ok(work)
    }
}

impl<A> fmt::Debug for Permit<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("tenant", &self.actor.tenant)
            .field("principal", &self.actor.principal)
            .finish_non_exhaustive()
    }
}

/// Why a principal may not.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// The session is over.
    #[error(transparent)]
    Session(#[from] SessionEnded),
    /// What the act needs is not held.
    #[error("this needs a permission that you do not hold")]
    Access(Denial),
    /// What the principal holds could not be told, so nothing is allowed.
    #[error("what you may do could not be told: an administrator has to look at your access")]
    Undecided(Missing),
    /// Support is not let in, or not for this.
    #[error("support is not let in for this")]
    Support,
}

impl Denied {
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Session(_) => "session_ended",
            Self::Access(_) => "not_permitted",
            Self::Undecided(_) => "undecided",
            Self::Support => "support_not_let_in",
        }
    }
}

/// No use case can be rejected by `authorise` itself.
pub type Never = std::convert::Infallible;

impl Doorward {
    /// Authorises the caller for an act, in the tenant their session or opening is of.
    ///
    /// It reads account and membership, compares both epochs of the session, and asks the catalog
    /// which permission the act needs. A refusal leaves one entry in the audit log.
    ///
    /// # Errors
    /// [`Denied`], or a [`Fault`].
    pub async fn authorise<A: Act>(
        &self,
        caller: impl Into<Caller>,
        _act: A,
    ) -> Result<Permit<A>, Error<Never>> {
        let caller = caller.into();
        let span = trace::authorise(A::NAME, &caller);
        match self.permit(caller.clone()).instrument(span.clone()).await {
            Err(Error::Denied(denied)) => {
                span.record("outcome", denied.code());
                let noted = self.note_denial(&caller, A::NAME, denied.code());
                noted.instrument(span).await?;
                Err(Error::Denied(denied))
            }
            Ok(permit) => {
                span.record("outcome", "permitted");
                Ok(permit)
            }
            other => other,
        }
    }

    /// Authorises again, for a decision that is made again.
    pub(crate) async fn again<A: Act>(
        &self,
        permit: &Permit<A>,
    ) -> Result<Permit<A>, Error<Never>> {
        let (renewed, _) = self.again_with(permit, Vec::new()).await?;
        Ok(renewed)
    }

    /// Makes the permit good for a try of an act, and reads what that try decides about.
    ///
    /// A first try stands on what the permit was made from, looked at by the clock of now. Its work
    /// guards that, so nothing but its commit may end it; a later one authorises again.
    pub(crate) async fn renew<A: Act>(
        &self,
        permit: &mut Permit<A>,
        tries: &mut Tries,
        keys: Vec<RecordKey>,
    ) -> Result<Records, Error<Never>> {
        let now = self.now();
        if tries.stand_on_kept(|| self.stands(permit, now)) {
            permit.actor.now = now;
            return Ok(self.records(keys).await?);
        }
        let (renewed, read) = self.again_with(permit, keys).await?;
        *permit = renewed;
        Ok(read)
    }

    /// Authorises again, and reads what the decision is about from the same snapshot.
    pub(crate) async fn again_with<A: Act>(
        &self,
        permit: &Permit<A>,
        keys: Vec<RecordKey>,
    ) -> Result<(Permit<A>, Records), Error<Never>> {
        let (actor, read) = match &permit.caller {
            Caller::Session(session) => self.signed_in(session, self.now(), keys).await?,
            caller @ Caller::Support { .. } => {
                (self.actor(caller).await?, self.records(keys).await?)
            }
        };
        let renewed = self.permitted::<A>(permit.caller.clone(), actor)?;
        let renewed = Permit {
            request: permit.request,
            asked: Arc::clone(&permit.asked),
            ..renewed
        };
        Ok((renewed, read))
    }

    /// Whether the records that somebody signed in was authorised by still permit it.
    fn stands<A: Act>(&self, permit: &Permit<A>, now: OffsetDateTime) -> bool {
        let actor = &permit.actor;
        let (Caller::Session(session), Some(account), Some(member)) =
            (&permit.caller, &actor.account, &actor.member)
        else {
            return false;
        };
        is_open(session, &account.state, &member.state, now)
            .and_then(|()| self.permits::<A>(&permit.caller, &actor.standing, now))
            .is_ok()
    }

    async fn permit<A: Act>(&self, caller: Caller) -> Result<Permit<A>, Error<Never>> {
        let actor = self.actor(&caller).await?;
        self.permitted(caller, actor)
    }

    fn permitted<A: Act>(&self, caller: Caller, actor: Actor) -> Result<Permit<A>, Error<Never>> {
        self.permits::<A>(&caller, &actor.standing, actor.now)?;
        Ok(Permit {
            caller,
            actor,
            request: None,
            asked: Arc::default(),
            act: PhantomData,
        })
    }

    /// Asks the catalog what the act needs, and whether it is held.
    fn permits<A: Act>(
        &self,
        caller: &Caller,
        standing: &Standing,
        now: OffsetDateTime,
    ) -> Result<(), Denied> {
        let is_support = matches!(caller, Caller::Support { .. });
        let Some(needs) = A::NEEDS else {
            return if is_support {
                Err(Denied::Support)
            } else {
                Ok(())
            };
        };
        if is_support && !needs.is_open_to_support() {
            return Err(Denied::Support);
        }
        match standing.may(self.catalog(), needs, now) {
            Decision::Allow(_) => Ok(()),
            Decision::Deny(denial) => Err(Denied::Access(denial)),
            Decision::Undecided(missing) => Err(Denied::Undecided(missing)),
        }
    }

    /// Reads who the caller is, and refuses a session that is over.
    pub(crate) async fn actor(&self, caller: &Caller) -> Result<Actor, Error<Never>> {
        let now = self.now();
        match caller {
            Caller::Session(session) => {
                let (actor, _) = self.signed_in(session, now, Vec::new()).await?;
                Ok(actor)
            }
            Caller::Support {
                tenant,
                support,
                agent,
            } => self.let_in(*tenant, *support, agent, now).await,
        }
    }

    /// Reads who has signed in, and these records with them.
    async fn signed_in(
        &self,
        session: &Session,
        now: OffsetDateTime,
        mut others: Vec<RecordKey>,
    ) -> Result<(Actor, Records), Error<Never>> {
        let scope = Scope::Tenant(session.tenant);
        let ended = || Denied::Session(SessionEnded::OtherPlace);
        let mut keys = vec![
            key_of::<Account>(Scope::Directory, session.account.as_uuid()),
            key_of::<Membership>(scope, session.membership.as_uuid()),
        ];
        keys.append(&mut others);
        let mut read = self.records(keys).await?;
        let (account, member) = (read.next::<Account>()?, read.next::<Membership>()?);
        let (account, member) = (account.ok_or_else(ended)?, member.ok_or_else(ended)?);
        is_open(session, &account.state, &member.state, now)?;
        let levels: Vec<Loaded<Level>> = self
            .load_all(scope, member.state.level_ids().map(|level| level.as_uuid()))
            .await?;
        let standing = self.standing_of(&member.state, &levels, &[], &[]);
        let actor = Actor {
            tenant: session.tenant,
            principal: Principal::Account {
                account: session.account,
                membership: session.membership,
            },
            on_behalf_of: None,
            standing,
            account: Some(account),
            member: Some(member),
            levels,
            now,
        };
        Ok((actor, read))
    }

    /// Resolves what a member holds, over the grants and assignments that are given.
    pub(crate) fn standing_of(
        &self,
        member: &Membership,
        levels: &[Loaded<Level>],
        grants: &[(doorward_access::Grant, Option<doorward_access::Profile>)],
        assigned: &[doorward_types::SubjectId],
    ) -> Standing {
        let levels: Vec<Level> = levels.iter().map(|level| level.state.clone()).collect();
        let profiles: Vec<_> = grants
            .iter()
            .filter_map(|(_, profile)| profile.clone())
            .collect();
        let grants: Vec<_> = grants.iter().map(|(grant, _)| grant.clone()).collect();
        let sets = doorward_access::Sets {
            levels: &levels,
            profiles: &profiles,
        };
        Standing::resolve(
            self.catalog(),
            member,
            &Held {
                sets,
                grants: &grants,
                assigned,
            },
        )
    }

    /// One `denied` entry, and nothing else.
    async fn note_denial(
        &self,
        caller: &Caller,
        act: &'static str,
        reason: &'static str,
    ) -> Result<(), Fault> {
        let (tenant, principal) = match caller {
            Caller::Session(session) => (
                session.tenant,
                Principal::Account {
                    account: session.account,
                    membership: session.membership,
                },
            ),
            Caller::Support {
                tenant,
                support,
                agent,
            } => (
                *tenant,
                Principal::Support {
                    support: *support,
                    agent: agent.clone(),
                },
            ),
        };
        // A session of a tenant that does not exist is no known principal.
        if self
            .load::<crate::Tenant>(Scope::Tenant(tenant), tenant.as_uuid())
            .await?
            .is_none()
        {
            return Ok(());
        }
        let on_behalf_of = match caller {
            Caller::Session(_) => None,
            Caller::Support { support, .. } => self.director_of(tenant, *support).await?,
        };
        let mut work =
            Work::new(Scope::Tenant(tenant), principal, self.now()).on_behalf_of(on_behalf_of);
        let denied = Action::declare("act.refuse", Category::Execute);
        let draft = Draft::new(denied, tenant).fact("act", Code::declare(act));
        work.note([draft.denied(Code::declare(reason))]);
        work.commit(self, &mut Tries::default(), ())
            .await
            .map(|_| ())
    }

    /// Answers a permitted act, and notes where it is refused.
    pub(crate) async fn settled<A: Act, T: DeserializeOwned, R: fmt::Debug>(
        &self,
        permit: &Permit<A>,
        outcome: Result<T, Error<R>>,
    ) -> Result<T, Error<R>> {
        let outcome = self.as_its_twin(permit.asked.get(), outcome).await;
        self.noted(permit, outcome).await
    }

    /// Notes a rejection of a permitted act: a refused act of a known principal is one `denied`
    /// entry (design 7). Faults are not the principal's doing and leave none.
    pub(crate) async fn noted<A: Act, T, R: fmt::Debug>(
        &self,
        permit: &Permit<A>,
        outcome: Result<T, Error<R>>,
    ) -> Result<T, Error<R>> {
        let reason = match &outcome {
            Err(Error::Rejected(rejection)) => reason(rejection),
            Err(Error::Denied(denied)) => Code::declare(denied.code()),
            Ok(_) | Err(Error::Fault(_)) => return outcome,
        };
        let actor = &permit.actor;
        let mut work = Work::new(permit.scope(), actor.principal.clone(), actor.now)
            .on_behalf_of(actor.on_behalf_of.clone());
        let refused = Action::declare("act.refuse", Category::Execute);
        let draft = Draft::new(refused, actor.tenant).fact("act", Code::declare(A::NAME));
        work.note([draft.denied(reason)]);
        work.commit(self, &mut Tries::default(), ()).await?;
        outcome
    }
}

/// The word for a rejection in the audit log: the name of its variant, in lower case. Variants are
/// named by us and hold no personal data in their names.
fn reason(rejection: &impl fmt::Debug) -> Code {
    let shown = format!("{rejection:?}");
    // A rejection of one of several rules is named after what the rule said.
    let said = ["Rule(", "Offer("];
    let said = said.iter().find_map(|wrap| shown.strip_prefix(wrap));
    let name = said
        .unwrap_or(&shown)
        .split(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    let mut word = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    Code::new(&word).unwrap_or(const { Code::declare("refused") })
}

/// Compares a session with the account and the membership that it was opened for.
fn is_open(
    session: &Session,
    account: &Account,
    member: &Membership,
    now: OffsetDateTime,
) -> Result<(), Denied> {
    if member.account() != session.account {
        return Err(SessionEnded::OtherPlace.into());
    }
    session.check(account, &membership_facts(member), now)?;
    Ok(())
}

/// What a session is compared with.
pub(crate) fn membership_facts(member: &Membership) -> MembershipFacts {
    MembershipFacts {
        id: member.id(),
        tenant: member.tenant(),
        standing: if member.is_active() {
            MembershipStanding::Active
        } else {
            MembershipStanding::Inactive
        },
        window: *member.window(),
        access_epoch: member.access_epoch().into(),
    }
}
