//! A record as it is read: an envelope with a version.

use std::fmt;

use bytes::Bytes;

use crate::RecordKey;

/// How often a record has been written, as far as anyone else can tell.
///
/// Versions of one key grow with each write and are never reused, also after delete and recreate,
/// so that a stale writer cannot mistake a new record for the old one. Nothing else follows from
/// the number. It fits an `i64`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Version(u64);

impl Version {
    /// Wraps a number that was read back from storage.
    #[must_use]
    pub const fn from_u64(number: u64) -> Self {
        Self(number)
    }

    /// Returns the number.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A record as it is read. Claims and index entries are only written.
///
/// `Debug` shows the length of the body alone: bodies hold personal data.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Record {
    /// What it is called.
    pub key: RecordKey,
    /// Which writing of it this is.
    pub version: Version,
    /// What the writer put: opaque bytes, by convention JSON with a schema version. Bodies that were
    /// read together may share one piece of memory, so whoever keeps one keeps them all.
    pub body: Bytes,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("key", &self.key)
            .field("version", &self.version)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}
