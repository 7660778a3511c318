//! Levels: previews, edits within authority, retiring and deleting.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "catalogs/agency.rs"]
pub mod agency;
mod world;

use agency::Agency;
use doorward_access::{
    Access, AccessRejection, AccountStanding, Administration, Authority, Catalog, Combination,
    Decision, DeleteRejection, EditRejection, FitRejection, Gives, Held, Level, LevelEvent,
    MemberEdit, Membership, Reach, Relation, RetireRejection, SelfGranted, SetEdit, Sets, Source,
    Standing, Survivor, judge_offer,
};
use doorward_types::{Levels, Offer, Principal, Switches};
use world::*;

struct Levelled {
    catalog: Catalog,
    levels: Vec<Level>,
}

impl Levelled {
    fn new() -> Self {
        let catalog = agency::catalog().unwrap();
        let rows = agency::LEVELS.iter().zip(1u8..);
        let levels = rows
            .map(|((name, holds), n)| level(&catalog, n, name, holds))
            .collect();
        Self { catalog, levels }
    }

    fn sets(&self) -> Sets<'_> {
        Sets {
            levels: &self.levels,
            ..Sets::default()
        }
    }

    fn edit<'a>(
        &'a self,
        sets: Sets<'a>,
        authority: &'a Authority,
        by: &'a Principal,
    ) -> MemberEdit<'a> {
        let catalog = &self.catalog;
        MemberEdit {
            catalog,
            sets,
            grants: &[],
            authority,
            by,
            survivor: None,
            now: NOW,
        }
    }

    fn staff(&self, n: u8, levels: Levels) -> Membership {
        with_levels(&self.catalog, n, "office_staff", levels, &self.sets())
    }

    fn authority(&self, membership: &Membership) -> Authority {
        let held = Held {
            sets: self.sets(),
            ..Held::default()
        };
        Standing::resolve(&self.catalog, membership, &held).authority(NOW)
    }
}

fn combination(of: &str, levels: Levels) -> Combination {
    Combination {
        kind: kind(of),
        role: None,
        levels,
        switches: Switches::new(),
        profile: None,
    }
}

/// Design 4: "computes what each distinct combination of holders gains": the same edit gives office
/// staff more than a client, whose ceiling cuts it.
#[test]
fn an_edit_shows_what_each_combination_of_holders_gains_and_loses() {
    let office = Levelled::new();
    let holders = [
        (combination("client", Levels::from([level_id(4)])), 7),
        (combination("office_staff", Levels::from([level_id(4)])), 2),
        (
            combination("office_staff", Levels::from([level_id(2), level_id(4)])),
            1,
        ),
    ];
    let authority = Authority::everything();
    let edit = SetEdit {
        catalog: &office.catalog,
        sets: office.sets(),
        holders: &holders,
        authority: &authority,
        own: None,
        survivor: None,
    };
    let billing = office.levels[3].clone();
    let wanted = set(&[
        ("view_invoices", Reach::Any),
        ("view_schedules", Reach::Any),
    ]);
    let preview = billing.preview(wanted.clone(), &edit).unwrap();
    assert_eq!(preview.holders(), 10);
    let rows: Vec<_> = preview
        .rows()
        .iter()
        .map(|row| {
            let difference = &row.difference;
            (
                row.holders,
                difference.gained.to_string(),
                difference.lost.to_string(),
            )
        })
        .collect();
    let text = |n, gained: &str, lost: &str| (n, gained.to_owned(), lost.to_owned());
    assert_eq!(
        rows,
        [
            text(7, "`view_schedules` (assigned)", "nothing"),
            text(2, "`view_schedules` (any)", "`run_payroll` (any)"),
            text(1, "nothing", "`run_payroll` (any)"),
        ]
    );
    let (_, events) = billing.edit(wanted, &edit).unwrap();
    assert!(matches!(
        &events[..],
        [LevelEvent::Edited { holders: 10, before, after, .. }] if before.len() == 2 && after.len() == 2
    ));
}

/// Design 4: "each gain must lie within what the actor may give".
#[test]
fn a_level_is_not_edited_beyond_what_the_actor_may_give() {
    let office = Levelled::new();
    let scheduler = office.staff(9, Levels::from([level_id(2), level_id(5)]));
    let authority = office.authority(&scheduler);
    let holders = [(combination("office_staff", Levels::from([level_id(3)])), 4)];
    let edit = |holders| SetEdit {
        catalog: &office.catalog,
        sets: office.sets(),
        holders,
        authority: &authority,
        own: None,
        survivor: None,
    };
    let care = &office.levels[2];
    let more = |name| {
        let kept = care
            .permissions()
            .iter()
            .map(|(name, reach)| (name.clone(), reach));
        kept.chain([(
            doorward_types::PermissionName::new(name).unwrap(),
            Reach::Any,
        )])
        .collect()
    };
    assert!(
        care.clone()
            .edit(more("view_schedules"), &edit(&holders))
            .is_ok()
    );
    let refused = care
        .clone()
        .edit(more("run_payroll"), &edit(&holders))
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the edit gives `run_payroll` (any), which the actor cannot give"
    );
    assert!(
        care.clone().edit(more("run_payroll"), &edit(&[])).is_ok(),
        "nobody gains by it"
    );
}

/// Design 4: "Only `Everything` may gain by an own act, flagged self-granted."
#[test]
fn an_actor_who_gains_by_an_edit_of_an_own_level_is_flagged() {
    let office = Levelled::new();
    let own = combination("office_staff", Levels::from([level_id(5)]));
    let holders = [(own.clone(), 1)];
    let wanted = || {
        let kept = office.levels[4]
            .permissions()
            .iter()
            .map(|(n, r)| (n.clone(), r));
        kept.chain([("run_payroll".parse().unwrap(), Reach::Any)])
            .collect()
    };
    let edit = |authority| SetEdit {
        catalog: &office.catalog,
        sets: office.sets(),
        holders: &holders,
        authority,
        own: Some(&own),
        survivor: None,
    };
    let held = office.authority(&office.staff(9, Levels::from([level_id(5)])));
    assert!(matches!(
        office.levels[4].clone().edit(wanted(), &edit(&held)),
        Err(EditRejection::Above(_))
    ));
    let all = Authority::everything();
    let (_, events) = office.levels[4]
        .clone()
        .edit(wanted(), &edit(&all))
        .unwrap();
    assert!(matches!(
        events[..],
        [LevelEvent::Edited {
            self_granted: SelfGranted::Yes,
            ..
        }]
    ));
}

/// Where nobody gives everything, an edit could take administration from the last who has it.
#[test]
fn an_edit_that_takes_administration_from_the_last_who_has_it_is_refused() {
    bitflags::bitflags! {
        #[derive(Clone, Copy)]
        struct Small: u8 { const MANAGE = 1; const READ = 2; }
    }
    let catalog = Catalog::builder::<Small>()
        .kind("staff", |kind| kind.ceiling_of_everything())
        .administered_by(Small::MANAGE, Administration::ALL)
        .build()
        .unwrap();
    let levels = [
        level(&catalog, 1, "Managers", &[("manage", Reach::Any)]),
        level(&catalog, 2, "Owners", &[("manage", Reach::Any)]),
    ];
    let sets = Sets {
        levels: &levels,
        ..Sets::default()
    };
    let holders = [(combination("staff", Levels::from([level_id(1)])), 1)];
    let authority = Authority::everything();
    let edit = |survivor| SetEdit {
        catalog: &catalog,
        sets,
        holders: &holders,
        authority: &authority,
        own: None,
        survivor,
    };
    let reads = || set(&[("read", Reach::Any)]);
    let manager = with_levels(&catalog, 1, "staff", Levels::from([level_id(1)]), &sets);
    let owner = with_levels(&catalog, 2, "staff", Levels::from([level_id(2)]), &sets);
    let survivor = |membership| {
        Survivor::among(
            [(membership, AccountStanding::Active)],
            &catalog,
            &sets,
            NOW,
        )
        .unwrap()
    };
    let refused = |edit: &SetEdit<'_>| levels[0].clone().edit(reads(), edit).map(|_| ());
    assert_eq!(refused(&edit(None)), Err(EditRejection::LastAdministrator));
    let of_same_level = survivor(&manager);
    assert_eq!(
        refused(&edit(Some(&of_same_level))),
        Err(EditRejection::LastAdministrator)
    );
    assert_eq!(refused(&edit(Some(&survivor(&owner)))), Ok(()));
}

/// Design 3: deleting is *retire, then scan*; a retired level is kept by holders and given to nobody.
#[test]
fn a_level_is_retired_before_it_is_deleted_and_comes_back_when_it_is_in_use() {
    let mut office = Levelled::new();
    let billing = office.levels[3].clone();
    assert_eq!(billing.clone().delete(0), Err(DeleteRejection::NotRetired));
    let (retired, _) = billing.retire(NOW).unwrap();
    assert_eq!(
        retired.clone().retire(NOW),
        Err(RetireRejection::AlreadyRetired { at: NOW })
    );
    assert_eq!(
        retired.clone().delete(3),
        Err(DeleteRejection::InUse { count: 3 })
    );
    let holder = office.staff(1, Levels::from([level_id(4)]));
    office.levels[3] = retired.clone();
    let held = Held {
        sets: office.sets(),
        ..Held::default()
    };
    let standing = Standing::resolve(&office.catalog, &holder, &held);
    assert_eq!(
        standing.check(Agency::RUN_PAYROLL, Relation::Other, NOW),
        Decision::Allow(Source::Level(level_id(4)))
    );
    let offer = Offer::of(kind("office_staff")).with_levels(Levels::from([level_id(4)]));
    assert_eq!(
        judge_offer(
            &office.catalog,
            &offer,
            &office.sets(),
            &Authority::everything()
        ),
        Err(FitRejection::RetiredLevel { level: level_id(4) })
    );
    let (authority, by) = (Authority::everything(), principal(9));
    let both = Levels::from([level_id(4), level_id(2)]);
    assert!(
        holder
            .set_levels(both, &office.edit(office.sets(), &authority, &by))
            .is_ok(),
        "held already"
    );
    assert!(matches!(
        retired.clone().restore().1[..],
        [LevelEvent::Restored { .. }]
    ));
    assert!(matches!(
        retired.delete(0).unwrap()[..],
        [LevelEvent::Deleted { .. }]
    ));
}

#[test]
fn a_change_made_without_the_levels_it_depends_on_is_refused_not_guessed() {
    let office = Levelled::new();
    let staff = office.staff(1, Levels::from([level_id(2)]));
    let (authority, by) = (Authority::everything(), principal(9));
    let refused = staff
        .set_levels(
            Levels::none(),
            &office.edit(Sets::default(), &authority, &by),
        )
        .unwrap_err();
    assert!(matches!(refused, AccessRejection::Undecided(_)));
    let unrestricted = office.staff(2, Levels::Unrestricted);
    assert!(unrestricted.needs_survivor(&office.catalog, &Sets::default(), NOW));
    let unknown = office.staff(3, Levels::from([level_id(2)]));
    assert!(
        unknown.needs_survivor(&office.catalog, &Sets::default(), NOW),
        "it cannot be told"
    );
    assert!(!unknown.needs_survivor(&office.catalog, &office.sets(), NOW));
}

/// Design 9.6: a change of kind "never carries `Unrestricted` over": it is given anew, by someone who
/// has it.
#[test]
fn unrestricted_access_to_another_kind_is_given_anew() {
    bitflags::bitflags! {
        #[derive(Clone, Copy)]
        struct Small: u8 { const MANAGE = 1; }
    }
    let catalog = Catalog::builder::<Small>()
        .kind("office", |kind| {
            kind.ceiling_of_everything().unrestricted(Gives::Held)
        })
        .kind("branch", |kind| {
            kind.ceiling_of_everything().unrestricted(Gives::Held)
        })
        .administered_by(Small::MANAGE, Administration::ALL)
        .build()
        .unwrap();
    let managers = [level(&catalog, 1, "Managers", &[("manage", Reach::Any)])];
    let sets = Sets {
        levels: &managers,
        ..Sets::default()
    };
    let target = with_levels(&catalog, 1, "office", Levels::Unrestricted, &sets);
    let by = principal(9);
    let change = |actor: Levels| {
        let actor = with_levels(&catalog, 9, "office", actor, &sets);
        let held = Held {
            sets,
            ..Held::default()
        };
        let authority = Standing::resolve(&catalog, &actor, &held).authority(NOW);
        let edit = MemberEdit {
            catalog: &catalog,
            sets,
            grants: &[],
            authority: &authority,
            by: &by,
            survivor: None,
            now: NOW,
        };
        let access = Access {
            role: None,
            levels: Levels::Unrestricted,
            switches: Switches::new(),
        };
        target
            .clone()
            .change_kind(kind("branch"), access, &edit)
            .map(|_| ())
    };
    assert_eq!(change(Levels::Unrestricted), Ok(()));
    assert!(matches!(
        change(Levels::from([level_id(1)])),
        Err(AccessRejection::Above(short)) if short.unrestricted && short.permissions.is_empty()
    ));
}
