//! Requests that were applied.

use doorward_storage::{Limit, Micros, Receipt, Request, RequestKey};
use rusqlite::{Connection, Error, OptionalExtension, params};

use crate::{
    columns::{ScopeColumn, bytes},
    fault::{damaged, is_new},
};

pub(crate) fn remembered(
    connection: &Connection,
    key: &RequestKey,
) -> Result<Option<Receipt>, Error> {
    let mut find = connection.prepare_cached(
        "SELECT digest, receipt FROM doorward_request WHERE scope = ?1 AND principal = ?2 AND id = ?3",
    )?;
    let scope = ScopeColumn::from(key.scope);
    let key = params![
        scope.as_bytes(),
        key.principal.as_bytes(),
        key.id.as_bytes()
    ];
    find.query_row(key, |row| {
        let digest = row.get_ref(0)?.as_blob()?;
        Ok(Receipt {
            digest: digest.try_into().map_err(|_| damaged("digest"))?,
            body: bytes(row, 1)?,
        })
    })
    .optional()
}

/// Remembers a request; answers false where one with its key was remembered before.
pub(crate) fn remember(connection: &Connection, request: &Request) -> Result<bool, Error> {
    let Request {
        key,
        digest,
        receipt,
        at,
    } = request;
    let mut insert = connection.prepare_cached(
        "INSERT INTO doorward_request (scope, principal, id, digest, receipt, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let scope = ScopeColumn::from(key.scope);
    let (principal, id) = (key.principal.as_bytes(), key.id.as_bytes());
    is_new(insert.execute(params![
        scope.as_bytes(),
        principal,
        id,
        digest,
        receipt,
        at.0
    ]))
}

pub(crate) fn forget(
    connection: &Connection,
    before: Micros,
    limit: Limit,
) -> Result<usize, Error> {
    let mut forget = connection.prepare_cached(
        "DELETE FROM doorward_request WHERE (scope, principal, id) IN (
            SELECT scope, principal, id FROM doorward_request WHERE at < ?1 ORDER BY at LIMIT ?2
        )",
    )?;
    forget.execute(params![before.0, limit.count() as i64])
}
