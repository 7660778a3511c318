//! Entries and rows of an access report as JSON Lines.
//!
//! The line of an entry is what was stored and what is sealed, so it can be verified by whoever
//! holds the file.

use std::{
    borrow::Borrow,
    io::{self, Write},
};

use crate::{
    entry::{Entry, ParseEntryError},
    report::AccessRow,
};

/// Writes each entry as a line and answers how many there were. Memory does not grow with them.
///
/// # Errors
/// [`io::Error`] from the writer; what was written before stays.
pub fn write<E: Borrow<Entry>>(
    entries: impl IntoIterator<Item = E>,
    mut out: impl Write,
) -> io::Result<u64> {
    let mut count = 0;
    for entry in entries {
        out.write_all(entry.borrow().as_bytes())?;
        out.write_all(b"\n")?;
        count += 1;
    }
    out.flush()?;
    Ok(count)
}

/// Writes one row of an access report as a line; what is not known is `null`.
///
/// # Errors
/// [`io::Error`] from the writer.
pub fn write_row(row: &AccessRow, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut out, row)?;
    out.write_all(b"\n")
}

/// Reads one line back; the line break at its end may be there.
///
/// # Errors
/// [`ParseEntryError`] where the line is no entry.
pub fn read(line: &[u8]) -> Result<Entry, ParseEntryError> {
    Entry::parse(line.strip_suffix(b"\n").unwrap_or(line))
}
