//! Hashes of other systems: read, capped, verified; never made.
//!
//! | text begins with | scheme | made by |
//! |---|---|---|
//! | `$2a$`, `$2b$`, `$2y$`, `bcrypt$` | bcrypt | PHP, Python, Django |
//! | `bcrypt_sha256$` | bcrypt over SHA-256 | Django |
//! | `pbkdf2_sha256$`, `pbkdf2_sha1$` | PBKDF2 | Django |
//! | `$pbkdf2-sha256$` | PBKDF2 | passlib |
//! | `AQ..`, `AA..` to `AP..` | PBKDF2 | ASP.NET Identity 3 and 2 |
//! | `scrypt$`, `$scrypt$`, `$7$` | scrypt | Django, passlib, libsodium |
//! | `$6$` | SHA-512 crypt | Unix |
//!
//! Plain digests (`md5$`) are refused: whoever has such a record has the password, so that it is no
//! evidence of who types it.

mod bcrypt;
mod pbkdf2;
mod scrypt;
mod sha512_crypt;

use subtle::ConstantTimeEq;

use super::{
    hash::{HashError, Verdict},
    typed::TypedPassword,
};

/// Tells whether the typed text, as it stands, has this hash.
pub(super) fn verify(stored: &str, typed: &TypedPassword) -> Result<Verdict, HashError> {
    // Other systems hashed what was typed: no preparation here.
    let Some(typed) = typed.raw().map(str::as_bytes) else {
        return Ok(Verdict::Differs);
    };
    if let Some(rest) = stored.strip_prefix("bcrypt_sha256$") {
        return bcrypt::verify_sha256(rest, typed);
    }
    if let Some(rest) = stored.strip_prefix("bcrypt$") {
        return bcrypt::verify(rest, typed);
    }
    if stored.starts_with("$2") {
        return bcrypt::verify(stored, typed);
    }
    if let Some(rest) = stored.strip_prefix("pbkdf2_sha256$") {
        return pbkdf2::verify_django(pbkdf2::Prf::Sha256, rest, typed);
    }
    if let Some(rest) = stored.strip_prefix("pbkdf2_sha1$") {
        return pbkdf2::verify_django(pbkdf2::Prf::Sha1, rest, typed);
    }
    if let Some(rest) = stored.strip_prefix("$pbkdf2-sha256$") {
        return pbkdf2::verify_passlib(rest, typed);
    }
    if let Some(rest) = stored.strip_prefix("scrypt$") {
        return scrypt::verify_django(rest, typed);
    }
    if let Some(rest) = stored.strip_prefix("$scrypt$") {
        return scrypt::verify_phc(rest, typed);
    }
    if let Some(rest) = stored.strip_prefix("$7$") {
        return scrypt::verify_libsodium(rest, typed);
    }
    if stored.starts_with("$6$") {
        return sha512_crypt::verify(stored, typed);
    }
    if stored.contains('$') {
        return Err(HashError::UnsupportedScheme);
    }
    pbkdf2::verify_aspnet(stored, typed)
}

/// Compares in constant time (ASVS 11.2.4).
fn compare(computed: &[u8], expected: &[u8]) -> Verdict {
    if computed.ct_eq(expected).into() {
        Verdict::Matches
    } else {
        Verdict::Differs
    }
}

/// Takes the next part of a text in dollars.
fn next<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Result<&'a str, HashError> {
    parts.next().ok_or(HashError::Malformed)
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, HashError> {
    text.parse().map_err(|_| HashError::Malformed)
}
