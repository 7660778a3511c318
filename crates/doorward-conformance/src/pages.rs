//! G9: pages and cursors.

use std::collections::BTreeSet;

use doorward_storage::{
    Batch, Cursor, Limit, Precondition, Range, RecordKey, StorageErrorKind, Value,
};

use crate::{
    Harness, Verdict,
    case::{ensure, refused, same, some},
    fixture::{
        ORDER, SCOPES, THING, TRICKY, creation, fill_with_tricky_values, ids, indexed, key, order,
        put, read, scan,
    },
};

pub(crate) async fn a_page_has_at_most_its_limit<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    let scope = SCOPES[1];
    for chunk in 0..21 {
        let batch = (chunk * 50..(chunk + 1) * 50).fold(Batch::new(), |batch, number| {
            batch.put(
                key(scope, number),
                Precondition::Absent,
                "x",
                [],
                [order("x")],
            )
        });
        storage.commit(batch).await?;
    }
    for range in [Range::kind(scope, THING), Range::index(scope, ORDER)] {
        for limit in [1, 7, 1_000] {
            let page = storage.scan(&range, None, Limit::new(limit)?).await?;
            same("records of a full page", page.records.len(), limit)?;
            ensure(page.next.is_some(), "a full page says where to go on")?;
        }
        let all = scan(&*storage, &range, 1_000).await?;
        same("all records", all.len(), 1_050)?;
        let distinct: BTreeSet<_> = all.into_iter().map(|record| record.key).collect();
        same("distinct records", distinct.len(), 1_050)?;
    }
    let range = Range::kind(SCOPES[2], THING);
    let page = storage.scan(&range, None, Limit::ONE).await?;
    same(
        "the page of an empty range",
        page,
        doorward_storage::Page::default(),
    )
}

pub(crate) async fn pages_miss_and_repeat_nothing_that_stays<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    let scope = SCOPES[1];
    // Even numbers stay. Odd ones come and go between the pages, on both sides of the place.
    let value = |number: u128| number.to_be_bytes();
    for number in (0..80).step_by(2) {
        storage
            .commit(indexed(key(scope, number), value(number)))
            .await?;
    }
    for range in [Range::kind(scope, THING), Range::index(scope, ORDER)] {
        let mut seen = Vec::new();
        let mut after: Option<Cursor> = None;
        let mut round = 0;
        loop {
            let page = storage.scan(&range, after.as_ref(), Limit::new(3)?).await?;
            seen.extend(page.records.into_iter().map(|record| record.key));
            let Some(next) = page.next else { break };
            after = Some(next);
            for number in [(round * 14 + 1) % 80, (round * 34 + 21) % 80, round * 4 + 1] {
                let key = key(scope, number | 1);
                match read(&*storage, &key).await? {
                    None => storage.commit(indexed(key, value(number | 1))).await?,
                    Some(record) => {
                        storage
                            .commit(Batch::new().delete(key, record.version))
                            .await?
                    }
                };
            }
            round += 1;
            ensure(round < 1_000, "a scan does not come to an end")?;
        }
        ensure(seen.is_sorted(), "records come in order")?;
        let distinct: BTreeSet<_> = seen.iter().cloned().collect();
        same("records that came twice", seen.len() - distinct.len(), 0)?;
        for number in (0..80).step_by(2) {
            let found = distinct.contains(&key(scope, number));
            ensure(found, format_args!("record {number} stayed and was missed"))?;
        }
    }
    Ok(())
}

pub(crate) async fn a_deleted_place_is_no_obstacle<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        for number in 0..4 {
            storage
                .commit(indexed(key(scope, number), [number as u8]))
                .await?;
        }
        for range in [Range::kind(scope, THING), Range::index(scope, ORDER)] {
            let limit = Limit::new(2)?;
            let first = storage.scan(&range, None, limit).await?;
            let last = some("the last record of the page", first.records.last())?;
            storage
                .commit(Batch::new().delete(last.key.clone(), last.version))
                .await?;
            let second = storage.scan(&range, first.next.as_ref(), limit).await?;
            let rest = scan(&*storage, &range, 10).await?;
            let expected: Vec<_> = ids(&rest).into_iter().skip(1).take(2).collect();
            same(
                "the page after a deleted place",
                ids(&second.records),
                expected,
            )?;
        }
    }
    Ok(())
}

pub(crate) async fn a_cursor_survives_reopening<H: Harness>(harness: &H) -> Verdict {
    let (guard, storage) = harness.open().await;
    let scope = SCOPES[1];
    fill_with_tricky_values(&*storage, scope).await?;
    for range in [Range::kind(scope, THING), Range::index(scope, ORDER)] {
        let whole = ids(&scan(&*storage, &range, 1_000).await?);
        for limit in 1..TRICKY.len() {
            let first = storage.scan(&range, None, Limit::new(limit)?).await?;
            let stored = some("the cursor", first.next)?.to_string();
            let later = harness.reopen(&guard).await;
            let cursor: Cursor = stored.parse()?;
            let second = later.scan(&range, Some(&cursor), Limit::MAX).await?;
            let mut joined = ids(&first.records);
            joined.extend(ids(&second.records));
            same("both pages", joined, whole.clone())?;
        }
    }
    Ok(())
}

pub(crate) async fn a_cursor_reads_nothing_outside_its_range<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        fill_with_tricky_values(&*storage, scope).await?;
    }
    let all = Range::index(SCOPES[1], ORDER);
    let foreign = storage.scan(&all, None, Limit::ONE).await?.next;
    let only = Range::exactly(SCOPES[2], ORDER, Value::truncated("a"));
    let page = storage.scan(&only, foreign.as_ref(), Limit::MAX).await?;
    let expected = TRICKY
        .iter()
        .position(|value| *value == b"a")
        .unwrap_or_default();
    let found: Vec<_> = page.records.into_iter().map(|record| record.key).collect();
    same("keys", found, vec![key(SCOPES[2], expected as u128)])
}

pub(crate) async fn bytes_that_are_no_cursor_are_refused<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for bytes in [&b""[..], b"\0", b"\x01\xff\xff", b"' or 1=1 --"] {
        let cursor = Cursor::from_bytes(bytes);
        let range = Range::kind(SCOPES[1], THING);
        refused!(
            "bytes that are no cursor",
            storage.scan(&range, Some(&cursor), Limit::ONE).await,
            error if error.kind() == StorageErrorKind::Misuse
        )?;
    }
    Ok(())
}

pub(crate) async fn more_than_a_thousand_keys_are_refused<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    put(&*storage, creation(key(SCOPES[1], 999), "last")).await?;
    let mut keys: Vec<RecordKey> = (0..1_000).map(|number| key(SCOPES[1], number)).collect();
    let records = storage.get(&keys).await?;
    same(
        "records found",
        records.iter().filter(|record| record.is_some()).count(),
        1,
    )?;
    keys.push(key(SCOPES[1], 1_000));
    refused!(
        "a get of 1,001 keys",
        storage.get(&keys).await,
        error if error.kind() == StorageErrorKind::Misuse
    )
}
