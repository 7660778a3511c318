//! Accounts as their administrators and their people change them: details, names, class, status.

mod follow_up;
mod holder;
mod names;

pub(crate) use follow_up::notice;
