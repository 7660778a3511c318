//! The audit log as an auditor reads it.

use doorward::{
    Denied, EntryMark, EntryPage, Error, Fault, Permit, PersonalData, PersonalField, ReadAudit,
    audit::{Code, OutcomeKind, Query, Value, json_lines},
    identity::Session,
    storage::Limit,
    types::{Channel, Principal, Scope},
};
use time::Duration;

use crate::world::{World, all, run};

fn of_tenant(world: &World) -> Query {
    Query::of(Scope::Tenant(world.tenant))
}

fn page(world: &World, query: &Query, personal: PersonalData) -> EntryPage {
    let permit = world.permit(ReadAudit);
    run(world.door.read_audit(&permit, query, personal, None, all())).unwrap()
}

fn actions(page: &EntryPage) -> Vec<String> {
    let entries = page.rows.iter().map(|row| row.entry.action().to_string());
    entries.collect()
}

/// 170.315(d)(3): a record of actions can be read and sorted.
#[test]
fn entries_come_newest_first_each_once_whatever_the_page() {
    let world = World::new();
    for called in ["Ruth Abel", "Otto Bauer", "Ida Conrad"] {
        world.wait(Duration::MINUTE);
        world.resident(called);
    }
    let query = of_tenant(&world).action(Code::declare("person"));
    let whole: Vec<_> = page(&world, &query, PersonalData::Withheld).rows;
    assert_eq!(whole.len(), 3);
    assert!(whole.is_sorted_by(|a, b| a.entry.recorded_at() > b.entry.recorded_at()));
    let (mut ids, mut after): (Vec<_>, Option<EntryMark>) = (Vec::new(), None);
    loop {
        let permit = world.permit(ReadAudit);
        let one = world
            .door
            .read_audit(&permit, &query, PersonalData::Withheld, after, Limit::ONE);
        let one = run(one).unwrap();
        ids.extend(one.rows.iter().map(|row| row.entry.id()));
        match one.next {
            Some(next) => after = Some(next.to_string().parse().unwrap()),
            None => break,
        }
    }
    let expected: Vec<_> = whole.iter().map(|row| row.entry.id()).collect();
    assert_eq!(ids, expected);
}

/// Periods are half-open (design 9.1), to the microsecond.
#[test]
fn a_query_of_a_period_reads_that_period_and_no_more() {
    let world = World::new();
    let mut recorded = Vec::new();
    for called in ["Ruth Abel", "Otto Bauer", "Ida Conrad"] {
        world.wait(Duration::MICROSECOND);
        world.resident(called);
        recorded.push(world.now());
    }
    world.wait(Duration::HOUR);
    let person = || of_tenant(&world).action(Code::declare("person"));
    let count = |query: Query| page(&world, &query, PersonalData::Withheld).rows.len();
    assert_eq!(count(person().from(recorded[0]).until(recorded[2])), 2);
    assert_eq!(count(person().from(recorded[1])), 2);
    assert_eq!(count(person().until(recorded[0])), 0);
    assert_eq!(count(person().from(recorded[2] + Duration::MICROSECOND)), 0);
}

/// Design 7: an export is itself recorded; reading is too, with what was asked for.
#[test]
fn each_reading_is_itself_noted_with_its_question() {
    let world = World::new();
    let query = of_tenant(&world).action(Code::declare("person"));
    page(&world, &query, PersonalData::Withheld);
    page(&world, &query, PersonalData::Shown);
    let log = of_tenant(&world).action(Code::declare("audit"));
    let noted = page(&world, &log, PersonalData::Withheld);
    assert_eq!(actions(&noted), ["audit.disclose", "audit.read"]);
    let facts = noted.rows[0].entry.facts();
    let asked = facts.get(&Code::declare("query_action"));
    assert_eq!(asked, Some(&Value::from(Code::declare("person"))));
}

/// Names and addresses lie beside the entries and are shown where they are asked for (design 7).
#[test]
fn personal_data_is_shown_on_request_alone() {
    let world = World::new();
    world.resident("Ruth Abel");
    let query = of_tenant(&world).action(Code::declare("person.create"));
    let withheld = page(&world, &query, PersonalData::Withheld);
    assert!(withheld.rows[0].personal.is_empty());
    assert!(!format!("{:?}", withheld.rows[0].entry).contains("Ruth"));
    let shown = page(&world, &query, PersonalData::Shown);
    let kept = PersonalField::Kept("Ruth Abel".to_owned());
    assert_eq!(shown.rows[0].personal.get("name"), Some(&kept));
    assert!(!format!("{shown:?}").contains("Ruth"), "ASVS 16.2.5");
}

/// ASVS 8.4.1.
#[test]
fn another_tenants_log_does_not_exist_here() {
    let world = World::new();
    let (created, _) = world.community("Oak Court", "oskar@example.org");
    let permit = world.permit(ReadAudit);
    let query = Query::of(Scope::Tenant(created.tenant));
    let read = world
        .door
        .read_audit(&permit, &query, PersonalData::Withheld, None, all());
    let read = run(read);
    assert!(
        matches!(read, Err(Error::Fault(Fault::Unknown { .. }))),
        "{read:?}"
    );
    let exported = run(world.door.export_audit(&permit, &query, Vec::new()));
    assert!(matches!(exported, Err(Error::Fault(Fault::Unknown { .. }))));
}

/// Design 7: the directory log "which a tenant's auditor sees only for accounts the tenant manages".
#[test]
fn of_the_directory_an_auditor_sees_the_accounts_that_the_tenant_manages() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let eva = world.family("eva@example.org", ruth);
    let (_, stranger) = world.community("Oak Court", "oskar@example.org");
    let change = |session: &Session| {
        let permit: Permit<doorward::OwnAccount> = world.permit_of(session, doorward::OwnAccount);
        let old = crate::world::PASSWORD.to_owned().into();
        let new = "another long and unusual phrase".to_owned().into();
        run(world.door.change_password(permit, old, new)).unwrap();
    };
    change(&eva.session);
    change(&stranger);
    let query = Query::of(Scope::Directory).action(Code::declare("password"));
    let seen = page(&world, &query, PersonalData::Withheld);
    let actors: Vec<_> = seen.rows.iter().map(|row| row.entry.actor()).collect();
    assert_eq!(actors.len(), 1, "{actors:?}");
    assert!(
        matches!(actors[0], Principal::Account { account, .. } if *account == eva.joined.account)
    );
}

/// An exported line is what was stored and what is sealed.
#[test]
fn an_export_holds_the_very_bytes_of_each_entry() {
    let world = World::new();
    world.resident("Ruth Abel");
    let query = of_tenant(&world).action(Code::declare("person"));
    let read = page(&world, &query, PersonalData::Withheld);
    let mut file = Vec::new();
    let permit = world.permit(ReadAudit);
    let count = run(world.door.export_audit(&permit, &query, &mut file)).unwrap();
    assert_eq!(count, 1);
    let line = json_lines::read(&file).unwrap();
    assert_eq!(line.as_bytes(), read.rows[0].entry.as_bytes());
    let noted = of_tenant(&world).action(Code::declare("audit.export"));
    assert_eq!(page(&world, &noted, PersonalData::Withheld).rows.len(), 1);
}

/// Design 7: "A refused act of a known principal is one `denied` entry and nothing else."
#[test]
fn who_may_not_read_the_log_is_refused_and_that_is_noted() {
    let world = World::new();
    let cora = world.staff("cora@example.org", "coordinator", &[]);
    let session = world.sign_in(cora.joined, "cora@example.org", Channel::Portal);
    let refused = run(world.door.authorise(&session, ReadAudit));
    assert!(
        matches!(refused, Err(Error::Denied(Denied::Access(_)))),
        "{refused:?}"
    );
    let denied = of_tenant(&world).outcome(OutcomeKind::Denied);
    let noted = page(&world, &denied, PersonalData::Withheld);
    assert_eq!(actions(&noted), ["act.refuse"]);
}
