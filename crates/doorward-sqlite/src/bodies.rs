//! The bodies of records that are read together, in one piece of memory.
//!
//! A thread that reads leaves its answer to another one. A thousand pieces that one thread makes and
//! another gives back make some allocators return them to the system after each page.

use doorward_storage::{Bytes, Record};
use rusqlite::{Error, Row};

/// The bodies of some records, one behind the other.
#[derive(Debug, Default)]
pub(crate) struct Bodies {
    bytes: Vec<u8>,
    lengths: Vec<usize>,
}

impl Bodies {
    /// Keeps the body in a column, for a record that has none yet.
    pub(crate) fn keep(&mut self, row: &Row<'_>, column: usize) -> Result<(), Error> {
        let body = row.get_ref(column)?.as_blob()?;
        self.bytes.extend_from_slice(body);
        self.lengths.push(body.len());
        Ok(())
    }

    /// Hands them to their records, in the order in which they were kept.
    pub(crate) fn hand_out<'a>(self, records: impl IntoIterator<Item = &'a mut Record>) {
        let mut left = Bytes::from(self.bytes);
        for (record, length) in records.into_iter().zip(self.lengths) {
            record.body = left.split_to(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use doorward_storage::{Kind, RecordKey, Scope, Version};
    use rusqlite::Connection;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_record_is_handed_its_own_body() {
        let connection = Connection::open_in_memory().unwrap();
        let mut three = connection
            .prepare("VALUES (x'0102'), (x''), (x'03')")
            .unwrap();
        let mut rows = three.query([]).unwrap();
        let (mut bodies, mut records) = (Bodies::default(), Vec::new());
        while let Some(row) = rows.next().unwrap() {
            bodies.keep(row, 0).unwrap();
            records.push(Record {
                key: RecordKey::new(Scope::Directory, Kind::from_static("thing"), Uuid::nil()),
                version: Version::from_u64(1),
                body: Bytes::new(),
            });
        }
        bodies.hand_out(&mut records);
        let bodies: Vec<&[u8]> = records.iter().map(|record| &record.body[..]).collect();
        assert_eq!(bodies, [&[1, 2][..], &[], &[3]]);
    }
}
