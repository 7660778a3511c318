//! Entries of the audit log.

use doorward::audit::{Entry, csv, json_lines};

/// An entry that is read is its bytes, as a line of a file and as a row of a table.
///
/// # Panics
/// Where a law does not hold.
pub fn entry(bytes: &[u8]) {
    let Ok(entry) = Entry::parse(bytes) else {
        return;
    };
    assert_eq!(entry.as_bytes(), bytes, "an entry is its bytes");
    let mut line = Vec::new();
    let written = json_lines::write([&entry], &mut line);
    assert!(matches!(written, Ok(1)), "it is one line: {written:?}");
    let read = json_lines::read(&line).ok();
    assert_eq!(read.as_ref(), Some(&entry), "a line reads back");

    let mut table = Vec::new();
    let written = csv::EntryCsv::new(&mut table, csv::Safety::Safe).and_then(|mut file| {
        file.write(&entry)?;
        file.finish()
    });
    assert!(matches!(written, Ok(1)), "it is one row: {written:?}");
    let rows = crate::csv::cells(&table);
    assert_eq!(rows.len(), 2, "the columns and the row");
    crate::csv::runs_nothing(&rows);
}
