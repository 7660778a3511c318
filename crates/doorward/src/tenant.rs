//! Tenants: the organisation whose data is sealed off, and the options it may have.

use doorward_access::CatalogDigest;
use doorward_storage::RecordId;
use doorward_types::{DisplayName, ProfileId, Scope, TenantId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::record::Stored;

/// Whether a tenant uses an option that the host offers.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// It does.
    Used,
    /// It does not.
    #[default]
    NotUsed,
}

/// An organisation: a practice, a community, an office.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) name: DisplayName,
    /// HomeTrak: "only if the office is using the optional IVR features".
    #[serde(default)]
    pub(crate) telephony: Use,
    /// ALIS: what the one-click invite of a resident offers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) default_resident_profile: Option<ProfileId>,
    /// HomeTrak: the "cloud access keys", as a digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) access_key: Option<doorward_identity::AccessKey>,
    /// The digest of the catalog that the last sweep saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) catalog: Option<CatalogDigest>,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created_at: OffsetDateTime,
}

impl Tenant {
    /// Returns its id.
    #[must_use]
    pub const fn id(&self) -> TenantId {
        self.id
    }

    /// Returns what it is called.
    #[must_use]
    pub const fn name(&self) -> &DisplayName {
        &self.name
    }

    /// Tells whether it uses the telephone line.
    #[must_use]
    pub const fn telephony(&self) -> Use {
        self.telephony
    }

    /// Returns the profile that the one-click invite of a resident offers, if one is set.
    #[must_use]
    pub const fn default_resident_profile(&self) -> Option<ProfileId> {
        self.default_resident_profile
    }

    /// Returns when it was created.
    #[must_use]
    pub const fn created_at(&self) -> OffsetDateTime {
        self.created_at
    }
}

impl Stored for Tenant {
    const KIND: &'static str = "tenant";

    fn record_id(&self) -> RecordId {
        self.id.as_uuid().into()
    }
}

/// That a tenant exists, in the directory: what ticks walk.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct TenantEntry {
    pub(crate) tenant: TenantId,
}

impl Stored for TenantEntry {
    const KIND: &'static str = "tenant_entry";

    fn record_id(&self) -> RecordId {
        self.tenant.as_uuid().into()
    }
}

impl TenantEntry {
    pub(crate) const SCOPE: Scope = Scope::Directory;
}
