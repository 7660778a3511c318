//! The main job, run as a manager runs it: the whole process, its files, its page, its exit code.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const HEADER: &str = "id,person_ref,kind,resident_id,community,room,first_name,last_name,relation,\
                      email,phone,birth_date,address,user_profile";

/// A small list: two communities, a shared contact, an address of somebody else, hostile names.
const ROWS: &[&str] = &[
    "R1,P1,resident,,Maple Grove,1,Ada,Quill,,ada@example.org,,,,Resident",
    "R2,P2,resident,,Cedar House,2,Bert,Moss,,,,,,",
    "R3,P3,resident,,Cedar House,3,\"Line\nBreak\",=SUM(1),,line@example.org,,,,Read only",
    "C1,P4,contact,R1,,,Cleo,Quill,Daughter,cleo@example.org,+31612345678,,,Family - Full",
    "C2,P4,contact,R2,,,Cleo,Quill,Friend,cleo@example.org,+31612345678,,,Read only",
    "C3,P5,contact,R3,,,Dora,Moss,Spouse,cleo@example.org,,,,Read only",
    "C4,P6,contact,R1,,,Egon,Fisk,Son,Егон@example.org,,,,Read only",
    "C5,P7,contact,R1,,,Finn,Gray,Friend,finn@example.org,,,,",
    "C6,P8,contact,R1,,,Gus,Hale,Friend,GUS@example.org,001-515x20,,,Medical POA",
];

struct Run {
    folder: tempfile::TempDir,
}

impl Run {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn list(&self, text: &str) -> PathBuf {
        let path = self.path("people.csv");
        fs::write(&path, text).unwrap();
        path
    }

    fn start(&self, people: &Path) -> Output {
        Command::new(example())
            .arg("--people")
            .arg(people)
            .arg("--mail-dir")
            .arg(self.path("mail"))
            .arg("--report")
            .arg(self.path("report"))
            .output()
            .unwrap()
    }
}

/// The example beside this test: `cargo test` builds it where no single target is chosen, and
/// otherwise it is built here.
fn example() -> PathBuf {
    let mut folder = std::env::current_exe().unwrap();
    folder.pop();
    folder.pop();
    let name = format!("care_community{}", std::env::consts::EXE_SUFFIX);
    let path = folder.join("examples").join(name);
    if !path.exists() {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--example", "care_community"]);
        assert!(
            build.status().unwrap().success(),
            "the example does not build"
        );
    }
    path
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_small_list_is_recorded_invited_answered_and_reported() {
    let run = Run::new();
    let people = run.list(&format!("{HEADER}\n{}\n", ROWS.join("\n")));
    let output = run.start(&people);
    let page = text(&output.stdout);
    assert!(output.status.success(), "{page}\n{}", text(&output.stderr));
    for line in [
        "      3  residents",
        "      6  contacts",
        "      1  bad address",
        "      1  no address",
        "      1  no profile",
        "All counts add up.",
    ] {
        assert!(page.contains(line), "{line:?} is not in\n{page}");
    }
    let mails = fs::read_dir(run.path("mail")).unwrap().count();
    assert!(mails >= 5, "{mails} mails were written");
    let reports: Vec<_> = fs::read_dir(run.path("report")).unwrap().collect();
    assert_eq!(reports.len(), 2, "a report for each community");
}

#[test]
fn the_report_is_csv_that_a_spreadsheet_does_not_run() {
    let run = Run::new();
    let people = run.list(&format!("{HEADER}\n{}\n", ROWS.join("\n")));
    assert!(run.start(&people).status.success());
    let mut rows = 0;
    for file in fs::read_dir(run.path("report")).unwrap() {
        let mut reader = csv::Reader::from_path(file.unwrap().path()).unwrap();
        for record in reader.records() {
            let record = record.unwrap();
            let runs = record
                .iter()
                .find(|cell| cell.starts_with(['=', '@', '\t']));
            assert_eq!(runs, None, "a cell that a spreadsheet would run");
            rows += 1;
        }
    }
    assert!(rows >= 9, "{rows} rows for nine people");
}

#[test]
fn a_second_run_begins_with_an_empty_mail_folder() {
    let run = Run::new();
    let people = run.list(&format!("{HEADER}\n{}\n", ROWS.join("\n")));
    assert!(run.start(&people).status.success());
    let first = fs::read_dir(run.path("mail")).unwrap().count();
    assert!(run.start(&people).status.success());
    assert_eq!(fs::read_dir(run.path("mail")).unwrap().count(), first);
}

#[test]
fn a_file_that_is_not_there_is_one_clear_line_and_a_failure() {
    let run = Run::new();
    let output = run.start(&run.path("nobody.csv"));
    let said = text(&output.stderr);
    assert!(!output.status.success());
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("nobody.csv` cannot be read"), "{said}");
}

#[test]
fn a_missing_column_is_named() {
    let run = Run::new();
    let people =
        run.list("id,person_ref,kind,resident_id,community,first_name\nR1,P1,resident,,M,A\n");
    let output = run.start(&people);
    let said = text(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains("has no column `last_name`"), "{said}");
}

#[test]
fn a_broken_row_is_named_with_its_line_and_the_others_go_on() {
    let run = Run::new();
    let broken = "R9,P9,robot,,Maple Grove,9,Hal,Nine,,hal@example.org,,,,";
    let short = "R10,P10,resident";
    let stranger = "C9,P11,contact,R77,,,Ian,Ode,Son,ian@example.org,,,,Read only";
    let rows = [ROWS.join("\n").as_str(), broken, short, stranger].join("\n");
    let people = run.list(&format!("{HEADER}\n{rows}\n"));
    let output = run.start(&people);
    let page = text(&output.stdout);
    assert!(
        !output.status.success(),
        "broken rows are told by the exit code"
    );
    assert!(page.contains("3  rows that could not be read"), "{page}");
    assert!(page.contains("line 12: unknown variant `robot`"), "{page}");
    assert!(
        page.contains("has 3 columns, the first line has 14"),
        "{page}"
    );
    assert!(
        page.contains("line 14: contact `C9` names the unknown resident `R77`"),
        "{page}"
    );
    assert!(page.contains("3  residents"), "{page}");
}
