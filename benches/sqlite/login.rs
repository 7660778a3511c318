//! Signing in, beside the bare verification of the same hash.

use doorward::identity::PasswordCost;
use doorward_benches::{
    hash::over_verification,
    house::{House, PASSWORD},
    invitees::{folder, opened},
};
use doorward_sqlite::SqliteOptions;

use crate::floor::{Part, connect};

/// Measures it at the default cost of a hash: the lookups of account and membership, the
/// verification on a hashing thread, and the flushed commit of the session's entry, over the
/// verification alone: on a thread like it, in memory that is there already, without the way to the
/// thread and back.
pub fn login(wanted: impl Fn(&str) -> bool) {
    if !wanted("login_sqlite") {
        return;
    }
    let folder = folder();
    let layout = |number: usize| {
        let path = folder.path().join(format!("login-{number}.db"));
        let house = House::on(opened(SqliteOptions::new(&path)), PasswordCost::owasp());
        let community = house.community(0);
        let accounts = || -> rusqlite::Result<Vec<Vec<u8>>> {
            let connection = connect(&path, Part::Read);
            let accounts = "SELECT body FROM doorward_record WHERE kind = 'account'";
            let mut accounts = connection.prepare(accounts)?;
            accounts.query_map([], |row| row.get(0))?.collect()
        };
        let accounts = accounts().unwrap_or_else(|error| panic!("{error}"));
        let sign_in = move || {
            let _ = house.administrator(&community);
        };
        (sign_in, accounts)
    };
    over_verification(layout, PASSWORD).print("login_sqlite");
}
