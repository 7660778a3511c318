//! Password hashes: argon2id, and what verifying one answers.

use std::fmt;

use argon2::{Algorithm, Argon2, Version};
use base64ct::{Base64Unpadded, Encoding};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::{memory::HashMemory, phc::Argon2Text};
use crate::{PasswordCost, TypedPassword};

/// How many random bytes a salt has (RFC 9106 section 4: 128 bits).
pub const SALT_LEN: usize = 16;

/// A stored hash: a PHC string of argon2, or the hash of another system.
///
/// Invariants: 1 to 512 printable ASCII characters. Redacted in debug output. Parameters found in
/// the text are capped before anything is computed, since whoever can edit a record could otherwise
/// exhaust the host.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct PasswordHash(String);

/// Whether a secret is the one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It is not.
    Differs,
    /// It is.
    Matches,
}

/// Whether a hash should be made anew now that the password is at hand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rehash {
    /// It is of another scheme or of a lower cost.
    Due,
    /// It is as new ones are.
    NotDue,
}

impl PasswordHash {
    /// Wraps a hash that another system made, to be imported.
    ///
    /// # Errors
    /// [`PasswordHashError`] for an empty or long text, or one with other characters.
    pub fn new(text: &str) -> Result<Self, PasswordHashError> {
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.is_empty() || text.len() > 512 || !printable {
            return Err(PasswordHashError);
        }
        Ok(Self(text.to_owned()))
    }

    /// Tells whether this is the password.
    ///
    /// # Errors
    /// [`HashError`] where the stored text cannot be used; that is a fault of the record, never of
    /// the person.
    pub fn verify(&self, typed: &TypedPassword) -> Result<Verdict, HashError> {
        self.verify_in(typed, &mut HashMemory::new())
    }

    /// Tells the same in memory that was kept from the last verification.
    ///
    /// # Errors
    /// As for [`verify`](Self::verify).
    pub fn verify_in(
        &self,
        typed: &TypedPassword,
        memory: &mut HashMemory,
    ) -> Result<Verdict, HashError> {
        match self.scheme() {
            Scheme::Argon2(phc) => verify(phc, typed.prepared().as_ref().map(bytes), memory),
            #[cfg(feature = "foreign-hashes")]
            Scheme::Foreign => super::foreign::verify(&self.0, typed),
            #[cfg(not(feature = "foreign-hashes"))]
            Scheme::Foreign => Err(HashError::UnsupportedScheme),
        }
    }

    /// Tells whether this is the secret that the system made.
    pub(crate) fn verify_made_in(
        &self,
        typed: &TypedPassword,
        memory: &mut HashMemory,
    ) -> Result<Verdict, HashError> {
        verify(&self.0, typed.folded().as_ref().map(bytes), memory)
    }

    pub(crate) fn verify_bytes_in(
        &self,
        secret: &[u8],
        memory: &mut HashMemory,
    ) -> Result<Verdict, HashError> {
        verify(&self.0, Some(secret), memory)
    }

    /// Tells whether the hash is weaker than new ones are, or of another scheme.
    #[must_use]
    pub fn rehash(&self, cost: PasswordCost) -> Rehash {
        if self.is_as_strong_as(cost) {
            Rehash::NotDue
        } else {
            Rehash::Due
        }
    }

    /// Hashes the same password anew, whatever scheme it had.
    ///
    /// # Errors
    /// [`HashError::Malformed`] where the typed text is not the password.
    pub(crate) fn upgraded(
        &self,
        typed: &TypedPassword,
        cost: PasswordCost,
        salt: [u8; SALT_LEN],
    ) -> Result<Self, HashError> {
        let prepared = typed.prepared().ok_or(HashError::Malformed)?;
        Self::make(bytes(&prepared), cost, salt)
    }

    pub(crate) fn make(
        secret: &[u8],
        cost: PasswordCost,
        salt: [u8; SALT_LEN],
    ) -> Result<Self, HashError> {
        let params = cost.params(OUTPUT_LEN).map_err(fault)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut output = [0; OUTPUT_LEN];
        argon2
            .hash_password_into(secret, &salt, &mut output)
            .map_err(fault)?;
        let (salt, output) = (
            Base64Unpadded::encode_string(&salt),
            Base64Unpadded::encode_string(&output),
        );
        Ok(Self(format!("$argon2id$v=19${cost}${salt}${output}")))
    }

    fn is_as_strong_as(&self, cost: PasswordCost) -> bool {
        let Scheme::Argon2(text) = self.scheme() else {
            return false;
        };
        Argon2Text::parse(text).is_ok_and(|stored| {
            stored.algorithm == Algorithm::Argon2id
                && stored.version == Version::V0x13
                && stored.output.len() >= OUTPUT_LEN
                && stored.salt.len() >= SALT_LEN
                && !stored.cost.is_below(&cost)
        })
    }

    fn scheme(&self) -> Scheme<'_> {
        // Django writes `argon2$argon2id$v=19$..`.
        let text = self
            .0
            .strip_prefix("argon2")
            .filter(|rest| rest.starts_with("$argon2"));
        let text = text.unwrap_or(&self.0);
        if text.starts_with("$argon2") {
            Scheme::Argon2(text)
        } else {
            Scheme::Foreign
        }
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash([redacted])")
    }
}

impl TryFrom<String> for PasswordHash {
    type Error = PasswordHashError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<PasswordHash> for String {
    fn from(hash: PasswordHash) -> Self {
        hash.0
    }
}

/// The hash of a password that a policy accepted; only [`NewPassword::hash`] makes it, and every
/// command that sets a password takes it.
///
/// [`NewPassword::hash`]: crate::NewPassword::hash
#[derive(Debug)]
pub struct HashedPassword(pub(super) PasswordHash);

impl HashedPassword {
    pub(crate) fn into_hash(self) -> PasswordHash {
        self.0
    }
}

/// A hash that no password has, to be verified where the typed name is unknown, so that the answer
/// takes as long as for a known one (ASVS 6.3.8).
#[derive(Clone, Debug)]
pub struct DummyHash(PasswordHash);

impl DummyHash {
    /// Makes one of the cost that new hashes have, from random bytes that nobody keeps.
    ///
    /// # Errors
    /// [`HashError`] where memory runs out.
    pub fn new(
        secret: [u8; 32],
        cost: PasswordCost,
        salt: [u8; SALT_LEN],
    ) -> Result<Self, HashError> {
        PasswordHash::make(&secret, cost, salt).map(Self)
    }

    /// Does the work of a verification; the answer is always [`Verdict::Differs`].
    #[must_use]
    pub fn verify(&self, typed: &TypedPassword) -> Verdict {
        self.verify_in(typed, &mut HashMemory::new())
    }

    /// Does the same in memory that was kept from the last verification.
    #[must_use]
    pub fn verify_in(&self, typed: &TypedPassword, memory: &mut HashMemory) -> Verdict {
        // A match is as likely as guessing 256 bits, and would open nothing.
        let _ = self.0.verify_in(typed, memory);
        Verdict::Differs
    }
}

/// Why a stored hash gave no verdict.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    /// The text is no hash of its scheme.
    #[error("the stored hash is malformed: the password must be set anew")]
    Malformed,
    /// Memory ran out.
    #[error("there is not enough memory for a hash: try again later")]
    OutOfMemory,
    /// Its parameters ask for more than the caps.
    #[error("the stored hash asks for more than 262144 KiB, 10 passes or 16 lanes")]
    TooCostly,
    /// A scheme that this build does not verify.
    #[error("the stored hash is of a scheme that is not verified: the password must be set anew")]
    UnsupportedScheme,
}

/// A text that cannot be a stored hash.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a stored hash has 1 to 512 printable ASCII characters")]
pub struct PasswordHashError;

enum Scheme<'a> {
    Argon2(&'a str),
    Foreign,
}

const OUTPUT_LEN: usize = 32;

fn bytes(secret: &secrecy::SecretString) -> &[u8] {
    secret.expose_secret().as_bytes()
}

/// Verifies a secret; one that cannot be any (`None`) costs the same and differs.
fn verify(
    text: &str,
    secret: Option<&[u8]>,
    memory: &mut HashMemory,
) -> Result<Verdict, HashError> {
    let stored = Argon2Text::parse(text)?;
    let cost = stored.cost;
    if !cost.is_within_caps() {
        return Err(HashError::TooCostly);
    }
    let params = cost
        .params(stored.output.len())
        .map_err(|_| HashError::Malformed)?;
    let blocks = memory.blocks(&params)?;
    let argon2 = Argon2::new(stored.algorithm, stored.version, params);
    let (secret_bytes, mut output) = (secret.unwrap_or_default(), vec![0; stored.output.len()]);
    let hashed =
        argon2.hash_password_into_with_memory(secret_bytes, &stored.salt, &mut output, blocks);
    memory.relax();
    hashed.map_err(fault)?;
    let same: bool = output.ct_eq(&stored.output).into();
    Ok(if same && secret.is_some() {
        Verdict::Matches
    } else {
        Verdict::Differs
    })
}

const fn fault(error: argon2::Error) -> HashError {
    match error {
        argon2::Error::OutOfMemory => HashError::OutOfMemory,
        _ => HashError::Malformed,
    }
}
