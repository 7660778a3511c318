//! Bodies of every kind of record as release 0.1 wrote them: a later release reads them, and loses
//! nothing when it writes them again. The files never change.

use doorward_access::{
    Attachment, Grant, Group, GroupTag, Level, Membership, Profile, SupportAccess,
};
use doorward_identity::{Account, Person, Relationship};
use doorward_invitations::Invitation;
use doorward_storage::{Precondition, Record, Version, Write};
use doorward_types::{Scope, TenantId};
use serde_json::Value;

use super::{access::Seat, identity::*, invitations::InviteRequest};
use crate::{
    mail::Notice,
    record::{Stored, key_of, put, read},
    tenant::{Tenant, TenantEntry},
};

macro_rules! bodies {
    ($($file:literal: $kind:ty,)*) => {
        const FILES: &[&str] = &[$($file),*];

        #[test]
        fn every_kind_of_record_stays_readable() {
            $(
                assert_eq!($file, <$kind as Stored>::KIND);
                let body = include_str!(concat!("../../tests/data/bodies/", $file, ".json"));
                assert_eq!(rewritten::<$kind>(body), parsed(body), $file);
            )*
        }
    };
}

bodies! {
    "account": Account,
    "account_throttle": AccountThrottle,
    "address_proposal": AddressProposed,
    "anonymous_throttle": AnonymousThrottle,
    "attachment": Attachment,
    "grant": Grant,
    "group": Group,
    "group_tag": GroupTag,
    "invitation": Invitation,
    "invite_request": InviteRequest,
    "level": Level,
    "membership": Membership,
    "person": Person,
    "profile": Profile,
    "relationship": Relationship,
    "reset_request": ResetAsked,
    "seat": Seat,
    "support": SupportAccess,
    "tenant": Tenant,
    "tenant_entry": TenantEntry,
    "user_name_skeleton": SkeletonRecord,
}

fn parsed(body: &str) -> Value {
    serde_json::from_str(body).unwrap()
}

/// Reads a body as its kind does, and writes it again, with its claims and index entries.
fn rewritten<T: Stored>(body: &str) -> Value {
    let scope = Scope::Tenant(TenantId::from_uuid(uuid::Uuid::from_u128(1)));
    let record = Record {
        key: key_of::<T>(scope, uuid::Uuid::from_u128(2)),
        version: Version::from_u64(3),
        body: body.to_owned().into(),
    };
    let loaded = read::<T>(&record).unwrap();
    match put(scope, &loaded.state, Precondition::Absent).unwrap() {
        Write::Put { body, .. } => serde_json::from_slice(&body).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// A mail that was queued by an older release is handed over by a newer one.
#[test]
fn a_queued_message_stays_readable() {
    let body = include_str!("../../tests/data/bodies/message.json");
    let notice: Notice = serde_json::from_str(body).unwrap();
    assert_eq!(serde_json::to_value(&notice).unwrap(), parsed(body));
}

/// No kind of record is without its file.
#[test]
fn every_kind_that_is_declared_has_a_body_here() {
    let sources = [
        include_str!("access.rs"),
        include_str!("identity.rs"),
        include_str!("invitations.rs"),
        include_str!("../tenant.rs"),
    ];
    let mut declared: Vec<&str> = sources
        .iter()
        .flat_map(|source| source.split("const KIND: &'static str = \"").skip(1))
        .filter_map(|rest| rest.split('"').next())
        .collect();
    declared.sort_unstable();
    assert_eq!(declared, FILES);
}
