//! The command line.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::Parser;

use super::{database::Begun, failure::Failure};

/// Invites the families of five communities of care, and reports who has access.
#[derive(Clone, Debug, Parser)]
pub struct Arguments {
    /// The list of people, as CSV.
    #[arg(long, value_name = "FILE", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/data/people.csv"))]
    pub people: PathBuf,
    /// The SQLite file that everything is kept in; a run continues what it finds there.
    #[arg(
        long,
        value_name = "FILE",
        default_value = "target/care_community/care.db"
    )]
    pub database: PathBuf,
    /// Where each mail is written as an `.eml` file; a new database begins with an empty folder.
    #[arg(
        long,
        value_name = "FOLDER",
        default_value = "target/care_community/mail"
    )]
    pub mail_dir: PathBuf,
    /// Where the access report of each community is written as CSV.
    #[arg(
        long,
        value_name = "FOLDER",
        default_value = "target/care_community/report"
    )]
    pub report: PathBuf,
}

impl Arguments {
    /// Makes the mail folder. Mails of another database are removed from it, and nothing else.
    pub(crate) fn mail_folder(&self, begun: Begun) -> Result<&Path, Failure> {
        let unusable = |error: io::Error| {
            Failure::new(format!(
                "the mail folder `{}`: {error}",
                self.mail_dir.display()
            ))
        };
        fs::create_dir_all(&self.mail_dir).map_err(unusable)?;
        if begun == Begun::Before {
            return Ok(&self.mail_dir);
        }
        for entry in fs::read_dir(&self.mail_dir).map_err(unusable)? {
            let path = entry.map_err(unusable)?.path();
            if path.extension().is_some_and(|extension| extension == "eml") {
                fs::remove_file(path).map_err(unusable)?;
            }
        }
        Ok(&self.mail_dir)
    }
}
