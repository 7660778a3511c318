//! G12: 100 items and 1 MiB are taken, more is not, and every byte is kept.

use doorward_storage::{
    AuditRow, Batch, CommitError, Kind, Micros, OutboxRow, Precondition, Range, RecordId,
    RecordKey, Request, Scope, SettleError, Settlement, SideKey, TooLarge, UniqueKey, Value,
};

use crate::{
    Failure, Harness, Verdict,
    case::{ensure, refused, same, some},
    fixture::{
        ORDER, SCOPES, audit, claim_at, creation, entries, id, is_now, key, key_of, message, name,
        order, put, read, request, request_key, scan, side,
    },
};

/// A batch of exactly 100 items of every kind: 1 receipt, 10 puts with 5 claims and index entries
/// among them, 30 checks, 10 entries with 14 side rows, 30 messages.
fn hundred(scope: Scope, from: u128) -> Batch {
    let mut batch = Batch::new().request(request(scope, from));
    for number in from..from + 10 {
        let claims = (number < from + 3).then(|| name(scope, number.to_string()));
        let index = (number < from + 2).then(|| order(number.to_string()));
        batch = batch.put(key(scope, number), Precondition::Absent, "x", claims, index);
    }
    for number in from + 10..from + 40 {
        batch = batch.check(key(scope, number), Precondition::Absent);
    }
    for number in from..from + 10 {
        let mut row = audit(scope, number, "entry");
        let fields = if number < from + 4 { 2 } else { 1 };
        row.side
            .extend((0..fields).map(|field| side(&field.to_string(), "value")));
        batch = batch.audit(row);
    }
    for number in from..from + 30 {
        batch = batch.message(message(scope, number, 0));
    }
    batch
}

pub(crate) async fn a_hundred_items_are_taken<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let batch = hundred(scope, 1_000);
        same("items", batch.item_count(), Batch::MAX_ITEMS)?;
        ensure(
            is_now(&storage.commit(batch).await?),
            "100 items are applied",
        )?;
        same(
            "entries of the log",
            entries(&*storage, scope).await?.len(),
            10,
        )?;
        same("messages", claim_at(&*storage, 0).await?.len(), 30)?;
    }
    Ok(())
}

pub(crate) async fn a_hundred_and_one_items_are_refused<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let more = [
            hundred(scope, 0).check(key(scope, 99), Precondition::Absent),
            hundred(scope, 0).audit(audit(scope, 99, "one more")),
            hundred(scope, 0).message(message(scope, 99, 0)),
            hundred(scope, 0).put(key(scope, 99), Precondition::Absent, "x", [], []),
        ];
        for batch in more {
            refused!(
                "a batch of 101 items",
                storage.commit(batch).await,
                CommitError::TooLarge(TooLarge::Items { count: 101 })
            )?;
        }
        same(
            "a record of it",
            read(&*storage, &key(scope, 1)).await?,
            None,
        )?;
        same("the log", entries(&*storage, scope).await?, Vec::new())?;
        same(
            "the receipt",
            storage.receipt(&request_key(scope, 0)).await?,
            None,
        )?;
    }
    Ok(())
}

pub(crate) async fn released_claims_and_entries_are_items<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let claims = |n: u8| (0..25).map(move |claim| name(scope, [n, claim]));
        let index = |n: u8| (0..24).map(move |entry| order([n, entry]));
        let mut versions = Vec::new();
        for number in [1, 2_u8] {
            let key = key(scope, number.into());
            let batch = Batch::new().put(
                key,
                Precondition::Absent,
                "x",
                claims(number),
                index(number),
            );
            versions.push(put(&*storage, batch).await?);
        }
        let [one, two] = versions[..] else {
            return Err(Failure("two versions".to_owned()));
        };
        let both = || {
            Batch::new()
                .delete(key(scope, 1), one)
                .delete(key(scope, 2), two)
        };
        // 2 writes, 98 released, and one more.
        refused!(
            "a batch of 3 items that releases 98",
            storage
                .commit(both().check(key(scope, 9), Precondition::Absent))
                .await,
            CommitError::TooLarge(TooLarge::Items { count: 101 })
        )?;
        ensure(
            storage.lookup(&name(scope, [1, 0])).await?.is_some(),
            "nothing was released",
        )?;
        // What is released counts after the claims.
        let taken = || [name(scope, [9, 0])];
        let holds = Batch::new().put(key(scope, 7), Precondition::Absent, "x", taken(), []);
        put(&*storage, holds).await?;
        refused!(
            "a batch of too many items that claims what another record holds",
            storage
                .commit(both().put(key(scope, 8), Precondition::Absent, "x", taken(), []))
                .await,
            CommitError::UniqueTaken { write: 2, .. }
        )?;
        storage.commit(both()).await?;
        same(
            "a released claim",
            storage.lookup(&name(scope, [1, 0])).await?,
            None,
        )?;

        // A put with 49 new claims for 49 old ones has 99 items, so one check more is taken. What
        // a put names again is not released: 50 items, so 50 checks are.
        let (old, new) = (claims(3).chain(claims(4)), claims(5).chain(claims(6)));
        let first = Batch::new().put(key(scope, 3), Precondition::Absent, "x", old.take(49), []);
        let version = put(&*storage, first).await?;
        let expect = Precondition::VersionIs(version);
        let replaced = Batch::new().put(key(scope, 3), expect, "x", new.clone().take(49), []);
        let too_many = replaced
            .clone()
            .check(key(scope, 8), Precondition::Absent)
            .check(key(scope, 9), Precondition::Absent);
        refused!(
            "a put that replaces 49 claims, with two checks",
            storage.commit(too_many).await,
            CommitError::TooLarge(TooLarge::Items { count: 101 })
        )?;
        let full = replaced.check(key(scope, 8), Precondition::Absent);
        let version = put(&*storage, full).await?;
        let expect = Precondition::VersionIs(version);
        let kept = Batch::new().put(key(scope, 3), expect, "x", new.take(49), []);
        let padded = (100..150).fold(kept, |batch, n| {
            batch.check(key(scope, n), Precondition::Absent)
        });
        put(&*storage, padded).await?;
    }
    Ok(())
}

pub(crate) async fn one_mebibyte_is_taken_and_one_byte_more_is_not<H: Harness>(
    harness: &H,
) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in [SCOPES[0], SCOPES[1]] {
        let sized = |len: usize| {
            Batch::new().put(key(scope, 1), Precondition::Absent, vec![0xff; len], [], [])
        };
        let room = Batch::MAX_BYTES - sized(0).byte_count();
        refused!(
            "a batch of 1 MiB and a byte",
            storage.commit(sized(room + 1)).await,
            CommitError::TooLarge(TooLarge::Bytes { count }) if count == Batch::MAX_BYTES + 1
        )?;
        same("the record", read(&*storage, &key(scope, 1)).await?, None)?;
        storage.commit(sized(room)).await?;
        let record = some("the record", read(&*storage, &key(scope, 1)).await?)?;
        ensure(
            record.body == vec![0xff; room],
            "a body of almost 1 MiB is kept",
        )?;
    }
    Ok(())
}

pub(crate) async fn an_empty_batch_is_fine<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    let applied = storage.commit(Batch::new()).await?;
    same(
        "the answer",
        applied,
        doorward_storage::Applied::Now {
            versions: Vec::new(),
        },
    )
}

pub(crate) async fn every_byte_value_is_kept<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    let bytes: Vec<u8> = (0..=255).collect();
    let (low, high) = bytes.split_at(128);
    for scope in SCOPES {
        let claim = UniqueKey::new(scope, ORDER, Value::new(&bytes)?);
        for half in [low, high] {
            let claims = (half == low).then(|| claim.clone());
            let record = key_of(scope, half)?;
            let batch = Batch::new().put(
                record.clone(),
                Precondition::Absent,
                bytes.clone(),
                claims,
                [order(&bytes)],
            );
            storage.commit(batch).await?;
            let read = some("the record", read(&*storage, &record).await?)?;
            same("the body", &read.body[..], &bytes[..])?;
        }
        let holder = some("the holder", storage.lookup(&claim).await?)?;
        same("the holder", holder.key, key_of(scope, low)?)?;
        let range = Range::exactly(scope, ORDER, Value::new(&bytes)?);
        same(
            "records in the index",
            scan(&*storage, &range, 1).await?.len(),
            2,
        )?;

        let mut row = AuditRow {
            body: bytes.clone(),
            ..audit(scope, 0, "")
        };
        row.id = uuid::Uuid::from_slice(high.get(..16).unwrap_or_default())?;
        row.side.push(doorward_storage::SideRow {
            field: "\0 é \u{10ffff}".to_owned(),
            salt: *low.first_chunk().unwrap_or(&[0; 32]),
            value: bytes.clone(),
        });
        let mail = OutboxRow {
            body: bytes.clone(),
            ..message(scope, u128::MAX, i64::MIN)
        };
        let request = Request {
            receipt: bytes.clone(),
            ..request(scope, u128::MAX)
        };
        let batch = Batch::new()
            .audit(row.clone())
            .message(mail.clone())
            .request(request.clone());
        storage.commit(batch).await?;
        let log = entries(&*storage, scope).await?;
        same(
            "the entry",
            log.first().map(|entry| (entry.id, &entry.body)),
            Some((row.id, &bytes)),
        )?;
        let rows = storage.side_rows(scope, &[row.id]).await?;
        same(
            "the side row",
            rows.into_iter().map(|(_, row)| row).collect(),
            row.side,
        )?;
        let claimed = some("the message", claim_at(&*storage, i64::MIN).await?.pop())?;
        same("the message", claimed.message, mail)?;
        let receipt = some("the receipt", storage.receipt(&request.key).await?)?;
        same("the receipt", receipt.body, bytes.clone())?;
    }
    Ok(())
}

pub(crate) async fn the_longest_names_and_values_are_kept<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    let kind = Kind::new(&"k".repeat(Kind::MAX_LEN))?;
    for scope in SCOPES {
        let longest = |last: u8| {
            let mut id = [0xff; RecordId::MAX_LEN];
            id[RecordId::MAX_LEN - 1] = last;
            let mut value = [0xff; Value::MAX_LEN];
            value[Value::MAX_LEN - 1] = last;
            Ok::<_, Failure>((RecordId::new(id)?, Value::new(value)?))
        };
        for last in [0, 0xff] {
            let (id, value) = longest(last)?;
            let claim = UniqueKey::new(scope, kind.clone(), value.clone());
            let entry = doorward_storage::IndexEntry::new(kind.clone(), value.clone());
            let key = RecordKey::new(scope, kind.clone(), id);
            let batch = Batch::new().put(
                key.clone(),
                Precondition::Absent,
                "x",
                [claim.clone()],
                [entry],
            );
            storage.commit(batch).await?;
            let holder = some("the holder", storage.lookup(&claim).await?)?;
            same("the holder", &holder.key, &key)?;
            let exactly = Range::exactly(scope, kind.clone(), value);
            same("exactly", scan(&*storage, &exactly, 1).await?.len(), 1)?;
        }
        same(
            "both",
            scan(&*storage, &Range::index(scope, kind.clone()), 1)
                .await?
                .len(),
            2,
        )?;
        same(
            "both",
            scan(&*storage, &Range::kind(scope, kind.clone()), 1)
                .await?
                .len(),
            2,
        )?;
    }
    Ok(())
}

pub(crate) async fn receipts_and_audit_entries_have_their_own_limits<H: Harness>(
    harness: &H,
) -> Verdict {
    let (_guard, storage) = harness.open().await;
    let scope = SCOPES[1];
    let receipt = |len: usize| Request {
        receipt: vec![b'r'; len],
        ..request(scope, 1)
    };
    let entry = |len: usize| AuditRow {
        body: vec![b'e'; len],
        ..audit(scope, 1, "")
    };
    refused!(
        "a receipt of 1 KiB and a byte",
        storage.commit(Batch::new().request(receipt(1_025))).await,
        CommitError::TooLarge(TooLarge::Receipt { len: 1_025 })
    )?;
    refused!(
        "an entry of 16 KiB and a byte",
        storage.commit(Batch::new().audit(entry(16_385))).await,
        CommitError::TooLarge(TooLarge::AuditBody { len: 16_385 })
    )?;
    storage
        .commit(Batch::new().request(receipt(1_024)).audit(entry(16_384)))
        .await?;
    let stored = some(
        "the receipt",
        storage.receipt(&request_key(scope, 1)).await?,
    )?;
    same("the receipt's length", stored.body.len(), 1_024)?;
    let log = entries(&*storage, scope).await?;
    same(
        "the entry's length",
        log.first().map(|entry| entry.body.len()),
        Some(16_384),
    )
}

pub(crate) async fn settlements_and_erasures_are_items<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    let scope = SCOPES[1];
    let mut row = audit(scope, 1, "entry");
    row.side
        .extend((0..2).map(|field| side(&field.to_string(), "value")));
    storage
        .commit(Batch::new().message(message(scope, 1, 0)).audit(row))
        .await?;
    let hand_off = some("the message", claim_at(&*storage, 0).await?.pop())?.hand_off();
    let checks = |count: u128| {
        (0..count).fold(Batch::new(), |batch, number| {
            batch.check(key(scope, number), Precondition::Absent)
        })
    };
    let retry = Settlement::Retry { due_at: Micros(0) };
    refused!(
        "a settlement with 100 items",
        storage.settle(hand_off, retry, checks(100)).await,
        SettleError::Commit(CommitError::TooLarge(TooLarge::Items { count: 101 }))
    )?;
    storage.settle(hand_off, retry, checks(99)).await?;

    let named = ["0", "1"].map(|field| SideKey {
        entry: id(1),
        field: field.to_owned(),
    });
    refused!(
        "an erasure of 2 rows with 99 items",
        storage.erase_side_rows(scope, &named, checks(99)).await,
        CommitError::TooLarge(TooLarge::Items { count: 101 })
    )?;
    same(
        "side rows",
        storage.side_rows(scope, &[id(1)]).await?.len(),
        2,
    )?;
    storage.erase_side_rows(scope, &named, checks(98)).await?;
    same(
        "side rows",
        storage.side_rows(scope, &[id(1)]).await?.len(),
        0,
    )?;
    storage.commit(creation(key(scope, 1), "x")).await?;
    Ok(())
}
