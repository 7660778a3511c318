//! The audit log.

use std::collections::BTreeSet;

use doorward_storage::{
    AuditEntry, AuditRow, Checkpoint, Limit, Order, Scope, SealError, SideKey, SideRow,
};
use rusqlite::{Connection, Error, OptionalExtension, Params, Row, params};
use uuid::Uuid;

use crate::{
    columns::{self, ScopeColumn, bytes, number, signed},
    fault::{damaged, is_new},
    records::snapshot,
    writer::Halt,
};

/// Adds an entry; answers false where its id is stored already.
pub(crate) fn insert(connection: &Connection, row: &AuditRow) -> Result<bool, Error> {
    let AuditRow {
        id,
        scope,
        body,
        side,
    } = row;
    let scope = ScopeColumn::from(*scope);
    let mut insert = connection
        .prepare_cached("INSERT INTO doorward_audit (scope, id, body) VALUES (?1, ?2, ?3)")?;
    if !is_new(insert.execute(params![scope.as_bytes(), id.as_bytes(), body]))? {
        return Ok(false);
    }
    for SideRow { field, salt, value } in side {
        let mut insert = connection.prepare_cached(
            "INSERT INTO doorward_audit_side (scope, entry, field, salt, value)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        insert.execute(params![scope.as_bytes(), id.as_bytes(), field, salt, value])?;
    }
    Ok(true)
}

pub(crate) fn entries(
    connection: &Connection,
    scope: Scope,
    order: Order,
    after: Option<Uuid>,
    limit: Limit,
) -> Result<Vec<AuditEntry>, Error> {
    let statement = match (order, after) {
        (Order::OldestFirst, None) => {
            "SELECT id, body, position FROM doorward_audit WHERE scope = ?1 AND id >= ?2
             ORDER BY id LIMIT ?3"
        }
        (Order::OldestFirst, Some(_)) => {
            "SELECT id, body, position FROM doorward_audit WHERE scope = ?1 AND id > ?2
             ORDER BY id LIMIT ?3"
        }
        (Order::NewestFirst, None) => {
            "SELECT id, body, position FROM doorward_audit WHERE scope = ?1 AND id >= ?2
             ORDER BY id DESC LIMIT ?3"
        }
        (Order::NewestFirst, Some(_)) => {
            "SELECT id, body, position FROM doorward_audit WHERE scope = ?1 AND id < ?2
             ORDER BY id DESC LIMIT ?3"
        }
    };
    let scope = ScopeColumn::from(scope);
    let after = after.unwrap_or(Uuid::nil());
    read(
        connection,
        statement,
        params![scope.as_bytes(), after.as_bytes(), count(limit)],
    )
}

pub(crate) fn unsealed(
    connection: &Connection,
    scope: Scope,
    limit: Limit,
) -> Result<Vec<AuditEntry>, Error> {
    let scope = ScopeColumn::from(scope);
    let statement = "SELECT id, body, position FROM doorward_audit
         WHERE scope = ?1 AND position IS NULL ORDER BY id LIMIT ?2";
    read(
        connection,
        statement,
        params![scope.as_bytes(), count(limit)],
    )
}

pub(crate) fn sealed(
    connection: &Connection,
    scope: Scope,
    from: u64,
    limit: Limit,
) -> Result<Vec<AuditEntry>, Error> {
    let scope = ScopeColumn::from(scope);
    let statement = "SELECT id, body, position FROM doorward_audit
         WHERE scope = ?1 AND position >= ?2 ORDER BY position LIMIT ?3";
    read(
        connection,
        statement,
        params![scope.as_bytes(), signed(from), count(limit)],
    )
}

/// Goes from one scope with unsealed entries to the next, whatever lies between them.
pub(crate) fn unsealed_scopes(
    connection: &Connection,
    after: Option<Scope>,
    limit: Limit,
) -> Result<Vec<Scope>, Error> {
    let mut first = connection.prepare_cached(
        "SELECT scope FROM doorward_audit WHERE position IS NULL ORDER BY scope LIMIT 1",
    )?;
    let mut next = connection.prepare_cached(
        "SELECT scope FROM doorward_audit WHERE position IS NULL AND scope > ?1
         ORDER BY scope LIMIT 1",
    )?;
    snapshot(connection, || {
        let mut found = Vec::new();
        let mut last = after;
        while found.len() < limit.count() {
            let scope = |row: &Row<'_>| columns::scope(row, 0);
            let scope = match last.map(ScopeColumn::from) {
                None => first.query_row([], scope),
                Some(last) => next.query_row([last.as_bytes()], scope),
            };
            let Some(scope) = scope.optional()? else {
                break;
            };
            found.push(scope);
            last = Some(scope);
        }
        Ok(found)
    })
}

pub(crate) fn head(connection: &Connection, scope: Scope) -> Result<Option<Checkpoint>, Error> {
    let mut last = connection.prepare_cached(
        "SELECT position, body FROM doorward_checkpoint WHERE scope = ?1
         ORDER BY position DESC LIMIT 1",
    )?;
    let scope = ScopeColumn::from(scope);
    last.query_row([scope.as_bytes()], checkpoint).optional()
}

pub(crate) fn checkpoints(
    connection: &Connection,
    scope: Scope,
    above: u64,
    limit: Limit,
) -> Result<Vec<Checkpoint>, Error> {
    let mut range = connection.prepare_cached(
        "SELECT position, body FROM doorward_checkpoint WHERE scope = ?1 AND position > ?2
         ORDER BY position LIMIT ?3",
    )?;
    let scope = ScopeColumn::from(scope);
    let columns = params![scope.as_bytes(), signed(above), count(limit)];
    range.query_map(columns, checkpoint)?.collect()
}

pub(crate) fn seal(
    connection: &Connection,
    scope: Scope,
    expect_head: u64,
    entries: &[Uuid],
    body: &[u8],
) -> Result<u64, Halt<SealError>> {
    let actual = head(connection, scope)?.map_or(0, |head| head.position);
    if actual != expect_head {
        return Err(Halt::Refused(SealError::HeadMoved { actual }));
    }
    let scope = ScopeColumn::from(scope);
    let mut last = actual;
    let mut seal = connection.prepare_cached(
        "UPDATE doorward_audit SET position = ?3
         WHERE scope = ?1 AND id = ?2 AND position IS NULL",
    )?;
    for entry in entries {
        last += 1;
        if seal.execute(params![scope.as_bytes(), entry.as_bytes(), signed(last)])? == 0 {
            return Err(Halt::Refused(SealError::NotUnsealed { entry: *entry }));
        }
    }
    let mut insert = connection.prepare_cached(
        "INSERT INTO doorward_checkpoint (scope, position, body) VALUES (?1, ?2, ?3)",
    )?;
    insert.execute(params![scope.as_bytes(), signed(last), body])?;
    Ok(last)
}

pub(crate) fn side_rows(
    connection: &Connection,
    scope: Scope,
    entries: &[Uuid],
) -> Result<Vec<(Uuid, SideRow)>, Error> {
    let mut of = connection.prepare_cached(
        "SELECT field, salt, value FROM doorward_audit_side WHERE scope = ?1 AND entry = ?2
         ORDER BY field",
    )?;
    let scope = ScopeColumn::from(scope);
    let entries: BTreeSet<Uuid> = entries.iter().copied().collect();
    snapshot(connection, || {
        let mut found = Vec::new();
        for id in entries {
            let mut rows = of.query(params![scope.as_bytes(), id.as_bytes()])?;
            while let Some(row) = rows.next()? {
                found.push((id, side_row(row)?));
            }
        }
        Ok(found)
    })
}

pub(crate) fn erase(connection: &Connection, scope: Scope, rows: &[SideKey]) -> Result<(), Error> {
    let mut erase = connection.prepare_cached(
        "DELETE FROM doorward_audit_side WHERE scope = ?1 AND entry = ?2 AND field = ?3",
    )?;
    let scope = ScopeColumn::from(scope);
    for SideKey { entry, field } in rows {
        erase.execute(params![scope.as_bytes(), entry.as_bytes(), field])?;
    }
    Ok(())
}

fn read(
    connection: &Connection,
    statement: &str,
    columns: impl Params,
) -> Result<Vec<AuditEntry>, Error> {
    let entry = |row: &Row<'_>| {
        Ok(AuditEntry {
            id: columns::id(row, 0)?,
            body: bytes(row, 1)?,
            position: position(row)?,
        })
    };
    connection
        .prepare_cached(statement)?
        .query_map(columns, entry)?
        .collect()
}

fn checkpoint(row: &Row<'_>) -> Result<Checkpoint, Error> {
    Ok(Checkpoint {
        position: number(row, 0)?,
        body: bytes(row, 1)?,
    })
}

fn side_row(row: &Row<'_>) -> Result<SideRow, Error> {
    let salt = row.get_ref(1)?.as_blob()?;
    Ok(SideRow {
        field: row.get(0)?,
        salt: salt.try_into().map_err(|_| damaged("salt"))?,
        value: bytes(row, 2)?,
    })
}

fn position(row: &Row<'_>) -> Result<Option<u64>, Error> {
    let position: Option<i64> = row.get(2)?;
    position.map(|_| number(row, 2)).transpose()
}

fn count(limit: Limit) -> i64 {
    limit.count() as i64
}
