//! Permissions with reasons: catalog, roles, levels, switches, reach, grants, decisions; pure.
//!
//! A host declares what it protects once, as a [`Catalog`]. From the records of a tenant this crate
//! then decides who may do what, over whose data, until when, and says why. It does not know who is
//! signed in, stores nothing, reads no clock: records, facts and `now` are arguments.
//!
//! ```text
//!                    kind  ┐                         ┌ Allow(source)
//!                    role  │ union ─> close ─> minus │
//!  records ──>     levels  ├          downward  ─> & ├ Deny(why)  ──explain──> text, remedies
//!                switches  │ own│assigned│any        │
//!   grant over the subject ┘     switches   ceiling  └ Undecided(missing)
//! ```
//!
//! ```
//! use doorward_access::{
//!     Administration, Authority, Catalog, Decision, Denial, Details, Held, Joining, Membership,
//!     OfferVerdict, Reach, Record, Sets, Source, Standing, explain, judge_offer,
//! };
//! use doorward_types::{AccountId, MembershipId, Offer, PersonId, TenantId, Window};
//! use time::macros::datetime;
//!
//! bitflags::bitflags! {
//!     #[derive(Clone, Copy)]
//!     struct Notes: u8 {
//!         const READ_NOTES = 1;
//!         const WRITE_NOTES = 2;
//!         const MANAGE_USERS = 4;
//!     }
//! }
//!
//! let catalog = Catalog::builder::<Notes>()
//!     .kind("staff", |kind| kind.roles(["nurse", "manager"]).ceiling_of_everything())
//!     .role("nurse", |role| role
//!         .holds(Notes::READ_NOTES, Reach::Any)
//!         .holds(Notes::WRITE_NOTES, Reach::Own))
//!     .role("manager", |role| role.holds(Notes::all(), Reach::Any).gives_everything())
//!     .administered_by(Notes::MANAGE_USERS, Administration::ALL)
//!     .build()?;
//!
//! // The operator offers a place; whoever accepts it joins.
//! let now = datetime!(2026-11-22 10:00 UTC);
//! let offer = Offer::of("staff".parse()?).with_role("nurse".parse()?);
//! let verdict = judge_offer(&catalog, &offer, &Sets::default(), &Authority::everything())?;
//! let OfferVerdict::Within(offer) = verdict else { unreachable!("the operator gives everything") };
//! let id = MembershipId::made_at(now, [1; 10]);
//! let joining = Joining {
//!     id,
//!     tenant: TenantId::made_at(now, [2; 10]),
//!     account: AccountId::made_at(now, [3; 10]),
//!     person: None,
//!     invitation: None,
//!     window: Window::since(now),
//!     details: Details::default(),
//! };
//! let (nurse, events) = Membership::join(joining, &offer, now);
//! assert_eq!(events.len(), 1);
//!
//! let standing = Standing::resolve(&catalog, &nurse, &Held::default());
//! let (own, others) = (Record::by(id), Record::of(PersonId::made_at(now, [4; 10])));
//! assert_eq!(standing.check_record(Notes::WRITE_NOTES, &own, now), Decision::Allow(Source::Role));
//! assert_eq!(
//!     standing.check_record(Notes::WRITE_NOTES, &others, now),
//!     Decision::Deny(Denial::OutOfReach { held: Reach::Own }),
//! );
//! let why = explain(&catalog, &nurse, &Held::default(), Notes::WRITE_NOTES, &others, now);
//! assert_eq!(
//!     why.to_string(),
//!     "`write_notes` over anybody's data is denied: it is held over one's own data only; \
//!      it would be allowed by the role `manager`",
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | to | use | standard |
//! |---|---|---|
//! | declare what is protected | [`Catalog`], [`CatalogBuilder`], [`Kind`], [`Role`], [`Toggle`], [`Feature`], [`Administration`] | NIST RBAC |
//! | hold sets of permissions | [`PermissionSet`] in records, [`Planes`] and [`Mask`] while deciding, [`Reach`] | - |
//! | let the tenant name sets | [`Level`], [`Profile`], [`NamedSet`], [`Preview`] | NIST RBAC |
//! | keep who is in | [`Membership`], [`Joining`], [`Access`], [`Details`] | SCIM |
//! | open one subject | [`Grant`], [`Attachment`] | NIST user assignment, FHIR |
//! | sort members | [`Group`], [`GroupTag`] | SCIM Group |
//! | open to the provider | [`SupportAccess`] | - |
//! | decide | [`Standing`], [`Record`], [`Relation`], [`Decision`] | AuthZEN, Cedar |
//! | say why | [`explain`], [`Explanation`], [`Remedy`] | - |
//! | show or hide | [`Standing::availability`], [`Availability`] | - |
//! | judge who gives | [`Authority`], [`judge_offer`], [`Shortfall`], [`Survivor`] | NIST RBAC administration |
//! | ask in reverse | [`who_can`], [`reach_of`] | - |

mod administration;
mod attachment;
mod authority;
mod catalog;
mod composition;
mod decision;
mod explain;
mod feature;
mod fit;
mod grant;
mod group;
mod kind;
mod mask;
mod membership;
mod named_set;
mod permission_set;
mod planes;
mod preview;
mod reach;
mod record;
mod review;
mod role;
mod standing;
mod support;
mod survivor;
mod toggle;

pub use administration::{Administration, Gives};
pub use attachment::{AttachRejection, Attachment, AttachmentEvent};
pub use authority::{Authority, Shortfall};
pub use catalog::{
    Catalog, CatalogBuilder, CatalogDigest, CatalogError, ParseCatalogDigestError, SwitchRef,
    UnknownPermissions,
};
pub use composition::{Combination, Sets};
pub use decision::{Decision, Denial, Missing, Refused, Source, Verdict};
pub use explain::{Explanation, Remedy, explain};
pub use feature::{Availability, Feature, FeatureDeclaration};
pub use fit::{FitRejection, FittedOffer, OfferVerdict, judge_offer};
pub use grant::{Grant, GrantEdit, GrantEvent, GrantRejection, GrantStatus, Granting};
pub use group::{Group, GroupEvent, GroupTag};
pub use kind::{Attachments, Creator, Kind, KindDeclaration, Unrestricted};
pub use mask::{Mask, Permission, Permissions};
pub use membership::{
    Access, AccessRejection, Details, DetailsRejection, DisableRejection, FeaturesRejection,
    Joining, MemberEdit, Membership, MembershipEvent, MembershipStatus, MoveRejection,
    RemoveRejection, RestoreRejection, WindowRejection,
};
pub use named_set::{
    DeleteRejection, EditRejection, Level, LevelEvent, NamedSet, NamedSetEvent, Profile,
    ProfileEvent, RetireRejection, SelfGranted, SetEdit, SetStatus,
};
pub use permission_set::{Difference, PermissionSet};
pub use planes::Planes;
pub use preview::{Preview, PreviewRow};
pub use reach::{Reach, Relation};
pub use record::{Owner, Record};
pub use review::{Able, Extent, ReviewError, reach_of, who_can};
pub use role::{Role, RoleDeclaration};
pub use standing::{Held, Standing};
pub use support::{SUPPORT_FOR, SupportAccess, SupportEvent, SupportRejection};
pub use survivor::{AccountStanding, Survivor};
pub use toggle::{Toggle, ToggleDeclaration};
