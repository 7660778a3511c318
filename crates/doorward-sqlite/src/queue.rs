//! Messages and their leases.

use std::time::Duration;

use doorward_storage::{Claimed, HandOff, Limit, Micros, OutboxRow, SettleError, Settlement};
use rusqlite::{Connection, Error, OptionalExtension, Row, params};

use crate::{
    columns::{ScopeColumn, bytes, id, scope},
    fault::is_new,
    writer::Halt,
};

/// Adds a message; answers false where its id is stored already.
pub(crate) fn push(connection: &Connection, row: &OutboxRow) -> Result<bool, Error> {
    let OutboxRow {
        id,
        scope,
        body,
        due_at,
    } = row;
    let scope = ScopeColumn::from(*scope);
    let mut insert = connection.prepare_cached(
        "INSERT INTO doorward_message (scope, id, body, due_at, free_at)
         VALUES (?1, ?2, ?3, ?4, ?4)",
    )?;
    is_new(insert.execute(params![scope.as_bytes(), id.as_bytes(), body, due_at.0]))
}

pub(crate) fn claim(
    connection: &Connection,
    now: Micros,
    lease: Duration,
    limit: Limit,
) -> Result<Vec<Claimed>, Error> {
    let mut free = connection.prepare_cached(
        "SELECT seq, scope, id, body, due_at, attempts FROM doorward_message
         WHERE free_at <= ?1 ORDER BY free_at, scope, id LIMIT ?2",
    )?;
    let claimed = |row: &Row<'_>| {
        let message = OutboxRow {
            scope: scope(row, 1)?,
            id: id(row, 2)?,
            body: bytes(row, 3)?,
            due_at: Micros(row.get(4)?),
        };
        let attempt = row.get::<_, u32>(5)?.saturating_add(1);
        Ok((row.get(0)?, Claimed { message, attempt }))
    };
    let found = free.query_map(params![now.0, limit.count() as i64], claimed)?;
    let found: Vec<(i64, Claimed)> = found.collect::<Result<_, _>>()?;
    let mut lease_out = connection.prepare_cached(
        "UPDATE doorward_message SET attempts = ?2, holder = ?2, free_at = ?3 WHERE seq = ?1",
    )?;
    let until = now.saturating_add(lease);
    let mut claims = Vec::with_capacity(found.len());
    for (seq, claimed) in found {
        lease_out.execute(params![seq, claimed.attempt, until.0])?;
        claims.push(claimed);
    }
    Ok(claims)
}

/// Ends a try, if it is the message's last one: also after its lease as long as nobody else was
/// given the message, and only once.
pub(crate) fn settle(
    connection: &Connection,
    hand_off: HandOff,
    settlement: Settlement,
) -> Result<(), Halt<SettleError>> {
    let seq = held(connection, hand_off)?.ok_or(Halt::Refused(SettleError::Stale))?;
    match settlement {
        Settlement::Done => connection
            .prepare_cached("DELETE FROM doorward_message WHERE seq = ?1")?
            .execute([seq])?,
        Settlement::Retry { due_at } => connection
            .prepare_cached(
                "UPDATE doorward_message SET holder = NULL, due_at = ?2, free_at = ?2
                 WHERE seq = ?1",
            )?
            .execute(params![seq, due_at.0])?,
    };
    Ok(())
}

pub(crate) fn held(connection: &Connection, hand_off: HandOff) -> Result<Option<i64>, Error> {
    let HandOff { scope, id, attempt } = hand_off;
    let scope = ScopeColumn::from(scope);
    connection
        .prepare_cached(
            "SELECT seq FROM doorward_message WHERE scope = ?1 AND id = ?2 AND holder = ?3",
        )?
        .query_row(params![scope.as_bytes(), id.as_bytes(), attempt], |row| {
            row.get(0)
        })
        .optional()
}
