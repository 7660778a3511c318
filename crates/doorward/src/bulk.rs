//! Inviting many people at once, with a typed outcome for each row. The plan is the dry run.

mod facts;
mod rows;

use std::collections::BTreeMap;

use doorward_audit::{Action, Value};
use doorward_invitations::{Plan, Refusal};
use doorward_types::{
    InvitationId, KindName, MembershipId, PersonId, Statement, SubjectId, Window,
};
use serde::Serialize;

use crate::{
    Doorward, Error, Fault, Invite, Never, Permit,
    audit_trail::Draft,
    work::{Tries, Work},
};

/// One row: a person of the tenant, and what they are to be shown of one subject.
#[derive(Clone, Debug, Serialize)]
pub struct BulkRow {
    /// The row's number, from 1, as the administrator counts.
    pub number: u32,
    /// The person, as recorded.
    pub person: PersonId,
    /// The kind of user they become.
    pub kind: KindName,
    /// Their address as it was typed; nobody is invited without one.
    pub address: Option<String>,
    /// Whose data.
    pub subject: Option<SubjectId>,
    /// Under which profile, by its name.
    pub profile: Option<String>,
    /// For how long; without end from now on if nothing is said.
    pub window: Option<Window>,
    /// What the sponsor swears to for this row.
    pub sworn: Option<Statement>,
}

/// What became of a row.
#[derive(Debug)]
pub enum BulkOutcome {
    /// An invitation was sent.
    Invited(InvitationId),
    /// An open invitation was amended, with one new mail.
    Amended(InvitationId),
    /// A member was granted it at once.
    Granted(MembershipId),
    /// It went out with that row's mail: the same person, another subject.
    Joined {
        /// The row whose mail it went with.
        row: u32,
    },
    /// Refused by the plan: what was wrong, and what would be right.
    Refused(Refusal),
    /// Refused when it was committed: somebody else was there in between.
    Overtaken(String),
}

/// A row with its outcome.
#[derive(Debug)]
pub struct BulkRowOutcome {
    /// The row's number.
    pub number: u32,
    /// What became of it.
    pub outcome: BulkOutcome,
}

/// What a run did. Rows are committed one by one, so what is listed is done; sent again under the
/// same request id, a run goes on where it stopped.
#[derive(Debug)]
pub struct BulkRun {
    /// Each row that was reached, in order.
    pub rows: Vec<BulkRowOutcome>,
    /// What ended the run before its end, if something did: a failure, or the end of the
    /// administrator's session.
    pub stopped: Option<Error<Never>>,
}

impl BulkRun {
    /// Counts the rows by what became of them, in words.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for row in &self.rows {
            *counts.entry(row.outcome.name()).or_default() += 1;
        }
        counts
    }
}

impl BulkOutcome {
    /// Returns the word for it, such as `invited` or `no_address`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Invited(_) => "invited",
            Self::Amended(_) => "amended",
            Self::Granted(_) => "granted",
            Self::Joined { .. } => "joined",
            Self::Refused(refusal) => refusal.name(),
            Self::Overtaken(_) => "overtaken",
        }
    }
}

impl Doorward {
    /// Tells what a run would do with each row, and does nothing.
    ///
    /// # Errors
    /// A [`Fault`] where the storage fails.
    pub async fn plan_invitations(
        &self,
        permit: &Permit<Invite>,
        rows: &[BulkRow],
    ) -> Result<Plan, Error<Never>> {
        let permit = self.again(permit).await?;
        let rows: Vec<&BulkRow> = rows.iter().collect();
        let prepared = self.prepare(&permit, &rows).await?;
        Ok(prepared.plan(&rows, permit.now()))
    }

    /// Invites everyone the plan finds ready: one commit, one mail and one entry a person, and one
    /// entry for the run. A row that is refused never ends the run.
    ///
    /// `progress` is called after each row with how many are done and how many there are.
    ///
    /// # Errors
    /// [`Denied`](crate::Denied), or a [`Fault`] before the first row.
    pub async fn invite_many(
        &self,
        permit: Permit<Invite>,
        rows: &[BulkRow],
        mut progress: impl FnMut(usize, usize) + Send,
    ) -> Result<BulkRun, Error<Never>> {
        let outcome = self.run(&permit, rows, &mut progress).await;
        self.noted(&permit, outcome).await
    }

    async fn run(
        &self,
        permit: &Permit<Invite>,
        rows: &[BulkRow],
        progress: &mut (impl FnMut(usize, usize) + Send),
    ) -> Result<BulkRun, Error<Never>> {
        let mut permit = self.again(permit).await?;
        let mut before = self.done_before(&permit, rows).await?;
        let rest: Vec<&BulkRow> = rows
            .iter()
            .filter(|row| !before.contains_key(&row.number))
            .collect();
        let plan = self.prepare(&permit, &rest).await?;
        let mut planned = plan.plan(&rest, permit.now()).into_rows().into_iter();
        let mut run = BulkRun {
            rows: Vec::with_capacity(rows.len()),
            stopped: None,
        };
        for row in rows {
            let outcome = match before.remove(&row.number) {
                Some(outcome) => outcome,
                // INVARIANT (planned): the plan has one outcome a row, in their order.
                None => match planned.next() {
                    None => break,
                    Some(planned) => {
                        match self.carry_out(&mut permit, row, planned.outcome).await {
                            Ok(outcome) => outcome,
                            Err(stop) => {
                                run.stopped = Some(stop);
                                break;
                            }
                        }
                    }
                },
            };
            let number = row.number;
            run.rows.push(BulkRowOutcome { number, outcome });
            progress(run.rows.len(), rows.len());
        }
        if let Err(fault) = self.note_run(&permit, &run).await {
            run.stopped.get_or_insert(Error::Fault(fault));
        }
        Ok(run)
    }

    /// One entry for the run, besides one a row.
    async fn note_run(&self, permit: &Permit<Invite>, run: &BulkRun) -> Result<(), Fault> {
        let mut work = Work::new(permit.scope(), permit.principal().clone(), self.now());
        let draft = Draft::new(Action::INVITATION_BULK_ISSUE, permit.tenant());
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let counts = run.counts();
        let draft = counts
            .iter()
            .fold(draft, |draft, (name, n)| draft.fact(name, count(*n)));
        let draft = draft.fact("rows", count(run.rows.len()));
        work.note([draft.fact("ended", Value::from(run.stopped.is_none()))]);
        work.commit(self, &mut Tries::default(), ())
            .await
            .map(|_| ())
    }
}
