//! Laws: what holds for every change of random members, levels and switches.
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
    AccessRejection, Authority, Catalog, Combination, EditRejection, Gives, Held, Level,
    MemberEdit, Membership, Planes, Reach, SetEdit, Sets, Standing,
};
use doorward_types::{LevelId, Levels, Switch, Switches};
use practice::{ROLES, SWITCHES};
use proptest::prelude::*;
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

/// Levels of office staff: a subset of five, or unrestricted.
fn staff_levels() -> impl Strategy<Value = Levels> {
    prop_oneof![
        4 => (0u8..32).prop_map(|bits| Levels::Assigned(level_ids(bits))),
        1 => Just(Levels::Unrestricted),
    ]
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

fn permission_set(catalog: &Catalog, held: Agency, reach: Reach) -> doorward_access::PermissionSet {
    catalog.names(&Planes::holding(held, reach))
}

fn reaches() -> impl Strategy<Value = Reach> {
    prop_oneof![Just(Reach::Own), Just(Reach::Assigned), Just(Reach::Any)]
}

/// A failing case prints itself; nothing is written to disk.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(400))]

    /// Design 4: "nobody ends with a gain the actor could not give", and nothing else is refused.
    #[test]
    fn a_change_of_levels_succeeds_exactly_where_the_actor_could_give_the_gain(
        actor in staff_levels(), before in staff_levels(), after in staff_levels()
    ) {
        let (catalog, levels) = office();
        let sets = Sets { levels: &levels, ..Sets::default() };
        let held = Held { sets, ..Held::default() };
        let standing = |m: &Membership| Standing::resolve(&catalog, m, &held);
        let actor = with_levels(&catalog, 9, "office_staff", actor, &sets);
        let target = with_levels(&catalog, 1, "office_staff", before.clone(), &sets);
        let authority = standing(&actor).authority(NOW);
        let (by, other) = (principal(9), with_levels(&catalog, 8, "office_staff", Levels::Unrestricted, &sets));
        let survivor = doorward_access::Survivor::among(
            [(&other, doorward_access::AccountStanding::Active)], &catalog, &sets, NOW
        );
        let edit = MemberEdit {
            catalog: &catalog, sets, grants: &[], authority: &authority, by: &by,
            survivor: survivor.as_ref(), now: NOW,
        };
        let old = *standing(&target).effective();
        let result = target.set_levels(after.clone(), &edit);
        let wanted = with_levels(&catalog, 1, "office_staff", after.clone(), &sets);
        let gain = standing(&wanted).effective().minus(old);
        let unrestricts = after == Levels::Unrestricted && before != Levels::Unrestricted;
        let may = authority.gives() == Gives::Everything
            || (standing(&actor).effective().covers(gain) && !unrestricts);
        match result {
            Ok((changed, _)) => {
                prop_assert!(may);
                prop_assert_eq!(*standing(&changed).effective(), *standing(&wanted).effective());
            }
            Err(AccessRejection::Above(_)) => prop_assert!(!may),
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    /// The same for an edit of a level, for every combination that holds it.
    #[test]
    fn an_edit_of_a_level_succeeds_exactly_where_the_actor_could_give_every_gain(
        actor in staff_levels(),
        held_by in prop::collection::vec((0usize..5, 0u8..32), 0..4),
        new in some_permissions(), reach in reaches()
    ) {
        let (catalog, levels) = office();
        let sets = Sets { levels: &levels, ..Sets::default() };
        let actor = with_levels(&catalog, 9, "office_staff", actor, &sets);
        let before = Standing::resolve(&catalog, &actor, &Held { sets, ..Held::default() });
        let authority = before.authority(NOW);
        let holders: Vec<(Combination, u64)> = held_by.iter().map(|(of, bits)| {
            let membership = with_levels(
                &catalog, 1, KINDS[*of], Levels::Assigned(level_ids(bits | 1)), &sets
            );
            (membership.combination(), 1)
        }).collect();
        let edit = SetEdit {
            catalog: &catalog, sets, holders: &holders, authority: &authority, own: None,
            survivor: None,
        };
        let wanted = permission_set(&catalog, new, reach);
        let result = levels[0].clone().edit(wanted.clone(), &edit);
        let preview = levels[0].preview(wanted, &edit).unwrap();
        let gains = preview.rows().iter().map(|row| catalog.planes(&row.difference.gained));
        let gains = gains.fold(Planes::EMPTY, Planes::union);
        let may = authority.gives() == Gives::Everything || before.effective().covers(gains);
        match result {
            Ok(_) => prop_assert!(may),
            Err(EditRejection::Above(_)) => prop_assert!(!may),
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    /// A preview is what happens: each holder's standing before and after differs by exactly it.
    #[test]
    fn a_preview_is_what_happens(
        of in 0usize..5, bits in 0u8..32, new in some_permissions(), reach in reaches()
    ) {
        let (catalog, levels) = office();
        let sets = Sets { levels: &levels, ..Sets::default() };
        let member = with_levels(
            &catalog, 1, KINDS[of], Levels::Assigned(level_ids(bits | 1)), &sets
        );
        let holders = [(member.combination(), 1)];
        let authority = Authority::everything();
        let edit = SetEdit {
            catalog: &catalog, sets, holders: &holders, authority: &authority, own: None,
            survivor: None,
        };
        let wanted = permission_set(&catalog, new, reach);
        let preview = levels[0].preview(wanted.clone(), &edit).unwrap();
        let (edited, _) = levels[0].clone().edit(wanted, &edit).unwrap();
        let mut after = levels.clone();
        after[0] = edited;
        let effective = |levels: &[Level]| {
            let sets = Sets { levels, ..Sets::default() };
            *Standing::resolve(&catalog, &member, &Held { sets, ..Held::default() }).effective()
        };
        let (old, new) = (effective(&levels), effective(&after));
        let difference = &preview.rows()[0].difference;
        prop_assert_eq!(&difference.gained, &catalog.names(&new.minus(old)));
        prop_assert_eq!(&difference.lost, &catalog.names(&old.minus(new)));
    }

    /// Design 4: union is monotone, and the ceiling of the kind is never exceeded.
    #[test]
    fn one_more_level_takes_nothing_and_no_kind_exceeds_its_ceiling(
        of in 0usize..5, bits in 0u8..32, more in 0u8..32
    ) {
        let (catalog, levels) = office();
        let sets = Sets { levels: &levels, ..Sets::default() };
        let effective = |bits| {
            let held = Levels::Assigned(level_ids(bits));
            let member = with_levels(&catalog, 1, KINDS[of], held, &sets);
            *Standing::resolve(&catalog, &member, &Held { sets, ..Held::default() }).effective()
        };
        prop_assert!(effective(bits | more).covers(effective(bits)));
        let ceiling = *catalog.kind(&kind(KINDS[of])).unwrap().ceiling();
        prop_assert!(ceiling.covers(effective(bits)));
    }

    /// Design 4: switching a permission off never widens, nor does switching a restriction on.
    #[test]
    fn a_switch_set_the_narrower_way_never_widens(
        role_at in 0usize..4, bits in 0u16..1 << SWITCHES, at in 0..SWITCHES
    ) {
        let catalog = practice::catalog().unwrap();
        let role_name = ROLES[role_at];
        let toggle = catalog.toggles().nth(at).unwrap().clone();
        prop_assume!(toggle.supports(&kind("practice_user"), Some(&role(role_name))));
        let effective = |stands| {
            let mut set = switches(&catalog, role_name, bits);
            set.insert(toggle.name().clone(), stands);
            let user = with_switches(&catalog, 1, "practice_user", role_name, set);
            *Standing::resolve(&catalog, &user, &Held::default()).effective()
        };
        let (on, off) = (effective(Switch::On), effective(Switch::Off));
        if toggle.is_restriction() {
            prop_assert!(off.covers(on));
        } else {
            prop_assert!(on.covers(off));
        }
    }
}
