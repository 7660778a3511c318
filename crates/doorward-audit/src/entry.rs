//! Entries: the exact bytes that are stored, and what they tell.

use std::{collections::BTreeMap, fmt};

use doorward_types::{EntryId, Principal, RequestId, Scope, SubjectId};
use serde::{Deserialize, Deserializer, de::Error};
use time::OffsetDateTime;

use crate::{
    action::Action,
    builder::EntryBuilder,
    canonical::Json,
    code::Code,
    instant,
    outcome::Outcome,
    side::{Commitment, SideRow, unhex},
    target::Target,
    value::Value,
};

/// The longest entry, in bytes: 16 KiB (design 7).
pub const ENTRY_MAX_LEN: usize = 16 << 10;

/// The version of the schema that entries are written in.
pub const ENTRY_VERSION: u64 = 1;

/// One command upon one target: who did or tried what, when, and how it ended.
///
/// An entry *is* its bytes: they are stored, sealed and exported as they are and never written
/// anew, so that a field added later leaves every older entry as it was. They are canonical JSON
/// without line breaks (RFC 8785 without floats), at most 16 KiB, and hold neither a position nor
/// personal data. See [`Entry::builder`] for the way in.
///
/// ```
/// use doorward_audit::Entry;
/// let bytes = concat!(
///     r#"{"action":"support.open","actor":{"kind":"system"},"category":"C","#,
///     r#""id":"00000000-0000-7000-8000-000000000000","new_in_v1":[1],"#,
///     r#""outcome":{"code":"success"},"recorded_at":"2026-11-22T00:13:59.123456Z","#,
///     r#""scope":"directory","target":{"kind":"tenant"},"v":1}"#,
/// );
/// let entry = Entry::parse(bytes.as_bytes())?;
/// assert_eq!(entry.action().code().as_str(), "support.open");
/// assert_eq!(entry.as_bytes(), bytes.as_bytes(), "fields that are not known yet stay");
/// # Ok::<(), doorward_audit::ParseEntryError>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct Entry {
    bytes: Box<[u8]>,
    body: Body,
}

/// What an entry's bytes tell.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub(crate) struct Body {
    pub(crate) id: EntryId,
    #[serde(deserialize_with = "scope")]
    pub(crate) scope: Scope,
    #[serde(deserialize_with = "instant::deserialize")]
    pub(crate) recorded_at: OffsetDateTime,
    pub(crate) actor: Principal,
    #[serde(default)]
    pub(crate) on_behalf_of: Option<Principal>,
    #[serde(flatten)]
    pub(crate) action: Action,
    pub(crate) target: Target,
    #[serde(default)]
    pub(crate) subject: Option<SubjectId>,
    pub(crate) outcome: Outcome,
    #[serde(default)]
    pub(crate) before: BTreeMap<Code, Value>,
    #[serde(default)]
    pub(crate) after: BTreeMap<Code, Value>,
    #[serde(default)]
    pub(crate) facts: BTreeMap<Code, Value>,
    #[serde(default)]
    pub(crate) request: Option<RequestId>,
    #[serde(default, deserialize_with = "digest")]
    pub(crate) catalog: Option<[u8; 32]>,
    #[serde(default)]
    pub(crate) pii: BTreeMap<Code, Commitment>,
}

impl Entry {
    /// Begins an entry that records a success; the builder takes what else is known.
    pub fn builder(
        id: EntryId,
        scope: Scope,
        actor: Principal,
        action: Action,
        target: impl Into<Target>,
        recorded_at: OffsetDateTime,
    ) -> EntryBuilder {
        EntryBuilder::new(id, scope, actor, action, target.into(), recorded_at)
    }

    /// Reads stored bytes. Fields this version does not know are passed over, and stay in the
    /// bytes.
    ///
    /// # Errors
    /// [`ParseEntryError`] where the bytes are no entry, or one of another version.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseEntryError> {
        #[derive(Deserialize)]
        struct Version {
            v: u64,
        }

        if bytes.len() > ENTRY_MAX_LEN {
            return Err(ParseEntryError::TooLong { len: bytes.len() });
        }
        if bytes.contains(&b'\n') {
            return Err(ParseEntryError::LineBreak);
        }
        let Version { v } = serde_json::from_slice(bytes).map_err(ParseEntryError::Json)?;
        if v != ENTRY_VERSION {
            return Err(ParseEntryError::Version { found: v });
        }
        let body = serde_json::from_slice(bytes).map_err(ParseEntryError::Json)?;
        Ok(Self {
            bytes: bytes.into(),
            body,
        })
    }

    pub(crate) fn of(body: Body) -> Self {
        Self {
            bytes: body.to_json().to_text().into_bytes().into_boxed_slice(),
            body,
        }
    }

    /// Returns the bytes that are stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the bytes that are stored, for the batch.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes.into_vec()
    }

    /// Returns its id, which orders entries by time.
    #[must_use]
    pub const fn id(&self) -> EntryId {
        self.body.id
    }

    /// Returns the scope in which the principal acted.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.body.scope
    }

    /// Returns when it was recorded, in UTC, to the microsecond.
    #[must_use]
    pub const fn recorded_at(&self) -> OffsetDateTime {
        self.body.recorded_at
    }

    /// Returns who acted: with support, the human at the keyboard.
    #[must_use]
    pub const fn actor(&self) -> &Principal {
        &self.body.actor
    }

    /// Returns by whose authority, where it is not the actor's own: with support, the Director who
    /// opened the tenant.
    #[must_use]
    pub const fn on_behalf_of(&self) -> Option<&Principal> {
        self.body.on_behalf_of.as_ref()
    }

    /// Returns what was done or tried.
    #[must_use]
    pub const fn action(&self) -> &Action {
        &self.body.action
    }

    /// Returns what it was done to.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.body.target
    }

    /// Returns whose data it was about, if one person's.
    #[must_use]
    pub const fn subject(&self) -> Option<SubjectId> {
        self.body.subject
    }

    /// Returns how it ended.
    #[must_use]
    pub const fn outcome(&self) -> &Outcome {
        &self.body.outcome
    }

    /// Returns the changed fields as they were.
    #[must_use]
    pub const fn before(&self) -> &BTreeMap<Code, Value> {
        &self.body.before
    }

    /// Returns the changed fields as they became.
    #[must_use]
    pub const fn after(&self) -> &BTreeMap<Code, Value> {
        &self.body.after
    }

    /// Returns what else was recorded.
    #[must_use]
    pub const fn facts(&self) -> &BTreeMap<Code, Value> {
        &self.body.facts
    }

    /// Returns the host's request that it was part of.
    #[must_use]
    pub const fn request(&self) -> Option<RequestId> {
        self.body.request
    }

    /// Returns the digest of the catalog that names of permissions belong to.
    #[must_use]
    pub const fn catalog(&self) -> Option<&[u8; 32]> {
        self.body.catalog.as_ref()
    }

    /// Returns the commitments to the personal data beside it, by field.
    #[must_use]
    pub const fn commitments(&self) -> &BTreeMap<Code, Commitment> {
        &self.body.pii
    }

    /// Sets the personal data beside it against its commitments, field by field. Rows of other
    /// entries are passed over.
    #[must_use]
    pub fn disclose<'a>(&'a self, rows: &'a [SideRow]) -> BTreeMap<&'a str, Disclosed<'a>> {
        let disclosed = |(field, commitment): (&'a Code, &Commitment)| {
            let row = rows
                .iter()
                .find(|row| row.entry == self.id() && row.field == *field);
            let disclosed = match row {
                None => Disclosed::Erased,
                Some(row) if commitment.is_of(row) => Disclosed::Kept(&row.value),
                Some(_) => Disclosed::Altered,
            };
            (field.as_str(), disclosed)
        };
        self.commitments().iter().map(disclosed).collect()
    }
}

/// What is left of a personal field beside an entry.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Disclosed<'a> {
    /// The value that the entry committed to.
    Kept(&'a str),
    /// No row any more.
    Erased,
    /// A row that is not the one the entry committed to.
    Altered,
}

impl fmt::Debug for Disclosed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kept(_) => "Kept([redacted])",
            Self::Erased => "Erased",
            Self::Altered => "Altered",
        })
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Entry")
            .field(&String::from_utf8_lossy(&self.bytes))
            .finish()
    }
}

/// Bytes that are no entry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParseEntryError {
    /// More bytes than an entry may have.
    #[error("an entry has at most 16384 bytes, not {len}")]
    TooLong {
        /// How many there are.
        len: usize,
    },
    /// An entry is one line, so that a file of lines is a file of entries.
    #[error("an entry holds no line break")]
    LineBreak,
    /// Not the JSON of an entry.
    #[error("the bytes are not the JSON of an entry")]
    Json(#[source] serde_json::Error),
    /// Written by a later release.
    #[error("this release reads entries of version 1, not {found}")]
    Version {
        /// Its version.
        found: u64,
    },
}

impl Body {
    pub(crate) fn to_json(&self) -> Json<'_> {
        fn changed(values: &BTreeMap<Code, Value>) -> Option<Json<'_>> {
            (!values.is_empty()).then(|| values.into())
        }

        let commitments = || Json::fields(&self.pii, |it| Json::digest(it.as_bytes()));
        Json::map([
            ("action", Some(Json::code(self.action.code()))),
            ("actor", Some((&self.actor).into())),
            ("after", changed(&self.after)),
            ("before", changed(&self.before)),
            ("catalog", self.catalog.as_ref().map(Json::digest)),
            (
                "category",
                Some(Json::literal(self.action.category().as_str())),
            ),
            ("facts", changed(&self.facts)),
            ("id", Some(Json::text(self.id))),
            ("on_behalf_of", self.on_behalf_of.as_ref().map(Into::into)),
            ("outcome", Some((&self.outcome).into())),
            ("pii", (!self.pii.is_empty()).then(commitments)),
            ("recorded_at", Some(Json::text(self.recorded_at))),
            ("request", self.request.map(Json::text)),
            ("scope", Some(Json::text(scope_code(self.scope)))),
            ("subject", self.subject.map(Json::text)),
            ("target", Some((&self.target).into())),
            ("v", Some(Json::Number(1))),
        ])
    }
}

/// `directory`, or the tenant's id.
pub(crate) fn scope_code(scope: Scope) -> Code {
    match scope {
        Scope::Directory => Code::literal("directory"),
        Scope::Tenant(tenant) => tenant.into(),
    }
}

fn scope<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Scope, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "directory" => Ok(Scope::Directory),
        tenant => tenant.parse().map(Scope::Tenant).map_err(D::Error::custom),
    }
}

fn digest<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<[u8; 32]>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else {
        return Ok(None);
    };
    unhex(&text)
        .map(Some)
        .ok_or_else(|| D::Error::custom("a digest is 64 hexadecimal digits"))
}
