//! Temporary passwords: made by the system, good for setting a new one and nothing else.

use std::fmt;

use doorward_types::Generation;
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroize};
use serde::{Deserialize, Serialize};

use crate::{
    letters,
    password::{HashError, PasswordCost, PasswordHash, SALT_LEN},
};

/// A temporary password as it is mailed: 16 letters without look-alikes, 80 bits (design 5).
///
/// It exists in memory and in the mail; accounts keep its argon2id hash.
///
/// ```
/// use doorward_identity::TemporaryPassword;
/// use secrecy::ExposeSecret;
/// let made = TemporaryPassword::from_derived([7; 32]);
/// assert_eq!(made.to_text().expose_secret(), "9999-9999-9999-9999");
/// ```
pub struct TemporaryPassword(SecretString);

impl TemporaryPassword {
    /// Spells the first 16 of the derived bytes.
    #[must_use]
    pub fn from_derived(mut bytes: [u8; 32]) -> Self {
        let [head @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = &bytes;
        let text = SecretString::from(letters::spell(head));
        bytes.zeroize();
        Self(text)
    }

    /// Returns the text for the mail, in groups of four; blanks, dashes and letter case do not
    /// matter when it is typed.
    #[must_use]
    pub fn to_text(&self) -> SecretString {
        letters::grouped(&self.0)
    }

    /// Hashes it for the account: it has less than 112 bits (ASVS 6.5.2).
    ///
    /// # Errors
    /// [`HashError`] where memory runs out.
    pub fn hash(
        &self,
        generation: Generation,
        cost: PasswordCost,
        salt: [u8; SALT_LEN],
    ) -> Result<TemporaryPasswordHash, HashError> {
        let hash = PasswordHash::make(self.0.expose_secret().as_bytes(), cost, salt)?;
        Ok(TemporaryPasswordHash { generation, hash })
    }
}

impl fmt::Debug for TemporaryPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TemporaryPassword([redacted])")
    }
}

/// The hash of a temporary password, with the mailing it belongs to.
#[derive(Debug)]
pub struct TemporaryPasswordHash {
    pub(crate) generation: Generation,
    pub(crate) hash: PasswordHash,
}

/// Who gets to read a temporary password.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Handover {
    /// It is mailed to the account's address.
    Mailed,
    /// It is shown once to the administrator, where the host's policy allows it; audited
    /// (ASVS 6.4.6).
    Shown,
}
