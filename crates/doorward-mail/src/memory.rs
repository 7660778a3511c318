//! A mailer that keeps what it is given, and fails when told to.

use std::{
    collections::VecDeque,
    fmt, mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use crate::{Accepted, Mail, MailError, MailErrorKind, Mailer};

/// A mailer that keeps every mail in memory, for tests and trials.
///
/// A mail delivered twice is kept twice. Failures are scripted, the first asked for first.
///
/// ```
/// # use std::time::SystemTime;
/// # use doorward_mail::{Address, Mail, MessageId, Subject};
/// use doorward_mail::{MailErrorKind, Mailer, MemoryMailer};
/// # let mail = Mail::new(
/// #     MessageId::new("a.1@example.org")?,
/// #     Address::new("ana@example.org")?,
/// #     Subject::new("Hello")?,
/// #     "",
/// #     SystemTime::UNIX_EPOCH,
/// # );
/// let mailer = MemoryMailer::new();
/// mailer.fail_next(MailErrorKind::Transient);
/// let error = pollster::block_on(mailer.deliver(&mail)).unwrap_err();
/// assert_eq!(error.kind(), MailErrorKind::Transient);
/// pollster::block_on(mailer.deliver(&mail))?;
/// assert_eq!(mailer.take(), [mail]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct MemoryMailer {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    mails: Vec<Mail>,
    scripted: VecDeque<Scripted>,
}

#[derive(Clone, Copy)]
enum Scripted {
    Refuse(MailErrorKind),
    LoseAnswer,
}

impl MemoryMailer {
    /// Returns a mailer that has kept nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the next delivery fail with this kind and keep nothing.
    pub fn fail_next(&self, kind: MailErrorKind) {
        self.lock().scripted.push_back(Scripted::Refuse(kind));
    }

    /// Makes the next delivery keep the mail and still answer [`MailErrorKind::Transient`]: what a
    /// caller sees when the line breaks before the answer.
    pub fn lose_next_answer(&self) {
        self.lock().scripted.push_back(Scripted::LoseAnswer);
    }

    /// Takes out the mails kept so far, the first delivered first.
    #[must_use]
    pub fn take(&self) -> Vec<Mail> {
        mem::take(&mut self.lock().mails)
    }

    /// Returns how many mails are kept.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().mails.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole between statements, so a panic elsewhere cannot have torn it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryMailer")
            .field("count", &self.count())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Mailer for MemoryMailer {
    async fn deliver(&self, mail: &Mail) -> Result<Accepted, MailError> {
        let mut state = self.lock();
        match state.scripted.pop_front() {
            Some(Scripted::Refuse(kind)) => Err(MailError::new(kind, "a scripted failure")),
            Some(Scripted::LoseAnswer) => {
                state.mails.push(mail.duplicate());
                Err(MailError::transient("a scripted loss of the answer"))
            }
            None => {
                state.mails.push(mail.duplicate());
                Ok(Accepted::default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::SystemTime};

    use pollster::block_on;

    use super::*;
    use crate::{Address, MessageId, Subject};

    fn mail(id: &str) -> Mail {
        Mail::new(
            MessageId::new(id).unwrap(),
            Address::new("ana@example.org").unwrap(),
            Subject::new("Hello").unwrap(),
            "text",
            SystemTime::UNIX_EPOCH,
        )
    }

    #[test]
    fn failures_come_in_the_order_they_were_asked_for_and_keep_nothing() {
        let mailer = MemoryMailer::new();
        mailer.fail_next(MailErrorKind::Permanent);
        mailer.fail_next(MailErrorKind::Configuration);
        for kind in [MailErrorKind::Permanent, MailErrorKind::Configuration] {
            assert_eq!(
                block_on(mailer.deliver(&mail("a@b"))).unwrap_err().kind(),
                kind
            );
        }
        assert_eq!(mailer.count(), 0);
        assert!(block_on(mailer.deliver(&mail("a@b"))).is_ok());
    }

    #[test]
    fn a_lost_answer_leaves_the_mail_delivered() {
        let mailer = MemoryMailer::new();
        mailer.lose_next_answer();
        let error = block_on(mailer.deliver(&mail("a@b"))).unwrap_err();
        assert_eq!(error.kind(), MailErrorKind::Transient);
        assert_eq!(mailer.take(), [mail("a@b")]);
        assert_eq!(mailer.count(), 0);
    }

    #[test]
    fn a_shared_mailer_is_a_mailer() {
        let memory = Arc::new(MemoryMailer::new());
        let shared: Arc<dyn Mailer> = memory.clone();
        let boxed: Box<dyn Mailer> = Box::new(shared);
        block_on(boxed.deliver(&mail("a@b"))).unwrap();
        assert_eq!(memory.count(), 1);
    }
}
