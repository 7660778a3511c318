//! Mailed tokens: one purpose each, found by scope and id, compared by digest.
//!
//! A token's text is `dw1_` and, in base64url, the bytes
//! `purpose 1 | scope tag 1 | tenant 0 or 16 | record 16 | generation 4 | secret 32 | checksum 4`.
//! The checksum tells a damaged link from a wrong one without touching storage.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use secrecy::{ExposeSecret, SecretBox, SecretString, zeroize::Zeroize};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::TenantId;

/// What the text of every token of this version begins with.
pub const TOKEN_PREFIX: &str = "dw1_";

/// The one thing a mailed secret is good for; it is refused for any other.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Accept or decline an invitation.
    Invitation,
    /// Set the first password of an account (HomeTrak: "an activation email").
    Activation,
    /// Set a new password.
    PasswordReset,
    /// Prove a new address.
    AddressProof,
    /// Stop a change of address, from the old one.
    AddressStop,
    /// Set a password in place of a temporary one.
    NewPassword,
    /// Sign in once with a temporary password; never a link.
    TemporaryPassword,
    /// Open telephony; never a link.
    TelephonyPin,
}

impl Purpose {
    const ALL: [Self; 8] = [
        Self::Invitation,
        Self::Activation,
        Self::PasswordReset,
        Self::AddressProof,
        Self::AddressStop,
        Self::NewPassword,
        Self::TemporaryPassword,
        Self::TelephonyPin,
    ];

    /// Returns the word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Activation => "activation",
            Self::PasswordReset => "password_reset",
            Self::AddressProof => "address_proof",
            Self::AddressStop => "address_stop",
            Self::NewPassword => "new_password",
            Self::TemporaryPassword => "temporary_password",
            Self::TelephonyPin => "telephony_pin",
        }
    }

    const fn byte(self) -> u8 {
        match self {
            Self::Invitation => b'i',
            Self::Activation => b'a',
            Self::PasswordReset => b'r',
            Self::AddressProof => b'p',
            Self::AddressStop => b's',
            Self::NewPassword => b'n',
            Self::TemporaryPassword => b't',
            Self::TelephonyPin => b'v',
        }
    }
}

/// Which part of storage a record lives in.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// What all tenants of a cell share: accounts and verified addresses.
    Directory,
    /// One tenant.
    Tenant(TenantId),
}

impl Scope {
    /// Returns the tenant, if it is one.
    #[must_use]
    pub const fn tenant(self) -> Option<TenantId> {
        match self {
            Self::Directory => None,
            Self::Tenant(tenant) => Some(tenant),
        }
    }
}

/// Which mailing of a record's secret this is: each one ends the one before.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(transparent)]
pub struct Generation(u32);

impl Generation {
    /// The first mailing.
    pub const FIRST: Self = Self(1);

    /// Returns the next one; it stays at the last of four billion.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Returns the number of the mailing, from 1.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// 256 bits that only a mail and its reader hold (ASVS 6.5.3); zeroed when dropped.
pub struct TokenSecret(SecretBox<[u8; 32]>);

impl TokenSecret {
    /// Wraps derived or received bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// Returns the digest to store: the secret has 256 bits, so a plain SHA-256 is enough
    /// (NIST SP 800-63B-4 3.1.2).
    #[must_use]
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(Sha256::digest(self.0.expose_secret()).into())
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret([redacted])")
    }
}

/// The SHA-256 of a token's secret: all that storage holds of it.
#[derive(Clone, Copy, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// Tells in constant time whether it is the secret's digest (ASVS 11.2.4).
    #[must_use]
    pub fn matches(&self, secret: &TokenSecret) -> bool {
        self.0.ct_eq(&secret.digest().0).into()
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(..)")
    }
}

impl From<TokenDigest> for String {
    fn from(digest: TokenDigest) -> Self {
        Base64UrlUnpadded::encode_string(&digest.0)
    }
}

impl TryFrom<String> for TokenDigest {
    type Error = TokenError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut bytes = [0; 32];
        match Base64UrlUnpadded::decode(&text, &mut bytes) {
            Ok(decoded) if decoded.len() == 32 => Ok(Self(bytes)),
            _ => Err(TokenError::Damaged),
        }
    }
}

/// A token as it stands in a link, taken apart.
///
/// ```
/// use doorward_types::{Generation, Purpose, Scope, Token, TokenSecret};
/// use secrecy::ExposeSecret;
/// let token = Token {
///     purpose: Purpose::PasswordReset,
///     scope: Scope::Directory,
///     record: uuid::Uuid::nil(),
///     generation: Generation::FIRST,
///     secret: TokenSecret::new([7; 32]),
/// };
/// let text = token.to_text();
/// let read = Token::parse(text.expose_secret())?;
/// assert_eq!(read.purpose, Purpose::PasswordReset);
/// assert!(token.secret.digest().matches(&read.secret));
/// # Ok::<(), doorward_types::TokenError>(())
/// ```
#[derive(Debug)]
pub struct Token {
    /// What it is good for.
    pub purpose: Purpose,
    /// Where its record lives.
    pub scope: Scope,
    /// The id of its record.
    pub record: Uuid,
    /// Which mailing it came with.
    pub generation: Generation,
    /// What proves that the mail was read.
    pub secret: TokenSecret,
}

impl Token {
    /// Parses the text of a link. Whether the secret is right, only its record can tell.
    ///
    /// # Errors
    /// [`TokenError`] tells a text that is no token from a damaged one.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let payload = text
            .trim()
            .strip_prefix(TOKEN_PREFIX)
            .ok_or(TokenError::NotAToken)?;
        let mut bytes = Base64UrlUnpadded::decode_vec(payload).map_err(|_| TokenError::Damaged)?;
        let token = read(&bytes).ok_or(TokenError::Damaged);
        bytes.zeroize();
        token
    }

    /// Returns the text for a link.
    #[must_use]
    pub fn to_text(&self) -> SecretString {
        let mut bytes = Vec::with_capacity(74);
        bytes.push(self.purpose.byte());
        match self.scope {
            Scope::Directory => bytes.push(0),
            Scope::Tenant(tenant) => {
                bytes.push(1);
                bytes.extend_from_slice(tenant.as_bytes());
            }
        }
        bytes.extend_from_slice(self.record.as_bytes());
        bytes.extend_from_slice(&self.generation.0.to_be_bytes());
        bytes.extend_from_slice(self.secret.0.expose_secret());
        let sum = checksum(&bytes);
        bytes.extend_from_slice(&sum);
        let mut payload = Base64UrlUnpadded::encode_string(&bytes);
        bytes.zeroize();
        let text = SecretString::from(format!("{TOKEN_PREFIX}{payload}"));
        payload.zeroize();
        text
    }
}

/// A text that is no usable token.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TokenError {
    /// It does not begin as a token of this version does.
    #[error("this is no link of ours: it should contain `dw1_` and what follows it in the mail")]
    NotAToken,
    /// Letters are missing or changed.
    #[error("the link is damaged: copy it from the mail as a whole")]
    Damaged,
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(bytes).into();
    [a, b, c, d]
}

fn read(bytes: &[u8]) -> Option<Token> {
    let (body, sum) = bytes.split_last_chunk::<4>()?;
    if checksum(body) != *sum {
        return None;
    }
    let (&purpose, rest) = body.split_first()?;
    let purpose = Purpose::ALL
        .into_iter()
        .find(|known| known.byte() == purpose)?;
    let (scope, rest) = match rest.split_first()? {
        (0, rest) => (Scope::Directory, rest),
        (1, rest) => {
            let (tenant, rest) = rest.split_first_chunk::<16>()?;
            (
                Scope::Tenant(TenantId::from_uuid(Uuid::from_bytes(*tenant))),
                rest,
            )
        }
        _ => return None,
    };
    let (record, rest) = rest.split_first_chunk::<16>()?;
    let (generation, rest) = rest.split_first_chunk::<4>()?;
    let secret: [u8; 32] = rest.try_into().ok()?;
    Some(Token {
        purpose,
        scope,
        record: Uuid::from_bytes(*record),
        generation: Generation(u32::from_be_bytes(*generation)),
        secret: TokenSecret::new(secret),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    fn token() -> Token {
        let tenant = TenantId::made_at(datetime!(2026-11-22 00:00 UTC), [1; 10]);
        Token {
            purpose: Purpose::Invitation,
            scope: Scope::Tenant(tenant),
            record: Uuid::from_bytes([2; 16]),
            generation: Generation::FIRST.next(),
            secret: TokenSecret::new([3; 32]),
        }
    }

    #[test]
    fn a_token_reads_back_whole() {
        let text = token().to_text();
        let read = Token::parse(text.expose_secret()).unwrap();
        assert_eq!(read.purpose, Purpose::Invitation);
        assert_eq!(read.scope, token().scope);
        assert_eq!(read.record, Uuid::from_bytes([2; 16]));
        assert_eq!(read.generation.number(), 2);
        assert!(token().secret.digest().matches(&read.secret));
    }

    #[test]
    fn every_changed_letter_is_damage() {
        let text = token().to_text();
        let text = text.expose_secret();
        for at in TOKEN_PREFIX.len()..text.len() {
            let mut letters: Vec<char> = text.chars().collect();
            letters[at] = if letters[at] == 'A' { 'B' } else { 'A' };
            let changed: String = letters.into_iter().collect();
            assert_eq!(
                Token::parse(&changed).unwrap_err(),
                TokenError::Damaged,
                "at {at}"
            );
        }
    }

    #[test]
    fn every_cut_is_damage() {
        let text = token().to_text();
        for len in TOKEN_PREFIX.len()..text.expose_secret().len() {
            assert!(
                Token::parse(text.expose_secret().get(..len).unwrap()).is_err(),
                "{len}"
            );
        }
    }

    #[test]
    fn another_text_is_no_token() {
        assert_eq!(
            Token::parse("https://example.org").unwrap_err(),
            TokenError::NotAToken
        );
        assert_eq!(Token::parse("").unwrap_err(), TokenError::NotAToken);
    }

    /// ASVS 16.2.5.
    #[test]
    fn debug_output_shows_no_secret() {
        let shown = format!("{:?}", token());
        assert!(shown.contains("[redacted]"), "{shown}");
        assert!(!shown.contains("3, 3"), "{shown}");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "dw1_[A-Za-z0-9_-]{0,120}") {
            prop_assert!(Token::parse(&text).is_err());
        }
    }
}
