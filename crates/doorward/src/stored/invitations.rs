//! Records of invitations, and the invite requests by which an invitee finds them.

use doorward_invitations::{Invitation, Sponsor};
use doorward_storage::{IndexEntry, Kind, Place, Range, RecordId, UniqueKey, Value};
use doorward_types::{
    EmailAddress, InvitationId, LevelId, Levels, MembershipId, PersonId, ProfileId, Scope, TenantId,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::access::{beginning, exactly};
use crate::{
    record::{Stored, claim, entry, stored_scope, value},
    work::micros,
};

impl Stored for Invitation {
    const KIND: &'static str = "invitation";

    fn record_id(&self) -> RecordId {
        self.id().as_uuid().into()
    }

    /// One open invitation an address and tenant; closing it gives the address free.
    fn claims(&self, scope: Scope) -> Vec<UniqueKey> {
        if self.is_open() {
            vec![open_invitation(scope, self.address())]
        } else {
            Vec::new()
        }
    }

    fn index(&self) -> Vec<IndexEntry> {
        let id = self.id();
        let mut entries = Vec::new();
        if let Some(person) = self.person() {
            entries.push(entry(
                "invitation_by_person",
                [person.as_bytes(), id.as_bytes()],
            ));
        }
        if !self.is_open() {
            return entries;
        }
        let index = match self.expiry_noted_at() {
            None => DUE,
            Some(_) => NOTED,
        };
        entries.push(IndexEntry::new(index, place(self).value));
        if let Sponsor::Member(sponsor) = self.sponsor() {
            entries.push(entry("invitation_by_sponsor", [sponsor.as_bytes()]));
        }
        if let Levels::Assigned(levels) = self.offer().levels() {
            let offered = |level: &LevelId| entry("invitation_by_level", [level.as_bytes()]);
            entries.extend(levels.iter().map(offered));
        }
        let mut profiles: Vec<ProfileId> = self
            .offer()
            .subjects()
            .iter()
            .map(|subject| subject.profile)
            .collect();
        profiles.sort_unstable();
        profiles.dedup();
        let offered = |profile: &ProfileId| entry("invitation_by_profile", [profile.as_bytes()]);
        entries.extend(profiles.iter().map(offered));
        entries
    }
}

pub(crate) fn open_invitation(scope: Scope, address: &EmailAddress) -> UniqueKey {
    claim(scope, "open_invitation", [address.canonical()])
}

/// Every invitation of a tenant, in the order of issue: ids are made from time.
pub(crate) fn invitations(scope: Scope) -> Range {
    Range::kind(stored_scope(scope), Kind::from_static(Invitation::KIND))
}

pub(crate) fn invitations_of(scope: Scope, person: PersonId) -> Range {
    beginning(scope, "invitation_by_person", &[person.as_bytes()])
}

/// Open invitations in the order in which their links end: those whose expiry nobody has noted, and
/// those whose expiry was noted. Before this release the second index held both.
const DUE: Kind = Kind::from_static("invitation_due");
const NOTED: Kind = Kind::from_static("invitation_open");

/// Where an open invitation lies in its index.
pub(crate) fn place(invitation: &Invitation) -> Place {
    let (id, ends) = (invitation.id(), invitation.mailing().expires_at);
    let ends = Value::from(micros(ends).0);
    Place {
        value: value([ends.as_bytes(), id.as_bytes()]),
        kind: Kind::from_static(Invitation::KIND),
        id: invitation.record_id(),
    }
}

/// The two indexes of open invitations. One that expires meanwhile goes from the first to the
/// second, so that whoever reads them in this order misses none.
pub(crate) fn open_invitations(scope: Scope) -> [Range; 2] {
    [DUE, NOTED].map(|index| Range::index(stored_scope(scope), index))
}

/// Open invitations whose link ends before this instant and whose expiry nobody has noted.
pub(crate) fn ending_before(scope: Scope, until: OffsetDateTime) -> Range {
    let until = value([Value::from(micros(until).0).as_bytes()]);
    Range::between(stored_scope(scope), DUE, Value::default(), until)
}

pub(crate) fn sponsored_by(scope: Scope, sponsor: MembershipId) -> Range {
    exactly(scope, "invitation_by_sponsor", &[sponsor.as_bytes()])
}

pub(crate) fn offering_level(scope: Scope, level: LevelId) -> Range {
    exactly(scope, "invitation_by_level", &[level.as_bytes()])
}

pub(crate) fn offering_profile(scope: Scope, profile: ProfileId) -> Range {
    exactly(scope, "invitation_by_profile", &[profile.as_bytes()])
}

/// That an address has an open invitation in a tenant, in the directory (decision 0004).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct InviteRequest {
    pub(crate) tenant: TenantId,
    pub(crate) invitation: InvitationId,
    pub(crate) address: EmailAddress,
}

impl Stored for InviteRequest {
    const KIND: &'static str = "invite_request";

    fn record_id(&self) -> RecordId {
        self.invitation.as_uuid().into()
    }

    fn index(&self) -> Vec<IndexEntry> {
        vec![entry(
            "invite_request_by_address",
            [self.address.canonical()],
        )]
    }
}

pub(crate) fn requests_to(address: &EmailAddress) -> Range {
    exactly(
        Scope::Directory,
        "invite_request_by_address",
        &[address.canonical().as_bytes()],
    )
}
