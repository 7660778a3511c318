//! The access report as CSV.

use std::io::Write;

use super::{Cell, Safety, Table, WriteError};
use crate::{
    instant,
    report::{AccessRow, By, LevelsHeld, MailReport, permission_text, reason_text},
};

/// Writes the rows of an access report (ALIS: "Click the Export to Excel button").
///
/// The first line names the columns ([`AccessCsv::COLUMNS`]). A list inside a cell is separated by
/// `; `. See [`report`](crate::report) for an example.
pub struct AccessCsv<W: Write> {
    table: Table<W>,
}

impl<W: Write> AccessCsv<W> {
    /// The columns, in their order; later releases add columns at the end.
    pub const COLUMNS: [&'static str; 34] = [
        "community",
        "subject",
        "person",
        "relation",
        "kind",
        "email",
        "phone",
        "user name",
        "account class",
        "status",
        "profile",
        "role",
        "security levels",
        "permissions",
        "why",
        "granted at (UTC)",
        "granted by",
        "expires at (UTC)",
        "invited at (UTC)",
        "invited by",
        "invitation expires at (UTC)",
        "mail status",
        "mail status at (UTC)",
        "last sign-in at (UTC)",
        "attested statement",
        "attested version",
        "attested at (UTC)",
        "attested by",
        "unknown permissions",
        "flags",
        "flag count",
        "subject id",
        "person id",
        "membership id",
    ];

    /// Begins a file with its line of columns.
    ///
    /// # Errors
    /// [`WriteError`] from the writer.
    pub fn new(out: W, safety: Safety) -> Result<Self, WriteError> {
        Table::new(out, safety, &Self::COLUMNS).map(|table| Self { table })
    }

    /// Writes one row.
    ///
    /// # Errors
    /// [`WriteError`] from the writer.
    pub fn write(&mut self, row: &AccessRow) -> Result<(), WriteError> {
        let granted = row.granted.as_ref();
        let invited = row.invited.as_ref();
        let mail = invited.and_then(|invited| invited.mail);
        let attested = row.attestation.as_ref();
        self.table.write([
            Cell::text(Some(&row.community)),
            Cell::text(row.subject_name.as_ref()),
            Cell::text(row.name.as_ref()),
            Cell::text(row.relation.as_ref()),
            Cell::text(row.kind.as_ref()),
            Cell::text(row.email.as_ref()),
            Cell::text(row.phone.as_ref()),
            Cell::text(row.user_name.as_ref()),
            Cell::text(row.class.as_ref()),
            Cell::plain(Some(row.status)),
            Cell::text(row.profile.as_ref()),
            Cell::text(row.role.as_ref()),
            Cell::text(row.levels.as_ref().map(levels)),
            Cell::text(Some(permission_text(&row.permissions))),
            Cell::text(Some(reason_text(&row.permissions))),
            Cell::plain(granted.map(|granted| instant::text(granted.at))),
            Cell::text(granted.map(|granted| name(&granted.by))),
            Cell::plain(
                granted
                    .and_then(|granted| granted.expires_at)
                    .map(instant::text),
            ),
            Cell::plain(invited.map(|invited| instant::text(invited.at))),
            Cell::text(invited.map(|invited| name(&invited.by))),
            Cell::plain(invited.map(|invited| instant::text(invited.expires_at))),
            Cell::plain(mail.map(|mail: MailReport| mail.status)),
            Cell::plain(mail.map(|mail| instant::text(mail.at))),
            Cell::plain(row.last_sign_in_at.map(instant::text)),
            Cell::text(attested.map(|attested| &attested.statement)),
            Cell::plain(attested.map(|attested| attested.version)),
            Cell::plain(attested.map(|attested| instant::text(attested.at))),
            Cell::text(attested.map(|attested| name(&attested.by))),
            Cell::text(Some(joined(&row.unknown_permissions))),
            Cell::text(Some(joined(&row.flags))),
            Cell::plain(Some(row.flags.len())),
            Cell::plain(row.subject),
            Cell::plain(row.person),
            Cell::plain(row.membership),
        ])
    }

    /// Ends the file and answers how many rows it holds.
    ///
    /// # Errors
    /// [`WriteError`] from the writer; the file is then not whole.
    pub fn finish(self) -> Result<u64, WriteError> {
        self.table.finish()
    }
}

fn levels(held: &LevelsHeld) -> String {
    match held {
        LevelsHeld::Unrestricted => "(no levels: full access)".to_owned(),
        LevelsHeld::Named(levels) if levels.is_empty() => "(none)".to_owned(),
        LevelsHeld::Named(levels) => joined(levels),
    }
}

fn name(by: &By) -> String {
    match (&by.name, &by.principal) {
        (Some(name), _) => name.to_string(),
        (None, principal) => format!("({})", principal.kind()),
    }
}

fn joined<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items
        .into_iter()
        .map(|item| item.to_string())
        .collect::<Vec<_>>()
        .join("; ")
}
