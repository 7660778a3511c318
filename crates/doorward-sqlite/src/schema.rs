//! The tables, and how older ones are brought up to date.
//!
//! Migrations are counted in a table of their own, since `user_version` and `application_id` are
//! the host's. Each runs in one transaction with its count.

use rusqlite::{Connection, Error, OptionalExtension, TransactionBehavior, params};

/// The migrations, from version 1 on. One that was released never changes.
const MIGRATIONS: [(&str, &str); 1] = [("tables", include_str!("schema/0001_tables.sql"))];

/// The version of the tables that this crate reads and writes.
pub(crate) const KNOWN: u32 = MIGRATIONS.len() as u32;

/// Returns the version of a database's tables, 0 where it has none of ours.
pub(crate) fn version(connection: &Connection) -> Result<u32, Error> {
    let counted =
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'doorward_migration'";
    let counted = connection.query_row(counted, [], |_| Ok(())).optional()?;
    counted.map_or(Ok(0), |()| counted_version(connection))
}

/// Returns the version within a transaction, from a database that has the tables.
pub(crate) fn counted_version(connection: &Connection) -> Result<u32, Error> {
    let newest = "SELECT version FROM doorward_migration ORDER BY version DESC LIMIT 1";
    let mut newest = connection.prepare_cached(newest)?;
    let version = newest.query_row([], |row| row.get(0)).optional()?;
    Ok(version.unwrap_or(0))
}

/// Applies what is missing up to a version.
///
/// Two processes that open one file at a time take turns; the second finds nothing to do.
pub(crate) fn migrate(connection: &mut Connection, until: u32) -> Result<(), Error> {
    while version(connection)? < until {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let next = version(&transaction)? + 1;
        let migration = MIGRATIONS.get(next as usize - 1);
        if let Some((name, script)) = migration.filter(|_| next <= until) {
            transaction.execute_batch(COUNT)?;
            transaction.execute_batch(script)?;
            let count = "INSERT INTO doorward_migration (version, name) VALUES (?1, ?2)";
            transaction.execute(count, params![next, name])?;
        }
        transaction.commit()?;
        tracing::info!(version = next, "tables brought up to date");
    }
    Ok(())
}

const COUNT: &str = "CREATE TABLE IF NOT EXISTS doorward_migration (
    version    INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    applied_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER))
) STRICT";
