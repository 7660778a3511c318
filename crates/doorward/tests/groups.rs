//! Groups of users (Kalix "Creating, Editing & Assigning User Groups").
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test file uses its part of the fixture")]
mod office;

use doorward::{
    Caller, Error, Fault, GroupRejection, ManageGroups, ManageMembers, OwnAccount, ViewAccess,
    storage::Limit,
    types::{GroupId, MembershipId},
};
use office::{Office, block_on, name};

fn create(office: &Office, called: &str) -> Result<GroupId, Error<GroupRejection>> {
    block_on(
        office
            .door
            .create_group(office.admin(ManageGroups), name(called)),
    )
}

fn assign<const N: usize>(
    office: &Office,
    member: MembershipId,
    groups: [GroupId; N],
) -> Result<(), Error<GroupRejection>> {
    let permit = office.admin(ManageGroups);
    block_on(office.door.assign_groups(permit, member, groups.into()))
}

fn groups_of(office: &Office, member: MembershipId) -> Vec<GroupId> {
    let permit = office.admin(ManageGroups);
    let groups = block_on(office.door.groups_of_member(&permit, member)).unwrap();
    groups.iter().map(doorward::access::Group::id).collect()
}

fn members_of(office: &Office, group: GroupId) -> Vec<MembershipId> {
    let permit = office.admin(ViewAccess);
    let page = office.door.group_members(&permit, group, None, Limit::MAX);
    let page = block_on(page).unwrap();
    page.rows.iter().map(|row| row.membership).collect()
}

/// Kalix: "these changes and new groups will be available for all users in your account".
#[test]
fn every_member_reads_the_names_and_a_director_writes_them() {
    let office = Office::open();
    let clinical = office.user("kim@example.org", "clinical").session;
    let north = create(&office, "North").unwrap();
    create(&office, "East").unwrap();
    assert!(matches!(
        create(&office, "north"),
        Err(Error::Rejected(GroupRejection::NameTaken))
    ));
    let rename = |to: &str| {
        let permit = office.admin(ManageGroups);
        block_on(office.door.rename_group(permit, north, name(to)))
    };
    assert!(matches!(
        rename("EAST"),
        Err(Error::Rejected(GroupRejection::NameTaken))
    ));
    rename("Up north").unwrap();
    let permit = office.permit(&clinical, OwnAccount);
    let groups = block_on(office.door.groups(&permit)).unwrap();
    let names: Vec<_> = groups.iter().map(|group| group.name().as_str()).collect();
    assert_eq!(names, ["East", "Up north"]);
    let refused = office.door.authorise(Caller::from(&clinical), ManageGroups);
    assert!(matches!(block_on(refused), Err(Error::Denied(_))));
}

/// Kalix: "Select the user group/s you wish to assign to the selected user and click Save".
#[test]
fn a_member_is_put_into_exactly_the_groups_that_are_selected() {
    let office = Office::open();
    let member = office.user("kim@example.org", "clinical").joined.membership;
    let groups = ["East", "North", "West"].map(|called| create(&office, called).unwrap());
    let [east, north, west] = groups;
    assign(&office, member, [east, north]).unwrap();
    assign(&office, member, [north, west]).unwrap();
    assert_eq!(groups_of(&office, member), [north, west]);
    assert_eq!(members_of(&office, north), [member]);
}

/// Design 3: "No command grows with its holders": the tags mean nothing from the deletion on.
#[test]
fn a_deleted_group_holds_nobody_and_takes_nobody() {
    let office = Office::open();
    let member = office.user("kim@example.org", "clinical").joined.membership;
    let north = create(&office, "North").unwrap();
    assign(&office, member, [north]).unwrap();
    let delete = office.door.delete_group(office.admin(ManageGroups), north);
    block_on(delete).unwrap();
    assert_eq!(groups_of(&office, member), []);
    assert!(create(&office, "North").is_ok(), "the name is free again");
    let other = office.user("lee@example.org", "clinical").joined.membership;
    assert!(matches!(
        assign(&office, other, [north]),
        Err(Error::Rejected(GroupRejection::UnknownGroup { .. }))
    ));
}

/// A group that goes while somebody is put into it takes nobody in.
#[test]
fn nobody_is_put_into_a_group_while_it_is_deleted() {
    let office = Office::open();
    let member = office.user("kim@example.org", "clinical").joined.membership;
    let north = create(&office, "North").unwrap();
    let (other, permit) = (office.second_process(), office.admin(ManageGroups));
    office.at_draw(0, move || {
        block_on(other.delete_group(permit, north)).unwrap();
    });
    let refused = assign(&office, member, [north]);
    assert!(office.has_run());
    assert!(matches!(
        refused,
        Err(Error::Rejected(GroupRejection::UnknownGroup { .. }))
    ));
}

#[test]
fn a_removed_member_is_in_no_group_and_a_foreign_one_is_unknown() {
    let office = Office::open();
    let member = office.user("kim@example.org", "clinical").joined.membership;
    let north = create(&office, "North").unwrap();
    assign(&office, member, [north]).unwrap();
    let remove = office
        .door
        .remove_member(office.admin(ManageMembers), member);
    block_on(remove).unwrap();
    assert_eq!(members_of(&office, north), []);
    assert!(matches!(
        assign(&office, member, [north]),
        Err(Error::Rejected(GroupRejection::MemberRemoved))
    ));
    let stranger = office.another_tenant().joined.membership;
    assert!(matches!(
        assign(&office, stranger, [north]),
        Err(Error::Fault(Fault::Unknown { what: "member" }))
    ));
}

/// Design 3: what hangs on nothing is swept, not deleted with its group.
#[test]
fn the_sweep_takes_away_what_hangs_on_a_deleted_group() {
    let office = Office::open();
    let member = office.user("kim@example.org", "clinical").joined.membership;
    let [north, east] = ["North", "East"].map(|called| create(&office, called).unwrap());
    assign(&office, member, [north, east]).unwrap();
    let delete = office.door.delete_group(office.admin(ManageGroups), north);
    block_on(delete).unwrap();
    let swept = block_on(office.door.sweep(office.door.now())).unwrap();
    assert_eq!(swept.tag_count, 1);
    assert_eq!(groups_of(&office, member), [east]);
}
