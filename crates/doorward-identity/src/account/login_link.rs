//! The login link: where the portal is, and nothing more.

use super::{Account, State, Status};
use crate::AccountEvent;

impl Account {
    /// Mails the address of the portal to the account's verified address (ALIS: "email them the
    /// direct URL to the login page"). It authenticates nobody and changes nothing.
    ///
    /// # Errors
    /// [`LoginLinkRejection`] where nobody would sign in there.
    pub fn mail_login_link(&self) -> Result<Vec<AccountEvent>, LoginLinkRejection> {
        let status = self.status();
        let State::Active(body) = &self.state else {
            return Err(LoginLinkRejection::NotActive { status });
        };
        let to = body
            .profile
            .address
            .verified()
            .ok_or(LoginLinkRejection::Unverified)?;
        Ok(vec![AccountEvent::LoginLinkMailed { to: to.clone() }])
    }
}

/// Why no login link is mailed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LoginLinkRejection {
    /// It is not active.
    #[error("the account is {status}: only an active one signs in")]
    NotActive {
        /// Where it stands.
        status: Status,
    },
    /// Nobody has proved the address of the account.
    #[error("the address of the account is not proved: nothing is mailed there")]
    Unverified,
}
