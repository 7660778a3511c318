//! Who may change an account: its person, or the tenant that manages it.

use doorward_types::TenantId;

/// On whose word an account is changed.
///
/// The managing tenant is the one whose administrator created the account or whose invitation's
/// token registered it. Its administrators may change user name, e-mail, cell and status, convert
/// the account, and hand out temporary passwords and PINs; those of any other tenant may not
/// (design 6).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Authority {
    /// The person whose account it is, signed in.
    Person,
    /// An administrator acting in this tenant.
    Administrator(TenantId),
    /// The system itself: a tick, or a flow that has proved its own right.
    System,
}

impl Authority {
    pub(crate) fn over(self, managed_by: Option<TenantId>) -> Result<(), ManagedByPerson> {
        match self {
            Self::Administrator(tenant) if managed_by != Some(tenant) => Err(ManagedByPerson),
            Self::Administrator(_) | Self::Person | Self::System => Ok(()),
        }
    }

    /// Temporary passwords and PINs are handed out by administrators, never asked for by whoever
    /// has a session.
    pub(crate) fn hands_out(self, managed_by: Option<TenantId>) -> Result<(), ManagedByPerson> {
        match self {
            Self::Person => Err(ManagedByPerson),
            Self::Administrator(_) | Self::System => self.over(managed_by),
        }
    }
}

/// The account is not managed by the tenant that would change it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the account is managed by its person: ask them to change it, or change their access here")]
pub struct ManagedByPerson;
