//! ALIS Connect, sentence by sentence: each rule of its guide, run on the real thing.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod fixture;

use std::collections::BTreeMap;

use doorward::{
    ConfigureTenant, ContactRow, DataAbout, Denied, EditProfiles, Error, Export, FormVersion,
    Grant, Invite, InviteRejection, Invited, ManageMembers, ManagePeople, NewInvitation, NewPerson,
    NewRelationship, OwnAccount, ReadAudit, ReportOptions, ResetCredentials, ResidentAccess,
    SignedIn, ViewAccess,
    access::{Decision, PermissionSet, Reach, Record},
    audit::{Action, Query, report::AccessStatus},
    identity::{Handover, Link, Session, SessionEnded},
    invitations::{IssueRejection, Status, TokenRefusal},
    mailer::MailErrorKind,
    storage::Limit,
    types::{
        Channel, Delivery, MembershipId, Note, Offer, PersonId, ProfileId, RoleName, Scope,
        SubjectId,
    },
};
use doorward_examples::{
    alis_connect::{self, Alis, Confirmation, STARTER_PROFILES, filled_in},
    world,
};
use fixture::*;
use pollster::FutureExt as _;
use secrecy::{ExposeSecret, SecretString};
use time::Duration;

const ANA: &str = "ana.ruiz@maple.example";
const ROSE: &str = "rose@maple.example";
const LENA: &str = "lena@family.example";

/// Maple Grove with Rose, who lives there, and Lena, her daughter.
struct Maple {
    house: House,
    rose: PersonId,
    lena: PersonId,
}

impl Maple {
    fn open() -> Self {
        let house = House::open(
            alis_connect::setup(world::published_keys()).unwrap(),
            alis_connect::community("Maple Grove", "Ana Ruiz", ANA).unwrap(),
        );
        let rose = resident(&house, "Rose Adler", Some(ROSE));
        let lena = contact(&house, rose, "Lena Adler", "Daughter", Some(LENA));
        Self { house, rose, lena }
    }

    fn profile(&self, name: &str) -> ProfileId {
        let at = STARTER_PROFILES
            .iter()
            .position(|profile| profile.0 == name);
        self.house.created.profiles[at.unwrap()]
    }

    fn page(&self) -> ResidentAccess {
        let permit = self.house.permit(ViewAccess);
        self.house
            .door
            .resident_access(&permit, self.rose.into())
            .block_on()
            .unwrap()
    }

    /// Lena's row on the page "Manage ALIS Connect Access" of Rose.
    fn lena(&self) -> ContactRow {
        let mut rows = self.page().contacts.into_iter();
        rows.find(|row| row.person == self.lena).unwrap()
    }

    fn form(&self, person: PersonId) -> doorward::InviteForm {
        let permit = self.house.permit(Invite);
        let over = Some(SubjectId::from(self.rose));
        self.house
            .door
            .invite_form(&permit, person, over)
            .block_on()
            .unwrap()
    }

    /// Lena's form as staff fill it: a profile is chosen and the box ticked.
    fn filled(&self, profile: &str) -> NewInvitation {
        let form = self.form(self.lena);
        filled_in(
            &form,
            self.profile(profile),
            Confirmation::Ticked,
            self.house.door.now(),
        )
        .unwrap()
    }

    fn invite(&self, form: NewInvitation) -> Result<Invited, InviteRejection<IssueRejection>> {
        let sent = self.house.door.invite(self.house.permit(Invite), form);
        sent.block_on().map_err(rejected)
    }

    /// Lena invited, with the link of her mail.
    fn invited(&self, profile: &str) -> (Invited, String) {
        let invited = self.invite(self.filled(profile)).unwrap();
        (invited, self.house.link_to(LENA))
    }

    /// Lena connected and signed in.
    fn connected(&self, profile: &str) -> Session {
        let (_, link) = self.invited(profile);
        self.house.accept(&link, "Lena Adler");
        self.house.portal(LENA)
    }

    fn membership(&self) -> MembershipId {
        self.lena().membership.unwrap()
    }

    fn sees(&self, session: &Session, asked: Alis, whom: PersonId) -> bool {
        let decision = self
            .house
            .door
            .check(session, asked, &Record::of(whom))
            .block_on();
        matches!(decision.unwrap(), Decision::Allow(_))
    }

    fn report(&self) -> Vec<BTreeMap<String, String>> {
        let mut out = Vec::new();
        let permit = self.house.permit(Export);
        let written = self
            .house
            .door
            .access_report(&permit, ReportOptions::default(), &mut out);
        written.block_on().unwrap();
        let mut reader = csv::Reader::from_reader(out.as_slice());
        reader.deserialize().map(Result::unwrap).collect()
    }
}

fn person(
    house: &House,
    kind: &str,
    name: &str,
    address: Option<&str>,
    data: DataAbout,
) -> PersonId {
    let person = NewPerson {
        kind: kind.parse().unwrap(),
        name: display(name),
        email: address.map(email),
        cell: None,
        note: Note::default(),
        reference: None,
        data,
    };
    house
        .door
        .record_person(house.permit(ManagePeople), person)
        .block_on()
        .unwrap()
}

fn resident(house: &House, name: &str, address: Option<&str>) -> PersonId {
    person(house, "resident", name, address, DataAbout::ThisPerson)
}

fn contact(
    house: &House,
    of: PersonId,
    name: &str,
    label: &str,
    address: Option<&str>,
) -> PersonId {
    let contact = person(house, "contact", name, address, DataAbout::Nobody);
    let relationship = NewRelationship {
        person: contact,
        subject: of.into(),
        label: display(label),
        link: Link::Listed,
    };
    house
        .door
        .add_relationship(house.permit(ManagePeople), relationship)
        .block_on()
        .unwrap();
    contact
}

/// A member of staff with a role, signed in.
fn staff(maple: &Maple, role: &str, address: &str) -> Session {
    let offer = Offer::of("staff".parse().unwrap()).with_role(RoleName::new(role).unwrap());
    let form = NewInvitation {
        address: email(address),
        person: None,
        name: Some(display("Sam Staff")),
        offer,
        sworn: doorward::invitations::Sworn::new(),
    };
    maple.invite(form).unwrap();
    let link = maple.house.link_to(address);
    maple.house.accept(&link, "Sam Staff");
    maple.house.portal(address)
}

/// ALIS: "from two primary locations: the Connect Center (recommended for managing multiple users) or
/// directly from a specific Resident Profile".
#[test]
fn the_access_tab_lists_every_resident_and_the_manage_page_shows_the_same_of_one() {
    let maple = Maple::open();
    let carl = resident(&maple.house, "Carl Berg", None);
    let permit = maple.house.permit(ViewAccess);
    let kind = "resident".parse().unwrap();
    let rows = maple
        .house
        .door
        .access_rows(&permit, &kind, None, Limit::MAX)
        .block_on()
        .unwrap()
        .rows;
    let residents: Vec<_> = rows.iter().map(|row| row.resident.person).collect();
    assert_eq!(residents, [carl, maple.rose], "by name");
    let (tab, page) = (&rows[1], maple.page());
    assert_eq!(format!("{tab:?}"), format!("{page:?}"));
}

/// ALIS: "If you just need to send the registration email to a resident, click the Send Invite button in
/// the Resident Access column"; design 9.2: the default resident profile, and nothing is sworn.
#[test]
fn send_invite_for_a_resident_is_one_click_with_the_default_profile_and_nothing_sworn() {
    let maple = Maple::open();
    let form = maple.form(maple.rose);
    assert_eq!(form.statement, None);
    let profile = form.default_profile.unwrap();
    assert_eq!(profile, maple.profile("Resident"));
    let now = maple.house.door.now();
    maple
        .invite(filled_in(&form, profile, Confirmation::Empty, now).unwrap())
        .unwrap();
    let link = maple.house.link_to(ROSE);
    maple.house.accept(&link, "Rose Adler");
    let rose = maple.house.portal(ROSE);
    assert!(maple.sees(
        &rose,
        Alis::VIEW_INVOICES | Alis::VIEW_MEDICATIONS,
        maple.rose
    ));
    let row = maple.page().resident;
    assert_eq!(row.status, AccessStatus::Connected);
    assert_eq!(row.profile.unwrap().1, display("Resident"));
}

/// ALIS: "review the list of contacts" and "If a contact is missing, click the resident's name to return to
/// their profile and add the new contact first".
#[test]
fn a_contact_who_was_missing_is_listed_once_added_to_the_resident() {
    let maple = Maple::open();
    let names = |maple: &Maple| -> Vec<String> {
        let rows = maple.page().contacts.into_iter();
        rows.map(|row| format!("{}, {}", row.name, row.relation.unwrap()))
            .collect()
    };
    assert_eq!(names(&maple), ["Lena Adler, Daughter"]);
    contact(
        &maple.house,
        maple.rose,
        "Dr. Imani Osei",
        "Physician",
        None,
    );
    assert_eq!(
        names(&maple),
        ["Dr. Imani Osei, Physician", "Lena Adler, Daughter"]
    );
}

/// ALIS: "Review or type the recipient's email address. Any email already saved to the contact profile will
/// pre-populate in this field."
#[test]
fn the_form_is_prefilled_with_the_saved_address_and_another_can_be_typed() {
    let maple = Maple::open();
    let form = maple.form(maple.lena);
    assert_eq!(form.email, Some(email(LENA)));
    assert_eq!(form.name, Some(display("Lena Adler")));
    let mut typed = maple.filled("Read only");
    typed.address = email("lena.private@family.example");
    maple.invite(typed).unwrap();
    maple.house.mail_to("lena.private@family.example");
}

/// ALIS: "Any email already saved ...": where none is, the field is empty.
#[test]
fn the_form_of_a_contact_without_an_address_is_empty_there() {
    let maple = Maple::open();
    let imani = contact(
        &maple.house,
        maple.rose,
        "Dr. Imani Osei",
        "Physician",
        None,
    );
    assert_eq!(maple.form(imani).email, None);
}

/// ALIS: "User Profile: Select what access you will grant to this contact."
#[test]
fn the_form_offers_every_profile_by_name() {
    let maple = Maple::open();
    let choices = maple.form(maple.lena).profiles.into_iter();
    let names: Vec<_> = choices.map(|choice| choice.name.to_string()).collect();
    let starters = [
        "Family - Billing only",
        "Family - Full",
        "Medical POA",
        "Read only",
        "Resident",
    ];
    assert_eq!(names, starters);
}

/// ALIS: "Select what access you will grant to this contact": that, over this resident, and no more.
#[test]
fn a_contact_sees_what_the_profile_holds_of_that_resident_alone() {
    let maple = Maple::open();
    let carl = resident(&maple.house, "Carl Berg", None);
    let lena = maple.connected("Family - Billing only");
    let asked = [
        (Alis::VIEW_INVOICES, true),
        (Alis::PAY_INVOICES, true),
        (Alis::VIEW_EVALUATIONS, false),
        (Alis::VIEW_MEDICATIONS, false),
        (Alis::VIEW_ACCESS, false),
    ];
    for (permission, expected) in asked {
        assert_eq!(
            maple.sees(&lena, permission, maple.rose),
            expected,
            "{permission:?}"
        );
        assert!(
            !maple.sees(&lena, permission, carl),
            "{permission:?} of another resident"
        );
    }
}

/// ALIS: "User Profiles (the specific permission sets for Evaluations, Invoices, Medications, etc.) are
/// configured in ALIS Connect Settings."
#[test]
fn an_edited_profile_holds_for_everybody_who_has_it_from_the_next_check_on() {
    let maple = Maple::open();
    let lena = maple.connected("Read only");
    assert!(!maple.sees(&lena, Alis::PAY_INVOICES, maple.rose));
    let (door, id) = (&maple.house.door, maple.profile("Read only"));
    let permit = maple.house.permit(EditProfiles);
    let read = door.profile(&permit, id).block_on().unwrap();
    let permissions = PermissionSet::new()
        .with("view_invoices".parse().unwrap(), Reach::Assigned)
        .with("pay_invoices".parse().unwrap(), Reach::Assigned);
    door.edit_profile(permit, id, read.version, permissions)
        .block_on()
        .unwrap();
    assert!(maple.sees(&lena, Alis::PAY_INVOICES, maple.rose));
    assert!(!maple.sees(&lena, Alis::VIEW_MEDICATIONS, maple.rose));
}

/// Design 9.2: "Deleting a profile or level that is held or offered is refused".
#[test]
fn a_profile_that_is_offered_or_held_is_not_deleted() {
    let maple = Maple::open();
    let delete = |name| {
        let permit = maple.house.permit(EditProfiles);
        maple
            .house
            .door
            .delete_profile(permit, maple.profile(name))
            .block_on()
    };
    maple.connected("Read only");
    assert!(matches!(
        rejected(delete("Read only").unwrap_err()),
        doorward::access::DeleteRejection::InUse { .. }
    ));
    delete("Medical POA").unwrap();
}

/// ALIS: "configured in ALIS Connect Settings": by whoever the role lets, and nobody else.
#[test]
fn an_access_coordinator_invites_and_audits_but_does_not_configure_profiles() {
    let maple = Maple::open();
    let sam = staff(&maple, "access_coordinator", "sam@maple.example");
    let door = &maple.house.door;
    door.authorise(&sam, Invite).block_on().unwrap();
    door.authorise(&sam, Export).block_on().unwrap();
    for denied in [
        door.authorise(&sam, EditProfiles).block_on().map(drop),
        door.authorise(&sam, ConfigureTenant).block_on().map(drop),
    ] {
        assert!(
            matches!(denied, Err(Error::Denied(Denied::Access(_)))),
            "{denied:?}"
        );
    }
    let caregiver = staff(&maple, "caregiver", "cara@maple.example");
    let denied = door
        .authorise(&caregiver, ViewAccess)
        .block_on()
        .unwrap_err();
    assert!(
        matches!(denied, Error::Denied(Denied::Access(_))),
        "{denied:?}"
    );
}

/// ALIS: "Confirmation: Select the checkbox to confirm that this user is authorized to view the resident's
/// sensitive information."
#[test]
fn without_the_ticked_box_no_contact_is_invited() {
    let maple = Maple::open();
    let form = maple.form(maple.lena);
    assert_eq!(form.statement, Some(alis_connect::authorized().unwrap()));
    let (profile, now) = (maple.profile("Read only"), maple.house.door.now());
    let unticked = filled_in(&form, profile, Confirmation::Empty, now).unwrap();
    assert!(matches!(
        maple.invite(unticked),
        Err(InviteRejection::Rule(IssueRejection::NoAttestation { .. }))
    ));
    assert_eq!(maple.house.post().len(), 0);
    assert_eq!(maple.lena().status, AccessStatus::NeverInvited);
}

/// ALIS: "Select the checkbox to confirm": who ticked which words, and when, is in the report.
#[test]
fn the_report_tells_who_ticked_which_box_and_when() {
    let maple = Maple::open();
    maple.connected("Read only");
    let rows = maple.report();
    let lena = rows
        .iter()
        .find(|row| row["person"] == "Lena Adler")
        .unwrap();
    assert_eq!(lena["attested statement"], "sensitive_information");
    assert_eq!(lena["attested version"], "1");
    assert_eq!(lena["attested by"], "The First Administrator");
    assert_eq!(lena["attested at (UTC)"], "2026-11-02T09:00:00.000000Z");
}

/// ALIS: "Click Send Invite to immediately trigger the registration email."
#[test]
fn the_registration_mail_goes_out_at_once_and_once() {
    let maple = Maple::open();
    maple.invite(maple.filled("Read only")).unwrap();
    let mail = maple.house.mail_to(LENA);
    assert!(
        world::link(&mail)
            .unwrap()
            .starts_with("https://connect.alis.example/accept#")
    );
    assert_eq!(maple.house.post().len(), 0, "nothing is left to send");
}

/// ALIS: "the Profile column will display the 'Invited' status, invitation timestamp details, and a
/// notification that the "Invitation expires in 30 days"".
#[test]
fn the_row_shows_invited_with_its_instant_and_expires_in_30_days() {
    let maple = Maple::open();
    maple.invited("Read only");
    let row = maple.lena();
    assert_eq!(row.status, AccessStatus::Invited);
    let invitation = row.invitation.unwrap();
    assert_eq!(invitation.invited_at, NOW);
    assert_eq!(invitation.expires_in_days(), Some(30));
    maple.house.pass(Duration::days(28) + Duration::hours(1));
    assert_eq!(maple.lena().invitation.unwrap().expires_in_days(), Some(2));
}

/// ALIS: "Invitation expires in 30 days"; design 9.1: exactly at the end is refused.
#[test]
fn an_invitation_is_good_until_30_days_are_over_and_not_at_their_end() {
    let maple = Maple::open();
    let (_, link) = maple.invited("Read only");
    maple
        .house
        .pass(Duration::days(30) - Duration::microseconds(1));
    maple
        .house
        .door
        .inspect_invitation(&link)
        .block_on()
        .unwrap();
    maple.house.pass(Duration::microseconds(1));
    let refusal = rejected(
        maple
            .house
            .door
            .inspect_invitation(&link)
            .block_on()
            .unwrap_err(),
    );
    assert!(
        matches!(refusal, TokenRefusal::Expired { .. }),
        "{refusal:?}"
    );
    assert_eq!(maple.lena().status, AccessStatus::InvitationExpired);
}

/// ALIS: "Once a user has been invited, their status will update to 'Connected.'" - when they accept
/// (design 9.2).
#[test]
fn accepting_turns_invited_into_connected() {
    let maple = Maple::open();
    let (_, link) = maple.invited("Read only");
    assert_eq!(maple.lena().status, AccessStatus::Invited);
    maple.house.accept(&link, "Lena Adler");
    let row = maple.lena();
    assert_eq!(row.status, AccessStatus::Connected);
    assert_eq!(row.profile.unwrap().1, display("Read only"));
}

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

/// ALIS: "if a family member is no longer involved in the resident's care": one resident can be taken away
/// while another stays (design 9.2).
#[test]
fn revoking_one_grant_leaves_the_others_and_the_login() {
    let maple = Maple::open();
    let carl = resident(&maple.house, "Carl Adler", None);
    let lena = maple.connected("Read only");
    let form = doorward::GrantForm {
        member: maple.membership(),
        subject: carl.into(),
        profile: maple.profile("Read only"),
        window: doorward::types::Window::since(maple.house.door.now()),
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

/// ALIS, "Reset Password: Help a user regain access if they are locked out ... send an Automatic password
/// reset email".
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
        .reset_password(&link, &new)
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
        .set_new_password(ticket.expose_secret(), &new)
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

/// ALIS, "Resend Invite": "If the user never received ... their initial registration email", also after
/// the thirty days.
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

/// ALIS: "You can verify the delivery status of your invitations by clicking the View Email Statuses
/// button".
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

/// ALIS: "You can audit exactly who has access to your community's data".
#[test]
fn who_can_see_a_resident_is_answered_with_the_reason() {
    let maple = Maple::open();
    maple.connected("Family - Billing only");
    let permit = maple.house.permit(ViewAccess);
    let viewers = |asked| -> Vec<String> {
        let viewers = maple
            .house
            .door
            .who_can_see(&permit, maple.rose.into(), asked);
        let mut names: Vec<_> = viewers
            .block_on()
            .unwrap()
            .into_iter()
            .map(|viewer| viewer.name.unwrap().to_string())
            .collect();
        names.sort();
        names
    };
    assert_eq!(
        viewers(Alis::VIEW_INVOICES),
        ["Lena Adler", "The First Administrator"]
    );
    assert_eq!(viewers(Alis::VIEW_MEDICATIONS), ["The First Administrator"]);
}

/// ALIS: "a comprehensive report of all residents and contacts, complete with their current ALIS Connect
/// access levels (User Profile) and contact details".
#[test]
fn the_report_lists_all_residents_and_contacts_with_profile_and_contact_details() {
    let maple = Maple::open();
    maple.connected("Family - Full");
    resident(&maple.house, "Carl Berg", None);
    contact(
        &maple.house,
        maple.rose,
        "Dr. Imani Osei",
        "Physician",
        Some("imani@clinic.example"),
    );
    let rows = maple.report();
    let shown = |name: &str| {
        let row = rows.iter().find(|row| row["person"] == name).unwrap();
        [
            row["email"].as_str(),
            row["relation"].as_str(),
            row["status"].as_str(),
            row["profile"].as_str(),
        ]
    };
    assert_eq!(
        shown("Lena Adler"),
        [LENA, "Daughter", "connected", "Family - Full"]
    );
    assert_eq!(shown("Rose Adler"), [ROSE, "", "never invited", ""]);
    assert_eq!(shown("Carl Berg"), ["", "", "never invited", ""]);
    assert_eq!(
        shown("Dr. Imani Osei"),
        ["imani@clinic.example", "Physician", "never invited", ""]
    );
    assert!(rows.iter().all(|row| row["community"] == "Maple Grove"));
}

/// ALIS: "supports monthly audits or compliance reviews": taking the report out is itself on record.
#[test]
fn taking_the_report_out_leaves_an_entry_in_the_audit_log() {
    let maple = Maple::open();
    maple.report();
    let permit = maple.house.permit(ReadAudit);
    let query =
        Query::of(Scope::Tenant(maple.house.tenant)).action(Action::REPORT_EXPORT.code().clone());
    let read = maple
        .house
        .door
        .read_audit(&permit, &query, Default::default(), None, Limit::MAX);
    assert_eq!(read.block_on().unwrap().rows.len(), 1);
}

/// ALIS: "who has access to your community's data" is for staff: families see none of it.
#[test]
fn a_contact_sees_no_list_of_who_has_access() {
    let maple = Maple::open();
    let lena = maple.connected("Family - Full");
    let denied = maple
        .house
        .door
        .authorise(&lena, ViewAccess)
        .block_on()
        .unwrap_err();
    assert!(
        matches!(denied, Error::Denied(Denied::Access(_))),
        "{denied:?}"
    );
    maple.house.permit_of(&lena, OwnAccount);
}
