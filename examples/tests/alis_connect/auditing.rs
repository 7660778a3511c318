//! ALIS, "Audit".

use doorward::{
    Denied, Error, OwnAccount, PersonalData, ReadAudit, ViewAccess,
    audit::{Action, Query},
    storage::Limit,
    types::Scope,
};
use doorward_examples::alis_connect::Alis;
use pollster::FutureExt as _;

use crate::maple::*;

/// ALIS: "Select the checkbox to confirm": who ticked which words, and when, is in the report.
#[test]
fn the_report_tells_who_ticked_which_box_and_when() {
    let maple = Maple::open();
    maple.connected("Read only");
    let rows = maple.report();
    let lena = rows
        .iter()
        .find(|row| row["person"] == "Lena Adler")
        .unwrap();
    assert_eq!(lena["attested statement"], "sensitive_information");
    assert_eq!(lena["attested version"], "1");
    assert_eq!(lena["attested by"], "The First Administrator");
    assert_eq!(lena["attested at (UTC)"], "2026-11-02T09:00:00.000000Z");
}

/// ALIS: "You can audit exactly who has access to your community's data".
#[test]
fn who_can_see_a_resident_is_answered_with_the_reason() {
    let maple = Maple::open();
    maple.connected("Family - Billing only");
    let permit = maple.house.permit(ViewAccess);
    let viewers = |asked| -> Vec<String> {
        let viewers = maple
            .house
            .door
            .who_can_see(&permit, maple.rose.into(), asked);
        let mut names: Vec<_> = viewers
            .block_on()
            .unwrap()
            .into_iter()
            .map(|viewer| viewer.name.unwrap().to_string())
            .collect();
        names.sort();
        names
    };
    assert_eq!(
        viewers(Alis::VIEW_INVOICES),
        ["Lena Adler", "The First Administrator"]
    );
    assert_eq!(viewers(Alis::VIEW_MEDICATIONS), ["The First Administrator"]);
}

/// ALIS: "a comprehensive report of all residents and contacts, complete with their current ALIS
/// Connect access levels (User Profile) and contact details".
#[test]
fn the_report_lists_all_residents_and_contacts_with_profile_and_contact_details() {
    let maple = Maple::open();
    maple.connected("Family - Full");
    resident(&maple.house, "Carl Berg", None);
    contact(
        &maple.house,
        maple.rose,
        "Dr. Imani Osei",
        "Physician",
        Some("imani@clinic.example"),
    );
    let rows = maple.report();
    let shown = |name: &str| {
        let row = rows.iter().find(|row| row["person"] == name).unwrap();
        [
            row["email"].as_str(),
            row["relation"].as_str(),
            row["status"].as_str(),
            row["profile"].as_str(),
        ]
    };
    assert_eq!(
        shown("Lena Adler"),
        [LENA, "Daughter", "connected", "Family - Full"]
    );
    assert_eq!(shown("Rose Adler"), [ROSE, "", "never invited", ""]);
    assert_eq!(shown("Carl Berg"), ["", "", "never invited", ""]);
    assert_eq!(
        shown("Dr. Imani Osei"),
        ["imani@clinic.example", "Physician", "never invited", ""]
    );
    assert!(rows.iter().all(|row| row["community"] == "Maple Grove"));
}

/// ALIS: "supports monthly audits or compliance reviews": taking the report out is itself on
/// record.
#[test]
fn taking_the_report_out_leaves_an_entry_in_the_audit_log() {
    let maple = Maple::open();
    maple.report();
    let permit = maple.house.permit(ReadAudit);
    let query =
        Query::of(Scope::Tenant(maple.house.tenant)).action(Action::REPORT_EXPORT.code().clone());
    let read =
        maple
            .house
            .door
            .read_audit(&permit, &query, PersonalData::Withheld, None, Limit::MAX);
    assert_eq!(read.block_on().unwrap().rows.len(), 1);
}

/// ALIS: "who has access to your community's data" is for staff: families see none of it.
#[test]
fn a_contact_sees_no_list_of_who_has_access() {
    let maple = Maple::open();
    let lena = maple.connected("Family - Full");
    let denied = maple
        .house
        .door
        .authorise(&lena, ViewAccess)
        .block_on()
        .unwrap_err();
    assert!(
        matches!(denied, Error::Denied(Denied::Access(_))),
        "{denied:?}"
    );
    maple.house.permit_of(&lena, OwnAccount);
}
