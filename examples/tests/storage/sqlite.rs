//! Where these tests keep everything: in one SQLite file each. No power is lost here, so commits are
//! not flushed one by one.

use std::{any::Any, sync::Arc};

use doorward::storage::FullStorage;
use doorward_sqlite::{Durability, SqliteOptions};

/// Opens an empty storage, and says what must live as long as it: the folder.
pub(crate) fn open() -> (Arc<dyn FullStorage>, Box<dyn Any + Send + Sync>) {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions::new(folder.path().join("care.db"));
    let storage = options.durability(Durability::Normal).open().unwrap();
    (Arc::new(storage), Box::new(folder))
}
