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

#[cfg(test)]
mod tests {
    use doorward_types::{MembershipId, Offer, TenantId, Window};
    use time::macros::datetime;

    use super::*;
    use crate::{Authority, Catalog, Details, Joining, OfferVerdict, Sets, judge_offer};

    bitflags::bitflags! {
        #[derive(Clone, Copy)]
        struct Notes: u8 {
            const READ_NOTES = 1;
        }
    }

    /// Design 6: "that sign-in moves the membership to the signed-in account".
    #[test]
    fn a_moved_membership_keeps_its_id_and_ends_sessions() {
        let now = datetime!(2026-11-22 10:00 UTC);
        let kind = |kind: crate::KindDeclaration| kind.ceiling_of_everything();
        let catalog = Catalog::builder::<Notes>()
            .kind("staff", kind)
            .build()
            .unwrap();
        let offer = Offer::of("staff".parse().unwrap());
        let judged = judge_offer(&catalog, &offer, &Sets::default(), &Authority::everything());
        let Ok(OfferVerdict::Within(offer)) = judged else {
            panic!("{judged:?}");
        };
        let [before, after] = [1, 2].map(|n| AccountId::made_at(now, [n; 10]));
        let joining = Joining {
            id: MembershipId::made_at(now, [3; 10]),
            tenant: TenantId::made_at(now, [4; 10]),
            account: before,
            person: None,
            invitation: None,
            window: Window::since(now),
            details: Details::default(),
        };
        let (member, _) = Membership::join(joining, &offer, now);
        let (moved, events) = member.clone().move_to(after).unwrap();
        assert_eq!((moved.id(), moved.account()), (member.id(), after));
        assert!(moved.access_epoch() > member.access_epoch());
        let id = member.id();
        assert_eq!(events, [MembershipEvent::Moved { id, before, after }]);
    }
}
