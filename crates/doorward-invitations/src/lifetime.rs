//! How long a link is good for.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// How long a link is good for: from 1 hour to 30 days of elapsed time, kept in whole seconds.
///
/// Days are 24 hours each (design 9.1), so a change of the clocks neither lengthens nor shortens it.
///
/// ```
/// use doorward_invitations::Lifetime;
/// use time::macros::datetime;
/// let issued = datetime!(2026-11-22 10:00 UTC);
/// assert_eq!(Lifetime::SEVEN_DAYS.after(issued), datetime!(2026-11-29 10:00 UTC));
/// assert!(Lifetime::days(31).is_err());
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Lifetime(u32);

const HOUR: u32 = 60 * 60;
const DAY: u32 = 24 * HOUR;

impl Lifetime {
    /// The shortest: one hour.
    pub const SHORTEST: Self = Self(HOUR);
    /// Seven days (Kalix: "pending invitations expire after seven days").
    pub const SEVEN_DAYS: Self = Self(7 * DAY);
    /// Thirty days, the longest (ALIS: "Invitation expires in 30 days").
    pub const THIRTY_DAYS: Self = Self(30 * DAY);

    /// Returns a lifetime of this many seconds.
    ///
    /// # Errors
    /// [`LifetimeError`] below an hour or above 30 days.
    pub const fn seconds(seconds: u32) -> Result<Self, LifetimeError> {
        if seconds < Self::SHORTEST.0 || seconds > Self::THIRTY_DAYS.0 {
            Err(LifetimeError { seconds })
        } else {
            Ok(Self(seconds))
        }
    }

    /// Returns a lifetime of this many hours.
    ///
    /// # Errors
    /// [`LifetimeError`] for none, or more than 720.
    pub const fn hours(hours: u32) -> Result<Self, LifetimeError> {
        Self::seconds(hours.saturating_mul(HOUR))
    }

    /// Returns a lifetime of this many days of 24 hours.
    ///
    /// # Errors
    /// [`LifetimeError`] for none, or more than 30.
    pub const fn days(days: u32) -> Result<Self, LifetimeError> {
        Self::seconds(days.saturating_mul(DAY))
    }

    /// Returns its length in seconds.
    #[must_use]
    pub const fn as_seconds(self) -> u32 {
        self.0
    }

    /// Returns its length.
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::seconds(i64::from(self.0))
    }

    /// Returns the first instant at which a link made at `start` is no longer good.
    #[must_use]
    pub fn after(self, start: OffsetDateTime) -> OffsetDateTime {
        start.saturating_add(self.duration())
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            seconds if seconds % DAY == 0 => write!(f, "{} d", seconds / DAY),
            seconds if seconds % HOUR == 0 => write!(f, "{} h", seconds / HOUR),
            seconds => write!(f, "{seconds} s"),
        }
    }
}

impl TryFrom<u32> for Lifetime {
    type Error = LifetimeError;

    fn try_from(seconds: u32) -> Result<Self, Self::Error> {
        Self::seconds(seconds)
    }
}

impl From<Lifetime> for u32 {
    fn from(lifetime: Lifetime) -> Self {
        lifetime.0
    }
}

/// A length that no invitation can have.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an invitation lasts from 1 hour to 30 days, not `{seconds}` seconds")]
pub struct LifetimeError {
    /// The length that was refused.
    pub seconds: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_and_thirty_days_are_the_ends() {
        assert_eq!(Lifetime::hours(1), Ok(Lifetime::SHORTEST));
        assert_eq!(Lifetime::days(30), Ok(Lifetime::THIRTY_DAYS));
        assert!(Lifetime::seconds(3_599).is_err());
        assert!(Lifetime::seconds(30 * DAY + 1).is_err());
        assert!(Lifetime::days(u32::MAX).is_err());
    }

    #[test]
    fn it_reads_in_its_largest_whole_unit() {
        assert_eq!(Lifetime::SEVEN_DAYS.to_string(), "7 d");
        assert_eq!(Lifetime::hours(36).unwrap().to_string(), "36 h");
        assert_eq!(Lifetime::seconds(3_601).unwrap().to_string(), "3601 s");
    }

    #[test]
    fn a_stored_length_out_of_bounds_is_refused() {
        assert!(serde_json::from_str::<Lifetime>("60").is_err());
        let seven: Lifetime = serde_json::from_str("604800").unwrap();
        assert_eq!(seven, Lifetime::SEVEN_DAYS);
    }

    #[test]
    fn the_end_of_time_does_not_overflow() {
        let last = time::PrimitiveDateTime::MAX.assume_utc();
        assert_eq!(Lifetime::THIRTY_DAYS.after(last), last);
    }
}
