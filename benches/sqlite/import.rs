//! Importing a community as the main job does: people, how they stand to each other, invitations;
//! beside the same reads and rows, one transaction a row.

use std::time::Instant;

use doorward::{
    BulkOutcome, BulkRow, DataAbout, Doorward, ImportOutcome, Invite, ManagePeople,
    NewRelationship, PersonRow,
    identity::{Link, PasswordCost, Session},
    storage::FullStorage,
    types::{DisplayName, KindName, PersonId},
};
use doorward_benches::{
    house::{Community, House},
    invitees::{folder, opened},
    is_test,
};
use doorward_examples::alis_connect;
use doorward_sqlite::SqliteOptions;
use pollster::FutureExt as _;

use crate::{
    floor::{self, Floor, Part},
    plan::Plan,
    recorder::Recorder,
};

/// How many people: a quarter of them residents, with three contacts each.
const PEOPLE: usize = 4_000;
/// How many rows are handed over at a time.
const AT_A_TIME: usize = 100;

/// Measures it.
pub fn import(wanted: impl Fn(&str) -> bool) {
    if !wanted("import_4000") {
        return;
    }
    let people = if is_test() { 8 } else { PEOPLE };
    let at_a_time = AT_A_TIME.min(people / 4);
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let community = {
        let made = House::on(opened(SqliteOptions::new(path("made.db"))), cost());
        made.community(0)
    };
    let made = opened(SqliteOptions::new(path("made.db")));
    for name in ["ours.db", "floor.db", "recorded.db"] {
        let copied = made.backup(path(name)).block_on();
        copied.unwrap_or_else(|error| panic!("{error}"));
    }

    let recorder = Recorder::new(opened(SqliteOptions::new(path("recorded.db"))));
    let recorded = House::on(recorder.clone(), cost());
    let mut importer = Importer::new(&recorded, &community, people);
    let copy = floor::connect(&path("floor.db"), Part::Read);
    let plans = importer.parts(at_a_time).into_iter().map(|rows| {
        let ((), steps) = recorder.record(importer.import(&recorded.door, rows));
        Plan::of(steps, &copy)
    });
    let plans: Vec<Plan> = plans.collect();

    let house = House::on(opened(SqliteOptions::new(path("ours.db"))), cost());
    let floor = Floor::open(&path("floor.db"));
    let mut importer = Importer::new(&house, &community, people);
    let (mut ours, mut theirs) = (0.0, 0.0);
    let timed = |act: &mut dyn FnMut()| {
        let begin = Instant::now();
        act();
        begin.elapsed().as_secs_f64()
    };
    let turns = importer.parts(at_a_time).into_iter().zip(&plans);
    for (turn, (rows, plan)) in turns.enumerate() {
        let mut import = || importer.import(&house.door, rows.clone()).block_on();
        let mut replay = || plan.run(&floor).block_on();
        if turn.is_multiple_of(2) {
            ours += timed(&mut import);
            theirs += timed(&mut replay);
        } else {
            theirs += timed(&mut replay);
            ours += timed(&mut import);
        }
    }
    let commits = plans.iter().map(Plan::commit_count).sum::<usize>();
    println!(
        "import_4000: {people} people, {commits} commits: ours {ours:.2} s, floor {theirs:.2} s"
    );
    println!("ratio import_4000 {:.3}", ours / theirs);
}

/// A run of rows of one of the three kinds.
#[derive(Clone, Debug)]
enum Rows {
    People(std::ops::Range<usize>),
    Relationships(std::ops::Range<usize>),
    Invitations(std::ops::Range<usize>),
}

/// One community that is imported into.
struct Importer {
    director: Session,
    rows: Vec<PersonRow>,
    /// The contact's row, and whose contact they are.
    contacts: Vec<(usize, usize)>,
    recorded: Vec<PersonId>,
}

impl Importer {
    fn new<S: FullStorage + Clone>(house: &House<S>, community: &Community, people: usize) -> Self {
        let residents = people / 4;
        let kind = |name| KindName::new(name).unwrap_or_else(|error| panic!("{error}"));
        let row = |n: usize| PersonRow {
            reference: format!("P{n:05}"),
            kind: kind(if n < residents { "resident" } else { "contact" }),
            name: format!("Person Number{n:05}"),
            email: format!("person{n:05}@family.example"),
            cell: String::new(),
            note: String::new(),
            data: if n < residents {
                DataAbout::ThisPerson
            } else {
                DataAbout::Nobody
            },
        };
        Self {
            director: house.administrator(community),
            rows: (0..people).map(row).collect(),
            contacts: (residents..people).map(|n| (n, n % residents)).collect(),
            recorded: Vec::new(),
        }
    }

    /// All rows, so many at a time.
    fn parts(&self, at_a_time: usize) -> Vec<Rows> {
        let cut = |count: usize| {
            (0..count)
                .step_by(at_a_time)
                .map(move |from| from..(from + at_a_time).min(count))
        };
        let people = cut(self.rows.len()).map(Rows::People);
        let related = cut(self.contacts.len()).map(Rows::Relationships);
        let invited = cut(self.rows.len()).map(Rows::Invitations);
        people.chain(related).chain(invited).collect()
    }

    async fn import(&mut self, door: &Doorward, rows: Rows) {
        match rows {
            Rows::People(some) => {
                let permit = door.authorise(&self.director, ManagePeople).await;
                let permit = permit.unwrap_or_else(|error| panic!("{error}"));
                let done = door.import_people(permit, self.rows[some].to_vec()).await;
                for outcome in done.unwrap_or_else(|error| panic!("{error}")) {
                    match outcome {
                        ImportOutcome::Recorded(person) => self.recorded.push(person),
                        other => panic!("a new person is recorded: {other:?}"),
                    }
                }
            }
            Rows::Relationships(some) => {
                for &(contact, resident) in &self.contacts[some] {
                    let permit = door.authorise(&self.director, ManagePeople).await;
                    let permit = permit.unwrap_or_else(|error| panic!("{error}"));
                    let new = NewRelationship {
                        person: self.recorded[contact],
                        subject: self.recorded[resident].into(),
                        label: name("daughter"),
                        link: Link::Listed,
                    };
                    let added = door.add_relationship(permit, new).await;
                    added.unwrap_or_else(|error| panic!("{error}"));
                }
            }
            Rows::Invitations(some) => {
                let permit = door.authorise(&self.director, Invite).await;
                let permit = permit.unwrap_or_else(|error| panic!("{error}"));
                let rows: Vec<BulkRow> = some.map(|n| self.invitation(n)).collect();
                let run = door.invite_many(permit, &rows, |_, _| {}).await;
                for row in run.unwrap_or_else(|error| panic!("{error}")).rows {
                    let invited = matches!(row.outcome, BulkOutcome::Invited(_));
                    assert!(invited, "row {}: {:?}", row.number, row.outcome);
                }
            }
        }
    }

    fn invitation(&self, n: usize) -> BulkRow {
        let residents = self.rows.len() - self.contacts.len();
        let is_resident = n < residents;
        let subject = if is_resident { n } else { n % residents };
        let sworn = alis_connect::authorized().unwrap_or_else(|error| panic!("{error}"));
        BulkRow {
            number: u32::try_from(n + 1).unwrap_or(u32::MAX),
            person: self.recorded[n],
            kind: self.rows[n].kind.clone(),
            address: Some(self.rows[n].email.clone()),
            subject: Some(self.recorded[subject].into()),
            profile: (!is_resident).then(|| "Read only".to_owned()),
            window: None,
            sworn: (!is_resident).then_some(sworn),
        }
    }
}

fn name(text: &str) -> DisplayName {
    DisplayName::new(text).unwrap_or_else(|error| panic!("{error}"))
}

const fn cost() -> PasswordCost {
    PasswordCost::for_tests()
}
