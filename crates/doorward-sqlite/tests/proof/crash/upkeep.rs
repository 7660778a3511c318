//! Processes that are killed while they open, migrate, empty the log or copy the database.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Barrier,
    thread,
    time::Duration,
};

use doorward::storage::{
    AuditRow, AuditStore, Batch, Kind, Limit, Order, Precondition, Range, RecordKey, Scope, Storage,
};
use doorward_sqlite::{SqliteStorage, verify};
use rand::RngExt;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{KILLS_A_FILE, clear, kills};
use crate::{
    child::{self, Second},
    office::block_on,
    race::seeded,
};

const NOTE: Kind = Kind::from_static("note");

#[derive(Debug, Deserialize, Serialize)]
enum Said {
    Opened,
    Committed(u128),
    Copied(u32),
    Failed(String),
}

#[derive(Deserialize, Serialize)]
enum Part {
    Open { folder: PathBuf },
    EmptyLog { path: PathBuf, from: u128 },
    Copy { path: PathBuf, from: u128 },
}

/// Decision 0013: each migration runs in one transaction with its count.
#[test]
fn a_file_whose_making_was_cut_off_opens() {
    let test = concat!(module_path!(), "::a_file_whose_making_was_cut_off_opens");
    if let Some(Part::Open { folder }) = child::part() {
        return make_files(&folder);
    }
    let mut random = seeded(test);
    let (mut whole, mut cut_off) = (0, 0);
    for _ in 0..kills() {
        let folder = tempfile::tempdir().unwrap();
        let part = Part::Open {
            folder: folder.path().to_owned(),
        };
        let child = Second::start(test, &part);
        let Said::Opened = child.answer() else {
            panic!("the child opens the first file");
        };
        thread::sleep(Duration::from_micros(random.random_range(0..40_000)));
        let said: Vec<Said> = child.kill();
        assert!(said.iter().all(|said| matches!(said, Said::Opened)));
        for file in databases(folder.path()) {
            let found = verify(&file);
            match found {
                Ok(_) => whole += 1,
                Err(_) => cut_off += 1,
            }
            let storage = SqliteStorage::open(&file).unwrap();
            block_on(storage.commit(note(1))).unwrap();
            drop(storage);
            assert_eq!(verify(&file).unwrap().records, 1);
        }
    }
    println!(
        "{test}: {} kills, {whole} files whole, {cut_off} cut off",
        kills()
    );
}

#[test]
fn a_new_file_that_many_open_at_once_opens_for_all() {
    for _ in 0..kills() / 2 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cell.db");
        let line = Barrier::new(8);
        let open = |number| {
            line.wait();
            let storage = SqliteStorage::open(&path).unwrap();
            block_on(storage.commit(note(number))).unwrap();
        };
        let open = &open;
        thread::scope(|scope| {
            for number in 0..8 {
                scope.spawn(move || open(number));
            }
        });
        assert_eq!(verify(&path).unwrap().records, 8);
    }
}

/// SQLite itself waits for nobody when it begins a write-ahead log.
#[test]
fn opening_waits_for_a_host_that_writes_the_file_without_a_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cell.db");
    let host = Connection::open(&path).unwrap();
    host.execute_batch("CREATE TABLE host (id INTEGER); BEGIN IMMEDIATE")
        .unwrap();
    thread::scope(|scope| {
        scope.spawn(move || {
            thread::sleep(Duration::from_millis(200));
            host.execute_batch("INSERT INTO host VALUES (1); COMMIT")
                .unwrap();
        });
        SqliteStorage::open(&path).unwrap();
    });
}

#[test]
fn a_process_killed_while_it_empties_the_log_loses_no_acknowledged_commit() {
    let test = concat!(
        module_path!(),
        "::a_process_killed_while_it_empties_the_log_loses_no_acknowledged_commit"
    );
    if let Some(Part::EmptyLog { path, from }) = child::part() {
        let storage = SqliteStorage::open(&path).unwrap();
        return beside_commits(&storage, from, |storage| {
            if let Err(error) = block_on(storage.empty_log()) {
                child::say(&Said::Failed(format!("{error:?}")));
            }
        });
    }
    kill_beside_commits(test, |path, from| Part::EmptyLog { path, from });
}

#[test]
fn a_process_killed_while_it_copies_leaves_a_whole_copy_or_none() {
    let test = concat!(
        module_path!(),
        "::a_process_killed_while_it_copies_leaves_a_whole_copy_or_none"
    );
    if let Some(Part::Copy { path, from }) = child::part() {
        let storage = SqliteStorage::open(&path).unwrap();
        let mut number = 0;
        return beside_commits(&storage, from, move |storage| {
            let copy = path.with_file_name(format!("copy.{number}.db"));
            let said = match block_on(storage.backup(copy)) {
                Ok(_) => Said::Copied(number),
                Err(error) => Said::Failed(format!("{error:?}")),
            };
            child::say(&said);
            number += 1;
        });
    }
    kill_beside_commits(test, |path, from| Part::Copy { path, from });
}

/// Kills children that commit and do something beside, again and again on one file.
fn kill_beside_commits(test: &str, part: impl Fn(PathBuf, u128) -> Part) {
    let mut random = seeded(test);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cell.db");
    let (mut acknowledged, mut all_copies, mut next) = (BTreeSet::new(), 0, 0);
    let (mut total, mut silent) = (0, 0);
    for kill in 0..kills() {
        if kill % KILLS_A_FILE == 0 {
            clear(folder.path());
            acknowledged.clear();
            next = 0;
        }
        let child = Second::start(test, &part(path.clone(), next));
        let mut said: Vec<Said> = vec![child.answer()];
        thread::sleep(Duration::from_micros(random.random_range(0..60_000)));
        said.extend(child.kill());

        let storage = SqliteStorage::open(&path).unwrap();
        let stored = notes(&storage);
        assert_eq!(
            entries(&storage),
            stored,
            "a note and its entry are one commit"
        );
        for said in said {
            match said {
                Said::Committed(number) => {
                    acknowledged.insert(number);
                    total += 1;
                }
                Said::Failed(why) => panic!("the child failed: {why}"),
                Said::Opened | Said::Copied(_) => {}
            }
        }
        let lost: Vec<_> = acknowledged.difference(&stored).collect();
        assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
        silent += stored.difference(&acknowledged).count();
        acknowledged = stored;
        next = acknowledged.last().map_or(0, |last| last + 1);
        drop(storage);
        verify(&path).unwrap();
        for copy in databases(folder.path()) {
            if copy != path {
                let copied = verify(&copy).unwrap();
                assert_eq!(copied.records, copied.audit_entries);
                fs::remove_file(copy).unwrap();
                all_copies += 1;
            }
        }
    }
    println!(
        "{test}: {} kills, {total} commits acknowledged, {silent} committed in silence, \
         {all_copies} copies",
        kills()
    );
}

/// The child's life: it commits on one thread, and does something else on another.
fn beside_commits(
    storage: &SqliteStorage,
    from: u128,
    mut beside: impl FnMut(&SqliteStorage) + Send,
) {
    child::say(&Said::Opened);
    child::end_with_the_parent();
    thread::scope(|scope| {
        scope.spawn(move || {
            loop {
                beside(storage);
            }
        });
        for number in from.. {
            block_on(storage.commit(note(number))).unwrap();
            child::say(&Said::Committed(number));
        }
    });
}

fn make_files(folder: &Path) {
    child::end_with_the_parent();
    for number in 0_u32.. {
        if number == 0 {
            child::say(&Said::Opened);
        }
        let storage = SqliteStorage::open(folder.join(format!("{number}.db")));
        if let Err(error) = storage {
            child::say(&Said::Failed(format!("{error:?}")));
        }
    }
}

fn databases(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|name| name == "db"))
        .collect()
}

/// A record and its audit entry.
fn note(number: u128) -> Batch {
    let id = Uuid::from_u128(number);
    let entry = AuditRow {
        id,
        scope: Scope::Directory,
        body: b"noted".to_vec(),
        side: Vec::new(),
    };
    let key = RecordKey::new(Scope::Directory, NOTE, id);
    Batch::new()
        .put(key, Precondition::Absent, vec![b'x'; 3_000], [], [])
        .audit(entry)
}

fn notes(storage: &SqliteStorage) -> BTreeSet<u128> {
    let range = Range::kind(Scope::Directory, NOTE);
    let (mut all, mut after) = (BTreeSet::new(), None);
    loop {
        let page = block_on(storage.scan(&range, after.as_ref(), Limit::MAX)).unwrap();
        let ids = page.records.iter().map(|note| note.key.id.as_bytes());
        all.extend(ids.map(|id| u128::from_be_bytes(id.try_into().unwrap())));
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

fn entries(storage: &SqliteStorage) -> BTreeSet<u128> {
    let (mut all, mut after) = (BTreeSet::new(), None);
    loop {
        let page = storage.entries(Scope::Directory, Order::OldestFirst, after, Limit::MAX);
        let page = block_on(page).unwrap();
        after = page.last().map(|last| last.id);
        all.extend(page.iter().map(|entry| entry.id.as_u128()));
        if after.is_none() {
            return all;
        }
    }
}
