//! Edits of levels and profiles while somebody is given them: nobody gains unjudged (decision 0014).
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[expect(dead_code, reason = "each test file uses its part of the fixture")]
mod office;

use std::collections::BTreeSet;

use doorward::{
    Doorward, EditLevels, EditProfiles, Error, FormVersion, Grant, GrantForm, Invite,
    ManageMembers, ManagePeople, NewInvitation, NewPerson, Permit, RegisterForm,
    access::{AccessRejection, EditRejection, Gives, Reach},
    invitations::Confirmed,
    types::{
        LevelId, Levels, MembershipId, Offer, PersonId, ProfileId, RequestId, SubjectOffer, Window,
    },
};
use office::{Member, NOW, Office, PASSWORD, block_on, email, kind, name, set, statement};

type Edited = Result<(), Error<EditRejection>>;

/// An office with somebody who edits levels and profiles, and holds nothing else.
fn with_editor(gives: Gives) -> (Office, Member) {
    let office = Office::open_with(office::new_tenant(), gives);
    let held = set([("edit_levels", Reach::Any), ("edit_profiles", Reach::Any)]);
    let level = office
        .door
        .create_level(office.admin(EditLevels), name("Editors"), held);
    let level = block_on(level).unwrap();
    let editor = office.staff("ed@example.org", Levels::from([level]));
    (office, editor)
}

fn level_version(office: &Office, level: LevelId) -> FormVersion {
    let permit = office.admin(EditLevels);
    block_on(office.door.level(&permit, level)).unwrap().version
}

fn profile_version(office: &Office, profile: ProfileId) -> FormVersion {
    let permit = office.admin(EditProfiles);
    let read = block_on(office.door.profile(&permit, profile));
    read.unwrap().version
}

fn member_version(office: &Office, member: MembershipId) -> FormVersion {
    let permit = office.admin(ManageMembers);
    block_on(office.door.member(&permit, member))
        .unwrap()
        .version
}

/// Adds to "Billing" what the editor does not hold, while something else happens right before the
/// commit.
fn edit_level_while(
    office: &Office,
    editor: &Member,
    race: impl FnOnce() + Send + 'static,
) -> Edited {
    let billing = office.created.levels[0];
    let wider = set([("edit_records", Reach::Any), ("view_invoices", Reach::Any)]);
    let permit = office.permit(&editor.session, EditLevels);
    let version = level_version(office, billing);
    office.at_draw(0, race);
    let edit = office.door.edit_level(permit, billing, version, wider);
    let edited = block_on(edit);
    assert!(office.has_run());
    edited
}

/// Adds to "Family" what the editor does not hold, while something else happens right before the
/// commit.
fn edit_profile_while(
    office: &Office,
    editor: &Member,
    race: impl FnOnce() + Send + 'static,
) -> Edited {
    let family = office.created.profiles[0];
    let wider = set([
        ("view_invoices", Reach::Assigned),
        ("view_records", Reach::Assigned),
    ]);
    let permit = office.permit(&editor.session, EditProfiles);
    let version = profile_version(office, family);
    office.at_draw(0, race);
    let edit = office.door.edit_profile(permit, family, version, wider);
    let edited = block_on(edit);
    assert!(office.has_run());
    edited
}

fn is_above(edited: &Edited) -> bool {
    matches!(edited, Err(Error::Rejected(EditRejection::Above(_))))
}

/// Gives a member exactly these levels, from another process.
fn giving(
    office: &Office,
    member: MembershipId,
    levels: Levels,
) -> impl FnOnce() + Send + 'static + use<> {
    let (other, permit) = (office.second_process(), office.admin(ManageMembers));
    let version = member_version(office, member);
    move || block_on(other.set_levels(permit, member, version, levels)).unwrap()
}

/// Accepts the invitation that was mailed to this address, from another process.
fn accepting(office: &Office, address: &str) -> impl FnOnce() + Send + 'static + use<> {
    let mails = office.mails();
    let (_, text) = mails.iter().rfind(|(to, _)| to == address).unwrap();
    let link = text.lines().find(|line| line.contains("#dw1_")).unwrap();
    let (other, link) = (office.second_process(), link.to_owned());
    move || {
        let form = RegisterForm {
            name: name("New Here"),
            password: PASSWORD.to_owned().into(),
            agreed: BTreeSet::new(),
        };
        let accept = other.accept_by_link(&link, form, Confirmed::by_post(), None);
        block_on(accept).unwrap();
    }
}

fn invite(office: &Office, address: &str, offer: Offer) {
    let sworn = offer.subjects().iter();
    let sworn = sworn.map(|row| (row.subject, statement())).collect();
    let form = NewInvitation {
        address: email(address),
        person: None,
        name: None,
        offer,
        sworn,
    };
    block_on(office.door.invite(office.admin(Invite), form)).unwrap();
}

fn resident(office: &Office) -> PersonId {
    let person = NewPerson {
        kind: kind("resident"),
        name: name("Rose Ruiz"),
        email: None,
        cell: None,
        note: Default::default(),
        reference: None,
        data: Default::default(),
    };
    let recorded = office
        .door
        .record_person(office.admin(ManagePeople), person);
    block_on(recorded).unwrap()
}

fn contact_of(subject: PersonId, profile: ProfileId) -> Offer {
    let row = SubjectOffer {
        subject: subject.into(),
        profile,
        window: Window::since(NOW),
    };
    Offer::of(kind("contact")).with_subject(row).unwrap()
}

fn grant(
    door: &Doorward,
    permit: Permit<Grant>,
    member: MembershipId,
    subject: PersonId,
    profile: ProfileId,
) {
    let form = GrantForm {
        member,
        subject: subject.into(),
        profile,
        window: Window::since(NOW),
        sworn: Some(statement()),
    };
    block_on(door.grant(permit, form)).unwrap();
}

/// Design 4: "what each distinct combination of holders gains", also of who holds it since a moment.
#[test]
fn a_level_is_edited_with_those_who_are_given_it_meanwhile_judged() {
    let (office, editor) = with_editor(Gives::Everything);
    let bob = office.staff("bob@example.org", Levels::none());
    let billing = office.created.levels[0];
    let given = giving(&office, bob.joined.membership, Levels::from([billing]));
    assert!(is_above(&edit_level_while(&office, &editor, given)));
    // Without anybody to gain, the same edit is fine: the race alone refused it.
    giving(&office, bob.joined.membership, Levels::none())();
    edit_level_while(&office, &editor, || {}).unwrap();
}

/// Design 4, the same for whoever accepts an invitation.
#[test]
fn a_level_is_edited_with_those_who_accept_it_meanwhile_judged() {
    let (office, editor) = with_editor(Gives::Everything);
    let billing = office.created.levels[0];
    let offer = Offer::of(kind("staff")).with_levels(Levels::from([billing]));
    invite(&office, "new@example.org", offer);
    let accepted = accepting(&office, "new@example.org");
    assert!(is_above(&edit_level_while(&office, &editor, accepted)));
}

/// Design 4: "each distinct combination", also one that comes about meanwhile: whoever had the added
/// permission by another level gains nothing, and gains it where that level is taken.
#[test]
fn a_level_is_edited_with_what_else_its_holders_lose_meanwhile_judged() {
    let (office, editor) = with_editor(Gives::Everything);
    let billing = office.created.levels[0];
    let held = set([("edit_records", Reach::Any)]);
    let permit = office.admin(EditLevels);
    let records = block_on(office.door.create_level(permit, name("Records"), held)).unwrap();
    let both = Levels::from([billing, records]);
    let bob = office.staff("bob@example.org", both);
    let taken = giving(&office, bob.joined.membership, Levels::from([billing]));
    assert!(is_above(&edit_level_while(&office, &editor, taken)));
}

/// Design 4: the last administrator stays, "also under races".
#[test]
fn a_level_keeps_administration_where_the_last_administrator_is_given_it_meanwhile() {
    let (office, editor) = with_editor(Gives::Held);
    let all = office.created.levels[1];
    let version = level_version(&office, all);
    let moved = giving(&office, office.admin.membership, Levels::from([all]));
    let permit = office.permit(&editor.session, EditLevels);
    office.at_draw(0, moved);
    let held = set([("edit_levels", Reach::Any)]);
    let edited = block_on(office.door.edit_level(permit, all, version, held));
    assert!(office.has_run());
    assert!(matches!(
        edited,
        Err(Error::Rejected(EditRejection::LastAdministrator))
    ));
}

/// Design 4, for profiles: a grant.
#[test]
fn a_profile_is_edited_with_those_who_are_granted_it_meanwhile_judged() {
    let (office, editor) = with_editor(Gives::Everything);
    let (rose, family) = (resident(&office), office.created.profiles[0]);
    let offer = contact_of(resident(&office), office.created.profiles[1]);
    let kim = office.member("kim@example.org", offer).joined.membership;
    let (other, permit) = (office.second_process(), office.admin(Grant));
    let granted = move || {
        grant(&other, permit, kim, rose, family);
    };
    assert!(is_above(&edit_profile_while(&office, &editor, granted)));
}

/// Design 4, for profiles: a grant that is changed to it.
#[test]
fn a_profile_is_edited_with_those_whose_grant_is_changed_to_it_meanwhile_judged() {
    let (office, editor) = with_editor(Gives::Everything);
    let (rose, family) = (resident(&office), office.created.profiles[0]);
    let held = set([("view_records", Reach::Assigned)]);
    let permit = office.admin(EditProfiles);
    let other = office.door.create_profile(permit, name("Records"), held);
    let before = block_on(other).unwrap();
    let kim = office.member("kim@example.org", contact_of(rose, before));
    let (other, permit) = (office.second_process(), office.admin(Grant));
    let listed = block_on(other.grants_of_member(&permit, kim.joined.membership)).unwrap();
    let (id, version) = (listed[0].value.id(), listed[0].version);
    let changed = move || {
        let change = other.change_grant_profile(permit, id, version, family);
        block_on(change).unwrap();
    };
    assert!(is_above(&edit_profile_while(&office, &editor, changed)));
}

/// Design 4, for profiles: an invitation.
#[test]
fn a_profile_is_edited_with_those_who_accept_it_meanwhile_judged() {
    let (office, editor) = with_editor(Gives::Everything);
    let (rose, family) = (resident(&office), office.created.profiles[0]);
    invite(&office, "new@example.org", contact_of(rose, family));
    let accepted = accepting(&office, "new@example.org");
    assert!(is_above(&edit_profile_while(&office, &editor, accepted)));
}

/// The other order: the edit is first, so what is given is judged as it is by now.
#[test]
fn a_level_that_is_edited_while_it_is_given_is_judged_again() {
    let office = Office::open();
    let billing = office.created.levels[0];
    let held = set([("manage_users", Reach::Any), ("view_invoices", Reach::Any)]);
    let permit = office.admin(EditLevels);
    let level = block_on(office.door.create_level(permit, name("Managers"), held)).unwrap();
    let manager = office.staff("max@example.org", Levels::from([level]));
    let bob = office
        .staff("bob@example.org", Levels::none())
        .joined
        .membership;
    let (other, edit) = (office.second_process(), office.admin(EditLevels));
    let (version, member) = (
        level_version(&office, billing),
        member_version(&office, bob),
    );
    let permit = office.permit(&manager.session, ManageMembers);
    office.at_draw(0, move || {
        let wider = set([("edit_records", Reach::Any), ("view_invoices", Reach::Any)]);
        block_on(other.edit_level(edit, billing, version, wider)).unwrap();
    });
    let levels = Levels::from([billing]);
    let given = block_on(office.door.set_levels(permit, bob, member, levels));
    assert!(office.has_run());
    assert!(matches!(
        given,
        Err(Error::Rejected(AccessRejection::Above(_)))
    ));
}

/// Begins the edit of "Billing" and cuts it off between its two commits, as a process that is killed.
fn cut_off(office: &Office, version: FormVersion, request: RequestId) {
    let billing = office.created.levels[0];
    let permit = office.admin(EditLevels).for_request(request);
    office.at_draw(0, || panic!("the process is killed here"));
    let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let held = set([("view_records", Reach::Any)]);
        block_on(office.door.edit_level(permit, billing, version, held))
    }));
    assert!(killed.is_err() && office.has_run());
}

/// Only the last commit carries the request key: the first binds nobody, and leaves the form good.
#[test]
fn an_edit_that_was_cut_off_is_ended_by_its_resend() {
    let office = Office::open();
    let billing = office.created.levels[0];
    let (version, request) = (
        level_version(&office, billing),
        RequestId::made_at(NOW, [7; 10]),
    );
    cut_off(&office, version, request);
    assert_eq!(level_version(&office, billing), version);
    let bob = office
        .staff("bob@example.org", Levels::from([billing]))
        .joined
        .membership;
    assert_eq!(level_version(&office, billing), version);
    let resend = || {
        let permit = office.admin(EditLevels).for_request(request);
        let held = set([("view_records", Reach::Any)]);
        block_on(office.door.edit_level(permit, billing, version, held))
    };
    resend().unwrap();
    resend().unwrap();
    assert_ne!(level_version(&office, billing), version);
    let edits = office.entries();
    let edits = edits
        .iter()
        .filter(|entry| entry["action"] == "level.update");
    let holders: Vec<_> = edits
        .map(|entry| entry["facts"]["holders"].clone())
        .collect();
    assert_eq!(holders, [1]);
    giving(&office, bob, Levels::none())();
}
