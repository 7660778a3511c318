//! Support access: a tenant opened to the provider's support.

use doorward_types::{MembershipId, SupportId, TenantId, Window, WindowError};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// How long support access lasts (Kalix: "Our access automatically expires after seven days").
pub const SUPPORT_FOR: Duration = Duration::days(7);

/// A tenant opened to the provider's support, from a tick of one of its members to seven days later.
///
/// Only members tick: support itself has no membership, so it can neither open nor renew.
///
/// ```text
///   open ──> until tick + 7 d ──revoke──> closed
///               ╰─renew: a new 7 d─╯
/// ```
///
/// ```
/// use doorward_access::{SUPPORT_FOR, SupportAccess};
/// use doorward_types::{MembershipId, SupportId, TenantId};
/// use time::macros::datetime;
///
/// let now = datetime!(2026-11-22 10:00 UTC);
/// let director = MembershipId::made_at(now, [1; 10]);
/// let (id, tenant) = (SupportId::made_at(now, [2; 10]), TenantId::made_at(now, [3; 10]));
/// let (access, _) = SupportAccess::open(id, tenant, director, now)?;
/// assert!(access.is_open(now) && !access.is_open(now + SUPPORT_FOR));
/// # Ok::<(), doorward_access::SupportRejection>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SupportAccess {
    id: SupportId,
    tenant: TenantId,
    granted_by: MembershipId,
    window: Window,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked: Option<Revocation>,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Revocation {
    by: MembershipId,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
}

impl SupportAccess {
    /// Opens the tenant for seven days.
    ///
    /// # Errors
    /// [`SupportRejection::TooLate`] where no instant seven days later exists.
    pub fn open(
        id: SupportId,
        tenant: TenantId,
        by: MembershipId,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<SupportEvent>), SupportRejection> {
        let window = seven_days(now)?;
        let event = SupportEvent::Opened { id, by, window };
        Ok((
            Self {
                id,
                tenant,
                granted_by: by,
                window,
                revoked: None,
            },
            vec![event],
        ))
    }

    /// Ticks the box again: a new seven days from now (design 9.5). The opening may be over or revoked.
    ///
    /// # Errors
    /// [`SupportRejection::TooLate`] where no instant seven days later exists.
    pub fn renew(
        self,
        by: MembershipId,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<SupportEvent>), SupportRejection> {
        let window = seven_days(now)?;
        let event = SupportEvent::Renewed {
            id: self.id,
            by,
            before: self.window,
            after: window,
        };
        Ok((
            Self {
                granted_by: by,
                window,
                revoked: None,
                ..self
            },
            vec![event],
        ))
    }

    /// Closes it at once (Kalix: "you can also revoke this access at any time").
    ///
    /// # Errors
    /// [`SupportRejection::NotOpen`] where it is over.
    pub fn revoke(
        self,
        by: MembershipId,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<SupportEvent>), SupportRejection> {
        if !self.is_open(now) {
            return Err(SupportRejection::NotOpen);
        }
        let event = SupportEvent::Revoked { id: self.id, by };
        Ok((
            Self {
                revoked: Some(Revocation { by, at: now }),
                ..self
            },
            vec![event],
        ))
    }

    /// Tells whether support is in: not revoked, and inside the seven days.
    #[must_use]
    pub fn is_open(&self, now: OffsetDateTime) -> bool {
        !self.is_revoked() && self.window.contains(now)
    }

    /// Tells whether it was revoked.
    #[must_use]
    pub const fn is_revoked(&self) -> bool {
        self.revoked.is_some()
    }

    /// Returns its id.
    #[must_use]
    pub const fn id(&self) -> SupportId {
        self.id
    }

    /// Returns the tenant.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Returns the member who ticked last; every entry of support names them.
    #[must_use]
    pub const fn granted_by(&self) -> MembershipId {
        self.granted_by
    }

    /// Returns the seven days.
    #[must_use]
    pub const fn window(&self) -> &Window {
        &self.window
    }
}

fn seven_days(now: OffsetDateTime) -> Result<Window, SupportRejection> {
    let until = now
        .checked_add(SUPPORT_FOR)
        .ok_or(SupportRejection::TooLate)?;
    Window::between(now, until).map_err(|WindowError { .. }| SupportRejection::TooLate)
}

/// What happened to support access.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum SupportEvent {
    /// The tenant was opened.
    Opened {
        /// Which opening.
        id: SupportId,
        /// By whom.
        by: MembershipId,
        /// Until when.
        window: Window,
    },
    /// A new seven days began.
    Renewed {
        /// Which opening.
        id: SupportId,
        /// By whom.
        by: MembershipId,
        /// The window before.
        before: Window,
        /// The window now.
        after: Window,
    },
    /// It was closed.
    Revoked {
        /// Which opening.
        id: SupportId,
        /// By whom.
        by: MembershipId,
    },
}

/// A command on support access that is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SupportRejection {
    /// It is over or revoked.
    #[error("support access is not open")]
    NotOpen,
    /// The calendar ends before seven days are over.
    #[error("support access would end after the last instant of the calendar")]
    TooLate,
}
