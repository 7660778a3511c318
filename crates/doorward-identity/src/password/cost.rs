//! What a hash costs.

use std::fmt;

use argon2::Params;

/// The parameters of argon2id for new hashes.
///
/// ```
/// use doorward_identity::PasswordCost;
/// assert!(PasswordCost::new(19 * 1024, 2, 1).is_ok());
/// assert!(PasswordCost::new(19 * 1024, 1, 1).is_err());
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PasswordCost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl PasswordCost {
    /// Returns the OWASP floor: 19 MiB, 2 passes, 1 lane.
    #[must_use]
    pub const fn owasp() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
            lanes: 1,
        }
    }

    /// Returns the second recommendation of RFC 9106 section 4: 64 MiB, 3 passes, 4 lanes.
    #[must_use]
    pub const fn rfc9106_low_memory() -> Self {
        Self {
            memory_kib: 64 * 1024,
            passes: 3,
            lanes: 4,
        }
    }

    /// Parses parameters of a host's own: memory in KiB, passes, lanes.
    ///
    /// # Errors
    /// [`CostError`] below the OWASP floor, or above what verification accepts.
    pub const fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, CostError> {
        let cost = Self {
            memory_kib,
            passes,
            lanes,
        };
        if !cost.is_within_caps() {
            return Err(CostError::AboveCap);
        }
        if !cost.is_above_floor() {
            return Err(CostError::BelowFloor);
        }
        Ok(cost)
    }

    /// Returns parameters so cheap that tests are quick. Only with the feature `test-cost`, which
    /// no normal build has: such a hash is worth nothing.
    #[cfg(feature = "test-cost")]
    #[must_use]
    pub const fn for_tests() -> Self {
        Self {
            memory_kib: 8,
            passes: 1,
            lanes: 1,
        }
    }

    /// Tells whether stored parameters may be computed at all: whoever can edit a record must not be
    /// able to exhaust the host with it.
    pub(crate) const fn is_within_caps(&self) -> bool {
        self.memory_kib <= 256 * 1024 && self.passes <= 10 && self.lanes <= 16
    }

    /// OWASP lists equal pairs of memory and passes: 46 MiB/1, 19/2, 12/3, 9/4, 7/5.
    const fn is_above_floor(&self) -> bool {
        let mib = self.memory_kib / 1024;
        let needed = match self.passes {
            0 => return false,
            1 => 46,
            2 => 19,
            3 => 12,
            4 => 9,
            _ => 7,
        };
        mib >= needed && self.lanes >= 1
    }

    /// Reads `m=19456,t=2,p=1`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut params = text.split(',');
        let mut param = |name: &str| params.next()?.strip_prefix(name)?.parse().ok();
        let (memory_kib, passes, lanes) = (param("m=")?, param("t=")?, param("p=")?);
        params.next().is_none().then_some(Self {
            memory_kib,
            passes,
            lanes,
        })
    }

    pub(crate) fn params(self, output_len: usize) -> Result<Params, argon2::Error> {
        Params::new(self.memory_kib, self.passes, self.lanes, Some(output_len))
    }

    /// Tells whether a hash of these parameters is weaker than one of the other's.
    pub(crate) const fn is_below(&self, other: &Self) -> bool {
        self.memory_kib < other.memory_kib
            || self.passes < other.passes
            || self.lanes != other.lanes
    }
}

impl fmt::Display for PasswordCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "m={},t={},p={}",
            self.memory_kib, self.passes, self.lanes
        )
    }
}

/// Parameters that no hash may have.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CostError {
    /// More than verification accepts.
    #[error("a hash costs at most 262144 KiB, 10 passes and 16 lanes")]
    AboveCap,
    /// Less than OWASP asks for.
    #[error("a hash costs at least 46 MiB in 1 pass, 19 in 2, 12 in 3, 9 in 4 or 7 in 5")]
    BelowFloor,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OWASP Password Storage: the five equal pairs.
    #[test]
    fn the_floor_is_each_pair_of_owasp_and_nothing_below_it() {
        for (mib, passes) in [(46, 1), (19, 2), (12, 3), (9, 4), (7, 5)] {
            assert!(PasswordCost::new(mib * 1024, passes, 1).is_ok());
            let below = PasswordCost::new(mib * 1024 - 1, passes, 1);
            assert_eq!(below, Err(CostError::BelowFloor));
        }
        assert_eq!(
            PasswordCost::new(64 * 1024, 0, 1),
            Err(CostError::BelowFloor)
        );
        assert_eq!(
            PasswordCost::new(64 * 1024, 3, 0),
            Err(CostError::BelowFloor)
        );
    }

    #[test]
    fn nothing_is_made_that_verification_would_refuse() {
        assert!(PasswordCost::new(256 * 1024, 10, 16).is_ok());
        assert_eq!(
            PasswordCost::new(256 * 1024 + 1, 1, 1),
            Err(CostError::AboveCap)
        );
        assert_eq!(
            PasswordCost::new(64 * 1024, 11, 1),
            Err(CostError::AboveCap)
        );
        assert_eq!(
            PasswordCost::new(64 * 1024, 3, 17),
            Err(CostError::AboveCap)
        );
    }

    #[test]
    fn both_named_costs_are_within_floor_and_caps() {
        for cost in [PasswordCost::owasp(), PasswordCost::rfc9106_low_memory()] {
            assert!(cost.is_above_floor() && cost.is_within_caps());
        }
    }
}
