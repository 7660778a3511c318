//! The impure inputs: the clock and randomness.

use rand::{TryRng, rngs::SysRng};
use time::OffsetDateTime;

/// Reads the time. A host replaces it in tests and simulations.
///
/// ```
/// use doorward::{Clock, SystemClock};
/// assert_eq!(SystemClock.now().nanosecond() % 1_000, 0); // whole microseconds
/// ```
pub trait Clock: Send + Sync + 'static {
    /// Returns the present instant in UTC, cut to microseconds: no database keeps more.
    fn now(&self) -> OffsetDateTime;
}

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc().truncate_to_microsecond()
    }
}

/// Draws random bytes fit for secrets (ASVS 11.5.1).
pub trait Entropy: Send + Sync + 'static {
    /// Fills the bytes.
    ///
    /// # Errors
    /// [`EntropyError`] where the source is exhausted or missing; nothing was committed then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}

/// The operating system's source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        SysRng.try_fill_bytes(bytes).map_err(|_| EntropyError)
    }
}

/// The source of randomness gave nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the source of randomness gave nothing")]
pub struct EntropyError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_gives_other_bytes_each_time() {
        let mut first = [0; 32];
        let mut second = [0; 32];
        SystemEntropy.fill(&mut first).unwrap();
        SystemEntropy.fill(&mut second).unwrap();
        assert_ne!(first, second);
    }
}
