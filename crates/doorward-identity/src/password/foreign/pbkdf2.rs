//! PBKDF2 as Django, passlib and ASP.NET Identity store it.

use base64ct::{Base64, Base64Unpadded, Encoding};
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::{compare, next, number};
use crate::password::{HashError, Verdict};

#[derive(Clone, Copy)]
pub(super) enum Prf {
    Sha1,
    Sha256,
    Sha512,
}

/// Verifies `1000000$salt$base64`.
pub(super) fn verify_django(prf: Prf, stored: &str, typed: &[u8]) -> Result<Verdict, HashError> {
    let mut parts = stored.split('$');
    let rounds = number(next(&mut parts)?)?;
    let salt = next(&mut parts)?.as_bytes();
    let expected = Base64::decode_vec(next(&mut parts)?).map_err(|_| HashError::Malformed)?;
    match prf {
        Prf::Sha1 => verify::<20>(prf, rounds, salt, &expected, typed),
        Prf::Sha256 | Prf::Sha512 => verify::<32>(prf, rounds, salt, &expected, typed),
    }
}

/// Verifies `1000$salt$key`, both in base64 with `.` for `+`.
pub(super) fn verify_passlib(stored: &str, typed: &[u8]) -> Result<Verdict, HashError> {
    let mut parts = stored.split('$');
    let rounds = number(next(&mut parts)?)?;
    let mut decode = || {
        let text = next(&mut parts)?.replace('.', "+");
        Base64Unpadded::decode_vec(&text).map_err(|_| HashError::Malformed)
    };
    let (salt, expected) = (decode()?, decode()?);
    verify::<32>(Prf::Sha256, rounds, &salt, &expected, typed)
}

/// Verifies base64 of a marker byte and what follows it: 1 is `prf, rounds, salt length` as 32-bit
/// numbers, salt, key; 0 is 16 bytes of salt and a key of 1,000 rounds of SHA-1.
pub(super) fn verify_aspnet(stored: &str, typed: &[u8]) -> Result<Verdict, HashError> {
    let bytes = Base64::decode_vec(stored).map_err(|_| HashError::UnsupportedScheme)?;
    match bytes.split_first() {
        Some((0, rest)) if rest.len() == 48 => {
            let (salt, expected) = rest.split_at(16);
            verify::<32>(Prf::Sha1, 1_000, salt, expected, typed)
        }
        Some((1, rest)) => {
            let (prf, rest) = word(rest)?;
            let (rounds, rest) = word(rest)?;
            let (salt_len, rest) = word(rest)?;
            let prf = match prf {
                0 => Prf::Sha1,
                1 => Prf::Sha256,
                2 => Prf::Sha512,
                _ => return Err(HashError::UnsupportedScheme),
            };
            let salt_len = usize::try_from(salt_len).map_err(|_| HashError::Malformed)?;
            let (salt, expected) = rest
                .split_at_checked(salt_len)
                .ok_or(HashError::Malformed)?;
            verify::<32>(prf, rounds, salt, expected, typed)
        }
        _ => Err(HashError::UnsupportedScheme),
    }
}

/// Twice what Django asks for in 2025.
const MAX_ROUNDS: u32 = 2_000_000;
fn word(bytes: &[u8]) -> Result<(u32, &[u8]), HashError> {
    let (word, rest) = bytes.split_first_chunk::<4>().ok_or(HashError::Malformed)?;
    Ok((u32::from_be_bytes(*word), rest))
}

/// A shorter key is the beginning of the longer one, so each format's own length is asked for.
fn verify<const LEN: usize>(
    prf: Prf,
    rounds: u32,
    salt: &[u8],
    expected: &[u8],
    typed: &[u8],
) -> Result<Verdict, HashError> {
    if rounds > MAX_ROUNDS {
        return Err(HashError::TooCostly);
    }
    if expected.len() != LEN || rounds == 0 {
        return Err(HashError::Malformed);
    }
    let mut key = [0; LEN];
    match prf {
        Prf::Sha1 => pbkdf2_hmac::<Sha1>(typed, salt, rounds, &mut key),
        Prf::Sha256 => pbkdf2_hmac::<Sha256>(typed, salt, rounds, &mut key),
        Prf::Sha512 => pbkdf2_hmac::<Sha512>(typed, salt, rounds, &mut key),
    }
    Ok(compare(&key, expected))
}
