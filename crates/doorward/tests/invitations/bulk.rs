//! Many at once: a typed outcome a row, and a run that goes on where it stopped.

use doorward::{
    BulkOutcome, BulkRow, BulkRun, Error, Fault, Invite, ManageMembers,
    invitations::{Outcome, Refusal},
    types::{PersonId, Window},
};

use crate::fixture::{House, NOW, block_on, kind, oath, request, staff};

fn row(number: u32, person: PersonId, address: &str, subject: PersonId) -> BulkRow {
    BulkRow {
        number,
        person,
        kind: kind("contact"),
        address: (!address.is_empty()).then(|| address.to_owned()),
        subject: Some(subject.into()),
        profile: Some("family".to_owned()),
        window: None,
        sworn: Some(oath()),
    }
}

fn run(house: &House, id: u8, rows: &[BulkRow]) -> BulkRun {
    let permit = house.director(Invite).for_request(request(id));
    block_on(house.door.invite_many(permit, rows, |_, _| {})).unwrap()
}

fn names(run: &BulkRun) -> Vec<&'static str> {
    run.rows.iter().map(|row| row.outcome.name()).collect()
}

/// Contacts of two residents: one of them of both.
fn rows(house: &House) -> Vec<BulkRow> {
    let residents = house.residents(2);
    let contact = |called: &str| house.person(called, "contact", None);
    let (ana, ben, cem) = (contact("Ana"), contact("Ben"), contact("Cem"));
    vec![
        row(1, ana, "ana@example.org", residents[0]),
        row(2, ben, "", residents[0]),
        row(3, cem, "cem@example.org", residents[0]),
        row(4, ana, "ana@example.org", residents[1]),
        row(5, ben, "not an address", residents[1]),
        row(6, ben, "cem@example.org", residents[1]),
        row(7, ben, "ben@example.org", residents[1]),
    ]
}

const OUTCOMES: [&str; 7] = [
    "invited",
    "no_address",
    "invited",
    "joined",
    "bad_address",
    "address_of_another_person",
    "invited",
];

/// Design 5: "a typed outcome per row and a dry run; a bad row never aborts the rest".
#[test]
fn a_bad_row_never_ends_the_run_and_a_person_gets_one_mail() {
    let house = House::open();
    let rows = rows(&house);
    let before = house.stored();
    let permit = house.director(Invite);
    let plan = block_on(house.door.plan_invitations(&permit, &rows)).unwrap();
    assert_eq!(plan.counts().ready, 3);
    assert_eq!(house.stored(), before, "a dry run does nothing");
    let mut seen = Vec::new();
    let (done, noted) = house.noting(|| {
        let permit = house.director(Invite);
        block_on(
            house
                .door
                .invite_many(permit, &rows, |done, of| seen.push((done, of))),
        )
        .unwrap()
    });
    assert_eq!(names(&done), OUTCOMES);
    assert!(done.stopped.is_none());
    assert_eq!(seen.last(), Some(&(7, 7)));
    assert_eq!(
        noted,
        [
            "invitation.bulk_issue",
            "invitation.issue",
            "invitation.issue",
            "invitation.issue"
        ]
    );
    assert_eq!(house.mails_to("ana@example.org").len(), 1);
    house.accept("ana@example.org");
}

/// Design 3: "Bulk rows use key + row number, one commit each."
#[test]
fn a_run_that_was_sent_again_answers_the_same_and_does_nothing_twice() {
    let house = House::open();
    let rows = rows(&house);
    let first = run(&house, 1, &rows);
    let (again, noted) = house.noting(|| run(&house, 1, &rows));
    assert_eq!(names(&again), names(&first));
    assert_eq!(noted, ["invitation.bulk_issue"]);
    assert_eq!(house.mails_to("ana@example.org").len(), 1);
    // Another run finds them invited already.
    let other = run(&house, 2, &rows);
    assert_eq!(other.rows[0].outcome.name(), "already_open");
}

#[test]
fn a_run_that_stopped_goes_on_where_it_stopped() {
    let house = House::open();
    let rows = rows(&house);
    // Each row draws: somewhere in the second one randomness runs dry.
    house.dry_after(Some(9));
    let stopped = run(&house, 1, &rows);
    house.dry_after(None);
    assert!(
        matches!(stopped.stopped, Some(Error::Fault(Fault::Entropy(_)))),
        "{:?}",
        stopped.stopped
    );
    let done = stopped.rows.len();
    assert!((1..rows.len()).contains(&done), "{done}");
    let resumed = run(&house, 1, &rows);
    assert!(resumed.stopped.is_none());
    assert_eq!(names(&resumed), OUTCOMES);
    for address in ["ana@example.org", "cem@example.org", "ben@example.org"] {
        assert_eq!(house.mails_to(address).len(), 1, "{address}");
        house.accept(address);
    }
}

/// Design 5: "For a member there is no invitation: the grant is made directly with its attestation
/// and a mail." An open invitation is amended.
#[test]
fn a_member_is_granted_it_at_once_and_an_open_invitation_is_amended() {
    let house = House::open();
    let residents = house.residents(3);
    let ana = house.person("Ana", "contact", Some("ana@example.org"));
    let ben = house.person("Ben", "contact", Some("ben@example.org"));
    let first = [
        row(1, ana, "ana@example.org", residents[0]),
        row(2, ben, "ben@example.org", residents[0]),
    ];
    run(&house, 1, &first);
    house.accept("ana@example.org");
    let second = [
        row(1, ana, "ana@example.org", residents[1]),
        row(2, ben, "ben@example.org", residents[1]),
        row(3, ben, "ben@example.org", residents[2]),
        row(4, ana, "ana@example.org", residents[0]),
    ];
    let (done, noted) = house.noting(|| run(&house, 2, &second));
    assert_eq!(
        names(&done),
        ["granted", "amended", "joined", "already_member"]
    );
    assert_eq!(
        noted,
        ["grant.create", "invitation.amend", "invitation.bulk_issue"]
    );
    assert_eq!(house.mails_to("ana@example.org").len(), 2);
    assert_eq!(house.mails_to("ben@example.org").len(), 2);
    let (again, _) = house.noting(|| run(&house, 2, &second));
    assert_eq!(names(&again), names(&done));
}

/// The dry run says what the run would do, kind by kind: what one kind of user cannot be given
/// does not stand in another's way.
#[test]
fn a_profile_above_the_sponsor_is_refused_in_the_plan() {
    let house = House::open();
    let coordinator = house.member("cory@example.org", staff("coordinator"));
    let subject = house.residents(1)[0];
    let (ana, ben) = (
        house.person("Ana", "contact", None),
        house.person("Ben", "contact", None),
    );
    let mut above = row(1, ana, "ana@example.org", subject);
    above.profile = Some("Family and Bills".to_owned());
    let within = row(2, ben, "ben@example.org", subject);
    let permit = house.permit(&coordinator.session, Invite);
    let plan = block_on(
        house
            .door
            .plan_invitations(&permit, &[above.clone(), within.clone()]),
    );
    let plan = plan.unwrap();
    assert!(matches!(
        plan.rows()[0].outcome,
        Outcome::Refused(Refusal::AboveCeiling(_))
    ));
    let permit = house.permit(&coordinator.session, Invite);
    let rows = [above, within];
    let done = house.door.invite_many(permit, &rows, |_, _| {});
    assert_eq!(
        names(&block_on(done).unwrap()),
        ["above_ceiling", "invited"]
    );
}

/// Design 9.10: "another person's row with it is `AddressOfAnotherPerson`, never a merge", also
/// where the first person's record does not hold the address.
#[test]
fn an_address_that_was_promised_access_for_one_person_takes_no_subject_of_another() {
    let house = House::open();
    let residents = house.residents(2);
    let cem = house.person("Cem", "contact", None);
    let ben = house.person("Ben", "contact", None);
    run(&house, 1, &[row(1, cem, "cem@example.org", residents[0])]);
    let other = [row(1, ben, "cem@example.org", residents[1])];
    let refused = ["address_of_another_person"];
    assert_eq!(names(&run(&house, 2, &other)), refused, "while it is open");
    house.accept("cem@example.org");
    assert_eq!(
        names(&run(&house, 3, &other)),
        refused,
        "once it is a member"
    );
}

/// Design 9.7: "Staff who is also a family contact: one membership, with a grant per subject".
#[test]
fn staff_who_is_a_contact_too_is_granted_it_under_the_staff_membership() {
    let house = House::open();
    let resident = house.residents(1)[0];
    let staff = house.member("cleo@example.org", staff("clinical"));
    let cleo = house.person("Cleo", "contact", Some("cleo@example.org"));
    let done = run(&house, 1, &[row(1, cleo, "cleo@example.org", resident)]);
    assert!(
        matches!(done.rows[0].outcome, BulkOutcome::Granted(member) if member == staff.membership)
    );
}

/// A row about somebody who is not there is that row's outcome.
#[test]
fn a_row_about_an_unknown_person_is_overtaken_and_the_rest_goes_on() {
    let house = House::open();
    let subject = house.residents(1)[0];
    let nobody = PersonId::made_at(house.now(), [9; 10]);
    let ana = house.person("Ana", "contact", None);
    let rows = [
        row(1, nobody, "nobody@example.org", subject),
        row(2, ana, "ana@example.org", nobody),
        row(3, ana, "ana@example.org", subject),
    ];
    let done = run(&house, 1, &rows);
    assert!(done.stopped.is_none());
    assert!(matches!(done.rows[0].outcome, BulkOutcome::Overtaken(_)));
    assert_eq!(done.rows.len(), 3);
}

/// Design 4: an edit of a member judges what they are granted, so a form that was read before a run
/// granted them more is stale, as after any grant.
#[test]
fn a_member_is_not_edited_as_before_the_run_that_granted_them_more() {
    let house = House::open();
    let residents = house.residents(2);
    let ana = house.person("Ana", "contact", Some("ana@example.org"));
    run(&house, 1, &[row(1, ana, "ana@example.org", residents[0])]);
    let member = house.accept("ana@example.org").membership;
    let permit = house.director(ManageMembers);
    let version = block_on(house.door.member(&permit, member))
        .unwrap()
        .version;
    let granted = run(&house, 2, &[row(1, ana, "ana@example.org", residents[1])]);
    assert_eq!(names(&granted), ["granted"]);
    let window = Window::since(NOW);
    let edit = house
        .door
        .set_member_window(permit, member, version, window);
    assert!(matches!(
        block_on(edit),
        Err(Error::Fault(Fault::Stale { what: "member" }))
    ));
}
