//! Records as they are read.

use doorward_storage::{
    Bytes, Cursor, Kind, Limit, Page, Place, Range, Record, RecordKey, UniqueKey, Value, Version,
};
use rusqlite::{Connection, Error, OptionalExtension, Row, ToSql, params};

use crate::{
    bodies::Bodies,
    columns::{ScopeColumn, bytes, kind, record_id, scope, version},
};

/// Reads records from one snapshot.
pub(crate) fn get(
    connection: &Connection,
    keys: Vec<RecordKey>,
) -> Result<Vec<Option<Record>>, Error> {
    let mut find = connection.prepare_cached(
        "SELECT version, body FROM doorward_record WHERE scope = ?1 AND kind = ?2 AND id = ?3",
    )?;
    let mut bodies = Bodies::default();
    let one = |key: RecordKey| {
        let scope = ScopeColumn::from(key.scope);
        let columns = params![scope.as_bytes(), key.kind.as_str(), key.id.as_bytes()];
        let found = find.query_row(columns, |row| {
            bodies.keep(row, 1)?;
            version(row, 0)
        });
        let record = |version| bodiless(key, version);
        found.optional().map(|found| found.map(record))
    };
    let read = |keys: Vec<RecordKey>| keys.into_iter().map(one).collect();
    // One statement is a snapshot by itself.
    let found: Result<Vec<Option<Record>>, Error> = if keys.len() > 1 {
        snapshot(connection, || read(keys))
    } else {
        read(keys)
    };
    let mut found = found?;
    bodies.hand_out(found.iter_mut().flatten());
    Ok(found)
}

pub(crate) fn lookup(connection: &Connection, claim: &UniqueKey) -> Result<Option<Record>, Error> {
    let mut find = connection.prepare_cached(
        "SELECT record.scope, record.kind, record.id, record.version, record.body
         FROM doorward_claimed AS claim CROSS JOIN doorward_record AS record ON record.seq = claim.record
         WHERE claim.scope = ?1 AND claim.space = ?2 AND claim.value = ?3",
    )?;
    let scope_column = ScopeColumn::from(claim.scope);
    let columns = params![
        scope_column.as_bytes(),
        claim.space.as_str(),
        claim.value.as_bytes()
    ];
    let record = |row: &Row<'_>| {
        Ok(Record {
            key: RecordKey {
                scope: scope(row, 0)?,
                kind: kind(row, 1, None)?,
                id: record_id(row, 2)?,
            },
            version: version(row, 3)?,
            body: bytes(row, 4)?.into(),
        })
    };
    find.query_row(columns, record).optional()
}

pub(crate) fn page(
    connection: &Connection,
    range: &Range,
    after: Option<Place>,
    limit: Limit,
) -> Result<Page, Error> {
    match range {
        Range::Kind { kind, .. } => page_of_kind(connection, range, kind, after, limit),
        Range::Index { index, span, .. } => {
            let (first, end) = span.bounds();
            let stretch = Stretch {
                index,
                // A place before the range is no place in it.
                after: after.filter(|place| place.value >= first),
                first,
                end,
            };
            page_of_index(connection, range, &stretch, limit)
        }
    }
}

/// Runs several statements on one snapshot.
pub(crate) fn snapshot<T>(
    connection: &Connection,
    read: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    connection.prepare_cached("BEGIN")?.execute([])?;
    let answer = read();
    connection.prepare_cached("COMMIT")?.execute([])?;
    answer
}

fn page_of_kind(
    connection: &Connection,
    range: &Range,
    usual: &Kind,
    after: Option<Place>,
    limit: Limit,
) -> Result<Page, Error> {
    let mut find = connection.prepare_cached(
        "SELECT kind, id, version, body FROM doorward_record
         WHERE scope = ?1 AND kind = ?2 AND id > ?3 ORDER BY id LIMIT ?4",
    )?;
    let scope = ScopeColumn::from(range.scope());
    let after = after.as_ref().map_or(&[][..], |place| place.id.as_bytes());
    let columns = params![
        scope.as_bytes(),
        usual.as_str(),
        after,
        limit.count() as i64
    ];
    let mut rows = find.query(columns)?;
    let (mut records, mut bodies) = (Vec::new(), Bodies::default());
    while let Some(row) = rows.next()? {
        records.push(record(range, row, Some(usual), &mut bodies)?);
    }
    bodies.hand_out(&mut records);
    let next = records.last().filter(|_| records.len() == limit.count());
    let next = next.map(|last| cursor(Value::default(), last));
    Ok(Page { records, next })
}

/// A range of index values, and the place in it that was reached.
struct Stretch<'a> {
    index: &'a Kind,
    first: Value,
    end: Option<Value>,
    after: Option<Place>,
}

fn page_of_index(
    connection: &Connection,
    range: &Range,
    stretch: &Stretch<'_>,
    limit: Limit,
) -> Result<Page, Error> {
    let scope = ScopeColumn::from(range.scope());
    let (scope, limit_column) = (scope.as_bytes(), limit.count() as i64);
    let index = stretch.index.as_str();
    let first = stretch.first.as_bytes();
    let end = stretch.end.as_ref().map(Value::as_bytes);
    let (statement, place, end): (&str, Vec<&dyn ToSql>, _) = match (&stretch.after, &end) {
        (None, None) => (FROM_VALUE, vec![&first], None),
        (None, Some(end)) => (FROM_VALUE_UNTIL, vec![&first], Some(end)),
        (Some(_), None) => (AFTER_PLACE, Vec::new(), None),
        (Some(_), Some(end)) => (AFTER_PLACE_UNTIL, Vec::new(), Some(end)),
    };
    let reached = stretch.after.as_ref();
    let reached = reached.map(|place| {
        (
            place.value.as_bytes(),
            place.kind.as_str(),
            place.id.as_bytes(),
        )
    });
    let mut columns: Vec<&dyn ToSql> = vec![&scope, &index, &limit_column];
    columns.extend(place);
    if let Some((value, kind, id)) = &reached {
        columns.extend([value as &dyn ToSql, kind, id]);
    }
    if let Some(end) = end {
        columns.push(end);
    }
    let mut find = connection.prepare_cached(statement)?;
    let mut rows = find.query(columns.as_slice())?;
    let (mut records, mut bodies) = (Vec::<Record>::new(), Bodies::default());
    let mut last_value = None;
    while let Some(row) = rows.next()? {
        let usual = records.last().map(|record| record.key.kind.clone());
        records.push(record(range, row, usual.as_ref(), &mut bodies)?);
        if records.len() == limit.count() {
            last_value = Some(Value::truncated(row.get_ref(4)?.as_blob()?));
        }
    }
    bodies.hand_out(&mut records);
    let next = last_value.zip(records.last());
    let next = next.map(|(value, last)| cursor(value, last));
    Ok(Page { records, next })
}

/// Reads a record of a range, and keeps its body with the others.
fn record(
    range: &Range,
    row: &Row<'_>,
    usual: Option<&Kind>,
    bodies: &mut Bodies,
) -> Result<Record, Error> {
    bodies.keep(row, 3)?;
    let key = RecordKey {
        scope: range.scope(),
        kind: kind(row, 0, usual)?,
        id: record_id(row, 1)?,
    };
    Ok(bodiless(key, version(row, 2)?))
}

const fn bodiless(key: RecordKey, version: Version) -> Record {
    let body = Bytes::new();
    Record { key, version, body }
}

fn cursor(value: Value, last: &Record) -> Cursor {
    Cursor::after(&Place {
        value,
        kind: last.key.kind.clone(),
        id: last.key.id.clone(),
    })
}

/// The four ways to walk along an index. The order of value, kind and id is the order of the
/// unique index, so that a page reads its own rows and no others.
macro_rules! walk {
    ($condition:literal) => {
        concat!(
            "SELECT entry.kind, entry.id, record.version, record.body, entry.value
             FROM doorward_indexed AS entry
             CROSS JOIN doorward_record AS record ON record.seq = entry.record
             WHERE entry.scope = ?1 AND entry.name = ?2 AND ",
            $condition,
            " ORDER BY entry.value, entry.kind, entry.id LIMIT ?3"
        )
    };
}

const FROM_VALUE: &str = walk!("entry.value >= ?4");
const FROM_VALUE_UNTIL: &str = walk!("entry.value >= ?4 AND entry.value < ?5");
const AFTER_PLACE: &str = walk!("(entry.value, entry.kind, entry.id) > (?4, ?5, ?6)");
const AFTER_PLACE_UNTIL: &str =
    walk!("(entry.value, entry.kind, entry.id) > (?4, ?5, ?6) AND entry.value < ?7");
