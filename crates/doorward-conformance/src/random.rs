//! Random batches against a model: the whole contract of one handle, in combinations that nobody
//! thought of.

use doorward_storage::{
    Applied, AuditRow, Batch, Claimed, CommitError, FullStorage, HandOff, Kind, Limit, Micros,
    OutboxRow, Precondition, Range, RecordKey, Request, Scope, SettleError, Settlement, Write,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use uuid::Uuid;

use crate::{
    Failure, Harness, Verdict,
    case::{ensure, same},
    fixture::{
        A_SECOND, ORDER, OTHER, SCOPES, THING, TRICKY, entries, id, name, order, request_key, scan,
    },
    model::{Answer, Model},
};

/// How many steps one seed takes.
const STEPS: u32 = 300;
/// How many ids, claims and requests there are in each scope: few, so that steps collide.
const FEW: u128 = 4;
const MODEL_SCOPES: [Scope; 3] = [SCOPES[0], SCOPES[1], SCOPES[3]];

/// Runs a fixed seed and a fresh one, or the one in `DOORWARD_SEED`.
pub(crate) async fn random_batches_match_the_model<H: Harness>(harness: &H) -> Verdict {
    let seeds = match std::env::var("DOORWARD_SEED") {
        Ok(seed) => vec![seed.parse::<u64>()?],
        Err(_) => vec![1, rand::random()],
    };
    for seed in seeds {
        let (_guard, storage) = harness.open().await;
        let mut run = Run::new(seed);
        for step in 0..STEPS {
            run.step(&*storage).await.map_err(|failure| {
                Failure(format!("step {step} with DOORWARD_SEED={seed}: {failure}"))
            })?;
        }
    }
    Ok(())
}

struct Run {
    random: StdRng,
    model: Model,
    now: i64,
    next_id: u128,
    claimed: Vec<Claimed>,
}

impl Run {
    fn new(seed: u64) -> Self {
        let random = StdRng::seed_from_u64(seed);
        Self {
            random,
            model: Model::default(),
            now: 0,
            next_id: 2_000,
            claimed: Vec::new(),
        }
    }

    async fn step(&mut self, storage: &dyn FullStorage) -> Verdict {
        match self.random.random_range(0..20) {
            0..=13 => self.commit(storage).await?,
            14..=15 => self.claim(storage).await?,
            16..=17 => self.settle(storage).await?,
            18 => self.seal(storage).await?,
            _ => self.compare_scans(storage).await?,
        }
        self.compare_records(storage).await
    }

    async fn commit(&mut self, storage: &dyn FullStorage) -> Verdict {
        let batch = self.batch();
        let expected = self.model.answer(&batch);
        let actual = storage.commit(batch.clone()).await;
        self.compare_answer(expected, actual, &batch)
    }

    async fn claim(&mut self, storage: &dyn FullStorage) -> Verdict {
        self.now += self.random.random_range(0..1_500_000);
        let limit = Limit::new(self.random.random_range(1..4))?;
        let expected = self.model.claim(self.now, limit.count());
        let actual = storage.claim(Micros(self.now), A_SECOND, limit).await?;
        same("claimed messages", &actual, &expected)?;
        self.claimed.extend(actual);
        Ok(())
    }

    async fn settle(&mut self, storage: &dyn FullStorage) -> Verdict {
        let Some(hand_off) = self.any_hand_off() else {
            return Ok(());
        };
        let settlement = if self.random.random_bool(0.5) {
            Settlement::Done
        } else {
            Settlement::Retry {
                due_at: Micros(self.now + self.random.random_range(0..2_000_000)),
            }
        };
        let batch = self.batch();
        let replayed = self.model.replayed(&batch);
        let held = self.model.is_held_by(hand_off);
        let expected = self.model.answer(&batch);
        match storage.settle(hand_off, settlement, batch.clone()).await {
            Err(SettleError::Stale) => ensure(
                replayed.is_none() && !held,
                "a try was refused that holds its message",
            ),
            Err(SettleError::Commit(error)) => {
                ensure(
                    held || replayed.is_some(),
                    "a stale try got as far as its batch",
                )?;
                self.compare_answer(expected, Err(error), &batch)
            }
            Ok(applied) => {
                ensure(held || replayed.is_some(), "a stale try was settled")?;
                if replayed.is_none() {
                    self.model.settle(hand_off, settlement);
                }
                self.compare_answer(expected, Ok(applied), &batch)
            }
        }
    }

    async fn seal(&mut self, storage: &dyn FullStorage) -> Verdict {
        let scope = self.scope();
        let head = storage.head(scope).await?.map_or(0, |head| head.position);
        let unsealed = storage.unsealed(scope, Limit::MAX).await?;
        let ids: Vec<Uuid> = unsealed.iter().map(|entry| entry.id).collect();
        let sealed = self.model.sealed_count(scope);
        same("the head", head, sealed)?;
        same("unsealed entries", &ids, &self.model.unsealed(scope))?;
        if !ids.is_empty() {
            let expected = head + ids.len() as u64;
            same(
                "the new head",
                storage.seal(scope, head, &ids, b"cp").await?,
                expected,
            )?;
            self.model.seal(scope, &ids);
        }
        let log = entries(storage, scope).await?;
        let positions: Vec<_> = log.iter().map(|entry| (entry.id, entry.position)).collect();
        same("positions", positions, self.model.positions(scope))
    }

    async fn compare_scans(&mut self, storage: &dyn FullStorage) -> Verdict {
        let scope = self.scope();
        let values: Vec<_> = (0..2).map(|_| order(self.tricky()).value).collect();
        let (Some(first), Some(second)) = (values.first(), values.last()) else {
            return Ok(());
        };
        let ranges = [
            Range::kind(scope, self.kind()),
            Range::index(scope, ORDER),
            Range::exactly(scope, ORDER, first.clone()),
            Range::prefix(scope, ORDER, first.clone()),
            Range::between(scope, ORDER, first.clone(), second.clone()),
        ];
        for range in ranges {
            let limit = self.random.random_range(1..5);
            let found: Vec<_> = scan(storage, &range, limit)
                .await?
                .into_iter()
                .map(|found| found.key)
                .collect();
            same(
                &format!("keys in {range:?}"),
                found,
                self.model.scan(&range),
            )?;
        }
        Ok(())
    }

    async fn compare_records(&self, storage: &dyn FullStorage) -> Verdict {
        let mut keys = Vec::new();
        for scope in MODEL_SCOPES {
            for kind in [THING, OTHER] {
                keys.extend((0..FEW).map(|n| RecordKey::new(scope, kind.clone(), id(n))));
            }
        }
        let found = storage.get(&keys).await?;
        for (key, found) in keys.iter().zip(found) {
            same(
                &format!("the record {key:?}"),
                found.as_ref(),
                self.model.record(key),
            )?;
        }
        for scope in MODEL_SCOPES {
            for value in TRICKY.into_iter().take(FEW as usize) {
                let claim = name(scope, value);
                let found = storage.lookup(&claim).await?;
                same(
                    "the holder of a claim",
                    found.as_ref(),
                    self.model.holder(&claim),
                )?;
            }
        }
        Ok(())
    }

    fn compare_answer(
        &mut self,
        expected: Answer,
        actual: Result<Applied, CommitError>,
        batch: &Batch,
    ) -> Verdict {
        let text = format!("{actual:?}");
        let matches = match (expected, actual) {
            (Answer::Now, Ok(Applied::Now { versions })) => {
                return self.model.apply(batch, &versions);
            }
            (Answer::Before(receipt), Ok(Applied::Before { receipt: actual })) => receipt == actual,
            (Answer::Mismatch, Err(CommitError::IdempotencyMismatch)) => true,
            (
                Answer::Precondition(write, actual),
                Err(CommitError::Precondition {
                    write: at,
                    actual: found,
                }),
            ) => (write, actual) == (at, found),
            (
                Answer::Taken(write, claim),
                Err(CommitError::UniqueTaken {
                    write: at,
                    claim: found,
                }),
            ) => (write, &claim) == (at, &found),
            _ => false,
        };
        let expected = self.model.answer(batch);
        ensure(
            matches,
            format_args!("expected {expected:?}, found {text} for {batch:?}"),
        )
    }
}

/// What a step is made of.
impl Run {
    fn scope(&mut self) -> Scope {
        MODEL_SCOPES
            .get(self.random.random_range(0..3))
            .copied()
            .unwrap_or(Scope::Directory)
    }

    fn kind(&mut self) -> Kind {
        if self.random.random_bool(0.8) {
            THING
        } else {
            OTHER
        }
    }

    fn tricky(&mut self) -> &'static [u8] {
        TRICKY
            .get(self.random.random_range(0..TRICKY.len()))
            .copied()
            .unwrap_or_default()
    }

    fn batch(&mut self) -> Batch {
        let mut batch = Batch::new();
        for _ in 0..self.random.random_range(0..5) {
            let write = self.write();
            if batch.writes.iter().all(|other| other.key() != write.key()) {
                batch = batch.write(write);
            }
        }
        if self.random.random_bool(0.3) {
            let (id, scope) = (self.fresh_id(), self.scope());
            let body = id.as_bytes().to_vec();
            batch = batch.audit(AuditRow {
                id,
                scope,
                body,
                side: Vec::new(),
            });
        }
        if self.random.random_bool(0.3) {
            let (id, scope) = (self.fresh_id(), self.scope());
            let due_at = Micros(self.now + self.random.random_range(0..1_000_000));
            batch = batch.message(OutboxRow {
                id,
                scope,
                body: b"mail".to_vec(),
                due_at,
            });
        }
        if self.random.random_bool(0.3) {
            let key = request_key(self.scope(), self.random.random_range(0..FEW * 2));
            let digest = [self.random.random_range(0..2); 32];
            let receipt = self.fresh_id().as_bytes().to_vec();
            batch = batch.request(Request {
                key,
                digest,
                receipt,
                at: Micros(self.now),
            });
        }
        batch
    }

    fn write(&mut self) -> Write {
        let number = self.random.random_range(0..FEW);
        let key = RecordKey::new(self.scope(), self.kind(), id(number));
        let expect = self.expectation(&key);
        match (self.random.random_range(0..10), expect) {
            (0..=1, Precondition::VersionIs(expect)) => Write::Delete { key, expect },
            (2..=3, expect) => Write::Check { key, expect },
            (_, expect) => {
                let claims = self.random.random_range(0..3);
                let entries = self.random.random_range(0..3);
                let unique = (0..claims)
                    .map(|_| {
                        let value = self.random.random_range(0..FEW as usize);
                        let scope = if self.random.random_bool(0.9) {
                            key.scope
                        } else {
                            self.scope()
                        };
                        name(scope, TRICKY.get(value).copied().unwrap_or_default())
                    })
                    .collect();
                let index = (0..entries).map(|_| order(self.tricky())).collect();
                let body = self.fresh_id().as_bytes().to_vec();
                Write::Put {
                    key,
                    expect,
                    body,
                    unique,
                    index,
                }
            }
        }
    }

    /// Mostly what holds, sometimes an old version, or the opposite.
    fn expectation(&mut self, key: &RecordKey) -> Precondition {
        let holds = self.model.record(key).map(|record| record.version);
        match (
            self.random.random_range(0..10),
            self.model.first_version(key),
        ) {
            (0, Some(old)) => Precondition::VersionIs(old),
            (1, _) => Precondition::Absent,
            _ => holds.map_or(Precondition::Absent, Precondition::VersionIs),
        }
    }

    fn any_hand_off(&mut self) -> Option<HandOff> {
        if self.claimed.is_empty() {
            return None;
        }
        let place = self.random.random_range(0..self.claimed.len());
        self.claimed.get(place).map(Claimed::hand_off)
    }

    /// Ids that rise, and now and then one that comes late.
    fn fresh_id(&mut self) -> Uuid {
        self.next_id += 10;
        let late = if self.random.random_bool(0.2) {
            1_005
        } else {
            0
        };
        id(self.next_id.saturating_sub(late))
    }
}
