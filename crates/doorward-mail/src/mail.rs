//! A mail: parsed parts, so that no text of a user can become a header.

use std::{fmt, str::FromStr, time::SystemTime};

use crate::{Mailbox, address::header_text, error::MailTextError};

/// One mail to one recipient.
///
/// Its text is a secret (a link or a temporary password): it is neither `Clone` nor shown by
/// `Debug`. Who it is from, and the headers that tell auto-responders to stay silent (RFC 3834),
/// are the mailer's.
///
/// ```
/// use std::time::SystemTime;
/// use doorward_mail::{Address, Mail, MessageId, Subject};
/// let mail = Mail::new(
///     MessageId::new("0197f2c0.1@mail.example.org")?,
///     Address::new("ana@example.org")?,
///     Subject::new("Your temporary password")?,
///     "It is: 7f3k",
///     SystemTime::UNIX_EPOCH,
/// );
/// assert!(!format!("{mail:?}").contains("7f3k"));
/// # Ok::<(), doorward_mail::MailTextError>(())
/// ```
#[derive(Eq, PartialEq)]
pub struct Mail {
    message_id: MessageId,
    to: Mailbox,
    subject: Subject,
    text: String,
    html: Option<String>,
    at: SystemTime,
}

impl Mail {
    /// The value of the `Auto-Submitted` header that every mailer writes (RFC 3834 5).
    pub const AUTO_SUBMITTED: &'static str = "auto-generated";

    /// Makes a mail of plain text; `at` is its `Date`, in UTC.
    ///
    /// Line ends of every kind become `\n` here and what the mailer needs there.
    #[must_use]
    pub fn new(
        message_id: MessageId,
        to: impl Into<Mailbox>,
        subject: Subject,
        text: impl Into<String>,
        at: SystemTime,
    ) -> Self {
        let text = unified(text.into());
        Self {
            message_id,
            to: to.into(),
            subject,
            text,
            html: None,
            at,
        }
    }

    /// Returns the mail with the same content as HTML. The caller escapes what it puts in.
    #[must_use]
    pub fn with_html(mut self, html: impl Into<String>) -> Self {
        self.html = Some(unified(html.into()));
        self
    }

    /// Returns what names the mail on every try.
    #[must_use]
    pub const fn message_id(&self) -> &MessageId {
        &self.message_id
    }

    /// Returns whom it is for.
    #[must_use]
    pub const fn to(&self) -> &Mailbox {
        &self.to
    }

    /// Returns the subject.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Returns the plain text, its lines ended by `\n`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the HTML, if there is any.
    #[must_use]
    pub fn html(&self) -> Option<&str> {
        self.html.as_deref()
    }

    /// Returns when it was written.
    #[must_use]
    pub const fn at(&self) -> SystemTime {
        self.at
    }

    /// Copies the mail, secrets included: for the mailer that keeps what it was given.
    pub(crate) fn duplicate(&self) -> Self {
        Self {
            message_id: self.message_id.clone(),
            to: self.to.clone(),
            subject: self.subject.clone(),
            text: self.text.clone(),
            html: self.html.clone(),
            at: self.at,
        }
    }
}

// Subject and text hold secrets and personal data (ASVS 16.2.5).
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("message_id", &self.message_id)
            .field("to", &self.to)
            .field("subject", &self.subject)
            .field("text", &format_args!("[redacted]"))
            .field(
                "html",
                &self.html.as_ref().map(|_| format_args!("[redacted]")),
            )
            .field("at", &self.at)
            .finish()
    }
}

/// The subject of a mail.
///
/// Invariants: 1 to 900 bytes, something visible, no control character and no line or paragraph
/// separator, so that it stays one header; runs of blanks are one, none at the ends. Letters of
/// every script stay as they are.
///
/// ```
/// use doorward_mail::Subject;
/// assert_eq!(Subject::new("Приглашение – 30 дней")?.as_str(), "Приглашение – 30 дней");
/// assert!(Subject::new("Hello\r\nBcc: eve@example.org").is_err());
/// # Ok::<(), doorward_mail::MailTextError>(())
/// ```
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Subject(String);

impl Subject {
    /// Parses a subject.
    ///
    /// # Errors
    /// [`MailTextError`] says what was refused.
    pub fn new(text: &str) -> Result<Self, MailTextError> {
        header_text(text, "subject", 900).map(Self)
    }

    /// Returns the subject.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

// Subjects name people (ASVS 16.2.5).
impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subject({} chars)", self.0.chars().count())
    }
}

impl FromStr for Subject {
    type Err = MailTextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

/// What names a mail on every try (RFC 5322 3.6.4 `msg-id`, without its angle brackets).
///
/// A second delivery under the same id is the same mail: a bounce finds it, a receiver can drop the
/// double. Invariants: `left@right`, ASCII letters in lower case, digits, `.`, `-`, `_`, `+`;
/// begins and ends with a letter or digit; at most 200 bytes, so that it can name a file anywhere.
///
/// ```
/// use doorward_mail::MessageId;
/// let id = MessageId::new("0197f2c0-5a3e-7b1c.2@mail.example.org")?;
/// assert_eq!(id.to_header(), "<0197f2c0-5a3e-7b1c.2@mail.example.org>");
/// assert!(MessageId::new("../secret@example.org").is_err());
/// # Ok::<(), doorward_mail::MailTextError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MessageId(String);

impl MessageId {
    /// Parses an id.
    ///
    /// # Errors
    /// [`MailTextError`] says what was refused.
    pub fn new(text: &str) -> Result<Self, MailTextError> {
        let what = "message id";
        let max = 200;
        if text.is_empty() {
            return Err(MailTextError::Empty { what });
        }
        if text.len() > max {
            return Err(MailTextError::TooLong {
                what,
                len: text.len(),
                max,
            });
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let allowed = |c: char| plain(c) || matches!(c, '.' | '-' | '_' | '+' | '@');
        if let Some(found) = text.chars().find(|&c| !allowed(c)) {
            return Err(MailTextError::Character { what, found });
        }
        let atoms = |side: &str| !side.split('.').any(str::is_empty);
        let sides = text
            .split_once('@')
            .filter(|(left, right)| atoms(left) && atoms(right) && !right.contains('@'));
        if sides.is_none() || !text.starts_with(plain) || !text.ends_with(plain) {
            let expected = "0197f2c0.1@mail.example.org";
            return Err(MailTextError::Form { what, expected });
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the id without angle brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the id as its header has it, in angle brackets.
    #[must_use]
    pub fn to_header(&self) -> String {
        format!("<{}>", self.0)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for MessageId {
    type Err = MailTextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

fn unified(text: String) -> String {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Address;

    fn mail() -> Mail {
        Mail::new(
            MessageId::new("a.1@example.org").unwrap(),
            Address::new("ana.ruiz@example.org").unwrap(),
            Subject::new("About Eva").unwrap(),
            "dw1_secret\r\nsecond\rthird",
            SystemTime::UNIX_EPOCH,
        )
        .with_html("<p>dw1_secret</p>")
    }

    /// ASVS 16.2.5.
    #[test]
    fn debug_output_shows_neither_subject_nor_text() {
        let shown = format!("{:?}", mail());
        for secret in ["dw1_", "Eva", "ana.ruiz"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("a.1@example.org"), "{shown}");
    }

    #[test]
    fn line_ends_of_every_kind_are_one_kind() {
        assert_eq!(mail().text(), "dw1_secret\nsecond\nthird");
    }

    #[test]
    fn a_subject_cannot_carry_a_second_header() {
        for text in [
            "a\r\nBcc: b",
            "a\nb",
            "a\rb",
            "a\0b",
            "a\u{85}b",
            "a\u{2028}b",
            "\u{7f}",
        ] {
            assert!(
                matches!(Subject::new(text), Err(MailTextError::Character { .. })),
                "{text:?}"
            );
        }
        assert_eq!(
            Subject::new(" \t "),
            Err(MailTextError::Empty { what: "subject" })
        );
        assert!(Subject::new(&"ж".repeat(450)).is_ok());
        assert!(Subject::new(&"ж".repeat(451)).is_err());
    }

    #[test]
    fn a_message_id_is_a_safe_file_name() {
        for text in [
            "a@b/../c",
            "..@b",
            ".a@b",
            "a@b.",
            "a@",
            "@b",
            "a",
            "a b@c",
            "A@b",
            "a@b@c",
            "a..b@c",
            "a@b\\c",
            "<a@b>",
            "a@b\n",
            "a@bücher",
            "-a@b",
        ] {
            assert!(MessageId::new(text).is_err(), "{text:?}");
        }
        assert!(MessageId::new(&format!("{}@b", "a".repeat(198))).is_ok());
        assert!(MessageId::new(&format!("{}@b", "a".repeat(199))).is_err());
    }
}
