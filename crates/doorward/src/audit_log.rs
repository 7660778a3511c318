//! The audit log as an auditor reads it: newest first, in pages, and every reading is itself noted.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    io::Write,
    str::FromStr,
};

use doorward_audit::{Action, Disclosed, Entry, Query, SideRow, Target, csv::WriteError};
use doorward_storage::{AuditEntry, Limit, Order};
use doorward_types::{AccountId, EntryId, Principal, Scope, TenantId};
use time::Duration;
use uuid::Uuid;

use crate::{
    Doorward, Error, Fault, Never, Permit, ReadAudit, audit_trail::Draft, record::stored_scope,
};

/// How many stored entries one call looks at, at most: a query that matches little answers a short
/// page and where to go on, and never holds a host up.
const ENTRIES_AT_ONCE: usize = 10_000;

/// Whether an auditor asks for the names and addresses beside the entries.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum PersonalData {
    /// The entries alone.
    #[default]
    Withheld,
    /// With the personal data that has not been erased; the reading is noted as a disclosure.
    Shown,
}

/// One entry as it is read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EntryRow {
    /// The entry.
    pub entry: Entry,
    /// Its place in the sealed log, from 1; `None` until it is sealed.
    pub position: Option<u64>,
    /// The personal data beside it, by field; empty where it was not asked for.
    pub personal: BTreeMap<String, PersonalField>,
}

/// What is left of one personal field.
#[derive(Clone, Eq, PartialEq)]
pub enum PersonalField {
    /// The value that the entry committed to.
    Kept(String),
    /// It was erased.
    Erased,
    /// What is stored is not what the entry committed to: it was tampered with.
    Altered,
}

impl From<Disclosed<'_>> for PersonalField {
    fn from(disclosed: Disclosed<'_>) -> Self {
        match disclosed {
            Disclosed::Kept(value) => Self::Kept(value.to_owned()),
            Disclosed::Erased => Self::Erased,
            Disclosed::Altered => Self::Altered,
        }
    }
}

// Personal data never reaches a log by way of Debug (ASVS 16.2.5).
impl fmt::Debug for PersonalField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kept(_) => "Kept([redacted])",
            Self::Erased => "Erased",
            Self::Altered => "Altered",
        })
    }
}

/// One page of the audit log.
#[derive(Clone, Debug)]
pub struct EntryPage {
    /// The entries that were asked for, newest first. A page can hold fewer than the limit, also
    /// none, before the log is over.
    pub rows: Vec<EntryRow>,
    /// Where the log goes on; `None` at its end.
    pub next: Option<EntryMark>,
}

/// Where a reading of the audit log goes on: the id of an entry.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct EntryMark(EntryId);

impl fmt::Display for EntryMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for EntryMark {
    type Err = doorward_types::ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl Doorward {
    /// Reads the entries that a query asks for, newest first (170.315(d)(3)).
    ///
    /// A query of the tenant's scope reads the tenant's log. One of the directory reads what people
    /// did to their own credentials, for the accounts that the tenant manages and no others
    /// (design 7). The reading itself is noted, with what was asked for, before it is answered.
    ///
    /// # Errors
    /// [`Fault::Unknown`] for another tenant's scope, [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn read_audit(
        &self,
        permit: &Permit<ReadAudit>,
        query: &Query,
        personal: PersonalData,
        after: Option<EntryMark>,
        limit: Limit,
    ) -> Result<EntryPage, Error<Never>> {
        let action = || match personal {
            PersonalData::Withheld => Action::AUDIT_READ,
            PersonalData::Shown => Action::AUDIT_DISCLOSE,
        };
        // The permit is renewed before anything is read, and again with the note of it.
        let renewed = self.again(permit).await?;
        let asked = Asked::by(renewed.tenant(), query)?;
        let (read, next) = self.asked_entries(&asked, after, limit).await?;
        let mut rows: Vec<EntryRow> = read.into_iter().map(EntryRow::from).collect();
        if personal == PersonalData::Shown {
            self.disclose(query.scope(), &mut rows).await?;
        }
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        self.note_reading(permit, || {
            noted(action(), renewed.tenant(), query).fact("count", count)
        })
        .await?;
        Ok(EntryPage { rows, next })
    }

    /// Writes the entries that a query asks for as JSON Lines, newest first: each line is the very
    /// bytes that are stored and sealed. Personal data is not among them. Answers how many there
    /// were.
    ///
    /// The export is noted before the first line leaves. The writer is called on the task that
    /// calls this, so a slow one is given a buffer.
    ///
    /// # Errors
    /// [`WriteError`] from the writer; [`Fault::Unknown`] for another tenant's scope,
    /// [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn export_audit<W: Write + Send>(
        &self,
        permit: &Permit<ReadAudit>,
        query: &Query,
        mut out: W,
    ) -> Result<u64, Error<WriteError>> {
        let asked = Asked::by(permit.tenant(), query)?;
        self.note_reading(permit, || {
            noted(Action::AUDIT_EXPORT, permit.tenant(), query)
        })
        .await
        .map_err(Error::widen)?;
        let (mut count, mut after) = (0, None);
        loop {
            let (read, next) = self.asked_entries(&asked, after, Limit::MAX).await?;
            let entries = read.iter().map(|read| &read.entry);
            let written = doorward_audit::json_lines::write(entries, &mut out);
            count += written.map_err(|error| Error::Rejected(error.into()))?;
            match next {
                Some(next) => after = Some(next),
                None => return Ok(count),
            }
        }
    }

    /// Reads stored entries until the page is full, the budget is spent or the log is over.
    async fn asked_entries(
        &self,
        asked: &Asked<'_>,
        after: Option<EntryMark>,
        limit: Limit,
    ) -> Result<(Vec<ReadEntry>, Option<EntryMark>), Fault> {
        let scope = asked.query.scope();
        let mut after = after.map(|mark| mark.0.as_uuid()).or_else(|| asked.start());
        let (mut found, mut looked_at) = (Vec::new(), 0);
        loop {
            let page = self
                .storage()
                .entries(stored_scope(scope), Order::NewestFirst, after, Limit::MAX)
                .await?;
            let is_last = page.len() < Limit::MAX.count();
            let mut read: Vec<ReadEntry> = Vec::new();
            for stored in &page {
                read.push(ReadEntry::parse(stored)?);
            }
            let visible = self.visible(asked, &read).await?;
            for entry in read {
                looked_at += 1;
                let mark = EntryMark(entry.entry.id());
                after = Some(mark.0.as_uuid());
                if asked.is_before(&entry.entry) {
                    return Ok((found, None));
                }
                if asked.query.matches(&entry.entry) && visible.allows(&entry.entry) {
                    found.push(entry);
                    if found.len() == limit.count() {
                        return Ok((found, Some(mark)));
                    }
                }
            }
            if is_last {
                return Ok((found, None));
            }
            if looked_at >= ENTRIES_AT_ONCE {
                let mark = after.map(|id| EntryMark(EntryId::from_uuid(id)));
                return Ok((found, mark));
            }
        }
    }

    /// In the directory an auditor sees the accounts that their tenant manages, and no others.
    async fn visible(&self, asked: &Asked<'_>, read: &[ReadEntry]) -> Result<Visible, Fault> {
        if asked.query.scope() != Scope::Directory {
            return Ok(Visible::All);
        }
        let matching = read
            .iter()
            .filter(|read| asked.query.matches(&read.entry))
            .filter_map(|read| account_of(&read.entry));
        let accounts = self.accounts_of(matching).await?;
        let managed = accounts
            .values()
            .filter(|account| account.managed_by() == Some(asked.tenant))
            .map(doorward_identity::Account::id);
        Ok(Visible::Accounts(managed.collect()))
    }

    async fn disclose(&self, scope: Scope, rows: &mut [EntryRow]) -> Result<(), Fault> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.entry.id().as_uuid()).collect();
        let mut sides: HashMap<Uuid, Vec<SideRow>> = HashMap::new();
        for some in ids.chunks(doorward_storage::MAX_KEYS) {
            let read = self.storage().side_rows(stored_scope(scope), some).await?;
            for (entry, side) in read {
                // What is not the text of a field is shown as altered: it matches no commitment.
                let row = SideRow {
                    entry: EntryId::from_uuid(entry),
                    field: match doorward_audit::Code::new(&side.field) {
                        Ok(field) => field,
                        Err(_) => continue,
                    },
                    salt: side.salt,
                    value: String::from_utf8_lossy(&side.value).into_owned(),
                };
                sides.entry(entry).or_default().push(row);
            }
        }
        for row in rows {
            let side = sides.remove(&row.entry.id().as_uuid()).unwrap_or_default();
            let disclosed = row.entry.disclose(&side).into_iter();
            row.personal = disclosed
                .map(|(field, disclosed)| (field.to_owned(), disclosed.into()))
                .collect();
        }
        Ok(())
    }
}

/// A query of an auditor of one tenant.
struct Asked<'a> {
    tenant: TenantId,
    query: &'a Query,
}

impl<'a> Asked<'a> {
    fn by(tenant: TenantId, query: &'a Query) -> Result<Self, Fault> {
        match query.scope() {
            Scope::Directory => {}
            Scope::Tenant(asked) if asked == tenant => {}
            Scope::Tenant(_) => return Err(Fault::unknown("audit log")),
        }
        Ok(Self { tenant, query })
    }

    /// Ids are ordered by the millisecond: right after the last one that can match.
    fn start(&self) -> Option<Uuid> {
        let end = self.query.ends_at()?.checked_add(Duration::MILLISECOND)?;
        Some(EntryId::made_at(end, [0; 10]).as_uuid())
    }

    /// Tells whether this entry, and so every older one, is of before the query's period. Ids count
    /// milliseconds, so within one millisecond entries are in no order.
    fn is_before(&self, entry: &Entry) -> bool {
        let begins = self.query.begins_at();
        begins.is_some_and(|begins| {
            entry.recorded_at() < begins.saturating_sub(Duration::MILLISECOND)
        })
    }
}

enum Visible {
    All,
    Accounts(HashSet<AccountId>),
}

impl Visible {
    fn allows(&self, entry: &Entry) -> bool {
        match self {
            Self::All => true,
            Self::Accounts(managed) => {
                account_of(entry).is_some_and(|account| managed.contains(&account))
            }
        }
    }
}

/// Whose account an entry of the directory is about.
fn account_of(entry: &Entry) -> Option<AccountId> {
    let target = entry.target();
    if target.kind().as_str() == "account" {
        return target.id()?.as_str().parse().ok();
    }
    match entry.actor() {
        Principal::Account { account, .. } => Some(*account),
        _ => None,
    }
}

struct ReadEntry {
    entry: Entry,
    position: Option<u64>,
}

impl ReadEntry {
    fn parse(stored: &AuditEntry) -> Result<Self, Fault> {
        let entry = Entry::parse(&stored.body).map_err(|error| Fault::Unreadable {
            kind: "entry",
            id: stored.id.to_string(),
            source: serde::de::Error::custom(error),
        })?;
        Ok(Self {
            entry,
            position: stored.position,
        })
    }
}

impl From<ReadEntry> for EntryRow {
    fn from(read: ReadEntry) -> Self {
        Self {
            entry: read.entry,
            position: read.position,
            personal: BTreeMap::new(),
        }
    }
}

/// What is noted of a reading: which question was asked.
fn noted(action: Action, tenant: TenantId, query: &Query) -> Draft {
    let mut draft = Draft::new(action, Target::from(tenant));
    draft.facts.extend(query.facts());
    draft
}
