//! The rows of one address: who has it, and which planned row carries the others.

use std::collections::BTreeMap;

use doorward_types::{EmailAddress, OFFER_MAX_SUBJECTS, Offer, SubjectId, SubjectOffer};

use super::{
    Identity, Outcome, PlannedAmendment, PlannedGrant, PlannedInvitation, Refusal, Row,
    plan::PlannedRow,
};
use crate::{AddressStanding, AttestationRule, OpenInvitation, Sworn, TenantMember};

/// All rows of one address.
pub(super) struct Group {
    owner: Identity,
    /// The row that brought the owner; none where a stored record did.
    owner_row: Option<u32>,
    standing: AddressStanding,
    lead: Option<Lead>,
    /// What was planned, by subject; `None` for a place without one.
    done: BTreeMap<Option<SubjectId>, u32>,
}

/// The planned row that carries those of the same person which come later.
struct Lead {
    index: usize,
    number: u32,
    rule: AttestationRule,
}

impl Group {
    /// Returns the group of an address: of the stored holder, else of this row's person.
    pub(super) fn owned_by(row: &Row<'_>, standing: AddressStanding) -> Self {
        let (owner, owner_row) = match &standing.holder {
            Some(holder) => (holder.clone(), None),
            None => (row.identity.clone(), Some(row.number)),
        };
        Self {
            owner,
            owner_row,
            standing,
            lead: None,
            done: BTreeMap::new(),
        }
    }

    /// Lets the owner's rows pass; what each adds is known of the owner from then on.
    pub(super) fn check_owner(&mut self, identity: &Identity) -> Result<(), Refusal> {
        if !self.owner.same_as(identity) {
            return Err(Refusal::AddressOfAnotherPerson {
                row: self.owner_row,
            });
        }
        self.owner = std::mem::take(&mut self.owner).and(identity);
        Ok(())
    }

    /// Returns the rule of the row that carries the others, once there is one.
    pub(super) fn rule(&self) -> Option<&AttestationRule> {
        self.lead.as_ref().map(|lead| &lead.rule)
    }

    /// Puts a sound row in its place: a grant, an amendment, an invitation, or one of those that
    /// an earlier row carries.
    pub(super) fn place(
        &mut self,
        address: &EmailAddress,
        row: &Row<'_>,
        subject: Option<SubjectOffer>,
        sworn: Sworn,
        planned: &mut [PlannedRow],
    ) -> Result<Outcome, Refusal> {
        let key = subject.as_ref().map(|offer| offer.subject);
        if let Some(&row) = self.done.get(&key) {
            return Err(Refusal::DuplicateInFile { row });
        }
        let outcome = if let Some(member) = &self.standing.member {
            grant(member, subject, sworn)?
        } else if let Some(lead) = &self.lead {
            // A place without a subject adds nothing to an invitation that goes out anyway.
            let subject = subject.ok_or(Refusal::DuplicateInFile { row: lead.number })?;
            let open = self.standing.open.as_ref();
            lead.carry(row.number, subject, sworn, (&self.owner, open), planned)?
        } else {
            let outcome = match &self.standing.open {
                Some(open) => amend(open, row, subject, sworn)?,
                None => self.invite(address, row, subject, sworn)?,
            };
            let rule = row.template.policy.attestation().clone();
            self.lead = Some(Lead {
                index: planned.len(),
                number: row.number,
                rule,
            });
            outcome
        };
        self.done.insert(key, row.number);
        Ok(outcome)
    }

    fn invite(
        &self,
        address: &EmailAddress,
        row: &Row<'_>,
        subject: Option<SubjectOffer>,
        sworn: Sworn,
    ) -> Result<Outcome, Refusal> {
        let place = row.template.place.clone();
        Ok(Outcome::Ready(PlannedInvitation {
            address: address.clone(),
            person: self.owner.person,
            name: row
                .identity
                .name
                .clone()
                .or_else(|| self.owner.name.clone()),
            class: row.template.class.clone(),
            offer: subject.into_iter().try_fold(place, with_subject)?,
            sworn,
            rows: vec![row.number],
        }))
    }
}

impl Lead {
    fn carry(
        &self,
        number: u32,
        subject: SubjectOffer,
        sworn: Sworn,
        (owner, open): (&Identity, Option<&OpenInvitation>),
        planned: &mut [PlannedRow],
    ) -> Result<Outcome, Refusal> {
        let offered = open.map_or(0, |open| open.subjects.len());
        match (
            planned.get_mut(self.index).map(|row| &mut row.outcome),
            open,
        ) {
            (_, Some(open)) if open.subjects.contains(&subject.subject) => {
                return Err(Refusal::AlreadyOpen {
                    invitation: open.id,
                });
            }
            (Some(Outcome::Ready(invitation)), _) => {
                invitation.offer = with_subject(invitation.offer.clone(), subject)?;
                invitation.sworn.extend(sworn);
                invitation.rows.push(number);
                // A later row may know the person whom the first only named.
                invitation.person = owner.person;
                invitation.name = invitation.name.take().or_else(|| owner.name.clone());
            }
            (Some(Outcome::Amend(amendment)), _) => {
                if offered + amendment.add.len() >= OFFER_MAX_SUBJECTS {
                    return Err(Refusal::TooManySubjects);
                }
                amendment.add.push(subject);
                amendment.sworn.extend(sworn);
                amendment.rows.push(number);
            }
            // A lead is one of the two; anything else would carry nothing.
            _ => return Err(Refusal::TooManySubjects),
        }
        Ok(Outcome::Joins { row: self.number })
    }
}

fn grant(
    member: &TenantMember,
    subject: Option<SubjectOffer>,
    sworn: Sworn,
) -> Result<Outcome, Refusal> {
    let membership = member.membership;
    match subject {
        Some(subject) if !member.subjects.contains(&subject.subject) => {
            Ok(Outcome::GrantDirectly(PlannedGrant {
                membership,
                subject,
                sworn,
            }))
        }
        _ => Err(Refusal::AlreadyMember { membership }),
    }
}

fn amend(
    open: &OpenInvitation,
    row: &Row<'_>,
    subject: Option<SubjectOffer>,
    sworn: Sworn,
) -> Result<Outcome, Refusal> {
    let invitation = open.id;
    match subject {
        Some(subject) if !open.subjects.contains(&subject.subject) => {
            if open.subjects.len() >= OFFER_MAX_SUBJECTS {
                return Err(Refusal::TooManySubjects);
            }
            let (add, rows) = (vec![subject], vec![row.number]);
            Ok(Outcome::Amend(PlannedAmendment {
                invitation,
                add,
                sworn,
                rows,
            }))
        }
        _ => Err(Refusal::AlreadyOpen { invitation }),
    }
}

/// The subject is new to the offer, so only the eleventh is refused.
fn with_subject(offer: Offer, subject: SubjectOffer) -> Result<Offer, Refusal> {
    offer
        .with_subject(subject)
        .map_err(|_| Refusal::TooManySubjects)
}
