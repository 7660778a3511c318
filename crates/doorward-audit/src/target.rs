//! Targets: what a command was done to.

use doorward_types::{
    AccountId, EntryId, GrantId, GroupId, InvitationId, LevelId, MembershipId, PersonId, ProfileId,
    RelationshipId, SupportId, TenantId,
};
use serde::Deserialize;

use crate::{canonical::Json, code::Code};

/// What a command was done to: the kind of a record, and its id where it has one.
///
/// ```
/// use doorward_audit::{Code, Target};
/// use doorward_types::GrantId;
/// let grant = GrantId::made_at(time::OffsetDateTime::UNIX_EPOCH, [1; 10]);
/// assert_eq!(Target::from(grant).kind().as_str(), "grant");
/// const CATALOG: Target = Target::of(Code::declare("catalog"));
/// assert_eq!(CATALOG.id(), None);
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Target {
    kind: Code,
    #[serde(default)]
    id: Option<Code>,
}

impl Target {
    /// Names the one thing of its kind in the scope.
    #[must_use]
    pub const fn of(kind: Code) -> Self {
        Self { kind, id: None }
    }

    /// Names a thing by its kind and id.
    #[must_use]
    pub fn new(kind: Code, id: impl Into<Code>) -> Self {
        Self {
            kind,
            id: Some(id.into()),
        }
    }

    /// Returns what kind of thing it is.
    #[must_use]
    pub const fn kind(&self) -> &Code {
        &self.kind
    }

    /// Returns its id, if it is not the only one of its kind.
    #[must_use]
    pub const fn id(&self) -> Option<&Code> {
        self.id.as_ref()
    }
}

macro_rules! target_of {
    ($($id:ty => $kind:literal),+ $(,)?) => {$(
        impl From<$id> for Target {
            fn from(id: $id) -> Self {
                Self::new(Code::literal($kind), id)
            }
        }
    )+};
}

target_of!(
    AccountId => "account",
    EntryId => "entry",
    GrantId => "grant",
    GroupId => "group",
    InvitationId => "invitation",
    LevelId => "level",
    MembershipId => "membership",
    PersonId => "person",
    ProfileId => "profile",
    RelationshipId => "relationship",
    SupportId => "support",
    TenantId => "tenant",
);

impl<'a> From<&'a Target> for Json<'a> {
    fn from(target: &'a Target) -> Self {
        let id = target.id.as_ref().map(Self::code);
        Self::map([("kind", Some(Self::code(&target.kind))), ("id", id)])
    }
}
