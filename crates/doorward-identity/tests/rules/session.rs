//! Whether a session still counts.

use doorward_identity::{
    AccessEpoch, Account, DisabledReason, MembershipFacts, MembershipStanding, Session,
    SessionEnded,
};
use doorward_types::{Channel, MembershipId, Principal, Window};
use time::{Duration, OffsetDateTime};

use crate::support::*;

fn session(account: &Account) -> Session {
    Session {
        account: account.id(),
        membership: membership_id(),
        tenant: office(),
        channel: Channel::Portal,
        security_epoch: account.security_epoch(),
        access_epoch: AccessEpoch::from(1),
        signed_in_at: NOW,
    }
}

fn check(account: &Account, facts: MembershipFacts, now: OffsetDateTime) -> Option<SessionEnded> {
    session(&active()).check(account, &facts, now).err()
}

#[test]
fn a_session_counts_while_nothing_has_changed() {
    assert_eq!(check(&active(), membership(), NOW), None);
}

/// ALIS: "Immediately revoke the user's ability to log in".
#[test]
fn disabled_access_and_a_risen_epoch_end_a_session_at_once() {
    let inactive = MembershipFacts {
        standing: MembershipStanding::Inactive,
        ..membership()
    };
    assert_eq!(
        check(&active(), inactive, NOW),
        Some(SessionEnded::AccessChanged)
    );
    let risen = MembershipFacts {
        access_epoch: AccessEpoch::from(2),
        ..membership()
    };
    assert_eq!(
        check(&active(), risen, NOW),
        Some(SessionEnded::AccessChanged)
    );
}

/// ASVS 7.4.2, 7.4.3.
#[test]
fn a_changed_password_and_a_disabled_account_end_a_session_at_once() {
    let current = proof(&active(), OWN);
    let changed = active()
        .change_password(&current, hashed(OTHER), NOW)
        .unwrap()
        .0;
    assert_eq!(
        check(&changed, membership(), NOW),
        Some(SessionEnded::AccountChanged)
    );
    let reason = DisabledReason::Compromise;
    let disabled = active()
        .disable(administrator(), reason, Principal::System, NOW)
        .unwrap()
        .0;
    assert_eq!(
        check(&disabled, membership(), NOW),
        Some(SessionEnded::AccountChanged)
    );
    let restored = disabled.restore(administrator()).unwrap().0;
    assert_eq!(
        check(&restored, membership(), NOW),
        Some(SessionEnded::AccountChanged)
    );
}

/// Design 9.1, at the microsecond.
#[test]
fn a_session_ends_with_the_membership_s_window() {
    let until = NOW + Duration::days(1);
    let window = Window::between(NOW, until).unwrap();
    let facts = MembershipFacts {
        window,
        ..membership()
    };
    assert_eq!(check(&active(), facts, until - Duration::MICROSECOND), None);
    assert_eq!(
        check(&active(), facts, until),
        Some(SessionEnded::OutsideWindow)
    );
}

/// ASVS 8.4.1.
#[test]
fn a_session_is_good_in_its_own_tenant_and_membership_alone() {
    let elsewhere = MembershipFacts {
        tenant: tenant(2),
        ..membership()
    };
    assert_eq!(
        check(&active(), elsewhere, NOW),
        Some(SessionEnded::OtherPlace)
    );
    let id = MembershipId::made_at(NOW, [51; 10]);
    let rejoined = MembershipFacts { id, ..membership() };
    assert_eq!(
        check(&active(), rejoined, NOW),
        Some(SessionEnded::OtherPlace)
    );
}
