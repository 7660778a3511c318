//! Signing in, beside the bare verification of the same hash; and under an unknown name, beside a
//! known one with a wrong password.
//!
//! The first runs at the default cost of a hash, OWASP's 19 MiB and two passes. The second hashes
//! four thousand times, so it takes the quickest of the costs that OWASP lists as equal, 7 MiB and
//! five passes: the shorter the hash, the more a difference beside it shows.

use std::time::Duration;

use criterion::Criterion;
use doorward::{
    Credential, Error, SignedIn,
    identity::{PasswordCost, SignInReason, SignInRefusal},
    types::Channel,
};
use doorward_benches::{
    Medians,
    hash::{Hashing, OverVerification, over_verification},
    house::{Community, House, PASSWORD, address, password},
    interleave, is_test,
};
use doorward_memory::MemoryStorage;
use pollster::FutureExt as _;
use secrecy::SecretString;

/// Attempts under a known name, and as many under an unknown one.
const ATTEMPTS: usize = 2_000;
/// Attempts under one name. The sixth failure locks an account, which is another answer; so many
/// names are tried a few times each.
const TRIES: usize = 5;
/// The cost at which they are made.
const QUICKEST: (u32, u32, u32) = (7 * 1024, 5, 1);

fn main() {
    let house = House::open();
    let community = house.community(0);
    let memory = login_memory(Hashing::OnCallers);
    let threads = login_memory(Hashing::OnThreads);
    let unknown = unknown_name();

    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    criterion.bench_function("login_memory", |bencher| {
        bencher.iter(|| {
            sign_in(
                &house,
                &community,
                community.administrator.original(),
                password(),
            )
        });
    });
    if !is_test() {
        criterion.final_summary();
    }
    memory.print("login_memory");
    threads.print("login_memory_threads");
    unknown.print("unknown_name_login");
}

/// A right password: two lookups of account and membership, the verification, and the commit of the
/// session's entry, over the verification alone, in memory that is there already. Both verify on the
/// thread that signs in, or both on one of their own; then the way to that thread and back is in ours
/// alone.
fn login_memory(hashing: Hashing) -> OverVerification {
    let layout = |_| {
        let house = match hashing {
            Hashing::OnCallers => House::for_blocking_callers(MemoryStorage::new()),
            Hashing::OnThreads => House::open(),
        };
        let community = house.community(0);
        let stored = house.storage.stored_bytes();
        let signed_in = move || {
            let name = community.administrator.original();
            let opened = sign_in(&house, &community, name, password());
            assert!(matches!(opened, Ok(SignedIn::Session(_))), "{opened:?}");
        };
        (signed_in, stored.unwrap_or_else(|error| panic!("{error}")))
    };
    over_verification(hashing, layout, PASSWORD)
}

/// Refused attempts under names that nobody has, over as many with a wrong password under names of
/// members. Both sides go through the same numbers of tries, so as many are audited on each.
fn unknown_name() -> Medians {
    let (memory_kib, passes, lanes) = QUICKEST;
    let cost = PasswordCost::new(memory_kib, passes, lanes);
    let house = House::open_at(cost.unwrap_or_else(|error| panic!("{error}")));
    let community = house.community(0);
    let names = if is_test() { 1 } else { ATTEMPTS / TRIES };
    let name = |side: &str, n: usize| address(&format!("{side}{n:04}@family.example"));
    let known: Vec<_> = (0..names).map(|n| name("known", n)).collect();
    let unknown: Vec<_> = (0..names).map(|n| name("never", n)).collect();
    let administrator = house.administrator(&community);
    for member in &known {
        house.join(house.permit(&administrator), member);
    }
    let refused = |name: &str, reason: SignInReason| {
        let wrong = Credential::Password(SecretString::from("ten yellow herons stood"));
        match sign_in(&house, &community, name, wrong) {
            Err(Error::Rejected(refusal)) => assert_eq!(refusal.reason(), reason, "{name}"),
            other => panic!("a wrong password opens nothing: {other:?}"),
        }
    };
    let (mut first, mut second) = (unknown.iter().cycle(), known.iter().cycle());
    interleave(
        names * TRIES,
        1,
        || {
            first
                .next()
                .map(|name| refused(name.original(), SignInReason::UnknownName))
        },
        || {
            second
                .next()
                .map(|name| refused(name.original(), SignInReason::Credential))
        },
    )
}

fn sign_in(
    house: &House,
    community: &Community,
    name: &str,
    credential: Credential,
) -> Result<SignedIn, Error<SignInRefusal>> {
    let door = &house.door;
    let opened = door.sign_in(community.tenant, Channel::Portal, name, credential, None);
    opened.block_on()
}
