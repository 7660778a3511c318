//! Keys and ids as columns.

use doorward_storage::{Kind, RecordId, Scope, Version};
use rusqlite::{Error, Row};
use uuid::Uuid;

use crate::fault::damaged;

/// A scope in its column: no bytes for the directory, 16 for a tenant. They order as scopes do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ScopeColumn(Scope);

impl ScopeColumn {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Scope::Directory => &[],
            Scope::Tenant(id) => id.as_bytes(),
        }
    }
}

impl From<Scope> for ScopeColumn {
    fn from(scope: Scope) -> Self {
        Self(scope)
    }
}

pub(crate) fn scope(row: &Row<'_>, column: usize) -> Result<Scope, Error> {
    match row.get_ref(column)?.as_blob()? {
        [] => Ok(Scope::Directory),
        bytes => Uuid::from_slice(bytes)
            .map(Scope::Tenant)
            .map_err(|_| damaged("scope")),
    }
}

pub(crate) fn id(row: &Row<'_>, column: usize) -> Result<Uuid, Error> {
    Uuid::from_slice(row.get_ref(column)?.as_blob()?).map_err(|_| damaged("id"))
}

pub(crate) fn record_id(row: &Row<'_>, column: usize) -> Result<RecordId, Error> {
    RecordId::new(row.get_ref(column)?.as_blob()?).map_err(|_| damaged("record id"))
}

/// Reads a kind; the one that most rows of a page have is not made anew.
pub(crate) fn kind(row: &Row<'_>, column: usize, usual: Option<&Kind>) -> Result<Kind, Error> {
    let name = row.get_ref(column)?.as_str()?;
    match usual {
        Some(usual) if usual.as_str() == name => Ok(usual.clone()),
        _ => Kind::new(name).map_err(|_| damaged("kind")),
    }
}

pub(crate) fn version(row: &Row<'_>, column: usize) -> Result<Version, Error> {
    number(row, column).map(Version::from_u64)
}

/// Reads a version or a position: SQLite counts in `i64`.
pub(crate) fn number(row: &Row<'_>, column: usize) -> Result<u64, Error> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| damaged("number"))
}

/// Writes a version or a position; none ever grows beyond what an `i64` counts.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn bytes(row: &Row<'_>, column: usize) -> Result<Vec<u8>, Error> {
    Ok(row.get_ref(column)?.as_blob()?.to_vec())
}
