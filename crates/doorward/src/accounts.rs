//! Accounts as their administrators and their people change them: details, names, class, status.
//!
//! The tenant that manages an account may change it; every other answer is `ManagedByPerson`
//! (design 6). Each use case names the member, never the account: somebody else's is unknown.

mod class;
mod details;
mod follow_up;
mod holder;
mod names;
mod status;

pub use class::{AccountConverted, ConvertAccountRejection};
pub use details::{AccountDetails, RenameAccountRejection};
pub(crate) use follow_up::notice;
pub(crate) use holder::Holder;
pub use status::{CloseAccountRejection, DisableAccountRejection, RestoreAccountRejection};
