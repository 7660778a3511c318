//! G2: of racing batches with the same precondition one is applied.

use doorward_storage::{
    Applied, Batch, Claimed, CommitError, Limit, Micros, Precondition, SealError,
};

use crate::{
    Failure, Harness, Verdict,
    case::{same, some},
    fixture::{
        A_SECOND, SCOPES, audit, body, creation, entries, id, key, message, name, put, read,
        request, update,
    },
    race::{RACERS, Racer, race, wait_for_all},
};

/// Counts the winners; a loser has lost by `Precondition` or `UniqueTaken`.
fn winners(results: Vec<Result<Result<Applied, CommitError>, Failure>>) -> Result<usize, Failure> {
    let mut winners = 0;
    for result in results {
        match result? {
            Ok(Applied::Now { .. }) => winners += 1,
            Err(CommitError::Precondition { .. } | CommitError::UniqueTaken { .. }) => {}
            other => return Err(Failure(format!("a racer was answered {other:?}"))),
        }
    }
    Ok(winners)
}

/// Lets a batch for each racer start at once, on two handles in turn.
async fn race_batches<H: Harness>(
    harness: &H,
    handles: [&dyn doorward_storage::FullStorage; 2],
    batch: impl Fn(u128) -> Batch,
) -> Result<usize, Failure> {
    let racers = (0..RACERS as u128)
        .zip(handles.into_iter().cycle())
        .map(|(racer, storage)| {
            let batch = batch(racer);
            Box::pin(async move { Ok(storage.commit(batch).await) }) as Racer<'_, _>
        });
    winners(race(harness, racers))
}

pub(crate) async fn one_of_racing_updates_wins<H: Harness>(harness: &H) -> Verdict {
    let (guard, storage) = harness.open().await;
    let other = harness.reopen(&guard).await;
    for scope in SCOPES {
        let version = put(&*storage, creation(key(scope, 1), "start")).await?;
        let batch = |racer: u128| update(key(scope, 1), version, &racer.to_string());
        let won = race_batches(harness, [&*storage, &*other], batch).await?;
        same("winners", won, 1)?;
    }
    Ok(())
}

pub(crate) async fn one_of_racing_creations_wins<H: Harness>(harness: &H) -> Verdict {
    let (guard, storage) = harness.open().await;
    let other = harness.reopen(&guard).await;
    for scope in SCOPES {
        let batch = |racer: u128| creation(key(scope, 1), &racer.to_string());
        let won = race_batches(harness, [&*storage, &*other], batch).await?;
        same("winners", won, 1)?;
    }
    Ok(())
}

pub(crate) async fn one_of_racing_claims_wins<H: Harness>(harness: &H) -> Verdict {
    let (guard, storage) = harness.open().await;
    let other = harness.reopen(&guard).await;
    for scope in SCOPES {
        let batch = |racer: u128| {
            let claim = name(scope, "one");
            Batch::new().put(key(scope, racer), Precondition::Absent, "x", [claim], [])
        };
        let won = race_batches(harness, [&*storage, &*other], batch).await?;
        same("winners", won, 1)?;
    }
    Ok(())
}

/// The shape of the last-administrator rule: each removes one record and guards the other.
pub(crate) async fn two_that_guard_each_other_do_not_both_win<H: Harness>(harness: &H) -> Verdict {
    let (guard, storage) = harness.open().await;
    let other = harness.reopen(&guard).await;
    for round in 0..50 {
        let pair = [key(SCOPES[1], 2 * round), key(SCOPES[1], 2 * round + 1)];
        let mut versions = Vec::new();
        for key in &pair {
            versions.push(put(&*storage, creation(key.clone(), "active")).await?);
        }
        let [first, second] = pair;
        let (Some(&one), Some(&two)) = (versions.first(), versions.last()) else {
            continue;
        };
        let leave = |racer: u128| {
            let (leaver, leaving, stayer, staying) = if racer.is_multiple_of(2) {
                (&first, one, &second, two)
            } else {
                (&second, two, &first, one)
            };
            update(leaver.clone(), leaving, "left")
                .check(stayer.clone(), Precondition::VersionIs(staying))
        };
        let won = race_batches(harness, [&*storage, &*other], leave).await?;
        same("winners", won, 1)?;
    }
    Ok(())
}

pub(crate) async fn racing_increments_are_all_counted<H: Harness>(harness: &H) -> Verdict {
    const ROUNDS: usize = 10;
    let (guard, storage) = harness.open().await;
    let other = harness.reopen(&guard).await;
    let counter = key(SCOPES[1], 1);
    put(&*storage, creation(counter.clone(), "0")).await?;
    let racers = [&storage, &other]
        .into_iter()
        .cycle()
        .take(8)
        .map(|storage| {
            let counter = counter.clone();
            Box::pin(async move {
                let mut left = ROUNDS;
                while left > 0 {
                    let record = some("the counter", read(&**storage, &counter).await?)?;
                    let count: usize = String::from_utf8_lossy(&record.body).parse()?;
                    let next = (count + 1).to_string();
                    match storage
                        .commit(update(counter.clone(), record.version, &next))
                        .await
                    {
                        Ok(_) => left -= 1,
                        Err(CommitError::Precondition { .. }) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                Ok(())
            }) as Racer<'_>
        });
    wait_for_all(race(harness, racers))?;
    let count = body(&*storage, &counter).await?;
    same("the counter", count, Some((8 * ROUNDS).to_string()))
}

pub(crate) async fn racing_resends_apply_once<H: Harness>(harness: &H) -> Verdict {
    let (guard, storage) = harness.open().await;
    let other = harness.reopen(&guard).await;
    for scope in SCOPES {
        let racers = (0..RACERS as u128)
            .zip([&storage, &other].into_iter().cycle())
            .map(|(racer, storage)| {
                // Ids differ from send to send; the request does not.
                let batch = creation(key(scope, racer), "x")
                    .audit(audit(scope, racer, "made"))
                    .request(request(scope, 1));
                Box::pin(async move { Ok(storage.commit(batch).await?) }) as Racer<'_, _>
            });
        let mut now = 0;
        for applied in race(harness, racers) {
            match applied? {
                Applied::Now { .. } => now += 1,
                Applied::Before { receipt } => same("the receipt", receipt, b"receipt".to_vec())?,
            }
        }
        same("applications", now, 1)?;
        same(
            "entries of the log",
            entries(&*storage, scope).await?.len(),
            1,
        )?;
    }
    Ok(())
}

pub(crate) async fn racing_claimers_share_no_message<H: Harness>(harness: &H) -> Verdict {
    const MESSAGES: u128 = 60;
    let (guard, storage) = harness.open().await;
    let other = harness.reopen(&guard).await;
    let batch = (0..MESSAGES).fold(Batch::new(), |batch, n| {
        batch.message(message(SCOPES[1], n, 0))
    });
    storage.commit(batch).await?;
    let limit = Limit::new(3)?;
    let racers = [&storage, &other]
        .into_iter()
        .cycle()
        .take(RACERS)
        .map(|storage| {
            let claim = async move { Ok(storage.claim(Micros(0), A_SECOND, limit).await?) };
            Box::pin(claim) as Racer<'_, Vec<Claimed>>
        });
    let mut claimed = Vec::new();
    for messages in race(harness, racers) {
        claimed.extend(messages?.into_iter().map(|claimed| claimed.message.id));
    }
    // 32 claimers may leave a few behind where an engine skips locked rows; none goes out twice.
    let rest = crate::fixture::claim_at(&*storage, 0).await?;
    claimed.extend(rest.into_iter().map(|claimed| claimed.message.id));
    claimed.sort();
    same(
        "the claimed messages",
        claimed,
        (0..MESSAGES).map(id).collect(),
    )
}

pub(crate) async fn racing_sealers_do_not_fork_the_log<H: Harness>(harness: &H) -> Verdict {
    let (guard, storage) = harness.open().await;
    let other = harness.reopen(&guard).await;
    for scope in SCOPES {
        let racer_count = RACERS as u128;
        let batch = (0..racer_count).fold(Batch::new(), |batch, number| {
            batch.audit(audit(scope, number, "entry"))
        });
        storage.commit(batch).await?;
        let racers = (0..racer_count)
            .zip([&storage, &other].into_iter().cycle())
            .map(|(racer, storage)| {
                let checkpoint = racer.to_be_bytes();
                Box::pin(async move { Ok(storage.seal(scope, 0, &[id(racer)], &checkpoint).await) })
                    as Racer<'_, _>
            });
        let mut heads: Vec<u64> = Vec::new();
        for result in race(harness, racers) {
            match result? {
                Ok(head) => heads.push(head),
                Err(SealError::HeadMoved { actual }) => same("the head", actual, 1)?,
                Err(error) => return Err(error.into()),
            }
        }
        same("the heads of the sealers that won", heads, vec![1])?;
        same(
            "sealed entries",
            storage.sealed(scope, 1, Limit::MAX).await?.len(),
            1,
        )?;
    }
    Ok(())
}
