//! Levels and profiles: created, edited for all their holders, and deleted where nobody has them.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[expect(dead_code, reason = "each test file uses its part of the fixture")]
mod office;

use std::collections::BTreeSet;

use doorward::{
    ConfigureTenant, EditLevels, EditProfiles, Error, Fault, FormVersion, Grant, GrantForm, Invite,
    ManageMembers, ManagePeople, NamedSetRejection, NewInvitation, StarterLevels,
    access::{AccessRejection, DeleteRejection, EditRejection, FitRejection, Gives, Reach},
    identity::Session,
    types::{LevelId, Levels, Offer, ProfileId, RequestId, SubjectId, Window},
};
use office::{NOW, Office, administrator, block_on, email, kind, name, set, statement};
use time::Duration;

fn level_version(office: &Office, level: LevelId) -> FormVersion {
    let permit = office.admin(EditLevels);
    block_on(office.door.level(&permit, level)).unwrap().version
}

fn delete_level(office: &Office, level: LevelId) -> Result<(), Error<DeleteRejection>> {
    block_on(office.door.delete_level(office.admin(EditLevels), level))
}

fn delete_profile(office: &Office, profile: ProfileId) -> Result<(), Error<DeleteRejection>> {
    block_on(
        office
            .door
            .delete_profile(office.admin(EditProfiles), profile),
    )
}

fn invite_staff(office: &Office, by: &Session, levels: Levels) -> doorward::Invited {
    let form = NewInvitation {
        address: email("new@example.org"),
        person: None,
        name: None,
        offer: Offer::of(kind("staff")).with_levels(levels),
        sworn: Default::default(),
    };
    block_on(office.door.invite(office.permit(by, Invite), form)).unwrap()
}

/// HomeTrak: "you can add a new custom Security Level".
#[test]
fn a_name_is_taken_once_letter_case_and_blanks_aside() {
    let office = Office::open();
    let create = |called: &str| {
        let permit = office.admin(EditLevels);
        let held = set([("view_records", Reach::Any)]);
        block_on(office.door.create_level(permit, name(called), held))
    };
    let level = create("Read only").unwrap();
    assert!(matches!(
        create("read  ONLY"),
        Err(Error::Rejected(NamedSetRejection::NameTaken))
    ));
    let rename = |to: &str| {
        let permit = office.admin(EditLevels);
        block_on(office.door.rename_level(permit, level, name(to)))
    };
    assert!(matches!(
        rename("billing"),
        Err(Error::Rejected(NamedSetRejection::NameTaken))
    ));
    rename("READ ONLY").unwrap();
    rename("Readers").unwrap();
    assert!(create("Read only").is_ok());
    let listed = block_on(office.door.levels(&office.admin(Invite))).unwrap();
    let names: Vec<_> = listed
        .iter()
        .map(|level| level.value.name().as_str())
        .collect();
    assert_eq!(names, ["Administration", "Billing", "Read only", "Readers"]);
}

/// ALIS "User Profiles": a profile is one under any name, and what is granted by it stays granted.
#[test]
fn a_profile_is_renamed_and_its_old_name_is_free() {
    let office = Office::open();
    let create = |called: &str| {
        let permit = office.admin(EditProfiles);
        let held = set([("view_records", Reach::Any)]);
        block_on(office.door.create_profile(permit, name(called), held))
    };
    let daughters = create("Daughters").unwrap();
    create("Sons").unwrap();
    let rename = |to: &str| {
        let permit = office.admin(EditProfiles);
        block_on(office.door.rename_profile(permit, daughters, name(to)))
    };
    assert!(matches!(
        rename("sons"),
        Err(Error::Rejected(NamedSetRejection::NameTaken))
    ));
    rename("Children").unwrap();
    let permit = office.admin(EditProfiles);
    let read = block_on(office.door.profile(&permit, daughters)).unwrap();
    assert_eq!(read.value.name().as_str(), "Children");
    assert!(create("Daughters").is_ok());
}

/// Design 4: "Unknown names in input are refused".
#[test]
fn a_permission_that_the_catalog_does_not_have_is_refused() {
    let office = Office::open();
    let held = set([("fly", Reach::Any)]);
    let create = office
        .door
        .create_profile(office.admin(EditProfiles), name("Wings"), held);
    assert!(matches!(
        block_on(create),
        Err(Error::Rejected(NamedSetRejection::Unknown(_)))
    ));
}

/// Design 4: previewed and judged for "each distinct combination of holders".
#[test]
fn an_edit_is_previewed_for_each_combination_and_noted_with_its_holders() {
    let office = Office::open();
    let (billing, all) = (office.created.levels[0], office.created.levels[1]);
    office.staff("a@example.org", Levels::from([billing]));
    office.staff("b@example.org", Levels::from([billing]));
    office.staff("c@example.org", Levels::from([billing, all]));
    let wider = set([("edit_records", Reach::Any), ("view_invoices", Reach::Any)]);
    let permit = office.admin(EditLevels);
    let preview = office.door.preview_level(&permit, billing, wider.clone());
    let preview = block_on(preview).unwrap();
    assert_eq!(preview.holders(), 3);
    assert_eq!(preview.rows().len(), 2);
    assert_eq!(preview.rows()[0].holders, 2);
    assert_eq!(
        preview.rows()[0].difference.gained.reach("edit_records"),
        Some(Reach::Any)
    );
    assert!(preview.rows()[1].difference.is_empty());
    let read = level_version(&office, billing);
    let edit = |version| {
        let permit = office.admin(EditLevels);
        block_on(
            office
                .door
                .edit_level(permit, billing, version, wider.clone()),
        )
    };
    edit(read).unwrap();
    let entry = office.entries().pop().unwrap();
    assert_eq!(entry["action"], "level.update");
    assert_eq!(entry["facts"]["holders"], 3);
    assert!(matches!(
        edit(read),
        Err(Error::Fault(Fault::Stale { what: "level" }))
    ));
}

/// Design 4: "each gain must lie within what the actor may give"; nobody holds it, nobody gains.
#[test]
fn an_editor_gives_holders_what_the_editor_holds_and_nothing_above() {
    let office = Office::open();
    let held = set([("edit_levels", Reach::Any), ("view_records", Reach::Any)]);
    let permit = office.admin(EditLevels);
    let own = block_on(office.door.create_level(permit, name("Editors"), held)).unwrap();
    let editor = office.staff("ed@example.org", Levels::from([own]));
    let billing = office.created.levels[0];
    office.staff("a@example.org", Levels::from([billing]));
    let edit = |level: LevelId, added: &str| {
        let permit = office.permit(&editor.session, EditLevels);
        let held = set([("view_invoices", Reach::Any), (added, Reach::Any)]);
        let version = level_version(&office, level);
        block_on(office.door.edit_level(permit, level, version, held))
    };
    assert!(matches!(
        edit(billing, "edit_records"),
        Err(Error::Rejected(EditRejection::Above(_)))
    ));
    edit(billing, "view_records").unwrap();
    // Their own level is no way up either.
    assert!(matches!(
        edit(own, "manage_users"),
        Err(Error::Rejected(EditRejection::Above(_)))
    ));
}

/// A tenant whose first administrator administers by a level alone, where nobody gives everything.
fn by_level() -> Office {
    let names = BTreeSet::from([name("Administration")]);
    let first = administrator(
        "dana@example.org",
        "Dana Reyes",
        StarterLevels::Named(names),
    );
    Office::open_with(office::tenant_under(first), Gives::Held)
}

/// Design 4: the last administrator cannot be demoted, by an edit of their level either.
#[test]
fn the_level_of_the_last_administrator_keeps_administration() {
    let office = by_level();
    let all = office.created.levels[1];
    let edit = || {
        let permit = office.admin(EditLevels);
        let version = level_version(&office, all);
        let held = set([("edit_levels", Reach::Any)]);
        block_on(office.door.edit_level(permit, all, version, held))
    };
    assert!(matches!(
        edit(),
        Err(Error::Rejected(EditRejection::LastAdministrator))
    ));
    // Somebody else who administers by another level stays.
    let everything = block_on(office.door.level(&office.admin(EditLevels), all)).unwrap();
    let second = office.door.create_level(
        office.admin(EditLevels),
        name("Second"),
        everything.value.permissions().clone(),
    );
    let second = block_on(second).unwrap();
    office.staff("lee@example.org", Levels::from([second]));
    edit().unwrap();
}

/// Design 4, "also under races": two edits that each rely on the other level.
#[test]
fn two_levels_are_not_emptied_of_administration_at_once() {
    let office = by_level();
    let all = office.created.levels[1];
    let everything = block_on(office.door.level(&office.admin(EditLevels), all)).unwrap();
    let everything = everything.value.permissions().clone();
    let permit = office.admin(EditLevels);
    let second = office.door.create_level(permit, name("Second"), everything);
    let second = block_on(second).unwrap();
    let lee = office.staff("lee@example.org", Levels::from([second]));
    let held = set([("edit_levels", Reach::Any)]);
    let other = office.second_process();
    let (permit, version) = (
        office.permit(&lee.session, EditLevels),
        level_version(&office, second),
    );
    let less = held.clone();
    office.at_draw(0, move || {
        block_on(other.edit_level(permit, second, version, less)).unwrap();
    });
    let version = level_version(&office, all);
    let refused = office
        .door
        .edit_level(office.admin(EditLevels), all, version, held);
    let refused = block_on(refused);
    assert!(office.has_run());
    assert!(matches!(
        refused,
        Err(Error::Rejected(EditRejection::LastAdministrator))
    ));
}

/// Design 9.2: "Deleting a profile or level that is held or offered is refused".
#[test]
fn a_level_that_is_held_or_offered_is_not_deleted() {
    let office = Office::open();
    let billing = office.created.levels[0];
    let member = office.staff("a@example.org", Levels::from([billing]));
    let invited = invite_staff(&office, &office.admin, Levels::from([billing]));
    assert!(matches!(
        delete_level(&office, billing),
        Err(Error::Rejected(DeleteRejection::InUse { count: 2 }))
    ));
    // Undone: it can be given again.
    let read = block_on(office.door.level(&office.admin(EditLevels), billing)).unwrap();
    assert!(read.value.is_active());
    let permit = office.admin(ManageMembers);
    let id = member.joined.membership;
    let version = block_on(office.door.member(&permit, id)).unwrap().version;
    block_on(office.door.set_levels(permit, id, version, Levels::none())).unwrap();
    let revoke = office
        .door
        .revoke_invitation(office.admin(Invite), invited.invitation);
    block_on(revoke).unwrap();
    delete_level(&office, billing).unwrap();
    let gone = block_on(office.door.level(&office.admin(EditLevels), billing));
    assert!(matches!(gone, Err(Fault::Unknown { what: "level" })));
}

/// Design 5: "an expired one never blocks": what nobody can accept offers nothing.
#[test]
fn an_expired_offer_does_not_keep_a_level() {
    let office = Office::open();
    let billing = office.created.levels[0];
    invite_staff(&office, &office.admin, Levels::from([billing]));
    office.pass(Duration::days(7));
    delete_level(&office, billing).unwrap();
}

/// Design 3: "racing assignments `Check` it and fail".
#[test]
fn a_level_is_not_given_while_it_is_deleted() {
    let office = Office::open();
    let billing = office.created.levels[0];
    let member = office.staff("a@example.org", Levels::none());
    let id = member.joined.membership;
    let permit = office.admin(ManageMembers);
    let version = block_on(office.door.member(&permit, id)).unwrap().version;
    let (other, delete) = (office.second_process(), office.admin(EditLevels));
    // Between the reads of the assignment and its commit the level goes.
    office.at_draw(0, move || {
        block_on(other.delete_level(delete, billing)).unwrap();
    });
    let given = office
        .door
        .set_levels(permit, id, version, Levels::from([billing]));
    let given = block_on(given);
    assert!(office.has_run());
    assert!(matches!(
        given,
        Err(Error::Rejected(AccessRejection::Unfit(
            FitRejection::UnknownLevel { .. }
        )))
    ));
}

/// Design 3, the other order: the assignment is first, so the deletion finds a holder.
#[test]
fn a_level_is_not_deleted_while_it_is_given() {
    let office = Office::open();
    let billing = office.created.levels[0];
    let id = office
        .staff("a@example.org", Levels::none())
        .joined
        .membership;
    let permit = office.admin(ManageMembers);
    let version = block_on(office.door.member(&permit, id)).unwrap().version;
    let other = office.second_process();
    office.at_draw(0, move || {
        block_on(other.set_levels(permit, id, version, Levels::from([billing]))).unwrap();
    });
    let refused = delete_level(&office, billing);
    assert!(office.has_run());
    assert!(matches!(
        refused,
        Err(Error::Rejected(DeleteRejection::InUse { count: 1 }))
    ));
}

/// Design 3: "only the last commit carries the request key, so a resend goes on where it stopped".
#[test]
fn a_deletion_that_is_sent_again_answers_the_first_outcome() {
    let office = Office::open();
    let billing = office.created.levels[0];
    let request = RequestId::made_at(NOW, [4; 10]);
    let delete = || {
        let permit = office.admin(EditLevels).for_request(request);
        block_on(office.door.delete_level(permit, billing))
    };
    delete().unwrap();
    delete().unwrap();
    let deleted = office.actions();
    let deleted = deleted.iter().filter(|action| *action == "level.delete");
    assert_eq!(deleted.count(), 1);
}

/// Design 9.2: held by a grant, or offered by the one-click invite of a resident.
#[test]
fn a_profile_that_is_granted_or_the_default_is_not_deleted() {
    let office = Office::open();
    let profile = office.created.profiles[0];
    let default = |profile| {
        let permit = office.admin(ConfigureTenant);
        block_on(office.door.set_default_resident_profile(permit, profile))
    };
    default(Some(profile)).unwrap();
    assert!(matches!(
        delete_profile(&office, profile),
        Err(Error::Rejected(DeleteRejection::InUse { count: 1 }))
    ));
    default(None).unwrap();
    let person = doorward::NewPerson {
        kind: kind("resident"),
        name: name("Rose Ruiz"),
        email: None,
        cell: None,
        note: Default::default(),
        reference: None,
        data: Default::default(),
    };
    let person = office
        .door
        .record_person(office.admin(ManagePeople), person);
    let member = office.user("kim@example.org", "clinical").joined.membership;
    let form = GrantForm {
        member,
        subject: SubjectId::from(block_on(person).unwrap()),
        profile,
        window: Window::between(NOW, NOW + Duration::days(1)).unwrap(),
        sworn: Some(statement()),
    };
    block_on(office.door.grant(office.admin(Grant), form)).unwrap();
    assert!(matches!(
        delete_profile(&office, profile),
        Err(Error::Rejected(DeleteRejection::InUse { count: 1 }))
    ));
    // A grant whose window is over gives nothing, and keeps nothing.
    office.pass(Duration::days(1));
    delete_profile(&office, profile).unwrap();
}

/// Begins a deletion and cuts it off between its two commits, as a process that is killed.
fn cut_off(office: &Office, level: LevelId) {
    // The first draw is of the entry of the retirement, the second of what ends it.
    office.at_draw(1, || panic!("the process is killed here"));
    let killed =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| delete_level(office, level)));
    assert!(killed.is_err() && office.has_run());
}

/// Design 3: "`Retired` takes nothing from holders"; nobody new is given it.
#[test]
fn a_level_that_is_being_deleted_keeps_its_holders_and_takes_no_new_ones() {
    let office = Office::open();
    let all = office.created.levels[1];
    let holder = office.staff("a@example.org", Levels::from([all]));
    let other = office.staff("b@example.org", Levels::none());
    cut_off(&office, all);
    let permit = office.permit(&holder.session, ManageMembers);
    let id = other.joined.membership;
    let version = block_on(office.door.member(&permit, id)).unwrap().version;
    let given = office
        .door
        .set_levels(permit, id, version, Levels::from([all]));
    assert!(matches!(
        block_on(given),
        Err(Error::Rejected(AccessRejection::Unfit(
            FitRejection::RetiredLevel { .. }
        )))
    ));
}

/// Design 3: "the sweep settles what is older than a minute".
#[test]
fn the_sweep_settles_a_deletion_that_was_cut_off() {
    let office = Office::open();
    let (billing, all) = (office.created.levels[0], office.created.levels[1]);
    office.staff("a@example.org", Levels::from([all]));
    cut_off(&office, billing);
    cut_off(&office, all);
    let status = |level| {
        let permit = office.admin(EditLevels);
        let read = block_on(office.door.level(&permit, level));
        read.ok().map(|read| read.value.is_active())
    };
    block_on(office.door.sweep(office.door.now())).unwrap();
    assert_eq!((status(billing), status(all)), (Some(false), Some(false)));
    office.pass(Duration::minutes(1));
    let swept = block_on(office.door.sweep(office.door.now())).unwrap();
    assert!(swept.faults.is_empty());
    // What nobody has is gone; what somebody has can be given again.
    assert_eq!((status(billing), status(all)), (None, Some(true)));
}

/// Design 3: "a resend goes on where it stopped".
#[test]
fn a_deletion_that_was_cut_off_is_ended_by_its_resend() {
    let office = Office::open();
    let billing = office.created.levels[0];
    cut_off(&office, billing);
    delete_level(&office, billing).unwrap();
}
