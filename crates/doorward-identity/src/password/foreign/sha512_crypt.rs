//! SHA-512 crypt, as Unix systems store it.

use sha_crypt::{PasswordVerifier, ShaCrypt, password_hash};

use super::number;
use crate::password::{HashError, Verdict};

/// Verifies `$6$salt$hash` and `$6$rounds=N$salt$hash`.
pub(super) fn verify(stored: &str, typed: &[u8]) -> Result<Verdict, HashError> {
    let first = stored.split('$').nth(2).ok_or(HashError::Malformed)?;
    if let Some(rounds) = first.strip_prefix("rounds=")
        && number::<u32>(rounds)? > MAX_ROUNDS
    {
        return Err(HashError::TooCostly);
    }
    // The library compares in constant time.
    match PasswordVerifier::<str>::verify_password(&ShaCrypt::SHA512, typed, stored) {
        Ok(()) => Ok(Verdict::Matches),
        Err(password_hash::Error::PasswordInvalid) => Ok(Verdict::Differs),
        Err(_) => Err(HashError::Malformed),
    }
}

/// Two hundred times the scheme's default.
const MAX_ROUNDS: u32 = 1_000_000;
