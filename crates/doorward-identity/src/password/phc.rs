//! The PHC string of an argon2 hash, taken apart.
//!
//! The library's own reader refuses salts of more than 48 bytes, which other systems make.

use argon2::{Algorithm, Version};
use base64ct::{Base64Unpadded, Encoding};

use super::{cost::PasswordCost, hash::HashError};

pub(super) struct Argon2Text {
    pub(super) algorithm: Algorithm,
    pub(super) version: Version,
    pub(super) cost: PasswordCost,
    pub(super) salt: Vec<u8>,
    pub(super) output: Vec<u8>,
}

impl Argon2Text {
    /// Reads `$argon2id$v=19$m=19456,t=2,p=1$salt$output`.
    pub(super) fn parse(text: &str) -> Result<Self, HashError> {
        let fields = text.strip_prefix('$').ok_or(HashError::Malformed)?;
        let mut fields = fields.split('$').peekable();
        let algorithm = fields.next().ok_or(HashError::Malformed)?;
        let algorithm = Algorithm::new(algorithm).map_err(|_| HashError::UnsupportedScheme)?;
        // A string without a version is of version 1.0.
        let version = match fields.next_if(|field| field.starts_with("v=")) {
            None | Some("v=16") => Version::V0x10,
            Some("v=19") => Version::V0x13,
            Some(_) => return Err(HashError::UnsupportedScheme),
        };
        let cost = fields
            .next()
            .and_then(PasswordCost::parse)
            .ok_or(HashError::Malformed)?;
        let mut decode = || {
            let field = fields.next().ok_or(HashError::Malformed)?;
            Base64Unpadded::decode_vec(field).map_err(|_| HashError::Malformed)
        };
        let (salt, output) = (decode()?, decode()?);
        let whole = salt.len() >= MIN_SALT_LEN && output.len() >= MIN_OUTPUT_LEN;
        if !whole || fields.next().is_some() {
            return Err(HashError::Malformed);
        }
        Ok(Self {
            algorithm,
            version,
            cost,
            salt,
            output,
        })
    }
}

/// RFC 9106 section 3.1.
const MIN_SALT_LEN: usize = 8;
/// Shorter outputs would make a match a matter of luck.
const MIN_OUTPUT_LEN: usize = 16;
