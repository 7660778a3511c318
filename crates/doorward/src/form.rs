//! Forms: what was read, with the version it was read at.
//!
//! A form is one command and one commit. It carries the version of what it showed, and fails with
//! [`Fault::Stale`] where somebody else has changed that since (design 2).

use doorward_storage::Version;
use serde::{Deserialize, Serialize};

use crate::{Fault, record::Loaded};

/// The version that a form was read at: opaque, to be handed back with what was filled in.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(transparent)]
pub struct FormVersion(u64);

impl FormVersion {
    pub(crate) const fn of(version: Version) -> Self {
        Self(version.as_u64())
    }

    /// Refuses a form that was read before what it shows was changed.
    pub(crate) fn check<T>(self, read: &Loaded<T>, what: &'static str) -> Result<(), Fault> {
        if self == read.form_version() {
            Ok(())
        } else {
            Err(Fault::Stale { what })
        }
    }
}

/// What was read, and the version that a form over it carries.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Versioned<T> {
    /// What was read.
    pub value: T,
    /// The version it was read at.
    pub version: FormVersion,
}

impl<T> Versioned<T> {
    /// Changes what was read, keeping the version.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Versioned<U> {
        Versioned {
            value: change(self.value),
            version: self.version,
        }
    }
}

impl<T> From<Loaded<T>> for Versioned<T> {
    fn from(read: Loaded<T>) -> Self {
        Self {
            version: read.form_version(),
            value: read.state,
        }
    }
}
