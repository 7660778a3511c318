//! Passwords: policy, blocklist, hashes, and what a person types.

mod blocklist;
mod cost;
#[cfg(feature = "foreign-hashes")]
mod foreign;
mod hash;
mod memory;
mod opaque;
mod phc;
mod policy;
mod typed;

pub use blocklist::{Blocklist, BlocklistError};
pub use cost::{CostError, PasswordCost};
pub use hash::{
    DummyHash, HashError, HashedPassword, PasswordHash, PasswordHashError, Rehash, SALT_LEN,
    Verdict,
};
pub use memory::HashMemory;
pub use policy::{ContextWords, NewPassword, PasswordPolicy, PasswordRejection, PolicyError};
pub use typed::TypedPassword;
