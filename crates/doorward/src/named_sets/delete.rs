//! Deleting a level or profile: retire it, look for holders and open offers, then delete or undo.

use doorward_access::{DeleteRejection, NamedSet, SetStatus};
use doorward_types::{LevelId, Principal, ProfileId, Scope};
use time::{Duration, OffsetDateTime};

use super::kept::SetId;
use crate::{
    Act, Doorward, Error, Fault, Permit,
    record::{Loaded, Stored},
    stored::access::every,
    work::{Committed, Tries, Work},
};

/// A deletion that stopped this long ago was cut off: the sweep settles it (design 3).
const CUT_OFF_AFTER: Duration = Duration::minutes(1);

impl Doorward {
    /// Only the last commit carries the request key, so that a resend goes on where it stopped.
    pub(super) async fn delete_set<A: Act, Id: SetId>(
        &self,
        permit: &Permit<A>,
        use_case: &'static str,
        id: Id,
    ) -> Result<(), Error<DeleteRejection>>
    where
        NamedSet<Id>: Stored,
    {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let (scope, now) = (permit.scope(), permit.now());
            let mut work = permit.work(use_case, &id)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let read: Loaded<NamedSet<Id>> = self.need(scope, id.uuid(), Id::WHAT).await?;
            if let Ok((retired, events)) = read.state.clone().retire(now) {
                let mut first = work.asked(None);
                first.replace(&read, &retired)?;
                first.note(events.iter().map(|event| id.draft(event)));
                first.commit(self, &mut tries, ()).await?;
                continue;
            }
            let count = self.uses(scope, id, now).await?;
            if count == 0 {
                let events = read.state.clone().delete(count).map_err(Error::Rejected)?;
                work.delete(&read);
                work.note(events.iter().map(|event| id.draft(event)));
                if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                    return Ok(());
                }
            } else {
                let (restored, events) = read.state.clone().restore();
                let mut undo = work.asked(None);
                undo.replace(&read, &restored)?;
                undo.note(events.iter().map(|event| id.draft(event)));
                if let Committed::Done(()) = undo.commit(self, &mut tries, ()).await? {
                    return Err(Error::Rejected(DeleteRejection::InUse { count }));
                }
            }
        }
    }

    /// Holders and open offers. Looked for once nobody can be given the set any more.
    async fn uses<Id: SetId>(
        &self,
        scope: Scope,
        id: Id,
        now: OffsetDateTime,
    ) -> Result<u64, Fault> {
        let holders = id.holders(self, scope, now).await?;
        Ok(holders.count() + id.offers(self, scope, now).await?)
    }

    /// Settles the deletions of a tenant that were cut off between their commits: what nobody holds
    /// or offers goes, the rest can be given again. Returns how many.
    pub(crate) async fn settle_retired(
        &self,
        scope: Scope,
        now: OffsetDateTime,
    ) -> Result<usize, Fault> {
        let levels = self.settle_sets::<LevelId>(scope, now).await?;
        let profiles = self.settle_sets::<ProfileId>(scope, now).await?;
        Ok(levels + profiles)
    }

    async fn settle_sets<Id: SetId>(
        &self,
        scope: Scope,
        now: OffsetDateTime,
    ) -> Result<usize, Fault>
    where
        NamedSet<Id>: Stored,
    {
        let all = self.every::<NamedSet<Id>>(&every(scope, Id::WHAT)).await?;
        let mut settled = 0;
        for read in all {
            let SetStatus::Retired { at } = read.state.status() else {
                continue;
            };
            if now < at + CUT_OFF_AFTER {
                continue;
            }
            let id = read.state.id();
            let count = self.uses(scope, id, now).await?;
            let mut work = Work::new(scope, Principal::System, now);
            match read.state.clone().delete(count) {
                Ok(events) => {
                    work.delete(&read);
                    work.note(events.iter().map(|event| id.draft(event)));
                }
                Err(_) => {
                    let (restored, events) = read.state.clone().restore();
                    work.replace(&read, &restored)?;
                    work.note(events.iter().map(|event| id.draft(event)));
                }
            }
            // Whoever changed it meanwhile has settled it.
            if let Committed::Done(()) = work.commit(self, &mut Tries::default(), ()).await? {
                settled += 1;
            }
        }
        Ok(settled)
    }
}
