//! Records of memberships, levels, profiles, grants, attachments, groups and support.

use std::iter;

use doorward_access::{
    Attachment, Grant, Group, GroupTag, Level, Membership, Profile, SupportAccess,
};
use doorward_storage::{IndexEntry, Kind, Range, RecordId, UniqueKey};
use doorward_types::{
    AccountId, DisplayName, GroupId, LevelId, MembershipId, ProfileId, Scope, SubjectId, TenantId,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::identity::hashed_id;
use crate::record::{Stored, claim, entry, stored_scope, value};

impl Stored for Membership {
    const KIND: &'static str = "membership";

    fn record_id(&self) -> RecordId {
        self.id().as_uuid().into()
    }

    /// An account is a member once, and so is a person; whoever was removed claims nothing.
    fn claims(&self, scope: Scope) -> Vec<UniqueKey> {
        if self.is_removed() {
            return Vec::new();
        }
        let person = self
            .person()
            .map(|person| person_member(scope, person.as_bytes()));
        [Some(account_member(scope, self.account())), person]
            .into_iter()
            .flatten()
            .collect()
    }

    fn index(&self) -> Vec<IndexEntry> {
        if self.is_removed() {
            return Vec::new();
        }
        let member = entry("membership", [self.id().as_bytes()]);
        let levels = self.level_ids();
        let held = levels.map(|level| entry("membership_by_level", [level.as_bytes()]));
        iter::once(member).chain(held).collect()
    }
}

pub(crate) fn account_member(scope: Scope, account: AccountId) -> UniqueKey {
    claim(scope, "membership_account", [account.as_bytes()])
}

/// The id that no account has: looked up in place of an account that is not there, so that as much
/// is read.
pub(crate) const fn nobody() -> AccountId {
    AccountId::from_uuid(Uuid::nil())
}

pub(crate) fn person_member(scope: Scope, person: &[u8]) -> UniqueKey {
    claim(scope, "membership_person", [person])
}

/// Every member of the tenant who was not removed.
pub(crate) fn members(scope: Scope) -> Range {
    every(scope, "membership")
}

pub(crate) fn members_with_level(scope: Scope, level: LevelId) -> Range {
    exactly(scope, "membership_by_level", &[level.as_bytes()])
}

pub(crate) fn every(scope: Scope, index: &'static str) -> Range {
    Range::prefix(
        stored_scope(scope),
        Kind::from_static(index),
        value::<&[u8]>([]),
    )
}

pub(crate) fn exactly(scope: Scope, index: &'static str, parts: &[&[u8]]) -> Range {
    Range::exactly(stored_scope(scope), Kind::from_static(index), value(parts))
}

pub(crate) fn beginning(scope: Scope, index: &'static str, parts: &[&[u8]]) -> Range {
    Range::prefix(stored_scope(scope), Kind::from_static(index), value(parts))
}

/// That an account has a seat in a tenant, in the directory (decision 0004).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Seat {
    pub(crate) account: AccountId,
    pub(crate) tenant: TenantId,
    pub(crate) membership: MembershipId,
}

impl Stored for Seat {
    const KIND: &'static str = "seat";

    fn record_id(&self) -> RecordId {
        self.membership.as_uuid().into()
    }

    fn index(&self) -> Vec<IndexEntry> {
        vec![entry("seat_by_account", [self.account.as_bytes()])]
    }
}

pub(crate) fn seats_of(account: AccountId) -> Range {
    exactly(Scope::Directory, "seat_by_account", &[account.as_bytes()])
}

impl Stored for Level {
    const KIND: &'static str = "level";

    fn record_id(&self) -> RecordId {
        self.id().as_uuid().into()
    }

    fn claims(&self, scope: Scope) -> Vec<UniqueKey> {
        vec![name_claim(scope, "level_name", self.name())]
    }

    fn index(&self) -> Vec<IndexEntry> {
        vec![entry("level", [self.name().folded().as_bytes()])]
    }
}

impl Stored for Profile {
    const KIND: &'static str = "profile";

    fn record_id(&self) -> RecordId {
        self.id().as_uuid().into()
    }

    fn claims(&self, scope: Scope) -> Vec<UniqueKey> {
        vec![name_claim(scope, "profile_name", self.name())]
    }

    fn index(&self) -> Vec<IndexEntry> {
        vec![entry("profile", [self.name().folded().as_bytes()])]
    }
}

pub(crate) fn name_claim(scope: Scope, space: &'static str, name: &DisplayName) -> UniqueKey {
    claim(scope, space, [name.folded()])
}

impl Stored for Grant {
    const KIND: &'static str = "grant";

    fn record_id(&self) -> RecordId {
        self.id().as_uuid().into()
    }

    /// One live grant a member and subject.
    fn claims(&self, scope: Scope) -> Vec<UniqueKey> {
        if self.is_active() {
            vec![granted(scope, self.membership(), self.subject())]
        } else {
            Vec::new()
        }
    }

    fn index(&self) -> Vec<IndexEntry> {
        let mut entries = vec![
            entry("grant_by_membership", [self.membership().as_bytes()]),
            entry("grant_by_subject", [self.subject().person().as_bytes()]),
        ];
        if self.is_active() {
            entries.push(entry("grant_by_profile", [self.profile().as_bytes()]));
        }
        entries
    }
}

pub(crate) fn granted(scope: Scope, member: MembershipId, subject: SubjectId) -> UniqueKey {
    claim(
        scope,
        "grant",
        [member.as_bytes(), subject.person().as_bytes()],
    )
}

pub(crate) fn grants_of(scope: Scope, member: MembershipId) -> Range {
    exactly(scope, "grant_by_membership", &[member.as_bytes()])
}

pub(crate) fn grants_over(scope: Scope, subject: SubjectId) -> Range {
    exactly(scope, "grant_by_subject", &[subject.person().as_bytes()])
}

pub(crate) fn grants_of_profile(scope: Scope, profile: ProfileId) -> Range {
    exactly(scope, "grant_by_profile", &[profile.as_bytes()])
}

impl Stored for Attachment {
    const KIND: &'static str = "attachment";

    fn record_id(&self) -> RecordId {
        attachment_id(self.membership(), self.subject())
    }

    fn index(&self) -> Vec<IndexEntry> {
        vec![
            entry("attachment_by_membership", [self.membership().as_bytes()]),
            entry(
                "attachment_by_subject",
                [self.subject().person().as_bytes()],
            ),
        ]
    }
}

pub(crate) fn attachment_id(member: MembershipId, subject: SubjectId) -> RecordId {
    hashed_id(&[member.as_bytes(), subject.person().as_bytes()])
}

pub(crate) fn attachments_of(scope: Scope, member: MembershipId) -> Range {
    exactly(scope, "attachment_by_membership", &[member.as_bytes()])
}

pub(crate) fn attachments_to(scope: Scope, subject: SubjectId) -> Range {
    exactly(
        scope,
        "attachment_by_subject",
        &[subject.person().as_bytes()],
    )
}

impl Stored for Group {
    const KIND: &'static str = "group";

    fn record_id(&self) -> RecordId {
        self.id().as_uuid().into()
    }

    fn claims(&self, scope: Scope) -> Vec<UniqueKey> {
        vec![name_claim(scope, "group_name", self.name())]
    }

    fn index(&self) -> Vec<IndexEntry> {
        vec![entry("group", [self.name().folded().as_bytes()])]
    }
}

impl Stored for GroupTag {
    const KIND: &'static str = "group_tag";

    fn record_id(&self) -> RecordId {
        tag_id(self.membership, self.group)
    }

    fn index(&self) -> Vec<IndexEntry> {
        vec![
            entry("group_tag_by_membership", [self.membership.as_bytes()]),
            entry("group_tag_by_group", [self.group.as_bytes()]),
        ]
    }
}

pub(crate) fn tag_id(member: MembershipId, group: GroupId) -> RecordId {
    hashed_id(&[member.as_bytes(), group.as_bytes()])
}

impl Stored for SupportAccess {
    const KIND: &'static str = "support";

    fn record_id(&self) -> RecordId {
        self.id().as_uuid().into()
    }

    fn index(&self) -> Vec<IndexEntry> {
        vec![entry("support", [self.id().as_bytes()])]
    }
}
