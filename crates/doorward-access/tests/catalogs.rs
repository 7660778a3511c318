//! Catalogs: what is refused, what old names become, what a digest notices.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use bitflags::bitflags;
use doorward_access::{
    Administration, Catalog, CatalogBuilder, CatalogDigest, CatalogError, Decision, Denial, Gives,
    Held, Level, Membership, Missing, Permissions as _, Reach, Relation, Sets, Source, Standing,
};
use doorward_types::{Levels, Offer, Switch, Switches};
use world::*;

bitflags! {
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    struct Notes: u8 {
        const READ = 1;
        const WRITE = 2;
        const MANAGE = 4;
        const BOTH = 3;
    }
}

bitflags! {
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    struct Open: u8 {
        const READ = 1;
        const _ = !0;
    }
}

bitflags! {
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    struct SameBit: u8 {
        const READ = 1;
        const SEE = 1;
    }
}

bitflags! {
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    struct Wide: u128 {
        const FIRST = 1;
        const LAST = 1 << 127;
    }
}

fn notes() -> CatalogBuilder {
    Catalog::builder::<Notes>()
        .kind("staff", |kind| {
            kind.ceiling_of_everything().unrestricted(Gives::Everything)
        })
        .kind("nurse", |kind| kind.roles(["ward"]).ceiling_of_everything())
        .role("ward", |role| role.holds(Notes::READ, Reach::Any))
        .switch("writes", |switch| {
            switch.on_grants(Notes::WRITE, Reach::Own)
        })
        .switch("only_own", |switch| {
            switch.on_takes(Notes::READ, Reach::Assigned)
        })
        .administered_by(Notes::MANAGE, Administration::ALL)
}

fn refused(builder: CatalogBuilder) -> CatalogError {
    builder.build().unwrap_err()
}

#[test]
fn permissions_are_the_flags_of_one_bit_in_lower_case() {
    let catalog = notes().build().unwrap();
    let names: Vec<_> = catalog
        .permissions()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        names,
        ["manage", "read", "write"],
        "a shorthand of several bits is no permission"
    );
    assert_eq!(
        catalog.permission("read").unwrap().mask(),
        Notes::READ.mask()
    );
}

#[test]
fn a_catalog_holds_128_permissions() {
    let built = Catalog::builder::<Wide>()
        .kind("staff", |kind| {
            kind.ceiling_of_everything()
                .baseline(Wide::LAST, Reach::Any)
        })
        .build()
        .unwrap();
    let staff = member(&built, 1, &Offer::of(kind("staff")), &Sets::default());
    let standing = Standing::resolve(&built, &staff, &Held::default());
    assert_eq!(
        standing.check(Wide::LAST, Relation::Other, NOW),
        Decision::Allow(Source::Baseline)
    );
    assert_eq!(
        standing.check(Wide::FIRST, Relation::Other, NOW),
        Decision::Deny(Denial::NeverGranted)
    );
}

/// `contains(empty())` is true of every bit set, so a check of nothing must not be answered by it.
#[test]
fn a_check_of_no_permission_is_never_allowed() {
    let catalog = notes().build().unwrap();
    let offer = Offer::of(kind("staff")).with_levels(Levels::Unrestricted);
    let staff = member(&catalog, 1, &offer, &Sets::default());
    let standing = Standing::resolve(&catalog, &staff, &Held::default());
    let nothing = standing.check(Notes::empty(), Relation::Own, NOW);
    assert_eq!(nothing, Decision::Undecided(Missing::Permission));
}

/// With `const _ = !0`, `all()` is every bit: never "everything the catalog has".
#[test]
fn bits_that_no_permission_names_are_refused_wherever_they_are_used() {
    let kind = |b: CatalogBuilder| b.kind("staff", |kind| kind.ceiling_of_everything());
    let open = || kind(Catalog::builder::<Open>());
    assert!(open().build().is_ok());
    let uses = [
        open().role("all", |role| role.holds(Open::all(), Reach::Any)),
        open().kind("other", |kind| kind.baseline(Open::all(), Reach::Any)),
        open().kind("other", |kind| kind.ceiling(Open::all(), Reach::Any)),
        open().switch("all", |switch| switch.on_grants(Open::all(), Reach::Any)),
        open().switch("all", |switch| switch.off_takes(Open::all(), Reach::Own)),
        open().feature("all", |feature| feature.needs_any_of(Open::all())),
        open().administered_by(Open::all(), [Administration::Invite]),
        open().support(|support| support.holds(Open::all(), Reach::Any)),
    ];
    for builder in uses {
        assert!(matches!(
            refused(builder),
            CatalogError::UnnamedBits { bits: 0xfe, .. }
        ));
    }
}

#[test]
fn each_contradiction_is_named() {
    assert!(matches!(
        refused(Catalog::builder::<SameBit>().kind("staff", |kind| kind)),
        CatalogError::SameBit { .. }
    ));
    assert_eq!(refused(Catalog::builder::<Notes>()), CatalogError::NoKind);
    assert!(matches!(
        refused(notes().kind("two words", |k| k)),
        CatalogError::Name { .. }
    ));
    assert!(matches!(
        refused(notes().kind("staff", |k| k)),
        CatalogError::Twice { .. }
    ));
    assert!(matches!(
        refused(notes().role("ward", |r| r)),
        CatalogError::Twice { .. }
    ));
    let switch = |b: CatalogBuilder, name: &str| {
        b.switch(name, |switch| switch.off_takes(Notes::READ, Reach::Own))
    };
    assert!(matches!(
        refused(switch(notes(), "writes")),
        CatalogError::Twice { .. }
    ));
    assert!(matches!(
        refused(notes().kind("doctor", |kind| kind.roles(["chief"]))),
        CatalogError::Undeclared { what: "role", .. }
    ));
    assert!(matches!(
        refused(notes().switch("s", |s| {
            s.on_takes(Notes::READ, Reach::Any).only_for_roles(["x"])
        })),
        CatalogError::Undeclared { what: "role", .. }
    ));
    assert!(matches!(
        refused(notes().switch("s", |s| {
            s.on_takes(Notes::READ, Reach::Any).only_for_kinds(["x"])
        })),
        CatalogError::Undeclared { what: "kind", .. }
    ));
    assert!(matches!(
        refused(notes().switch("s", |s| s)),
        CatalogError::NoEffect { .. }
    ));
    assert!(matches!(
        refused(notes().feature("f", |f| f)),
        CatalogError::NoEffect { .. }
    ));
    assert!(matches!(
        refused(notes().administered_by(Notes::empty(), [Administration::Invite])),
        CatalogError::NoEffect { .. }
    ));
    assert_eq!(
        refused(notes().switch("s", |switch| {
            switch
                .on_takes(Notes::READ, Reach::Any)
                .on_grants(Notes::WRITE, Reach::Own)
        })),
        CatalogError::SwitchBothWays {
            switch: "s".to_owned()
        }
    );
    let gives_everything = notes().gives_everything("chief").build();
    assert!(
        gives_everything.is_ok(),
        "a role may give everything and hold nothing"
    );
}

#[test]
fn a_ceiling_below_a_baseline_or_a_role_is_refused() {
    let low = notes().kind("visitor", |kind| kind.baseline(Notes::READ, Reach::Own));
    let error = refused(low);
    assert_eq!(
        error.to_string(),
        "kind `visitor` has a baseline `read` (own) above its ceiling: raise the ceiling or take it \
         away"
    );
    let low = notes().kind("visitor", |kind| {
        kind.roles(["ward"]).ceiling(Notes::READ, Reach::Assigned)
    });
    assert!(
        matches!(refused(low), CatalogError::AboveCeiling { what, .. } if what == "role `ward`")
    );
}

/// Design 6: support "cannot invite, grant, touch credentials, export or renew itself".
#[test]
fn support_that_could_administer_is_refused() {
    let all = notes().support(|support| support.holds(Notes::MANAGE, Reach::Any));
    assert!(matches!(
        refused(all),
        CatalogError::SupportAdministers { .. }
    ));
    let reads = notes()
        .administered_by(Notes::READ, [Administration::ReadAudit])
        .support(|support| support.holds(Notes::READ, Reach::Any));
    assert!(reads.build().is_ok());
}

fn standing(catalog: &Catalog, membership: &Membership, levels: &[Level]) -> Standing {
    let sets = Sets {
        levels,
        ..Sets::default()
    };
    Standing::resolve(
        catalog,
        membership,
        &Held {
            sets,
            ..Held::default()
        },
    )
}

/// Design 4: "stored sets are names"; "`renamed(old, [new])` and `retired(old)` belong to the catalog".
#[test]
fn a_stored_level_follows_the_renames_of_the_catalog() {
    bitflags! {
        #[derive(Clone, Copy)]
        struct Before: u8 { const SEE_ALL = 1; const OLD_TOOL = 2; }
    }
    let staff = |b: CatalogBuilder| b.kind("staff", |kind| kind.ceiling_of_everything());
    let before = staff(Catalog::builder::<Before>()).build().unwrap();
    let stored = level(
        &before,
        1,
        "Reader",
        &[("see_all", Reach::Any), ("old_tool", Reach::Any)],
    );
    let json = serde_json::to_string(&stored).unwrap();
    let stored: Level = serde_json::from_str(&json).unwrap();

    let after = notes()
        .renamed("see_all", ["read", "write"])
        .retired("old_tool")
        .build()
        .unwrap();
    let levels = [stored];
    let sets = Sets {
        levels: &levels,
        ..Sets::default()
    };
    let member = with_levels(&after, 1, "staff", Levels::from([level_id(1)]), &sets);
    let standing = standing(&after, &member, &levels);
    let allowed = Decision::Allow(Source::Level(level_id(1)));
    assert_eq!(standing.check(Notes::READ, Relation::Other, NOW), allowed);
    assert_eq!(standing.check(Notes::WRITE, Relation::Other, NOW), allowed);
    assert_eq!(
        standing.check(Notes::MANAGE, Relation::Other, NOW),
        Decision::Deny(Denial::NeverGranted)
    );
}

/// Design 4: stored unknown names "are kept on rewrite and grant nothing"; in input they are refused.
#[test]
fn an_unknown_permission_is_kept_on_rewrite_and_refused_in_input() {
    let catalog = notes().build().unwrap();
    let json = format!(
        r#"{{"id":"{}","name":"Reader","permissions":{{"read":"any","from_the_future":"any"}}}}"#,
        level_id(1)
    );
    let stored: Level = serde_json::from_str(&json).unwrap();
    let authority = doorward_access::Authority::everything();
    let edit = doorward_access::SetEdit {
        catalog: &catalog,
        sets: Sets::default(),
        holders: &[],
        authority: &authority,
        own: None,
        survivor: None,
    };
    let (level, _) = stored.edit(set(&[("write", Reach::Own)]), &edit).unwrap();
    assert_eq!(
        level.permissions().reach("from_the_future"),
        Some(Reach::Any)
    );
    assert_eq!(level.permissions().reach("write"), Some(Reach::Own));
    assert_eq!(level.permissions().reach("read"), None);
    let refused = level.edit(set(&[("fly", Reach::Any)]), &edit).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "unknown permissions `fly`: use names of the catalog"
    );
}

fn stored_member(fields: &str) -> Membership {
    let json = format!(
        r#"{{"id":"{}","tenant":"{}","account":"{}",{fields},"status":{{"state":"active"}},
            "window":{{"from":"2026-11-22T10:00:00Z"}},"access_epoch":1,
            "joined_at":"2026-11-22T10:00:00Z"}}"#,
        membership_id(1),
        tenant(),
        account_id(1)
    );
    serde_json::from_str(&json).unwrap()
}

/// Design 4: "an unknown stored restriction or kind makes that member's checks `Undecided(catalog)`".
#[test]
fn an_unknown_stored_kind_role_or_switch_leaves_every_check_undecided() {
    let catalog = notes().build().unwrap();
    let unknown = [
        r#""kind":"ghost","levels":{"assigned":[]}"#,
        r#""kind":"nurse","role":"chief","levels":{"assigned":[]}"#,
        r#""kind":"nurse","role":"ward","levels":{"assigned":[]},"switches":{"unheard_of":"on"}"#,
        r#""kind":"nurse","role":"ward","levels":"unrestricted""#,
    ];
    for fields in unknown {
        let standing = standing(&catalog, &stored_member(fields), &[]);
        let decision = standing.check(Notes::READ, Relation::Own, NOW);
        assert_eq!(decision, Decision::Undecided(Missing::Catalog), "{fields}");
    }
}

#[test]
fn a_renamed_kind_role_and_switch_and_a_retired_switch_are_understood() {
    let catalog = notes()
        .renamed_kind("care", "nurse")
        .renamed_role("floor", "ward")
        .renamed_switch("own_only", "only_own")
        .retired_switch("dark_mode")
        .build()
        .unwrap();
    let stored = stored_member(
        r#""kind":"care","role":"floor","levels":{"assigned":[]},
           "switches":{"own_only":"on","dark_mode":"on"}"#,
    );
    let standing = standing(&catalog, &stored, &[]);
    assert_eq!(
        standing.check(Notes::READ, Relation::Own, NOW),
        Decision::Allow(Source::Role)
    );
    assert!(matches!(
        standing.check(Notes::READ, Relation::Other, NOW),
        Decision::Deny(Denial::Withdrawn(_))
    ));
}

#[test]
fn a_renamed_or_retired_name_is_not_declared_and_becomes_one_that_is() {
    let still = [
        notes().renamed("read", ["write"]),
        notes().retired("read"),
        notes().renamed_kind("staff", "nurse"),
        notes().renamed_role("ward", "ward"),
        notes().renamed_switch("writes", "only_own"),
        notes().retired_switch("writes"),
    ];
    for builder in still {
        assert!(matches!(
            refused(builder),
            CatalogError::StillDeclared { .. }
        ));
    }
    let nowhere = [
        notes().renamed("old", ["nothing"]),
        notes().renamed_kind("old", "nothing"),
        notes().renamed_role("old", "nothing"),
        notes().renamed_switch("old", "nothing"),
    ];
    for builder in nowhere {
        assert!(matches!(refused(builder), CatalogError::Undeclared { .. }));
    }
}

/// A stored restriction that the member's role no longer has still restricts: nothing widens because
/// the catalog changed.
#[test]
fn a_stored_restriction_outlives_its_support() {
    let catalog = notes()
        .switch("limits", |s| {
            s.on_takes(Notes::READ, Reach::Any)
                .only_for_kinds(["staff"])
        })
        .build()
        .unwrap();
    let stored = stored_member(
        r#""kind":"nurse","role":"ward","levels":{"assigned":[]},"switches":{"limits":"on"}"#,
    );
    let standing = standing(&catalog, &stored, &[]);
    assert!(matches!(
        standing.check(Notes::READ, Relation::Other, NOW),
        Decision::Deny(Denial::Withdrawn(_))
    ));
}

/// The other way round, what a switch would grant ends with its support.
#[test]
fn a_stored_granting_switch_that_the_kind_no_longer_has_grants_nothing() {
    let catalog = notes()
        .switch("prints", |s| {
            s.on_grants(Notes::MANAGE, Reach::Any)
                .only_for_kinds(["staff"])
        })
        .build()
        .unwrap();
    let stored = stored_member(
        r#""kind":"nurse","role":"ward","levels":{"assigned":[]},"switches":{"prints":"on"}"#,
    );
    let standing = standing(&catalog, &stored, &[]);
    assert_eq!(
        standing.check(Notes::MANAGE, Relation::Other, NOW),
        Decision::Deny(Denial::NeverGranted)
    );
}

/// An open offer may be older than a rename: what it offers is understood, and joined under the
/// present names.
#[test]
fn an_offer_under_old_names_joins_under_the_present_ones() {
    let catalog = notes()
        .switch("night", |s| {
            s.on_takes(Notes::READ, Reach::Any).only_for_roles(["ward"])
        })
        .renamed_kind("care", "nurse")
        .renamed_role("floor", "ward")
        .renamed_switch("dark", "night")
        .build()
        .unwrap();
    let switches = Switches::from([("dark".parse().unwrap(), Switch::On)]);
    let offer = Offer::of(kind("care"))
        .with_role(role("floor"))
        .with_switches(switches);
    let joined = member(&catalog, 1, &offer, &Sets::default());
    assert_eq!(
        (joined.kind(), joined.role()),
        (&kind("nurse"), Some(&role("ward")))
    );
    assert_eq!(joined.switches().get("night"), Some(&Switch::On));
    assert_eq!(joined.switches().get("dark"), None);
}

#[test]
fn of_a_switch_stored_under_its_old_and_its_present_name_the_present_one_stands() {
    let catalog = notes()
        .renamed_switch("zz_only_own", "only_own")
        .build()
        .unwrap();
    let stored = stored_member(
        r#""kind":"nurse","role":"ward","levels":{"assigned":[]},
           "switches":{"only_own":"on","zz_only_own":"off"}"#,
    );
    let standing = standing(&catalog, &stored, &[]);
    assert!(matches!(
        standing.check(Notes::READ, Relation::Other, NOW),
        Decision::Deny(Denial::Withdrawn(_))
    ));
}

/// Design 4: "New permissions reach `Unrestricted` and the fixed roles naming them, never a tenant's
/// level."
#[test]
fn a_new_permission_reaches_the_unrestricted_and_no_level() {
    bitflags! {
        #[derive(Clone, Copy)]
        struct Newer: u8 { const READ = 1; const WRITE = 2; const MANAGE = 4; const PRINT = 8; }
    }
    let newer = Catalog::builder::<Newer>()
        .kind("staff", |kind| {
            kind.ceiling_of_everything().unrestricted(Gives::Everything)
        })
        .build()
        .unwrap();
    let all = [
        ("read", Reach::Any),
        ("write", Reach::Any),
        ("manage", Reach::Any),
    ];
    let levels = [level(&newer, 1, "All there was", &all)];
    let sets = Sets {
        levels: &levels,
        ..Sets::default()
    };
    let check = |held: Levels| {
        let staff = with_levels(&newer, 1, "staff", held, &sets);
        standing(&newer, &staff, &levels).check(Newer::PRINT, Relation::Other, NOW)
    };
    assert_eq!(
        check(Levels::Unrestricted),
        Decision::Allow(Source::Unrestricted)
    );
    assert_eq!(
        check(Levels::from([level_id(1)])),
        Decision::Deny(Denial::NeverGranted)
    );
}

#[test]
fn the_digest_changes_with_every_declaration_and_with_nothing_else() {
    let digest = |builder: CatalogBuilder| builder.build().unwrap().digest();
    let same = digest(notes());
    assert_eq!(digest(notes()), same);
    let changed = [
        notes().kind("visitor", |kind| kind),
        notes().role("chief", |role| role),
        notes().role("chief", |role| role.gives_everything()),
        notes().switch("more", |switch| switch.on_grants(Notes::WRITE, Reach::Any)),
        notes().feature("notes", |feature| feature.needs_any_of(Notes::READ)),
        notes().administered_by(Notes::READ, [Administration::ReadAudit]),
        notes().support(|support| support.holds(Notes::READ, Reach::Any)),
        notes().renamed("old", ["read"]),
        notes().retired_switch("old"),
    ];
    let mut all: Vec<CatalogDigest> = changed.into_iter().map(digest).collect();
    all.push(same);
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), count);
    let json = serde_json::to_string(&same).unwrap();
    assert_eq!(serde_json::from_str::<CatalogDigest>(&json).unwrap(), same);
    assert!(serde_json::from_str::<CatalogDigest>("\"12\"").is_err());
}

#[test]
fn a_catalog_is_shared_between_threads() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Catalog>();
    shared::<Standing>();
}

#[test]
fn an_offer_names_every_switch_after_it_was_fitted() {
    let catalog = notes().build().unwrap();
    let offer = Offer::of(kind("nurse")).with_role(role("ward"));
    let whole = fitted(&catalog, &offer, &Sets::default());
    let expected: Switches = ["only_own", "writes"]
        .map(|name| (name.parse().unwrap(), Switch::Off))
        .into_iter()
        .collect();
    assert_eq!(*whole.as_offer().switches(), expected);
}
