//! What is done under a name that nobody has, beside the same under a name that somebody has: a
//! reset that is asked for, and an invitation by somebody who may not learn it.

use std::{hint::black_box, time::Duration};

use criterion::{BatchSize, Criterion};
use doorward::{identity::Session, types::TenantId};
use doorward_benches::{
    house::{House, address, invitation},
    is_test,
    names::{Names, communities, request_reset},
};

fn main() {
    let house = House::open();
    let names = Names::of(|side, n| address(&format!("{side}{n:04}@family.example")));

    let elsewhere = house.community(0);
    let administrator = house.administrator(&elsewhere);
    for member in &names.known {
        house.join(house.permit(&administrator), member);
    }
    let administrators: Vec<Session> = (1..=communities())
        .map(|n| house.administrator(&house.community(n)))
        .collect();

    let reset = names.request_reset(&house, elsewhere.tenant);
    let invite = names.invite(&house, &administrators);
    each_alone(&house, elsewhere.tenant, &administrator);
    reset.print("unknown_name_reset");
    invite.print("unknown_name_invite");
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
