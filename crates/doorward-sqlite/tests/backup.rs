//! Backups: made in use, verified, restored, and refused.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use doorward_sqlite::{BackupError, SqliteStorage, restore, verify};
use doorward_storage::{
    AuditRow, Batch, Kind, Precondition, RecordKey, Scope, Storage, UniqueKey, Value,
};
use pollster::block_on;
use uuid::Uuid;

const THING: Kind = Kind::from_static("thing");

fn key(number: u128) -> RecordKey {
    RecordKey::new(
        Scope::Tenant(Uuid::from_u128(7)),
        THING,
        Uuid::from_u128(number),
    )
}

fn creation(number: u128) -> Batch {
    let key = key(number);
    let claim = UniqueKey::new(key.scope, THING, Value::from(Uuid::from_u128(number)));
    let entry = AuditRow {
        id: Uuid::from_u128(number),
        scope: key.scope,
        body: b"made".to_vec(),
        side: Vec::new(),
    };
    Batch::new()
        .put(key, Precondition::Absent, vec![b'x'; 600], [claim], [])
        .audit(entry)
}

fn filled(path: &Path, count: u128) -> SqliteStorage {
    let storage = SqliteStorage::open(path).unwrap();
    for number in 0..count {
        block_on(storage.commit(creation(number))).unwrap();
    }
    storage
}

#[test]
fn a_backup_made_while_commits_go_on_is_one_moment_of_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let storage = filled(&folder.path().join("cell.db"), 50);
    let backup = folder.path().join("backup.db");
    let writer = storage.clone();
    let verified = std::thread::scope(|scope| {
        let writing = scope.spawn(move || {
            for number in 50..400 {
                block_on(writer.commit(creation(number))).unwrap();
            }
        });
        let verified = block_on(storage.backup(&backup)).unwrap();
        writing.join().unwrap();
        verified
    });
    // Record and entry come with one commit.
    assert_eq!(verified.records, verified.audit_entries);
    assert!((50..=400).contains(&verified.records), "{verified:?}");
    assert_eq!(verify(&backup).unwrap(), verified);
    assert!(!folder.path().join("backup.db.partial").exists());
    drop(storage);

    let restored = folder.path().join("restored.db");
    assert_eq!(
        restore(&backup, &restored).unwrap().records,
        verified.records
    );
    let storage = SqliteStorage::open(&restored).unwrap();
    let last = block_on(storage.get(&[key(u128::from(verified.records) - 1)])).unwrap();
    assert!(last[0].is_some());
    block_on(storage.commit(creation(9_999))).unwrap();
}

#[cfg(unix)]
#[test]
fn databases_and_backups_are_readable_by_their_user_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let storage = filled(&folder.path().join("cell.db"), 1);
    block_on(storage.backup(folder.path().join("backup.db"))).unwrap();
    for name in ["cell.db", "cell.db-wal", "cell.db-shm", "backup.db"] {
        let mode = fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_copy_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let storage = filled(&path("cell.db"), 3);
    fs::write(path("taken.db"), "something else").unwrap();
    let refused = block_on(storage.backup(path("taken.db"))).unwrap_err();
    assert!(matches!(refused, BackupError::Exists { .. }), "{refused}");
    assert_eq!(fs::read(path("taken.db")).unwrap(), b"something else");

    block_on(storage.backup(path("backup.db"))).unwrap();
    let refused = restore(path("backup.db"), path("cell.db")).unwrap_err();
    assert!(matches!(refused, BackupError::Exists { .. }), "{refused}");
    // The log of a database that was moved away would be played into the restored one.
    fs::write(path("gone.db-wal"), "old frames").unwrap();
    let refused = restore(path("backup.db"), path("gone.db")).unwrap_err();
    assert!(refused.to_string().contains("gone.db-wal"), "{refused}");
    assert!(!path("gone.db").exists());
}

#[test]
fn a_damaged_backup_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let storage = filled(&path("cell.db"), 200);
    block_on(storage.backup(path("backup.db"))).unwrap();

    let whole = fs::read(path("backup.db")).unwrap();
    let mut flipped = whole.clone();
    // Every page but the first is broken: whichever is looked at first is named.
    for page in flipped.chunks_mut(4096).skip(1) {
        page[..8].fill(0xee);
    }
    fs::write(path("flipped.db"), flipped).unwrap();
    fs::write(path("cut.db"), &whole[..whole.len() / 2]).unwrap();
    fs::write(path("text.db"), "no database at all, but a text that is long enough for a header of one hundred bytes, and some more").unwrap();
    fs::write(path("empty.db"), "").unwrap();
    for (name, damaged) in [
        ("flipped.db", true),
        ("cut.db", true),
        ("text.db", false),
        ("empty.db", false),
        ("missing.db", false),
    ] {
        let refused = restore(path(name), path("restored.db")).unwrap_err();
        let as_expected = match refused {
            BackupError::Damaged { .. } => damaged,
            BackupError::NotABackup { .. } => !damaged,
            _ => false,
        };
        assert!(as_expected, "{name}: {refused:?}");
        assert!(
            !path("restored.db").exists() && !path("restored.db.partial").exists(),
            "{name}"
        );
    }
}

/// Claims and index entries are bound to their record by no foreign key, so a look does it.
#[test]
fn claims_and_entries_fit_what_their_records_have() {
    let folder = tempfile::tempdir().unwrap();
    let lost = |table: &str| format!("a row of `{table}` has lost its `doorward_record`");
    let claimed = "INSERT INTO doorward_claimed VALUES (x'', 'thing', x'01'";
    let indexed = "INSERT INTO doorward_indexed VALUES (x'', 'thing', x'01', 'thing', x'02'";
    let damages = [
        (format!("{claimed}, 2)"), lost("doorward_claimed")),
        (format!("{indexed}, 2)"), lost("doorward_indexed")),
        // Of another record than it says.
        (format!("{indexed}, 1)"), lost("doorward_indexed")),
        (
            format!("{claimed}, 1)"),
            "a row of `doorward_claimed` is named by no record".to_owned(),
        ),
        (
            "DELETE FROM doorward_claimed".to_owned(),
            "`doorward_claimed` lacks a row that record 1 has".to_owned(),
        ),
        (
            "UPDATE doorward_record SET keys = x'0005'".to_owned(),
            "`keys` of record 1 is no list".to_owned(),
        ),
    ];
    for (number, (damage, expected)) in damages.into_iter().enumerate() {
        let path = folder.path().join(format!("{number}.db"));
        drop(filled(&path, 1));
        assert_eq!(verify(&path).unwrap().records, 1);
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute(&damage, []).unwrap();
        let BackupError::Damaged { fault, .. } = verify(&path).unwrap_err() else {
            panic!("{damage} is damage");
        };
        assert_eq!(fault, expected);
    }
}

/// A claim that its record does not find again is a fault, and stays as it is.
#[test]
fn a_record_that_has_lost_its_claim_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cell.db");
    let storage = filled(&path, 1);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let lost = "UPDATE doorward_claimed SET value = x'07'";
    connection.execute(lost, []).unwrap();
    let found = block_on(storage.get(&[key(0)])).unwrap();
    let version = found[0].as_ref().unwrap().version;
    let batches = [
        Batch::new().put(
            key(0),
            Precondition::VersionIs(version),
            b"next".to_vec(),
            [],
            [],
        ),
        Batch::new().delete(key(0), version),
    ];
    for batch in batches {
        let refused = block_on(storage.commit(batch)).unwrap_err().to_string();
        assert_eq!(refused, "the storage is not in order");
    }
    assert_eq!(block_on(storage.get(&[key(0)])).unwrap(), found);
}

#[test]
fn what_was_deleted_is_neither_in_the_database_nor_in_its_log_after_emptying_it() {
    let folder = tempfile::tempdir().unwrap();
    let storage = filled(&folder.path().join("cell.db"), 1);
    let secret = b"a-body-that-is-erased-in-full";
    let put = Batch::new().put(key(77), Precondition::Absent, *secret, [], []);
    let version = block_on(storage.commit(put)).unwrap().version(0).unwrap();
    let holds = |name: &str| {
        let bytes = fs::read(folder.path().join(name)).unwrap_or_default();
        bytes.windows(secret.len()).any(|window| window == secret)
    };
    assert!(holds("cell.db-wal"));
    block_on(storage.commit(Batch::new().delete(key(77), version))).unwrap();
    assert!(block_on(storage.empty_log()).unwrap());
    for name in ["cell.db", "cell.db-wal", "cell.db-shm"] {
        assert!(!holds(name), "{name}");
    }
}
