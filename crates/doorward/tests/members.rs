//! Members: the forms over their access, disabling, removing, and the administrator who stays.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test file uses its part of the fixture")]
mod office;

use std::collections::BTreeSet;

use doorward::{
    Caller, ConfigureTenant, Denied, EditLevels, EditMemberDetails, Error, Fault, FormVersion,
    Grant, ManageMembers, OwnAccount, ViewAccess,
    access::{
        Access, AccessRejection, Details, DisableRejection, FeaturesRejection, MembershipStatus,
        Reach, RemoveRejection, RestoreRejection, WindowRejection,
    },
    identity::Session,
    types::{Levels, MembershipId, Offer, RequestId, Switches, Window},
};
use office::{Member, NOW, Office, block_on, kind, name, set};
use time::Duration;

fn version(office: &Office, member: MembershipId) -> FormVersion {
    let permit = office.admin(ManageMembers);
    block_on(office.door.member(&permit, member))
        .unwrap()
        .version
}

fn levels(levels: Levels) -> Access {
    Access {
        role: None,
        levels,
        switches: Switches::new(),
    }
}

fn remove(
    office: &Office,
    by: &Session,
    member: MembershipId,
) -> Result<(), Error<RemoveRejection>> {
    let permit = office.permit(by, ManageMembers);
    block_on(office.door.remove_member(permit, member))
}

fn disable(
    office: &Office,
    by: &Session,
    member: MembershipId,
) -> Result<(), Error<DisableRejection>> {
    let permit = office.permit(by, ManageMembers);
    block_on(office.door.disable_access(permit, member))
}

/// A manager of users who may give only what they hold.
fn manager(office: &Office) -> Member {
    let held = set([("manage_users", Reach::Any), ("view_records", Reach::Any)]);
    let permit = office.admin(EditLevels);
    let level = block_on(office.door.create_level(permit, name("Manager"), held)).unwrap();
    office.staff("max@example.org", Levels::from([level]))
}

/// Design 4: "Edits are previewable: every change yields `{gained, lost}` before it is committed."
#[test]
fn a_preview_shows_what_the_form_then_does() {
    let office = Office::open();
    let (billing, all) = (office.created.levels[0], office.created.levels[1]);
    let member = office
        .staff("sam@example.org", Levels::from([billing]))
        .joined
        .membership;
    let access = levels(Levels::from([all]));
    let permit = office.admin(ManageMembers);
    let preview = office.door.preview_access(&permit, member, access.clone());
    let difference = block_on(preview).unwrap();
    assert_eq!(difference.gained.reach("edit_records"), Some(Reach::Any));
    assert!(difference.lost.is_empty());
    let edit = office
        .door
        .edit_access(permit, member, version(&office, member), access);
    block_on(edit).unwrap();
    let entry = office.entries().pop().unwrap();
    assert_eq!(entry["action"], "membership.update");
    assert!(
        entry["facts"]["gained"]
            .to_string()
            .contains("edit_records")
    );
    let permit = office.admin(ManageMembers);
    let again = office
        .door
        .preview_access(&permit, member, levels(Levels::from([all])));
    assert!(block_on(again).unwrap().is_empty());
}

/// HomeTrak: "If you do not apply Security Levels to an Office Staff user, they will have full
/// access"; design 4: "later removals leave an empty assignment, never `Unrestricted`".
#[test]
fn taking_the_last_level_away_leaves_the_baseline_and_not_full_access() {
    let office = Office::open();
    let billing = office.created.levels[0];
    let member = office.staff("sam@example.org", Levels::from([billing]));
    let id = member.joined.membership;
    let permit = office.admin(ManageMembers);
    let none = office
        .door
        .set_levels(permit, id, version(&office, id), Levels::none());
    block_on(none).unwrap();
    let read = block_on(office.door.member(&office.admin(ManageMembers), id)).unwrap();
    assert_eq!(read.value.levels(), &Levels::none());
    let denied = office
        .door
        .authorise(Caller::from(&member.session), ViewAccess);
    assert!(matches!(block_on(denied), Err(Error::Denied(_))));
}

/// Design 2: forms fail with `Stale`.
#[test]
fn a_form_over_access_fails_where_somebody_else_saved_first() {
    let office = Office::open();
    let (billing, all) = (office.created.levels[0], office.created.levels[1]);
    let member = office
        .staff("sam@example.org", Levels::from([billing]))
        .joined
        .membership;
    let read = version(&office, member);
    let save = |levels: Levels| {
        let permit = office.admin(ManageMembers);
        block_on(office.door.set_levels(permit, member, read, levels))
    };
    save(Levels::from([all])).unwrap();
    assert!(matches!(
        save(Levels::none()),
        Err(Error::Fault(Fault::Stale { what: "member" }))
    ));
}

/// Design 3: the same request answers the first outcome; another one under its id is refused.
#[test]
fn a_request_that_is_sent_again_does_nothing_again() {
    let office = Office::open();
    let member = office
        .staff("sam@example.org", Levels::none())
        .joined
        .membership;
    let request = RequestId::made_at(NOW, [3; 10]);
    let disable = |member| {
        let permit = office.admin(ManageMembers).for_request(request);
        block_on(office.door.disable_access(permit, member))
    };
    disable(member).unwrap();
    let count = office.actions().len();
    disable(member).unwrap();
    assert_eq!(office.actions().len(), count);
    let other = disable(office.admin.membership);
    assert!(matches!(other, Err(Error::Fault(Fault::RequestReused))));
}

/// Design 4: "each gain must lie within what the actor may give".
#[test]
fn a_manager_gives_what_they_hold_and_nothing_above() {
    let office = Office::open();
    let manager = manager(&office);
    let billing = office.created.levels[0];
    let member = office
        .staff("sam@example.org", Levels::none())
        .joined
        .membership;
    let give = |levels: Levels| {
        let permit = office.permit(&manager.session, ManageMembers);
        let read = version(&office, member);
        block_on(office.door.set_levels(permit, member, read, levels))
    };
    assert!(matches!(
        give(Levels::from([billing])),
        Err(Error::Rejected(AccessRejection::Above(_)))
    ));
    assert!(matches!(
        give(Levels::Unrestricted),
        Err(Error::Rejected(AccessRejection::Above(above))) if above.unrestricted
    ));
    let held = block_on(
        office
            .door
            .member(&office.admin(ManageMembers), manager.joined.membership),
    );
    give(held.unwrap().value.levels().clone()).unwrap();
}

/// Design 4: "Only `Everything` may gain by an own act, flagged self-granted."
#[test]
fn a_manager_cannot_widen_their_own_access() {
    let office = Office::open();
    let manager = manager(&office);
    let id = manager.joined.membership;
    let permit = office.permit(&manager.session, ManageMembers);
    let wider = office
        .door
        .set_levels(permit, id, version(&office, id), Levels::Unrestricted);
    assert!(matches!(
        block_on(wider),
        Err(Error::Rejected(AccessRejection::Above(_)))
    ));
    let entry = office.entries().pop().unwrap();
    assert_eq!(entry["action"], "act.refuse");
    assert_eq!(entry["outcome"]["reason"], "above", "{entry}");
}

/// Design 9.6: "Changing a person's kind asks for levels anew and never carries `Unrestricted` over";
/// design 6: the access epoch rises, so sessions end.
#[test]
fn a_change_of_kind_asks_for_access_anew_and_ends_sessions() {
    let office = Office::open();
    let member = office.staff("sam@example.org", Levels::Unrestricted);
    let id = member.joined.membership;
    let change = |access: Access| {
        let (permit, read) = (office.admin(ManageMembers), version(&office, id));
        block_on(
            office
                .door
                .change_kind(permit, id, read, kind("user"), access),
        )
    };
    assert!(matches!(
        change(levels(Levels::Unrestricted)),
        Err(Error::Rejected(AccessRejection::Unfit(_)))
    ));
    change(Access {
        role: Some("clinical".parse().unwrap()),
        ..levels(Levels::none())
    })
    .unwrap();
    let ended = office
        .door
        .authorise(Caller::from(&member.session), OwnAccount);
    assert!(matches!(
        block_on(ended),
        Err(Error::Denied(Denied::Session(_)))
    ));
}

/// ALIS: "Disable Access: Immediately revoke the user's ability to log in"; design 9.2: "enable
/// restores it".
#[test]
fn disabling_ends_sessions_at_once_and_restoring_lets_in_again() {
    let office = Office::open();
    let member = office.staff("sam@example.org", Levels::none());
    let id = member.joined.membership;
    disable(&office, &office.admin, id).unwrap();
    let ended = office
        .door
        .authorise(Caller::from(&member.session), OwnAccount);
    assert!(matches!(
        block_on(ended),
        Err(Error::Denied(Denied::Session(_)))
    ));
    assert!(office.sign_in(office.tenant, "sam@example.org").is_none());
    assert!(matches!(
        disable(&office, &office.admin, id),
        Err(Error::Rejected(DisableRejection::AlreadyDisabled { .. }))
    ));
    let restore = || {
        let permit = office.admin(ManageMembers);
        block_on(office.door.restore_access(permit, id))
    };
    restore().unwrap();
    assert!(office.sign_in(office.tenant, "sam@example.org").is_some());
    assert!(matches!(
        restore(),
        Err(Error::Rejected(RestoreRejection::NotDisabled))
    ));
}

/// Kalix: "Remove User"; design 3: "a returning person revives nothing".
#[test]
fn a_removed_member_is_out_and_returns_as_a_new_member() {
    let office = Office::open();
    let all = office.created.levels[1];
    let member = office.staff("sam@example.org", Levels::from([all]));
    let id = member.joined.membership;
    remove(&office, &office.admin, id).unwrap();
    assert!(office.sign_in(office.tenant, "sam@example.org").is_none());
    let permit = office.admin(ManageMembers);
    let read = block_on(office.door.member(&permit, id)).unwrap().value;
    assert!(matches!(read.status(), MembershipStatus::Removed { .. }));
    assert!(matches!(
        remove(&office, &office.admin, id),
        Err(Error::Rejected(RemoveRejection::AlreadyRemoved { .. }))
    ));
    // The account exists, so the person accepts signed in: there is a place to sign in to elsewhere
    // only, and here the invitation waits for them.
    let form = doorward::NewInvitation {
        address: office::email("sam@example.org"),
        person: None,
        name: None,
        offer: Offer::of(kind("staff")),
        sworn: Default::default(),
    };
    let invited = office.door.invite(office.admin(doorward::Invite), form);
    assert!(
        block_on(invited).is_ok(),
        "the address is no member's any more"
    );
}

/// Design 4: "The last member who can administer a tenant cannot be removed, demoted, disabled or let
/// expire"; Kalix: the last Director stays (design 9.5).
#[test]
fn the_last_administrator_cannot_be_removed_disabled_demoted_or_let_expire() {
    let office = Office::open();
    let billing = office.created.levels[0];
    office.staff("sam@example.org", Levels::from([billing]));
    let id = office.admin.membership;
    assert!(matches!(
        remove(&office, &office.admin, id),
        Err(Error::Rejected(RemoveRejection::LastAdministrator))
    ));
    assert!(matches!(
        disable(&office, &office.admin, id),
        Err(Error::Rejected(DisableRejection::LastAdministrator))
    ));
    let demote = office.door.set_levels(
        office.admin(ManageMembers),
        id,
        version(&office, id),
        Levels::from([billing]),
    );
    assert!(matches!(
        block_on(demote),
        Err(Error::Rejected(AccessRejection::LastAdministrator))
    ));
    let expire = office.door.set_member_window(
        office.admin(ManageMembers),
        id,
        version(&office, id),
        Window::between(NOW, NOW + Duration::days(30)).unwrap(),
    );
    assert!(matches!(
        block_on(expire),
        Err(Error::Rejected(WindowRejection::LastAdministrator))
    ));
    let change = office.door.change_kind(
        office.admin(ManageMembers),
        id,
        version(&office, id),
        kind("resident"),
        levels(Levels::none()),
    );
    assert!(matches!(
        block_on(change),
        Err(Error::Rejected(AccessRejection::LastAdministrator))
    ));
}

#[test]
fn an_administrator_can_go_where_another_stays() {
    let office = Office::open();
    let director = office.user("kim@example.org", "director");
    let id = office.admin.membership;
    remove(&office, &director.session, id).unwrap();
    assert!(matches!(
        remove(&office, &director.session, director.joined.membership),
        Err(Error::Rejected(RemoveRejection::LastAdministrator))
    ));
}

/// Design 3: who stays must be active: "both active, window without end".
#[test]
fn a_disabled_or_expiring_administrator_does_not_count_as_staying() {
    let office = Office::open();
    let director = office.user("kim@example.org", "director").joined.membership;
    let ends = Window::between(NOW, NOW + Duration::days(30)).unwrap();
    let window = office.door.set_member_window(
        office.admin(ManageMembers),
        director,
        version(&office, director),
        ends,
    );
    block_on(window).unwrap();
    let id = office.admin.membership;
    assert!(matches!(
        remove(&office, &office.admin, id),
        Err(Error::Rejected(RemoveRejection::LastAdministrator))
    ));
    let window = office.door.set_member_window(
        office.admin(ManageMembers),
        director,
        version(&office, director),
        Window::since(NOW),
    );
    block_on(window).unwrap();
    disable(&office, &office.admin, director).unwrap();
    assert!(matches!(
        remove(&office, &office.admin, id),
        Err(Error::Rejected(RemoveRejection::LastAdministrator))
    ));
}

/// Design 4, "also under races": both read that the other stays; one of them is refused.
#[test]
fn two_administrators_who_remove_each_other_at_once_leave_one() {
    let office = Office::open();
    let director = office.user("kim@example.org", "director");
    let (first, second) = (office.admin.membership, director.joined.membership);
    let other = office.second_process();
    let permit = office.permit(&director.session, ManageMembers);
    office.at_draw(0, move || {
        block_on(other.remove_member(permit, first)).unwrap();
    });
    let refused = remove(&office, &office.admin, second);
    assert!(office.has_run());
    // The first one is decided again, and is nobody's any more.
    assert!(
        matches!(refused, Err(Error::Denied(Denied::Session(_)))),
        "{refused:?}"
    );
    let permit = office.permit(&director.session, ManageMembers);
    assert!(
        block_on(office.door.member(&permit, second))
            .unwrap()
            .value
            .is_active()
    );
}

/// Design 4, "also under races": each relies on the other to stay.
#[test]
fn two_administrators_who_leave_at_once_leave_one() {
    let office = Office::open();
    let director = office.user("kim@example.org", "director");
    let (first, second) = (office.admin.membership, director.joined.membership);
    let other = office.second_process();
    let permit = office.permit(&director.session, ManageMembers);
    office.at_draw(0, move || {
        block_on(other.remove_member(permit, second)).unwrap();
    });
    let refused = remove(&office, &office.admin, first);
    assert!(office.has_run());
    assert!(matches!(
        refused,
        Err(Error::Rejected(RemoveRejection::LastAdministrator))
    ));
}

/// A permit is a proof of what was read: the commit guards the actor's own records.
#[test]
fn whoever_is_demoted_meanwhile_removes_nobody() {
    let office = Office::open();
    let director = office.user("kim@example.org", "director");
    let id = director.joined.membership;
    let (first, read) = (office.admin.membership, version(&office, id));
    let other = office.second_process();
    let permit = office.admin(ManageMembers);
    let demoted = Access {
        role: Some("clinical".parse().unwrap()),
        ..levels(Levels::none())
    };
    office.at_draw(0, move || {
        block_on(other.edit_access(permit, id, read, demoted)).unwrap();
    });
    let refused = remove(&office, &director.session, first);
    assert!(office.has_run());
    assert!(matches!(refused, Err(Error::Denied(Denied::Access(_)))));
}

/// HomeTrak: "Remove User Interface Features ... applies to the desktop application only".
#[test]
fn hiding_features_changes_the_list_and_refuses_unknown_ones() {
    let office = Office::open();
    let id = office
        .staff("sam@example.org", Levels::none())
        .joined
        .membership;
    let hide = |feature: &str| {
        let hidden = BTreeSet::from([feature.parse().unwrap()]);
        let (permit, read) = (office.admin(ManageMembers), version(&office, id));
        block_on(office.door.hide_features(permit, id, read, hidden))
    };
    hide("billing").unwrap();
    let read = block_on(office.door.member(&office.admin(ManageMembers), id)).unwrap();
    assert_eq!(read.value.hidden().len(), 1);
    assert!(matches!(
        hide("teleport"),
        Err(Error::Rejected(FeaturesRejection::Unknown { .. }))
    ));
}

/// Kalix: "edit other users' My Details page", by Directors; one's own by everybody.
#[test]
fn members_edit_their_own_details_and_administrators_those_of_others() {
    let office = Office::open();
    let member = office.staff("sam@example.org", Levels::none());
    let details = |title: &str| Details {
        name: Some(name("Sam Oduya")),
        title: Some(name(title)),
        ..Details::default()
    };
    let own = office.permit(&member.session, OwnAccount);
    let read = block_on(office.door.own_details(&own)).unwrap();
    block_on(
        office
            .door
            .edit_own_details(own, read.version, details("Nurse")),
    )
    .unwrap();
    let permit = office.admin(EditMemberDetails);
    let id = member.joined.membership;
    let read = block_on(office.door.member_details(&permit, id)).unwrap();
    assert_eq!(read.value, details("Nurse"));
    let edit = office
        .door
        .edit_member_details(permit, id, read.version, details("Head nurse"));
    block_on(edit).unwrap();
    let refused = office
        .door
        .authorise(Caller::from(&member.session), EditMemberDetails);
    assert!(matches!(block_on(refused), Err(Error::Denied(_))));
}

/// ASVS 8.4.1.
#[test]
fn a_member_of_another_tenant_is_unknown() {
    let office = Office::open();
    let stranger = office.another_tenant();
    let foreign = stranger.joined.membership;
    let unknown = remove(&office, &office.admin, foreign);
    assert!(matches!(
        unknown,
        Err(Error::Fault(Fault::Unknown { what: "member" }))
    ));
    let permit = office.admin(Grant);
    assert_eq!(permit.tenant(), office.tenant);
    let settings = block_on(office.door.settings(&office.admin(ConfigureTenant))).unwrap();
    assert_eq!(settings.name, name("Harbour House"));
}
