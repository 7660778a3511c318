//! Imports: many people at once, each row with its own outcome.

use doorward_audit::Action;
use doorward_identity::{
    CellNumber, CellNumberError, Likeness, Person, PersonDetails, PersonRef, PersonRefError,
};
use doorward_storage::UniqueKey;
use doorward_types::{
    DisplayName, EmailAddress, EmailError, KindName, Note, PersonId, RequestId, TextError,
};
use serde::{Deserialize, Serialize};

use super::{DataAbout, PersonRejection};
use crate::{
    Doorward, Error, Fault, ManagePeople, Never, Permit,
    audit_trail::{self, Draft},
    record::Loaded,
    stored::identity::{hashed_id, person_address, person_reference},
    together::both,
    work::{Asked, Committed, Tries},
};

/// One row of an import, as it stands in the file. A cell that is empty leaves what is recorded.
#[derive(Clone, Debug, Serialize)]
pub struct PersonRow {
    /// What the other system calls the person; empty where it does not say.
    pub reference: String,
    /// The kind of user.
    pub kind: KindName,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The cell number.
    pub cell: String,
    /// A remark.
    pub note: String,
    /// Whether the host keeps data about this person.
    pub data: DataAbout,
}

/// What became of a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ImportOutcome {
    /// A new person.
    Recorded(PersonId),
    /// A person who is recorded like this already.
    Known(PersonId),
    /// A person who was recorded otherwise.
    Changed(PersonId),
    /// Nothing was written.
    Refused(RowRefusal),
}

/// Why a row was left out.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RowRefusal {
    /// The name cannot be recorded.
    #[error("the name: {0}")]
    BadName(TextError),
    /// The address is none.
    #[error("the address: {0}")]
    BadAddress(EmailError),
    /// The cell number is none.
    #[error("the cell number: {0}")]
    BadCell(CellNumberError),
    /// The remark cannot be recorded.
    #[error("the remark: {0}")]
    BadNote(TextError),
    /// The reference is none.
    #[error("the reference: {0}")]
    BadReference(PersonRefError),
    /// It does not go with what is recorded.
    #[error(transparent)]
    Rejected(PersonRejection),
}

/// The receipt of a row that was written.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Written {
    Recorded(PersonId),
    Changed(PersonId),
}

impl From<Written> for ImportOutcome {
    fn from(written: Written) -> Self {
        match written {
            Written::Recorded(person) => Self::Recorded(person),
            Written::Changed(person) => Self::Changed(person),
        }
    }
}

impl Doorward {
    /// Takes over people, one commit a row, with an outcome for each in their order. A bad row never
    /// aborts the rest (design 5), and the same file again finds everybody known.
    ///
    /// The same person is who has the same reference, else the same address and name; an address is
    /// the person's who had it first, in the tenant or in an earlier row (design 9.10).
    ///
    /// # Errors
    /// [`Denied`](crate::Denied) or a [`Fault`]; rows before it stay. Under a request id a resend
    /// answers them as the first time and goes on.
    pub async fn import_people(
        &self,
        permit: Permit<ManagePeople>,
        rows: impl IntoIterator<Item = PersonRow, IntoIter: Send> + Send,
    ) -> Result<Vec<ImportOutcome>, Error<Never>> {
        let mut renewed = self.again(&permit).await?;
        self.reaches_everybody(&renewed)?;
        let mut outcomes = Vec::new();
        for (row, number) in rows.into_iter().zip(0_u64..) {
            outcomes.push(self.import_row(&mut renewed, &row, number).await?);
        }
        let mut tries = Tries::default();
        loop {
            let permit = self.again(&permit).await?;
            let mut work = permit.work("import_people", &outcomes.len())?;
            work.note([run(&permit, &outcomes)]);
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(outcomes);
            }
        }
    }

    async fn import_row(
        &self,
        permit: &mut Permit<ManagePeople>,
        row: &PersonRow,
        number: u64,
    ) -> Result<ImportOutcome, Error<Never>> {
        let parsed = match Parsed::of(row) {
            Ok(parsed) => parsed,
            Err(refusal) => return Ok(ImportOutcome::Refused(refusal)),
        };
        if self.catalog().kind(&row.kind).is_none() {
            let kind = row.kind.clone();
            return Ok(rejected(PersonRejection::UnknownKind { kind }));
        }
        let scope = permit.scope();
        let mut tries = Tries::default();
        loop {
            let asked = asked(permit, row, number)?;
            let mut work = permit.work("import_people", &())?.asked(asked);
            let email = parsed.email.as_ref();
            let email = email.map(|email| person_address(scope, email));
            let reference = parsed.reference.as_ref();
            let reference = reference.map(|own| person_reference(scope, own.as_str()));
            let (before, (holder, named)) = both(
                work.replay::<Written>(self),
                both(
                    self.person_by(email.as_ref()),
                    self.person_by(reference.as_ref()),
                ),
            )
            .await;
            if let Some(before) = before? {
                return Ok(before.into());
            }
            let same = match same_person(&parsed, named?, holder?) {
                Ok(same) => same,
                Err(refused) => return Ok(rejected(refused)),
            };
            let written = match same {
                Some(read) => {
                    let id = read.state.id;
                    let to = parsed.over(&read.state);
                    let (mut next, events) = read.state.clone().change(to);
                    work.note(events.iter().map(|event| audit_trail::person(id, event)));
                    if next.reference.is_none() && parsed.reference.is_some() {
                        next.reference.clone_from(&parsed.reference);
                        let learnt = Draft::new(Action::PERSON_UPDATE, id);
                        work.note([learnt.personal_if("reference", parsed.reference.as_ref())]);
                    }
                    if next == read.state {
                        return Ok(ImportOutcome::Known(id));
                    }
                    work.replace(&read, &next)?;
                    Written::Changed(id)
                }
                None => {
                    let id = PersonId::made_at(work.now, self.random()?);
                    let person = parsed.clone().into_person(id);
                    let id = self.record_into(permit, &mut work, person, row.data)?;
                    Written::Recorded(id)
                }
            };
            match work.commit(self, &mut tries, written).await? {
                Committed::Done(written) => return Ok(written.into()),
                Committed::Again => *permit = self.again(permit).await?,
            }
        }
    }

    async fn person_by(&self, claim: Option<&UniqueKey>) -> Result<Option<Loaded<Person>>, Fault> {
        match claim {
            Some(claim) => self.claimed(claim).await,
            None => Ok(None),
        }
    }
}

/// The person that a row is about, of whom has its reference and whom has its address; refuses an
/// address that is another person's.
fn same_person(
    row: &Parsed,
    named: Option<Loaded<Person>>,
    holder: Option<Loaded<Person>>,
) -> Result<Option<Loaded<Person>>, PersonRejection> {
    let taken = |read: &Loaded<Person>| PersonRejection::AddressOfAnotherPerson {
        holder: read.state.id,
    };
    match (named, holder) {
        (Some(named), Some(holder)) if named.state.id != holder.state.id => Err(taken(&holder)),
        (Some(named), _) => Ok(Some(named)),
        (None, None) => Ok(None),
        (None, Some(holder)) => {
            let (reference, email) = (row.reference.as_ref(), row.email.as_ref());
            match holder.state.compare(reference, &row.name, email) {
                Likeness::Same => Ok(Some(holder)),
                Likeness::AddressOfAnotherPerson => Err(taken(&holder)),
                Likeness::Other => Ok(None),
            }
        }
    }
}

/// Bulk rows have request ids of their own, made of the run's and the row's number (design 3).
fn asked(
    permit: &Permit<ManagePeople>,
    row: &PersonRow,
    number: u64,
) -> Result<Option<Asked>, Fault> {
    let Some(request) = permit.request() else {
        return Ok(None);
    };
    let id = hashed_id(&[request.as_bytes(), &number.to_be_bytes()]);
    let id = RequestId::from_uuid(id.to_uuid().unwrap_or_default());
    let (scope, principal) = (permit.scope(), permit.principal());
    Asked::of(scope, principal, id, "import_people.row", row).map(Some)
}

fn rejected(refused: PersonRejection) -> ImportOutcome {
    ImportOutcome::Refused(RowRefusal::Rejected(refused))
}

/// The entry of the run: how many rows became what.
fn run(permit: &Permit<ManagePeople>, outcomes: &[ImportOutcome]) -> Draft {
    let count = |is: fn(&ImportOutcome) -> bool| {
        let counted = outcomes.iter().filter(|outcome| is(outcome)).count();
        u32::try_from(counted).unwrap_or(u32::MAX)
    };
    Draft::new(Action::PERSON_IMPORT, permit.tenant())
        .fact(
            "recorded",
            count(|outcome| matches!(outcome, ImportOutcome::Recorded(_))),
        )
        .fact(
            "known",
            count(|outcome| matches!(outcome, ImportOutcome::Known(_))),
        )
        .fact(
            "changed",
            count(|outcome| matches!(outcome, ImportOutcome::Changed(_))),
        )
        .fact(
            "refused",
            count(|outcome| matches!(outcome, ImportOutcome::Refused(_))),
        )
}

/// A row whose cells could all be read.
#[derive(Clone)]
struct Parsed {
    reference: Option<PersonRef>,
    kind: KindName,
    name: DisplayName,
    email: Option<EmailAddress>,
    cell: Option<CellNumber>,
    note: Option<Note>,
}

impl Parsed {
    fn of(row: &PersonRow) -> Result<Self, RowRefusal> {
        let reference = filled(&row.reference).map(PersonRef::new).transpose();
        let email = filled(&row.email).map(EmailAddress::new).transpose();
        let cell = filled(&row.cell).map(CellNumber::new).transpose();
        let note = filled(&row.note).map(Note::new).transpose();
        Ok(Self {
            reference: reference.map_err(RowRefusal::BadReference)?,
            kind: row.kind.clone(),
            name: DisplayName::new(&row.name).map_err(RowRefusal::BadName)?,
            email: email.map_err(RowRefusal::BadAddress)?,
            cell: cell.map_err(RowRefusal::BadCell)?,
            note: note.map_err(RowRefusal::BadNote)?,
        })
    }

    /// What the person's record says after the row.
    fn over(&self, person: &Person) -> PersonDetails {
        let before = person.details();
        PersonDetails {
            kind: self.kind.clone(),
            name: self.name.clone(),
            email: self.email.clone().or(before.email),
            cell: self.cell.clone().or(before.cell),
            note: self.note.clone().unwrap_or(before.note),
        }
    }

    fn into_person(self, id: PersonId) -> Person {
        Person {
            id,
            kind: self.kind,
            name: self.name,
            email: self.email,
            cell: self.cell,
            note: self.note.unwrap_or_default(),
            reference: self.reference,
        }
    }
}

fn filled(cell: &str) -> Option<&str> {
    let cell = cell.trim();
    (!cell.is_empty()).then_some(cell)
}
