//! What a sponsor swore about whom.

use std::collections::BTreeMap;

use doorward_types::{Attestation, Statement, SubjectId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{AttestationRule, Sponsor};

/// The statements that a sponsor's form came with, by subject: which boxes were ticked, beside which
/// words.
pub type Sworn = BTreeMap<SubjectId, Statement>;

/// What was sworn about access to one subject's data. Kept as long as the invitation.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Attested {
    /// Whose data.
    pub subject: SubjectId,
    /// What was sworn, by whom, when.
    pub attestation: Attestation,
}

/// Why the boxes of a form do not do.
pub(crate) enum Unsworn {
    NoSubject,
    Operator,
    Missing(Vec<SubjectId>),
}

/// Takes the oaths for these subjects: each, under the rule's exact words. What was sworn without
/// need is kept too.
pub(crate) fn swear(
    subjects: impl IntoIterator<Item = SubjectId>,
    sworn: &Sworn,
    sponsor: Sponsor,
    rule: &AttestationRule,
    now: OffsetDateTime,
) -> Result<Vec<Attested>, Unsworn> {
    let subjects: Vec<_> = subjects.into_iter().collect();
    if let AttestationRule::Required(words) = rule {
        let open = |subject: &SubjectId| sworn.get(subject) != Some(words);
        let missing: Vec<_> = subjects.iter().copied().filter(open).collect();
        if !missing.is_empty() {
            return Err(Unsworn::Missing(missing));
        }
    }
    let Some(by) = sponsor.membership() else {
        // A process swears to nothing: where an oath is needed, a member gives it.
        return match rule {
            AttestationRule::Required(_) if !subjects.is_empty() => Err(Unsworn::Operator),
            _ => Ok(Vec::new()),
        };
    };
    let attested = subjects.into_iter().filter_map(|subject| {
        let statement = sworn.get(&subject)?.clone();
        let attestation = Attestation {
            statement,
            by,
            at: now,
        };
        Some(Attested {
            subject,
            attestation,
        })
    });
    Ok(attested.collect())
}

/// Refuses an offer without subjects where each needs an oath: nothing would be sworn.
pub(crate) fn needs_subject(count: usize, rule: &AttestationRule) -> Result<(), Unsworn> {
    match rule {
        AttestationRule::Required(_) if count == 0 => Err(Unsworn::NoSubject),
        _ => Ok(()),
    }
}
