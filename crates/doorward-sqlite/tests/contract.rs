//! The contract of the storage port, on files.

use std::sync::Arc;

use doorward_conformance::{Harness, async_trait, conformance_tests};
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
}

conformance_tests!(Sqlite);
