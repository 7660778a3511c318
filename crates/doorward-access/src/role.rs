//! Roles: named sets of permissions fixed by the catalog.

use doorward_types::RoleName;

use crate::{Gives, Permissions, Planes, Reach};

/// A role fixed by the catalog (NIST RBAC role; Kalix: "Each role has default access already set and
/// can not be changed").
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Role {
    pub(crate) name: RoleName,
    pub(crate) held: Planes,
    pub(crate) gives: Gives,
}

impl Role {
    /// Returns its name.
    #[must_use]
    pub const fn name(&self) -> &RoleName {
        &self.name
    }

    /// Returns what it holds.
    #[must_use]
    pub const fn held(&self) -> &Planes {
        &self.held
    }

    /// Returns what its holder may give.
    #[must_use]
    pub const fn gives(&self) -> Gives {
        self.gives
    }
}

/// Declares a role, inside [`CatalogBuilder::role`](crate::CatalogBuilder::role).
#[derive(Clone, Debug, Default)]
pub struct RoleDeclaration {
    pub(crate) held: Planes,
    pub(crate) gives: Gives,
}

impl RoleDeclaration {
    /// The role holds these permissions at this reach.
    #[must_use]
    pub fn holds<P: Permissions>(mut self, permissions: P, reach: Reach) -> Self {
        self.held = self.held.union(Planes::holding(permissions, reach));
        self
    }

    /// The role's holder may give everything, not only what the role holds.
    #[must_use]
    pub const fn gives_everything(mut self) -> Self {
        self.gives = Gives::Everything;
        self
    }
}
