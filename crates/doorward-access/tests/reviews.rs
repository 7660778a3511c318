//! Reviews: reverse questions, menus and remedies agree with a loop of checks, for random tenants.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "catalogs/agency.rs"]
pub mod agency;
#[path = "catalogs/practice.rs"]
pub mod practice;
mod world;

use std::collections::BTreeSet;

use agency::Agency;
use doorward_access::{
    Access, Authority, Catalog, Decision, Grant, GrantEdit, Granting, Held, Level, Mask,
    MemberEdit, Membership, Permissions as _, Profile, Reach, Record, Relation, Remedy, Sets,
    Standing, Verdict, explain, reach_of, who_can,
};
use doorward_types::{LevelId, Levels, Offer, SubjectId, Switch, Switches, Window};
use practice::{PERMISSIONS, Practice, ROLES, SWITCHES};
use proptest::prelude::*;
use time::Duration;
use world::*;

const KINDS: [&str; 5] = [
    "office_staff",
    "caregiver",
    "client",
    "primary_contact",
    "physician",
];

fn office() -> (Catalog, Vec<Level>) {
    let catalog = agency::catalog().unwrap();
    let rows = agency::LEVELS.iter().zip(1u8..);
    let levels = rows
        .map(|((name, holds), n)| level(&catalog, n, name, holds))
        .collect();
    (catalog, levels)
}

fn level_ids(bits: u8) -> BTreeSet<LevelId> {
    (0..5)
        .filter(|at| bits & (1 << at) != 0)
        .map(|at| level_id(at + 1))
        .collect()
}

fn switch_set(bits: u16) -> Vec<(usize, Switch)> {
    let stands = |at: usize| {
        if bits & (1 << at) != 0 {
            Switch::On
        } else {
            Switch::Off
        }
    };
    (0..SWITCHES).map(|at| (at, stands(at))).collect()
}

fn switches(catalog: &Catalog, role_name: &str, bits: u16) -> Switches {
    let named: Vec<_> = catalog.toggles().collect();
    switch_set(bits)
        .into_iter()
        .filter(|(at, _)| named[*at].supports(&kind("practice_user"), Some(&role(role_name))))
        .map(|(at, stands)| (named[at].name().clone(), stands))
        .collect()
}

fn some_permissions() -> impl Strategy<Value = Agency> {
    (0u64..1 << 16).prop_map(Agency::from_bits_truncate)
}

/// A failing case prints itself; nothing is written to disk.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// A tenant of random members over a few people, with grants and attachments.
#[derive(Clone, Debug)]
struct Tenant {
    members: Vec<Member>,
}

#[derive(Clone, Debug)]
struct Member {
    of: usize,
    levels: u8,
    attached: u8,
    grants: Vec<(u8, usize, i64, i64)>,
    disabled: u8,
}

fn tenants() -> impl Strategy<Value = Tenant> {
    let grant = (0u8..8, 0usize..3, -3i64..3, 1i64..4);
    let member = (
        0usize..5,
        0u8..32,
        any::<u8>(),
        prop::collection::vec(grant, 0..4),
        0u8..6,
    )
        .prop_map(|(of, levels, attached, mut grants, disabled)| {
            let mut seen = BTreeSet::new();
            grants.retain(|grant| seen.insert(grant.0)); // one grant a subject
            Member {
                of,
                levels,
                attached,
                grants,
                disabled,
            }
        });
    prop::collection::vec(member, 1..6).prop_map(|members| Tenant { members })
}

type Row = (Membership, Vec<Grant>, Vec<SubjectId>);

struct Records {
    catalog: Catalog,
    levels: Vec<Level>,
    profiles: Vec<Profile>,
    rows: Vec<Row>,
}

impl Records {
    fn of(tenant: &Tenant) -> Self {
        let (catalog, levels) = office();
        let profiles = vec![
            profile(
                &catalog,
                1,
                "Notes",
                &[("view_care_notes", Reach::Assigned)],
            ),
            profile(&catalog, 2, "Money", &[("view_invoices", Reach::Assigned)]),
            profile(
                &catalog,
                3,
                "All",
                &[
                    ("view_care_notes", Reach::Any),
                    ("view_schedules", Reach::Any),
                    ("edit_profiles", Reach::Any),
                ],
            ),
        ];
        let sets = Sets {
            levels: &levels,
            profiles: &profiles,
        };
        let (authority, by) = (Authority::everything(), principal(99));
        let rows = tenant
            .members
            .iter()
            .zip(0u8..)
            .map(|(row, n)| {
                let held = Levels::Assigned(level_ids(row.levels));
                let mut membership = with_levels(&catalog, n, KINDS[row.of], held, &sets);
                let grants = row
                    .grants
                    .iter()
                    .zip(0u8..)
                    .map(|((over, profile, from, days), g)| {
                        let from = NOW + Duration::days(*from);
                        let granting = Granting {
                            id: grant_id(n * 16 + g),
                            subject: subject(*over),
                            profile: profiles[*profile].id(),
                            window: Window::between(from, from + Duration::days(*days)).unwrap(),
                            attestation: None,
                        };
                        let edit = GrantEdit {
                            catalog: &catalog,
                            sets,
                            membership: &membership,
                            statement: None,
                            authority: &authority,
                            by: &by,
                            now: from,
                        };
                        Grant::give(granting, &edit).unwrap().0
                    })
                    .collect::<Vec<_>>();
                if row.disabled == 0 {
                    let edit = MemberEdit {
                        catalog: &catalog,
                        sets,
                        grants: &[],
                        authority: &authority,
                        by: &by,
                        survivor: None,
                        now: NOW,
                    };
                    membership = membership.disable(&edit).unwrap().0;
                }
                let attached = (0u8..8).filter(|p| row.attached & (1 << p) != 0 && *p != n);
                (membership, grants, attached.map(subject).collect())
            })
            .collect();
        Self {
            catalog,
            levels,
            profiles,
            rows,
        }
    }

    fn sets(&self) -> Sets<'_> {
        Sets {
            levels: &self.levels,
            profiles: &self.profiles,
        }
    }

    fn held<'a>(&'a self, row: &'a Row) -> Held<'a> {
        Held {
            sets: self.sets(),
            grants: &row.1,
            assigned: &row.2,
        }
    }

    fn standings(&self) -> Vec<Standing> {
        let resolve = |row: &Row| Standing::resolve(&self.catalog, &row.0, &self.held(row));
        self.rows.iter().map(resolve).collect()
    }
}

fn is_allowed(decision: Decision) -> bool {
    matches!(decision, Decision::Allow(_))
}

proptest! {
    #![proptest_config(cases(120))]

    /// The reverse question "who can do X to subject S" lists whom a loop of checks allows.
    #[test]
    fn who_can_answers_as_a_loop_of_checks(tenant in tenants(), over in 0u8..8) {
        let records = Records::of(&tenant);
        let standings = records.standings();
        let record = Record::of(subject(over));
        for asked in Agency::all().iter() {
            let listed: Vec<_> = who_can(asked, &record, &standings, NOW)
                .unwrap().into_iter().map(|able| able.membership).collect();
            let looped: Vec<_> = standings.iter()
                .filter(|standing| is_allowed(standing.check_record(asked, &record, NOW)))
                .map(Standing::membership)
                .collect();
            prop_assert_eq!(listed, looped);
        }
    }

    /// The reverse question "what can this member reach" covers every subject and permission exactly.
    #[test]
    fn what_a_member_reaches_is_what_a_loop_of_checks_allows(tenant in tenants()) {
        let records = Records::of(&tenant);
        for standing in records.standings() {
            let extent = reach_of(&standing, NOW).unwrap();
            let own = standing.relation(&Record::by(standing.membership().unwrap()), NOW);
            prop_assert_eq!(own, Relation::Own);
            for over in 0u8..8 {
                let record = Record::of(subject(over));
                // A member without open access reaches nobody.
                let listed = match standing.relation(&record, NOW) {
                    Relation::Own => extent.own,
                    Relation::Assigned => {
                        extent.people.iter().find(|(who, _)| *who == subject(over)).map_or(Mask::EMPTY, |row| row.1)
                    }
                    Relation::Other => extent.everybody,
                };
                for asked in Agency::all().iter() {
                    let allowed = is_allowed(standing.check_record(asked, &record, NOW));
                    prop_assert_eq!(listed.contains(asked.mask()), allowed);
                }
            }
        }
    }

    /// One mask for a whole menu holds what single checks allow; the verdict is the decision's.
    #[test]
    fn a_menu_and_a_verdict_agree_with_single_checks(tenant in tenants(), over in 0u8..8) {
        let records = Records::of(&tenant);
        let record = Record::of(subject(over));
        for standing in records.standings() {
            let relation = standing.relation(&record, NOW);
            let menu = standing.permissions_over(relation, Some(subject(over)), NOW);
            for asked in Agency::all().iter() {
                let decision = standing.check_record(asked, &record, NOW);
                prop_assert_eq!(menu.contains(asked.mask()), is_allowed(decision));
                let plain = standing.check(asked, relation, NOW);
                prop_assert_eq!(standing.verdict(asked, relation, NOW), plain.verdict());
            }
            let nothing = standing.verdict(Mask::EMPTY, relation, NOW);
            prop_assert_ne!(nothing, Verdict::Allow);
        }
    }

    /// Several permissions at once mean all of them.
    #[test]
    fn a_check_of_several_permissions_allows_where_each_is_allowed(
        tenant in tenants(), over in 0u8..8, asked in some_permissions()
    ) {
        prop_assume!(!asked.is_empty());
        let records = Records::of(&tenant);
        let record = Record::of(subject(over));
        for standing in records.standings() {
            let each = asked.iter().all(|one| is_allowed(standing.check_record(one, &record, NOW)));
            prop_assert_eq!(is_allowed(standing.check_record(asked, &record, NOW)), each);
        }
    }

    /// Every remedy that an explanation offers for a denial does allow it, and an active level or
    /// profile that is not offered does not.
    #[test]
    fn every_remedy_helps_and_no_other_level_or_profile_does(tenant in tenants(), over in 0u8..8) {
        let records = Records::of(&tenant);
        let record = Record::of(subject(over));
        let sets = records.sets();
        let (authority, by) = (Authority::everything(), principal(99));
        for row in &records.rows {
            let (membership, grants, assigned) = row;
            if !membership.is_active() {
                continue;
            }
            let edit = MemberEdit {
                catalog: &records.catalog, sets, grants: &[], authority: &authority, by: &by,
                survivor: None, now: NOW,
            };
            for asked in Agency::all().iter() {
                let held = records.held(row);
                let why = explain(&records.catalog, membership, &held, asked, &record, NOW);
                if !matches!(why.decision, Decision::Deny(_)) {
                    prop_assert!(why.remedies.is_empty());
                    continue;
                }
                let with_level = |id: LevelId| {
                    let Levels::Assigned(mut ids) = membership.levels().clone() else {
                        panic!("members of this tenant have levels");
                    };
                    ids.insert(id);
                    let access =
                        Access { role: None, levels: Levels::Assigned(ids), switches: Switches::new() };
                    membership.clone().edit_access(access, &edit).unwrap().0
                };
                let allowed_for = |membership: &Membership, grants: &[Grant], assigned: &[SubjectId]| {
                    let held = Held { sets, grants, assigned };
                    let standing = Standing::resolve(&records.catalog, membership, &held);
                    is_allowed(standing.check_record(asked, &record, NOW))
                };
                let with_profile = |profile: &Profile| {
                    let granting = Granting {
                        id: grant_id(200), subject: subject(over), profile: profile.id(),
                        window: Window::since(NOW), attestation: None,
                    };
                    let edit = GrantEdit {
                        catalog: &records.catalog, sets, membership, statement: None,
                        authority: &authority, by: &by, now: NOW,
                    };
                    let mut all = grants.clone();
                    all.push(Grant::give(granting, &edit).unwrap().0);
                    all
                };
                for level in &records.levels {
                    let offered = why.remedies.iter()
                        .any(|r| matches!(r, Remedy::AssignLevel(id, _) if *id == level.id()));
                    let helps = allowed_for(&with_level(level.id()), grants, assigned);
                    prop_assert_eq!(offered, helps, "{}: {}", level.name(), why);
                }
                for profile in &records.profiles {
                    let offered = why.remedies.iter()
                        .any(|r| matches!(r, Remedy::GrantProfile(id, _) if *id == profile.id()));
                    let helps = allowed_for(membership, &with_profile(profile), assigned);
                    prop_assert_eq!(offered, helps, "{}: {}", profile.name(), why);
                }
                if why.remedies.contains(&Remedy::Attach) {
                    let mut more = assigned.clone();
                    more.push(subject(over));
                    prop_assert!(allowed_for(membership, grants, &more));
                }
                if why.remedies.contains(&Remedy::Unrestrict) {
                    let access = Access {
                        role: None, levels: Levels::Unrestricted, switches: Switches::new(),
                    };
                    let all = membership.clone().edit_access(access, &edit).unwrap().0;
                    prop_assert!(allowed_for(&all, grants, assigned));
                }
            }
        }
    }

    /// Roles and switches that an explanation offers do allow what was denied.
    #[test]
    fn every_offered_role_and_switch_helps(
        role_at in 0usize..4, bits in 0u16..1 << SWITCHES, asked in 0..PERMISSIONS, over in 0usize..3
    ) {
        let catalog = practice::catalog().unwrap();
        let asked = Practice::all().iter().nth(asked).unwrap();
        let set = switches(&catalog, ROLES[role_at], bits);
        let user = with_switches(&catalog, 1, "practice_user", ROLES[role_at], set.clone());
        let record = [Record::by(membership_id(1)), Record::of(subject(7)), Record::of(subject(8))][over];
        let assigned = [subject(7)];
        let held = Held { assigned: &assigned, ..Held::default() };
        let why = explain(&catalog, &user, &held, asked, &record, NOW);
        for remedy in &why.remedies {
            let changed = match remedy {
                Remedy::SetSwitch(name, stands) => {
                    let mut set = set.clone();
                    set.insert(name.clone(), *stands);
                    with_switches(&catalog, 1, "practice_user", ROLES[role_at], set)
                }
                Remedy::AssignRole(to) => {
                    let set = switches(&catalog, to.as_str(), bits);
                    with_switches(&catalog, 1, "practice_user", to.as_str(), set)
                }
                Remedy::Attach => user.clone(),
                other => panic!("{other:?}"),
            };
            let more = [subject(7), subject(8)];
            let assigned = if *remedy == Remedy::Attach { &more[..] } else { &assigned[..] };
            let held = Held { assigned, ..Held::default() };
            let standing = Standing::resolve(&catalog, &changed, &held);
            prop_assert!(is_allowed(standing.check_record(asked, &record, NOW)), "{}", why);
        }
    }

    /// Records are read back as they were written.
    #[test]
    fn records_survive_their_storage(tenant in tenants()) {
        let records = Records::of(&tenant);
        for (membership, grants, _) in &records.rows {
            let json = serde_json::to_string(membership).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Membership>(&json).unwrap(), membership);
            for grant in grants {
                let json = serde_json::to_string(grant).unwrap();
                prop_assert_eq!(&serde_json::from_str::<Grant>(&json).unwrap(), grant);
            }
        }
        for profile in &records.profiles {
            let json = serde_json::to_string(profile).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Profile>(&json).unwrap(), profile);
        }
    }
}

#[test]
fn a_list_that_would_not_be_complete_is_an_error() {
    let (catalog, levels) = office();
    let sets = Sets {
        levels: &levels,
        ..Sets::default()
    };
    let staff = with_levels(
        &catalog,
        1,
        "office_staff",
        Levels::from([level_id(2)]),
        &sets,
    );
    let client = member(&catalog, 2, &Offer::of(kind("client")), &sets);
    let standings = [
        Standing::resolve(&catalog, &client, &Held::default()),
        Standing::resolve(&catalog, &staff, &Held::default()),
    ];
    let record = Record::of(subject(2));
    assert!(who_can(Agency::VIEW_SCHEDULES, &record, &standings, NOW).is_err());
    assert!(reach_of(&standings[0], NOW).is_ok());
    assert!(reach_of(&standings[1], NOW).is_err());
}
