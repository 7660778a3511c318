//! Rows: each is carried out in one commit, under a request of its own.

use std::collections::BTreeMap;

use doorward_access::{Grant, GrantEdit, Granting, Level, Membership, Profile, Sets};
use doorward_identity::Account;
use doorward_invitations::{
    Amend, AttestationRule, Outcome, PlannedAmendment, PlannedGrant, PlannedInvitation, Sponsor,
};
use doorward_types::{
    Attestation, GrantId, InvitationId, MembershipId, RequestId, Scope, Statement,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{BulkOutcome, BulkRow};
use crate::{
    Denied, Doorward, Error, Fault, Invite, Never, Permit, audit_trail,
    inviting::{Issuing, check_accept_fits},
    mail::{About, Notice, Template},
    stored::access::granted,
    work::{Asked, Committed, Tries, Work},
};

/// What a row that was carried out answers when its run is sent again.
#[derive(Deserialize, Serialize)]
struct Done {
    as_what: DoneAs,
    /// The rows whose subjects went with it.
    carried: Vec<u32>,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum DoneAs {
    Invited(InvitationId),
    Amended(InvitationId),
    Granted(MembershipId),
}

impl Done {
    /// `rows` are those of the plan, the row's own among them.
    fn new(as_what: DoneAs, row: &BulkRow, rows: &[u32]) -> Self {
        let others = rows.iter().copied().filter(|number| *number != row.number);
        Self {
            as_what,
            carried: others.collect(),
        }
    }
}

impl From<DoneAs> for BulkOutcome {
    fn from(done: DoneAs) -> Self {
        match done {
            DoneAs::Invited(invitation) => Self::Invited(invitation),
            DoneAs::Amended(invitation) => Self::Amended(invitation),
            DoneAs::Granted(membership) => Self::Granted(membership),
        }
    }
}

impl Doorward {
    /// What an earlier run under the same request id did: those rows are planned no more.
    pub(super) async fn done_before(
        &self,
        permit: &Permit<Invite>,
        rows: &[BulkRow],
    ) -> Result<BTreeMap<u32, BulkOutcome>, Fault> {
        let mut before = BTreeMap::new();
        if permit.request().is_none() {
            return Ok(before);
        }
        for row in rows {
            let work = row_work(permit, row)?;
            if let Some(done) = work.replay::<Done>(self).await? {
                before.insert(row.number, done.as_what.into());
                let joined = || BulkOutcome::Joined { row: row.number };
                before.extend(done.carried.into_iter().map(|number| (number, joined())));
            }
        }
        Ok(before)
    }

    /// Does what was planned for a row.
    ///
    /// What others did in between, and what is gone by now, ends the row and not the run.
    pub(super) async fn carry_out(
        &self,
        permit: &mut Permit<Invite>,
        row: &BulkRow,
        planned: Outcome,
    ) -> Result<BulkOutcome, Error<Never>> {
        let done = match planned {
            Outcome::Ready(ready) => self.invite_row(permit, row, ready).await,
            Outcome::Amend(amend) => self.amend_row(permit, row, amend).await,
            Outcome::GrantDirectly(grant) => self.grant_row(permit, row, grant).await,
            Outcome::Joins { row } => return Ok(BulkOutcome::Joined { row }),
            Outcome::Refused(refusal) => return Ok(BulkOutcome::Refused(refusal)),
        };
        match done {
            Ok(done) => Ok(done.as_what.into()),
            Err(Error::Rejected(overtaken)) => Ok(BulkOutcome::Overtaken(overtaken)),
            Err(Error::Fault(
                fault @ (Fault::Busy | Fault::TooLarge(_) | Fault::Unknown { .. }),
            )) => Ok(BulkOutcome::Overtaken(fault.to_string())),
            Err(Error::Fault(fault)) => Err(Error::Fault(fault)),
            Err(Error::Denied(denied)) => Err(Error::Denied(denied)),
        }
    }

    async fn invite_row(
        &self,
        permit: &mut Permit<Invite>,
        row: &BulkRow,
        ready: PlannedInvitation,
    ) -> Result<Done, Error<String>> {
        let mut tries = Tries::default();
        loop {
            let tried = self
                .try_to_invite_row(permit, &mut tries, row, &ready)
                .await;
            if let Committed::Done(done) = tries.settle(tried)? {
                return Ok(done);
            }
        }
    }

    async fn try_to_invite_row(
        &self,
        permit: &mut Permit<Invite>,
        tries: &mut Tries,
        row: &BulkRow,
        ready: &PlannedInvitation,
    ) -> Result<Committed<Done>, Error<String>> {
        let issuing = Issuing {
            tenant: permit.tenant(),
            address: ready.address.clone(),
            person: ready.person,
            name: ready.name.clone(),
            offer: ready.offer.clone(),
            sworn: ready.sworn.clone(),
            sponsor: Sponsor::Member(permit.member().ok_or(Denied::Support)?),
        };
        let reading = self.read_for(permit, tries, &issuing).await?;
        let mut work = row_work(permit, row)?;
        let issued = self
            .issue_into(&mut work, issuing, reading, &permit.authority())
            .await
            .map_err(|error| error.map_rejection(|rejection| rejection.to_string()));
        let issued = match issued {
            Err(refused) if !tries.is_on_kept() => {
                // A row that was applied before is refused for what it did itself.
                let before = work.replay(self).await?;
                return before.map(Committed::Done).ok_or(refused);
            }
            issued => issued?,
        };
        let done = Done::new(DoneAs::Invited(issued.id()), row, &ready.rows);
        Ok(work.commit(self, tries, done).await?)
    }

    async fn amend_row(
        &self,
        permit: &Permit<Invite>,
        row: &BulkRow,
        planned: PlannedAmendment,
    ) -> Result<Done, Error<String>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let scope = permit.scope();
            let mut work = row_work(&permit, row)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let read = self.need_invitation(scope, planned.invitation).await?;
            let added = planned.add.iter().map(|row| row.subject);
            self.known_subjects(scope, added).await?;
            let offer = read.state.offer().clone();
            let whole = offer
                .amended(planned.add.iter().cloned(), &[].into())
                .map_err(overtaken)?;
            check_accept_fits(&whole)?;
            let judged = self.judge(scope, &whole, &permit.authority()).await?;
            judged.guard(&mut work);
            let verdict = judged.verdict().map_err(overtaken)?;
            let (secret, digest) = self.next_link(scope, &read.state)?;
            let amend = Amend {
                add: planned.add.clone(),
                withdraw: [].into(),
                sworn: planned.sworn.clone(),
                by: Sponsor::Member(permit.member().ok_or(Denied::Support)?),
                verdict,
                digest,
            };
            let policy = self.policy_of(&read.state)?;
            let amended = read.state.clone().amend(amend, policy, permit.now());
            let (next, events) = amended.map_err(overtaken)?;
            work.replace(&read, &next)?;
            work.note(events.iter().map(audit_trail::invitation));
            self.mail_invitation(&mut work, &next, Template::Invitation, secret)
                .await?;
            let done = Done::new(DoneAs::Amended(next.id()), row, &planned.rows);
            if let Committed::Done(done) = work.commit(self, &mut tries, done).await? {
                return Ok(done);
            }
        }
    }

    /// For a member there is no invitation: the grant is made at once, with its attestation and a
    /// mail (design 5).
    async fn grant_row(
        &self,
        permit: &Permit<Invite>,
        row: &BulkRow,
        planned: PlannedGrant,
    ) -> Result<Done, Error<String>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let (scope, now) = (permit.scope(), permit.now());
            let mut work = row_work(&permit, row)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let id = planned.membership.as_uuid();
            let member = self.need::<Membership>(scope, id, "member").await?;
            let subject = planned.subject.subject;
            self.known_subjects(scope, [subject]).await?;
            let taken = granted(scope, member.state.id(), subject);
            if self.storage().lookup(&taken).await?.is_some() {
                return Err(overtaken("the member was granted that at the same time"));
            }
            let ids = member.state.level_ids().map(|level| level.as_uuid());
            let levels = self.load_all::<Level>(scope, ids).await?;
            let profile = planned.subject.profile.as_uuid();
            let profile = self.need::<Profile>(scope, profile, "profile").await?;
            // Written as it is: an edit of the member judges their grants.
            work.replace(&member, &member.state)?;
            work.give(&profile)?;
            for level in &levels {
                work.give(level)?;
            }
            self.touch_relationship(scope, &mut work, &member.state, subject)
                .await?;
            let by = permit.member().ok_or(Denied::Support)?;
            let sworn = planned.sworn.get(&subject).cloned();
            let attestation = sworn.map(|statement| Attestation {
                statement,
                by,
                at: now,
            });
            let granting = Granting {
                id: GrantId::made_at(now, self.random()?),
                subject,
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
                    statement: self.statement_for(&member.state),
                    authority: &permit.authority(),
                    by: permit.principal(),
                    now,
                };
                Grant::give(granting, &edit)
            };
            let (grant, events) = given.map_err(overtaken)?;
            work.create(scope, &grant)?;
            work.note(
                events
                    .iter()
                    .map(|event| audit_trail::grant(subject, event)),
            );
            self.mail_grant(&mut work, scope, &member.state).await?;
            let done = Done::new(DoneAs::Granted(member.state.id()), row, &[]);
            if let Committed::Done(done) = work.commit(self, &mut tries, done).await? {
                return Ok(done);
            }
        }
    }

    /// What a sponsor swears to before members of this kind see somebody's information.
    fn statement_for(&self, member: &Membership) -> Option<&Statement> {
        match self.admission(member.kind()).ok()?.policy.attestation() {
            AttestationRule::Required(statement) => Some(statement),
            AttestationRule::NotNeeded => None,
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
}

fn overtaken(by: impl ToString) -> Error<String> {
    Error::Rejected(by.to_string())
}

/// The work of a row: its own request, made of the run's id and the row's number.
fn row_work(permit: &Permit<Invite>, row: &BulkRow) -> Result<Work, Fault> {
    let asked = permit.request().map(|run| {
        let (scope, by) = (permit.scope(), permit.principal());
        Asked::of(scope, by, row_request(run, row.number), "invite_row", row)
    });
    let work = permit.work("invite_row", row)?;
    Ok(work.asked(asked.transpose()?))
}

fn row_request(run: RequestId, number: u32) -> RequestId {
    let mut digest = Sha256::new();
    digest.update(b"doorward/bulk-row");
    digest.update(run.as_bytes());
    digest.update(number.to_be_bytes());
    let digest: [u8; 32] = digest.finalize().into();
    let id = digest.first_chunk::<16>().copied().unwrap_or_default();
    RequestId::from_uuid(uuid::Uuid::from_bytes(id))
}
