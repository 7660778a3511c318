//! Kalix, "User Access Levels (Roles)", "Understanding each role's default access" and "Permissions", asked of
//! the running product. All settings of the switches are asked of the catalog alone in `kalix_access`.

use std::collections::{BTreeMap, BTreeSet};

use doorward::{
    EditLevels, EditProfiles, Grant, OwnAccount,
    access::{Record, Relation},
    identity::Session,
    storage::Limit,
    types::{SubjectId, Switch},
};
use doorward_examples::kalix::Kalix;
use pollster::FutureExt as _;

use crate::{
    practice::*,
    table::{ROLES, cell_allows, permission, relation, table},
};

fn record(whose: &str, user: &Session, dana: &Session, clients: [SubjectId; 2]) -> Record {
    let [assigned, other] = clients;
    match (whose, relation(whose)) {
        ("practice", _) => Record::UNOWNED,
        (_, Relation::Own) => Record::by(user.membership),
        (_, Relation::Assigned) => Record::of(assigned).owned_by(dana.membership),
        (_, Relation::Other) => Record::of(other).owned_by(dana.membership),
    }
}

/// Kalix: "Each role has default access already set", every row of the table, with the permissions as the
/// form selects them and then with each one changed in turn.
#[test]
fn every_row_of_the_access_table_holds_on_the_running_product() {
    let practice = Practice::open();
    let dana = practice.house.admin;
    let clients = [
        practice.client(&dana, "Jonah Weiss"),
        practice.client(&dana, "Ines Duarte"),
    ];
    let rows = table();
    for role in ROLES {
        let user = practice.user(role, role, &[]);
        let permit = practice.house.permit(Grant);
        let attached = practice
            .house
            .door
            .attach(permit, user.membership, clients[0]);
        attached.block_on().unwrap();
        let form = practice.preselected(role);
        let changes = form.keys().map(Some).chain([None]);
        for changed in changes {
            let mut switches = form.clone();
            if let Some(stands) = changed.and_then(|name| switches.get_mut(name)) {
                *stands = match *stands {
                    Switch::On => Switch::Off,
                    Switch::Off => Switch::On,
                };
            }
            practice
                .edit_access(user.membership, role, switches.clone())
                .unwrap();
            let toggles = practice.house.door.catalog().toggles();
            let stands: BTreeMap<String, bool> = toggles
                .map(|toggle| {
                    let on = switches.get(toggle.name()) == Some(&Switch::On);
                    (toggle.name().to_string(), on)
                })
                .collect();
            for row in &rows {
                let (action, whose) = (&row["action"], &row["whose"]);
                let record = record(whose, &user, &dana, clients);
                let may = practice.may(&user, permission(action, whose), &record);
                let expected = cell_allows(&row[role], &stands);
                assert_eq!(may, expected, "{role}, {changed:?}: {action} ({whose})");
            }
        }
    }
}

/// Kalix: "Each role has default access already set and can not be changed. What can be changed are the
/// permissions."
#[test]
fn what_a_role_holds_is_nobody_s_to_change() {
    let practice = Practice::open();
    let dana = practice.house.admin;
    assert!(practice.is_denied(&dana, EditLevels));
    assert!(practice.is_denied(&dana, EditProfiles));
    let clio = practice.user("clio", "clinical", &[]);
    let mut switches = practice.preselected("clinical");
    switches.insert("can_delete_appointments".parse().unwrap(), Switch::Off);
    practice
        .edit_access(clio.membership, "clinical", switches)
        .unwrap();
    let own = Record::by(clio.membership);
    assert!(practice.may(&clio, Kalix::EDIT_APPOINTMENTS, &own));
    assert!(!practice.may(&clio, Kalix::DELETE_APPOINTMENTS, &own));
}

/// Kalix: "Hide the entire billing feature for selected users", "Hide the overview of billing", "Hide the
/// documents from selected users"; "Account Settings: Hidden, Hidden"; "prevent a user from seeing ... their
/// own availability".
#[test]
fn what_is_switched_off_or_not_the_role_s_is_hidden_and_not_only_refused() {
    let practice = Practice::open();
    let all = practice.user("sam", "supervisor", &[]);
    let some = [
        "calendar",
        "billing",
        "billing_overview",
        "documents",
        "own_availability",
    ];
    let shown = BTreeSet::from(some.map(str::to_owned));
    assert_eq!(practice.areas(&all), shown);
    for (switch, hidden) in [
        ("access_billing", &["billing", "billing_overview"][..]),
        ("show_billing_overview", &["billing_overview"]),
        ("access_documents", &["documents"]),
        ("edit_own_availability", &["own_availability"]),
    ] {
        let changed = practice.user(switch, "supervisor", &[(switch, Switch::Off)]);
        let mut rest = shown.clone();
        rest.retain(|area| !hidden.contains(&area.as_str()));
        assert_eq!(practice.areas(&changed), rest, "{switch}");
    }
    let ada = practice.areas(&practice.user("ada", "administrative", &[]));
    assert!(ada.contains("account_settings") && !ada.contains("user_management"));
    let dana = practice.areas(&practice.house.admin);
    assert!(dana.contains("account_settings") && dana.contains("user_management"));
}

/// Kalix: "Hide specific users as schedulable clinicians on your appointment calendar. To do this, unselect
/// Show on Calendar".
#[test]
fn the_calendar_offers_who_is_shown_on_it() {
    let practice = Practice::open();
    practice.user("clio", "clinical", &[]);
    let hidden = practice.user("sam", "supervisor", &[("show_on_calendar", Switch::Off)]);
    practice.user("ada", "administrative", &[]);
    let permit = practice.house.permit_of(&hidden, OwnAccount);
    let door = &practice.house.door;
    let page = door.members_holding(&permit, Kalix::BE_SCHEDULED, None, Limit::MAX);
    let rows = page.block_on().unwrap().rows;
    let names: Vec<_> = rows
        .iter()
        .map(|row| row.name.clone().unwrap().to_string())
        .collect();
    assert_eq!(names, ["The First Administrator", "clio"]);
}
