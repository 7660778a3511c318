//! Stored bodies, read and written again: for fuzzing, and no part of the interface.

use doorward_access::{
    Attachment, Grant, Group, GroupTag, Level, Membership, Profile, SupportAccess,
};
use doorward_identity::{Account, Person, Relationship};
use doorward_invitations::Invitation;
use doorward_storage::{IndexEntry, Precondition, Record, UniqueKey, Version, Write};
use doorward_types::{Scope, TenantId};
use uuid::Uuid;

use crate::{
    Fault,
    mail::Notice,
    record::{self, Stored, key_of},
    stored::{
        access::Seat,
        identity::{
            AccountThrottle, AddressProposed, AnonymousThrottle, ResetAsked, SkeletonRecord,
        },
        invitations::InviteRequest,
    },
    tenant::{Tenant, TenantEntry},
};

/// A state that was read, as it is written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rewritten {
    /// The body.
    pub body: Vec<u8>,
    /// What it claims.
    pub unique: Vec<UniqueKey>,
    /// Under which values a scan finds it.
    pub index: Vec<IndexEntry>,
}

/// Returns the kinds of stored bodies: of every record, and of the messages of the outbox.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(kind, _)| *kind)
}

/// Reads a body of this kind and writes what was read; `None` for a kind that there is not.
///
/// # Errors
/// [`Fault::Unreadable`] for a body that is none.
#[must_use]
pub fn rewrite(kind: &str, body: &[u8]) -> Option<Result<Rewritten, Fault>> {
    let (_, rewrite) = KINDS.iter().find(|(known, _)| *known == kind)?;
    Some(rewrite(body))
}

type Rewrite = fn(&[u8]) -> Result<Rewritten, Fault>;

const KINDS: [(&str, Rewrite); 22] = [
    kind::<Account>(),
    kind::<AccountThrottle>(),
    kind::<AddressProposed>(),
    kind::<AnonymousThrottle>(),
    kind::<Attachment>(),
    kind::<Grant>(),
    kind::<Group>(),
    kind::<GroupTag>(),
    kind::<Invitation>(),
    kind::<InviteRequest>(),
    kind::<Level>(),
    kind::<Membership>(),
    kind::<Person>(),
    kind::<Profile>(),
    kind::<Relationship>(),
    kind::<ResetAsked>(),
    kind::<Seat>(),
    kind::<SkeletonRecord>(),
    kind::<SupportAccess>(),
    kind::<Tenant>(),
    kind::<TenantEntry>(),
    ("notice", notice),
];

const fn kind<T: Stored>() -> (&'static str, Rewrite) {
    (T::KIND, rewrite_as::<T>)
}

const SCOPE: Scope = Scope::Tenant(TenantId::from_uuid(Uuid::nil()));

fn rewrite_as<T: Stored>(body: &[u8]) -> Result<Rewritten, Fault> {
    let record = Record {
        key: key_of::<T>(SCOPE, Uuid::nil()),
        version: Version::from_u64(1),
        body: body.to_vec().into(),
    };
    let read = record::read::<T>(&record)?;
    match record::put(SCOPE, &read.state, Precondition::Absent)? {
        Write::Put {
            body,
            unique,
            index,
            ..
        } => Ok(Rewritten {
            body,
            unique: unique.into_iter().collect(),
            index: index.into_iter().collect(),
        }),
        _ => Err(Fault::unknown("put")),
    }
}

fn notice(body: &[u8]) -> Result<Rewritten, Fault> {
    let unreadable = |source| Fault::Unreadable {
        kind: "notice",
        id: Uuid::nil().to_string(),
        source,
    };
    let read: Notice = serde_json::from_slice(body).map_err(unreadable)?;
    Ok(Rewritten {
        body: serde_json::to_vec(&read).map_err(unreadable)?,
        unique: Vec::new(),
        index: Vec::new(),
    })
}
