//! Support access: seven days from a tick, revocable, reading only.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "catalogs/practice.rs"]
pub mod practice;
mod world;

use doorward_access::{
    Administration, Authority, Catalog, Decision, Denial, Relation, SUPPORT_FOR, Source, Standing,
    SupportAccess, SupportRejection,
};
use doorward_types::SupportId;
use practice::Practice;
use time::Duration;
use world::*;

fn practice() -> Catalog {
    practice::catalog().unwrap()
}

/// Kalix: "Our access automatically expires after seven days, and you can also revoke this access at
/// any time"; design 9.5: "a second tick starts a new 7 days".
#[test]
fn support_is_in_for_seven_days_from_the_last_tick_and_out_when_revoked() {
    let catalog = practice();
    let id = SupportId::made_at(NOW, [1; 10]);
    let (access, _) = SupportAccess::open(id, tenant(), membership_id(1), NOW).unwrap();
    let check = |access: &SupportAccess, now| {
        let standing = Standing::of_support(&catalog, access);
        standing.check(Practice::VIEW_CLIENTS, Relation::Other, now)
    };
    let allowed = Decision::Allow(Source::Support(id));
    assert_eq!(
        check(&access, NOW + SUPPORT_FOR - Duration::MICROSECOND),
        allowed
    );
    assert_eq!(
        check(&access, NOW + SUPPORT_FOR),
        Decision::Deny(Denial::Expired)
    );
    let later = NOW + Duration::days(5);
    let (access, _) = access.renew(membership_id(2), later).unwrap();
    assert_eq!(access.granted_by(), membership_id(2));
    assert_eq!(
        check(&access, later + SUPPORT_FOR - Duration::MICROSECOND),
        allowed
    );
    let (revoked, _) = access.clone().revoke(membership_id(1), later).unwrap();
    assert_eq!(check(&revoked, later), Decision::Deny(Denial::Removed));
    assert_eq!(
        revoked.clone().revoke(membership_id(1), later),
        Err(SupportRejection::NotOpen)
    );
    let (again, _) = revoked.renew(membership_id(1), later).unwrap();
    assert!(again.is_open(later));
    let standing = Standing::of_support(&catalog, &again);
    for act in Administration::ALL {
        assert!(
            matches!(standing.may(&catalog, act, later), Decision::Deny(_)),
            "{act}"
        );
    }
    assert_eq!(standing.authority(later), Authority::nothing());
}
