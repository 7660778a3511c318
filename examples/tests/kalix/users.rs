//! Kalix, "Viewing Users in Your Account", "Modifying User Access & Permissions", "Removing Users" and
//! "Editing Other Users' My Details Page".

use doorward::{
    Denied, EditMemberDetails, Error, Fault, ManageMembers, OwnAccount,
    access::{Access, AccessRejection, DisableRejection, Record, RemoveRejection},
    identity::{Session, SessionEnded},
    types::{Levels, MembershipId, Switch, Switches},
};
use doorward_examples::kalix::Kalix;
use pollster::FutureExt as _;

use crate::{fixture::*, practice::*};

fn remove(practice: &Practice, member: MembershipId) -> Result<(), RemoveRejection> {
    let permit = practice.house.permit(ManageMembers);
    let removed = practice.house.door.remove_member(permit, member).block_on();
    removed.map_err(rejected)
}

/// Kalix: "You can view the other users in your account via the User Management page".
#[test]
fn the_section_users_shows_who_is_in_the_account_with_role_and_permissions() {
    let practice = Practice::open();
    practice.user("clio", "clinical", &[("access_billing", Switch::Off)]);
    practice.user("ada", "administrative", &[]);
    let users = practice.users();
    let row = |at: usize| {
        let row = &users[at];
        let billing = row.switches["access_billing"];
        let email = row.email.as_ref().unwrap().to_string();
        (email, row.role.as_ref().unwrap().to_string(), billing)
    };
    let expected = |email: &str, role: &str, billing| (email.to_owned(), role.to_owned(), billing);
    assert_eq!(row(0), expected(DANA, "director", Switch::On));
    assert_eq!(
        row(1),
        expected("clio@harbour.example", "clinical", Switch::Off)
    );
    assert_eq!(
        row(2),
        expected("ada@harbour.example", "administrative", Switch::On)
    );
    assert_eq!(users.len(), 3);
}

/// Kalix: "Directors can modify other users' permissions and roles (access level) within their accounts";
/// what is changed holds at the next check, without a new log-in (design 6).
#[test]
fn a_director_changes_role_and_permissions_and_that_holds_at_once() {
    let practice = Practice::open();
    let clio = practice.user("clio", "clinical", &[]);
    let (own, other) = (Record::by(clio.membership), Record::UNOWNED);
    assert!(!practice.may(&clio, Kalix::EDIT_APPOINTMENTS, &other));
    let mut supervisor = practice.preselected("supervisor");
    supervisor.insert("access_billing".parse().unwrap(), Switch::Off);
    practice
        .edit_access(clio.membership, "supervisor", supervisor)
        .unwrap();
    assert!(practice.may(&clio, Kalix::EDIT_APPOINTMENTS, &other));
    assert!(!practice.may(&clio, Kalix::VIEW_BILLS, &own));
    let back = set(&[("access_billing", Switch::On)]);
    practice
        .edit_access(clio.membership, "supervisor", back)
        .unwrap();
    assert!(practice.may(&clio, Kalix::VIEW_BILLS, &own));
}

/// Kalix: "You can change the user's role ... Under Permissions, select or unselect various options";
/// design 9.4: a new role names them all and shows what is gained.
#[test]
fn a_new_role_names_every_permission_and_shows_what_it_would_give() {
    let practice = Practice::open();
    let clio = practice.user("clio", "clinical", &[]);
    let unnamed = practice.edit_access(clio.membership, "director", Switches::new());
    assert!(matches!(
        unnamed,
        Err(AccessRejection::SwitchNotNamed { .. })
    ));
    let access = Access {
        role: Some("director".parse().unwrap()),
        levels: Levels::none(),
        switches: practice.preselected("director"),
    };
    let permit = practice.house.permit(ManageMembers);
    let door = &practice.house.door;
    let shown = door
        .preview_access(&permit, clio.membership, access)
        .block_on()
        .unwrap();
    assert!(shown.gained.reach("manage_users").is_some() && shown.lost.is_empty());
    assert!(
        practice.is_denied(&clio, ManageMembers),
        "showing gives nothing"
    );
}

/// Kalix: "Access Only Assigned Clients ... supported for Clinical Users only"; design 9.4: dropped with an
/// event when the role changes.
#[test]
fn the_limit_to_assigned_clients_goes_with_the_clinical_role() {
    let practice = Practice::open();
    let only = [("access_only_assigned_clients", Switch::On)];
    let clio = practice.user("clio", "clinical", &only);
    let client = Record::of(practice.client(&practice.house.admin, "Ines Duarte"));
    assert!(!practice.may(&clio, Kalix::VIEW_CLIENTS, &client));
    let supervisor = practice.preselected("supervisor");
    practice
        .edit_access(clio.membership, "supervisor", supervisor)
        .unwrap();
    assert!(practice.may(&clio, Kalix::VIEW_CLIENTS, &client));
    let edited = practice.entries("membership.update").remove(0);
    let mut facts = edited.facts().iter();
    assert!(facts.any(|(name, also)| {
        name.as_str() == "also" && also.to_string().contains("membership.drop_switch")
    }));
}

/// Design 2: a window that was opened before somebody else saved is refused, not merged.
#[test]
fn a_stale_edit_user_access_window_is_refused() {
    let practice = Practice::open();
    let clio = practice.user("clio", "clinical", &[]);
    let old = practice.version(clio.membership);
    let off = set(&[("access_documents", Switch::Off)]);
    practice
        .edit_access(clio.membership, "clinical", off.clone())
        .unwrap();
    let access = Access {
        role: Some("clinical".parse().unwrap()),
        levels: Levels::none(),
        switches: off,
    };
    let permit = practice.house.permit(ManageMembers);
    let door = &practice.house.door;
    let late = door
        .edit_access(permit, clio.membership, old, access)
        .block_on();
    assert!(matches!(late, Err(Error::Fault(Fault::Stale { .. }))));
}

/// Design 9.5: "the last Director stays".
#[test]
fn the_last_director_is_neither_removed_demoted_nor_disabled() {
    let practice = Practice::open();
    let dana = practice.house.admin.membership;
    practice.user("ada", "administrative", &[]);
    assert_eq!(
        remove(&practice, dana),
        Err(RemoveRejection::LastAdministrator)
    );
    let clinical = practice.preselected("clinical");
    let demoted = practice.edit_access(dana, "clinical", clinical);
    assert_eq!(demoted, Err(AccessRejection::LastAdministrator));
    let permit = practice.house.permit(ManageMembers);
    let disabled = practice.house.door.disable_access(permit, dana).block_on();
    assert_eq!(
        rejected(disabled.unwrap_err()),
        DisableRejection::LastAdministrator
    );
    practice.user("dora", "director", &[]);
    assert_eq!(remove(&practice, dana), Ok(()), "now there is another one");
}

/// Kalix: "To remove a user from your account, click on the Remove User button".
#[test]
fn a_removed_user_is_out_at_once() {
    let practice = Practice::open();
    let clio = practice.user("clio", "clinical", &[]);
    assert_eq!(remove(&practice, clio.membership), Ok(()));
    let resumed = practice.house.door.resume(&clio).block_on();
    assert!(matches!(
        resumed,
        Err(Error::Denied(Denied::Session(SessionEnded::AccessChanged)))
    ));
    assert!(
        practice
            .house
            .try_portal("clio@harbour.example", PASSWORD)
            .is_err()
    );
    assert_eq!(practice.users().len(), 1);
}

fn rename(
    practice: &Practice,
    by: &Session,
    member: MembershipId,
    name: &str,
) -> Result<(), Error<doorward::access::DetailsRejection>> {
    let door = &practice.house.door;
    let permit = practice.house.permit_of(by, EditMemberDetails);
    let form = door.member_details(&permit, member).block_on()?;
    let mut details = form.value;
    details.name = Some(display(name));
    door.edit_member_details(permit, member, form.version, details)
        .block_on()
}

/// Kalix: "If you are your account director, Kalix also allows you to edit other users' My Details page".
#[test]
fn a_director_edits_the_details_of_others_and_users_their_own() {
    let practice = Practice::open();
    let clio = practice.user("clio", "clinical", &[]);
    rename(
        &practice,
        &practice.house.admin,
        clio.membership,
        "Clio Marsh",
    )
    .unwrap();
    assert_eq!(practice.users()[1].name, Some(display("Clio Marsh")));
    assert!(practice.is_denied(&clio, EditMemberDetails));

    let door = &practice.house.door;
    let permit = practice.house.permit_of(&clio, OwnAccount);
    let form = door.own_details(&permit).block_on().unwrap();
    let mut details = form.value;
    details.title = Some(display("Dietitian"));
    door.edit_own_details(permit, form.version, details)
        .block_on()
        .unwrap();
    assert_eq!(practice.users()[1].title, Some(display("Dietitian")));
    assert_eq!(practice.entries("membership.details_edit").len(), 2);
}
