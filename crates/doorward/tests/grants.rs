//! Grants and attachments: given under an oath where one is asked for, changed, and taken back.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[expect(dead_code, reason = "each test file uses its part of the fixture")]
mod office;

use doorward::{
    DataAbout, EditLevels, Error, Fault, FormVersion, GiveRejection, Grant, GrantForm,
    ManagePeople, NewPerson, ViewAccess,
    access::{AttachRejection, GrantRejection, GrantStatus, Reach},
    identity::Session,
    types::{
        GrantId, Levels, MembershipId, Note, Offer, Statement, StatementName, SubjectId,
        SubjectOffer, Window,
    },
};
use office::{Member, NOW, Office, block_on, kind, name, set, statement};
use time::Duration;

fn resident(office: &Office, called: &str) -> SubjectId {
    let new = NewPerson {
        kind: kind("resident"),
        name: name(called),
        email: None,
        cell: None,
        note: Note::default(),
        reference: None,
        data: DataAbout::Nobody,
    };
    let recorded = office.door.record_person(office.admin(ManagePeople), new);
    block_on(recorded).unwrap().into()
}

/// A contact with a grant over one resident.
fn contact(office: &Office, subject: SubjectId) -> Member {
    let offer = Offer::of(kind("contact"))
        .with_subject(SubjectOffer {
            subject,
            profile: office.created.profiles[0],
            window: Window::since(NOW),
        })
        .unwrap();
    let contact = office.member("ana@example.org", offer);
    office.mails();
    contact
}

fn form(office: &Office, member: MembershipId, subject: SubjectId) -> GrantForm {
    GrantForm {
        member,
        subject,
        profile: office.created.profiles[0],
        window: Window::since(NOW),
        sworn: Some(statement()),
    }
}

fn give(office: &Office, by: &Session, form: GrantForm) -> Result<GrantId, Error<GiveRejection>> {
    block_on(office.door.grant(office.permit(by, Grant), form))
}

fn version(office: &Office, member: MembershipId, grant: GrantId) -> FormVersion {
    let permit = office.admin(ViewAccess);
    let grants = block_on(office.door.grants_of_member(&permit, member)).unwrap();
    grants
        .iter()
        .find(|read| read.value.id() == grant)
        .unwrap()
        .version
}

/// ALIS: "Select the checkbox to confirm that this user is authorized to view the resident's
/// sensitive information."
#[test]
fn a_grant_to_a_contact_needs_the_grantor_s_oath() {
    let office = Office::open();
    let member = contact(&office, resident(&office, "Rose Ruiz"))
        .joined
        .membership;
    let second = resident(&office, "Otto Ruiz");
    let mut form = form(&office, member, second);
    form.sworn = None;
    assert!(matches!(
        give(&office, &office.admin, form.clone()),
        Err(Error::Rejected(GiveRejection::Rule(
            GrantRejection::AttestationMissing
        )))
    ));
    let words = StatementName::new("sensitive_information").unwrap();
    form.sworn = Some(Statement::of(words, 0, "older words"));
    assert!(matches!(
        give(&office, &office.admin, form.clone()),
        Err(Error::Rejected(GiveRejection::Rule(
            GrantRejection::OtherStatement
        )))
    ));
    form.sworn = Some(statement());
    let grant = give(&office, &office.admin, form).unwrap();
    let permit = office.admin(ViewAccess);
    let grants = block_on(office.door.grants_over_subject(&permit, second)).unwrap();
    assert_eq!(grants[0].value.id(), grant);
    let sworn = grants[0].value.attestation().unwrap();
    assert_eq!(sworn.by, office.admin.membership);
}

/// Design 5: "For a member there is no invitation: the grant is made directly with its attestation
/// and a mail."
#[test]
fn a_member_is_told_of_a_grant_by_a_mail_without_a_secret() {
    let office = Office::open();
    let member = contact(&office, resident(&office, "Rose Ruiz"))
        .joined
        .membership;
    let second = resident(&office, "Otto Ruiz");
    give(&office, &office.admin, form(&office, member, second)).unwrap();
    let mails = office.mails();
    assert_eq!(mails.len(), 1);
    let (to, text) = &mails[0];
    assert_eq!(to, "ana@example.org");
    assert!(!text.contains("#dw1_") && !text.contains("Otto"), "{text}");
}

/// One live grant a member and subject; one whose window is over gives its place free.
#[test]
fn a_second_grant_over_the_same_subject_is_a_change_of_the_first() {
    let office = Office::open();
    let member = contact(&office, resident(&office, "Rose Ruiz"))
        .joined
        .membership;
    let second = resident(&office, "Otto Ruiz");
    let mut day = form(&office, member, second);
    day.window = Window::between(NOW, NOW + Duration::days(1)).unwrap();
    let first = give(&office, &office.admin, day).unwrap();
    let again = give(&office, &office.admin, form(&office, member, second));
    assert_eq!(
        again.unwrap_err().rejection(),
        Some(&GiveRejection::AlreadyGranted { grant: first })
    );
    office.pass(Duration::days(1));
    give(&office, &office.admin, form(&office, member, second)).unwrap();
    let permit = office.admin(ViewAccess);
    let grants = block_on(office.door.grants_over_subject(&permit, second)).unwrap();
    let live = grants.iter().filter(|grant| grant.value.is_active());
    assert_eq!((grants.len(), live.count()), (2, 1));
}

/// Two grantors at once: one grant stands.
#[test]
fn a_subject_is_granted_once_by_two_at_once() {
    let office = Office::open();
    let member = contact(&office, resident(&office, "Rose Ruiz"))
        .joined
        .membership;
    let second = resident(&office, "Otto Ruiz");
    let (other, permit) = (office.second_process(), office.admin(Grant));
    let same = form(&office, member, second);
    // The draws of a grant are its id, the mail's and the entry's.
    office.at_draw(2, move || {
        block_on(other.grant(permit, same)).unwrap();
    });
    let refused = give(&office, &office.admin, form(&office, member, second));
    assert!(office.has_run());
    assert!(matches!(
        refused,
        Err(Error::Rejected(GiveRejection::AlreadyGranted { .. }))
    ));
}

/// ALIS: "change their assigned User Profile to adjust their permission levels".
#[test]
fn a_profile_is_changed_and_a_grant_revoked() {
    let office = Office::open();
    let subject = resident(&office, "Rose Ruiz");
    let member = contact(&office, subject).joined.membership;
    let permit = office.admin(ViewAccess);
    let grants = block_on(office.door.grants_of_member(&permit, member)).unwrap();
    let (grant, read) = (grants[0].value.id(), grants[0].version);
    let bills = office.created.profiles[1];
    let change = |version| {
        let permit = office.admin(Grant);
        let changed = office
            .door
            .change_grant_profile(permit, grant, version, bills);
        block_on(changed)
    };
    change(read).unwrap();
    assert!(matches!(
        change(read),
        Err(Error::Fault(Fault::Stale { what: "grant" }))
    ));
    let window = Window::between(NOW, NOW + Duration::days(9)).unwrap();
    let set = office.door.set_grant_window(
        office.admin(Grant),
        grant,
        version(&office, member, grant),
        window,
    );
    block_on(set).unwrap();
    let revoke = || block_on(office.door.revoke_grant(office.admin(Grant), grant));
    revoke().unwrap();
    assert!(matches!(
        revoke(),
        Err(Error::Rejected(GrantRejection::Over))
    ));
    let permit = office.admin(ViewAccess);
    let grants = block_on(office.door.grants_of_member(&permit, member)).unwrap();
    assert_eq!(grants[0].value.profile(), bills);
    assert_eq!(grants[0].value.window(), &window);
    assert!(matches!(
        grants[0].value.status(),
        GrantStatus::Revoked { .. }
    ));
}

/// Design 4: "each gain must lie within what the actor may give".
#[test]
fn a_grantor_gives_what_they_hold_and_nothing_above() {
    let office = Office::open();
    let held = set([("manage_users", Reach::Any), ("view_records", Reach::Any)]);
    let permit = office.admin(EditLevels);
    let level = block_on(office.door.create_level(permit, name("Manager"), held)).unwrap();
    let manager = office.staff("max@example.org", Levels::from([level]));
    let member = contact(&office, resident(&office, "Rose Ruiz"))
        .joined
        .membership;
    let second = resident(&office, "Otto Ruiz");
    let mut bills = form(&office, member, second);
    bills.profile = office.created.profiles[1];
    assert!(matches!(
        give(&office, &manager.session, bills),
        Err(Error::Rejected(GiveRejection::Rule(GrantRejection::Above(
            _
        ))))
    ));
    give(&office, &manager.session, form(&office, member, second)).unwrap();
}

/// ASVS 8.4.1: member, subject and profile are the tenant's own.
#[test]
fn nothing_of_another_tenant_is_granted() {
    let office = Office::open();
    let stranger = office.another_tenant();
    let subject = resident(&office, "Rose Ruiz");
    let member = contact(&office, subject).joined.membership;
    let foreign = give(
        &office,
        &office.admin,
        form(&office, stranger.joined.membership, subject),
    );
    assert!(matches!(
        foreign,
        Err(Error::Fault(Fault::Unknown { what: "member" }))
    ));
    let by_stranger = give(
        &office,
        &stranger.session,
        form(&office, stranger.joined.membership, subject),
    );
    assert!(matches!(
        by_stranger,
        Err(Error::Fault(Fault::Unknown { what: "subject" }))
    ));
    assert_ne!(member, stranger.joined.membership);
}

/// HomeTrak: "allow a (non-office staff) portal user to be able to view information for more than
/// one person"; design 9.6: "attaching oneself is refused".
#[test]
fn people_are_attached_to_portal_users_who_are_not_office_staff() {
    let office = Office::open();
    let subject = resident(&office, "Rose Ruiz");
    let member = contact(&office, subject).joined.membership;
    let second = resident(&office, "Otto Ruiz");
    let attach = |member, subject| {
        let permit = office.admin(Grant);
        block_on(office.door.attach(permit, member, subject))
    };
    attach(member, second).unwrap();
    let count = office.actions().len();
    attach(member, second).unwrap();
    assert_eq!(
        office.actions().len(),
        count,
        "attaching again does nothing"
    );
    let staff = office.admin.membership;
    assert!(matches!(
        attach(staff, second),
        Err(Error::Rejected(AttachRejection::NoPortal))
    ));
    let permit = office.admin(ViewAccess);
    let attached = block_on(office.door.members_attached_to(&permit, second)).unwrap();
    assert_eq!(attached.len(), 1);
    let detach = || block_on(office.door.detach(office.admin(Grant), member, second));
    detach().unwrap();
    assert!(matches!(
        detach(),
        Err(Error::Fault(Fault::Unknown { what: "attachment" }))
    ));
}
