//! Issuing: from a form to a record, a mail and an invite request, in one commit.

use std::collections::BTreeSet;

use doorward_access::{Authority, Membership};
use doorward_identity::Person;
use doorward_invitations::{
    AddressStanding, Identity, Invitation, Issue, IssueRejection, OpenInvitation, Sponsor,
    SponsorVerdict, Sworn, TenantMember,
};
use doorward_types::{
    DisplayName, EmailAddress, Generation, InvitationId, MembershipId, Offer, PersonId, Scope,
    SubjectId, TenantId,
};
use time::OffsetDateTime;

use super::{InviteRejection, Named, OfferSets, Refused, check_accept_fits};
use crate::{
    Doorward, Error, Fault, Invite, Permit, Tenant, audit_trail,
    mail::{MailedSecret, Template},
    record::{Loaded, key_of},
    stored::{
        access::{grants_of, person_member},
        identity::person_address,
        invitations::{InviteRequest, open_invitation},
    },
    together::both,
    work::{Tries, Work},
};

/// What is issued, by whom.
#[derive(Clone, Debug)]
pub(crate) struct Issuing {
    pub(crate) tenant: TenantId,
    pub(crate) address: EmailAddress,
    pub(crate) person: Option<PersonId>,
    pub(crate) name: Option<DisplayName>,
    pub(crate) offer: Offer,
    pub(crate) sworn: Sworn,
    pub(crate) sponsor: Sponsor,
}

/// What is known of an address in a tenant, and the open invitation itself.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    pub(crate) facts: AddressStanding,
    pub(crate) open: Option<Loaded<Invitation>>,
}

/// What was read for an issue: the records that it names, and how its address stands.
#[derive(Debug)]
pub(crate) struct Reading {
    sets: OfferSets,
    tenant: Option<Loaded<Tenant>>,
    person: Option<Loaded<Person>>,
    all_subjects: bool,
    standing: Standing,
}

impl Doorward {
    /// Adds everything an issue commits to this work.
    pub(crate) async fn issue_into(
        &self,
        work: &mut Work,
        issuing: Issuing,
        read: Reading,
        authority: &Authority,
    ) -> Result<Invitation, Refused<IssueRejection>> {
        let (now, scope) = (work.now, Scope::Tenant(issuing.tenant));
        let admission = self.admission(issuing.offer.kind())?;
        check_accept_fits(&issuing.offer)?;
        let judged = self.judged(&issuing.offer, read.sets, authority);
        judged.guard(work);
        let verdict: SponsorVerdict = judged
            .verdict()
            .map_err(|unfit| Error::Rejected(InviteRejection::Offer(unfit)))?;
        // The offer is kept as it fits the catalog: the whole switch set, named.
        let offer = judged
            .fitted()
            .map_or_else(|| issuing.offer.clone(), |fit| fit.as_offer().clone());
        if issuing.person.is_some() {
            let missing = Fault::Unknown { what: "person" };
            work.guard(&read.person.ok_or(missing)?);
        }
        if !read.all_subjects {
            return Err(Fault::unknown("subject").into());
        }
        let id = InvitationId::made_at(now, self.random()?);
        let Standing { facts, open } = read.standing;
        let mut replaced = None;
        if let Some(open) = open
            && let Ok((gone, events)) = open.state.clone().replaced(id, now)
        {
            // An expired one never blocks a new one (design 5).
            work.replace(&open, &gone)?;
            self.withdraw_request(work, open.state.id()).await?;
            replaced = Some(events);
        }
        let (secret, digest) = self.link(scope, id, Generation::FIRST)?;
        let issue = Issue {
            id,
            tenant: issuing.tenant,
            address: issuing.address,
            person: issuing.person,
            name: issuing.name,
            class: admission.class.clone(),
            offer,
            sworn: issuing.sworn,
            sponsor: issuing.sponsor,
            verdict,
            standing: facts,
            digest,
        };
        let tenant = read.tenant.ok_or(Fault::Unknown { what: "tenant" })?;
        let issued = self.put_issued(work, issue, (tenant.state.name, secret));
        let invitation = issued.map_err(|error| error.map_rejection(InviteRejection::Rule))?;
        work.note(replaced.iter().flatten().map(audit_trail::invitation));
        Ok(invitation)
    }

    /// Issues an invitation, and puts it into a work with its invite request, entry and mail.
    pub(crate) fn put_issued(
        &self,
        work: &mut Work,
        issue: Issue,
        mailing: (DisplayName, MailedSecret),
    ) -> Result<Invitation, Error<IssueRejection>> {
        let policy = &self.admission(issue.offer.kind())?.policy;
        let issued = Invitation::issue(issue, policy, work.now);
        let (invitation, events) = issued.map_err(Error::Rejected)?;
        let request = InviteRequest {
            tenant: invitation.tenant(),
            invitation: invitation.id(),
            address: invitation.address().clone(),
        };
        work.create(Scope::Tenant(invitation.tenant()), &invitation)?;
        work.create(Scope::Directory, &request)?;
        work.note(events.iter().map(audit_trail::invitation));
        self.queue_invitation(work, &invitation, Template::Invitation, mailing)?;
        Ok(invitation)
    }

    /// Makes the permit good for a try, and reads all that an issue is decided by at the same time.
    pub(crate) async fn read_for<R>(
        &self,
        permit: &mut Permit<Invite>,
        tries: &mut Tries,
        issuing: &Issuing,
    ) -> Result<Reading, Error<R>> {
        let (scope, now) = (permit.scope(), self.now());
        let named = Named::by(scope, &issuing.offer);
        let subjects = issuing.offer.subjects().iter();
        let subjects: BTreeSet<_> = subjects.map(|row| row.subject.person()).collect();
        let people = subjects.iter().chain(&issuing.person);
        let mut keys = named.keys();
        keys.push(key_of::<Tenant>(scope, issuing.tenant.as_uuid()));
        keys.extend(people.map(|person| key_of::<Person>(scope, person.as_uuid())));
        let (read, standing) = both(
            self.renew(permit, tries, keys),
            self.standing_of_address(scope, &issuing.address, issuing.person, now),
        )
        .await;
        let mut read = read.map_err(Error::widen)?;
        let sets = named.take(&mut read)?;
        Ok(Reading {
            sets,
            tenant: read.next()?,
            all_subjects: read.several::<Person>(subjects.len())?.len() == subjects.len(),
            person: read.next()?,
            standing: standing?,
        })
    }

    /// Refuses subjects that the tenant has no record of, also where another tenant has.
    pub(crate) async fn known_subjects(
        &self,
        scope: Scope,
        subjects: impl IntoIterator<Item = SubjectId>,
    ) -> Result<(), Fault> {
        let asked: BTreeSet<_> = subjects.into_iter().collect();
        let ids = asked.iter().map(|subject| subject.person().as_uuid());
        let known = self.load_all::<Person>(scope, ids).await?;
        if known.len() == asked.len() {
            Ok(())
        } else {
            Err(Fault::unknown("subject"))
        }
    }

    /// Reads who has an address in a tenant: the person, the open invitation, the member.
    pub(crate) async fn standing_of_address(
        &self,
        scope: Scope,
        address: &EmailAddress,
        person: Option<PersonId>,
        now: OffsetDateTime,
    ) -> Result<Standing, Fault> {
        let (at, open) = (
            person_address(scope, address),
            open_invitation(scope, address),
        );
        let (member, (holder, open)) = both(
            self.member_at(scope, address, person),
            both(
                self.claimed::<Person>(&at),
                self.claimed::<Invitation>(&open),
            ),
        )
        .await;
        let (holder, open, member) = (holder?, open?, member?);
        // An expired one blocks nothing.
        let waiting = open
            .as_ref()
            .and_then(|read| OpenInvitation::of(&read.state, now));
        let holder = match holder {
            Some(read) => Some(read.state),
            // Whom the address was given access for, or promised it, has it though their record
            // does not say so (design 9.10: "the person's who had it first").
            None if person.is_some() => {
                let member = member.as_ref().and_then(|read| read.state.person());
                let invited = open.as_ref().filter(|_| waiting.is_some());
                let invited = invited.and_then(|read| read.state.person());
                self.recorded(scope, member.or(invited)).await?
            }
            None => None,
        };
        let facts = AddressStanding {
            holder: holder.map(|person| Identity {
                person: Some(person.id),
                reference: None,
                name: Some(person.name),
            }),
            open: waiting,
            member: match member {
                None => None,
                Some(read) => Some(TenantMember {
                    membership: read.state.id(),
                    subjects: self.granted_subjects(scope, read.state.id()).await?,
                }),
            },
        };
        Ok(Standing { facts, open })
    }

    async fn recorded(
        &self,
        scope: Scope,
        person: Option<PersonId>,
    ) -> Result<Option<Person>, Fault> {
        let Some(person) = person else {
            return Ok(None);
        };
        let read = self.load::<Person>(scope, person.as_uuid()).await?;
        Ok(read.map(|read| read.state))
    }

    /// Who is a member already: the person, or the account that has proved the address.
    async fn member_at(
        &self,
        scope: Scope,
        address: &EmailAddress,
        person: Option<PersonId>,
    ) -> Result<Option<Loaded<Membership>>, Fault> {
        let proved = self.member_who_proved(scope, address);
        let Some(person) = person else {
            return proved.await;
        };
        let claim = person_member(scope, person.as_bytes());
        let (held, proved) = both(self.claimed::<Membership>(&claim), proved).await;
        Ok(held?.or(proved?))
    }

    async fn granted_subjects(
        &self,
        scope: Scope,
        member: MembershipId,
    ) -> Result<BTreeSet<SubjectId>, Fault> {
        let grants = self
            .every::<doorward_access::Grant>(&grants_of(scope, member))
            .await?;
        let live = grants.iter().filter(|read| read.state.is_active());
        Ok(live.map(|read| read.state.subject()).collect())
    }
}

/// The instant an invitation's mail is good until.
pub(crate) fn expires_at(invitation: &Invitation) -> OffsetDateTime {
    invitation.mailing().expires_at
}
