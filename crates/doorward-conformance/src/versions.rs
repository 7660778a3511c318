//! G4 and G6: versions grow, are never reused, and a conflict names its write.

use doorward_storage::{Batch, CommitError, Precondition, StorageErrorKind};

use crate::{
    Harness, Verdict,
    case::{ensure, refused, same, some},
    fixture::{SCOPES, body, creation, key, put, read, update},
};

pub(crate) async fn versions_grow_with_each_write<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let mut last = put(&*storage, creation(key(scope, 1), "0")).await?;
        for round in 1..20 {
            let version = put(&*storage, update(key(scope, 1), last, "same body")).await?;
            ensure(
                version > last,
                format_args!("version {version} of round {round} > {last}"),
            )?;
            let record = some("the record", read(&*storage, &key(scope, 1)).await?)?;
            same("the version that is read", record.version, version)?;
            last = version;
        }
    }
    Ok(())
}

pub(crate) async fn each_put_answers_its_version<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let old = put(&*storage, creation(key(scope, 1), "old")).await?;
        let kept = put(&*storage, creation(key(scope, 2), "kept")).await?;
        let batch = creation(key(scope, 3), "third")
            .check(key(scope, 2), Precondition::VersionIs(kept))
            .delete(key(scope, 1), old)
            .put(key(scope, 4), Precondition::Absent, "fourth", [], []);
        let applied = storage.commit(batch).await?;
        for (write, number) in [(0, 3), (3, 4)] {
            let record = some("the record", read(&*storage, &key(scope, number)).await?)?;
            same(
                "the version of a put",
                applied.version(write),
                Some(record.version),
            )?;
        }
        same("the version of a check", applied.version(1), None)?;
        same("the version of a delete", applied.version(2), None)?;
    }
    Ok(())
}

pub(crate) async fn a_version_is_not_reused_after_delete_and_recreate<H: Harness>(
    harness: &H,
) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let mut seen = Vec::new();
        for round in 0..5 {
            let version = put(&*storage, creation(key(scope, 1), "made")).await?;
            let newer = seen.last().is_none_or(|last| version > *last);
            ensure(
                newer,
                format_args!("round {round}: version {version} after {seen:?}"),
            )?;
            for old in &seen {
                refused!(
                    "a put with a version of an earlier life",
                    storage
                        .commit(update(key(scope, 1), *old, "from the past"))
                        .await,
                    CommitError::Precondition { write: 0, .. }
                )?;
            }
            seen.push(version);
            storage
                .commit(Batch::new().delete(key(scope, 1), version))
                .await?;
        }
    }
    Ok(())
}

pub(crate) async fn a_conflict_names_its_write_and_the_stored_version<H: Harness>(
    harness: &H,
) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let record = key(scope, 1);
        let old = put(&*storage, creation(record.clone(), "old")).await?;
        let new = put(&*storage, update(record.clone(), old, "new")).await?;
        let stale_writes = [
            creation(record.clone(), "again"),
            update(record.clone(), old, "stale"),
            Batch::new().delete(record.clone(), old),
            Batch::new().check(record.clone(), Precondition::VersionIs(old)),
            Batch::new().check(record.clone(), Precondition::Absent),
        ];
        for stale in stale_writes {
            let mut batch = creation(key(scope, 8), "x").check(key(scope, 9), Precondition::Absent);
            batch.writes.extend(stale.writes);
            refused!(
                "a stale write",
                storage.commit(batch).await,
                CommitError::Precondition { write: 2, actual } if actual == Some(new)
            )?;
        }
        let missing = [
            update(key(scope, 7), new, "x"),
            Batch::new().delete(key(scope, 7), new),
            Batch::new().check(key(scope, 7), Precondition::VersionIs(new)),
        ];
        for batch in missing {
            refused!(
                "a write to a missing record",
                storage.commit(batch).await,
                CommitError::Precondition {
                    write: 0,
                    actual: None
                }
            )?;
        }
        same(
            "the body",
            body(&*storage, &record).await?.as_deref(),
            Some("new"),
        )?;
    }
    Ok(())
}

pub(crate) async fn the_first_of_two_conflicts_is_named<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let version = put(&*storage, creation(key(scope, 5), "x")).await?;
        // In neither the order of keys nor of kinds of write.
        let batch = Batch::new()
            .check(key(scope, 6), Precondition::Absent)
            .delete(key(scope, 4), version)
            .put(key(scope, 5), Precondition::Absent, "x", [], [])
            .check(key(scope, 1), Precondition::VersionIs(version));
        refused!(
            "a batch with three conflicts",
            storage.commit(batch).await,
            CommitError::Precondition {
                write: 1,
                actual: None
            }
        )?;
    }
    Ok(())
}

pub(crate) async fn records_of_another_scope_or_kind_are_others<H: Harness>(
    harness: &H,
) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let thing = key(scope, 1);
        let mut other = thing.clone();
        other.kind = crate::fixture::OTHER;
        put(
            &*storage,
            creation(thing.clone(), &format!("thing of {scope}")),
        )
        .await?;
        put(
            &*storage,
            creation(other.clone(), &format!("other of {scope}")),
        )
        .await?;
    }
    for scope in SCOPES {
        let expected = format!("thing of {scope}");
        same(
            "the thing",
            body(&*storage, &key(scope, 1)).await?,
            Some(expected),
        )?;
    }
    let thing = some("the record", read(&*storage, &key(SCOPES[1], 1)).await?)?;
    storage
        .commit(Batch::new().delete(thing.key.clone(), thing.version))
        .await?;
    same(
        "the deleted record",
        read(&*storage, &thing.key).await?,
        None,
    )?;
    for scope in [SCOPES[0], SCOPES[2], SCOPES[3]] {
        ensure(
            read(&*storage, &key(scope, 1)).await?.is_some(),
            "other scopes keep theirs",
        )?;
    }
    let mut other = thing.key;
    other.kind = crate::fixture::OTHER;
    ensure(
        read(&*storage, &other).await?.is_some(),
        "another kind keeps its record",
    )
}

pub(crate) async fn a_batch_names_each_record_once<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    let record = key(SCOPES[1], 1);
    let batch = creation(record.clone(), "x").check(record.clone(), Precondition::Absent);
    refused!(
        "a batch that names a record twice",
        storage.commit(batch).await,
        CommitError::Backend(error) if error.kind() == StorageErrorKind::Misuse
    )?;
    same("the record", read(&*storage, &record).await?, None)
}
