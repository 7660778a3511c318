//! The words that the Doorward crates share: ids, names, addresses, periods, tokens.
//!
//! This crate parses and compares; it holds no rule about who may do what, reads no clock, draws no
//! randomness and touches no storage. A word enters only when two crates name it.
//!
//! ```text
//!   text from outside ──parse──> a word with its invariants ──serde──> a record's body
//!                         │                                              │
//!                         └── a typed error that says what was wrong     └── parsed again on reading
//! ```
//!
//! ```
//! use doorward_types::{EmailAddress, UserName, Window};
//! use time::{Duration, macros::datetime};
//!
//! let address = EmailAddress::new("Ana.Ruiz@Bücher.example")?;
//! assert_eq!(address.canonical(), "ana.ruiz@xn--bcher-kva.example");
//! assert_eq!(UserName::new("Ana")?.as_str(), "ana");
//!
//! let from = datetime!(2026-11-22 10:00 UTC);
//! let week = Window::between(from, from + Duration::days(7))?;
//! assert!(!week.contains(from + Duration::days(7)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | words | standard |
//! |---|---|---|
//! | ids | [`TenantId`], [`AccountId`], [`PersonId`], [`SubjectId`], ... | RFC 9562 UUIDv7 |
//! | names | [`PermissionName`], [`RoleName`], [`KindName`], [`SwitchName`], ... | NIST RBAC |
//! | text | [`DisplayName`], [`Note`] | SCIM `displayName` |
//! | addresses | [`EmailAddress`], [`LocalPart`] | RFC 5321, IDNA |
//! | user names | [`UserName`] | RFC 8265, UTS 39 |
//! | periods | [`Window`] | half-open |
//! | who, whence | [`Principal`], [`Channel`], [`Scope`] | PARC |
//! | offers | [`Offer`], [`Levels`], [`Switches`], [`SubjectOffer`] | NIST user assignment |
//! | agreed texts | [`Statement`], [`Attestation`], [`Agreement`] | - |
//! | mailed secrets | [`Token`], [`TokenDigest`], [`Purpose`], [`Generation`], [`Delivery`] | ASVS 6.5 |

mod channel;
mod delivery;
mod email;
mod id;
mod name;
mod offer;
mod principal;
mod statement;
mod text;
mod token;
mod user_name;
mod window;

pub use channel::{Channel, Channels};
pub use delivery::Delivery;
pub use email::{EmailAddress, EmailError, LocalPart};
pub use id::{
    AccountId, EntryId, GrantId, GroupId, InvitationId, LevelId, MembershipId, ParseIdError,
    PersonId, ProfileId, RelationshipId, RequestId, SubjectId, SupportId, TenantId,
};
pub use name::{
    AgentName, ClassName, FeatureName, KindName, NAME_MAX_LEN, NameError, PermissionName, RoleName,
    StatementName, SwitchName,
};
pub use offer::{Levels, OFFER_MAX_SUBJECTS, Offer, OfferError, SubjectOffer, Switch, Switches};
pub use principal::Principal;
pub use statement::{Agreement, Attestation, ParseDigestError, Statement, TextDigest};
pub use text::{DISPLAY_NAME_MAX_CHARS, DisplayName, NOTE_MAX_CHARS, Note, TextError};
pub use token::{
    Generation, Purpose, Scope, TOKEN_PREFIX, Token, TokenDigest, TokenError, TokenSecret,
};
pub use user_name::{USER_NAME_MAX_LEN, UserName, UserNameError};
pub use window::{Window, WindowError};
