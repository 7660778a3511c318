//! The audit trail: every event of the pure crates becomes part of an entry, by one exhaustive match
//! per crate, so that no event escapes the audit.

mod access;
mod identity;
mod invitations;
mod tenants;

use doorward_audit::{Action, Code, Entry, Outcome, Target, Value};
use doorward_storage::{AuditRow, SideRow};
use doorward_types::{EntryId, Principal, Scope, SubjectId};
use time::OffsetDateTime;

use crate::{Doorward, Fault, record::stored_scope};

pub(crate) use access::{attachment, grant, group, level, membership, profile, support};
pub(crate) use identity::{account, person, relationship};
pub(crate) use invitations::invitation;
pub(crate) use tenants::{TenantEvent, tenant};

/// What one event says of itself, before it is an entry.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) action: Action,
    pub(crate) target: Target,
    pub(crate) on_behalf_of: Option<Principal>,
    pub(crate) subject: Option<SubjectId>,
    pub(crate) before: Fields,
    pub(crate) after: Fields,
    pub(crate) facts: Fields,
    /// Names, addresses and other text of people: it goes into side rows.
    pub(crate) personal: Vec<(Code, String)>,
    pub(crate) outcome: Outcome,
}

pub(crate) type Fields = Vec<(Code, Value)>;

impl Draft {
    pub(crate) fn new(action: Action, target: impl Into<Target>) -> Self {
        Self {
            action,
            target: target.into(),
            on_behalf_of: None,
            subject: None,
            before: Vec::new(),
            after: Vec::new(),
            facts: Vec::new(),
            personal: Vec::new(),
            outcome: Outcome::Success,
        }
    }

    /// For whom the principal acts: the Director who let support in.
    pub(crate) fn on_behalf_of(mut self, principal: Option<Principal>) -> Self {
        self.on_behalf_of = principal;
        self
    }

    pub(crate) fn about(mut self, subject: SubjectId) -> Self {
        self.subject = Some(subject);
        self
    }

    pub(crate) fn before(mut self, field: &'static str, value: impl Into<Value>) -> Self {
        self.before.push((Code::declare(field), value.into()));
        self
    }

    pub(crate) fn after(mut self, field: &'static str, value: impl Into<Value>) -> Self {
        self.after.push((Code::declare(field), value.into()));
        self
    }

    pub(crate) fn fact(mut self, field: &'static str, value: impl Into<Value>) -> Self {
        self.facts.push((Code::declare(field), value.into()));
        self
    }

    pub(crate) fn personal(mut self, field: &'static str, value: impl ToString) -> Self {
        self.personal
            .push((Code::declare(field), value.to_string()));
        self
    }

    pub(crate) fn personal_if(self, field: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.personal(field, value),
            None => self,
        }
    }

    pub(crate) fn denied(mut self, reason: Code) -> Self {
        self.outcome = Outcome::Denied { reason };
        self
    }

    /// Merges what one command did into one entry (decision 0005): the first names it, each other
    /// is listed under `also` with its fields numbered.
    pub(crate) fn merge(drafts: Vec<Self>) -> Option<Self> {
        let mut drafts = drafts.into_iter();
        let mut entry = drafts.next()?;
        let mut also = Vec::new();
        for (number, draft) in drafts.enumerate() {
            also.push(draft.action.code().clone());
            entry.take(number + 1, draft);
        }
        if !also.is_empty() {
            entry
                .facts
                .push((Code::declare("also"), Value::codes(also)));
        }
        Some(entry)
    }

    /// Makes the entry and its side rows, with fresh salts.
    pub(crate) fn into_row(
        self,
        door: &Doorward,
        scope: Scope,
        actor: &Principal,
        now: OffsetDateTime,
    ) -> Result<AuditRow, Fault> {
        let id = EntryId::made_at(now, door.random()?);
        let mut entry = Entry::builder(id, scope, actor.clone(), self.action, self.target, now)
            .outcome(self.outcome)
            .catalog(door.catalog().digest().into())
            .facts(self.facts);
        if let Some(principal) = self.on_behalf_of {
            entry = entry.on_behalf_of(principal);
        }
        if let Some(subject) = self.subject {
            entry = entry.subject(subject);
        }
        for (field, value) in self.before {
            entry = entry.before(field, value);
        }
        for (field, value) in self.after {
            entry = entry.after(field, value);
        }
        for (field, value) in self.personal {
            entry = entry.side(field, door.random()?, value);
        }
        let recorded = entry.build()?;
        let side = recorded.side.into_iter().map(|row| SideRow {
            field: row.field.as_str().to_owned(),
            salt: row.salt,
            value: row.value.into_bytes(),
        });
        Ok(AuditRow {
            id: id.as_uuid(),
            scope: stored_scope(scope),
            body: recorded.entry.into_bytes(),
            side: side.collect(),
        })
    }

    fn take(&mut self, number: usize, other: Self) {
        let numbered = |field: &Code| {
            // Fields are short words, so the number always fits.
            Code::new(&format!("{field}:{number}")).unwrap_or_else(|_| field.clone())
        };
        if let Some(id) = other.target.id() {
            self.facts
                .push((numbered(other.target.kind()), Value::from(id.clone())));
        }
        if let Some(subject) = other.subject {
            self.facts
                .push((numbered(&Code::declare("subject")), Value::from(subject)));
        }
        let renumber = |(field, value): (Code, Value)| (numbered(&field), value);
        self.before.extend(other.before.into_iter().map(renumber));
        self.after.extend(other.after.into_iter().map(renumber));
        self.facts.extend(other.facts.into_iter().map(renumber));
        let personal = other
            .personal
            .into_iter()
            .map(|(field, value)| (numbered(&field), value));
        self.personal.extend(personal);
    }
}
