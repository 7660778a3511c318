//! What happens to a tenant itself, as entries of the audit log.

use doorward_access::CatalogDigest;
use doorward_audit::{Action, Category, Code};
use doorward_identity::AccessKeyEvent;
use doorward_types::{DisplayName, ProfileId, TenantId};

use super::Draft;
use crate::tenant::Use;

/// What happened to a tenant.
#[derive(Clone, Debug)]
pub(crate) enum TenantEvent {
    Created {
        name: DisplayName,
    },
    Renamed {
        before: DisplayName,
        after: DisplayName,
    },
    TelephonySet {
        before: Use,
        after: Use,
    },
    DefaultResidentProfileSet {
        before: Option<ProfileId>,
        after: Option<ProfileId>,
    },
    AccessKey(AccessKeyEvent),
    CatalogChanged {
        before: Option<CatalogDigest>,
        after: CatalogDigest,
    },
}

pub(crate) fn tenant(id: TenantId, event: &TenantEvent) -> Draft {
    match event {
        TenantEvent::Created { name } => {
            Draft::new(Action::TENANT_CREATE, id).personal("name", name)
        }
        TenantEvent::Renamed { before, after } => {
            Draft::new(Action::declare("tenant.rename", Category::Update), id)
                .personal("name_before", before)
                .personal("name_after", after)
        }
        TenantEvent::TelephonySet { before, after } => Draft::new(Action::SETTINGS_UPDATE, id)
            .before("telephony", *before == Use::Used)
            .after("telephony", *after == Use::Used),
        TenantEvent::DefaultResidentProfileSet { before, after } => {
            Draft::new(Action::SETTINGS_UPDATE, id)
                .before("default_resident_profile", *before)
                .after("default_resident_profile", *after)
        }
        TenantEvent::AccessKey(
            AccessKeyEvent::Made { generation } | AccessKeyEvent::Replaced { generation },
        ) => Draft::new(Action::ACCESS_KEY_REPLACE, id).fact("generation", generation.number()),
        TenantEvent::CatalogChanged { before, after } => {
            // A digest is 64 hexadecimal digits: always a code.
            let code = |digest: CatalogDigest| Code::try_from(digest.to_string()).ok();
            Draft::new(Action::TENANT_CATALOG_CHANGE, id)
                .before("catalog", before.and_then(code))
                .after("catalog", code(*after))
        }
    }
}
