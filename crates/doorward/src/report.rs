//! The access report: everybody on record, with access or without, how far, since when, and why
//! (ALIS: "audit exactly who has access to your community's data").

mod ledger;
mod portion;
mod rows;

use std::io::Write;

use doorward_access::{Standing, SupportAccess};
use doorward_audit::{
    Action, Code,
    csv::{AccessCsv, Safety, WriteError},
    json_lines,
    report::{AccessRow, AccessStatus, Counts, FlagRules, Granted, ReportHeader},
};
use doorward_identity::Person;
use doorward_storage::{Cursor, Limit};
use doorward_types::Scope;
use time::OffsetDateTime;

use crate::{
    Act, Doorward, Error, Export, Fault, Never, Permit,
    audit_trail::Draft,
    lists::Names,
    reviews::Reasons,
    stored::access::every,
    together::{both, pause},
    work::{Committed, Tries},
};

use ledger::Ledger;
use portion::Tables;
use rows::Ready;

/// How many people are read at once: what a report keeps of them in memory.
const PEOPLE_AT_ONCE: usize = 500;

/// After how many people the reading of the next portion is looked after.
const ROWS_AT_ONCE: usize = 32;

/// How an access report is made.
#[derive(Clone, Copy, Debug)]
pub struct ReportOptions {
    /// Whether texts that a spreadsheet would run are guarded.
    pub safety: Safety,
    /// What is flagged. No sign-ins are recorded here, so by default nobody's absence is.
    pub flags: FlagRules,
}

impl Default for ReportOptions {
    fn default() -> Self {
        Self {
            safety: Safety::Safe,
            flags: FlagRules { dormant_days: None },
        }
    }
}

impl Doorward {
    /// Writes the access report of the tenant as CSV and answers what is in it (ALIS: "Click the
    /// Export to Excel button to download a comprehensive report of all residents and contacts,
    /// complete with their current ALIS Connect access levels (User Profile) and contact details").
    ///
    /// Each person has a row for each person whose data they can or could see, one alone where
    /// there is none or where they hold something without any grant; members without a person's
    /// record, open invitations to such, and open support follow. The run is noted in the audit log
    /// before the first row leaves.
    ///
    /// Rows are read and written in portions of 500 people, of which two are in memory; only ids are
    /// kept of the rest. It is no snapshot: what changes meanwhile shows as it was when its portion
    /// was read. The writer is called on the task that calls this, so a slow one is given a buffer.
    ///
    /// # Errors
    /// [`WriteError`] from the writer, the file is then not whole; [`Denied`](crate::Denied) or a
    /// [`Fault`].
    pub async fn access_report<W: Write + Send>(
        &self,
        permit: &Permit<Export>,
        options: ReportOptions,
        out: W,
    ) -> Result<ReportHeader, Error<WriteError>> {
        self.report(
            permit,
            options,
            |out| Ok(Sheet::Table(Box::new(AccessCsv::new(out, options.safety)?))),
            out,
        )
        .await
    }

    /// Writes the same report as JSON Lines, for programs: each line is an
    /// [`AccessRow`](doorward_audit::report::AccessRow). Nothing is guarded, whatever the options
    /// say.
    ///
    /// # Errors
    /// [`WriteError`] from the writer, the file is then not whole; [`Denied`](crate::Denied) or a
    /// [`Fault`].
    pub async fn access_report_lines<W: Write + Send>(
        &self,
        permit: &Permit<Export>,
        options: ReportOptions,
        out: W,
    ) -> Result<ReportHeader, Error<WriteError>> {
        let options = ReportOptions {
            safety: Safety::Raw,
            ..options
        };
        self.report(permit, options, |out| Ok(Sheet::Lines(out)), out)
            .await
    }

    async fn report<W: Write + Send>(
        &self,
        permit: &Permit<Export>,
        options: ReportOptions,
        begin: impl FnOnce(W) -> Result<Sheet<W>, WriteError> + Send,
        out: W,
    ) -> Result<ReportHeader, Error<WriteError>> {
        let safety = Code::declare(options.safety.as_str());
        let exported = || {
            Draft::new(Action::REPORT_EXPORT, permit.tenant()).fact("text_guard", safety.clone())
        };
        let permit = self
            .note_reading(permit, exported)
            .await
            .map_err(Error::widen)?;
        let (scope, now) = (permit.scope(), permit.now());
        let community = self
            .need_tenant(permit.tenant())
            .await?
            .state
            .name()
            .clone();
        let tables = self.tables(scope, community).await?;
        let ledger = self.ledger(scope).await?;
        let mut run = Run {
            sheet: begin(out).map_err(Error::Rejected)?,
            counts: Counts::default(),
            rules: options.flags,
            as_of: now,
        };
        let mut reader = Reader {
            door: self,
            scope,
            ledger: &ledger,
            names: Names::default(),
            next: Next::People(None),
        };
        let mut ready = reader.read().await?;
        while let Some(portion) = ready {
            let writing = run.write_portion(self, &tables, &ledger, &portion);
            let (following, written) = both(reader.read(), writing).await;
            written?;
            ready = following?;
        }
        let mut names = reader.names;
        let rows = self
            .rows_of_support(scope, &tables, &mut names, now)
            .await?;
        run.write(&ledger, rows)?;
        let principal = permit.principal();
        let member = permit.member();
        self.learn_names(&mut names, scope, member).await?;
        let header = ReportHeader {
            tenant: permit.tenant(),
            community: tables.community,
            as_of: now,
            made_at: now,
            made_by: names.of(principal),
            safety: options.safety,
            counts: run.counts,
        };
        run.sheet.finish().map_err(Error::Rejected)?;
        Ok(header)
    }

    async fn rows_of_support(
        &self,
        scope: Scope,
        tables: &Tables,
        names: &mut Names,
        now: OffsetDateTime,
    ) -> Result<Vec<AccessRow>, Fault> {
        let openings = self
            .every::<SupportAccess>(&every(scope, "support"))
            .await?;
        let open = openings.iter().filter(|read| read.state.is_open(now));
        let open: Vec<_> = open.map(|read| &read.state).collect();
        self.learn_names(names, scope, open.iter().map(|open| open.granted_by()))
            .await?;
        let row = |open: &&SupportAccess| {
            let standing = Standing::of_support(self.catalog(), open);
            let reasons = Reasons {
                catalog: self.catalog(),
                levels: &tables.levels,
                grants: &[],
                profiles: &tables.names,
                member: None,
            };
            let mut row = AccessRow::new(tables.community.clone(), AccessStatus::Support);
            row.permissions = reasons.effective(&standing, now);
            row.granted = names.member(open.granted_by()).map(|by| Granted {
                by,
                at: open.window().from(),
                expires_at: open.window().until(),
            });
            row
        };
        Ok(open.iter().map(row).collect())
    }

    /// Notes that something is read before it is handed out, under the guards of the permit.
    pub(crate) async fn note_reading<A: Act>(
        &self,
        permit: &Permit<A>,
        draft: impl Fn() -> Draft,
    ) -> Result<Permit<A>, Error<Never>> {
        let mut tries = Tries::default();
        loop {
            let renewed = self.again(permit).await?.unasked();
            let mut work = renewed.work("read", &())?;
            work.note([draft()]);
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(renewed);
            }
        }
    }
}

/// Reads the portions of a report, one after the other.
struct Reader<'a> {
    door: &'a Doorward,
    scope: Scope,
    ledger: &'a Ledger,
    names: Names,
    next: Next,
}

/// What is read next.
enum Next {
    People(Option<Cursor>),
    /// The members who have no person's record, from this one on.
    Members(usize),
    /// The invitations of people who have no record, from this one on.
    Invited(usize),
}

impl Reader<'_> {
    async fn read(&mut self) -> Result<Option<Ready>, Fault> {
        let (door, scope, ledger) = (self.door, self.scope, self.ledger);
        let names = &mut self.names;
        if let Next::People(after) = &self.next {
            let range = every(scope, "person_by_name");
            let limit = Limit::clamped(PEOPLE_AT_ONCE);
            let (people, next) = door.page::<Person>(&range, after.as_ref(), limit).await?;
            self.next = next.map_or(Next::Members(0), |next| Next::People(Some(next)));
            if !people.is_empty() {
                let people = people.into_iter().map(|read| read.state).collect();
                return door
                    .read_people(scope, ledger, people, names)
                    .await
                    .map(Some);
            }
        }
        if let Next::Members(from) = self.next {
            let members = ledger.members_alone.get(from..).unwrap_or_default();
            if let Some(some) = members.chunks(PEOPLE_AT_ONCE).next() {
                self.next = Next::Members(from + some.len());
                return door
                    .read_members(scope, ledger, some, names)
                    .await
                    .map(Some);
            }
            self.next = Next::Invited(0);
        }
        if let Next::Invited(from) = self.next {
            let invited = ledger.invited_alone.get(from..).unwrap_or_default();
            if let Some(some) = invited.chunks(PEOPLE_AT_ONCE).next() {
                self.next = Next::Invited(from + some.len());
                return door.read_invited(scope, some, names).await.map(Some);
            }
        }
        Ok(None)
    }
}

/// What rows are written as.
enum Sheet<W: Write> {
    Table(Box<AccessCsv<W>>),
    Lines(W),
}

impl<W: Write> Sheet<W> {
    fn write(&mut self, row: &AccessRow) -> Result<(), WriteError> {
        match self {
            Self::Table(table) => table.write(row),
            Self::Lines(out) => Ok(json_lines::write_row(row, out)?),
        }
    }

    fn finish(self) -> Result<(), WriteError> {
        match self {
            Self::Table(table) => table.finish().map(drop),
            Self::Lines(mut out) => Ok(out.flush()?),
        }
    }
}

/// A file that is being written.
struct Run<W: Write> {
    sheet: Sheet<W>,
    counts: Counts,
    rules: FlagRules,
    as_of: OffsetDateTime,
}

impl<W: Write + Send> Run<W> {
    /// Writes a portion. Now and then it lets the reading of the next one go on.
    async fn write_portion(
        &mut self,
        door: &Doorward,
        tables: &Tables,
        ledger: &Ledger,
        portion: &Ready,
    ) -> Result<(), Error<WriteError>> {
        for at in 0..portion.len() {
            if at % ROWS_AT_ONCE == 0 {
                pause().await;
            }
            let rows = portion.rows(door, tables, ledger, at, self.as_of);
            self.write(ledger, rows)?;
        }
        Ok(())
    }

    fn write(&mut self, ledger: &Ledger, rows: Vec<AccessRow>) -> Result<(), Error<WriteError>> {
        for mut row in rows {
            row.flag(&self.rules, &ledger.shared, self.as_of);
            self.sheet.write(&row).map_err(Error::Rejected)?;
            self.counts.add(&row);
        }
        Ok(())
    }
}
