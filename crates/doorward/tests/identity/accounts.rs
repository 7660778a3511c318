//! Accounts that administrators create, change and end, and how their person takes them over.

use doorward::{
    AccountDetails, ActivateRejection, CloseAccountRejection, CreateAccountRejection,
    DisableAccountRejection, Error, Fault, Invite, LinkRefusal, ManageAccounts, ManageMembers,
    NewInvitation, OwnAccount, Reauthentication, RenameAccountRejection, ResetCredentials,
    YieldRejection,
    identity::{
        DisabledReason, Handover, Status, TicketRefusal,
        account::{RegisterRejection, RenameRejection},
    },
    invitations::{Confirmed, Sworn},
    types::{Channel, Note, Offer},
};
use time::Duration;

use crate::agency::{
    Agency, OTHER, PASSWORD, block_on, email, kind, name, new_account, secret, user_name,
};

fn create_refusal(
    agency: &Agency,
    class: &str,
    called: &str,
    address: &str,
) -> CreateAccountRejection {
    let person = agency.person(called, None);
    let new = new_account(person, class, called, address);
    match block_on(
        agency
            .door
            .create_account(agency.admin(ManageAccounts), new),
    ) {
        Err(Error::Rejected(rejection)) => rejection,
        other => panic!("{other:?}"),
    }
}

/// HomeTrak: "This will automatically be filled with the email address from the person's profile,
/// if it is specified there."
#[test]
fn the_form_is_filled_in_from_the_person_until_there_is_an_account() {
    let agency = Agency::open();
    let person = agency.person("Ana Ruiz", Some("ana@example.org"));
    let form = |agency: &Agency| {
        let permit = agency.admin(ManageAccounts);
        block_on(agency.door.account_form(&permit, person)).unwrap()
    };
    let empty = form(&agency).value;
    assert_eq!(empty.name, name("Ana Ruiz"));
    assert_eq!(empty.address, Some(email("ana@example.org")));
    assert_eq!((empty.membership, empty.status), (None, None));
    let new = new_account(person, "standard", "ana", "ana.ruiz@example.org");
    let created = block_on(
        agency
            .door
            .create_account(agency.admin(ManageAccounts), new),
    )
    .unwrap();
    let filled = form(&agency).value;
    assert_eq!(filled.membership, Some(created.membership));
    assert_eq!(filled.user_name, Some(user_name("ana")));
    assert_eq!(filled.address, Some(email("ana.ruiz@example.org")));
    assert_eq!(filled.status, Some(Status::Pending));
}

/// HomeTrak: "an activation email will be sent to the person to set their password".
#[test]
fn an_identity_account_is_activated_by_its_mail() {
    let agency = Agency::open();
    let ben = agency.account("identity", "ben", "ben@example.org");
    let first = agency.mail_to("ben@example.org").link();
    let permit = agency.admin(ManageAccounts);
    let mailed = block_on(agency.door.resend_activation(permit, ben.membership)).unwrap();
    assert_eq!(mailed.expires_at, crate::agency::NOW + Duration::days(7));
    let second = agency.mail_to("ben@example.org").link();
    let superseded = LinkRefusal::Ticket(TicketRefusal::Superseded);
    match block_on(agency.door.activate(&first, &secret(PASSWORD), None)) {
        Err(Error::Rejected(ActivateRejection::Link(refusal))) => assert_eq!(refusal, superseded),
        other => panic!("{other:?}"),
    }
    block_on(agency.door.activate(&second, &secret(PASSWORD), None)).unwrap();
    assert!(
        agency
            .sign_in(Channel::Portal, "ben@example.org", PASSWORD)
            .is_some()
    );
    let permit = agency.admin(ManageAccounts);
    assert!(block_on(agency.door.resend_activation(permit, ben.membership)).is_err());
}

/// HomeTrak: "The username must be the email address to be created as an Identity account."
#[test]
fn an_identity_account_has_its_address_as_user_name() {
    let agency = Agency::open();
    let person = agency.person("Ben", None);
    let mut new = new_account(person, "identity", "ben", "ben@example.org");
    new.user_name = Some(user_name("ben"));
    let created = agency
        .door
        .create_account(agency.admin(ManageAccounts), new);
    assert!(matches!(
        block_on(created),
        Err(Error::Rejected(CreateAccountRejection::Rule(
            RegisterRejection::UserNameNotOwnAddress
        )))
    ));
}

/// HomeTrak: "Enter a unique username for this person"; design 6: the confusable skeleton is unique
/// where a name has a non-ASCII letter.
#[test]
fn a_user_name_is_one_persons_and_looks_like_no_other() {
    let agency = Agency::open();
    agency.account("standard", "paypal", "pat@example.org");
    assert_eq!(
        create_refusal(&agency, "standard", "PayPal", "other@example.org"),
        CreateAccountRejection::UserNameTaken
    );
    assert!(matches!(
        create_refusal(
            &agency,
            "standard",
            "p\u{430}yp\u{430}l",
            "other@example.org"
        ),
        CreateAccountRejection::LooksLikeAnother(_)
    ));
    // Names of ASCII alone are never look-alikes.
    agency.account("standard", "marnie", "marnie@example.org");
    agency.account("standard", "mamie", "mamie@example.org");
    // Another tenant has names of its own.
    agency.new_tenant("Hillside", "hill@example.org");
}

/// A person has one account here, and an address is one member's (design 9.10).
#[test]
fn a_person_and_an_address_have_one_account_here() {
    let agency = Agency::open();
    agency.identity("ben", "ben@example.org");
    assert_eq!(
        create_refusal(&agency, "standard", "ben2", "ben@example.org"),
        CreateAccountRejection::AddressTaken
    );
    agency.person("Cleo", Some("cleo@example.org"));
    assert_eq!(
        create_refusal(&agency, "standard", "dora", "cleo@example.org"),
        CreateAccountRejection::AddressTaken
    );
    let person = agency.person("Eli", None);
    let new = new_account(person, "standard", "eli", "eli@example.org");
    block_on(
        agency
            .door
            .create_account(agency.admin(ManageAccounts), new),
    )
    .unwrap();
    let twice = new_account(person, "standard", "eli2", "eli2@example.org");
    assert!(matches!(
        block_on(
            agency
                .door
                .create_account(agency.admin(ManageAccounts), twice)
        ),
        Err(Error::Rejected(CreateAccountRejection::HasAccount))
    ));
}

/// Design 6: whether an address has an account elsewhere, "a sponsor does not learn it either": not
/// by what is read and written.
#[test]
fn an_address_with_an_account_elsewhere_costs_the_calls_of_one_without() {
    let agency = Agency::open();
    agency.new_tenant("Hillside", "hill@example.org");
    agency.new_tenant("Riverside", "river@example.org");
    let invite = |address: &str| {
        let form = NewInvitation {
            address: email(address),
            person: None,
            name: None,
            offer: Offer::of(kind("caregiver")),
            sworn: Sworn::new(),
        };
        agency.storage.take();
        block_on(agency.door.invite(agency.admin(Invite), form)).unwrap();
        agency.storage.take()
    };
    assert_eq!(invite("hill@example.org"), invite("none@example.org"));
    let create = |called: &str, address: &str| {
        let person = agency.person(called, None);
        let new = new_account(person, "identity", called, address);
        let permit = agency.admin(ManageAccounts);
        agency.storage.take();
        block_on(agency.door.create_account(permit, new)).unwrap();
        agency.storage.take()
    };
    let elsewhere = create("river", "river@example.org");
    assert_eq!(elsewhere, create("nobody", "nobody@example.org"));
}

/// Design 6: "its link answers \"sign in to continue\", and that sign-in moves the membership to the
/// signed-in account in one commit; the other account closes if that was its last membership".
#[test]
fn a_membership_moves_to_the_account_that_had_proved_the_address() {
    let agency = Agency::open();
    let (hillside, hill) = agency.new_tenant("Hillside", "hill@example.org");
    // That the address has an account elsewhere is not told.
    let created = agency.account("identity", "hill", "hill@example.org");
    let link = agency.mail_to("hill@example.org").link();
    assert!(matches!(
        block_on(agency.door.activate(&link, &secret(OTHER), None)),
        Err(Error::Rejected(ActivateRejection::SignIn))
    ));
    let continue_as = |session| {
        let permit = agency.permit(session, OwnAccount);
        block_on(
            agency
                .door
                .yield_membership(permit, &link, Confirmed::by_post()),
        )
    };
    assert!(matches!(
        continue_as(&agency.admin),
        Err(Error::Rejected(YieldRejection::OtherAddress))
    ));
    let joined = continue_as(&hill).unwrap();
    assert_eq!(joined.membership, created.membership);
    assert_eq!(joined.account, hill.account);
    let here = agency.sign_in(Channel::Portal, "hill@example.org", PASSWORD);
    assert_eq!(here.unwrap().membership, created.membership);
    assert!(agency.is_live(&hill), "it is signed in there still");
    assert!(
        agency
            .sign_in_at(hillside, Channel::Portal, "hill@example.org", PASSWORD)
            .is_some()
    );
    assert!(matches!(
        continue_as(&hill),
        Err(Error::Rejected(YieldRejection::Link(_)))
    ));
}

/// HomeTrak: "Create or convert this account as an Identity account"; design 9.6: a new activation
/// mail.
#[test]
fn converting_mails_an_activation_and_ends_the_old_password() {
    let agency = Agency::open();
    let ana = agency.standard("ana", "ana@example.org");
    let session = agency.sign_in(Channel::Mobile, "ana", PASSWORD).unwrap();
    let convert = || {
        let permit = agency.admin(ManageAccounts);
        block_on(agency.door.convert_account(permit, ana.membership))
    };
    assert!(
        convert().is_err(),
        "the user name must be the address first"
    );
    let permit = agency.admin(ManageAccounts);
    let renamed = Some(user_name("ana@example.org"));
    block_on(agency.door.rename_account(permit, ana.membership, renamed)).unwrap();
    assert!(convert().unwrap().expires_at.is_some());
    assert!(!agency.is_live(&session));
    assert!(
        agency
            .sign_in(Channel::Mobile, "ana@example.org", PASSWORD)
            .is_none()
    );
    let link = agency.mail_to("ana@example.org").link();
    block_on(agency.door.activate(&link, &secret(OTHER), None)).unwrap();
    assert!(
        agency
            .sign_in(Channel::Portal, "ana@example.org", OTHER)
            .is_some()
    );
}

/// Design 2: a form carries the version it was read at.
#[test]
fn a_form_read_before_somebody_else_saved_is_stale() {
    let agency = Agency::open();
    let person = agency.person("Ana Ruiz", None);
    let new = new_account(person, "standard", "ana", "ana@example.org");
    let ana = block_on(
        agency
            .door
            .create_account(agency.admin(ManageAccounts), new),
    )
    .unwrap();
    let permit = agency.admin(ManageAccounts);
    let version = block_on(agency.door.account_form(&permit, person))
        .unwrap()
        .version;
    let save = |note: &str| {
        let details = AccountDetails {
            name: name("Ana Ruiz"),
            cell: None,
            note: Note::new(note).unwrap(),
        };
        let permit = agency.admin(ManageAccounts);
        block_on(
            agency
                .door
                .edit_account(permit, ana.membership, version, details),
        )
    };
    save("calls back in the evening").unwrap();
    assert!(matches!(
        save("never calls"),
        Err(Error::Fault(Fault::Stale { .. }))
    ));
    let form = block_on(agency.door.account_form(&permit, person)).unwrap();
    assert_eq!(form.value.note.as_str(), "calls back in the evening");
}

/// HomeTrak: "Enter a unique username for this person": they may choose another one themselves.
#[test]
fn whoever_is_signed_in_gives_themselves_another_user_name() {
    let agency = Agency::open();
    agency.standard("ana", "ana@example.org");
    agency.standard("dora", "dora@example.org");
    let session = agency.sign_in(Channel::Mobile, "ana", PASSWORD).unwrap();
    let rename = |to: &str| {
        let permit = agency.permit(&session, OwnAccount);
        block_on(agency.door.rename_own_account(permit, Some(user_name(to))))
    };
    assert!(matches!(
        rename("DORA"),
        Err(Error::Rejected(RenameAccountRejection::Taken))
    ));
    rename("ana.ruiz").unwrap();
    let opens = |called: &str| agency.sign_in(Channel::Mobile, called, PASSWORD).is_some();
    assert!(opens("ana.ruiz") && !opens("ana"));
}

/// ALIS: "Update the contact's Username"; ASVS 6.3.7: the person is told.
#[test]
fn renaming_gives_the_old_name_free_and_tells_the_person() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org");
    let rename = |membership, to: Option<&str>| {
        let permit = agency.admin(ManageAccounts);
        let to = to.map(user_name);
        block_on(agency.door.rename_account(permit, membership, to))
    };
    assert!(matches!(
        rename(ben.membership, Some("ben")),
        Err(Error::Rejected(RenameAccountRejection::Rule(
            RenameRejection::UserNameNotOwnAddress
        )))
    ));
    rename(ben.membership, None).unwrap();
    let told = agency.mail_to("ben@example.org");
    assert!(
        told.subject.ends_with("Your account was changed"),
        "{told:?}"
    );
    let ana = agency.standard("ana", "ana@example.org");
    let dora = agency.standard("dora", "dora@example.org");
    assert!(matches!(
        rename(dora.membership, Some("ANA")),
        Err(Error::Rejected(RenameAccountRejection::Taken))
    ));
    rename(ana.membership, Some("ana.ruiz")).unwrap();
    rename(dora.membership, Some("ana")).unwrap();
    assert!(
        agency
            .sign_in(Channel::Mobile, "ana.ruiz", PASSWORD)
            .is_some()
    );
    // Its look-alikes are refused under the new name, and its old one is dora's.
    assert!(matches!(
        rename(dora.membership, Some("an\u{430}.ruiz")),
        Err(Error::Rejected(RenameAccountRejection::LooksLikeAnother(_)))
    ));
}

/// Design 4: "The last member who can administer a tenant cannot be ... disabled".
#[test]
fn the_last_administrators_account_is_not_disabled_or_closed() {
    let agency = Agency::open();
    let (admin, reason) = (agency.admin.membership, DisabledReason::Administrator);
    let disable = || {
        let permit = agency.admin(ManageAccounts);
        block_on(agency.door.disable_account(permit, admin, reason))
    };
    assert!(matches!(
        disable(),
        Err(Error::Rejected(DisableAccountRejection::LastAdministrator))
    ));
    let close = agency
        .door
        .close_own_account(agency.admin(OwnAccount), Reauthentication::FreshSession);
    assert!(matches!(
        block_on(close),
        Err(Error::Rejected(CloseAccountRejection::LastAdministrator))
    ));
    let second = agency.staff("sam@example.org", doorward::types::Levels::Unrestricted);
    disable().unwrap();
    assert!(!agency.is_live(&agency.admin));
    let permit = agency.permit(&second, ManageAccounts);
    block_on(agency.door.restore_account(permit, admin)).unwrap();
    assert!(!agency.is_live(&agency.admin), "the epoch has risen");
    assert!(
        agency
            .sign_in(Channel::Portal, "dana@example.org", PASSWORD)
            .is_some()
    );
}

/// Design 6: "claims are released, the id stays and is never reused; whoever later owns the address
/// inherits nothing".
#[test]
fn a_closed_account_gives_its_names_free_and_is_erased() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org");
    let permit = agency.admin(ManageAccounts);
    assert!(
        block_on(agency.door.erase_account(permit, ben.account)).is_err(),
        "close it first"
    );
    let permit = agency.admin(ManageAccounts);
    let closed = block_on(agency.door.close_account(permit, ben.membership)).unwrap();
    assert_eq!(closed, ben.account);
    assert!(
        agency
            .sign_in(Channel::Portal, "ben@example.org", PASSWORD)
            .is_none()
    );
    agency.mails();
    let again = agency.identity("ben again", "ben@example.org");
    assert_ne!(again.account, ben.account);
    let permit = agency.admin(ManageAccounts);
    block_on(agency.door.erase_account(permit, ben.account)).unwrap();
    let permit = agency.admin(ManageAccounts);
    assert!(matches!(
        block_on(agency.door.erase_account(permit, ben.account)),
        Err(Error::Fault(Fault::Unknown { .. }))
    ));
    // Another tenant's administrator has never heard of it.
    let (_, hill) = agency.new_tenant("Hillside", "hill@example.org");
    let permit = agency.permit(&hill, ManageAccounts);
    assert!(matches!(
        block_on(agency.door.close_account(permit, again.membership)),
        Err(Error::Fault(Fault::Unknown { .. }))
    ));
}

/// Design 6: management is "cleared for good in the commit that adds a membership in a second
/// tenant"; then "all else is ManagedByPerson".
#[test]
fn an_account_of_two_tenants_is_its_persons() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org");
    let (_, hill) = agency.new_tenant("Hillside", "hill@example.org");
    let invitation = NewInvitation {
        address: email("ben@example.org"),
        person: None,
        name: None,
        offer: Offer::of(kind("caregiver")),
        sworn: Sworn::default(),
    };
    let permit = agency.permit(&hill, Invite);
    let invited = block_on(agency.door.invite(permit, invitation)).unwrap();
    let session = agency
        .sign_in(Channel::Portal, "ben@example.org", PASSWORD)
        .unwrap();
    let accepted = agency.door.accept_signed_in(
        agency.permit(&session, OwnAccount),
        doorward::InvitationRef {
            tenant: hill.tenant,
            invitation: invited.invitation,
        },
        Confirmed::by_post(),
    );
    block_on(accepted).unwrap();
    let permit = agency.admin(ManageAccounts);
    let reason = DisabledReason::Administrator;
    assert!(matches!(
        block_on(agency.door.disable_account(permit, ben.membership, reason)),
        Err(Error::Rejected(DisableAccountRejection::Rule(
            doorward::identity::account::DisableRejection::ManagedByPerson(_)
        )))
    ));
    let permit = agency.admin(ManageAccounts);
    let renamed = agency.door.rename_account(permit, ben.membership, None);
    assert!(matches!(
        block_on(renamed),
        Err(Error::Rejected(RenameAccountRejection::Rule(
            RenameRejection::ManagedByPerson(_)
        )))
    ));
    let permit = agency.admin(ResetCredentials);
    let issued = agency
        .door
        .issue_temporary_password(permit, ben.membership, Handover::Mailed);
    assert!(block_on(issued).is_err());
    // What every administrator may: a reset mailed to the verified address, and their own tenant's
    // membership.
    let permit = agency.admin(ResetCredentials);
    block_on(agency.door.send_reset(permit, ben.membership)).unwrap();
    let permit = agency.admin(ManageMembers);
    block_on(agency.door.disable_access(permit, ben.membership)).unwrap();
}

/// Somebody who leaves ends every membership at once.
#[test]
fn closing_ones_own_account_ends_every_membership() {
    let agency = Agency::open();
    agency.identity("ben", "ben@example.org");
    let session = agency
        .sign_in(Channel::Portal, "ben@example.org", PASSWORD)
        .unwrap();
    let permit = agency.permit(&session, OwnAccount);
    block_on(
        agency
            .door
            .close_own_account(permit, Reauthentication::FreshSession),
    )
    .unwrap();
    assert!(!agency.is_live(&session));
    let told = agency.mail_to("ben@example.org");
    assert!(told.subject.ends_with("Your account was changed"));
}
