//! The ledger of a report: who hangs together with what, by ids alone, read once.

use std::collections::HashMap;

use doorward_access::{Attachment, Grant, Membership};
use doorward_audit::report::SharedAddresses;
use doorward_identity::{Person, Relationship};
use doorward_invitations::Invitation;
use doorward_storage::{Kind, Limit, Range};
use doorward_types::{
    AccountId, EmailAddress, GrantId, InvitationId, MembershipId, PersonId, RelationshipId, Scope,
    SubjectId,
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    Doorward, Fault,
    record::{self, Stored, stored_scope},
    together::both,
};

/// Everything that a portion of a report has to read, by id.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) member_of: HashMap<PersonId, MemberIds>,
    pub(super) grants_of: HashMap<MembershipId, Vec<GrantId>>,
    pub(super) attached_to: HashMap<MembershipId, Vec<SubjectId>>,
    pub(super) related: HashMap<PersonId, Vec<RelationshipId>>,
    pub(super) invitations_of: HashMap<PersonId, Vec<InvitationId>>,
    /// Members of whom the tenant has no person's record.
    pub(super) members_alone: Vec<MemberIds>,
    /// Open and declined invitations of such people.
    pub(super) invited_alone: Vec<InvitationId>,
    pub(super) shared: SharedAddresses,
}

/// A member, and what is read together with them.
#[derive(Clone, Copy, Debug)]
pub(super) struct MemberIds {
    pub(super) member: MembershipId,
    pub(super) account: AccountId,
    pub(super) invitation: Option<InvitationId>,
}

impl Doorward {
    /// Reads each kind of record once, in pages, and keeps the ids.
    pub(super) async fn ledger(&self, scope: Scope) -> Result<Ledger, Fault> {
        let mut ledger = Ledger::default();
        let mut removed: HashMap<PersonId, MemberIds> = HashMap::new();
        self.visit::<Membership, MemberPart>(scope, |member| {
            let is_removed = member.status.state == "removed";
            let ids = MemberIds {
                member: member.id,
                account: member.account,
                invitation: member.invitation,
            };
            match (member.person, is_removed) {
                (Some(person), false) => {
                    ledger.member_of.insert(person, ids);
                }
                (Some(person), true) => {
                    removed.insert(person, ids);
                }
                (None, false) => ledger.members_alone.push(ids),
                (None, true) => {}
            }
        })
        .await?;
        for (person, member) in removed {
            ledger.member_of.entry(person).or_insert(member);
        }
        let grants = &mut ledger.grants_of;
        self.visit::<Grant, GrantPart>(scope, |grant| {
            grants.entry(grant.membership).or_default().push(grant.id);
        })
        .await?;
        let attached = &mut ledger.attached_to;
        self.visit::<Attachment, AttachmentPart>(scope, |it| {
            attached.entry(it.membership).or_default().push(it.subject);
        })
        .await?;
        let related = &mut ledger.related;
        self.visit::<Relationship, Relationship>(scope, |it| {
            if it.is_current() {
                related.entry(it.person()).or_default().push(it.id());
            }
        })
        .await?;
        let mut addresses: Vec<(EmailAddress, PersonId)> = Vec::new();
        self.visit::<Invitation, InvitationPart>(scope, |invitation| {
            let is_waiting = matches!(&*invitation.state.kind, "open" | "declined");
            match invitation.person {
                Some(person) => {
                    let of = ledger.invitations_of.entry(person).or_default();
                    of.push(invitation.id);
                    addresses.push((invitation.address, person));
                }
                None if is_waiting => ledger.invited_alone.push(invitation.id),
                None => {}
            }
        })
        .await?;
        self.visit::<Person, PersonPart>(scope, |person| {
            addresses.extend(person.email.map(|email| (email, person.id)));
        })
        .await?;
        ledger.shared = addresses.into_iter().collect();
        Ok(ledger)
    }

    /// Visits a part of every record of a kind in the order of their ids, which is the order of
    /// time. The next page is on its way while one is read.
    async fn visit<T: Stored, P: DeserializeOwned>(
        &self,
        scope: Scope,
        mut visit: impl FnMut(P) + Send,
    ) -> Result<(), Fault> {
        let range = Range::kind(stored_scope(scope), Kind::from_static(T::KIND));
        let mut page = self.storage().scan(&range, None, Limit::MAX).await?;
        loop {
            let next = page.next.take();
            let mut read = || {
                page.records
                    .iter()
                    .map(record::read_part::<T, P>)
                    .try_for_each(|part| {
                        visit(part?);
                        Ok::<_, Fault>(())
                    })
            };
            let Some(next) = next else {
                return read();
            };
            let following = self.storage().scan(&range, Some(&next), Limit::MAX);
            let (following, visited) = both(following, async { read() }).await;
            visited?;
            page = following?;
        }
    }
}

// What the ledger keeps of stored states. Their tests of stored bodies hold these names fast.

#[derive(Deserialize)]
struct MemberPart {
    id: MembershipId,
    account: AccountId,
    #[serde(default)]
    person: Option<PersonId>,
    status: StatusPart,
    #[serde(default)]
    invitation: Option<InvitationId>,
}

#[derive(Deserialize)]
struct StatusPart {
    state: String,
}

#[derive(Deserialize)]
struct GrantPart {
    id: GrantId,
    membership: MembershipId,
}

#[derive(Deserialize)]
struct AttachmentPart {
    membership: MembershipId,
    subject: SubjectId,
}

#[derive(Deserialize)]
struct InvitationPart {
    id: InvitationId,
    #[serde(default)]
    person: Option<PersonId>,
    address: EmailAddress,
    state: StatePart,
}

#[derive(Deserialize)]
struct StatePart {
    kind: String,
}

#[derive(Deserialize)]
struct PersonPart {
    id: PersonId,
    #[serde(default)]
    email: Option<EmailAddress>,
}
