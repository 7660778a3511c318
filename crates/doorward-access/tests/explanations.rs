//! Explanations: decisions in words, for administrators.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "catalogs/agency.rs"]
pub mod agency;
#[path = "catalogs/practice.rs"]
pub mod practice;
mod world;

use agency::Agency;
use doorward_access::{
    Authority, Catalog, Grant, GrantEdit, Granting, Held, Level, MemberEdit, Membership,
    Permissions, Reach, Record, Remedy, Sets, explain,
};
use doorward_types::{Levels, Offer, Switch, Switches, Window};
use practice::Practice;
use time::Duration;
use world::*;

fn words<P: Permissions>(
    catalog: &Catalog,
    membership: &Membership,
    held: &Held<'_>,
    asked: P,
    record: &Record,
) -> String {
    explain(catalog, membership, held, asked, record, NOW).to_string()
}

#[test]
fn a_switch_that_takes_access_is_named_with_its_remedy() {
    let catalog = practice::catalog().unwrap();
    let off = Switches::from([("access_billing".parse().unwrap(), Switch::Off)]);
    let user = with_switches(&catalog, 1, "practice_user", "supervisor", off);
    let bill = Record::of(subject(7)).owned_by(membership_id(2));
    let said = words(
        &catalog,
        &user,
        &Held::default(),
        Practice::VIEW_BILLS,
        &bill,
    );
    assert_eq!(
        said,
        "`view_bills` over anybody's data is denied: the switch `access_billing` takes it; \
         it would be allowed by switching `access_billing` on"
    );
}

#[test]
fn what_another_role_would_allow_is_listed() {
    let catalog = practice::catalog().unwrap();
    let user = in_role(&catalog, 1, "practice_user", "supervisor");
    let bill = Record::of(subject(7)).owned_by(membership_id(2));
    let said = words(
        &catalog,
        &user,
        &Held::default(),
        Practice::EDIT_BILLS,
        &bill,
    );
    assert_eq!(
        said,
        "`edit_bills` over anybody's data is denied: it is held over one's own data only; \
         it would be allowed by the role `administrative`, or by the role `director`"
    );
}

#[test]
fn an_unassigned_client_is_a_matter_of_attaching_or_switching() {
    let catalog = practice::catalog().unwrap();
    let on = Switches::from([("access_only_assigned_clients".parse().unwrap(), Switch::On)]);
    let user = with_switches(&catalog, 1, "practice_user", "clinical", on);
    let why = explain(
        &catalog,
        &user,
        &Held::default(),
        Practice::VIEW_CLIENTS,
        &Record::of(subject(7)),
        NOW,
    );
    assert!(why.remedies.contains(&Remedy::Attach));
    let off = ("access_only_assigned_clients".parse().unwrap(), Switch::Off);
    assert!(why.remedies.contains(&Remedy::SetSwitch(off.0, off.1)));
}

struct Office {
    catalog: Catalog,
    levels: Vec<Level>,
}

impl Office {
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
}

#[test]
fn a_level_that_allows_and_levels_that_would_are_named() {
    let office = Office::new();
    let sets = office.sets();
    let held = Held {
        sets,
        ..Held::default()
    };
    let staff = with_levels(
        &office.catalog,
        1,
        "office_staff",
        Levels::from([level_id(2)]),
        &sets,
    );
    let other = Record::of(subject(7));
    let said = words(
        &office.catalog,
        &staff,
        &held,
        Agency::VIEW_SCHEDULES,
        &other,
    );
    assert_eq!(
        said,
        "`view_schedules` over anybody's data is allowed by the level `Scheduling`"
    );
    let said = words(
        &office.catalog,
        &staff,
        &held,
        Agency::VIEW_INVOICES,
        &other,
    );
    assert_eq!(
        said,
        "`view_invoices` over anybody's data is denied: nothing gives it; \
         it would be allowed by the level `Billing`, or by unrestricted access"
    );
}

#[test]
fn what_no_member_of_the_kind_can_hold_has_no_remedy() {
    let office = Office::new();
    let sets = office.sets();
    let held = Held {
        sets,
        ..Held::default()
    };
    let care = with_levels(
        &office.catalog,
        1,
        "client",
        Levels::from([level_id(4)]),
        &sets,
    );
    let said = words(
        &office.catalog,
        &care,
        &held,
        Agency::RUN_PAYROLL,
        &Record::of(subject(7)),
    );
    assert_eq!(
        said,
        "`run_payroll` over anybody's data is denied: no member of kind `client` can hold it there"
    );
}

#[test]
fn a_disabled_member_needs_restoring_whatever_else_they_hold() {
    let catalog = practice::catalog().unwrap();
    let (authority, by) = (Authority::everything(), principal(9));
    let edit = MemberEdit {
        catalog: &catalog,
        sets: Sets::default(),
        grants: &[],
        authority: &authority,
        by: &by,
        survivor: None,
        now: NOW,
    };
    let (user, _) = in_role(&catalog, 1, "practice_user", "clinical")
        .disable(&edit)
        .unwrap();
    let own = Record::by(membership_id(1));
    let said = words(
        &catalog,
        &user,
        &Held::default(),
        Practice::VIEW_TASKS,
        &own,
    );
    assert_eq!(
        said,
        "`view_tasks` over one's own data is denied: the membership is disabled; \
         it would be allowed by restoring or extending the membership"
    );
}

#[test]
fn a_grant_that_is_over_is_told_apart_from_one_that_never_was() {
    let office = Office::new();
    let profiles = [profile(
        &office.catalog,
        1,
        "Family",
        &[("view_invoices", Reach::Assigned)],
    )];
    let sets = Sets {
        profiles: &profiles,
        ..office.sets()
    };
    let contact = member(
        &office.catalog,
        1,
        &Offer::of(kind("primary_contact")),
        &sets,
    );
    let (authority, by) = (Authority::everything(), principal(9));
    let edit = GrantEdit {
        catalog: &office.catalog,
        sets,
        membership: &contact,
        statement: None,
        authority: &authority,
        by: &by,
        now: NOW,
    };
    let over = NOW + Duration::days(3);
    let window = Window::between(NOW, over).unwrap();
    let granting = Granting {
        id: grant_id(1),
        subject: subject(7),
        profile: profile_id(1),
        window,
        attestation: None,
    };
    let grants = [Grant::give(granting, &edit).unwrap().0];
    let held = Held {
        sets,
        grants: &grants,
        assigned: &[],
    };
    let record = Record::of(subject(7));
    let said = |now| {
        explain(
            &office.catalog,
            &contact,
            &held,
            Agency::VIEW_INVOICES,
            &record,
            now,
        )
        .to_string()
    };
    assert_eq!(
        said(over),
        "`view_invoices` over anybody's data is denied: the grant over this person is over; \
         it would be allowed by a grant over this person that holds now, \
         or by the profile `Family` over this person"
    );
    assert_eq!(
        said(over - Duration::MICROSECOND),
        "`view_invoices` over the data of assigned people is allowed by the profile `Family` over \
         this person"
    );
}
