//! G10: entries are sealed once, without gaps, and never change.

use doorward_storage::{
    AuditEntry, Batch, Checkpoint, CommitError, Limit, Order, Scope, SealError, StorageErrorKind,
};
use uuid::Uuid;

use crate::{
    Harness, Verdict,
    case::{ensure, refused, same},
    fixture::{SCOPES, audit, body, creation, entries, id, key},
};

/// A batch of entries with these numbers.
fn entered(scope: Scope, numbers: impl IntoIterator<Item = u128>) -> Batch {
    numbers.into_iter().fold(Batch::new(), |batch, number| {
        batch.audit(audit(scope, number, &number.to_string()))
    })
}

fn numbers(entries: &[AuditEntry]) -> Vec<u128> {
    entries.iter().map(|entry| entry.id.as_u128()).collect()
}

pub(crate) async fn sealing_gives_positions_without_gaps<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        storage.commit(entered(scope, 1..=5)).await?;
        // In the order that the sealer names, which need not be the order of ids.
        same(
            "the first head",
            storage.seal(scope, 0, &[id(2), id(1)], b"cp 2").await?,
            2,
        )?;
        same(
            "the second head",
            storage.seal(scope, 2, &[id(5), id(3)], b"cp 4").await?,
            4,
        )?;
        let sealed = storage.sealed(scope, 1, Limit::MAX).await?;
        same("the sealed log", numbers(&sealed), vec![2, 1, 5, 3])?;
        let positions: Vec<_> = sealed.iter().map(|entry| entry.position).collect();
        same("positions", positions, (1..=4).map(Some).collect())?;
        let page = storage.sealed(scope, 2, Limit::new(2)?).await?;
        same("a page of the sealed log", numbers(&page), vec![1, 5])?;
        same(
            "past its end",
            storage.sealed(scope, 5, Limit::MAX).await?,
            Vec::new(),
        )?;
        let unsealed = storage.unsealed(scope, Limit::MAX).await?;
        same("what is left", numbers(&unsealed), vec![4])?;
        let positions: Vec<_> = entries(&*storage, scope)
            .await?
            .iter()
            .map(|entry| entry.position)
            .collect();
        same(
            "positions by id",
            positions,
            vec![Some(2), Some(1), Some(4), None, Some(3)],
        )?;
    }
    Ok(())
}

pub(crate) async fn a_sealer_with_an_old_head_is_refused<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        storage.commit(entered(scope, 1..=3)).await?;
        storage.seal(scope, 0, &[id(1)], b"first").await?;
        for old in [0, 2, u64::MAX] {
            refused!(
                "a sealer with another head",
                storage.seal(scope, old, &[id(2)], b"fork").await,
                SealError::HeadMoved { actual: 1 }
            )?;
        }
        let unsealed = storage.unsealed(scope, Limit::MAX).await?;
        same("what is left", numbers(&unsealed), vec![2, 3])?;
        let head = Checkpoint {
            position: 1,
            body: b"first".to_vec(),
        };
        same("the head", storage.head(scope).await?, Some(head))?;
    }
    Ok(())
}

pub(crate) async fn an_entry_is_sealed_once<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        storage.commit(entered(scope, 1..=2)).await?;
        storage.seal(scope, 0, &[id(1)], b"first").await?;
        for wrong in [&[id(2), id(1)][..], &[id(2), id(2)], &[id(2), id(9)]] {
            let last = wrong.last().copied();
            refused!(
                "an entry that is not there to be sealed",
                storage.seal(scope, 1, wrong, b"never").await,
                SealError::NotUnsealed { entry } if Some(entry) == last
            )?;
        }
        let head = Checkpoint {
            position: 1,
            body: b"first".to_vec(),
        };
        same("the head", storage.head(scope).await?, Some(head))?;
        same(
            "the other entry's head",
            storage.seal(scope, 1, &[id(2)], b"second").await?,
            2,
        )?;
    }
    Ok(())
}

pub(crate) async fn an_entry_with_an_early_id_is_not_skipped<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        // Ids are made before they are committed: a slow commit comes late with an early id.
        storage.commit(entered(scope, [10, 12])).await?;
        storage.seal(scope, 0, &[id(10), id(12)], b"first").await?;
        storage.commit(entered(scope, [11, 1])).await?;
        let unsealed = storage.unsealed(scope, Limit::MAX).await?;
        same("late entries", numbers(&unsealed), vec![1, 11])?;
        storage.seal(scope, 2, &[id(1), id(11)], b"second").await?;
        let sealed = storage.sealed(scope, 1, Limit::MAX).await?;
        same("the sealed log", numbers(&sealed), vec![10, 12, 1, 11])?;
    }
    Ok(())
}

pub(crate) async fn an_entry_never_changes<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        storage.commit(entered(scope, 1..=2)).await?;
        storage.seal(scope, 0, &[id(1)], b"first").await?;
        let before = entries(&*storage, scope).await?;
        for number in [1, 2] {
            let forged = creation(key(scope, 1), "never").audit(audit(scope, number, "forged"));
            refused!(
                "an id that is stored already",
                storage.commit(forged).await,
                CommitError::Backend(error) if error.kind() == StorageErrorKind::Misuse
            )?;
        }
        let twice = entered(scope, [7, 7]);
        refused!(
            "an id twice in a batch",
            storage.commit(twice).await,
            CommitError::Backend(error) if error.kind() == StorageErrorKind::Misuse
        )?;
        same("the log", entries(&*storage, scope).await?, before)?;
        same(
            "the record beside it",
            body(&*storage, &key(scope, 1)).await?,
            None,
        )?;
    }
    Ok(())
}

pub(crate) async fn entries_page_in_both_orders_while_they_are_sealed<H: Harness>(
    harness: &H,
) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        storage.commit(entered(scope, 1..=9)).await?;
        for (order, expected) in [
            (Order::OldestFirst, (1..=9).collect::<Vec<u128>>()),
            (Order::NewestFirst, (1..=9).rev().collect()),
        ] {
            let mut seen = Vec::new();
            let mut after: Option<Uuid> = None;
            loop {
                let page = storage.entries(scope, order, after, Limit::new(2)?).await?;
                ensure(page.len() <= 2, "a page is above its limit")?;
                let Some(last) = page.last() else { break };
                after = Some(last.id);
                seen.extend(numbers(&page));
                let head = storage.head(scope).await?.map_or(0, |head| head.position);
                if let [first, ..] = storage.unsealed(scope, Limit::ONE).await?.as_slice() {
                    storage.seal(scope, head, &[first.id], b"cp").await?;
                }
            }
            same("the entries", seen, expected)?;
        }
    }
    Ok(())
}

pub(crate) async fn checkpoints_are_kept<H: Harness>(harness: &H) -> Verdict {
    let (guard, storage) = harness.open().await;
    for scope in SCOPES {
        same("no head", storage.head(scope).await?, None)?;
        storage.commit(entered(scope, 1..=6)).await?;
        for round in 0..3_u64 {
            let ids = [id(u128::from(2 * round + 1)), id(u128::from(2 * round + 2))];
            storage
                .seal(scope, 2 * round, &ids, &[0xff, round as u8])
                .await?;
        }
    }
    let storage = {
        drop(storage);
        harness.reopen(&guard).await
    };
    for scope in SCOPES {
        let all: Vec<_> = (1..=3_u8)
            .map(|round| Checkpoint {
                position: u64::from(2 * round),
                body: vec![0xff, round - 1],
            })
            .collect();
        same(
            "checkpoints",
            &storage.checkpoints(scope, 0, Limit::MAX).await?,
            &all,
        )?;
        same("the head", storage.head(scope).await?.as_ref(), all.last())?;
        let page = storage.checkpoints(scope, 2, Limit::ONE).await?;
        same("a page of checkpoints", page.first(), all.get(1))?;
    }
    Ok(())
}

pub(crate) async fn scopes_with_unsealed_entries_are_found<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    same(
        "no scopes",
        storage.unsealed_scopes(None, Limit::MAX).await?,
        Vec::new(),
    )?;
    for scope in SCOPES {
        storage.commit(entered(scope, 1..=2)).await?;
    }
    same(
        "all scopes",
        storage.unsealed_scopes(None, Limit::MAX).await?,
        SCOPES.to_vec(),
    )?;
    let second = storage
        .unsealed_scopes(Some(SCOPES[0]), Limit::new(2)?)
        .await?;
    same("a page of scopes", second, vec![SCOPES[1], SCOPES[2]])?;
    storage.seal(SCOPES[1], 0, &[id(1), id(2)], b"cp").await?;
    storage.seal(SCOPES[2], 0, &[id(1)], b"cp").await?;
    let left = storage.unsealed_scopes(None, Limit::MAX).await?;
    same(
        "scopes with something left",
        left,
        vec![SCOPES[0], SCOPES[2], SCOPES[3]],
    )
}

pub(crate) async fn a_sealing_names_1_to_1000_entries<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for batch in 0..11_u128 {
        storage
            .commit(entered(SCOPES[1], batch * 91..(batch + 1) * 91))
            .await?;
    }
    let all: Vec<Uuid> = (0..1_001).map(id).collect();
    for wrong in [&[][..], all.as_slice()] {
        refused!(
            "a sealing of none or too many",
            storage.seal(SCOPES[1], 0, wrong, b"never").await,
            SealError::Backend(error) if error.kind() == StorageErrorKind::Misuse
        )?;
    }
    let thousand: Vec<Uuid> = (0..1_000).map(id).collect();
    same(
        "the head",
        storage.seal(SCOPES[1], 0, &thousand, b"cp").await?,
        1_000,
    )?;
    let page = storage.sealed(SCOPES[1], 1, Limit::MAX).await?;
    same("the sealed log", page.len(), 1_000)
}
