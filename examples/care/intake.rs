//! Recording everybody of a community, and inviting everyone who can be invited.

use std::collections::{BTreeMap, BTreeSet};

use doorward::{
    BulkOutcome, BulkRow, DataAbout, Doorward, ImportOutcome, Invite, ManagePeople,
    NewRelationship, PersonRejection, PersonRow, RelateRejection, RowRefusal,
    identity::Link,
    invitations::{Refusal, Status},
    types::{DisplayName, KindName, PersonId},
};
use doorward_examples::alis_connect;

use super::{
    community::{Community, Invitation, Invitee},
    failure::Failure,
    people::{Kind, People, Row},
    progress::Progress,
};

/// What recording a community did, row by row.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    /// People who are on record now.
    pub person_count: usize,
    /// How many of them were on record before this run.
    pub known_count: usize,
    /// Rows of somebody who has an earlier row: the same reference again.
    pub repeated_count: usize,
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
    /// How many of them stood so before this run.
    pub related_before_count: usize,
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
    /// How many people on the list had an open or answered invitation before.
    pub before_count: usize,
}

/// What is on record, row by row.
#[derive(Default)]
struct Seen {
    people: BTreeSet<PersonId>,
    related: BTreeSet<(PersonId, PersonId)>,
}

/// Whether a person or relationship is new to the system.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Novelty {
    New,
    Known,
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
    /// Who is on record already is found by their reference.
    pub(crate) async fn record(
        &mut self,
        door: &Doorward,
        people: &People,
    ) -> Result<Recorded, Failure> {
        let (mut done, mut seen) = (Recorded::default(), Seen::default());
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
            let settled = self
                .settle(door, person(row, &kinds), outcome, &mut done)
                .await?;
            match settled {
                Ok((person, novelty)) => {
                    match (seen.people.insert(person), novelty) {
                        (false, _) => done.repeated_count += 1,
                        (true, Novelty::New) => done.person_count += 1,
                        (true, Novelty::Known) => {
                            done.person_count += 1;
                            done.known_count += 1;
                        }
                    }
                    self.by_row.insert(row.id.clone(), person);
                    self.relate(door, row, person, &mut done, &mut seen).await?;
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
            .filter(|row| row.community == self.name.as_str());
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
    ) -> Result<Result<(PersonId, Novelty), RowRefusal>, Failure> {
        loop {
            let refusal = match outcome {
                ImportOutcome::Recorded(person) => return Ok(Ok((person, Novelty::New))),
                ImportOutcome::Known(person) | ImportOutcome::Changed(person) => {
                    return Ok(Ok((person, Novelty::Known)));
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
        seen: &mut Seen,
    ) -> Result<(), Failure> {
        let Some(resident) = self.resident_of(row) else {
            return Ok(());
        };
        if !seen.related.insert((person, resident)) {
            return Ok(());
        }
        done.relationship_count += 1;
        let permit = door.authorise(&self.director, ManagePeople).await?;
        let new = NewRelationship {
            person,
            subject: resident.into(),
            label: DisplayName::new(&row.relation)?,
            link: Link::Listed,
        };
        match door.add_relationship(permit, new).await {
            Ok(_) => {}
            Err(doorward::Error::Rejected(RelateRejection::AlreadyRelated { .. })) => {
                done.related_before_count += 1;
            }
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

    /// Invites everyone of the community in one run. Whoever is invited or a member already is left
    /// as they are, and who declined is not asked again.
    pub(crate) async fn invite_everyone(&self, door: &Doorward) -> Result<Invited, Failure> {
        let before = self.invitations(door).await?;
        let declined = |invitee: &&Invitee| {
            let last = before.get(&invitee.person);
            last.is_some_and(|last| last.status == Status::Declined)
        };
        let asked: Vec<&Invitee> = self.rows.iter().filter(|row| !declined(row)).collect();
        let rows = bulk_rows(&asked)?;
        let mut progress = Progress::new(format!("{}: inviting", self.name));
        let permit = door.authorise(&self.director, Invite).await?;
        let run = door
            .invite_many(permit, &rows, |done, total| progress.at(done, total))
            .await?;
        if let Some(fault) = run.stopped {
            return Err(fault.into());
        }
        let mut counts = BTreeMap::new();
        let mut examples = BTreeMap::new();
        for (outcome, Invitee { row, .. }) in run.rows.iter().zip(asked.iter().copied()) {
            let name = match &outcome.outcome {
                BulkOutcome::Refused(
                    Refusal::AlreadyOpen { .. } | Refusal::AlreadyMember { .. },
                ) => ALREADY,
                other => other.name(),
            };
            *counts.entry(name).or_default() += 1;
            let example = match &outcome.outcome {
                BulkOutcome::Refused(refusal) if name != ALREADY => refusal.to_string(),
                BulkOutcome::Overtaken(why) => why.clone(),
                _ => continue,
            };
            let example = || format!("row {}: {example}", row.id);
            examples.entry(name).or_insert_with(example);
        }
        let declined_count = self.rows.len() - asked.len();
        if declined_count > 0 {
            counts.insert("declined in an earlier run", declined_count);
        }
        let people: BTreeSet<PersonId> = self.rows.iter().map(|row| row.person).collect();
        let counted = |person: &&PersonId| before.get(*person).is_some_and(Invitation::counts);
        Ok(Invited {
            community: self.name.to_string(),
            counts,
            examples,
            row_count: self.rows.len(),
            before_count: people.iter().filter(counted).count(),
        })
    }
}

/// The word for rows that leave nothing to do.
const ALREADY: &str = "invited or a member already";

fn bulk_rows(asked: &[&Invitee]) -> Result<Vec<BulkRow>, Failure> {
    let sworn = alis_connect::authorized()?;
    let kinds = Kinds::new()?;
    let bulk_row = |(number, invitee): (u32, &&Invitee)| {
        let row = &invitee.row;
        BulkRow {
            number,
            person: invitee.person,
            kind: person_kind(row, &kinds),
            address: Some(row.email.clone()).filter(|email| !email.is_empty()),
            subject: invitee.subject.map(Into::into),
            profile: Some(row.user_profile.clone()).filter(|profile| !profile.is_empty()),
            window: None,
            sworn: (row.kind == Kind::Contact).then(|| sworn.clone()),
        }
    };
    Ok((1..).zip(asked).map(bulk_row).collect())
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
