//! bcrypt, bare and over SHA-256.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::{compare, number};
use crate::password::{HashError, Verdict};

/// Verifies `$2b$05$` and 22 letters of salt, 31 of hash. The scheme reads 72 bytes at most, the
/// closing zero included; what a person typed after those never counted.
pub(super) fn verify(stored: &str, typed: &[u8]) -> Result<Verdict, HashError> {
    let mut fields = stored.split('$').skip(1);
    let (version, cost, rest) = (fields.next(), fields.next(), fields.next());
    if !matches!(version, Some("2a" | "2b" | "2y")) {
        return Err(HashError::UnsupportedScheme);
    }
    let (Some(cost), Some((salt, hash))) = (cost, rest.and_then(|rest| rest.split_at_checked(22)))
    else {
        return Err(HashError::Malformed);
    };
    let cost = number::<u32>(cost)?;
    if cost > MAX_COST {
        return Err(HashError::TooCostly);
    }
    let salt: Option<[u8; 16]> = decode(salt).and_then(|bytes| bytes.try_into().ok());
    let hash = decode(hash).filter(|bytes| bytes.len() == HASH_LEN);
    let (Some(salt), Some(hash), MIN_COST..) = (salt, hash, cost) else {
        return Err(HashError::Malformed);
    };
    let mut secret: Vec<u8> = typed.iter().copied().take(72).collect();
    if secret.len() < 72 {
        secret.push(0);
    }
    let computed = bcrypt::bcrypt(cost, salt, &secret);
    let (computed, _) = computed.split_at(HASH_LEN);
    Ok(compare(computed, &hash))
}

/// Verifies bcrypt of the hexadecimal SHA-256, as Django does to read more than 72 bytes.
pub(super) fn verify_sha256(stored: &str, typed: &[u8]) -> Result<Verdict, HashError> {
    let mut digest = String::with_capacity(64);
    for byte in Sha256::digest(typed) {
        // Writing to a string does not fail.
        let _ = write!(digest, "{byte:02x}");
    }
    verify(stored, digest.as_bytes())
}

const MIN_COST: u32 = 4;
/// Each step doubles the time: 14 takes a second or two.
const MAX_COST: u32 = 14;
/// The scheme drops the last of its 24 bytes.
const HASH_LEN: usize = 23;
const ALPHABET: &str = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Decodes bcrypt's own base64; bits left over at the end say nothing.
fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for letter in text.chars() {
        let value = u32::try_from(ALPHABET.find(letter)?).ok()?;
        bits = (bits << 6) | value;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
}
