//! The handle that a host holds: a storage joined with a set-up.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use doorward_identity::DummyHash;
use doorward_storage::{Cursor, FullStorage, Limit, Range, RecordKey, UniqueKey};
use doorward_types::{ClassName, KindName, Scope, TenantId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    Fault, HashingError, Tenant,
    keys::{Derivation, Nonce, SecretKey},
    mail::MailedSecret,
    record::{self, Loaded, Stored, key_of},
    setup::{Admission, Setup},
};

/// Doorward over one storage: every use case is a method of it.
///
/// It is cheap to clone and can be shared between threads and tasks. Nothing is cached: each call
/// reads what it needs, so a change made by another process holds at once.
#[derive(Clone)]
pub struct Doorward {
    storage: Arc<dyn FullStorage>,
    setup: Arc<Setup>,
    dummy: Arc<OnceLock<DummyHash>>,
}

impl Doorward {
    pub(crate) fn new(storage: Arc<dyn FullStorage>, setup: Setup) -> Self {
        let door = Self {
            storage,
            setup: Arc::new(setup),
            dummy: Arc::default(),
        };
        // Made here, so that the first unknown name does not take longer than the others. Where it
        // could not be made, signing in tries again and says why.
        let _ = door.dummy_hash();
        door
    }

    /// Returns the catalog of the host.
    #[must_use]
    pub fn catalog(&self) -> &doorward_access::Catalog {
        &self.setup.catalog
    }

    /// Returns the present instant of the host's clock.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.setup.clock.now()
    }

    pub(crate) fn storage(&self) -> &dyn FullStorage {
        &*self.storage
    }

    pub(crate) fn setup(&self) -> &Setup {
        &self.setup
    }

    pub(crate) fn class(
        &self,
        name: &ClassName,
    ) -> Result<&doorward_identity::AccountClass, Fault> {
        let missing = || Fault::SetUp {
            what: "account class",
            name: name.to_string(),
        };
        self.setup.classes.get(name).ok_or_else(missing)
    }

    pub(crate) fn admission(&self, kind: &KindName) -> Result<&Admission, Fault> {
        let missing = || Fault::SetUp {
            what: "admission for kind",
            name: kind.to_string(),
        };
        self.setup.admissions.get(kind).ok_or_else(missing)
    }

    // Randomness.

    pub(crate) fn random<const N: usize>(&self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.setup.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub(crate) fn uuid(&self, now: OffsetDateTime) -> Result<Uuid, Fault> {
        Ok(doorward_types::EntryId::made_at(now, self.random()?).as_uuid())
    }

    /// Draws the nonce of a mailing and says how its secret is made again.
    pub(crate) fn mailed_secret(
        &self,
        derivation: impl FnOnce(Nonce) -> Derivation,
    ) -> Result<(MailedSecret, Derivation, &SecretKey), Fault> {
        let key = self.setup.keys.token.current();
        let derivation = derivation(Nonce(self.random()?));
        let Derivation {
            purpose,
            scope,
            record,
            generation,
            nonce,
        } = derivation;
        let secret = MailedSecret {
            purpose,
            scope,
            record,
            generation,
            nonce,
            key: key.id(),
        };
        Ok((secret, derivation, key))
    }

    /// The hash that is verified where there is none: at the cost that new hashes have.
    pub(crate) fn dummy_hash(&self) -> Result<DummyHash, Fault> {
        if let Some(dummy) = self.dummy.get() {
            return Ok(dummy.clone());
        }
        let (secret, salt) = (self.random()?, self.random()?);
        let made =
            DummyHash::new(secret, self.setup.cost, salt).map_err(|_| HashingError::Failed)?;
        Ok(self.dummy.get_or_init(|| made).clone())
    }

    // Reading.

    pub(crate) async fn load<T: Stored>(
        &self,
        scope: Scope,
        id: Uuid,
    ) -> Result<Option<Loaded<T>>, Fault> {
        let keys = [key_of::<T>(scope, id)];
        let mut found = self.storage.get(&keys).await?;
        found.pop().flatten().as_ref().map(record::read).transpose()
    }

    pub(crate) async fn need<T: Stored>(
        &self,
        scope: Scope,
        id: Uuid,
        what: &'static str,
    ) -> Result<Loaded<T>, Fault> {
        self.load(scope, id).await?.ok_or(Fault::Unknown { what })
    }

    /// Tells whether a record is still as it was read. A refusal that also rests on what was read
    /// after the record is one of a single moment only then.
    pub(crate) async fn is_still<T: Stored>(&self, read: &Loaded<T>) -> Result<bool, Fault> {
        let keys = [key_of::<T>(read.scope, read.state.record_id())];
        let found = self.storage.get(&keys).await?;
        Ok(found
            .iter()
            .flatten()
            .any(|found| found.version == read.version))
    }

    /// Loads records in the order of their ids; one that is gone is left out.
    pub(crate) async fn load_all<T: Stored>(
        &self,
        scope: Scope,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<Vec<Loaded<T>>, Fault> {
        let keys: Vec<RecordKey> = ids.into_iter().map(|id| key_of::<T>(scope, id)).collect();
        let mut all = Vec::with_capacity(keys.len());
        for some in keys.chunks(doorward_storage::MAX_KEYS) {
            for found in self.storage.get(some).await?.iter().flatten() {
                all.push(record::read(found)?);
            }
        }
        Ok(all)
    }

    pub(crate) async fn claimed<T: Stored>(
        &self,
        claim: &UniqueKey,
    ) -> Result<Option<Loaded<T>>, Fault> {
        self.storage
            .lookup(claim)
            .await?
            .as_ref()
            .map(record::read)
            .transpose()
    }

    /// Reads one page of records.
    pub(crate) async fn page<T: Stored>(
        &self,
        range: &Range,
        after: Option<&Cursor>,
        limit: Limit,
    ) -> Result<(Vec<Loaded<T>>, Option<Cursor>), Fault> {
        let page = self.storage.scan(range, after, limit).await?;
        let read = page
            .records
            .iter()
            .map(record::read)
            .collect::<Result<_, _>>()?;
        Ok((read, page.next))
    }

    /// Reads every record of a range, page by page.
    pub(crate) async fn every<T: Stored>(&self, range: &Range) -> Result<Vec<Loaded<T>>, Fault> {
        let mut all = Vec::new();
        let mut cursor = None;
        loop {
            let (mut read, next) = self.page(range, cursor.as_ref(), Limit::MAX).await?;
            all.append(&mut read);
            match next {
                Some(next) => cursor = Some(next),
                None => return Ok(all),
            }
        }
    }

    pub(crate) async fn need_tenant(&self, tenant: TenantId) -> Result<Loaded<Tenant>, Fault> {
        self.need(Scope::Tenant(tenant), tenant.as_uuid(), "tenant")
            .await
    }
}

impl fmt::Debug for Doorward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doorward")
            .field("setup", &self.setup)
            .finish_non_exhaustive()
    }
}
