//! What a record has, as its column `keys` says it: the adapter's own form, written here by
//! hand as its script describes it.

use std::collections::BTreeSet;

use doorward_storage::{IndexEntry, Kind, Scope, UniqueKey, Value};

type Keys = (BTreeSet<UniqueKey>, BTreeSet<IndexEntry>);

/// Writes a column.
pub fn encode(claims: &BTreeSet<UniqueKey>, entries: &BTreeSet<IndexEntry>) -> Vec<u8> {
    let mut column = Vec::new();
    let mut put = |scope: &[u8], name: &Kind, value: &Value| {
        let (name, value) = (name.as_str().as_bytes(), value.as_bytes());
        column.extend(scope);
        column.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        column.extend(name);
        column.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        column.extend(value);
    };
    for claim in claims {
        let scope = match claim.scope {
            Scope::Directory => vec![1],
            Scope::Tenant(tenant) => [&[17], &tenant.as_bytes()[..]].concat(),
        };
        put(&scope, &claim.space, &claim.value);
    }
    for entry in entries {
        put(&[0], &entry.index, &entry.value);
    }
    column
}

/// Reads a column that the adapter wrote.
pub fn decode(mut column: &[u8]) -> Keys {
    let mut keys = Keys::default();
    while let [first, rest @ ..] = column {
        column = rest;
        let mut take = |count: usize| {
            let (taken, rest) = column.split_at(count);
            column = rest;
            taken
        };
        let scope = (*first > 0).then(|| take(usize::from(*first) - 1));
        let length = take(1)[0];
        let name = String::from_utf8_lossy(take(length.into()));
        let name = Kind::new(&name).unwrap_or_else(|error| panic!("{error}"));
        let length = take(2);
        let value = take(u16::from_be_bytes([length[0], length[1]]).into());
        let value = Value::new(value).unwrap_or_else(|error| panic!("{error}"));
        match scope {
            None => keys.1.insert(IndexEntry::new(name, value)),
            Some([]) => keys.0.insert(UniqueKey::new(Scope::Directory, name, value)),
            Some(tenant) => {
                let tenant = uuid::Uuid::from_slice(tenant).map(Scope::Tenant);
                let tenant = tenant.unwrap_or_else(|error| panic!("{error}"));
                keys.0.insert(UniqueKey::new(tenant, name, value))
            }
        };
    }
    keys
}
