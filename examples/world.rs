//! What surrounds a product on its day: a clock moved by hand, keys, and a post office.
//!
//! The system's clock, a key store outside the database and an SMTP server stand here in a service.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use doorward::{
    Clock, Doorward, KeyRing, Keys, SecretKey,
    mailer::{Mail, MemoryMailer},
    storage::Limit,
};
use time::{Duration, OffsetDateTime, macros::format_description};

/// Whatever may go wrong on the way.
pub type Failure = Box<dyn Error>;

/// A clock moved by hand, so that thirty days pass in no time.
///
/// ```
/// use doorward::Clock;
/// use doorward_examples::world::HandClock;
/// use time::{Duration, macros::datetime};
/// let clock = HandClock::at(datetime!(2026-11-02 09:00 UTC));
/// clock.pass(Duration::days(30));
/// assert_eq!(clock.now(), datetime!(2026-12-02 09:00 UTC));
/// ```
#[derive(Clone, Debug)]
pub struct HandClock {
    micros: Arc<AtomicI64>,
}

impl HandClock {
    /// Returns a clock that stands at an instant.
    #[must_use]
    pub fn at(instant: OffsetDateTime) -> Self {
        let micros = i64::try_from(instant.unix_timestamp_nanos() / 1_000).unwrap_or_default();
        Self {
            micros: Arc::new(AtomicI64::new(micros)),
        }
    }

    /// Moves it, and every clone of it, on.
    pub fn pass(&self, time: Duration) {
        let micros = i64::try_from(time.whole_microseconds()).unwrap_or_default();
        self.micros.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> OffsetDateTime {
        let micros = i128::from(self.micros.load(Ordering::SeqCst));
        OffsetDateTime::from_unix_timestamp_nanos(micros * 1_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

/// Returns keys that are as public as this file. A service reads its own from a key store.
#[must_use]
pub fn published_keys() -> Keys {
    Keys {
        token: KeyRing::new(SecretKey::from_bytes([1; 32])),
        pin: KeyRing::new(SecretKey::from_bytes([2; 32])),
    }
}

/// Writes an instant as the examples tell it.
///
/// ```
/// use time::macros::datetime;
/// let text = doorward_examples::world::written(datetime!(2026-11-02 09:00 UTC));
/// assert_eq!(text, "2026-11-02 09:00 UTC");
/// ```
#[must_use]
pub fn written(instant: OffsetDateTime) -> String {
    let form = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    instant.format(form).unwrap_or_default()
}

/// Hands over what is due and returns the mails, in the order in which they went out.
///
/// # Errors
/// A fault of the storage, or of the set-up.
pub async fn post(door: &Doorward) -> Result<Vec<Mail>, Failure> {
    let mailer = MemoryMailer::new();
    let done = door.dispatch_once(&mailer, door.now(), Limit::MAX).await?;
    match done.set_up_faults.into_iter().next() {
        Some(fault) => Err(fault.into()),
        None => Ok(mailer.take()),
    }
}

/// Hands over what is due and returns the link of the last mail that has one.
///
/// # Errors
/// A fault, or no such mail.
pub async fn mailed_link(door: &Doorward) -> Result<String, Failure> {
    let mails = post(door).await?;
    let link = mails.iter().rev().find_map(link);
    Ok(link.ok_or("no mail brought a link")?.to_owned())
}

/// Returns the link of a mail: the line that holds an address of the web.
#[must_use]
pub fn link(mail: &Mail) -> Option<&str> {
    mail.text()
        .lines()
        .find(|line| line.starts_with("https://"))
}

/// Returns the temporary password or PIN of a mail: the line that stands in.
#[must_use]
pub fn secret(mail: &Mail) -> Option<&str> {
    mail.text()
        .lines()
        .find_map(|line| line.strip_prefix("    "))
}
