//! The ledger of a report: who hangs together with what, by ids alone, read once.

use std::collections::HashMap;

use doorward_access::{Attachment, Grant, Membership};
use doorward_audit::report::SharedAddresses;
use doorward_identity::{Person, Relationship};
use doorward_invitations::{Invitation, State};
use doorward_storage::{Kind, Limit, Range};
use doorward_types::{
    EmailAddress, GrantId, InvitationId, MembershipId, PersonId, RelationshipId, Scope, SubjectId,
};

use crate::{
    Doorward, Fault,
    record::{Stored, stored_scope},
};

/// Everything that a portion of a report has to read, by id.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) member_of: HashMap<PersonId, MembershipId>,
    pub(super) grants_of: HashMap<MembershipId, Vec<GrantId>>,
    pub(super) attached_to: HashMap<MembershipId, Vec<SubjectId>>,
    pub(super) related: HashMap<PersonId, Vec<RelationshipId>>,
    pub(super) invitations_of: HashMap<PersonId, Vec<InvitationId>>,
    /// Members of whom the tenant has no person's record.
    pub(super) members_alone: Vec<MembershipId>,
    /// Open and declined invitations of such people.
    pub(super) invited_alone: Vec<InvitationId>,
    pub(super) shared: SharedAddresses,
}

impl Doorward {
    /// Reads each kind of record once, in pages, and keeps the ids.
    pub(super) async fn ledger(&self, scope: Scope) -> Result<Ledger, Fault> {
        let mut ledger = Ledger::default();
        let mut removed: HashMap<PersonId, MembershipId> = HashMap::new();
        self.visit(scope, |member: Membership| {
            match (member.person(), member.is_removed()) {
                (Some(person), false) => {
                    ledger.member_of.insert(person, member.id());
                }
                (Some(person), true) => {
                    removed.insert(person, member.id());
                }
                (None, false) => ledger.members_alone.push(member.id()),
                (None, true) => {}
            }
        })
        .await?;
        for (person, member) in removed {
            ledger.member_of.entry(person).or_insert(member);
        }
        let grants = &mut ledger.grants_of;
        self.visit(scope, |grant: Grant| {
            grants
                .entry(grant.membership())
                .or_default()
                .push(grant.id());
        })
        .await?;
        let attached = &mut ledger.attached_to;
        self.visit(scope, |it: Attachment| {
            attached
                .entry(it.membership())
                .or_default()
                .push(it.subject());
        })
        .await?;
        let related = &mut ledger.related;
        self.visit(scope, |it: Relationship| {
            if it.is_current() {
                related.entry(it.person()).or_default().push(it.id());
            }
        })
        .await?;
        let mut addresses: Vec<(EmailAddress, PersonId)> = Vec::new();
        self.visit(scope, |invitation: Invitation| {
            let is_waiting = matches!(invitation.state(), State::Open | State::Declined(_));
            match invitation.person() {
                Some(person) => {
                    let of = ledger.invitations_of.entry(person).or_default();
                    of.push(invitation.id());
                    addresses.push((invitation.address().clone(), person));
                }
                None if is_waiting => ledger.invited_alone.push(invitation.id()),
                None => {}
            }
        })
        .await?;
        self.visit(scope, |person: Person| {
            addresses.extend(person.email.map(|email| (email, person.id)));
        })
        .await?;
        ledger.shared = addresses.into_iter().collect();
        Ok(ledger)
    }

    /// Visits every record of a kind in the order of their ids, which is the order of time.
    async fn visit<T: Stored>(
        &self,
        scope: Scope,
        mut visit: impl FnMut(T) + Send,
    ) -> Result<(), Fault> {
        let range = Range::kind(stored_scope(scope), Kind::from_static(T::KIND));
        let mut after = None;
        loop {
            let (read, next) = self.page::<T>(&range, after.as_ref(), Limit::MAX).await?;
            read.into_iter().for_each(|read| visit(read.state));
            match next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }
}
