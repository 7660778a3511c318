//! Stored bodies: what older releases wrote stays readable, and unknown states are refused.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use doorward_access::{
    Attachment, Grant, Group, GroupEvent, GroupTag, Level, Membership, MembershipEvent,
    MembershipStatus, SelfGranted, SetStatus, SupportAccess,
};
use doorward_types::{GroupId, Levels, Switch};
use serde::de::DeserializeOwned;
use world::*;

const BODIES: &str = include_str!("data/bodies.json");

fn body<T: DeserializeOwned>(name: &str) -> T {
    let all: serde_json::Value = serde_json::from_str(BODIES).unwrap();
    serde_json::from_value(all.get(name).unwrap().clone()).unwrap()
}

#[test]
fn a_membership_of_release_0_1_is_read_back() {
    let membership: Membership = body("membership");
    assert_eq!(membership.role().unwrap().as_str(), "clinical");
    assert_eq!(*membership.levels(), Levels::none());
    assert_eq!(
        membership.switches().get("access_billing"),
        Some(&Switch::Off)
    );
    assert!(matches!(
        membership.status(),
        MembershipStatus::Disabled { .. }
    ));
    assert_eq!(membership.access_epoch(), 2);
}

/// A field that a later release adds must not break bodies that lack it.
#[test]
fn a_membership_with_nothing_but_what_it_must_have_is_read_back() {
    let membership: Membership = body("smallest_membership");
    assert!(membership.is_active() && membership.hidden().is_empty());
    assert_eq!(*membership.levels(), Levels::Unrestricted);
}

#[test]
fn grants_levels_attachments_groups_and_support_of_release_0_1_are_read_back() {
    let grant: Grant = body("grant");
    assert!(!grant.is_active() && grant.attestation().is_some());
    let level: Level = body("level");
    assert!(matches!(level.status(), SetStatus::Retired { .. }));
    let attachment: Attachment = body("attachment");
    assert_eq!(attachment.membership(), grant.membership());
    let group: Group = body("group");
    assert_eq!(group.name().as_str(), "Northern clinics");
    let tag: GroupTag = body("group_tag");
    assert_eq!(tag.group, group.id());
    let support: SupportAccess = body("support");
    assert!(support.is_revoked());
}

/// Events of before a window's own extension was flagged.
#[test]
fn a_window_that_was_set_before_it_was_flagged_is_read_back() {
    let set = serde_json::json!({
        "event": "window_set",
        "id": membership_id(1),
        "before": { "from": "2026-11-22T10:00:00Z" },
        "after": { "from": "2026-11-22T10:00:00Z", "until": "2026-11-23T10:00:00Z" },
    });
    assert!(matches!(
        serde_json::from_value(set),
        Ok(MembershipEvent::WindowSet {
            self_granted: SelfGranted::No,
            ..
        })
    ));
}

#[test]
fn a_body_with_an_unknown_state_or_a_broken_name_is_refused() {
    let all: serde_json::Value = serde_json::from_str(BODIES).unwrap();
    let mut membership = all.get("membership").unwrap().clone();
    *membership.pointer_mut("/status/state").unwrap() = "asleep".into();
    assert!(serde_json::from_value::<Membership>(membership).is_err());
    let mut membership = all.get("membership").unwrap().clone();
    *membership.pointer_mut("/kind").unwrap() = "two words".into();
    assert!(serde_json::from_value::<Membership>(membership).is_err());
}

/// Kalix: "Create new user groups ... Delete user groups ... Edit the name of user groups".
#[test]
fn groups_are_created_renamed_and_deleted_and_members_tagged() {
    let id = GroupId::made_at(NOW, [1; 10]);
    let (group, created) = Group::create(id, name("Dietitians"));
    assert!(matches!(created[..], [GroupEvent::Created { .. }]));
    let (group, same) = group.rename(name("Dietitians"));
    assert!(same.is_empty());
    let (group, renamed) = group.rename(name("Dietitians, north"));
    assert!(
        matches!(&renamed[..], [GroupEvent::Renamed { before, .. }] if *before == name("Dietitians"))
    );
    let (tag, tagged) = GroupTag::add(group.id(), membership_id(1));
    assert!(matches!(tagged[..], [GroupEvent::Tagged { .. }]));
    assert!(matches!(tag.remove()[..], [GroupEvent::Untagged { .. }]));
    assert!(matches!(group.delete()[..], [GroupEvent::Deleted { .. }]));
}
