//! The keys, rows and short cuts that cases share.

use std::time::Duration;

use doorward_storage::{
    Applied, AuditEntry, AuditRow, Batch, Claimed, FullStorage, IndexEntry, Kind, Limit, Micros,
    Order, OutboxRow, Precondition, Range, Record, RecordId, RecordKey, Request, RequestKey, Scope,
    SideRow, UniqueKey, Value, Version,
};
use uuid::Uuid;

use crate::{Failure, Verdict, case::some};

pub(crate) const THING: Kind = Kind::from_static("thing");
pub(crate) const OTHER: Kind = Kind::from_static("other");
pub(crate) const NAME: Kind = Kind::from_static("name");
pub(crate) const ORDER: Kind = Kind::from_static("order");

/// The directory and three tenants whose ids are easily mistaken: for nothing, for the directory,
/// for an end of range. Cases that run in each of them use the same ids and values in all, so that
/// whatever leaks from one scope into another shows.
pub(crate) const SCOPES: [Scope; 4] = [
    Scope::Directory,
    Scope::Tenant(Uuid::nil()),
    Scope::Tenant(Uuid::from_u128(1)),
    Scope::Tenant(Uuid::max()),
];

/// Byte strings that trip up text columns, terminators, prefixes and collations; in byte order.
pub(crate) const TRICKY: [&[u8]; 15] = [
    b"",
    b"\0",
    b"\0\0",
    b"\0\x01",
    b"%",
    b"A",
    b"a",
    b"a\0",
    b"a\0b",
    b"a ",
    b"a_",
    b"ab",
    b"\xc3\xa9",
    b"\xff",
    b"\xff\xff",
];

pub(crate) const A_SECOND: Duration = Duration::from_secs(1);

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn key(scope: Scope, number: u128) -> RecordKey {
    RecordKey::new(scope, THING, id(number))
}

pub(crate) fn key_of(scope: Scope, bytes: &[u8]) -> Result<RecordKey, Failure> {
    Ok(RecordKey::new(scope, THING, RecordId::new(bytes)?))
}

pub(crate) fn name(scope: Scope, value: impl AsRef<[u8]>) -> UniqueKey {
    UniqueKey::new(scope, NAME, Value::truncated(value))
}

pub(crate) fn order(value: impl AsRef<[u8]>) -> IndexEntry {
    IndexEntry::new(ORDER, Value::truncated(value))
}

pub(crate) fn audit(scope: Scope, number: u128, body: &str) -> AuditRow {
    AuditRow {
        id: id(number),
        scope,
        body: body.into(),
        side: Vec::new(),
    }
}

pub(crate) fn side(field: &str, value: &str) -> SideRow {
    SideRow {
        field: field.to_owned(),
        salt: [7; 32],
        value: value.into(),
    }
}

pub(crate) fn message(scope: Scope, number: u128, due_at: i64) -> OutboxRow {
    OutboxRow {
        id: id(number),
        scope,
        body: b"mail".to_vec(),
        due_at: Micros(due_at),
    }
}

pub(crate) fn request_key(scope: Scope, number: u128) -> RequestKey {
    RequestKey {
        scope,
        principal: RecordId::from(id(900)),
        id: id(number),
    }
}

pub(crate) fn request(scope: Scope, number: u128) -> Request {
    Request {
        key: request_key(scope, number),
        digest: [1; 32],
        receipt: b"receipt".to_vec(),
        at: Micros(0),
    }
}

/// A batch that creates a record without claims and index entries.
pub(crate) fn creation(key: RecordKey, body: &str) -> Batch {
    Batch::new().put(key, Precondition::Absent, body, [], [])
}

/// A batch of several parts over two scopes.
pub(crate) fn parts(number: u128) -> Batch {
    let batch = creation(key(SCOPES[0], number), "whole");
    let put = creation(key(SCOPES[1], number), "whole");
    let batch = put.writes.into_iter().fold(batch, Batch::write);
    batch
        .audit(audit(SCOPES[0], number, "made"))
        .message(message(SCOPES[0], number, 0))
}

/// A batch that rewrites a record without claims and index entries.
pub(crate) fn update(key: RecordKey, version: Version, body: &str) -> Batch {
    Batch::new().put(key, Precondition::VersionIs(version), body, [], [])
}

/// A batch that creates a record under one index value.
pub(crate) fn indexed(key: RecordKey, value: impl AsRef<[u8]>) -> Batch {
    Batch::new().put(key, Precondition::Absent, "indexed", [], [order(value)])
}

/// Creates one record for each tricky value, in no useful order; the record's number is the
/// value's place.
pub(crate) async fn fill_with_tricky_values(storage: &dyn FullStorage, scope: Scope) -> Verdict {
    for (number, value) in (0..TRICKY.len()).zip(TRICKY).rev() {
        storage
            .commit(indexed(key(scope, number as u128), value))
            .await?;
    }
    Ok(())
}

/// Commits a batch whose first write is a put, and answers the version it wrote.
pub(crate) async fn put(storage: &dyn FullStorage, batch: Batch) -> Result<Version, Failure> {
    some(
        "the version that a put wrote",
        storage.commit(batch).await?.version(0),
    )
}

pub(crate) async fn read(
    storage: &dyn FullStorage,
    key: &RecordKey,
) -> Result<Option<Record>, Failure> {
    let records = storage.get(std::slice::from_ref(key)).await?;
    some("the answer for a key", records.into_iter().next())
}

/// The body of a record, as text.
pub(crate) async fn body(
    storage: &dyn FullStorage,
    key: &RecordKey,
) -> Result<Option<String>, Failure> {
    let record = read(storage, key).await?;
    Ok(record.map(|record| String::from_utf8_lossy(&record.body).into_owned()))
}

/// Reads a range to its end in pages of this length; refuses pages above their limit.
pub(crate) async fn scan(
    storage: &dyn FullStorage,
    range: &Range,
    limit: usize,
) -> Result<Vec<Record>, Failure> {
    let limit = Limit::new(limit)?;
    let mut records = Vec::new();
    let mut after = None;
    loop {
        let page = storage.scan(range, after.as_ref(), limit).await?;
        crate::case::ensure(
            page.records.len() <= limit.count(),
            "a page is above its limit",
        )?;
        records.extend(page.records);
        crate::case::ensure(records.len() < 10_000, "a scan does not come to an end")?;
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(records),
        }
    }
}

/// The ids of records, as they come.
pub(crate) fn ids(records: &[Record]) -> Vec<Vec<u8>> {
    records
        .iter()
        .map(|record| record.key.id.as_bytes().to_vec())
        .collect()
}

/// All entries of a scope's log, oldest first.
pub(crate) async fn entries(
    storage: &dyn FullStorage,
    scope: Scope,
) -> Result<Vec<AuditEntry>, Failure> {
    Ok(storage
        .entries(scope, Order::OldestFirst, None, Limit::MAX)
        .await?)
}

/// Leases everything that is free at this instant, for a second.
pub(crate) async fn claim_at(storage: &dyn FullStorage, now: i64) -> Result<Vec<Claimed>, Failure> {
    Ok(storage.claim(Micros(now), A_SECOND, Limit::MAX).await?)
}

pub(crate) fn is_now(applied: &Applied) -> bool {
    matches!(applied, Applied::Now { .. })
}
