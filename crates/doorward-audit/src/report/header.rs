//! Headers: what a report is of, so that a file found later still says so.

use std::fmt;

use doorward_types::{DisplayName, TenantId};
use serde::{Serialize, Serializer};
use time::OffsetDateTime;

use super::{count::Counts, row::By};
use crate::{csv::Safety, instant};

/// What a report is of: kept beside the file, since a CSV file has no place for it.
///
/// Printed, it is a page a manager can read; as JSON, it states the zone and how texts are guarded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReportHeader {
    /// Whose report.
    pub tenant: TenantId,
    /// What the tenant is called.
    pub community: DisplayName,
    /// The instant that the report describes.
    pub as_of: OffsetDateTime,
    /// When it was made.
    pub made_at: OffsetDateTime,
    /// Who asked for it.
    pub made_by: By,
    /// How texts in the file are guarded.
    pub safety: Safety,
    /// What is in it.
    pub counts: Counts,
}

/// The header as a file beside the report's; a zone and the guard of texts are stated.
impl Serialize for ReportHeader {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let named = |name: String, rows: u64| Named { name, rows };
        let statuses = self.counts.by_status.iter();
        let flags = self.counts.by_flag.iter();
        Stated {
            schema: "access_report.v1",
            tenant: self.tenant,
            community: &self.community,
            zone: "UTC",
            as_of: instant::text(self.as_of),
            made_at: instant::text(self.made_at),
            made_by: &self.made_by,
            text_guard: self.safety.as_str(),
            rows: self.counts.rows,
            people: self.counts.people(),
            subjects: self.counts.subjects(),
            by_status: statuses
                .map(|(it, rows)| named(it.to_string(), *rows))
                .collect(),
            by_flag: flags
                .map(|(it, rows)| named(it.to_string(), *rows))
                .collect(),
        }
        .serialize(serializer)
    }
}

#[derive(Serialize)]
struct Stated<'a> {
    schema: &'static str,
    tenant: TenantId,
    community: &'a DisplayName,
    zone: &'static str,
    as_of: String,
    made_at: String,
    made_by: &'a By,
    text_guard: &'static str,
    rows: u64,
    people: usize,
    subjects: usize,
    by_status: Vec<Named>,
    by_flag: Vec<Named>,
}

#[derive(Serialize)]
struct Named {
    name: String,
    rows: u64,
}

impl fmt::Display for ReportHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = self
            .made_by
            .name
            .as_ref()
            .map_or(self.made_by.principal.kind(), |n| n.as_str());
        writeln!(f, "Access report of {}", self.community)?;
        writeln!(f, "as of {} (UTC)", instant::text(self.as_of))?;
        writeln!(f, "made {} by {by}", instant::text(self.made_at))?;
        let counts = &self.counts;
        writeln!(
            f,
            "{:>9} rows: {} people, {} subjects",
            counts.rows,
            counts.people(),
            counts.subjects()
        )?;
        for (status, count) in &counts.by_status {
            writeln!(f, "{count:>9} {status}")?;
        }
        for (flag, count) in &counts.by_flag {
            writeln!(f, "{count:>9} flagged: {flag}")?;
        }
        Ok(())
    }
}
