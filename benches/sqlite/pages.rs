//! The reads of the floor that are no part of a use case: records by key, and pages of a kind.

use doorward_storage::{RecordKey, Scope};
use rusqlite::{Connection, OptionalExtension as _, params};

/// A record: its id, version and body.
pub type Record = (Vec<u8>, i64, Vec<u8>);

/// Reads records on one snapshot.
pub fn records(connection: &Connection, keys: &[RecordKey]) -> Vec<Option<Record>> {
    let read = || -> rusqlite::Result<_> {
        let mut find = connection.prepare_cached(
            "SELECT id, version, body FROM doorward_record
             WHERE scope = ?1 AND kind = ?2 AND id = ?3",
        )?;
        connection.prepare_cached("BEGIN")?.execute([])?;
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            let columns = params![scope(&key.scope), key.kind.as_str(), key.id.as_bytes()];
            let record = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            found.push(find.query_row(columns, record).optional()?);
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(found)
    };
    read().unwrap_or_else(|error| panic!("{error}"))
}

/// Reads a page of grants after an id.
pub fn page(connection: &Connection, of: Scope, after: &[u8], limit: usize) -> Vec<Record> {
    let read = || -> rusqlite::Result<_> {
        let mut find = connection.prepare_cached(
            "SELECT id, version, body FROM doorward_record
             WHERE scope = ?1 AND kind = 'grant' AND id > ?2 ORDER BY id LIMIT ?3",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = find.query_map(params![scope(&of), after, limit], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        rows.collect()
    };
    read().unwrap_or_else(|error| panic!("{error}"))
}

fn scope(scope: &Scope) -> &[u8] {
    match scope {
        Scope::Directory => &[],
        Scope::Tenant(tenant) => tenant.as_bytes(),
    }
}
