//! The sweep: what only the passing of time asks for.

use doorward::{
    Fault, ManagePeople, NewPerson, PersonalData, ReadAudit, SweepTask, ViewAccess,
    audit::{Code, Query},
    invitations::Status,
    storage::{Batch, Kind, Precondition, RecordKey, Scope as StoredScope, Storage},
    types::{Note, Offer, RequestId, RoleName, Scope, TenantId},
};
use time::Duration;

use crate::world::{World, all, catalog, kind, name, run};

fn entries(world: &World, action: &'static str) -> usize {
    let query = Query::of(Scope::Tenant(world.tenant)).action(Code::declare(action));
    let permit = world.permit(ReadAudit);
    let read = world
        .door
        .read_audit(&permit, &query, PersonalData::Withheld, None, all());
    run(read).unwrap().rows.len()
}

/// Kalix: "pending invitations expire after seven days."
#[test]
fn an_expiry_is_noted_once_and_exactly_at_the_end() {
    let world = World::new();
    let role = RoleName::new("caregiver").unwrap();
    world.invite(
        "cleo@example.org",
        None,
        Offer::of(kind("staff")).with_role(role),
    );
    world.wait(Duration::days(7) - Duration::MICROSECOND);
    let swept = run(world.door.sweep(world.now())).unwrap();
    assert_eq!((swept.expiry_count, swept.faults.len()), (0, 0));
    world.wait(Duration::MICROSECOND);
    assert_eq!(run(world.door.sweep(world.now())).unwrap().expiry_count, 1);
    world.wait(Duration::HOUR);
    assert_eq!(run(world.door.sweep(world.now())).unwrap().expiry_count, 0);
    assert_eq!(entries(&world, "invitation.expire"), 1);
    // It is expired whether it was noted or not, and still in the list of pending ones.
    let permit = world.permit(ViewAccess);
    let pending = run(world.door.pending_invitations(&permit, None, all())).unwrap();
    assert_eq!(pending.rows[0].status, Status::Expired);
}

/// ASVS 6.4.5; design 5: "a reminder is a new generation with the old expiry".
#[test]
fn a_reminder_goes_out_once_and_its_link_ends_with_the_old_one() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let eva = world.contact("Eva Abel", "eva@example.org", ruth);
    world.invite_contact("eva@example.org", eva, ruth);
    let first = world.link("eva@example.org");
    let shown = || {
        let permit = world.permit(ViewAccess);
        let page = run(world.door.pending_invitations(&permit, None, all())).unwrap();
        page.rows.into_iter().next().unwrap()
    };
    let expires_at = shown().expires_at;
    world.wait(Duration::days(25) - Duration::MICROSECOND);
    assert_eq!(
        run(world.door.sweep(world.now())).unwrap().reminder_count,
        0
    );
    world.wait(Duration::MICROSECOND);
    assert_eq!(
        run(world.door.sweep(world.now())).unwrap().reminder_count,
        1
    );
    assert_eq!(
        run(world.door.sweep(world.now())).unwrap().reminder_count,
        0
    );
    assert_eq!(shown().expires_at, expires_at);
    let second = world.link("eva@example.org");
    assert_ne!(first, second);
    let superseded = run(world.door.inspect_invitation(&first));
    assert!(superseded.is_err(), "the older link ends");
    world.register(&second, "Eva Abel");
}

#[test]
fn whoever_has_accepted_is_neither_reminded_nor_expired() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    world.family("eva@example.org", ruth);
    world.wait(Duration::days(40));
    let swept = run(world.door.sweep(world.now())).unwrap();
    assert_eq!((swept.reminder_count, swept.expiry_count), (0, 0));
    assert_eq!(swept.faults.len(), 0);
    assert_eq!(world.mailer.take().len(), 0);
}

/// Design 4: "The sweep writes one audit entry a tenant when the catalog digest changed."
#[test]
fn a_change_of_the_catalog_is_noted_once_in_each_tenant() {
    let world = World::new();
    world.community("Oak Court", "oskar@example.org");
    let first = run(world.door.sweep(world.now())).unwrap();
    assert_eq!(first.tenant_count, 2);
    let before = entries(&world, "tenant.catalog_change");
    assert_eq!(
        run(world.door.sweep(world.now()))
            .unwrap()
            .catalog_change_count,
        0
    );
    let same = world.reopened(catalog());
    assert_eq!(
        run(same.sweep(world.now())).unwrap().catalog_change_count,
        0
    );
    let changed = world.reopened(crate::world::catalog_with("visits"));
    assert_eq!(
        run(changed.sweep(world.now()))
            .unwrap()
            .catalog_change_count,
        2
    );
    assert_eq!(
        run(changed.sweep(world.now()))
            .unwrap()
            .catalog_change_count,
        0
    );
    assert_eq!(entries(&world, "tenant.catalog_change"), before + 1);
}

/// Design 3: "Keys live 7 days."
#[test]
fn requests_are_forgotten_after_seven_days() {
    let world = World::new();
    let request = RequestId::made_at(world.now(), [7; 10]);
    let record = || {
        let person = NewPerson {
            kind: kind("resident"),
            name: name("Ruth Abel"),
            email: None,
            cell: None,
            note: Note::default(),
            reference: None,
            data: doorward::DataAbout::Nobody,
        };
        let permit = world.permit(ManagePeople).for_request(request);
        run(world.door.record_person(permit, person)).unwrap()
    };
    let first = record();
    world.wait(Duration::days(7));
    assert_eq!(run(world.door.sweep(world.now())).unwrap().request_count, 0);
    assert_eq!(record(), first, "a resend answers the first outcome");
    world.wait(Duration::MICROSECOND);
    assert_eq!(run(world.door.sweep(world.now())).unwrap().request_count, 1);
    assert_ne!(record(), first);
}

/// A tenant that cannot be swept keeps no other from being swept.
#[test]
fn the_fault_of_one_tenant_stops_no_other() {
    let world = World::new();
    let role = RoleName::new("caregiver").unwrap();
    world.invite(
        "cleo@example.org",
        None,
        Offer::of(kind("staff")).with_role(role),
    );
    // An entry of the directory without its tenant: restored from half a backup.
    let lost = TenantId::made_at(world.now() - Duration::DAY, [0; 10]);
    let entry = Kind::from_static("tenant_entry");
    let key = RecordKey::new(StoredScope::Directory, entry, lost.as_uuid());
    let body = format!(r#"{{"v":1,"state":{{"tenant":"{lost}"}}}}"#);
    let batch = Batch::new().put(key, Precondition::Absent, body, [], []);
    run(world.storage.commit(batch)).unwrap();
    world.wait(Duration::days(7));
    let swept = run(world.door.sweep(world.now())).unwrap();
    assert_eq!((swept.tenant_count, swept.expiry_count), (2, 1));
    let [fault] = swept.faults.try_into().unwrap();
    assert_eq!((fault.tenant, fault.task), (Some(lost), SweepTask::Catalog));
    assert!(matches!(fault.fault, Fault::Unknown { what: "tenant" }));
}

/// ALIS "Automatic password reset email": asked for by anybody, resolved by the tick.
#[test]
fn resets_that_were_asked_for_are_resolved() {
    let world = World::new();
    for typed in ["dana@example.org", "nobody@example.org"] {
        run(world.door.request_reset(Some(world.tenant), typed)).unwrap();
    }
    assert_eq!(run(world.door.sweep(world.now())).unwrap().reset_count, 2);
    assert_eq!(run(world.door.sweep(world.now())).unwrap().reset_count, 0);
    world.dispatch();
    assert_eq!(world.mailer.take().len(), 1, "nobody has the other name");
}
