//! Notices: what waits in the outbox. A row holds how a secret is derived, never the secret.

use doorward_types::{
    DisplayName, EmailAddress, Generation, InvitationId, MembershipId, Purpose, Scope,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::keys::{Derivation, KeyId, Nonce};

/// What a mail is about; the wording is the host's.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// The status, class or user name of an account was changed (ASVS 6.3.7).
    AccountChanged,
    /// The first password of an account is to be set (HomeTrak: "an activation email will be sent
    /// to the person to set their password").
    Activation,
    /// To the old address: a change was asked for, and can be stopped.
    AddressChangeAsked,
    /// To the old address: the change has happened.
    AddressChanged,
    /// The new address is to prove itself.
    AddressProof,
    /// The person is to confirm what an administrator proposed.
    ChangeProposed,
    /// A member may see one more person's data.
    GrantAdded,
    /// An offer to join.
    Invitation,
    /// To the sponsor: the offer was declined.
    InvitationDeclined,
    /// An offer to join that is about to expire.
    InvitationReminder,
    /// The address of the portal, which authenticates nobody (ALIS "Send Login Link").
    LoginLink,
    /// A password was set or changed.
    PasswordChanged,
    /// A new password can be set (ALIS "Automatic password reset email").
    PasswordReset,
    /// The PIN of the telephone (HomeTrak "Email Telephony PIN").
    TelephonyPin,
    /// A password that opens nothing but "set a new password" (HomeTrak "Email Mobile Password").
    TemporaryPassword,
}

/// How the secret of a mail is made again at hand-off.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct MailedSecret {
    pub(crate) purpose: Purpose,
    pub(crate) scope: Scope,
    pub(crate) record: Uuid,
    pub(crate) generation: Generation,
    pub(crate) nonce: Nonce,
    pub(crate) key: KeyId,
}

impl MailedSecret {
    pub(crate) const fn derivation(&self) -> Derivation {
        Derivation {
            purpose: self.purpose,
            scope: self.scope,
            record: self.record,
            generation: self.generation,
            nonce: self.nonce,
        }
    }
}

/// Which record says whether the mail is still wanted.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum About {
    /// An invitation; the status of the mail goes onto it.
    Invitation(InvitationId),
    /// An account of the directory.
    Account(doorward_types::AccountId),
    /// A member of the tenant.
    Membership(MembershipId),
}

/// One mail that waits.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Notice {
    pub(crate) template: Template,
    pub(crate) to: EmailAddress,
    pub(crate) about: About,
    /// Whom the mail greets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<DisplayName>,
    /// For whom it speaks: the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tenant: Option<DisplayName>,
    /// Until when what it holds can be used.
    #[serde(
        with = "time::serde::rfc3339::option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) expires_at: Option<OffsetDateTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<MailedSecret>,
}
