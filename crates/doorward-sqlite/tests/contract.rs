//! The contract of the storage port, on files.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{env, path::Path, process::Command, sync::Arc};

use doorward_conformance::{Harness, async_trait, conformance_tests, serve};
use doorward_sqlite::SqliteStorage;
use doorward_storage::FullStorage;
use tempfile::TempDir;

struct Sqlite;

#[async_trait]
impl Harness for Sqlite {
    type Guard = TempDir;

    async fn open(&self) -> (TempDir, Arc<dyn FullStorage>) {
        let folder = tempfile::tempdir().unwrap();
        let storage = self.reopen(&folder).await;
        (folder, storage)
    }

    async fn reopen(&self, folder: &TempDir) -> Arc<dyn FullStorage> {
        Arc::new(SqliteStorage::open(folder.path().join("cell.db")).unwrap())
    }

    fn second_process(&self, folder: &TempDir) -> Option<Command> {
        Some(second_process(&folder.path().join("cell.db")))
    }
}

conformance_tests!(Sqlite);

const FILE: &str = "DOORWARD_CONTRACT_FILE";

/// This binary, started again for the test below.
fn second_process(path: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    let test = "a_second_process_opens_the_file_beside_the_first";
    command
        .args(["--exact", test, "--nocapture"])
        .env(FILE, path);
    command
}

#[test]
fn a_second_process_opens_the_file_beside_the_first() {
    if let Some(path) = env::var_os(FILE) {
        return serve(&Sqlite, &SqliteStorage::open(path).unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cell.db");
    let _first = SqliteStorage::open(&path).unwrap();
    let second = second_process(&path).output().unwrap();
    let said = String::from_utf8_lossy(&second.stdout);
    assert!(second.status.success() && said.contains("ready"), "{said}");
}
