//! Sessions: what a signed-in request carries, and whether it still counts.

use doorward_types::{AccountId, Channel, MembershipId, TenantId, Window};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{AccessEpoch, Account, SecurityEpoch, Status};

/// What a session holds: who, where, and both epochs as they were at sign-in. How it is carried in a
/// cookie or a header is the host's.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Session {
    /// The account.
    pub account: AccountId,
    /// The membership it acts through.
    pub membership: MembershipId,
    /// The tenant: the session is good there alone.
    pub tenant: TenantId,
    /// Where it was signed in from.
    pub channel: Channel,
    /// The account's epoch.
    pub security_epoch: SecurityEpoch,
    /// The membership's epoch.
    pub access_epoch: AccessEpoch,
    /// When it began; a host that asks for the password again after some time counts from here.
    #[serde(with = "time::serde::rfc3339")]
    pub signed_in_at: OffsetDateTime,
}

/// A membership as sign-in sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MembershipFacts {
    /// The membership.
    pub id: MembershipId,
    /// Its tenant.
    pub tenant: TenantId,
    /// Whether it is active.
    pub standing: MembershipStanding,
    /// When it holds.
    pub window: Window,
    /// Its epoch.
    pub access_epoch: AccessEpoch,
}

/// Whether a membership is active.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MembershipStanding {
    /// It is.
    Active,
    /// It is disabled or removed.
    Inactive,
}

impl Session {
    /// Checks that the session still counts. Hosts ask on each request, so that "disable access"
    /// ends live sessions at once (ALIS: "Immediately revoke the user's ability to log in").
    ///
    /// # Errors
    /// [`SessionEnded`] says why it does not.
    pub fn check(
        &self,
        account: &Account,
        membership: &MembershipFacts,
        now: OffsetDateTime,
    ) -> Result<(), SessionEnded> {
        let is_of = account.id() == self.account
            && membership.id == self.membership
            && membership.tenant == self.tenant;
        if !is_of {
            return Err(SessionEnded::OtherPlace);
        }
        if account.status() != Status::Active || account.security_epoch() != self.security_epoch {
            return Err(SessionEnded::AccountChanged);
        }
        let active = membership.standing == MembershipStanding::Active;
        if !active || membership.access_epoch != self.access_epoch {
            return Err(SessionEnded::AccessChanged);
        }
        if !membership.window.contains(now) {
            return Err(SessionEnded::OutsideWindow);
        }
        Ok(())
    }
}

/// Why a session no longer counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SessionEnded {
    /// The membership was disabled, removed, or made another kind.
    #[error("the session is over: access has changed, sign in again")]
    AccessChanged,
    /// A credential or the address changed, or the account is not active.
    #[error("the session is over: the account has changed, sign in again")]
    AccountChanged,
    /// It was presented with another account, membership or tenant than its own.
    #[error("the session is not of this account and tenant")]
    OtherPlace,
    /// The membership's window is over or has not begun.
    #[error("the session is over: access holds at another time")]
    OutsideWindow,
}
