//! The telephony PIN: six digits that open the telephone channel alone.

use std::fmt;

use doorward_types::Generation;
use secrecy::{SecretString, zeroize::Zeroize};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    password::{HashError, PasswordCost, PasswordHash, SALT_LEN},
    throttle::Gate,
};

/// How many failures close a PIN until a new one is mailed (design 6).
pub const PIN_MAX_FAILURES: u8 = 10;

/// A PIN as it is mailed (HomeTrak: "email the IVR PIN"): six digits, leading zeros kept.
///
/// ```
/// use doorward_identity::PinCode;
/// use secrecy::ExposeSecret;
/// let mut bytes = [0; 32];
/// bytes[7] = 42;
/// assert_eq!(PinCode::from_derived(bytes).to_text().expose_secret(), "000042");
/// ```
pub struct PinCode(SecretString);

impl PinCode {
    /// Takes the first eight derived bytes modulo a million.
    #[must_use]
    pub fn from_derived(mut bytes: [u8; 32]) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = bytes;
        let number = u64::from_be_bytes([a, b, c, d, e, f, g, h]) % 1_000_000;
        bytes.zeroize();
        Self(SecretString::from(format!("{number:06}")))
    }

    /// Returns the six digits.
    #[must_use]
    pub fn to_text(&self) -> SecretString {
        self.0.clone()
    }
}

impl fmt::Debug for PinCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinCode([redacted])")
    }
}

/// What the shell makes of a PIN before it is hashed: HMAC under its PIN key of account and PIN.
/// Without that key, a million guesses would find the PIN of any stolen hash.
pub struct PinDigestInput([u8; 32]);

impl PinDigestInput {
    /// Wraps the HMAC.
    #[must_use]
    pub const fn new(mac: [u8; 32]) -> Self {
        Self(mac)
    }

    /// Hashes it for the account.
    ///
    /// # Errors
    /// [`HashError`] where memory runs out.
    pub fn hash(
        &self,
        key: PinKeyId,
        generation: Generation,
        cost: PasswordCost,
        salt: [u8; SALT_LEN],
    ) -> Result<PinHash, HashError> {
        let hash = PasswordHash::make(&self.0, cost, salt)?;
        Ok(PinHash {
            key,
            generation,
            hash,
        })
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for PinDigestInput {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for PinDigestInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinDigestInput([redacted])")
    }
}

/// Which PIN key a PIN was hashed under.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct PinKeyId([u8; 8]);

impl PinKeyId {
    /// Returns the eight bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl From<[u8; 8]> for PinKeyId {
    fn from(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }
}

impl From<PinKeyId> for String {
    fn from(id: PinKeyId) -> Self {
        format!("{:016x}", u64::from_be_bytes(id.0))
    }
}

impl TryFrom<String> for PinKeyId {
    type Error = PinKeyIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match u64::from_str_radix(&text, 16) {
            Ok(number) if digits => Ok(Self(number.to_be_bytes())),
            _ => Err(PinKeyIdError),
        }
    }
}

/// A text that is no key id.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a key id is 16 hexadecimal digits")]
pub struct PinKeyIdError;

/// The hash of a PIN, with the mailing and the key it belongs to.
#[derive(Debug)]
pub struct PinHash {
    pub(crate) key: PinKeyId,
    pub(crate) generation: Generation,
    pub(crate) hash: PasswordHash,
}

/// The PIN that an account keeps.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Pin {
    pub(crate) hash: PasswordHash,
    pub(crate) key: PinKeyId,
    pub(crate) generation: Generation,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) issued_at: OffsetDateTime,
}

impl Pin {
    /// Returns the key under which a typed PIN is compared.
    #[must_use]
    pub const fn key(&self) -> PinKeyId {
        self.key
    }

    /// Returns which mailing it came with.
    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// Returns when it was made.
    #[must_use]
    pub const fn issued_at(&self) -> OffsetDateTime {
        self.issued_at
    }
}

/// The wrong PINs presented for one account, in a record of its own.
///
/// Ten in a row close the PIN; it is open again only after a new one was mailed.
///
/// ```
/// use doorward_identity::PinCounter;
/// use doorward_types::Generation;
/// let mut counter = PinCounter::default();
/// for _ in 0..10 {
///     assert!(!counter.is_closed(Generation::FIRST));
///     counter = counter.fail(Generation::FIRST);
/// }
/// assert!(counter.is_closed(Generation::FIRST));
/// assert!(!counter.is_closed(Generation::FIRST.next()));
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct PinCounter {
    generation: Generation,
    failures: u8,
}

impl PinCounter {
    /// Tells whether the PIN of this mailing is looked at no more.
    #[must_use]
    pub fn is_closed(&self, generation: Generation) -> bool {
        self.generation == generation && self.failures >= PIN_MAX_FAILURES
    }

    /// Returns whether the PIN of this mailing is looked at, as sign-in asks it.
    #[must_use]
    pub fn gate(&self, generation: Generation) -> Gate {
        if self.is_closed(generation) {
            Gate::Stopped
        } else {
            Gate::Open
        }
    }

    /// Counts a failure against the PIN of this mailing.
    #[must_use]
    pub fn fail(self, generation: Generation) -> Self {
        let before = if self.generation == generation {
            self.failures
        } else {
            0
        };
        Self {
            generation,
            failures: before.saturating_add(1).min(PIN_MAX_FAILURES),
        }
    }

    /// Starts anew after the right PIN; a closed one stays closed.
    #[must_use]
    pub fn succeed(self, generation: Generation) -> Self {
        if self.is_closed(generation) {
            self
        } else {
            Self {
                generation,
                failures: 0,
            }
        }
    }

    /// Returns the consecutive failures.
    #[must_use]
    pub const fn failure_count(&self) -> u8 {
        self.failures
    }
}
