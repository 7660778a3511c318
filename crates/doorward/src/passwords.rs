//! Passwords: changed by their person, reset by mail, replaced for a while by an administrator.

mod again;
mod change;
mod new;
mod reset;
mod sent;
mod telephony;
mod temporary;

pub use again::{Reauthentication, ReauthenticationRefusal};
pub use change::{PasswordChangeRejection, PasswordChanged};
pub use new::{LinkRefusal, SetPasswordRejection};
pub use reset::ResetsResolved;
pub(crate) use temporary::Giving;
pub use temporary::{TemporaryPasswordIssued, TemporaryPasswordRejection};
