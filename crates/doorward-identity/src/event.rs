//! What happened to an account, with what an audit entry needs.
//!
//! Addresses, user names, cell numbers and notes stand in typed fields, so that the shell can move
//! them to side rows: audit entries hold no personal data (design 7).

use doorward_types::{
    AccountId, ClassName, DisplayName, EmailAddress, MembershipId, Note, Principal, TenantId,
    UserName,
};
use time::OffsetDateTime;

use crate::{CellNumber, account::DisabledReason, temporary_password::Handover};

/// What happened to an account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AccountEvent {
    /// It was activated and its address proved.
    Activated {
        /// The address, if this proved it.
        proved: Option<EmailAddress>,
    },
    /// An activation mail is to be sent; one before it is void.
    ActivationMailed {
        /// Where to.
        to: EmailAddress,
        /// When its link expires.
        expires_at: OffsetDateTime,
    },
    /// Another address was asked for; both are told, the old one can stop it.
    AddressChangeRequested {
        /// The address that stands.
        old: EmailAddress,
        /// The address that must prove itself.
        new: EmailAddress,
        /// Until when the old one can stop it.
        stoppable_until: OffsetDateTime,
    },
    /// The old address stopped the change; after the new one had proved itself, it was put back.
    AddressChangeStopped {
        /// The address that stands.
        kept: EmailAddress,
        /// The address that does not.
        refused: EmailAddress,
    },
    /// A new address proved itself and stands.
    AddressChanged {
        /// The address before.
        old: EmailAddress,
        /// The address now.
        new: EmailAddress,
    },
    /// An address that nobody had proved was replaced.
    AddressReplaced {
        /// Before.
        old: EmailAddress,
        /// Now; nobody has proved it either.
        new: EmailAddress,
    },
    /// The cell number was changed.
    CellChanged {
        /// Before.
        from: Option<CellNumber>,
        /// Now.
        to: Option<CellNumber>,
    },
    /// It was closed for good; credentials are gone, claims released.
    Closed,
    /// It is of another class now.
    Converted {
        /// Before.
        from: ClassName,
        /// Now.
        to: ClassName,
    },
    /// Nobody signs in to it any more.
    Disabled {
        /// Why.
        reason: DisabledReason,
        /// By whom.
        by: Principal,
    },
    /// Its personal fields are gone; the id stays and is never reused.
    Erased,
    /// The portal's address is to be mailed; it authenticates nobody.
    LoginLinkMailed {
        /// Where to.
        to: EmailAddress,
    },
    /// A second tenant joined: from now on only its person changes it.
    ManagementEnded {
        /// Who managed it.
        tenant: TenantId,
    },
    /// Its membership goes to the account that had verified the address.
    MembershipYielded {
        /// The membership.
        membership: MembershipId,
        /// The account it goes to.
        to: AccountId,
    },
    /// The person is called otherwise.
    NameChanged {
        /// Before.
        from: DisplayName,
        /// Now.
        to: DisplayName,
    },
    /// The note was changed.
    NoteChanged {
        /// Before.
        from: Note,
        /// Now.
        to: Note,
    },
    /// Another flow proved the address: credentials set before are wiped.
    OwnershipProved {
        /// The address.
        address: EmailAddress,
    },
    /// The person chose another password, giving the one before.
    PasswordChanged,
    /// A hash that another system made was taken over.
    PasswordImported,
    /// The person set a password in place of a temporary one.
    PasswordReplaced,
    /// The person set a password by a mailed link; a lock is lifted.
    PasswordReset,
    /// A reset mail is to be sent; one before it is void.
    PasswordResetMailed {
        /// Where to.
        to: EmailAddress,
        /// When its link expires.
        expires_at: OffsetDateTime,
    },
    /// The hash was made anew at the present cost; the password is the same.
    PasswordUpgraded,
    /// A telephony PIN is to be mailed; one before it is void.
    PinMailed {
        /// Where to.
        to: EmailAddress,
    },
    /// It came into being.
    Registered {
        /// The class.
        class: ClassName,
        /// The address.
        address: EmailAddress,
        /// The user name, if it has one.
        user_name: Option<UserName>,
        /// The tenant that manages it.
        managed_by: Option<TenantId>,
    },
    /// It can be signed in to again, as before it was disabled.
    Restored,
    /// A temporary password replaced the old one; sessions are over.
    TemporaryPasswordIssued {
        /// The address of the account: a mailed one goes there.
        to: EmailAddress,
        /// Who gets to read it.
        handover: Handover,
        /// When it expires.
        expires_at: OffsetDateTime,
    },
    /// The temporary password was presented; setting a new password is open until it expires.
    TemporaryPasswordRedeemed,
    /// The user name was changed.
    UserNameChanged {
        /// Before.
        from: Option<UserName>,
        /// Now.
        to: Option<UserName>,
    },
}

impl AccountEvent {
    /// Returns the word for it, as audit entries name it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Activated { .. } => "account_activated",
            Self::ActivationMailed { .. } => "activation_mailed",
            Self::AddressChangeRequested { .. } => "address_change_requested",
            Self::AddressChangeStopped { .. } => "address_change_stopped",
            Self::AddressChanged { .. } => "address_changed",
            Self::AddressReplaced { .. } => "address_replaced",
            Self::CellChanged { .. } => "cell_changed",
            Self::Closed => "account_closed",
            Self::Converted { .. } => "account_converted",
            Self::Disabled { .. } => "account_disabled",
            Self::Erased => "account_erased",
            Self::LoginLinkMailed { .. } => "login_link_mailed",
            Self::ManagementEnded { .. } => "management_ended",
            Self::MembershipYielded { .. } => "membership_yielded",
            Self::NameChanged { .. } => "name_changed",
            Self::NoteChanged { .. } => "note_changed",
            Self::OwnershipProved { .. } => "ownership_proved",
            Self::PasswordChanged => "password_changed",
            Self::PasswordImported => "password_imported",
            Self::PasswordReplaced => "password_replaced",
            Self::PasswordReset => "password_reset",
            Self::PasswordResetMailed { .. } => "password_reset_mailed",
            Self::PasswordUpgraded => "password_upgraded",
            Self::PinMailed { .. } => "pin_mailed",
            Self::Registered { .. } => "account_registered",
            Self::Restored => "account_restored",
            Self::TemporaryPasswordIssued { .. } => "temporary_password_issued",
            Self::TemporaryPasswordRedeemed => "temporary_password_redeemed",
            Self::UserNameChanged { .. } => "user_name_changed",
        }
    }

    /// Tells whether the person is told of it by mail: every change of credential, name or address
    /// (ASVS 6.3.7) and every recovery (NIST SP 800-63B-4 4.2.3).
    #[must_use]
    pub const fn is_told(&self) -> bool {
        matches!(
            self,
            Self::AddressChangeRequested { .. }
                | Self::AddressChangeStopped { .. }
                | Self::AddressChanged { .. }
                | Self::Closed
                | Self::Converted { .. }
                | Self::Disabled { .. }
                | Self::OwnershipProved { .. }
                | Self::PasswordChanged
                | Self::PasswordReplaced
                | Self::PasswordReset
                | Self::Restored
                | Self::UserNameChanged { .. }
        )
    }

    /// Tells whether it lifts a lock-out: the person has recovered the account by mail, or there is
    /// a new credential to count for (ALIS: "Help a user regain access if they are locked out ...
    /// manually reset a temporary password").
    #[must_use]
    pub const fn lifts_lock(&self) -> bool {
        matches!(
            self,
            Self::Activated { .. }
                | Self::OwnershipProved { .. }
                | Self::PasswordReplaced
                | Self::PasswordReset
                | Self::TemporaryPasswordIssued { .. }
        )
    }
}
