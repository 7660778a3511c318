//! One connection, set up for its part.

use rusqlite::{Connection, Error, OpenFlags, config::DbConfig};

use crate::SqliteOptions;

/// What a connection is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Part {
    /// Commits, checkpoints, migrations.
    Write,
    /// Reads, and is refused everything else.
    Read,
}

pub(crate) fn connect(options: &SqliteOptions, part: Part) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let connection = Connection::open_with_flags(&options.path, flags)?;
    connection.busy_timeout(options.patience)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Plans do not depend on what is bound. Else the engine compiles most joins and every limit anew
    // at each use, since the cache unbinds a statement that comes back to it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    match part {
        Part::Read => connection.pragma_update(None, "query_only", true)?,
        Part::Write => {
            connection.pragma_update(None, "foreign_keys", true)?;
            connection.pragma_update(None, "secure_delete", true)?;
            connection.pragma_update(None, "synchronous", options.durability.pragma())?;
            // A checkpoint inside a commit is what the slowest commits wait for.
            connection.pragma_update(None, "wal_autocheckpoint", 0)?;
            // A log that somebody's long reading made longer is cut when it begins anew.
            connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
        }
    }
    Ok(connection)
}

/// More statements than the adapter has.
const STATEMENTS: usize = 64;

/// To how many bytes the log's file is cut when it begins anew: twice what it holds as a rule.
const LOG_BYTES: i64 = 64 << 20;

/// Pages that a connection keeps, in KiB.
const CACHE_KIB: i64 = 8 * 1024;

#[cfg(test)]
mod tests {
    use rusqlite::{StatementStatus, params};

    use super::*;

    #[test]
    fn a_statement_of_the_cache_is_not_compiled_anew_for_what_is_bound() {
        const JOIN: &str =
            "SELECT record.id FROM claim CROSS JOIN record ON record.seq = claim.record
             WHERE claim.scope = ?1 AND claim.value = ?2 LIMIT ?3";
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions::new(folder.path().join("a.db"));
        drop(Connection::open(&options.path).unwrap());
        let connection = connect(&options, Part::Write).unwrap();
        let tables = "CREATE TABLE record (seq INTEGER PRIMARY KEY, id BLOB);
             CREATE TABLE claim (scope BLOB, value BLOB, record INTEGER,
                 PRIMARY KEY (scope, value)) WITHOUT ROWID;";
        connection.execute_batch(tables).unwrap();
        for n in 0..3_u8 {
            let mut join = connection.prepare_cached(JOIN).unwrap();
            let found = join.exists(params![[n], [n], n]).unwrap();
            assert!(!found);
        }
        let join = connection.prepare_cached(JOIN).unwrap();
        assert_eq!(join.get_status(StatementStatus::RePrepare), 0);
        assert_eq!(join.get_status(StatementStatus::Run), 3);
    }
}
