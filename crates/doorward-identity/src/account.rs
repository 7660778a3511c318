//! Accounts: a person's login identity, from registration to erasure.
//!
//! ```text
//!   register_pending ──> Pending ──activate / set_new_password──> Active <──restore── Disabled
//!                           │                                       ^  └───disable────────^
//!   register_at_accept ─────┼───────────────────────────────────────┘                     │
//!                           └──────────────── close ──> Closed ──erase──> Erased <────────┘ (close first)
//! ```
//!
//! | topic | commands |
//! |---|---|
//! | registration | [`Account::register_pending`], [`Account::register_at_accept`], [`Account::issue_activation`], [`Account::activate`], [`Account::prove_ownership`] |
//! | status | [`Account::disable`], [`Account::restore`], [`Account::close`], [`Account::erase`] |
//! | details | [`Account::edit_details`], [`Account::rename`], [`Account::convert`], [`Account::join_tenant`] |
//! | address | [`Account::replace_address`], [`Account::request_address_change`], [`Account::prove_address`], [`Account::stop_address_change`], [`Account::settle_address`], [`Account::yield_membership`] |
//! | password | [`Account::change_password`], [`Account::issue_reset`], [`Account::reset_password`], [`Account::upgrade_password`], [`Account::import_password`] |
//! | temporary password | [`Account::issue_temporary_password`], [`Account::redeem_temporary_password`], [`Account::set_new_password`] |
//! | telephony, login link | [`Account::issue_pin`], [`Account::mail_login_link`] |

use doorward_types::{
    AccountId, ClassName, DisplayName, EmailAddress, Generation, Note, Principal, Purpose,
    TenantId, UserName,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    AccountEvent, Address, AddressChange, CellNumber, PasswordCheck, PasswordMatch, PasswordState,
    PinCheck, PinDigestInput, PinMatch, SecurityEpoch, Tickets, TypedPassword, VerifiedEmail,
    credential::{Credentials, PasswordCredential},
    password::{HashMemory, PasswordCost, Verdict},
    pin::{Pin, PinKeyId},
};

mod activate;
mod change_address;
mod convert;
mod details;
mod login_link;
mod register;
mod set_password;
mod set_pin;
mod status;
mod temporary;
mod yielding;

pub use activate::{ActivateRejection, IssueActivationRejection, ProveOwnershipRejection};
pub use change_address::{
    ProveAddressRejection, ReplaceAddressRejection, RequestAddressChangeRejection,
    StopAddressChangeRejection,
};
pub use convert::ConvertRejection;
pub use details::{EditDetailsRejection, RenameRejection};
pub use login_link::LoginLinkRejection;
pub use register::{RegisterRejection, Registration};
pub use set_password::{
    ChangePasswordRejection, ImportPasswordRejection, IssueResetRejection, ResetPasswordRejection,
    UpgradePasswordRejection,
};
pub use set_pin::{IssuePinRejection, Telephony};
pub use status::{CloseRejection, DisableRejection, EraseRejection, RestoreRejection};
pub use temporary::{
    IssueTemporaryPasswordRejection, RedeemTemporaryPasswordRejection, SetNewPasswordRejection,
};
pub use yielding::{OtherMemberships, YieldMembershipRejection};

/// What a command gives: the account as it is now, and what happened.
pub type Changed = (Account, Vec<AccountEvent>);

/// A person's login identity (NIST SP 800-63 subscriber account, SCIM User); one account can belong
/// to many tenants.
///
/// ```
/// use doorward_identity::{Account, AccountClass, Activation, Registration, Status};
/// use doorward_types::{
///     AccountId, Channel, ClassName, DisplayName, EmailAddress, TenantId,
/// };
/// use time::macros::datetime;
///
/// let now = datetime!(2026-11-22 10:00 UTC);
/// let office = TenantId::made_at(now, [1; 10]);
/// let identity = AccountClass::new(
///     ClassName::new("identity")?, [Channel::Portal], Activation::ByMail);
/// let (account, events) = Account::register_pending(
///     Registration {
///         id: AccountId::made_at(now, [2; 10]),
///         name: DisplayName::new("Ana Ruiz")?,
///         address: EmailAddress::new("ana@example.org")?,
///         user_name: None,
///         cell: None,
///     },
///     &identity,
///     office,
///     now,
/// )?;
/// assert_eq!(account.status(), Status::Pending);
/// assert_eq!(account.managed_by(), Some(office));
/// assert!(account.verified_email().is_none());
/// assert_eq!(events.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Account {
    id: AccountId,
    security_epoch: SecurityEpoch,
    state: State,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Pending(Box<Body>),
    Active(Box<Body>),
    Disabled {
        before: Before,
        reason: DisabledReason,
        by: Principal,
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
        #[serde(flatten)]
        body: Box<Body>,
    },
    Closed {
        profile: Box<Profile>,
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
    },
    Erased {
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
    },
}

/// What an account that can still change has.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Body {
    profile: Profile,
    #[serde(default)]
    credentials: Credentials,
    #[serde(default)]
    tickets: Tickets,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address_change: Option<AddressChange>,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Profile {
    class: ClassName,
    name: DisplayName,
    address: Address,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_name: Option<OwnUserName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cell: Option<CellNumber>,
    #[serde(default, skip_serializing_if = "Note::is_empty")]
    note: Note,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    managed_by: Option<TenantId>,
    #[serde(with = "time::serde::rfc3339")]
    registered_at: OffsetDateTime,
}

/// The one user name of an account, and the tenant in which it is valid.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct OwnUserName {
    /// The tenant that gave it: it is claimed there and valid there alone.
    pub tenant: TenantId,
    /// The name.
    pub name: UserName,
}

/// Where an account stands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Registered, not activated.
    Pending,
    /// Its person signs in.
    Active,
    /// Nobody signs in until it is restored.
    Disabled,
    /// Over for good; the personal fields are still there.
    Closed,
    /// The id alone is left.
    Erased,
}

impl Status {
    /// Returns the word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Closed => "closed",
            Self::Erased => "erased",
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why an account was disabled.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledReason {
    /// An administrator set its status (HomeTrak: "Status must be set to Active").
    Administrator,
    /// It is in wrong hands, or believed to be (NIST SP 800-63B-4: evidence of compromise).
    Compromise,
    /// Its person asked for it.
    Person,
}

/// How and when an account was disabled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Disabled<'a> {
    /// Why.
    pub reason: DisabledReason,
    /// By whom.
    pub by: &'a Principal,
    /// When.
    pub at: OffsetDateTime,
}

/// What a disabled account returns to.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Before {
    Pending,
    Active,
}

impl Account {
    /// Returns its id.
    #[must_use]
    pub const fn id(&self) -> AccountId {
        self.id
    }

    /// Returns its epoch: what was made under an earlier one is over.
    #[must_use]
    pub const fn security_epoch(&self) -> SecurityEpoch {
        self.security_epoch
    }

    /// Returns where it stands.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self.state {
            State::Pending(_) => Status::Pending,
            State::Active(_) => Status::Active,
            State::Disabled { .. } => Status::Disabled,
            State::Closed { .. } => Status::Closed,
            State::Erased { .. } => Status::Erased,
        }
    }

    /// Tells whether it can still change: pending, active or disabled.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(
            self.status(),
            Status::Pending | Status::Active | Status::Disabled
        )
    }

    /// Returns how it was disabled, if it is.
    #[must_use]
    pub fn disabled(&self) -> Option<Disabled<'_>> {
        match &self.state {
            State::Disabled { reason, by, at, .. } => Some(Disabled {
                reason: *reason,
                by,
                at: *at,
            }),
            _ => None,
        }
    }

    /// Returns its class; `None` once erased.
    #[must_use]
    pub fn class(&self) -> Option<&ClassName> {
        Some(&self.profile()?.class)
    }

    /// Returns what its person is called; `None` once erased.
    #[must_use]
    pub fn name(&self) -> Option<&DisplayName> {
        Some(&self.profile()?.name)
    }

    /// Returns its address; `None` once erased.
    #[must_use]
    pub fn address(&self) -> Option<&Address> {
        Some(&self.profile()?.address)
    }

    /// Returns its user name, if it has one.
    #[must_use]
    pub fn user_name(&self) -> Option<&OwnUserName> {
        self.profile()?.user_name.as_ref()
    }

    /// Returns its cell number, if it has one.
    #[must_use]
    pub fn cell(&self) -> Option<&CellNumber> {
        self.profile()?.cell.as_ref()
    }

    /// Returns the administrators' note; `None` once erased.
    #[must_use]
    pub fn note(&self) -> Option<&Note> {
        Some(&self.profile()?.note)
    }

    /// Returns the tenant that manages it; `None` where its person does.
    #[must_use]
    pub fn managed_by(&self) -> Option<TenantId> {
        self.profile()?.managed_by
    }

    /// Returns when it came into being; `None` once erased.
    #[must_use]
    pub fn registered_at(&self) -> Option<OffsetDateTime> {
        Some(self.profile()?.registered_at)
    }

    /// Returns the proof that it has proved its address. An account that is not active proves
    /// nothing.
    #[must_use]
    pub fn verified_email(&self) -> Option<VerifiedEmail> {
        let State::Active(body) = &self.state else {
            return None;
        };
        let address = body.profile.address.verified()?;
        Some(VerifiedEmail::new(self.id, address.clone()))
    }

    /// Returns the change of address under way, if any.
    #[must_use]
    pub fn address_change(&self) -> Option<&AddressChange> {
        self.body()?.address_change.as_ref()
    }

    /// Returns what is known about its password.
    #[must_use]
    pub fn password(&self) -> PasswordState {
        match self
            .body()
            .and_then(|body| body.credentials.password.as_ref())
        {
            None => PasswordState::None,
            Some(PasswordCredential::Chosen { set_at, .. }) => {
                PasswordState::Chosen { set_at: *set_at }
            }
            Some(PasswordCredential::Temporary { expires_at, .. }) => PasswordState::Temporary {
                expires_at: *expires_at,
            },
        }
    }

    /// Returns its telephony PIN, if it has one.
    #[must_use]
    pub fn pin(&self) -> Option<&Pin> {
        self.body()?.credentials.pin.as_ref()
    }

    /// Returns the tickets it holds; `None` once closed.
    #[must_use]
    pub fn tickets(&self) -> Option<&Tickets> {
        Some(&self.body()?.tickets)
    }

    /// Returns the generation that the next mailing for this purpose has. Secrets are derived from
    /// it before the command that stores them.
    #[must_use]
    pub fn next_generation(&self, purpose: Purpose) -> Generation {
        self.tickets().map_or(Generation::FIRST, |tickets| {
            tickets.next_generation(purpose)
        })
    }

    /// Tells whether a mailing that waits for hand-off is still wanted: its secret is the newest of
    /// its purpose and still opens something (design 5: else it is dropped).
    #[must_use]
    pub fn awaits_mail(
        &self,
        purpose: Purpose,
        generation: Generation,
        now: OffsetDateTime,
    ) -> bool {
        let Some(body) = self.body().filter(|_| self.status() != Status::Disabled) else {
            return false;
        };
        match purpose {
            Purpose::TemporaryPassword => match &body.credentials.password {
                Some(PasswordCredential::Temporary {
                    generation: ours,
                    expires_at,
                    ..
                }) => *ours == generation && now < *expires_at,
                _ => false,
            },
            Purpose::TelephonyPin => body
                .credentials
                .pin
                .as_ref()
                .is_some_and(|pin| pin.generation == generation),
            Purpose::Activation
            | Purpose::AddressProof
            | Purpose::AddressStop
            | Purpose::Invitation
            | Purpose::NewPassword
            | Purpose::PasswordReset => body.tickets.awaits(purpose, generation, now),
        }
    }

    /// Compares a typed password with the account's; the proof is good until the epoch rises.
    /// `cost` is what new hashes have.
    ///
    /// Without a password the answer comes at once: the shell does the work of a
    /// [`DummyHash`](crate::DummyHash) then, as for an unknown name.
    #[must_use]
    pub fn verify_password(&self, typed: &TypedPassword, cost: PasswordCost) -> PasswordCheck {
        self.verify_password_in(typed, cost, &mut HashMemory::new())
    }

    /// Compares a typed password as [`verify_password`](Self::verify_password) does, in memory that
    /// was kept from the last verification.
    #[must_use]
    pub fn verify_password_in(
        &self,
        typed: &TypedPassword,
        cost: PasswordCost,
        memory: &mut HashMemory,
    ) -> PasswordCheck {
        let password = self
            .body()
            .and_then(|body| body.credentials.password.as_ref());
        let Some(password) = password else {
            return PasswordCheck::Differs;
        };
        match password.verify_in(typed, memory) {
            Ok((Verdict::Matches, kind)) => PasswordCheck::Matches(PasswordMatch {
                account: self.id,
                epoch: self.security_epoch,
                kind,
                rehash: password.hash().rehash(cost),
            }),
            Ok((Verdict::Differs, _)) => PasswordCheck::Differs,
            Err(error) => PasswordCheck::Faulty(error),
        }
    }

    /// Compares the HMAC of a typed PIN, made under this key, with the account's.
    #[must_use]
    pub fn verify_pin(&self, input: &PinDigestInput, key: PinKeyId) -> PinCheck {
        self.verify_pin_in(input, key, &mut HashMemory::new())
    }

    /// Compares a PIN as [`verify_pin`](Self::verify_pin) does, in memory that was kept from the
    /// last verification.
    #[must_use]
    pub fn verify_pin_in(
        &self,
        input: &PinDigestInput,
        key: PinKeyId,
        memory: &mut HashMemory,
    ) -> PinCheck {
        let Some(pin) = self.pin().filter(|pin| pin.key == key) else {
            return PinCheck::Differs;
        };
        match pin.hash.verify_bytes_in(input.as_bytes(), memory) {
            Ok(Verdict::Matches) => PinCheck::Matches(PinMatch {
                account: self.id,
                epoch: self.security_epoch,
                generation: pin.generation,
            }),
            Ok(Verdict::Differs) => PinCheck::Differs,
            Err(error) => PinCheck::Faulty(error),
        }
    }

    fn profile(&self) -> Option<&Profile> {
        match &self.state {
            State::Pending(body) | State::Active(body) | State::Disabled { body, .. } => {
                Some(&body.profile)
            }
            State::Closed { profile, .. } => Some(profile),
            State::Erased { .. } => None,
        }
    }

    fn body(&self) -> Option<&Body> {
        match &self.state {
            State::Pending(body) | State::Active(body) | State::Disabled { body, .. } => Some(body),
            State::Closed { .. } | State::Erased { .. } => None,
        }
    }

    fn body_mut(&mut self) -> Option<&mut Body> {
        match &mut self.state {
            State::Pending(body) | State::Active(body) | State::Disabled { body, .. } => Some(body),
            State::Closed { .. } | State::Erased { .. } => None,
        }
    }

    /// Ends every session and every half-finished flow but the stop of a change of address.
    fn raise_epoch(&mut self) {
        self.security_epoch = self.security_epoch.next();
        if let Some(body) = self.body_mut() {
            body.tickets.close_all_but_stop();
        }
    }
}

impl Profile {
    fn email(&self) -> &EmailAddress {
        self.address.as_email()
    }
}

/// Tells whether the user name is the address: as it was typed, or in its canonical form.
fn is_own_address(name: &UserName, address: &EmailAddress) -> bool {
    [address.canonical(), address.original()]
        .into_iter()
        .any(|text| UserName::new(text).is_ok_and(|own| own == *name))
}

/// Returns the user name that an address makes, if one does.
fn user_name_of(address: &EmailAddress) -> Option<UserName> {
    UserName::new(address.original())
        .or_else(|_| UserName::new(address.canonical()))
        .ok()
}
