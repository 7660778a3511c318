//! Memory with a fault in front of it.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};

use doorward_conformance::async_trait;
use doorward_memory::MemoryStorage;
use doorward_storage::{
    Applied, Batch, CommitError, Cursor, Limit, Outcome, Page, Place, Range, Receipt, Record,
    RecordId, RecordKey, RequestKey, Scope, Span, Storage, StorageError, UniqueKey, Value,
};
use uuid::Uuid;

use crate::fault::Fault;

/// Memory that breaks one guarantee.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) memory: MemoryStorage,
    pub(crate) fault: Fault,
    pub(crate) busy: AtomicBool,
    pub(crate) handle: Mutex<Handle>,
}

/// What a faulty adapter wrongly keeps in its handle.
#[derive(Debug, Default)]
pub(crate) struct Handle {
    pub(crate) cache: BTreeMap<RecordKey, Option<Record>>,
    pub(crate) cursors: Vec<Cursor>,
    pub(crate) ever_claimed: BTreeMap<UniqueKey, RecordKey>,
    /// For each key the version it was created in.
    pub(crate) births: BTreeMap<RecordKey, u64>,
    pub(crate) attempts: BTreeMap<(Scope, Uuid), u32>,
}

impl Broken {
    pub(crate) fn new(memory: MemoryStorage, fault: Fault) -> Self {
        let (busy, handle) = (AtomicBool::new(false), Mutex::default());
        Self {
            memory,
            fault,
            busy,
            handle,
        }
    }

    pub(crate) fn handle(&self) -> MutexGuard<'_, Handle> {
        self.handle.lock().unwrap()
    }

    async fn refuse_busy(&self) -> Result<(), StorageError> {
        if self.fault == Fault::BreaksWhenDropped {
            if self.busy.swap(true, Ordering::SeqCst) {
                return Err(StorageError::unavailable(
                    Outcome::NotApplied,
                    "connection in use",
                ));
            }
            yield_once().await;
            self.busy.store(false, Ordering::SeqCst);
        }
        Ok(())
    }
}

#[async_trait]
impl Storage for Broken {
    async fn get(&self, keys: &[RecordKey]) -> Result<Vec<Option<Record>>, StorageError> {
        self.refuse_busy().await?;
        let mut records = match self.fault {
            Fault::ReadsKeyByKey => {
                let mut records = Vec::new();
                for key in keys {
                    records.extend(self.memory.get(std::slice::from_ref(key)).await?);
                    std::thread::sleep(Duration::from_micros(50));
                }
                records
            }
            Fault::CachesReads => {
                let read = self.memory.get(keys).await?;
                let mut handle = self.handle();
                let pairs = keys.iter().zip(read);
                pairs
                    .map(|(key, now)| handle.cache.entry(key.clone()).or_insert(now).clone())
                    .collect()
            }
            _ => self.memory.get(keys).await?,
        };
        for record in records.iter_mut().flatten() {
            if self.fault == Fault::ReadsText {
                record.body = String::from_utf8_lossy(&record.body).into_owned().into();
            }
            if self.fault == Fault::RestartsVersions {
                record.version = self.real_to_shown(&record.key, record.version);
            }
        }
        Ok(records)
    }

    async fn lookup(&self, claim: &UniqueKey) -> Result<Option<Record>, StorageError> {
        self.memory
            .lookup(&faulty_claim(self.fault, claim.clone()))
            .await
    }

    async fn scan(
        &self,
        range: &Range,
        after: Option<&Cursor>,
        limit: Limit,
    ) -> Result<Page, StorageError> {
        self.refuse_busy().await?;
        match self.fault {
            Fault::ReadsBackwards => {
                let mut page = self.memory.scan(range, after, limit).await?;
                page.records.reverse();
                Ok(page)
            }
            Fault::IgnoresLimits => self.memory.scan(range, after, Limit::MAX).await,
            Fault::WritesPrefixesAsText => {
                let range = match range {
                    Range::Index {
                        scope,
                        index,
                        span: Span::Prefix(prefix),
                    } => {
                        let mut until = prefix.as_bytes().to_vec();
                        until.push(0xff);
                        let until = Value::truncated(until);
                        Range::between(*scope, index.clone(), prefix.clone(), until)
                    }
                    other => other.clone(),
                };
                self.memory.scan(&range, after, limit).await
            }
            Fault::LeaksScopes => {
                let mut page = self.memory.scan(range, after, limit).await?;
                if page.records.is_empty() && after.is_none() {
                    let mut elsewhere = range.clone();
                    let (Range::Kind { scope, .. } | Range::Index { scope, .. }) = &mut elsewhere;
                    *scope = Scope::Directory;
                    page.records = self.memory.scan(&elsewhere, None, limit).await?.records;
                }
                Ok(page)
            }
            Fault::CountsFromAnOffset => {
                let offset = after.map_or(0, |cursor| {
                    let id = cursor.place().unwrap().id;
                    usize::from_be_bytes(id.as_bytes().try_into().unwrap())
                });
                let all = self.memory.scan(range, None, Limit::MAX).await?.records;
                let records: Vec<_> = all.into_iter().skip(offset).take(limit.count()).collect();
                let place = |last: &Record| Place {
                    value: Value::default(),
                    kind: last.key.kind.clone(),
                    id: RecordId::new((offset + records.len()).to_be_bytes()).unwrap(),
                };
                let full = records.len() == limit.count();
                let next = records
                    .last()
                    .filter(|_| full)
                    .map(|last| Cursor::after(&place(last)));
                Ok(Page { records, next })
            }
            Fault::KeepsCursorsInMemory => {
                let number = |cursor: &Cursor| cursor.as_bytes().first().copied().map(usize::from);
                let known = after.and_then(number);
                let real = known.and_then(|number| self.handle().cursors.get(number).cloned());
                let mut page = self.memory.scan(range, real.as_ref(), limit).await?;
                if let Some(next) = page.next.take() {
                    let mut handle = self.handle();
                    handle.cursors.push(next);
                    page.next = Some(Cursor::from_bytes(vec![handle.cursors.len() as u8 - 1]));
                }
                Ok(page)
            }
            _ => self.memory.scan(range, after, limit).await,
        }
    }

    async fn commit(&self, batch: Batch) -> Result<Applied, CommitError> {
        self.refuse_busy().await?;
        self.handle().cache.clear();
        self.faulty_commit(batch).await
    }

    async fn receipt(&self, request: &RequestKey) -> Result<Option<Receipt>, StorageError> {
        self.memory
            .receipt(&faulty_request(self.fault, request.clone()))
            .await
    }
}

pub(crate) fn faulty_claim(fault: Fault, mut claim: UniqueKey) -> UniqueKey {
    if fault == Fault::SharesClaimsBetweenScopes {
        claim.scope = Scope::Directory;
    }
    if fault == Fault::FoldsCase {
        claim.value = Value::truncated(claim.value.as_bytes().to_ascii_lowercase());
    }
    claim
}

pub(crate) fn faulty_request(fault: Fault, mut key: RequestKey) -> RequestKey {
    if fault == Fault::SharesRequestsBetweenPrincipals {
        key.principal = RecordId::from(Uuid::nil());
    }
    key
}

/// Gives up the thread once, as a call to an engine does.
pub(crate) async fn yield_once() {
    let mut yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
