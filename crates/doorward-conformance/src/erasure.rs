//! G10: personal data stands beside the entries and leaves by erasure alone.

use doorward_storage::{AuditRow, Batch, CommitError, SideKey};

use crate::{
    Harness, Verdict,
    case::{refused, same},
    fixture::{SCOPES, audit, body, creation, entries, id, key, put, side, update},
};

fn side_key(entry: u128, field: &str) -> SideKey {
    SideKey {
        entry: id(entry),
        field: field.to_owned(),
    }
}

pub(crate) async fn side_rows_are_read_by_entry_and_field<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let rows = vec![
            side("name", "Eva"),
            side("address", "eva@example.org"),
            side("", ""),
        ];
        let one = AuditRow {
            side: rows,
            ..audit(scope, 1, "one")
        };
        let two = AuditRow {
            side: vec![side("name", "Ana")],
            ..audit(scope, 2, "two")
        };
        storage.commit(Batch::new().audit(one).audit(two)).await?;
        let read = storage
            .side_rows(scope, &[id(2), id(9), id(1), id(2)])
            .await?;
        let expected = vec![
            (id(1), side("", "")),
            (id(1), side("address", "eva@example.org")),
            (id(1), side("name", "Eva")),
            (id(2), side("name", "Ana")),
        ];
        same("side rows", read, expected)?;
        same(
            "of no entry",
            storage.side_rows(scope, &[]).await?,
            Vec::new(),
        )?;
    }
    Ok(())
}

pub(crate) async fn erasure_takes_the_named_side_rows_alone<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    let rows = || vec![side("name", "Eva"), side("address", "eva@example.org")];
    for scope in SCOPES {
        let one = AuditRow {
            side: rows(),
            ..audit(scope, 1, "one")
        };
        let two = AuditRow {
            side: rows(),
            ..audit(scope, 2, "two")
        };
        storage.commit(Batch::new().audit(one).audit(two)).await?;
    }
    for scope in SCOPES {
        let before = entries(&*storage, scope).await?;
        let named = [
            side_key(1, "name"),
            side_key(2, "address"),
            side_key(9, "name"),
        ];
        storage.erase_side_rows(scope, &named, Batch::new()).await?;
        let left = storage.side_rows(scope, &[id(1), id(2)]).await?;
        let expected = vec![
            (id(1), side("address", "eva@example.org")),
            (id(2), side("name", "Eva")),
        ];
        same("what is left", left, expected)?;
        same("the log", entries(&*storage, scope).await?, before)?;
        storage.erase_side_rows(scope, &named, Batch::new()).await?;
        let rest = [side_key(1, "address"), side_key(2, "name")];
        storage.erase_side_rows(scope, &rest, Batch::new()).await?;
        same(
            "nothing is left",
            storage.side_rows(scope, &[id(1), id(2)]).await?,
            Vec::new(),
        )?;
    }
    Ok(())
}

pub(crate) async fn an_erasure_commits_with_its_batch<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for scope in SCOPES {
        let row = AuditRow {
            side: vec![side("name", "Eva")],
            ..audit(scope, 1, "one")
        };
        let old = put(&*storage, creation(key(scope, 1), "old").audit(row)).await?;
        put(&*storage, update(key(scope, 1), old, "new")).await?;
        let named = [side_key(1, "name")];
        let stale = update(key(scope, 1), old, "stale").audit(audit(scope, 2, "erased"));
        refused!(
            "an erasure with a stale batch",
            storage.erase_side_rows(scope, &named, stale).await,
            CommitError::Precondition { write: 0, .. }
        )?;
        same(
            "side rows",
            storage.side_rows(scope, &[id(1)]).await?.len(),
            1,
        )?;
        let batch = creation(key(scope, 2), "erased").audit(audit(scope, 2, "erased"));
        storage.erase_side_rows(scope, &named, batch).await?;
        same(
            "side rows",
            storage.side_rows(scope, &[id(1)]).await?.len(),
            0,
        )?;
        same(
            "entries of the log",
            entries(&*storage, scope).await?.len(),
            2,
        )?;
        let written = body(&*storage, &key(scope, 2)).await?;
        same(
            "the record of the batch",
            written.as_deref(),
            Some("erased"),
        )?;
    }
    Ok(())
}
