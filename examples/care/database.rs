//! The database: one SQLite file, from one run to the next.

use std::{fs, path::Path};

use doorward_sqlite::SqliteStorage;

use super::failure::Failure;

/// Whether there was anything before this run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Begun {
    /// The file was made by this run.
    Now,
    /// An earlier run made it, whether it came to its end or not.
    Before,
}

/// Opens the file, or makes it with its folder.
pub(crate) fn open(path: &Path) -> Result<(SqliteStorage, Begun), Failure> {
    let begun = if path.exists() {
        Begun::Before
    } else {
        Begun::Now
    };
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        fs::create_dir_all(folder).map_err(|error| {
            Failure::new(format!(
                "the folder of the database `{}`: {error}",
                path.display()
            ))
        })?;
    }
    Ok((SqliteStorage::open(path)?, begun))
}
