//! A disk that fills up while people accept, and has room again.
//!
//! On a file system of its own (`unshare` and `mount`, as root or where user name spaces are
//! allowed, or a small one that `DOORWARD_SMALL_DISK` names), and under a limit on the length of
//! files, which fails the same writes in another way.

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use doorward::{
    Error, Fault, Joined,
    storage::{Outcome, StorageErrorKind},
    types::{InvitationId, RequestId},
};
use doorward_sqlite::{BackupError, Durability, OpenError, SqliteStorage, verify};
use rand::{RngExt, rngs::StdRng};
use serde::{Deserialize, Serialize};

use crate::{
    child::{self, Second},
    ledger::Ledger,
    office::{Office, PASSWORD, Practice, accept, block_on, contact_of},
    race::{is_long, seeded},
};

/// How many people accept at a time: their commits meet in one transaction.
const AT_A_TIME: usize = 4;
/// How many rounds one file sees.
const ROUNDS_A_FILE: u32 = 20;
/// How many people a round invites: more than there can be room for.
const INVITEES: usize = 28;
/// Room in bytes that is left at most when a round begins: for about half of them.
const SLACK: u64 = 1 << 20;

fn rounds() -> u32 {
    if is_long() { 400 } else { 20 }
}

#[derive(Deserialize, Serialize)]
enum Part {
    Disk { folder: PathBuf },
    Limit { folder: PathBuf },
}

#[derive(Debug, Deserialize, Serialize)]
enum Said {
    /// No file may grow beyond this many bytes.
    Limit(u64),
    /// Files may grow.
    Lift,
    /// All rounds are over, with what came of them.
    Done(String),
}

#[test]
fn on_a_full_disk_commits_fail_whole_and_go_on_once_there_is_room() {
    let test = concat!(
        module_path!(),
        "::on_a_full_disk_commits_fail_whole_and_go_on_once_there_is_room"
    );
    if let Some(Part::Disk { folder }) = child::part() {
        child::end_with_the_parent();
        let done = squeeze(test, &folder, &mut Filler::of(&folder));
        return child::say(&Said::Done(done));
    }
    if let Some(small) = env::var_os("DOORWARD_SMALL_DISK") {
        let folder = tempfile::tempdir_in(small).unwrap();
        let done = squeeze(test, folder.path(), &mut Filler::of(folder.path()));
        return println!("{test}: {done}");
    }
    let folder = tempfile::tempdir().unwrap();
    let Some(mounted) = mounting(folder.path()) else {
        return println!(
            "{test}: skipped, since nothing can be mounted: DOORWARD_SMALL_DISK names a folder on \
             a file system of 24 to 512 MiB"
        );
    };
    let part = Part::Disk {
        folder: folder.path().to_owned(),
    };
    let child = Second::start_in(mounted, test, &part);
    let Said::Done(done) = child.answer_of_many_rounds() else {
        panic!("the child fills its own disk");
    };
    println!("{test}: {done}");
    assert!(child.end());
}

#[test]
fn where_a_file_may_not_grow_commits_fail_whole_and_go_on_once_it_may() {
    let test = concat!(
        module_path!(),
        "::where_a_file_may_not_grow_commits_fail_whole_and_go_on_once_it_may"
    );
    if let Some(Part::Limit { folder }) = child::part() {
        let done = squeeze(test, &folder, &mut Limit::of(&folder));
        return child::say(&Said::Done(done));
    }
    if !runs(Command::new("prlimit").arg("--version")) {
        return println!("{test}: skipped, since there is no `prlimit`: install util-linux");
    }
    let folder = tempfile::tempdir().unwrap();
    let part = Part::Limit {
        folder: folder.path().to_owned(),
    };
    // The signal would end the process before the write could fail.
    let mut ignoring = Command::new("sh");
    ignoring
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(env::current_exe().unwrap());
    let mut child = Second::start_in(ignoring, test, &part);
    loop {
        let limit = match child.answer_of_many_rounds() {
            Said::Limit(bytes) => bytes.to_string(),
            Said::Lift => "unlimited".to_owned(),
            Said::Done(done) => {
                println!("{test}: {done}");
                break;
            }
        };
        let set = Command::new("prlimit")
            .args(["--pid", &child.id().to_string()])
            .arg(format!("--fsize={limit}:unlimited"))
            .status();
        assert!(set.unwrap().success());
        child.tell(&());
    }
    assert!(child.end());
}

/// What makes room rare, and plenty again.
trait Pressure {
    fn press(&mut self, path: &Path, random: &mut StdRng);
    fn release(&mut self);
}

/// A file that takes the room of the file system.
struct Filler(PathBuf);

impl Filler {
    fn of(folder: &Path) -> Self {
        Self(folder.join("filler"))
    }
}

impl Pressure for Filler {
    fn press(&mut self, _: &Path, random: &mut StdRng) {
        let mut filler = fs::File::create(&self.0).unwrap();
        let page = [0xee; 4096];
        let mut pages = 0;
        while filler.write_all(&page).is_ok() {
            pages += 1;
            assert!(
                pages < 1 << 18,
                "a file system of a gibibyte is no small one"
            );
        }
        let slack = random.random_range(0..SLACK);
        filler
            .set_len((pages * 4096_u64).saturating_sub(slack))
            .unwrap();
    }

    fn release(&mut self) {
        fs::remove_file(&self.0).unwrap();
    }
}

/// A limit that the parent sets and lifts.
struct Limit(PathBuf);

impl Limit {
    fn of(folder: &Path) -> Self {
        Self(folder.to_owned())
    }
}

impl Pressure for Limit {
    fn press(&mut self, path: &Path, random: &mut StdRng) {
        let log = path.with_file_name("cell.db-wal");
        let length = fs::metadata(log).map_or(0, |log| log.len());
        child::say(&Said::Limit(length + random.random_range(0..SLACK)));
        child::hear::<()>().unwrap();
    }

    fn release(&mut self) {
        child::say(&Said::Lift);
        child::hear::<()>().unwrap();
        assert!(self.0.is_dir());
    }
}

/// Somebody who is to accept, by a request of their own.
#[derive(Clone, Debug)]
struct Invitee {
    invitation: InvitationId,
    link: String,
    request: RequestId,
}

type Told = (Invitee, Result<Joined, Outcome>);

#[derive(Debug, Default)]
struct Tally {
    rounds: u32,
    joined: usize,
    refused: usize,
    unknown: usize,
    unknown_and_applied: usize,
    checkpoints_refused: usize,
    backups_refused: usize,
    opens_refused: usize,
}

/// Fills up and makes room, round after round; tells what came of it.
fn squeeze(test: &str, folder: &Path, pressure: &mut impl Pressure) -> String {
    let mut random = seeded(test);
    let mut tally = Tally::default();
    while tally.rounds < rounds() {
        let path = folder.join("cell.db");
        let office = Office::open(&path, Durability::Full);
        let practice = office.practice("director@example.org");
        for _ in 0..ROUNDS_A_FILE {
            round(&path, &office, &practice, pressure, &mut random, &mut tally);
        }
        drop(office);
        verify(&path).unwrap();
        for name in ["cell.db", "cell.db-wal", "cell.db-shm"] {
            // The log and its index are gone where the last handle closed in good order.
            let _ = fs::remove_file(folder.join(name));
        }
    }
    let refused = tally.refused + tally.unknown;
    assert!(
        refused >= rounds() as usize,
        "it was seldom full: {tally:?}"
    );
    format!("{tally:?}")
}

fn round(
    path: &Path,
    office: &Office,
    practice: &Practice,
    pressure: &mut impl Pressure,
    random: &mut StdRng,
    tally: &mut Tally,
) {
    let invitees = invite(office, practice, tally.rounds);
    tally.rounds += 1;
    pressure.press(path, random);
    let told = accept_until_full(office, invitees);
    if random.random_bool(0.5) {
        match block_on(office.storage.empty_log()) {
            Ok(_) => {}
            Err(BackupError::Engine(_)) => tally.checkpoints_refused += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    // Reads go on, and tell of nothing half-written.
    let ledger = Ledger::read(&office.storage, path, practice.tenant);
    ledger.assert_whole();
    for (invitee, told) in &told {
        let stored = ledger.accepted(invitee.invitation);
        match (told, stored) {
            (Ok(joined), Some(stored)) => {
                tally.joined += 1;
                assert_eq!(joined.membership, stored.membership);
            }
            (Err(Outcome::NotApplied), None) => tally.refused += 1,
            (Err(Outcome::Unknown), stored) => {
                tally.unknown += 1;
                tally.unknown_and_applied += usize::from(stored.is_some());
            }
            other => panic!("{other:?}"),
        }
    }
    let copy = path.with_file_name("copy.db");
    match block_on(office.storage.backup(&copy)) {
        // A copy is shorter than the room that was left.
        Ok(_) => fs::remove_file(&copy).unwrap(),
        Err(BackupError::Disk(_) | BackupError::Engine(_)) => tally.backups_refused += 1,
        Err(other) => panic!("{other:?}"),
    }
    assert!(!copy.exists() && !path.with_file_name("copy.db.partial").exists());
    match SqliteStorage::open(path) {
        Ok(_) => {}
        Err(OpenError::Unavailable { .. }) => tally.opens_refused += 1,
        Err(other) => panic!("{other:?}"),
    }
    pressure.release();

    // The same handle goes on, and a resend converges.
    for (invitee, told) in &told {
        let before = ledger.accepted(invitee.invitation);
        let (link, request) = (&invitee.link, Some(invitee.request));
        let joined = accept(&office.door, link, PASSWORD, request).unwrap();
        if let Some(before) = before {
            assert_eq!(joined.membership, before.membership, "{told:?}");
        }
    }
    let ledger = Ledger::read(&office.storage, path, practice.tenant);
    ledger.assert_whole();
    let accepted = |invitee: &Invitee| ledger.accepted(invitee.invitation).is_some();
    assert!(told.iter().all(|(invitee, _)| accepted(invitee)));
    block_on(office.storage.empty_log()).unwrap();
}

fn invite(office: &Office, practice: &Practice, round: u32) -> Vec<Invitee> {
    let resident = office.resident(practice, &format!("Resident {round}"));
    let offered = contact_of(practice, &[resident]);
    let invited = |number| {
        let address = format!("invitee.{round}.{number}@example.org");
        let invited = office.invite(&practice.director, &address, offered.clone());
        (address, invited.invitation)
    };
    let invited: Vec<_> = (0..INVITEES).map(invited).collect();
    office.dispatch();
    let mails = office.take_mail();
    let invitee = |(address, invitation)| {
        let mail = mails.iter().find(|mail| mail.to == address).unwrap();
        Invitee {
            invitation,
            link: mail.link().unwrap().to_owned(),
            request: RequestId::made_at(office.door.now(), rand::random()),
        }
    };
    invited.into_iter().map(invitee).collect()
}

/// Lets people accept, some at a time, until nobody of a group gets through.
fn accept_until_full(office: &Office, invitees: Vec<Invitee>) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    for group in invitees.chunks(AT_A_TIME) {
        thread::scope(|scope| {
            let racers: Vec<_> = group
                .iter()
                .map(|invitee| {
                    let request = Some(invitee.request);
                    scope.spawn(move || accept(&office.door, &invitee.link, PASSWORD, request))
                })
                .collect();
            for (invitee, racer) in group.iter().zip(racers) {
                told.push((invitee.clone(), racer.join().unwrap().map_err(full)));
            }
        });
        if told
            .iter()
            .rev()
            .take(AT_A_TIME)
            .all(|(_, told)| told.is_err())
        {
            return told;
        }
    }
    // The log began anew in the place that it had.
    told
}

/// A full disk is a storage that is unavailable, and nothing else.
fn full<R: std::fmt::Debug>(error: Error<R>) -> Outcome {
    match error {
        Error::Fault(Fault::Storage(error)) => {
            assert_eq!(error.kind(), StorageErrorKind::Unavailable, "{error:?}");
            assert!(error.is_retryable());
            error.outcome()
        }
        other => panic!("{other:?}"),
    }
}

/// Returns a command that mounts a small file system there and runs this binary in it, seen by
/// nobody else; `None` where that is not permitted.
fn mounting(folder: &Path) -> Option<Command> {
    let ways: [&[&str]; 2] = [&["--mount"], &["--mount", "--map-root-user"]];
    ways.into_iter().find_map(|way| {
        let unshare = |then: &str| {
            let script = format!("mount -t tmpfs -o size=24m tmpfs \"$0\" && {then}");
            let mut command = Command::new("unshare");
            command.args(way).args(["sh", "-c", &script]).arg(folder);
            command
        };
        runs(&mut unshare("exit 0")).then(|| {
            let mut command = unshare("exec \"$@\"");
            command.arg(env::current_exe().unwrap());
            command
        })
    })
}

fn runs(command: &mut Command) -> bool {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
