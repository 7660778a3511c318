//! The steps of a commit, in order: [`replay`], [`admit`], [`write`].

use std::collections::BTreeSet;

use doorward_storage::{
    Applied, Batch, CommitError, IndexEntry, RecordKey, Request, StorageError, UniqueKey, Value,
    Version, Write,
};
use rusqlite::{Connection, Error, OptionalExtension, Row, params};

use crate::{
    columns::{ScopeColumn, kind, number, scope, signed, version},
    fault::damaged,
    log, queue,
    requests::{self, remembered},
    writer::Halt,
};

type Refusable<T> = Result<T, Halt<CommitError>>;

/// What stands between a valid batch and its writing, as it was found.
pub(crate) struct Admitted {
    /// For each write of the batch, the record that is there.
    found: Vec<Option<Found>>,
}

struct Found {
    seq: i64,
    version: Version,
    claims: BTreeSet<UniqueKey>,
    entries: BTreeSet<IndexEntry>,
}

/// Commits a batch.
pub(crate) fn commit(connection: &Connection, batch: Batch) -> Refusable<Applied> {
    if let Some(before) = replay(connection, &batch)? {
        return Ok(before);
    }
    let admitted = admit(connection, &batch, 0)?;
    write(connection, batch, &admitted)
}

/// Answers a request that was applied before (G5).
pub(crate) fn replay(connection: &Connection, batch: &Batch) -> Refusable<Option<Applied>> {
    let Some(Request { key, digest, .. }) = &batch.request else {
        return Ok(None);
    };
    match remembered(connection, key)? {
        None => Ok(None),
        Some(before) if before.digest == *digest => Ok(Some(Applied::Before {
            receipt: before.body,
        })),
        Some(_) => Err(Halt::Refused(CommitError::IdempotencyMismatch)),
    }
}

/// Checks everything that stands between a valid batch and its writing. `others` counts the items
/// that a settlement or an erasure adds.
pub(crate) fn admit(connection: &Connection, batch: &Batch, others: usize) -> Refusable<Admitted> {
    let mut found = Vec::with_capacity(batch.writes.len());
    for (place, write) in batch.writes.iter().enumerate() {
        let record = find(connection, write.key())?;
        let actual = record.as_ref().map(|record| record.version);
        if !write.expect().holds_for(actual) {
            return Err(Halt::Refused(CommitError::Precondition {
                write: place,
                actual,
            }));
        }
        found.push(record);
    }
    for (write, record) in batch.writes.iter().zip(&mut found) {
        let (Some(record), Write::Put { .. } | Write::Delete { .. }) = (record, write) else {
            continue;
        };
        record.claims = claims_of(connection, record.seq)?;
        record.entries = entries_of(connection, record.seq)?;
    }
    admit_claims(connection, &batch.writes, &found)?;
    let released = batch.writes.iter().zip(&found).map(released).sum::<usize>();
    batch.check_size(others + released).map_err(Halt::Refused)?;
    Ok(Admitted { found })
}

/// Writes an admitted batch. Fails only with the engine, or for an id of an audit entry or a
/// message that is stored already.
pub(crate) fn write(
    connection: &Connection,
    batch: Batch,
    admitted: &Admitted,
) -> Refusable<Applied> {
    let Batch {
        request,
        writes,
        audit,
        outbox,
    } = batch;
    // All claims are released before any is made, so that two records can swap values (G3).
    for (write, found) in writes.iter().zip(&admitted.found) {
        match (write, found) {
            (Write::Put { unique, index, .. }, Some(found)) => {
                release(connection, found, unique, index)?;
            }
            (Write::Delete { .. }, Some(found)) => delete(connection, found)?,
            (Write::Put { .. } | Write::Delete { .. }, None) | (Write::Check { .. }, _) => {}
        }
    }
    let mut first_version = None;
    let mut versions = Vec::with_capacity(writes.len());
    for (write, found) in writes.iter().zip(&admitted.found) {
        versions.push(put(connection, write, found.as_ref(), &mut first_version)?);
    }
    for row in &audit {
        if !log::insert(connection, row)? {
            return Err(reused("audit entry", row.id));
        }
    }
    for row in &outbox {
        if !queue::push(connection, row)? {
            return Err(reused("message", row.id));
        }
    }
    if let Some(request) = &request {
        requests::remember(connection, request)?;
    }
    Ok(Applied::Now { versions })
}

fn find(connection: &Connection, key: &RecordKey) -> Result<Option<Found>, Error> {
    let mut find = connection.prepare_cached(
        "SELECT seq, version FROM doorward_record WHERE scope = ?1 AND kind = ?2 AND id = ?3",
    )?;
    let scope = ScopeColumn::from(key.scope);
    let key = params![scope.as_bytes(), key.kind.as_str(), key.id.as_bytes()];
    find.query_row(key, |row| {
        Ok(Found {
            seq: row.get(0)?,
            version: version(row, 1)?,
            claims: BTreeSet::new(),
            entries: BTreeSet::new(),
        })
    })
    .optional()
}

fn claims_of(connection: &Connection, record: i64) -> Result<BTreeSet<UniqueKey>, Error> {
    let mut claims = connection
        .prepare_cached("SELECT scope, space, value FROM doorward_claim WHERE record = ?1")?;
    let claim = |row: &Row<'_>| {
        Ok(UniqueKey {
            scope: scope(row, 0)?,
            space: kind(row, 1, None)?,
            value: value(row, 2)?,
        })
    };
    claims.query_map([record], claim)?.collect()
}

fn entries_of(connection: &Connection, record: i64) -> Result<BTreeSet<IndexEntry>, Error> {
    let mut entries =
        connection.prepare_cached("SELECT name, value FROM doorward_entry WHERE record = ?1")?;
    let entry = |row: &Row<'_>| Ok(IndexEntry::new(kind(row, 0, None)?, value(row, 1)?));
    entries.query_map([record], entry)?.collect()
}

fn admit_claims(
    connection: &Connection,
    writes: &[Write],
    found: &[Option<Found>],
) -> Refusable<()> {
    let written = writes.iter().zip(found);
    let released: BTreeSet<i64> = written
        .clone()
        .filter(|(write, _)| !matches!(write, Write::Check { .. }))
        .filter_map(|(_, found)| found.as_ref().map(|found| found.seq))
        .collect();
    let mut made = BTreeSet::new();
    for (place, (write, found)) in written.enumerate() {
        let Write::Put { unique, .. } = write else {
            continue;
        };
        for claim in unique {
            let own = found
                .as_ref()
                .is_some_and(|found| found.claims.contains(claim));
            let holder = if own {
                None
            } else {
                holder(connection, claim)?
            };
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
        "SELECT record FROM doorward_claim WHERE scope = ?1 AND space = ?2 AND value = ?3",
    )?;
    let scope = ScopeColumn::from(claim.scope);
    let claim = params![
        scope.as_bytes(),
        claim.space.as_str(),
        claim.value.as_bytes()
    ];
    holder.query_row(claim, |row| row.get(0)).optional()
}

/// Counts the claims and index entries that a write takes away.
fn released((write, found): (&Write, &Option<Found>)) -> usize {
    let Some(found) = found else { return 0 };
    match write {
        Write::Check { .. } => 0,
        Write::Delete { .. } => found.claims.len() + found.entries.len(),
        Write::Put { unique, index, .. } => {
            found.claims.difference(unique).count() + found.entries.difference(index).count()
        }
    }
}

fn release(
    connection: &Connection,
    found: &Found,
    unique: &BTreeSet<UniqueKey>,
    index: &BTreeSet<IndexEntry>,
) -> Result<(), Error> {
    for claim in found.claims.difference(unique) {
        let mut delete = connection.prepare_cached(
            "DELETE FROM doorward_claim WHERE scope = ?1 AND space = ?2 AND value = ?3",
        )?;
        let scope = ScopeColumn::from(claim.scope);
        delete.execute(params![
            scope.as_bytes(),
            claim.space.as_str(),
            claim.value.as_bytes()
        ])?;
    }
    for entry in found.entries.difference(index) {
        let mut delete = connection.prepare_cached(
            "DELETE FROM doorward_entry WHERE record = ?1 AND name = ?2 AND value = ?3",
        )?;
        delete.execute(params![
            found.seq,
            entry.index.as_str(),
            entry.value.as_bytes()
        ])?;
    }
    Ok(())
}

fn delete(connection: &Connection, found: &Found) -> Result<(), Error> {
    for statement in [
        "DELETE FROM doorward_claim WHERE record = ?1",
        "DELETE FROM doorward_entry WHERE record = ?1",
        "DELETE FROM doorward_record WHERE seq = ?1",
    ] {
        connection.prepare_cached(statement)?.execute([found.seq])?;
    }
    let mut highest =
        connection.prepare_cached("UPDATE doorward_deleted SET version = ?1 WHERE version < ?1")?;
    highest.execute([signed(found.version.as_u64())]).map(drop)
}

/// Writes a record, and the claims and entries that it did not have yet.
fn put(
    connection: &Connection,
    write: &Write,
    found: Option<&Found>,
    first_version: &mut Option<u64>,
) -> Result<Option<Version>, Error> {
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
    let scope = ScopeColumn::from(key.scope);
    let (kind, id) = (key.kind.as_str(), key.id.as_bytes());
    let (seq, version) = if let Some(found) = found {
        let version = found.version.as_u64() + 1;
        let mut update = connection
            .prepare_cached("UPDATE doorward_record SET version = ?2, body = ?3 WHERE seq = ?1")?;
        update.execute(params![found.seq, signed(version), body])?;
        (found.seq, version)
    } else {
        let version = match *first_version {
            Some(version) => version,
            None => *first_version.insert(highest_deleted(connection)? + 1),
        };
        let mut insert = connection.prepare_cached(
            "INSERT INTO doorward_record (scope, kind, id, version, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        let seq = insert.insert(params![scope.as_bytes(), kind, id, signed(version), body])?;
        (seq, version)
    };
    let none = Found {
        seq,
        version: Version::from_u64(version),
        claims: BTreeSet::new(),
        entries: BTreeSet::new(),
    };
    let had = found.unwrap_or(&none);
    for claim in unique.difference(&had.claims) {
        let mut insert = connection.prepare_cached(
            "INSERT INTO doorward_claim (scope, space, value, record) VALUES (?1, ?2, ?3, ?4)",
        )?;
        let scope = ScopeColumn::from(claim.scope);
        let (space, value) = (claim.space.as_str(), claim.value.as_bytes());
        insert.execute(params![scope.as_bytes(), space, value, seq])?;
    }
    for entry in index.difference(&had.entries) {
        let mut insert = connection.prepare_cached(
            "INSERT INTO doorward_entry (record, name, value, scope, kind, id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let (name, value) = (entry.index.as_str(), entry.value.as_bytes());
        insert.execute(params![seq, name, value, scope.as_bytes(), kind, id])?;
    }
    Ok(Some(Version::from_u64(version)))
}

fn highest_deleted(connection: &Connection) -> Result<u64, Error> {
    connection
        .prepare_cached("SELECT version FROM doorward_deleted")?
        .query_row([], |row| number(row, 0))
}

fn value(row: &Row<'_>, column: usize) -> Result<Value, Error> {
    Value::new(row.get_ref(column)?.as_blob()?).map_err(|_| damaged("value"))
}

fn reused(what: &str, id: uuid::Uuid) -> Halt<CommitError> {
    let text = format!("the id `{id}` of the {what} is stored already");
    Halt::Refused(StorageError::misuse(text).into())
}
