//! S6: whether the time of an answer tells that somebody has an account.

use doorward::{
    Credential, Invite, NewInvitation, Permit,
    identity::PasswordCost,
    storage::FullStorage,
    types::{Channel, EmailAddress},
};
use doorward_benches::{
    Medians,
    house::{Community, House, invitation},
    interleave,
    invitees::{folder, let_in, opened},
    is_test,
};
use doorward_sqlite::SqliteOptions;
use pollster::FutureExt as _;
use secrecy::SecretString;

use crate::{
    table::{Row, Table, Verdict},
    throughput::somebody,
};

/// Calls on each side.
const CALLS: usize = 2_000;
/// Names on each side.
const NAMES: usize = 100;
/// Sign-ins under one name: the sixth failure locks an account, which is another answer.
const TRIES: usize = 4;

/// Measures the three answers.
pub fn measure(table: &mut Table) {
    let folder = folder();
    let storage = opened(SqliteOptions::new(folder.path().join("s6-time.db")));
    let (names, communities) = if is_test() {
        (2, 2)
    } else {
        (NAMES, CALLS / NAMES)
    };
    let house = House::on(storage.clone(), PasswordCost::for_tests());
    let elsewhere = house.community(0);
    let known: Vec<_> = (0..names).map(|n| somebody("known", n)).collect();
    let unknown: Vec<_> = (0..names).map(|n| somebody("never", n)).collect();
    let _ = let_in(&house, &house.administrator(&elsewhere), &known);

    let inviting: Vec<Community> = (1..=communities).map(|n| house.community(n)).collect();
    let invited = invite(&house, &inviting, &unknown, &known);
    row(
        table,
        "S6 does inviting tell that an account exists?",
        invited,
        "BA x1.02, DI 2.9 and in words",
    );
    let reset = reset(&house, &elsewhere, &unknown, &known);
    row(table, "S6 reset request, known / unknown", reset, "BA x2.8");
    let login = sign_in(&house, &elsewhere, &unknown, &known);
    row(
        table,
        "S6 login, known / unknown, wrong password",
        login,
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

/// Every community invites everybody: half have an account elsewhere.
fn invite<S: FullStorage + Clone>(
    house: &House<S>,
    communities: &[Community],
    unknown: &[EmailAddress],
    known: &[EmailAddress],
) -> Medians {
    let administrators: Vec<_> = communities
        .iter()
        .map(|one| house.administrator(one))
        .collect();
    let forms = |addresses: &[EmailAddress]| -> Vec<(Permit<Invite>, NewInvitation)> {
        let of_one = |by| {
            addresses
                .iter()
                .map(move |to| (house.permit(by), invitation(to)))
        };
        administrators.iter().flat_map(of_one).collect()
    };
    let (mut first, mut second) = (forms(unknown).into_iter(), forms(known).into_iter());
    interleave(
        CALLS,
        1,
        || {
            first
                .next()
                .map(|(permit, form)| house.invite(permit, form))
        },
        || {
            second
                .next()
                .map(|(permit, form)| house.invite(permit, form))
        },
    )
}

fn reset<S: FullStorage + Clone>(
    house: &House<S>,
    community: &Community,
    unknown: &[EmailAddress],
    known: &[EmailAddress],
) -> Medians {
    let ask = |name: Option<&EmailAddress>| {
        let name = name.unwrap_or_else(|| panic!("a name"));
        let asked = house
            .door
            .request_reset(Some(community.tenant), name.original());
        asked.block_on().unwrap_or_else(|error| panic!("{error}"));
    };
    let (mut first, mut second) = (unknown.iter().cycle(), known.iter().cycle());
    interleave(CALLS, 1, || ask(first.next()), || ask(second.next()))
}

/// At a hash that costs next to nothing, where a difference shows most.
fn sign_in<S: FullStorage + Clone>(
    house: &House<S>,
    community: &Community,
    unknown: &[EmailAddress],
    known: &[EmailAddress],
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
    let (mut first, mut second) = (unknown.iter().cycle(), known.iter().cycle());
    interleave(
        known.len() * TRIES,
        1,
        || wrong(first.next()),
        || wrong(second.next()),
    )
}
