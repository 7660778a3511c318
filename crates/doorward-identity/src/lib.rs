//! People, accounts, credentials and sign-in as rules.
//!
//! This crate decides; it stores nothing, mails nothing, reads no clock and draws no randomness.
//! Every command is a method that takes the state, the facts and the instant, and answers the new
//! state with what happened, or a rejection. It knows memberships as facts only: who may do what is
//! `doorward-access`.
//!
//! ```text
//!                 facts, now, digests                       new state, events
//!   the shell ───────────────────────────> Account::command ─────────────────> records, audit, mail
//!
//!   register_pending ─> Pending ─activate─> Active <─> Disabled
//!                          └──────────────────┴───────────┴──close─> Closed ─erase─> Erased
//! ```
//!
//! ```
//! use doorward_identity::{
//!     Account, AccountClass, Activation, Blocklist, ContextWords, PasswordCost, PasswordPolicy,
//!     Registration, Status, UserNameRule,
//! };
//! use doorward_types::{AccountId, Channel, ClassName, DisplayName, EmailAddress, TenantId};
//! use time::macros::datetime;
//!
//! // Kalix: "enter their email address, name, and a secure password".
//! let user = AccountClass::new(ClassName::new("user")?, [Channel::Portal], Activation::AtAccept)
//!     .with_user_name(UserNameRule::IsEmail);
//! let typed = "correct horse battery staple".to_owned().into();
//! let password = PasswordPolicy::only_factor()
//!     .check(&typed, &ContextWords::new(["Kalix"]), &Blocklist::bundled()?)?
//!     .hash(PasswordCost::owasp(), [7; 16])?;
//!
//! let now = datetime!(2026-11-22 10:00 UTC);
//! let practice = TenantId::made_at(now, [1; 10]);
//! let registration = Registration {
//!     id: AccountId::made_at(now, [2; 10]),
//!     name: DisplayName::new("Ana Ruiz")?,
//!     address: EmailAddress::new("ana@example.org")?,
//!     user_name: None,
//!     cell: None,
//! };
//! let (account, events) =
//!     Account::register_at_accept(registration, &user, Some(practice), password, now)?;
//! assert_eq!(account.status(), Status::Active);
//! assert!(account.verified_email().is_some());
//! assert_eq!(events.len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | words | source |
//! |---|---|---|
//! | people | [`Person`], [`Relationship`], [`CellNumber`] | HomeTrak, FHIR |
//! | classes | [`AccountClass`], [`Activation`], [`AccessKeys`], [`UserNameRule`] | HomeTrak, ALIS, Kalix |
//! | accounts | [`Account`] and its commands (module [`account`]), [`AccountEvent`], [`Authority`] | design 6 |
//! | names | [`Claim`], [`account_claims`], [`login_claims`], [`Skeleton`] | RFC 8265, UTS 39 |
//! | addresses | [`Address`], [`AddressChange`], [`VerifiedEmail`] | design 6 |
//! | mailed links | [`Tickets`], [`NewTicket`], [`TicketRefusal`] | ASVS 6.5 |
//! | passwords | [`PasswordPolicy`], [`Blocklist`], [`PasswordHash`], [`PasswordCost`], [`DummyHash`], [`HashMemory`] | NIST SP 800-63B-4, OWASP |
//! | made by the system | [`TemporaryPassword`], [`PinCode`], [`AccessKeyText`] | HomeTrak |
//! | signing in | [`decide_sign_in`], [`Session`], [`Throttle`], [`PinCounter`], [`ResetRequest`] | ASVS 6.3, 7.4 |
//!
//! Features: `foreign-hashes` verifies password hashes of other systems, so that they can be taken
//! over and are replaced at the next sign-in. `test-cost` gives [`PasswordCost`] a worthless
//! `for_tests()`; no normal build has it.

pub mod account;

mod access_key;
mod address;
mod cell;
mod claim;
mod class;
mod credential;
mod epoch;
mod event;
mod letters;
mod management;
mod password;
mod person;
mod pin;
mod relationship;
mod reset_request;
mod session;
mod sign_in;
mod skeleton;
mod temporary_password;
mod throttle;
mod ticket;

pub use access_key::{AccessKey, AccessKeyEvent, AccessKeyText};
pub use account::{
    Account, Changed, Disabled, DisabledReason, OtherMemberships, OwnUserName, Registration,
    Status, Telephony,
};
pub use address::{ADDRESS_STOP_FOR, Address, AddressChange, AddressHolder, VerifiedEmail};
pub use cell::{CellNumber, CellNumberError};
pub use claim::{Claim, account_claims, login_claims};
pub use class::{
    AccessKeys, AccountClass, Activation, LifetimeError, TemporaryPasswordLifetime, UserNameRule,
};
pub use credential::{
    PasswordCheck, PasswordKind, PasswordMatch, PasswordState, PinCheck, PinMatch,
};
pub use epoch::{AccessEpoch, SecurityEpoch};
pub use event::AccountEvent;
pub use management::{Authority, ManagedByPerson};
pub use password::{
    Blocklist, BlocklistError, ContextWords, CostError, DummyHash, HashError, HashMemory,
    HashedPassword, NewPassword, PasswordCost, PasswordHash, PasswordHashError, PasswordPolicy,
    PasswordRejection, PolicyError, Rehash, SALT_LEN, TypedPassword, Verdict,
};
pub use person::{Likeness, Person, PersonDetails, PersonEvent, PersonRef, PersonRefError};
pub use pin::{
    PIN_MAX_FAILURES, Pin, PinCode, PinCounter, PinDigestInput, PinHash, PinKeyId, PinKeyIdError,
};
pub use relationship::{
    AddRelationshipRejection, Link, Relationship, RelationshipEnded, RelationshipEvent,
    RelationshipStatus,
};
pub use reset_request::{ResetRequest, TYPED_NAME_LEN};
pub use session::{MembershipFacts, MembershipStanding, Session, SessionEnded};
pub use sign_in::{
    AccessKeyCheck, Counts, CredentialCheck, KnownAccount, Proof, SignInFacts, SignInReason,
    SignInRefusal, SignedIn, decide_sign_in,
};
pub use skeleton::{LooksLikeAnother, Skeleton, SkeletonKey, skeleton_key};
pub use temporary_password::{Handover, TemporaryPassword, TemporaryPasswordHash};
pub use throttle::{AnonymousRefusals, Bucket, Gate, HARD_STOP, Throttle, should_audit};
pub use ticket::{NewTicket, TicketRefusal, Tickets};
