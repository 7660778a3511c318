//! Hashes of other systems.

use super::{
    hash::{HashError, Verdict},
    typed::TypedPassword,
};

pub(super) fn verify(_stored: &str, typed: &TypedPassword) -> Result<Verdict, HashError> {
    let _ = typed.raw();
    Err(HashError::UnsupportedScheme)
}
