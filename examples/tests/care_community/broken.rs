//! What is wrong with a file or folder: one clear line, and the exit code.

use std::{fs, path::Path, process::Output};

use super::run::{ROWS, Run, list_of, text};

/// The one line that a run which could not begin has said.
fn refusal(output: &Output) -> String {
    let said = text(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("care_community: "), "{said}");
    said
}

fn refused_on(run: &Run, database: &Path) -> String {
    let people = run.list(&list_of(ROWS));
    refusal(&run.start_on(&people, database))
}

#[test]
fn a_file_that_is_no_database_is_one_clear_line_and_stays_as_it_is() {
    let run = Run::new();
    let letter = "Dear Sir or Madam, this is a letter. ".repeat(200);
    fs::write(run.path("care.db"), &letter).unwrap();
    let said = refused_on(&run, &run.path("care.db"));
    assert!(said.contains("care.db` is no SQLite database"), "{said}");
    assert_eq!(fs::read_to_string(run.path("care.db")).unwrap(), letter);
    assert!(!run.path("mail").exists(), "nothing was begun");
}

#[test]
fn a_database_of_a_newer_release_is_one_clear_line() {
    let run = Run::new();
    drop(doorward_sqlite::SqliteStorage::open(run.path("care.db")).unwrap());
    let connection = rusqlite::Connection::open(run.path("care.db")).unwrap();
    let newer = "INSERT INTO doorward_migration (version, name) VALUES (4711, 'later')";
    connection.execute(newer, []).unwrap();
    drop(connection);
    let said = refused_on(&run, &run.path("care.db"));
    assert!(said.contains("have version 4711"), "{said}");
    assert!(said.contains("open them with a newer release"), "{said}");
}

#[test]
fn a_folder_that_cannot_be_made_is_one_clear_line() {
    let run = Run::new();
    fs::write(run.path("file"), "in the way").unwrap();
    let said = refused_on(&run, &run.path("file/care.db"));
    assert!(said.contains("the folder of the database"), "{said}");
}

#[test]
fn a_folder_in_place_of_the_database_is_one_clear_line() {
    let run = Run::new();
    fs::create_dir(run.path("care.db")).unwrap();
    let said = refused_on(&run, &run.path("care.db"));
    assert!(said.contains("care.db` is no SQLite database"), "{said}");
}

/// A community whose Director nobody can sign in as, and whose mail is nowhere.
#[test]
fn a_database_that_somebody_else_began_is_one_clear_line() {
    use std::sync::Arc;

    use doorward_examples::{alis_connect, world};

    let run = Run::new();
    let storage = doorward_sqlite::SqliteStorage::open(run.path("care.db")).unwrap();
    let setup = alis_connect::setup(world::published_keys()).unwrap();
    let door = setup.open(Arc::new(storage));
    let theirs = alis_connect::community("Their House", "Eve Moss", "eve@example.org").unwrap();
    pollster::block_on(door.create_tenant(&door.operator(), theirs)).unwrap();
    drop(door);
    let said = refused_on(&run, &run.path("care.db"));
    assert!(said.contains("nobody directs `Their House`"), "{said}");
}

#[test]
fn a_file_that_is_not_there_is_one_clear_line_and_a_failure() {
    let run = Run::new();
    let output = run.start(&run.path("nobody.csv"));
    let said = text(&output.stderr);
    assert!(!output.status.success());
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("nobody.csv` cannot be read"), "{said}");
}

#[test]
fn a_missing_column_is_named() {
    let run = Run::new();
    let people =
        run.list("id,person_ref,kind,resident_id,community,first_name\nR1,P1,resident,,M,A\n");
    let output = run.start(&people);
    let said = text(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains("has no column `last_name`"), "{said}");
}

#[test]
fn a_broken_row_is_named_with_its_line_and_the_others_go_on() {
    let run = Run::new();
    let broken = "R9,P9,robot,,Maple Grove,9,Hal,Nine,,hal@example.org,,,,";
    let short = "R10,P10,resident";
    let stranger = "C9,P11,contact,R77,,,Ian,Ode,Son,ian@example.org,,,,Read only";
    let rows = [ROWS, &[broken, short, stranger]].concat();
    let people = run.list(&list_of(&rows));
    let output = run.start(&people);
    let page = text(&output.stdout);
    assert!(
        !output.status.success(),
        "broken rows are told by the exit code"
    );
    assert!(page.contains("3  rows that could not be read"), "{page}");
    assert!(page.contains("line 14: unknown variant `robot`"), "{page}");
    assert!(
        page.contains("has 3 columns, the first line has 14"),
        "{page}"
    );
    assert!(
        page.contains("line 16: contact `C9` names the unknown resident `R77`"),
        "{page}"
    );
    assert!(page.contains("3  residents"), "{page}");
}
