//! The port: hands one mail over.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{Mail, MailError};

/// Hands mails over to whatever carries them on.
///
/// A caller may deliver the same mail more than once (a crash between hand-over and its record); an
/// implementation passes [`Mail::message_id`] on as it is, so that a double can be told. It bounds
/// its own waiting, writes the `Auto-Submitted` header ([`Mail::AUTO_SUBMITTED`]), and puts no word
/// of the mail into logs or errors.
///
/// ```
/// use async_trait::async_trait;
/// use doorward_mail::{Accepted, Mail, MailError, Mailer};
///
/// struct Terminal;
///
/// #[async_trait]
/// impl Mailer for Terminal {
///     async fn deliver(&self, mail: &Mail) -> Result<Accepted, MailError> {
///         println!("{}: {}", mail.to().address(), mail.subject().as_str());
///         Ok(Accepted::default())
///     }
/// }
/// ```
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands over one mail.
    ///
    /// # Errors
    /// [`MailError`], whose kind says whether to try again, to give up on this recipient, or to
    /// mend the set-up.
    async fn deliver(&self, mail: &Mail) -> Result<Accepted, MailError>;
}

/// That a mail was handed over; whether it arrives is told later, if at all.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Accepted {
    /// What the mail system calls the mail, for its delivery reports.
    pub provider_reference: Option<String>,
}

#[async_trait]
impl<M: Mailer + ?Sized> Mailer for Arc<M> {
    async fn deliver(&self, mail: &Mail) -> Result<Accepted, MailError> {
        (**self).deliver(mail).await
    }
}

#[async_trait]
impl<M: Mailer + ?Sized> Mailer for Box<M> {
    async fn deliver(&self, mail: &Mail) -> Result<Accepted, MailError> {
        (**self).deliver(mail).await
    }
}
