//! The storage port of Doorward: records as envelopes, one commit, typed conflicts.
//!
//! A host that brings its own database implements these traits; everything above them works
//! unchanged. The port knows no domain: a record is a key, a version and opaque bytes, found by
//! its key, by a *claim* (at most one record holds it) or by *index entries* (any number).
//!
//! It has no transactions to hold open, no streams, no queries, no clock and no randomness, and it
//! does not encrypt. An adapter needs neither a runtime nor a new release when a kind of record is
//! added.
//!
//! ```text
//!            get, lookup, scan                                    Batch
//!  caller  <------------------- Storage            caller  --------------------> Storage
//!            records, versions                              writes (guarded),
//!                                                           claims, index entries,
//!          decides, without I/O                             audit rows, messages,
//!                                                           request and receipt
//!
//!                                                           all of it, or a CommitError
//!                                                           that names the write
//! ```
//!
//! # The shortest honest program
//!
//! ```
//! use doorward_storage::{
//!     Batch, CommitError, Kind, Precondition, RecordKey, Scope, Storage, UniqueKey, Value,
//! };
//! use uuid::Uuid;
//!
//! const GROUP: Kind = Kind::from_static("group");
//! const GROUP_NAME: Kind = Kind::from_static("group_name");
//!
//! /// Makes a group; of two with one name in a tenant, only one comes into being.
//! async fn make_group(storage: &dyn Storage, tenant: Uuid, id: Uuid, name: &str) -> String {
//!     let scope = Scope::Tenant(tenant);
//!     let Ok(value) = Value::new(name.to_lowercase()) else {
//!         return "a group name has at most 512 bytes".to_owned();
//!     };
//!     let claim = UniqueKey::new(scope, GROUP_NAME, value);
//!     let key = RecordKey::new(scope, GROUP, id);
//!     let batch = Batch::new().put(key, Precondition::Absent, name, [claim], []);
//!     match storage.commit(batch).await {
//!         Ok(_) => format!("`{name}` is there"),
//!         Err(CommitError::UniqueTaken { .. }) => format!("`{name}` is taken"),
//!         Err(CommitError::Precondition { .. }) => "this group is there already".to_owned(),
//!         Err(error) => error.to_string(),
//!     }
//! }
//! ```
//!
//! # The contract
//!
//! What an adapter promises; `doorward-conformance` has a named test case for each.
//!
//! | | guarantee |
//! |---|---|
//! | G1 | A commit is all or nothing, over any number of scopes; it is seen by no one before and by every handle after it returns. `get` answers one snapshot. |
//! | G2 | Of racing batches with the same precondition exactly one is applied. |
//! | G3 | A claim is held by one record of a scope and space; two puts of a batch with one claim fail; claims are released before they are made, so two records can swap values. |
//! | G4 | Versions of a key grow and are never reused, also after delete and recreate. |
//! | G5 | A request is applied once: same digest, the first receipt; other digest, an error; before any precondition is looked at. Keys live 7 days. |
//! | G6 | A failed precondition names the write and the stored version; a taken claim is never reported as a conflict of versions, nor the reverse. |
//! | G7 | A future dropped at any point leaves a batch applied whole or not at all, and a working handle. |
//! | G8 | After an unknown outcome, sending the same request again converges to one application. |
//! | G9 | Scans are in byte order, complete and free of duplicates for what stays, whatever is committed meanwhile; cursors survive a restart; no scope sees another. |
//! | G10 | Every audit entry is sealed at most once, in positions 1..n without gaps, whatever the order of commits; entries never change; two sealers cannot fork the log; side rows change by erasure alone, which commits with its batch. |
//! | G11 | A message is leased to one claimer at a time, is claimed again when a lease lapses, and is settled by its last claimer alone, together with a batch. |
//! | G12 | 100 items and 1 MiB are taken, more is [`TooLarge`]; every byte value is kept in ids, values and bodies; an empty batch is fine. |
//!
//! # Modules
//!
//! All items stand at the root.
//!
//! | file | what |
//! |---|---|
//! | `storage` | [`Storage`], [`RequestStore`], [`Applied`] |
//! | `scope`, `key`, `value` | [`Scope`], [`RecordKey`], [`Kind`], [`RecordId`], [`UniqueKey`], [`IndexEntry`], [`Value`] |
//! | `record`, `scan`, `cursor`, `limit` | [`Record`], [`Version`], [`Range`], [`Page`], [`Cursor`], [`Limit`] |
//! | `batch`, `request` | [`Batch`], [`Write`], [`Precondition`], [`Request`], [`Receipt`] |
//! | `audit` | [`AuditStore`], [`AuditRow`], [`SideRow`], [`AuditEntry`], [`Checkpoint`] |
//! | `outbox` | [`OutboxStore`], [`OutboxRow`], [`Claimed`], [`Settlement`] |
//! | `error` | [`CommitError`], [`StorageError`], [`Outcome`] |
//! | `micros` | [`Micros`] |

mod audit;
mod batch;
mod cursor;
mod error;
mod key;
mod limit;
mod micros;
mod outbox;
mod record;
mod request;
mod scan;
mod scope;
mod storage;
mod value;

pub use async_trait::async_trait;
pub use bytes::Bytes;

pub use crate::{
    audit::{AuditEntry, AuditRow, AuditStore, Checkpoint, Order, SealError, SideKey, SideRow},
    batch::{Batch, Precondition, Write},
    cursor::{Cursor, CursorError, Place},
    error::{CommitError, Outcome, StorageError, StorageErrorKind, TooLarge},
    key::{Kind, KindError, RecordId, RecordIdError, RecordKey},
    limit::{Limit, LimitError},
    micros::Micros,
    outbox::{Claimed, HandOff, OutboxRow, OutboxStore, SettleError, Settlement},
    record::{Record, Version},
    request::{Receipt, Request, RequestKey},
    scan::{Page, Range, Span},
    scope::Scope,
    storage::{Applied, MAX_KEYS, RequestStore, Storage},
    value::{IndexEntry, UniqueKey, Value, ValueError},
};

/// Everything that the joining crate needs of an adapter, as one trait object.
///
/// Implemented by itself for every type that has the parts.
pub trait FullStorage: AuditStore + OutboxStore + RequestStore {}

impl<T: AuditStore + OutboxStore + RequestStore> FullStorage for T {}
