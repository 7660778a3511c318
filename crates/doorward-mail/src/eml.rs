//! The bytes of a mail (RFC 5322 and MIME), the same on every try.

use std::time::{Duration, SystemTime};

use lettre::{
    Message,
    address::Envelope,
    message::{
        Body, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0},
    },
};

use crate::{Mail, MailError, Mailbox};

/// Writes the mail as it goes over the wire, its lines ended by CRLF.
pub(crate) fn format(mail: &Mail, from: &Mailbox) -> Result<Vec<u8>, MailError> {
    let (sender, recipient) = (from, mail.to());
    let (from, to) = (mailbox(sender)?, mailbox(recipient)?);
    // Given, since the library would otherwise read it back out of the encoded headers.
    let envelope = Envelope::new(Some(from.email.clone()), vec![to.email.clone()])
        .map_err(|error| MailError::permanent("the mail has no envelope").with_source(error))?;
    let builder = Message::builder()
        .envelope(envelope)
        .message_id(Some(mail.message_id().to_header()))
        .date(date(mail.at()))
        .from(from)
        .to(to)
        .subject(mail.subject().as_str())
        .header(MIME_VERSION_1_0)
        .raw_header(fixed("Auto-Submitted", Mail::AUTO_SUBMITTED))
        .raw_header(fixed("X-Auto-Response-Suppress", "All"));
    let message = match mail.html() {
        None => builder
            .header(ContentType::TEXT_PLAIN)
            .body(body(mail.text())?),
        Some(html) => {
            // No quoted-printable line can hold the `=_` that the boundary begins with.
            let parts = MultiPart::alternative()
                .boundary(boundary(mail))
                .singlepart(part(ContentType::TEXT_PLAIN, mail.text())?)
                .singlepart(part(ContentType::TEXT_HTML, html)?);
            builder.multipart(parts)
        }
    };
    let mut message = message
        .map_err(|error| MailError::permanent("the mail cannot be written").with_source(error))?;
    let headers = message.headers_mut();
    if looks_encoded(mail.subject().as_str()) {
        headers.insert_raw(encoded("Subject", &encode(mail.subject().as_str())));
    }
    for (header, mailbox) in [("From", sender), ("To", recipient)] {
        if let Some(name) = mailbox.name().filter(|name| looks_encoded(name.as_str())) {
            let value = format!("{}\r\n <{}>", encode(name.as_str()), mailbox.address());
            headers.insert_raw(encoded(header, &value));
        }
    }
    Ok(message.formatted())
}

fn mailbox(mailbox: &Mailbox) -> Result<lettre::message::Mailbox, MailError> {
    let address = mailbox.address();
    let address =
        lettre::Address::new(address.local_part(), address.domain()).map_err(|error| {
            MailError::permanent("the address is none that mail can be sent to").with_source(error)
        })?;
    let name = mailbox.name().map(|name| name.as_str().to_owned());
    Ok(lettre::message::Mailbox::new(name, address))
}

/// The `Date` header has four digits for the year and begins in 1970.
fn date(at: SystemTime) -> SystemTime {
    let last = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799);
    at.clamp(SystemTime::UNIX_EPOCH, last)
}

fn fixed(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn part(kind: ContentType, text: &str) -> Result<SinglePart, MailError> {
    Ok(SinglePart::builder().header(kind).body(quoted(text)?))
}

/// A reader would take such a text for an encoded one and show another (RFC 2047); the library
/// writes it as it stands.
fn looks_encoded(text: &str) -> bool {
    text.contains("=?")
}

fn encoded(name: &'static str, value: &str) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(name, value.to_owned(), value.to_owned())
}

/// Writes every character as an encoded word's bytes, at most 75 characters a word (RFC 2047 2).
fn encode(text: &str) -> String {
    let mut words = vec![String::new()];
    for c in text.chars() {
        let bytes = c.to_string().into_bytes();
        let letter: String = bytes.iter().map(|byte| format!("={byte:02X}")).collect();
        match words.last_mut() {
            Some(word) if word.len() + letter.len() <= 60 => word.push_str(&letter),
            _ => words.push(letter),
        }
    }
    let words = words.iter().map(|word| format!("=?utf-8?Q?{word}?="));
    words.collect::<Vec<_>>().join("\r\n ")
}

/// Plain lines stay readable in the file; everything else is quoted, which every server passes on
/// unchanged: letters outside ASCII, control characters, blanks at line ends, long lines.
fn body(text: &str) -> Result<Body, MailError> {
    let plain = |line: &str| {
        line.len() <= 900
            && !line.ends_with([' ', '\t'])
            && line
                .bytes()
                .all(|b| b == b'\t' || (0x20..0x7f).contains(&b))
    };
    if !text.split('\n').all(plain) {
        return quoted(text);
    }
    // The library itself quotes from 77 bytes on, which would break a link in two.
    let lines = text.replace('\n', "\r\n").into_bytes();
    Ok(Body::dangerous_pre_encoded(
        lines,
        ContentTransferEncoding::SevenBit,
    ))
}

fn quoted(text: &str) -> Result<Body, MailError> {
    Body::new_with_encoding(text.to_owned(), ContentTransferEncoding::QuotedPrintable)
        .map_err(|_| MailError::permanent("the text cannot be written as a mail"))
}

/// At most 70 characters (RFC 2046 5.1.1).
fn boundary(mail: &Mail) -> String {
    let id = mail.message_id().as_str().chars();
    let letters = id
        .filter(|c| c.is_ascii_alphanumeric() || *c == '.')
        .take(60);
    format!("=_{}", letters.collect::<String>())
}
