//! What a batch counts, and what every adapter refuses in the same words (G12).

use std::error::Error;

use doorward_storage::{
    AuditRow, Batch, CommitError, IndexEntry, Kind, Micros, OutboxRow, Precondition, RecordId,
    RecordKey, Request, RequestKey, Scope, SideRow, StorageErrorKind, TooLarge, UniqueKey, Value,
    Version, Write,
};
use uuid::Uuid;

const THING: Kind = Kind::from_static("thing");
const NAME: Kind = Kind::from_static("name");

fn key(number: u128) -> RecordKey {
    RecordKey::new(Scope::Directory, THING, Uuid::from_u128(number))
}

fn claim(text: &str) -> UniqueKey {
    UniqueKey::new(Scope::Directory, NAME, Value::truncated(text))
}

fn audit(number: u128, body: Vec<u8>, fields: &[&str]) -> AuditRow {
    let row = |field: &&str| SideRow {
        field: (*field).to_owned(),
        salt: [0; 32],
        value: b"Eva".to_vec(),
    };
    let side = fields.iter().map(row).collect();
    AuditRow {
        id: Uuid::from_u128(number),
        scope: Scope::Directory,
        body,
        side,
    }
}

fn message(number: u128) -> OutboxRow {
    let (id, scope) = (Uuid::from_u128(number), Scope::Directory);
    OutboxRow {
        id,
        scope,
        body: b"mail".to_vec(),
        due_at: Micros(0),
    }
}

fn request(receipt: usize) -> Request {
    let principal = RecordId::from(Uuid::nil());
    Request {
        key: RequestKey {
            scope: Scope::Directory,
            principal,
            id: Uuid::nil(),
        },
        digest: [0; 32],
        receipt: vec![b'r'; receipt],
        at: Micros(0),
    }
}

fn too_large(batch: &Batch) -> Option<TooLarge> {
    match batch.validate() {
        Err(CommitError::TooLarge(limit)) => Some(limit),
        _ => None,
    }
}

fn is_misuse(batch: &Batch) -> bool {
    match batch.validate() {
        Err(CommitError::Backend(error)) => error.kind() == StorageErrorKind::Misuse,
        _ => false,
    }
}

/// Design 3: an item is a write, a claim or index entry, an audit entry, a side row, an outbox
/// message or the receipt.
#[test]
fn everything_that_a_batch_names_is_an_item() {
    let index = IndexEntry::new(NAME, Value::default());
    let batch = Batch::new()
        .put(
            key(1),
            Precondition::Absent,
            "body",
            [claim("a"), claim("b")],
            [index],
        )
        .delete(key(2), Version::from_u64(1))
        .check(key(3), Precondition::Absent)
        .audit(audit(1, b"entry".to_vec(), &["name", "address"]))
        .message(message(1))
        .request(request(7));
    assert_eq!(batch.item_count(), (1 + 2 + 1) + 1 + 1 + (1 + 2) + 1 + 1);
    let names = (5 + 16) + (5 + 16) + (5 + 16);
    let put = 4 + 2 * (4 + 1) + 4;
    let entry = 5 + (4 + 3) + (7 + 3);
    assert_eq!(batch.byte_count(), names + put + entry + 4 + (16 + 7));
}

#[test]
fn a_claim_or_entry_named_twice_by_one_put_is_one() {
    let entry = || IndexEntry::new(NAME, Value::default());
    let batch = Batch::new().put(
        key(1),
        Precondition::Absent,
        "",
        [claim("a"), claim("a")],
        [entry(), entry()],
    );
    assert_eq!(batch.item_count(), 3);
}

#[test]
fn a_hundred_items_are_valid_and_one_more_is_not() {
    let checks = |count: u128| {
        (0..count).fold(Batch::new(), |batch, n| {
            batch.check(key(n), Precondition::Absent)
        })
    };
    assert_eq!(too_large(&checks(100)), None);
    assert_eq!(
        too_large(&checks(101)),
        Some(TooLarge::Items { count: 101 })
    );
    assert!(checks(90).check_size(10).is_ok());
    let error = checks(90).check_size(11).unwrap_err();
    assert_eq!(error.to_string(), "a batch has at most 100 items, not 101");
    assert!(checks(1).check_size(usize::MAX).is_err());
}

#[test]
fn a_mebibyte_is_valid_and_one_byte_more_is_not() {
    let body = |len| Batch::new().put(key(1), Precondition::Absent, vec![0; len], [], []);
    let room = Batch::MAX_BYTES - body(0).byte_count();
    assert_eq!(too_large(&body(room)), None);
    assert_eq!(
        too_large(&body(room + 1)),
        Some(TooLarge::Bytes { count: 1_048_577 })
    );
}

/// Design 3: the receipt is at most 1 KiB; design 7: an entry is at most 16 KiB.
#[test]
fn receipts_and_audit_entries_have_their_own_limits() {
    assert_eq!(too_large(&Batch::new().request(request(1_024))), None);
    let long = Batch::new().request(request(1_025));
    assert_eq!(too_large(&long), Some(TooLarge::Receipt { len: 1_025 }));
    let entry = |len| Batch::new().audit(audit(1, vec![0; len], &[]));
    assert_eq!(too_large(&entry(16_384)), None);
    assert_eq!(
        too_large(&entry(16_385)),
        Some(TooLarge::AuditBody { len: 16_385 })
    );
}

#[test]
fn nothing_is_named_twice() {
    let put = || Batch::new().put(key(1), Precondition::Absent, "", [], []);
    assert!(!is_misuse(&put().check(key(2), Precondition::Absent)));
    assert!(is_misuse(&put().check(key(1), Precondition::Absent)));

    let entry = |n| audit(n, Vec::new(), &[]);
    assert!(!is_misuse(&Batch::new().audit(entry(1)).audit(entry(2))));
    assert!(is_misuse(&Batch::new().audit(entry(1)).audit(entry(1))));
    let elsewhere = AuditRow {
        scope: Scope::Tenant(Uuid::nil()),
        ..entry(1)
    };
    assert!(!is_misuse(&Batch::new().audit(entry(1)).audit(elsewhere)));
    assert!(is_misuse(&Batch::new().audit(audit(
        1,
        Vec::new(),
        &["name", "name"]
    ))));

    assert!(!is_misuse(
        &Batch::new().message(message(1)).message(message(2))
    ));
    assert!(is_misuse(
        &Batch::new().message(message(1)).message(message(1))
    ));
    let error = put()
        .check(key(1), Precondition::Absent)
        .validate()
        .unwrap_err();
    let source = error.source().map(ToString::to_string);
    assert_eq!(source.as_deref(), Some("a batch names each record once"));
}

/// ASVS 16.2.5: logs hold no personal data. A batch in a log shows what was written, not the data.
#[test]
fn debug_output_of_a_batch_shows_no_data() {
    let batch = Batch::new()
        .put(
            key(1),
            Precondition::Absent,
            "Eva",
            [claim("eva@example.org")],
            [],
        )
        .audit(audit(1, b"entry".to_vec(), &["name"]))
        .message(message(1))
        .request(request(3));
    let text = format!("{batch:?}");
    assert!(text.contains("thing") && text.contains("3 bytes"), "{text}");
    // The bytes of `Eva`, in case a derived `Debug` lists them.
    for secret in ["Eva", "eva", "69, 118, 97", "114, 114, 114"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn the_port_is_object_safe_and_its_values_cross_threads() {
    fn crosses_threads<T: Send + Sync + ?Sized>() {}
    crosses_threads::<dyn doorward_storage::FullStorage>();
    crosses_threads::<Batch>();
    crosses_threads::<CommitError>();
    crosses_threads::<doorward_storage::SealError>();
    crosses_threads::<doorward_storage::SettleError>();
    let write = Write::Check {
        key: key(1),
        expect: Precondition::Absent,
    };
    assert!(
        write.expect().holds_for(None) && !write.expect().holds_for(Some(Version::from_u64(1)))
    );
}
