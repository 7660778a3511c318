//! Tables: the list of people that the main job reads, and the files that people open.

use ::csv::{ByteRecord, ReaderBuilder, StringRecord};
use doorward::{
    audit::{
        csv::{AccessCsv, Safety, guard, unguard},
        report::{AccessRow, AccessStatus},
    },
    types::DisplayName,
};

use crate::{
    law::text,
    people::{self, People, PeopleError},
};

/// Every row of a list is taken or named as broken, with its line; what is written comes back cell
/// by cell, and no spreadsheet runs it.
///
/// # Panics
/// Where a law does not hold.
pub fn csv(bytes: &[u8]) {
    match people::read_from(bytes, "list.csv") {
        Ok(people) => {
            taken(bytes, &people);
            reported(&people);
        }
        Err(PeopleError::NoColumn { column, .. }) => {
            let first = records(bytes).into_iter().next().unwrap_or_default();
            assert!(
                !first.iter().any(|cell| cell == column.as_bytes()),
                "`{column}` is there"
            );
        }
        // A first line that is no text.
        Err(PeopleError::Unreadable { .. }) => assert!(text(bytes).is_none()),
    }
    if let Some(typed) = text(bytes) {
        guarded(typed);
        typed.split([',', '\n']).for_each(guarded);
    }
}

/// Every row is on one of the three lists, in the file's order.
fn taken(bytes: &[u8], people: &People) {
    let rows = records(bytes);
    let count = people.residents.len() + people.contacts.len() + people.broken.len();
    assert_eq!(count, rows.len().saturating_sub(1), "no row is lost");
    for lines in [&people.residents, &people.contacts] {
        let lines: Vec<u64> = lines.iter().map(|row| row.line).collect();
        // A bare carriage return ends a row, and no line.
        assert!(lines.is_sorted(), "in order: {lines:?}");
    }
    let known = |id: &str| people.residents.iter().any(|row| row.id == id);
    for row in &people.contacts {
        assert!(known(&row.resident_id), "a contact is of somebody");
    }
    for row in &people.residents {
        assert!(!row.community.trim().is_empty(), "a resident lives here");
    }
    for broken in &people.broken {
        assert!(broken.line > 0 && !broken.why.is_empty(), "{broken}");
    }
}

/// What people are called goes into the report and comes back.
fn reported(people: &People) {
    let Ok(community) = DisplayName::new("Maple Grove") else {
        return;
    };
    let all = || people.residents.iter().chain(&people.contacts);
    let mut table = Vec::new();
    let written = AccessCsv::new(&mut table, Safety::Safe).and_then(|mut file| {
        for person in all() {
            let mut row = AccessRow::new(community.clone(), AccessStatus::Connected);
            row.name = DisplayName::new(&person.name()).ok();
            row.relation = DisplayName::new(&person.relation).ok();
            row.phone = Some(person.phone.clone());
            file.write(&row)?;
        }
        file.finish()
    });
    assert!(written.is_ok(), "it is written: {written:?}");
    let rows = cells(&table);
    runs_nothing(&rows);
    assert_eq!(rows.len(), all().count() + 1, "a row each, and the columns");
    let [name, relation, phone] = ["person", "relation", "phone"].map(|column| {
        let mut columns = AccessCsv::<Vec<u8>>::COLUMNS.iter();
        columns.position(|known| *known == column)
    });
    for (person, row) in all().zip(rows.iter().skip(1)) {
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).map(unguard);
        let called = |text: &str| {
            let name = DisplayName::new(text);
            name.map_or_else(|_| String::new(), |name| name.as_str().to_owned())
        };
        assert_eq!(cell(name).as_deref(), Some(&*called(&person.name())));
        assert_eq!(cell(relation).as_deref(), Some(&*called(&person.relation)));
        assert_eq!(cell(phone).as_deref(), Some(&*person.phone));
    }
}

fn guarded(text: &str) {
    let cell = guard(text);
    assert_eq!(unguard(&cell), text, "the guard is undone exactly");
    assert!(!runs(&cell), "ASVS 1.2.10: `{cell}`");
    assert!(cell.len() <= text.len() + 1, "one sign is put before it");
}

/// The cells of a table that was written here.
pub(crate) fn cells(table: &[u8]) -> Vec<StringRecord> {
    let mut reader = ReaderBuilder::new().has_headers(false).from_reader(table);
    let rows: Result<Vec<_>, _> = reader.records().collect();
    assert!(rows.is_ok(), "what is written is read: {rows:?}");
    rows.unwrap_or_default()
}

/// No cell is a formula (ASVS 1.2.10).
pub(crate) fn runs_nothing(rows: &[StringRecord]) {
    for cell in rows.iter().flatten() {
        assert!(!runs(cell), "a spreadsheet runs `{cell}`");
    }
}

/// What the OWASP page on CSV injection lists, and the line feed.
fn runs(cell: &str) -> bool {
    cell.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠',
    ])
}

/// Every row, whatever it holds.
fn records(bytes: &[u8]) -> Vec<ByteRecord> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    reader.byte_records().map_while(Result::ok).collect()
}
