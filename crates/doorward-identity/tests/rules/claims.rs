//! What an account claims, and how it is found.

use doorward_identity::{Authority, Claim, account_claims, login_claims, skeleton_key};
use doorward_types::Scope;

use crate::support::*;

/// Design 6: "claims nothing outside the tenant until proven".
#[test]
fn an_unproved_address_is_claimed_nowhere_and_its_user_name_in_its_tenant() {
    let claims = account_claims(&pending());
    assert!(matches!(&claims[..], [Claim::UserName { tenant, .. }] if *tenant == office()));
    assert_eq!(claims[0].scope(), Scope::Tenant(office()));
    assert_eq!(claims[0].value(), "ana@example.org");
}

#[test]
fn a_proved_address_is_claimed_in_the_directory() {
    let claims = account_claims(&activated());
    assert_eq!(claims.len(), 2);
    assert_eq!(claims[0].scope(), Scope::Directory);
    assert_eq!(
        (claims[0].kind(), claims[0].value()),
        ("verified_address", "ana@example.org")
    );
}

#[test]
fn a_disabled_account_keeps_its_claims_and_a_closed_one_releases_them() {
    let by = doorward_types::Principal::System;
    let reason = doorward_identity::DisabledReason::Administrator;
    let disabled = active()
        .disable(Authority::System, reason, by, NOW)
        .unwrap()
        .0;
    assert_eq!(account_claims(&disabled), account_claims(&active()));
    assert!(skeleton_key(&disabled).is_some());
    let closed = disabled.close(Authority::System, NOW).unwrap().0;
    assert!(account_claims(&closed).is_empty());
    assert!(skeleton_key(&closed).is_none());
}

/// Design 6: confusables are "never on e-mail addresses".
#[test]
fn a_user_name_of_e_mail_form_stands_in_no_skeleton() {
    assert!(skeleton_key(&activated()).is_none());
    assert_eq!(skeleton_key(&active()).unwrap().skeleton, "ana");
}

#[test]
fn every_claim_of_an_account_is_found_by_typing_it() {
    for account in [active(), activated()] {
        for claim in account_claims(&account) {
            let found = login_claims(Some(office()), &claim.value().to_uppercase());
            assert!(found.contains(&claim), "{claim:?}");
        }
    }
}

/// Design 6: "claimed in the tenant that gave it and valid there alone".
#[test]
fn a_user_name_is_found_in_its_own_tenant_alone() {
    let claims = account_claims(&active());
    let elsewhere = login_claims(Some(tenant(2)), "ana");
    assert!(elsewhere.iter().all(|claim| !claims.contains(claim)));
    assert!(login_claims(None, "ana").is_empty());
}
