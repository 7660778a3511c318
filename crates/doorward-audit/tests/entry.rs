//! What an entry's bytes are, and what they can never hold.
#![expect(
    clippy::unwrap_used,
    reason = "the helpers of a test fail by panicking, as tests do"
)]

use std::collections::BTreeMap;

use doorward_audit::{
    Action, Category, Code, CodeError, Disclosed, ENTRY_MAX_LEN, Entry, EntryBuilder, EntryError,
    Outcome, ParseEntryError, Recorded, SIDE_VALUE_MAX_LEN, Target, Value, json_lines,
};
use doorward_types::{
    AccountId, AgentName, EntryId, GrantId, InvitationId, LevelId, MembershipId, PermissionName,
    PersonId, Principal, RequestId, Scope, SubjectId, SupportId, TenantId,
};
use proptest::prelude::*;
use time::{OffsetDateTime, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-11-22 00:13:59.123456 UTC);

fn tenant() -> Scope {
    Scope::Tenant(TenantId::made_at(NOW, [1; 10]))
}

fn director() -> Principal {
    Principal::Account {
        account: AccountId::made_at(NOW, [2; 10]),
        membership: MembershipId::made_at(NOW, [3; 10]),
    }
}

fn agent() -> Principal {
    Principal::Support {
        support: SupportId::made_at(NOW, [4; 10]),
        agent: AgentName::new("a.meyer").unwrap(),
    }
}

fn builder(action: Action, target: impl Into<Target>) -> EntryBuilder {
    Entry::builder(
        EntryId::made_at(NOW, [9; 10]),
        tenant(),
        director(),
        action,
        target,
        NOW,
    )
}

fn issue() -> EntryBuilder {
    builder(
        Action::INVITATION_ISSUE,
        InvitationId::made_at(NOW, [5; 10]),
    )
}

/// An entry that uses every field.
fn full() -> Recorded {
    let level = LevelId::made_at(NOW, [6; 10]);
    let id = EntryId::made_at(NOW, [9; 10]);
    let names =
        |names: &[&str]| Value::codes(names.iter().map(|name| PermissionName::new(name).unwrap()));
    Entry::builder(id, tenant(), agent(), Action::LEVEL_UPDATE, level, NOW)
        .on_behalf_of(director())
        .subject(SubjectId::from(PersonId::made_at(NOW, [7; 10])))
        .outcome(Outcome::Denied {
            reason: Code::declare("above_ceiling"),
        })
        .changed(
            "permissions",
            names(&["view_record"]),
            names(&["view_record", "edit_record"]),
        )
        .changed("retired", false, false)
        .fact("holders", 12_u32)
        .fact("expires_at", NOW)
        .fact("previous", None::<bool>)
        .request(RequestId::made_at(NOW, [8; 10]))
        .catalog([0xab; 32])
        .side("actor_name", [7; 32], "A. Meyer")
        .side("level_name", [8; 32], "Nürse; \"night\"\r\n")
        .build()
        .unwrap()
}

fn naughty() -> Vec<String> {
    let strings: Vec<String> =
        serde_json::from_str(include_str!("data/naughty_strings.json")).unwrap();
    assert!(strings.len() > 480);
    strings
}

/// Stored bytes stay readable across releases, and are written the same way by each.
#[test]
fn an_entry_with_every_field_has_these_bytes() {
    let golden = include_str!("data/entry_v1.json").trim_end();
    let entry = full().entry;
    assert_eq!(String::from_utf8_lossy(entry.as_bytes()), golden);
    assert_eq!(Entry::parse(golden.as_bytes()).unwrap(), entry);
}

/// Design 7: "entry bytes hold neither position nor personal data from the first version".
#[test]
fn personal_data_is_beside_the_entry_and_not_in_it() {
    let recorded = full();
    let text = String::from_utf8(recorded.entry.as_bytes().to_vec()).unwrap();
    assert!(!text.contains("Meyer") && !text.contains("night") && !text.contains("position"));
    let commitments = recorded.entry.commitments();
    assert_eq!(commitments.len(), 2);
    for row in &recorded.side {
        assert_eq!(row.entry, recorded.entry.id());
        assert!(commitments[&row.field].is_of(row));
    }
}

#[test]
fn every_reader_tells_what_was_built() {
    let entry = Entry::parse(full().entry.as_bytes()).unwrap();
    assert_eq!(entry.scope(), tenant());
    assert_eq!(entry.recorded_at(), NOW);
    assert_eq!(entry.actor(), &agent());
    assert_eq!(entry.on_behalf_of(), Some(&director()));
    assert_eq!(entry.action(), &Action::LEVEL_UPDATE);
    assert_eq!(
        entry.target(),
        &Target::from(LevelId::made_at(NOW, [6; 10]))
    );
    assert_eq!(
        entry.subject(),
        Some(SubjectId::from(PersonId::made_at(NOW, [7; 10])))
    );
    assert_eq!(
        entry.outcome().reason(),
        Some(&Code::declare("above_ceiling"))
    );
    assert_eq!(
        entry.before()["permissions"].to_string(),
        r#"["view_record"]"#
    );
    assert_eq!(
        entry.after()["permissions"].to_string(),
        r#"["edit_record","view_record"]"#
    );
    assert_eq!(entry.facts()["previous"], Value::Nothing);
    assert_eq!(entry.request(), Some(RequestId::made_at(NOW, [8; 10])));
    assert_eq!(entry.catalog(), Some(&[0xab; 32]));
}

/// Only changed fields are kept: a versioned table of one product held 400 GB for 5 GB of data.
#[test]
fn a_field_that_did_not_change_is_left_out() {
    let entry = full().entry;
    assert!(!entry.before().contains_key("retired") && !entry.after().contains_key("retired"));
}

#[test]
fn every_principal_and_outcome_reads_back() {
    let principals = [
        director(),
        agent(),
        Principal::Operator,
        Principal::System,
        Principal::Anonymous,
    ];
    let reason = Code::declare("expired");
    let outcomes = [
        Outcome::Success,
        Outcome::Denied {
            reason: reason.clone(),
        },
        Outcome::Failure { reason },
    ];
    for principal in principals {
        for outcome in &outcomes {
            let id = EntryId::made_at(NOW, [9; 10]);
            let grant = GrantId::made_at(NOW, [1; 10]);
            let entry = Entry::builder(
                id,
                Scope::Directory,
                principal.clone(),
                Action::GRANT_REVOKE,
                grant,
                NOW,
            )
            .outcome(outcome.clone())
            .build()
            .unwrap()
            .entry;
            let read = Entry::parse(entry.as_bytes()).unwrap();
            assert_eq!((read.actor(), read.outcome()), (&principal, outcome));
        }
    }
}

/// A field added by a later release of version 1 neither disturbs nor disappears.
#[test]
fn fields_not_known_yet_are_passed_over_and_kept() {
    let text = String::from_utf8(full().entry.into_bytes()).unwrap();
    let newer = text.replacen('{', r#"{"aaa":[1.5,{"b":null}],"#, 1);
    let read = Entry::parse(newer.as_bytes()).unwrap();
    assert_eq!(read.as_bytes(), newer.as_bytes());
    assert_eq!(read.facts(), full().entry.facts());
}

/// The least that the first release wrote is read by every later one.
#[test]
fn an_entry_without_optional_fields_is_read() {
    let entry = issue().build().unwrap().entry;
    let value: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(entry.as_bytes()).unwrap();
    let keys: Vec<_> = value.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "action",
            "actor",
            "category",
            "id",
            "outcome",
            "recorded_at",
            "scope",
            "target",
            "v"
        ]
    );
    assert_eq!(Entry::parse(entry.as_bytes()).unwrap(), entry);
}

#[test]
fn bytes_that_are_no_entry_are_told_apart() {
    let bytes = issue().build().unwrap().entry.into_bytes();
    let text = String::from_utf8(bytes).unwrap();
    let parse = |text: &str| Entry::parse(text.as_bytes()).unwrap_err();
    assert!(matches!(parse(""), ParseEntryError::Json(_)));
    assert!(matches!(parse("{}"), ParseEntryError::Json(_)));
    assert!(matches!(
        parse(&text.replace("\"v\":1", "\"v\":2")),
        ParseEntryError::Version { found: 2 }
    ));
    assert!(matches!(
        parse(&text.replace(',', ",\n")),
        ParseEntryError::LineBreak
    ));
    let long = text.replace(
        "{\"action\"",
        &format!("{{{}\"action\"", " ".repeat(ENTRY_MAX_LEN)),
    );
    assert!(matches!(parse(&long), ParseEntryError::TooLong { .. }));
    for (part, other) in [
        ("invitation.issue", "invitation issue"),
        ("\"C\"", "\"X\""),
        ("success", "perhaps"),
        (
            "2026-11-22T00:13:59.123456Z",
            "2026-11-22T00:13:59.123456+01:00",
        ),
        ("\"kind\":\"account\"", "\"kind\":\"ghost\""),
    ] {
        let other = text.replacen(part, other, 1);
        assert_ne!(other, text);
        assert!(matches!(parse(&other), ParseEntryError::Json(_)), "{other}");
    }
}

/// One product read one value and sealed another: a field given twice must not be readable.
#[test]
fn a_known_field_given_twice_is_refused() {
    let text = String::from_utf8(issue().build().unwrap().entry.into_bytes()).unwrap();
    for twice in [
        r#""scope":"directory","#,
        r#""action":"invitation.issue","#,
        r#""category":"C","#,
    ] {
        let doubled = text.replacen('{', &format!("{{{twice}"), 1);
        assert!(Entry::parse(doubled.as_bytes()).is_err(), "{twice}");
    }
}

#[test]
fn the_first_fault_is_told_and_nothing_is_made() {
    let person = issue()
        .fact("note", "calls on Mondays")
        .fact("1", 1_u8)
        .build();
    assert_eq!(
        person,
        Err(EntryError::Code(CodeError::Character { found: ' ' }))
    );
    assert!(matches!(
        issue().fact("n", u64::MAX).build(),
        Err(EntryError::Number(_))
    ));
    let twice = issue().fact("n", 1_u8).fact("n", 2_u8).build();
    assert_eq!(
        twice,
        Err(EntryError::FieldTwice {
            field: Code::declare("n")
        })
    );
    let twice = issue()
        .side("n", [0; 32], "a")
        .side("n", [1; 32], "b")
        .build();
    assert_eq!(
        twice,
        Err(EntryError::FieldTwice {
            field: Code::declare("n")
        })
    );
    let long = issue()
        .side("n", [0; 32], "a".repeat(SIDE_VALUE_MAX_LEN + 1))
        .build();
    assert!(matches!(
        long,
        Err(EntryError::SideTooLong { len: 16_385, .. })
    ));
    assert!(
        issue()
            .side("n", [0; 32], "a".repeat(SIDE_VALUE_MAX_LEN))
            .build()
            .is_ok()
    );
}

/// Design 7: "at most 16 KiB".
#[test]
fn an_entry_of_sixteen_kib_is_made_and_a_longer_one_is_not() {
    let of = |count: usize| {
        let codes = (0..count).map(|n| Code::new(&format!("p{n:0>59}")).unwrap());
        issue().fact("permissions", Value::codes(codes)).build()
    };
    let fits = (1..).take_while(|&count| of(count).is_ok()).last().unwrap();
    let len = of(fits).unwrap().entry.as_bytes().len();
    assert!(len <= ENTRY_MAX_LEN && len + 63 > ENTRY_MAX_LEN, "{len}");
    assert_eq!(of(fits + 1), Err(EntryError::TooLong { len: len + 63 }));
}

/// Design 7: "only erasure changes them"; a row exchanged behind the log's back shows.
#[test]
fn erased_and_altered_side_rows_are_told_apart() {
    let Recorded { entry, mut side } = full();
    assert_eq!(
        entry.disclose(&side)["actor_name"],
        Disclosed::Kept("A. Meyer")
    );
    "B. Meyer".clone_into(&mut side[0].value);
    assert_eq!(entry.disclose(&side)["actor_name"], Disclosed::Altered);
    side.remove(0);
    let disclosed = entry.disclose(&side);
    assert_eq!(disclosed["actor_name"], Disclosed::Erased);
    assert_eq!(
        disclosed["level_name"],
        Disclosed::Kept("Nürse; \"night\"\r\n")
    );
    assert_eq!(
        Entry::parse(entry.as_bytes()).unwrap(),
        entry,
        "erasing leaves the bytes"
    );
}

#[test]
fn hostile_text_stays_beside_the_entry_and_reads_back() {
    for text in naughty() {
        let recorded = issue().side("note", [3; 32], text.clone()).build().unwrap();
        let read = Entry::parse(recorded.entry.as_bytes()).unwrap();
        assert_eq!(
            read.disclose(&recorded.side)["note"],
            Disclosed::Kept(&text)
        );
        if text.len() > 3 {
            let bytes = String::from_utf8_lossy(recorded.entry.as_bytes()).into_owned();
            assert!(!bytes.contains(&text) || issue_contains(&text), "{text:?}");
        }
    }
}

fn issue_contains(text: &str) -> bool {
    let recorded = issue().side("note", [4; 32], "").build().unwrap();
    String::from_utf8_lossy(recorded.entry.as_bytes()).contains(text)
}

/// What people type is never a code, unless it is one plain word.
#[test]
fn hostile_text_is_no_code() {
    for text in naughty() {
        if let Ok(code) = Code::new(&text) {
            let plain = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
            assert!(code.as_str().chars().all(plain), "{text:?}");
        }
    }
}

/// A line of the file is what was stored and sealed.
#[test]
fn json_lines_are_the_bytes_of_the_entries() {
    let entries = [full().entry, issue().build().unwrap().entry];
    let mut file = Vec::new();
    assert_eq!(json_lines::write(&entries, &mut file).unwrap(), 2);
    let read: Vec<_> = file
        .split_inclusive(|b| *b == b'\n')
        .map(|line| json_lines::read(line).unwrap())
        .collect();
    assert_eq!(read, entries);
}

fn value() -> impl Strategy<Value = Value> {
    let code = "[A-Za-z][A-Za-z0-9_.:-]{0,20}".prop_map(|text| Code::new(&text).unwrap());
    prop_oneof![
        Just(Value::Nothing),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        (-(1_i64 << 53) + 1..1 << 53).prop_map(|n| Value::try_from(n).unwrap()),
        code.clone().prop_map(Value::from),
        any::<[u8; 10]>().prop_map(|n| Value::from(GrantId::made_at(NOW, n))),
        proptest::collection::btree_set(code, 0..5).prop_map(Value::from),
    ]
}

fn values() -> impl Strategy<Value = BTreeMap<String, Value>> {
    proptest::collection::btree_map("[A-Za-z][A-Za-z0-9_.:-]{0,12}", value(), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// RFC 8785: one content, one text. serde_json's own map, with its keys in order, agrees.
    #[test]
    fn any_entry_is_canonical_and_reads_back(
        before in values(),
        after in values(),
        facts in values(),
        micros in 0..4_000_000_000_000_000_i128,
    ) {
        let at = OffsetDateTime::from_unix_timestamp_nanos(micros * 1_000).unwrap();
        let id = EntryId::made_at(at, [9; 10]);
        let action = Action::new("record.read", Category::Read).unwrap();
        let target = Target::of(Code::declare("record"));
        let mut builder = Entry::builder(id, tenant(), director(), action, target, at);
        for (field, value) in &before {
            builder = builder.before(field.as_str(), value.clone());
        }
        for (field, value) in &after {
            builder = builder.after(field.as_str(), value.clone());
        }
        for (field, value) in &facts {
            builder = builder.fact(field.as_str(), value.clone());
        }
        let entry = builder.build().unwrap().entry;
        prop_assert_eq!(&Entry::parse(entry.as_bytes()).unwrap(), &entry);
        prop_assert_eq!(entry.recorded_at(), at);
        prop_assert!(entry.as_bytes().is_ascii());
        let sorted: Sorted = serde_json::from_slice(entry.as_bytes()).unwrap();
        prop_assert_eq!(sorted.to_text(), String::from_utf8(entry.as_bytes().to_vec()).unwrap());
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Entry::parse(&bytes).is_err());
    }

    /// Every entry with one byte changed is refused or tells something else: nothing is overlooked.
    #[test]
    fn a_changed_byte_is_another_entry(at in any::<prop::sample::Index>(), byte in 0x20..0x7f_u8) {
        let entry = full().entry;
        let mut bytes = entry.as_bytes().to_vec();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        if let Ok(other) = Entry::parse(&bytes) {
            prop_assert_ne!(other, entry);
        }
    }
}

/// JSON whose keys are sorted whatever features other crates switch on in serde_json.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Sorted {
    Map(BTreeMap<String, Self>),
    List(Vec<Self>),
    Leaf(serde_json::Value),
}

impl Sorted {
    fn to_text(&self) -> String {
        match self {
            Self::Map(map) => {
                let field = |(key, value): (&String, &Self)| {
                    format!(
                        "{}:{}",
                        serde_json::to_string(key).unwrap(),
                        value.to_text()
                    )
                };
                format!(
                    "{{{}}}",
                    map.iter().map(field).collect::<Vec<_>>().join(",")
                )
            }
            Self::List(items) => {
                format!(
                    "[{}]",
                    items
                        .iter()
                        .map(Self::to_text)
                        .collect::<Vec<_>>()
                        .join(",")
                )
            }
            Self::Leaf(value) => value.to_string(),
        }
    }
}
