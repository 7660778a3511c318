//! Levels and profiles: named sets of permissions that the tenant edits.
//!
//! Levels are held by members, profiles by grants; both are created, renamed, edited and deleted in
//! the same way, so that is written once (`kept`), and each has its own face (`levels`,
//! `profiles`).
//!
//! ```text
//!   create ──> Active ──edit, rename──> Active          deleting is two commits (design 3):
//!                │ ^
//!       retire   v │ restored: InUse { count }          1. nobody is given it any more
//!             Retired ──nobody holds or offers it──> gone   2. look who has it; delete or undo
//! ```
//!
//! Editing is two commits as well: the edit is announced, and whoever is given the set before the
//! second makes it be judged again (decision 0014).

mod delete;
mod holders;
mod kept;
mod levels;
mod profiles;
mod read;

use doorward_access::UnknownPermissions;

use crate::{
    Act, ConfigureTenant, EditLevels, EditProfiles, Grant, Invite, ManageMembers, ViewAccess,
};

pub(crate) use self::read::TenantSets;

/// Acts whose forms offer the tenant's levels and profiles to choose from.
pub trait Chooses: Act {}

impl Chooses for ConfigureTenant {}
impl Chooses for EditLevels {}
impl Chooses for EditProfiles {}
impl Chooses for Grant {}
impl Chooses for Invite {}
impl Chooses for ManageMembers {}
impl Chooses for ViewAccess {}

/// Why a level or profile was not created or renamed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NamedSetRejection {
    /// Another one of the tenant is called this, letter case and blanks aside.
    #[error("another one is called this already: choose another name")]
    NameTaken,
    /// It names what the catalog does not have.
    #[error(transparent)]
    Unknown(#[from] UnknownPermissions),
}
