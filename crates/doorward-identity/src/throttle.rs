//! Throttles: growing delays after wrong credentials, in records of their own.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// How many consecutive failures close a password until it is set anew by a mailed reset
/// (NIST SP 800-63B-4 3.2.2: at most 100).
pub const HARD_STOP: u32 = 100;

/// The wrong credentials presented for one account, with their own clock.
///
/// After five failures each further one locks for twice as long, from a minute to an hour. Attempts
/// while it is locked are refused and not counted, so that nobody can be kept out for ever; a
/// mailed reset works all the same and lifts the lock (design 6).
///
/// ```
/// use doorward_identity::{Gate, Throttle};
/// use time::{Duration, macros::datetime};
/// let now = datetime!(2026-11-22 10:00 UTC);
/// let mut throttle = Throttle::default();
/// for _ in 0..5 {
///     throttle = throttle.fail(now);
/// }
/// assert_eq!(throttle.gate(now), Gate::Open);
/// throttle = throttle.fail(now);
/// assert_eq!(throttle.gate(now), Gate::Locked { until: now + Duration::minutes(1) });
/// assert_eq!(throttle.gate(now + Duration::minutes(1)), Gate::Open);
/// assert_eq!(throttle.succeed(), Throttle::default());
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Throttle {
    failures: u32,
    #[serde(
        with = "time::serde::rfc3339::option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    locked_until: Option<OffsetDateTime>,
}

/// Whether a credential is looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Gate {
    /// Not before this instant.
    Locked {
        /// The first instant at which it is again.
        until: OffsetDateTime,
    },
    /// It is.
    Open,
    /// Not until the credential is set anew.
    Stopped,
}

impl Throttle {
    /// Returns whether a credential is looked at now.
    #[must_use]
    pub fn gate(&self, now: OffsetDateTime) -> Gate {
        if self.failures >= HARD_STOP {
            return Gate::Stopped;
        }
        match self.locked_until {
            Some(until) if now < until => Gate::Locked { until },
            _ => Gate::Open,
        }
    }

    /// Counts a failure and locks by its number; nothing changes while the gate is not open.
    #[must_use]
    pub fn fail(self, now: OffsetDateTime) -> Self {
        if self.gate(now) != Gate::Open {
            return self;
        }
        let failures = self.failures.saturating_add(1);
        let locked_until = delay(failures).and_then(|delay| now.checked_add(delay));
        Self {
            failures,
            locked_until,
        }
    }

    /// Starts anew after the right credential (NIST SP 800-63B-4: success resets the count) or a
    /// mailed reset.
    #[must_use]
    pub const fn succeed(self) -> Self {
        Self {
            failures: 0,
            locked_until: None,
        }
    }

    /// Returns the consecutive failures.
    #[must_use]
    pub const fn failure_count(&self) -> u32 {
        self.failures
    }
}

/// Tells whether this refusal in a row is audited: the first, and each doubling (design 7).
///
/// ```
/// use doorward_identity::should_audit;
/// let audited: Vec<u32> = (0..=20).filter(|&count| should_audit(count)).collect();
/// assert_eq!(audited, [1, 2, 4, 8, 16]);
/// ```
#[must_use]
pub const fn should_audit(count: u32) -> bool {
    count.is_power_of_two()
}

/// One of the 65,536 buckets in which refusals of unknown names are counted: the first two bytes of
/// a keyed digest of the typed name, so that a bucket tells nobody's name.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Bucket(u16);

impl Bucket {
    /// Returns the bucket of a typed name by its keyed digest.
    #[must_use]
    pub const fn of(digest: [u8; 32]) -> Self {
        let [first, second, ..] = digest;
        Self(u16::from_be_bytes([first, second]))
    }

    /// Returns its number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

/// The refusals counted in one bucket; a day without any starts it anew.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct AnonymousRefusals {
    count: u32,
    #[serde(
        with = "time::serde::rfc3339::option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    last_at: Option<OffsetDateTime>,
}

impl AnonymousRefusals {
    /// Counts one refusal.
    #[must_use]
    pub fn refuse(self, now: OffsetDateTime) -> Self {
        let quiet = self.last_at.is_none_or(|last| now - last >= QUIET_FOR);
        let count = if quiet {
            1
        } else {
            self.count.saturating_add(1)
        };
        Self {
            count,
            last_at: Some(now),
        }
    }

    /// Returns the count.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }
}

const FREE_FAILURES: u32 = 5;
const FIRST_DELAY: Duration = Duration::minutes(1);
const LONGEST_DELAY: Duration = Duration::hours(1);
const QUIET_FOR: Duration = Duration::hours(24);

fn delay(failures: u32) -> Option<Duration> {
    let doublings = failures.checked_sub(FREE_FAILURES + 1)?;
    // Six doublings of a minute are more than the hour that caps them.
    let doubled = FIRST_DELAY * (1_i32 << doublings.min(6));
    Some(doubled.min(LONGEST_DELAY))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);

    fn failed(times: u32) -> (Throttle, OffsetDateTime) {
        let mut now = NOW;
        let mut throttle = Throttle::default();
        while throttle.failure_count() < times {
            if let Gate::Locked { until } = throttle.gate(now) {
                now = until;
            }
            throttle = throttle.fail(now);
        }
        (throttle, now)
    }

    #[test]
    fn delays_double_from_a_minute_to_an_hour() {
        let minutes: Vec<i64> = (5..=15)
            .map(|times| {
                let (throttle, now) = failed(times);
                match throttle.gate(now) {
                    Gate::Locked { until } => (until - now).whole_minutes(),
                    _ => 0,
                }
            })
            .collect();
        assert_eq!(minutes, [0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    }

    /// Design 6: "failures do not extend it".
    #[test]
    fn failures_while_locked_change_nothing() {
        let (throttle, now) = failed(8);
        assert_eq!(throttle.fail(now + Duration::seconds(30)), throttle);
    }

    #[test]
    fn a_lock_ends_at_its_microsecond() {
        let (throttle, now) = failed(6);
        let until = now + Duration::minutes(1);
        let gate = throttle.gate(until - Duration::MICROSECOND);
        assert_eq!(gate, Gate::Locked { until });
        assert_eq!(throttle.gate(until), Gate::Open);
    }

    /// NIST SP 800-63B-4 3.2.2.
    #[test]
    fn a_hundred_consecutive_failures_stop_it_until_it_is_set_anew() {
        let (throttle, now) = failed(99);
        let later = now + Duration::hours(2);
        assert_eq!(throttle.gate(later), Gate::Open);
        let stopped = throttle.fail(later);
        assert_eq!(stopped.gate(later + Duration::days(365)), Gate::Stopped);
        assert_eq!(stopped.succeed().gate(later), Gate::Open);
    }

    #[test]
    fn an_unknown_name_is_counted_in_one_of_65_536_buckets() {
        let mut digest = [9; 32];
        digest[0] = 1;
        digest[1] = 2;
        assert_eq!(Bucket::of(digest).number(), 258);
    }

    #[test]
    fn a_day_without_refusals_starts_a_bucket_anew() {
        let twice = AnonymousRefusals::default().refuse(NOW).refuse(NOW);
        assert_eq!(twice.count(), 2);
        assert_eq!(twice.refuse(NOW + Duration::hours(23)).count(), 3);
        assert_eq!(twice.refuse(NOW + Duration::hours(24)).count(), 1);
    }

    proptest! {
        #[test]
        fn no_attempt_ever_lengthens_a_lock(steps in prop::collection::vec(0_i64..4_000, 1..300)) {
            let (mut now, mut throttle) = (NOW, Throttle::default());
            for seconds in steps {
                now += Duration::seconds(seconds);
                let before = throttle.gate(now);
                let after = throttle.fail(now).gate(now);
                match before {
                    Gate::Open => {}
                    Gate::Locked { .. } | Gate::Stopped => prop_assert_eq!(before, after),
                }
                if let Gate::Locked { until } = after {
                    prop_assert!(until - now <= LONGEST_DELAY);
                }
                throttle = throttle.fail(now);
                prop_assert!(throttle.failure_count() <= HARD_STOP);
            }
        }
    }
}
