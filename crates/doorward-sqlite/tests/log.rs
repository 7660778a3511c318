//! The write-ahead log: it begins anew while it is written to, and its file does not grow for ever.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use doorward_sqlite::{Durability, SqliteOptions};
use doorward_storage::{Batch, Kind, Precondition, RecordKey, Scope, Storage};
use pollster::block_on;
use uuid::Uuid;

const BODY: usize = 256 << 10;

/// The length of the log beside a database, in bytes.
fn length(database: &Path) -> u64 {
    let log = database.with_extension("db-wal");
    fs::metadata(log).unwrap().len()
}

/// Operators are told that the log stays below 128 MiB where nobody reads without end.
#[test]
fn a_log_that_is_always_written_to_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cell.db");
    // Flushing is not what is tested here.
    let options = SqliteOptions::new(&path).durability(Durability::Normal);
    let storage = options.open().unwrap();
    let key = |n: usize| {
        let id = Uuid::from_u128(u128::try_from(n).unwrap());
        RecordKey::new(Scope::Directory, Kind::from_static("thing"), id)
    };
    let (mut version, mut longest) = (None, 0);
    let writes = 1_200;
    for n in 0..writes {
        let expect = version.map_or(Precondition::Absent, Precondition::VersionIs);
        let body = vec![u8::try_from(n % 251).unwrap(); BODY];
        let batch = Batch::new().put(key(0), expect, body, [], []);
        block_on(storage.commit(batch)).unwrap();
        let read = block_on(storage.get(&[key(0)])).unwrap();
        version = read[0].as_ref().map(|record| record.version);
        longest = longest.max(length(&path));
    }
    let written = u64::try_from(writes * BODY).unwrap();
    assert!(written >= 300 << 20, "{written}");
    assert!(longest < 128 << 20, "{longest} of {written} bytes at once");
    let read = block_on(storage.get(&[key(0)])).unwrap();
    let body = &read[0].as_ref().unwrap().body;
    assert!(
        body.iter()
            .all(|byte| usize::from(*byte) == (writes - 1) % 251)
    );
}

/// Operators are told to empty it after an erasure.
#[test]
fn a_log_is_emptied_on_demand() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cell.db");
    let storage = SqliteOptions::new(&path).open().unwrap();
    let key = RecordKey::new(Scope::Directory, Kind::from_static("thing"), Uuid::nil());
    let batch = Batch::new().put(key, Precondition::Absent, vec![1; BODY], [], []);
    block_on(storage.commit(batch)).unwrap();
    assert!(length(&path) > u64::try_from(BODY).unwrap());
    block_on(storage.empty_log()).unwrap();
    assert_eq!(length(&path), 0);
}
