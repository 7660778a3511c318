//! The views: what a DBA or a report reads says what the use cases say.

#[expect(dead_code, reason = "each test file uses its part of the agency")]
mod agency;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

use doorward::{
    ManageMembers, PersonalData, ReadAudit, ViewAccess,
    audit::Query,
    storage::{AuditStore, Limit, Scope as StorageScope},
    types::Scope,
};
use doorward_sqlite::SqliteStorage;
use rusqlite::{Connection, OpenFlags, params, types::Value};
use serde_json::Value as Json;
use tempfile::TempDir;
use time::{OffsetDateTime, macros::format_description};

use crate::agency::{Agency, block_on, day::Day};

const VIEWS: [&str; 6] = [
    "doorward_account_view",
    "doorward_audit_view",
    "doorward_grant_view",
    "doorward_invitation_view",
    "doorward_membership_view",
    "doorward_person_view",
];

struct Lived {
    agency: Agency,
    day: Day,
    folder: TempDir,
}

impl Lived {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let agency = Agency::found(&folder.path().join("cell.db"));
        let day = Day::of(&agency);
        Self {
            agency,
            day,
            folder,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("cell.db")
    }

    fn rows(&self, view: &str) -> Vec<Row> {
        rows(&read_only(&self.path()), view)
    }
}

/// A row by its columns, as text; an empty column is not in it.
type Row = BTreeMap<String, String>;

fn read_only(path: &Path) -> Connection {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

fn rows(connection: &Connection, from: &str) -> Vec<Row> {
    let mut all = connection
        .prepare(&format!("SELECT * FROM {from}"))
        .unwrap();
    let names = all.column_names();
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let row = |row: &rusqlite::Row<'_>| {
        let columns = names.iter().enumerate().filter_map(|(place, name)| {
            let text = match row.get_unwrap(place) {
                Value::Null => return None,
                Value::Text(text) => text,
                Value::Integer(number) => number.to_string(),
                other => panic!("`{name}` is neither text nor a whole number: {other:?}"),
            };
            Some((name.clone(), text))
        });
        Ok(columns.collect::<Row>())
    };
    all.query_map([], row)
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

fn instant(at: OffsetDateTime) -> String {
    let form =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    at.format(&form).unwrap()
}

fn column<'a>(row: &'a Row, name: &str) -> Option<&'a str> {
    row.get(name).map(String::as_str)
}

fn by<'a>(rows: &'a [Row], name: &str, value: &str) -> &'a Row {
    let mut found = rows.iter().filter(|row| column(row, name) == Some(value));
    let row = found
        .next()
        .unwrap_or_else(|| panic!("no `{name}` is `{value}`"));
    assert!(found.next().is_none(), "two rows have `{value}`");
    row
}

#[test]
fn the_membership_view_says_what_the_list_of_members_says() {
    let lived = Lived::new();
    let Lived { agency, day, .. } = &lived;
    let view = lived.rows("doorward_membership_view");
    let permit = agency.admin(ViewAccess);
    let listed = block_on(agency.door.members(&permit, None, Limit::MAX)).unwrap();
    let here = agency.tenant.to_string();
    let current = |row: &&Row| {
        column(row, "tenant_id") == Some(&here) && column(row, "status") != Some("removed")
    };
    assert_eq!(view.iter().filter(current).count(), listed.rows.len());
    for member in &listed.rows {
        let row = by(&view, "membership_id", &member.membership.to_string());
        let account = member.account.to_string();
        assert_eq!(column(row, "account_id"), Some(account.as_str()));
        let person = member.person.map(|person| person.to_string());
        assert_eq!(column(row, "person_id"), person.as_deref());
        assert_eq!(column(row, "kind"), Some(member.kind.as_str()));
        let role = member.role.as_ref().map(|role| role.as_str());
        assert_eq!(column(row, "role"), role);
        let joined = instant(member.joined_at);
        assert_eq!(column(row, "joined_at"), Some(joined.as_str()));
        let until = member.until.map(instant);
        assert_eq!(column(row, "valid_until"), until.as_deref());
    }
    // The names of levels, which the record holds as ids.
    let nurse = by(&view, "membership_id", &day.nurse.to_string());
    assert_eq!(column(nurse, "levels"), Some("assigned"));
    let names = column(nurse, "level_names");
    assert_eq!(names, Some(r#"["Audits, yearly","Care records"]"#));
    let admin = by(&view, "membership_id", &agency.admin.membership.to_string());
    assert_eq!(column(admin, "levels"), Some("unrestricted"));
    assert_eq!(column(admin, "level_names"), Some("[]"));
    // Who took it away, and when.
    let disabled = by(&view, "status", "disabled");
    let permit = agency.admin(ManageMembers);
    let id = column(disabled, "membership_id").unwrap().parse().unwrap();
    let member = block_on(agency.door.member(&permit, id)).unwrap().value;
    assert_eq!(column(disabled, "access_epoch"), Some("2"));
    assert!(!member.is_active());
    let by_admin = agency.admin.membership.to_string();
    let named = column(disabled, "status_by_membership_id");
    assert_eq!(named, Some(by_admin.as_str()));
}

#[test]
fn the_grant_view_says_what_the_grants_of_a_member_say() {
    let lived = Lived::new();
    let Lived { agency, day, .. } = &lived;
    let view = lived.rows("doorward_grant_view");
    let permit = agency.admin(ViewAccess);
    let grants = block_on(agency.door.grants_of_member(&permit, day.contact)).unwrap();
    assert_eq!(view.len(), grants.len());
    for read in grants {
        let grant = read.value;
        let row = by(&view, "grant_id", &grant.id().to_string());
        let told = |name: &str, value: Option<String>| {
            assert_eq!(column(row, name), value.as_deref(), "{name}");
        };
        told("tenant_id", Some(agency.tenant.to_string()));
        told("membership_id", Some(day.contact.to_string()));
        told("subject_id", Some(grant.subject().person().to_string()));
        told("profile_id", Some(grant.profile().to_string()));
        told("profile_name", Some("Family".to_owned()));
        let active = grant.is_active();
        told(
            "status",
            Some(if active { "active" } else { "revoked" }.to_owned()),
        );
        told("valid_from", Some(instant(grant.window().from())));
        told("valid_until", grant.window().until().map(instant));
        told("granted_at", Some(instant(grant.granted_at())));
        assert_eq!(row.contains_key("closed_at"), !active);
        let sworn = grant.attestation().unwrap();
        told(
            "attested_statement",
            Some("sensitive_information".to_owned()),
        );
        told("attested_at", Some(instant(sworn.at)));
        told("attested_by_membership_id", Some(sworn.by.to_string()));
    }
    // The subjects are in the view of people.
    let people = lived.rows("doorward_person_view");
    let rose = by(&people, "person_id", &day.client.to_string());
    assert_eq!(column(rose, "name"), Some("Rose Ruiz"));
    assert_eq!(column(rose, "kind"), Some("client"));
}

#[test]
fn the_invitation_view_says_what_the_list_of_invitations_says() {
    let lived = Lived::new();
    let agency = &lived.agency;
    let view = lived.rows("doorward_invitation_view");
    let permit = agency.admin(ViewAccess);
    let listed = block_on(agency.door.email_statuses(&permit, None, Limit::MAX)).unwrap();
    let mut statuses = BTreeSet::new();
    for invitation in &listed.rows {
        let row = by(&view, "invitation_id", &invitation.invitation.to_string());
        let told = |name: &str, value: Option<String>| {
            assert_eq!(column(row, name), value.as_deref(), "{name}");
        };
        let status = match invitation.status.as_str() {
            // Whether an open one has expired is computed, never stored.
            "invited" | "expired" => "open",
            other => other,
        };
        statuses.insert(status);
        told("status", Some(status.to_owned()));
        told("address", Some(invitation.address.original().to_owned()));
        told("name", invitation.name.as_ref().map(ToString::to_string));
        told("kind", Some(invitation.offer.kind().to_string()));
        told("role", invitation.offer.role().map(ToString::to_string));
        let subjects = invitation.offer.subjects().len();
        told("subject_count", Some(subjects.to_string()));
        let sponsor = invitation.sponsor.membership();
        told("sponsor_membership_id", sponsor.map(|id| id.to_string()));
        told("sent_at", Some(instant(invitation.invited_at)));
        told("expires_at", Some(instant(invitation.expires_at)));
        told(
            "delivery",
            Some(invitation.delivery.status.as_str().to_owned()),
        );
        told("resend_count", Some(invitation.resend_count.to_string()));
        assert_eq!(row.contains_key("closed_at"), status != "open");
    }
    let all = ["accepted", "declined", "open", "replaced", "revoked"];
    assert_eq!(statuses, BTreeSet::from(all));
    let declined = by(&view, "status", "declined");
    assert_eq!(column(declined, "declined_reason"), Some("not_wanted"));
    let replaced = by(&view, "status", "replaced");
    let newer = column(replaced, "replaced_by_invitation_id").unwrap();
    let newer = by(&view, "invitation_id", newer);
    assert_eq!(column(newer, "address"), Some("finn@example.org"));
}

#[test]
fn the_account_view_has_a_row_of_each_status() {
    let lived = Lived::new();
    let agency = &lived.agency;
    let view = lived.rows("doorward_account_view");
    let counts = view.iter().fold(BTreeMap::new(), |mut counts, row| {
        let status = column(row, "status").unwrap();
        *counts.entry(status).or_insert(0) += 1;
        counts
    });
    let expected = [
        ("active", 5),
        ("closed", 1),
        ("disabled", 1),
        ("erased", 1),
        ("pending", 1),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
    let admin = by(&view, "address", agency::ADMIN);
    let id = agency.admin.account.to_string();
    assert_eq!(column(admin, "account_id"), Some(id.as_str()));
    assert_eq!(column(admin, "password"), Some("chosen"));
    let verified = instant(agency::NOW);
    assert_eq!(
        column(admin, "address_verified_at"),
        Some(verified.as_str())
    );
    let tenant = agency.tenant.to_string();
    let managed = column(admin, "managed_by_tenant_id");
    assert_eq!(managed, Some(tenant.as_str()));
    let standard = by(&view, "class", "standard");
    assert_eq!(column(standard, "user_name"), Some("zoë"));
    assert!(standard.contains_key("pin_issued_at"));
    assert!(!standard.contains_key("address_verified_at"));
    let disabled = by(&view, "status", "disabled");
    assert_eq!(column(disabled, "disabled_reason"), Some("administrator"));
    assert!(disabled.contains_key("status_at"));
    let erased = by(&view, "status", "erased");
    let left = [
        "account_id",
        "security_epoch",
        "status",
        "status_at",
        "version",
    ];
    assert!(erased.keys().eq(left), "the id alone is left: {erased:?}");
}

#[test]
fn the_audit_view_says_what_the_audit_log_says() {
    let lived = Lived::new();
    let agency = &lived.agency;
    let tenant = StorageScope::Tenant(agency.tenant.as_uuid());
    let unsealed = block_on(agency.storage.unsealed(tenant, Limit::MAX)).unwrap();
    let first = [unsealed[0].id];
    block_on(agency.storage.seal(tenant, 0, &first, b"{}")).unwrap();
    let view = lived.rows("doorward_audit_view");
    let query = Query::of(Scope::Tenant(agency.tenant));
    let permit = agency.admin(ReadAudit);
    let door = &agency.door;
    let page = door.read_audit(&permit, &query, PersonalData::Withheld, None, Limit::MAX);
    let page = block_on(page).unwrap();
    assert!(page.rows.len() > 30);
    for read in &page.rows {
        let entry = &read.entry;
        let row = by(&view, "entry_id", &entry.id().to_string());
        let told = |name: &str, value: Option<String>| {
            assert_eq!(column(row, name), value.as_deref(), "{name}");
        };
        told("tenant_id", Some(agency.tenant.to_string()));
        told(
            "position",
            read.position.map(|position| position.to_string()),
        );
        told("recorded_at", Some(instant(entry.recorded_at())));
        told("action", Some(entry.action().code().to_string()));
        told(
            "category",
            Some(entry.action().category().as_str().to_owned()),
        );
        told("actor", Some(entry.actor().kind().to_owned()));
        told("target", Some(entry.target().kind().to_string()));
        told("target_id", entry.target().id().map(ToString::to_string));
        let subject = entry.subject().map(|subject| subject.person());
        told("subject_id", subject.map(|subject| subject.to_string()));
        told(
            "request_id",
            entry.request().map(|request| request.to_string()),
        );
    }
    let sealed = by(&view, "position", "1");
    let id = first[0].to_string();
    assert_eq!(column(sealed, "entry_id"), Some(id.as_str()));
    // What somebody did to their own credentials is in no tenant.
    assert!(view.iter().any(|row| !row.contains_key("tenant_id")));
}

/// Design 5: "Memory and the mail are the only places a secret ever is"; the digests and hashes
/// that storage does hold are no reader's business either.
#[test]
fn no_view_shows_a_secret_a_digest_or_a_hash() {
    let lived = Lived::new();
    let connection = read_only(&lived.path());
    let mut hidden = BTreeSet::new();
    for table in ["doorward_record", "doorward_audit", "doorward_message"] {
        let mut bodies = connection
            .prepare(&format!("SELECT CAST(body AS TEXT) FROM {table}"))
            .unwrap();
        for body in bodies.query_map([], |row| row.get::<_, String>(0)).unwrap() {
            let body: Json = serde_json::from_str(&body.unwrap()).unwrap();
            gather(&body, false, &mut hidden);
        }
    }
    assert!(hidden.len() > 50, "there are hashes: {}", hidden.len());
    for view in VIEWS {
        for row in rows(&connection, view) {
            for (name, shown) in row {
                let told = hidden.iter().find(|hidden| shown.contains(*hidden));
                assert!(told.is_none(), "`{name}` of `{view}` shows {told:?}");
            }
        }
    }
}

/// Gathers the texts under the names that digests, hashes, nonces and key ids have.
fn gather(json: &Json, inside: bool, hidden: &mut BTreeSet<String>) {
    const NAMES: [&str; 6] = ["digest", "hash", "nonce", "key", "pii", "catalog"];
    match json {
        Json::Object(fields) => {
            for (name, value) in fields {
                gather(value, inside || NAMES.contains(&name.as_str()), hidden);
            }
        }
        Json::Array(values) if inside => {
            hidden.insert(serde_json::to_string(values).unwrap());
        }
        Json::Array(values) => values
            .iter()
            .for_each(|value| gather(value, inside, hidden)),
        Json::String(text) if inside && text.len() > 8 => {
            hidden.insert(text.clone());
        }
        _ => {}
    }
}

#[test]
fn instants_order_as_text_whatever_fraction_was_stored() {
    let lived = Lived::new();
    let connection = Connection::open(lived.path()).unwrap();
    let id = lived.day.nurse.to_string().replace('-', "");
    let stored = [
        ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00.000000Z"),
        ("2026-11-22T10:00:00.000001Z", "2026-11-22T10:00:00.000001Z"),
        ("2026-11-22T10:00:00.05Z", "2026-11-22T10:00:00.050000Z"),
        ("2026-11-22T10:00:00.5Z", "2026-11-22T10:00:00.500000Z"),
        ("2026-11-22T10:00:00.999999Z", "2026-11-22T10:00:00.999999Z"),
    ];
    let mut before = String::new();
    for (stored, shown) in stored {
        let change = "UPDATE doorward_record SET body = CAST(json_set(CAST(body AS TEXT),
            '$.state.joined_at', ?1) AS BLOB) WHERE kind = 'membership' AND hex(id) = upper(?2)";
        assert_eq!(connection.execute(change, params![stored, id]).unwrap(), 1);
        let view = rows(&connection, "doorward_membership_view");
        let row = by(&view, "membership_id", &lived.day.nurse.to_string());
        assert_eq!(column(row, "joined_at"), Some(shown));
        assert!(before.as_str() < shown);
        before = shown.to_owned();
    }
}

#[test]
fn a_view_outlives_fields_it_does_not_know_and_bodies_that_are_damaged() {
    let lived = Lived::new();
    let connection = Connection::open(lived.path()).unwrap();
    let counts = || VIEWS.map(|view| rows(&connection, view).len());
    let before = counts();
    let unknown = "CAST(json_set(CAST(body AS TEXT), '$.v', 2, '$.state.of_2031',
        json('{\"a\":[null]}')) AS BLOB)";
    let every = [
        ("doorward_record", unknown),
        ("doorward_audit", unknown),
        (
            "doorward_record",
            "CAST('{\"v\":1,\"state\":null}' AS BLOB)",
        ),
        (
            "doorward_record",
            "CAST('{\"v\":1,\"state\":{\"state\":\"new\"}}' AS BLOB)",
        ),
        ("doorward_record", "CAST('[]' AS BLOB)"),
        ("doorward_record", "x'00ff'"),
        ("doorward_audit", "x''"),
    ];
    for (table, body) in every {
        let change = format!("UPDATE {table} SET body = {body}");
        connection.execute(&change, []).unwrap();
        assert_eq!(counts(), before, "{table} {body}");
    }
    let members = rows(&connection, "doorward_membership_view");
    let nurse = by(&members, "membership_id", &lived.day.nurse.to_string());
    assert!(nurse.contains_key("tenant_id") && !nurse.contains_key("account_id"));
}

#[test]
fn nobody_writes_to_a_view() {
    let lived = Lived::new();
    let connection = Connection::open(lived.path()).unwrap();
    for view in VIEWS {
        for statement in ["INSERT INTO {} DEFAULT VALUES", "DELETE FROM {}"] {
            let statement = statement.replace("{}", view);
            let refused = connection.execute(&statement, []).unwrap_err();
            let text = refused.to_string();
            assert!(text.contains("cannot modify"), "{statement}: {text}");
        }
    }
}

/// Counting members or grants reads an index, not a million bodies.
#[test]
fn counting_rows_reads_no_body() {
    let lived = Lived::new();
    let connection = read_only(&lived.path());
    for view in VIEWS {
        let plan = format!("EXPLAIN QUERY PLAN SELECT count(*) FROM {view}");
        let mut steps = connection.prepare(&plan).unwrap();
        let steps = steps.query_map([], |row| row.get::<_, String>(3)).unwrap();
        let steps: Vec<String> = steps.map(Result::unwrap).collect();
        // The status of an account is the name of what its state holds.
        let alone = steps.len() == 1 && steps[0].contains("COVERING INDEX");
        assert!(
            alone || view == "doorward_account_view",
            "{view}: {steps:?}"
        );
    }
}

#[test]
fn the_columns_are_those_that_the_page_promises() {
    let lived = Lived::new();
    let connection = read_only(&lived.path());
    let page = include_str!("../src/schema/README.md");
    let mut promised: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut view = "";
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## `") {
            view = heading.trim_end_matches('`');
        } else if let Some(row) = line.strip_prefix("| `") {
            let column = row.split('`').next().unwrap();
            promised.entry(view).or_default().push(column);
        }
    }
    assert!(promised.keys().eq(&{
        let mut views = VIEWS;
        views.sort_unstable();
        views
    }));
    for (view, columns) in promised {
        let info = format!("SELECT name FROM pragma_table_info('{view}')");
        let mut names = connection.prepare(&info).unwrap();
        let names = names.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let names: Vec<String> = names.map(Result::unwrap).collect();
        assert_eq!(names, columns, "{view}");
    }
}

/// The page for operators holds queries.
#[test]
fn every_query_of_the_operations_page_runs() {
    let lived = Lived::new();
    let connection = read_only(&lived.path());
    let page = include_str!("../../../docs/operations.md");
    let queries = page.split("```sql\n").skip(1);
    let queries = queries.map(|rest| rest.split("```").next().unwrap());
    let counts = queries.map(|query| {
        let mut asked = connection.prepare(query.trim()).unwrap();
        let mut rows = asked.query([]).unwrap();
        let mut count = 0;
        while rows.next().unwrap().is_some() {
            count += 1;
        }
        count
    });
    // The key of queued mail, the key of a PIN, the queue, one live grant.
    assert_eq!(counts.collect::<Vec<_>>(), [1, 1, 1, 1]);
}

/// The file is read by other programs, in use and without a host.
#[test]
fn another_program_reads_the_views() {
    let ask = |path: &Path, statement: &str| {
        let output = Command::new("sqlite3").arg(path).arg(statement).output();
        let output = match output {
            Ok(output) => output,
            Err(error) => {
                println!("skipped: put `sqlite3` on the PATH to run this test ({error})");
                return None;
            }
        };
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "{output:?}",
            output = output.stderr
        );
        Some(told)
    };
    let lived = Lived::new();
    let path = lived.path();
    let roles = "SELECT role, count(*) FROM doorward_membership_view
        WHERE role IS NOT NULL GROUP BY role";
    let Some(told) = ask(&path, roles) else {
        return;
    };
    assert_eq!(told, "nurse|2\n");
    let who = "SELECT m.name, p.name, g.profile_name FROM doorward_grant_view AS g
        JOIN doorward_membership_view AS m ON m.membership_id = g.membership_id
        JOIN doorward_person_view AS p ON p.person_id = g.subject_id
        WHERE g.status = 'active'";
    assert_eq!(ask(&path, who).unwrap(), "Ana Ruiz|Rose Ruiz|Family\n");
    drop(lived.agency);
    assert_eq!(ask(&path, "PRAGMA integrity_check").unwrap(), "ok\n");
    // The other program left nothing that a host would stumble over.
    SqliteStorage::open(&path).unwrap();
}
