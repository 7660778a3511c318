//! The mailer port of Doorward: one mail, one trait, and the two mailers that need no server.
//!
//! It knows no domain: who is invited, what a status means and when to try again is decided by its
//! callers. It queues nothing and retries nothing: a caller that was told
//! [`MailErrorKind::Transient`] delivers the same mail again, with the same [`MessageId`].
//!
//! ```text
//!   texts ──parse──> Mail { message id, to, subject, text, html?, at }
//!                      │
//!                      ▼
//!            Mailer::deliver ──> Accepted { provider_reference? }
//!                      │     └──> MailError { Transient | Permanent | Configuration }
//!      ┌───────────────┼────────────────────┐
//!   MemoryMailer   FolderMailer (.eml)   the host's own (SMTP, a provider's API)
//! ```
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use doorward_mail::{Address, Mail, Mailer, MemoryMailer, MessageId, Subject};
//!
//! # pollster::block_on(async {
//! let mail = Mail::new(
//!     MessageId::new("0197f2c0.1@mail.example.org")?,
//!     Address::new("ana.ruiz@example.org")?,
//!     Subject::new("Einladung – 30 Tage gültig")?,
//!     "You are invited: https://portal.example.org/i/dw1_...",
//!     SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_305_600),
//! );
//! let mailer = MemoryMailer::new();
//! mailer.deliver(&mail).await?;
//! assert_eq!(mailer.take().len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! | module | holds | standard |
//! |---|---|---|
//! | mail | [`Mail`], [`Subject`], [`MessageId`] | RFC 5322 |
//! | addresses | [`Mailbox`], [`Address`], [`MailboxName`] | RFC 5321 4.1.2 |
//! | port | [`Mailer`], [`Accepted`] | - |
//! | errors | [`MailError`], [`MailErrorKind`], [`MailTextError`] | RFC 5321 4.2.1 |
//! | mailers | [`MemoryMailer`], `FolderMailer` (feature `folder`) | - |
//!
//! # Features
//! - `folder`: `FolderMailer`, which writes each mail as an `.eml` file.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
#[cfg(feature = "folder")]
mod eml;
mod error;
#[cfg(feature = "folder")]
mod folder;
mod mail;
mod mailer;
mod memory;

pub use address::{Address, Mailbox, MailboxName};
pub use error::{MailError, MailErrorKind, MailTextError};
#[cfg(feature = "folder")]
pub use folder::{Durability, FolderMailer};
pub use mail::{Mail, MessageId, Subject};
pub use mailer::{Accepted, Mailer};
pub use memory::MemoryMailer;
