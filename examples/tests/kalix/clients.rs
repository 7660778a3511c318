//! Kalix, "Clients, Contacts & Referrals" and "Access Only Assigned Clients".

use doorward::{
    DataAbout, Denied, Error, Grant, ManagePeople, NewPerson, NewRelationship, PersonRow,
    access::Record,
    identity::{Link, PersonDetails},
    types::{Note, SubjectId, Switch},
};
use doorward_examples::kalix::Kalix;
use pollster::FutureExt as _;

use crate::{fixture::*, practice::*, table::ROLES};

const ONLY_ASSIGNED: [(&str, Switch); 1] = [("access_only_assigned_clients", Switch::On)];

/// Kalix: "Can create and edit all clients, contacts, and referrals", for all four roles.
#[test]
fn every_role_creates_clients_and_edits_those_of_others() {
    let practice = Practice::open();
    let of_dana = practice.client(&practice.house.admin, "Ines Duarte");
    for role in ROLES {
        let user = practice.user(role, role, &[]);
        practice.client(&user, &format!("a client of {role}"));
        let asked = Kalix::EDIT_CLIENTS | Kalix::EDIT_CONTACTS | Kalix::EDIT_REFERRALS;
        assert!(practice.may(&user, asked, &Record::of(of_dana)), "{role}");
    }
}

/// Kalix: "Select to prevent users from accessing and editing clients that are not assigned to them".
#[test]
fn a_clinical_user_limited_to_assigned_clients_reaches_no_other() {
    let practice = Practice::open();
    let dana = practice.house.admin;
    let clio = practice.user("clio", "clinical", &ONLY_ASSIGNED);
    let client = practice.client(&dana, "Ines Duarte");
    let record = Record::of(client);
    let asked = [
        Kalix::VIEW_CLIENTS,
        Kalix::EDIT_CLIENTS,
        Kalix::VIEW_CONTACTS,
        Kalix::EDIT_REFERRALS,
        Kalix::VIEW_APPOINTMENTS,
        Kalix::VIEW_DOCUMENTS,
        Kalix::WORK_ON_CLIENT,
    ];
    let reaches = || asked.map(|asked| practice.may(&clio, asked, &record));
    assert_eq!(reaches(), [false; 7]);
    let permit = practice.house.permit(Grant);
    let door = &practice.house.door;
    door.attach(permit, clio.membership, client)
        .block_on()
        .unwrap();
    assert_eq!(reaches(), [true; 7], "Dana assigned the client to her");
    let permit = practice.house.permit(Grant);
    door.detach(permit, clio.membership, client)
        .block_on()
        .unwrap();
    assert_eq!(reaches(), [false; 7]);
}

/// Design 9.4: "a client the member creates is assigned to them", which the switch does not take.
#[test]
fn a_client_that_a_limited_user_creates_is_assigned_to_them() {
    let practice = Practice::open();
    let clio = practice.user("clio", "clinical", &ONLY_ASSIGNED);
    let ben = practice.user("ben", "clinical", &ONLY_ASSIGNED);
    let client = practice.client(&clio, "Jonah Weiss");
    assert!(practice.may(&clio, Kalix::EDIT_CLIENTS, &Record::of(client)));
    assert!(!practice.may(&ben, Kalix::VIEW_CLIENTS, &Record::of(client)));
    let mine = practice
        .house
        .door
        .standing(&clio)
        .block_on()
        .unwrap()
        .assigned();
    assert_eq!(mine, [client]);
}

/// Design 9.4: the limit is "not the member's own older work; new work on an unassigned client is refused".
#[test]
fn a_limited_user_keeps_their_own_older_work_and_begins_none_elsewhere() {
    let practice = Practice::open();
    let clio = practice.user("clio", "clinical", &ONLY_ASSIGNED);
    let client = practice.client(&practice.house.admin, "Ines Duarte");
    let own = Record::of(client).owned_by(clio.membership);
    assert!(practice.may(&clio, Kalix::VIEW_DOCUMENTS | Kalix::EDIT_DOCUMENTS, &own));
    assert!(practice.may(&clio, Kalix::VIEW_APPOINTMENTS, &own));
    assert!(!practice.may(&clio, Kalix::WORK_ON_CLIENT, &Record::of(client)));
}

/// Kalix: "prevent users from accessing and editing clients", in Doorward's own records of them too.
#[test]
fn a_limited_user_reads_and_changes_the_record_of_no_unassigned_client() {
    let practice = Practice::open();
    let clio = practice.user("clio", "clinical", &ONLY_ASSIGNED);
    let of_dana = practice.client(&practice.house.admin, "Ines Duarte");
    let of_clio = practice.client(&clio, "Jonah Weiss");
    let door = &practice.house.door;
    let version = |by, client: SubjectId| {
        let permit = practice.house.permit_of(by, ManagePeople);
        let read = door.person(&permit, client.person()).block_on();
        read.map(|read| read.version)
    };
    let change = |client: SubjectId, version| {
        let details = PersonDetails {
            kind: "practice_user".parse().unwrap(),
            name: display("Another Name"),
            email: None,
            cell: None,
            note: Note::default(),
        };
        let permit = practice.house.permit_of(&clio, ManagePeople);
        door.change_person(permit, client.person(), version, details)
            .block_on()
    };
    assert!(version(&clio, of_dana).is_err());
    let dana = practice.house.admin;
    let refused = change(of_dana, version(&dana, of_dana).unwrap());
    assert!(matches!(refused, Err(Error::Denied(Denied::Access(_)))));
    change(of_clio, version(&clio, of_clio).unwrap()).unwrap();
}

/// Nobody assigns themselves: a relationship that would, and a file, need the reach that they lack.
#[test]
fn a_limited_user_widens_their_own_reach_by_no_relationship_and_no_import() {
    let practice = Practice::open();
    let clio = practice.user("clio", "clinical", &ONLY_ASSIGNED);
    let of_dana = practice.client(&practice.house.admin, "Ines Duarte");
    let door = &practice.house.door;
    let permit = practice.house.permit_of(&clio, ManagePeople);
    let herself = NewPerson {
        kind: "practice_user".parse().unwrap(),
        name: display("Clio Marsh"),
        email: None,
        cell: None,
        note: Note::default(),
        reference: None,
        data: DataAbout::Nobody,
    };
    let herself = door.record_person(permit, herself).block_on().unwrap();
    let assigned = NewRelationship {
        person: herself,
        subject: of_dana,
        label: display("Dietitian"),
        link: Link::Assigned,
    };
    let permit = practice.house.permit_of(&clio, ManagePeople);
    let refused = door.add_relationship(permit, assigned).block_on();
    assert!(matches!(refused, Err(Error::Denied(Denied::Access(_)))));
    let permit = practice.house.permit_of(&clio, ManagePeople);
    let refused = door.import_people(permit, Vec::<PersonRow>::new());
    assert!(matches!(
        refused.block_on(),
        Err(Error::Denied(Denied::Access(_)))
    ));
}
