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
    work::{Committed, Tries},
};

use ledger::Ledger;
use portion::Tables;

/// How many people are read at once: what a report keeps of them in memory.
const PEOPLE_AT_ONCE: usize = 500;

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
    /// Rows are read and written in portions of 500 people; only ids are kept of the rest. It is no
    /// snapshot: what changes meanwhile shows as it was when its portion was read. The writer is
    /// called on the task that calls this, so a slow one is given a buffer.
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
        let mut names = Names::default();
        let mut run = Run {
            sheet: begin(out).map_err(Error::Rejected)?,
            counts: Counts::default(),
            rules: options.flags,
            as_of: now,
        };
        let mut after = None;
        loop {
            let (people, next) = self.people_of_report(scope, after.as_ref()).await?;
            let rows = self
                .rows_of_people(scope, &tables, &ledger, &people, &mut names, now)
                .await?;
            run.write(&ledger, rows)?;
            match next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        for some in ledger.members_alone.chunks(PEOPLE_AT_ONCE) {
            let rows = self
                .rows_of_members(scope, &tables, &ledger, some, &mut names, now)
                .await?;
            run.write(&ledger, rows)?;
        }
        for some in ledger.invited_alone.chunks(PEOPLE_AT_ONCE) {
            let rows = self
                .rows_of_invited(scope, &tables, some, &mut names, now)
                .await?;
            run.write(&ledger, rows)?;
        }
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

    async fn people_of_report(
        &self,
        scope: Scope,
        after: Option<&Cursor>,
    ) -> Result<(Vec<Person>, Option<Cursor>), Fault> {
        let range = every(scope, "person_by_name");
        let limit = Limit::clamped(PEOPLE_AT_ONCE);
        let (read, next) = self.page(&range, after, limit).await?;
        Ok((read.into_iter().map(|read| read.state).collect(), next))
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

impl<W: Write> Run<W> {
    fn write(&mut self, ledger: &Ledger, rows: Vec<AccessRow>) -> Result<(), Error<WriteError>> {
        for mut row in rows {
            row.flag(&self.rules, &ledger.shared, self.as_of);
            self.sheet.write(&row).map_err(Error::Rejected)?;
            self.counts.add(&row);
        }
        Ok(())
    }
}
