//! What the tables hold, read back by another reader.
#![expect(
    clippy::unwrap_used,
    reason = "the helpers of a test fail by panicking, as tests do"
)]

use std::io::{self, Write};

use doorward_audit::{
    Action, Code, Entry, Outcome, Value,
    csv::{AccessCsv, EntryCsv, Safety, unguard},
    report::{
        AccessRow, AccessStatus, Attested, By, Counts, FlagRules, Granted, HeldPermission, Invited,
        LevelsHeld, MailReport, Reach, ReportHeader, SharedAddresses, Why,
    },
};
use doorward_types::{
    AccountId, ClassName, Delivery, DisplayName, EmailAddress, EntryId, KindName, LevelId,
    MembershipId, PermissionName, PersonId, Principal, RoleName, Scope, StatementName, SubjectId,
    TenantId, UserName,
};
use proptest::prelude::*;
use time::{Duration, OffsetDateTime, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);

fn name(text: &str) -> DisplayName {
    DisplayName::new(text).unwrap()
}

fn person(n: u8) -> PersonId {
    PersonId::made_at(NOW, [n; 10])
}

fn director() -> By {
    let account = AccountId::made_at(NOW, [1; 10]);
    let membership = MembershipId::made_at(NOW, [2; 10]);
    let principal = Principal::Account {
        account,
        membership,
    };
    By {
        principal,
        name: Some(name("=Dora \"D\" Director")),
    }
}

fn bare() -> AccessRow {
    AccessRow::new(name("Maple Grove"), AccessStatus::NeverInvited)
}

/// ALIS: a contact, invited and connected, seen over one resident.
fn contact() -> AccessRow {
    let mut row = AccessRow::new(name("Maple Grove"), AccessStatus::Connected);
    row.subject = Some(SubjectId::from(person(3)));
    row.subject_name = Some(name("Eva Novák"));
    row.person = Some(person(4));
    row.name = Some(name("O'Brien, Ana"));
    row.membership = Some(MembershipId::made_at(NOW, [5; 10]));
    row.relation = Some(name("daughter"));
    row.kind = Some(KindName::new("contact").unwrap());
    row.email = Some(EmailAddress::new("ana@example.org").unwrap());
    row.phone = Some("+48 725 175 008".to_owned());
    row.user_name = Some(UserName::new("ana").unwrap());
    row.class = Some(ClassName::new("alis_contact").unwrap());
    row.profile = Some(name("Read only"));
    row.permissions = vec![
        HeldPermission {
            permission: PermissionName::new("view_evaluations").unwrap(),
            reach: Reach::Assigned,
            why: vec![Why::Profile(name("Read only"))],
        },
        HeldPermission {
            permission: PermissionName::new("view_invoices").unwrap(),
            reach: Reach::Assigned,
            why: vec![Why::Baseline, Why::Profile(name("Read only"))],
        },
    ];
    row.granted = Some(Granted {
        by: director(),
        at: NOW,
        expires_at: None,
    });
    row.invited = Some(Invited {
        by: director(),
        at: NOW - Duration::DAY,
        expires_at: NOW + Duration::days(29),
        mail: Some(MailReport {
            status: Delivery::Sent,
            at: NOW - Duration::DAY,
        }),
    });
    row.attestation = Some(Attested {
        statement: StatementName::new("sensitive_information").unwrap(),
        version: 1,
        by: director(),
        at: NOW - Duration::DAY,
    });
    row
}

/// HomeTrak: an office worker without levels.
fn staff() -> AccessRow {
    let mut row = AccessRow::new(name("Maple Grove"), AccessStatus::Connected);
    row.person = Some(person(6));
    row.name = Some(name("Sam Staff"));
    row.membership = Some(MembershipId::made_at(NOW, [7; 10]));
    row.kind = Some(KindName::new("office_staff").unwrap());
    row.role = Some(RoleName::new("office").unwrap());
    row.levels = Some(LevelsHeld::Unrestricted);
    row.last_sign_in_at = Some(NOW - Duration::days(400));
    row.unknown_permissions = vec![PermissionName::new("old_one").unwrap()];
    row
}

fn rows() -> Vec<AccessRow> {
    let shared = SharedAddresses::default();
    let mut rows = vec![contact(), staff(), bare()];
    rows.iter_mut()
        .for_each(|row| row.flag(&FlagRules::default(), &shared, NOW));
    rows
}

fn table(rows: &[AccessRow], safety: Safety) -> Vec<u8> {
    let mut file = Vec::new();
    let mut csv = AccessCsv::new(&mut file, safety).unwrap();
    rows.iter().for_each(|row| csv.write(row).unwrap());
    assert_eq!(csv.finish().unwrap(), rows.len() as u64);
    file
}

fn read(file: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(file);
    let texts = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
    reader
        .records()
        .map(|record| texts(record.unwrap()))
        .collect()
}

fn column(name: &str) -> usize {
    AccessCsv::<Vec<u8>>::COLUMNS
        .iter()
        .position(|column| *column == name)
        .unwrap()
}

/// The report of three people, compared with a file a manager could read.
#[test]
fn the_access_report_has_these_bytes() {
    let golden = include_str!("data/access_report.csv");
    let written = String::from_utf8(table(&rows(), Safety::Safe)).unwrap();
    assert_eq!(written, golden);
}

/// RFC 4180 2: lines end in CRLF, and every line has as many cells as the first.
#[test]
fn every_line_has_every_column() {
    let file = table(&rows(), Safety::Safe);
    let lines = read(&file);
    assert_eq!(lines[0], AccessCsv::<Vec<u8>>::COLUMNS);
    assert!(lines.iter().all(|line| line.len() == lines[0].len()));
    assert!(String::from_utf8(file).unwrap().split("\r\n").count() == lines.len() + 1);
}

/// ALIS: "complete with their current ALIS Connect access levels (User Profile) and contact
/// details".
#[test]
fn a_contact_is_told_with_profile_contact_details_and_reasons() {
    let lines = read(&table(&rows(), Safety::Raw));
    let cell = |name: &str| lines[1][column(name)].as_str();
    assert_eq!(cell("profile"), "Read only");
    assert_eq!(
        (cell("email"), cell("phone")),
        ("ana@example.org", "+48 725 175 008")
    );
    assert_eq!(
        (cell("subject"), cell("relation")),
        ("Eva Novák", "daughter")
    );
    assert_eq!(
        cell("permissions"),
        "view_evaluations (assigned); view_invoices (assigned)"
    );
    assert_eq!(
        cell("why"),
        "baseline: view_invoices; profile Read only: view_evaluations, view_invoices"
    );
    assert_eq!((cell("status"), cell("mail status")), ("connected", "sent"));
    assert_eq!(
        cell("invitation expires at (UTC)"),
        "2026-12-21T10:00:00.000000Z"
    );
    assert_eq!(cell("attested statement"), "sensitive_information");
}

/// HomeTrak: no levels and an empty set of levels are two things, and read as two.
#[test]
fn no_levels_and_none_left_are_told_apart() {
    let mut none = staff();
    none.levels = Some(LevelsHeld::Named(Vec::new()));
    let mut two = staff();
    two.levels = Some(LevelsHeld::Named(vec![name("Billing"), name("Scheduling")]));
    let lines = read(&table(&[staff(), none, two], Safety::Safe));
    let cells: Vec<_> = lines[1..]
        .iter()
        .map(|line| &line[column("security levels")])
        .collect();
    assert_eq!(
        cells,
        ["(no levels: full access)", "(none)", "Billing; Scheduling"]
    );
}

/// ASVS 1.2.10; instants and numbers stay what they are.
#[test]
fn texts_of_people_are_guarded_and_the_rest_is_not() {
    let safe = read(&table(&rows(), Safety::Safe));
    let raw = read(&table(&rows(), Safety::Raw));
    assert_eq!(safe[1][column("phone")], "'+48 725 175 008");
    assert_eq!(safe[1][column("granted by")], "'=Dora \"D\" Director");
    assert_eq!(
        safe[1][column("granted at (UTC)")],
        "2026-11-22T10:00:00.000000Z"
    );
    for (safe, raw) in safe.iter().zip(&raw) {
        for (safe, raw) in safe.iter().zip(raw) {
            assert!(!safe.starts_with(['=', '+', '-', '@']), "{safe}");
            assert_eq!(unguard(safe), raw.as_str());
        }
    }
}

/// Design 9.9: "both keep the text".
#[test]
fn hostile_texts_read_back_as_they_were() {
    let strings: Vec<String> =
        serde_json::from_str(include_str!("data/naughty_strings.json")).unwrap();
    let rows: Vec<_> = strings.iter().map(|text| hostile(text)).collect();
    for safety in [Safety::Safe, Safety::Raw] {
        let lines = read(&table(&rows, safety));
        assert_eq!(lines.len(), strings.len() + 1);
        for (line, row) in lines[1..].iter().zip(&rows) {
            let cell = |name: &str| match safety {
                Safety::Safe => unguard(&line[column(name)]).into_owned(),
                Safety::Raw => line[column(name)].clone(),
            };
            assert_eq!(cell("phone"), *row.phone.as_ref().unwrap());
            assert_eq!(
                cell("person"),
                row.name
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default()
            );
        }
    }
}

fn hostile(text: &str) -> AccessRow {
    let mut row = bare();
    row.phone = Some(text.to_owned());
    row.name = DisplayName::new(text).ok();
    row
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_reads_back_as_it_was(
        text in prop_oneof![any::<String>(), "['=+@\t\r\n\",;-]{0,8}"],
    ) {
        let line = read(&table(&[hostile(&text)], Safety::Safe)).remove(1);
        prop_assert_eq!(unguard(&line[column("phone")]), text.as_str());
        let line = read(&table(&[hostile(&text)], Safety::Raw)).remove(1);
        prop_assert_eq!(&line[column("phone")], &text);
    }
}

/// Counts how much it was given and the most it was given at once.
#[derive(Default)]
struct Meter {
    total: usize,
    most: usize,
}

impl Write for &mut Meter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.total += bytes.len();
        self.most = self.most.max(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Another product's export of 5,000 rows took all the memory there was.
#[test]
fn rows_leave_for_the_writer_before_the_end() {
    let mut meter = Meter::default();
    let mut csv = AccessCsv::new(&mut meter, Safety::Safe).unwrap();
    let row = contact();
    for _ in 0..10_000 {
        csv.write(&row).unwrap();
    }
    assert_eq!(csv.finish().unwrap(), 10_000);
    assert!(meter.total > 5_000_000);
    assert!(meter.most <= 64 << 10, "{}", meter.most);
}

struct Full;

impl Write for Full {
    fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_an_error_at_the_latest_at_the_end() {
    let mut csv = AccessCsv::new(Full, Safety::Safe).unwrap();
    let written = csv.write(&bare()).and_then(|()| csv.finish());
    let error = written.unwrap_err();
    let source = std::error::Error::source(&error)
        .unwrap()
        .downcast_ref::<io::Error>()
        .unwrap();
    assert_eq!(source.kind(), io::ErrorKind::StorageFull);
}

fn entry() -> Entry {
    let id = EntryId::made_at(NOW, [9; 10]);
    let scope = Scope::Tenant(TenantId::made_at(NOW, [1; 10]));
    let level = LevelId::made_at(NOW, [2; 10]);
    Entry::builder(
        id,
        scope,
        director().principal,
        Action::LEVEL_UPDATE,
        level,
        NOW,
    )
    .outcome(Outcome::Denied {
        reason: Code::declare("above_ceiling"),
    })
    .changed(
        "permissions",
        Value::codes::<Code>([]),
        Value::codes([Code::declare("edit")]),
    )
    .side("level_name", [3; 32], "Night, \"shift\"")
    .build()
    .unwrap()
    .entry
}

/// 170.315(d)(3): date and time, patient, action, user and data identified are columns of their
/// own.
#[test]
fn an_entry_is_one_line_with_every_datum_in_its_column() {
    let mut file = Vec::new();
    let mut csv = EntryCsv::new(&mut file, Safety::Safe).unwrap();
    csv.write(&entry()).unwrap();
    assert_eq!(csv.finish().unwrap(), 1);
    let lines = read(&file);
    let cell = |name: &str| {
        let at = EntryCsv::<Vec<u8>>::COLUMNS
            .iter()
            .position(|column| *column == name)
            .unwrap();
        lines[1][at].as_str()
    };
    assert_eq!(cell("recorded at (UTC)"), "2026-11-22T10:00:00.000000Z");
    assert_eq!((cell("action"), cell("category")), ("level.update", "U"));
    assert_eq!(
        (cell("outcome"), cell("reason")),
        ("denied", "above_ceiling")
    );
    assert_eq!(cell("after"), r#"{"permissions":["edit"]}"#);
    assert_eq!(cell("personal fields"), "level_name");
    let actor: serde_json::Value = serde_json::from_str(cell("actor")).unwrap();
    assert_eq!(actor["kind"], "account");
}

fn header() -> ReportHeader {
    ReportHeader {
        tenant: TenantId::made_at(NOW, [1; 10]),
        community: name("Maple Grove"),
        as_of: NOW,
        made_at: NOW + Duration::MINUTE,
        made_by: director(),
        safety: Safety::Safe,
        counts: rows().iter().collect::<Counts>(),
    }
}

/// The page a manager reads beside the table; its numbers add up.
#[test]
fn a_header_prints_a_page_whose_numbers_add_up() {
    assert_eq!(
        header().to_string(),
        "\
Access report of Maple Grove
as of 2026-11-22T10:00:00.000000Z (UTC)
made 2026-11-22T10:01:00.000000Z by =Dora \"D\" Director
        3 rows: 2 people, 1 subjects
        1 never invited
        2 connected
        1 flagged: full access by default
        1 flagged: never signed in
        1 flagged: no sign-in for 90 days
        1 flagged: unknown permission
"
    );
}

/// A file found later still says whose it is, of when, in which zone, and how texts are guarded.
#[test]
fn a_header_states_zone_and_guard_in_its_json() {
    let json = serde_json::to_value(header()).unwrap();
    assert_eq!(json["schema"], "access_report.v1");
    assert_eq!(
        (&json["zone"], &json["text_guard"]),
        (&"UTC".into(), &"safe".into())
    );
    assert_eq!((&json["rows"], &json["people"]), (&3.into(), &2.into()));
    assert_eq!(json["by_status"][1]["rows"], 2);
}

/// ASVS 16.2.5.
#[test]
fn debug_output_of_a_row_shows_no_personal_data() {
    let shown = format!("{:?} {:?}", contact(), header());
    for personal in ["Ana", "Novák", "725", "ana@", "Dora"] {
        assert!(!shown.contains(personal), "{shown}");
    }
}

#[test]
fn a_row_reads_back_from_its_json() {
    for row in rows() {
        let json = serde_json::to_string(&row).unwrap();
        assert_eq!(serde_json::from_str::<AccessRow>(&json).unwrap(), row);
    }
}
