//! The access report.

use doorward::{
    Export, OpenSupport, ReadAudit, ReportOptions,
    audit::{
        Code, Query,
        csv::{AccessCsv, Safety, unguard},
        report::{AccessStatus, Flag, ReportHeader},
    },
    types::{Offer, RoleName, Scope},
};

use crate::world::{World, all, kind, run};

/// The lines of the report, each as its cells by the names of the columns.
struct Report {
    header: ReportHeader,
    lines: Vec<Vec<String>>,
}

impl Report {
    fn of(world: &World) -> Self {
        let mut file = Vec::new();
        let permit = world.permit(Export);
        let written = world
            .door
            .access_report(&permit, ReportOptions::default(), &mut file);
        let header = run(written).unwrap();
        let text = String::from_utf8(file).unwrap();
        let lines = text.split_terminator("\r\n").skip(1).map(cells).collect();
        Self { header, lines }
    }

    fn cell<'a>(line: &'a [String], column: &str) -> &'a str {
        let at = AccessCsv::<Vec<u8>>::COLUMNS
            .iter()
            .position(|named| *named == column);
        &line[at.unwrap()]
    }

    /// The cells of these columns in every line of a person.
    fn about<const N: usize>(&self, person: &str, columns: [&str; N]) -> Vec<[String; N]> {
        let lines = self.lines.iter();
        let theirs = lines.filter(|line| Self::cell(line, "person") == person);
        theirs
            .map(|line| columns.map(|column| Self::cell(line, column).to_owned()))
            .collect()
    }
}

/// RFC 4180, as far as the report writes it.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut signs = line.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => cell.extend(signs.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            other => cell.push(other),
        }
    }
    cells.push(cell);
    cells
}

/// ALIS: "download a comprehensive report of all residents and contacts, complete with their current
/// ALIS Connect access levels (User Profile) and contact details."
#[test]
fn the_report_lists_everybody_on_record_with_access_or_without() {
    let world = World::new();
    let (ruth, otto) = (world.resident("Ruth Abel"), world.resident("Otto Bauer"));
    world.family("eva@example.org", ruth);
    let emil = world.contact("Emil Bauer", "emil@example.org", otto);
    world.invite_contact("emil@example.org", emil, otto);
    world.contact("Nora Bauer", "nora@example.org", otto);
    let role = RoleName::new("coordinator").unwrap();
    world.invite(
        "cora@example.org",
        None,
        Offer::of(kind("staff")).with_role(role),
    );
    let report = Report::of(&world);

    let columns = ["subject", "relation", "status", "profile", "why"];
    let line = |cells: [&str; 5]| cells.map(str::to_owned);
    assert_eq!(
        report.about("eva@example.org", columns),
        [line([
            "Ruth Abel",
            "daughter",
            "connected",
            "Family",
            "profile Family: view_care"
        ])]
    );
    assert_eq!(
        report.about("Emil Bauer", columns),
        [line(["Otto Bauer", "daughter", "invited", "Family", ""])]
    );
    assert_eq!(
        report.about("Nora Bauer", columns),
        [line(["Otto Bauer", "daughter", "never invited", "", ""])]
    );
    assert_eq!(
        report.about("Ruth Abel", columns),
        [line(["", "", "never invited", "", ""])]
    );
    let emails = report.about("Nora Bauer", ["email"]);
    assert_eq!(emails, [["nora@example.org".to_owned()]]);
    // Who has no person's record is in it too: the director, and an open invitation.
    let director = report.about("Dana Reyes", ["status", "role", "invited by", "granted by"]);
    assert_eq!(
        director,
        [["connected", "director", "(operator)", "(operator)"].map(str::to_owned)]
    );
    let mut waiting = report.lines.iter();
    let cora = waiting.find(|line| Report::cell(line, "email") == "cora@example.org");
    assert_eq!(Report::cell(cora.unwrap(), "status"), "invited");
}

/// "with counts that add up".
#[test]
fn the_counts_add_up_to_the_lines_of_the_file() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let eva = world.family("eva@example.org", ruth);
    world.contact("Nora Abel", "nora@example.org", ruth);
    world.office("olga@example.org");
    world.disable(eva.id());
    let report = Report::of(&world);
    let counts = &report.header.counts;
    assert_eq!(counts.rows, report.lines.len() as u64);
    assert_eq!(counts.by_status.values().sum::<u64>(), counts.rows);
    assert_eq!(counts.people(), 3, "Ruth, Eva and Nora are on record");
    for status in AccessStatus::ALL {
        let lines = report.lines.iter();
        let lines = lines.filter(|line| Report::cell(line, "status") == status.as_str());
        assert_eq!(counts.of_status(status), lines.count() as u64, "{status}");
    }
    assert_eq!(counts.of_status(AccessStatus::Disabled), 1);
    // HomeTrak: "they will have full access to all available features".
    assert_eq!(counts.by_flag[&Flag::FullAccessByDefault], 1);
}

/// Who is granted something over several people has a row for each.
#[test]
fn a_member_has_a_row_for_each_person_whose_data_they_see() {
    let world = World::new();
    let (ruth, otto) = (world.resident("Ruth Abel"), world.resident("Otto Abel"));
    let eva = world.contact("Eva Abel", "eva@example.org", ruth);
    let offer = Offer::of(kind("contact"))
        .with_subject(world.over(ruth, 0))
        .unwrap()
        .with_subject(world.over(otto, 1))
        .unwrap();
    world.join("eva@example.org", Some(eva), offer);
    let report = Report::of(&world);
    let columns = [
        "subject",
        "profile",
        "permissions",
        "attested statement",
        "attested by",
    ];
    let mut rows = report.about("Eva Abel", columns);
    rows.sort();
    let sworn = ["sensitive_information", "Dana Reyes"];
    let row = |subject: &str, profile: &str, permissions: &str| {
        [subject, profile, permissions, sworn[0], sworn[1]].map(str::to_owned)
    };
    assert_eq!(
        rows,
        [
            row("Otto Abel", "Bills", "view_invoices (assigned)"),
            row("Ruth Abel", "Family", "view_care (assigned)"),
        ]
    );
}

/// Kalix: "Inviting Kalix Support to Your Account".
#[test]
fn open_support_is_a_row_with_who_let_it_in() {
    let world = World::new();
    run(world.door.open_support(world.permit(OpenSupport))).unwrap();
    let report = Report::of(&world);
    let line = report.lines.last().unwrap();
    assert_eq!(Report::cell(line, "status"), "support");
    assert_eq!(Report::cell(line, "granted by"), "Dana Reyes");
    assert_eq!(Report::cell(line, "flags"), "support access open");
}

/// ASVS 1.2.10; design 9.9: "CSV guards against formulas reversibly".
#[test]
fn a_name_that_a_spreadsheet_would_run_is_guarded_and_can_be_read_back() {
    let world = World::new();
    let called = "=HYPERLINK(\"http://evil.example\")";
    world.resident(called);
    let report = Report::of(&world);
    let line = report
        .lines
        .iter()
        .find(|line| Report::cell(line, "person").contains("HYPER"));
    let cell = Report::cell(line.unwrap(), "person");
    assert!(cell.starts_with('\''), "{cell}");
    assert_eq!(unguard(cell), called);
    assert_eq!(report.header.safety, Safety::Safe);
}

/// Design 7: who took the report out is in the audit log, also where the writer fails half-way.
#[test]
fn a_run_is_noted_before_its_first_row_leaves() {
    struct Broken;

    impl std::io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("no space left"))
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let world = World::new();
    let permit = world.permit(Export);
    let written = run(world
        .door
        .access_report(&permit, ReportOptions::default(), Broken));
    assert!(matches!(written, Err(doorward::Error::Rejected(_))));
    let query = Query::of(Scope::Tenant(world.tenant)).action(Code::declare("report.export"));
    let permit = world.permit(ReadAudit);
    let personal = doorward::PersonalData::Withheld;
    let page = run(world
        .door
        .read_audit(&permit, &query, personal, None, all()))
    .unwrap();
    assert_eq!(page.rows.len(), 1);
}

/// What is not of this tenant is not in its report (ASVS 8.4.1).
#[test]
fn another_tenants_people_are_in_no_row() {
    let world = World::new();
    world.resident("Ruth Abel");
    let (_, stranger) = world.community("Oak Court", "oskar@example.org");
    let mut file = Vec::new();
    let permit = world.permit_of(&stranger, Export);
    let options = ReportOptions::default();
    let header = run(world.door.access_report(&permit, options, &mut file)).unwrap();
    let text = String::from_utf8(file).unwrap();
    assert!(!text.contains("Ruth") && !text.contains("Maple"), "{text}");
    assert_eq!(header.counts.rows, 1);
}

/// Design 3: no N+1; whoever doubles the people of a portion does not change how often is read.
#[test]
fn the_number_of_reads_does_not_grow_with_the_people() {
    let world = World::new();
    let reads = |seed| {
        let (door, counted) = world.counted(seed);
        let permit = run(door.authorise(&world.director, Export)).unwrap();
        counted.take();
        let options = ReportOptions::default();
        let header = run(door.access_report(&permit, options, Vec::new())).unwrap();
        (header.counts.rows, counted.take().len())
    };
    let grow = |round: usize| {
        for n in 0..4 {
            let ruth = world.resident(&format!("Ruth Abel {round}.{n}"));
            world.family(&format!("eva.{round}.{n}@example.org"), ruth);
        }
    };
    grow(0);
    let (few, calls) = reads(10);
    grow(1);
    let (more, calls_of_more) = reads(11);
    assert!(more > few);
    assert_eq!(calls_of_more, calls);
}
