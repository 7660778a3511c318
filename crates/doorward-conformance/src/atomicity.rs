//! G1: all or nothing, over any number of scopes, and seen at once.

use doorward_storage::{Batch, CommitError, Precondition, Range, Version};

use crate::{
    Harness, Verdict,
    case::{ensure, refused, same, some},
    fixture::{
        SCOPES, audit, body, claim_at, creation, entries, id, is_now, key, message, name, order,
        put, read, request, request_key, scan, side, update,
    },
    race::{race, wait_for_all},
};

pub(crate) async fn a_commit_writes_all_its_parts<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let mut row = audit(scope, 1, "made");
        row.side.push(side("name", "Eva"));
        let batch = Batch::new()
            .put(
                key(scope, 1),
                Precondition::Absent,
                "whole",
                [name(scope, "n")],
                [order("o")],
            )
            .audit(row.clone())
            .message(message(scope, 1, 5))
            .request(request(scope, 1));
        ensure(
            is_now(&storage.commit(batch).await?),
            "a first commit is applied now",
        )?;

        same(
            "the body",
            body(&*storage, &key(scope, 1)).await?.as_deref(),
            Some("whole"),
        )?;
        let holder = some("the holder", storage.lookup(&name(scope, "n")).await?)?;
        same("the holder", holder.key, key(scope, 1))?;
        let range = Range::exactly(scope, order("").index, order("o").value);
        same(
            "records in the index",
            scan(&*storage, &range, 10).await?.len(),
            1,
        )?;
        let log = entries(&*storage, scope).await?;
        same(
            "the log",
            log.iter().map(|entry| entry.id).collect(),
            vec![id(1)],
        )?;
        let rows = row.side.into_iter().map(|side| (id(1), side)).collect();
        same(
            "the side rows",
            storage.side_rows(scope, &[id(1)]).await?,
            rows,
        )?;
        let receipt = some(
            "the receipt",
            storage.receipt(&request_key(scope, 1)).await?,
        )?;
        same("the receipt", receipt.body, b"receipt".to_vec())?;
    }
    same(
        "messages",
        claim_at(&*storage, 5).await?.len(),
        SCOPES.len(),
    )
}

pub(crate) async fn a_failed_batch_leaves_nothing<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let old = put(&*storage, creation(key(scope, 1), "old")).await?;
        put(&*storage, update(key(scope, 1), old, "new")).await?;
        let mut row = audit(scope, 1, "never");
        row.side.push(side("name", "Eva"));
        let batch = Batch::new()
            .put(
                key(scope, 2),
                Precondition::Absent,
                "never",
                [name(scope, "n")],
                [order("o")],
            )
            .delete(key(scope, 1), old)
            .audit(row)
            .message(message(scope, 1, 0))
            .request(request(scope, 1));
        refused!(
            "a stale delete",
            storage.commit(batch).await,
            CommitError::Precondition { write: 1, .. }
        )?;

        same("the record", read(&*storage, &key(scope, 2)).await?, None)?;
        same(
            "the old record",
            body(&*storage, &key(scope, 1)).await?.as_deref(),
            Some("new"),
        )?;
        same("the claim", storage.lookup(&name(scope, "n")).await?, None)?;
        let range = Range::index(scope, order("").index);
        same("the index", scan(&*storage, &range, 10).await?, Vec::new())?;
        same("the log", entries(&*storage, scope).await?, Vec::new())?;
        same(
            "the side rows",
            storage.side_rows(scope, &[id(1)]).await?,
            Vec::new(),
        )?;
        same(
            "the receipt",
            storage.receipt(&request_key(scope, 1)).await?,
            None,
        )?;
        same("messages", claim_at(&*storage, 1).await?, Vec::new())?;
    }
    Ok(())
}

pub(crate) async fn one_commit_spans_scopes<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    let everywhere = |number: u128| {
        SCOPES.into_iter().fold(Batch::new(), |batch, scope| {
            let claim = name(scope, number.to_string());
            batch.put(key(scope, number), Precondition::Absent, "x", [claim], [])
        })
    };
    storage.commit(everywhere(1)).await?;
    for scope in SCOPES {
        ensure(
            read(&*storage, &key(scope, 1)).await?.is_some(),
            "every scope was written",
        )?;
    }
    put(&*storage, creation(key(SCOPES[3], 2), "in the way")).await?;
    refused!(
        "a commit that fails in its last scope",
        storage.commit(everywhere(2)).await,
        CommitError::Precondition { write: 3, .. }
    )?;
    for scope in [SCOPES[0], SCOPES[1], SCOPES[2]] {
        same(
            "a record of another scope",
            read(&*storage, &key(scope, 2)).await?,
            None,
        )?;
    }
    Ok(())
}

pub(crate) async fn what_was_committed_is_there_after_reopening<H: Harness>(
    harness: &H,
) -> Verdict {
    let (guard, storage) = harness.open().await;
    for scope in SCOPES {
        let batch = Batch::new()
            .put(
                key(scope, 1),
                Precondition::Absent,
                "kept",
                [name(scope, "n")],
                [order("o")],
            )
            .audit(audit(scope, 1, "kept"))
            .message(message(scope, 1, 0))
            .request(request(scope, 1));
        storage.commit(batch).await?;
    }
    let written = read(&*storage, &key(SCOPES[0], 1)).await?;
    drop(storage);
    let storage = harness.reopen(&guard).await;
    same(
        "the record and its version",
        read(&*storage, &key(SCOPES[0], 1)).await?,
        written,
    )?;
    for scope in SCOPES {
        same(
            "the body",
            body(&*storage, &key(scope, 1)).await?.as_deref(),
            Some("kept"),
        )?;
        ensure(
            storage.lookup(&name(scope, "n")).await?.is_some(),
            "the claim is kept",
        )?;
        let range = Range::index(scope, order("").index);
        same(
            "records in the index",
            scan(&*storage, &range, 10).await?.len(),
            1,
        )?;
        same("the log", entries(&*storage, scope).await?.len(), 1)?;
        ensure(
            storage.receipt(&request_key(scope, 1)).await?.is_some(),
            "the receipt is kept",
        )?;
    }
    same(
        "messages",
        claim_at(&*storage, 0).await?.len(),
        SCOPES.len(),
    )
}

pub(crate) async fn another_handle_sees_a_commit_at_once<H: Harness>(harness: &H) -> Verdict {
    let (guard, storage) = harness.open().await;
    let other = harness.reopen(&guard).await;
    let key = key(SCOPES[1], 1);
    let first = put(&*storage, creation(key.clone(), "first")).await?;
    for handle in [&storage, &other] {
        let found = body(&**handle, &key).await?;
        same("the first body", found.as_deref(), Some("first"))?;
    }
    put(&*other, update(key.clone(), first, "second")).await?;
    same(
        "the second body",
        body(&*storage, &key).await?.as_deref(),
        Some("second"),
    )
}

pub(crate) async fn a_get_answers_in_the_order_of_its_keys<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        for number in [3, 1, 2] {
            put(&*storage, creation(key(scope, number), &number.to_string())).await?;
        }
    }
    for scope in SCOPES {
        let numbers = [2, 9, 3, 2, 1];
        let records = storage
            .get(&numbers.map(|number| key(scope, number)))
            .await?;
        let found: Vec<_> = records
            .into_iter()
            .map(|record| record.map(|record| record.key))
            .collect();
        let expected: Vec<_> = numbers
            .map(|number| (number != 9).then(|| key(scope, number)))
            .into();
        same("the keys of a get", found, expected)?;
    }
    same("no keys", storage.get(&[]).await?, Vec::new())
}

pub(crate) async fn a_get_answers_one_snapshot<H: Harness>(harness: &H) -> Verdict {
    let (guard, storage) = harness.open().await;
    let other = harness.reopen(&guard).await;
    let keys = [key(SCOPES[0], 1), key(SCOPES[1], 1)];
    let both = |versions: Option<[Version; 2]>, body: &str| {
        let mut versions = versions.map(<[Version; 2]>::into_iter);
        keys.iter().fold(Batch::new(), |batch, key| {
            let version = versions.as_mut().and_then(Iterator::next);
            let expect = version.map_or(Precondition::Absent, Precondition::VersionIs);
            batch.put(key.clone(), expect, body, [], [])
        })
    };
    storage.commit(both(None, "0")).await?;
    let writer = async {
        for round in 0..200 {
            let records = storage.get(&keys).await?;
            let mut versions = records.into_iter().flatten().map(|record| record.version);
            let first = some("the first record", versions.next())?;
            let second = some("the second record", versions.next())?;
            storage
                .commit(both(Some([first, second]), &round.to_string()))
                .await?;
        }
        Ok(())
    };
    let reader = async {
        for _ in 0..200 {
            let records = other.get(&keys).await?;
            let mut bodies = records
                .into_iter()
                .map(|record| record.map(|record| record.body));
            let (first, second) = (bodies.next(), bodies.next());
            same("the second record of a snapshot", second, first)?;
        }
        Ok(())
    };
    wait_for_all(race(
        harness,
        [Box::pin(writer) as crate::race::Racer<'_>, Box::pin(reader)],
    ))
}

pub(crate) async fn a_check_guards_without_writing<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let guarded = key(scope, 1);
        let batch = Batch::new().put(
            guarded.clone(),
            Precondition::Absent,
            "guarded",
            [name(scope, "n")],
            [order("o")],
        );
        let version = put(&*storage, batch).await?;
        let before = read(&*storage, &guarded).await?;
        let holds = creation(key(scope, 2), "x")
            .check(guarded.clone(), Precondition::VersionIs(version))
            .check(key(scope, 9), Precondition::Absent);
        storage.commit(holds).await?;
        same(
            "the guarded record",
            read(&*storage, &guarded).await?,
            before,
        )?;
        ensure(
            storage.lookup(&name(scope, "n")).await?.is_some(),
            "a check keeps the claim",
        )?;

        let expected = Some(version);
        refused!(
            "a check that a present record is absent",
            storage.commit(creation(key(scope, 3), "x").check(guarded.clone(), Precondition::Absent)).await,
            CommitError::Precondition { write: 1, actual } if actual == expected
        )?;
        put(&*storage, update(guarded.clone(), version, "changed")).await?;
        refused!(
            "a check of an old version",
            storage
                .commit(
                    creation(key(scope, 3), "x").check(guarded, Precondition::VersionIs(version))
                )
                .await,
            CommitError::Precondition { write: 1, .. }
        )?;
        same(
            "the write beside a failed check",
            read(&*storage, &key(scope, 3)).await?,
            None,
        )?;
    }
    Ok(())
}
