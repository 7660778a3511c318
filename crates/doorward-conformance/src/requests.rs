//! G5: a request is applied once.

use doorward_storage::{Batch, CommitError, Limit, Micros, Precondition, RecordId, Request};

use crate::{
    Harness, Verdict,
    case::{ensure, refused, same, some},
    fixture::{
        SCOPES, audit, body, claim_at, creation, entries, id, is_now, key, message, name, put,
        read, request, request_key,
    },
};

pub(crate) async fn a_request_is_applied_once<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let batch = |number: u128| {
            creation(key(scope, number), "made")
                .audit(audit(scope, number, "made"))
                .message(message(scope, number, 0))
                .request(request(scope, 1))
        };
        ensure(
            is_now(&storage.commit(batch(1)).await?),
            "a first commit is applied now",
        )?;
        for number in [1, 2] {
            // The same ids again, which would be conflicts, and fresh ids, as a retry draws them.
            let again = storage.commit(batch(number)).await?;
            same("the resend's version", again.version(0), None)?;
            ensure(!is_now(&again), "a resend is answered from before")?;
        }
        same(
            "a record of the resend",
            read(&*storage, &key(scope, 2)).await?,
            None,
        )?;
        same(
            "entries of the log",
            entries(&*storage, scope).await?.len(),
            1,
        )?;
    }
    same(
        "messages",
        claim_at(&*storage, 0).await?.len(),
        SCOPES.len(),
    )
}

pub(crate) async fn a_resend_is_answered_before_any_precondition<H: Harness>(
    harness: &H,
) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let version = put(
            &*storage,
            creation(key(scope, 1), "made").request(request(scope, 1)),
        )
        .await?;
        let claimed = Batch::new().put(
            key(scope, 5),
            Precondition::Absent,
            "x",
            [name(scope, "n")],
            [],
        );
        storage
            .commit(claimed.delete(key(scope, 1), version))
            .await?;
        let conflicting = Batch::new()
            .put(
                key(scope, 6),
                Precondition::Absent,
                "x",
                [name(scope, "n")],
                [],
            )
            .delete(key(scope, 1), version)
            .request(request(scope, 1));
        match storage.commit(conflicting).await? {
            doorward_storage::Applied::Before { receipt } => {
                same("the first receipt", receipt, b"receipt".to_vec())?;
            }
            now @ doorward_storage::Applied::Now { .. } => {
                return Err(crate::Failure(format!("a resend was applied: {now:?}")));
            }
        }
    }
    Ok(())
}

pub(crate) async fn another_digest_under_the_same_key_is_refused<H: Harness>(
    harness: &H,
) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        storage
            .commit(creation(key(scope, 1), "made").request(request(scope, 1)))
            .await?;
        let mut digest = [1; 32];
        digest[31] = 2;
        let other = Request {
            digest,
            ..request(scope, 1)
        };
        refused!(
            "another act under a used request id",
            storage
                .commit(creation(key(scope, 2), "never").request(other.clone()))
                .await,
            CommitError::IdempotencyMismatch
        )?;
        refused!(
            "another act that also conflicts",
            storage
                .commit(creation(key(scope, 1), "never").request(other))
                .await,
            CommitError::IdempotencyMismatch
        )?;
        same(
            "the other act",
            read(&*storage, &key(scope, 2)).await?,
            None,
        )?;
        let receipt = some(
            "the receipt",
            storage.receipt(&request_key(scope, 1)).await?,
        )?;
        same("the remembered digest", receipt.digest, [1; 32])?;
    }
    Ok(())
}

pub(crate) async fn requests_of_others_are_other_requests<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let principals = [&[1_u8][..], &[1, 0], &[0xff; 128]];
        for (number, principal) in (0..).zip(principals) {
            let mut request = request(scope, 1);
            request.key.principal = RecordId::new(principal)?;
            request.receipt = principal.to_vec();
            let batch = creation(key(scope, number), "made").request(request.clone());
            ensure(
                is_now(&storage.commit(batch).await?),
                "each principal's request is its own",
            )?;
            let receipt = some("the receipt", storage.receipt(&request.key).await?)?;
            same("the receipt", receipt.body, principal.to_vec())?;
        }
        same(
            "nobody's receipt",
            storage.receipt(&request_key(scope, 1)).await?,
            None,
        )?;
    }
    Ok(())
}

pub(crate) async fn a_refused_batch_remembers_no_request<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let version = put(&*storage, creation(key(scope, 1), "in the way")).await?;
        let batch = || creation(key(scope, 1), "made").request(request(scope, 1));
        refused!(
            "a batch in conflict",
            storage.commit(batch()).await,
            CommitError::Precondition { .. }
        )?;
        same(
            "the receipt",
            storage.receipt(&request_key(scope, 1)).await?,
            None,
        )?;
        storage
            .commit(Batch::new().delete(key(scope, 1), version))
            .await?;
        ensure(
            is_now(&storage.commit(batch()).await?),
            "the request may be sent again",
        )?;
    }
    Ok(())
}

pub(crate) async fn old_requests_are_forgotten_and_young_ones_kept<H: Harness>(
    harness: &H,
) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        for at in [9, 10, 11] {
            let request = Request {
                at: Micros(at),
                ..request(scope, at as u128)
            };
            storage.commit(Batch::new().request(request)).await?;
        }
    }
    let scopes = SCOPES.len();
    let limit = Limit::new(scopes - 1)?;
    same(
        "the first page",
        storage.forget_requests(Micros(10), limit).await?,
        scopes - 1,
    )?;
    same(
        "the rest",
        storage.forget_requests(Micros(10), limit).await?,
        1,
    )?;
    same(
        "nothing is left",
        storage.forget_requests(Micros(10), Limit::MAX).await?,
        0,
    )?;
    for scope in SCOPES {
        same(
            "an old request",
            storage.receipt(&request_key(scope, 9)).await?,
            None,
        )?;
        for young in [10, 11] {
            let receipt = storage.receipt(&request_key(scope, young)).await?;
            ensure(
                receipt.is_some(),
                "a request made at the instant or later is kept",
            )?;
        }
        let again = Batch::new().request(request(scope, 9));
        ensure(
            is_now(&storage.commit(again).await?),
            "a forgotten request is a new one",
        )?;
    }
    Ok(())
}

pub(crate) async fn a_settlement_is_replayed_with_its_batch<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        storage
            .commit(Batch::new().message(message(scope, 1, 0)))
            .await?;
        let claimed = some("the message", claim_at(&*storage, 0).await?.pop())?;
        let batch = || creation(key(scope, 1), "sent").request(request(scope, 1));
        let done = doorward_storage::Settlement::Done;
        let first = storage.settle(claimed.hand_off(), done, batch()).await?;
        ensure(is_now(&first), "a first settlement is applied now")?;
        let again = storage.settle(claimed.hand_off(), done, batch()).await?;
        ensure(
            !is_now(&again),
            "a settlement sent again is answered from before",
        )?;
        same(
            "the body",
            body(&*storage, &key(scope, 1)).await?.as_deref(),
            Some("sent"),
        )?;
    }
    same(
        "an unknown request",
        storage
            .receipt(&request_key(SCOPES[0], id(7).as_u128()))
            .await?,
        None,
    )
}
