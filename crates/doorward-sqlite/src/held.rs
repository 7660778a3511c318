//! Which claims and index entries a record has, in one column of its row.

use std::collections::BTreeSet;

use doorward_storage::{IndexEntry, UniqueKey};
use rusqlite::{Connection, Error, params};

use crate::{columns::ScopeColumn, fault::damaged};

/// One claim or entry, as it stands in the column.
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

/// Writes claims and entries one after the other, as the script of the third migration says.
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

/// The column of it: a record that has nothing has none.
pub(crate) fn column(keys: &[u8]) -> Option<&[u8]> {
    (!keys.is_empty()).then_some(keys)
}

/// Takes a column apart.
pub(crate) fn items(mut keys: &[u8]) -> Result<Vec<Item<'_>>, Error> {
    let mut items = Vec::with_capacity(USUAL_COUNT);
    while let [first, rest @ ..] = keys {
        keys = rest;
        items.push(item(*first, &mut keys).ok_or_else(unfit)?);
    }
    Ok(items)
}

/// Says what is wrong between claims, entries and their records, which no foreign key binds: each
/// belongs to a record that names it, and each that is named is there.
pub(crate) fn fault(connection: &Connection) -> Result<Option<String>, Error> {
    for (table, loose) in LOOSE {
        if connection.prepare(loose)?.exists([])? {
            let fault = format!("a row of `{table}` has lost its `doorward_record`");
            return Ok(Some(fault));
        }
    }
    let mut named = [0, 0];
    let mut rows =
        connection.prepare("SELECT seq, keys FROM doorward_record WHERE keys IS NOT NULL")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        let Ok(items) = items(row.get_ref(1)?.as_blob()?) else {
            return Ok(Some(format!("`keys` of record {seq} is no list")));
        };
        for item in items {
            let (table, count) = match item {
                Item::Claim { .. } => ("doorward_claimed", &mut named[0]),
                Item::Entry { .. } => ("doorward_indexed", &mut named[1]),
            };
            *count += 1;
            if !is_there(connection, seq, item)? {
                let fault = format!("`{table}` lacks a row that record {seq} has");
                return Ok(Some(fault));
            }
        }
    }
    for ((table, _), named) in LOOSE.into_iter().zip(named) {
        let count = format!("SELECT count(*) FROM {table}");
        let count: i64 = connection.query_row(&count, [], |row| row.get(0))?;
        if count != named {
            let fault = format!("a row of `{table}` is named by no record");
            return Ok(Some(fault));
        }
    }
    Ok(None)
}

/// What finds a row without a record, or with another one than it says.
const LOOSE: [(&str, &str); 2] = [
    (
        "doorward_claimed",
        "SELECT 1 FROM doorward_claimed AS row LEFT JOIN doorward_record AS record
         ON record.seq = row.record WHERE record.seq IS NULL",
    ),
    (
        "doorward_indexed",
        "SELECT 1 FROM doorward_indexed AS row LEFT JOIN doorward_record AS record
         ON record.seq = row.record AND record.scope = row.scope AND record.kind = row.kind
             AND record.id = row.id
         WHERE record.seq IS NULL",
    ),
];

fn is_there(connection: &Connection, seq: i64, item: Item<'_>) -> Result<bool, Error> {
    match item {
        Item::Claim {
            scope,
            space,
            value,
        } => connection
            .prepare_cached(
                "SELECT 1 FROM doorward_claimed
                 WHERE scope = ?1 AND space = ?2 AND value = ?3 AND record = ?4",
            )?
            .exists(params![scope, space, value, seq]),
        Item::Entry { name, value } => connection
            .prepare_cached(
                "SELECT 1 FROM doorward_record AS record CROSS JOIN doorward_indexed AS row
                 ON row.scope = record.scope AND row.name = ?2 AND row.value = ?3
                     AND row.kind = record.kind AND row.id = record.id
                 WHERE record.seq = ?1",
            )?
            .exists(params![seq, name, value]),
    }
}

/// What stands in a column is not what lies in the tables of claims and entries.
pub(crate) fn unfit() -> Error {
    damaged("list of claims and entries")
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

    const GROUP: Kind = Kind::from_static("group");

    fn value(bytes: &[u8]) -> Value {
        Value::new(bytes).unwrap()
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
