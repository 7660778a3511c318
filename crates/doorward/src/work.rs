//! One unit of work: what a use case has read and decided, committed once.

use doorward_storage::{
    Applied, AuditRow, Batch, CommitError, Micros, OutboxRow, Outcome, Precondition, RecordId,
    Request, RequestKey, Write,
};
use doorward_types::{Principal, RequestId, Scope, Token};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::{
    Doorward, Error, Fault,
    audit_trail::Draft,
    mail::Notice,
    record::{self, Announcement, Loaded, Stored, stored_scope},
    trace,
};

/// How often a decision is made again when others changed what it read (design 2: acts).
const MAX_TRIES: u8 = 5;
/// How often an unknown outcome is asked for again under the same request id.
const MAX_RESENDS: u8 = 3;
/// Most acts have no more writes.
const USUAL_WRITES: usize = 12;

/// Counts the tries of an act.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    count: u8,
    is_on_kept: bool,
}

impl Tries {
    /// Whether this try stands on the permit as it was made, perhaps long before: a first one does,
    /// where that holds.
    pub(crate) fn stand_on_kept(&mut self, holds: impl FnOnce() -> bool) -> bool {
        self.is_on_kept = self.count == 0 && holds();
        self.is_on_kept
    }

    /// Whether nothing but this try's own commit, which guards its permit, may end it.
    pub(crate) const fn is_on_kept(&self) -> bool {
        self.is_on_kept
    }

    /// Decides again what a try on a kept permit refused, did not find or could not hold. A failure of
    /// the storage stands: whether it was applied may not be known.
    pub(crate) fn settle<T, R>(
        &mut self,
        tried: Result<Committed<T>, Error<R>>,
    ) -> Result<Committed<T>, Error<R>> {
        let is_doubtful = match &tried {
            Ok(_) => false,
            Err(Error::Rejected(_) | Error::Denied(_)) => true,
            Err(Error::Fault(fault)) => fault.is_of_others() || matches!(fault, Fault::TooLarge(_)),
        };
        if self.is_on_kept && is_doubtful {
            return Ok(self.decide_again()?);
        }
        tried
    }

    pub(crate) fn decide_again<T>(&mut self) -> Result<Committed<T>, Fault> {
        self.again().map(|()| Committed::Again)
    }

    pub(crate) fn again(&mut self) -> Result<(), Fault> {
        self.count += 1;
        if self.count < MAX_TRIES {
            Ok(())
        } else {
            Err(Fault::Busy)
        }
    }
}

/// What became of a commit.
#[derive(Debug)]
pub(crate) enum Committed<T> {
    /// It was applied, now or under the same request id before: the answer of the first time.
    Done(T),
    /// Others changed what was read: decide again.
    Again,
}

/// The request that a host named, so that a resend answers the first outcome.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    key: RequestKey,
    digest: [u8; 32],
}

impl Asked {
    /// Of a principal; the digest covers the use case and its arguments without secrets.
    pub(crate) fn of(
        scope: Scope,
        principal: &Principal,
        id: RequestId,
        use_case: &str,
        arguments: &impl Serialize,
    ) -> Result<Self, Fault> {
        let name = serde_json::to_vec(principal).map_err(|source| Fault::Unreadable {
            kind: "principal",
            id: principal.kind().to_owned(),
            source,
        })?;
        Self::by(scope, &name, id, use_case, arguments)
    }

    /// Of whoever follows a mailed link. Once it was used it opens nothing any more, so the key is of
    /// the record that the secret belongs to and of the secret: only who presents that one finds the
    /// receipt. A text that is no link has no request; it is refused where the link is read.
    pub(crate) fn by_link(
        link: &str,
        request: Option<RequestId>,
        use_case: &str,
        arguments: &impl Serialize,
    ) -> Result<Option<Self>, Fault> {
        let text = link.rsplit_once('#').map_or(link, |(_, token)| token);
        let (Some(id), Ok(token)) = (request, Token::parse(text)) else {
            return Ok(None);
        };
        let mut asker = token.record.as_bytes().to_vec();
        asker.extend(String::from(token.secret.digest()).into_bytes());
        Self::by(token.scope, &asker, id, use_case, arguments).map(Some)
    }

    /// Of somebody who is not signed in: the record that the presented secret belongs to.
    pub(crate) fn by(
        scope: Scope,
        asker: &[u8],
        id: RequestId,
        use_case: &str,
        arguments: &impl Serialize,
    ) -> Result<Self, Fault> {
        let arguments = serde_json::to_vec(arguments).map_err(|source| Fault::Unreadable {
            kind: "request",
            id: id.to_string(),
            source,
        })?;
        let mut digest = Sha256::new();
        digest.update(
            u64::try_from(use_case.len())
                .unwrap_or(u64::MAX)
                .to_be_bytes(),
        );
        digest.update(use_case);
        digest.update(arguments);
        let asker: [u8; 32] = Sha256::digest(asker).into();
        let principal = RecordId::from(Uuid::from_bytes(first_16(asker)));
        let key = RequestKey {
            scope: stored_scope(scope),
            principal,
            id: id.as_uuid(),
        };
        Ok(Self {
            key,
            digest: digest.finalize().into(),
        })
    }

    /// Answers the first outcome of the same request, if there was one.
    pub(crate) async fn replay<T: DeserializeOwned>(
        &self,
        door: &Doorward,
    ) -> Result<Option<T>, Fault> {
        match door.storage().receipt(&self.key).await? {
            None => Ok(None),
            Some(receipt) if receipt.digest == self.digest => answer(&receipt.body).map(Some),
            Some(_) => Err(Fault::RequestReused),
        }
    }
}

fn first_16(bytes: [u8; 32]) -> [u8; 16] {
    u128::from_be_bytes(bytes.first_chunk().copied().unwrap_or_default()).to_be_bytes()
}

/// What one use case will commit.
#[derive(Debug)]
pub(crate) struct Work {
    /// Where the principal acts: the scope of its audit entry.
    pub(crate) scope: Scope,
    pub(crate) principal: Principal,
    pub(crate) now: OffsetDateTime,
    on_behalf_of: Option<Principal>,
    asked: Option<Asked>,
    writes: Vec<Write>,
    withdrawals: Vec<Write>,
    drafts: Vec<Draft>,
    outbox: Vec<OutboxRow>,
}

impl Work {
    pub(crate) fn new(scope: Scope, principal: Principal, now: OffsetDateTime) -> Self {
        Self {
            scope,
            principal,
            now,
            on_behalf_of: None,
            asked: None,
            writes: Vec::with_capacity(USUAL_WRITES),
            withdrawals: Vec::new(),
            drafts: Vec::new(),
            outbox: Vec::new(),
        }
    }

    /// For whom the principal acts: the Director who let support in.
    pub(crate) fn on_behalf_of(mut self, principal: Option<Principal>) -> Self {
        self.on_behalf_of = principal;
        self
    }

    pub(crate) fn asked(mut self, asked: Option<Asked>) -> Self {
        self.asked = asked;
        self
    }

    /// Puts a record that must not exist yet.
    pub(crate) fn create<T: Stored>(&mut self, scope: Scope, state: &T) -> Result<(), Fault> {
        self.write(record::put(scope, state, Precondition::Absent)?);
        Ok(())
    }

    /// Puts the next state of a record in place of the one that was read.
    pub(crate) fn replace<T: Stored>(&mut self, was: &Loaded<T>, next: &T) -> Result<(), Fault> {
        self.write(record::put(
            was.scope,
            next,
            Precondition::VersionIs(was.version),
        )?);
        Ok(())
    }

    /// Deletes a record that was read.
    pub(crate) fn delete<T: Stored>(&mut self, was: &Loaded<T>) {
        let key = record::key_of::<T>(was.scope, was.state.record_id());
        self.write(Write::Delete {
            key,
            expect: was.version,
        });
    }

    /// Makes the commit fail if this record is changed before it: the read-set guard.
    pub(crate) fn guard<T: Stored>(&mut self, read: &Loaded<T>) {
        let key = record::key_of::<T>(read.scope, read.state.record_id());
        self.write(Write::Check {
            key,
            expect: Precondition::VersionIs(read.version),
        });
    }

    /// Announces an edit of what others hold: whoever is given it from now on withdraws that, so the
    /// edit's own commit fails and sees them (decision 0014).
    pub(crate) fn announce<T: Stored>(&mut self, read: &Loaded<T>) -> Result<(), Fault> {
        self.write(record::put_announcement(read, Announcement::Stands)?);
        Ok(())
    }

    /// Guards what somebody is given, or keeps under other circumstances. Where its edit was
    /// announced, that is withdrawn first, and the act decided again.
    pub(crate) fn give<T: Stored>(&mut self, read: &Loaded<T>) -> Result<(), Fault> {
        match read.announcement() {
            Announcement::Stands => {
                let withdrawn = record::put_announcement(read, Announcement::Withdrawn)?;
                let same = |earlier: &Write| earlier.key() == withdrawn.key();
                if !self.withdrawals.iter().any(same) {
                    self.withdrawals.push(withdrawn);
                }
            }
            Announcement::Withdrawn => self.guard(read),
        }
        Ok(())
    }

    /// A batch names a record once: a change stands in for a check of the same version.
    fn write(&mut self, write: Write) {
        let same = self
            .writes
            .iter_mut()
            .find(|earlier| earlier.key() == write.key());
        match same {
            Some(earlier) if matches!(earlier, Write::Check { .. }) => *earlier = write,
            Some(_) if matches!(write, Write::Check { .. }) => {}
            Some(earlier) => *earlier = write,
            None => self.writes.push(write),
        }
    }

    /// Notes what happened; the first draft of a work names its entry, the others go into it.
    pub(crate) fn note(&mut self, drafts: impl IntoIterator<Item = Draft>) {
        self.drafts.extend(drafts);
    }

    /// Queues a mail, due now.
    pub(crate) fn mail(
        &mut self,
        door: &Doorward,
        scope: Scope,
        notice: &Notice,
    ) -> Result<Uuid, Fault> {
        let id = door.uuid(self.now)?;
        let body = serde_json::to_vec(notice).map_err(|source| Fault::Unreadable {
            kind: "notice",
            id: id.to_string(),
            source,
        })?;
        let due_at = micros(self.now);
        self.outbox.push(OutboxRow {
            id,
            scope: stored_scope(scope),
            body,
            due_at,
        });
        Ok(id)
    }

    /// Answers the first outcome of the same request, if there was one.
    pub(crate) async fn replay<T: DeserializeOwned>(
        &self,
        door: &Doorward,
    ) -> Result<Option<T>, Fault> {
        replay(door, self.asked.as_ref()).await
    }

    /// Commits everything at once, with the answer as the receipt of its request.
    pub(crate) async fn commit<T>(
        self,
        door: &Doorward,
        tries: &mut Tries,
        outcome: T,
    ) -> Result<Committed<T>, Fault>
    where
        T: Serialize + DeserializeOwned,
    {
        if !self.withdrawals.is_empty() {
            if tries.is_on_kept() {
                return tries.decide_again();
            }
            return self.withdraw(door, tries).await;
        }
        match self.commit_batch(door, &outcome).await? {
            Ok(Applied::Now { .. }) => Ok(Committed::Done(outcome)),
            // Its guards were not looked at.
            Ok(Applied::Before { .. }) if tries.is_on_kept() => tries.decide_again(),
            Ok(Applied::Before { receipt }) => answer(&receipt).map(Committed::Done),
            Err(CommitError::Precondition { .. } | CommitError::UniqueTaken { .. }) => {
                tries.decide_again()
            }
            Err(error) => Err(error.into()),
        }
    }

    /// In a commit of its own, so that no act grows by it.
    async fn withdraw<T>(self, door: &Doorward, tries: &mut Tries) -> Result<Committed<T>, Fault> {
        let mut first = Self::new(self.scope, self.principal, self.now);
        first.writes = self.withdrawals;
        match first.commit_batch(door, &()).await? {
            Ok(_) | Err(CommitError::Precondition { .. } | CommitError::UniqueTaken { .. }) => {
                tries.decide_again()
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Commits a form: what others changed since it was read is `Stale`, not decided again.
    pub(crate) async fn commit_form<T>(
        self,
        door: &Doorward,
        what: &'static str,
        outcome: T,
    ) -> Result<T, Fault>
    where
        T: Serialize + DeserializeOwned,
    {
        match self.commit_batch(door, &outcome).await? {
            Ok(Applied::Now { .. }) => Ok(outcome),
            Ok(Applied::Before { receipt }) => answer(&receipt),
            Err(CommitError::Precondition { .. }) => Err(Fault::Stale { what }),
            Err(error) => Err(error.into()),
        }
    }

    /// Commits, and where a known request's outcome is unknown, asks again under the same id.
    async fn commit_batch(
        self,
        door: &Doorward,
        outcome: &impl Serialize,
    ) -> Result<Result<Applied, CommitError>, Fault> {
        let action = self
            .drafts
            .first()
            .map(|draft| draft.action.code().as_str());
        let span = trace::commit(self.scope, &self.principal, action);
        let batch = self.batch(door, outcome)?;
        trace::batched(&span, &batch);
        let committed = commit_known(door, batch).instrument(span.clone()).await;
        trace::committed(&span, &committed);
        Ok(committed)
    }

    pub(crate) fn batch(self, door: &Doorward, outcome: &impl Serialize) -> Result<Batch, Fault> {
        let at = micros(self.now);
        let request = match self.asked {
            None => None,
            Some(asked) => {
                let receipt = serde_json::to_vec(outcome).map_err(unreadable_receipt)?;
                Some(Request {
                    key: asked.key,
                    digest: asked.digest,
                    receipt,
                    at,
                })
            }
        };
        let audit: Vec<AuditRow> = match Draft::merge(self.drafts) {
            None => Vec::new(),
            Some(draft) => {
                let draft = draft.on_behalf_of(self.on_behalf_of);
                vec![draft.into_row(door, self.scope, &self.principal, self.now)?]
            }
        };
        Ok(Batch {
            request,
            writes: self.writes,
            audit,
            outbox: self.outbox,
        })
    }
}

impl Doorward {
    /// Answers a request that was sent twice, and refused for what its twin has changed, as its twin
    /// was answered.
    pub(crate) async fn as_its_twin<T: DeserializeOwned, R>(
        &self,
        asked: Option<&Asked>,
        outcome: Result<T, Error<R>>,
    ) -> Result<T, Error<R>> {
        let refused = match &outcome {
            Ok(_) | Err(Error::Denied(_)) => false,
            Err(Error::Rejected(_)) => true,
            Err(Error::Fault(fault)) => fault.is_of_others(),
        };
        let Some(asked) = asked.filter(|_| refused) else {
            return outcome;
        };
        match asked.replay(self).await {
            Ok(Some(first)) => Ok(first),
            Err(reused @ Fault::RequestReused) => Err(reused.into()),
            Ok(None) | Err(_) => outcome,
        }
    }
}

/// Answers the first outcome of a request, if there was one.
pub(crate) async fn replay<T: DeserializeOwned>(
    door: &Doorward,
    asked: Option<&Asked>,
) -> Result<Option<T>, Fault> {
    match asked {
        None => Ok(None),
        Some(asked) => asked.replay(door).await,
    }
}

/// An instant as storage keeps it.
pub(crate) fn micros(instant: OffsetDateTime) -> Micros {
    Micros(i64::try_from(instant.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX))
}

async fn commit_known(door: &Doorward, batch: Batch) -> Result<Applied, CommitError> {
    if batch.request.is_none() {
        return door.storage().commit(batch).await;
    }
    let mut resends = 0;
    loop {
        match door.storage().commit(batch.clone()).await {
            Err(CommitError::Backend(error))
                if error.outcome() == Outcome::Unknown && resends < MAX_RESENDS =>
            {
                resends += 1;
            }
            outcome => return outcome,
        }
    }
}

fn answer<T: DeserializeOwned>(receipt: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(receipt).map_err(unreadable_receipt)
}

fn unreadable_receipt(source: serde_json::Error) -> Fault {
    Fault::Unreadable {
        kind: "receipt",
        id: "?".to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use doorward_storage::{Outcome, StorageError, TooLarge};

    use super::*;

    fn settled(holds: bool, error: Error<()>) -> Result<Committed<()>, Error<()>> {
        let mut tries = Tries::default();
        assert_eq!(tries.stand_on_kept(|| holds), holds);
        tries.settle(Err(error))
    }

    #[test]
    fn what_ends_a_try_on_a_kept_permit_is_decided_again_but_a_failure_of_the_storage() {
        let ends: [fn() -> Error<()>; 4] = [
            || Error::Rejected(()),
            || Error::Denied(crate::Denied::Support),
            || Fault::unknown("person").into(),
            || Fault::TooLarge(TooLarge::Items { count: 101 }).into(),
        ];
        for end in ends {
            assert!(matches!(settled(true, end()), Ok(Committed::Again)));
            assert!(settled(false, end()).is_err());
        }
        let lost = StorageError::broken(Outcome::Unknown, "the disk is gone");
        assert!(settled(true, Fault::from(lost).into()).is_err());
    }

    #[test]
    fn only_a_first_try_stands_on_a_kept_permit() {
        let mut tries = Tries::default();
        assert!(tries.stand_on_kept(|| true));
        tries.again().unwrap();
        assert!(!tries.stand_on_kept(|| true));
    }
}
