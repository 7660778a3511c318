//! Signing in, beside the bare verification of the same hash.

use doorward::identity::PasswordCost;
use doorward_benches::{
    hash::{Hashing, OverVerification, over_verification},
    house::{House, PASSWORD},
    invitees::{folder, opened},
};
use doorward_sqlite::SqliteOptions;

use crate::floor::{Part, connect};

/// Measures it at the default cost of a hash: the lookups of account and membership, the
/// verification, and the flushed commit of the session's entry, over the verification alone, in memory
/// that is there already. Both verify on the thread that signs in, or both on one of their own; then
/// the way to that thread and back is in ours alone.
pub fn login(wanted: impl Fn(&str) -> bool) {
    let sides = [
        ("login_sqlite", Hashing::OnCallers),
        ("login_sqlite_threads", Hashing::OnThreads),
    ];
    for (name, hashing) in sides {
        if wanted(name) {
            measure(hashing).print(name);
        }
    }
}

fn measure(hashing: Hashing) -> OverVerification {
    let folder = folder();
    let layout = |number: usize| {
        let path = folder.path().join(format!("login-{number}.db"));
        let storage = opened(SqliteOptions::new(&path));
        let house = match hashing {
            Hashing::OnCallers => House::for_blocking_callers(storage),
            Hashing::OnThreads => House::on(storage, PasswordCost::owasp()),
        };
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
    over_verification(hashing, layout, PASSWORD)
}
