//! A file that the first migration wrote, with a day in it, under this release.

#[expect(dead_code, reason = "each test file uses its part of the agency")]
mod agency;

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use doorward::{
    Grant, GrantForm, Invite, ManageMembers, PersonalData, ReadAudit, ViewAccess,
    audit::Query,
    storage::Limit,
    types::{MembershipId, PersonId, RequestId, Scope, TenantId, Window},
};
use doorward_sqlite::{SqliteStorage, verify};
use rusqlite::{Connection, params};
use tempfile::TempDir;
use time::Duration;

use crate::agency::{Agency, NOW, block_on, statement};

/// Written by the first migration alone, through use cases.
const OLD: &[u8] = include_bytes!("data/schema-1.db");
const ALL: [u32; 4] = [1, 2, 3, 4];

struct Old {
    folder: TempDir,
}

impl Old {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("cell.db"), OLD).unwrap();
        Self { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("cell.db")
    }

    fn connect(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }
}

fn versions(path: &Path) -> Vec<u32> {
    let connection = Connection::open(path).unwrap();
    let mut all = connection
        .prepare("SELECT version FROM doorward_migration ORDER BY rowid")
        .unwrap();
    let all = all.query_map([], |row| row.get(0)).unwrap();
    all.map(Result::unwrap).collect()
}

fn one<T: std::str::FromStr>(connection: &Connection, ask: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    let text: String = connection.query_row(ask, [], |row| row.get(0)).unwrap();
    text.parse().unwrap()
}

#[test]
fn a_database_of_the_first_migration_opens_in_the_last() {
    let old = Old::new();
    assert_eq!(versions(&old.path()), [1]);
    let before = verify(old.path()).unwrap();
    assert_eq!(before.schema, 1);

    drop(SqliteStorage::open(old.path()).unwrap());
    assert_eq!(versions(&old.path()), ALL);
    let connection = old.connect();
    let ask = "SELECT tenant_id FROM doorward_invitation_view WHERE address = 'dana@example.org'";
    let tenant: TenantId = one(&connection, ask);
    let agency = Agency::reopen(&old.path(), tenant);
    agency.pass(Duration::days(7) + Duration::minutes(2));

    // Reading: who is a member, what they hold, what was done.
    let permit = agency.admin(ViewAccess);
    let members = block_on(agency.door.members(&permit, None, Limit::MAX)).unwrap();
    assert_eq!(members.rows.len(), 7);
    let pending = block_on(agency.door.pending_invitations(&permit, None, Limit::MAX)).unwrap();
    let ask = "SELECT CAST(count(*) AS TEXT) FROM doorward_invitation_view WHERE status = 'open'";
    let open: usize = one(&connection, ask);
    assert!(open > 0);
    assert_eq!(pending.rows.len(), open, "each is listed once");
    let ask = "SELECT membership_id FROM doorward_membership_view WHERE name = 'Ana Ruiz'";
    let contact: MembershipId = one(&connection, ask);
    let grants = block_on(agency.door.grants_of_member(&permit, contact)).unwrap();
    assert_eq!(grants.len(), 2);
    let query = Query::of(Scope::Tenant(tenant));
    let read = agency.admin(ReadAudit);
    let log = agency
        .door
        .read_audit(&read, &query, PersonalData::Shown, None, Limit::MAX);
    let log = block_on(log).unwrap().rows;
    assert!(log.len() > 40, "{}", log.len());
    assert!(log.iter().any(|row| !row.personal.is_empty()));

    // A password of then, mail that was queued, a request that was answered.
    assert!(agency.session("kim@example.org").is_some());
    assert!(!agency.mails().is_empty());
    let ask = "SELECT person_id FROM doorward_person_view WHERE name = 'Otto Ruiz'";
    let subject: PersonId = one(&connection, ask);
    let form = GrantForm {
        member: contact,
        subject: subject.into(),
        profile: grants[0].value.profile(),
        window: Window::between(NOW, NOW + Duration::days(90)).unwrap(),
        sworn: Some(statement()),
    };
    let again = agency
        .admin(Grant)
        .for_request(RequestId::made_at(NOW, [9; 10]));
    let answered = block_on(agency.door.grant(again, form)).unwrap();
    let revoked = grants
        .iter()
        .find(|grant| !grant.value.is_active())
        .unwrap();
    assert_eq!(answered, revoked.value.id());

    // Writing: an invitation of then is mailed again and accepted.
    let ask = "SELECT invitation_id FROM doorward_invitation_view WHERE name = 'Mia Novak'";
    let resend = agency
        .door
        .resend_invitation(agency.admin(Invite), one(&connection, ask));
    block_on(resend).unwrap();
    let joined = agency.register_as("Mia Novak", "mia@example.org");
    let permit = agency.admin(ManageMembers);
    let mia = block_on(agency.door.member(&permit, joined.membership)).unwrap();
    assert!(mia.value.is_active());
    let ask = "SELECT name FROM doorward_membership_view WHERE status = 'active'
        ORDER BY joined_at DESC, membership_id DESC LIMIT 1";
    assert_eq!(one::<String>(&connection, ask), "Mia Novak");

    drop((agency, connection));
    let after = verify(old.path()).unwrap();
    assert_eq!(after.schema, 4);
    assert!(after.records > before.records);
    assert!(after.audit_entries > before.audit_entries);
}

/// Each migration is one transaction: whatever was cut off is not there.
#[test]
fn a_migration_that_was_cut_off_leaves_a_file_that_opens() {
    let views = include_str!("../src/schema/0002_views.sql");
    let held = include_str!("../src/schema/0003_held.sql");
    let rest = "INSERT INTO doorward_held SELECT seq, x'00' FROM doorward_record;
DROP TABLE doorward_entry;
DROP TABLE doorward_claim;
";
    let keys = include_str!("../src/schema/0004_keys.sql");
    let script = [views, held, rest, keys].concat();
    let ends: Vec<usize> = script
        .match_indices(";\n")
        .map(|(end, _)| end + 1)
        .collect();
    assert_eq!(ends.len(), 6 + 5 + 3 + 3);
    for end in ends {
        let old = Old::new();
        let cut = tempfile::tempdir().unwrap();
        let connection = old.connect();
        // Without a cache every change goes to the log at once.
        let setup = "PRAGMA journal_mode = WAL; PRAGMA cache_size = 1; BEGIN IMMEDIATE";
        connection.execute_batch(setup).unwrap();
        connection.execute_batch(&script[..end]).unwrap();
        let filler = "INSERT INTO doorward_deleted (version)
            WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many LIMIT 20000)
            SELECT n FROM many";
        connection.execute(filler, []).unwrap();
        for name in ["cell.db", "cell.db-wal"] {
            fs::copy(old.folder.path().join(name), cut.path().join(name)).unwrap();
        }
        let path = cut.path().join("cell.db");
        let left = fs::metadata(cut.path().join("cell.db-wal")).unwrap().len();
        assert!(left > 100_000, "the cut is within the log: {left}");

        drop(SqliteStorage::open(&path).unwrap());
        assert_eq!(versions(&path), ALL);
        let verified = verify(&path).unwrap();
        assert_eq!(verified.records, 68);
        let left = Connection::open(&path).unwrap();
        let count = "SELECT count(*) FROM doorward_deleted";
        let count: u32 = left.query_row(count, [], |row| row.get(0)).unwrap();
        assert_eq!(count, 1);
    }
}

#[test]
fn a_host_keeps_its_tables_and_versions_in_the_same_file() {
    let old = Old::new();
    let connection = old.connect();
    let own = "PRAGMA user_version = 41; PRAGMA application_id = 4711;
        CREATE TABLE resident (id INTEGER PRIMARY KEY, name TEXT);
        CREATE VIEW doorward AS SELECT name FROM resident;
        INSERT INTO resident (name) VALUES ('Rose')";
    connection.execute_batch(own).unwrap();
    let storage = SqliteStorage::open(old.path()).unwrap();
    let ask = |statement: &str| -> i64 {
        connection
            .query_row(statement, [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(ask("PRAGMA user_version"), 41);
    assert_eq!(ask("PRAGMA application_id"), 4711);
    let name = params!["Otto"];
    let insert = "INSERT INTO resident (name) VALUES (?1)";
    connection.execute(insert, name).unwrap();
    assert_eq!(ask("SELECT count(*) FROM doorward"), 2);
    let copy = old.folder.path().join("backup.db");
    block_on(storage.backup(&copy)).unwrap();
    let copy = Connection::open(copy).unwrap();
    let names = "SELECT count(*) FROM resident";
    let count: i64 = copy.query_row(names, [], |row| row.get(0)).unwrap();
    assert_eq!(count, 2, "a backup holds the host's tables too");
}

const FILE: &str = "DOORWARD_TEST_FILE";

#[test]
fn processes_that_open_an_old_file_at_once_migrate_it_once() {
    for round in 0..5 {
        let old = Old::new();
        open_at_once(&old.path(), round);
        assert_eq!(versions(&old.path()), ALL);
        assert_eq!(verify(old.path()).unwrap().records, 68);
    }
}

#[test]
fn processes_that_open_a_missing_file_at_once_make_it_once() {
    for round in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cell.db");
        open_at_once(&path, round);
        assert_eq!(versions(&path), ALL);
    }
}

/// Opens a file in four processes that wait for each other.
fn open_at_once(path: &Path, round: u32) {
    let mut children: Vec<_> = (0..4).map(|_| Opening::start(path)).collect();
    for child in &mut children {
        child.read_until("ready");
    }
    for child in &mut children {
        drop(child.process.stdin.take());
    }
    for mut child in children {
        let told = child.read_until("test result");
        assert!(
            child.process.wait().unwrap().success(),
            "round {round}: {told}"
        );
    }
}

struct Opening {
    process: Child,
    told: BufReader<ChildStdout>,
}

impl Opening {
    fn start(path: &Path) -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--exact", "a_process_of_its_own", "--nocapture"])
            .env(FILE, path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let told = BufReader::new(process.stdout.take().unwrap());
        Self { process, told }
    }

    fn read_until(&mut self, word: &str) -> String {
        let mut told = String::new();
        while !told.contains(word) && self.told.read_line(&mut told).unwrap() > 0 {}
        told
    }
}

/// The other side of the test above.
#[test]
fn a_process_of_its_own() {
    let Ok(path) = env::var(FILE) else {
        println!("skipped: `{FILE}` names the file for a child of another test");
        return;
    };
    println!("ready");
    // It goes on when its input ends.
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    SqliteStorage::open(path).unwrap();
}
