//! How long a page is.

/// How many rows a call answers at most: 1 to 1,000.
///
/// ```
/// use doorward_storage::Limit;
/// assert!(Limit::new(0).is_err() && Limit::new(1_001).is_err());
/// assert_eq!(Limit::clamped(5_000), Limit::MAX);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Limit(usize);

impl Limit {
    /// One row.
    pub const ONE: Self = Self(1);
    /// A full page: 1,000 rows.
    pub const MAX: Self = Self(1_000);

    /// Makes a limit.
    ///
    /// # Errors
    /// [`LimitError`] for 0 or more than 1,000.
    pub const fn new(count: usize) -> Result<Self, LimitError> {
        if count == 0 || count > Self::MAX.0 {
            Err(LimitError { count })
        } else {
            Ok(Self(count))
        }
    }

    /// Makes the nearest limit there is.
    #[must_use]
    pub const fn clamped(count: usize) -> Self {
        match Self::new(count) {
            Ok(limit) => limit,
            Err(_) if count == 0 => Self::ONE,
            Err(_) => Self::MAX,
        }
    }

    /// Returns the number of rows.
    #[must_use]
    pub const fn count(self) -> usize {
        self.0
    }
}

/// A number of rows that no page has.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a page has 1 to 1,000 rows, not {count}")]
pub struct LimitError {
    count: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_1_to_1000() {
        assert!(Limit::new(1).is_ok() && Limit::new(1_000).is_ok());
        assert_eq!(Limit::new(0), Err(LimitError { count: 0 }));
        assert_eq!(Limit::new(1_001), Err(LimitError { count: 1_001 }));
        assert_eq!(
            (Limit::clamped(0), Limit::clamped(7).count()),
            (Limit::ONE, 7)
        );
    }
}
