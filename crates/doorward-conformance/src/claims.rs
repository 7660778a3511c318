//! G3 and G6: a value is held by one record.

use doorward_storage::{Batch, CommitError, Precondition, Scope, UniqueKey, Version};

use crate::{
    Harness, Verdict,
    case::{ensure, refused, same, some},
    fixture::{OTHER, SCOPES, TRICKY, key, name, put, read},
};

/// A batch that creates a record with one claim.
fn holding(scope: Scope, number: u128, claim: UniqueKey) -> Batch {
    Batch::new().put(
        key(scope, number),
        Precondition::Absent,
        "holder",
        [claim],
        [],
    )
}

/// Adds the rewriting of a record with other claims.
fn rewrite<const N: usize>(
    batch: Batch,
    scope: Scope,
    number: u128,
    version: Version,
    claims: [UniqueKey; N],
) -> Batch {
    batch.put(
        key(scope, number),
        Precondition::VersionIs(version),
        "holder",
        claims,
        [],
    )
}

pub(crate) async fn a_value_is_held_by_one_record<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let claim = name(scope, "n");
        storage.commit(holding(scope, 1, claim.clone())).await?;
        let second = Batch::new().check(key(scope, 9), Precondition::Absent).put(
            key(scope, 2),
            Precondition::Absent,
            "second",
            [name(scope, "free"), claim.clone()],
            [],
        );
        refused!(
            "a second claim",
            storage.commit(second).await,
            CommitError::UniqueTaken { write: 1, claim: taken } if taken == claim
        )?;
        same(
            "the refused record",
            read(&*storage, &key(scope, 2)).await?,
            None,
        )?;
        same(
            "its free claim",
            storage.lookup(&name(scope, "free")).await?,
            None,
        )?;
        let holder = some("the holder", storage.lookup(&claim).await?)?;
        same(
            "the holder",
            Some(&holder),
            read(&*storage, &key(scope, 1)).await?.as_ref(),
        )?;
    }
    Ok(())
}

pub(crate) async fn values_of_another_scope_or_space_are_others<H: Harness>(
    harness: &H,
) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let mut elsewhere = name(scope, "n");
        elsewhere.space = OTHER;
        storage.commit(holding(scope, 1, name(scope, "n"))).await?;
        storage.commit(holding(scope, 2, elsewhere.clone())).await?;
        let holder = some("the holder", storage.lookup(&elsewhere).await?)?;
        same("the holder in another space", holder.key, key(scope, 2))?;
    }
    for scope in SCOPES {
        let holder = some("the holder", storage.lookup(&name(scope, "n")).await?)?;
        same("the holder in a scope", holder.key, key(scope, 1))?;
    }
    Ok(())
}

pub(crate) async fn a_claim_may_lie_in_another_scope_than_its_record<H: Harness>(
    harness: &H,
) -> Verdict {
    let (_guard, storage) = harness.open().await;
    let claim = name(SCOPES[2], "eva");
    storage
        .commit(holding(Scope::Directory, 1, claim.clone()))
        .await?;
    let holder = some("the holder", storage.lookup(&claim).await?)?;
    same("the holder", holder.key, key(Scope::Directory, 1))?;
    refused!(
        "the same value for a record of the claim's scope",
        storage.commit(holding(SCOPES[2], 1, claim)).await,
        CommitError::UniqueTaken { write: 0, .. }
    )?;
    same(
        "the directory",
        storage.lookup(&name(Scope::Directory, "eva")).await?,
        None,
    )
}

pub(crate) async fn two_puts_of_a_batch_cannot_claim_one_value<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let claim = name(scope, "n");
        let mut batch = holding(scope, 2, claim.clone());
        batch.writes.extend(holding(scope, 1, claim.clone()).writes);
        refused!(
            "a batch that claims a value twice",
            storage.commit(batch).await,
            CommitError::UniqueTaken { write: 1, claim: taken } if taken == claim
        )?;
        same(
            "the first put",
            read(&*storage, &key(scope, 2)).await?,
            None,
        )?;
        same("the claim", storage.lookup(&claim).await?, None)?;
    }
    Ok(())
}

pub(crate) async fn two_records_swap_their_values_in_one_batch<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let (a, b, c) = (name(scope, "a"), name(scope, "b"), name(scope, "c"));
        let one = put(&*storage, holding(scope, 1, a.clone())).await?;
        let two = put(&*storage, holding(scope, 2, b.clone())).await?;
        let three = put(&*storage, holding(scope, 3, c.clone())).await?;
        let batch = rewrite(Batch::new(), scope, 1, one, [b.clone()]);
        let batch = rewrite(batch, scope, 2, two, [c.clone()]);
        storage
            .commit(rewrite(batch, scope, 3, three, [a.clone()]))
            .await?;
        for (claim, number) in [(a, 3), (b, 1), (c, 2)] {
            let holder = some("the holder", storage.lookup(&claim).await?)?;
            same("the holder after the swap", holder.key, key(scope, number))?;
        }
    }
    Ok(())
}

pub(crate) async fn a_value_moves_from_a_deleted_record_in_one_batch<H: Harness>(
    harness: &H,
) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let claim = name(scope, "n");
        let version = put(&*storage, holding(scope, 1, claim.clone())).await?;
        storage
            .commit(holding(scope, 2, claim.clone()).delete(key(scope, 1), version))
            .await?;
        let holder = some("the heir", storage.lookup(&claim).await?)?;
        same("the heir", holder.key, key(scope, 2))?;
    }
    Ok(())
}

pub(crate) async fn a_claim_is_released_by_delete_and_by_rewriting<H: Harness>(
    harness: &H,
) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let (a, b) = (name(scope, "a"), name(scope, "b"));
        let version = put(&*storage, holding(scope, 1, a.clone())).await?;
        let version = put(
            &*storage,
            rewrite(Batch::new(), scope, 1, version, [b.clone()]),
        )
        .await?;
        same("the released value", storage.lookup(&a).await?, None)?;
        storage.commit(holding(scope, 2, a)).await?;
        storage
            .commit(Batch::new().delete(key(scope, 1), version))
            .await?;
        same(
            "the deleted record's value",
            storage.lookup(&b).await?,
            None,
        )?;
        storage.commit(holding(scope, 3, b)).await?;
    }
    Ok(())
}

pub(crate) async fn a_record_keeps_its_claim_when_rewritten<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let (a, b) = (name(scope, "a"), name(scope, "b"));
        let version = put(&*storage, holding(scope, 1, a.clone())).await?;
        storage
            .commit(rewrite(
                Batch::new(),
                scope,
                1,
                version,
                [a.clone(), b.clone()],
            ))
            .await?;
        for claim in [a, b] {
            ensure(
                storage.lookup(&claim).await?.is_some(),
                "both values are held",
            )?;
            refused!(
                "a value that is held",
                storage.commit(holding(scope, 2, claim)).await,
                CommitError::UniqueTaken { write: 0, .. }
            )?;
        }
    }
    Ok(())
}

pub(crate) async fn a_conflict_of_versions_comes_before_a_taken_value<H: Harness>(
    harness: &H,
) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let version = put(&*storage, holding(scope, 1, name(scope, "n"))).await?;
        refused!(
            "a taken value alone",
            storage.commit(holding(scope, 2, name(scope, "n"))).await,
            CommitError::UniqueTaken { .. }
        )?;
        refused!(
            "a conflict alone",
            storage.commit(holding(scope, 1, name(scope, "free"))).await,
            CommitError::Precondition { write: 0, actual } if actual == Some(version)
        )?;
        let both = holding(scope, 2, name(scope, "n")).delete(key(scope, 3), version);
        refused!(
            "a taken value, then a conflict",
            storage.commit(both).await,
            CommitError::Precondition {
                write: 1,
                actual: None
            }
        )?;
    }
    Ok(())
}

pub(crate) async fn values_are_compared_byte_by_byte<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let long = [b'x'; 512];
        let mut other = long;
        other[511] = b'y';
        let tricky = TRICKY.into_iter().chain([&long[..], &other[..]]);
        for (number, value) in (1..).zip(tricky.clone()) {
            storage
                .commit(holding(scope, number, name(scope, value)))
                .await?;
        }
        for (number, value) in (1..).zip(tricky) {
            let holder = some("the holder", storage.lookup(&name(scope, value)).await?)?;
            same(
                &format!("the holder of {value:?}"),
                holder.key,
                key(scope, number),
            )?;
        }
    }
    Ok(())
}
