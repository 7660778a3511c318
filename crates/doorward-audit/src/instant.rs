//! Instants as entries hold them: UTC, RFC 3339, always 27 characters, so that they sort as text.

use serde::{Deserialize, Deserializer, de::Error};
use time::{
    OffsetDateTime, UtcOffset,
    format_description::{BorrowedFormatItem, well_known::Rfc3339},
    macros::{datetime, format_description},
};

/// Writes an instant as [`cut`] leaves it.
pub(crate) fn text(at: OffsetDateTime) -> String {
    // INVARIANT (cut): every part that is written is there, in UTC and within its digits.
    cut(at).format(&FIXED).unwrap_or_default()
}

/// Returns the instant in UTC, cut to microseconds; one outside the years 0 to 9999 as the nearest
/// inside.
pub(crate) fn cut(at: OffsetDateTime) -> OffsetDateTime {
    let past = at.year() < 0;
    match at
        .checked_to_offset(UtcOffset::UTC)
        .filter(|utc| (0..=9999).contains(&utc.year()))
    {
        Some(utc) => utc.truncate_to_microsecond(),
        None if past => FIRST,
        None => LAST,
    }
}

/// Reads a stored instant.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<OffsetDateTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text)
        .ok_or_else(|| D::Error::custom("an instant is UTC, such as `2026-11-22T00:13:59.123456Z`"))
}

fn parse(text: &str) -> Option<OffsetDateTime> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    (at.offset() == UtcOffset::UTC).then_some(at)
}

const FIXED: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

const FIRST: OffsetDateTime = datetime!(0000-01-01 00:00 UTC);
const LAST: OffsetDateTime = datetime!(9999-12-31 23:59:59.999999 UTC);

#[cfg(test)]
mod tests {
    use super::*;

    /// Audit study: one product hashed nanoseconds and stored microseconds, and nothing verified.
    #[test]
    fn instants_have_a_fixed_width_and_microseconds() {
        for (at, expected) in [
            (
                datetime!(2026-11-22 00:13:59.123456789 UTC),
                "2026-11-22T00:13:59.123456Z",
            ),
            (
                datetime!(2026-11-22 00:13:59 UTC),
                "2026-11-22T00:13:59.000000Z",
            ),
            (
                datetime!(2026-11-22 01:13:59 +01:00),
                "2026-11-22T00:13:59.000000Z",
            ),
            (
                datetime!(0001-01-01 00:00 UTC),
                "0001-01-01T00:00:00.000000Z",
            ),
            (
                datetime!(-0001-01-01 00:00 UTC),
                "0000-01-01T00:00:00.000000Z",
            ),
            (
                datetime!(9999-12-31 23:59 -10:00),
                "9999-12-31T23:59:59.999999Z",
            ),
            (
                datetime!(-9999-01-01 00:00 +10:00),
                "0000-01-01T00:00:00.000000Z",
            ),
        ] {
            assert_eq!(text(at), expected);
            assert_eq!(text(cut(at)), expected);
        }
    }
}
