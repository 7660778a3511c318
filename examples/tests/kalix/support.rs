//! Kalix, "Inviting Kalix Support to Your Account".

use doorward::{
    Caller, Denied, Error, Export, Invite, ManageMembers, OpenSupport, ResetCredentials,
    SupportOpened,
    access::{Record, SupportRejection},
    types::{Principal, SubjectId},
};
use doorward_examples::kalix::Kalix;
use pollster::FutureExt as _;
use time::Duration;

use crate::{fixture::*, practice::*};

fn tick(practice: &Practice) -> SupportOpened {
    let permit = practice.house.permit(OpenSupport);
    practice.house.door.open_support(permit).block_on().unwrap()
}

fn untick(practice: &Practice) -> Result<(), SupportRejection> {
    let permit = practice.house.permit(OpenSupport);
    let closed = practice.house.door.close_support(permit).block_on();
    closed.map_err(rejected)
}

fn pat(practice: &Practice, opened: &SupportOpened) -> Caller {
    Caller::Support {
        tenant: practice.house.tenant,
        support: opened.support,
        agent: "pat".parse().unwrap(),
    }
}

/// Whether Pat of support may see a client, or is not let in at all.
fn sees(practice: &Practice, opened: &SupportOpened, client: SubjectId) -> bool {
    let door = &practice.house.door;
    let record = Record::of(client);
    let asked = door.check(pat(practice, opened), Kalix::VIEW_CLIENTS, &record);
    match asked.block_on() {
        Ok(decision) => decision.allowed().is_ok(),
        Err(Error::Denied(Denied::Support)) => false,
        Err(other) => panic!("{other}"),
    }
}

/// Kalix: "We may need to temporarily access your account" and "Our access automatically expires after seven
/// days".
#[test]
fn support_is_let_in_by_the_tick_and_out_after_seven_days() {
    let practice = Practice::open();
    let client = practice.client(&practice.house.admin, "Ines Duarte");
    let opened = tick(&practice);
    assert!(sees(&practice, &opened, client));
    practice
        .house
        .pass(Duration::days(7) - Duration::MICROSECOND);
    assert!(sees(&practice, &opened, client));
    practice.house.pass(Duration::MICROSECOND);
    assert!(!sees(&practice, &opened, client));
}

/// Kalix: "you can also revoke this access at any time".
#[test]
fn a_director_revokes_support_at_any_time() {
    let practice = Practice::open();
    let client = practice.client(&practice.house.admin, "Ines Duarte");
    let opened = tick(&practice);
    practice.house.pass(Duration::hours(1));
    assert_eq!(untick(&practice), Ok(()));
    assert!(!sees(&practice, &opened, client));
    assert_eq!(untick(&practice), Err(SupportRejection::NotOpen));
}

/// Design 9.5: "a second tick starts a new 7 days".
#[test]
fn a_second_tick_starts_seven_new_days() {
    let practice = Practice::open();
    let client = practice.client(&practice.house.admin, "Ines Duarte");
    let first = tick(&practice);
    practice.house.pass(Duration::days(5));
    let second = tick(&practice);
    assert_eq!(first.support, second.support, "it is the same opening");
    practice
        .house
        .pass(Duration::days(7) - Duration::MICROSECOND);
    assert!(sees(&practice, &second, client));
}

/// Kalix: "click the checkbox", on the User Management page, which is the director's.
#[test]
fn directors_alone_let_support_in() {
    let practice = Practice::open();
    for role in ["clinical", "supervisor", "administrative"] {
        let user = practice.user(role, role, &[]);
        assert!(practice.is_denied(&user, OpenSupport), "{role}");
    }
}

/// Design 6: support "cannot invite, grant, touch credentials, export or renew itself", and every entry names
/// the human and the Director who let them in.
#[test]
fn support_reads_and_does_nothing_else_and_each_try_is_noted() {
    let practice = Practice::open();
    let client = practice.client(&practice.house.admin, "Ines Duarte");
    let opened = tick(&practice);
    let door = &practice.house.door;
    let record = Record::of(client);
    let edits = door.check(pat(&practice, &opened), Kalix::EDIT_CLIENTS, &record);
    assert!(edits.block_on().unwrap().allowed().is_err());
    let is_refused = |refused: Result<(), Error<doorward::Never>>| {
        assert!(matches!(refused, Err(Error::Denied(Denied::Support))));
    };
    let pat = || pat(&practice, &opened);
    is_refused(door.authorise(pat(), Invite).block_on().map(|_| ()));
    is_refused(door.authorise(pat(), ManageMembers).block_on().map(|_| ()));
    is_refused(
        door.authorise(pat(), ResetCredentials)
            .block_on()
            .map(|_| ()),
    );
    is_refused(door.authorise(pat(), Export).block_on().map(|_| ()));
    is_refused(door.authorise(pat(), OpenSupport).block_on().map(|_| ()));
    let dana = practice.house.admin;
    let entries = practice.entries("act.refuse");
    assert_eq!(entries.len(), 5);
    for entry in entries {
        assert!(
            matches!(entry.actor(), Principal::Support { agent, .. } if agent.as_str() == "pat")
        );
        assert_eq!(
            entry.on_behalf_of(),
            Some(&Principal::Account {
                account: dana.account,
                membership: dana.membership,
            })
        );
    }
}
