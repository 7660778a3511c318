//! People accept, an administrator mails passwords and PINs, and the process is killed.

use std::{
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
    time::Duration,
};

use doorward::{
    Doorward, Error, Joined, ResetCredentials,
    identity::{Handover, Session},
    mailer::{Accepted, Mail, MailError, Mailer},
    storage::{Limit, async_trait},
    types::{InvitationId, MembershipId, RequestId},
};
use doorward_sqlite::{Durability, verify};
use rand::{RngExt, rngs::StdRng};
use serde::{Deserialize, Serialize};

use super::{KILLS_A_FILE, clear, kills};
use crate::{
    child::{self, Second},
    ledger::Ledger,
    office::{Office, Practice, accept, block_on, contact_of, user},
    race::seeded,
    secrets::Secrets,
};

/// How many people accept in a child's life.
const INVITEES: usize = 12;
/// How many of them at a time: their commits meet in one transaction.
const AT_A_TIME: usize = 4;

#[derive(Deserialize, Serialize)]
struct Part {
    path: PathBuf,
    director: Session,
    patients: Vec<MembershipId>,
}

/// Somebody who is to accept, by a request of their own.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Invitee {
    invitation: InvitationId,
    link: String,
    password: String,
    request: RequestId,
}

#[derive(Debug, Deserialize, Serialize)]
enum Said {
    Opened,
    Joined(InvitationId, Joined),
    Mailed(String),
    Refused(String),
}

/// What became of accepts that were begun.
#[derive(Debug, Default)]
struct Tally {
    kills: u32,
    acknowledged: usize,
    /// Committed, though the process did not live to say so.
    silent: usize,
    undone: usize,
    resent: usize,
    links: usize,
    passwords: usize,
    pins: usize,
}

/// Design 3: "One commit may span scopes and is atomic"; "Outcome unknown? resend with the same
/// request id."
#[test]
fn a_killed_process_loses_no_acknowledged_accept_and_leaves_no_half_of_one() {
    let test = concat!(
        module_path!(),
        "::a_killed_process_loses_no_acknowledged_accept_and_leaves_no_half_of_one"
    );
    if let Some(part) = child::part::<Part>() {
        return live(&part);
    }
    let mut random = seeded(test);
    let mut tally = Tally::default();
    let folder = tempfile::tempdir().unwrap();
    let mut scene = Scene::open(folder.path());
    while tally.kills < kills() {
        if tally.kills > 0 && tally.kills.is_multiple_of(KILLS_A_FILE) {
            drop(scene);
            clear(folder.path());
            scene = Scene::open(folder.path());
        }
        scene.kill_one(test, &mut random, &mut tally);
    }
    println!("{test}: {tally:?}");
    let mailed = [tally.links, tally.passwords, tally.pins];
    assert!(!mailed.contains(&0), "secrets of each kind were looked for");
}

/// The parent's side of one file.
struct Scene {
    path: PathBuf,
    office: Option<Office>,
    practice: Practice,
    offered: doorward::types::Offer,
    patients: Vec<MembershipId>,
    waiting: Vec<Invitee>,
    joined: Vec<(InvitationId, Joined)>,
    invited: u32,
    secrets: Secrets,
}

impl Scene {
    fn open(folder: &Path) -> Self {
        let path = folder.join("cell.db");
        let office = Office::open(&path, Durability::Normal);
        let practice = office.practice("director@example.org");
        let residents = ["Rosa", "Emil"].map(|called| office.resident(&practice, called));
        let patient = |number: u32| {
            let address = format!("patient.{number}@example.org");
            let patient = office.member(&practice.director, &address, user("clinical"));
            patient.membership
        };
        Self {
            offered: contact_of(&practice, &residents),
            patients: (0..3).map(patient).collect(),
            path,
            practice,
            office: Some(office),
            waiting: Vec::new(),
            joined: Vec::new(),
            invited: 0,
            secrets: Secrets::default(),
        }
    }

    fn kill_one(&mut self, test: &str, random: &mut StdRng, tally: &mut Tally) {
        self.invite();
        // Sometimes another process lives on, sometimes nobody does.
        if random.random_bool(0.5) {
            self.office = None;
        }
        let part = Part {
            path: self.path.clone(),
            director: self.practice.director,
            patients: self.patients.clone(),
        };
        let mut child = Second::start(test, &part);
        let mut said: Vec<Said> = vec![child.answer()];
        child.tell(&self.waiting);
        let (accepts, mails) = (
            random.random_range(0..=INVITEES),
            random.random_range(0..=2),
        );
        while joined(&said).count() < accepts || mailed(&said) < mails {
            said.push(child.answer());
        }
        thread::sleep(Duration::from_micros(random.random_range(0..8_000)));
        said.extend(child.kill());
        tally.kills += 1;

        self.hear(&said, tally);
        self.secrets.assert_absent(self.path.parent().unwrap());
        let ledger = self.reopened();
        for (invitation, joined) in joined(&said) {
            let accepted = ledger.accepted(*invitation).expect("it was acknowledged");
            assert_eq!(accepted.membership, joined.membership);
            assert_eq!(accepted.account, joined.account);
            self.waiting
                .retain(|waiting| waiting.invitation != *invitation);
            self.joined.push((*invitation, *joined));
            tally.acknowledged += 1;
        }
        self.resend(&ledger, random, tally);
        self.secrets.assert_absent(self.path.parent().unwrap());
        verify(&self.path).unwrap();
    }

    /// Invites as many as the next child can take.
    fn invite(&mut self) {
        let office = self.office.get_or_insert_with(|| {
            // The process that lives on, or comes back.
            Office::open(&self.path, Durability::Normal)
        });
        while self.waiting.len() < INVITEES {
            self.invited += 1;
            let address = format!("invitee.{}@example.org", self.invited);
            let offer = self.offered.clone();
            let invited = office.invite(&self.practice.director, &address, offer);
            let password = format!("herons {:032x} stand", rand::random::<u128>());
            self.waiting.push(Invitee {
                invitation: invited.invitation,
                link: address,
                password,
                request: RequestId::made_at(office.door.now(), rand::random()),
            });
        }
        office.dispatch();
        let mails = office.take_mail();
        for waiting in &mut self.waiting {
            if let Some(mail) = mails.iter().find(|mail| mail.to == waiting.link) {
                waiting.link = mail.link().unwrap().to_owned();
                self.secrets.add(&waiting.password);
            }
        }
        // With them comes what an earlier child had queued.
        let lines = mails.iter().flat_map(|mail| secret_lines(&mail.text));
        lines.for_each(|line| self.secrets.add(line));
    }

    fn hear(&mut self, said: &[Said], tally: &mut Tally) {
        for said in said {
            match said {
                Said::Mailed(line) => {
                    self.secrets.add(line);
                    match line {
                        link if link.contains('#') => tally.links += 1,
                        pin if pin.len() == 6 => tally.pins += 1,
                        _ => tally.passwords += 1,
                    }
                }
                Said::Refused(why) => panic!("the child was refused: {why}"),
                Said::Opened | Said::Joined(..) => {}
            }
        }
    }

    fn reopened(&mut self) -> Ledger {
        let office = self
            .office
            .get_or_insert_with(|| Office::open(&self.path, Durability::Normal));
        let ledger = Ledger::read(&office.storage, &self.path, self.practice.tenant);
        ledger.assert_whole();
        ledger
    }

    /// Sends some of the unanswered requests again; the others wait for the next child.
    fn resend(&mut self, ledger: &Ledger, random: &mut StdRng, tally: &mut Tally) {
        let office = self.office.as_ref().unwrap();
        let mut answered = Vec::new();
        for waiting in &self.waiting {
            let before = ledger.accepted(waiting.invitation);
            match before {
                Some(_) => tally.silent += 1,
                None => tally.undone += 1,
            }
            if random.random_bool(0.5) {
                continue;
            }
            let (link, password) = (&waiting.link, &waiting.password);
            let joined = accept(&office.door, link, password, Some(waiting.request)).unwrap();
            if let Some(before) = before {
                assert_eq!(joined.membership, before.membership, "applied once");
            }
            tally.resent += 1;
            answered.push((waiting.invitation, joined));
        }
        self.waiting
            .retain(|waiting| answered.iter().all(|(done, _)| *done != waiting.invitation));
        self.joined.extend(answered);
        let ledger = Ledger::read(&office.storage, &self.path, self.practice.tenant);
        ledger.assert_whole();
        for (invitation, joined) in &self.joined {
            let accepted = ledger.accepted(*invitation).expect("it was acknowledged");
            assert_eq!(accepted.membership, joined.membership);
        }
    }
}

fn joined(said: &[Said]) -> impl Iterator<Item = (&InvitationId, &Joined)> {
    said.iter().filter_map(|said| match said {
        Said::Joined(invitation, joined) => Some((invitation, joined)),
        _ => None,
    })
}

fn mailed(said: &[Said]) -> usize {
    let mailed = said.iter().filter(|said| matches!(said, Said::Mailed(_)));
    mailed.count()
}

/// The lines of a mail that hold its secret: a link, or what is set in.
fn secret_lines(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines();
    lines
        .filter(|line| line.contains("#dw1_") || line.starts_with("    "))
        .map(str::trim)
}

/// The child's life: it accepts and mails until it is killed.
fn live(part: &Part) {
    let office = Office::open(&part.path, Durability::Full);
    child::say(&Said::Opened);
    let Some(invitees) = child::hear::<Vec<Invitee>>() else {
        return;
    };
    child::end_with_the_parent();
    let queue = Mutex::new(invitees.into_iter());
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(next) = next else { return };
                    let request = Some(next.request);
                    let joined = accept(&office.door, &next.link, &next.password, request);
                    child::say(&match joined {
                        Ok(joined) => Said::Joined(next.invitation, joined),
                        Err(refused) => Said::Refused(format!("{refused:?}")),
                    });
                }
            });
        }
        loop {
            for patient in &part.patients {
                mail_secret(&office.door, &part.director, *patient);
            }
        }
    });
}

fn mail_secret(door: &Doorward, director: &Session, patient: MembershipId) {
    fn settled<T, R: std::fmt::Debug>(outcome: Result<T, Error<R>>) {
        // A rule may say that it is too early; whatever else it is tells of a broken storage.
        if let Err(Error::Fault(fault)) = outcome {
            child::say(&Said::Refused(format!("{fault:?}")));
        }
    }
    let permit = || block_on(door.authorise(director, ResetCredentials)).unwrap();
    match rand::random_range(0..3) {
        0 => settled(block_on(door.mail_pin(permit(), patient))),
        1 => settled(block_on(door.send_reset(permit(), patient))),
        _ => settled(block_on(door.issue_temporary_password(
            permit(),
            patient,
            Handover::Mailed,
        ))),
    }
    block_on(door.dispatch_once(&Telling, door.now(), Limit::MAX)).unwrap();
}

/// Tells the parent the secrets that are mailed.
struct Telling;

#[async_trait]
impl Mailer for Telling {
    async fn deliver(&self, mail: &Mail) -> Result<Accepted, MailError> {
        for line in secret_lines(mail.text()) {
            child::say(&Said::Mailed(line.to_owned()));
        }
        Ok(Accepted::default())
    }
}
