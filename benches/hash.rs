//! The bare verification of a stored password hash.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64ct::{Base64Unpadded, Encoding as _};

/// A stored hash, taken apart beforehand, and the memory to compute it in.
#[derive(Debug)]
pub struct Stored {
    argon2: Argon2<'static>,
    memory: Vec<Block>,
    salt: Vec<u8>,
    output: Vec<u8>,
}

impl Stored {
    /// Reads `$argon2id$v=19$m=19456,t=2,p=1$salt$output` out of what is stored of the one account
    /// there is.
    ///
    /// # Panics
    /// Where there is none, or another one.
    #[must_use]
    pub fn of_the_only_account(stored: &[Vec<u8>]) -> Self {
        let mut hashes = stored.iter().filter_map(|bytes| {
            let text = str::from_utf8(bytes).ok()?;
            let (_, hash) = text.split_once("$argon2id$v=19$m=19456,t=2,p=1$")?;
            let (hash, _) = hash.split_once('"')?;
            hash.split_once('$')
        });
        let (Some((salt, output)), None) = (hashes.next(), hashes.next()) else {
            panic!("one account has a hash of the default cost");
        };
        let decode = |field| {
            Base64Unpadded::decode_vec(field).unwrap_or_else(|error| panic!("a hash: {error}"))
        };
        let output = decode(output);
        let params = Params::new(19 * 1024, 2, 1, Some(output.len()));
        let params = params.unwrap_or_else(|error| panic!("{error}"));
        Self {
            memory: vec![Block::new(); params.block_count()],
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            salt: decode(salt),
            output,
        }
    }

    /// Computes the hash of a password and compares.
    ///
    /// # Panics
    /// Never: the parameters were read from a hash.
    pub fn matches(&mut self, password: &str) -> bool {
        let (password, mut output) = (password.as_bytes(), vec![0; self.output.len()]);
        self.argon2
            .hash_password_into_with_memory(password, &self.salt, &mut output, &mut self.memory)
            .unwrap_or_else(|error| panic!("{error}"));
        output == self.output
    }
}
