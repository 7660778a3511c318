//! The use cases, each with what it takes: to be run over a storage that is damaged.

mod access;
mod accounts;
mod invitations;

use crate::stage::{Answer, Stage};

/// Runs one use case by whoever may.
pub(crate) type UseCase = fn(&Stage) -> Answer;

/// Every use case here, by name.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, UseCase)> {
    let lists = [
        access::USE_CASES,
        accounts::USE_CASES,
        invitations::USE_CASES,
    ];
    lists.into_iter().flatten().copied()
}
