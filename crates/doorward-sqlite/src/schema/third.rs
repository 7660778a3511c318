//! What the third migration does after its script: the rows of `doorward_held`, from the tables that
//! go with it. It was released, so it calls nothing that may change.

use rusqlite::{Connection, Error, params};

/// Fills the rows, and drops the tables of version 2.
pub(super) fn fill(connection: &Connection) -> Result<(), Error> {
    let mut records = connection.prepare("SELECT seq FROM doorward_record ORDER BY seq")?;
    let mut insert =
        connection.prepare("INSERT INTO doorward_held (record, keys) VALUES (?1, ?2)")?;
    let mut records = records.query([])?;
    while let Some(row) = records.next()? {
        let seq = row.get(0)?;
        let keys = keys(connection, seq)?;
        if !keys.is_empty() {
            insert.execute(params![seq, keys])?;
        }
    }
    connection.execute_batch("DROP TABLE doorward_entry; DROP TABLE doorward_claim;")
}

fn keys(connection: &Connection, seq: i64) -> Result<Vec<u8>, Error> {
    let mut had = connection.prepare_cached(
        "SELECT * FROM (SELECT scope, space, value FROM doorward_claim WHERE record = ?1
             ORDER BY scope, space, value)
         UNION ALL
         SELECT * FROM (SELECT NULL, name, value FROM doorward_entry WHERE record = ?1
             ORDER BY name, value)",
    )?;
    let mut rows = had.query([seq])?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        match row.get_ref(0)?.as_blob_or_null()? {
            // At most 16 bytes, then a name of at most 32 and a value of at most 512.
            Some(scope) => {
                keys.push(scope.len() as u8 + 1);
                keys.extend(scope);
            }
            None => keys.push(0),
        }
        let (name, value) = (row.get_ref(1)?.as_bytes()?, row.get_ref(2)?.as_blob()?);
        keys.push(name.len() as u8);
        keys.extend(name);
        keys.extend((value.len() as u16).to_be_bytes());
        keys.extend(value);
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::super::migrate;
    use super::*;

    /// Byte by byte: what was written by it is in files for good.
    #[test]
    fn a_record_s_claims_come_before_its_entries_each_in_order() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, 2).unwrap();
        let old = "INSERT INTO doorward_record VALUES (1, x'', 'group', x'01', 1, x'');
            INSERT INTO doorward_record VALUES (2, x'', 'group', x'02', 1, x'');
            INSERT INTO doorward_entry VALUES (1, 'tag', x'01', x'', 'group', x'01');
            INSERT INTO doorward_entry VALUES (1, 'group', x'0201', x'', 'group', x'01');
            INSERT INTO doorward_entry VALUES (1, 'group', x'', x'', 'group', x'01');
            INSERT INTO doorward_claim VALUES (x'', 'tag', x'02', 1);
            INSERT INTO doorward_claim VALUES (zeroblob(16), 'tag', x'01', 1);
            INSERT INTO doorward_claim VALUES (x'', 'tag', x'01', 1)";
        connection.execute_batch(old).unwrap();
        migrate(&mut connection, 3).unwrap();
        let held = "SELECT keys FROM doorward_held WHERE record = 1";
        let held: Vec<u8> = connection.query_row(held, [], |row| row.get(0)).unwrap();
        let expected = [
            &b"\x01\x03tag\x00\x01\x01"[..],
            b"\x01\x03tag\x00\x01\x02",
            b"\x11\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x03tag\x00\x01\x01",
            b"\x00\x05group\x00\x00",
            b"\x00\x05group\x00\x02\x02\x01",
            b"\x00\x03tag\x00\x01\x01",
        ];
        assert_eq!(held, expected.concat());
        let rows = "SELECT (SELECT count(*) FROM doorward_claimed WHERE record = 1),
                (SELECT count(*) FROM doorward_indexed WHERE record = 1 AND id = x'01'),
                (SELECT count(*) FROM doorward_held)";
        let counts =
            connection.query_row(rows, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        assert_eq!(counts.unwrap(), (3, 3, 1));
    }
}
