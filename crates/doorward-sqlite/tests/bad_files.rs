//! Files that cannot be opened or used: one clear error each, and nothing half-written.

use std::{
    error::Error as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use doorward_sqlite::{BackupError, Missing, OpenError, SqliteOptions, SqliteStorage, verify};
use doorward_storage::{
    Applied, Batch, CommitError, Kind, Limit, Outcome, Precondition, Range, Record, RecordKey,
    Scope, Storage, StorageError, StorageErrorKind,
};
use pollster::block_on;
use rusqlite::Connection;
use tempfile::TempDir;
use uuid::Uuid;

const THING: Kind = Kind::from_static("thing");
const SCOPE: Scope = Scope::Tenant(Uuid::from_u128(7));

fn key(number: u128) -> RecordKey {
    RecordKey::new(SCOPE, THING, Uuid::from_u128(number))
}

/// What the record of this number holds; it fills a quarter of a page.
fn body(number: u128) -> Vec<u8> {
    let mut body = format!("<the body of thing number {number}>").into_bytes();
    body.resize(1_000, b'.');
    body
}

fn put(storage: &SqliteStorage, number: u128) -> Result<Applied, CommitError> {
    let batch = Batch::new().put(key(number), Precondition::Absent, body(number), [], []);
    block_on(storage.commit(batch))
}

fn get(storage: &SqliteStorage, number: u128) -> Result<Option<Record>, StorageError> {
    block_on(storage.get(&[key(number)])).map(|mut records| records.remove(0))
}

fn backend(refused: CommitError) -> StorageError {
    match refused {
        CommitError::Backend(error) => error,
        other => panic!("{other:?}"),
    }
}

struct Cell(TempDir);

impl Cell {
    fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A closed file with so many records.
    fn of(count: u128) -> Self {
        let cell = Self::empty();
        let storage = cell.open();
        for number in 0..count {
            put(&storage, number).unwrap();
        }
        cell
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("cell.db")
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        self.0.path().join(format!("cell.db{suffix}"))
    }

    fn open(&self) -> SqliteStorage {
        SqliteStorage::open(self.path()).unwrap()
    }

    /// Opens without waiting for others.
    fn open_at_once(&self) -> Result<SqliteStorage, OpenError> {
        SqliteOptions::new(self.path())
            .patience(Duration::from_millis(20))
            .open()
    }

    fn refusal(&self) -> OpenError {
        self.open_at_once().unwrap_err()
    }

    fn foreign(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    /// The names and bytes of everything in the folder.
    fn content(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let entries = fs::read_dir(self.0.path()).unwrap().map(Result::unwrap);
        let files = entries.map(|entry| (entry.path(), fs::read(entry.path()).unwrap_or_default()));
        let mut files: Vec<_> = files.collect();
        files.sort();
        files
    }

    /// A refusal, after which everything is as it was.
    fn untouched_refusal(&self) -> OpenError {
        let before = self.content();
        let refusal = self.refusal();
        assert!(self.content() == before, "{refusal}: something was changed");
        refusal
    }
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let cell = Cell::empty();
    let long = "a letter to the practice, of more than a hundred bytes, ".repeat(40);
    for text in ["short", long.as_str()] {
        fs::write(cell.path(), text).unwrap();
        let refusal = cell.untouched_refusal();
        assert!(
            matches!(refusal, OpenError::NotADatabase { .. }),
            "{refusal:?}"
        );
        assert!(
            refusal
                .to_string()
                .ends_with("cell.db` is no SQLite database")
        );
    }
}

#[test]
fn a_folder_in_the_place_of_the_file_is_refused() {
    let cell = Cell::empty();
    fs::create_dir(cell.path()).unwrap();
    let refusal = cell.untouched_refusal();
    assert!(
        matches!(refusal, OpenError::NotADatabase { .. }),
        "{refusal:?}"
    );
}

/// Such as one that `touch` made, or whose maker was killed before its first write.
#[test]
fn an_empty_file_becomes_a_database() {
    let cell = Cell::empty();
    fs::write(cell.path(), "").unwrap();
    put(&cell.open(), 1).unwrap();
    assert!(get(&cell.open(), 1).unwrap().is_some());
}

#[test]
fn a_missing_folder_is_refused_and_not_made() {
    let cell = Cell::empty();
    let path = cell.0.path().join("missing").join("cell.db");
    let refusal = SqliteStorage::open(&path).unwrap_err();
    assert!(
        matches!(refusal, OpenError::NotWritable { .. }),
        "{refusal:?}"
    );
    assert!(
        refusal.to_string().contains("its folder must exist"),
        "{refusal}"
    );
    assert!(!path.parent().unwrap().exists());
}

#[test]
fn a_missing_file_is_not_made_where_it_must_be_there() {
    let cell = Cell::empty();
    let options = SqliteOptions::new(cell.path()).missing(Missing::Refuse);
    let refusal = options.clone().open().unwrap_err();
    assert!(matches!(refusal, OpenError::Missing { .. }), "{refusal:?}");
    assert!(cell.content().is_empty());
    drop(cell.open());
    options.open().unwrap();
}

/// Takes away the right to write, also from root, until it is dropped.
struct Unwritable(PathBuf);

impl Unwritable {
    fn make(path: &Path) -> Option<Self> {
        let probe = path.join("probe");
        let is_writable = || {
            if path.is_dir() {
                fs::write(&probe, "").is_ok() && fs::remove_file(&probe).is_ok()
            } else {
                fs::OpenOptions::new().append(true).open(path).is_ok()
            }
        };
        let guard = Self(path.to_owned());
        guard.mode(if path.is_dir() { 0o500 } else { 0o400 });
        if is_writable() {
            // Root writes whatever the mode says.
            let _ = Command::new("chattr").arg("+i").arg(path).status();
        }
        if is_writable() {
            println!("skipped: run it as another user than root, or where `chattr +i` works");
            return None;
        }
        Some(guard)
    }

    #[cfg(unix)]
    fn mode(&self, mode: u32) {
        use std::os::unix::fs::PermissionsExt;

        let _ = fs::set_permissions(&self.0, fs::Permissions::from_mode(mode));
    }

    #[cfg(not(unix))]
    fn mode(&self, _: u32) {}
}

impl Drop for Unwritable {
    fn drop(&mut self) {
        let _ = Command::new("chattr").arg("-i").arg(&self.0).output();
        self.mode(0o700);
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_refused() {
    for count in [0, 5] {
        let cell = if count == 0 {
            Cell::empty()
        } else {
            Cell::of(count)
        };
        let Some(_guard) = Unwritable::make(cell.0.path()) else {
            return;
        };
        let refusal = cell.untouched_refusal();
        assert!(
            matches!(refusal, OpenError::NotWritable { .. }),
            "{refusal:?}"
        );
        let text = refusal.to_string();
        assert!(
            text.ends_with("the file and its folder must exist and be writable"),
            "{text}"
        );
    }
}

#[test]
fn a_file_that_cannot_be_written_is_refused() {
    let cell = Cell::of(5);
    let Some(guard) = Unwritable::make(&cell.path()) else {
        return;
    };
    let refusal = cell.refusal();
    assert!(
        matches!(refusal, OpenError::NotWritable { .. }),
        "{refusal:?}"
    );
    drop(guard);
    assert!(get(&cell.open(), 4).unwrap().is_some());
}

/// Overwrites the page that holds a record's body.
fn break_page_of(cell: &Cell, number: u128) {
    let mut bytes = fs::read(cell.path()).unwrap();
    let body = body(number);
    let place = bytes.windows(body.len()).position(|window| window == body);
    let page = place.unwrap() / 4096 * 4096;
    bytes[page..page + 64].fill(0xee);
    fs::write(cell.path(), bytes).unwrap();
}

#[test]
fn a_broken_page_breaks_what_is_on_it_alone() {
    let cell = Cell::of(200);
    break_page_of(&cell, 100);
    let storage = cell.open();
    let broken = get(&storage, 100).unwrap_err();
    assert_eq!(broken.kind(), StorageErrorKind::Broken);
    let source = broken.source().unwrap().to_string();
    assert!(source.contains("malformed"), "{source}");
    let all = Range::kind(SCOPE, THING);
    let scan = block_on(storage.scan(&all, None, Limit::MAX)).unwrap_err();
    assert_eq!(scan.kind(), StorageErrorKind::Broken);
    let change = Batch::new().put(key(100), Precondition::Absent, "anew", [], []);
    let refused = backend(block_on(storage.commit(change)).unwrap_err());
    assert_eq!(refused.kind(), StorageErrorKind::Broken);
    assert_eq!(refused.outcome(), Outcome::NotApplied);

    // The rest goes on.
    assert_eq!(get(&storage, 0).unwrap().unwrap().body, body(0));
    assert_eq!(get(&storage, 199).unwrap().unwrap().body, body(199));
    put(&storage, 1_000).unwrap();
    assert!(get(&storage, 1_000).unwrap().is_some());
    // No backup comes of it that anybody would trust.
    let copy = cell.0.path().join("backup.db");
    let refused = block_on(storage.backup(&copy)).unwrap_err();
    assert!(
        matches!(&refused, BackupError::Damaged { path, .. } if path.ends_with("cell.db")),
        "{refused:?}"
    );
    assert!(!copy.exists());
    drop(storage);
    assert!(matches!(
        verify(cell.path()),
        Err(BackupError::Damaged { .. })
    ));
}

#[test]
fn a_file_that_was_cut_off_is_refused() {
    let cell = Cell::of(50);
    let whole = fs::read(cell.path()).unwrap();
    for left in [whole.len() / 2, 8192, 4096, 100] {
        fs::write(cell.path(), &whole[..left]).unwrap();
        let refusal = cell.refusal();
        let told = matches!(
            refusal,
            OpenError::Damaged { .. } | OpenError::NotADatabase { .. }
        );
        assert!(told, "{left} bytes: {refusal:?}");
        assert_eq!(fs::metadata(cell.path()).unwrap().len(), left as u64);
    }
}

#[test]
fn a_file_whose_list_of_tables_is_broken_is_refused() {
    let cell = Cell::of(5);
    let mut bytes = fs::read(cell.path()).unwrap();
    bytes[100..200].fill(0xee);
    fs::write(cell.path(), bytes).unwrap();
    let refusal = cell.refusal();
    assert!(matches!(refusal, OpenError::Damaged { .. }), "{refusal:?}");
    assert!(
        refusal
            .to_string()
            .ends_with("is damaged: restore a backup")
    );
}

const LATER: &str = "INSERT INTO doorward_migration (version, name) VALUES (99, 'later')";

#[test]
fn a_database_of_a_newer_schema_is_refused() {
    let cell = Cell::of(5);
    cell.foreign().execute(LATER, []).unwrap();
    let refusal = cell.untouched_refusal();
    let OpenError::NewerSchema { found, known, .. } = refusal else {
        panic!("{refusal:?}");
    };
    assert!(found == 99 && known < 99);
    assert!(
        refusal
            .to_string()
            .ends_with("open them with a newer release")
    );
}

/// A newer release has opened the file meanwhile: this one reads on, and writes no more.
#[test]
fn a_database_that_becomes_newer_while_it_is_open_is_not_written_any_more() {
    let cell = Cell::of(5);
    let storage = cell.open();
    put(&storage, 10).unwrap();
    cell.foreign().execute(LATER, []).unwrap();
    for _ in 0..2 {
        let refused = backend(put(&storage, 11).unwrap_err());
        assert_eq!(refused.kind(), StorageErrorKind::Broken);
        assert_eq!(refused.outcome(), Outcome::NotApplied);
        let source = refused.source().unwrap().to_string();
        assert!(source.contains("version 99"), "{source}");
        assert!(source.contains("another release"), "{source}");
    }
    assert!(get(&storage, 10).unwrap().is_some());
    assert!(get(&storage, 11).unwrap().is_none());
}

#[test]
fn what_has_a_name_of_this_crate_is_named_and_left_alone() {
    for (statement, named) in [
        (
            "CREATE TABLE doorward_record (id INTEGER)",
            "doorward_record",
        ),
        ("CREATE TABLE Doorward_Claim (id INTEGER)", "Doorward_Claim"),
        ("CREATE VIEW doorward_audit AS SELECT 1", "doorward_audit"),
        (
            "CREATE TABLE doorward_grant_view (id INTEGER)",
            "doorward_grant_view",
        ),
        (
            "CREATE TABLE doorward_migration (id INTEGER)",
            "doorward_migration",
        ),
        (
            "CREATE TABLE t (a); CREATE INDEX doorward_message_id ON t (a)",
            "doorward_message_id",
        ),
    ] {
        let cell = Cell::empty();
        cell.foreign().execute_batch(statement).unwrap();
        let refusal = cell.untouched_refusal();
        let OpenError::InTheWay { name, .. } = &refusal else {
            panic!("{refusal:?}");
        };
        assert_eq!(name, named);
        assert!(
            refusal
                .to_string()
                .contains("names that begin with `doorward_`")
        );
        let notours = verify(cell.path()).unwrap_err();
        assert!(
            matches!(notours, BackupError::NotABackup { .. }),
            "{notours:?}"
        );
    }
}

/// A program that keeps the whole file for itself: the patience bounds the wait.
#[test]
fn a_file_that_another_program_has_locked_is_unavailable() {
    let cell = Cell::of(5);
    let foreign = cell.foreign();
    let lock = "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE";
    foreign.execute_batch(lock).unwrap();
    let refusal = cell.untouched_refusal();
    assert!(
        matches!(refusal, OpenError::Unavailable { .. }),
        "{refusal:?}"
    );
    assert!(refusal.to_string().ends_with("is not available now"));
    drop(foreign);
    put(&cell.open(), 10).unwrap();
}

#[test]
fn a_commit_waits_for_another_program_as_long_as_its_patience() {
    let cell = Cell::of(5);
    let storage = cell.open_at_once().unwrap();
    let foreign = cell.foreign();
    foreign.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = backend(put(&storage, 10).unwrap_err());
    assert_eq!(refused.kind(), StorageErrorKind::Unavailable);
    assert_eq!(refused.outcome(), Outcome::NotApplied);
    assert!(get(&storage, 4).unwrap().is_some(), "reads do not wait");
    foreign.execute_batch("COMMIT").unwrap();
    put(&storage, 10).unwrap();
}

/// A program that knows nothing of this crate cannot take the log away under it, and what it did
/// to a closed file is set right.
#[test]
fn a_journal_mode_that_another_program_set_is_set_back() {
    let cell = Cell::of(5);
    let storage = cell.open();
    put(&storage, 10).unwrap();
    let foreign = cell.foreign();
    let change = |foreign: &Connection| {
        foreign.pragma_update_and_check(None, "journal_mode", "DELETE", |row| {
            row.get::<_, String>(0)
        })
    };
    assert!(change(&foreign).is_err(), "it is locked");
    drop((storage, foreign));
    assert_eq!(change(&cell.foreign()).unwrap(), "delete");
    let storage = cell.open();
    put(&storage, 11).unwrap();
    assert!(get(&storage, 10).unwrap().is_some());
    let mode = "PRAGMA journal_mode";
    let mode: String = cell
        .foreign()
        .query_row(mode, [], |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
}

/// What a crash leaves: database and log, and no shared memory.
#[test]
fn a_log_that_a_crash_left_is_played_in() {
    let cell = Cell::of(0);
    let storage = cell.open();
    for number in 0..10 {
        put(&storage, number).unwrap();
    }
    let crashed = Cell::empty();
    for suffix in ["", "-wal"] {
        fs::copy(cell.beside(suffix), crashed.beside(suffix)).unwrap();
    }
    let after = crashed.open();
    assert!((0..10).all(|number| get(&after, number).unwrap().is_some()));
    put(&after, 10).unwrap();
}

/// A copy of the database without its log is the state of the last checkpoint, whole and old.
#[test]
fn a_database_without_its_log_is_older_and_not_half_of_anything() {
    let cell = Cell::of(10);
    let storage = cell.open();
    for number in 10..20 {
        put(&storage, number).unwrap();
    }
    let crashed = Cell::empty();
    fs::copy(cell.path(), crashed.path()).unwrap();
    let after = crashed.open();
    assert!((0..10).all(|number| get(&after, number).unwrap().is_some()));
    assert!((10..20).all(|number| get(&after, number).unwrap().is_none()));
    drop(after);
    assert_eq!(verify(crashed.path()).unwrap().records, 10);
}

/// Somebody tidies up: the process that has the log open goes on, and closing it saves everything.
#[cfg(unix)]
#[test]
fn a_log_that_was_deleted_while_it_is_open_loses_nothing() {
    let cell = Cell::of(5);
    let storage = cell.open();
    put(&storage, 10).unwrap();
    fs::remove_file(cell.beside("-wal")).unwrap();
    put(&storage, 11).unwrap();
    assert!(get(&storage, 10).unwrap().is_some());
    assert!(get(&storage, 11).unwrap().is_some());
    drop(storage);
    let after = cell.open();
    assert!(
        [4, 10, 11]
            .iter()
            .all(|number| get(&after, *number).unwrap().is_some())
    );
    drop(after);
    assert_eq!(verify(cell.path()).unwrap().records, 7);
}
