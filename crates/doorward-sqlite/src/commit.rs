//! The steps of a commit: what is there is looked at, the request remembered, and what was decided
//! written.

use std::collections::BTreeSet;

use doorward_storage::{
    Applied, Batch, CommitError, IndexEntry, RecordKey, StorageError, UniqueKey, Version, Write,
};
use rusqlite::{Connection, Error, params};

use crate::{
    admit::{self, Admitted, Found, Met, Refusable},
    columns::{ScopeColumn, signed},
    fault::{damaged, is_new},
    held::{self, Item},
    log, queue,
    requests::{self, remembered},
    writer::Halt,
};

/// Commits a batch. What is there is looked at before anything is written, since others decided
/// meanwhile on most of what is refused: then nothing is left to undo.
pub(crate) fn commit(connection: &Connection, batch: &Batch) -> Refusable<Applied> {
    let looked = admit::look(connection, &batch.writes);
    if looked.is_err()
        && let Some(before) = before(connection, batch)?
    {
        return Ok(before);
    }
    let met = looked?;
    if let Some(before) = replay(connection, batch)? {
        return Ok(before);
    }
    let admitted = admit::make(connection, &batch.writes, met, 0)?;
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
    let before = before(connection, batch)?;
    before.map(Some).ok_or_else(|| damaged("request").into())
}

/// Answers a request that was applied before.
fn before(connection: &Connection, batch: &Batch) -> Refusable<Option<Applied>> {
    let Some(request) = &batch.request else {
        return Ok(None);
    };
    match remembered(connection, &request.key)? {
        Some(before) if before.digest == request.digest => Ok(Some(Applied::Before {
            receipt: before.body,
        })),
        Some(_) => Err(Halt::Refused(CommitError::IdempotencyMismatch)),
        None => Ok(None),
    }
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
    let size = batch.check_size(admitted.others + released);
    size.map_err(Halt::Refused)?;
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

fn reused(what: &str, id: uuid::Uuid) -> Halt<CommitError> {
    let text = format!("the id `{id}` of the {what} is stored already");
    Halt::Refused(StorageError::misuse(text).into())
}
