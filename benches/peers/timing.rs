//! S6: whether the time of an answer tells that somebody has an account.

use doorward::{
    Credential,
    identity::PasswordCost,
    storage::FullStorage,
    types::{Channel, EmailAddress},
};
use doorward_benches::{
    Medians,
    house::{Community, House},
    interleave,
    invitees::{folder, let_in, opened},
    names::{Names, communities},
};
use doorward_sqlite::SqliteOptions;
use pollster::FutureExt as _;
use secrecy::SecretString;

use crate::{
    table::{Row, Table, Verdict},
    throughput::somebody,
};

/// Sign-ins under one name: the sixth failure locks an account, which is another answer.
const TRIES: usize = 4;

/// Measures the three answers.
pub fn measure(table: &mut Table) {
    let folder = folder();
    let storage = opened(SqliteOptions::new(folder.path().join("s6-time.db")));
    let house = House::on(storage.clone(), PasswordCost::for_tests());
    let elsewhere = house.community(0);
    let names = Names::of(somebody);
    let _ = let_in(&house, &house.administrator(&elsewhere), &names.known);

    let administrators =
        Vec::from_iter((1..=communities()).map(|n| house.administrator(&house.community(n))));
    row(
        table,
        "S6 does inviting tell that an account exists?",
        names.invite(&house, &administrators),
        "BA x1.02, DI 2.9 and in words",
    );
    row(
        table,
        "S6 reset request, known / unknown",
        names.request_reset(&house, elsewhere.tenant),
        "BA x2.8",
    );
    let quick = sign_in(&house, &elsewhere, &names);
    println!(
        "S6 login at a hash that costs next to nothing: {:.3} / {:.3} ms, x{:.3}",
        quick.floor / 1e6,
        quick.ours / 1e6,
        1.0 / quick.ratio()
    );
    let storage = opened(SqliteOptions::new(folder.path().join("s6-login.db")));
    let house = House::on(storage, PasswordCost::owasp());
    let community = house.community(0);
    let _ = let_in(&house, &house.administrator(&community), &names.known);
    row(
        table,
        "S6 login, known / unknown, wrong password",
        sign_in(&house, &community, &names),
        "BA x1.007, LK x1.002",
    );
}

fn row(table: &mut Table, name: &'static str, medians: Medians, peers: &'static str) {
    let ratio = 1.0 / medians.ratio();
    table.figure(Row {
        name,
        ours: format!(
            "same answer; {:.3} / {:.3} ms, x{ratio:.3}",
            medians.floor / 1e6,
            medians.ours / 1e6
        ),
        bar: "0.97-1.03",
        verdict: Verdict::of((0.97..=1.03).contains(&ratio)),
        peers,
    });
}

/// As the peers were measured, each at its default cost of a hash.
fn sign_in<S: FullStorage + Clone>(
    house: &House<S>,
    community: &Community,
    names: &Names,
) -> Medians {
    let wrong = |name: Option<&EmailAddress>| {
        let name = name.unwrap_or_else(|| panic!("a name"));
        let wrong = Credential::Password(SecretString::from("ten yellow herons stood"));
        let opened = house.door.sign_in(
            community.tenant,
            Channel::Portal,
            name.original(),
            wrong,
            None,
        );
        assert!(opened.block_on().is_err(), "a wrong password opens nothing");
    };
    let (mut first, mut second) = (names.unknown.iter().cycle(), names.known.iter().cycle());
    interleave(
        names.known.len() * TRIES,
        1,
        || wrong(first.next()),
        || wrong(second.next()),
    )
}
