//! The storage that a host has: one SQLite file.

use std::{fs, path::Path, sync::Arc};

use doorward_sqlite::{Durability, SqliteOptions};

use crate::fixture::House;

/// A house over a file of its own. What it contains are the bytes of the database, of its log and of
/// its shared memory. No power is lost here, so commits are not flushed one by one.
pub fn house() -> House {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions::new(folder.path().join("cell.db"));
    let storage = options.durability(Durability::Normal).open().unwrap();
    House::open_on(Arc::new(storage), Box::new(move || files(folder.path())))
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let names = fs::read_dir(folder).unwrap();
    let files: Vec<_> = names
        .map(|name| fs::read(name.unwrap().path()).unwrap())
        .collect();
    assert_eq!(
        files.len(),
        3,
        "the database, its log and its shared memory"
    );
    files
}
