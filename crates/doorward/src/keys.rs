//! The keys from which mailed secrets are derived. They live outside the database and its backups.
//!
//! A secret is `HMAC-SHA256(key, "doorward/v1" | purpose | scope | record | generation | nonce)`,
//! every part preceded by its length, so it can be made again for a hand-off that is tried again
//! and is never stored (design 5).

use std::{collections::BTreeMap, fmt};

use doorward_identity::{PinCode, PinDigestInput, PinKeyId, TemporaryPassword};
use doorward_types::{AccountId, Generation, Purpose, Scope, TokenSecret};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

/// A key of 32 bytes.
///
/// ```
/// use doorward::SecretKey;
/// let key = SecretKey::from_bytes([7; 32]);
/// assert_eq!(format!("{key:?}"), format!("SecretKey({})", key.id()));
/// ```
pub struct SecretKey {
    id: KeyId,
    bytes: SecretBox<[u8; 32]>,
}

impl SecretKey {
    /// Wraps the bytes of a key.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        let bytes = SecretBox::new(Box::new(bytes));
        let [a, b, c, d, e, f, g, h, ..] = hmac(&bytes, &[b"doorward/key-id"], Framing::Bare);
        Self {
            id: KeyId(u64::from_be_bytes([a, b, c, d, e, f, g, h])),
            bytes,
        }
    }

    /// Returns the id under which rows name the key; it cannot pass for another key's.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.id)
    }
}

/// The first eight bytes of `HMAC(key, "doorward/key-id")`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId(u64);

impl From<KeyId> for PinKeyId {
    fn from(id: KeyId) -> Self {
        Self::from(id.0.to_be_bytes())
    }
}

impl From<PinKeyId> for KeyId {
    fn from(id: PinKeyId) -> Self {
        Self(u64::from_be_bytes(*id.as_bytes()))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for KeyId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for KeyId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

/// The present key and those before it that a queued mail or a stored PIN may still name.
///
/// ```
/// use doorward::{KeyRing, SecretKey};
/// let ring = KeyRing::new(SecretKey::from_bytes([2; 32])).with_old(SecretKey::from_bytes([1; 32]));
/// assert_eq!(ring.current().id(), SecretKey::from_bytes([2; 32]).id());
/// ```
#[derive(Debug)]
pub struct KeyRing {
    current: SecretKey,
    old: BTreeMap<KeyId, SecretKey>,
}

impl KeyRing {
    /// Returns the ring of one key.
    #[must_use]
    pub const fn new(key: SecretKey) -> Self {
        Self {
            current: key,
            old: BTreeMap::new(),
        }
    }

    /// Returns the ring with one more key that is no longer used for new secrets.
    #[must_use]
    pub fn with_old(mut self, key: SecretKey) -> Self {
        self.old.insert(key.id, key);
        self
    }

    /// Returns the key for new secrets.
    #[must_use]
    pub const fn current(&self) -> &SecretKey {
        &self.current
    }

    pub(crate) fn named(&self, id: KeyId) -> Option<&SecretKey> {
        if self.current.id == id {
            Some(&self.current)
        } else {
            self.old.get(&id)
        }
    }
}

/// The keys of a host.
#[derive(Debug)]
pub struct Keys {
    /// For mailed tokens and temporary passwords. Losing it kills nothing already mailed.
    pub token: KeyRing,
    /// For telephony PINs. Losing it means new PINs.
    pub pin: KeyRing,
}

/// What a mailed secret is derived from, besides the key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Derivation {
    pub(crate) purpose: Purpose,
    pub(crate) scope: Scope,
    pub(crate) record: Uuid,
    pub(crate) generation: Generation,
    pub(crate) nonce: Nonce,
}

/// 32 random bytes drawn for one mailing; gone with the settle that ends the message.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct Nonce(pub(crate) [u8; 32]);

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce([redacted])")
    }
}

impl Derivation {
    pub(crate) fn token(&self, key: &SecretKey) -> TokenSecret {
        TokenSecret::new(self.bytes(key))
    }

    pub(crate) fn temporary_password(&self, key: &SecretKey) -> TemporaryPassword {
        TemporaryPassword::from_derived(self.bytes(key))
    }

    pub(crate) fn pin(&self, key: &SecretKey) -> PinCode {
        PinCode::from_derived(self.bytes(key))
    }

    fn bytes(&self, key: &SecretKey) -> [u8; 32] {
        let scope = match self.scope {
            Scope::Directory => Vec::new(),
            Scope::Tenant(tenant) => tenant.as_bytes().to_vec(),
        };
        let generation = self.generation.number().to_be_bytes();
        let parts: [&[u8]; 6] = [
            b"doorward/v1",
            self.purpose.as_str().as_bytes(),
            &scope,
            self.record.as_bytes(),
            &generation,
            &self.nonce.0,
        ];
        hmac(&key.bytes, &parts, Framing::Lengths)
    }
}

/// What of a PIN is hashed: a stolen table of PINs cannot be tried without the key.
pub(crate) fn pin_input(key: &SecretKey, account: AccountId, pin: &SecretString) -> PinDigestInput {
    let parts: [&[u8]; 3] = [
        b"doorward/pin",
        account.as_bytes(),
        pin.expose_secret().as_bytes(),
    ];
    PinDigestInput::new(hmac(&key.bytes, &parts, Framing::Lengths))
}

/// A keyed digest for things that must not be read from storage, such as unknown names.
pub(crate) fn keyed(key: &SecretKey, label: &[u8], value: &[u8]) -> [u8; 32] {
    hmac(&key.bytes, &[label, value], Framing::Lengths)
}

/// HMAC pads a short key with zeros to the digest's block (RFC 2104 2).
fn block(key: &[u8; 32]) -> [u8; 64] {
    let mut block = [0; 64];
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    block
}

#[derive(Clone, Copy)]
enum Framing {
    Bare,
    Lengths,
}

fn hmac(key: &SecretBox<[u8; 32]>, parts: &[&[u8]], framing: Framing) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new(&block(key.expose_secret()).into());
    for part in parts {
        if matches!(framing, Framing::Lengths) {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        }
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derivation() -> Derivation {
        Derivation {
            purpose: Purpose::Invitation,
            scope: Scope::Directory,
            record: Uuid::from_bytes([1; 16]),
            generation: Generation::FIRST,
            nonce: Nonce([2; 32]),
        }
    }

    #[test]
    fn the_same_parts_give_the_same_secret_and_any_other_part_another() {
        let key = SecretKey::from_bytes([9; 32]);
        let base = derivation();
        assert_eq!(base.bytes(&key), derivation().bytes(&key));
        let others = [
            Derivation {
                purpose: Purpose::PasswordReset,
                ..base
            },
            Derivation {
                record: Uuid::from_bytes([3; 16]),
                ..base
            },
            Derivation {
                generation: Generation::FIRST.next(),
                ..base
            },
            Derivation {
                nonce: Nonce([3; 32]),
                ..base
            },
        ];
        for other in others {
            assert_ne!(other.bytes(&key), base.bytes(&key), "{other:?}");
        }
        assert_ne!(
            base.bytes(&SecretKey::from_bytes([8; 32])),
            base.bytes(&key)
        );
    }

    /// The value was computed with Python's `hmac` module over the same bytes.
    #[test]
    fn a_key_id_is_the_mac_of_its_label() {
        assert_eq!(
            SecretKey::from_bytes([0; 32]).id().to_string(),
            "76c5f69d61d6cfac"
        );
    }

    #[test]
    fn an_old_key_is_found_by_its_id_and_an_unknown_one_is_not() {
        let old = SecretKey::from_bytes([1; 32]).id();
        let ring =
            KeyRing::new(SecretKey::from_bytes([2; 32])).with_old(SecretKey::from_bytes([1; 32]));
        assert!(ring.named(old).is_some());
        assert!(ring.named(SecretKey::from_bytes([3; 32]).id()).is_none());
    }
}
