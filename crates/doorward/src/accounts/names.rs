//! The record that keeps look-alike user names apart, put in the commit that gives or takes a name.

use doorward_identity::{Account, LooksLikeAnother, Skeleton, SkeletonKey, skeleton_key};
use doorward_types::{EmailAddress, Scope, TenantId, UserName};

use crate::{
    Doorward, Fault,
    record::{self, Loaded, key_of},
    stored::identity::{SkeletonRecord, skeleton_id, unique},
    work::Work,
};

impl Doorward {
    /// Takes the user name of an account into its skeleton, and the name it had before out of its
    /// own. Two racing look-alikes write one record, and one of them fails.
    pub(crate) async fn reskeleton(
        &self,
        work: &mut Work,
        before: Option<&Account>,
        after: &Account,
    ) -> Result<Result<(), LooksLikeAnother>, Fault> {
        let (before_key, after_key) = (before.and_then(skeleton_key), skeleton_key(after));
        let named = |account: &Account| account.user_name().map(|own| own.name.clone());
        let same_name = before.and_then(named) == named(after);
        if before_key == after_key && (same_name || before_key.is_none()) {
            return Ok(Ok(()));
        }
        let mut held = None;
        if let Some(key) = &before_key {
            let read = self.skeleton(key).await?;
            let left = read.as_ref().and_then(|read| read.state.held.release());
            if after_key.as_ref() == before_key.as_ref() {
                held = Some((read, left));
            } else if let Some(read) = read {
                put(work, key, Some(&read), left)?;
            }
        }
        let (Some(key), Some(name)) = (&after_key, named(after)) else {
            return Ok(Ok(()));
        };
        let (read, left) = match held {
            Some(held) => held,
            None => {
                let read = self.skeleton(key).await?;
                let left = read.as_ref().map(|read| read.state.held);
                (read, left)
            }
        };
        match Skeleton::take(left, &name) {
            Ok(taken) => {
                put(work, key, read.as_ref(), Some(taken))?;
                Ok(Ok(()))
            }
            Err(clash) => Ok(Err(clash)),
        }
    }

    /// Tells whether a user name is another account's in the tenant.
    pub(crate) async fn is_named(
        &self,
        tenant: TenantId,
        name: &UserName,
        account: Option<&Account>,
    ) -> Result<bool, Fault> {
        let claim = doorward_identity::Claim::UserName {
            tenant,
            name: name.clone(),
        };
        let holder = self.claimed::<Account>(&unique(&claim)).await?;
        Ok(holder.is_some_and(|read| account.is_none_or(|own| own.id() != read.state.id())))
    }

    /// Tells whether another account has the user name that an account would have at this address.
    pub(crate) async fn is_named_at(
        &self,
        account: &Account,
        address: &EmailAddress,
    ) -> Result<bool, Fault> {
        match account.user_name_at(address) {
            Some(own) => self.is_named(own.tenant, &own.name, Some(account)).await,
            None => Ok(false),
        }
    }

    async fn skeleton(&self, key: &SkeletonKey) -> Result<Option<Loaded<SkeletonRecord>>, Fault> {
        let at = [key_of::<SkeletonRecord>(
            Scope::Tenant(key.tenant),
            skeleton_id(&key.skeleton),
        )];
        let found = self.storage().get(&at).await?;
        found
            .into_iter()
            .next()
            .flatten()
            .as_ref()
            .map(record::read)
            .transpose()
    }
}

fn put(
    work: &mut Work,
    key: &SkeletonKey,
    read: Option<&Loaded<SkeletonRecord>>,
    held: Option<Skeleton>,
) -> Result<(), Fault> {
    let next = held.map(|held| SkeletonRecord {
        skeleton: key.skeleton.clone(),
        held,
    });
    match (read, next) {
        (None, None) => Ok(()),
        (None, Some(next)) => work.create(Scope::Tenant(key.tenant), &next),
        (Some(read), Some(next)) => work.replace(read, &next),
        (Some(read), None) => {
            work.delete(read);
            Ok(())
        }
    }
}
