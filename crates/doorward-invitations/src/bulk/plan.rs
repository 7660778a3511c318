//! The plan itself: rows in their order, each with one outcome; a bad row never ends the run.

use std::collections::BTreeMap;

use doorward_types::{DISPLAY_NAME_MAX_CHARS, DisplayName, EmailAddress, SubjectOffer, Window};
use time::OffsetDateTime;

use super::{Facts, Outcome, Refusal, Row, group::Group, seen::Seen};
use crate::{AttestationRule, Sworn};

/// What would be done, row by row. Making it changes nothing: it is the dry run.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Plan {
    rows: Vec<PlannedRow>,
}

/// A row and what becomes of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PlannedRow {
    /// The row's number in the file.
    pub number: u32,
    /// What becomes of it.
    pub outcome: Outcome,
}

/// How many rows have which outcome; together they are all rows.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Invitations to issue.
    pub ready: usize,
    /// Open invitations to amend.
    pub amend: usize,
    /// Grants to make directly.
    pub grant_directly: usize,
    /// Rows that go with an earlier one.
    pub joins: usize,
    /// Rows for which nothing is done, by [`Refusal::name`].
    pub refused: BTreeMap<&'static str, usize>,
}

impl Counts {
    /// Returns how many rows nothing is done for.
    #[must_use]
    pub fn refused_total(&self) -> usize {
        self.refused.values().sum()
    }

    /// Returns how many rows there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.ready + self.amend + self.grant_directly + self.joins + self.refused_total()
    }
}

impl Plan {
    /// Returns the rows in the order in which they were given.
    #[must_use]
    pub fn rows(&self) -> &[PlannedRow] {
        &self.rows
    }

    /// Returns the rows by value, to be carried out one commit each.
    #[must_use]
    pub fn into_rows(self) -> Vec<PlannedRow> {
        self.rows
    }

    /// Counts the outcomes.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for row in &self.rows {
            match &row.outcome {
                Outcome::Ready(_) => counts.ready += 1,
                Outcome::Amend(_) => counts.amend += 1,
                Outcome::GrantDirectly(_) => counts.grant_directly += 1,
                Outcome::Joins { .. } => counts.joins += 1,
                Outcome::Refused(refusal) => {
                    *counts.refused.entry(refusal.name()).or_default() += 1
                }
            }
        }
        counts
    }
}

/// Plans a run over these rows.
///
/// Inside a tenant an address is the person's who had it first: by stored record, else by the
/// earlier row, whatever else is wrong with that row (design 9.10). Rows of one person at one
/// address become one invitation of at most ten subjects, carried by the first of them.
///
/// ```
/// use doorward_invitations::{
///     Facts, Identity, Outcome, Policy, ProfileFacts, Row, SponsorVerdict, Template, plan,
/// };
/// use doorward_types::{ClassName, DisplayName, KindName, Offer, PersonId, ProfileId};
/// use time::macros::datetime;
///
/// let now = datetime!(2026-11-22 10:00 UTC);
/// let resident = PersonId::made_at(now, [1; 10]);
/// let default = DisplayName::new("Resident")?;
/// let residents = Template {
///     class: ClassName::new("resident")?,
///     place: Offer::of(KindName::new("resident")?),
///     policy: Policy::thirty_days(),
///     default_profile: Some(default.clone()),
///     verdict: SponsorVerdict::Within,
/// };
/// let id = ProfileId::made_at(now, [2; 10]);
/// let facts = Facts::new()
///     .with_profile(&default, ProfileFacts { id, verdict: SponsorVerdict::Within });
/// let row = |number, address: Option<&str>| Row {
///     number,
///     identity: Identity { person: Some(resident), ..Identity::default() },
///     address: address.map(str::to_owned),
///     subject: Some(resident.into()),
///     profile: None,
///     window: None,
///     sworn: None,
///     template: &residents,
/// };
/// let plan = plan([row(2, Some("ana@example.org")), row(3, None)], &facts, now);
/// assert!(matches!(plan.rows()[0].outcome, Outcome::Ready(_)));
/// assert_eq!(plan.rows()[1].outcome.name(), "no_address");
/// assert_eq!(plan.counts().total(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn plan<'a>(
    rows: impl IntoIterator<Item = Row<'a>>,
    facts: &Facts,
    now: OffsetDateTime,
) -> Plan {
    let mut planned: Vec<PlannedRow> = Vec::new();
    let mut groups = BTreeMap::new();
    let mut seen = Seen::default();
    for row in rows {
        let outcome = decide(&row, facts, now, &mut groups, &mut seen, &mut planned);
        let outcome = outcome.unwrap_or_else(Outcome::Refused);
        planned.push(PlannedRow {
            number: row.number,
            outcome,
        });
    }
    Plan { rows: planned }
}

/// One guard a refusal, in the order in which an administrator mends a row.
fn decide(
    row: &Row<'_>,
    facts: &Facts,
    now: OffsetDateTime,
    groups: &mut BTreeMap<EmailAddress, Group>,
    seen: &mut Seen,
    planned: &mut [PlannedRow],
) -> Result<Outcome, Refusal> {
    let address = address(row, facts)?;
    let group = groups
        .entry(address.clone())
        .or_insert_with(|| Group::owned_by(row, facts.standing(&address)));
    group.check_owner(&row.identity)?;
    seen.check(&row.identity, &address)?;
    let subject = subject(row, facts, now)?;
    let sworn = sworn(row, group.rule())?;
    let outcome = group.place(&address, row, subject, sworn, planned);
    // Also where nothing is left to do: a second run must not invite the person elsewhere.
    seen.note(&row.identity, &address, row.number);
    outcome
}

fn address(row: &Row<'_>, facts: &Facts) -> Result<EmailAddress, Refusal> {
    let text = row.address.as_deref().unwrap_or_default();
    if text.trim().is_empty() {
        return Err(Refusal::NoAddress);
    }
    EmailAddress::with(text, facts.local_part()).map_err(Refusal::BadAddress)
}

/// The subject with its profile, where the sponsor may give both it and the place.
fn subject(
    row: &Row<'_>,
    facts: &Facts,
    now: OffsetDateTime,
) -> Result<Option<SubjectOffer>, Refusal> {
    let template = row.template;
    let named = row
        .profile
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let needs_subject = matches!(template.policy.attestation(), AttestationRule::Required(_));
    let Some(subject) = row.subject else {
        if needs_subject || named.is_some() {
            return Err(Refusal::NoSubject);
        }
        template
            .verdict
            .clone()
            .within()
            .map_err(Refusal::AboveCeiling)?;
        return Ok(None);
    };
    let unknown = |name: &str| Refusal::UnknownProfile {
        name: name.chars().take(DISPLAY_NAME_MAX_CHARS).collect(),
    };
    let name = match (named, &template.default_profile) {
        (Some(name), _) => DisplayName::new(name).map_err(|_| unknown(name))?,
        (None, Some(default)) => default.clone(),
        (None, None) => return Err(Refusal::NoProfile),
    };
    let profile = facts.profile(&name).ok_or_else(|| unknown(name.as_str()))?;
    template
        .verdict
        .clone()
        .within()
        .map_err(Refusal::AboveCeiling)?;
    profile
        .verdict
        .clone()
        .within()
        .map_err(Refusal::AboveCeiling)?;
    if let Some(lacks) = facts.shortfall(template.place.kind(), profile.id) {
        return Err(Refusal::AboveCeiling(lacks.clone()));
    }
    let window = row.window.unwrap_or_else(|| Window::since(now));
    Ok(Some(SubjectOffer {
        subject,
        profile: profile.id,
        window,
    }))
}

/// What was sworn about the row's subject: by the row's own rule, and by that of the row whose
/// invitation it would join.
fn sworn(row: &Row<'_>, carrier: Option<&AttestationRule>) -> Result<Sworn, Refusal> {
    let rules = [Some(row.template.policy.attestation()), carrier];
    for rule in rules.into_iter().flatten() {
        if let AttestationRule::Required(words) = rule
            && row.sworn.as_ref() != Some(words)
        {
            return Err(Refusal::NoAttestation);
        }
    }
    Ok(row.subject.into_iter().zip(row.sworn.clone()).collect())
}
