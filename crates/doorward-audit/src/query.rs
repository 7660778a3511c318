//! Queries: one type for lists, counts and exports.

use doorward_types::{AccountId, AgentName, MembershipId, Principal, Scope, SubjectId};
use time::OffsetDateTime;

use crate::{
    code::Code,
    entry::{Entry, scope_code},
    outcome::OutcomeKind,
    target::Target,
    value::Value,
};

/// Which entries are asked for: those of one scope for which every condition given holds.
///
/// ```
/// use doorward_audit::{Code, OutcomeKind, Query};
/// use doorward_types::Scope;
/// use time::macros::datetime;
/// let query = Query::of(Scope::Directory)
///     .from(datetime!(2026-11-01 00:00 UTC))
///     .until(datetime!(2026-12-01 00:00 UTC))
///     .action(Code::declare("session"))
///     .outcome(OutcomeKind::Denied);
/// assert_eq!(query.facts().count(), 5);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use = "a query is asked by `matches`"]
pub struct Query {
    scope: Scope,
    from: Option<OffsetDateTime>,
    until: Option<OffsetDateTime>,
    actor: Option<Actor>,
    subject: Option<SubjectId>,
    target: Option<Target>,
    action: Option<Code>,
    outcome: Option<OutcomeKind>,
}

/// Whose acts are asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Actor {
    /// An account, through whichever membership.
    Account(AccountId),
    /// A membership.
    Membership(MembershipId),
    /// One human of the provider's support.
    Agent(AgentName),
    /// Support, whoever it was.
    Support,
    /// The operator.
    Operator,
    /// The system's ticks.
    System,
    /// Nobody signed in.
    Anonymous,
}

impl Query {
    /// Asks for every entry of a scope.
    pub const fn of(scope: Scope) -> Self {
        Self {
            scope,
            from: None,
            until: None,
            actor: None,
            subject: None,
            target: None,
            action: None,
            outcome: None,
        }
    }

    /// Asks for entries recorded at this instant or later.
    pub const fn from(mut self, from: OffsetDateTime) -> Self {
        self.from = Some(from);
        self
    }

    /// Asks for entries recorded before this instant (design 9.1: half-open).
    pub const fn until(mut self, until: OffsetDateTime) -> Self {
        self.until = Some(until);
        self
    }

    /// Asks for what this actor did, also by support on its behalf.
    pub fn actor(mut self, actor: Actor) -> Self {
        self.actor = Some(actor);
        self
    }

    /// Asks for what was done to this person's data.
    pub const fn subject(mut self, subject: SubjectId) -> Self {
        self.subject = Some(subject);
        self
    }

    /// Asks for what was done to this thing; a target without id stands for every thing of its
    /// kind.
    pub fn target(mut self, target: impl Into<Target>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// Asks for this action, or for all that begin with these parts: `invitation`.
    pub fn action(mut self, prefix: Code) -> Self {
        self.action = Some(prefix);
        self
    }

    /// Asks for what ended this way.
    pub const fn outcome(mut self, outcome: OutcomeKind) -> Self {
        self.outcome = Some(outcome);
        self
    }

    /// Returns the scope asked about.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// Returns the first instant asked about, if there is one.
    #[must_use]
    pub const fn begins_at(&self) -> Option<OffsetDateTime> {
        self.from
    }

    /// Returns the first instant no longer asked about, if there is one.
    #[must_use]
    pub const fn ends_at(&self) -> Option<OffsetDateTime> {
        self.until
    }

    /// Tells whether the entry is asked for.
    #[must_use]
    pub fn matches(&self, entry: &Entry) -> bool {
        let at = entry.recorded_at();
        entry.scope() == self.scope
            && self.from.is_none_or(|from| from <= at)
            && self.until.is_none_or(|until| at < until)
            && self.actor.as_ref().is_none_or(|actor| {
                actor.is(entry.actor()) || entry.on_behalf_of().is_some_and(|other| actor.is(other))
            })
            && self
                .subject
                .is_none_or(|subject| entry.subject() == Some(subject))
            && self.target.as_ref().is_none_or(|target| {
                entry.target().kind() == target.kind()
                    && target.id().is_none_or(|id| entry.target().id() == Some(id))
            })
            && self
                .action
                .as_ref()
                .is_none_or(|prefix| entry.action().is_within(prefix))
            && self
                .outcome
                .is_none_or(|outcome| entry.outcome().kind() == outcome)
    }

    /// Returns the query as facts: an export is itself recorded, with what was asked for.
    pub fn facts(&self) -> impl Iterator<Item = (Code, Value)> + use<> {
        let code = Code::literal;
        let target = self.target.as_ref();
        let facts = [
            (
                code("query_scope"),
                Some(Value::Code(scope_code(self.scope))),
            ),
            (code("query_from"), self.from.map(Into::into)),
            (code("query_until"), self.until.map(Into::into)),
            (
                code("query_actor"),
                self.actor.as_ref().map(|actor| Value::Code(actor.code())),
            ),
            (code("query_subject"), self.subject.map(Into::into)),
            (
                code("query_target_kind"),
                target.map(|target| target.kind().clone().into()),
            ),
            (
                code("query_target_id"),
                target.and_then(Target::id).map(|id| id.clone().into()),
            ),
            (code("query_action"), self.action.clone().map(Into::into)),
            (
                code("query_outcome"),
                self.outcome.map(|kind| Value::Code(code(kind.as_str()))),
            ),
        ];
        facts
            .into_iter()
            .filter_map(|(field, value)| Some((field, value?)))
    }
}

impl Actor {
    fn is(&self, principal: &Principal) -> bool {
        match (self, principal) {
            (Self::Account(id), Principal::Account { account, .. }) => id == account,
            (Self::Membership(id), Principal::Account { membership, .. }) => id == membership,
            (Self::Agent(name), Principal::Support { agent, .. }) => name == agent,
            (Self::Support, Principal::Support { .. })
            | (Self::Operator, Principal::Operator)
            | (Self::System, Principal::System)
            | (Self::Anonymous, Principal::Anonymous) => true,
            _ => false,
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::Account(account) => account.into(),
            Self::Membership(membership) => membership.into(),
            Self::Agent(agent) => agent.into(),
            Self::Support => Code::literal("support"),
            Self::Operator => Code::literal("operator"),
            Self::System => Code::literal("system"),
            Self::Anonymous => Code::literal("anonymous"),
        }
    }
}
