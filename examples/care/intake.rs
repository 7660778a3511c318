//! Recording everybody of a community, and inviting everyone who can be invited.

use std::collections::{BTreeMap, BTreeSet};

use doorward::{
    BulkOutcome, BulkRow, DataAbout, Doorward, ImportOutcome, Invite, ManagePeople,
    NewRelationship, PersonRejection, PersonRow, RelateRejection, RowRefusal,
    identity::Link,
    types::{DisplayName, KindName, PersonId},
};
use doorward_examples::alis_connect;

use crate::{
    community::{Community, Invitee},
    failure::Failure,
    people::{Kind, People, Row},
    progress::Progress,
};

/// What recording a community did, row by row.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    /// People who were recorded.
    pub recorded_count: usize,
    /// Rows of somebody who was recorded before: the same reference again.
    pub known_count: usize,
    /// Rows whose address was left out: no mail can reach it.
    pub bad_address_count: usize,
    /// Rows whose address was left out: it is somebody else's here.
    pub address_of_another_count: usize,
    /// Rows whose telephone number was kept as a remark: it is no number that can be dialled.
    pub phone_as_note_count: usize,
    /// Rows that could not be recorded at all.
    pub refused: Vec<String>,
    /// How people stand to residents.
    pub relationship_count: usize,
}

/// What inviting a community did.
#[derive(Debug)]
pub(crate) struct Invited {
    /// The community.
    pub community: String,
    /// Rows by their outcome.
    pub counts: BTreeMap<&'static str, usize>,
    /// An example of each refusal, as an administrator sees it.
    pub examples: BTreeMap<&'static str, String>,
    /// How many rows there were.
    pub row_count: usize,
}

/// The kinds of user that the list's people become.
struct Kinds {
    resident: KindName,
    contact: KindName,
}

impl Kinds {
    fn new() -> Result<Self, Failure> {
        Ok(Self {
            resident: KindName::new("resident")?,
            contact: KindName::new("contact")?,
        })
    }
}

impl Community {
    /// Records the residents of the community, their contacts, and how they stand to each other.
    pub(crate) async fn record(
        &mut self,
        door: &Doorward,
        people: &People,
    ) -> Result<Recorded, Failure> {
        let mut done = Recorded::default();
        let kinds = Kinds::new()?;
        let rows = self.rows_of(people);
        let mut progress = Progress::new(format!("{}: recording", self.name));
        let permit = door.authorise(&self.director, ManagePeople).await?;
        let import = rows
            .iter()
            .map(|row| person(row, &kinds))
            .collect::<Vec<_>>();
        let outcomes = door.import_people(permit, import).await?;
        for (number, (row, outcome)) in rows.iter().zip(outcomes).enumerate() {
            let recorded = self
                .settle(door, person(row, &kinds), outcome, &mut done)
                .await?;
            match recorded {
                Ok(person) => {
                    self.by_row.insert(row.id.clone(), person);
                    self.relate(door, row, person, &mut done).await?;
                    let subject = if row.kind == Kind::Resident {
                        Some(person)
                    } else {
                        self.resident_of(row)
                    };
                    self.rows.push(Invitee {
                        row: (*row).clone(),
                        person,
                        subject,
                    });
                }
                Err(refusal) => done.refused.push(format!("{}: {refusal}", row.id)),
            }
            progress.at(number + 1, rows.len());
        }
        Ok(done)
    }

    /// Residents first: a contact is related to somebody who is on record.
    fn rows_of<'a>(&self, people: &'a People) -> Vec<&'a Row> {
        let residents = people
            .residents
            .iter()
            .filter(|row| row.community == self.name);
        let residents: Vec<&Row> = residents.collect();
        let home: BTreeSet<&str> = residents.iter().map(|row| row.id.as_str()).collect();
        let contacts = people
            .contacts
            .iter()
            .filter(|row| home.contains(row.resident_id.as_str()));
        residents.iter().copied().chain(contacts).collect()
    }

    /// What is wrong with an address or a number costs the row that field, and nothing else.
    async fn settle(
        &self,
        door: &Doorward,
        mut row: PersonRow,
        mut outcome: ImportOutcome,
        done: &mut Recorded,
    ) -> Result<Result<PersonId, RowRefusal>, Failure> {
        loop {
            let refusal = match outcome {
                ImportOutcome::Recorded(person) => {
                    done.recorded_count += 1;
                    return Ok(Ok(person));
                }
                ImportOutcome::Known(person) | ImportOutcome::Changed(person) => {
                    done.known_count += 1;
                    return Ok(Ok(person));
                }
                ImportOutcome::Refused(refusal) => refusal,
            };
            match &refusal {
                RowRefusal::BadAddress(_) => {
                    done.bad_address_count += 1;
                    row.email.clear();
                }
                RowRefusal::Rejected(PersonRejection::AddressOfAnotherPerson { .. }) => {
                    done.address_of_another_count += 1;
                    row.email.clear();
                }
                RowRefusal::BadCell(_) => {
                    done.phone_as_note_count += 1;
                    row.note = format!("telephone: {}", row.cell);
                    row.cell.clear();
                }
                _ => return Ok(Err(refusal)),
            }
            let permit = door.authorise(&self.director, ManagePeople).await?;
            let mut outcomes = door.import_people(permit, [row.clone()]).await?;
            outcome = outcomes
                .pop()
                .ok_or_else(|| Failure::new("a row had no outcome"))?;
        }
    }

    async fn relate(
        &self,
        door: &Doorward,
        row: &Row,
        person: PersonId,
        done: &mut Recorded,
    ) -> Result<(), Failure> {
        let Some(resident) = self.resident_of(row) else {
            return Ok(());
        };
        let permit = door.authorise(&self.director, ManagePeople).await?;
        let new = NewRelationship {
            person,
            subject: resident.into(),
            label: DisplayName::new(&row.relation)?,
            link: Link::Listed,
        };
        match door.add_relationship(permit, new).await {
            Ok(_) => done.relationship_count += 1,
            Err(doorward::Error::Rejected(RelateRejection::AlreadyRelated { .. })) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Whose contact a row is, as recorded.
    fn resident_of(&self, row: &Row) -> Option<PersonId> {
        (row.kind == Kind::Contact)
            .then(|| self.by_row.get(&row.resident_id).copied())
            .flatten()
    }

    /// Invites everyone of the community in one run.
    pub(crate) async fn invite_everyone(&mut self, door: &Doorward) -> Result<Invited, Failure> {
        let sworn = alis_connect::authorized()?;
        let kinds = Kinds::new()?;
        let rows: Vec<BulkRow> = (1..)
            .zip(&self.rows)
            .map(
                |(
                    number,
                    Invitee {
                        row,
                        person,
                        subject,
                    },
                )| BulkRow {
                    number,
                    person: *person,
                    kind: person_kind(row, &kinds),
                    address: Some(row.email.clone()).filter(|email| !email.is_empty()),
                    subject: subject.map(Into::into),
                    profile: Some(row.user_profile.clone()).filter(|profile| !profile.is_empty()),
                    window: None,
                    sworn: (row.kind == Kind::Contact).then(|| sworn.clone()),
                },
            )
            .collect();
        let mut progress = Progress::new(format!("{}: inviting", self.name));
        let permit = door.authorise(&self.director, Invite).await?;
        let run = door
            .invite_many(permit, &rows, |done, total| progress.at(done, total))
            .await?;
        if let Some(fault) = run.stopped {
            return Err(fault.into());
        }
        let mut examples = BTreeMap::new();
        for (outcome, Invitee { row, person, .. }) in run.rows.iter().zip(&self.rows) {
            match &outcome.outcome {
                BulkOutcome::Invited(invitation) => {
                    self.invited.insert(*invitation, *person);
                }
                BulkOutcome::Refused(refusal) => {
                    examples
                        .entry(refusal.name())
                        .or_insert_with(|| format!("row {}: {refusal}", row.id));
                }
                BulkOutcome::Overtaken(why) => {
                    examples
                        .entry("overtaken")
                        .or_insert_with(|| format!("row {}: {why}", row.id));
                }
                _ => {}
            }
        }
        let community = self.name.clone();
        Ok(Invited {
            community,
            counts: run.counts(),
            examples,
            row_count: rows.len(),
        })
    }
}

fn person(row: &Row, kinds: &Kinds) -> PersonRow {
    let (kind, data) = match row.kind {
        Kind::Resident => (&kinds.resident, DataAbout::ThisPerson),
        Kind::Contact => (&kinds.contact, DataAbout::Nobody),
    };
    PersonRow {
        reference: row.person_ref.clone(),
        kind: kind.clone(),
        name: row.name(),
        email: row.email.clone(),
        cell: row.phone.clone(),
        note: String::new(),
        data,
    }
}

fn person_kind(row: &Row, kinds: &Kinds) -> KindName {
    match row.kind {
        Kind::Resident => kinds.resident.clone(),
        Kind::Contact => kinds.contact.clone(),
    }
}
