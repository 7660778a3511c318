//! Which claims and index entries a record has, in one row.

use std::collections::BTreeSet;

use doorward_storage::{IndexEntry, UniqueKey};
use rusqlite::{Connection, Error, OptionalExtension, params};

use crate::{columns::ScopeColumn, fault::damaged};

/// One claim or entry, as it stands in the row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Item<'a> {
    Claim {
        scope: &'a [u8],
        space: &'a str,
        value: &'a [u8],
    },
    Entry {
        name: &'a str,
        value: &'a [u8],
    },
}

/// Reads what a record has: nothing, where it has no row.
pub(crate) fn read(connection: &Connection, seq: i64) -> Result<Vec<u8>, Error> {
    connection
        .prepare_cached("SELECT keys FROM doorward_held WHERE record = ?1")?
        .query_row([seq], |row| Ok(row.get_ref(0)?.as_blob()?.to_vec()))
        .optional()
        .map(Option::unwrap_or_default)
}

/// Writes what a record has from now on.
pub(crate) fn write(connection: &Connection, seq: i64, keys: &[u8]) -> Result<(), Error> {
    if keys.is_empty() {
        return delete(connection, seq);
    }
    connection
        .prepare_cached(
            "INSERT INTO doorward_held (record, keys) VALUES (?1, ?2)
             ON CONFLICT (record) DO UPDATE SET keys = excluded.keys",
        )?
        .execute(params![seq, keys])
        .map(drop)
}

pub(crate) fn delete(connection: &Connection, seq: i64) -> Result<(), Error> {
    connection
        .prepare_cached("DELETE FROM doorward_held WHERE record = ?1")?
        .execute([seq])
        .map(drop)
}

/// Writes claims and entries one after the other, as the script of the table says.
pub(crate) fn encode(unique: &BTreeSet<UniqueKey>, index: &BTreeSet<IndexEntry>) -> Vec<u8> {
    let mut keys = Vec::with_capacity(USUAL_LEN);
    for claim in unique {
        let scope = ScopeColumn::from(claim.scope);
        keys.push(length(scope.as_bytes()).saturating_add(1));
        keys.extend(scope.as_bytes());
        put(&mut keys, claim.space.as_str(), claim.value.as_bytes());
    }
    for entry in index {
        keys.push(ENTRY);
        put(&mut keys, entry.index.as_str(), entry.value.as_bytes());
    }
    keys
}

/// Fills the rows from the tables of version 2, which go.
pub(crate) fn fill(connection: &Connection) -> Result<(), Error> {
    let mut records = connection.prepare("SELECT seq FROM doorward_record ORDER BY seq")?;
    let mut records = records.query([])?;
    while let Some(row) = records.next()? {
        let seq = row.get(0)?;
        write(connection, seq, &encode_old(connection, seq)?)?;
    }
    connection.execute_batch("DROP TABLE doorward_entry; DROP TABLE doorward_claim;")
}

fn encode_old(connection: &Connection, seq: i64) -> Result<Vec<u8>, Error> {
    let mut had = connection.prepare_cached(
        "SELECT * FROM (SELECT scope, space, value FROM doorward_claim WHERE record = ?1
             ORDER BY scope, space, value)
         UNION ALL
         SELECT * FROM (SELECT NULL, name, value FROM doorward_entry WHERE record = ?1
             ORDER BY name, value)",
    )?;
    let mut rows = had.query([seq])?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        match row.get_ref(0)?.as_blob_or_null()? {
            Some(scope) => {
                keys.push(length(scope).saturating_add(1));
                keys.extend(scope);
            }
            None => keys.push(ENTRY),
        }
        put(
            &mut keys,
            row.get_ref(1)?.as_str()?,
            row.get_ref(2)?.as_blob()?,
        );
    }
    Ok(keys)
}

/// Takes a row apart.
pub(crate) fn items(mut keys: &[u8]) -> Result<Vec<Item<'_>>, Error> {
    let mut items = Vec::with_capacity(USUAL_COUNT);
    while let [first, rest @ ..] = keys {
        keys = rest;
        let item = item(*first, &mut keys).ok_or_else(|| damaged("list of claims and entries"));
        items.push(item?);
    }
    Ok(items)
}

fn item<'a>(first: u8, keys: &mut &'a [u8]) -> Option<Item<'a>> {
    let scope = match first.checked_sub(1) {
        Some(length) => Some(take(keys, length.into())?),
        None => None,
    };
    let [length] = *take(keys, 1)? else {
        return None;
    };
    let name = str::from_utf8(take(keys, length.into())?).ok()?;
    let length = take(keys, 2)?.try_into().map(u16::from_be_bytes).ok()?;
    let value = take(keys, length.into())?;
    Some(match scope {
        Some(scope) => Item::Claim {
            scope,
            space: name,
            value,
        },
        None => Item::Entry { name, value },
    })
}

fn take<'a>(keys: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = keys.split_at_checked(count)?;
    *keys = rest;
    Some(taken)
}

fn put(keys: &mut Vec<u8>, name: &str, value: &[u8]) {
    keys.push(length(name.as_bytes()));
    keys.extend(name.as_bytes());
    // A value has at most 512 bytes.
    let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
    keys.extend(length.to_be_bytes());
    keys.extend(value);
}

/// The length of a scope, at most 16, or of a name, at most 32.
fn length(short: &[u8]) -> u8 {
    u8::try_from(short.len()).unwrap_or(u8::MAX)
}

const ENTRY: u8 = 0;
/// Most records have no more claims and entries, and in no more bytes.
const USUAL_COUNT: usize = 8;
const USUAL_LEN: usize = 384;

#[cfg(test)]
mod tests {
    use doorward_storage::{Kind, Scope, Value};
    use uuid::Uuid;

    use super::*;
    use crate::schema;

    const GROUP: Kind = Kind::from_static("group");

    fn value(bytes: &[u8]) -> Value {
        Value::new(bytes).unwrap()
    }

    /// So a record of an older file that is written as it was writes no row of this table.
    #[test]
    fn a_row_made_of_older_tables_is_the_one_that_a_commit_would_write() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection, 2).unwrap();
        let old = "INSERT INTO doorward_record VALUES (1, x'', 'group', x'01', 1, x'');
            INSERT INTO doorward_record VALUES (2, x'', 'group', x'02', 1, x'');
            INSERT INTO doorward_entry VALUES (1, 'group_tag', x'01', x'', 'group', x'01');
            INSERT INTO doorward_entry VALUES (1, 'group', x'0201', x'', 'group', x'01');
            INSERT INTO doorward_entry VALUES (1, 'group', x'02', x'', 'group', x'01');
            INSERT INTO doorward_claim VALUES (x'', 'group', x'02', 1);
            INSERT INTO doorward_claim VALUES (zeroblob(16), 'group', x'01', 1);
            INSERT INTO doorward_claim VALUES (x'', 'group', x'01', 1)";
        connection.execute_batch(old).unwrap();
        schema::migrate(&mut connection, schema::KNOWN).unwrap();
        let claim = |scope, bytes: &[u8]| UniqueKey::new(scope, GROUP, value(bytes));
        let unique = [
            claim(Scope::Tenant(Uuid::nil()), b"\x01"),
            claim(Scope::Directory, b"\x01"),
            claim(Scope::Directory, b"\x02"),
        ];
        let index = [
            IndexEntry::new(Kind::from_static("group_tag"), value(b"\x01")),
            IndexEntry::new(GROUP, value(b"\x02")),
            IndexEntry::new(GROUP, value(b"\x02\x01")),
        ];
        let made = read(&connection, 1).unwrap();
        assert_eq!(made, encode(&unique.into(), &index.into()));
        assert_eq!(read(&connection, 2).unwrap(), b"");
        let rows = "SELECT (SELECT count(*) FROM doorward_claimed WHERE record = 1),
                (SELECT count(*) FROM doorward_indexed WHERE record = 1 AND id = x'01'),
                (SELECT count(*) FROM doorward_held)";
        let counts =
            connection.query_row(rows, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        assert_eq!(counts.unwrap(), (3, 3, 1));
    }

    #[test]
    fn what_is_written_is_read_again_and_every_damage_is_told() {
        let id = Uuid::from_u128(7);
        let tenant = Scope::Tenant(id);
        let long = [0xab; Value::MAX_LEN];
        let unique = [
            UniqueKey::new(tenant, GROUP, value(&long)),
            UniqueKey::new(Scope::Directory, GROUP, value(b"")),
        ];
        let index = [
            IndexEntry::new(GROUP, value(b"b")),
            IndexEntry::new(GROUP, value(b"a")),
        ];
        let keys = encode(&unique.into(), &index.into());
        let (space, name) = ("group", "group");
        let expected = [
            Item::Claim {
                scope: b"",
                space,
                value: b"",
            },
            Item::Claim {
                scope: id.as_bytes(),
                space,
                value: &long,
            },
            Item::Entry { name, value: b"a" },
            Item::Entry { name, value: b"b" },
        ];
        assert_eq!(items(&keys).unwrap(), expected);

        assert_eq!(items(b"").unwrap(), []);
        let ends = (1..keys.len()).filter(|&end| items(&keys[..end]).is_ok());
        // Where an item ends, what is left is a shorter list.
        assert_eq!(ends.count(), 3);
        let mut damaged = keys;
        damaged[2] = 0xff;
        assert!(items(&damaged).is_err());
    }
}
