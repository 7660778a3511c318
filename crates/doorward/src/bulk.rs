//! Inviting many people at once, with a typed outcome for each row. The plan is the dry run.

mod facts;

use std::collections::BTreeMap;

use doorward_access::{Grant, GrantEdit, Granting, Membership, Sets};
use doorward_audit::{Action, Value};
use doorward_identity::Account;
use doorward_invitations::{
    Amend, Outcome, Plan, PlannedAmendment, PlannedGrant, PlannedInvitation, Refusal, Sponsor,
};
use doorward_types::{
    Attestation, GrantId, InvitationId, KindName, MembershipId, Offer, PersonId, RequestId, Scope,
    Statement, SubjectId, Window,
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    Denied, Doorward, Error, Fault, Invite, Never, Permit,
    audit_trail::{self, Draft},
    inviting::Issuing,
    mail::{About, Notice, Template},
    work::{Asked, Committed, Tries, Work},
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
    /// The failure that ended the run before its end, if one did.
    pub stopped: Option<Fault>,
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
        let prepared = self.prepare(&permit, rows).await?;
        Ok(prepared.plan(rows, permit.now()))
    }

    /// Invites everyone the plan finds ready: one commit, one mail and one entry a person, and one
    /// entry for the run. A row that is refused never ends the run.
    ///
    /// `progress` is called after each row with how many are done and how many there are.
    ///
    /// # Errors
    /// [`Denied`], or a [`Fault`] before the first row.
    pub async fn invite_many(
        &self,
        permit: Permit<Invite>,
        rows: &[BulkRow],
        mut progress: impl FnMut(usize, usize) + Send,
    ) -> Result<BulkRun, Error<Never>> {
        let permit = self.again(&permit).await?;
        let prepared = self.prepare(&permit, rows).await?;
        let plan = prepared.plan(rows, permit.now());
        let kinds: BTreeMap<u32, &BulkRow> = rows.iter().map(|row| (row.number, row)).collect();
        let mut run = BulkRun {
            rows: Vec::with_capacity(rows.len()),
            stopped: None,
        };
        for planned in plan.into_rows() {
            let number = planned.number;
            let row = Row {
                number,
                kind: kinds.get(&number).map(|row| &row.kind),
            };
            match self.carry_out(&permit, row, planned.outcome).await {
                Ok(outcome) => run.rows.push(BulkRowOutcome { number, outcome }),
                Err(Error::Fault(fault)) => {
                    run.stopped = Some(fault);
                    break;
                }
                Err(Error::Denied(denied)) => return Err(Error::Denied(denied)),
                Err(Error::Rejected(never)) => match never {},
            }
            progress(run.rows.len(), rows.len());
        }
        self.note_run(&permit, &run).await?;
        Ok(run)
    }

    async fn carry_out(
        &self,
        permit: &Permit<Invite>,
        row: Row<'_>,
        planned: Outcome,
    ) -> Result<BulkOutcome, Error<Never>> {
        match planned {
            Outcome::Ready(ready) => self.invite_row(permit, row, ready).await,
            Outcome::Amend(amend) => self.amend_row(permit, row, amend).await,
            Outcome::GrantDirectly(grant) => self.grant_row(permit, row, grant).await,
            Outcome::Joins { row } => Ok(BulkOutcome::Joined { row }),
            Outcome::Refused(refusal) => Ok(BulkOutcome::Refused(refusal)),
        }
    }

    async fn invite_row(
        &self,
        permit: &Permit<Invite>,
        row: Row<'_>,
        ready: PlannedInvitation,
    ) -> Result<BulkOutcome, Error<Never>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await?;
            let mut work = row_work(&permit, row)?;
            if let Some(before) = work.replay::<InvitationId>(self).await? {
                return Ok(BulkOutcome::Invited(before));
            }
            let issuing = Issuing {
                tenant: permit.tenant(),
                address: ready.address.clone(),
                person: ready.person,
                name: ready.name.clone(),
                offer: ready.offer.clone(),
                sworn: ready.sworn.clone(),
                sponsor: Sponsor::Member(permit.member().ok_or(Denied::Support)?),
            };
            let issued = match self
                .issue_into(&mut work, issuing, &permit.authority())
                .await
            {
                Ok(issued) => issued.id(),
                Err(Error::Rejected(rejection)) => {
                    return Ok(BulkOutcome::Overtaken(rejection.to_string()));
                }
                Err(Error::Denied(denied)) => return Err(Error::Denied(denied)),
                Err(Error::Fault(fault)) => return Err(Error::Fault(fault)),
            };
            if let Committed::Done(id) = work.commit(self, &mut tries, issued).await? {
                return Ok(BulkOutcome::Invited(id));
            }
        }
    }

    async fn amend_row(
        &self,
        permit: &Permit<Invite>,
        row: Row<'_>,
        planned: PlannedAmendment,
    ) -> Result<BulkOutcome, Error<Never>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await?;
            let scope = permit.scope();
            let mut work = row_work(&permit, row)?;
            if let Some(before) = work.replay::<InvitationId>(self).await? {
                return Ok(BulkOutcome::Amended(before));
            }
            let read = self.need_invitation(scope, planned.invitation).await?;
            let offer = read.state.offer().clone();
            let Ok(whole) = planned
                .add
                .iter()
                .cloned()
                .try_fold(offer, Offer::with_subject)
            else {
                return Ok(BulkOutcome::Refused(Refusal::TooManySubjects));
            };
            let judged = self.judge(scope, &whole, &permit.authority()).await?;
            judged.guard(&mut work);
            let verdict = match judged.verdict() {
                Ok(verdict) => verdict,
                Err(unfit) => return Ok(BulkOutcome::Overtaken(unfit.to_string())),
            };
            let (secret, digest) = self.next_link(scope, &read.state)?;
            let amend = Amend {
                add: planned.add.clone(),
                withdraw: std::collections::BTreeSet::new(),
                sworn: planned.sworn.clone(),
                by: Sponsor::Member(permit.member().ok_or(Denied::Support)?),
                verdict,
                digest,
            };
            let policy = self.policy_of(&read.state)?;
            let (next, events) = match read.state.clone().amend(amend, policy, permit.now()) {
                Ok(amended) => amended,
                Err(rejection) => return Ok(BulkOutcome::Overtaken(rejection.to_string())),
            };
            work.replace(&read, &next)?;
            work.note(events.iter().map(audit_trail::invitation));
            self.mail_invitation(&mut work, &next, Template::Invitation, secret)
                .await?;
            if let Committed::Done(id) = work.commit(self, &mut tries, next.id()).await? {
                return Ok(BulkOutcome::Amended(id));
            }
        }
    }

    /// For a member there is no invitation: the grant is made at once, with its attestation and a
    /// mail (design 5).
    async fn grant_row(
        &self,
        permit: &Permit<Invite>,
        row: Row<'_>,
        planned: PlannedGrant,
    ) -> Result<BulkOutcome, Error<Never>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await?;
            let (scope, now) = (permit.scope(), permit.now());
            let mut work = row_work(&permit, row)?;
            if let Some(before) = work.replay::<MembershipId>(self).await? {
                return Ok(BulkOutcome::Granted(before));
            }
            let id = planned.membership.as_uuid();
            let member = self.need::<Membership>(scope, id, "member").await?;
            let ids = member.state.level_ids().map(|level| level.as_uuid());
            let levels = self.load_all::<doorward_access::Level>(scope, ids).await?;
            let profile = planned.subject.profile.as_uuid();
            let profile = self
                .need::<doorward_access::Profile>(scope, profile, "profile")
                .await?;
            work.guard(&member);
            work.guard(&profile);
            levels.iter().for_each(|level| work.guard(level));
            let by = permit.member().ok_or(Denied::Support)?;
            let statement = planned.sworn.get(&planned.subject.subject).cloned();
            let attestation = statement.map(|statement| Attestation {
                statement,
                by,
                at: now,
            });
            let granting = Granting {
                id: GrantId::made_at(now, self.random()?),
                subject: planned.subject.subject,
                profile: planned.subject.profile,
                window: planned.subject.window,
                attestation,
            };
            let given = {
                let levels: Vec<_> = levels.iter().map(|read| read.state.clone()).collect();
                let profiles = [profile.state.clone()];
                let edit = GrantEdit {
                    catalog: self.catalog(),
                    sets: Sets {
                        levels: &levels,
                        profiles: &profiles,
                    },
                    membership: &member.state,
                    statement: None,
                    authority: &permit.authority(),
                    by: permit.principal(),
                    now,
                };
                Grant::give(granting, &edit)
            };
            let (grant, events) = match given {
                Ok(given) => given,
                Err(rejection) => return Ok(BulkOutcome::Overtaken(rejection.to_string())),
            };
            work.create(scope, &grant)?;
            let subject = grant.subject();
            work.note(
                events
                    .iter()
                    .map(|event| audit_trail::grant(subject, event)),
            );
            self.mail_grant(&mut work, scope, &member.state).await?;
            let granted = member.state.id();
            if let Committed::Done(id) = work.commit(self, &mut tries, granted).await? {
                return Ok(BulkOutcome::Granted(id));
            }
        }
    }

    /// Tells a member that they may see one more person's information.
    pub(crate) async fn mail_grant(
        &self,
        work: &mut Work,
        scope: Scope,
        member: &Membership,
    ) -> Result<(), Fault> {
        let id = member.account().as_uuid();
        let account = self.load::<Account>(Scope::Directory, id).await?;
        let Some(address) = account
            .as_ref()
            .and_then(|read| read.state.verified_email())
        else {
            return Ok(());
        };
        let tenant = self.need_tenant(member.tenant()).await?;
        let notice = Notice {
            template: Template::GrantAdded,
            to: address.address().clone(),
            about: About::Membership(member.id()),
            name: account.and_then(|read| read.state.name().cloned()),
            tenant: Some(tenant.state.name),
            expires_at: None,
            secret: None,
        };
        work.mail(self, scope, &notice).map(|_| ())
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

/// A row while it is carried out.
#[derive(Clone, Copy)]
struct Row<'a> {
    number: u32,
    kind: Option<&'a KindName>,
}

/// The work of a row: its own request, made of the run's id and the row's number.
fn row_work(permit: &Permit<Invite>, row: Row<'_>) -> Result<Work, Fault> {
    let work = permit.work("invite_row", &row.number)?;
    let Some(run) = permit.request() else {
        return Ok(work);
    };
    let mut digest = Sha256::new();
    digest.update(b"doorward/bulk-row");
    digest.update(run.as_bytes());
    digest.update(row.number.to_be_bytes());
    let digest: [u8; 32] = digest.finalize().into();
    let id = digest.first_chunk::<16>().copied().unwrap_or_default();
    let id = RequestId::from_uuid(uuid::Uuid::from_bytes(id));
    let kind = row.kind.map(KindName::as_str);
    let asked = Asked::of(
        permit.scope(),
        permit.principal(),
        id,
        "invite_row",
        &(row.number, kind),
    )?;
    Ok(work.asked(Some(asked)))
}
