//! A mailer that writes each mail as an `.eml` file.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;

use crate::{Accepted, Mail, MailError, MailErrorKind, Mailbox, Mailer, eml};

/// Whether a file must survive a power failure before its mail counts as delivered.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Durability {
    /// The operating system writes it to the disk in its own time.
    #[default]
    Buffered,
    /// File and folder entry are on the disk before the answer.
    Synced,
}

/// A mailer that writes each mail into a folder, as a file named `<message id>.eml` that any mail
/// program opens.
///
/// A file appears whole or not at all, and a second delivery of the same mail replaces it by the
/// same bytes. The files hold secrets: on Unix they are readable by their owner alone. The provider
/// reference is the file's name.
///
/// `deliver` writes files where it is called, without a runtime of its own: on an executor that
/// must not block, call it where blocking is allowed.
///
/// ```
/// # use std::time::SystemTime;
/// # use doorward_mail::{Mail, MessageId, Subject};
/// use doorward_mail::{Address, FolderMailer, Mailer};
/// # let mail = Mail::new(
/// #     MessageId::new("a.1@example.org")?,
/// #     Address::new("ana@example.org")?,
/// #     Subject::new("Hello")?,
/// #     "text",
/// #     SystemTime::UNIX_EPOCH,
/// # );
/// # let folder = tempfile::tempdir()?;
/// let mailer = FolderMailer::open(folder.path(), Address::new("no-reply@example.org")?)?;
/// pollster::block_on(mailer.deliver(&mail))?;
/// assert!(folder.path().join("a.1@example.org.eml").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FolderMailer {
    folder: PathBuf,
    from: Mailbox,
    durability: Durability,
}

impl FolderMailer {
    /// Opens a folder, making it where it is not there, for mails from this mailbox.
    ///
    /// # Errors
    /// [`MailErrorKind::Configuration`] where the path is not a folder or cannot become one.
    pub fn open(folder: impl Into<PathBuf>, from: impl Into<Mailbox>) -> Result<Self, MailError> {
        let folder = folder.into();
        fs::create_dir_all(&folder).map_err(|error| {
            let reason = format!("the mail folder `{}` cannot be opened", folder.display());
            MailError::configuration(reason).with_source(error)
        })?;
        Ok(Self {
            folder,
            from: from.into(),
            durability: Durability::default(),
        })
    }

    /// Returns the mailer with this durability.
    #[must_use]
    pub const fn with_durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Returns the folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (mut file, draft) = self.create_draft(name)?;
        let written = self.fill(&mut file, bytes).and_then(|()| {
            drop(file);
            fs::rename(&draft, self.folder.join(name))
        });
        if let Err(error) = written {
            // What stopped the write is the news; a draft that stays is no `.eml`.
            let _ = fs::remove_file(&draft);
            return Err(error);
        }
        match self.durability {
            Durability::Buffered => Ok(()),
            Durability::Synced => sync_folder(&self.folder),
        }
    }

    /// Makes a new file beside the target that no other delivery can have open.
    fn create_draft(&self, name: &str) -> io::Result<(File, PathBuf)> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        loop {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let draft = self
                .folder
                .join(format!(".{name}.{}-{count}", std::process::id()));
            match private_file().open(&draft) {
                // Left by a process that died and had our id: take the next name.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                result => return result.map(|file| (file, draft)),
            }
        }
    }

    fn fill(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)?;
        match self.durability {
            Durability::Buffered => Ok(()),
            Durability::Synced => file.sync_all(),
        }
    }
}

#[async_trait]
impl Mailer for FolderMailer {
    async fn deliver(&self, mail: &Mail) -> Result<Accepted, MailError> {
        let bytes = eml::format(mail, &self.from)?;
        let name = format!("{}.eml", mail.message_id());
        self.write(&name, &bytes).map_err(|error| {
            let folder = self.folder.display();
            let reason = format!("the mail could not be written into `{folder}`");
            MailError::new(kind(&error), reason).with_source(error)
        })?;
        Ok(Accepted {
            provider_reference: Some(name),
        })
    }
}

#[cfg(unix)]
fn private_file() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;

    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(()) // a folder cannot be opened as a file there; the entry is written with the file
}

fn kind(error: &io::Error) -> MailErrorKind {
    use io::ErrorKind as Kind;

    match error.kind() {
        Kind::IsADirectory
        | Kind::NotADirectory
        | Kind::NotFound
        | Kind::PermissionDenied
        | Kind::ReadOnlyFilesystem
        | Kind::Unsupported => MailErrorKind::Configuration,
        // Above all a full disk or quota: somebody makes room.
        _ => MailErrorKind::Transient,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_a_person_can_mend_is_configuration_and_a_full_disk_is_not() {
        for (error, expected) in [
            (
                io::ErrorKind::ReadOnlyFilesystem,
                MailErrorKind::Configuration,
            ),
            (
                io::ErrorKind::PermissionDenied,
                MailErrorKind::Configuration,
            ),
            (io::ErrorKind::NotFound, MailErrorKind::Configuration),
            (io::ErrorKind::StorageFull, MailErrorKind::Transient),
            (io::ErrorKind::QuotaExceeded, MailErrorKind::Transient),
            (io::ErrorKind::Other, MailErrorKind::Transient),
        ] {
            assert_eq!(kind(&io::Error::from(error)), expected, "{error:?}");
        }
    }
}
