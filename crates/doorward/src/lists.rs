//! Lists: what an administrator works from, in pages.

mod connect;
mod facts;
mod forms;
mod invitations;
mod members;
mod names;

use std::{fmt, str::FromStr};

use doorward_storage::Cursor;

pub use connect::{ContactRow, ResidentAccess};
pub(crate) use facts::{Facts, ProfileNames};
pub use forms::{InviteForm, ProfileChoice, RoleChoice};
pub use invitations::{InvitationRow, InviteRequestRow};
pub(crate) use members::levels_held;
pub use members::{Colleague, MemberRow};
pub(crate) use names::{Names, called};

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows, in the order of the list. A page can hold fewer than were asked for, also none,
    /// before the list is over.
    pub rows: Vec<T>,
    /// Where the list goes on; `None` at its end.
    pub next: Option<PageMark>,
}

impl<T> Page<T> {
    pub(crate) fn new(rows: Vec<T>, next: Option<Cursor>) -> Self {
        let next = next.map(PageMark);
        Self { rows, next }
    }
}

/// Where a list goes on: text that a host hands out with a page and takes back for the next one.
///
/// It opens nothing: the permit says whose list is read. It belongs to the list it came from.
///
/// ```
/// use doorward::PageMark;
/// assert!("next".parse::<PageMark>().is_err());
/// ```
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct PageMark(Cursor);

impl PageMark {
    pub(crate) const fn cursor(&self) -> &Cursor {
        &self.0
    }
}

impl fmt::Display for PageMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for PageMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageMark(..)")
    }
}

impl FromStr for PageMark {
    type Err = ParsePageMarkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let cursor: Cursor = text.parse().map_err(|_| ParsePageMarkError)?;
        cursor.place().map_err(|_| ParsePageMarkError)?;
        Ok(Self(cursor))
    }
}

/// A text that marks no place of a list.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a page mark is what an earlier page answered in `next`, unchanged")]
pub struct ParsePageMarkError;
