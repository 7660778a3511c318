//! What a plan is made from: the tenant's profiles, the standing of each address, the place that
//! each kind is offered.

use std::collections::BTreeMap;

use doorward_access::{Authority, OfferVerdict, Profile, Sets, judge_offer};
use doorward_identity::Person;
use doorward_invitations::{
    Facts, Identity, PersonRef, Plan, ProfileFacts, Row, Shortfall, SponsorVerdict, Template, plan,
};
use doorward_types::{
    DisplayName, EmailAddress, KindName, Offer, PersonId, Scope, SubjectOffer, Window,
};
use time::OffsetDateTime;

use super::BulkRow;
use crate::{Doorward, Fault, Invite, Permit, inviting::shortfall, stored::access::every};

/// Everything a plan of these rows needs.
pub(super) struct Prepared {
    facts: Facts,
    templates: BTreeMap<KindName, Template>,
    people: BTreeMap<PersonId, Person>,
}

impl Prepared {
    pub(super) fn plan(&self, rows: &[&BulkRow], now: OffsetDateTime) -> Plan {
        // INVARIANT (templates): `prepare` makes one for the kind of every row.
        let templated = rows
            .iter()
            .filter_map(|row| Some((*row, self.templates.get(&row.kind)?)));
        let rows = templated.map(|(row, template)| Row {
            number: row.number,
            identity: self.identity(row),
            address: row.address.clone(),
            subject: row.subject,
            profile: row.profile.clone(),
            window: row.window,
            sworn: row.sworn.clone(),
            template,
        });
        plan(rows, &self.facts, now)
    }

    fn identity(&self, row: &BulkRow) -> Identity {
        let person = self.people.get(&row.person);
        Identity {
            person: Some(row.person),
            reference: person
                .and_then(|person| person.reference.as_ref())
                .and_then(|reference| PersonRef::new(reference.as_str()).ok()),
            name: person.map(|person| person.name.clone()),
        }
    }
}

impl Doorward {
    pub(super) async fn prepare(
        &self,
        permit: &Permit<Invite>,
        rows: &[&BulkRow],
    ) -> Result<Prepared, Fault> {
        let scope = permit.scope();
        let authority = permit.authority();
        let tenant = self.need_tenant(permit.tenant()).await?;
        let profiles: Vec<Profile> = self
            .every::<Profile>(&every(scope, "profile"))
            .await?
            .into_iter()
            .map(|read| read.state)
            .filter(Profile::is_active)
            .collect();
        let default = tenant.state.default_resident_profile();
        let default = profiles
            .iter()
            .find(|profile| Some(profile.id()) == default);
        let default = default.map(|profile| profile.name().clone());
        let mut templates = BTreeMap::new();
        for row in rows {
            if !templates.contains_key(&row.kind) {
                let template = self.template(&row.kind, &authority, default.clone())?;
                templates.insert(row.kind.clone(), template);
            }
        }
        let ids = rows.iter().map(|row| row.person.as_uuid());
        let people = self.load_all::<Person>(scope, ids).await?;
        let people = people
            .into_iter()
            .map(|read| (read.state.id, read.state))
            .collect();
        let facts = self
            .facts(scope, rows, &profiles, &templates, &authority, permit.now())
            .await?;
        Ok(Prepared {
            facts,
            templates,
            people,
        })
    }

    /// The place of a kind: the one-click invite of a resident uses the tenant's default profile
    /// and needs no attestation (design 9.2), which its policy says.
    fn template(
        &self,
        kind: &KindName,
        authority: &Authority,
        default: Option<DisplayName>,
    ) -> Result<Template, Fault> {
        let admission = self.admission(kind)?;
        let place = Offer::of(kind.clone());
        let verdict = verdict(self, &place, &[], authority);
        let needs_none = matches!(
            admission.policy.attestation(),
            doorward_invitations::AttestationRule::NotNeeded
        );
        Ok(Template {
            class: admission.class.clone(),
            place,
            policy: admission.policy.clone(),
            default_profile: default.filter(|_| needs_none),
            verdict,
        })
    }

    async fn facts(
        &self,
        scope: Scope,
        rows: &[&BulkRow],
        profiles: &[Profile],
        templates: &BTreeMap<KindName, Template>,
        authority: &Authority,
        now: OffsetDateTime,
    ) -> Result<Facts, Fault> {
        let mut facts = Facts::new();
        for profile in profiles {
            let known = ProfileFacts {
                id: profile.id(),
                verdict: SponsorVerdict::Within,
            };
            facts = facts.with_profile(profile.name(), known);
            for (kind, template) in templates {
                let subject = SubjectOffer {
                    subject: PersonId::from_uuid(uuid::Uuid::nil()).into(),
                    profile: profile.id(),
                    window: Window::since(now),
                };
                let offer = template.place.clone().with_subject(subject);
                let judged = offer.map_or(SponsorVerdict::Above(Shortfall::OfferGone), |offer| {
                    verdict(self, &offer, std::slice::from_ref(profile), authority)
                });
                if let SponsorVerdict::Above(lacks) = judged {
                    facts = facts.with_shortfall(kind.clone(), profile.id(), lacks);
                }
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        for row in rows {
            let Some(Ok(address)) = row.address.as_deref().map(EmailAddress::new) else {
                continue;
            };
            if seen.insert(address.clone()) {
                let standing = self
                    .standing_of_address(scope, &address, Some(row.person), now)
                    .await?;
                facts = facts.with_address(address, standing.facts);
            }
        }
        Ok(facts)
    }
}

fn verdict(
    door: &Doorward,
    offer: &Offer,
    profiles: &[Profile],
    authority: &Authority,
) -> SponsorVerdict {
    let sets = Sets {
        levels: &[],
        profiles,
    };
    match judge_offer(door.catalog(), offer, &sets, authority) {
        Ok(OfferVerdict::Within(_)) => SponsorVerdict::Within,
        Err(_) => SponsorVerdict::Above(Shortfall::OfferGone),
        Ok(OfferVerdict::Above(above)) => SponsorVerdict::Above(shortfall(&above)),
    }
}
