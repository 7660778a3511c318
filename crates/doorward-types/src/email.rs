//! E-mail addresses: the original is kept and mailed to, the canonical form is compared.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Which letters the part before the `@` may hold.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LocalPart {
    /// ASCII alone: what every mail server takes. The default.
    #[default]
    Ascii,
    /// Any letter, for hosts whose mailer speaks SMTPUTF8 (RFC 6531).
    International,
}

/// An address that mail can be sent to.
///
/// Invariants: a dot-atom local part of at most 64 bytes; a domain of at least two labels that
/// IDNA accepts, whose last label is letters or an A-label; at most 254 bytes (RFC 5321 4.5.3.1). Quoted local
/// parts, domain literals, comments, bare hosts, blanks and control characters are refused
/// (design 9.8). Two addresses are equal when their canonical forms are: ASCII letters of the local
/// part in lower case, the domain as A-labels. Dots and `+tags` count: no provider's rules are
/// guessed.
///
/// ```
/// use doorward_types::EmailAddress;
/// let address = EmailAddress::new("Ana.Ruiz@Bücher.example")?;
/// assert_eq!(address.original(), "Ana.Ruiz@Bücher.example");
/// assert_eq!(address.canonical(), "ana.ruiz@xn--bcher-kva.example");
/// assert_eq!(address, EmailAddress::new("ana.ruiz@BÜCHER.example")?);
/// assert!(EmailAddress::new("ana@localhost").is_err());
/// # Ok::<(), doorward_types::EmailError>(())
/// ```
#[derive(Clone, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress {
    original: String,
    canonical: String,
}

impl EmailAddress {
    /// Parses an address with an ASCII local part.
    ///
    /// # Errors
    /// [`EmailError`] says what was refused.
    pub fn new(text: &str) -> Result<Self, EmailError> {
        Self::with(text, LocalPart::Ascii)
    }

    /// Parses an address under this rule for its local part.
    ///
    /// # Errors
    /// [`EmailError`] says what was refused.
    pub fn with(text: &str, local_part: LocalPart) -> Result<Self, EmailError> {
        let original = text.trim_matches(' ');
        if let Some(canonical) = plain(original) {
            return Ok(Self {
                original: original.to_owned(),
                canonical,
            });
        }
        Self::parse(original, local_part)
    }

    fn parse(original: &str, local_part: LocalPart) -> Result<Self, EmailError> {
        if original.is_empty() {
            return Err(EmailError::Empty);
        }
        if original
            .chars()
            .any(|c| c.is_control() || c.is_whitespace())
        {
            return Err(EmailError::Blank);
        }
        let (local, domain) = original.rsplit_once('@').ok_or(EmailError::Syntax)?;
        if !local.is_ascii() && local_part == LocalPart::Ascii {
            return Err(EmailError::InternationalLocalPart);
        }
        let local: String = local.nfc().collect();
        check_local(&local)?;
        let domain = canonical_domain(domain)?;
        let canonical = format!("{}@{domain}", local.to_ascii_lowercase());
        if canonical.len() > 254 || original.len() > 254 {
            return Err(EmailError::TooLong);
        }
        // The library has the last word on the grammar (RFC 5322 dot-atom). It takes code points for
        // UTF-8 bytes and refuses combining marks, so letters that were checked above are masked.
        let masked: String = canonical
            .chars()
            .map(|c| if c.is_ascii() { c } else { 'x' })
            .collect();
        let options = email_address::Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        email_address::EmailAddress::parse_with_options(&masked, options)
            .map_err(|_| EmailError::Syntax)?;
        Ok(Self {
            original: original.to_owned(),
            canonical,
        })
    }

    /// Returns the address as it was typed: mail goes there.
    #[must_use]
    pub fn original(&self) -> &str {
        &self.original
    }

    /// Returns the form under which addresses are compared and claimed.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// Returns the address as mail servers take it: the local part as it was typed, composed (NFC,
    /// RFC 6532 3.1), the domain as A-labels (RFC 5890).
    ///
    /// ```
    /// # use doorward_types::EmailAddress;
    /// let address = EmailAddress::new("Ana@Bücher.example")?;
    /// assert_eq!(address.to_mailable(), "Ana@xn--bcher-kva.example");
    /// # Ok::<(), doorward_types::EmailError>(())
    /// ```
    #[must_use]
    pub fn to_mailable(&self) -> String {
        let parts = self
            .original
            .rsplit_once('@')
            .zip(self.canonical.rsplit_once('@'));
        // In the form whose length was checked: a letter can have fewer bytes composed than typed.
        parts.map_or_else(String::new, |((local, _), (_, domain))| {
            format!("{}@{domain}", local.nfc())
        })
    }

    /// Returns the address with most of its local part hidden, for screens that outsiders see
    /// (ASVS 14.2.6): `a…z@example.org`.
    ///
    /// ```
    /// # use doorward_types::EmailAddress;
    /// assert_eq!(EmailAddress::new("ana.ruiz@example.org")?.masked(), "a…z@example.org");
    /// assert_eq!(EmailAddress::new("bo@example.org")?.masked(), "…@example.org");
    /// # Ok::<(), doorward_types::EmailError>(())
    /// ```
    #[must_use]
    pub fn masked(&self) -> String {
        let (local, domain) = self
            .canonical
            .rsplit_once('@')
            .unwrap_or(("", &self.canonical));
        let mut letters = local.chars();
        match (letters.next(), letters.next_back(), letters.next()) {
            (Some(first), Some(last), Some(_)) => format!("{first}…{last}@{domain}"),
            _ => format!("…@{domain}"),
        }
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for EmailAddress {}

impl std::hash::Hash for EmailAddress {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.canonical.hash(state);
    }
}

impl PartialOrd for EmailAddress {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EmailAddress {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.canonical.cmp(&other.canonical)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.original)
    }
}

// Personal data: logs show a masked address (ASVS 16.2.5).
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({})", self.masked())
    }
}

impl FromStr for EmailAddress {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

/// Reads a stored address; one that a host once accepted stays readable.
impl TryFrom<String> for EmailAddress {
    type Error = EmailError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::with(&text, LocalPart::International)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.original
    }
}

/// A text that is no address mail can be sent to.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EmailError {
    /// Nothing was given.
    #[error("an address is needed, such as `name@example.org`")]
    Empty,
    /// A blank, line break or other control character inside.
    #[error("an address holds no blanks or control characters")]
    Blank,
    /// Not `name@domain`.
    #[error("an address has the form `name@example.org`")]
    Syntax,
    /// Quotes, or dots at an end or in a row.
    #[error(
        "the part before the `@` is letters, digits and `.!#$%&'*+/=?^_{{|}}~-`, dots only between them"
    )]
    LocalPart,
    /// A letter outside ASCII before the `@`.
    #[error("the part before the `@` must be plain letters without accents")]
    InternationalLocalPart,
    /// No domain that mail can reach.
    #[error("the part after the `@` must be a full domain such as `example.org`")]
    Domain,
    /// More than 64 bytes before the `@`, or 254 in all.
    #[error("an address has at most 64 bytes before the `@` and 254 in all")]
    TooLong,
}

/// Returns the canonical form of an address in plain ASCII whose domain has no label that IDNA could
/// object to. Most addresses are such, and each is parsed again whenever its record is read.
fn plain(original: &str) -> Option<String> {
    let (local, domain) = original.rsplit_once('@')?;
    let label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
            && !label.contains("--")
    };
    let (_, last) = domain.rsplit_once('.')?;
    let is_plain = original.is_ascii()
        && original.len() <= 254
        && check_local(local).is_ok()
        && domain.split('.').all(label)
        && last.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_plain.then(|| original.to_ascii_lowercase())
}

fn check_local(local: &str) -> Result<(), EmailError> {
    if local.len() > 64 {
        return Err(EmailError::TooLong);
    }
    let atom = |part: &str| !part.is_empty() && part.chars().all(is_atom_character);
    if local.split('.').all(atom) {
        Ok(())
    } else {
        Err(EmailError::LocalPart)
    }
}

fn is_atom_character(c: char) -> bool {
    match c {
        _ if c.is_ascii() => c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c),
        // Format characters and private letters look like nothing or like another address.
        _ => c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c),
    }
}

fn canonical_domain(domain: &str) -> Result<String, EmailError> {
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| EmailError::Domain)?;
    let (_, last) = ascii.rsplit_once('.').ok_or(EmailError::Domain)?;
    // A top-level domain is letters or an A-label (RFC 3696 2): no number, no `tld-2`.
    let letters = !last.is_empty() && last.bytes().all(|b| b.is_ascii_alphabetic());
    if !letters && !last.starts_with("xn--") {
        return Err(EmailError::Domain);
    }
    Ok(ascii)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letter_case_never_makes_a_second_address() {
        let upper = EmailAddress::new("BRIAN.NORTON32@FAMILIE.EXAMPLE.DE").unwrap();
        assert_eq!(
            upper,
            EmailAddress::new("brian.norton32@familie.example.de").unwrap()
        );
        assert_eq!(upper.original(), "BRIAN.NORTON32@FAMILIE.EXAMPLE.DE");
    }

    #[test]
    fn dots_and_tags_make_another_address() {
        let plain = EmailAddress::new("anaruiz@example.org").unwrap();
        assert_ne!(plain, EmailAddress::new("ana.ruiz@example.org").unwrap());
        assert_ne!(plain, EmailAddress::new("anaruiz+x@example.org").unwrap());
    }

    /// Design 9.8.
    #[test]
    fn quoted_parts_literals_hosts_and_controls_are_refused() {
        for (text, error) in [
            ("", EmailError::Empty),
            ("\"quoted\"@example.org", EmailError::LocalPart),
            ("a..b@example.org", EmailError::LocalPart),
            (".a@example.org", EmailError::LocalPart),
            ("@example.org", EmailError::LocalPart),
            ("a@[127.0.0.1]", EmailError::Domain),
            ("a@127.0.0.1", EmailError::Domain),
            ("a@localhost", EmailError::Domain),
            ("a@example.org.", EmailError::Domain),
            ("a@example.org-2", EmailError::Domain),
            ("a@-example.org", EmailError::Domain),
            ("a@exa_mple.org", EmailError::Domain),
            ("Jan <jan@b.org>", EmailError::Blank),
            ("a\r\nBcc: b@example.org", EmailError::Blank),
            ("a(comment)@example.org", EmailError::LocalPart),
            ("nobody", EmailError::Syntax),
            ("Емма@例え.jp", EmailError::InternationalLocalPart),
        ] {
            assert_eq!(EmailAddress::new(text), Err(error), "{text:?}");
        }
        assert_eq!(
            EmailAddress::new(&format!("{}@example.org", "a".repeat(65))),
            Err(EmailError::TooLong)
        );
    }

    #[test]
    fn international_local_parts_are_opt_in() {
        let address = EmailAddress::with("Емма.Китов@例え.jp", LocalPart::International).unwrap();
        assert_eq!(address.canonical(), "Емма.Китов@xn--r8jz45g.jp");
    }

    /// RFC 5321 4.5.3.1.1. Found by fuzzing: U+1FEF has three bytes as typed, and one composed.
    #[test]
    fn a_mailed_local_part_has_at_most_64_bytes_however_it_was_typed() {
        let typed = format!("{}\u{1fef}@example.org", "a".repeat(63));
        let address = EmailAddress::with(&typed, LocalPart::International).unwrap();
        assert_eq!(address.original(), typed);
        let mailed = address.to_mailable();
        assert_eq!(mailed, format!("{}`@example.org", "a".repeat(63)));
        let again = EmailAddress::with(&mailed, LocalPart::International);
        assert_eq!(again, Ok(address));
    }

    #[test]
    fn debug_output_is_masked() {
        let address = EmailAddress::new("ana.ruiz@example.org").unwrap();
        assert_eq!(format!("{address:?}"), "EmailAddress(a…z@example.org)");
    }

    #[test]
    fn a_stored_address_reads_back_with_its_original() {
        let address = EmailAddress::new("Ana@Bücher.example").unwrap();
        let json = serde_json::to_string(&address).unwrap();
        let back: EmailAddress = serde_json::from_str(&json).unwrap();
        assert_eq!(back.original(), "Ana@Bücher.example");
        assert_eq!(back, address);
    }

    proptest! {
        #[test]
        fn the_short_way_answers_what_the_long_way_does(
            text in "[aZ09._+'-]{0,66}@[aB1-]{0,5}(\\.[aB1x-]{0,64}){0,3}(\\.[a-z1]{0,3})?",
        ) {
            if let Some(canonical) = plain(&text) {
                let long = EmailAddress::parse(&text, LocalPart::Ascii);
                prop_assert_eq!(long.map(|address| address.canonical), Ok(canonical));
            }
        }

        #[test]
        fn usual_addresses_go_the_short_way(
            text in "[a-zA-Z0-9]{1,20}(\\.[a-z0-9]{1,20})?@[a-z0-9]{1,20}(-[a-z0-9]{1,9})?\\.[a-z]{2,6}",
        ) {
            prop_assert!(plain(&text).is_some(), "{:?}", text);
        }
    }
}
