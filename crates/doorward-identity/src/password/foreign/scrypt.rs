//! scrypt as Django, passlib and libsodium store it.

use base64ct::{Base64, Base64ShaCrypt, Base64Unpadded, Encoding};
use scrypt::Params;

use super::{compare, next, number};
use crate::password::{HashError, Verdict};

/// Verifies `n$salt$r$p$base64`.
pub(super) fn verify_django(stored: &str, typed: &[u8]) -> Result<Verdict, HashError> {
    let mut parts = stored.split('$');
    let n = number::<u64>(next(&mut parts)?)?;
    let salt = next(&mut parts)?.as_bytes();
    let (r, p) = (number(next(&mut parts)?)?, number(next(&mut parts)?)?);
    let expected = Base64::decode_vec(next(&mut parts)?).map_err(|_| HashError::Malformed)?;
    if !n.is_power_of_two() {
        return Err(HashError::Malformed);
    }
    verify::<64>(n.ilog2(), r, p, salt, &expected, typed)
}

/// Verifies `ln=10,r=8,p=1$salt$key`.
pub(super) fn verify_phc(stored: &str, typed: &[u8]) -> Result<Verdict, HashError> {
    let mut parts = stored.split('$');
    let mut params = next(&mut parts)?.split(',');
    let mut param = |name: &str| {
        let text = params.next().and_then(|param| param.strip_prefix(name));
        number::<u32>(text.ok_or(HashError::Malformed)?)
    };
    let (log_n, r, p) = (param("ln=")?, param("r=")?, param("p=")?);
    let mut decode =
        || Base64Unpadded::decode_vec(next(&mut parts)?).map_err(|_| HashError::Malformed);
    let (salt, expected) = (decode()?, decode()?);
    verify::<32>(log_n, r, p, &salt, &expected, typed)
}

/// Verifies one letter of log n, five of r, five of p, the salt as it stands, `$`, the key; numbers
/// and key in the base64 of crypt, lowest bits first.
pub(super) fn verify_libsodium(stored: &str, typed: &[u8]) -> Result<Verdict, HashError> {
    let (setting, key) = stored.rsplit_once('$').ok_or(HashError::Malformed)?;
    let (log_n, rest) = setting.split_at_checked(1).ok_or(HashError::Malformed)?;
    let (r, rest) = rest.split_at_checked(5).ok_or(HashError::Malformed)?;
    let (p, salt) = rest.split_at_checked(5).ok_or(HashError::Malformed)?;
    let expected = Base64ShaCrypt::decode_vec(key).map_err(|_| HashError::Malformed)?;
    verify::<32>(
        letters(log_n)?,
        letters(r)?,
        letters(p)?,
        salt.as_bytes(),
        &expected,
        typed,
    )
}

/// Memory is 128 * n * r bytes and time grows with n * r * p; 2^22 is 64 MiB eight times over.
const MAX_WORK: u64 = 1 << 22;
const MAX_MEMORY: u64 = 256 * 1024 * 1024;
const CRYPT_ALPHABET: &str = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn letters(text: &str) -> Result<u32, HashError> {
    text.chars().rev().try_fold(0_u32, |number, letter| {
        let value = CRYPT_ALPHABET
            .find(letter)
            .and_then(|at| u32::try_from(at).ok());
        Ok((number << 6) | value.ok_or(HashError::Malformed)?)
    })
}

/// A shorter key is the beginning of the longer one, so each format's own length is asked for.
fn verify<const LEN: usize>(
    log_n: u32,
    r: u32,
    p: u32,
    salt: &[u8],
    expected: &[u8],
    typed: &[u8],
) -> Result<Verdict, HashError> {
    let n = 1_u64.checked_shl(log_n).ok_or(HashError::TooCostly)?;
    let block = n.saturating_mul(u64::from(r));
    let memory = block.saturating_mul(128);
    if memory > MAX_MEMORY || block.saturating_mul(u64::from(p)) > MAX_WORK {
        return Err(HashError::TooCostly);
    }
    let log_n = u8::try_from(log_n).map_err(|_| HashError::Malformed)?;
    let params = Params::new(log_n, r, p).map_err(|_| HashError::Malformed)?;
    if expected.len() != LEN {
        return Err(HashError::Malformed);
    }
    let mut key = [0; LEN];
    scrypt::scrypt(typed, salt, &params, &mut key).map_err(|_| HashError::Malformed)?;
    Ok(compare(&key, expected))
}
