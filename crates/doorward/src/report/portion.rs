//! The records behind a portion of a report, each kind read in one go.

use std::collections::{BTreeSet, HashMap};

use doorward_access::{Grant, Held, Level, Membership, Profile, Sets, Standing};
use doorward_identity::{Account, Person, Relationship};
use doorward_invitations::Invitation;
use doorward_types::{
    AccountId, DisplayName, InvitationId, MembershipId, PersonId, Principal, Scope, SubjectId,
};

use super::ledger::{Ledger, MemberIds};
use crate::{
    Doorward, Fault,
    access_checks::{is_assignment, states},
    lists::{Names, ProfileNames},
    stored::access::every,
    together::both,
};

/// What every row of a report needs: few records, read once.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) community: DisplayName,
    pub(super) levels: Vec<Level>,
    pub(super) profiles: Vec<Profile>,
    pub(super) names: ProfileNames,
}

/// The records behind one portion of a report.
#[derive(Debug, Default)]
pub(super) struct Portion {
    pub(super) members: HashMap<MembershipId, Membership>,
    pub(super) accounts: HashMap<AccountId, Account>,
    pub(super) grants: HashMap<MembershipId, Vec<Grant>>,
    pub(super) related: HashMap<PersonId, Vec<Relationship>>,
    pub(super) invitations: HashMap<InvitationId, Invitation>,
    pub(super) called: HashMap<PersonId, DisplayName>,
    /// What sponsors and grantors are called.
    pub(super) by: Names,
}

/// One person or member, with everything that was read about them.
pub(super) struct Who<'a> {
    pub(super) person: Option<&'a Person>,
    pub(super) member: Option<&'a Membership>,
    pub(super) account: Option<&'a Account>,
    pub(super) grants: &'a [Grant],
    pub(super) related: &'a [Relationship],
    pub(super) attached: &'a [SubjectId],
    pub(super) invitations: Vec<&'a Invitation>,
    pub(super) standing: Option<Standing>,
}

impl Doorward {
    pub(super) async fn tables(
        &self,
        scope: Scope,
        community: DisplayName,
    ) -> Result<Tables, Fault> {
        let levels = self.every::<Level>(&every(scope, "level")).await?;
        let profiles = self.every::<Profile>(&every(scope, "profile")).await?;
        let profiles = states(&profiles);
        Ok(Tables {
            community,
            levels: states(&levels),
            names: ProfileNames::of(&profiles),
            profiles,
        })
    }

    /// Reads the members of a portion with all that hangs on them, each kind in one go.
    pub(super) async fn portion(
        &self,
        scope: Scope,
        ledger: &Ledger,
        members: &[MemberIds],
        mut invitations: Vec<InvitationId>,
    ) -> Result<Portion, Fault> {
        invitations.extend(members.iter().filter_map(|ids| ids.invitation));
        invitations.sort_unstable();
        invitations.dedup();
        let grants = members
            .iter()
            .filter_map(|ids| ledger.grants_of.get(&ids.member))
            .flatten()
            .map(|grant| grant.as_uuid());
        let grants: Vec<_> = grants.collect();
        let ids = invitations.iter().map(|invitation| invitation.as_uuid());
        let ((members, grants), (invitations, accounts)) = both(
            both(
                self.load_all::<Membership>(scope, members.iter().map(|ids| ids.member.as_uuid())),
                self.load_all::<Grant>(scope, grants),
            ),
            both(
                self.load_all::<Invitation>(scope, ids),
                self.accounts_of(members.iter().map(|ids| ids.account)),
            ),
        )
        .await;
        let mut by_member: HashMap<MembershipId, Vec<Grant>> = HashMap::new();
        for grant in grants? {
            let of = by_member.entry(grant.state.membership()).or_default();
            of.push(grant.state);
        }
        let members = members?.into_iter();
        let members: HashMap<MembershipId, Membership> =
            members.map(|read| (read.state.id(), read.state)).collect();
        let mut accounts = accounts?;
        // An account yields a membership to another one.
        let yielded = members
            .values()
            .map(Membership::account)
            .filter(|account| !accounts.contains_key(account));
        let yielded = self.accounts_of(Vec::from_iter(yielded)).await?;
        accounts.extend(yielded);
        Ok(Portion {
            accounts,
            members,
            grants: by_member,
            related: HashMap::new(),
            invitations: invitations?
                .into_iter()
                .map(|read| (read.state.id(), read.state))
                .collect(),
            called: HashMap::new(),
            by: Names::default(),
        })
    }

    /// Looks up what subjects, sponsors and grantors of a portion are called.
    pub(super) async fn call(
        &self,
        scope: Scope,
        portion: &mut Portion,
        ledger: &Ledger,
        people: &[Person],
        names: &mut Names,
    ) -> Result<(), Fault> {
        let grants = || portion.grants.values().flatten();
        let attached = portion
            .members
            .keys()
            .filter_map(|member| ledger.attached_to.get(member))
            .flatten();
        let offered = portion
            .invitations
            .values()
            .flat_map(|invitation| invitation.offer().subjects());
        let subjects: BTreeSet<PersonId> = grants()
            .map(Grant::subject)
            .chain(attached.copied())
            .chain(offered.map(|offer| offer.subject))
            .chain(
                portion
                    .related
                    .values()
                    .flatten()
                    .map(Relationship::subject),
            )
            .map(SubjectId::person)
            .collect();
        let sponsors = portion
            .invitations
            .values()
            .filter_map(|invitation| invitation.sponsor().membership());
        let granted_by = grants().filter_map(|grant| match grant.granted_by() {
            Principal::Account { membership, .. } => Some(*membership),
            _ => None,
        });
        let sworn = grants().filter_map(|grant| grant.attestation().map(|sworn| sworn.by));
        let wanted: Vec<MembershipId> = sponsors.chain(granted_by).chain(sworn).collect();
        self.learn_names(names, scope, wanted).await?;
        portion.by = names.clone();
        let mut called: HashMap<PersonId, DisplayName> = people
            .iter()
            .map(|person| (person.id, person.name.clone()))
            .collect();
        let others: Vec<_> = subjects
            .into_iter()
            .filter(|subject| !called.contains_key(subject))
            .map(|subject| subject.as_uuid())
            .collect();
        for person in self.load_all::<Person>(scope, others).await? {
            called.insert(person.state.id, person.state.name);
        }
        portion.called = called;
        Ok(())
    }

    pub(super) fn who<'a>(
        &self,
        tables: &Tables,
        ledger: &'a Ledger,
        portion: &'a Portion,
        person: Option<&'a Person>,
        member: Option<&'a Membership>,
    ) -> Who<'a> {
        let id = member.map(Membership::id);
        let grants = id.and_then(|id| portion.grants.get(&id));
        let attached = id.and_then(|id| ledger.attached_to.get(&id));
        let related = person.and_then(|person| portion.related.get(&person.id));
        let by_person = person.and_then(|person| ledger.invitations_of.get(&person.id));
        let mut invitations: Vec<InvitationId> = by_person.cloned().unwrap_or_default();
        invitations.extend(member.and_then(Membership::invitation));
        invitations.sort_unstable();
        invitations.dedup();
        let mut who = Who {
            person,
            member,
            account: member.and_then(|member| portion.accounts.get(&member.account())),
            grants: grants.map_or(&[], Vec::as_slice),
            related: related.map_or(&[], Vec::as_slice),
            attached: attached.map_or(&[], Vec::as_slice),
            invitations: invitations
                .iter()
                .filter_map(|id| portion.invitations.get(id))
                .collect(),
            standing: None,
        };
        who.standing = who.member.map(|member| who.resolve(self, tables, member));
        who
    }
}

impl Who<'_> {
    fn resolve(&self, door: &Doorward, tables: &Tables, member: &Membership) -> Standing {
        let linked = self.related.iter().filter(|it| is_assignment(it));
        let assigned: Vec<SubjectId> = linked
            .map(Relationship::subject)
            .chain(self.attached.iter().copied())
            .collect();
        let held = Held {
            sets: Sets {
                levels: &tables.levels,
                profiles: &tables.profiles,
            },
            grants: self.grants,
            assigned: &assigned,
        };
        Standing::resolve(door.catalog(), member, &held)
    }
}
