//! HomeTrak, "Security Levels" and "Remove User Interface Features".

use std::collections::BTreeSet;

use doorward::{
    EditLevels, Error, ManageMembers,
    access::{Availability, DeleteRejection, PermissionSet, Reach, Record},
    types::{Channel, Levels},
};
use doorward_examples::hometrak_companion::HomeTrak;
use pollster::FutureExt as _;

use crate::{fixture::*, harbor::*};

fn everything() -> [HomeTrak; 6] {
    [
        HomeTrak::EDIT_PROFILES,
        HomeTrak::EDIT_SCHEDULES,
        HomeTrak::EDIT_CARE_NOTES,
        HomeTrak::RUN_PAYROLL,
        HomeTrak::MANAGE_USER_ACCOUNTS,
        HomeTrak::READ_REPORTS,
    ]
}

/// HomeTrak: "If you do not apply Security Levels to an Office Staff user, they will have full
/// access to all available features."
#[test]
fn office_staff_without_levels_have_full_access() {
    let harbor = Harbor::open();
    let sam = harbor.identity("office_staff", "Sam Stone", None);
    for asked in everything() {
        assert!(
            harbor.may(&sam.session, asked, &Record::UNOWNED),
            "{asked:?}"
        );
    }
}

/// HomeTrak: "Once security levels are applied to the user, they will only have access to the
/// features contained in the chosen security levels."
#[test]
fn once_levels_are_applied_office_staff_have_those_and_no_more() {
    let harbor = Harbor::open();
    let sam = harbor.identity("office_staff", "Sam Stone", None);
    harbor.set_levels(sam.membership, harbor.levels(["Billing"]));
    assert!(harbor.may(&sam.session, HomeTrak::RUN_PAYROLL, &Record::UNOWNED));
    assert!(!harbor.may(&sam.session, HomeTrak::EDIT_SCHEDULES, &Record::UNOWNED));
    harbor.set_levels(sam.membership, Levels::none());
    for asked in everything() {
        let allowed = harbor.may(&sam.session, asked, &Record::UNOWNED);
        assert!(
            !allowed,
            "taking the last level away gives nothing: {asked:?}"
        );
    }
}

/// HomeTrak: "Users may have multiple Security Levels applied to their account; they will have
/// access to all of the areas included in the combination of those levels."
#[test]
fn several_levels_give_all_that_any_of_them_gives() {
    let harbor = Harbor::open();
    let levels = harbor.levels(["Billing", "Scheduling"]);
    let sam = harbor.identity("office_staff", "Sam Stone", Some(levels));
    for (asked, expected) in [
        (HomeTrak::RUN_PAYROLL, true),
        (HomeTrak::EDIT_SCHEDULES, true),
        (HomeTrak::EDIT_CARE_NOTES, false),
    ] {
        let allowed = harbor.may(&sam.session, asked, &Record::UNOWNED);
        assert_eq!(allowed, expected, "{asked:?}");
    }
}

/// HomeTrak: "Tools and modules that the user does not have permission to access with be disabled
/// and grayed out."
#[test]
fn tools_without_permission_are_disabled_and_not_hidden() {
    let harbor = Harbor::open();
    let levels = harbor.levels(["Scheduling"]);
    let sam = harbor.identity("office_staff", "Sam Stone", Some(levels));
    assert_eq!(harbor.tool(&sam.session, "calendar"), Availability::Enabled);
    assert_eq!(harbor.tool(&sam.session, "billing"), Availability::Disabled);
}

/// HomeTrak: "For a Client or Caregiver user, not applying Security Levels will give them no access
/// to any features other than being able to view their own calendar and to clock in or record
/// tasks".
#[test]
fn clients_and_caregivers_without_levels_have_their_own_day_alone() {
    let harbor = Harbor::open();
    for (kind, name) in [("client", "Carl Berg"), ("caregiver", "Cara Diaz")] {
        let member = harbor.identity(kind, name, None);
        let (own, other) = (Record::of(member.person), Record::UNOWNED);
        for asked in HomeTrak::OWN_DAY.iter() {
            assert!(
                harbor.may(&member.session, asked, &own),
                "{kind}: {asked:?}"
            );
            assert!(
                !harbor.may(&member.session, asked, &other),
                "{kind}: {asked:?}"
            );
        }
        for asked in (HomeTrak::all() - HomeTrak::OWN_DAY).iter() {
            // Viewing attached people's profiles is theirs too, and nobody is attached.
            if asked != HomeTrak::VIEW_PROFILES {
                assert!(
                    !harbor.may(&member.session, asked, &own),
                    "{kind}: {asked:?}"
                );
            }
        }
    }
}

/// HomeTrak: "To give them access to any additional features that may be available you must assign
/// them appropriate security levels."
#[test]
fn a_level_gives_a_client_more_over_their_own_data() {
    let harbor = Harbor::open();
    let carl = harbor.identity("client", "Carl Berg", None);
    let own = Record::of(carl.person);
    assert!(!harbor.may(&carl.session, HomeTrak::VIEW_INVOICES, &own));
    harbor.set_levels(carl.membership, harbor.levels(["Billing"]));
    assert!(harbor.may(&carl.session, HomeTrak::VIEW_INVOICES, &own));
}

/// HomeTrak: "Clients and Caregivers will also only have a limited set of features available in
/// their versions of the application."
#[test]
fn no_level_gives_a_caregiver_what_is_for_the_office() {
    let harbor = Harbor::open();
    let all = [
        "Relationship Management",
        "Scheduling",
        "Care",
        "Billing",
        "Administration",
    ];
    let cara = harbor.identity("caregiver", "Cara Diaz", Some(harbor.levels(all)));
    for asked in [
        HomeTrak::RUN_PAYROLL,
        HomeTrak::MANAGE_USER_ACCOUNTS,
        HomeTrak::EDIT_SCHEDULES,
    ] {
        for record in [Record::UNOWNED, Record::of(cara.person)] {
            assert!(!harbor.may(&cara.session, asked, &record), "{asked:?}");
        }
    }
    assert!(harbor.may(
        &cara.session,
        HomeTrak::VIEW_SCHEDULES,
        &Record::of(cara.person)
    ));
}

/// HomeTrak: "comes standard with several default security levels that provide full access to
/// specific modules".
#[test]
fn an_office_starts_with_the_default_levels() {
    let harbor = Harbor::open();
    let permit = harbor.house.permit(EditLevels);
    let levels = harbor.house.door.levels(&permit).block_on().unwrap();
    let names: BTreeSet<String> = levels
        .iter()
        .map(|read| read.value.name().to_string())
        .collect();
    let expected = [
        "Administration",
        "Billing",
        "Care",
        "Relationship Management",
        "Scheduling",
    ];
    assert_eq!(names, BTreeSet::from(expected.map(str::to_owned)));
}

/// HomeTrak: "if you wish to set up a role with read-only access to large areas of the program, you
/// can add a new custom Security Level."
#[test]
fn a_custom_level_gives_read_only_access_to_large_areas() {
    let harbor = Harbor::open();
    let reads = [
        "view_profiles",
        "view_schedules",
        "view_care_notes",
        "view_invoices",
    ];
    let holds: PermissionSet = reads
        .map(|name| (name.parse().unwrap(), Reach::Any))
        .into_iter()
        .collect();
    let permit = harbor.house.permit(EditLevels);
    let created = harbor
        .house
        .door
        .create_level(permit, display("Read only"), holds);
    let level = created.block_on().unwrap();
    let sam = harbor.identity("office_staff", "Sam Stone", Some(Levels::from([level])));
    for (asked, expected) in [
        (HomeTrak::VIEW_PROFILES, true),
        (HomeTrak::VIEW_INVOICES, true),
        (HomeTrak::EDIT_PROFILES, false),
        (HomeTrak::EDIT_INVOICES, false),
    ] {
        let allowed = harbor.may(&sam.session, asked, &Record::UNOWNED);
        assert_eq!(allowed, expected, "{asked:?}");
    }
}

/// HomeTrak: "You can however add, edit or delete Security Levels to customize roles for your
/// users."
#[test]
fn levels_are_edited_for_all_who_hold_them_and_deleted_only_when_nobody_does() {
    let harbor = Harbor::open();
    let billing = harbor.levels(["Billing"]);
    let sam = harbor.identity("office_staff", "Sam Stone", Some(billing.clone()));
    let Levels::Assigned(ids) = billing else {
        panic!("billing is a level");
    };
    let id = ids.into_iter().next().unwrap();
    let (house, door) = (&harbor.house, &harbor.house.door);
    let permit = house.permit(EditLevels);
    let version = door.level(&permit, id).block_on().unwrap().version;
    let holds = PermissionSet::new().with("view_invoices".parse().unwrap(), Reach::Any);
    door.edit_level(permit, id, version, holds)
        .block_on()
        .unwrap();
    assert!(!harbor.may(&sam.session, HomeTrak::RUN_PAYROLL, &Record::UNOWNED));
    assert!(harbor.may(&sam.session, HomeTrak::VIEW_INVOICES, &Record::UNOWNED));
    let deleted = door.delete_level(house.permit(EditLevels), id).block_on();
    assert!(matches!(
        deleted,
        Err(Error::Rejected(DeleteRejection::InUse { .. }))
    ));
    harbor.set_levels(sam.membership, Levels::none());
    door.delete_level(house.permit(EditLevels), id)
        .block_on()
        .unwrap();
}

/// HomeTrak, "Remove User Interface Features": "Optionally choose to completely hide selected
/// features from a user" and "This applies to the desktop application only."
#[test]
fn removed_features_are_gone_from_the_desktop_alone_and_take_no_permission() {
    let harbor = Harbor::open();
    let sam = harbor.identity("office_staff", "Sam Stone", None);
    let permit = harbor.house.permit(ManageMembers);
    let version = harbor
        .house
        .door
        .member(&permit, sam.membership)
        .block_on()
        .unwrap()
        .version;
    let hidden = BTreeSet::from(["billing".parse().unwrap()]);
    let hide = harbor
        .house
        .door
        .hide_features(permit, sam.membership, version, hidden);
    hide.block_on().unwrap();
    let desktop = harbor.session(Channel::Desktop, "sam@care.example");
    let portal = harbor.house.portal("sam@care.example");
    assert_eq!(harbor.tool(&desktop, "billing"), Availability::Hidden);
    assert_eq!(harbor.tool(&desktop, "calendar"), Availability::Enabled);
    assert_eq!(harbor.tool(&portal, "billing"), Availability::Enabled);
    assert!(harbor.may(&desktop, HomeTrak::VIEW_INVOICES, &Record::UNOWNED));
}
