//! Who can see this person's data, and why; what a member can reach.

use std::collections::BTreeSet;

use doorward::{
    Error, Fault, OpenSupport, ViewAccess,
    access::{Mask, Permissions, Record, Relation, Source},
    audit::report::{AccessStatus, Why},
    identity::{DisabledReason, Link, Session},
    types::{MembershipId, Offer, PersonId, SubjectOffer, Window},
};
use time::Duration;

use crate::world::{Member, P, World, kind, name, run, subject};

/// A community with somebody of every sort: `(world, people, members)`.
fn community() -> (World, Vec<PersonId>, Vec<Member>) {
    let world = World::new();
    let ruth = world.person("resident", "Ruth Abel", Some("ruth@example.org"));
    let otto = world.resident("Otto Bauer");
    let cleo = world.staff("cleo@example.org", "caregiver", &["only_assigned"]);
    world.relate(world.person_of(&cleo), otto, "clinician", Link::Assigned);
    let members = vec![
        world.family("eva@example.org", ruth),
        world.family("emil@example.org", otto),
        cleo,
        world.staff("carl@example.org", "caregiver", &[]),
        world.staff("cora@example.org", "coordinator", &[]),
        world.office("olga@example.org"),
        world.join("ruth@example.org", Some(ruth), Offer::of(kind("resident"))),
    ];
    world.disable(members[1].id());
    (world, vec![ruth, otto], members)
}

fn sessions(world: &World, members: &[Member]) -> Vec<Session> {
    let joined = members.iter().map(|member| member.session);
    joined.chain([world.director]).collect()
}

/// Design 4: "Reverse questions come from the same tables as the check."
#[test]
fn who_can_see_lists_exactly_those_whom_a_check_allows() {
    let (world, people, members) = community();
    let permit = world.permit(ViewAccess);
    for person in people {
        for permission in P::all().iter() {
            let viewers = run(world.door.who_can_see(&permit, subject(person), permission));
            let listed: BTreeSet<MembershipId> = viewers
                .unwrap()
                .iter()
                .filter_map(|viewer| viewer.membership)
                .collect();
            // A session that is over allows nothing.
            let allowed = sessions(&world, &members).into_iter().filter(|session| {
                let decision = run(world.door.check(session, permission, &Record::of(person)));
                decision.is_ok_and(|decision| decision.allowed().is_ok())
            });
            let allowed: BTreeSet<_> = allowed.map(|session| session.membership).collect();
            assert_eq!(listed, allowed, "{permission:?}");
        }
    }
}

/// Design 4: "who can do X to subject S, what can account A reach".
#[test]
fn the_reach_of_a_member_is_exactly_what_a_check_allows() {
    let (world, people, members) = community();
    let permit = world.permit(ViewAccess);
    let catalog = world.door.catalog();
    for session in sessions(&world, &members) {
        let reach = run(world.door.reach_of(&permit, session.membership)).unwrap();
        let mask = |names: &[doorward::audit::report::HeldPermission]| {
            let each = names
                .iter()
                .filter_map(|held| catalog.permission(held.permission.as_str()));
            each.fold(Mask::EMPTY, |all, permission| all | permission.mask())
        };
        let everybody = mask(&reach.everybody);
        for person in &people {
            let assigned = reach
                .people
                .iter()
                .find(|row| row.subject == subject(*person));
            for permission in P::all().iter() {
                let record = Record::of(*person);
                let checked = run(world.door.check(&session, permission, &record));
                let allowed = checked.is_ok_and(|decision| decision.allowed().is_ok());
                let is_own = run(world.door.standing(&session)).is_ok_and(|snapshot| {
                    snapshot.standing().relation(&record, world.now()) == Relation::Own
                });
                let over = match assigned {
                    _ if is_own => mask(&reach.own),
                    Some(row) => mask(&row.permissions),
                    None => everybody,
                };
                assert_eq!(over.contains(permission.mask()), allowed, "{permission:?}");
            }
        }
    }
}

/// Issue: "who can see this resident, and why".
#[test]
fn each_viewer_comes_with_the_reason_by_the_names_of_today() {
    let (world, people, members) = community();
    let permit = world.permit(ViewAccess);
    let viewers = run(world
        .door
        .who_can_see(&permit, subject(people[0]), P::VIEW_CARE))
    .unwrap();
    let why = |member: &Member| {
        let viewer = viewers
            .iter()
            .find(|viewer| viewer.membership == Some(member.id()));
        viewer.map(|viewer| viewer.why.iter().map(Why::to_string).collect::<Vec<_>>())
    };
    assert_eq!(why(&members[0]).unwrap(), ["profile Family"]);
    assert_eq!(why(&members[3]).unwrap(), ["role caregiver"]);
    assert_eq!(why(&members[4]).unwrap(), ["role coordinator"]);
    assert_eq!(why(&members[5]).unwrap(), ["full access by default"]);
    assert_eq!(why(&members[6]).unwrap(), ["baseline"]);
    assert_eq!(
        why(&members[2]),
        None,
        "only assigned clients, and Ruth is not one"
    );
    let eva = &viewers
        .iter()
        .find(|viewer| viewer.membership == Some(members[0].id()));
    assert_eq!(eva.unwrap().name, Some(name("eva@example.org")));
}

/// Windows are half-open (design 9.1), and a review says when access ends by itself.
#[test]
fn a_grant_with_an_end_says_until_when_it_is_seen() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let until = world.now() + Duration::days(10);
    let eva = world.contact("Eva Abel", "eva@example.org", ruth);
    let offer = Offer::of(kind("contact"))
        .with_subject(SubjectOffer {
            window: Window::between(world.now(), until).unwrap(),
            ..world.over(ruth, 0)
        })
        .unwrap();
    world.join("eva@example.org", Some(eva), offer);
    let who = || {
        let permit = world.permit(ViewAccess);
        run(world.door.who_can_see(&permit, subject(ruth), P::VIEW_CARE)).unwrap()
    };
    let ends: Vec<_> = who().iter().map(|viewer| viewer.until).collect();
    assert_eq!(ends, [None, Some(until)], "the director's access lasts");
    world.wait(Duration::days(10) - Duration::MICROSECOND);
    assert_eq!(who().len(), 2);
    world.wait(Duration::MICROSECOND);
    assert_eq!(who().len(), 1);
}

/// Kalix: "Inviting Kalix Support to Your Account".
#[test]
fn open_support_is_listed_with_its_end() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let opened = run(world.door.open_support(world.permit(OpenSupport))).unwrap();
    let permit = world.permit(ViewAccess);
    let viewers = run(world.door.who_can_see(&permit, subject(ruth), P::VIEW_CARE)).unwrap();
    let support = viewers.last().unwrap();
    assert_eq!(support.source, Source::Support(opened.support));
    assert_eq!((support.membership, support.until), (None, opened.until));
    let viewers = run(world.door.who_can_see(&permit, subject(ruth), P::EDIT_CARE)).unwrap();
    assert!(viewers.iter().all(|viewer| viewer.support.is_none()));
}

/// ASVS 8.4.1.
#[test]
fn a_person_of_another_tenant_is_unknown_here() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let (_, stranger) = world.community("Oak Court", "oskar@example.org");
    let permit = world.permit_of(&stranger, ViewAccess);
    let seen = run(world.door.who_can_see(&permit, subject(ruth), P::VIEW_CARE));
    assert!(
        matches!(seen, Err(Error::Fault(Fault::Unknown { what: "person" }))),
        "{seen:?}"
    );
}

/// A permit that was kept does not outlive its member's access (ASVS 8.3.2).
#[test]
fn a_kept_permit_reads_nothing_after_its_member_was_disabled() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let cora = world.staff("cora@example.org", "coordinator", &[]);
    let kept = world.permit_of(&cora.session, ViewAccess);
    assert!(run(world.door.who_can_see(&kept, subject(ruth), P::VIEW_CARE)).is_ok());
    world.disable(cora.id());
    let seen = run(world.door.who_can_see(&kept, subject(ruth), P::VIEW_CARE));
    assert!(matches!(seen, Err(Error::Denied(_))), "{seen:?}");
}

/// HomeTrak: "You can attach the other people whose profiles you want this user to view under the
/// 'People this account can view' tab"; attaching widens whom, not what (design 9.6).
#[test]
fn an_attached_person_is_seen_with_what_is_held_anyway() {
    let world = World::new();
    let (ruth, otto) = (world.resident("Ruth Abel"), world.resident("Otto Bauer"));
    let cleo = world.staff("cleo@example.org", "caregiver", &["only_assigned"]);
    let attach = |person| {
        let permit = world.permit(doorward::Grant);
        run(world.door.attach(permit, cleo.id(), subject(person))).unwrap();
    };
    attach(ruth);
    let permit = world.permit(ViewAccess);
    let sees = |person, permission| {
        let viewers = run(world.door.who_can_see(&permit, subject(person), permission)).unwrap();
        let mut viewers = viewers.into_iter();
        viewers.find(|viewer| viewer.membership == Some(cleo.id()))
    };
    let seen = sees(ruth, P::VIEW_CARE).unwrap();
    assert_eq!((seen.relation, seen.until), (Relation::Assigned, None));
    assert!(sees(otto, P::VIEW_CARE).is_none());
    assert!(sees(ruth, P::VIEW_INVOICES).is_none());
    let reach = run(world.door.reach_of(&permit, cleo.id())).unwrap();
    let people: Vec<_> = reach.people.iter().map(|row| row.name.clone()).collect();
    assert_eq!(people, [Some(name("Ruth Abel"))]);
    let record = Record::of(ruth);
    let checked = run(world.door.check(&cleo.session, P::VIEW_CARE, &record)).unwrap();
    assert!(checked.allowed().is_ok());
}

/// ALIS "Disable Access": whose account is disabled signs in nowhere, whatever they hold here.
#[test]
fn whose_account_is_disabled_sees_nothing() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let eva = world.family("eva@example.org", ruth);
    let disabled = world.door.disable_account(
        world.permit(doorward::ManageAccounts),
        eva.id(),
        DisabledReason::Administrator,
    );
    run(disabled).unwrap();
    let permit = world.permit(ViewAccess);
    let viewers = run(world.door.who_can_see(&permit, subject(ruth), P::VIEW_CARE)).unwrap();
    assert!(
        viewers
            .iter()
            .all(|viewer| viewer.membership != Some(eva.id()))
    );
    let reach = run(world.door.reach_of(&permit, eva.id())).unwrap();
    assert!(reach.people.is_empty() && reach.own.is_empty() && reach.everybody.is_empty());
    let page = run(world.door.resident_access(&permit, subject(ruth))).unwrap();
    assert_eq!(page.contacts[0].status, AccessStatus::Disabled);
}
