//! The tables, and how older ones are brought up to date.
//!
//! Migrations are counted in a table of their own, since `user_version` and `application_id` are
//! the host's. Each runs in one transaction with its count.

mod third;

use rusqlite::{Connection, Error, OptionalExtension, TransactionBehavior, params};

use crate::records::snapshot;

/// One step from a version to the next.
struct Migration {
    name: &'static str,
    script: &'static str,
    /// What comes after the script, in the same transaction.
    then: fn(&Connection) -> Result<(), Error>,
}

/// The migrations, from version 1 on. One that was released never changes.
const MIGRATIONS: [Migration; 4] = [
    Migration {
        name: "tables",
        script: concat!(
            include_str!("schema/0000_migration.sql"),
            include_str!("schema/0001_tables.sql")
        ),
        then: |_| Ok(()),
    },
    Migration {
        name: "views",
        script: include_str!("schema/0002_views.sql"),
        then: |_| Ok(()),
    },
    Migration {
        name: "held",
        script: include_str!("schema/0003_held.sql"),
        then: third::fill,
    },
    Migration {
        name: "keys",
        script: include_str!("schema/0004_keys.sql"),
        then: |_| Ok(()),
    },
];

/// The version of the tables that this crate reads and writes.
pub(crate) const KNOWN: u32 = MIGRATIONS.len() as u32;

/// The version from which on claims and entries lie as they do now.
pub(crate) const KEYS: u32 = 4;

/// Returns the version of a database's tables, 0 where it has none of ours.
pub(crate) fn version(connection: &Connection) -> Result<u32, Error> {
    // A table of the host's that happens to have the name counts nothing.
    let columns = "SELECT count(*) FROM pragma_table_info('doorward_migration')
         WHERE name IN ('version', 'name', 'applied_at')";
    match connection.query_row(columns, [], |row| row.get(0))? {
        3 => counted_version(connection),
        _ => Ok(0),
    }
}

/// Returns the version within a transaction, from a database that has the tables.
pub(crate) fn counted_version(connection: &Connection) -> Result<u32, Error> {
    let newest = "SELECT version FROM doorward_migration ORDER BY version DESC LIMIT 1";
    let mut newest = connection.prepare_cached(newest)?;
    let version = newest.query_row([], |row| row.get(0)).optional()?;
    Ok(version.unwrap_or(0))
}

/// Returns something that this crate did not make and whose name it needs, to bring these tables
/// up to date. One snapshot: another process may be at it.
pub(crate) fn in_the_way(connection: &Connection) -> Result<Option<String>, Error> {
    snapshot(connection, || {
        let missing = MIGRATIONS.iter().skip(version(connection)? as usize);
        for migration in missing {
            if let Some(taken) = taken(connection, migration.script)? {
                return Ok(Some(taken));
            }
        }
        Ok(None)
    })
}

/// Applies what is missing up to a version.
///
/// Two processes that open one file at a time take turns; the second finds nothing to do.
pub(crate) fn migrate(connection: &mut Connection, until: u32) -> Result<(), Error> {
    while version(connection)? < until {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let next = version(&transaction)? + 1;
        let migration = MIGRATIONS.get(next as usize - 1);
        let missing = migration.filter(|_| next <= until);
        if let Some(migration) = missing {
            transaction.execute_batch(migration.script)?;
            (migration.then)(&transaction)?;
            let count = "INSERT INTO doorward_migration (version, name) VALUES (?1, ?2)";
            transaction.execute(count, params![next, migration.name])?;
        }
        transaction.commit()?;
        if missing.is_some() {
            tracing::info!(version = next, "tables brought up to date");
        }
    }
    Ok(())
}

/// Returns the first name that a script would make and that something has already.
fn taken(connection: &Connection, script: &str) -> Result<Option<String>, Error> {
    let mut find =
        connection.prepare("SELECT name FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE")?;
    for name in made(script) {
        let taken = find.query_row([name], |row| row.get(0)).optional()?;
        if taken.is_some() {
            return Ok(taken);
        }
    }
    Ok(None)
}

/// Returns the names that a script makes: each stands in the line that begins its statement.
fn made(script: &str) -> impl Iterator<Item = &str> {
    const THINGS: [&str; 4] = [
        "CREATE TABLE ",
        "CREATE INDEX ",
        "CREATE UNIQUE INDEX ",
        "CREATE VIEW ",
    ];
    script.lines().filter_map(|line| {
        let mut things = THINGS.iter();
        let name = things.find_map(|thing| line.strip_prefix(thing))?;
        name.split([' ', '(']).next()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Whatever has one of these names is found before a script meets it half-way.
    #[test]
    fn every_name_that_a_migration_makes_is_known_before_it_runs() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, KNOWN).unwrap();
        let mut names = connection
            .prepare("SELECT name FROM sqlite_schema WHERE sql IS NOT NULL")
            .unwrap();
        let names = names.query_map([], |row| row.get(0)).unwrap();
        let names: BTreeSet<String> = names.map(Result::unwrap).collect();
        let scripts = MIGRATIONS.iter().map(|migration| migration.script);
        let mut known: BTreeSet<String> = scripts.flat_map(made).map(str::to_owned).collect();
        for gone in ["claim", "claim_record", "entry", "entry_value", "held"] {
            assert!(known.remove(&format!("doorward_{gone}")), "{gone}");
        }
        assert_eq!(names, known);
    }

    #[test]
    fn the_fourth_migration_gives_each_record_what_it_has() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, 3).unwrap();
        let old = "INSERT INTO doorward_record VALUES (1, x'', 'group', x'01', 1, x'07');
            INSERT INTO doorward_record VALUES (2, x'', 'group', x'02', 1, x'08');
            INSERT INTO doorward_record VALUES (5, x'', 'group', x'03', 1, x'09');
            INSERT INTO doorward_held VALUES (1, x'0001');
            INSERT INTO doorward_held VALUES (5, x'0005')";
        connection.execute_batch(old).unwrap();
        migrate(&mut connection, 4).unwrap();
        let mut rows = connection
            .prepare("SELECT seq, body, keys FROM doorward_record ORDER BY seq")
            .unwrap();
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let rows: Vec<(i64, Vec<u8>, Option<Vec<u8>>)> =
            rows.unwrap().map(Result::unwrap).collect();
        let expected = [
            (1, vec![7], Some(vec![0, 1])),
            (2, vec![8], None),
            (5, vec![9], Some(vec![0, 5])),
        ];
        assert_eq!(rows, expected);
    }

    /// A version that was released is what older files were written by.
    #[test]
    fn the_migrations_are_counted_by_name() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, 1).unwrap();
        assert_eq!(version(&connection).unwrap(), 1);
        migrate(&mut connection, KNOWN).unwrap();
        let mut counted = connection
            .prepare("SELECT version, name FROM doorward_migration ORDER BY version")
            .unwrap();
        let counted = counted.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        let counted: Vec<(u32, String)> = counted.unwrap().map(Result::unwrap).collect();
        let names = ["tables", "views", "held", "keys"].map(str::to_owned);
        assert!(counted.into_iter().eq((1..).zip(names)));
    }
}
