//! Disabling, restoring, closing, erasing.

use doorward_identity::{
    Authority, DisabledReason, ManagedByPerson, PasswordState, Status,
    account::{CloseRejection, DisableRejection, EraseRejection, RestoreRejection},
};
use doorward_types::Principal;

use crate::support::*;

const REASON: DisabledReason = DisabledReason::Administrator;

#[test]
fn a_disabled_account_says_why_by_whom_and_when_and_comes_back_as_it_was() {
    for (before, status) in [(active(), Status::Active), (pending(), Status::Pending)] {
        let epoch = before.security_epoch();
        let (account, events) = before
            .disable(administrator(), REASON, Principal::Operator, NOW)
            .unwrap();
        assert_eq!(kinds(&events), ["account_disabled"]);
        let disabled = account.disabled().unwrap();
        let told = (disabled.reason, disabled.by, disabled.at);
        assert_eq!(told, (REASON, &Principal::Operator, NOW));
        assert!(account.security_epoch() > epoch);
        assert!(account.verified_email().is_none());
        let (account, events) = account.restore(administrator()).unwrap();
        assert_eq!(kinds(&events), ["account_restored"]);
        assert_eq!(account.status(), status);
    }
}

#[test]
fn each_move_is_refused_from_the_wrong_state_by_name() {
    let disabled = active()
        .disable(administrator(), REASON, Principal::System, NOW)
        .unwrap()
        .0;
    let closed = active().close(administrator(), NOW).unwrap().0;
    let erased = closed.clone().erase(NOW).unwrap().0;
    let again = disabled
        .clone()
        .disable(administrator(), REASON, Principal::System, NOW);
    assert_eq!(again.unwrap_err(), DisableRejection::AlreadyDisabled);
    for (account, status) in [
        (closed.clone(), Status::Closed),
        (erased.clone(), Status::Erased),
    ] {
        let refused = account
            .clone()
            .disable(administrator(), REASON, Principal::System, NOW);
        assert_eq!(refused.unwrap_err(), DisableRejection::NotOpen { status });
        let refused = account.clone().restore(administrator());
        assert_eq!(
            refused.unwrap_err(),
            RestoreRejection::NotDisabled { status }
        );
        let refused = account.close(administrator(), NOW);
        assert_eq!(refused.unwrap_err(), CloseRejection::AlreadyClosed);
    }
    let status = Status::Disabled;
    assert_eq!(
        disabled.erase(NOW).unwrap_err(),
        EraseRejection::NotClosed { status }
    );
    assert_eq!(
        erased.erase(NOW).unwrap_err(),
        EraseRejection::AlreadyErased
    );
}

/// NIST SP 800-63B-4: authenticators end with the account.
#[test]
fn no_credential_outlives_closing_and_no_personal_field_erasing() {
    let closed = active().close(Authority::Person, NOW).unwrap().0;
    assert_eq!(closed.password(), PasswordState::None);
    assert!(closed.tickets().is_none());
    assert!(closed.name().is_some());
    let erased = closed.erase(NOW).unwrap().0;
    assert_eq!(erased.id(), account_id(1));
    let json = serde_json::to_string(&erased).unwrap();
    for gone in ["ana", "Ana", "example", "argon2", "contact"] {
        assert!(!json.contains(gone), "{json}");
    }
}

#[test]
fn another_tenant_s_administrator_changes_no_status() {
    let refused = active().disable(stranger(), REASON, Principal::System, NOW);
    assert_eq!(refused.unwrap_err(), ManagedByPerson.into());
    let disabled = active()
        .disable(administrator(), REASON, Principal::System, NOW)
        .unwrap()
        .0;
    assert_eq!(
        disabled.restore(stranger()).unwrap_err(),
        ManagedByPerson.into()
    );
    assert_eq!(
        active().close(stranger(), NOW).unwrap_err(),
        ManagedByPerson.into()
    );
}
