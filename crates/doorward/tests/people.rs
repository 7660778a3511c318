//! People, relationships and imports.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[expect(dead_code, reason = "each test file uses its part of the fixture")]
mod office;

use doorward::{
    DataAbout, Error, Fault, Grant, GrantForm, ImportOutcome, ManagePeople, NewPerson,
    NewRelationship, PersonRejection, PersonRow, RelateRejection, RowRefusal, Versioned,
    ViewAccess,
    access::GrantStatus,
    identity::{Link, Person, PersonRef},
    types::{Note, Offer, PersonId, ProfileId, RequestId, SubjectId, SubjectOffer, Window},
};
use office::{NOW, Office, block_on, email, kind, name, statement};

fn person(called: &str, address: Option<&str>) -> NewPerson {
    NewPerson {
        kind: kind("contact"),
        name: name(called),
        email: address.map(email),
        cell: None,
        note: Note::default(),
        reference: None,
        data: DataAbout::Nobody,
    }
}

fn record(office: &Office, new: NewPerson) -> PersonId {
    block_on(office.door.record_person(office.admin(ManagePeople), new)).unwrap()
}

fn row(reference: &str, called: &str, address: &str) -> PersonRow {
    PersonRow {
        reference: reference.to_owned(),
        kind: kind("resident"),
        name: called.to_owned(),
        email: address.to_owned(),
        cell: String::new(),
        note: String::new(),
        data: DataAbout::ThisPerson,
    }
}

fn import(office: &Office, rows: Vec<PersonRow>) -> Vec<ImportOutcome> {
    block_on(office.door.import_people(office.admin(ManagePeople), rows)).unwrap()
}

/// Design 9.10: "Inside a tenant an address is the person's who had it first".
#[test]
fn an_address_is_the_person_s_who_had_it_first() {
    let office = Office::open();
    let holder = record(&office, person("Ana Ruiz", Some("ana@example.org")));
    let second = person("Ben Ruiz", Some("ANA@example.org"));
    let refused = block_on(
        office
            .door
            .record_person(office.admin(ManagePeople), second),
    );
    let refused = refused.unwrap_err();
    assert_eq!(
        refused.rejection(),
        Some(&PersonRejection::AddressOfAnotherPerson { holder })
    );
    // A refused act of a known principal is one `denied` entry (design 7).
    assert_eq!(office.actions().last().unwrap(), "act.refuse");
}

/// Design 9.10: the claim holds where both look before either writes.
#[test]
fn an_address_goes_to_one_of_two_who_are_recorded_at_once() {
    let office = Office::open();
    let (other, permit) = (office.second_process(), office.admin(ManagePeople));
    // The draws are the new person's id and the entry's: the second runs between read and commit.
    office.at_draw(1, move || {
        let first = person("Ana Ruiz", Some("ana@example.org"));
        block_on(other.record_person(permit, first)).unwrap();
    });
    let second = person("Ben Ruiz", Some("ana@example.org"));
    let refused = block_on(
        office
            .door
            .record_person(office.admin(ManagePeople), second),
    );
    assert!(office.has_run());
    assert!(matches!(
        refused,
        Err(Error::Rejected(
            PersonRejection::AddressOfAnotherPerson { .. }
        ))
    ));
}

#[test]
fn a_person_of_an_unknown_kind_is_not_recorded() {
    let office = Office::open();
    let mut new = person("Ana Ruiz", None);
    new.kind = kind("astronaut");
    let refused = block_on(office.door.record_person(office.admin(ManagePeople), new));
    assert!(matches!(
        refused,
        Err(Error::Rejected(PersonRejection::UnknownKind { .. }))
    ));
}

/// Design 2: a form "carries the versions it was read at and fails with `Stale`".
#[test]
fn a_form_over_a_person_fails_where_somebody_else_saved_first() {
    let office = Office::open();
    let id = record(&office, person("Ana Ruiz", None));
    let permit = office.admin(ManagePeople);
    let Versioned { value, version } = block_on(office.door.person(&permit, id)).unwrap();
    let mut details = value.details();
    details.name = name("Ana Ruiz-Díaz");
    block_on(
        office
            .door
            .change_person(office.admin(ManagePeople), id, version, details.clone()),
    )
    .unwrap();
    details.name = name("Ana Díaz");
    let stale = block_on(office.door.change_person(permit, id, version, details));
    assert!(matches!(
        stale,
        Err(Error::Fault(Fault::Stale { what: "person" }))
    ));
}

/// ASVS 8.4.1: another tenant's record is no record.
#[test]
fn a_person_of_another_tenant_is_unknown() {
    let office = Office::open();
    let stranger = office.another_tenant().session;
    assert_ne!(stranger.tenant, office.tenant);
    let id = record(&office, person("Ana Ruiz", None));
    let permit = office.permit(&stranger, ManagePeople);
    let unknown = block_on(office.door.person(&permit, id));
    assert!(matches!(unknown, Err(Fault::Unknown { what: "person" })));
}

/// Design 7: entries hold no personal data.
#[test]
fn no_entry_holds_a_name_or_an_address() {
    let office = Office::open();
    record(&office, person("Ana Ruiz", Some("ana@example.org")));
    for entry in office.entries() {
        let text = entry.to_string();
        assert!(
            !text.contains("Ruiz") && !text.contains("example.org"),
            "{text}"
        );
    }
}

#[test]
fn two_people_stand_to_each_other_once() {
    let office = Office::open();
    let resident = record(&office, person("Rose Ruiz", None));
    let daughter = record(&office, person("Ana Ruiz", None));
    let new = NewRelationship {
        person: daughter,
        subject: resident.into(),
        label: name("daughter"),
        link: Link::Listed,
    };
    let add = |new: NewRelationship| {
        block_on(
            office
                .door
                .add_relationship(office.admin(ManagePeople), new),
        )
    };
    let relationship = add(new.clone()).unwrap();
    let again = add(new.clone()).unwrap_err();
    assert_eq!(
        again.rejection(),
        Some(&RelateRejection::AlreadyRelated { relationship })
    );
    let end = office
        .door
        .end_relationship(office.admin(ManagePeople), relationship);
    block_on(end).unwrap();
    assert!(
        add(new.clone()).is_ok(),
        "an ended one gives its place free"
    );
    let alone = NewRelationship {
        subject: daughter.into(),
        ..new
    };
    assert!(matches!(
        add(alone),
        Err(Error::Rejected(RelateRejection::Oneself(_)))
    ));
}

/// A contact who accepted, with a grant over a resident and a relationship to them.
fn contact_of(office: &Office) -> (PersonId, SubjectId, doorward::Joined, ProfileId) {
    let resident = record(office, person("Rose Ruiz", None));
    let daughter = record(office, person("Ana Ruiz", Some("ana@example.org")));
    let profile = office.created.profiles[0];
    let offer = Offer::of(kind("contact"))
        .with_subject(SubjectOffer {
            subject: resident.into(),
            profile,
            window: Window::since(NOW),
        })
        .unwrap();
    let form = doorward::NewInvitation {
        address: email("ana@example.org"),
        person: Some(daughter),
        name: None,
        sworn: [(resident.into(), statement())].into(),
        offer,
    };
    block_on(office.door.invite(office.admin(doorward::Invite), form)).unwrap();
    let joined = office.accept("ana@example.org", "Ana Ruiz").joined;
    (daughter, resident.into(), joined, profile)
}

/// Design 6: "Removing a relationship ends the grants over that subject in the same commit."
#[test]
fn ending_a_relationship_ends_the_grant_over_its_subject() {
    let office = Office::open();
    let (daughter, resident, joined, _) = contact_of(&office);
    let new = NewRelationship {
        person: daughter,
        subject: resident,
        label: name("daughter"),
        link: Link::Assigned,
    };
    let add = office
        .door
        .add_relationship(office.admin(ManagePeople), new);
    let relationship = block_on(add).unwrap();
    let attach = office
        .door
        .attach(office.admin(Grant), joined.membership, resident);
    block_on(attach).unwrap();
    let count = office.actions().len();
    let end = office
        .door
        .end_relationship(office.admin(ManagePeople), relationship);
    block_on(end).unwrap();
    assert_eq!(office.actions().len(), count + 1, "one entry a command");
    let permit = office.admin(ViewAccess);
    let grants = block_on(office.door.grants_over_subject(&permit, resident)).unwrap();
    assert!(matches!(
        grants[0].value.status(),
        GrantStatus::Ended { .. }
    ));
    let attached = office.door.people_attached_to(&permit, joined.membership);
    assert_eq!(block_on(attached).unwrap(), []);
}

/// Design 6, under a race: a grant that is given at the same time does not outlive the relationship.
#[test]
fn a_grant_given_while_its_relationship_ends_does_not_outlive_it() {
    let office = Office::open();
    let (daughter, resident, joined, profile) = contact_of(&office);
    let new = NewRelationship {
        person: daughter,
        subject: resident,
        label: name("daughter"),
        link: Link::Listed,
    };
    let add = office
        .door
        .add_relationship(office.admin(ManagePeople), new);
    let relationship = block_on(add).unwrap();
    let view = office.admin(ViewAccess);
    let grants = block_on(office.door.grants_over_subject(&view, resident)).unwrap();
    let revoke = office
        .door
        .revoke_grant(office.admin(Grant), grants[0].value.id());
    block_on(revoke).unwrap();
    let form = GrantForm {
        member: joined.membership,
        subject: resident,
        profile,
        window: Window::since(NOW),
        sworn: Some(statement()),
    };
    // While the relationship is ending, the grant is given: the ending is decided again, and ends it.
    let (other, permit) = (office.second_process(), office.admin(Grant));
    office.at_draw(0, move || {
        block_on(other.grant(permit, form)).unwrap();
    });
    let end = office
        .door
        .end_relationship(office.admin(ManagePeople), relationship);
    block_on(end).unwrap();
    assert!(office.has_run());
    let grants = block_on(office.door.grants_over_subject(&view, resident)).unwrap();
    assert_eq!(grants.len(), 2);
    assert!(grants.iter().all(|grant| !grant.value.is_active()));
}

/// Design 9.4: "a client the member creates is assigned to them" (Kalix).
#[test]
fn a_subject_is_attached_to_the_user_who_records_it_where_the_catalog_says_so() {
    let office = Office::open();
    let director = office.user("kim@example.org", "director");
    let permit = office.permit(&director.session, ManagePeople);
    let mut client = person("Rose Ruiz", None);
    client.data = DataAbout::ThisPerson;
    let client = block_on(office.door.record_person(permit, client)).unwrap();
    let view = office.admin(ViewAccess);
    let member = director.joined.membership;
    let attached = block_on(office.door.people_attached_to(&view, member)).unwrap();
    assert_eq!(attached.len(), 1);
    assert_eq!(attached[0].subject(), SubjectId::from(client));
}

/// Design 5: "a bad row never aborts the rest"; design 9.10: who is the same person.
#[test]
fn each_row_of_an_import_has_its_own_outcome() {
    let office = Office::open();
    let known = record(&office, person("Ana Ruiz", Some("ana@example.org")));
    let outcomes = import(
        &office,
        vec![
            row("R1", "Rose Ruiz", "rose@example.org"),
            row("R2", "", "x@example.org"),
            row("R3", "Ben Ortiz", "no address"),
            row("R4", "Ben Ortiz", "ana@example.org"),
            row("R1", "Rose Ruiz-Díaz", ""),
            row("", "ana  ruiz", "ana@example.org"),
            row("", "Ben Ortiz", ""),
        ],
    );
    assert!(matches!(outcomes[0], ImportOutcome::Recorded(_)));
    let refusals: Vec<_> = outcomes[1..4].iter().collect();
    assert!(matches!(
        refusals[..],
        [
            ImportOutcome::Refused(RowRefusal::BadName(_)),
            ImportOutcome::Refused(RowRefusal::BadAddress(_)),
            ImportOutcome::Refused(RowRefusal::Rejected(
                PersonRejection::AddressOfAnotherPerson { .. }
            )),
        ]
    ));
    assert!(matches!(outcomes[4], ImportOutcome::Changed(_)));
    assert_eq!(outcomes[5], ImportOutcome::Changed(known));
    assert!(matches!(outcomes[6], ImportOutcome::Recorded(_)));
    let permit = office.admin(ManagePeople);
    let reference = PersonRef::new("R1").unwrap();
    let found = block_on(office.door.person_by_reference(&permit, &reference));
    let found: Person = found.unwrap().unwrap().value;
    assert_eq!(found.name, name("Rose Ruiz-Díaz"));
    assert_eq!(
        found.email,
        Some(email("rose@example.org")),
        "an empty cell keeps it"
    );
    assert!(office.actions().contains(&"person.import".to_owned()));
}

#[test]
fn the_same_file_again_finds_everybody_known() {
    let office = Office::open();
    let rows = || {
        (0..30)
            .map(|n| row(&format!("R{n}"), "Rose Ruiz", &format!("r{n}@example.org")))
            .collect()
    };
    let first = import(&office, rows());
    let ids = |outcome: &ImportOutcome| match outcome {
        ImportOutcome::Recorded(id) | ImportOutcome::Known(id) => Some(*id),
        _ => None,
    };
    let again = import(&office, rows());
    assert!(
        again
            .iter()
            .all(|row| matches!(row, ImportOutcome::Known(_)))
    );
    assert_eq!(
        first.iter().map(ids).collect::<Vec<_>>(),
        again.iter().map(ids).collect::<Vec<_>>()
    );
}

/// Design 3: "Bulk rows use key + row number, one commit each."
#[test]
fn an_import_that_is_sent_again_answers_the_first_outcomes() {
    let office = Office::open();
    let request = RequestId::made_at(NOW, [9; 10]);
    let run = || {
        let rows = vec![row("", "Rose Ruiz", ""), row("", "Ben Ortiz", "")];
        let permit = office.admin(ManagePeople).for_request(request);
        block_on(office.door.import_people(permit, rows)).unwrap()
    };
    let first = run();
    let count = office.actions().len();
    assert_eq!(run(), first);
    assert_eq!(office.actions().len(), count, "nothing happened again");
    let permit = office.admin(ManagePeople).for_request(request);
    let other = vec![row("", "Somebody Else", "")];
    let reused = block_on(office.door.import_people(permit, other));
    assert!(matches!(reused, Err(Error::Fault(Fault::RequestReused))));
}
