//! A second run, a third with more people, and a run that was killed: each continues and doubles
//! nothing.

use std::fs;

use super::run::{ROWS, Run, counted, list_of};

/// What a page says of the whole, whichever run did it.
const TOTALS: &[&str] = &[
    "people",
    "more rows of people with several",
    "relationships to residents",
    "registered by the link",
    "had an account",
    "declined: the address",
    "have not answered",
    "signed in",
    "looks at a resident's data",
    "looks at a stranger's data",
    "members disabled",
    "community let support in",
];

/// New people: a third community, one more contact of an old resident, and an old contact (`P4`)
/// of one more resident.
const MORE: &[&str] = &[
    "R4,P30,resident,,Linden Court,4,Kim,Lund,,kim@example.org,,,,Resident",
    "C9,P32,contact,R4,,,Lea,Lund,Sister,lea@example.org,,,,Read only",
    "C10,P33,contact,R1,,,Mia,Nord,Friend,mia@example.org,,,,Read only",
    "C11,P4,contact,R3,,,Cleo,Quill,Friend,cleo@example.org,,,,Read only",
];

fn totals(page: &str) -> Vec<(&'static str, usize)> {
    let total = |what: &&'static str| (*what, counted(page, what).0);
    TOTALS.iter().map(total).collect()
}

#[test]
fn a_second_run_continues_and_doubles_nothing() {
    let run = Run::new();
    let people = run.list(&list_of(ROWS));
    let first = run.page(&people);
    let (reports, mails) = (run.reports(), run.mail_count());
    let second = run.page(&people);
    assert_eq!(totals(&second), totals(&first));
    assert_eq!(run.reports(), reports, "the same report to the byte");
    assert_eq!(run.mail_count(), mails);
    assert_eq!(counted(&second, "mails written").0, 0);
    for what in [
        "people",
        "relationships",
        "members disabled",
        "community let",
    ] {
        let (all, before) = counted(&first, what);
        assert!(all > 0 && before == 0, "{what} of the first run:\n{first}");
        let (all, before) = counted(&second, what);
        assert_eq!(before, all, "{what} of the second run:\n{second}");
    }
    let answered = counted(&second, "have not answered").1;
    assert_eq!(answered, 6, "{second}");
}

/// What is stored is enough: the mails of the first run are with those who got them.
#[test]
fn a_second_run_needs_no_mail_of_the_first() {
    let run = Run::new();
    let people = run.list(&list_of(ROWS));
    let first = run.page(&people);
    fs::remove_dir_all(run.path("mail")).unwrap();
    let second = run.page(&people);
    assert_eq!(totals(&second), totals(&first));
    assert_eq!(run.mail_count(), 0, "{second}");
}

#[test]
fn a_run_with_more_people_adds_exactly_them() {
    let run = Run::new();
    let first = run.page(&run.list(&list_of(ROWS)));
    let told = run.told_by_reports();
    let people = run.list(&list_of(&[ROWS, MORE].concat()));
    let more = run.page(&people);
    assert_eq!(counted(&first, "people").0, 11);
    assert_eq!(counted(&more, "people"), (14, 11), "{more}");
    assert_eq!(counted(&more, "more rows of people").0, 1);
    let related = (
        counted(&first, "relationships").0,
        counted(&more, "relationships"),
    );
    assert_eq!(related, (8, (11, 8)));
    let registered = |page| counted(page, "registered by the link").0;
    assert_eq!((registered(&first), registered(&more)), (4, 7), "{more}");
    assert_eq!(counted(&more, "granted").0, 1, "to the old contact");
    // Three invitations, the Director's, and the word to the old contact.
    assert_eq!(counted(&more, "mails written").0, 5, "{more}");
    assert_eq!(run.reports().len(), 3);
    let all = run.told_by_reports();
    let lost: Vec<_> = told.iter().filter(|row| !all.contains(row)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    // A resident, their contact, their Director; two contacts of old residents.
    assert_eq!(all.len(), told.len() + 5);
    let again = run.page(&people);
    assert_eq!(totals(&again), totals(&more));
    assert_eq!(run.told_by_reports(), all);
}

/// A list of new people alone leaves the old ones where they are.
#[test]
fn a_run_may_name_the_new_people_alone() {
    let run = Run::new();
    run.page(&run.list(&list_of(ROWS)));
    let told = run.told_by_reports();
    let page = run.page(&run.list(&list_of(&MORE[..2])));
    assert_eq!(counted(&page, "people"), (2, 0), "{page}");
    let all = run.told_by_reports();
    assert!(told.iter().all(|row| all.contains(row)));
    assert_eq!(all.len(), told.len() + 3);
}

#[test]
fn a_new_database_begins_with_an_empty_mail_folder() {
    let run = Run::new();
    let people = run.list(&list_of(ROWS));
    run.page(&people);
    let mails = run.mail_count();
    fs::write(run.path("mail/notes.txt"), "not a mail").unwrap();
    let output = run.start_on(&people, &run.path("other.db"));
    assert!(output.status.success());
    assert_eq!(run.mail_count(), mails);
    assert!(run.path("mail/notes.txt").exists());
}

/// SIGKILL, at the beginning and after each step that the run tells of, one run after another on
/// one database.
#[test]
fn a_run_that_was_killed_is_continued_by_the_next() {
    let undisturbed = Run::new();
    let expected = undisturbed.page(&undisturbed.list(&list_of(ROWS)));
    let run = Run::new();
    let people = run.list(&list_of(ROWS));
    for steps in [0, 0, 1, 2, 3, 4, 4, 5, 5] {
        run.kill_after(&people, steps);
    }
    let page = run.page(&people);
    assert_eq!(totals(&page), totals(&expected), "{page}");
    assert_eq!(run.told_by_reports(), undisturbed.told_by_reports());
    assert_eq!(run.mail_count(), undisturbed.mail_count());
    assert_eq!(counted(&page, "mails sent again").0, 0, "{page}");
}

/// The mails of a killed run are gone with their folder: those who were to answer get another one.
#[test]
fn mails_that_were_lost_are_sent_again() {
    let undisturbed = Run::new();
    let expected = undisturbed.page(&undisturbed.list(&list_of(ROWS)));
    // A run may have come too far before the signal reaches it.
    let mut tries = (0..10).map(|_| {
        let run = Run::new();
        let people = run.list(&list_of(ROWS));
        // Both Directors' mails, and some of those whom they invite.
        run.kill_at_mail(&people, 6);
        fs::remove_dir_all(run.path("mail")).unwrap();
        let page = run.page(&people);
        assert_eq!(totals(&page), totals(&expected), "{page}");
        assert_eq!(run.told_by_reports(), undisturbed.told_by_reports());
        counted(&page, "mails sent again").0
    });
    assert!(tries.any(|again| again > 0), "no mail was lost in any try");
}
