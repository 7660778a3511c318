//! The text of a link.

use doorward::{
    PageMark,
    types::{Generation, Purpose, Scope, TenantId, Token, TokenDigest, TokenSecret},
};
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::law::{json_back, text};

/// What a link holds reads back whole, and shows nothing of its secret.
///
/// The bytes are taken as the text that somebody followed, and as the parts of a token to be
/// mailed. What else comes back from outside in a link, the mark of a page, is read as well.
///
/// # Panics
/// Where a law does not hold.
pub fn token(bytes: &[u8]) {
    if let Some(typed) = text(bytes) {
        followed(typed);
        if let Ok(mark) = typed.parse::<PageMark>() {
            assert_eq!(
                mark.to_string(),
                typed.to_ascii_lowercase(),
                "a mark is kept"
            );
        }
        if let Ok(digest) = TokenDigest::try_from(typed.to_owned()) {
            assert_eq!(String::from(digest), typed, "a digest is kept");
            assert!(!format!("{digest:?}").contains(typed), "and not shown");
        }
    }
    if let Some(token) = mailed(bytes) {
        let text = token.to_text();
        followed(text.expose_secret());
        let read = Token::parse(text.expose_secret());
        assert!(read.is_ok(), "what is mailed is read: {read:?}");
        if let Ok(read) = read {
            assert_eq!(
                (read.purpose, read.scope, read.record, read.generation),
                (token.purpose, token.scope, token.record, token.generation),
                "the parts read back"
            );
            assert!(token.secret.digest().matches(&read.secret));
        }
        json_back(&token.secret.digest());
    }
}

fn followed(text: &str) {
    let Ok(token) = Token::parse(text) else {
        return;
    };
    let again = token.to_text();
    assert_eq!(again.expose_secret(), text.trim(), "a token reads back");
    let shown = format!("{token:?}");
    assert!(shown.contains("[redacted]"), "the secret is not shown");
    assert!(!shown.contains(text.trim()), "nor the text");
}

/// A token of these parts.
fn mailed(bytes: &[u8]) -> Option<Token> {
    const PURPOSES: [Purpose; 8] = [
        Purpose::Invitation,
        Purpose::Activation,
        Purpose::PasswordReset,
        Purpose::AddressProof,
        Purpose::AddressStop,
        Purpose::NewPassword,
        Purpose::TemporaryPassword,
        Purpose::TelephonyPin,
    ];

    let (&[kind, generation], rest) = bytes.split_first_chunk()?;
    let (record, rest) = rest.split_first_chunk()?;
    let (tenant, rest) = rest.split_first_chunk()?;
    let (secret, _) = rest.split_first_chunk()?;
    let generations = (0..generation).fold(Generation::FIRST, |last, _| last.next());
    Some(Token {
        purpose: *PURPOSES.get(usize::from(kind >> 1) % PURPOSES.len())?,
        scope: match kind & 1 {
            0 => Scope::Directory,
            _ => Scope::Tenant(TenantId::from_uuid(Uuid::from_bytes(*tenant))),
        },
        record: Uuid::from_bytes(*record),
        generation: generations,
        secret: TokenSecret::new(*secret),
    })
}
