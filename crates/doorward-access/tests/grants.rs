//! Grants: ALIS profiles over one resident, with attestation, windows and authority.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "catalogs/community.rs"]
pub mod catalog;
mod world;

use catalog::Community;
use doorward_access::{
    Authority, Catalog, Decision, Denial, Grant, GrantEdit, GrantEvent, GrantRejection, Granting,
    Held, Membership, Permissions, Profile, Reach, Record, Relation, SelfGranted, Sets, Source,
    Standing,
};
use doorward_types::{Attestation, Offer, Statement, Window};
use time::{Duration, OffsetDateTime};
use world::*;

fn community() -> Catalog {
    catalog::catalog().unwrap()
}

fn profiles(catalog: &Catalog) -> [Profile; 3] {
    [
        profile(
            catalog,
            1,
            "Billing",
            &[
                ("view_invoices", Reach::Assigned),
                ("pay_invoices", Reach::Assigned),
            ],
        ),
        profile(
            catalog,
            2,
            "Care",
            &[
                ("view_evaluations", Reach::Assigned),
                ("view_medications", Reach::Assigned),
            ],
        ),
        profile(
            catalog,
            3,
            "Everything",
            &[
                ("view_invoices", Reach::Any),
                ("view_evaluations", Reach::Any),
                ("view_medications", Reach::Any),
                ("manage_access", Reach::Any),
            ],
        ),
    ]
}

fn contact(catalog: &Catalog) -> Membership {
    member(catalog, 1, &Offer::of(kind("contact")), &Sets::default())
}

fn statement(version: u32) -> Statement {
    let name = "sensitive_information".parse().unwrap();
    Statement::of(
        name,
        version,
        "This user is authorized to view sensitive information.",
    )
}

fn sworn(version: u32) -> Attestation {
    Attestation {
        statement: statement(version),
        by: membership_id(9),
        at: NOW,
    }
}

fn granting(n: u8, over: u8, profile: u8) -> Granting {
    Granting {
        id: grant_id(n),
        subject: subject(over),
        profile: profile_id(profile),
        window: Window::since(NOW),
        attestation: None,
    }
}

struct World {
    catalog: Catalog,
    profiles: [Profile; 3],
    authority: Authority,
}

impl World {
    fn new() -> Self {
        let catalog = community();
        let profiles = profiles(&catalog);
        Self {
            catalog,
            profiles,
            authority: Authority::everything(),
        }
    }

    fn sets(&self) -> Sets<'_> {
        Sets {
            profiles: &self.profiles,
            ..Sets::default()
        }
    }

    fn give(&self, membership: &Membership, granting: Granting) -> Result<Grant, GrantRejection> {
        self.give_asking(membership, granting, None)
            .map(|(grant, _)| grant)
    }

    fn give_asking(
        &self,
        membership: &Membership,
        granting: Granting,
        statement: Option<&Statement>,
    ) -> Result<(Grant, Vec<GrantEvent>), GrantRejection> {
        Grant::give(granting, &self.edit(membership, statement, &principal(9)))
    }

    fn edit<'a>(
        &'a self,
        membership: &'a Membership,
        statement: Option<&'a Statement>,
        by: &'a doorward_types::Principal,
    ) -> GrantEdit<'a> {
        let (catalog, sets, authority) = (&self.catalog, self.sets(), &self.authority);
        GrantEdit {
            catalog,
            sets,
            membership,
            statement,
            authority,
            by,
            now: NOW,
        }
    }

    fn check<P: Permissions>(
        &self,
        membership: &Membership,
        grants: &[Grant],
        asked: P,
        over: u8,
        now: OffsetDateTime,
    ) -> Decision {
        let held = Held {
            sets: self.sets(),
            grants,
            assigned: &[],
        };
        let standing = Standing::resolve(&self.catalog, membership, &held);
        standing.check_record(asked, &Record::of(subject(over)), now)
    }
}

/// ALIS: "Select what access you will grant to this contact": a profile holds over its resident alone.
#[test]
fn a_profile_holds_over_its_subject_alone() {
    let world = World::new();
    let contact = contact(&world.catalog);
    let grants = [
        world.give(&contact, granting(1, 20, 1)).unwrap(),
        world.give(&contact, granting(2, 21, 2)).unwrap(),
    ];
    let check = |asked: Community, over| world.check(&contact, &grants, asked, over, NOW);
    assert_eq!(
        check(Community::VIEW_INVOICES, 20),
        Decision::Allow(Source::Grant(grant_id(1)))
    );
    assert_eq!(
        check(Community::VIEW_MEDICATIONS, 21),
        Decision::Allow(Source::Grant(grant_id(2)))
    );
    assert_eq!(
        check(Community::VIEW_MEDICATIONS, 20),
        Decision::Deny(Denial::NeverGranted)
    );
    assert_eq!(
        check(Community::VIEW_INVOICES, 22),
        Decision::Deny(Denial::NeverGranted)
    );
}

/// Design 9.7: "Staff who is also a family contact: one membership, with a grant per subject under the
/// staff kind."
#[test]
fn staff_who_is_also_family_holds_a_grant_under_the_staff_kind() {
    let world = World::new();
    let staff = in_role(&world.catalog, 1, "staff", "caregiver");
    let grants = [world.give(&staff, granting(1, 20, 1)).unwrap()];
    let check = |asked: Community, over| world.check(&staff, &grants, asked, over, NOW);
    assert_eq!(
        check(Community::VIEW_EVALUATIONS, 21),
        Decision::Allow(Source::Role)
    );
    assert_eq!(
        check(Community::VIEW_INVOICES, 20),
        Decision::Allow(Source::Grant(grant_id(1)))
    );
    assert_eq!(
        check(Community::VIEW_INVOICES, 21),
        Decision::Deny(Denial::NeverGranted)
    );
}

/// Design 4, step 4: a profile cannot lift anybody above the ceiling of their kind.
#[test]
fn a_profile_never_exceeds_the_ceiling_of_the_kind() {
    let world = World::new();
    let contact = contact(&world.catalog);
    let grants = [world.give(&contact, granting(1, 20, 3)).unwrap()];
    assert_eq!(
        world.check(&contact, &grants, Community::MANAGE_ACCESS, 20, NOW),
        Decision::Deny(Denial::AboveCeiling)
    );
    assert_eq!(
        world.check(&contact, &grants, Community::VIEW_INVOICES, 20, NOW),
        Decision::Allow(Source::Grant(grant_id(1)))
    );
    assert!(matches!(
        world.check(&contact, &grants, Community::VIEW_INVOICES, 21, NOW),
        Decision::Deny(_)
    ));
}

/// Design 9.1, at the microsecond.
#[test]
fn a_grant_holds_from_its_first_instant_to_the_last_before_its_end() {
    let world = World::new();
    let contact = contact(&world.catalog);
    let (from, until) = (NOW + Duration::days(1), NOW + Duration::days(2));
    let mut later = granting(1, 20, 1);
    later.window = Window::between(from, until).unwrap();
    let grants = [world.give(&contact, later).unwrap()];
    let at = |now| world.check(&contact, &grants, Community::VIEW_INVOICES, 20, now);
    let allowed = Decision::Allow(Source::Grant(grant_id(1)));
    assert_eq!(
        at(from - Duration::MICROSECOND),
        Decision::Deny(Denial::GrantNotYet(grant_id(1)))
    );
    assert_eq!(at(from), allowed);
    assert_eq!(at(until - Duration::MICROSECOND), allowed);
    assert_eq!(at(until), Decision::Deny(Denial::GrantEnded(grant_id(1))));
}

#[test]
fn a_revoked_grant_gives_nothing_at_once_and_cannot_be_revived() {
    let world = World::new();
    let contact = contact(&world.catalog);
    let by = principal(9);
    let grant = world.give(&contact, granting(1, 20, 1)).unwrap();
    let (revoked, events) = grant.revoke(&by, NOW).unwrap();
    assert!(matches!(events[..], [GrantEvent::Revoked { .. }]));
    assert_eq!(
        world.check(
            &contact,
            std::slice::from_ref(&revoked),
            Community::VIEW_INVOICES,
            20,
            NOW
        ),
        Decision::Deny(Denial::GrantEnded(grant_id(1)))
    );
    assert_eq!(revoked.clone().revoke(&by, NOW), Err(GrantRejection::Over));
    assert_eq!(revoked.clone().end(NOW), Err(GrantRejection::Over));
    let edit = world.edit(&contact, None, &by);
    assert_eq!(
        revoked.clone().change_profile(profile_id(2), &edit),
        Err(GrantRejection::Over)
    );
    let window = Window::since(NOW - Duration::days(1));
    assert_eq!(revoked.set_window(window, &edit), Err(GrantRejection::Over));
}

/// ALIS: "Confirmation: Select the checkbox"; design 9.2: "a contact's always needs it", residents "see
/// their own record".
#[test]
fn a_grant_over_somebody_else_needs_the_present_statement_and_ones_own_does_not() {
    let world = World::new();
    let contact = contact(&world.catalog);
    let asked = statement(2);
    let give = |granting| {
        world
            .give_asking(&contact, granting, Some(&asked))
            .map(|made| made.0)
    };
    assert_eq!(
        give(granting(1, 20, 1)),
        Err(GrantRejection::AttestationMissing)
    );
    let old = Granting {
        attestation: Some(sworn(1)),
        ..granting(1, 20, 1)
    };
    assert_eq!(give(old), Err(GrantRejection::OtherStatement));
    let present = Granting {
        attestation: Some(sworn(2)),
        ..granting(1, 20, 1)
    };
    assert_eq!(give(present).unwrap().attestation(), Some(&sworn(2)));
    let resident = member(
        &world.catalog,
        20,
        &Offer::of(kind("resident")),
        &Sets::default(),
    );
    let own = world
        .give_asking(&resident, granting(2, 20, 1), Some(&asked))
        .unwrap()
        .0;
    let held = Held {
        sets: world.sets(),
        grants: &[own],
        assigned: &[],
    };
    let standing = Standing::resolve(&world.catalog, &resident, &held);
    let record = Record::of(subject(20));
    assert_eq!(standing.relation(&record, NOW), Relation::Own);
    assert_eq!(
        standing.check_record(Community::VIEW_INVOICES, &record, NOW),
        Decision::Allow(Source::Grant(grant_id(2)))
    );
}

/// Design 4: each gain "must lie within what the actor may give".
#[test]
fn nobody_grants_what_they_do_not_hold() {
    let mut world = World::new();
    let contact = contact(&world.catalog);
    let coordinator = in_role(&world.catalog, 9, "staff", "access_coordinator");
    let standing = Standing::resolve(&world.catalog, &coordinator, &Held::default());
    world.authority = standing.authority(NOW);
    assert!(world.give(&contact, granting(1, 20, 2)).is_ok());
    let Err(GrantRejection::Above(short)) = world.give(&contact, granting(2, 21, 1)) else {
        panic!("the coordinator does not pay invoices");
    };
    assert_eq!(
        short.to_string(),
        "gives `pay_invoices` (assigned), which the actor cannot give"
    );
}

/// Design 4: "Only `Everything` may gain by an own act, flagged self-granted."
#[test]
fn a_coordinator_gains_nothing_by_granting_and_an_administrator_has_it_already() {
    let mut world = World::new();
    let profile_of = |n| granting(1, 20, n);
    let coordinator = in_role(&world.catalog, 1, "staff", "access_coordinator");
    let standing = |m: &Membership| Standing::resolve(&world.catalog, m, &Held::default());
    let own = standing(&coordinator).authority(NOW);
    let administrator = in_role(&world.catalog, 2, "staff", "administrator");
    let all = standing(&administrator).authority(NOW);
    world.authority = own;
    assert!(matches!(
        world.give(&coordinator, profile_of(1)),
        Err(GrantRejection::Above(_))
    ));
    world.authority = all;
    let (_, events) = world
        .give_asking(&administrator, profile_of(1), None)
        .unwrap();
    let flagged = |events: &[GrantEvent]| match events {
        [GrantEvent::Given { self_granted, .. }] => *self_granted,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        flagged(&events),
        SelfGranted::No,
        "an administrator holds all of it already"
    );
    let (_, events) = world
        .give_asking(&coordinator, profile_of(1), None)
        .unwrap();
    assert_eq!(flagged(&events), SelfGranted::No, "another member gains");
}

#[test]
fn a_grant_of_an_unknown_or_retired_profile_or_a_window_that_is_over_is_refused() {
    let mut world = World::new();
    let contact = contact(&world.catalog);
    assert_eq!(
        world.give(&contact, granting(1, 20, 7)),
        Err(GrantRejection::UnknownProfile {
            profile: profile_id(7)
        })
    );
    let mut over = granting(1, 20, 1);
    over.window = Window::between(NOW - Duration::days(2), NOW).unwrap();
    assert_eq!(world.give(&contact, over), Err(GrantRejection::WindowOver));
    world.profiles[0] = world.profiles[0].clone().retire(NOW).unwrap().0;
    assert_eq!(
        world.give(&contact, granting(1, 20, 1)),
        Err(GrantRejection::RetiredProfile {
            profile: profile_id(1)
        })
    );
}

/// Design 3: "`Retired` takes nothing from holders".
#[test]
fn holders_keep_a_retired_profile() {
    let mut world = World::new();
    let contact = contact(&world.catalog);
    let grants = [world.give(&contact, granting(1, 20, 1)).unwrap()];
    world.profiles[0] = world.profiles[0].clone().retire(NOW).unwrap().0;
    assert_eq!(
        world.check(&contact, &grants, Community::VIEW_INVOICES, 20, NOW),
        Decision::Allow(Source::Grant(grant_id(1)))
    );
}

#[test]
fn a_grant_whose_profile_was_not_read_leaves_the_check_undecided() {
    let world = World::new();
    let contact = contact(&world.catalog);
    let grants = [world.give(&contact, granting(1, 20, 1)).unwrap()];
    let held = Held {
        grants: &grants,
        ..Held::default()
    };
    let standing = Standing::resolve(&world.catalog, &contact, &held);
    let missing = doorward_access::Missing::Profile(profile_id(1));
    let over = |n| standing.check_record(Community::VIEW_INVOICES, &Record::of(subject(n)), NOW);
    assert_eq!(over(20), Decision::Undecided(missing));
    assert_eq!(
        over(21),
        Decision::Deny(Denial::NeverGranted),
        "the grant is not over them"
    );
}

#[test]
fn a_grant_of_another_membership_is_not_looked_at() {
    let world = World::new();
    let contact = contact(&world.catalog);
    let grants = [world.give(&contact, granting(1, 20, 1)).unwrap()];
    let other = member(
        &world.catalog,
        2,
        &Offer::of(kind("contact")),
        &Sets::default(),
    );
    assert_eq!(
        world.check(&other, &grants, Community::VIEW_INVOICES, 20, NOW),
        Decision::Deny(Denial::NeverGranted)
    );
}

#[test]
fn another_profile_over_the_same_subject_replaces_the_first() {
    let world = World::new();
    let contact = contact(&world.catalog);
    let by = principal(9);
    let grant = world.give(&contact, granting(1, 20, 1)).unwrap();
    let edit = world.edit(&contact, None, &by);
    let (grant, events) = grant.change_profile(profile_id(2), &edit).unwrap();
    let (before, after) = (profile_id(1), profile_id(2));
    let self_granted = SelfGranted::No;
    let id = grant_id(1);
    assert_eq!(
        events,
        [GrantEvent::ProfileChanged {
            id,
            before,
            after,
            self_granted
        }]
    );
    let grants = [grant];
    let check = |asked: Community| world.check(&contact, &grants, asked, 20, NOW);
    assert_eq!(
        check(Community::VIEW_INVOICES),
        Decision::Deny(Denial::NeverGranted)
    );
    assert_eq!(
        check(Community::VIEW_MEDICATIONS),
        Decision::Allow(Source::Grant(id))
    );
}
