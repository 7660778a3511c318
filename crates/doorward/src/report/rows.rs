//! The rows of a report, a portion of people at a time.

use std::collections::BTreeSet;

use doorward_access::{Grant, Level, Membership, Profile, Record, Standing};
use doorward_audit::report::{
    AccessRow, AccessStatus, Attested, By, Granted, Invited, LevelsHeld, MailReport,
};
use doorward_identity::{Account, Person, Relationship};
use doorward_invitations::{Invitation, Sponsor};
use doorward_types::{Attestation, InvitationId, PermissionName, Principal, Scope, SubjectId};
use time::OffsetDateTime;

use super::{
    ledger::{Ledger, MemberIds},
    portion::{Portion, Tables, Who},
};
use crate::{
    Doorward, Fault,
    lists::{Facts, Names, called, levels_held},
    reviews::Reasons,
    together::both,
};

/// A portion that was read and is to be written.
pub(super) struct Ready {
    whose: Whose,
    portion: Portion,
}

enum Whose {
    People(Vec<Person>),
    Members(Vec<MemberIds>),
    Invited(Vec<Invitation>),
}

impl Doorward {
    pub(super) async fn read_people(
        &self,
        scope: Scope,
        ledger: &Ledger,
        people: Vec<Person>,
        names: &mut Names,
    ) -> Result<Ready, Fault> {
        let ids = people.iter().map(|person| person.id);
        let members: Vec<MemberIds> = ids
            .clone()
            .filter_map(|person| ledger.member_of.get(&person).copied())
            .collect();
        let invitations = ids
            .clone()
            .filter_map(|person| ledger.invitations_of.get(&person))
            .flatten()
            .copied();
        let related = ids
            .filter_map(|person| ledger.related.get(&person))
            .flatten()
            .map(|relationship| relationship.as_uuid());
        let (portion, related) = both(
            self.portion(scope, ledger, &members, invitations.collect()),
            self.load_all::<Relationship>(scope, related.collect::<Vec<_>>()),
        )
        .await;
        let mut portion = portion?;
        for relationship in related? {
            let relationship = relationship.state;
            let of = portion.related.entry(relationship.person()).or_default();
            of.push(relationship);
        }
        self.call(scope, &mut portion, ledger, &people, names)
            .await?;
        let whose = Whose::People(people);
        Ok(Ready { whose, portion })
    }

    pub(super) async fn read_members(
        &self,
        scope: Scope,
        ledger: &Ledger,
        members: &[MemberIds],
        names: &mut Names,
    ) -> Result<Ready, Fault> {
        let mut portion = self.portion(scope, ledger, members, Vec::new()).await?;
        self.call(scope, &mut portion, ledger, &[], names).await?;
        let whose = Whose::Members(members.to_vec());
        Ok(Ready { whose, portion })
    }

    pub(super) async fn read_invited(
        &self,
        scope: Scope,
        invitations: &[InvitationId],
        names: &mut Names,
    ) -> Result<Ready, Fault> {
        let ids = invitations.iter().map(|invitation| invitation.as_uuid());
        let read = self.load_all::<Invitation>(scope, ids).await?;
        let invitations: Vec<Invitation> = read.into_iter().map(|read| read.state).collect();
        let sponsors = invitations
            .iter()
            .filter_map(|invitation| invitation.sponsor().membership());
        self.learn_names(names, scope, sponsors).await?;
        let portion = Portion {
            by: names.clone(),
            ..Portion::default()
        };
        let whose = Whose::Invited(invitations);
        Ok(Ready { whose, portion })
    }
}

impl Ready {
    /// Returns how many people, members or invitations it is about.
    pub(super) const fn len(&self) -> usize {
        match &self.whose {
            Whose::People(people) => people.len(),
            Whose::Members(members) => members.len(),
            Whose::Invited(invitations) => invitations.len(),
        }
    }

    /// Returns the rows of one of them.
    pub(super) fn rows(
        &self,
        door: &Doorward,
        tables: &Tables,
        ledger: &Ledger,
        at: usize,
        now: OffsetDateTime,
    ) -> Vec<AccessRow> {
        let portion = &self.portion;
        let (person, member) = match &self.whose {
            Whose::People(people) => {
                let person = people.get(at);
                let member = person.and_then(|person| ledger.member_of.get(&person.id));
                (person, member)
            }
            Whose::Members(members) => (None, members.get(at)),
            Whose::Invited(invitations) => {
                let invitation = invitations.get(at);
                let row = invitation.map(|it| row_of_invited(it, tables, &portion.by, now));
                return Vec::from_iter(row);
            }
        };
        let member = member.and_then(|ids| portion.members.get(&ids.member));
        let who = door.who(tables, ledger, portion, person, member);
        who.rows(door, tables, portion, now)
    }
}

fn row_of_invited(
    invitation: &Invitation,
    tables: &Tables,
    names: &Names,
    now: OffsetDateTime,
) -> AccessRow {
    let mut row = AccessRow::new(tables.community.clone(), AccessStatus::NeverInvited);
    row.status = Facts {
        member: None,
        account: None,
        invitations: vec![invitation],
        grants: &[],
        standing: None,
        now,
    }
    .status();
    row.name = invitation.name().cloned();
    row.email = Some(invitation.address().clone());
    row.kind = Some(invitation.offer().kind().clone());
    row.role = invitation.offer().role().cloned();
    row.class = Some(invitation.class().clone());
    row.invited = invited(invitation, names);
    row
}

impl Who<'_> {
    fn facts(&self, now: OffsetDateTime) -> Facts<'_> {
        Facts {
            member: self.member,
            account: self.account,
            invitations: self.invitations.clone(),
            grants: self.grants,
            standing: self.standing.as_ref(),
            now,
        }
    }

    /// Whose data this person can or could see.
    fn subjects(&self) -> BTreeSet<SubjectId> {
        let active = self.grants.iter().filter(|grant| grant.is_active());
        let is_member = self.member.is_some_and(|member| !member.is_removed());
        let offered = self.invitations.last().filter(|_| !is_member);
        let offered = offered.map_or(&[][..], |invitation| invitation.offer().subjects());
        active
            .map(Grant::subject)
            .filter(|_| is_member)
            .chain(self.attached.iter().copied().filter(|_| is_member))
            .chain(self.related.iter().map(Relationship::subject))
            .chain(offered.iter().map(|offer| offer.subject))
            .collect()
    }

    fn rows(
        &self,
        door: &Doorward,
        tables: &Tables,
        portion: &Portion,
        now: OffsetDateTime,
    ) -> Vec<AccessRow> {
        let names = &portion.by;
        let reasons = Reasons {
            catalog: door.catalog(),
            levels: &tables.levels,
            grants: self.grants,
            profiles: &tables.names,
            member: self.member,
        };
        let mut rows: Vec<AccessRow> = Vec::new();
        let subjects = self.subjects();
        let held = self.standing.as_ref().map(Standing::effective);
        let holds = held.is_some_and(|planes| !planes.is_empty());
        let facts = self.facts(now);
        let is_member = self.member.is_some_and(|member| !member.is_removed());
        let offered_alone = !is_member
            && facts
                .invitation()
                .is_some_and(|invitation| invitation.offer().subjects().is_empty());
        if subjects.is_empty() || holds || offered_alone {
            let mut row = self.row(tables, facts.status());
            if row.status == AccessStatus::Connected {
                row.permissions = self
                    .standing
                    .as_ref()
                    .map(|standing| reasons.effective(standing, now))
                    .unwrap_or_default();
            }
            row.unknown_permissions = self.unknown(door, tables, None);
            row.granted = self.joined(names);
            row.invited = facts.invitation().and_then(|it| invited(it, names));
            rows.push(row);
        }
        for subject in subjects {
            let mut row = self.row(tables, facts.status_over(subject));
            row.subject = Some(subject);
            row.subject_name = portion.called.get(&subject.person()).cloned();
            let mut related = self.related.iter();
            row.relation = related
                .find(|relationship| relationship.subject() == subject)
                .map(|relationship| relationship.label().clone());
            if let Some(standing) = &self.standing
                && row.status == AccessStatus::Connected
            {
                let relation = standing.relation(&Record::of(subject), now);
                row.permissions = reasons.held(standing, relation, Some(subject), now);
            }
            let invitation = facts.invitation_over(subject);
            row.invited = invitation.and_then(|invitation| invited(invitation, names));
            row.granted = self.joined(names).filter(|_| row.status.has_access());
            if let Some(grant) = facts.grant_over(subject).filter(|grant| grant.is_active()) {
                row.profile = tables.names.name(grant.profile());
                row.unknown_permissions = self.unknown(door, tables, Some(grant));
                row.granted = Some(Granted {
                    by: names.of(grant.granted_by()),
                    at: grant.granted_at(),
                    expires_at: grant.window().until(),
                });
                row.attestation = grant.attestation().and_then(|sworn| attested(sworn, names));
            } else if let Some(invitation) = invitation.filter(|_| !is_member) {
                let mut offered = invitation.offer().subjects().iter();
                let offer = offered.find(|offer| offer.subject == subject);
                row.profile = offer.and_then(|offer| tables.names.name(offer.profile));
                let mut sworn = invitation.attested().iter();
                row.attestation = sworn
                    .find(|sworn| sworn.subject == subject)
                    .and_then(|sworn| attested(&sworn.attestation, names));
            }
            rows.push(row);
        }
        rows
    }

    /// What every row of this person tells.
    fn row(&self, tables: &Tables, status: AccessStatus) -> AccessRow {
        let mut row = AccessRow::new(tables.community.clone(), status);
        let invitation = self.invitations.last();
        row.person = self.person.map(|person| person.id);
        row.name = self
            .person
            .map(|person| person.name.clone())
            .or_else(|| called(self.member?, self.account));
        row.kind = self
            .member
            .map(|member| member.kind().clone())
            .or_else(|| self.person.map(|person| person.kind.clone()));
        let account = self.account.and_then(Account::address);
        row.email = account
            .map(|address| address.as_email().clone())
            .or_else(|| self.person?.email.clone())
            .or_else(|| Some(invitation?.address().clone()));
        row.phone = self
            .account
            .and_then(Account::cell)
            .or_else(|| self.person?.cell.as_ref())
            .map(ToString::to_string);
        row.user_name = self
            .account
            .and_then(Account::user_name)
            .filter(|own| self.member.is_some_and(|it| it.tenant() == own.tenant))
            .map(|own| own.name.clone());
        row.class = self.account.and_then(Account::class).cloned();
        if let Some(member) = self.member.filter(|member| !member.is_removed()) {
            row.membership = Some(member.id());
            row.role = member.role().cloned();
            row.levels = self.levels(tables, member);
        }
        row
    }

    /// A kind that knows no levels shows none.
    fn levels(&self, tables: &Tables, member: &Membership) -> Option<LevelsHeld> {
        let held = levels_held(member.levels(), &tables.levels);
        let none = LevelsHeld::Named(Vec::new());
        (held != none || member.role().is_none()).then_some(held)
    }

    /// How a member came by the membership, where an invitation tells.
    fn joined(&self, names: &Names) -> Option<Granted> {
        let member = self.member.filter(|member| !member.is_removed())?;
        let by = member.invitation()?;
        let invitation = self.invitations.iter().find(|it| it.id() == by)?;
        Some(Granted {
            by: sponsor(invitation.sponsor(), names)?,
            at: member.joined_at(),
            expires_at: member.window().until(),
        })
    }

    fn unknown(
        &self,
        door: &Doorward,
        tables: &Tables,
        grant: Option<&Grant>,
    ) -> Vec<PermissionName> {
        let sets = match grant {
            Some(grant) => {
                let profile = tables.profiles.iter().find(|it| it.id() == grant.profile());
                Vec::from_iter(profile.map(Profile::permissions))
            }
            None => {
                let held: BTreeSet<_> = self
                    .member
                    .into_iter()
                    .flat_map(Membership::level_ids)
                    .collect();
                let levels = tables.levels.iter().filter(|it| held.contains(&it.id()));
                levels.map(Level::permissions).collect()
            }
        };
        let unknown: BTreeSet<PermissionName> = sets
            .into_iter()
            .flat_map(|set| {
                let unknown = door.catalog().unknown(set);
                let names: Vec<_> = unknown.iter().map(|(name, _)| name.clone()).collect();
                names
            })
            .collect();
        unknown.into_iter().collect()
    }
}

fn sponsor(sponsor: Sponsor, names: &Names) -> Option<By> {
    match sponsor {
        Sponsor::Member(member) => names.member(member),
        Sponsor::Operator => Some(names.of(&Principal::Operator)),
    }
}

fn invited(invitation: &Invitation, names: &Names) -> Option<Invited> {
    let mailing = invitation.mailing();
    Some(Invited {
        by: sponsor(invitation.sponsor(), names)?,
        at: mailing.sent_at,
        expires_at: mailing.expires_at,
        mail: Some(MailReport {
            status: mailing.delivery.status,
            at: mailing.delivery.at,
        }),
    })
}

fn attested(sworn: &Attestation, names: &Names) -> Option<Attested> {
    Some(Attested {
        statement: sworn.statement.name.clone(),
        version: sworn.statement.version,
        by: names.member(sworn.by)?,
        at: sworn.at,
    })
}
