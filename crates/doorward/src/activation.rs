//! Accounts that an administrator creates for a person, and how their person takes them over.
//!
//! HomeTrak "Manage Identity Account": the administrator fills in user name, address and levels; the
//! person sets the password, by an activation mail or by a temporary password.

mod activate;
mod create;
mod form;
mod yielding;

pub use activate::{ActivateRejection, ActivationMailed};
pub use create::{AccountCreated, CreateAccountRejection, NewAccount};
pub use form::AccountForm;
pub use yielding::YieldRejection;
