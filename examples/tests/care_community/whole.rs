//! One run from the list to the reports.

use super::run::{ROWS, Run, counted, list_of};

#[test]
fn a_small_list_is_recorded_invited_answered_and_reported() {
    let run = Run::new();
    let people = run.list(&list_of(ROWS));
    let page = run.page(&people);
    for line in [
        "      3  residents",
        "      8  contacts",
        "      1  bad address",
        "      1  no address",
        "      1  no profile",
        "      1  address of another person",
        "      7  invited",
        "      4  registered by the link",
        "      1  had an account and accepted",
        "      1  declined:",
        "      1  have not answered",
        "      1  members disabled",
        "      1  community let support in",
        "All counts add up.",
    ] {
        assert!(page.contains(line), "{line:?} is not in\n{page}");
    }
    assert_eq!(counted(&page, "mails written").0, run.mail_count());
    assert_eq!(run.reports().len(), 2, "a report for each community");
}

#[test]
fn the_report_is_csv_that_a_spreadsheet_does_not_run() {
    let run = Run::new();
    run.page(&run.list(&list_of(ROWS)));
    let mut rows = 0;
    for bytes in run.reports().into_values() {
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        for record in reader.records() {
            let record = record.unwrap();
            let runs = record
                .iter()
                .find(|cell| cell.starts_with(['=', '@', '\t']));
            assert_eq!(runs, None, "a cell that a spreadsheet would run");
            rows += 1;
        }
    }
    assert!(rows >= 11, "{rows} rows for eleven people");
}
