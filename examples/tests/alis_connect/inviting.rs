//! ALIS, "Grant Connect Access to New Users".

use doorward::{
    ConfigureTenant, Denied, EditProfiles, Error, Export, Invite, InviteRejection, ViewAccess,
    access::{DeleteRejection, PermissionSet, Reach},
    audit::report::AccessStatus,
    invitations::{IssueRejection, TokenRefusal},
    storage::Limit,
};
use doorward_examples::{
    alis_connect::{self, Alis, Confirmation, filled_in},
    world,
};
use pollster::FutureExt as _;
use time::Duration;

use crate::{fixture::*, maple::*};

/// ALIS: "from two primary locations: the Connect Center (recommended for managing multiple users)
/// or directly from a specific Resident Profile".
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

/// ALIS: "If you just need to send the registration email to a resident, click the Send Invite
/// button in the Resident Access column"; design 9.2: the default resident profile, and nothing is
/// sworn.
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

/// ALIS: "review the list of contacts" and "If a contact is missing, click the resident's name to
/// return to their profile and add the new contact first".
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

/// ALIS: "Review or type the recipient's email address. Any email already saved to the contact
/// profile will pre-populate in this field."
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

/// ALIS: "Select what access you will grant to this contact": that, over this resident, and no
/// more.
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

/// ALIS: "User Profiles (the specific permission sets for Evaluations, Invoices, Medications, etc.)
/// are configured in ALIS Connect Settings."
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
        DeleteRejection::InUse { .. }
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

/// ALIS: "Confirmation: Select the checkbox to confirm that this user is authorized to view the
/// resident's sensitive information."
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

/// ALIS: "Once a user has been invited, their status will update to 'Connected.'" - when they
/// accept (design 9.2).
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
