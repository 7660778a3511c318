//! Conversion to another class.

use super::{Account, Changed, State, Status, is_own_address};
use crate::{AccountClass, AccountEvent, Activation, Authority, ManagedByPerson, UserNameRule};

impl Account {
    /// Converts the account to another class (HomeTrak: "Create or convert this account as an
    /// Identity account").
    ///
    /// Where the new class is activated by mail the account is pending again: the old password is
    /// wiped and the epoch rises, since it was set under the rules of the old class. The shell
    /// chains [`Account::issue_activation`]. A telephony PIN stays.
    ///
    /// # Errors
    /// [`ConvertRejection`] says which rule refused it.
    pub fn convert(
        mut self,
        authority: Authority,
        from: &AccountClass,
        to: &AccountClass,
    ) -> Result<Changed, ConvertRejection> {
        let status = self.status();
        let (State::Pending(body) | State::Active(body)) = &self.state else {
            return Err(ConvertRejection::NotOpen { status });
        };
        authority.over(body.profile.managed_by)?;
        if from.name() != &body.profile.class || from.converts_to() != Some(to.name()) {
            return Err(ConvertRejection::NotConvertible);
        }
        let named = body.profile.user_name.as_ref();
        let is_own = named.is_some_and(|own| is_own_address(&own.name, body.profile.email()));
        if to.user_name() == UserNameRule::IsEmail && !is_own {
            return Err(ConvertRejection::UserNameNotOwnAddress);
        }
        let mut body = body.clone();
        body.profile.class = to.name().clone();
        self.state = match (to.activation(), status) {
            (Activation::AtAccept, Status::Active) => State::Active(body),
            (Activation::AtAccept, _) => return Err(ConvertRejection::NotActivated),
            (Activation::ByMail | Activation::ByTemporaryPassword(_), _) => {
                body.credentials.password = None;
                State::Pending(body)
            }
        };
        self.raise_epoch();
        let (from, to) = (from.name().clone(), to.name().clone());
        Ok((self, vec![AccountEvent::Converted { from, to }]))
    }
}

/// Why an account was not converted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ConvertRejection {
    /// The account is not managed by the tenant.
    #[error(transparent)]
    ManagedByPerson(#[from] ManagedByPerson),
    /// A pending account has no password that the new class could take over.
    #[error("the account is not activated: it is converted after that")]
    NotActivated,
    /// The account's class does not convert to this one.
    #[error("accounts of this class are not converted to that one")]
    NotConvertible,
    /// It is disabled, closed or erased.
    #[error("the account is {status}: it is not converted now")]
    NotOpen {
        /// Where it stands.
        status: Status,
    },
    /// HomeTrak: "The username must be the email address to be created as an Identity account."
    #[error("the user name must be the account's own e-mail address before it is converted")]
    UserNameNotOwnAddress,
}
