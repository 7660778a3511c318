//! Counts that add up: the summary of a report.

use std::collections::{BTreeMap, BTreeSet};

use doorward_types::{PersonId, SubjectId};

use super::{flag::Flag, row::AccessRow, status::AccessStatus};

/// The summary of a report. Every row is in exactly one of `by_status`, so they add up to `rows`; a
/// row is in `by_flag` once a flag.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Rows.
    pub rows: u64,
    /// Rows of each status; no status has none.
    pub by_status: BTreeMap<AccessStatus, u64>,
    /// Rows of each flag.
    pub by_flag: BTreeMap<Flag, u64>,
    people: BTreeSet<PersonId>,
    subjects: BTreeSet<SubjectId>,
}

impl Counts {
    /// Counts a row.
    pub fn add(&mut self, row: &AccessRow) {
        self.rows += 1;
        *self.by_status.entry(row.status).or_default() += 1;
        for flag in &row.flags {
            *self.by_flag.entry(*flag).or_default() += 1;
        }
        self.people.extend(row.person);
        self.subjects.extend(row.subject);
    }

    /// Returns how many people there are; one with several rows counts once.
    #[must_use]
    pub fn people(&self) -> usize {
        self.people.len()
    }

    /// Returns how many subjects there are.
    #[must_use]
    pub fn subjects(&self) -> usize {
        self.subjects.len()
    }

    /// Returns how many rows have this status.
    #[must_use]
    pub fn of_status(&self, status: AccessStatus) -> u64 {
        self.by_status.get(&status).copied().unwrap_or_default()
    }

    /// Returns how many rows can see anything today.
    #[must_use]
    pub fn with_access(&self) -> u64 {
        let with = self
            .by_status
            .iter()
            .filter(|(status, _)| status.has_access());
        with.map(|(_, count)| count).sum()
    }
}

impl<'a> Extend<&'a AccessRow> for Counts {
    fn extend<I: IntoIterator<Item = &'a AccessRow>>(&mut self, rows: I) {
        rows.into_iter().for_each(|row| self.add(row));
    }
}

impl<'a> FromIterator<&'a AccessRow> for Counts {
    fn from_iter<I: IntoIterator<Item = &'a AccessRow>>(rows: I) -> Self {
        let mut counts = Self::default();
        counts.extend(rows);
        counts
    }
}

#[cfg(test)]
mod tests {
    use doorward_types::DisplayName;
    use proptest::prelude::*;
    use time::OffsetDateTime;

    use super::*;

    fn row(status: AccessStatus, person: u8, subject: u8) -> AccessRow {
        let id = |n| PersonId::made_at(OffsetDateTime::UNIX_EPOCH, [n; 10]);
        let mut row = AccessRow::new(DisplayName::new("Maple Grove").unwrap(), status);
        row.person = Some(id(person));
        row.subject = Some(SubjectId::from(id(subject)));
        row
    }

    #[test]
    fn a_person_over_two_subjects_is_two_rows_and_one_person() {
        let rows = [
            row(AccessStatus::Connected, 1, 2),
            row(AccessStatus::Connected, 1, 3),
        ];
        let counts: Counts = rows.iter().collect();
        assert_eq!((counts.rows, counts.people(), counts.subjects()), (2, 1, 2));
        assert_eq!(counts.with_access(), 2);
        assert_eq!(counts.of_status(AccessStatus::Declined), 0);
    }

    proptest! {
        #[test]
        fn the_statuses_add_up_to_the_rows(
            picks in proptest::collection::vec((0..11_usize, 0..5_u8), 0..60),
        ) {
            let rows: Vec<_> =
                picks.iter().map(|&(status, n)| row(AccessStatus::ALL[status], n, n)).collect();
            let counts: Counts = rows.iter().collect();
            prop_assert_eq!(counts.rows, rows.len() as u64);
            prop_assert_eq!(counts.by_status.values().sum::<u64>(), counts.rows);
            prop_assert!(counts.with_access() <= counts.rows);
        }
    }
}
