//! The page at the end: what was done, in counts that add up.

use std::{collections::BTreeMap, fmt, process::ExitCode};

use super::{
    answers::Answers,
    intake::{Invited, Recorded},
    people::People,
    post::Post,
    review::{Asked, DisabledMembers, Supported, Used},
};

/// Everything the run has done, and what earlier ones did for the people on its list.
#[derive(Debug, Default)]
pub struct Page {
    resident_count: usize,
    contact_count: usize,
    broken: Vec<String>,
    recorded: Vec<Recorded>,
    invited: Vec<Invited>,
    sent_count: usize,
    dropped_count: usize,
    answers: Answers,
    used: Used,
    disabled: DisabledMembers,
    supported: Supported,
    asked: Asked,
    reports: Vec<(String, u64)>,
}

impl Page {
    /// Begins with what the list held.
    pub(crate) fn of(people: &People) -> Self {
        Self {
            resident_count: people.residents.len(),
            contact_count: people.contacts.len(),
            broken: people.broken.iter().map(ToString::to_string).collect(),
            ..Self::default()
        }
    }

    /// Adds a recorded community.
    pub(crate) fn recorded(&mut self, recorded: Recorded) {
        self.recorded.push(recorded);
    }

    /// Adds an invited community.
    pub(crate) fn invited(&mut self, invited: Invited) {
        self.invited.push(invited);
    }

    /// Adds the mails that went out.
    pub(crate) fn mailed(&mut self, post: &Post) {
        self.sent_count = post.sent_count;
        self.dropped_count = post.dropped_count;
    }

    /// Adds what the invitees did.
    pub(crate) fn answered(&mut self, answers: Answers) {
        self.answers = answers;
    }

    /// Adds what those who signed in saw.
    pub(crate) fn used(&mut self, used: Used) {
        self.used = used;
    }

    /// Adds how many were disabled.
    pub(crate) fn disabled(&mut self, disabled: DisabledMembers) {
        self.disabled = disabled;
    }

    /// Adds what support did.
    pub(crate) fn supported(&mut self, supported: Supported) {
        self.supported = supported;
    }

    /// Adds who can see a resident.
    pub(crate) fn asked(&mut self, asked: Asked) {
        self.asked = asked;
    }

    /// Adds the reports.
    pub(crate) fn reported(&mut self, reports: Vec<(String, u64)>) {
        self.reports = reports;
    }

    fn outcomes(&self) -> BTreeMap<&'static str, usize> {
        let mut all = BTreeMap::new();
        for (name, count) in self.invited.iter().flat_map(|community| &community.counts) {
            *all.entry(*name).or_default() += count;
        }
        all
    }

    /// What does not add up; nothing, if all is well.
    fn discrepancies(&self) -> Vec<String> {
        let sum = |of: fn(&Recorded) -> usize| self.recorded.iter().map(of).sum::<usize>();
        let rows = self.resident_count + self.contact_count;
        let settled =
            sum(|r| r.person_count) + sum(|r| r.repeated_count) + sum(|r| r.refused.len());
        let outcomes = self.outcomes();
        let invited = outcomes.get("invited").copied().unwrap_or_default();
        let before = self.invited.iter().map(|community| community.before_count);
        let given = &self.answers;
        let answered = given.silent_count
            + given.registered_count
            + given.accepted_signed_in_count
            + given.not_me_count;
        let checks = [
            (
                "rows of the list",
                rows,
                "people, repeated rows and refused rows",
                settled,
            ),
            (
                "rows to invite",
                self.invited
                    .iter()
                    .map(|community| community.row_count)
                    .sum(),
                "outcomes of inviting",
                outcomes.values().sum(),
            ),
            (
                "invitations, earlier ones and those of this run",
                invited + before.sum::<usize>(),
                "answers and silences",
                answered,
            ),
            (
                "accounts, earlier ones and those registered in this run",
                given.expected_account_count,
                "accounts of members",
                given.account_count,
            ),
        ];
        let differ = |(one, n, other, m): &(&str, usize, &str, usize)| {
            (n != m).then(|| format!("{n} {one}, but {m} {other}"))
        };
        checks.iter().filter_map(differ).collect()
    }

    /// Returns success, if the counts add up and no row was broken.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        if self.discrepancies().is_empty() && self.broken.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum = |of: fn(&Recorded) -> usize| self.recorded.iter().map(of).sum::<usize>();
        writeln!(f, "The list")?;
        line(f, self.resident_count, "residents")?;
        line(f, self.contact_count, "contacts")?;
        line(f, self.broken.len(), "rows that could not be read")?;
        for broken in &self.broken {
            writeln!(f, "            {broken}")?;
        }

        writeln!(f, "\nOn record, in {} communities", self.recorded.len())?;
        line(f, sum(|r| r.person_count), "people")?;
        line(f, sum(|r| r.known_count), "of them already here")?;
        line(
            f,
            sum(|r| r.repeated_count),
            "more rows of people with several",
        )?;
        line(f, sum(|r| r.refused.len()), "rows refused")?;
        for refused in self.recorded.iter().flat_map(|recorded| &recorded.refused) {
            writeln!(f, "            {refused}")?;
        }
        line(
            f,
            sum(|r| r.relationship_count),
            "relationships to residents",
        )?;
        line(f, sum(|r| r.related_before_count), "of them already here")?;
        line(
            f,
            sum(|r| r.bad_address_count),
            "addresses left out: no mail can reach them",
        )?;
        line(
            f,
            sum(|r| r.address_of_another_count),
            "addresses left out: somebody else's here",
        )?;
        line(
            f,
            sum(|r| r.phone_as_note_count),
            "telephone numbers kept as a remark",
        )?;

        writeln!(f, "\nInviting, row by row")?;
        for (name, count) in self.outcomes() {
            line(f, count, &name.replace('_', " "))?;
            let example = self.invited.iter().find_map(|community| {
                let example = community.examples.get(name)?;
                Some(format!("{}, {example}", community.community))
            });
            if let Some(example) = example {
                writeln!(f, "            e.g. {example}")?;
            }
        }
        line(f, self.sent_count, "mails written")?;
        line(
            f,
            self.dropped_count,
            "mails overtaken before they were written",
        )?;
        line(
            f,
            self.answers.resent_count,
            "mails sent again: the earlier ones are not in the folder",
        )?;

        let given = &self.answers;
        writeln!(f, "\nThe invited")?;
        line(
            f,
            given.registered_count,
            "registered by the link in their mail",
        )?;
        line(
            f,
            given.accepted_signed_in_count,
            "had an account and accepted signed in",
        )?;
        line(
            f,
            given.not_me_count,
            "declined: the address is theirs, the invitation is not",
        )?;
        line(f, given.silent_count, "have not answered")?;
        line(f, given.before_count, "of them all answered already")?;

        writeln!(f, "\nAfterwards")?;
        line(f, self.used.signed_in_count, "signed in")?;
        line(
            f,
            self.used.allowed_count,
            "looks at a resident's data, allowed by a grant",
        )?;
        line(
            f,
            self.used.refused_count,
            "looks at a stranger's data, all refused",
        )?;
        line(
            f,
            self.disabled.count,
            "members disabled, their sessions ended at once",
        )?;
        line(f, self.disabled.before_count, "of them disabled already")?;
        line(
            f,
            self.supported.opened_count,
            "community let support in for seven days",
        )?;
        line(f, self.supported.before_count, "of them open already")?;
        line(
            f,
            self.supported.refused_count,
            "invitation tried by support, refused",
        )?;

        writeln!(
            f,
            "\nWho can see the invoices of {}, and why",
            self.asked.resident
        )?;
        for viewer in &self.asked.viewers {
            writeln!(f, "    {viewer}")?;
        }

        writeln!(f, "\nAccess reports")?;
        for (path, rows) in &self.reports {
            writeln!(f, "  {rows:>7}  rows in {path}")?;
        }

        match self.discrepancies().as_slice() {
            [] => writeln!(f, "\nAll counts add up."),
            discrepancies => {
                writeln!(f, "\nWhat does not add up:")?;
                discrepancies
                    .iter()
                    .try_for_each(|line| writeln!(f, "    {line}"))
            }
        }
    }
}

fn line(f: &mut fmt::Formatter<'_>, count: usize, what: &str) -> fmt::Result {
    writeln!(f, "  {count:>7}  {what}")
}
