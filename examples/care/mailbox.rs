//! The recipients' side: `.eml` files read back by another library, links found in their text.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use doorward::types::{EmailAddress, Token};
use mail_parser::MessageParser;

use super::failure::Failure;

/// A folder of mails.
#[derive(Debug)]
pub(crate) struct Mailbox {
    folder: PathBuf,
}

/// One mail with a link.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    /// To whom.
    pub to: EmailAddress,
    /// The link as it stood in the text.
    pub link: String,
    /// Which record the link is of.
    pub record: uuid::Uuid,
}

impl Mailbox {
    /// The mails in this folder.
    pub(crate) fn of(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Returns the folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads every mail that holds a link; of each record the newest counts.
    pub(crate) fn letters(&self) -> Result<BTreeMap<uuid::Uuid, Letter>, Failure> {
        let mut letters = BTreeMap::new();
        let mut files: Vec<PathBuf> = fs::read_dir(&self.folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        files.sort();
        for file in files
            .iter()
            .filter(|file| file.extension().is_some_and(|e| e == "eml"))
        {
            if let Some(letter) = read(&fs::read(file)?) {
                letters.insert(letter.record, letter);
            }
        }
        Ok(letters)
    }
}

fn read(bytes: &[u8]) -> Option<Letter> {
    let mail = MessageParser::default().parse(bytes)?;
    let to = mail.to()?.first()?.address()?;
    let to = EmailAddress::try_from(to.to_owned()).ok()?;
    let text = mail.body_text(0)?;
    let link = text
        .split_whitespace()
        .find(|word| word.contains("#dw1_"))?;
    let (_, token) = link.rsplit_once('#')?;
    let record = Token::parse(token).ok()?.record;
    Some(Letter {
        to,
        link: link.to_owned(),
        record,
    })
}
