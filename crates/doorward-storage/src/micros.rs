//! Instants as every engine can keep and order them.

use std::time::Duration;

/// An instant: microseconds since 1970-01-01 00:00 UTC.
///
/// Integers, since engines disagree about the text and the precision of times.
///
/// ```
/// use std::time::Duration;
/// use doorward_storage::Micros;
/// assert_eq!(Micros(5).saturating_add(Duration::from_millis(2)), Micros(2_005));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Micros(pub i64);

impl Micros {
    /// Returns the instant this much later, or the last one there is.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros))
    }
}
