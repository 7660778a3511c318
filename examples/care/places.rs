//! Who has a place where: read from the members' lists, so that it holds whichever run made it.

use std::collections::{BTreeMap, BTreeSet};

use doorward::{
    Doorward, ManagePeople, MemberRow, ViewAccess,
    audit::report::AccessStatus,
    storage::Limit,
    types::{AccountId, EmailAddress, MembershipId, PersonId, TenantId},
};
use time::OffsetDateTime;

use super::{choice::mark, community::Community, failure::Failure};

/// A family member's or resident's place in a community.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Where.
    pub tenant: TenantId,
    /// The membership.
    pub membership: MembershipId,
    /// Whose login.
    pub account: AccountId,
    /// Whom the community knows.
    pub person: PersonId,
    /// Who they are, on the list.
    pub reference: String,
    /// How they sign in.
    pub address: EmailAddress,
    /// Whether they still can.
    pub status: AccessStatus,
    joined_at: OffsetDateTime,
}

impl Place {
    /// Returns the password of whoever has it.
    pub(crate) fn password(&self) -> String {
        password(&self.address)
    }
}

/// Somebody with an account.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    /// Who they are, on the list.
    pub reference: String,
    /// Where they can sign in, if anywhere.
    pub door: Option<TenantId>,
}

/// Every place in every community.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// The oldest first in each community.
    pub all: Vec<Place>,
    /// By which place each account was made.
    first: BTreeMap<AccountId, MembershipId>,
}

impl Places {
    /// Reads them. Directors are not among them.
    pub(crate) async fn read(door: &Doorward, communities: &[Community]) -> Result<Self, Failure> {
        let mut places = Self::default();
        for community in communities {
            places.read_community(door, community).await?;
        }
        let mut oldest: Vec<&Place> = places.all.iter().collect();
        oldest.sort_by_key(|place| (place.joined_at, place.membership));
        for place in oldest {
            places
                .first
                .entry(place.account)
                .or_insert(place.membership);
        }
        Ok(places)
    }

    async fn read_community(
        &mut self,
        door: &Doorward,
        community: &Community,
    ) -> Result<(), Failure> {
        let listed: BTreeMap<PersonId, &str> = community
            .rows
            .iter()
            .map(|invitee| (invitee.person, invitee.row.person_ref.as_str()))
            .collect();
        let permit = door.authorise(&community.director, ViewAccess).await?;
        let reading = door.authorise(&community.director, ManagePeople).await?;
        let mut after = None;
        loop {
            let page = door.members(&permit, after.as_ref(), Limit::MAX).await?;
            for row in page.rows {
                let (Some(person), Some(address)) = (row.person, row.email.clone()) else {
                    continue;
                };
                let reference = match listed.get(&person) {
                    Some(reference) => (*reference).to_owned(),
                    None => {
                        let read = door.person(&reading, person).await?;
                        let reference = read.value.reference;
                        reference.map_or_else(String::new, |own| own.as_str().to_owned())
                    }
                };
                self.all
                    .push(place(community.tenant, &row, (person, address, reference)));
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// Counts the accounts.
    pub(crate) fn account_count(&self) -> usize {
        self.first.len()
    }

    /// Tells whether the account was registered by taking this place.
    pub(crate) fn is_first(&self, place: &Place) -> bool {
        self.first.get(&place.account) == Some(&place.membership)
    }

    /// Returns those of people on the list.
    pub(crate) fn listed(&self, communities: &[Community]) -> Vec<Place> {
        let listed: BTreeSet<(TenantId, PersonId)> = communities
            .iter()
            .flat_map(|community| {
                let people = community.rows.iter();
                people.map(|invitee| (community.tenant, invitee.person))
            })
            .collect();
        let on_list = |place: &&Place| listed.contains(&(place.tenant, place.person));
        self.all.iter().filter(on_list).cloned().collect()
    }

    /// Returns who has an account, by address.
    pub(crate) fn holders(&self) -> BTreeMap<EmailAddress, Holder> {
        let mut holders: BTreeMap<EmailAddress, Holder> = BTreeMap::new();
        for place in &self.all {
            let holder = holders
                .entry(place.address.clone())
                .or_insert_with(|| Holder {
                    reference: place.reference.clone(),
                    door: None,
                });
            if self.is_first(place) {
                holder.reference.clone_from(&place.reference);
            }
            if place.status == AccessStatus::Connected {
                holder.door.get_or_insert(place.tenant);
            }
        }
        holders
    }
}

/// The password that whoever has this address chooses: the same in every run.
pub(crate) fn password(address: &EmailAddress) -> String {
    let own = mark("password", address.canonical());
    format!("quiet stones by the ferry {own:016x}")
}

fn place(
    tenant: TenantId,
    row: &MemberRow,
    (person, address, reference): (PersonId, EmailAddress, String),
) -> Place {
    Place {
        tenant,
        membership: row.membership,
        account: row.account,
        person,
        reference,
        address,
        status: row.status,
        joined_at: row.joined_at,
    }
}
