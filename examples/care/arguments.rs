//! The command line.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Parser;

use crate::failure::Failure;

/// Invites the families of five communities of care, and reports who has access.
#[derive(Debug, Parser)]
pub(crate) struct Arguments {
    /// The list of people, as CSV.
    #[arg(long, value_name = "FILE", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/data/people.csv"))]
    pub people: PathBuf,
    /// Where each mail is written as an `.eml` file; earlier ones are removed.
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
    /// Empties the mail folder of the mails of an earlier run, and of nothing else.
    pub(crate) fn fresh_mail_folder(&self) -> Result<&Path, Failure> {
        let unusable = |error: std::io::Error| {
            Failure::new(format!(
                "the mail folder `{}`: {error}",
                self.mail_dir.display()
            ))
        };
        fs::create_dir_all(&self.mail_dir).map_err(unusable)?;
        for entry in fs::read_dir(&self.mail_dir).map_err(unusable)? {
            let path = entry.map_err(unusable)?.path();
            if path.extension().is_some_and(|extension| extension == "eml") {
                fs::remove_file(path).map_err(unusable)?;
            }
        }
        Ok(&self.mail_dir)
    }
}
