//! All that is stored of a tenant, read back and held against itself.

use std::{collections::BTreeMap, path::Path};

use doorward::{
    access::{Grant, Membership},
    identity::Account,
    invitations::{Accepted, Invitation, State},
    storage::{Kind, Limit, Range, RecordKey, Scope, Storage},
    types::{InvitationId, LevelId, MembershipId, RoleName, TenantId},
};
use doorward_sqlite::SqliteStorage;
use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

use crate::office::block_on;

/// One tenant, as it is stored.
pub(crate) struct Ledger {
    pub(crate) invitations: BTreeMap<InvitationId, Invitation>,
    pub(crate) members: BTreeMap<MembershipId, Membership>,
    pub(crate) levels: Vec<LevelId>,
    grants: BTreeMap<MembershipId, usize>,
    accounts: BTreeMap<MembershipId, Account>,
    seats: Vec<MembershipId>,
    /// The tenant's entries in the order of their commits.
    entries: Vec<Value>,
}

impl Ledger {
    /// Reads a tenant through a storage, and its entries in the order of their commits from the
    /// file.
    pub(crate) fn read(storage: &SqliteStorage, path: &Path, tenant: TenantId) -> Self {
        let scope = Scope::Tenant(tenant.as_uuid());
        let members: Vec<Membership> = every(storage, scope, "membership");
        let accounts = members.iter().map(|member| member.account().as_uuid());
        let accounts = some::<Account>(storage, "account", accounts);
        let seats = members.iter().map(|member| member.id().as_uuid());
        let seats = some::<Value>(storage, "seat", seats);
        let ids = || members.iter().map(Membership::id);
        let mut grants = BTreeMap::new();
        for grant in every::<Grant>(storage, scope, "grant") {
            *grants.entry(grant.membership()).or_default() += 1;
        }
        let invitations = every::<Invitation>(storage, scope, "invitation").into_iter();
        Self {
            accounts: found(ids(), accounts).collect(),
            seats: found(ids(), seats).map(|(member, _)| member).collect(),
            invitations: invitations.map(|read| (read.id(), read)).collect(),
            levels: every::<Value>(storage, scope, "level")
                .iter()
                .map(|level| serde_json::from_value(level["id"].clone()).unwrap())
                .collect(),
            members: members.into_iter().map(|read| (read.id(), read)).collect(),
            grants,
            entries: entries(path, tenant),
        }
    }

    /// Panics unless every accept is whole: invitation, membership, account, seat, grants and one
    /// entry, or none of them; and somebody administers the tenant.
    pub(crate) fn assert_whole(&self) {
        for invitation in self.invitations.values() {
            let id = invitation.id();
            let made: Vec<_> = self
                .members
                .values()
                .filter(|member| member.invitation() == Some(id))
                .collect();
            let entries = self.entry_places("invitation.accept", id.as_uuid());
            let Some(accepted) = self.accepted(id) else {
                assert!(made.is_empty(), "{id} is not accepted, but made {made:?}");
                assert!(entries.is_empty(), "{id} is not accepted, but entered so");
                continue;
            };
            assert_eq!(entries.len(), 1, "entries of the accept of {id}");
            assert_eq!(made.len(), 1, "memberships of {id}");
            let member = made[0];
            assert_eq!(member.id(), accepted.membership);
            assert_eq!(member.account(), accepted.account);
            let granted = self.grants.get(&member.id()).copied().unwrap_or_default();
            let offered = invitation.offer().subjects().len();
            assert_eq!(granted, offered, "grants of {id}");
        }
        for member in self.members.values() {
            let id = member.id();
            assert!(self.accounts.contains_key(&id), "{id} has no account");
            assert!(self.seats.contains(&id), "{id} has no seat");
            let by = member.invitation().expect("all came by an invitation");
            assert!(self.accepted(by).is_some(), "{by} is not accepted");
        }
        let members = self.grants.keys();
        let strays: Vec<_> = members
            .filter(|id| !self.members.contains_key(id))
            .collect();
        assert!(strays.is_empty(), "grants of nobody: {strays:?}");
        assert!(
            !self.directors().is_empty(),
            "nobody administers the tenant"
        );
    }

    pub(crate) fn accepted(&self, invitation: InvitationId) -> Option<&Accepted> {
        match self.invitations.get(&invitation)?.state() {
            State::Accepted(accepted) => Some(accepted),
            _ => None,
        }
    }

    pub(crate) fn state(&self, invitation: InvitationId) -> &State {
        self.invitations[&invitation].state()
    }

    pub(crate) fn directors(&self) -> Vec<MembershipId> {
        let director: RoleName = "director".parse().unwrap();
        let members = self.members.values();
        let directors =
            members.filter(|member| member.is_active() && member.role() == Some(&director));
        directors.map(Membership::id).collect()
    }

    pub(crate) fn account(&self, member: MembershipId) -> &Account {
        &self.accounts[&member]
    }

    /// Returns the places of the entries of an action upon a target, in the order of commits.
    pub(crate) fn entry_places(&self, action: &str, target: Uuid) -> Vec<usize> {
        let target = target.to_string();
        let all = self.entries.iter().enumerate();
        let of = all.filter(|(_, entry)| {
            entry["action"] == action
                && entry["outcome"]["code"] == "success"
                && entry["target"]["id"] == target.as_str()
        });
        of.map(|(place, _)| place).collect()
    }
}

#[derive(Deserialize)]
struct Body<T> {
    state: T,
}

fn state<T: DeserializeOwned>(body: &[u8]) -> T {
    serde_json::from_slice::<Body<T>>(body).unwrap().state
}

fn every<T: DeserializeOwned>(storage: &SqliteStorage, scope: Scope, kind: &'static str) -> Vec<T> {
    let range = Range::kind(scope, Kind::from_static(kind));
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = block_on(storage.scan(&range, after.as_ref(), Limit::MAX)).unwrap();
        all.extend(page.records.iter().map(|record| state(&record.body)));
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

/// Reads records of the directory, in the order of their ids.
fn some<T: DeserializeOwned>(
    storage: &SqliteStorage,
    kind: &'static str,
    ids: impl Iterator<Item = Uuid>,
) -> Vec<Option<T>> {
    let keys = ids.map(|id| RecordKey::new(Scope::Directory, Kind::from_static(kind), id));
    let keys: Vec<_> = keys.collect();
    let pages = keys.chunks(doorward::storage::MAX_KEYS);
    let read = pages.flat_map(|keys| block_on(storage.get(keys)).unwrap());
    read.map(|read| read.map(|record| state(&record.body)))
        .collect()
}

fn found<T>(
    ids: impl Iterator<Item = MembershipId>,
    read: Vec<Option<T>>,
) -> impl Iterator<Item = (MembershipId, T)> {
    ids.zip(read)
        .filter_map(|(id, read)| read.map(|read| (id, read)))
}

fn entries(path: &Path, tenant: TenantId) -> Vec<Value> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut bodies = connection
        .prepare("SELECT body FROM doorward_audit WHERE scope = ?1 ORDER BY seq")
        .unwrap();
    let scope = tenant.as_uuid();
    let bodies = bodies
        .query_map([scope.as_bytes().as_slice()], |row| {
            row.get::<_, Vec<u8>>(0)
        })
        .unwrap();
    bodies
        .map(|body| serde_json::from_slice(&body.unwrap()).unwrap())
        .collect()
}
