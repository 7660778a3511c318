//! HomeTrak Companion: every cell of its access table, for every combination of security levels.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};

use doorward::{
    access::{
        Access, AccessRejection, AttachRejection, Attachment, Authority, Availability, Catalog,
        Decision, Denial, Details, FitRejection, Held, Joining, Level, MemberEdit, Membership,
        MembershipEvent, OfferVerdict, PermissionSet, Reach, Record, Relation, Sets, Source,
        Standing, judge_offer,
    },
    types::{
        AccountId, Channel, Channels, KindName, LevelId, Levels, MembershipId, Offer, PersonId,
        Principal, SubjectId, Switches, TenantId, Window,
    },
};
use doorward_examples::hometrak_companion::{self, DEFAULT_LEVELS, HomeTrak};
use time::{OffsetDateTime, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);
const KINDS: [&str; 5] = [
    "office_staff",
    "caregiver",
    "client",
    "primary_contact",
    "physician",
];
const TABLE: &str = include_str!("data/hometrak_companion_access.csv");

fn hometrak() -> Catalog {
    hometrak_companion::catalog().unwrap()
}

fn kind(name: &str) -> KindName {
    name.parse().unwrap()
}

fn membership_id(n: u8) -> MembershipId {
    MembershipId::made_at(NOW, [n; 10])
}

fn account_id(n: u8) -> AccountId {
    AccountId::made_at(NOW, [n; 10])
}

fn subject(n: u8) -> SubjectId {
    PersonId::made_at(NOW, [n; 10]).into()
}

fn level_id(n: u8) -> LevelId {
    LevelId::made_at(NOW, [n; 10])
}

fn principal(n: u8) -> Principal {
    Principal::Account {
        account: account_id(n),
        membership: membership_id(n),
    }
}

fn level(catalog: &Catalog, n: u8, name: &str, holds: &[(&str, Reach)]) -> Level {
    let named = |(name, reach): &(&str, Reach)| (name.parse().unwrap(), *reach);
    let set: PermissionSet = holds.iter().map(named).collect();
    Level::create(level_id(n), name.parse().unwrap(), set, catalog)
        .unwrap()
        .0
}

/// The n-th member: membership, account and person all have its number.
fn member(catalog: &Catalog, n: u8, offer: &Offer, sets: &Sets<'_>) -> Membership {
    let verdict = judge_offer(catalog, offer, sets, &Authority::everything()).unwrap();
    let OfferVerdict::Within(fitted) = verdict else {
        panic!("everything can be given: {verdict:?}");
    };
    let joining = Joining {
        id: membership_id(n),
        tenant: TenantId::made_at(NOW, [9; 10]),
        account: account_id(n),
        person: Some(PersonId::made_at(NOW, [n; 10])),
        invitation: None,
        window: Window::since(NOW),
        details: Details::default(),
    };
    Membership::join(joining, &fitted, NOW).0
}

fn with_levels(catalog: &Catalog, n: u8, of: &str, levels: Levels, sets: &Sets<'_>) -> Membership {
    member(catalog, n, &Offer::of(kind(of)).with_levels(levels), sets)
}

/// A table in CSV with comment lines: its rows by column name.
fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

fn relation(whose: &str) -> Relation {
    match whose {
        "own" => Relation::Own,
        "assigned" => Relation::Assigned,
        "other" | "office" => Relation::Other,
        other => panic!("a row says `{other}`: own, assigned, other or office is meant"),
    }
}

fn default_levels(catalog: &Catalog) -> Vec<Level> {
    let rows = DEFAULT_LEVELS.iter().zip(1u8..);
    rows.map(|((name, holds), n)| level(catalog, n, name, holds))
        .collect()
}

fn permission(action: &str, whose: &str) -> HomeTrak {
    match (action, whose) {
        ("view own calendar", _) => HomeTrak::VIEW_OWN_CALENDAR,
        ("clock in", _) => HomeTrak::CLOCK_IN,
        ("record tasks", _) => HomeTrak::RECORD_TASKS,
        // Design 9.6: viewing an attached person's profile is "distinct from viewing one's own".
        ("view a profile", "own") => HomeTrak::VIEW_OWN_PROFILE,
        ("view a profile", _) => HomeTrak::VIEW_PROFILES,
        ("edit a profile", _) => HomeTrak::EDIT_PROFILES,
        ("view schedules", _) => HomeTrak::VIEW_SCHEDULES,
        ("make schedules", _) => HomeTrak::EDIT_SCHEDULES,
        ("view care notes", _) => HomeTrak::VIEW_CARE_NOTES,
        ("write care notes", _) => HomeTrak::EDIT_CARE_NOTES,
        ("view invoices", _) => HomeTrak::VIEW_INVOICES,
        ("make invoices", _) => HomeTrak::EDIT_INVOICES,
        ("run payroll", _) => HomeTrak::RUN_PAYROLL,
        ("manage user accounts", _) => HomeTrak::MANAGE_USER_ACCOUNTS,
        ("edit security levels", _) => HomeTrak::EDIT_SECURITY_LEVELS,
        ("read reports", _) => HomeTrak::READ_REPORTS,
        (other, whose) => panic!("no permission stands for `{other}` over `{whose}` data"),
    }
}

/// HomeTrak, "Security Levels": "they will have access to all of the areas included in the
/// combination of those levels", for all 32 combinations of each kind and unrestricted office
/// staff.
#[test]
fn every_cell_of_the_access_table_holds_for_every_combination_of_levels() {
    let catalog = hometrak();
    let levels = default_levels(&catalog);
    let sets = Sets {
        levels: &levels,
        ..Sets::default()
    };
    let rows = table(TABLE);
    let mut decisions = 0;
    for of in KINDS {
        let subsets = (0u32..32).map(|bits| {
            let applied = levels
                .iter()
                .enumerate()
                .filter(|(at, _)| bits & (1 << at) != 0);
            Levels::Assigned(applied.map(|(_, level)| level.id()).collect())
        });
        let unrestricted = (of == "office_staff").then_some(Levels::Unrestricted);
        for applied in subsets.chain(unrestricted) {
            let membership = with_levels(&catalog, 1, of, applied.clone(), &sets);
            let held = Held {
                sets,
                ..Held::default()
            };
            let standing = Standing::resolve(&catalog, &membership, &held);
            for row in &rows {
                let (action, whose) = (&row["action"], &row["whose"]);
                let cell = row[of].as_str();
                let expected = match (cell, &applied) {
                    ("yes", _) => true,
                    ("no", _) => false,
                    (_, Levels::Unrestricted) => true,
                    (name, Levels::Assigned(ids)) => {
                        let level = levels.iter().find(|level| level.name().as_str() == name);
                        ids.contains(&level.unwrap().id())
                    }
                };
                let decision = standing.check(permission(action, whose), relation(whose), NOW);
                assert_eq!(
                    matches!(decision, Decision::Allow(_)),
                    expected,
                    "{of}: {action} ({whose}), {applied:?}: {decision:?}"
                );
                decisions += 1;
            }
        }
    }
    assert_eq!(decisions, (5 * 32 + 1) * rows.len());
}

#[test]
fn the_table_speaks_of_every_permission() {
    let rows = table(TABLE);
    let asked = rows
        .iter()
        .map(|row| permission(&row["action"], &row["whose"]));
    assert_eq!(
        asked.fold(HomeTrak::empty(), |all, one| all | one),
        HomeTrak::all()
    );
}

/// HomeTrak: "If you do not apply Security Levels to an Office Staff user, they will have full
/// access" and "For a Client or Caregiver user, not applying Security Levels will give them no
/// access".
#[test]
fn no_levels_means_everything_for_office_staff_and_the_baseline_for_all_others() {
    let catalog = hometrak();
    for of in KINDS {
        let expected = if of == "office_staff" {
            Levels::Unrestricted
        } else {
            Levels::none()
        };
        assert_eq!(
            catalog.kind(&kind(of)).unwrap().default_levels(),
            expected,
            "{of}"
        );
    }
}

fn edit<'a>(
    catalog: &'a Catalog,
    sets: Sets<'a>,
    authority: &'a Authority,
    by: &'a Principal,
) -> MemberEdit<'a> {
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

/// Taking the last level away must not widen: the trap of "no levels means everything" (design 4:
/// "later removals leave an empty assignment, never `Unrestricted`").
#[test]
fn taking_the_last_level_from_office_staff_leaves_them_nothing_not_everything() {
    let catalog = hometrak();
    let levels = default_levels(&catalog);
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
    let (authority, by) = (Authority::everything(), principal(9));
    let circumstances = edit(&catalog, sets, &authority, &by);
    let (staff, events) = staff.set_levels(Levels::none(), &circumstances).unwrap();
    let standing = Standing::resolve(
        &catalog,
        &staff,
        &Held {
            sets,
            ..Held::default()
        },
    );
    for asked in HomeTrak::all().iter() {
        assert_eq!(
            standing.check(asked, Relation::Own, NOW),
            Decision::Deny(Denial::NeverGranted),
            "{asked:?}"
        );
    }
    let Some(MembershipEvent::AccessEdited { difference, .. }) = events.first() else {
        panic!("{events:?}");
    };
    assert!(difference.gained.is_empty() && difference.lost.len() == 3);
}

/// Design 9.6: "Changing a person's kind asks for levels anew and never carries `Unrestricted`
/// over."
#[test]
fn a_change_of_kind_never_carries_unrestricted_access_over() {
    let catalog = hometrak();
    let levels = default_levels(&catalog);
    let sets = Sets {
        levels: &levels,
        ..Sets::default()
    };
    let staff = with_levels(&catalog, 1, "office_staff", Levels::Unrestricted, &sets);
    let epoch = staff.access_epoch();
    let (authority, by) = (Authority::everything(), principal(9));
    let mut circumstances = edit(&catalog, sets, &authority, &by);
    let other = with_levels(&catalog, 2, "office_staff", Levels::Unrestricted, &sets);
    let survivor = doorward::access::Survivor::among(
        [(&other, doorward::access::AccountStanding::Active)],
        &catalog,
        &sets,
        NOW,
    );
    circumstances.survivor = survivor.as_ref();
    let access = |levels| Access {
        role: None,
        levels,
        switches: Switches::new(),
    };
    let kept = staff.clone().change_kind(
        kind("caregiver"),
        access(Levels::Unrestricted),
        &circumstances,
    );
    assert_eq!(
        kept,
        Err(AccessRejection::Unfit(FitRejection::NoUnrestricted {
            kind: kind("caregiver")
        }))
    );
    let (caregiver, _) = staff
        .change_kind(kind("caregiver"), access(Levels::none()), &circumstances)
        .unwrap();
    assert_eq!(caregiver.access_epoch(), epoch + 1);
    let standing = Standing::resolve(&catalog, &caregiver, &Held::default());
    assert_eq!(
        standing.check(HomeTrak::VIEW_INVOICES, Relation::Own, NOW),
        Decision::Deny(Denial::NeverGranted)
    );
    assert_eq!(
        standing.check(HomeTrak::CLOCK_IN, Relation::Own, NOW),
        Decision::Allow(Source::Baseline)
    );
}

/// HomeTrak: "People that this Account can View ... This user MUST be created as an Identity
/// account"; design 9.6: "for identity accounts that are not office staff; attaching oneself is
/// refused".
#[test]
fn people_are_attached_to_portal_users_who_are_not_office_staff() {
    let catalog = hometrak();
    let sets = Sets::default();
    let identity = Channels::from([Channel::Desktop, Channel::Mobile, Channel::Portal]);
    let standard = Channels::from([Channel::Mobile]);
    let by = principal(9);
    let attach = |of: &str, n: u8, channels: &Channels| {
        let offer = Offer::of(kind(of));
        let membership = member(&catalog, 1, &offer, &sets);
        Attachment::attach(
            &membership,
            subject(n),
            &catalog,
            channels,
            &Authority::everything(),
            &by,
            NOW,
        )
        .map(|made| made.0)
    };
    assert!(attach("physician", 2, &identity).is_ok());
    assert_eq!(
        attach("office_staff", 2, &identity),
        Err(AttachRejection::KindTakesNone {
            kind: kind("office_staff")
        })
    );
    assert_eq!(
        attach("client", 1, &identity),
        Err(AttachRejection::Oneself)
    );
    assert_eq!(
        attach("client", 2, &standard),
        Err(AttachRejection::NoPortal)
    );
}

/// Design 4: "Only `Everything` may gain by an own act": an attachment widens whom one reaches.
#[test]
fn members_do_not_attach_people_to_themselves() {
    let catalog = hometrak();
    let caregiver = member(&catalog, 1, &Offer::of(kind("caregiver")), &Sets::default());
    let own = Standing::resolve(&catalog, &caregiver, &Held::default()).authority(NOW);
    let portal = Channels::from([Channel::Portal]);
    let by = principal(1);
    let made = Attachment::attach(&caregiver, subject(2), &catalog, &portal, &own, &by, NOW);
    assert_eq!(made.map(|made| made.0), Err(AttachRejection::OwnAct));
    let creator = Attachment::of_creator(&caregiver, subject(2), &catalog, &by, NOW).unwrap();
    assert_eq!(creator, None, "HomeTrak attaches nobody by itself");
}

/// HomeTrak: "allowing a physician to see information on multiple clients"; design 9.6: the list
/// "widens whom, not what".
#[test]
fn an_attached_person_widens_whom_not_what() {
    let catalog = hometrak();
    let physician = member(&catalog, 1, &Offer::of(kind("physician")), &Sets::default());
    let attached = [subject(2), subject(3)];
    let held = Held {
        assigned: &attached,
        ..Held::default()
    };
    let standing = Standing::resolve(&catalog, &physician, &held);
    let over = |asked: HomeTrak, n: u8| standing.check_record(asked, &Record::of(subject(n)), NOW);
    assert_eq!(
        over(HomeTrak::VIEW_PROFILES, 2),
        Decision::Allow(Source::Baseline)
    );
    assert_eq!(
        over(HomeTrak::VIEW_PROFILES, 3),
        Decision::Allow(Source::Baseline)
    );
    assert!(matches!(
        over(HomeTrak::VIEW_PROFILES, 4),
        Decision::Deny(Denial::OutOfReach { .. })
    ));
    assert_eq!(
        over(HomeTrak::VIEW_CARE_NOTES, 2),
        Decision::Deny(Denial::NeverGranted)
    );
}

/// HomeTrak: "Remove User Interface Features ... (This applies to the desktop application only.)"
/// and "tools ... that the user does not have permission to access will be disabled and grayed
/// out".
#[test]
fn hidden_features_are_hidden_on_the_desktop_alone_and_change_no_decision() {
    let catalog = hometrak();
    let sets = Sets::default();
    let staff = with_levels(&catalog, 1, "office_staff", Levels::Unrestricted, &sets);
    let calendar = "calendar".parse().unwrap();
    let (staff, _) = staff
        .hide_features(BTreeSet::from(["calendar".parse().unwrap()]), &catalog)
        .unwrap();
    let standing = Standing::resolve(&catalog, &staff, &Held::default());
    for channel in Channel::ALL {
        let expected = match channel {
            Channel::Desktop => Availability::Hidden,
            _ => Availability::Enabled,
        };
        assert_eq!(
            standing.availability(&catalog, &calendar, channel, NOW),
            expected,
            "{channel}"
        );
    }
    assert_eq!(
        standing.check(HomeTrak::VIEW_SCHEDULES, Relation::Other, NOW),
        Decision::Allow(Source::Unrestricted)
    );
    let physician = member(&catalog, 2, &Offer::of(kind("physician")), &sets);
    let standing = Standing::resolve(&catalog, &physician, &Held::default());
    let billing = "billing".parse().unwrap();
    assert_eq!(
        standing.availability(&catalog, &billing, Channel::Portal, NOW),
        Availability::Disabled
    );
}

/// Design 4: "office staff: `Unrestricted`, if the creator is unrestricted, else refused".
#[test]
fn unrestricted_staff_are_made_by_unrestricted_staff_alone() {
    let catalog = hometrak();
    let levels = default_levels(&catalog);
    let sets = Sets {
        levels: &levels,
        ..Sets::default()
    };
    let held = Held {
        sets,
        ..Held::default()
    };
    let all_levels = Levels::Assigned(levels.iter().map(Level::id).collect());
    let offer = Offer::of(kind("office_staff")).with_levels(Levels::Unrestricted);
    let verdict = |levels: Levels| {
        let sponsor = with_levels(&catalog, 1, "office_staff", levels, &sets);
        let authority = Standing::resolve(&catalog, &sponsor, &held).authority(NOW);
        judge_offer(&catalog, &offer, &sets, &authority).unwrap()
    };
    assert!(matches!(
        verdict(Levels::Unrestricted),
        OfferVerdict::Within(_)
    ));
    let OfferVerdict::Above(short) = verdict(all_levels) else {
        panic!("whoever holds every level is still not unrestricted");
    };
    assert!(short.unrestricted && short.everything);
}
