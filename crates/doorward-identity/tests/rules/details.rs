//! Details, user names, and who may change them.

use doorward_identity::{
    Authority, CellNumber, ManagedByPerson, OwnUserName, Status,
    account::{EditDetailsRejection, LoginLinkRejection, RenameRejection},
};
use doorward_types::{DisplayName, Note};

use crate::support::*;

#[test]
fn each_changed_detail_is_one_event_and_an_unchanged_form_none() {
    let name = DisplayName::new("Ana María Ruiz").unwrap();
    let cell = Some(CellNumber::new("+1 555 010 9999").unwrap());
    let note = Note::new("calls on Mondays").unwrap();
    let edit = |account: doorward_identity::Account| {
        account
            .edit_details(administrator(), name.clone(), cell.clone(), note.clone())
            .unwrap()
    };
    let (account, events) = edit(active());
    assert_eq!(
        kinds(&events),
        ["name_changed", "cell_changed", "note_changed"]
    );
    assert_eq!(account.cell().unwrap().dialled(), "+15550109999");
    assert_eq!(account.security_epoch(), active().security_epoch());
    assert!(edit(account).1.is_empty());
}

/// Design 6: "all else is `ManagedByPerson`".
#[test]
fn only_the_managing_tenant_and_the_person_change_an_account() {
    let name = || active().name().unwrap().clone();
    let edit = |authority| {
        active()
            .edit_details(authority, name(), None, Note::default())
            .map(|_| ())
    };
    assert_eq!(edit(administrator()), Ok(()));
    assert_eq!(edit(Authority::Person), Ok(()));
    assert_eq!(
        edit(stranger()),
        Err(EditDetailsRejection::ManagedByPerson(ManagedByPerson))
    );
}

/// Design 6: "Cleared for good in the commit that adds a membership in a second tenant."
#[test]
fn a_second_tenant_ends_the_management_for_good() {
    let (account, events) = active().join_tenant(office());
    assert!(events.is_empty());
    assert_eq!(account.managed_by(), Some(office()));
    let (account, events) = account.join_tenant(tenant(2));
    assert_eq!(kinds(&events), ["management_ended"]);
    assert_eq!(account.managed_by(), None);
    let (account, events) = account.join_tenant(office());
    assert!(events.is_empty());
    assert_eq!(account.managed_by(), None);
    let refused = account
        .rename(administrator(), &contact(), None)
        .unwrap_err();
    assert_eq!(refused, ManagedByPerson.into());
}

#[test]
fn a_user_name_is_changed_taken_away_and_given_in_one_s_own_tenant_alone() {
    let rename = |name| active().rename(administrator(), &contact(), name);
    let (account, events) = rename(Some(own_name("ana.ruiz"))).unwrap();
    assert_eq!(kinds(&events), ["user_name_changed"]);
    assert_eq!(account.user_name().unwrap().name.as_str(), "ana.ruiz");
    assert!(rename(None).unwrap().0.user_name().is_none());
    assert!(rename(Some(own_name("ANA"))).unwrap().1.is_empty());
    let elsewhere = OwnUserName {
        tenant: tenant(2),
        ..own_name("ana")
    };
    assert_eq!(
        rename(Some(elsewhere)).unwrap_err(),
        RenameRejection::OtherTenant
    );
    let other = rename(Some(own_name("bob@example.org"))).unwrap_err();
    assert_eq!(other, RenameRejection::UserNameNotOwnAddress);
}

/// ALIS: "use this option to email them the direct URL to the login page".
#[test]
fn a_login_link_goes_to_the_proved_address_of_an_active_account_and_changes_nothing() {
    let events = active().mail_login_link().unwrap();
    assert_eq!(kinds(&events), ["login_link_mailed"]);
    let refused = pending().mail_login_link().unwrap_err();
    assert_eq!(
        refused,
        LoginLinkRejection::NotActive {
            status: Status::Pending
        }
    );
}

#[test]
fn nothing_of_a_closed_account_is_edited() {
    let closed = active().close(Authority::Person, NOW).unwrap().0;
    let name = closed.name().unwrap().clone();
    let refused = closed.edit_details(Authority::Person, name, None, Note::default());
    let status = Status::Closed;
    assert_eq!(
        refused.unwrap_err(),
        EditDetailsRejection::NotOpen { status }
    );
}
