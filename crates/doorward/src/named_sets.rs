//! Levels and profiles: named sets of permissions that the tenant edits.

mod read;

pub(crate) use self::read::TenantSets;
