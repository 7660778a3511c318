//! Signing in, beside the bare verification of the same hash.

use doorward::identity::PasswordCost;
use doorward_benches::{
    hash::Stored,
    house::{House, PASSWORD},
    interleave,
    invitees::{folder, opened},
};
use doorward_sqlite::SqliteOptions;

use crate::floor::{Part, connect};

/// Measures it at the default cost of a hash: the lookups of account and membership, the
/// verification on a hashing thread, and the flushed commit of the session's entry, over the
/// verification alone, on this thread and in memory that is there already.
pub fn login(wanted: impl Fn(&str) -> bool) {
    if !wanted("login_sqlite") {
        return;
    }
    let folder = folder();
    let path = folder.path().join("login.db");
    let house = House::on(opened(SqliteOptions::new(&path)), PasswordCost::owasp());
    let community = house.community(0);
    let accounts = || -> rusqlite::Result<Vec<Vec<u8>>> {
        let connection = connect(&path, Part::Read);
        let accounts = "SELECT body FROM doorward_record WHERE kind = 'account'";
        let mut accounts = connection.prepare(accounts)?;
        accounts.query_map([], |row| row.get(0))?.collect()
    };
    let accounts = accounts().unwrap_or_else(|error| panic!("{error}"));
    let mut stored = Stored::of_the_only_account(&accounts);
    let medians = interleave(
        401,
        1,
        || house.administrator(&community),
        || assert!(stored.matches(std::hint::black_box(PASSWORD))),
    );
    medians.print("login_sqlite");
}
