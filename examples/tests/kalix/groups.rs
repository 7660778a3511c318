//! Kalix, "Creating, Editing & Assigning User Groups".

use std::collections::BTreeSet;

use doorward::{
    Error, GroupRejection, ManageGroups, OwnAccount, ViewAccess,
    access::Record,
    identity::Session,
    storage::Limit,
    types::{GroupId, MembershipId},
};
use doorward_examples::kalix::Kalix;
use pollster::FutureExt as _;

use crate::{fixture::*, practice::*};

fn create(practice: &Practice, name: &str) -> Result<GroupId, GroupRejection> {
    let permit = practice.house.permit(ManageGroups);
    let created = practice.house.door.create_group(permit, display(name));
    created.block_on().map_err(rejected)
}

fn assign<const N: usize>(practice: &Practice, member: MembershipId, groups: [GroupId; N]) {
    let permit = practice.house.permit(ManageGroups);
    let door = &practice.house.door;
    let assigned = door.assign_groups(permit, member, BTreeSet::from(groups));
    assigned.block_on().unwrap();
}

/// What the list of groups shows to somebody.
fn names(practice: &Practice, who: &Session) -> Vec<String> {
    let permit = practice.house.permit_of(who, OwnAccount);
    let groups = practice.house.door.groups(&permit).block_on().unwrap();
    groups
        .iter()
        .map(|group| group.name().to_string())
        .collect()
}

/// The groups beside a member, as the section Users shows them.
fn groups_of(practice: &Practice, member: MembershipId) -> Vec<String> {
    let users = practice.users();
    let row = users.iter().find(|row| row.membership == member).unwrap();
    row.groups
        .iter()
        .map(|(_, name)| name.to_string())
        .collect()
}

/// Kalix: "Create new user groups", "Delete user groups", "Edit the name of user groups", and "these changes
/// and new groups will be available for all users in your account".
#[test]
fn groups_are_created_renamed_and_deleted_for_all_users() {
    let practice = Practice::open();
    let clio = practice.user("clio", "clinical", &[]);
    let dietitians = create(&practice, "Dietitans").unwrap();
    let north = create(&practice, "North shore").unwrap();
    assert_eq!(names(&practice, &clio), ["Dietitans", "North shore"]);
    let door = &practice.house.door;
    let permit = practice.house.permit(ManageGroups);
    let renamed = door.rename_group(permit, dietitians, display("Dietitians"));
    renamed.block_on().unwrap();
    let permit = practice.house.permit(ManageGroups);
    door.delete_group(permit, north).block_on().unwrap();
    assert_eq!(names(&practice, &clio), ["Dietitians"]);
    assert!(
        practice.is_denied(&clio, ManageGroups),
        "she reads their names alone"
    );
}

/// Kalix: "Select the user group/s you wish to assign to the selected user and click Save."
#[test]
fn a_user_is_in_exactly_the_groups_that_are_saved() {
    let practice = Practice::open();
    let clio = practice.user("clio", "clinical", &[]);
    let dietitians = create(&practice, "Dietitians").unwrap();
    let north = create(&practice, "North shore").unwrap();
    assign(&practice, clio.membership, [dietitians, north]);
    assert_eq!(
        groups_of(&practice, clio.membership),
        ["Dietitians", "North shore"]
    );
    assign(&practice, clio.membership, [north]);
    assert_eq!(groups_of(&practice, clio.membership), ["North shore"]);
    let permit = practice.house.permit(ManageGroups);
    let door = &practice.house.door;
    door.delete_group(permit, north).block_on().unwrap();
    assert_eq!(groups_of(&practice, clio.membership), [""; 0]);
}

/// Kalix: groups are "employed by several different features", such as filtering the calendar: a group
/// answers who is in it.
#[test]
fn a_group_filters_users() {
    let practice = Practice::open();
    let clio = practice.user("clio", "clinical", &[]);
    let sam = practice.user("sam", "supervisor", &[]);
    practice.user("ada", "administrative", &[]);
    let dietitians = create(&practice, "Dietitians").unwrap();
    assign(&practice, clio.membership, [dietitians]);
    assign(&practice, sam.membership, [dietitians]);
    let permit = practice.house.permit(ViewAccess);
    let door = &practice.house.door;
    let page = door.group_members(&permit, dietitians, None, Limit::MAX);
    let rows = page.block_on().unwrap().rows;
    let members: BTreeSet<_> = rows.iter().map(|row| row.membership).collect();
    assert_eq!(members, BTreeSet::from([clio.membership, sam.membership]));
    // A calendar shows the groups beside each clinician, to everybody.
    let permit = practice.house.permit_of(&clio, OwnAccount);
    let page = door.members_holding(&permit, Kalix::BE_SCHEDULED, None, Limit::MAX);
    let shown = page.block_on().unwrap().rows;
    let in_group = shown.iter().filter(|row| !row.groups.is_empty());
    assert_eq!(in_group.count(), 2);
}

/// Kalix: groups "categorize providers": they give nothing.
#[test]
fn a_group_gives_no_access() {
    let practice = Practice::open();
    let clio = practice.user("clio", "clinical", &[]);
    let directors = create(&practice, "director").unwrap();
    assign(&practice, clio.membership, [directors]);
    assert!(!practice.may(&clio, Kalix::MANAGE_USERS, &Record::UNOWNED));
}

#[test]
fn two_groups_have_two_names_and_a_deleted_one_takes_nobody_in() {
    let practice = Practice::open();
    let clio = practice.user("clio", "clinical", &[]);
    let group = create(&practice, "North shore").unwrap();
    assert_eq!(
        create(&practice, "north  SHORE"),
        Err(GroupRejection::NameTaken)
    );
    let door = &practice.house.door;
    let permit = practice.house.permit(ManageGroups);
    door.delete_group(permit, group).block_on().unwrap();
    let permit = practice.house.permit(ManageGroups);
    let late = door.assign_groups(permit, clio.membership, BTreeSet::from([group]));
    assert!(matches!(
        late.block_on(),
        Err(Error::Rejected(GroupRejection::UnknownGroup { .. }))
    ));
    assert!(
        create(&practice, "North shore").is_ok(),
        "the name is free again"
    );
}
