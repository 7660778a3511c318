//! Moving a membership to another account of the same person.

use doorward_types::AccountId;

use super::{Membership, MembershipEvent};

impl Membership {
    /// Moves the membership to the account that had proved the address of the one it came with
    /// (design 6). It is the same membership: grants, attachments and groups stay. The epoch rises,
    /// so that sessions of the other account are over.
    ///
    /// # Errors
    /// [`MoveRejection`] where it is over.
    pub fn move_to(
        self,
        account: AccountId,
    ) -> Result<(Self, Vec<MembershipEvent>), MoveRejection> {
        if self.is_removed() {
            return Err(MoveRejection::Removed);
        }
        let event = MembershipEvent::Moved {
            id: self.id,
            before: self.account,
            after: account,
        };
        let moved = Self {
            account,
            access_epoch: self.access_epoch.saturating_add(1),
            ..self
        };
        Ok((moved, vec![event]))
    }
}

/// A move that is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MoveRejection {
    /// The member was removed.
    #[error("the member was removed: whoever returns joins anew")]
    Removed,
}
