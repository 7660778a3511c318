//! Kalix, "Accepting Invitations".

use std::collections::BTreeSet;

use doorward::{
    AcceptInvitationRejection, InvitationRef, Invite, Joined, ManageGroups, ManageMembers,
    OwnAccount,
    identity::{PasswordRejection, Session},
    invitations::{AcceptRejection, Confirmed, Next},
    types::{Statement, TenantId},
};
use doorward_examples::kalix;
use pollster::FutureExt as _;

use crate::{fixture::*, practice::*};

const CLIO: &str = "clio@harbour.example";
const SAM: &str = "sam@okafor.example";

fn invited(practice: &Practice, address: &str) -> String {
    practice.invite(address, "clinical", &[]).unwrap();
    practice.house.link_to(address)
}

fn next(practice: &Practice, link: &str) -> Next {
    let inspection = practice.house.door.inspect_invitation(link).block_on();
    inspection.unwrap().next
}

fn try_register(
    practice: &Practice,
    link: &str,
    password: &str,
    agreed: impl IntoIterator<Item = Statement>,
) -> Result<Joined, AcceptInvitationRejection> {
    let form = register("Clio Marsh", password, agreed.into_iter().collect());
    let door = &practice.house.door;
    let accepted = door.accept_by_link(link, form, Confirmed::by_post(), None);
    accepted.block_on().map_err(rejected)
}

/// Kalix: "Your new user will receive an email asking them to join your account", "This email will contain a
/// web link" and "they will be taken to the Kalix Registration page".
#[test]
fn the_mail_brings_a_link_to_the_registration_page_with_both_texts() {
    let practice = Practice::open();
    practice.invite(CLIO, "clinical", &[]).unwrap();
    let mail = practice.house.mail_to(CLIO);
    assert!(
        mail.text().contains("Harbour Practice invites you to join"),
        "{}",
        mail.text()
    );
    let link = doorward_examples::world::link(&mail).unwrap();
    assert!(link.starts_with("https://kalix.example/accept#"), "{link}");
    let terms = BTreeSet::from(kalix::terms().unwrap());
    assert_eq!(next(&practice, link), Next::Register { terms });
}

/// Kalix: "They need to click on this link to join"; a mail scanner that opens it joins nobody (design 5).
#[test]
fn opening_the_link_alone_accepts_nothing() {
    let practice = Practice::open();
    let link = invited(&practice, CLIO);
    for _ in 0..3 {
        next(&practice, &link);
    }
    assert_eq!(practice.users().len(), 1, "Dana alone");
    practice.house.accept(&link, "Clio Marsh");
    assert_eq!(practice.users().len(), 2);
}

/// Kalix: "they should enter their email address, name, and a secure password".
#[test]
fn registering_takes_a_name_a_secure_password_and_the_invited_email() {
    let practice = Practice::open();
    let link = invited(&practice, CLIO);
    let terms = || kalix::terms().unwrap();
    for (weak, short) in [("kalix", true), ("clio@harbour.example", false)] {
        let refused = try_register(&practice, &link, weak, terms()).unwrap_err();
        let AcceptInvitationRejection::Password(rejection) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(
            matches!(rejection, PasswordRejection::TooShort { .. }),
            short
        );
    }
    try_register(&practice, &link, PASSWORD, terms()).unwrap();
    let users = practice.users();
    let clio = users.iter().find(|row| row.email == Some(email(CLIO)));
    assert_eq!(clio.unwrap().name, Some(display("Clio Marsh")));
}

/// Kalix: "They should read the Terms and Conditions and Privacy Policy before clicking Register."
#[test]
fn nobody_registers_without_both_texts_in_their_present_version() {
    let practice = Practice::open();
    let link = invited(&practice, CLIO);
    let [terms, privacy] = kalix::terms().unwrap();
    let old = Statement::of(privacy.name.clone(), 0, "An older policy.");
    for agreed in [vec![], vec![terms.clone()], vec![terms.clone(), old]] {
        let refused = try_register(&practice, &link, PASSWORD, agreed).unwrap_err();
        assert!(matches!(
            refused,
            AcceptInvitationRejection::Rule(AcceptRejection::TermsMissing { .. })
        ));
    }
    try_register(&practice, &link, PASSWORD, [terms, privacy]).unwrap();
    let accepted = practice.entries("invitation.accept");
    let agreed = accepted[0]
        .facts()
        .iter()
        .find(|(name, _)| name.as_str() == "agreed");
    let agreed = agreed.unwrap().1.to_string();
    assert!(agreed.contains("terms_and_conditions") && agreed.contains("privacy_policy"));
}

/// Kalix: "They can now access your account."
#[test]
fn whoever_registered_signs_in_with_that_email_and_password() {
    let practice = Practice::open();
    let link = invited(&practice, CLIO);
    assert!(
        practice.house.try_portal(CLIO, PASSWORD).is_err(),
        "not before"
    );
    practice.house.accept(&link, "Clio Marsh");
    let clio = practice.house.portal(CLIO);
    assert!(practice.areas(&clio).contains("calendar"));
    assert!(
        practice
            .house
            .try_portal(CLIO, "another long password")
            .is_err()
    );
    let again = try_register(&practice, &link, PASSWORD, kalix::terms().unwrap());
    assert!(matches!(
        again.unwrap_err(),
        AcceptInvitationRejection::Rule(
            AcceptRejection::LinkUsed | AcceptRejection::SignInToAccept
        )
    ));
}

/// Sam, with a trial account of his own, signed in there.
fn with_trial_account(practice: &Practice) -> Session {
    let door = &practice.house.door;
    let trial = kalix::practice("Okafor Nutrition, trial", "Sam Okafor", SAM).unwrap();
    let operator = door.operator();
    let trial = door.create_tenant(&operator, trial).block_on().unwrap();
    let link = practice.house.link_to(SAM);
    practice.house.accept(&link, "Sam Okafor");
    sign_in_to(practice, trial.tenant)
}

fn sign_in_to(practice: &Practice, tenant: TenantId) -> Session {
    let credential = doorward::Credential::Password(secrecy::SecretString::from(PASSWORD));
    let channel = doorward::types::Channel::Portal;
    let door = &practice.house.door;
    let opened = door.sign_in(tenant, channel, SAM, credential, None);
    match opened.block_on().unwrap() {
        doorward::SignedIn::Session(session) => session,
        doorward::SignedIn::NewPassword { .. } => panic!("Sam has his own password"),
    }
}

fn requests(practice: &Practice, who: &Session) -> Vec<InvitationRef> {
    let permit = practice.house.permit_of(who, OwnAccount);
    let rows = practice.house.door.invite_requests(&permit).block_on();
    let reference = |row: &doorward::InviteRequestRow| InvitationRef {
        tenant: row.tenant,
        invitation: row.invitation,
    };
    rows.unwrap().iter().map(reference).collect()
}

fn accept(
    practice: &Practice,
    who: &Session,
    invitation: InvitationRef,
) -> Result<Joined, AcceptInvitationRejection> {
    let permit = practice.house.permit_of(who, OwnAccount);
    let door = &practice.house.door;
    let accepted = door.accept_signed_in(permit, invitation, Confirmed::by_post());
    accepted.block_on().map_err(rejected)
}

/// Kalix: "If the new user already has a Kalix account (including a previous trial account) ... The link
/// navigates to Kalix's log-in page".
#[test]
fn the_link_of_somebody_with_an_account_leads_to_the_log_in_and_sets_no_password() {
    let practice = Practice::open();
    let at_home = with_trial_account(&practice);
    let link = invited(&practice, SAM);
    assert_eq!(next(&practice, &link), Next::SignIn);
    let terms = kalix::terms().unwrap();
    let refused = try_register(&practice, &link, "a password of somebody else", terms);
    assert!(matches!(
        refused.unwrap_err(),
        AcceptInvitationRejection::Rule(AcceptRejection::SignInToAccept)
    ));
    // What a stranger typed sets nothing: once he has joined, his own password opens both.
    let request = requests(&practice, &at_home)[0];
    accept(&practice, &at_home, request).unwrap();
    let stranger = "a password of somebody else";
    assert!(practice.house.try_portal(SAM, stranger).is_err());
    practice.house.portal(SAM);
    sign_in_to(&practice, at_home.tenant);
}

/// Kalix: "After logging in, they will be directed to Kalix's User Management page" and "Under the Invite
/// Requests section of this page, click Accept".
#[test]
fn an_existing_account_accepts_under_invite_requests_after_log_in() {
    let practice = Practice::open();
    let at_home = with_trial_account(&practice);
    assert_eq!(requests(&practice, &at_home), []);
    invited(&practice, SAM);
    let [request] = requests(&practice, &at_home)[..] else {
        panic!("one practice asks him");
    };
    assert_eq!(request.tenant, practice.house.tenant);
    let joined = accept(&practice, &at_home, request).unwrap();
    assert_eq!(joined.account, at_home.account, "it is the account he had");
    assert_eq!(requests(&practice, &at_home), []);
    let here = practice.house.portal(SAM);
    assert_eq!(here.membership, joined.membership);
    practice.house.door.resume(&at_home).block_on().unwrap();
}

/// Design 5: an invitation is for whoever proved its address, and for nobody else.
#[test]
fn nobody_accepts_the_request_of_another_email() {
    let practice = Practice::open();
    let at_home = with_trial_account(&practice);
    let invited = practice.invite(CLIO, "clinical", &[]).unwrap();
    let invitation = InvitationRef {
        tenant: practice.house.tenant,
        invitation: invited.invitation,
    };
    assert_eq!(requests(&practice, &at_home), []);
    assert!(matches!(
        accept(&practice, &at_home, invitation).unwrap_err(),
        AcceptInvitationRejection::Rule(AcceptRejection::WrongRecipient)
    ));
}

/// Kalix: revoking "removes the invited user's ability to accept the pending invitation", under Invite
/// Requests too; seven days do the same.
#[test]
fn a_revoked_or_expired_request_is_gone() {
    let practice = Practice::open();
    let at_home = with_trial_account(&practice);
    let sent = practice.invite(SAM, "clinical", &[]).unwrap();
    let request = requests(&practice, &at_home)[0];
    let permit = practice.house.permit(Invite);
    let revoked = practice
        .house
        .door
        .revoke_invitation(permit, sent.invitation);
    revoked.block_on().unwrap();
    assert_eq!(requests(&practice, &at_home), []);
    assert!(accept(&practice, &at_home, request).is_err());

    practice.invite(SAM, "clinical", &[]).unwrap();
    let request = requests(&practice, &at_home)[0];
    practice.house.pass(time::Duration::days(7));
    assert_eq!(requests(&practice, &at_home), []);
    assert!(matches!(
        accept(&practice, &at_home, request).unwrap_err(),
        AcceptInvitationRejection::Rule(AcceptRejection::Expired { .. })
    ));
}

/// Design 3: "a returning person revives nothing": groups and assigned clients were the old membership's.
#[test]
fn who_was_removed_and_is_invited_again_joins_anew_and_revives_nothing() {
    let practice = Practice::open();
    let at_home = with_trial_account(&practice);
    invited(&practice, SAM);
    let join = || {
        let request = requests(&practice, &at_home)[0];
        accept(&practice, &at_home, request).unwrap();
        practice.house.portal(SAM)
    };
    let first = join();
    practice.client(&first, "Jonah Weiss");
    let door = &practice.house.door;
    let permit = practice.house.permit(ManageGroups);
    let group = door.create_group(permit, display("Dietitians"));
    let groups = BTreeSet::from([group.block_on().unwrap()]);
    let permit = practice.house.permit(ManageGroups);
    let assigned = door.assign_groups(permit, first.membership, groups);
    assigned.block_on().unwrap();
    let permit = practice.house.permit(ManageMembers);
    let removed = door.remove_member(permit, first.membership);
    removed.block_on().unwrap();

    invited(&practice, SAM);
    let second = join();
    assert_eq!(first.account, second.account);
    assert_ne!(first.membership, second.membership);
    let standing = door.standing(&second).block_on().unwrap();
    assert_eq!(standing.assigned(), []);
    let users = practice.users();
    let row = users.iter().find(|row| row.membership == second.membership);
    assert_eq!(row.unwrap().groups, []);
}
