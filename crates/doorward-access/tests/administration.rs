//! Administration: what an actor may give, previews, the last administrator, support.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "catalogs/hometrak.rs"]
pub mod hometrak;
#[path = "catalogs/kalix.rs"]
pub mod kalix;
mod world;

use doorward_access::{
    Access, AccessRejection, AccountStanding, Administration, Authority, Catalog, Combination,
    Decision, DeleteRejection, Denial, DisableRejection, EditRejection, FitRejection, Held, Level,
    LevelEvent, MemberEdit, Membership, MembershipEvent, MembershipStatus, OfferVerdict, Reach,
    Relation, RemoveRejection, RestoreRejection, RetireRejection, SUPPORT_FOR, SelfGranted,
    SetEdit, Sets, Source, Standing, SupportAccess, SupportRejection, Survivor, WindowRejection,
    judge_offer,
};
use doorward_types::{Levels, Offer, Principal, SupportId, Switch, Switches, Window};
use hometrak::HomeTrak;
use kalix::Kalix;
use time::{Duration, OffsetDateTime};
use world::*;

fn practice() -> Catalog {
    kalix::catalog().unwrap()
}

fn user(catalog: &Catalog, n: u8, role_name: &str) -> Membership {
    in_role(catalog, n, "practice_user", role_name)
}

fn authority_of(catalog: &Catalog, membership: &Membership) -> Authority {
    Standing::resolve(catalog, membership, &Held::default()).authority(NOW)
}

struct Office {
    catalog: Catalog,
    by: Principal,
    authority: Authority,
    survivor: Option<Survivor>,
    now: OffsetDateTime,
}

impl Office {
    fn of(catalog: Catalog, authority: Authority) -> Self {
        Self {
            catalog,
            by: principal(9),
            authority,
            survivor: None,
            now: NOW,
        }
    }

    fn edit(&self) -> MemberEdit<'_> {
        self.edit_with(Sets::default())
    }

    fn edit_with<'a>(&'a self, sets: Sets<'a>) -> MemberEdit<'a> {
        MemberEdit {
            catalog: &self.catalog,
            sets,
            grants: &[],
            authority: &self.authority,
            by: &self.by,
            survivor: self.survivor.as_ref(),
            now: self.now,
        }
    }

    fn find_survivor(&mut self, others: &[&Membership]) {
        let active = others.iter().map(|other| (*other, AccountStanding::Active));
        self.survivor = Survivor::among(active, &self.catalog, &Sets::default(), self.now);
    }
}

fn whole(catalog: &Catalog, role_name: &str) -> Switches {
    catalog.preselected(&kind("practice_user"), Some(&role(role_name)))
}

/// Kalix: "Directors can modify other users' permissions and roles"; design 4: a change needs what the
/// actor may give.
#[test]
fn a_director_changes_roles_and_the_change_shows_what_is_gained_and_lost() {
    let catalog = practice();
    let office = Office::of(
        catalog.clone(),
        authority_of(&catalog, &user(&catalog, 9, "director")),
    );
    let clinician = user(&catalog, 1, "clinical");
    let epoch = clinician.access_epoch();
    let access = Access {
        role: Some(role("supervisor")),
        levels: Levels::none(),
        switches: whole(&catalog, "supervisor"),
    };
    let shown = clinician
        .preview_access(access.clone(), &office.edit())
        .unwrap();
    let (supervisor, events) = clinician.edit_access(access, &office.edit()).unwrap();
    let [
        MembershipEvent::AccessEdited {
            difference,
            self_granted,
            ..
        },
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    assert_eq!(*difference, shown);
    assert_eq!(
        difference.gained.reach("edit_appointments"),
        Some(Reach::Any)
    );
    assert_eq!(difference.gained.reach("manage_users"), None);
    assert!(difference.lost.is_empty());
    assert_eq!(*self_granted, SelfGranted::No);
    assert_eq!(
        supervisor.access_epoch(),
        epoch,
        "role edits end no session (design 6)"
    );
}

/// Design 9.4: the restriction is "dropped (with an event) when the role changes".
#[test]
fn a_switch_that_the_new_role_does_not_have_is_dropped_with_an_event() {
    let catalog = practice();
    let office = Office::of(catalog.clone(), Authority::everything());
    let on = Switches::from([("access_only_assigned_clients".parse().unwrap(), Switch::On)]);
    let clinician = with_switches(&catalog, 1, "practice_user", "clinical", on.clone());
    let (supervisor, events) = clinician
        .assign_role(
            role("supervisor"),
            whole(&catalog, "supervisor"),
            &office.edit(),
        )
        .unwrap();
    assert!(matches!(
        &events[..],
        [MembershipEvent::AccessEdited { difference, .. }, MembershipEvent::SwitchDropped { switch, .. }]
            if switch.as_str() == "access_only_assigned_clients"
                && difference.gained.reach("edit_clients") == Some(Reach::Any)
    ));
    let refused = supervisor.set_switches(on, &office.edit()).unwrap_err();
    assert!(matches!(
        refused,
        AccessRejection::Unfit(FitRejection::UnsupportedSwitch { .. })
    ));
}

/// Design 9.4: "a role change names the whole switch set".
#[test]
fn a_change_of_role_needs_the_whole_switch_set() {
    let catalog = practice();
    let office = Office::of(catalog.clone(), Authority::everything());
    let clinician = user(&catalog, 1, "clinical");
    let mut part = whole(&catalog, "director");
    part.remove("access_billing");
    assert_eq!(
        clinician.assign_role(role("director"), part, &office.edit()),
        Err(AccessRejection::SwitchNotNamed {
            switch: "access_billing".parse().unwrap()
        })
    );
}

#[test]
fn a_switch_that_is_named_changes_and_the_others_stay() {
    let catalog = practice();
    let office = Office::of(catalog.clone(), Authority::everything());
    let director = user(&catalog, 1, "director");
    let off = Switches::from([("access_billing".parse().unwrap(), Switch::Off)]);
    let (after, _) = director.clone().set_switches(off, &office.edit()).unwrap();
    let mut expected = director.switches().clone();
    expected.insert("access_billing".parse().unwrap(), Switch::Off);
    assert_eq!(*after.switches(), expected);
}

/// Design 4: "The last member who can administer a tenant cannot be removed, demoted, disabled or let
/// expire"; Kalix: design 9.5 "the last Director stays".
#[test]
fn the_last_director_cannot_be_removed_demoted_disabled_or_let_expire() {
    let catalog = practice();
    let director = user(&catalog, 1, "director");
    let mut office = Office::of(catalog.clone(), authority_of(&catalog, &director));
    office.find_survivor(&[&user(&catalog, 2, "administrative")]);
    assert_eq!(
        office.survivor, None,
        "an administrative user does not manage users"
    );
    let last = |office: &Office| {
        let until = Window::between(NOW, NOW + Duration::days(400)).unwrap();
        let clinical = whole(&catalog, "clinical");
        (
            director.clone().remove(&office.edit()).map(|_| ()),
            director.clone().disable(&office.edit()).map(|_| ()),
            director
                .clone()
                .set_window(until, &office.edit())
                .map(|_| ()),
            director
                .clone()
                .assign_role(role("clinical"), clinical, &office.edit())
                .map(|_| ()),
        )
    };
    assert_eq!(
        last(&office),
        (
            Err(RemoveRejection::LastAdministrator),
            Err(DisableRejection::LastAdministrator),
            Err(WindowRejection::LastAdministrator),
            Err(AccessRejection::LastAdministrator),
        )
    );
    office.find_survivor(&[&user(&catalog, 2, "director")]);
    assert_eq!(last(&office), (Ok(()), Ok(()), Ok(()), Ok(())));
}

#[test]
fn nobody_is_their_own_survivor() {
    let catalog = practice();
    let director = user(&catalog, 1, "director");
    let mut office = Office::of(catalog, Authority::everything());
    office.find_survivor(&[&director]);
    assert!(office.survivor.is_some());
    assert_eq!(
        director.remove(&office.edit()).map(|_| ()),
        Err(RemoveRejection::LastAdministrator)
    );
}

#[test]
fn who_is_disabled_ends_soon_or_has_no_active_account_is_no_survivor() {
    let catalog = practice();
    let sets = Sets::default();
    let among = |membership: &Membership, account| {
        Survivor::among([(membership, account)], &catalog, &sets, NOW)
    };
    let mut office = Office::of(catalog.clone(), Authority::everything());
    let director = user(&catalog, 1, "director");
    assert!(among(&director, AccountStanding::Active).is_some());
    assert_eq!(among(&director, AccountStanding::Inactive), None);
    office.find_survivor(&[&user(&catalog, 2, "director")]);
    let (disabled, _) = director.clone().disable(&office.edit()).unwrap();
    assert_eq!(among(&disabled, AccountStanding::Active), None);
    let until = Window::between(NOW, NOW + Duration::days(400)).unwrap();
    let (ending, _) = director.set_window(until, &office.edit()).unwrap();
    assert_eq!(among(&ending, AccountStanding::Active), None);
}

/// ALIS: "Disable Access: Immediately revoke the user's ability to log in"; design 6: the epoch ends
/// live sessions.
#[test]
fn disabling_ends_sessions_and_restoring_gives_back_what_the_actor_could_give() {
    let catalog = practice();
    let mut office = Office::of(catalog.clone(), Authority::everything());
    let clinician = user(&catalog, 1, "clinical");
    let epoch = clinician.access_epoch();
    let (disabled, _) = clinician.disable(&office.edit()).unwrap();
    assert_eq!(disabled.access_epoch(), epoch + 1);
    let standing = Standing::resolve(&catalog, &disabled, &Held::default());
    assert_eq!(
        standing.check(Kalix::VIEW_CLIENTS, Relation::Own, NOW),
        Decision::Deny(Denial::Disabled)
    );
    assert!(matches!(
        disabled.clone().disable(&office.edit()),
        Err(DisableRejection::AlreadyDisabled { .. })
    ));
    office.authority = Authority::nothing();
    assert!(matches!(
        disabled.clone().restore(&office.edit()),
        Err(RestoreRejection::Above(_))
    ));
    office.authority = Authority::everything();
    let (restored, events) = disabled.restore(&office.edit()).unwrap();
    assert!(restored.is_active());
    assert_eq!(
        events,
        [MembershipEvent::Restored {
            id: membership_id(1)
        }]
    );
    assert!(matches!(
        restored.restore(&office.edit()),
        Err(RestoreRejection::NotDisabled)
    ));
}

/// No transition leaves a terminal state.
#[test]
fn a_removed_member_stays_removed() {
    let catalog = practice();
    let office = Office::of(catalog.clone(), Authority::everything());
    let (gone, _) = user(&catalog, 1, "clinical")
        .remove(&office.edit())
        .unwrap();
    assert!(matches!(gone.status(), MembershipStatus::Removed { .. }));
    let edit = office.edit();
    let switches = whole(&catalog, "director");
    assert!(matches!(
        gone.clone().remove(&edit),
        Err(RemoveRejection::AlreadyRemoved { .. })
    ));
    assert_eq!(gone.clone().disable(&edit), Err(DisableRejection::Removed));
    assert_eq!(gone.clone().restore(&edit), Err(RestoreRejection::Removed));
    assert_eq!(
        gone.clone().assign_role(role("director"), switches, &edit),
        Err(AccessRejection::Removed)
    );
    let window = Window::since(NOW - Duration::days(1));
    assert_eq!(
        gone.clone().set_window(window, &edit),
        Err(WindowRejection::Removed)
    );
    assert!(
        gone.clone()
            .hide_features(Default::default(), &catalog)
            .is_err()
    );
    assert!(gone.clone().edit_details(Default::default()).is_err());
    let standing = Standing::resolve(&catalog, &gone, &Held::default());
    assert_eq!(
        standing.check(Kalix::VIEW_CLIENTS, Relation::Own, NOW),
        Decision::Deny(Denial::Removed)
    );
    assert_eq!(standing.authority(NOW), Authority::nothing());
}

/// Design 9.1, at the microsecond, for a membership.
#[test]
fn a_membership_holds_from_its_first_instant_to_the_last_before_its_end() {
    let catalog = practice();
    let office = Office::of(catalog.clone(), Authority::everything());
    let (from, until) = (NOW + Duration::days(1), NOW + Duration::days(2));
    let window = Window::between(from, until).unwrap();
    let (temp, _) = user(&catalog, 1, "clinical")
        .set_window(window, &office.edit())
        .unwrap();
    let standing = Standing::resolve(&catalog, &temp, &Held::default());
    let at = |now| standing.check(Kalix::VIEW_CLIENTS, Relation::Own, now);
    assert_eq!(
        at(from - Duration::MICROSECOND),
        Decision::Deny(Denial::NotYet)
    );
    assert_eq!(at(from), Decision::Allow(Source::Role));
    assert_eq!(
        at(until - Duration::MICROSECOND),
        Decision::Allow(Source::Role)
    );
    assert_eq!(at(until), Decision::Deny(Denial::Expired));
}

/// A window that reaches further gives again all that the member holds.
#[test]
fn a_longer_window_needs_authority_and_a_shorter_one_does_not() {
    let catalog = practice();
    let mut office = Office::of(catalog.clone(), Authority::everything());
    let day = |n| NOW + Duration::days(n);
    let window = |from, until| Window::between(from, until).unwrap();
    let (temp, _) = user(&catalog, 1, "clinical")
        .set_window(window(day(1), day(5)), &office.edit())
        .unwrap();
    office.authority = Authority::nothing();
    let set = |from, until| {
        temp.clone()
            .set_window(window(from, until), &office.edit())
            .is_ok()
    };
    assert!(set(day(1), day(4)) && set(day(2), day(5)));
    assert!(!set(day(1), day(6)) && !set(day(0), day(5)));
    assert!(
        temp.clone()
            .set_window(Window::since(day(1)), &office.edit())
            .is_err()
    );
}

/// Kalix: "If you have the role of director, you can invite other users"; design 4: by permission.
#[test]
fn directors_administer_and_nobody_else() {
    let catalog = practice();
    for (role_name, expected) in [
        ("clinical", false),
        ("supervisor", false),
        ("administrative", false),
        ("director", true),
    ] {
        let standing = Standing::resolve(&catalog, &user(&catalog, 1, role_name), &Held::default());
        for act in Administration::ALL {
            let may = matches!(standing.may(&catalog, act, NOW), Decision::Allow(_));
            assert_eq!(may, expected, "{role_name} {act}");
        }
    }
}

/// Design 4: "never compared by names": a manager without the power to give everything cannot make a
/// director, although managing users is all that directors do more.
#[test]
fn only_who_gives_everything_makes_another_who_does() {
    let catalog = practice();
    let supervisor = user(&catalog, 9, "supervisor");
    let authority = authority_of(&catalog, &supervisor);
    let offer = |name: &str| Offer::of(kind("practice_user")).with_role(role(name));
    let judge = |name: &str| judge_offer(&catalog, &offer(name), &Sets::default(), &authority);
    let OfferVerdict::Above(short) = judge("director").unwrap() else {
        panic!("a supervisor makes no director");
    };
    assert!(short.everything && short.permissions.reach("manage_users") == Some(Reach::Any));
    assert!(matches!(
        judge("supervisor").unwrap(),
        OfferVerdict::Within(_)
    ));
}

#[test]
fn an_offer_that_does_not_fit_is_told_what_does() {
    let catalog = practice();
    let judge = |offer: &Offer| {
        judge_offer(&catalog, offer, &Sets::default(), &Authority::everything()).unwrap_err()
    };
    let user = || Offer::of(kind("practice_user"));
    assert_eq!(
        judge(&user()).to_string(),
        "a member of kind `practice_user` has exactly one role: choose it"
    );
    assert_eq!(
        judge(&user().with_role(role("boss"))).to_string(),
        "`boss` is no role"
    );
    assert_eq!(
        judge(&Offer::of(kind("ghost"))).to_string(),
        "`ghost` is no kind of user"
    );
    let clinical = user().with_role(role("clinical"));
    assert_eq!(
        judge(&clinical.clone().with_levels(Levels::Unrestricted)).to_string(),
        "a member of kind `practice_user` cannot be unrestricted: assign levels"
    );
    let unknown = clinical.clone().with_levels(Levels::from([level_id(1)]));
    assert!(matches!(judge(&unknown), FitRejection::UnknownLevel { .. }));
    let switch = Switches::from([("fly".parse().unwrap(), Switch::On)]);
    assert_eq!(
        judge(&clinical.with_switches(switch)).to_string(),
        "`fly` is no switch"
    );
}

// Levels: HomeTrak.

struct Levelled {
    catalog: Catalog,
    levels: Vec<Level>,
}

impl Levelled {
    fn new() -> Self {
        let catalog = hometrak::catalog().unwrap();
        let rows = hometrak::DEFAULT_LEVELS.iter().zip(1u8..);
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
            text(
                2,
                "`view_schedules` (any)",
                "`edit_invoices` (any), `run_payroll` (any)"
            ),
            text(1, "nothing", "`edit_invoices` (any), `run_payroll` (any)"),
        ]
    );
    let (_, events) = billing.edit(wanted, &edit).unwrap();
    assert!(matches!(
        &events[..],
        [LevelEvent::Edited { holders: 10, before, after, .. }] if before.len() == 3 && after.len() == 2
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
        standing.check(HomeTrak::RUN_PAYROLL, Relation::Other, NOW),
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
    let members = Office::of(office.catalog.clone(), Authority::everything());
    let both = Levels::from([level_id(4), level_id(2)]);
    assert!(
        holder
            .set_levels(both, &members.edit_with(office.sets()))
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
    let members = Office::of(office.catalog.clone(), Authority::everything());
    let refused = staff
        .set_levels(Levels::none(), &members.edit())
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

// Support: Kalix.

/// Kalix: "Our access automatically expires after seven days, and you can also revoke this access at
/// any time"; design 9.5: "a second tick starts a new 7 days".
#[test]
fn support_is_in_for_seven_days_from_the_last_tick_and_out_when_revoked() {
    let catalog = practice();
    let id = SupportId::made_at(NOW, [1; 10]);
    let (access, _) = SupportAccess::open(id, tenant(), membership_id(1), NOW).unwrap();
    let check = |access: &SupportAccess, now| {
        let standing = Standing::of_support(&catalog, access);
        standing.check(Kalix::VIEW_CLIENTS, Relation::Other, now)
    };
    let allowed = Decision::Allow(Source::Support(id));
    assert_eq!(
        check(&access, NOW + SUPPORT_FOR - Duration::MICROSECOND),
        allowed
    );
    assert_eq!(
        check(&access, NOW + SUPPORT_FOR),
        Decision::Deny(Denial::Expired)
    );
    let later = NOW + Duration::days(5);
    let (access, _) = access.renew(membership_id(2), later).unwrap();
    assert_eq!(access.granted_by(), membership_id(2));
    assert_eq!(
        check(&access, later + SUPPORT_FOR - Duration::MICROSECOND),
        allowed
    );
    let (revoked, _) = access.clone().revoke(membership_id(1), later).unwrap();
    assert_eq!(check(&revoked, later), Decision::Deny(Denial::Removed));
    assert_eq!(
        revoked.clone().revoke(membership_id(1), later),
        Err(SupportRejection::NotOpen)
    );
    let (again, _) = revoked.renew(membership_id(1), later).unwrap();
    assert!(again.is_open(later));
    let standing = Standing::of_support(&catalog, &again);
    for act in Administration::ALL {
        assert!(
            matches!(standing.may(&catalog, act, later), Decision::Deny(_)),
            "{act}"
        );
    }
    assert_eq!(standing.authority(later), Authority::nothing());
}
