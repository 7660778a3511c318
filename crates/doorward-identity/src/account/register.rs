//! How accounts come into being.

use doorward_types::{AccountId, DisplayName, EmailAddress, Note, TenantId, UserName};
use time::OffsetDateTime;

use super::{Account, Body, Changed, OwnUserName, Profile, State, is_own_address};
use crate::{
    AccountClass, AccountEvent, Activation, Address, CellNumber, HashedPassword, SecurityEpoch,
    Tickets, UserNameRule,
    credential::{Credentials, PasswordCredential},
};

/// What an account begins with.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Its id, made by the shell.
    pub id: AccountId,
    /// What its person is called.
    pub name: DisplayName,
    /// Its address.
    pub address: EmailAddress,
    /// Its user name and the tenant that gives it, if it has one.
    pub user_name: Option<OwnUserName>,
    /// Its cell number, if it has one.
    pub cell: Option<CellNumber>,
}

impl Account {
    /// Registers an account that is yet to be activated, created by an administrator of the tenant
    /// that will manage it. The shell chains [`Account::issue_activation`] or
    /// [`Account::issue_temporary_password`] in the same commit.
    ///
    /// # Errors
    /// [`RegisterRejection`] says which rule of the class refused it.
    pub fn register_pending(
        registration: Registration,
        class: &AccountClass,
        managed_by: TenantId,
        now: OffsetDateTime,
    ) -> Result<Changed, RegisterRejection> {
        if class.activation() == Activation::AtAccept {
            return Err(RegisterRejection::ActivatedAtAccept);
        }
        let address = Address::Unverified {
            address: registration.address.clone(),
        };
        let (id, body, event) = begin(registration, address, class, Some(managed_by), now)?;
        let state = State::Pending(Box::new(body));
        Ok((
            Self {
                id,
                security_epoch: SecurityEpoch::FIRST,
                state,
            },
            vec![event],
        ))
    }

    /// Registers an account by the token of an invitation: the token proved its address, so it is
    /// active at once (Kalix: "enter their email address, name, and a secure password").
    ///
    /// `managed_by` is the inviting tenant; `None` where a person signs up alone, which takes a
    /// proof of the address all the same.
    ///
    /// # Errors
    /// [`RegisterRejection`] says which rule of the class refused it.
    pub fn register_at_accept(
        registration: Registration,
        class: &AccountClass,
        managed_by: Option<TenantId>,
        password: HashedPassword,
        now: OffsetDateTime,
    ) -> Result<Changed, RegisterRejection> {
        let proved = registration.address.clone();
        let address = Address::Verified {
            address: proved.clone(),
            at: now,
        };
        let (id, mut body, event) = begin(registration, address, class, managed_by, now)?;
        let hash = password.into_hash();
        body.credentials.password = Some(PasswordCredential::Chosen { hash, set_at: now });
        let state = State::Active(Box::new(body));
        let account = Self {
            id,
            security_epoch: SecurityEpoch::FIRST,
            state,
        };
        Ok((
            account,
            vec![
                event,
                AccountEvent::Activated {
                    proved: Some(proved),
                },
            ],
        ))
    }
}

/// Why an account was not registered.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RegisterRejection {
    /// Accounts of this class come into being when an invitation is accepted.
    #[error("accounts of this class are registered by accepting an invitation: invite the person")]
    ActivatedAtAccept,
    /// The user name has the form of an address, or must have it, and is not the account's own.
    #[error("the user name must be the account's own e-mail address")]
    UserNameNotOwnAddress,
}

pub(super) fn check_user_name(
    name: &UserName,
    address: &EmailAddress,
    class: &AccountClass,
) -> bool {
    let must_be_own = name.has_email_form() || class.user_name() == UserNameRule::IsEmail;
    !must_be_own || is_own_address(name, address)
}

fn begin(
    registration: Registration,
    address: Address,
    class: &AccountClass,
    managed_by: Option<TenantId>,
    now: OffsetDateTime,
) -> Result<(AccountId, Body, AccountEvent), RegisterRejection> {
    let Registration {
        id,
        name,
        address: email,
        user_name,
        cell,
    } = registration;
    if user_name
        .as_ref()
        .is_some_and(|own| !check_user_name(&own.name, &email, class))
    {
        return Err(RegisterRejection::UserNameNotOwnAddress);
    }
    let event = AccountEvent::Registered {
        class: class.name().clone(),
        address: email,
        user_name: user_name.as_ref().map(|own| own.name.clone()),
        managed_by,
    };
    let profile = Profile {
        class: class.name().clone(),
        name,
        address,
        user_name,
        cell,
        note: Note::default(),
        managed_by,
        registered_at: now,
    };
    let body = Body {
        profile,
        credentials: Credentials::default(),
        tickets: Tickets::default(),
        address_change: None,
    };
    Ok((id, body, event))
}
