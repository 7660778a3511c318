//! What is done with levels and profiles alike.

use doorward_access::{
    Catalog, Combination, EditRejection, Gives, Level, NamedSet, NamedSetEvent, PermissionSet,
    Preview, Profile, SetEdit,
};
use doorward_storage::UniqueKey;
use doorward_types::{DisplayName, LevelId, ProfileId, Scope};
use serde::{Serialize, de::DeserializeOwned};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{NamedSetRejection, TenantSets, holders::Holders};
use crate::{
    Act, Doorward, Error, Fault, FormVersion, Permit,
    audit_trail::{self, Draft},
    members::StandIn,
    record::{Announcement, Loaded, Stored},
    stored::access::name_claim,
    work::{Committed, Tries, Work},
};

type Edited<Id> = Result<(NamedSet<Id>, Vec<NamedSetEvent<Id>>), EditRejection>;

/// In what levels and profiles differ.
pub(crate) trait SetId:
    Copy + DeserializeOwned + Eq + Send + Serialize + Sync + 'static
{
    /// The word for the set: also its kind of record and its index.
    const WHAT: &'static str;
    /// The space of its name's claim.
    const NAME: &'static str;

    fn made_at(now: OffsetDateTime, random: [u8; 10]) -> Self;
    fn uuid(self) -> Uuid;
    fn draft(self, event: &NamedSetEvent<Self>) -> Draft;
    fn edit(set: NamedSet<Self>, permissions: PermissionSet, edit: &SetEdit<'_>) -> Edited<Self>;
    fn preview(
        set: &NamedSet<Self>,
        permissions: PermissionSet,
        edit: &SetEdit<'_>,
    ) -> Result<Preview, EditRejection>;
    /// The level as it would stand, where it is one: profiles administer nothing.
    fn as_level(
        set: &NamedSet<Self>,
        permissions: &PermissionSet,
        catalog: &Catalog,
    ) -> Result<Option<Level>, EditRejection>;
    /// Who holds the set.
    fn holders(
        self,
        door: &Doorward,
        scope: Scope,
        now: OffsetDateTime,
    ) -> impl Future<Output = Result<Holders, Fault>> + Send;
    /// How many open offers and settings name the set.
    fn offers(
        self,
        door: &Doorward,
        scope: Scope,
        now: OffsetDateTime,
    ) -> impl Future<Output = Result<u64, Fault>> + Send;
}

impl SetId for LevelId {
    const WHAT: &'static str = "level";
    const NAME: &'static str = "level_name";

    fn made_at(now: OffsetDateTime, random: [u8; 10]) -> Self {
        Self::made_at(now, random)
    }

    fn uuid(self) -> Uuid {
        self.as_uuid()
    }

    fn draft(self, event: &NamedSetEvent<Self>) -> Draft {
        audit_trail::level(self, event)
    }

    fn edit(set: Level, permissions: PermissionSet, edit: &SetEdit<'_>) -> Edited<Self> {
        set.edit(permissions, edit)
    }

    fn preview(
        set: &Level,
        permissions: PermissionSet,
        edit: &SetEdit<'_>,
    ) -> Result<Preview, EditRejection> {
        set.preview(permissions, edit)
    }

    fn as_level(
        set: &Level,
        permissions: &PermissionSet,
        catalog: &Catalog,
    ) -> Result<Option<Level>, EditRejection> {
        let (name, permissions) = (set.name().clone(), permissions.clone());
        let (level, _) = Level::create(set.id(), name, permissions, catalog)?;
        Ok(Some(level))
    }

    async fn holders(
        self,
        door: &Doorward,
        scope: Scope,
        _now: OffsetDateTime,
    ) -> Result<Holders, Fault> {
        door.holders_of_level(scope, self).await
    }

    async fn offers(
        self,
        door: &Doorward,
        scope: Scope,
        now: OffsetDateTime,
    ) -> Result<u64, Fault> {
        door.offers_of_level(scope, self, now).await
    }
}

impl SetId for ProfileId {
    const WHAT: &'static str = "profile";
    const NAME: &'static str = "profile_name";

    fn made_at(now: OffsetDateTime, random: [u8; 10]) -> Self {
        Self::made_at(now, random)
    }

    fn uuid(self) -> Uuid {
        self.as_uuid()
    }

    fn draft(self, event: &NamedSetEvent<Self>) -> Draft {
        audit_trail::profile(self, event)
    }

    fn edit(set: Profile, permissions: PermissionSet, edit: &SetEdit<'_>) -> Edited<Self> {
        set.edit(permissions, edit)
    }

    fn preview(
        set: &Profile,
        permissions: PermissionSet,
        edit: &SetEdit<'_>,
    ) -> Result<Preview, EditRejection> {
        set.preview(permissions, edit)
    }

    fn as_level(
        _set: &Profile,
        _permissions: &PermissionSet,
        _catalog: &Catalog,
    ) -> Result<Option<Level>, EditRejection> {
        Ok(None)
    }

    async fn holders(
        self,
        door: &Doorward,
        scope: Scope,
        now: OffsetDateTime,
    ) -> Result<Holders, Fault> {
        door.holders_of_profile(scope, self, now).await
    }

    async fn offers(
        self,
        door: &Doorward,
        scope: Scope,
        now: OffsetDateTime,
    ) -> Result<u64, Fault> {
        door.offers_of_profile(scope, self, now).await
    }
}

impl Doorward {
    pub(super) async fn create_set<A: Act, Id: SetId>(
        &self,
        permit: &Permit<A>,
        use_case: &'static str,
        name: &DisplayName,
        permissions: &PermissionSet,
    ) -> Result<Id, Error<NamedSetRejection>>
    where
        NamedSet<Id>: Stored,
    {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work(use_case, &(name, permissions))?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let scope = permit.scope();
            self.name_is_free::<Id>(scope, name, None).await?;
            let id = Id::made_at(work.now, self.random()?);
            let (name, permissions) = (name.clone(), permissions.clone());
            let (set, events) = NamedSet::create(id, name, permissions, self.catalog())
                .map_err(|unknown| Error::Rejected(unknown.into()))?;
            work.create(scope, &set)?;
            work.note(events.iter().map(|event| id.draft(event)));
            if let Committed::Done(id) = work.commit(self, &mut tries, id).await? {
                return Ok(id);
            }
        }
    }

    pub(super) async fn rename_set<A: Act, Id: SetId>(
        &self,
        permit: &Permit<A>,
        use_case: &'static str,
        id: Id,
        name: &DisplayName,
    ) -> Result<(), Error<NamedSetRejection>>
    where
        NamedSet<Id>: Stored,
    {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work(use_case, &(id, name))?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let scope = permit.scope();
            let read: Loaded<NamedSet<Id>> = self.need(scope, id.uuid(), Id::WHAT).await?;
            self.name_is_free(scope, name, Some(id)).await?;
            let (next, events) = read.state.clone().rename(name.clone());
            if !events.is_empty() {
                work.replace(&read, &next)?;
            }
            work.note(events.iter().map(|event| id.draft(event)));
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    async fn name_is_free<Id: SetId>(
        &self,
        scope: Scope,
        name: &DisplayName,
        own: Option<Id>,
    ) -> Result<(), Error<NamedSetRejection>>
    where
        NamedSet<Id>: Stored,
    {
        let claim: UniqueKey = name_claim(scope, Id::NAME, name);
        match self.claimed::<NamedSet<Id>>(&claim).await? {
            Some(read) if Some(read.state.id()) != own => {
                Err(Error::Rejected(NamedSetRejection::NameTaken))
            }
            Some(_) | None => Ok(()),
        }
    }

    pub(super) async fn preview_set<A: Act, Id: SetId>(
        &self,
        permit: &Permit<A>,
        id: Id,
        permissions: PermissionSet,
    ) -> Result<Preview, Error<EditRejection>>
    where
        NamedSet<Id>: Stored,
    {
        let read: Loaded<NamedSet<Id>> = self.need(permit.scope(), id.uuid(), Id::WHAT).await?;
        let facts = self.set_facts(permit, &read, &permissions).await?;
        let authority = permit.authority();
        let edit = facts.edit(self.catalog(), &authority);
        Id::preview(&read.state, permissions, &edit).map_err(Error::Rejected)
    }

    /// Two commits, so that no holder goes unjudged: the first announces the edit, then holders are
    /// looked for, and the second fails where somebody was given the set in between (decision 0014).
    /// Only the second carries the request key, and what was announced in vain binds nobody.
    pub(super) async fn edit_set<A: Act, Id: SetId>(
        &self,
        permit: &Permit<A>,
        use_case: &'static str,
        id: Id,
        version: FormVersion,
        permissions: PermissionSet,
    ) -> Result<(), Error<EditRejection>>
    where
        NamedSet<Id>: Stored,
    {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work(use_case, &(id, version, &permissions))?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let read: Loaded<NamedSet<Id>> = self.need(permit.scope(), id.uuid(), Id::WHAT).await?;
            version.check(&read, Id::WHAT)?;
            let facts = self.set_facts(&permit, &read, &permissions).await?;
            let authority = permit.authority();
            let edit = facts.edit(self.catalog(), &authority);
            let (next, events) = Id::edit(read.state.clone(), permissions.clone(), &edit)
                .map_err(Error::Rejected)?;
            if !events.is_empty() {
                if read.announcement() == Announcement::Withdrawn {
                    let mut first = work.asked(None);
                    first.announce(&read)?;
                    first.commit(self, &mut tries, ()).await?;
                    continue;
                }
                facts.guard(&mut work, authority.gives());
                work.replace(&read, &next)?;
            }
            work.note(events.iter().map(|event| id.draft(event)));
            // Stale where the form's own record was changed, decided again where something else was.
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Reads what an edit is judged against: who holds the set, in which combinations.
    async fn set_facts<A: Act, Id: SetId>(
        &self,
        permit: &Permit<A>,
        read: &Loaded<NamedSet<Id>>,
        permissions: &PermissionSet,
    ) -> Result<SetFacts, Error<EditRejection>>
    where
        NamedSet<Id>: Stored,
    {
        let (scope, now, id) = (permit.scope(), permit.now(), read.state.id());
        let holders = id.holders(self, scope, now).await?;
        let own = permit.member().and_then(|actor| holders.of(actor));
        let counted = holders.counted();
        let mut sets = self
            .tenant_sets(scope, holders.level_ids(), holders.profile_ids())
            .await?;
        let after =
            Id::as_level(&read.state, permissions, self.catalog()).map_err(Error::Rejected)?;
        let mut survivor = None;
        if let Some(after) = &after {
            let changed = sets.with_level(after);
            let administers = |combination: &Combination, sets: &TenantSets| {
                let catalog = self.catalog();
                catalog
                    .administers(combination, &sets.sets())
                    .unwrap_or(false)
            };
            let mut combinations = counted.iter().map(|(combination, _)| combination);
            if combinations.any(|held| administers(held, &sets) && !administers(held, &changed)) {
                survivor = self.stand_in(scope, None, Some(after), now).await?;
            }
        }
        if let Some(found) = &survivor {
            sets = sets.and(found.sets());
        }
        Ok(SetFacts {
            holders: counted,
            own,
            sets,
            survivor,
        })
    }
}

/// What an edit of a level or profile is judged against.
struct SetFacts {
    holders: Vec<(Combination, u64)>,
    own: Option<Combination>,
    sets: TenantSets,
    survivor: Option<StandIn>,
}

impl SetFacts {
    fn edit<'a>(
        &'a self,
        catalog: &'a Catalog,
        authority: &'a doorward_access::Authority,
    ) -> SetEdit<'a> {
        SetEdit {
            catalog,
            sets: self.sets.sets(),
            holders: &self.holders,
            authority,
            own: self.own.as_ref(),
            survivor: self.survivor.as_ref().map(|found| &found.survivor),
        }
    }

    /// Whoever is given the set withdraws the announcement of its edit, so none joins unseen. What
    /// else its holders hold matters only to an actor who gives what they hold, and is guarded for
    /// them alone.
    fn guard(&self, work: &mut Work, gives: Gives) {
        if gives == Gives::Held {
            self.sets.guard(work);
        }
        if let Some(survivor) = &self.survivor {
            survivor.guard(work);
        }
    }
}
