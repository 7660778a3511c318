//! Audit entries as CSV, for people; the bytes that can be verified are in
//! [`json_lines`](crate::json_lines).

use std::{collections::BTreeMap, io::Write};

use super::{Cell, Safety, Table, WriteError};
use crate::{
    canonical::Json,
    code::Code,
    entry::{Entry, scope_code},
    instant,
    value::Value,
};

/// Writes audit entries, sortable by time, person, action, actor and data (170.315(d)(3)).
///
/// Before, after and facts are JSON. Personal data is not in an entry, so it is not in the file.
///
/// ```
/// use doorward_audit::{csv::{EntryCsv, Safety}, Action, Entry};
/// use doorward_types::{EntryId, Principal, Scope, TenantId};
/// # let now = time::macros::datetime!(2026-11-22 00:13:59 UTC);
/// # let id = EntryId::made_at(now, [1; 10]);
/// # let tenant = TenantId::made_at(now, [2; 10]);
/// let made = Action::TENANT_CREATE;
/// let entry = Entry::builder(id, Scope::Directory, Principal::Operator, made, tenant, now)
///     .build()?
///     .entry;
/// let mut file = Vec::new();
/// let mut csv = EntryCsv::new(&mut file, Safety::Safe)?;
/// csv.write(&entry)?;
/// csv.finish()?;
/// assert!(String::from_utf8(file)?.contains("\r\n2026-11-22T00:13:59.000000Z,directory,"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct EntryCsv<W: Write> {
    table: Table<W>,
}

impl<W: Write> EntryCsv<W> {
    /// The columns, in their order; later releases add columns at the end.
    pub const COLUMNS: [&'static str; 18] = [
        "recorded at (UTC)",
        "scope",
        "actor",
        "on behalf of",
        "action",
        "category",
        "target",
        "target id",
        "subject id",
        "outcome",
        "reason",
        "before",
        "after",
        "facts",
        "request id",
        "catalog",
        "personal fields",
        "entry id",
    ];

    /// Begins a file with its line of columns.
    ///
    /// # Errors
    /// [`WriteError`] from the writer.
    pub fn new(out: W, safety: Safety) -> Result<Self, WriteError> {
        Table::new(out, safety, &Self::COLUMNS).map(|table| Self { table })
    }

    /// Writes one entry.
    ///
    /// # Errors
    /// [`WriteError`] from the writer.
    pub fn write(&mut self, entry: &Entry) -> Result<(), WriteError> {
        let target = entry.target();
        let fields: Vec<&str> = entry.commitments().keys().map(Code::as_str).collect();
        self.table.write([
            Cell::plain(Some(instant::text(entry.recorded_at()))),
            Cell::plain(Some(scope_code(entry.scope()))),
            Cell::text(Some(Json::from(entry.actor()).to_text())),
            Cell::text(
                entry
                    .on_behalf_of()
                    .map(|principal| Json::from(principal).to_text()),
            ),
            Cell::text(Some(entry.action())),
            Cell::plain(Some(entry.action().category().as_str())),
            Cell::text(Some(target.kind())),
            Cell::text(target.id()),
            Cell::plain(entry.subject()),
            Cell::plain(Some(entry.outcome().kind().as_str())),
            Cell::text(entry.outcome().reason()),
            Cell::text(values(entry.before())),
            Cell::text(values(entry.after())),
            Cell::text(values(entry.facts())),
            Cell::plain(entry.request()),
            Cell::plain(
                entry
                    .catalog()
                    .map(|digest| base16ct::lower::encode_string(digest)),
            ),
            Cell::text(Some(fields.join("; "))),
            Cell::plain(Some(entry.id())),
        ])
    }

    /// Ends the file and answers how many entries it holds.
    ///
    /// # Errors
    /// [`WriteError`] from the writer; the file is then not whole.
    pub fn finish(self) -> Result<u64, WriteError> {
        self.table.finish()
    }
}

fn values(values: &BTreeMap<Code, Value>) -> Option<String> {
    (!values.is_empty()).then(|| Json::from(values).to_text())
}
