//! Records of people, relationships, accounts and what hangs on them.

use doorward_identity::{
    Account, AnonymousRefusals, Bucket, Claim, Person, PinCounter, Relationship, ResetRequest,
    Skeleton, Throttle, account_claims, login_claims,
};
use doorward_storage::{IndexEntry, Kind, Range, RecordId, UniqueKey, Value};
use doorward_types::{AccountId, EmailAddress, MembershipId, PersonId, Scope, SubjectId, TenantId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use super::access::every;
use crate::{
    record::{Stored, claim, entry, stored_scope},
    work::micros,
};

impl Stored for Person {
    const KIND: &'static str = "person";

    fn record_id(&self) -> RecordId {
        self.id.as_uuid().into()
    }

    /// An address is the person's who had it first in the tenant (design 9.10), and a reference is
    /// one person's.
    fn claims(&self, scope: Scope) -> Vec<UniqueKey> {
        let address = self
            .email
            .as_ref()
            .map(|email| person_address(scope, email));
        let reference = self.reference.as_ref();
        let reference = reference.map(|own| claim(scope, "person_reference", [own.as_str()]));
        address.into_iter().chain(reference).collect()
    }

    fn index(&self) -> Vec<IndexEntry> {
        vec![
            entry(
                "person_by_name",
                [self.name.folded().as_bytes(), self.id.as_bytes()],
            ),
            entry(
                "person_by_kind",
                [self.kind.as_str().as_bytes(), self.name.folded().as_bytes()],
            ),
        ]
    }
}

pub(crate) fn person_address(scope: Scope, email: &EmailAddress) -> UniqueKey {
    claim(scope, "person_address", [email.canonical()])
}

pub(crate) fn person_reference(scope: Scope, reference: &str) -> UniqueKey {
    claim(scope, "person_reference", [reference])
}

impl Stored for Relationship {
    const KIND: &'static str = "relationship";

    fn record_id(&self) -> RecordId {
        self.id().as_uuid().into()
    }

    /// One person stands to a subject once; an ended relationship gives the place free.
    fn claims(&self, scope: Scope) -> Vec<UniqueKey> {
        if self.is_current() {
            vec![relationship_between(scope, self.person(), self.subject())]
        } else {
            Vec::new()
        }
    }

    fn index(&self) -> Vec<IndexEntry> {
        vec![
            entry(
                "relationship_by_subject",
                [self.subject().person().as_bytes()],
            ),
            entry("relationship_by_person", [self.person().as_bytes()]),
        ]
    }
}

pub(crate) fn relationship_between(
    scope: Scope,
    person: PersonId,
    subject: SubjectId,
) -> UniqueKey {
    claim(
        scope,
        "relationship",
        [person.as_bytes(), subject.person().as_bytes()],
    )
}

impl Stored for Account {
    const KIND: &'static str = "account";

    fn record_id(&self) -> RecordId {
        self.id().as_uuid().into()
    }

    fn claims(&self, _scope: Scope) -> Vec<UniqueKey> {
        account_claims(self).iter().map(unique).collect()
    }

    /// A change of address that a tick has to settle.
    fn index(&self) -> Vec<IndexEntry> {
        let change = self.address_change();
        let change = change.map(|_| entry("account_address_change", [self.id().as_bytes()]));
        change.into_iter().collect()
    }
}

fn due_entry(index: &'static str, due: OffsetDateTime, id: &[u8; 16]) -> IndexEntry {
    entry(index, [Value::from(micros(due).0).as_bytes(), id])
}

/// An address that an administrator proposed to a member whose account is their own; in the
/// directory, until its person answers.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct AddressProposed {
    pub(crate) membership: MembershipId,
    pub(crate) new: EmailAddress,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) expires_at: OffsetDateTime,
}

impl Stored for AddressProposed {
    const KIND: &'static str = "address_proposal";

    fn record_id(&self) -> RecordId {
        self.membership.as_uuid().into()
    }

    fn index(&self) -> Vec<IndexEntry> {
        let id = self.membership;
        vec![due_entry(
            "address_proposal_due",
            self.expires_at,
            id.as_bytes(),
        )]
    }
}

/// Proposals that nobody has answered in time.
pub(crate) fn address_proposals_due(now: OffsetDateTime) -> Range {
    let at = |micros: i64| crate::record::value([Value::from(micros).as_bytes()]);
    let kind = Kind::from_static("address_proposal_due");
    let until = micros(now).0.saturating_add(1);
    Range::between(
        stored_scope(Scope::Directory),
        kind,
        at(i64::MIN),
        at(until),
    )
}

/// The key of an account's claim: a verified address in the directory, a user name in its tenant.
pub(crate) fn unique(of: &Claim) -> UniqueKey {
    claim(of.scope(), of.kind(), [of.value()])
}

/// Under which claims somebody who typed this name is looked up.
pub(crate) fn login_keys(tenant: TenantId, typed: &str) -> Vec<UniqueKey> {
    login_claims(Some(tenant), typed)
        .iter()
        .map(unique)
        .collect()
}

pub(crate) fn verified_address(address: &EmailAddress) -> UniqueKey {
    unique(&Claim::VerifiedAddress(address.clone()))
}

/// Which names of a tenant share a skeleton, so that look-alikes are refused.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct SkeletonRecord {
    pub(crate) skeleton: String,
    pub(crate) held: Skeleton,
}

impl Stored for SkeletonRecord {
    const KIND: &'static str = "user_name_skeleton";

    fn record_id(&self) -> RecordId {
        skeleton_id(&self.skeleton)
    }
}

pub(crate) fn skeleton_id(skeleton: &str) -> RecordId {
    hashed_id(&[skeleton.as_bytes()])
}

/// A record id of parts that may be long: the first 16 bytes of their digest, as a UUID.
pub(crate) fn hashed_id(parts: &[&[u8]]) -> RecordId {
    use sha2::{Digest, Sha256};

    let mut digest = Sha256::new();
    for part in parts {
        digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(part);
    }
    let bytes: [u8; 32] = digest.finalize().into();
    let id = bytes.first_chunk::<16>().copied().unwrap_or_default();
    uuid::Uuid::from_bytes(id).into()
}

/// The wrong credentials of one account in a row; a record apart, so that failing changes nothing
/// else (design 6).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct AccountThrottle {
    pub(crate) account: AccountId,
    #[serde(default)]
    pub(crate) password: Throttle,
    #[serde(default)]
    pub(crate) pin: PinCounter,
}

impl AccountThrottle {
    pub(crate) fn of(account: AccountId) -> Self {
        Self {
            account,
            password: Throttle::default(),
            pin: PinCounter::default(),
        }
    }
}

impl Stored for AccountThrottle {
    const KIND: &'static str = "account_throttle";

    fn record_id(&self) -> RecordId {
        self.account.as_uuid().into()
    }
}

/// Refusals of names that nobody has, in one of 65,536 buckets by keyed digest.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct AnonymousThrottle {
    pub(crate) bucket: Bucket,
    pub(crate) refusals: AnonymousRefusals,
}

impl Stored for AnonymousThrottle {
    const KIND: &'static str = "anonymous_throttle";

    fn record_id(&self) -> RecordId {
        bucket_id(self.bucket)
    }
}

pub(crate) fn bucket_id(bucket: Bucket) -> RecordId {
    hashed_id(&[b"bucket", &bucket.number().to_be_bytes()])
}

/// That somebody asked for a reset under some name; in the directory, until a tick resolves it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct ResetAsked {
    pub(crate) id: Uuid,
    pub(crate) request: ResetRequest,
}

impl Stored for ResetAsked {
    const KIND: &'static str = "reset_request";

    fn record_id(&self) -> RecordId {
        self.id.into()
    }

    fn index(&self) -> Vec<IndexEntry> {
        let asked_at = self.request.requested_at();
        vec![due_entry("reset_request_due", asked_at, self.id.as_bytes())]
    }
}

/// Every request for a reset that waits, the oldest first.
pub(crate) fn resets_asked() -> Range {
    every(Scope::Directory, "reset_request_due")
}
