//! Commits that tear, forget, mix up and overlook.

use std::{collections::BTreeSet, time::Duration};

use doorward_storage::{
    Applied, Batch, CommitError, Precondition, RecordKey, Storage, StorageError, StorageErrorKind,
    TooLarge, UniqueKey, Version, Write,
};

use crate::{
    adapter::{Broken, faulty_claim, faulty_request, yield_once},
    fault::Fault,
};

type Claims = BTreeSet<UniqueKey>;

impl Broken {
    pub(crate) async fn faulty_commit(&self, mut batch: Batch) -> Result<Applied, CommitError> {
        if let Some(request) = &mut batch.request {
            request.key = faulty_request(self.fault, request.key.clone());
        }
        for (_, unique) in Self::claims_of(&mut batch) {
            let claims = std::mem::take(unique).into_iter();
            *unique = claims
                .map(|claim| faulty_claim(self.fault, claim))
                .collect();
        }
        match self.fault {
            Fault::TearsBatches => self.commit_one_by_one(batch).await,
            Fault::TearsWhenDropped if batch.writes.len() > 1 => {
                let rest = batch.writes.split_off(1);
                let first = Batch {
                    writes: std::mem::take(&mut batch.writes),
                    ..Batch::new()
                };
                if let Some(before) = self.replay(&batch).await? {
                    return Ok(before);
                }
                self.memory.commit(first).await?;
                yield_once().await;
                self.memory
                    .commit(Batch {
                        writes: rest,
                        ..batch
                    })
                    .await
            }
            Fault::LosesRequestsWhenDropped => {
                if let Some(before) = self.replay(&batch).await? {
                    return Ok(before);
                }
                let request = batch.request.take();

                let applied = self.memory.commit(batch).await?;
                yield_once().await;
                self.memory
                    .commit(Batch {
                        request,
                        ..Batch::new()
                    })
                    .await?;
                Ok(applied)
            }
            Fault::LosesMessages => {
                batch.outbox.clear();
                self.memory.commit(batch).await
            }
            Fault::LosesClaims => {
                Self::claims_of(&mut batch).for_each(|(_, unique)| unique.clear());
                self.memory.commit(batch).await
            }
            Fault::IgnoresVersions => self.memory.commit(self.blind(batch).await).await,
            Fault::IgnoresChecks => {
                batch
                    .writes
                    .retain(|write| !matches!(write, Write::Check { .. }));
                self.memory.commit(batch).await
            }
            Fault::ChecksThenWrites => {
                if let Some(conflict) = self.conflict(&batch).await {
                    return Err(conflict);
                }
                std::thread::sleep(Duration::from_millis(1));
                loop {
                    match self.memory.commit(self.blind(batch.clone()).await).await {
                        Err(CommitError::Precondition { .. }) => {}
                        other => return other,
                    }
                }
            }
            Fault::RefusesSwaps => {
                let puts: Vec<_> = Self::claims_of(&mut batch)
                    .map(|(key, unique)| (key, unique.clone()))
                    .collect();
                for (key, unique) in puts {
                    for claim in unique {
                        let holder = self.memory.lookup(&claim).await?;
                        if holder.is_some_and(|holder| holder.key != key) {
                            return Err(CommitError::UniqueTaken { write: 0, claim });
                        }
                    }
                }
                self.memory.commit(batch).await
            }
            Fault::NeverReleasesClaims => {
                let mut claimed = Vec::new();
                for (key, unique) in Self::claims_of(&mut batch) {
                    claimed.extend(unique.iter().map(|claim| (claim.clone(), key.clone())));
                }
                for (claim, key) in &claimed {
                    if self
                        .handle()
                        .ever_claimed
                        .get(claim)
                        .is_some_and(|by| by != key)
                    {
                        let claim = claim.clone();
                        return Err(CommitError::UniqueTaken { write: 0, claim });
                    }
                }
                let applied = self.memory.commit(batch).await?;
                self.handle().ever_claimed.extend(claimed);
                Ok(applied)
            }
            Fault::ClaimsTwiceInABatch => {
                let mut seen = Claims::new();
                for (_, unique) in Self::claims_of(&mut batch) {
                    unique.retain(|claim| seen.insert(claim.clone()));
                }
                self.memory.commit(batch).await
            }
            Fault::RestartsVersions => self.commit_with_restarting_versions(batch).await,
            Fault::ReportsTakenAsConflict => {
                self.memory
                    .commit(batch)
                    .await
                    .map_err(|error| match error {
                        CommitError::UniqueTaken { write, .. } => CommitError::Precondition {
                            write,
                            actual: None,
                        },
                        other => other,
                    })
            }
            Fault::ForgetsRequests => {
                batch.request = None;
                self.memory.commit(batch).await
            }
            Fault::RemembersRefusedRequests => {
                let request = batch.request.clone();
                let result = self.memory.commit(batch).await;
                if let Err(CommitError::Precondition { .. }) = result {
                    self.memory
                        .commit(Batch {
                            request,
                            ..Batch::new()
                        })
                        .await?;
                }
                result
            }
            Fault::IgnoresDigests => match self.memory.commit(batch).await {
                Err(CommitError::IdempotencyMismatch) => Ok(Applied::Before {
                    receipt: b"receipt".to_vec(),
                }),
                other => other,
            },
            Fault::LooksAtPreconditionsFirst => match self.conflict(&batch).await {
                Some(conflict) => Err(conflict),
                None => self.memory.commit(batch).await,
            },
            Fault::TakesTooLittle if batch.item_count() >= Batch::MAX_ITEMS => {
                Err(TooLarge::Items {
                    count: batch.item_count(),
                }
                .into())
            }
            Fault::TakesTooMuch => match self.memory.commit(batch.clone()).await {
                Err(CommitError::TooLarge(TooLarge::Bytes { .. })) => {
                    let mut cut = batch;
                    for write in &mut cut.writes {
                        if let Write::Put { body, .. } = write {
                            body.pop();
                        }
                    }
                    self.memory.commit(cut).await
                }
                Err(CommitError::TooLarge(_)) => self.commit_one_by_one(batch).await,
                other => other,
            },
            Fault::CountsReleasedItemsAsNothing => match self.memory.commit(batch.clone()).await {
                Err(CommitError::TooLarge(_)) if batch.item_count() <= Batch::MAX_ITEMS => {
                    self.commit_one_by_one(batch).await
                }
                other => other,
            },
            Fault::OverwritesEntries => match self.memory.commit(batch.clone()).await {
                Err(CommitError::Backend(error)) if error.kind() == StorageErrorKind::Misuse => {
                    batch.audit.clear();
                    self.memory.commit(batch).await
                }
                other => other,
            },
            _ => self.memory.commit(batch).await,
        }
    }

    /// Commits each write alone, as an adapter without transactions would.
    async fn commit_one_by_one(&self, batch: Batch) -> Result<Applied, CommitError> {
        let Batch {
            request,
            writes,
            audit,
            outbox,
        } = batch;
        let mut all = Vec::new();
        for write in writes {
            match self.memory.commit(Batch::new().write(write)).await? {
                Applied::Now { versions } => all.extend(versions),
                before @ Applied::Before { .. } => return Ok(before),
            }
        }
        for chunk in audit.chunks(10) {
            self.memory
                .commit(Batch {
                    audit: chunk.to_vec(),
                    ..Batch::new()
                })
                .await?;
        }
        for chunk in outbox.chunks(10) {
            self.memory
                .commit(Batch {
                    outbox: chunk.to_vec(),
                    ..Batch::new()
                })
                .await?;
        }
        self.memory
            .commit(Batch {
                request,
                ..Batch::new()
            })
            .await?;
        Ok(Applied::Now { versions: all })
    }

    async fn replay(&self, batch: &Batch) -> Result<Option<Applied>, StorageError> {
        let Some(request) = &batch.request else {
            return Ok(None);
        };
        let receipt = self.memory.receipt(&request.key).await?;
        Ok(receipt.map(|receipt| Applied::Before {
            receipt: receipt.body,
        }))
    }

    async fn versions(&self, batch: &Batch) -> Vec<Option<Version>> {
        let keys: Vec<_> = batch
            .writes
            .iter()
            .map(|write| write.key().clone())
            .collect();
        let records = self.memory.get(&keys).await.unwrap();
        records
            .into_iter()
            .map(|record| record.map(|record| record.version))
            .collect()
    }

    async fn conflict(&self, batch: &Batch) -> Option<CommitError> {
        let versions = self.versions(batch).await;
        let mut places = batch.writes.iter().zip(versions).enumerate();
        places.find_map(|(write, (expected, actual))| {
            let holds = expected.expect().holds_for(actual);
            (!holds).then_some(CommitError::Precondition { write, actual })
        })
    }

    /// Rewrites the batch so that whatever is stored meets it.
    async fn blind(&self, mut batch: Batch) -> Batch {
        let versions = self.versions(&batch).await;
        for (write, actual) in batch.writes.iter_mut().zip(versions) {
            let now = actual.map_or(Precondition::Absent, Precondition::VersionIs);
            match write {
                Write::Put { expect, .. } | Write::Check { expect, .. } => *expect = now,
                Write::Delete { expect, .. } => *expect = actual.unwrap_or(*expect),
            }
        }
        batch
    }

    fn shown_to_real(&self, key: &RecordKey, version: Version) -> Version {
        let base = self.handle().births.get(key).copied().unwrap_or(1);
        Version::from_u64(version.as_u64() + base - 1)
    }

    pub(crate) fn real_to_shown(&self, key: &RecordKey, version: Version) -> Version {
        let base = self.handle().births.get(key).copied().unwrap_or(1);
        Version::from_u64(version.as_u64() - base + 1)
    }

    async fn commit_with_restarting_versions(
        &self,
        mut batch: Batch,
    ) -> Result<Applied, CommitError> {
        for write in &mut batch.writes {
            let key = write.key().clone();
            match write {
                Write::Put {
                    expect: Precondition::VersionIs(version),
                    ..
                }
                | Write::Check {
                    expect: Precondition::VersionIs(version),
                    ..
                }
                | Write::Delete {
                    expect: version, ..
                } => {
                    *version = self.shown_to_real(&key, *version);
                }
                Write::Put { .. } | Write::Check { .. } => {}
            }
        }
        let writes = batch.writes.clone();
        let mut applied = self.memory.commit(batch).await?;
        if let Applied::Now { versions } = &mut applied {
            for (write, version) in writes.iter().zip(versions) {
                let Some(version) = version else { continue };
                if write.expect() == Precondition::Absent {
                    self.handle()
                        .births
                        .insert(write.key().clone(), version.as_u64());
                }
                *version = self.real_to_shown(write.key(), *version);
            }
        }
        Ok(applied)
    }

    fn claims_of(batch: &mut Batch) -> impl Iterator<Item = (RecordKey, &mut Claims)> {
        batch.writes.iter_mut().filter_map(|write| match write {
            Write::Put { key, unique, .. } => Some((key.clone(), unique)),
            _ => None,
        })
    }
}
