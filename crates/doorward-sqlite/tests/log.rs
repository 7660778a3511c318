//! The write-ahead log: it begins anew while it is written to, and its file does not grow for ever.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use doorward_sqlite::{Durability, SqliteOptions, SqliteStorage};
use doorward_storage::{Batch, Kind, Precondition, RecordKey, Scope, Storage, Version};
use pollster::block_on;
use rusqlite::Connection;
use tempfile::TempDir;
use uuid::Uuid;

const BODY: usize = 256 << 10;
const MIB: u64 = 1 << 20;

/// One record that is written again and again.
struct Cell {
    folder: TempDir,
    storage: SqliteStorage,
    version: Option<Version>,
}

impl Cell {
    fn open(durability: Durability) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Whoever waits for this long is seen to hang.
        let options = SqliteOptions::new(folder.path().join("cell.db"))
            .durability(durability)
            .patience(Duration::from_secs(3_600));
        Self {
            storage: options.open().unwrap(),
            folder,
            version: None,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("cell.db")
    }

    fn key() -> RecordKey {
        RecordKey::new(Scope::Directory, Kind::from_static("thing"), Uuid::nil())
    }

    /// Writes all of it: SQLite passes over pages that are as they were.
    fn write(&mut self, byte: u8) {
        let expect = self
            .version
            .map_or(Precondition::Absent, Precondition::VersionIs);
        let batch = Batch::new().put(Self::key(), expect, vec![byte; BODY], [], []);
        block_on(self.storage.commit(batch)).unwrap();
        let read = block_on(self.storage.get(&[Self::key()])).unwrap();
        self.version = read[0].as_ref().map(|record| record.version);
    }

    fn holds(&self, byte: u8) -> bool {
        let read = block_on(self.storage.get(&[Self::key()])).unwrap();
        let body = &read[0].as_ref().unwrap().body;
        body.len() == BODY && body.iter().all(|found| *found == byte)
    }

    /// The length of the log, in bytes.
    fn log(&self) -> u64 {
        length(&self.path())
    }
}

fn length(database: &Path) -> u64 {
    let log = database.with_extension("db-wal");
    fs::metadata(log).unwrap().len()
}

/// 300 MiB through a log of some 40.
#[test]
fn a_log_that_is_always_written_to_begins_anew_in_the_room_it_has() {
    // Flushing is not what is tested here.
    let mut cell = Cell::open(Durability::Normal);
    let mut longest = 0;
    for n in 0..1_200_u32 {
        cell.write(n.to_le_bytes()[0]);
        let now = cell.log();
        assert!(longest < 32 * MIB || now >= 32 * MIB, "cut to {now} bytes");
        longest = longest.max(now);
    }
    assert!(longest < 128 * MIB, "{longest} bytes at once");
    assert!(cell.holds(1_199_u32.to_le_bytes()[0]));
}

/// Operators are told that commits go on, and that the file is cut by itself afterwards.
#[test]
fn a_log_that_somebody_reads_without_end_grows_and_is_cut_afterwards() {
    let mut cell = Cell::open(Durability::Normal);
    cell.write(0);
    let reader = Connection::open(cell.path()).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let count = "SELECT count(*) FROM doorward_record";
    let records: i64 = reader.query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(records, 1);
    for n in 1..600_u32 {
        cell.write(n.to_le_bytes()[0]);
    }
    let grown = cell.log();
    assert!(grown > 128 * MIB, "{grown} bytes");
    reader.execute_batch("COMMIT").unwrap();
    let writes = (0..4_000_u32).take_while(|n| {
        cell.write(n.to_le_bytes()[0]);
        cell.log() > 64 * MIB
    });
    let writes = writes.count();
    assert!(writes < 4_000, "{} bytes", cell.log());
}

/// Operators are told to empty it after an erasure.
#[test]
fn a_log_is_emptied_on_demand() {
    let mut cell = Cell::open(Durability::Full);
    cell.write(1);
    assert!(cell.log() > u64::try_from(BODY).unwrap());
    assert!(block_on(cell.storage.empty_log()).unwrap());
    assert_eq!(cell.log(), 0);
    assert!(cell.holds(1));
}
