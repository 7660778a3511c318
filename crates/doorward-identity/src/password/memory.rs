//! The memory that argon2 fills.

use std::fmt;

use argon2::{Block, Params};

use super::hash::HashError;

/// The memory that hashes are computed in, kept from one to the next.
///
/// A hash fills megabytes. Where they are asked of the system for each hash, handing the pages out
/// can take as long as two thirds of the hash itself, on one thread and not on another; whoever
/// verifies one password after the other keeps them. A computation writes every block before it
/// reads it, so nothing of an earlier one comes in.
///
/// It holds what the last hash took, at most 64 MiB between two; nothing before the first.
///
/// ```
/// use doorward_identity::{DummyHash, HashMemory, PasswordCost, TypedPassword};
/// let dummy = DummyHash::new([1; 32], PasswordCost::owasp(), [2; 16])?;
/// let mut memory = HashMemory::new();
/// for typed in ["ten yellow herons", "nine green herons"] {
///     let _ = dummy.verify_in(&TypedPassword::new(typed.to_owned()), &mut memory);
/// }
/// # Ok::<(), doorward_identity::HashError>(())
/// ```
#[derive(Default)]
pub struct HashMemory(Vec<Block>);

impl HashMemory {
    /// Returns memory that takes nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Returns the blocks for a hash of these parameters.
    pub(super) fn blocks(&mut self, params: &Params) -> Result<&mut [Block], HashError> {
        let count = params.block_count();
        if self.0.len() < count {
            // Nothing in it is worth being copied.
            self.0 = Vec::new();
            self.0
                .try_reserve_exact(count)
                .map_err(|_| HashError::OutOfMemory)?;
            self.0.resize(count, Block::new());
        }
        self.0.get_mut(..count).ok_or(HashError::OutOfMemory)
    }

    /// Gives back what is more than a usual hash takes: a stored one may ask for four times as much.
    pub(super) fn relax(&mut self) {
        if self.0.len() > KEPT_BLOCKS {
            self.0 = Vec::new();
        }
    }
}

impl fmt::Debug for HashMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashMemory")
            .field("kib", &self.0.len())
            .finish_non_exhaustive()
    }
}

/// 64 MiB, as the dearer one of the named costs takes; a block is one KiB.
const KEPT_BLOCKS: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn params(kib: u32) -> Params {
        Params::new(kib, 1, 1, None).unwrap()
    }

    #[test]
    fn memory_grows_with_the_dearest_hash_and_serves_a_cheaper_one() {
        let mut memory = HashMemory::new();
        for (kib, held) in [(16, 16), (64, 64), (32, 64)] {
            assert_eq!(memory.blocks(&params(kib)).unwrap().len(), kib as usize);
            memory.relax();
            assert_eq!(memory.0.len(), held);
        }
    }

    #[test]
    fn more_than_64_mib_is_not_kept() {
        let mut memory = HashMemory::new();
        for (kib, held) in [(64 * 1024, 64 * 1024), (64 * 1024 + 4, 0)] {
            assert!(memory.blocks(&params(kib)).is_ok());
            memory.relax();
            assert_eq!(memory.0.len(), held);
        }
    }
}
