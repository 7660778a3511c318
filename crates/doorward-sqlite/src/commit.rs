//! The steps of a commit, in order: [`replay`], [`admit`], [`write`].

use std::collections::BTreeSet;

use doorward_storage::{
    Applied, Batch, CommitError, IndexEntry, Precondition, RecordKey, StorageError, UniqueKey,
    Version, Write,
};
use rusqlite::{Connection, Error, OptionalExtension, params};

use crate::{
    columns::{ScopeColumn, number, signed, version},
    fault::{damaged, is_new},
    held::{self, Item},
    log, queue,
    requests::{self, remembered},
    writer::Halt,
};

type Refusable<T> = Result<T, Halt<CommitError>>;

/// What stands between a valid batch and its writing, as it was met.
pub(crate) struct Admitted {
    met: Vec<Met>,
    /// Items that are not in the batch: those of a settlement or an erasure.
    others: usize,
}

/// What one write of a batch met under its key.
enum Met {
    Nothing,
    /// A record that was there, and what it had; for a check that is not read.
    There(Found, Vec<u8>),
    /// The record that it made.
    Made(Found),
}

#[derive(Clone, Copy)]
struct Found {
    seq: i64,
    version: Version,
}

/// Commits a batch.
pub(crate) fn commit(connection: &Connection, batch: &Batch) -> Refusable<Applied> {
    if let Some(before) = replay(connection, batch)? {
        return Ok(before);
    }
    let admitted = admit(connection, batch, 0)?;
    write(connection, batch, &admitted)
}

/// Answers a request that was applied before (G5), and remembers one that was not.
pub(crate) fn replay(connection: &Connection, batch: &Batch) -> Refusable<Option<Applied>> {
    let Some(request) = &batch.request else {
        return Ok(None);
    };
    if requests::remember(connection, request)? {
        return Ok(None);
    }
    match remembered(connection, &request.key)? {
        Some(before) if before.digest == request.digest => Ok(Some(Applied::Before {
            receipt: before.body,
        })),
        Some(_) => Err(Halt::Refused(CommitError::IdempotencyMismatch)),
        None => Err(damaged("request").into()),
    }
}

/// Checks the preconditions of a valid batch, and makes the records that must not be there: to make
/// one is to check it. `others` counts the items that a settlement or an erasure adds.
pub(crate) fn admit(connection: &Connection, batch: &Batch, others: usize) -> Refusable<Admitted> {
    let mut met = Vec::with_capacity(batch.writes.len());
    let mut first_version = None;
    for (place, write) in batch.writes.iter().enumerate() {
        if write.expect() == Precondition::Absent
            && let Some(made) = make(connection, write, &mut first_version)?
        {
            met.push(Met::Made(made));
            continue;
        }
        let found = find(connection, write)?;
        let actual = found.as_ref().map(|(found, _)| found.version);
        if !write.expect().holds_for(actual) {
            return Err(Halt::Refused(CommitError::Precondition {
                write: place,
                actual,
            }));
        }
        met.push(found.map_or(Met::Nothing, |(found, had)| Met::There(found, had)));
    }
    if has_rivals(&batch.writes) {
        admit_claims(connection, &batch.writes, &met)?;
    }
    Ok(Admitted { met, others })
}

/// Writes an admitted batch. What is refused here is undone with all that was written before.
pub(crate) fn write(
    connection: &Connection,
    batch: &Batch,
    admitted: &Admitted,
) -> Refusable<Applied> {
    // All claims are released before any is made, so that two records can swap values (G3).
    let mut changes = Vec::with_capacity(batch.writes.len());
    let mut released = 0;
    for (write, met) in batch.writes.iter().zip(&admitted.met) {
        let (change, gone) = match (write, met) {
            (
                Write::Put {
                    key, unique, index, ..
                },
                Met::There(found, had),
            ) => release(connection, found.seq, key, had, unique, index)?,
            (Write::Delete { key, .. }, Met::There(found, had)) => {
                (Change::default(), delete(connection, key, *found, had)?)
            }
            (Write::Put { .. } | Write::Delete { .. }, Met::Nothing | Met::Made(_))
            | (Write::Check { .. }, _) => (Change::default(), 0),
        };
        changes.push(change);
        released += gone;
    }
    let size = batch.check_size(admitted.others + released);
    size.map_err(Halt::Refused)?;
    let mut versions = Vec::with_capacity(batch.writes.len());
    let met = admitted.met.iter().zip(&changes);
    for (place, (write, (met, change))) in batch.writes.iter().zip(met).enumerate() {
        let Some((seq, version)) = put(connection, write, met, change)? else {
            versions.push(None);
            continue;
        };
        if let Some(claim) = claim(connection, write, seq, change)? {
            let write = place;
            return Err(Halt::Refused(CommitError::UniqueTaken { write, claim }));
        }
        enter(connection, write, seq, change)?;
        versions.push(Some(version));
    }
    for row in &batch.audit {
        if !log::insert(connection, row)? {
            return Err(reused("audit entry", row.id));
        }
    }
    for row in &batch.outbox {
        if !queue::push(connection, row)? {
            return Err(reused("message", row.id));
        }
    }
    Ok(Applied::Now { versions })
}

fn find(connection: &Connection, write: &Write) -> Result<Option<(Found, Vec<u8>)>, Error> {
    let mut find = connection.prepare_cached(match write {
        Write::Check { .. } => {
            "SELECT seq, version, NULL FROM doorward_record
             WHERE scope = ?1 AND kind = ?2 AND id = ?3"
        }
        Write::Put { .. } | Write::Delete { .. } => {
            "SELECT seq, version, keys FROM doorward_record
             WHERE scope = ?1 AND kind = ?2 AND id = ?3"
        }
    })?;
    let key = write.key();
    let scope = ScopeColumn::from(key.scope);
    let key = params![scope.as_bytes(), key.kind.as_str(), key.id.as_bytes()];
    find.query_row(key, |row| {
        let found = Found {
            seq: row.get(0)?,
            version: version(row, 1)?,
        };
        let had = row.get_ref(2)?.as_blob_or_null()?;
        Ok((found, had.unwrap_or_default().to_vec()))
    })
    .optional()
}

/// Tells whether two puts of a batch claim one value. Else whatever stands in a claim's way is a
/// record that the batch does not write, and shows when the claim is made.
fn has_rivals(writes: &[Write]) -> bool {
    let claims = writes.iter().filter_map(|write| match write {
        Write::Put { unique, .. } => Some(unique),
        Write::Check { .. } | Write::Delete { .. } => None,
    });
    let mut seen = BTreeSet::new();
    !claims.flatten().all(|claim| seen.insert(claim))
}

fn admit_claims(connection: &Connection, writes: &[Write], met: &[Met]) -> Refusable<()> {
    let written = writes.iter().zip(met);
    let released: BTreeSet<i64> = written
        .filter_map(|(write, met)| match (write, met) {
            // What was just made holds nothing yet.
            (Write::Check { .. }, _) | (_, Met::Nothing | Met::Made(_)) => None,
            (_, Met::There(found, _)) => Some(found.seq),
        })
        .collect();
    let mut made = BTreeSet::new();
    for (place, write) in writes.iter().enumerate() {
        let Write::Put { unique, .. } = write else {
            continue;
        };
        for claim in unique {
            let holder = holder(connection, claim)?;
            let held = holder.is_some_and(|holder| !released.contains(&holder));
            if held || !made.insert(claim) {
                return Err(Halt::Refused(CommitError::UniqueTaken {
                    write: place,
                    claim: claim.clone(),
                }));
            }
        }
    }
    Ok(())
}

fn holder(connection: &Connection, claim: &UniqueKey) -> Result<Option<i64>, Error> {
    let mut holder = connection.prepare_cached(
        "SELECT record FROM doorward_claimed WHERE scope = ?1 AND space = ?2 AND value = ?3",
    )?;
    let scope = ScopeColumn::from(claim.scope);
    let claim = params![
        scope.as_bytes(),
        claim.space.as_str(),
        claim.value.as_bytes()
    ];
    holder.query_row(claim, |row| row.get(0)).optional()
}

/// How a put changes the claims and entries that its record has.
#[derive(Debug, Default)]
struct Change {
    /// Which of its own stay as they are, by their places in the put's order.
    kept_claims: Vec<usize>,
    kept_entries: Vec<usize>,
    /// What the record has from now on, where that is something else.
    keys: Option<Vec<u8>>,
}

/// Deletes the claims and entries that a put drops. Answers what is left to do, and how many went.
fn release(
    connection: &Connection,
    seq: i64,
    key: &RecordKey,
    had: &[u8],
    unique: &BTreeSet<UniqueKey>,
    index: &BTreeSet<IndexEntry>,
) -> Result<(Change, usize), Error> {
    let keys = held::encode(unique, index);
    if had == keys {
        let all = Change {
            kept_claims: (0..unique.len()).collect(),
            kept_entries: (0..index.len()).collect(),
            keys: None,
        };
        return Ok((all, 0));
    }
    let mut change = Change {
        keys: Some(keys),
        ..Change::default()
    };
    let mut gone = 0;
    for item in held::items(had)? {
        let (place, places) = match item {
            Item::Claim {
                scope,
                space,
                value,
            } => {
                let same = |claim: &UniqueKey| {
                    claim.space.as_str() == space
                        && claim.value.as_bytes() == value
                        && ScopeColumn::from(claim.scope).as_bytes() == scope
                };
                (unique.iter().position(same), &mut change.kept_claims)
            }
            Item::Entry { name, value } => {
                let same = |entry: &IndexEntry| {
                    entry.index.as_str() == name && entry.value.as_bytes() == value
                };
                (index.iter().position(same), &mut change.kept_entries)
            }
        };
        if let Some(place) = place {
            places.push(place);
        } else {
            drop_item(connection, seq, key, item)?;
            gone += 1;
        }
    }
    Ok((change, gone))
}

fn drop_item(
    connection: &Connection,
    seq: i64,
    key: &RecordKey,
    item: Item<'_>,
) -> Result<(), Error> {
    let count = match item {
        Item::Claim {
            scope,
            space,
            value,
        } => connection
            .prepare_cached(
                "DELETE FROM doorward_claimed WHERE scope = ?1 AND space = ?2 AND value = ?3
                     AND record = ?4",
            )?
            .execute(params![scope, space, value, seq])?,
        Item::Entry { name, value } => {
            let scope = ScopeColumn::from(key.scope);
            let (kind, id) = (key.kind.as_str(), key.id.as_bytes());
            connection
                .prepare_cached(
                    "DELETE FROM doorward_indexed WHERE scope = ?1 AND name = ?2 AND value = ?3
                         AND kind = ?4 AND id = ?5 AND record = ?6",
                )?
                .execute(params![scope.as_bytes(), name, value, kind, id, seq])?
        }
    };
    if count == 1 {
        Ok(())
    } else {
        Err(held::unfit())
    }
}

/// Deletes a record, and answers how many claims and entries went with it.
fn delete(
    connection: &Connection,
    key: &RecordKey,
    found: Found,
    had: &[u8],
) -> Result<usize, Error> {
    let items = held::items(had)?;
    for item in &items {
        drop_item(connection, found.seq, key, *item)?;
    }
    connection
        .prepare_cached("DELETE FROM doorward_record WHERE seq = ?1")?
        .execute([found.seq])?;
    let mut highest =
        connection.prepare_cached("UPDATE doorward_deleted SET version = ?1 WHERE version < ?1")?;
    highest.execute([signed(found.version.as_u64())])?;
    Ok(items.len())
}

/// Makes the record of a put, without the rows of its claims and entries, unless one is there.
fn make(
    connection: &Connection,
    write: &Write,
    first_version: &mut Option<u64>,
) -> Result<Option<Found>, Error> {
    let Write::Put {
        key,
        body,
        unique,
        index,
        ..
    } = write
    else {
        return Ok(None);
    };
    let version = match *first_version {
        Some(version) => version,
        None => *first_version.insert(highest_deleted(connection)? + 1),
    };
    let mut insert = connection.prepare_cached(
        "INSERT INTO doorward_record (scope, kind, id, version, body, keys)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let scope = ScopeColumn::from(key.scope);
    let (kind, id) = (key.kind.as_str(), key.id.as_bytes());
    let (column, keys) = (signed(version), held::encode(unique, index));
    let keys = held::column(&keys);
    let inserted = insert.execute(params![scope.as_bytes(), kind, id, column, body, keys]);
    Ok(is_new(inserted)?.then(|| Found {
        seq: connection.last_insert_rowid(),
        version: Version::from_u64(version),
    }))
}

/// Writes the next state of a record, without the rows of its claims and entries. Answers where a
/// put's record is, and in which version.
fn put(
    connection: &Connection,
    write: &Write,
    met: &Met,
    change: &Change,
) -> Result<Option<(i64, Version)>, Error> {
    let Write::Put { body, .. } = write else {
        return Ok(None);
    };
    match met {
        Met::Nothing => Err(damaged("record")),
        Met::Made(made) => Ok(Some((made.seq, made.version))),
        Met::There(found, _) => {
            let version = found.version.as_u64() + 1;
            let (seq, column) = (found.seq, signed(version));
            match &change.keys {
                None => connection
                    .prepare_cached(
                        "UPDATE doorward_record SET version = ?2, body = ?3 WHERE seq = ?1",
                    )?
                    .execute(params![seq, column, body])?,
                Some(keys) => connection
                    .prepare_cached(
                        "UPDATE doorward_record SET version = ?2, body = ?3, keys = ?4
                         WHERE seq = ?1",
                    )?
                    .execute(params![seq, column, body, held::column(keys)])?,
            };
            Ok(Some((found.seq, Version::from_u64(version))))
        }
    }
}

/// Makes the claims that a record did not have yet. Answers the one that another record holds.
fn claim(
    connection: &Connection,
    write: &Write,
    seq: i64,
    change: &Change,
) -> Result<Option<UniqueKey>, Error> {
    let Write::Put { unique, .. } = write else {
        return Ok(None);
    };
    for (place, claim) in unique.iter().enumerate() {
        if change.kept_claims.contains(&place) {
            continue;
        }
        let mut insert = connection.prepare_cached(
            "INSERT INTO doorward_claimed (scope, space, value, record) VALUES (?1, ?2, ?3, ?4)",
        )?;
        let scope = ScopeColumn::from(claim.scope);
        let (space, value) = (claim.space.as_str(), claim.value.as_bytes());
        if !is_new(insert.execute(params![scope.as_bytes(), space, value, seq]))? {
            return Ok(Some(claim.clone()));
        }
    }
    Ok(None)
}

/// Makes the index entries that a record did not have yet.
fn enter(connection: &Connection, write: &Write, seq: i64, change: &Change) -> Result<(), Error> {
    let Write::Put { key, index, .. } = write else {
        return Ok(());
    };
    let scope = ScopeColumn::from(key.scope);
    let (kind, id) = (key.kind.as_str(), key.id.as_bytes());
    for (place, entry) in index.iter().enumerate() {
        if change.kept_entries.contains(&place) {
            continue;
        }
        let mut insert = connection.prepare_cached(
            "INSERT INTO doorward_indexed (scope, name, value, kind, id, record)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let (name, value) = (entry.index.as_str(), entry.value.as_bytes());
        insert.execute(params![scope.as_bytes(), name, value, kind, id, seq])?;
    }
    Ok(())
}

fn highest_deleted(connection: &Connection) -> Result<u64, Error> {
    connection
        .prepare_cached("SELECT version FROM doorward_deleted")?
        .query_row([], |row| number(row, 0))
}

fn reused(what: &str, id: uuid::Uuid) -> Halt<CommitError> {
    let text = format!("the id `{id}` of the {what} is stored already");
    Halt::Refused(StorageError::misuse(text).into())
}
