//! Kalix: every cell of its access table, for every setting of its switches.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "kalix/table.rs"]
mod table;

use std::collections::BTreeMap;

use doorward::{
    access::{
        Attachment, Authority, Availability, Catalog, Decision, Denial, Details, Held, Joining,
        Mask, Membership, OfferVerdict, Permissions as _, Reach, Record, Relation, Sets, Source,
        Standing, judge_offer,
    },
    types::{
        AccountId, Channel, KindName, MembershipId, Offer, PersonId, Principal, RoleName,
        SubjectId, Switch, Switches, TenantId, Window,
    },
};
use doorward_examples::kalix::{self, Kalix};
use table::{ROLES, cell_allows, permission, relation, table};
use time::{OffsetDateTime, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);

fn kalix() -> Catalog {
    kalix::catalog().unwrap()
}

fn practice_user(catalog: &Catalog, role: &str, switches: Switches) -> Standing {
    let membership = with_switches(catalog, 1, role, switches);
    Standing::resolve(catalog, &membership, &Held::default())
}

/// The n-th member of the practice.
fn with_switches(catalog: &Catalog, n: u8, role_name: &str, switches: Switches) -> Membership {
    let offer = Offer::of(kind("practice_user"))
        .with_role(role(role_name))
        .with_switches(switches);
    let everything = Authority::everything();
    let OfferVerdict::Within(fitted) =
        judge_offer(catalog, &offer, &Sets::default(), &everything).unwrap()
    else {
        panic!("whoever gives everything gives this");
    };
    let joining = Joining {
        id: membership_id(n),
        tenant: TenantId::made_at(NOW, [9; 10]),
        account: AccountId::made_at(NOW, [n; 10]),
        person: Some(PersonId::made_at(NOW, [n; 10])),
        invitation: None,
        window: Window::since(NOW),
        details: Details::default(),
    };
    Membership::join(joining, &fitted, NOW).0
}

fn kind(name: &str) -> KindName {
    name.parse().unwrap()
}

fn role(name: &str) -> RoleName {
    name.parse().unwrap()
}

fn membership_id(n: u8) -> MembershipId {
    MembershipId::made_at(NOW, [n; 10])
}

fn subject(n: u8) -> SubjectId {
    PersonId::made_at(NOW, [n; 10]).into()
}

fn switch(name: &str, stands: Switch) -> Switches {
    Switches::from([(name.parse().unwrap(), stands)])
}

/// Kalix, "Understanding each role's default access" and "Permissions": all 512 settings of the nine
/// switches of each role, and for clinical users all 1,024, against every row.
#[test]
fn every_cell_of_the_access_table_holds_for_every_setting_of_the_switches() {
    let catalog = kalix();
    let rows = table();
    let names: Vec<String> = catalog.toggles().map(|t| t.name().to_string()).collect();
    assert_eq!(names.len(), 10, "Kalix has ten switches");
    let mut decisions = 0u32;
    for role_name in ROLES {
        for setting in 0u32..1024 {
            let on = |at: usize| setting & (1 << at) != 0;
            let stands: BTreeMap<String, bool> = names
                .iter()
                .enumerate()
                .map(|(at, name)| (name.clone(), on(at)))
                .collect();
            if stands["access_only_assigned_clients"] && role_name != "clinical" {
                continue; // "supported for Clinical Users only"
            }
            let supported = stands.iter().filter(|(name, _)| {
                role_name == "clinical" || name.as_str() != "access_only_assigned_clients"
            });
            let switches = supported
                .map(|(name, on)| {
                    (
                        name.parse().unwrap(),
                        if *on { Switch::On } else { Switch::Off },
                    )
                })
                .collect();
            let standing = practice_user(&catalog, role_name, switches);
            for row in &rows {
                let (action, whose) = (&row["action"], &row["whose"]);
                let expected = cell_allows(&row[role_name], &stands);
                let asked = permission(action, whose);
                let decision = standing.check(asked, relation(whose), NOW);
                let allowed = matches!(decision, Decision::Allow(_));
                assert_eq!(
                    allowed, expected,
                    "{role_name}: {action} ({whose}), switches {stands:?}: {decision:?}"
                );
                decisions += 1;
            }
        }
    }
    assert_eq!(
        decisions,
        (1024 + 3 * 512) * u32::try_from(rows.len()).unwrap()
    );
}

#[test]
fn the_table_speaks_of_every_permission_and_names_no_switch_that_is_not_there() {
    let catalog = kalix();
    let rows = table();
    let asked = rows
        .iter()
        .map(|row| permission(&row["action"], &row["whose"]));
    assert_eq!(
        asked.fold(Kalix::empty(), |all, one| all | one),
        Kalix::all()
    );
    for row in &rows {
        for role_name in ROLES {
            for condition in row[role_name]
                .split(" and ")
                .filter(|c| !["yes", "no"].contains(c))
            {
                let (name, _) = condition.split_once(' ').unwrap();
                assert!(
                    catalog.toggle(&name.parse().unwrap()).is_some(),
                    "{condition}"
                );
            }
        }
    }
}

/// Design 9.3: "Pre-selected at invite".
#[test]
fn the_invite_form_preselects_the_switches_of_each_role() {
    let catalog = kalix();
    let on = |role_name: &str| {
        let whole = catalog.preselected(&kind("practice_user"), Some(&role(role_name)));
        let on = whole
            .into_iter()
            .filter(|(_, stands)| *stands == Switch::On);
        on.map(|(name, _)| name.to_string()).collect::<Vec<_>>()
    };
    let common = [
        "access_billing",
        "access_documents",
        "can_delete_appointments",
    ];
    let with = |more: &[&str]| {
        let mut all: Vec<String> = common
            .iter()
            .chain(more)
            .map(|name| (*name).to_owned())
            .collect();
        all.sort();
        all
    };
    let rest = [
        "edit_document_templates",
        "edit_own_availability",
        "show_billing_overview",
    ];
    let calendar = [&rest[..], &["show_on_calendar"]].concat();
    assert_eq!(on("clinical"), with(&calendar));
    assert_eq!(on("supervisor"), with(&calendar));
    assert_eq!(
        on("administrative"),
        with(&[&rest[..], &["edit_all_tasks"]].concat())
    );
    assert_eq!(
        on("director"),
        with(&[&calendar[..], &["edit_all_tasks"]].concat())
    );
}

/// Kalix: "Hide the entire billing feature", and account settings are "Hidden" for two roles; on every
/// channel (design 4).
#[test]
fn areas_that_are_switched_off_are_hidden_on_every_channel() {
    let catalog = kalix();
    let billing = "billing".parse().unwrap();
    let settings = "account_settings".parse().unwrap();
    for channel in Channel::ALL {
        for role_name in ROLES {
            let off = practice_user(&catalog, role_name, switch("access_billing", Switch::Off));
            assert_eq!(
                off.availability(&catalog, &billing, channel, NOW),
                Availability::Hidden,
                "{role_name} on {channel}"
            );
            let on = practice_user(&catalog, role_name, Switches::new());
            assert_eq!(
                on.availability(&catalog, &billing, channel, NOW),
                Availability::Enabled
            );
            let expected = match role_name {
                "clinical" | "supervisor" => Availability::Hidden,
                _ => Availability::Enabled,
            };
            assert_eq!(on.availability(&catalog, &settings, channel, NOW), expected);
        }
    }
}

/// Kalix: "Unselect to prevent a user from seeing and changing their own availability".
#[test]
fn a_denial_by_a_switch_names_the_switch() {
    let catalog = kalix();
    let off = switch("edit_own_availability", Switch::Off);
    let director = practice_user(&catalog, "director", off);
    let decision = director.check(Kalix::SET_OWN_AVAILABILITY, Relation::Own, NOW);
    let Decision::Deny(Denial::Withdrawn(by)) = decision else {
        panic!("{decision:?}");
    };
    assert_eq!(
        catalog.switch_name(by).unwrap().as_str(),
        "edit_own_availability"
    );
}

#[test]
fn a_role_that_reaches_less_says_how_far_it_reaches() {
    let catalog = kalix();
    let clinical = practice_user(&catalog, "clinical", Switches::new());
    assert_eq!(
        clinical.check(Kalix::EDIT_APPOINTMENTS, Relation::Other, NOW),
        Decision::Deny(Denial::OutOfReach { held: Reach::Own })
    );
    assert_eq!(
        clinical.check(Kalix::EDIT_APPOINTMENTS, Relation::Own, NOW),
        Decision::Allow(Source::Role)
    );
    assert_eq!(
        clinical.check(Kalix::MANAGE_USERS, Relation::Other, NOW),
        Decision::Deny(Denial::NeverGranted)
    );
}

/// Design 9.4: the restriction reaches what hangs on clients, "not the member's own older work; new
/// work on an unassigned client is refused".
#[test]
fn a_clinician_restricted_to_assigned_clients_keeps_their_own_older_work() {
    let catalog = kalix();
    let on = switch("access_only_assigned_clients", Switch::On);
    let membership = with_switches(&catalog, 1, "clinical", on);
    let (assigned, stranger) = (subject(7), subject(8));
    let held = Held {
        assigned: &[assigned],
        ..Held::default()
    };
    let standing = Standing::resolve(&catalog, &membership, &held);
    let allowed = |asked: Kalix, record: &Record| {
        matches!(
            standing.check_record(asked, record, NOW),
            Decision::Allow(_)
        )
    };
    let own_old = Record::of(stranger).owned_by(membership_id(1));
    let colleagues = Record::of(stranger).owned_by(membership_id(2));
    let colleagues_on_assigned = Record::of(assigned).owned_by(membership_id(2));
    assert!(allowed(Kalix::VIEW_DOCUMENTS, &own_old));
    assert!(allowed(Kalix::EDIT_DOCUMENTS, &own_old));
    assert!(!allowed(Kalix::VIEW_DOCUMENTS, &colleagues));
    assert!(allowed(Kalix::VIEW_DOCUMENTS, &colleagues_on_assigned));
    assert!(allowed(Kalix::EDIT_CLIENTS, &Record::of(assigned)));
    assert!(!allowed(Kalix::EDIT_CLIENTS, &Record::of(stranger)));
    assert!(allowed(Kalix::WORK_ON_CLIENT, &Record::of(assigned)));
    assert!(!allowed(Kalix::WORK_ON_CLIENT, &Record::of(stranger)));
}

/// Design 6: support reads and administers nothing.
#[test]
fn support_reads_what_the_catalog_opens_to_it_and_no_more() {
    let catalog = kalix();
    let held = catalog.support().unwrap();
    assert!(held.at(Reach::Any).contains(Kalix::VIEW_CLIENTS.mask()));
    let writes = [
        Kalix::EDIT_CLIENTS,
        Kalix::MANAGE_USERS,
        Kalix::OPEN_TO_SUPPORT,
    ];
    assert!(
        writes
            .iter()
            .all(|write| !held.at(Reach::Own).contains(write.mask()))
    );
    assert_ne!(held.at(Reach::Any), Mask::EMPTY);
}

/// Design 9.4: "a client the member creates is assigned to them".
#[test]
fn a_client_is_assigned_to_the_member_who_creates_them() {
    let catalog = kalix();
    let on = switch("access_only_assigned_clients", Switch::On);
    let clinician = with_switches(&catalog, 1, "clinical", on);
    let by = Principal::Account {
        account: clinician.account(),
        membership: clinician.id(),
    };
    let made = Attachment::of_creator(&clinician, subject(7), &catalog, &by, NOW);
    let (attachment, events) = made.unwrap().unwrap();
    assert_eq!(events.len(), 1);
    let assigned = [attachment.subject()];
    let held = Held {
        assigned: &assigned,
        ..Held::default()
    };
    let standing = Standing::resolve(&catalog, &clinician, &held);
    let client = Record::of(subject(7));
    assert_eq!(
        standing.check_record(Kalix::EDIT_CLIENTS, &client, NOW),
        Decision::Allow(Source::Role)
    );
}
