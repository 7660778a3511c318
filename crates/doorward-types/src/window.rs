//! Periods of time, half-open.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A period `[from, until)`: exactly at its end is outside (design 9.1).
///
/// Instants are UTC, cut to microseconds where the clock is read. A window without an end lasts.
///
/// ```
/// use doorward_types::Window;
/// use time::macros::datetime;
/// let week = Window::between(datetime!(2026-11-22 00:00 UTC), datetime!(2026-11-29 00:00 UTC))?;
/// assert!(week.contains(datetime!(2026-11-28 23:59:59.999999 UTC)));
/// assert!(!week.contains(datetime!(2026-11-29 00:00 UTC)));
/// # Ok::<(), doorward_types::WindowError>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "Bounds", into = "Bounds")]
pub struct Window {
    from: OffsetDateTime,
    until: Option<OffsetDateTime>,
}

impl Window {
    /// Returns the window that begins at this instant and has no end.
    #[must_use]
    pub const fn since(from: OffsetDateTime) -> Self {
        Self { from, until: None }
    }

    /// Returns the window between two instants.
    ///
    /// # Errors
    /// [`WindowError`] where it would end before or when it begins.
    pub fn between(from: OffsetDateTime, until: OffsetDateTime) -> Result<Self, WindowError> {
        Self::new(from, Some(until))
    }

    /// Returns the window from an instant to an end, if there is one.
    ///
    /// # Errors
    /// [`WindowError`] where it would end before or when it begins.
    pub fn new(from: OffsetDateTime, until: Option<OffsetDateTime>) -> Result<Self, WindowError> {
        match until {
            Some(until) if until <= from => Err(WindowError { from, until }),
            _ => Ok(Self { from, until }),
        }
    }

    /// Tells whether the instant lies inside.
    #[inline]
    #[must_use]
    pub fn contains(&self, now: OffsetDateTime) -> bool {
        self.from <= now && !self.has_ended(now)
    }

    /// Tells whether the window is over.
    #[inline]
    #[must_use]
    pub fn has_ended(&self, now: OffsetDateTime) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Returns the first instant inside.
    #[must_use]
    pub const fn from(&self) -> OffsetDateTime {
        self.from
    }

    /// Returns the first instant after it, if it ends.
    #[must_use]
    pub const fn until(&self) -> Option<OffsetDateTime> {
        self.until
    }
}

/// A window that would hold no instant.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a window must end after it begins: `{until}` is not after `{from}`")]
pub struct WindowError {
    /// Where it would begin.
    pub from: OffsetDateTime,
    /// Where it would end.
    pub until: OffsetDateTime,
}

#[derive(Deserialize, Serialize)]
struct Bounds {
    #[serde(with = "time::serde::rfc3339")]
    from: OffsetDateTime,
    #[serde(
        with = "time::serde::rfc3339::option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    until: Option<OffsetDateTime>,
}

impl TryFrom<Bounds> for Window {
    type Error = WindowError;

    fn try_from(bounds: Bounds) -> Result<Self, Self::Error> {
        Self::new(bounds.from, bounds.until)
    }
}

impl From<Window> for Bounds {
    fn from(window: Window) -> Self {
        Self {
            from: window.from,
            until: window.until,
        }
    }
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::*;

    const FROM: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);

    /// Design 9.1, at the microsecond.
    #[test]
    fn the_first_instant_is_inside_and_the_last_is_not() {
        let until = FROM + Duration::days(7);
        let window = Window::between(FROM, until).unwrap();
        assert!(!window.contains(FROM - Duration::MICROSECOND));
        assert!(window.contains(FROM));
        assert!(window.contains(until - Duration::MICROSECOND));
        assert!(!window.contains(until));
    }

    #[test]
    fn a_window_that_holds_nothing_is_refused() {
        assert!(Window::between(FROM, FROM).is_err());
        assert!(Window::between(FROM, FROM - Duration::MICROSECOND).is_err());
    }

    #[test]
    fn a_window_is_stored_as_rfc_3339_and_checked_on_reading() {
        let window = Window::between(FROM, FROM + Duration::days(1)).unwrap();
        let json = serde_json::to_string(&window).unwrap();
        assert_eq!(
            json,
            r#"{"from":"2026-11-22T10:00:00Z","until":"2026-11-23T10:00:00Z"}"#
        );
        assert_eq!(serde_json::from_str::<Window>(&json).unwrap(), window);
        let backwards = r#"{"from":"2026-11-22T10:00:00Z","until":"2026-11-21T10:00:00Z"}"#;
        assert!(serde_json::from_str::<Window>(backwards).is_err());
    }
}
