//! Reading many records: ranges and pages.

use crate::{Cursor, Kind, Record, Scope, Value};

/// Which records a scan visits, and in which order.
///
/// ```
/// use doorward_storage::{Kind, Range, Scope, Value};
/// const BY_EXPIRY: Kind = Kind::from_static("by_expiry");
/// let lapsed = Range::between(Scope::Directory, BY_EXPIRY, Value::default(), Value::from(0_i64));
/// assert_eq!(lapsed.scope(), Scope::Directory);
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Range {
    /// Every record of a kind in a scope, ordered by id.
    Kind {
        /// The scope.
        scope: Scope,
        /// The kind.
        kind: Kind,
    },
    /// The records found under an index, ordered by value, then kind, then id. A record with
    /// several entries in the range appears once for each.
    Index {
        /// The scope.
        scope: Scope,
        /// The index.
        index: Kind,
        /// Which values.
        span: Span,
    },
}

impl Range {
    /// Every record of a kind in a scope.
    #[must_use]
    pub const fn kind(scope: Scope, kind: Kind) -> Self {
        Self::Kind { scope, kind }
    }

    /// Every entry of an index in a scope.
    #[must_use]
    pub const fn index(scope: Scope, index: Kind) -> Self {
        Self::Index {
            scope,
            index,
            span: Span::All,
        }
    }

    /// The entries of an index with exactly this value.
    #[must_use]
    pub fn exactly(scope: Scope, index: Kind, value: impl Into<Value>) -> Self {
        Self::Index {
            scope,
            index,
            span: Span::Exactly(value.into()),
        }
    }

    /// The entries of an index whose value begins with these bytes.
    #[must_use]
    pub fn prefix(scope: Scope, index: Kind, prefix: impl Into<Value>) -> Self {
        Self::Index {
            scope,
            index,
            span: Span::Prefix(prefix.into()),
        }
    }

    /// The entries of an index with `from <= value < until`.
    #[must_use]
    pub fn between(
        scope: Scope,
        index: Kind,
        from: impl Into<Value>,
        until: impl Into<Value>,
    ) -> Self {
        let span = Span::Between {
            from: from.into(),
            until: until.into(),
        };
        Self::Index { scope, index, span }
    }

    /// Returns the scope that the range lies in.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        match self {
            Self::Kind { scope, .. } | Self::Index { scope, .. } => *scope,
        }
    }
}

/// Which values of an index.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Span {
    /// Every value.
    All,
    /// The values in `[from, until)`.
    Between {
        /// The first value that belongs to the span.
        from: Value,
        /// The first value that no longer does.
        until: Value,
    },
    /// One value.
    Exactly(Value),
    /// The values that begin with these bytes; the empty prefix is every value.
    Prefix(Value),
}

impl Span {
    /// Tells whether a value lies in the span.
    #[must_use]
    pub fn contains(&self, value: &Value) -> bool {
        match self {
            Self::All => true,
            Self::Between { from, until } => from <= value && value < until,
            Self::Exactly(only) => only == value,
            Self::Prefix(prefix) => value.as_bytes().starts_with(prefix.as_bytes()),
        }
    }

    /// Returns the span's first value and, where it has one, the first value after it: a half-open
    /// range for engines that know nothing else. An empty span has an end before its start.
    #[must_use]
    pub fn bounds(&self) -> (Value, Option<Value>) {
        match self {
            Self::All => (Value::default(), None),
            Self::Between { from, until } => (from.clone(), Some(until.clone())),
            Self::Exactly(only) => (only.clone(), successor(only)),
            Self::Prefix(prefix) => (prefix.clone(), prefix.prefix_end()),
        }
    }
}

/// One page of a scan.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Page {
    /// The records, in the order of the range.
    pub records: Vec<Record>,
    /// Where to go on. `None` at the end; a page that ended at its limit always has one, so the
    /// page after the last full one may be empty.
    pub next: Option<Cursor>,
}

/// The value right after this one: with one more zero byte, `None` where that is too long.
///
/// At 512 bytes the next value is the prefix end, since no longer value can exist.
fn successor(value: &Value) -> Option<Value> {
    let mut next = value.as_bytes().to_vec();
    next.push(0);
    Value::new(next).ok().or_else(|| value.prefix_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_say_the_same_as_contains() {
        let value = |bytes: &[u8]| Value::new(bytes).unwrap();
        let long = [0xff_u8; 512];
        let samples = [
            &[][..],
            &[0],
            &[0, 0],
            &[1],
            &[1, 0],
            &[1, 0xff],
            &[2],
            &[0xff],
            &long,
        ];
        let spans = [
            Span::All,
            Span::Exactly(value(&[1])),
            Span::Exactly(value(&long)),
            Span::Prefix(value(&[])),
            Span::Prefix(value(&[1])),
            Span::Prefix(value(&[0xff])),
            Span::Between {
                from: value(&[0, 0]),
                until: value(&[1, 0xff]),
            },
            Span::Between {
                from: value(&[2]),
                until: value(&[1]),
            },
        ];
        for span in spans {
            let (from, until) = span.bounds();
            for sample in samples {
                let sample = value(sample);
                let within = sample >= from && until.as_ref().is_none_or(|end| sample < *end);
                assert_eq!(
                    within,
                    span.contains(&sample),
                    "{span:?} {:?}",
                    sample.as_bytes()
                );
            }
        }
    }
}
