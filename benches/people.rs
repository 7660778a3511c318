//! Lists of people for the main job, of any size and always the same.
//!
//! They are made from the list of the examples: copy after copy of its residents with their
//! contacts, each under ids, references, names and addresses of its own. There are as many
//! communities as before, so each grows with the list: that is the harder case, since whatever a use
//! case reads of a whole tenant grows with it.

use std::collections::HashMap;

use csv::StringRecord;

const LIST: &str = include_str!("../examples/data/people.csv");

/// A list of some residents, copied so many times.
#[derive(Debug)]
pub struct List {
    /// The list as CSV.
    pub text: String,
    /// How many rows it has.
    pub row_count: usize,
}

impl List {
    /// Makes a list of the first `residents` with their contacts, `copies` times.
    ///
    /// # Panics
    /// Where the list of the examples has no such columns.
    #[must_use]
    pub fn of(residents: usize, copies: usize) -> Self {
        let mut reader = csv::Reader::from_reader(LIST.as_bytes());
        let header = reader.headers().expect("a header").clone();
        let columns = Columns::of(&header);
        let rows: Vec<StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
        let kept: HashMap<&str, ()> = rows
            .iter()
            .filter(|row| &row[columns.kind] == "resident")
            .take(residents)
            .map(|row| (&row[columns.id], ()))
            .collect();
        let is_kept = |row: &&StringRecord| {
            kept.contains_key(&row[columns.id]) || kept.contains_key(&row[columns.resident])
        };
        let rows: Vec<&StringRecord> = rows.iter().filter(is_kept).collect();
        let people = People::of(&rows, &columns);
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&header).expect("memory takes it");
        for copy in 0..copies {
            for row in &rows {
                let row = columns.copied(row, copy, &people);
                writer.write_record(&row).expect("memory takes it");
            }
        }
        let bytes = writer.into_inner().expect("memory takes it");
        Self {
            text: String::from_utf8(bytes).expect("the list is text"),
            row_count: rows.len() * copies,
        }
    }
}

/// Where the columns stand that differ from copy to copy.
struct Columns {
    id: usize,
    person: usize,
    kind: usize,
    resident: usize,
    last_name: usize,
    email: usize,
}

/// Everybody once, in the order of the list, with their last name.
struct People<'a> {
    order: HashMap<&'a str, usize>,
    last_names: Vec<&'a str>,
}

impl<'a> People<'a> {
    fn of(rows: &[&'a StringRecord], columns: &Columns) -> Self {
        let (mut order, mut last_names) = (HashMap::new(), Vec::new());
        for row in rows {
            order.entry(&row[columns.person]).or_insert_with(|| {
                last_names.push(&row[columns.last_name]);
                last_names.len() - 1
            });
        }
        Self { order, last_names }
    }

    /// The last name that somebody has in a copy: that of another person further down.
    fn last_name(&self, person: &str, copy: usize) -> &'a str {
        let at = self.order[person] + copy * 977;
        self.last_names[at % self.last_names.len()]
    }
}

impl Columns {
    fn of(header: &StringRecord) -> Self {
        let at = |name| header.iter().position(|column| column == name);
        let at = |name| at(name).unwrap_or_else(|| panic!("no column `{name}`"));
        Self {
            id: at("id"),
            person: at("person_ref"),
            kind: at("kind"),
            resident: at("resident_id"),
            last_name: at("last_name"),
            email: at("email"),
        }
    }

    fn copied(&self, row: &StringRecord, copy: usize, people: &People<'_>) -> StringRecord {
        if copy == 0 {
            return row.clone();
        }
        let cells = row.iter().enumerate();
        let cells = cells.map(|(at, cell)| match cell {
            "" => String::new(),
            cell if [self.id, self.person, self.resident].contains(&at) => format!("{cell}.{copy}"),
            _ if at == self.last_name => people.last_name(&row[self.person], copy).to_owned(),
            cell if at == self.email => match cell.rsplit_once('@') {
                Some((local, host)) => format!("{local}.{copy}@{host}"),
                None => cell.to_owned(),
            },
            cell => cell.to_owned(),
        });
        cells.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn rows(list: &List) -> Vec<StringRecord> {
        let mut reader = csv::Reader::from_reader(list.text.as_bytes());
        reader.records().map(Result::unwrap).collect()
    }

    #[test]
    fn one_copy_is_the_list_of_the_examples() {
        let list = List::of(1_000, 1);
        let mut reader = csv::Reader::from_reader(LIST.as_bytes());
        let original: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(list.row_count, 4_000);
        assert_eq!(rows(&list), original);
    }

    #[test]
    fn five_copies_are_five_times_the_people_at_addresses_of_their_own() {
        let (one, five) = (List::of(1_000, 1), List::of(1_000, 5));
        assert_eq!(five.row_count, 20_000);
        let different = |list: &List, column: usize| {
            let cells = rows(list).into_iter().map(|row| row[column].to_owned());
            cells
                .filter(|cell| !cell.is_empty())
                .collect::<HashSet<_>>()
        };
        let mut reader = csv::Reader::from_reader(LIST.as_bytes());
        let columns = Columns::of(reader.headers().unwrap());
        for column in [columns.id, columns.person, columns.resident, columns.email] {
            let (one, five) = (different(&one, column), different(&five, column));
            assert_eq!(five.len(), 5 * one.len());
        }
        assert_eq!(different(&one, 4), different(&five, 4), "the communities");
    }
}
