//! Permissions with reasons: catalog, roles, levels, switches, reach, grants, decisions; pure.
//!
//! Doc to follow.

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
    Access, AccessRejection, Details, DisableRejection, FeaturesRejection, Joining, MemberEdit,
    Membership, MembershipEvent, MembershipStatus, RemoveRejection, RestoreRejection,
    WindowRejection,
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
