//! What is done under a name that nobody has, beside the same under a name that somebody has: a
//! reset that is asked for, and an invitation by somebody who may not learn it.

use std::{hint::black_box, time::Duration};

use criterion::{BatchSize, Criterion};
use doorward::{
    Invite, NewInvitation, Permit,
    identity::Session,
    types::{EmailAddress, TenantId},
};
use doorward_benches::{
    Medians,
    house::{House, address, invitation},
    interleave, is_test,
};
use pollster::FutureExt as _;

/// Calls under a known name, and as many under an unknown one.
const CALLS: usize = 2_000;
/// Names on each side.
const NAMES: usize = 100;

fn main() {
    let house = House::open();
    let (names, communities) = if is_test() {
        (1, 1)
    } else {
        (NAMES, CALLS / NAMES)
    };
    let name = |side: &str, n: usize| address(&format!("{side}{n:04}@family.example"));
    let known: Vec<_> = (0..names).map(|n| name("known", n)).collect();
    let unknown: Vec<_> = (0..names).map(|n| name("never", n)).collect();

    let elsewhere = house.community(0);
    let administrator = house.administrator(&elsewhere);
    for member in &known {
        house.join(house.permit(&administrator), member);
    }
    let administrators: Vec<Session> = (1..=communities)
        .map(|n| house.administrator(&house.community(n)))
        .collect();

    let reset = reset(&house, elsewhere.tenant, &unknown, &known);
    let invite = invite(&house, &administrators, &unknown, &known);
    each_alone(&house, elsewhere.tenant, &administrator);
    reset.print("unknown_name_reset");
    invite.print("unknown_name_invite");
}

fn reset(
    house: &House,
    tenant: TenantId,
    unknown: &[EmailAddress],
    known: &[EmailAddress],
) -> Medians {
    let (mut first, mut second) = (unknown.iter().cycle(), known.iter().cycle());
    interleave(
        CALLS,
        1,
        || first.next().map(|name| request_reset(house, tenant, name)),
        || second.next().map(|name| request_reset(house, tenant, name)),
    )
}

fn request_reset(house: &House, tenant: TenantId, name: &EmailAddress) {
    let asked = house.door.request_reset(Some(tenant), name.original());
    let asked = asked.block_on();
    asked.unwrap_or_else(|error| panic!("{error}"));
}

/// Every community invites everybody: those who have an account in another one, and those who have
/// none.
fn invite(
    house: &House,
    administrators: &[Session],
    unknown: &[EmailAddress],
    known: &[EmailAddress],
) -> Medians {
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
            let form = first.next();
            form.map(|(permit, form)| house.invite(permit, form))
        },
        || {
            let form = second.next();
            form.map(|(permit, form)| house.invite(permit, form))
        },
    )
}

/// What each costs alone. Both leave records behind, so they run for a moment.
fn each_alone(house: &House, tenant: TenantId, administrator: &Session) {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(500))
        .configure_from_args();
    let nobody = address("nobody@family.example");
    criterion.bench_function("request_reset", |bencher| {
        bencher.iter(|| request_reset(house, tenant, black_box(&nobody)));
    });
    let mut guests = (0_usize..).map(|n| address(&format!("guest{n}@family.example")));
    criterion.bench_function("invite", |bencher| {
        bencher.iter_batched(
            || {
                let to = guests.next().unwrap_or_else(|| nobody.clone());
                (house.permit(administrator), invitation(&to))
            },
            |(permit, form)| house.invite(permit, form),
            BatchSize::SmallInput,
        );
    });
    if !is_test() {
        criterion.final_summary();
    }
}
