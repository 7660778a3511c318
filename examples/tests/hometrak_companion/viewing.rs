//! HomeTrak, "People that this Account can View".

use doorward::{
    Grant,
    access::{AttachRejection, Record},
    types::{MembershipId, PersonId},
};
use doorward_examples::hometrak_companion::HomeTrak;
use pollster::FutureExt as _;

use crate::{fixture::*, harbor::*};

fn attach(harbor: &Harbor, member: MembershipId, to: PersonId) -> Result<(), AttachRejection> {
    let attached = harbor
        .house
        .door
        .attach(harbor.house.permit(Grant), member, to.into());
    attached.block_on().map_err(rejected)
}

/// HomeTrak: "for example, a common primary contact where a husband and wife are both clients, or
/// allowing a physician to see information on multiple clients".
#[test]
fn attached_people_can_be_viewed_and_nobody_else() {
    let harbor = Harbor::open();
    let clients =
        ["Hans Berg", "Wilma Berg", "Otto Lund"].map(|name| harbor.person("client", name));
    for (kind, name) in [
        ("primary_contact", "Petra Berg"),
        ("physician", "Imani Osei"),
    ] {
        let member = harbor.identity(kind, name, None);
        let [hans, wilma, otto] = clients;
        attach(&harbor, member.membership, hans).unwrap();
        attach(&harbor, member.membership, wilma).unwrap();
        for (whom, expected) in [(hans, true), (wilma, true), (otto, false)] {
            let seen = harbor.may(&member.session, HomeTrak::VIEW_PROFILES, &Record::of(whom));
            assert_eq!(seen, expected, "{name}");
        }
    }
}

/// Design 9.6: "Beyond that one view the list widens whom, not what."
#[test]
fn being_attached_gives_no_more_than_the_profile() {
    let harbor = Harbor::open();
    let hans = harbor.person("client", "Hans Berg");
    let imani = harbor.identity("physician", "Imani Osei", None);
    attach(&harbor, imani.membership, hans).unwrap();
    let record = Record::of(hans);
    assert!(!harbor.may(&imani.session, HomeTrak::VIEW_CARE_NOTES, &record));
    harbor.set_levels(imani.membership, harbor.levels(["Care"]));
    assert!(harbor.may(&imani.session, HomeTrak::VIEW_CARE_NOTES, &record));
}

/// HomeTrak: "click on the "Remove selected" button to remove that person from the list of people
/// this user can view".
#[test]
fn a_removed_person_can_no_longer_be_viewed() {
    let harbor = Harbor::open();
    let hans = harbor.person("client", "Hans Berg");
    let imani = harbor.identity("physician", "Imani Osei", None);
    attach(&harbor, imani.membership, hans).unwrap();
    let permit = harbor.house.permit(Grant);
    let listed = harbor
        .house
        .door
        .people_attached_to(&permit, imani.membership)
        .block_on()
        .unwrap();
    assert_eq!(listed.len(), 1);
    harbor
        .house
        .door
        .detach(permit, imani.membership, hans.into())
        .block_on()
        .unwrap();
    assert!(!harbor.may(&imani.session, HomeTrak::VIEW_PROFILES, &Record::of(hans)));
}

/// HomeTrak: "This user MUST be created as an "Identity" account to use the portal."
#[test]
fn a_standard_account_is_attached_to_nobody() {
    let harbor = Harbor::open();
    let hans = harbor.person("client", "Hans Berg");
    let petra = harbor.standard("primary_contact", "Petra Berg", "petra");
    assert_eq!(attach(&harbor, petra, hans), Err(AttachRejection::NoPortal));
}

/// HomeTrak: "allow a (non-office staff) portal user".
#[test]
fn office_staff_are_attached_to_nobody() {
    let harbor = Harbor::open();
    let hans = harbor.person("client", "Hans Berg");
    let sam = harbor.identity("office_staff", "Sam Stone", None);
    assert!(matches!(
        attach(&harbor, sam.membership, hans),
        Err(AttachRejection::KindTakesNone { .. })
    ));
}
