//! G11: one lease at a time, claimed again when it lapses, settled by its last claimer alone.

use std::time::Duration;

use doorward_storage::{
    Batch, Claimed, CommitError, HandOff, Limit, Micros, SettleError, Settlement, StorageErrorKind,
};

use crate::{
    Harness, Verdict,
    case::{ensure, refused, same, some},
    fixture::{SCOPES, body, claim_at, creation, id, key, message, put, update},
};

const SECOND: i64 = 1_000_000;

fn numbers(claimed: &[Claimed]) -> Vec<u128> {
    claimed
        .iter()
        .map(|claimed| claimed.message.id.as_u128())
        .collect()
}

pub(crate) async fn a_message_is_claimed_from_its_due_instant_on<H: Harness>(
    harness: &H,
) -> Verdict {
    let (_guard, storage) = harness.open().await;
    let row = message(SCOPES[1], 1, 10);
    storage.commit(Batch::new().message(row.clone())).await?;
    same("before", claim_at(&*storage, 9).await?, Vec::new())?;
    let expected = vec![Claimed {
        message: row,
        attempt: 1,
    }];
    same("at the instant", claim_at(&*storage, 10).await?, expected)
}

pub(crate) async fn a_leased_message_is_claimed_again_when_the_lease_ends<H: Harness>(
    harness: &H,
) -> Verdict {
    let (guard, storage) = harness.open().await;
    let other = harness.reopen(&guard).await;
    storage
        .commit(Batch::new().message(message(SCOPES[1], 1, 0)))
        .await?;
    same("the first claim", claim_at(&*storage, 0).await?.len(), 1)?;
    for now in [0, SECOND - 1] {
        same("under lease", claim_at(&*storage, now).await?, Vec::new())?;
        same(
            "under lease, elsewhere",
            claim_at(&*other, now).await?,
            Vec::new(),
        )?;
    }
    let again = some("the message", claim_at(&*other, SECOND).await?.pop())?;
    same("the attempt", again.attempt, 2)?;
    same(
        "under the second lease",
        claim_at(&*storage, SECOND).await?,
        Vec::new(),
    )
}

pub(crate) async fn a_stale_try_cannot_settle<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        storage
            .commit(Batch::new().message(message(scope, 1, 0)))
            .await?;
        let first = some("the message", claim_at(&*storage, 0).await?.pop())?.hand_off();
        let second = some("the message", claim_at(&*storage, SECOND).await?.pop())?.hand_off();
        let never = HandOff {
            attempt: 0,
            ..first
        };
        let ahead = HandOff {
            attempt: 3,
            ..first
        };
        let unknown = HandOff {
            id: id(9),
            ..second
        };
        for stale in [first, never, ahead, unknown] {
            for settlement in [Settlement::Done, Settlement::Retry { due_at: Micros(0) }] {
                let batch = creation(key(scope, 1), "never");
                refused!(
                    "a settlement by another than the last claimer",
                    storage.settle(stale, settlement, batch).await,
                    SettleError::Stale
                )?;
            }
        }
        same(
            "the batch of a stale try",
            body(&*storage, &key(scope, 1)).await?,
            None,
        )?;
        storage
            .settle(second, Settlement::Done, Batch::new())
            .await?;
        same(
            "after the last settlement",
            claim_at(&*storage, i64::MAX).await?,
            Vec::new(),
        )?;
    }
    Ok(())
}

pub(crate) async fn a_try_settles_once<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for (number, scope) in (1..).zip(SCOPES) {
        for settlement in [
            Settlement::Done,
            Settlement::Retry {
                due_at: Micros(i64::MAX),
            },
        ] {
            storage
                .commit(Batch::new().message(message(scope, number, 0)))
                .await?;
            let hand_off = some("the message", claim_at(&*storage, 0).await?.pop())?.hand_off();
            storage.settle(hand_off, settlement, Batch::new()).await?;
            refused!(
                "a second settlement of one try",
                storage
                    .settle(hand_off, Settlement::Done, Batch::new())
                    .await,
                SettleError::Stale
            )?;
        }
    }
    Ok(())
}

pub(crate) async fn a_try_settles_after_its_lease_if_nobody_came<H: Harness>(
    harness: &H,
) -> Verdict {
    let (_guard, storage) = harness.open().await;
    storage
        .commit(Batch::new().message(message(SCOPES[1], 1, 0)))
        .await?;
    let claimed = storage
        .claim(Micros(0), Duration::from_micros(1), Limit::ONE)
        .await?;
    let hand_off = some("the message", claimed.first())?.hand_off();
    same(
        "nothing else is due",
        claim_at(&*storage, 0).await?,
        Vec::new(),
    )?;
    storage
        .settle(hand_off, Settlement::Done, Batch::new())
        .await?;
    same(
        "after the settlement",
        claim_at(&*storage, SECOND).await?,
        Vec::new(),
    )
}

pub(crate) async fn a_retry_is_claimed_from_its_new_instant_on<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    let row = message(SCOPES[1], 1, 0);
    storage.commit(Batch::new().message(row.clone())).await?;
    for attempt in 1..=3_u32 {
        // Both sooner and later than the lease would have ended.
        let due_at = [0, 7, 5 * SECOND, 6 * SECOND]
            .get(attempt as usize)
            .copied()
            .unwrap_or(0);
        let now = [0, 0, 7, 5 * SECOND]
            .get(attempt as usize)
            .copied()
            .unwrap_or(0);
        let claimed = some("the message", claim_at(&*storage, now).await?.pop())?;
        same("the attempt", claimed.attempt, attempt)?;
        same("the body", &claimed.message.body, &row.body)?;
        let retry = Settlement::Retry {
            due_at: Micros(due_at),
        };
        storage
            .settle(claimed.hand_off(), retry, Batch::new())
            .await?;
        same(
            "before the new instant",
            claim_at(&*storage, due_at - 1).await?,
            Vec::new(),
        )?;
    }
    Ok(())
}

pub(crate) async fn a_settlement_commits_with_its_batch<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let batch = creation(key(scope, 1), "queued").message(message(scope, 1, 0));
        let old = put(&*storage, batch).await?;
        let new = put(&*storage, update(key(scope, 1), old, "queued still")).await?;
        let hand_off = some("the message", claim_at(&*storage, 0).await?.pop())?.hand_off();
        for settlement in [Settlement::Done, Settlement::Retry { due_at: Micros(0) }] {
            refused!(
                "a settlement with a stale batch",
                storage.settle(hand_off, settlement, update(key(scope, 1), old, "sent")).await,
                SettleError::Commit(CommitError::Precondition { write: 0, actual })
                    if actual == Some(new)
            )?;
            same(
                "the message is leased still",
                claim_at(&*storage, 0).await?,
                Vec::new(),
            )?;
        }
        let batch = update(key(scope, 1), new, "sent");
        let applied = storage.settle(hand_off, Settlement::Done, batch).await?;
        ensure(
            applied.version(0) > Some(new),
            "a settlement answers the versions written",
        )?;
        same(
            "the body",
            body(&*storage, &key(scope, 1)).await?.as_deref(),
            Some("sent"),
        )?;
        same(
            "no message is left",
            claim_at(&*storage, i64::MAX).await?,
            Vec::new(),
        )?;
    }
    Ok(())
}

pub(crate) async fn a_settlement_may_queue_another_message<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    storage
        .commit(Batch::new().message(message(SCOPES[1], 1, 0)))
        .await?;
    let hand_off = some("the message", claim_at(&*storage, 0).await?.pop())?.hand_off();
    let next = Batch::new().message(message(SCOPES[1], 2, 0));
    storage.settle(hand_off, Settlement::Done, next).await?;
    same(
        "the next message",
        numbers(&claim_at(&*storage, 0).await?),
        vec![2],
    )
}

pub(crate) async fn the_longest_free_message_comes_first<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    let due = [(1, 50), (2, 10), (3, 40), (4, 20), (5, 30)];
    let batch = due
        .into_iter()
        .zip(SCOPES.into_iter().cycle())
        .fold(Batch::new(), |batch, ((number, due_at), scope)| {
            batch.message(message(scope, number, due_at))
        });
    storage.commit(batch).await?;
    let two = Limit::new(2)?;
    for expected in [vec![2, 4], vec![5, 3], vec![1], vec![]] {
        let claimed = storage
            .claim(Micros(100), Duration::from_secs(1), two)
            .await?;
        same("the claimed messages", numbers(&claimed), expected)?;
    }
    Ok(())
}

pub(crate) async fn messages_of_scopes_are_apart<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        storage
            .commit(Batch::new().message(message(scope, 1, 0)))
            .await?;
    }
    let claimed = claim_at(&*storage, 0).await?;
    let scopes: std::collections::BTreeSet<_> = claimed
        .iter()
        .map(|claimed| claimed.message.scope)
        .collect();
    same(
        "scopes",
        scopes.into_iter().collect::<Vec<_>>(),
        SCOPES.to_vec(),
    )?;
    let mine = claimed
        .iter()
        .find(|claimed| claimed.message.scope == SCOPES[2]);
    storage
        .settle(
            some("mine", mine)?.hand_off(),
            Settlement::Done,
            Batch::new(),
        )
        .await?;
    let left = claim_at(&*storage, SECOND).await?;
    same("messages left", left.len(), SCOPES.len() - 1)?;
    ensure(
        left.iter()
            .all(|claimed| claimed.message.scope != SCOPES[2]),
        "of the others",
    )
}

pub(crate) async fn a_message_id_is_not_used_twice<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        storage
            .commit(Batch::new().message(message(scope, 1, 5)))
            .await?;
        let twice = Batch::new()
            .message(message(scope, 2, 0))
            .message(message(scope, 2, 0));
        for batch in [
            creation(key(scope, 1), "never").message(message(scope, 1, 0)),
            twice,
        ] {
            refused!(
                "a message id that is used",
                storage.commit(batch).await,
                CommitError::Backend(error) if error.kind() == StorageErrorKind::Misuse
            )?;
        }
        same(
            "the record beside it",
            body(&*storage, &key(scope, 1)).await?,
            None,
        )?;
        same(
            "the first message stays as it was",
            claim_at(&*storage, 4).await?,
            Vec::new(),
        )?;
    }
    Ok(())
}
