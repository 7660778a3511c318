//! Checks, snapshots and explanations.

use std::collections::BTreeSet;

use doorward::{
    Caller, Denied, Error, ManageMembers, OpenSupport, ViewAccess,
    access::{Availability, Decision, Denial, Record, Relation, Source},
    identity::{Link, SessionEnded},
    types::{AgentName, Channel, FeatureName, Offer, SwitchName},
};
use time::Duration;

use crate::world::{P, World, kind, run, subject};

/// ALIS: "User Profile: Select what access you will grant to this contact."
#[test]
fn a_profile_opens_the_data_of_its_subject_and_of_nobody_else() {
    let world = World::new();
    let (ruth, otto) = (world.resident("Ruth Abel"), world.resident("Otto Bauer"));
    let eva = world.family("eva@example.org", ruth);
    let check = |permission: P, person| {
        run(world
            .door
            .check(&eva.session, permission, &Record::of(person)))
        .unwrap()
    };
    assert!(matches!(
        check(P::VIEW_CARE, ruth),
        Decision::Allow(Source::Grant(_))
    ));
    assert!(matches!(
        check(P::VIEW_CARE, otto),
        Decision::Deny(Denial::NeverGranted)
    ));
    assert!(matches!(
        check(P::VIEW_INVOICES, ruth),
        Decision::Deny(Denial::NeverGranted)
    ));
}

/// ALIS: "Disable Access: Immediately revoke the user's ability to log in to ALIS Connect."
#[test]
fn disabling_access_ends_the_checks_of_a_live_session_at_once() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let eva = world.family("eva@example.org", ruth);
    let record = Record::of(ruth);
    let before = run(world.door.check(&eva.session, P::VIEW_CARE, &record));
    assert!(before.unwrap().allowed().is_ok());
    world.disable(eva.id());
    let ended = |outcome| match outcome {
        Err(Error::Denied(Denied::Session(SessionEnded::AccessChanged))) => {}
        other => panic!("{other:?}"),
    };
    ended(run(world.door.check(&eva.session, P::VIEW_CARE, &record)).map(|_| ()));
    ended(run(world.door.standing(&eva.session)).map(|_| ()));
}

/// Kalix: "Access Only Assigned Clients"; design 9.4: "new work on an unassigned client is refused".
#[test]
fn new_work_on_an_unassigned_client_is_refused_and_older_own_work_stays() {
    let world = World::new();
    let (ruth, otto) = (world.resident("Ruth Abel"), world.resident("Otto Bauer"));
    let cleo = world.staff("cleo@example.org", "caregiver", &["only_assigned"]);
    world.relate(world.person_of(&cleo), ruth, "clinician", Link::Assigned);
    let check = |record: &Record| run(world.door.check(&cleo.session, P::EDIT_CARE, record));
    assert!(check(&Record::of(ruth)).unwrap().allowed().is_ok());
    let only_assigned = SwitchName::new("only_assigned").unwrap();
    match check(&Record::of(otto)).unwrap() {
        Decision::Deny(Denial::Withdrawn(switch)) => {
            assert_eq!(
                world.door.catalog().switch_name(switch),
                Some(&only_assigned)
            );
        }
        other => panic!("{other:?}"),
    }
    let older = Record::of(otto).owned_by(cleo.id());
    assert!(check(&older).unwrap().allowed().is_ok());
}

/// A listed contact is on record and no more (design 6: "Assigned | Listed").
#[test]
fn only_an_assigned_relationship_assigns() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let cleo = world.staff("cleo@example.org", "caregiver", &["only_assigned"]);
    world.relate(world.person_of(&cleo), ruth, "niece", Link::Listed);
    let decision = run(world
        .door
        .check(&cleo.session, P::VIEW_CARE, &Record::of(ruth)));
    assert!(decision.unwrap().allowed().is_err());
    let snapshot = run(world.door.standing(&cleo.session)).unwrap();
    assert_eq!(snapshot.assigned(), []);
}

/// The snapshot of a request and single checks come from the same tables.
#[test]
fn a_snapshot_answers_what_single_checks_answer() {
    let world = World::new();
    let ruth = world.person("resident", "Ruth Abel", Some("ruth@example.org"));
    let otto = world.resident("Otto Bauer");
    let own = Offer::of(kind("resident"));
    let members = [
        world.family("eva@example.org", ruth),
        world.staff("cleo@example.org", "caregiver", &["only_assigned"]),
        world.staff("cora@example.org", "coordinator", &[]),
        world.office("olga@example.org"),
        world.join("ruth@example.org", Some(ruth), own),
    ];
    world.relate(
        world.person_of(&members[1]),
        otto,
        "clinician",
        Link::Assigned,
    );
    for member in &members {
        let snapshot = run(world.door.standing(&member.session)).unwrap();
        let people = [ruth, otto].map(Record::of);
        let work = people.map(|record| record.owned_by(member.id()));
        for record in people.iter().chain(&work).chain([&Record::UNOWNED]) {
            for permission in P::all().iter() {
                let single = run(world.door.check(&member.session, permission, record));
                assert_eq!(single.unwrap(), snapshot.check(permission, record));
            }
        }
    }
}

/// HomeTrak: "completely removed from the user interface ... (This applies to the desktop
/// application only.)" Kalix: "Hide the entire billing feature".
#[test]
fn a_hidden_feature_is_hidden_on_the_desktop_alone_and_changes_no_decision() {
    let world = World::new();
    let cleo = world.staff("cleo@example.org", "caregiver", &[]);
    let desktop = world.sign_in(cleo.joined, "cleo@example.org", Channel::Desktop);
    let [calendar, billing] = ["calendar", "billing"].map(|f| FeatureName::new(f).unwrap());
    let permit = world.permit(ManageMembers);
    let version = run(world.door.member(&permit, cleo.id())).unwrap().version;
    let hidden = BTreeSet::from([calendar.clone()]);
    run(world.door.hide_features(permit, cleo.id(), version, hidden)).unwrap();
    let shown = |session| run(world.door.availability(session, &calendar)).unwrap();
    assert_eq!(shown(&desktop), Availability::Hidden);
    assert_eq!(shown(&cleo.session), Availability::Enabled);
    let scheduled = run(world.door.standing(&desktop)).unwrap();
    let own = scheduled.permissions_over(Relation::Own, None);
    assert!(own.contains(doorward::access::Permissions::mask(P::BE_SCHEDULED)));
    assert_eq!(
        scheduled.menu(),
        [
            (billing, Availability::Hidden),
            (calendar, Availability::Hidden)
        ]
    );
}

/// Kalix: "Our access automatically expires after seven days."
#[test]
fn support_sees_what_the_catalog_opens_to_it_for_seven_days() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let opened = run(world.door.open_support(world.permit(OpenSupport))).unwrap();
    let caller = || Caller::Support {
        tenant: world.tenant,
        support: opened.support,
        agent: AgentName::new("a.meyer").unwrap(),
    };
    let check = |permission| run(world.door.check(caller(), permission, &Record::of(ruth)));
    let allowed = check(P::VIEW_CARE).unwrap().allowed();
    assert_eq!(allowed, Ok(Source::Support(opened.support)));
    assert!(check(P::EDIT_CARE).unwrap().allowed().is_err());
    let last = Duration::days(7) - Duration::MICROSECOND;
    world.wait(last);
    assert!(check(P::VIEW_CARE).unwrap().allowed().is_ok());
    world.wait(Duration::MICROSECOND);
    let over = check(P::VIEW_CARE);
    assert!(
        matches!(over, Err(Error::Denied(Denied::Support))),
        "{over:?}"
    );
}

/// Design 4: "`explain` renders it, and for a denial lists what would grant it."
#[test]
fn an_explanation_names_the_profiles_that_would_allow_it() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let eva = world.family("eva@example.org", ruth);
    let permit = world.permit(ViewAccess);
    let explain = |permission| {
        let record = Record::of(subject(ruth));
        run(world.door.explain(&permit, eva.id(), permission, &record)).unwrap()
    };
    let allowed = explain(P::VIEW_CARE).to_string();
    assert!(
        allowed.contains("the profile `Family` over this person"),
        "{allowed}"
    );
    let denied = explain(P::VIEW_INVOICES);
    assert!(matches!(
        denied.decision,
        Decision::Deny(Denial::NeverGranted)
    ));
    let text = denied.to_string();
    assert!(
        text.contains("the profile `Bills` over this person"),
        "{text}"
    );
}

/// ASVS 8.4.1: another tenant's member does not exist here.
#[test]
fn a_member_of_another_tenant_cannot_be_explained() {
    let world = World::new();
    let (_, stranger) = world.community("Oak Court", "oskar@example.org");
    let permit = world.permit(ViewAccess);
    let foreign = stranger.membership;
    let refused = run(world
        .door
        .explain(&permit, foreign, P::VIEW_CARE, &Record::UNOWNED));
    let refused = refused.map(|_| ()).unwrap_err().to_string();
    assert_eq!(refused, "there is no such member");
}
