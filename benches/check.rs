//! One check with its reason, beside the same written by hand: the window, AND, union,
//! compare, reason.

use std::hint::black_box;

use criterion::Criterion;
use doorward::access::{
    Catalog, Decision, Details, Held, Joining, Level, Membership, OfferVerdict, PermissionSet,
    Permissions, Reach, Relation, Sets, Standing, judge_offer,
};
use doorward::types::{
    AccountId, DisplayName, KindName, LevelId, Levels, MembershipId, Offer, TenantId, Window,
};
use doorward_benches::{interleave, is_test};
use time::{OffsetDateTime, macros::datetime};

bitflags::bitflags! {
    /// The features of an office, as HomeTrak has them.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    struct Office: u64 {
        const F00 = 1 << 0; const F01 = 1 << 1; const F02 = 1 << 2; const F03 = 1 << 3;
        const F04 = 1 << 4; const F05 = 1 << 5; const F06 = 1 << 6; const F07 = 1 << 7;
        const F08 = 1 << 8; const F09 = 1 << 9; const F10 = 1 << 10; const F11 = 1 << 11;
        const F12 = 1 << 12; const F13 = 1 << 13; const F14 = 1 << 14; const F15 = 1 << 15;
        const F16 = 1 << 16; const F17 = 1 << 17; const F18 = 1 << 18; const F19 = 1 << 19;
        const F20 = 1 << 20; const F21 = 1 << 21; const F22 = 1 << 22; const F23 = 1 << 23;
        const F24 = 1 << 24; const F25 = 1 << 25; const F26 = 1 << 26; const F27 = 1 << 27;
        const F28 = 1 << 28; const F29 = 1 << 29; const F30 = 1 << 30; const F31 = 1 << 31;
    }
}

const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);
const MEMBERS: usize = 64;

/// The floor: what somebody would write by hand for levels, a kind's ceiling and a reason.
#[derive(Clone, Copy)]
struct ByHand {
    from: OffsetDateTime,
    until: Option<OffsetDateTime>,
    levels: [(u16, u64); 3],
    baseline: u64,
    ceiling: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Why {
    Baseline,
    Level(u16),
    AboveCeiling,
    NotNow,
    Never,
}

impl ByHand {
    #[inline]
    fn check(&self, asked: u64, now: OffsetDateTime) -> (bool, Why) {
        if now < self.from || self.until.is_some_and(|until| until <= now) {
            return (false, Why::NotNow);
        }
        let union = self
            .levels
            .iter()
            .fold(self.baseline, |all, (_, level)| all | level);
        if union & self.ceiling & asked == asked {
            if self.baseline & asked == asked {
                return (true, Why::Baseline);
            }
            let giver = self.levels.iter().find(|(_, level)| level & asked == asked);
            return (true, giver.map_or(Why::Never, |(id, _)| Why::Level(*id)));
        }
        (
            false,
            if union & asked == asked {
                Why::AboveCeiling
            } else {
                Why::Never
            },
        )
    }
}

fn main() {
    let (ours, floor) = population();
    let asked: Vec<Office> = (0..32)
        .map(|bit| Office::from_bits_retain(1 << bit))
        .collect();
    compare(&ours, &floor, &asked);

    let mut at = 0;
    let mut next = move || {
        at = (at + 1) % (MEMBERS * 32);
        (at % MEMBERS, at / MEMBERS)
    };
    let mut other = next;
    let with_reason = interleave(
        401,
        20_000,
        || {
            let (member, bit) = next();
            black_box(ours[member].check(asked[bit], Relation::Other, black_box(NOW)))
        },
        || {
            let (member, bit) = other();
            black_box(floor[member].check(asked[bit].bits(), black_box(NOW)))
        },
    );
    with_reason.print("check_with_reason");

    let (mut first, mut second) = (0_usize, 0_usize);
    let reason_cost = interleave(
        401,
        20_000,
        || {
            first = (first + 1) % (MEMBERS * 32);
            black_box(ours[first % MEMBERS].check(asked[first / MEMBERS], Relation::Other, NOW))
        },
        || {
            second = (second + 1) % (MEMBERS * 32);
            black_box(ours[second % MEMBERS].verdict(asked[second / MEMBERS], Relation::Other, NOW))
        },
    );

    let allocations = allocation_counter::measure(|| {
        for member in &ours {
            for &permission in &asked {
                let _ = black_box(member.check(permission, Relation::Other, NOW));
            }
        }
    });
    assert_eq!(allocations.count_total, 0, "a check allocates nothing");
    println!(
        "allocations in {} checks: {}",
        MEMBERS * 32,
        allocations.count_total
    );

    let mut criterion = Criterion::default().configure_from_args();
    criterion.bench_function("check_with_reason", |bencher| {
        bencher.iter(|| ours[7].check(black_box(Office::F17), Relation::Other, NOW));
    });
    if !is_test() {
        criterion.final_summary();
    }
    reason_cost.print("reason_cost");
}

/// Both sides answer alike before they are timed.
fn compare(ours: &[Standing], floor: &[ByHand], asked: &[Office]) {
    for (ours, floor) in ours.iter().zip(floor) {
        for &permission in asked {
            let decision = ours.check(permission, Relation::Other, NOW);
            let (allowed, _) = floor.check(permission.bits(), NOW);
            assert_eq!(
                matches!(decision, Decision::Allow(_)),
                allowed,
                "{permission:?}"
            );
        }
    }
}

fn population() -> (Vec<Standing>, Vec<ByHand>) {
    const CEILING: u64 = 0x7fff_ffff;
    const BASELINE: u64 = 0b11;
    let catalog = Catalog::builder::<Office>()
        .kind("staff", |kind| {
            kind.baseline(Office::from_bits_retain(BASELINE), Reach::Any)
                .ceiling(Office::from_bits_retain(CEILING), Reach::Any)
        })
        .build()
        .unwrap_or_else(|error| panic!("the catalog of the bench: {error}"));
    let masks: [u64; 5] = [
        0x0000_00ff,
        0x0000_ff00,
        0x00ff_0000,
        0xff00_0000,
        0x0f0f_0f0f,
    ];
    let levels: Vec<Level> = (0_u8..)
        .zip(masks)
        .map(|(n, mask)| level(&catalog, n, mask))
        .collect();
    let members = (0..MEMBERS).map(|n| {
        let held = [n % 5, (n / 5) % 5, (n / 25) % 5];
        let standing = standing(&catalog, &levels, held);
        let by_hand = ByHand {
            from: NOW,
            until: None,
            levels: held.map(|at| (u16::try_from(at).unwrap_or(0), masks[at])),
            baseline: BASELINE,
            ceiling: CEILING,
        };
        (standing, by_hand)
    });
    members.unzip()
}

fn level(catalog: &Catalog, n: u8, mask: u64) -> Level {
    let permissions: PermissionSet = catalog
        .permissions()
        .filter(|(_, permission)| {
            Office::from_bits_retain(mask)
                .mask()
                .contains(permission.mask())
        })
        .map(|(name, _)| (name.clone(), Reach::Any))
        .collect();
    let id = LevelId::made_at(NOW, [n; 10]);
    let name = DisplayName::new(&format!("Level {n}")).unwrap_or_else(|error| panic!("{error}"));
    Level::create(id, name, permissions, catalog)
        .unwrap_or_else(|error| panic!("{error}"))
        .0
}

fn standing(catalog: &Catalog, levels: &[Level], held: [usize; 3]) -> Standing {
    let kind = KindName::new("staff").unwrap_or_else(|error| panic!("{error}"));
    let ids = held.map(|at| levels[at].id());
    let offer = Offer::of(kind).with_levels(Levels::Assigned(ids.into_iter().collect()));
    let sets = Sets {
        levels,
        profiles: &[],
    };
    let judged = judge_offer(
        catalog,
        &offer,
        &sets,
        &doorward::access::Authority::everything(),
    );
    let Ok(OfferVerdict::Within(fitted)) = judged else {
        panic!("the offer of the bench fits")
    };
    let joining = Joining {
        id: MembershipId::made_at(NOW, [1; 10]),
        tenant: TenantId::made_at(NOW, [2; 10]),
        account: AccountId::made_at(NOW, [3; 10]),
        person: None,
        invitation: None,
        window: Window::since(NOW),
        details: Details::default(),
    };
    let (member, _) = Membership::join(joining, &fitted, NOW);
    Standing::resolve(
        catalog,
        &member,
        &Held {
            sets,
            grants: &[],
            assigned: &[],
        },
    )
}
