//! Whom a mail is for: addresses and names that cannot break out of their header.

use std::{fmt, str::FromStr};

use crate::error::MailTextError;

/// An address as a mail server takes it.
///
/// Invariants: `local@domain`; the local part is a dot-atom (letters outside ASCII stand for
/// SMTPUTF8, RFC 6531); the domain is of ASCII labels (A-labels, RFC 5890); at most 254 bytes
/// (RFC 5321 4.5.3.1). No blank, control character, quote or angle bracket can be inside.
///
/// ```
/// use doorward_mail::Address;
/// assert_eq!(Address::new("ana@xn--bcher-kva.example")?.domain(), "xn--bcher-kva.example");
/// assert!(Address::new("ana@example.org>\r\nBcc: eve@example.org").is_err());
/// # Ok::<(), doorward_mail::MailTextError>(())
/// ```
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Address {
    text: String,
    at: usize,
}

impl Address {
    /// Parses an address.
    ///
    /// # Errors
    /// [`MailTextError`] says what was refused.
    pub fn new(text: &str) -> Result<Self, MailTextError> {
        let form = MailTextError::Form {
            what: ADDRESS,
            expected: "name@example.org",
        };
        if text.is_empty() {
            return Err(MailTextError::Empty { what: ADDRESS });
        }
        if text.len() > 254 {
            return Err(MailTextError::TooLong {
                what: ADDRESS,
                len: text.len(),
                max: 254,
            });
        }
        let refused = |c: char| c.is_control() || c.is_whitespace() || "<>()[]\\,;:\"".contains(c);
        if let Some(found) = text.chars().find(|&c| refused(c)) {
            return Err(MailTextError::Character {
                what: ADDRESS,
                found,
            });
        }
        let (local, domain) = text.split_once('@').ok_or(form)?;
        let labels = domain.split('.').all(is_label);
        if local.split('.').any(str::is_empty) || !labels {
            return Err(form);
        }
        Ok(Self {
            text: text.to_owned(),
            at: local.len(),
        })
    }

    /// Returns the whole address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the part before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.text.get(..self.at).unwrap_or_default()
    }

    /// Returns the part after the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.text
            .get(self.at.saturating_add(1)..)
            .unwrap_or_default()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

// Personal data: logs show where a mail went, not to whom (ASVS 16.2.5).
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address(…@{})", self.domain())
    }
}

impl FromStr for Address {
    type Err = MailTextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

/// The name shown beside an address (RFC 5322 3.4 `display-name`).
///
/// Invariants: 1 to 500 bytes, something visible, no control character and no line or paragraph
/// separator; runs of blanks are one, none at the ends.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct MailboxName(String);

impl MailboxName {
    /// Parses a name.
    ///
    /// # Errors
    /// [`MailTextError`] says what was refused.
    pub fn new(text: &str) -> Result<Self, MailTextError> {
        header_text(text, "mailbox name", 500).map(Self)
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

// Personal data: logs show that there was a name (ASVS 16.2.5).
impl fmt::Debug for MailboxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailboxName({} chars)", self.0.chars().count())
    }
}

/// An address, with a name where one is known.
///
/// ```
/// use doorward_mail::{Address, Mailbox, MailboxName};
/// let mailbox = Mailbox::from(Address::new("office@example.org")?)
///     .with_name(MailboxName::new("Maple Grove")?);
/// assert_eq!(mailbox.name().map(MailboxName::as_str), Some("Maple Grove"));
/// # Ok::<(), doorward_mail::MailTextError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Mailbox {
    name: Option<MailboxName>,
    address: Address,
}

impl Mailbox {
    /// Returns the mailbox with this name.
    #[must_use]
    pub fn with_name(mut self, name: MailboxName) -> Self {
        self.name = Some(name);
        self
    }

    /// Returns the name, if there is one.
    #[must_use]
    pub const fn name(&self) -> Option<&MailboxName> {
        self.name.as_ref()
    }

    /// Returns the address.
    #[must_use]
    pub const fn address(&self) -> &Address {
        &self.address
    }
}

impl From<Address> for Mailbox {
    fn from(address: Address) -> Self {
        Self {
            name: None,
            address,
        }
    }
}

/// Reads a text for a header: visible, one line, nothing that steers.
pub(crate) fn header_text(
    text: &str,
    what: &'static str,
    max: usize,
) -> Result<String, MailTextError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(MailTextError::Empty { what });
    }
    let refused = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if let Some(found) = text.chars().find(|&c| refused(c)) {
        return Err(MailTextError::Character { what, found });
    }
    // Folding of long headers does not keep runs of blanks (RFC 5322 3.2.2).
    let words = text.split(' ').filter(|word| !word.is_empty());
    let text = words.collect::<Vec<_>>().join(" ");
    if text.len() > max {
        return Err(MailTextError::TooLong {
            what,
            len: text.len(),
            max,
        });
    }
    Ok(text)
}

const ADDRESS: &str = "mail address";

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing that ends a header, an address or a list of addresses gets in.
    #[test]
    fn an_address_cannot_carry_a_second_header_or_recipient() {
        for text in [
            "a@example.org\r\nBcc: b@example.org",
            "a@example.org\nBcc: b@example.org",
            "a@example.org,b@example.org",
            "a@example.org;b@example.org",
            "a@example.org>",
            "<a@example.org>",
            "\"a b\"@example.org",
            "a@example.org b",
            "a\u{85}@example.org",
            "a\0@example.org",
            "a@@example.org",
            "a@b@example.org",
            "@example.org",
            "a@",
            "a@-example.org",
            "a@example..org",
            "a..b@example.org",
            "a@bücher.example",
            "a@[127.0.0.1]",
            "a",
            "",
        ] {
            assert!(Address::new(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_address_is_taken_apart_at_its_sign() {
        let address = Address::new("Емма.Китов@xn--r8jz45g.jp").unwrap();
        assert_eq!(address.local_part(), "Емма.Китов");
        assert_eq!(address.domain(), "xn--r8jz45g.jp");
    }

    #[test]
    fn debug_output_shows_no_personal_data() {
        let mailbox = Mailbox::from(Address::new("ana.ruiz@example.org").unwrap())
            .with_name(MailboxName::new("Ana Ruiz").unwrap());
        let shown = format!("{mailbox:?}");
        assert!(
            !shown.contains("Ana") && !shown.contains("ana.ruiz"),
            "{shown}"
        );
    }

    #[test]
    fn a_name_keeps_letters_of_every_script_and_refuses_line_ends() {
        assert_eq!(
            MailboxName::new(" Đặng \"Lê\", MD ").unwrap().as_str(),
            "Đặng \"Lê\", MD"
        );
        for text in ["a\r\nb", "a\nb", "a\u{2028}b", "a\u{85}b", "\t", ""] {
            assert!(MailboxName::new(text).is_err(), "{text:?}");
        }
    }
}
