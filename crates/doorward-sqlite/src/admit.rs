//! What stands between a batch and its writing: its preconditions, looked at or met by making what must
//! not be there.

use std::collections::BTreeSet;

use doorward_storage::{Batch, CommitError, Precondition, UniqueKey, Version, Write};
use rusqlite::{Connection, Error, OptionalExtension, params};

use crate::{
    columns::{ScopeColumn, number, signed, version},
    fault::is_new,
    held,
    writer::Halt,
};

pub(crate) type Refusable<T> = Result<T, Halt<CommitError>>;

/// What stands between a valid batch and its writing, as it was met.
pub(crate) struct Admitted {
    pub(crate) met: Vec<Met>,
    /// Items that are not in the batch: those of a settlement or an erasure.
    pub(crate) others: usize,
}

/// What one write of a batch met under its key.
pub(crate) enum Met {
    Nothing,
    /// A record that was there, and what it had; for a check that is not read.
    There(Found, Vec<u8>),
    /// The record that it made.
    Made(Found),
}

#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) seq: i64,
    pub(crate) version: Version,
}

/// Checks the preconditions of a valid batch, and makes the records that must not be there. `others`
/// counts the items that a settlement or an erasure adds.
pub(crate) fn admit(connection: &Connection, batch: &Batch, others: usize) -> Refusable<Admitted> {
    let met = look(connection, &batch.writes)?;
    make(connection, &batch.writes, met, others)
}

/// Checks the preconditions of all writes but those that make a record: to make one is to check it, so
/// of them nothing is met as yet. Where one does not hold, what comes before it is checked as well.
pub(crate) fn look(connection: &Connection, writes: &[Write]) -> Refusable<Vec<Met>> {
    let mut met = Vec::with_capacity(writes.len());
    for (place, write) in writes.iter().enumerate() {
        if makes(write) {
            met.push(Met::Nothing);
            continue;
        }
        let checked = check(connection, place, write);
        if matches!(checked, Err(Halt::Refused(_))) {
            // What is told is the first that does not hold.
            let earlier = writes.iter().enumerate().take(place);
            for (place, making) in earlier.filter(|(_, write)| makes(write)) {
                check(connection, place, making)?;
            }
        }
        met.push(checked?.map_or(Met::Nothing, |(found, had)| Met::There(found, had)));
    }
    Ok(met)
}

/// Makes the records that must not be there.
pub(crate) fn make(
    connection: &Connection,
    writes: &[Write],
    mut met: Vec<Met>,
    others: usize,
) -> Refusable<Admitted> {
    let mut first_version = None;
    let places = writes.iter().zip(&mut met).enumerate();
    for (place, (write, met)) in places.filter(|(_, (write, _))| makes(write)) {
        if let Some(made) = make_one(connection, write, &mut first_version)? {
            *met = Met::Made(made);
        } else {
            check(connection, place, write)?;
        }
    }
    if has_rivals(writes) {
        admit_claims(connection, writes, &met)?;
    }
    Ok(Admitted { met, others })
}

fn makes(write: &Write) -> bool {
    matches!(write, Write::Put { .. }) && write.expect() == Precondition::Absent
}

/// Finds what a write is about, if its precondition holds.
fn check(
    connection: &Connection,
    place: usize,
    write: &Write,
) -> Refusable<Option<(Found, Vec<u8>)>> {
    let found = find(connection, write)?;
    let actual = found.as_ref().map(|(found, _)| found.version);
    if write.expect().holds_for(actual) {
        return Ok(found);
    }
    Err(Halt::Refused(CommitError::Precondition {
        write: place,
        actual,
    }))
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

/// Makes the record of a put, without the rows of its claims and entries, unless one is there.
fn make_one(
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

fn highest_deleted(connection: &Connection) -> Result<u64, Error> {
    connection
        .prepare_cached("SELECT version FROM doorward_deleted")?
        .query_row([], |row| number(row, 0))
}
