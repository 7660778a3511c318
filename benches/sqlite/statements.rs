//! The statements of the floor, over the adapter's own tables.
//!
//! It is lean where somebody who writes one use case by hand is: it knows beforehand which row a record
//! is and what the record had, and finds neither. It writes what the layout asks for, the column of what
//! a record has included, so a ratio is one of code over the same layout.

use std::hint::black_box;

use doorward_storage::{Cursor, Range, RecordKey, RequestKey, UniqueKey};
use rusqlite::{
    CachedStatement, Connection, OptionalExtension as _, Params, Row as Columns, params,
};

use super::{Commit, Row};
use crate::recorder::Read;

/// The bytes of a scope's column.
fn scope(scope: &doorward_storage::Scope) -> &[u8] {
    match scope {
        doorward_storage::Scope::Directory => &[],
        doorward_storage::Scope::Tenant(tenant) => tenant.as_bytes(),
    }
}

/// Reads one group on one snapshot.
pub fn read(connection: &Connection, group: &[Read]) {
    let alone = group.len() == 1;
    if !alone {
        execute(connection, "BEGIN", []);
    }
    for read in group {
        match read {
            Read::Record(key) => black_box(record(connection, key)).map_or((), drop),
            Read::Claim(claim) => black_box(holder(connection, claim)).map_or((), drop),
            Read::Page(range, after, limit) => {
                black_box(page(connection, range, after.as_ref(), limit.count()));
            }
            Read::Receipt(key) => black_box(receipt(connection, key)).map_or((), drop),
        }
    }
    if !alone {
        execute(connection, "COMMIT", []);
    }
}

fn record(connection: &Connection, key: &RecordKey) -> Option<(i64, Vec<u8>)> {
    let find =
        "SELECT version, body FROM doorward_record WHERE scope = ?1 AND kind = ?2 AND id = ?3";
    let columns = params![scope(&key.scope), key.kind.as_str(), key.id.as_bytes()];
    one(connection, find, columns, |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

fn holder(connection: &Connection, claim: &UniqueKey) -> Option<(Vec<u8>, i64, Vec<u8>)> {
    let find = "SELECT record.id, record.version, record.body FROM doorward_claimed AS claim
         CROSS JOIN doorward_record AS record ON record.seq = claim.record
         WHERE claim.scope = ?1 AND claim.space = ?2 AND claim.value = ?3";
    let columns = params![
        scope(&claim.scope),
        claim.space.as_str(),
        claim.value.as_bytes()
    ];
    let columns_of = |row: &Columns<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    one(connection, find, columns, columns_of)
}

/// A page of an index from its beginning: what the use cases of the benches scan is short.
fn page(
    connection: &Connection,
    range: &Range,
    after: Option<&Cursor>,
    limit: usize,
) -> Vec<(Vec<u8>, i64, Vec<u8>)> {
    let (Range::Index { index, span, .. }, None) = (range, after) else {
        panic!("the floor reads first pages of an index, not {range:?}");
    };
    let (first, end) = span.bounds();
    let find = "SELECT entry.id, record.version, record.body
         FROM doorward_indexed AS entry
         CROSS JOIN doorward_record AS record ON record.seq = entry.record
         WHERE entry.scope = ?1 AND entry.name = ?2 AND entry.value >= ?3 AND entry.value < ?4
         ORDER BY entry.value, entry.kind, entry.id LIMIT ?5";
    let end = end.map_or_else(|| vec![0xff; 513], |end| end.as_bytes().to_vec());
    let mut statement = prepared(connection, find);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let in_scope = range.scope();
    let columns = params![
        scope(&in_scope),
        index.as_str(),
        first.as_bytes(),
        end,
        limit
    ];
    let rows = statement
        .query_map(columns, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .and_then(Iterator::collect);
    rows.unwrap_or_else(|error| panic!("{error}"))
}

fn receipt(connection: &Connection, key: &RequestKey) -> Option<(Vec<u8>, Vec<u8>)> {
    let find = "SELECT digest, receipt FROM doorward_request
         WHERE scope = ?1 AND principal = ?2 AND id = ?3";
    let columns = params![
        scope(&key.scope),
        key.principal.as_bytes(),
        key.id.as_bytes()
    ];
    one(connection, find, columns, |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// Writes what a plan holds, within the open transaction. Each guard and update compares versions.
pub fn write(connection: &Connection, commit: &Commit) {
    if let Some(request) = &commit.request {
        let (key, insert) = (
            &request.key,
            "INSERT INTO doorward_request (scope, principal, id, digest, receipt, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        );
        let (principal, id) = (key.principal.as_bytes(), key.id.as_bytes());
        let (digest, receipt) = (&request.digest, &request.receipt);
        let columns = params![
            scope(&key.scope),
            principal,
            id,
            digest,
            receipt,
            request.at.0
        ];
        execute(connection, insert, columns);
    }
    for row in &commit.rows {
        write_row(connection, row);
    }
    for row in &commit.audit {
        let insert = "INSERT INTO doorward_audit (scope, id, body) VALUES (?1, ?2, ?3)";
        let columns = params![scope(&row.scope), row.id.as_bytes(), row.body];
        execute(connection, insert, columns);
        for side in &row.side {
            let insert = "INSERT INTO doorward_audit_side (scope, entry, field, salt, value)
                 VALUES (?1, ?2, ?3, ?4, ?5)";
            let columns = params![
                scope(&row.scope),
                row.id.as_bytes(),
                side.field,
                side.salt,
                side.value
            ];
            execute(connection, insert, columns);
        }
    }
    for row in &commit.outbox {
        let insert = "INSERT INTO doorward_message (scope, id, body, due_at, free_at)
             VALUES (?1, ?2, ?3, ?4, ?4)";
        let columns = params![scope(&row.scope), row.id.as_bytes(), row.body, row.due_at.0];
        execute(connection, insert, columns);
    }
}

/// Writes one row with what hangs on it.
pub fn write_row(connection: &Connection, row: &Row) {
    match row {
        Row::Guard { key, version } => {
            let find = "SELECT version FROM doorward_record
                 WHERE scope = ?1 AND kind = ?2 AND id = ?3";
            let columns = params![scope(&key.scope), key.kind.as_str(), key.id.as_bytes()];
            let found = one(connection, find, columns, |row| row.get::<_, i64>(0));
            assert_eq!(found, *version, "a guard");
        }
        Row::Insert {
            key,
            body,
            claims,
            entries,
            keys,
        } => {
            let insert = "INSERT INTO doorward_record (scope, kind, id, version, body, keys)
                 VALUES (?1, ?2, ?3, (SELECT version + 1 FROM doorward_deleted), ?4, ?5)";
            let columns = params![
                scope(&key.scope),
                key.kind.as_str(),
                key.id.as_bytes(),
                body,
                column(keys)
            ];
            execute(connection, insert, columns);
            let seq = connection.last_insert_rowid();
            gain(connection, seq, key, claims, entries);
        }
        Row::Update {
            seq,
            key,
            version,
            body,
            gone,
            new,
            keys,
        } => {
            let changed = if let Some(keys) = keys {
                let update = "UPDATE doorward_record
                     SET version = version + 1, body = ?3, keys = ?4
                     WHERE seq = ?1 AND version = ?2";
                let columns = params![seq, version, body, column(keys)];
                execute(connection, update, columns)
            } else {
                let update = "UPDATE doorward_record SET version = version + 1, body = ?3
                     WHERE seq = ?1 AND version = ?2";
                execute(connection, update, params![seq, version, body])
            };
            assert_eq!(changed, 1, "an update");
            lose(connection, key, gone);
            gain(connection, *seq, key, &new.0, &new.1);
        }
        Row::Delete {
            seq,
            key,
            version,
            gone,
        } => {
            lose(connection, key, gone);
            let delete = "DELETE FROM doorward_record WHERE seq = ?1 AND version = ?2";
            let changed = execute(connection, delete, params![seq, version]);
            assert_eq!(changed, 1, "a removal");
            let highest = "UPDATE doorward_deleted SET version = ?1 WHERE version < ?1";
            execute(connection, highest, [version]);
        }
    }
}

/// A record that has nothing has no such column.
fn column(keys: &[u8]) -> Option<&[u8]> {
    (!keys.is_empty()).then_some(keys)
}

fn lose(
    connection: &Connection,
    key: &RecordKey,
    (claims, entries): &(Vec<UniqueKey>, Vec<doorward_storage::IndexEntry>),
) {
    for claim in claims {
        let delete = "DELETE FROM doorward_claimed WHERE scope = ?1 AND space = ?2 AND value = ?3";
        let (space, value) = (claim.space.as_str(), claim.value.as_bytes());
        let columns = params![scope(&claim.scope), space, value];
        execute(connection, delete, columns);
    }
    for entry in entries {
        let delete = "DELETE FROM doorward_indexed
             WHERE scope = ?1 AND name = ?2 AND value = ?3 AND kind = ?4 AND id = ?5";
        let (name, value) = (entry.index.as_str(), entry.value.as_bytes());
        let (kind, id) = (key.kind.as_str(), key.id.as_bytes());
        let columns = params![scope(&key.scope), name, value, kind, id];
        execute(connection, delete, columns);
    }
}

fn gain(
    connection: &Connection,
    seq: i64,
    key: &RecordKey,
    claims: &[UniqueKey],
    entries: &[doorward_storage::IndexEntry],
) {
    for claim in claims {
        let insert = "INSERT INTO doorward_claimed (scope, space, value, record)
             VALUES (?1, ?2, ?3, ?4)";
        let (space, value) = (claim.space.as_str(), claim.value.as_bytes());
        execute(
            connection,
            insert,
            params![scope(&claim.scope), space, value, seq],
        );
    }
    for entry in entries {
        let insert = "INSERT INTO doorward_indexed (scope, name, value, kind, id, record)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let (name, value) = (entry.index.as_str(), entry.value.as_bytes());
        let (kind, id) = (key.kind.as_str(), key.id.as_bytes());
        let columns = params![scope(&key.scope), name, value, kind, id, seq];
        execute(connection, insert, columns);
    }
}

fn prepared<'a>(connection: &'a Connection, statement: &str) -> CachedStatement<'a> {
    let prepared = connection.prepare_cached(statement);
    prepared.unwrap_or_else(|error| panic!("{statement}: {error}"))
}

fn execute(connection: &Connection, statement: &str, columns: impl Params) -> usize {
    let done = prepared(connection, statement).execute(columns);
    done.unwrap_or_else(|error| panic!("{statement}: {error}"))
}

fn one<T>(
    connection: &Connection,
    statement: &str,
    columns: impl Params,
    read: impl FnOnce(&Columns<'_>) -> rusqlite::Result<T>,
) -> Option<T> {
    let found = prepared(connection, statement)
        .query_row(columns, read)
        .optional();
    found.unwrap_or_else(|error| panic!("{statement}: {error}"))
}
