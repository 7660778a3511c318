//! Administration of members: what an actor may give, the last administrator, status and window.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "catalogs/practice.rs"]
pub mod practice;
mod world;

use doorward_access::{
    Access, AccessRejection, AccountStanding, Administration, Authority, Catalog, Decision, Denial,
    DisableRejection, FitRejection, Held, MemberEdit, Membership, MembershipEvent,
    MembershipStatus, OfferVerdict, Reach, Relation, RemoveRejection, RestoreRejection,
    SelfGranted, Sets, Source, Standing, Survivor, WindowRejection, judge_offer,
};
use doorward_types::{Levels, Offer, Principal, Switch, Switches, Window};
use practice::Practice;
use time::{Duration, OffsetDateTime};
use world::*;

fn practice() -> Catalog {
    practice::catalog().unwrap()
}

fn user(catalog: &Catalog, n: u8, role_name: &str) -> Membership {
    in_role(catalog, n, "practice_user", role_name)
}

fn authority_of(catalog: &Catalog, membership: &Membership) -> Authority {
    Standing::resolve(catalog, membership, &Held::default()).authority(NOW)
}

struct Office {
    catalog: Catalog,
    by: Principal,
    authority: Authority,
    survivor: Option<Survivor>,
    now: OffsetDateTime,
}

impl Office {
    fn of(catalog: Catalog, authority: Authority) -> Self {
        Self {
            catalog,
            by: principal(9),
            authority,
            survivor: None,
            now: NOW,
        }
    }

    fn edit(&self) -> MemberEdit<'_> {
        MemberEdit {
            catalog: &self.catalog,
            sets: Sets::default(),
            grants: &[],
            authority: &self.authority,
            by: &self.by,
            survivor: self.survivor.as_ref(),
            now: self.now,
        }
    }

    fn find_survivor(&mut self, others: &[&Membership]) {
        let active = others.iter().map(|other| (*other, AccountStanding::Active));
        self.survivor = Survivor::among(active, &self.catalog, &Sets::default(), self.now);
    }
}

fn whole(catalog: &Catalog, role_name: &str) -> Switches {
    catalog.preselected(&kind("practice_user"), Some(&role(role_name)))
}

/// Kalix: "Directors can modify other users' permissions and roles"; design 4: a change needs what the
/// actor may give.
#[test]
fn a_director_changes_roles_and_the_change_shows_what_is_gained_and_lost() {
    let catalog = practice();
    let office = Office::of(
        catalog.clone(),
        authority_of(&catalog, &user(&catalog, 9, "director")),
    );
    let clinician = user(&catalog, 1, "clinical");
    let epoch = clinician.access_epoch();
    let access = Access {
        role: Some(role("supervisor")),
        levels: Levels::none(),
        switches: whole(&catalog, "supervisor"),
    };
    let shown = clinician
        .preview_access(access.clone(), &office.edit())
        .unwrap();
    let (supervisor, events) = clinician.edit_access(access, &office.edit()).unwrap();
    let [
        MembershipEvent::AccessEdited {
            difference,
            self_granted,
            ..
        },
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    assert_eq!(*difference, shown);
    assert_eq!(
        difference.gained.reach("edit_appointments"),
        Some(Reach::Any)
    );
    assert_eq!(difference.gained.reach("manage_users"), None);
    assert!(difference.lost.is_empty());
    assert_eq!(*self_granted, SelfGranted::No);
    assert_eq!(
        supervisor.access_epoch(),
        epoch,
        "role edits end no session (design 6)"
    );
}

/// Design 9.4: the restriction is "dropped (with an event) when the role changes".
#[test]
fn a_switch_that_the_new_role_does_not_have_is_dropped_with_an_event() {
    let catalog = practice();
    let office = Office::of(catalog.clone(), Authority::everything());
    let on = Switches::from([("access_only_assigned_clients".parse().unwrap(), Switch::On)]);
    let clinician = with_switches(&catalog, 1, "practice_user", "clinical", on.clone());
    let (supervisor, events) = clinician
        .assign_role(
            role("supervisor"),
            whole(&catalog, "supervisor"),
            &office.edit(),
        )
        .unwrap();
    assert!(matches!(
        &events[..],
        [MembershipEvent::AccessEdited { difference, .. }, MembershipEvent::SwitchDropped { switch, .. }]
            if switch.as_str() == "access_only_assigned_clients"
                && difference.gained.reach("edit_clients") == Some(Reach::Any)
    ));
    let refused = supervisor.set_switches(on, &office.edit()).unwrap_err();
    assert!(matches!(
        refused,
        AccessRejection::Unfit(FitRejection::UnsupportedSwitch { .. })
    ));
}

/// Design 9.4: "a role change names the whole switch set".
#[test]
fn a_change_of_role_needs_the_whole_switch_set() {
    let catalog = practice();
    let office = Office::of(catalog.clone(), Authority::everything());
    let clinician = user(&catalog, 1, "clinical");
    let mut part = whole(&catalog, "director");
    part.remove("access_billing");
    assert_eq!(
        clinician.assign_role(role("director"), part, &office.edit()),
        Err(AccessRejection::SwitchNotNamed {
            switch: "access_billing".parse().unwrap()
        })
    );
}

#[test]
fn a_switch_that_is_named_changes_and_the_others_stay() {
    let catalog = practice();
    let office = Office::of(catalog.clone(), Authority::everything());
    let director = user(&catalog, 1, "director");
    let off = Switches::from([("access_billing".parse().unwrap(), Switch::Off)]);
    let (after, _) = director.clone().set_switches(off, &office.edit()).unwrap();
    let mut expected = director.switches().clone();
    expected.insert("access_billing".parse().unwrap(), Switch::Off);
    assert_eq!(*after.switches(), expected);
}

/// Design 4: "The last member who can administer a tenant cannot be removed, demoted, disabled or let
/// expire"; Kalix: design 9.5 "the last Director stays".
#[test]
fn the_last_director_cannot_be_removed_demoted_disabled_or_let_expire() {
    let catalog = practice();
    let director = user(&catalog, 1, "director");
    let mut office = Office::of(catalog.clone(), authority_of(&catalog, &director));
    office.find_survivor(&[&user(&catalog, 2, "administrative")]);
    assert_eq!(
        office.survivor, None,
        "an administrative user does not manage users"
    );
    let last = |office: &Office| {
        let until = Window::between(NOW, NOW + Duration::days(400)).unwrap();
        let clinical = whole(&catalog, "clinical");
        (
            director.clone().remove(&office.edit()).map(|_| ()),
            director.clone().disable(&office.edit()).map(|_| ()),
            director
                .clone()
                .set_window(until, &office.edit())
                .map(|_| ()),
            director
                .clone()
                .assign_role(role("clinical"), clinical, &office.edit())
                .map(|_| ()),
        )
    };
    assert_eq!(
        last(&office),
        (
            Err(RemoveRejection::LastAdministrator),
            Err(DisableRejection::LastAdministrator),
            Err(WindowRejection::LastAdministrator),
            Err(AccessRejection::LastAdministrator),
        )
    );
    office.find_survivor(&[&user(&catalog, 2, "director")]);
    assert_eq!(last(&office), (Ok(()), Ok(()), Ok(()), Ok(())));
}

#[test]
fn nobody_is_their_own_survivor() {
    let catalog = practice();
    let director = user(&catalog, 1, "director");
    let mut office = Office::of(catalog, Authority::everything());
    office.find_survivor(&[&director]);
    assert!(office.survivor.is_some());
    assert_eq!(
        director.remove(&office.edit()).map(|_| ()),
        Err(RemoveRejection::LastAdministrator)
    );
}

#[test]
fn who_is_disabled_ends_soon_or_has_no_active_account_is_no_survivor() {
    let catalog = practice();
    let sets = Sets::default();
    let among = |membership: &Membership, account| {
        Survivor::among([(membership, account)], &catalog, &sets, NOW)
    };
    let mut office = Office::of(catalog.clone(), Authority::everything());
    let director = user(&catalog, 1, "director");
    assert!(among(&director, AccountStanding::Active).is_some());
    assert_eq!(among(&director, AccountStanding::Inactive), None);
    office.find_survivor(&[&user(&catalog, 2, "director")]);
    let (disabled, _) = director.clone().disable(&office.edit()).unwrap();
    assert_eq!(among(&disabled, AccountStanding::Active), None);
    let until = Window::between(NOW, NOW + Duration::days(400)).unwrap();
    let (ending, _) = director.set_window(until, &office.edit()).unwrap();
    assert_eq!(among(&ending, AccountStanding::Active), None);
}

/// ALIS: "Disable Access: Immediately revoke the user's ability to log in"; design 6: the epoch ends
/// live sessions.
#[test]
fn disabling_ends_sessions_and_restoring_gives_back_what_the_actor_could_give() {
    let catalog = practice();
    let mut office = Office::of(catalog.clone(), Authority::everything());
    let clinician = user(&catalog, 1, "clinical");
    let epoch = clinician.access_epoch();
    let (disabled, _) = clinician.disable(&office.edit()).unwrap();
    assert_eq!(disabled.access_epoch(), epoch + 1);
    let standing = Standing::resolve(&catalog, &disabled, &Held::default());
    assert_eq!(
        standing.check(Practice::VIEW_CLIENTS, Relation::Own, NOW),
        Decision::Deny(Denial::Disabled)
    );
    assert!(matches!(
        disabled.clone().disable(&office.edit()),
        Err(DisableRejection::AlreadyDisabled { .. })
    ));
    office.authority = Authority::nothing();
    assert!(matches!(
        disabled.clone().restore(&office.edit()),
        Err(RestoreRejection::Above(_))
    ));
    office.authority = Authority::everything();
    let (restored, events) = disabled.restore(&office.edit()).unwrap();
    assert!(restored.is_active());
    assert_eq!(
        events,
        [MembershipEvent::Restored {
            id: membership_id(1)
        }]
    );
    assert!(matches!(
        restored.restore(&office.edit()),
        Err(RestoreRejection::NotDisabled)
    ));
}

/// No transition leaves a terminal state.
#[test]
fn a_removed_member_stays_removed() {
    let catalog = practice();
    let office = Office::of(catalog.clone(), Authority::everything());
    let (gone, _) = user(&catalog, 1, "clinical")
        .remove(&office.edit())
        .unwrap();
    assert!(matches!(gone.status(), MembershipStatus::Removed { .. }));
    let edit = office.edit();
    let switches = whole(&catalog, "director");
    assert!(matches!(
        gone.clone().remove(&edit),
        Err(RemoveRejection::AlreadyRemoved { .. })
    ));
    assert_eq!(gone.clone().disable(&edit), Err(DisableRejection::Removed));
    assert_eq!(gone.clone().restore(&edit), Err(RestoreRejection::Removed));
    assert_eq!(
        gone.clone().assign_role(role("director"), switches, &edit),
        Err(AccessRejection::Removed)
    );
    let window = Window::since(NOW - Duration::days(1));
    assert_eq!(
        gone.clone().set_window(window, &edit),
        Err(WindowRejection::Removed)
    );
    assert!(
        gone.clone()
            .hide_features(Default::default(), &catalog)
            .is_err()
    );
    assert!(gone.clone().edit_details(Default::default()).is_err());
    let standing = Standing::resolve(&catalog, &gone, &Held::default());
    assert_eq!(
        standing.check(Practice::VIEW_CLIENTS, Relation::Own, NOW),
        Decision::Deny(Denial::Removed)
    );
    assert_eq!(standing.authority(NOW), Authority::nothing());
}

/// Design 9.1, at the microsecond, for a membership.
#[test]
fn a_membership_holds_from_its_first_instant_to_the_last_before_its_end() {
    let catalog = practice();
    let office = Office::of(catalog.clone(), Authority::everything());
    let (from, until) = (NOW + Duration::days(1), NOW + Duration::days(2));
    let window = Window::between(from, until).unwrap();
    let (temp, _) = user(&catalog, 1, "clinical")
        .set_window(window, &office.edit())
        .unwrap();
    let standing = Standing::resolve(&catalog, &temp, &Held::default());
    let at = |now| standing.check(Practice::VIEW_CLIENTS, Relation::Own, now);
    assert_eq!(
        at(from - Duration::MICROSECOND),
        Decision::Deny(Denial::NotYet)
    );
    assert_eq!(at(from), Decision::Allow(Source::Role));
    assert_eq!(
        at(until - Duration::MICROSECOND),
        Decision::Allow(Source::Role)
    );
    assert_eq!(at(until), Decision::Deny(Denial::Expired));
}

/// A window that reaches further gives again all that the member holds.
#[test]
fn a_longer_window_needs_authority_and_a_shorter_one_does_not() {
    let catalog = practice();
    let mut office = Office::of(catalog.clone(), Authority::everything());
    let day = |n| NOW + Duration::days(n);
    let window = |from, until| Window::between(from, until).unwrap();
    let (temp, _) = user(&catalog, 1, "clinical")
        .set_window(window(day(1), day(5)), &office.edit())
        .unwrap();
    office.authority = Authority::nothing();
    let set = |from, until| {
        temp.clone()
            .set_window(window(from, until), &office.edit())
            .is_ok()
    };
    assert!(set(day(1), day(4)) && set(day(2), day(5)));
    assert!(!set(day(1), day(6)) && !set(day(0), day(5)));
    assert!(
        temp.clone()
            .set_window(Window::since(day(1)), &office.edit())
            .is_err()
    );
}

/// Kalix: "If you have the role of director, you can invite other users"; design 4: by permission.
#[test]
fn directors_administer_and_nobody_else() {
    let catalog = practice();
    for (role_name, expected) in [
        ("clinical", false),
        ("supervisor", false),
        ("administrative", false),
        ("director", true),
    ] {
        let standing = Standing::resolve(&catalog, &user(&catalog, 1, role_name), &Held::default());
        for act in Administration::ALL {
            let may = matches!(standing.may(&catalog, act, NOW), Decision::Allow(_));
            assert_eq!(may, expected, "{role_name} {act}");
        }
    }
}

/// Design 4: "never compared by names": a manager without the power to give everything cannot make a
/// director, although managing users is all that directors do more.
#[test]
fn only_who_gives_everything_makes_another_who_does() {
    let catalog = practice();
    let supervisor = user(&catalog, 9, "supervisor");
    let authority = authority_of(&catalog, &supervisor);
    let offer = |name: &str| Offer::of(kind("practice_user")).with_role(role(name));
    let judge = |name: &str| judge_offer(&catalog, &offer(name), &Sets::default(), &authority);
    let OfferVerdict::Above(short) = judge("director").unwrap() else {
        panic!("a supervisor makes no director");
    };
    assert!(short.everything && short.permissions.reach("manage_users") == Some(Reach::Any));
    assert!(matches!(
        judge("supervisor").unwrap(),
        OfferVerdict::Within(_)
    ));
}

#[test]
fn an_offer_that_does_not_fit_is_told_what_does() {
    let catalog = practice();
    let judge = |offer: &Offer| {
        judge_offer(&catalog, offer, &Sets::default(), &Authority::everything()).unwrap_err()
    };
    let user = || Offer::of(kind("practice_user"));
    assert_eq!(
        judge(&user()).to_string(),
        "a member of kind `practice_user` has exactly one role: choose it"
    );
    assert_eq!(
        judge(&user().with_role(role("boss"))).to_string(),
        "`boss` is no role"
    );
    assert_eq!(
        judge(&Offer::of(kind("ghost"))).to_string(),
        "`ghost` is no kind of user"
    );
    let clinical = user().with_role(role("clinical"));
    assert_eq!(
        judge(&clinical.clone().with_levels(Levels::Unrestricted)).to_string(),
        "a member of kind `practice_user` cannot be unrestricted: assign levels"
    );
    let unknown = clinical.clone().with_levels(Levels::from([level_id(1)]));
    assert!(matches!(judge(&unknown), FitRejection::UnknownLevel { .. }));
    let switch = Switches::from([("fly".parse().unwrap(), Switch::On)]);
    assert_eq!(
        judge(&clinical.with_switches(switch)).to_string(),
        "`fly` is no switch"
    );
}

/// Design 4: "Only `Everything` may gain by an own act".
#[test]
fn members_do_not_extend_their_own_window() {
    let catalog = practice();
    let mut office = Office::of(catalog.clone(), Authority::everything());
    let window = Window::between(NOW, NOW + Duration::days(5)).unwrap();
    let (temp, _) = user(&catalog, 1, "clinical")
        .set_window(window, &office.edit())
        .unwrap();
    office.authority = authority_of(&catalog, &temp);
    assert_eq!(
        temp.clone().set_window(Window::since(NOW), &office.edit()),
        Err(WindowRejection::OwnAct)
    );
    let shorter = Window::between(NOW, NOW + Duration::days(4)).unwrap();
    assert!(temp.set_window(shorter, &office.edit()).is_ok());
}

/// Design 4: "Only `Everything` may gain by an own act, flagged self-granted": time too.
#[test]
fn a_longer_window_of_ones_own_is_flagged_and_a_shorter_one_is_not() {
    let catalog = practice();
    let mut office = Office::of(catalog.clone(), Authority::everything());
    office.find_survivor(&[&user(&catalog, 2, "director")]);
    let window = |days| Window::between(NOW, NOW + Duration::days(days)).unwrap();
    let director = user(&catalog, 1, "director");
    let flagged = |office: &Office, of: &Membership, window| {
        let (_, events) = of.clone().set_window(window, &office.edit()).unwrap();
        match events.as_slice() {
            [MembershipEvent::WindowSet { self_granted, .. }] => *self_granted,
            other => panic!("{other:?}"),
        }
    };
    let (temp, _) = director.set_window(window(5), &office.edit()).unwrap();
    let another = flagged(&office, &temp, window(6));
    assert_eq!(another, SelfGranted::No, "somebody else gives it");
    office.authority = authority_of(&catalog, &temp);
    assert_eq!(flagged(&office, &temp, window(6)), SelfGranted::Yes);
    assert_eq!(flagged(&office, &temp, window(4)), SelfGranted::No);
}
