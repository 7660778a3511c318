//! A run of the real process in a folder of its own, and what its page and reports say.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

pub(crate) const HEADER: &str = "id,person_ref,kind,resident_id,community,room,first_name,\
                                 last_name,relation,email,phone,birth_date,address,user_profile";

/// A small list: two communities, a contact in both, an address of somebody else in the same one
/// and in the other, hostile names. By their references `P3` signs in afterwards, `P5` is disabled,
/// `P12` never answers.
pub(crate) const ROWS: &[&str] = &[
    "R1,P3,resident,,Maple Grove,1,Ada,Quill,,ada@example.org,,,,Resident",
    "R2,P2,resident,,Cedar House,2,Bert,Moss,,,,,,",
    "R3,P12,resident,,Cedar House,3,\"Line\nBreak\",=SUM(1),,line@example.org,,,,Read only",
    "C1,P4,contact,R1,,,Cleo,Quill,Daughter,cleo@example.org,+31612345678,,,Family - Full",
    "C2,P4,contact,R2,,,Cleo,Quill,Friend,cleo@example.org,+31612345678,,,Read only",
    "C3,P6,contact,R3,,,Dora,Moss,Spouse,cleo@example.org,,,,Read only",
    "C4,P7,contact,R1,,,Egon,Fisk,Son,Егон@example.org,,,,Read only",
    "C5,P8,contact,R1,,,Finn,Gray,Friend,finn@example.org,,,,",
    "C6,P5,contact,R1,,,Gus,Hale,Friend,GUS@example.org,001-515x20,,,Medical POA",
    "C7,P9,contact,R2,,,Hugo,Iver,Nephew,hugo@example.org,,,,Read only",
    "C8,P10,contact,R1,,,Ines,Jarl,Niece,hugo@example.org,,,,Read only",
];

/// A list of these rows.
pub(crate) fn list_of(rows: &[&str]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

pub(crate) struct Run {
    folder: tempfile::TempDir,
}

impl Run {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn list(&self, text: &str) -> PathBuf {
        let path = self.path("people.csv");
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn start(&self, people: &Path) -> Output {
        self.start_on(people, &self.path("care.db"))
    }

    pub(crate) fn start_on(&self, people: &Path, database: &Path) -> Output {
        self.command(people, database).output().unwrap()
    }

    /// Runs it to a good end, and returns its page.
    pub(crate) fn page(&self, people: &Path) -> String {
        let output = self.start(people);
        let page = text(&output.stdout);
        assert!(output.status.success(), "{page}\n{}", text(&output.stderr));
        page
    }

    /// Kills a run when it has made its database and told of so many steps.
    pub(crate) fn kill_after(&self, people: &Path, steps: usize) {
        let mut child = self.spawn(people);
        wait(&mut child, || self.path("care.db").exists());
        let told = BufReader::new(child.stderr.take().unwrap());
        // A run that has nothing more to tell has come to its end.
        let _ = told.lines().take(steps).count();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Kills a run when it has written so many mails.
    pub(crate) fn kill_at_mail(&self, people: &Path, count: usize) {
        let mut child = self.spawn(people);
        wait(&mut child, || {
            self.path("mail").exists() && self.mail_count() >= count
        });
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn spawn(&self, people: &Path) -> Child {
        let mut command = self.command(people, &self.path("care.db"));
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    fn command(&self, people: &Path, database: &Path) -> Command {
        let mut command = Command::new(example());
        command.arg("--people").arg(people);
        command.arg("--database").arg(database);
        command.arg("--mail-dir").arg(self.path("mail"));
        command.arg("--report").arg(self.path("report"));
        command
    }

    /// Counts the mails in the folder.
    pub(crate) fn mail_count(&self) -> usize {
        let mails = fs::read_dir(self.path("mail")).unwrap();
        let names = mails.map(|mail| mail.unwrap().file_name());
        names
            .filter(|name| name.to_string_lossy().ends_with(".eml"))
            .count()
    }

    /// The bytes of each report by its name.
    pub(crate) fn reports(&self) -> BTreeMap<String, Vec<u8>> {
        let files = fs::read_dir(self.path("report")).unwrap();
        files
            .map(|file| {
                let path = file.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                (name, fs::read(path).unwrap())
            })
            .collect()
    }

    /// Every row of the reports without what differs from database to database: ids and instants.
    pub(crate) fn told_by_reports(&self) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for bytes in self.reports().into_values() {
            let mut reader = csv::Reader::from_reader(bytes.as_slice());
            let header = reader.headers().unwrap().clone();
            let lasts = |name: &str| !name.ends_with("(UTC)") && !name.ends_with(" id");
            for record in reader.records() {
                let record = record.unwrap();
                let cells = header.iter().zip(record.iter());
                let kept = cells.filter(|(name, _)| lasts(name));
                rows.push(kept.map(|(_, cell)| cell.to_owned()).collect());
            }
        }
        rows.sort();
        rows
    }
}

/// Waits until it is so, or the run has ended.
fn wait(child: &mut Child, is_so: impl Fn() -> bool) {
    while !is_so() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
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

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The count before these words, and before those that begin with "of them" right after it.
pub(crate) fn counted(page: &str, what: &str) -> (usize, usize) {
    let mut lines = page.lines().map(|line| {
        let (count, words) = line.trim().split_once("  ").unwrap_or_default();
        (count.parse::<usize>().unwrap_or_default(), words.to_owned())
    });
    let found = lines.by_ref().find(|(_, words)| words.starts_with(what));
    let (all, _) = found.unwrap_or_else(|| panic!("no line says {what:?}:\n{page}"));
    let next = lines
        .next()
        .filter(|(_, words)| words.starts_with("of them"));
    (all, next.map_or(0, |(before, _)| before))
}
