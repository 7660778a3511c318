//! Records: how a state becomes an envelope, and comes back.
//!
//! A body is JSON with the version of its schema, so a DBA can read it: `{"v":1,"state":{..}}`. Where
//! an edit was announced (decision 0014) it says so beside the state: `"announced":{..}`.

use doorward_storage::{
    IndexEntry, Kind, Precondition, Record, RecordId, RecordKey, Scope as StorageScope, UniqueKey,
    Value, Version, Write,
};
use doorward_types::{Scope, TenantId};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error as _},
};

use crate::{Fault, form::FormVersion};

/// A state that has a record of its own.
pub(crate) trait Stored: Serialize + DeserializeOwned + Send + Sync {
    /// The kind of its records.
    const KIND: &'static str;

    /// Returns the id of its record within its scope.
    fn record_id(&self) -> RecordId;

    /// Returns what it claims: values no other record may claim.
    fn claims(&self, _scope: Scope) -> Vec<UniqueKey> {
        Vec::new()
    }

    /// Returns under which values a scan finds it.
    fn index(&self) -> Vec<IndexEntry> {
        Vec::new()
    }
}

/// A state with the version it was read at.
#[derive(Clone, Debug)]
pub(crate) struct Loaded<T> {
    pub(crate) state: T,
    pub(crate) scope: Scope,
    pub(crate) version: Version,
    announced: Option<Announced>,
}

impl<T> Loaded<T> {
    /// The version that forms over this state carry: announcing an edit leaves it as it was.
    pub(crate) fn form_version(&self) -> FormVersion {
        let announced = self.announced.map(|announced| announced.form);
        announced.unwrap_or(FormVersion::of(self.version))
    }

    /// Whether an edit was announced that nobody has crossed since.
    pub(crate) fn announcement(&self) -> Announcement {
        let announced = self.announced.map(|announced| announced.edit);
        announced.unwrap_or(Announcement::Withdrawn)
    }
}

#[derive(Deserialize, Serialize)]
struct Body<T> {
    #[serde(deserialize_with = "known_schema")]
    v: u32,
    state: T,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    announced: Option<Announced>,
}

/// What stands beside a state whose edit was announced, until the state is written anew.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct Announced {
    form: FormVersion,
    edit: Announcement,
}

/// Whether an edit may be committed: whoever gives the state to somebody withdraws what was announced
/// before.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Announcement {
    /// Nobody was given the state since.
    Stands,
    /// None was made, or somebody was.
    Withdrawn,
}

const SCHEMA: u32 = 1;

/// A later schema may hold what this release would drop when it writes the record again.
fn known_schema<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        SCHEMA => Ok(SCHEMA),
        found => Err(D::Error::custom(format_args!(
            "this release reads bodies of schema {SCHEMA}, not `{found}`"
        ))),
    }
}

/// Where a scope of ours lies in storage.
pub(crate) const fn stored_scope(scope: Scope) -> StorageScope {
    match scope {
        Scope::Directory => StorageScope::Directory,
        Scope::Tenant(tenant) => StorageScope::Tenant(tenant.as_uuid()),
    }
}

/// The scope of ours that a stored one is.
pub(crate) const fn read_scope(scope: StorageScope) -> Scope {
    match scope {
        StorageScope::Directory => Scope::Directory,
        StorageScope::Tenant(tenant) => Scope::Tenant(TenantId::from_uuid(tenant)),
    }
}

pub(crate) fn key_of<T: Stored>(scope: Scope, id: impl Into<RecordId>) -> RecordKey {
    RecordKey::new(stored_scope(scope), Kind::from_static(T::KIND), id)
}

/// A claim of this space on a value of these parts, each preceded by its length.
pub(crate) fn claim<P: AsRef<[u8]>>(
    scope: Scope,
    space: &'static str,
    parts: impl IntoIterator<Item = P>,
) -> UniqueKey {
    UniqueKey::new(stored_scope(scope), Kind::from_static(space), value(parts))
}

pub(crate) fn entry<P: AsRef<[u8]>>(
    index: &'static str,
    parts: impl IntoIterator<Item = P>,
) -> IndexEntry {
    IndexEntry::new(Kind::from_static(index), value(parts))
}

/// A value of these parts; one too long for a claim keeps its beginning and ends in its digest.
pub(crate) fn value<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Value {
    use sha2::{Digest, Sha256};

    let parts: Vec<P> = parts.into_iter().collect();
    Value::of_parts(&parts).unwrap_or_else(|_| {
        let mut digest = Sha256::new();
        for part in &parts {
            digest.update(
                u64::try_from(part.as_ref().len())
                    .unwrap_or(u64::MAX)
                    .to_be_bytes(),
            );
            digest.update(part);
        }
        Value::truncated(digest.finalize())
    })
}

pub(crate) fn read<T: Stored>(record: &Record) -> Result<Loaded<T>, Fault> {
    let body = body_of::<T, T>(record)?;
    Ok(Loaded {
        state: body.state,
        scope: read_scope(record.key.scope),
        version: record.version,
        announced: body.announced,
    })
}

/// Reads a part of a stored state, and passes over the rest of it.
pub(crate) fn read_part<T: Stored, P: DeserializeOwned>(record: &Record) -> Result<P, Fault> {
    body_of::<T, P>(record).map(|body| body.state)
}

fn body_of<T: Stored, P: DeserializeOwned>(record: &Record) -> Result<Body<P>, Fault> {
    // Looked at as a whole it is text much sooner than string by string.
    let read = match str::from_utf8(&record.body) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(&record.body),
    };
    read.map_err(|source| {
        let id = record.key.id.to_uuid();
        Fault::Unreadable {
            kind: T::KIND,
            id: id.map_or_else(|| "?".to_owned(), |id| id.to_string()),
            source,
        }
    })
}

/// A write that puts this state in place of what was expected there.
pub(crate) fn put<T: Stored>(
    scope: Scope,
    state: &T,
    expect: Precondition,
) -> Result<Write, Fault> {
    put_body(scope, state, None, expect)
}

/// A write that changes nothing of a state but what is announced about it.
pub(crate) fn put_announcement<T: Stored>(
    read: &Loaded<T>,
    edit: Announcement,
) -> Result<Write, Fault> {
    let form = read.form_version();
    let announced = Some(Announced { form, edit });
    let expect = Precondition::VersionIs(read.version);
    put_body(read.scope, &read.state, announced, expect)
}

fn put_body<T: Stored>(
    scope: Scope,
    state: &T,
    announced: Option<Announced>,
    expect: Precondition,
) -> Result<Write, Fault> {
    let body = Body {
        v: SCHEMA,
        state,
        announced,
    };
    let mut bytes = Vec::with_capacity(USUAL_LEN);
    serde_json::to_writer(&mut bytes, &body).map_err(|source| Fault::Unreadable {
        kind: T::KIND,
        id: "new".to_owned(),
        source,
    })?;
    Ok(Write::Put {
        key: key_of::<T>(scope, state.record_id()),
        expect,
        body: bytes,
        unique: state.claims(scope).into_iter().collect(),
        index: state.index().into_iter().collect(),
    })
}

/// Most bodies are no longer, in bytes.
const USUAL_LEN: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::TenantEntry;

    #[derive(Deserialize)]
    struct TenantPart {
        #[serde(rename = "tenant")]
        _tenant: TenantId,
    }

    fn stored(body: &str) -> Record {
        Record {
            key: key_of::<TenantEntry>(Scope::Directory, uuid::Uuid::nil()),
            version: Version::from_u64(1),
            body: body.to_owned().into(),
        }
    }

    #[test]
    fn a_body_of_a_later_schema_is_refused_and_not_half_read() {
        let state = r#"{"tenant":"01a202b2-c500-7101-8101-010101010101"}"#;
        let this = stored(&format!(r#"{{"v":1,"state":{state}}}"#));
        assert!(read::<TenantEntry>(&this).is_ok());
        assert!(read_part::<TenantEntry, TenantPart>(&this).is_ok());
        for body in [
            format!(r#"{{"v":2,"state":{state}}}"#),
            format!(r#"{{"state":{state}}}"#),
        ] {
            let later = stored(&body);
            let whole = read::<TenantEntry>(&later).map(|_| ());
            let part = read_part::<TenantEntry, TenantPart>(&later).map(|_| ());
            for refused in [whole, part] {
                let Err(Fault::Unreadable { kind, .. }) = refused else {
                    panic!("{body}: {refused:?}");
                };
                assert_eq!(kind, TenantEntry::KIND);
            }
        }
    }
}
