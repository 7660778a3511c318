//! What a query finds.
#![expect(
    clippy::unwrap_used,
    reason = "the helpers of a test fail by panicking, as tests do"
)]

use doorward_audit::{
    Action, Actor, Code, Entry, EntryBuilder, Outcome, OutcomeKind, Query, Target,
};
use doorward_types::{
    AccountId, AgentName, EntryId, GrantId, MembershipId, PersonId, Principal, Scope, SubjectId,
    SupportId, TenantId,
};
use time::{Duration, OffsetDateTime, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);

fn scope(n: u8) -> Scope {
    Scope::Tenant(TenantId::made_at(NOW, [n; 10]))
}

fn member(n: u8) -> Principal {
    Principal::Account {
        account: AccountId::made_at(NOW, [1; 10]),
        membership: MembershipId::made_at(NOW, [n; 10]),
    }
}

fn agent(name: &str) -> Principal {
    Principal::Support {
        support: SupportId::made_at(NOW, [1; 10]),
        agent: AgentName::new(name).unwrap(),
    }
}

fn grant() -> GrantId {
    GrantId::made_at(NOW, [5; 10])
}

fn subject() -> SubjectId {
    SubjectId::from(PersonId::made_at(NOW, [6; 10]))
}

fn by(actor: Principal) -> EntryBuilder {
    let id = EntryId::made_at(NOW, [9; 10]);
    Entry::builder(id, scope(1), actor, Action::GRANT_CREATE, grant(), NOW).subject(subject())
}

fn entry() -> Entry {
    by(member(2)).build().unwrap().entry
}

fn all() -> Query {
    Query::of(scope(1))
}

/// ASVS 8.4.1: one tenant's auditor never sees another's entries.
#[test]
fn a_query_stays_in_its_scope() {
    assert!(all().matches(&entry()));
    assert!(!Query::of(scope(2)).matches(&entry()));
    assert!(!Query::of(Scope::Directory).matches(&entry()));
}

/// Design 9.1.
#[test]
fn a_period_includes_its_first_instant_and_not_its_last() {
    let micro = Duration::MICROSECOND;
    assert!(all().from(NOW).until(NOW + micro).matches(&entry()));
    assert!(!all().from(NOW + micro).matches(&entry()));
    assert!(!all().until(NOW).matches(&entry()));
}

#[test]
fn an_actor_is_found_by_account_membership_or_sort() {
    let account = Actor::Account(AccountId::made_at(NOW, [1; 10]));
    assert!(all().actor(account.clone()).matches(&entry()));
    assert!(
        all()
            .actor(Actor::Membership(MembershipId::made_at(NOW, [2; 10])))
            .matches(&entry())
    );
    assert!(
        !all()
            .actor(Actor::Membership(MembershipId::made_at(NOW, [3; 10])))
            .matches(&entry())
    );
    for (actor, principal) in [
        (Actor::Operator, Principal::Operator),
        (Actor::System, Principal::System),
        (Actor::Anonymous, Principal::Anonymous),
        (Actor::Support, agent("a.meyer")),
        (
            Actor::Agent(AgentName::new("a.meyer").unwrap()),
            agent("a.meyer"),
        ),
    ] {
        assert!(
            all()
                .actor(actor.clone())
                .matches(&by(principal).build().unwrap().entry)
        );
        assert!(!all().actor(actor).matches(&entry()));
    }
    let other = by(agent("b.ott")).build().unwrap().entry;
    assert!(
        !all()
            .actor(Actor::Agent(AgentName::new("a.meyer").unwrap()))
            .matches(&other)
    );
    assert!(!all().actor(account).matches(&other));
}

/// Support acts by a Director's grant: the Director's trail shows it.
#[test]
fn acts_on_behalf_of_an_actor_are_found_with_theirs() {
    let entry = by(agent("a.meyer"))
        .on_behalf_of(member(2))
        .build()
        .unwrap()
        .entry;
    let director = Actor::Membership(MembershipId::made_at(NOW, [2; 10]));
    assert!(all().actor(director).matches(&entry));
    assert!(all().actor(Actor::Support).matches(&entry));
}

#[test]
fn a_target_is_found_by_itself_or_by_its_kind() {
    assert!(all().target(grant()).matches(&entry()));
    assert!(
        !all()
            .target(GrantId::made_at(NOW, [4; 10]))
            .matches(&entry())
    );
    assert!(
        all()
            .target(Target::of(Code::declare("grant")))
            .matches(&entry())
    );
    assert!(
        !all()
            .target(Target::of(Code::declare("level")))
            .matches(&entry())
    );
}

#[test]
fn subject_action_and_outcome_are_found() {
    assert!(all().subject(subject()).matches(&entry()));
    assert!(
        !all()
            .subject(PersonId::made_at(NOW, [7; 10]).into())
            .matches(&entry())
    );
    let grants = || all().action(Code::declare("grant"));
    assert!(grants().matches(&entry()));
    assert!(!all().action(Code::declare("gran")).matches(&entry()));
    let denied = by(member(2)).outcome(Outcome::Denied {
        reason: Code::declare("expired"),
    });
    let denied = denied.build().unwrap().entry;
    assert!(grants().outcome(OutcomeKind::Denied).matches(&denied));
    assert!(!grants().outcome(OutcomeKind::Denied).matches(&entry()));
    assert!(!grants().outcome(OutcomeKind::Success).matches(&denied));
}

/// An export is recorded with what was asked for.
#[test]
fn every_condition_of_a_query_becomes_a_fact() {
    assert_eq!(all().facts().count(), 1);
    let query = all()
        .from(NOW)
        .until(NOW + Duration::DAY)
        .actor(Actor::Support)
        .subject(subject())
        .target(grant())
        .action(Code::declare("grant"))
        .outcome(OutcomeKind::Denied);
    assert_eq!(query.facts().count(), 9);
    let id = EntryId::made_at(NOW, [9; 10]);
    let log = Target::of(Code::declare("log"));
    let entry = Entry::builder(id, scope(1), member(2), Action::AUDIT_EXPORT, log, NOW)
        .facts(query.facts())
        .build()
        .unwrap()
        .entry;
    assert_eq!(
        entry.facts()["query_until"].to_string(),
        "\"2026-11-23T10:00:00.000000Z\""
    );
}
