//! The way an entry is made.

use std::{collections::BTreeMap, convert::Infallible};

use doorward_types::{EntryId, Principal, RequestId, Scope, SubjectId};
use time::OffsetDateTime;

use crate::{
    action::Action,
    code::{Code, CodeError},
    entry::{Body, ENTRY_MAX_LEN, Entry},
    instant,
    outcome::Outcome,
    side::{SIDE_VALUE_MAX_LEN, SideRow},
    target::Target,
    value::{NumberError, Value},
};

/// Collects what is known of a command. The first fault is kept and told by
/// [`build`](EntryBuilder::build).
///
/// Fields and values are [`Code`]s and [`Value`]s, so there is no place for a password, a token or
/// a person's name; those of the last that must be kept go into [`side`](EntryBuilder::side) rows.
///
/// ```
/// use doorward_audit::{Action, Code, Entry, Value};
/// use doorward_types::*;
/// # let now = time::macros::datetime!(2026-11-22 00:13:59.123456 UTC);
/// # let tenant = TenantId::made_at(now, [1; 10]);
/// # let director = Principal::Account {
/// #     account: AccountId::made_at(now, [2; 10]),
/// #     membership: MembershipId::made_at(now, [3; 10]),
/// # };
/// # let level = LevelId::made_at(now, [4; 10]);
/// let scope = Scope::Tenant(tenant);
/// let id = EntryId::made_at(now, [5; 10]);
/// let recorded = Entry::builder(id, scope, director, Action::LEVEL_UPDATE, level, now)
///     .changed(
///         "permissions",
///         Value::codes([Code::new("view_record")?]),
///         Value::codes([Code::new("view_record")?, Code::new("edit_record")?]),
///     )
///     .fact("holders", 12_u32)
///     .side("actor_name", [7; 32], "Ana Ruiz")
///     .build()?;
/// assert_eq!(recorded.entry.facts()["holders"], Value::from(12_u32));
/// assert!(!String::from_utf8_lossy(recorded.entry.as_bytes()).contains("Ana"));
/// assert_eq!(recorded.side.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "an entry is made by `build`"]
pub struct EntryBuilder {
    body: Body,
    side: Vec<SideRow>,
    fault: Option<EntryError>,
}

/// An entry and the personal data that stays beside it; both go into the batch of the change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recorded {
    /// The entry.
    pub entry: Entry,
    /// Its side rows, in the order they were given.
    pub side: Vec<SideRow>,
}

impl EntryBuilder {
    pub(crate) fn new(
        id: EntryId,
        scope: Scope,
        actor: Principal,
        action: Action,
        target: Target,
        recorded_at: OffsetDateTime,
    ) -> Self {
        let body = Body {
            id,
            scope,
            recorded_at: instant::cut(recorded_at),
            actor,
            on_behalf_of: None,
            action,
            target,
            subject: None,
            outcome: Outcome::Success,
            before: BTreeMap::new(),
            after: BTreeMap::new(),
            facts: BTreeMap::new(),
            request: None,
            catalog: None,
            pii: BTreeMap::new(),
        };
        Self {
            body,
            side: Vec::new(),
            fault: None,
        }
    }

    /// Says by whose authority the actor acted.
    pub fn on_behalf_of(mut self, principal: Principal) -> Self {
        self.body.on_behalf_of = Some(principal);
        self
    }

    /// Says whose data it was about.
    pub fn subject(mut self, subject: SubjectId) -> Self {
        self.body.subject = Some(subject);
        self
    }

    /// Says how it ended.
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.body.outcome = outcome;
        self
    }

    /// Says which of the host's requests it was part of.
    pub fn request(mut self, request: RequestId) -> Self {
        self.body.request = Some(request);
        self
    }

    /// Says which catalog the names of permissions belong to, by its SHA-256.
    pub fn catalog(mut self, digest: [u8; 32]) -> Self {
        self.body.catalog = Some(digest);
        self
    }

    /// Records a field before and after; one that did not change is left out.
    pub fn changed<F, V>(self, field: F, before: V, after: V) -> Self
    where
        F: TryInto<Code>,
        V: TryInto<Value>,
        EntryError: From<F::Error> + From<V::Error>,
    {
        self.with(|body| {
            let (field, before, after) = (field.try_into()?, before.try_into()?, after.try_into()?);
            if before != after {
                insert(&mut body.before, field.clone(), before)?;
                insert(&mut body.after, field, after)?;
            }
            Ok(())
        })
    }

    /// Records a field of what the command ended.
    pub fn before<F, V>(self, field: F, value: V) -> Self
    where
        F: TryInto<Code>,
        V: TryInto<Value>,
        EntryError: From<F::Error> + From<V::Error>,
    {
        self.with(|body| insert(&mut body.before, field.try_into()?, value.try_into()?))
    }

    /// Records a field of what the command made.
    pub fn after<F, V>(self, field: F, value: V) -> Self
    where
        F: TryInto<Code>,
        V: TryInto<Value>,
        EntryError: From<F::Error> + From<V::Error>,
    {
        self.with(|body| insert(&mut body.after, field.try_into()?, value.try_into()?))
    }

    /// Records what else matters.
    pub fn fact<F, V>(self, field: F, value: V) -> Self
    where
        F: TryInto<Code>,
        V: TryInto<Value>,
        EntryError: From<F::Error> + From<V::Error>,
    {
        self.with(|body| insert(&mut body.facts, field.try_into()?, value.try_into()?))
    }

    /// Records several facts, such as those of a [`Query`](crate::Query).
    pub fn facts(self, facts: impl IntoIterator<Item = (Code, Value)>) -> Self {
        facts
            .into_iter()
            .fold(self, |builder, (field, value)| builder.fact(field, value))
    }

    /// Keeps personal data beside the entry, which then holds its commitment alone. The salt is
    /// random and drawn for this field.
    pub fn side<F>(mut self, field: F, salt: [u8; 32], value: impl Into<String>) -> Self
    where
        F: TryInto<Code>,
        EntryError: From<F::Error>,
    {
        let value = value.into();
        let entry = self.body.id;
        let row = field
            .try_into()
            .map_err(EntryError::from)
            .and_then(|field| {
                if value.len() > SIDE_VALUE_MAX_LEN {
                    return Err(EntryError::SideTooLong {
                        field,
                        len: value.len(),
                    });
                }
                Ok(SideRow {
                    entry,
                    field,
                    salt,
                    value,
                })
            });
        match row {
            Err(error) => self.with(|_| Err(error)),
            Ok(row) if self.body.pii.contains_key(&row.field) => {
                self.with(|_| Err(EntryError::FieldTwice { field: row.field }))
            }
            Ok(row) => {
                self.body.pii.insert(row.field.clone(), row.commitment());
                self.side.push(row);
                self
            }
        }
    }

    /// Makes the entry.
    ///
    /// # Errors
    /// [`EntryError`] for the first text that was no code, a number no reader keeps, a field named
    /// twice, or an entry or side row too long.
    pub fn build(self) -> Result<Recorded, EntryError> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let entry = Entry::of(self.body);
        let len = entry.as_bytes().len();
        if len > ENTRY_MAX_LEN {
            return Err(EntryError::TooLong { len });
        }
        Ok(Recorded {
            entry,
            side: self.side,
        })
    }

    fn with(mut self, record: impl FnOnce(&mut Body) -> Result<(), EntryError>) -> Self {
        if self.fault.is_none() {
            self.fault = record(&mut self.body).err();
        }
        self
    }
}

fn insert(values: &mut BTreeMap<Code, Value>, field: Code, value: Value) -> Result<(), EntryError> {
    if values.contains_key(&field) {
        return Err(EntryError::FieldTwice { field });
    }
    values.insert(field, value);
    Ok(())
}

/// Why an entry was not made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EntryError {
    /// A field or value that is no code: personal data belongs into a side row.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// A number that JSON readers would round.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// A field was given two values.
    #[error("the field `{field}` is in the entry already")]
    FieldTwice {
        /// Which field.
        field: Code,
    },
    /// The value of a side row is too long.
    #[error("the side row `{field}` has at most 16384 bytes, not {len}")]
    SideTooLong {
        /// Which field.
        field: Code,
        /// How many bytes its value has.
        len: usize,
    },
    /// The entry is too long: record counts and digests in place of long sets.
    #[error("an entry has at most 16384 bytes, not {len}")]
    TooLong {
        /// How many bytes it would have.
        len: usize,
    },
}

impl From<Infallible> for EntryError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
