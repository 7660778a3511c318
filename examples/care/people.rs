//! The list of people: one CSV file, each row a resident or a contact of one.

use std::{collections::BTreeSet, fmt, fs::File, io, path::Path};

use doorward::types::DisplayName;
use serde::Deserialize;

/// The columns that are read, as they must stand in the first line.
pub(crate) const COLUMNS: [&str; 11] = [
    "id",
    "person_ref",
    "kind",
    "resident_id",
    "community",
    "first_name",
    "last_name",
    "relation",
    "email",
    "phone",
    "user_profile",
];

/// A row as it was typed.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Row {
    /// `R00012`, `C01034`.
    pub id: String,
    /// The same person has the same reference on every row.
    pub person_ref: String,
    /// A resident or a contact.
    pub kind: Kind,
    /// Whose contact.
    pub resident_id: String,
    /// Where a resident lives.
    pub community: String,
    /// As typed.
    pub first_name: String,
    /// As typed.
    pub last_name: String,
    /// How the contact stands to the resident.
    pub relation: String,
    /// As typed, or empty.
    pub email: String,
    /// As typed, or empty.
    pub phone: String,
    /// The profile that was chosen, or empty.
    pub user_profile: String,
    /// The line of the file it begins in.
    #[serde(skip)]
    pub line: u64,
}

impl Row {
    /// Returns first and last name.
    #[must_use]
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
}

/// What a row is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Somebody who lives in the community.
    Resident,
    /// Somebody who stands to a resident.
    Contact,
}

/// The list, with the rows that could not be read.
#[derive(Debug, Default)]
pub(crate) struct People {
    /// Residents, in the file's order.
    pub residents: Vec<Row>,
    /// Contacts, in the file's order.
    pub contacts: Vec<Row>,
    /// What was wrong with the others.
    pub broken: Vec<Broken>,
}

/// A row that could not be read.
#[derive(Debug)]
pub(crate) struct Broken {
    /// The line of the file it begins in.
    pub line: u64,
    /// What was wrong and what would be right.
    pub why: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

/// A file that is no list of people at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PeopleError {
    /// It cannot be opened or read.
    #[error("`{path}` cannot be read: {source}")]
    Unreadable {
        /// Which file.
        path: String,
        /// What the system said.
        source: csv::Error,
    },
    /// A column is missing.
    #[error("`{path}` has no column `{column}`; its first line must name {}", COLUMNS.join(", "))]
    NoColumn {
        /// Which file.
        path: String,
        /// The missing column.
        column: &'static str,
    },
}

/// Reads the list. A broken row is noted and does not hide the others.
///
/// # Errors
/// [`PeopleError`] where the file cannot be opened or a column is missing.
pub(crate) fn read(path: &Path) -> Result<People, PeopleError> {
    let name = path.display().to_string();
    match File::open(path) {
        Ok(file) => read_from(file, &name),
        Err(error) => Err(PeopleError::Unreadable {
            path: name,
            source: error.into(),
        }),
    }
}

/// Reads the list from what is called so.
///
/// # Errors
/// [`PeopleError`] where it cannot be read or a column is missing.
pub(crate) fn read_from(source: impl io::Read, name: &str) -> Result<People, PeopleError> {
    let unreadable = |source| PeopleError::Unreadable {
        path: name.to_owned(),
        source,
    };
    let mut reader = csv::ReaderBuilder::new().from_reader(source);
    let header = reader.headers().map_err(unreadable)?.clone();
    if let Some(column) = COLUMNS
        .into_iter()
        .find(|column| !header.iter().any(|h| h == *column))
    {
        return Err(PeopleError::NoColumn {
            path: name.to_owned(),
            column,
        });
    }
    let mut people = People::default();
    for record in reader.records() {
        match record.and_then(|record| {
            let line = record.position().map_or(0, csv::Position::line);
            record
                .deserialize::<Row>(Some(&header))
                .map(|row| Row { line, ..row })
        }) {
            Ok(row) => people.take(row),
            Err(error) if error.is_io_error() => return Err(unreadable(error)),
            Err(error) => people.broken.push(broken(&error)),
        }
    }
    people.set_aside_strangers();
    Ok(people)
}

impl People {
    /// Returns the communities that residents live in.
    pub(crate) fn communities(&self) -> BTreeSet<DisplayName> {
        let names = self.residents.iter().map(|row| row.community.as_str());
        let names: BTreeSet<&str> = names.collect();
        let names = names.into_iter().map(DisplayName::new);
        names.filter_map(Result::ok).collect()
    }

    /// A community is found again by its name, so it is kept as the system writes it.
    fn take(&mut self, mut row: Row) {
        match (row.kind, DisplayName::new(&row.community)) {
            (Kind::Contact, _) => self.contacts.push(row),
            (Kind::Resident, Ok(name)) => {
                name.as_str().clone_into(&mut row.community);
                self.residents.push(row);
            }
            (Kind::Resident, Err(error)) => {
                let line = row.line;
                let why = if row.community.trim().is_empty() {
                    format!("resident `{}` lives in no community", row.id)
                } else {
                    format!("the community of resident `{}`: {error}", row.id)
                };
                self.broken.push(Broken { line, why });
            }
        }
    }

    /// A contact of nobody on the list cannot be placed in a community.
    fn set_aside_strangers(&mut self) {
        let known: std::collections::HashSet<String> =
            self.residents.iter().map(|row| row.id.clone()).collect();
        let (contacts, strangers) = std::mem::take(&mut self.contacts)
            .into_iter()
            .partition(|row| known.contains(&row.resident_id));
        self.contacts = contacts;
        for row in strangers {
            let why = format!(
                "contact `{}` names the unknown resident `{}`",
                row.id, row.resident_id
            );
            self.broken.push(Broken {
                line: row.line,
                why,
            });
        }
    }
}

fn broken(error: &csv::Error) -> Broken {
    let line = error.position().map_or(0, csv::Position::line);
    let why = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("has {len} columns, the first line has {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "is not UTF-8 text".to_owned(),
        csv::ErrorKind::Deserialize { err, .. } => match err.kind() {
            csv::DeserializeErrorKind::Message(message) => message.clone(),
            other => other.to_string(),
        },
        _ => error.to_string(),
    };
    Broken { line, why }
}
