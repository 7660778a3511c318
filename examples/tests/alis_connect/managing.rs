//! ALIS, "Manage Existing Users".

use doorward::{
    AddressOutcome, Denied, Error, FormVersion, Grant, GrantForm, Invite, ManageAccounts,
    ManageMembers, ResetCredentials, SignedIn, ViewAccess,
    audit::report::AccessStatus,
    identity::{Handover, SessionEnded},
    invitations::{Confirmed, Status, TokenRefusal},
    mailer::MailErrorKind,
    storage::Limit,
    types::{Channel, Delivery, UserName, Window},
};
use doorward_examples::{
    alis_connect::{self, Alis, Confirmation, filled_in},
    world,
};
use pollster::FutureExt as _;
use secrecy::{ExposeSecret, SecretString};
use time::Duration;

use crate::{fixture::*, maple::*};

/// ALIS, "Edit Profile": "change their assigned User Profile to adjust their permission levels".
#[test]
fn another_profile_adjusts_what_a_contact_sees_at_once() {
    let maple = Maple::open();
    let lena = maple.connected("Read only");
    let (door, row) = (&maple.house.door, maple.lena());
    let permit = maple.house.permit(Grant);
    let held = door
        .grants_of_member(&permit, row.membership.unwrap())
        .block_on()
        .unwrap();
    let billing = maple.profile("Family - Billing only");
    let version: FormVersion = held[0].version;
    door.change_grant_profile(permit, row.grant.unwrap(), version, billing)
        .block_on()
        .unwrap();
    assert!(maple.sees(&lena, Alis::PAY_INVOICES, maple.rose));
    assert!(!maple.sees(&lena, Alis::VIEW_MEDICATIONS, maple.rose));
}

/// ALIS, "Edit Profile: Update the contact's Username".
#[test]
fn a_contact_signs_in_under_the_username_that_staff_gave_her() {
    let maple = Maple::open();
    maple.connected("Read only");
    let name = Some(UserName::new("lena.adler").unwrap());
    let permit = maple.house.permit(ManageAccounts);
    let renamed = maple
        .house
        .door
        .rename_account(permit, maple.membership(), name);
    renamed.block_on().unwrap();
    maple.house.portal("lena.adler");
    maple.house.portal(LENA);
    assert_eq!(
        maple.lena().user_name,
        Some(UserName::new("lena.adler").unwrap())
    );
}

/// ALIS, "Edit Profile": "or associated Connect Email"; the new one proves itself before it signs
/// in.
#[test]
fn another_connect_email_signs_in_once_its_owner_has_confirmed_it() {
    let maple = Maple::open();
    maple.connected("Read only");
    let new = "lena@new.example";
    let permit = maple.house.permit(ManageAccounts);
    let proposed = maple
        .house
        .door
        .propose_address(permit, maple.membership(), email(new));
    let outcome = proposed.block_on().unwrap();
    assert!(matches!(outcome, AddressOutcome::Asked(_)), "{outcome:?}");
    let mails = maple.house.post();
    let proof = mails.iter().find(|mail| is_to(mail, new)).unwrap();
    assert!(
        mails.iter().any(|mail| is_to(mail, LENA)),
        "the old address is told"
    );
    maple.house.try_portal(new, PASSWORD).unwrap_err();
    maple.house.portal(LENA);
    let proved =
        maple
            .house
            .door
            .prove_address(world::link(proof).unwrap(), Confirmed::by_post(), None);
    proved.block_on().unwrap();
    maple.house.portal(new);
    maple.house.try_portal(LENA, PASSWORD).unwrap_err();
    assert_eq!(maple.lena().account_email, Some(email(new)));
}

/// ALIS, "Disable Access: Immediately revoke the user's ability to log in to ALIS Connect."
#[test]
fn disabling_access_ends_the_live_session_and_refuses_the_next_sign_in() {
    let maple = Maple::open();
    let lena = maple.connected("Read only");
    maple.house.door.resume(&lena).block_on().unwrap();
    let permit = maple.house.permit(ManageMembers);
    maple
        .house
        .door
        .disable_access(permit, maple.membership())
        .block_on()
        .unwrap();
    let ended = maple.house.door.resume(&lena).block_on().unwrap_err();
    assert!(matches!(
        ended,
        Error::Denied(Denied::Session(SessionEnded::AccessChanged))
    ));
    maple.house.try_portal(LENA, PASSWORD).unwrap_err();
    assert_eq!(maple.lena().status, AccessStatus::Disabled);
    let permit = maple.house.permit(ManageMembers);
    maple
        .house
        .door
        .restore_access(permit, maple.membership())
        .block_on()
        .unwrap();
    let lena = maple.house.portal(LENA);
    assert!(
        maple.sees(&lena, Alis::VIEW_INVOICES, maple.rose),
        "restored with what she had"
    );
}

/// ALIS: "if a family member is no longer involved in the resident's care": one resident can be
/// taken away while another stays (design 9.2).
#[test]
fn revoking_one_grant_leaves_the_others_and_the_login() {
    let maple = Maple::open();
    let carl = resident(&maple.house, "Carl Adler", None);
    let lena = maple.connected("Read only");
    let form = GrantForm {
        member: maple.membership(),
        subject: carl.into(),
        profile: maple.profile("Read only"),
        window: Window::since(maple.house.door.now()),
        sworn: Some(alis_connect::authorized().unwrap()),
    };
    maple
        .house
        .door
        .grant(maple.house.permit(Grant), form)
        .block_on()
        .unwrap();
    assert!(maple.sees(&lena, Alis::VIEW_INVOICES, carl));
    let grant = maple.lena().grant.unwrap();
    maple
        .house
        .door
        .revoke_grant(maple.house.permit(Grant), grant)
        .block_on()
        .unwrap();
    assert!(!maple.sees(&lena, Alis::VIEW_INVOICES, maple.rose));
    assert!(maple.sees(&lena, Alis::VIEW_INVOICES, carl));
    maple.house.portal(LENA);
}

/// ALIS, "Reset Password: Help a user regain access if they are locked out ... send an Automatic
/// password reset email".
#[test]
fn an_automatic_reset_lets_back_in_who_is_locked_out() {
    let maple = Maple::open();
    maple.connected("Read only");
    lock_out(&maple);
    maple.house.try_portal(LENA, PASSWORD).unwrap_err();
    let permit = maple.house.permit(ResetCredentials);
    maple
        .house
        .door
        .send_reset(permit, maple.membership())
        .block_on()
        .unwrap();
    let link = maple.house.link_to(LENA);
    let new = SecretString::from("five brown otters swim");
    maple
        .house
        .door
        .reset_password(&link, &new, None)
        .block_on()
        .unwrap();
    maple.house.try_portal(LENA, new.expose_secret()).unwrap();
}

/// ALIS, "Reset Password": "or manually reset a temporary password".
#[test]
fn a_temporary_password_is_shown_to_staff_and_opens_nothing_but_a_new_password() {
    let maple = Maple::open();
    let lena = maple.connected("Read only");
    lock_out(&maple);
    let permit = maple.house.permit(ResetCredentials);
    let issued =
        maple
            .house
            .door
            .issue_temporary_password(permit, maple.membership(), Handover::Shown);
    let shown = issued.block_on().unwrap().password.unwrap();
    maple.house.try_portal(LENA, PASSWORD).unwrap_err();
    maple.house.door.resume(&lena).block_on().unwrap_err();
    let opened = maple
        .house
        .try_channel(Channel::Portal, LENA, shown.expose_secret(), None);
    let SignedIn::NewPassword { ticket, .. } = opened.unwrap() else {
        panic!("a temporary password opens no session");
    };
    let new = SecretString::from("five brown otters swim");
    maple
        .house
        .door
        .set_new_password(ticket.expose_secret(), &new, None)
        .block_on()
        .unwrap();
    maple.house.try_portal(LENA, new.expose_secret()).unwrap();
}

fn lock_out(maple: &Maple) {
    for _ in 0..20 {
        maple
            .house
            .try_portal(LENA, "not the password at all")
            .unwrap_err();
    }
    maple.house.try_portal(LENA, PASSWORD).unwrap_err();
}

/// ALIS, "Send Login Link": "email them the direct URL to the login page".
#[test]
fn a_login_link_mails_the_address_of_the_portal_and_nothing_that_lets_in() {
    let maple = Maple::open();
    maple.connected("Read only");
    let permit = maple.house.permit(ResetCredentials);
    maple
        .house
        .door
        .send_login_link(permit, maple.membership())
        .block_on()
        .unwrap();
    let mail = maple.house.mail_to(LENA);
    assert_eq!(world::link(&mail), Some("https://connect.alis.example"));
    assert_eq!(world::secret(&mail), None);
}

/// ALIS, "Resend Invite": "use this to send a fresh invitation link".
#[test]
fn a_resent_invitation_has_a_fresh_link_and_a_fresh_clock_and_the_old_link_ends() {
    let maple = Maple::open();
    let (invited, old) = maple.invited("Read only");
    maple.house.pass(Duration::days(12));
    let resent = maple
        .house
        .door
        .resend_invitation(maple.house.permit(Invite), invited.invitation);
    let resent = resent.block_on().unwrap();
    assert_eq!(resent.invitation, invited.invitation, "the same invitation");
    assert_eq!(maple.lena().invitation.unwrap().expires_in_days(), Some(30));
    let fresh = maple.house.link_to(LENA);
    let refusal = rejected(
        maple
            .house
            .door
            .inspect_invitation(&old)
            .block_on()
            .unwrap_err(),
    );
    assert!(
        matches!(refusal, TokenRefusal::Superseded { .. }),
        "{refusal:?}"
    );
    maple.house.accept(&fresh, "Lena Adler");
}

/// ALIS, "Resend Invite": "If the user never received ... their initial registration email", also
/// after the thirty days.
#[test]
fn an_expired_invitation_can_be_sent_again() {
    let maple = Maple::open();
    let (invited, _) = maple.invited("Read only");
    maple.house.pass(Duration::days(31));
    let resent = maple
        .house
        .door
        .resend_invitation(maple.house.permit(Invite), invited.invitation);
    resent.block_on().unwrap();
    let fresh = maple.house.link_to(LENA);
    maple.house.accept(&fresh, "Lena Adler");
    assert_eq!(maple.lena().status, AccessStatus::Connected);
}

/// ALIS: "You can verify the delivery status of your invitations by clicking the View Email
/// Statuses button".
#[test]
fn email_statuses_tell_what_became_of_each_invitation_mail() {
    let maple = Maple::open();
    let statuses = |maple: &Maple| -> Vec<(String, Status, Delivery)> {
        let permit = maple.house.permit(ViewAccess);
        let page = maple
            .house
            .door
            .email_statuses(&permit, None, Limit::MAX)
            .block_on()
            .unwrap();
        let rows = page.rows.into_iter().filter(|row| row.person.is_some());
        rows.map(|row| (row.address.to_string(), row.status, row.delivery.status))
            .collect()
    };
    maple.invite(maple.filled("Read only")).unwrap();
    assert_eq!(
        statuses(&maple),
        [(LENA.to_owned(), Status::Invited, Delivery::Queued)]
    );
    maple.house.post();
    assert_eq!(
        statuses(&maple),
        [(LENA.to_owned(), Status::Invited, Delivery::Sent)]
    );
    let imani = contact(
        &maple.house,
        maple.rose,
        "Dr. Imani Osei",
        "Physician",
        Some("gone@clinic.example"),
    );
    let form = maple.form(imani);
    let now = maple.house.door.now();
    let filled = filled_in(
        &form,
        maple.profile("Medical POA"),
        Confirmation::Ticked,
        now,
    )
    .unwrap();
    maple.invite(filled).unwrap();
    maple.house.mailer.fail_next(MailErrorKind::Permanent);
    maple.house.post();
    let refused = statuses(&maple)
        .into_iter()
        .find(|row| row.0 == "gone@clinic.example")
        .unwrap();
    assert_eq!(refused.2, Delivery::Bounced);
}
