//! The audit log's entries, the personal data beside them, and the access report.
//!
//! It stores nothing and seals nothing: entries travel in the batch of the change that they record,
//! and are sealed afterwards. It reads no clock and draws no salt: both are arguments. It knows no
//! domain: the joining crate turns every event into an entry.
//!
//! ```text
//!   a change ──> Entry::builder ──> Recorded { entry, side rows }
//!                                      │           │
//!        bytes without position or     │           │  salt and value, erasable:
//!        personal data, never changed ─┘           └─ the entry holds SHA-256 of them
//!                │
//!                ├── Query::matches ──> lists, counts
//!                ├── csv, json_lines ──> exports
//!                └── sealed later, by the bytes as they are
//!
//!   rows of who has access, and why ──> report ──> csv
//! ```
//!
//! ```
//! use doorward_audit::{Action, Disclosed, Entry, Query};
//! use doorward_types::{EntryId, InvitationId, Principal, Scope, TenantId};
//! use time::macros::datetime;
//!
//! let now = datetime!(2026-11-22 00:13:59.123456 UTC);
//! let scope = Scope::Tenant(TenantId::made_at(now, [1; 10]));
//! let invitation = InvitationId::made_at(now, [2; 10]);
//! let id = EntryId::made_at(now, [3; 10]);
//!
//! let recorded = Entry::builder(
//!     id, scope, Principal::Operator, Action::INVITATION_ISSUE, invitation, now,
//! )
//!     .fact("expires_in_days", 30_u32)
//!     .side("invitee_email", [7; 32], "ana@example.org")
//!     .build()?;
//!
//! let read = Entry::parse(recorded.entry.as_bytes())?;
//! assert!(Query::of(scope).target(invitation).matches(&read));
//! let disclosed = read.disclose(&recorded.side);
//! assert_eq!(disclosed["invitee_email"], Disclosed::Kept("ana@example.org"));
//! assert_eq!(read.disclose(&[])["invitee_email"], Disclosed::Erased);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | holds | standard |
//! |---|---|---|
//! | entries | [`Entry`], [`EntryBuilder`], [`Recorded`] | RFC 8785, 170.315(d)(2) |
//! | words | [`Code`], [`Value`], [`Action`], [`Target`], [`Outcome`] | FHIR AuditEvent |
//! | personal data | [`SideRow`], [`Commitment`], [`Disclosed`] | GDPR Art. 17 |
//! | reading | [`Query`], [`Actor`], [`json_lines`] | 170.315(d)(3) |
//! | [`report`] | who has access, how far, why | ALIS "Audit" |
//! | [`csv`] | tables that spreadsheets cannot run | RFC 4180, ASVS 1.2.10 |

mod action;
mod builder;
mod canonical;
mod code;
pub mod csv;
mod entry;
mod instant;
pub mod json_lines;
mod outcome;
mod query;
mod registered;
pub mod report;
mod side;
mod target;
mod value;

pub use action::{Action, ActionError, Category};
pub use builder::{EntryBuilder, EntryError, Recorded};
pub use code::{CODE_MAX_LEN, Code, CodeError};
pub use entry::{Disclosed, ENTRY_MAX_LEN, ENTRY_VERSION, Entry, ParseEntryError};
pub use outcome::{Outcome, OutcomeKind};
pub use query::{Actor, Query};
pub use side::{Commitment, ParseCommitmentError, SIDE_VALUE_MAX_LEN, SideRow};
pub use target::Target;
pub use value::{NumberError, SafeInteger, Value};
