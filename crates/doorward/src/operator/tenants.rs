//! Which tenants there are: what a host that starts again goes on from.

use doorward_storage::{Kind, Limit, Range};
use doorward_types::{DisplayName, Scope, TenantId};
use time::OffsetDateTime;

use super::Operator;
use crate::{
    Doorward, Fault, Page, PageMark, Tenant,
    record::{self, Stored, key_of, stored_scope},
    tenant::TenantEntry,
};

/// A tenant as the operator lists it: nothing of what is sealed in it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct TenantRow {
    /// The tenant.
    pub tenant: TenantId,
    /// What it is called. Names are not unique.
    pub name: DisplayName,
    /// When it was created, in UTC.
    pub created_at: OffsetDateTime,
}

impl Doorward {
    /// Lists the tenants of the database, the oldest first.
    ///
    /// A host that was ended right after [`create_tenant`](Self::create_tenant) finds here what its
    /// own records may lack.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn tenants(
        &self,
        _operator: &Operator,
        after: Option<&PageMark>,
        limit: Limit,
    ) -> Result<Page<TenantRow>, Fault> {
        let kind = Kind::from_static(TenantEntry::KIND);
        let entries = Range::kind(stored_scope(TenantEntry::SCOPE), kind);
        let after = after.map(PageMark::cursor);
        let (entries, next) = self.page::<TenantEntry>(&entries, after, limit).await?;
        let key = |entry: &record::Loaded<TenantEntry>| {
            let tenant = entry.state.tenant;
            key_of::<Tenant>(Scope::Tenant(tenant), tenant.as_uuid())
        };
        let keys: Vec<_> = entries.iter().map(key).collect();
        let mut rows = Vec::with_capacity(keys.len());
        for some in keys.chunks(doorward_storage::MAX_KEYS) {
            for found in self.storage().get(some).await?.iter().flatten() {
                let tenant = record::read::<Tenant>(found)?.state;
                rows.push(TenantRow {
                    tenant: tenant.id,
                    name: tenant.name,
                    created_at: tenant.created_at,
                });
            }
        }
        Ok(Page::new(rows, next))
    }
}
