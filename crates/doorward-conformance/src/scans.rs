//! G9: pages in byte order, complete, free of duplicates, and blind to other scopes.

use doorward_storage::{
    Batch, CommitError, IndexEntry, Kind, Precondition, Range, RecordKey, Span, Value,
};

use crate::{
    Failure, Harness, Verdict,
    case::{ensure, same},
    fixture::{
        ORDER, OTHER, SCOPES, THING, TRICKY, body, creation, fill_with_tricky_values, id, ids,
        indexed, key, key_of, order, put, scan,
    },
};

pub(crate) async fn a_kind_is_scanned_in_byte_order_of_its_ids<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    let tricky = || TRICKY.into_iter().filter(|bytes| !bytes.is_empty());
    for scope in SCOPES {
        for bytes in tricky().rev() {
            storage.commit(creation(key_of(scope, bytes)?, "x")).await?;
        }
    }
    for scope in SCOPES {
        for limit in [1, 2, 3, 1_000] {
            let records = scan(&*storage, &Range::kind(scope, THING), limit).await?;
            same("ids", ids(&records), tricky().map(<[u8]>::to_vec).collect())?;
            ensure(
                records.iter().all(|record| record.key.scope == scope),
                "of one scope",
            )?;
        }
    }
    Ok(())
}

pub(crate) async fn an_index_is_scanned_in_byte_order_of_its_values<H: Harness>(
    harness: &H,
) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        fill_with_tricky_values(&*storage, scope).await?;
    }
    for scope in SCOPES {
        for limit in [1, 4, 1_000] {
            let records = scan(&*storage, &Range::index(scope, ORDER), limit).await?;
            let expected = (0..TRICKY.len() as u128).map(|n| key(scope, n)).collect();
            same(
                "keys",
                records
                    .into_iter()
                    .map(|record| record.key)
                    .collect::<Vec<_>>(),
                expected,
            )?;
        }
    }
    Ok(())
}

pub(crate) async fn a_span_holds_exactly_its_values<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        fill_with_tricky_values(&*storage, scope).await?;
    }
    let mut spans = vec![Span::All];
    for left in TRICKY.map(Value::truncated) {
        spans.push(Span::Exactly(left.clone()));
        spans.push(Span::Prefix(left.clone()));
        for right in TRICKY.map(Value::truncated) {
            spans.push(Span::Between {
                from: left.clone(),
                until: right,
            });
        }
    }
    let scope = SCOPES[2];
    for span in spans {
        let expected: Vec<RecordKey> = (0..)
            .zip(TRICKY)
            .filter(|(_, value)| span.contains(&Value::truncated(value)))
            .map(|(number, _)| key(scope, number))
            .collect();
        let range = Range::Index {
            scope,
            index: ORDER,
            span: span.clone(),
        };
        let records = scan(&*storage, &range, 2).await?;
        let found: Vec<_> = records.into_iter().map(|record| record.key).collect();
        let (from, _) = span.bounds();
        same(
            &format!("keys of {span:?} from {:?}", from.as_bytes()),
            found,
            expected,
        )?;
    }
    Ok(())
}

pub(crate) async fn equal_values_are_ordered_by_kind_and_id<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let mut expected = Vec::new();
        for kind in [OTHER, THING] {
            for number in 0..5 {
                expected.push(RecordKey::new(scope, kind.clone(), id(number)));
            }
        }
        for key in expected.iter().rev() {
            storage.commit(indexed(key.clone(), "equal")).await?;
        }
        for limit in [1, 3, 10] {
            let range = Range::exactly(scope, ORDER, order("equal").value);
            let records = scan(&*storage, &range, limit).await?;
            let found: Vec<_> = records.into_iter().map(|record| record.key).collect();
            same("keys under one value", &found, &expected)?;
        }
    }
    Ok(())
}

pub(crate) async fn kinds_and_indexes_are_apart<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    let long = Kind::new(&"thing".repeat(6))?;
    for scope in SCOPES {
        for kind in [THING, OTHER, long.clone()] {
            let entry = IndexEntry::new(kind.clone(), Value::truncated("same"));
            let key = RecordKey::new(scope, kind, id(1));
            storage
                .commit(Batch::new().put(key, Precondition::Absent, "x", [], [entry]))
                .await?;
        }
    }
    for kind in [THING, OTHER, long] {
        for range in [
            Range::kind(SCOPES[1], kind.clone()),
            Range::index(SCOPES[1], kind.clone()),
        ] {
            let records = scan(&*storage, &range, 10).await?;
            let found: Vec<_> = records.into_iter().map(|record| record.key).collect();
            same(
                "keys",
                found,
                vec![RecordKey::new(SCOPES[1], kind.clone(), id(1))],
            )?;
        }
    }
    same(
        "an unknown kind",
        scan(&*storage, &Range::kind(SCOPES[1], ORDER), 10).await?,
        Vec::new(),
    )
}

pub(crate) async fn a_rewritten_record_is_found_under_its_new_values_only<H: Harness>(
    harness: &H,
) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let both = [order("old"), order("kept")];
        let first = Batch::new().put(key(scope, 1), Precondition::Absent, "x", [], both);
        let version = put(&*storage, first).await?;
        let all = Range::index(scope, ORDER);
        same(
            "entries of one record",
            scan(&*storage, &all, 1).await?.len(),
            2,
        )?;
        let second = [order("new"), order("kept")];
        let expect = Precondition::VersionIs(version);
        let batch = Batch::new().put(key(scope, 1), expect, "x", [], second);
        let version = put(&*storage, batch).await?;
        for (value, count) in [("old", 0), ("kept", 1), ("new", 1)] {
            let range = Range::exactly(scope, ORDER, order(value).value);
            same(value, scan(&*storage, &range, 10).await?.len(), count)?;
        }
        storage
            .commit(Batch::new().delete(key(scope, 1), version))
            .await?;
        same(
            "entries of a deleted record",
            scan(&*storage, &all, 10).await?,
            Vec::new(),
        )?;
        let kind = Range::kind(scope, THING);
        same(
            "a deleted record",
            scan(&*storage, &kind, 10).await?,
            Vec::new(),
        )?;
    }
    Ok(())
}

/// Nothing of one tenant is found from another, whatever is written beside it (ASVS 8.4.1).
pub(crate) async fn a_scan_never_leaves_its_scope<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in [SCOPES[0], SCOPES[1], SCOPES[3]] {
        fill_with_tricky_values(&*storage, scope).await?;
    }
    let empty = SCOPES[2];
    let ranges = [
        Range::kind(empty, THING),
        Range::index(empty, ORDER),
        Range::prefix(empty, ORDER, Value::default()),
        Range::prefix(empty, ORDER, Value::truncated(b"\xff")),
        Range::exactly(empty, ORDER, Value::default()),
    ];
    for range in ranges {
        same(
            "a scan of an empty tenant",
            scan(&*storage, &range, 5).await?,
            Vec::new(),
        )?;
    }
    let version = put(&*storage, indexed(key(empty, 1), "mine")).await?;
    let mine = scan(&*storage, &Range::index(empty, ORDER), 5).await?;
    same("the tenant's own", mine.len(), 1)?;
    storage
        .commit(Batch::new().delete(key(empty, 1), version))
        .await?;
    let neighbour = body(&*storage, &key(SCOPES[1], 1)).await?;
    same(
        "the neighbour's record",
        neighbour.as_deref(),
        Some("indexed"),
    )?;
    let batch = Batch::new().check(key(empty, 2), Precondition::Absent);
    match storage.commit(batch).await {
        Ok(_) => Ok(()),
        Err(CommitError::Precondition { .. }) => Err(Failure(
            "a check found a record of another scope".to_owned(),
        )),
        Err(error) => Err(error.into()),
    }
}
