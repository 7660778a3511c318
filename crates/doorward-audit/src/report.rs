//! The access report: who can see whose data, how far, since when, and why.
//!
//! ALIS: "download a comprehensive report of all residents and contacts, complete with their
//! current ALIS Connect access levels (User Profile) and contact details". A row is one person over
//! one subject, or one person alone; whoever has no access has a row too. The joining crate fills
//! the rows; flags and counts are computed here, so that they mean the same everywhere.
//!
//! ```
//! use doorward_audit::{csv::{AccessCsv, Safety}, report::*};
//! use doorward_types::*;
//! use time::macros::datetime;
//!
//! let as_of = datetime!(2026-11-22 10:00 UTC);
//! let mut row = AccessRow::new(DisplayName::new("Maple Grove")?, AccessStatus::Connected);
//! row.name = Some(DisplayName::new("Ana Ruiz")?);
//! row.levels = Some(LevelsHeld::Unrestricted);
//! row.flag(&FlagRules::default(), &SharedAddresses::default(), as_of);
//! assert!(row.flags.contains(&Flag::FullAccessByDefault));
//!
//! let mut counts = Counts::default();
//! counts.add(&row);
//! assert_eq!(counts.rows, counts.by_status.values().sum::<u64>());
//!
//! let mut file = Vec::new();
//! let mut csv = AccessCsv::new(&mut file, Safety::Safe)?;
//! csv.write(&row)?;
//! assert_eq!(csv.finish()?, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod count;
mod flag;
mod header;
mod row;
mod status;
mod why;

pub use count::Counts;
pub use flag::{Flag, FlagRules, SharedAddresses};
pub use header::ReportHeader;
pub use row::{AccessRow, Attested, By, Granted, Invited, LevelsHeld, MailReport};
pub use status::AccessStatus;
pub use why::{HeldPermission, Reach, Why};
pub(crate) use why::{permission_text, reason_text};
