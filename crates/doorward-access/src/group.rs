//! Groups: names under which members are gathered.

use doorward_types::{DisplayName, GroupId, MembershipId};
use serde::{Deserialize, Serialize};

/// A group of users: it sorts members and gives nothing (Kalix: "User groups can be used to categorize
/// providers").
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Group {
    id: GroupId,
    name: DisplayName,
}

impl Group {
    /// Creates a group. That its name is the tenant's only one is a claim of its record.
    #[must_use]
    pub fn create(id: GroupId, name: DisplayName) -> (Self, Vec<GroupEvent>) {
        let event = GroupEvent::Created {
            id,
            name: name.clone(),
        };
        (Self { id, name }, vec![event])
    }

    /// Renames it, for all users.
    #[must_use]
    pub fn rename(self, name: DisplayName) -> (Self, Vec<GroupEvent>) {
        if self.name == name {
            return (self, Vec::new());
        }
        let event = GroupEvent::Renamed {
            id: self.id,
            before: self.name,
            after: name.clone(),
        };
        (Self { name, ..self }, vec![event])
    }

    /// Deletes it; tags of a group that is gone mean nothing.
    #[must_use]
    pub fn delete(self) -> Vec<GroupEvent> {
        vec![GroupEvent::Deleted {
            id: self.id,
            name: self.name,
        }]
    }

    /// Returns its id.
    #[must_use]
    pub const fn id(&self) -> GroupId {
        self.id
    }

    /// Returns its name.
    #[must_use]
    pub const fn name(&self) -> &DisplayName {
        &self.name
    }
}

/// That a member is in a group: a record of its own, hanging on the membership.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct GroupTag {
    /// Which group.
    pub group: GroupId,
    /// Which member.
    pub membership: MembershipId,
}

impl GroupTag {
    /// Puts a member into a group.
    #[must_use]
    pub fn add(group: GroupId, membership: MembershipId) -> (Self, Vec<GroupEvent>) {
        (
            Self { group, membership },
            vec![GroupEvent::Tagged { group, membership }],
        )
    }

    /// Takes the member out of the group.
    #[must_use]
    pub fn remove(self) -> Vec<GroupEvent> {
        vec![GroupEvent::Untagged {
            group: self.group,
            membership: self.membership,
        }]
    }
}

/// What happened to a group.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum GroupEvent {
    /// It was created.
    Created {
        /// Which group.
        id: GroupId,
        /// Its name.
        name: DisplayName,
    },
    /// It was renamed.
    Renamed {
        /// Which group.
        id: GroupId,
        /// Its name before.
        before: DisplayName,
        /// Its name now.
        after: DisplayName,
    },
    /// It was deleted.
    Deleted {
        /// Which group.
        id: GroupId,
        /// Its name.
        name: DisplayName,
    },
    /// A member was put into it.
    Tagged {
        /// Which group.
        group: GroupId,
        /// Which member.
        membership: MembershipId,
    },
    /// A member was taken out of it.
    Untagged {
        /// Which group.
        group: GroupId,
        /// Which member.
        membership: MembershipId,
    },
}
