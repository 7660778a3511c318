//! What the operator does with accounts: erasing the closed ones that no tenant manages.

use doorward::{
    Error, Fault, ManageAccounts, OperatorEraseRejection, OwnAccount, Reauthentication,
    identity::account::EraseRejection,
    storage::Scope as StorageScope,
    types::{AccountId, RequestId},
};

use crate::{
    agency::{Agency, NOW, block_on},
    joining::{ben, with_ben},
};

fn erase(agency: &Agency, account: AccountId) -> Result<(), Error<OperatorEraseRejection>> {
    let (door, operator) = (&agency.door, agency.door.operator());
    block_on(door.erase_unmanaged_account(&operator, account, None))
}

/// GDPR Art. 17: somebody whom no tenant manages and who has closed their account can be forgotten.
#[test]
fn the_operator_erases_a_closed_account_that_no_tenant_manages() {
    let agency = with_ben();
    let session = ben(&agency);
    assert!(matches!(
        erase(&agency, session.account),
        Err(Error::Rejected(OperatorEraseRejection::Rule(
            EraseRejection::NotClosed { .. }
        )))
    ));
    let permit = agency.permit(&session, OwnAccount);
    let close = agency
        .door
        .close_own_account(permit, Reauthentication::FreshSession);
    block_on(close).unwrap();
    // No administrator could: it is not theirs.
    let permit = agency.admin(ManageAccounts);
    let administrator = agency.door.erase_account(permit, session.account);
    assert!(matches!(
        block_on(administrator),
        Err(Error::Fault(Fault::Unknown { .. }))
    ));
    let request = Some(RequestId::made_at(NOW, [9; 10]));
    for _ in 0..2 {
        let operator = agency.door.operator();
        let account = session.account;
        let erased = agency
            .door
            .erase_unmanaged_account(&operator, account, request);
        block_on(erased).unwrap();
    }
    assert!(matches!(
        erase(&agency, session.account),
        Err(Error::Rejected(OperatorEraseRejection::Rule(
            EraseRejection::AlreadyErased
        )))
    ));
    let noted = agency.actions(StorageScope::Directory);
    let erased = noted.iter().filter(|action| *action == "account.erase");
    assert_eq!(erased.count(), 1);
}

#[test]
fn the_operator_erases_nothing_that_a_tenant_manages() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org");
    let permit = agency.admin(ManageAccounts);
    block_on(agency.door.close_account(permit, ben.membership)).unwrap();
    assert!(matches!(
        erase(&agency, ben.account),
        Err(Error::Rejected(OperatorEraseRejection::Managed))
    ));
    let stranger = AccountId::made_at(NOW, [8; 10]);
    assert!(matches!(
        erase(&agency, stranger),
        Err(Error::Fault(Fault::Unknown { .. }))
    ));
}
