//! The post office: hands over what waits, and counts it.

use doorward::{Doorward, mailer::FolderMailer, storage::Limit};
use time::{Duration, OffsetDateTime};

use super::{failure::Failure, mailbox::Mailbox};

/// Longer than any mail that a process took stays its own.
const LEASE: Duration = Duration::minutes(3);

/// Where mails go out, and where they arrive.
pub(crate) struct Post {
    mailer: FolderMailer,
    /// Where they arrive.
    pub mailbox: Mailbox,
    /// Mails that went out.
    pub sent_count: usize,
    /// Mails that nobody wanted any more when their turn came.
    pub dropped_count: usize,
}

impl Post {
    /// A post office that writes into a folder.
    pub(crate) fn of(mailer: FolderMailer) -> Self {
        let mailbox = Mailbox::of(mailer.folder());
        Self {
            mailer,
            mailbox,
            sent_count: 0,
            dropped_count: 0,
        }
    }

    /// Hands over every mail that waits.
    pub(crate) async fn hand_over(&mut self, door: &Doorward) -> Result<(), Failure> {
        self.hand_over_as_of(door, door.now()).await
    }

    /// Hands over also what a run that was ended had in hand.
    ///
    /// A service waits until such mails are free again. This run is alone with its database, so it
    /// need not: it asks as of a moment when they are. The same mail twice is one file.
    pub(crate) async fn hand_over_what_was_left(&mut self, door: &Doorward) -> Result<(), Failure> {
        let then = door.now().checked_add(LEASE).unwrap_or(door.now());
        self.hand_over_as_of(door, then).await
    }

    async fn hand_over_as_of(
        &mut self,
        door: &Doorward,
        then: OffsetDateTime,
    ) -> Result<(), Failure> {
        loop {
            let done = door.dispatch_once(&self.mailer, then, Limit::MAX).await?;
            if done.total_count() == 0 {
                return Ok(());
            }
            self.sent_count += done.sent_count;
            self.dropped_count += done.dropped_count;
            if let Some(fault) = done.set_up_faults.first() {
                return Err(Failure::new(format!(
                    "mail could not be handed over: {fault}"
                )));
            }
            if done.deferred_count > 0 {
                return Err(Failure::new(
                    "the mail folder takes no mail now: is the disk full?",
                ));
            }
        }
    }
}
