//! Features: parts of the host's surface.

use doorward_types::FeatureName;

use crate::{Mask, Permissions};

/// A part of the host's surface that is enabled, disabled or hidden.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Feature {
    pub(crate) name: FeatureName,
    pub(crate) needs: Mask,
    pub(crate) otherwise: Availability,
}

impl Feature {
    /// Returns its name.
    #[must_use]
    pub const fn name(&self) -> &FeatureName {
        &self.name
    }

    /// Returns the permissions of which any one, at any reach, enables it.
    #[must_use]
    pub const fn needs(&self) -> Mask {
        self.needs
    }

    /// Returns what it is for a member who holds none of them.
    pub const fn otherwise(&self) -> Availability {
        self.otherwise
    }
}

/// What a surface shows of a feature.
#[must_use]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Availability {
    /// It can be used.
    Enabled,
    /// It is shown and cannot be used (HomeTrak: "disabled and grayed out").
    Disabled,
    /// It is not shown (Kalix: "Hide the entire billing feature"; HomeTrak: "completely removed from
    /// the user interface").
    Hidden,
}

/// Declares a feature, inside [`CatalogBuilder::feature`](crate::CatalogBuilder::feature).
#[derive(Clone, Copy, Debug)]
pub struct FeatureDeclaration {
    pub(crate) needs: Mask,
    pub(crate) otherwise: Availability,
}

impl FeatureDeclaration {
    pub(crate) const fn new() -> Self {
        Self {
            needs: Mask::EMPTY,
            otherwise: Availability::Disabled,
        }
    }

    /// Any one of these permissions, at any reach, enables the feature.
    #[must_use]
    pub fn needs_any_of<P: Permissions>(mut self, permissions: P) -> Self {
        self.needs |= permissions.mask();
        self
    }

    /// Without them the feature is hidden on every channel, not merely disabled.
    #[must_use]
    pub const fn else_hidden(mut self) -> Self {
        self.otherwise = Availability::Hidden;
        self
    }
}
