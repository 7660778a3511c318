//! Features hidden from a member on the desktop.

use std::collections::BTreeSet;

use doorward_types::FeatureName;

use super::{Membership, MembershipEvent};
use crate::Catalog;

impl Membership {
    /// Hides exactly these features from the member, on the desktop alone; a decision never changes
    /// by it (HomeTrak: "Remove User Interface Features ... applies to the desktop application only").
    /// Names stored before that the catalog does not know are kept.
    ///
    /// # Errors
    /// [`FeaturesRejection`] where a feature is unknown or the member was removed.
    pub fn hide_features(
        self,
        features: BTreeSet<FeatureName>,
        catalog: &Catalog,
    ) -> Result<(Self, Vec<MembershipEvent>), FeaturesRejection> {
        if self.is_removed() {
            return Err(FeaturesRejection::Removed);
        }
        if let Some(name) = features.iter().find(|name| catalog.feature(name).is_none()) {
            return Err(FeaturesRejection::Unknown { name: name.clone() });
        }
        let strange = self
            .hidden
            .iter()
            .filter(|name| catalog.feature(name).is_none())
            .cloned();
        let after: BTreeSet<_> = features.into_iter().chain(strange).collect();
        if after == self.hidden {
            return Ok((self, Vec::new()));
        }
        let event = MembershipEvent::FeaturesHidden {
            id: self.id,
            before: self.hidden.clone(),
            after: after.clone(),
        };
        Ok((
            Self {
                hidden: after,
                ..self
            },
            vec![event],
        ))
    }
}

/// A change of hidden features that is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FeaturesRejection {
    /// The catalog has no such feature.
    #[error("`{name}` is no feature of the catalog")]
    Unknown {
        /// The name.
        name: FeatureName,
    },
    /// The member was removed.
    #[error("the member was removed: whoever returns joins anew")]
    Removed,
}
