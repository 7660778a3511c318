//! A small world for tests: ids, members, tables.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]
#![expect(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;

use doorward_access::{
    Authority, Catalog, Details, FittedOffer, Joining, Level, Membership, OfferVerdict,
    PermissionSet, Profile, Reach, Relation, Sets, judge_offer,
};
use doorward_types::{
    AccountId, DisplayName, GrantId, KindName, LevelId, Levels, MembershipId, Offer, PersonId,
    Principal, ProfileId, RoleName, SubjectId, Switches, TenantId, Window,
};
use time::{OffsetDateTime, macros::datetime};

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);

pub(crate) fn tenant() -> TenantId {
    TenantId::made_at(NOW, [9; 10])
}

pub(crate) fn membership_id(n: u8) -> MembershipId {
    MembershipId::made_at(NOW, [n; 10])
}

pub(crate) fn account_id(n: u8) -> AccountId {
    AccountId::made_at(NOW, [n; 10])
}

pub(crate) fn person_id(n: u8) -> PersonId {
    PersonId::made_at(NOW, [n; 10])
}

pub(crate) fn subject(n: u8) -> SubjectId {
    person_id(n).into()
}

pub(crate) fn grant_id(n: u8) -> GrantId {
    GrantId::made_at(NOW, [n; 10])
}

pub(crate) fn level_id(n: u8) -> LevelId {
    LevelId::made_at(NOW, [n; 10])
}

pub(crate) fn profile_id(n: u8) -> ProfileId {
    ProfileId::made_at(NOW, [n; 10])
}

pub(crate) fn kind(name: &str) -> KindName {
    name.parse().unwrap()
}

pub(crate) fn role(name: &str) -> RoleName {
    name.parse().unwrap()
}

pub(crate) fn name(text: &str) -> DisplayName {
    DisplayName::new(text).unwrap()
}

pub(crate) fn set(pairs: &[(&str, Reach)]) -> PermissionSet {
    pairs
        .iter()
        .map(|(name, reach)| (name.parse().unwrap(), *reach))
        .collect()
}

pub(crate) fn level(catalog: &Catalog, n: u8, text: &str, pairs: &[(&str, Reach)]) -> Level {
    Level::create(level_id(n), name(text), set(pairs), catalog)
        .unwrap()
        .0
}

pub(crate) fn profile(catalog: &Catalog, n: u8, text: &str, pairs: &[(&str, Reach)]) -> Profile {
    Profile::create(profile_id(n), name(text), set(pairs), catalog)
        .unwrap()
        .0
}

pub(crate) fn principal(n: u8) -> Principal {
    Principal::Account {
        account: account_id(n),
        membership: membership_id(n),
    }
}

pub(crate) fn fitted(catalog: &Catalog, offer: &Offer, sets: &Sets<'_>) -> FittedOffer {
    match judge_offer(catalog, offer, sets, &Authority::everything()).unwrap() {
        OfferVerdict::Within(fitted) => fitted,
        OfferVerdict::Above(short) => panic!("{short}"),
    }
}

/// The n-th member: membership, account and person all have its number.
pub(crate) fn member(catalog: &Catalog, n: u8, offer: &Offer, sets: &Sets<'_>) -> Membership {
    let joining = Joining {
        id: membership_id(n),
        tenant: tenant(),
        account: account_id(n),
        person: Some(person_id(n)),
        invitation: None,
        window: Window::since(NOW),
        details: Details::default(),
    };
    Membership::join(joining, &fitted(catalog, offer, sets), NOW).0
}

pub(crate) fn in_role(catalog: &Catalog, n: u8, of: &str, role_name: &str) -> Membership {
    let offer = Offer::of(kind(of)).with_role(role(role_name));
    member(catalog, n, &offer, &Sets::default())
}

pub(crate) fn with_switches(
    catalog: &Catalog,
    n: u8,
    of: &str,
    role_name: &str,
    switches: Switches,
) -> Membership {
    let offer = Offer::of(kind(of))
        .with_role(role(role_name))
        .with_switches(switches);
    member(catalog, n, &offer, &Sets::default())
}

pub(crate) fn with_levels(
    catalog: &Catalog,
    n: u8,
    of: &str,
    levels: Levels,
    sets: &Sets<'_>,
) -> Membership {
    member(catalog, n, &Offer::of(kind(of)).with_levels(levels), sets)
}

/// A table in CSV with comment lines: its header, and its rows by column name.
pub(crate) fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

pub(crate) fn relation(whose: &str) -> Relation {
    match whose {
        "own" => Relation::Own,
        "assigned" => Relation::Assigned,
        "other" | "practice" | "office" => Relation::Other,
        other => panic!("a row says `{other}`: own, assigned, other or practice is meant"),
    }
}
