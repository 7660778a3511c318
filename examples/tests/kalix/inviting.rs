//! Kalix, "Inviting New Users to Your Account" and "Revoke or Resend Pending Invitations".

use doorward::{
    EditMemberDetails, Invite, InviteRejection, ManageGroups, ManageMembers, OpenSupport,
    ViewAccess,
    access::FitRejection,
    invitations::{IssueRejection, ResendRejection, RevokeRejection, Status, TokenRefusal},
    mailer::Mail,
    storage::Limit,
    types::Switch,
};
use doorward_examples::world;
use pollster::FutureExt as _;
use time::Duration;

use crate::{fixture::*, practice::*, table::ROLES};

const CLIO: &str = "clio@harbour.example";

fn pending(practice: &Practice) -> Vec<(String, Status, Option<i64>)> {
    let permit = practice.house.permit(ViewAccess);
    let door = &practice.house.door;
    let page = door.pending_invitations(&permit, None, Limit::MAX);
    let rows = page.block_on().unwrap().rows;
    rows.iter()
        .map(|row| (row.address.to_string(), row.status, row.expires_in_days()))
        .collect()
}

/// Kalix: "add unlimited users to your Kalix account".
#[test]
fn nothing_counts_the_users_of_a_practice() {
    let practice = Practice::open();
    for n in 0..120 {
        let address = format!("user{n}@harbour.example");
        practice.invite(&address, ROLES[n % 4], &[]).unwrap();
    }
    assert_eq!(pending(&practice).len(), 120);
}

/// Kalix: "If you have the role of director, you can invite other users to your account", and "Add/Remove
/// Users: No, No, No, Full Access".
#[test]
fn directors_invite_change_and_remove_users_and_nobody_else_does() {
    let practice = Practice::open();
    for (name, role) in [
        ("clio", "clinical"),
        ("sam", "supervisor"),
        ("ada", "administrative"),
    ] {
        let user = practice.user(name, role, &[]);
        assert!(practice.is_denied(&user, Invite), "{role}");
        assert!(practice.is_denied(&user, ManageMembers), "{role}");
        assert!(practice.is_denied(&user, ManageGroups), "{role}");
        assert!(practice.is_denied(&user, EditMemberDetails), "{role}");
        assert!(practice.is_denied(&user, ViewAccess), "{role}");
        assert!(practice.is_denied(&user, OpenSupport), "{role}");
    }
    let second = practice.user("dora", "director", &[]);
    practice.house.permit_of(&second, Invite);
    practice.house.permit_of(&second, ManageMembers);
}

/// Kalix: "enter the new user's log-in email and select their access level or role", with the permissions
/// that are selected at first (design 9.3).
#[test]
fn the_form_offers_the_four_roles_each_with_its_permissions_selected() {
    let practice = Practice::open();
    let permit = practice.house.permit(Invite);
    let kind = "practice_user".parse().unwrap();
    let form = practice.house.door.invite_form_of(&permit, &kind);
    let form = form.block_on().unwrap();
    let roles: Vec<_> = form
        .roles
        .iter()
        .map(|choice| choice.role.as_str())
        .collect();
    assert_eq!(roles, ROLES);
    for choice in &form.roles {
        assert_eq!(choice.switches, practice.preselected(choice.role.as_str()));
        let only_clinical = choice.role.as_str() == "clinical";
        let count = if only_clinical { 10 } else { 9 };
        assert_eq!(choice.switches.len(), count, "{}", choice.role);
    }
    assert_eq!(form.lifetime.duration(), Duration::days(7));
    assert_eq!(form.statement, None, "nothing is sworn for a colleague");
}

/// Kalix: "Enable and disable the desired Permissions", which are what the user joins with.
#[test]
fn permissions_changed_in_the_form_are_those_the_user_joins_with() {
    let practice = Practice::open();
    let changed = [
        ("access_billing", Switch::Off),
        ("edit_all_tasks", Switch::On),
    ];
    practice.user("clio", "clinical", &changed);
    let users = practice.users();
    let clio = users
        .iter()
        .find(|row| row.role.as_ref().unwrap().as_str() == "clinical");
    let mut expected = practice.preselected("clinical");
    expected.extend(set(&changed));
    assert_eq!(clio.unwrap().switches, expected);
}

/// Kalix: "supported for Clinical Users only" (design 9.4).
#[test]
fn assigned_clients_alone_can_be_chosen_for_clinical_users_alone() {
    let practice = Practice::open();
    let only = [("access_only_assigned_clients", Switch::On)];
    for role in ["supervisor", "administrative", "director"] {
        let refused = practice.invite(CLIO, role, &only).unwrap_err();
        let unfit = InviteRejection::Offer(FitRejection::UnsupportedSwitch {
            switch: only[0].0.parse().unwrap(),
        });
        assert_eq!(refused, unfit, "{role}");
    }
    practice.invite(CLIO, "clinical", &only).unwrap();
}

/// Kalix: "Click on Save to invite" and "You should now see the new user as a pending invitation".
#[test]
fn saving_sends_one_mail_and_shows_a_pending_invitation() {
    let practice = Practice::open();
    practice.invite(CLIO, "clinical", &[]).unwrap();
    assert_eq!(
        pending(&practice),
        [(CLIO.to_owned(), Status::Invited, Some(7))]
    );
    let mails = practice.house.post();
    assert_eq!(mails.len(), 1);
    assert!(is_to(&mails[0], CLIO));
}

/// Kalix: "pending invitations expire after seven days", to the microsecond (design 9.1).
#[test]
fn a_pending_invitation_expires_after_seven_days() {
    let practice = Practice::open();
    practice.invite(CLIO, "clinical", &[]).unwrap();
    let link = practice.house.link_to(CLIO);
    practice
        .house
        .pass(Duration::days(7) - Duration::MICROSECOND);
    let door = &practice.house.door;
    assert!(door.inspect_invitation(&link).block_on().is_ok());
    practice.house.pass(Duration::MICROSECOND);
    let late = door.inspect_invitation(&link).block_on();
    assert!(matches!(
        rejected(late.unwrap_err()),
        TokenRefusal::Expired { .. }
    ));
    assert_eq!(
        pending(&practice),
        [(CLIO.to_owned(), Status::Expired, None)]
    );
}

/// Kalix: "If an invited user does not accept their invitation before this time period is up, you will need
/// to send a new invitation."
#[test]
fn an_expired_invitation_is_not_resent_and_a_new_one_takes_its_place() {
    let practice = Practice::open();
    let first = practice.invite(CLIO, "clinical", &[]).unwrap();
    practice.house.post();
    practice.house.pass(Duration::days(7));
    let permit = practice.house.permit(Invite);
    let resent = practice
        .house
        .door
        .resend_invitation(permit, first.invitation);
    assert!(matches!(
        rejected(resent.block_on().unwrap_err()),
        InviteRejection::Rule(ResendRejection::Expired { .. })
    ));
    let second = practice.invite(CLIO, "supervisor", &[]).unwrap();
    assert_ne!(first.invitation, second.invitation);
    assert_eq!(
        pending(&practice),
        [(CLIO.to_owned(), Status::Invited, Some(7))]
    );
    let link = practice.house.link_to(CLIO);
    practice.house.accept(&link, "Clio Marsh");
    assert_eq!(pending(&practice), []);
}

/// Kalix: "Revoke invitation - removes the invited user's ability to accept the pending invitation".
#[test]
fn a_revoked_invitation_can_be_accepted_no_more() {
    let practice = Practice::open();
    let invited = practice.invite(CLIO, "clinical", &[]).unwrap();
    let link = practice.house.link_to(CLIO);
    let revoke = || {
        let permit = practice.house.permit(Invite);
        let door = &practice.house.door;
        door.revoke_invitation(permit, invited.invitation)
            .block_on()
    };
    revoke().unwrap();
    let door = &practice.house.door;
    let refused = door.inspect_invitation(&link).block_on().unwrap_err();
    assert_eq!(rejected(refused), TokenRefusal::Unusable);
    assert_eq!(pending(&practice), []);
    let again: RevokeRejection = rejected(revoke().unwrap_err());
    assert!(!again.to_string().is_empty());
}

/// Kalix: "Resend invitation - can resend an invitation to an invited user e.g., if you have lost their
/// invitation"; design 5: the old link is superseded and the clock begins anew.
#[test]
fn a_resent_invitation_brings_a_new_link_and_seven_new_days() {
    let practice = Practice::open();
    let invited = practice.invite(CLIO, "clinical", &[]).unwrap();
    let old = practice.house.link_to(CLIO);
    practice.house.pass(Duration::days(5));
    let permit = practice.house.permit(Invite);
    let door = &practice.house.door;
    let resent = door.resend_invitation(permit, invited.invitation);
    let resent = resent.block_on().unwrap();
    assert_eq!(resent.invitation, invited.invitation, "it is the same one");
    assert_eq!(
        pending(&practice),
        [(CLIO.to_owned(), Status::Invited, Some(7))]
    );
    let refused = door.inspect_invitation(&old).block_on().unwrap_err();
    assert!(matches!(rejected(refused), TokenRefusal::Superseded { .. }));
    let mail: Mail = practice.house.mail_to(CLIO);
    practice
        .house
        .accept(world::link(&mail).unwrap(), "Clio Marsh");
}

/// Kalix names one pending invitation a user: a second one to the same email is refused (design 5).
#[test]
fn a_pending_invitation_is_resent_or_revoked_and_not_doubled() {
    let practice = Practice::open();
    let first = practice.invite(CLIO, "clinical", &[]).unwrap();
    let twice = practice.invite("CLIO@harbour.example", "director", &[]);
    assert_eq!(
        twice.unwrap_err(),
        InviteRejection::Rule(IssueRejection::AlreadyOpen {
            invitation: first.invitation
        })
    );
}
