//! What the folder mailer writes, read back by another library.
#![expect(
    clippy::unwrap_used,
    reason = "the helpers of a test fail by panicking, as tests do"
)]

use std::{
    fs, io,
    path::Path,
    time::{Duration, SystemTime},
};

use doorward_mail::{
    Address, Durability, FolderMailer, Mail, MailErrorKind, Mailbox, MailboxName, Mailer,
    MessageId, Subject,
};
use mail_parser::{Message, MessageParser};
use pollster::block_on;
use proptest::prelude::*;
use tempfile::TempDir;

fn at() -> SystemTime {
    // 2026-11-22 10:30:15 UTC
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_343_415)
}

fn mail(subject: &str, text: &str) -> Mail {
    Mail::new(
        MessageId::new("0197f2c0.1@mail.example.org").unwrap(),
        Mailbox::from(Address::new("ana.ruiz@example.org").unwrap())
            .with_name(MailboxName::new("Ana Ruiz").unwrap()),
        Subject::new(subject).unwrap(),
        text,
        at(),
    )
}

fn mailer(folder: &Path) -> FolderMailer {
    let from = Mailbox::from(Address::new("no-reply@example.org").unwrap())
        .with_name(MailboxName::new("Maple Grove, Köln").unwrap());
    FolderMailer::open(folder, from).unwrap()
}

fn deliver(folder: &TempDir, mail: &Mail) -> Vec<u8> {
    let accepted = block_on(mailer(folder.path()).deliver(mail)).unwrap();
    fs::read(folder.path().join(accepted.provider_reference.unwrap())).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn parse(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).unwrap()
}

/// Every line ends in CRLF, is ASCII and short enough for any server (RFC 5322 2.1.1, 2.3).
fn assert_sendable(bytes: &[u8]) {
    assert!(bytes.is_ascii() && !bytes.contains(&0));
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
    assert!(text.split("\r\n").all(|line| line.len() <= 998));
}

fn naughty() -> Vec<String> {
    let strings: Vec<String> =
        serde_json::from_str(include_str!("data/naughty_strings.json")).unwrap();
    assert!(strings.len() > 480);
    strings
}

#[test]
fn a_mail_reads_back_with_every_header() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = deliver(
        &folder,
        &mail("Einladung – 30 Tage gültig", "Guten Tag\n\nhttps://x/i\n"),
    );
    assert_sendable(&bytes);
    let message = parse(&bytes);
    assert_eq!(message.message_id(), Some("0197f2c0.1@mail.example.org"));
    assert_eq!(message.subject(), Some("Einladung – 30 Tage gültig"));
    let to = message.to().unwrap().first().unwrap();
    assert_eq!(
        (to.name(), to.address()),
        (Some("Ana Ruiz"), Some("ana.ruiz@example.org"))
    );
    let from = message.from().unwrap().first().unwrap();
    assert_eq!(
        (from.name(), from.address()),
        (Some("Maple Grove, Köln"), Some("no-reply@example.org"))
    );
    assert_eq!(message.date().unwrap().to_rfc3339(), "2026-11-22T10:30:15Z");
    assert_eq!(
        message.header("Auto-Submitted").unwrap().as_text(),
        Some("auto-generated")
    );
    assert_eq!(
        message.body_text(0).unwrap(),
        "Guten Tag\r\n\r\nhttps://x/i\r\n"
    );
}

#[test]
fn a_mail_with_html_has_both_forms() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = deliver(
        &folder,
        &mail("Hello", "plain = text").with_html("<p>Grüße =_</p>"),
    );
    assert_sendable(&bytes);
    let message = parse(&bytes);
    assert_eq!(message.body_text(0).unwrap(), "plain = text");
    assert_eq!(message.body_html(0).unwrap(), "<p>Grüße =_</p>");
}

/// A person looking for the link in a file finds it in one piece.
#[test]
fn a_long_link_in_plain_text_stays_in_one_line() {
    let link = format!("https://portal.example.org/i/dw1_{}", "A".repeat(180));
    let folder = tempfile::tempdir().unwrap();
    let bytes = deliver(&folder, &mail("Hello", &format!("Open\n{link}\n")));
    assert!(String::from_utf8(bytes).unwrap().contains(&link));
}

/// Delivery is at least once: the second delivery of a mail must not make a second file.
#[test]
fn a_second_delivery_replaces_the_first_by_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let first = deliver(&folder, &mail("Hello", "text").with_html("<p>text</p>"));
    let second = deliver(&folder, &mail("Hello", "text").with_html("<p>text</p>"));
    assert_eq!(first, second);
    assert_eq!(names(folder.path()), ["0197f2c0.1@mail.example.org.eml"]);
}

#[test]
fn a_synced_delivery_writes_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = mailer(folder.path()).with_durability(Durability::Synced);
    block_on(mailer.deliver(&mail("Hello", "text"))).unwrap();
    assert_eq!(names(folder.path()), ["0197f2c0.1@mail.example.org.eml"]);
}

#[cfg(unix)]
#[test]
fn a_file_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    deliver(&folder, &mail("Hello", "text"));
    let file = folder.path().join("0197f2c0.1@mail.example.org.eml");
    assert_eq!(
        fs::metadata(file).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn many_threads_delivering_one_mail_leave_one_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let whole = deliver(&folder, &mail("Hello", &"text\n".repeat(2_000)));
    let mailer = mailer(folder.path());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..10 {
                    block_on(mailer.deliver(&mail("Hello", &"text\n".repeat(2_000)))).unwrap();
                }
            });
        }
    });
    assert_eq!(names(folder.path()), ["0197f2c0.1@mail.example.org.eml"]);
    assert_eq!(
        fs::read(folder.path().join("0197f2c0.1@mail.example.org.eml")).unwrap(),
        whole
    );
}

#[test]
fn instants_that_no_date_header_can_name_are_moved_to_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    for (at, expected) in [
        (
            SystemTime::UNIX_EPOCH - Duration::from_secs(1),
            "1970-01-01T00:00:00Z",
        ),
        (
            SystemTime::UNIX_EPOCH + Duration::from_secs(300_000_000_000),
            "9999-12-31T23:59:59Z",
        ),
    ] {
        let mail = Mail::new(
            MessageId::new("a@b").unwrap(),
            Address::new("ana@example.org").unwrap(),
            Subject::new("Hello").unwrap(),
            "",
            at,
        );
        let bytes = deliver(&folder, &mail);
        assert_eq!(parse(&bytes).date().unwrap().to_rfc3339(), expected);
    }
}

#[test]
fn a_path_that_is_no_folder_is_a_fault_of_the_set_up() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let from = Address::new("no-reply@example.org").unwrap();
    let error = FolderMailer::open(&file, from).unwrap_err();
    assert_eq!(error.kind(), MailErrorKind::Configuration);
}

#[test]
fn a_folder_that_went_away_is_a_fault_of_the_set_up() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = mailer(folder.path());
    folder.close().unwrap();
    let error = block_on(mailer.deliver(&mail("Hello", "dw1_secret"))).unwrap_err();
    assert_eq!(error.kind(), MailErrorKind::Configuration);
    assert!(
        !format!("{error:?} {error}").contains("dw1_"),
        "no word of the mail is in an error"
    );
}

/// Nobody, not even root, makes files there.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_takes_no_files_is_a_fault_of_the_set_up() {
    let mailer = mailer(Path::new("/proc/self"));
    let error = block_on(mailer.deliver(&mail("Hello", "text"))).unwrap_err();
    assert_eq!(error.kind(), MailErrorKind::Configuration);
}

#[test]
fn an_address_that_no_server_takes_is_a_fault_of_the_recipient() {
    let folder = tempfile::tempdir().unwrap();
    let mail = Mail::new(
        MessageId::new("a@b").unwrap(),
        Address::new(&format!("{}@example.org", "a".repeat(65))).unwrap(),
        Subject::new("Hello").unwrap(),
        "",
        at(),
    );
    let error = block_on(mailer(folder.path()).deliver(&mail)).unwrap_err();
    assert_eq!(error.kind(), MailErrorKind::Permanent);
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

/// Runs itself once more where no file may grow past 512 bytes: the write fails half-way.
#[cfg(unix)]
#[test]
fn a_disk_that_takes_half_a_mail_leaves_no_file() {
    const FOLDER: &str = "DOORWARD_TEST_SMALL_FOLDER";
    if let Ok(folder) = std::env::var(FOLDER) {
        let error =
            block_on(mailer(Path::new(&folder)).deliver(&mail("Hello", &"text\n".repeat(2_000))))
                .unwrap_err();
        assert_eq!(error.kind(), MailErrorKind::Transient);
        let source = std::error::Error::source(&error).unwrap();
        let source = source.downcast_ref::<io::Error>().unwrap();
        assert_eq!(source.kind(), io::ErrorKind::FileTooLarge);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let status = std::process::Command::new("sh")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 1; exec \"$0\" --exact --quiet \"$1\"",
        ])
        .arg(std::env::current_exe().unwrap())
        .arg("a_disk_that_takes_half_a_mail_leaves_no_file")
        .env(FOLDER, folder.path())
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn hostile_texts_read_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    for text in naughty() {
        let mail = mail("Hello", &text);
        let bytes = deliver(&folder, &mail);
        assert_sendable(&bytes);
        let message = parse(&bytes);
        let read = message
            .body_text(0)
            .unwrap_or_default()
            .replace("\r\n", "\n");
        assert_eq!(read, mail.text(), "{text:?}");
    }
}

#[test]
fn hostile_subjects_and_names_are_refused_or_read_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let mut read_count = 0;
    for text in naughty() {
        let Ok(subject) = Subject::new(&text) else {
            continue;
        };
        let Ok(name) = MailboxName::new(&text) else {
            continue;
        };
        read_count += 1;
        assert_header(&folder, &subject, &name);
    }
    assert!(read_count > 440, "{read_count}");
}

/// RFC 6532: for hosts whose mail system speaks SMTPUTF8.
#[test]
fn an_address_with_other_letters_is_written_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let to = Address::new("Емма.Китов@xn--r8jz45g.jp").unwrap();
    let id = MessageId::new("a@b").unwrap();
    let mail = Mail::new(id, to, Subject::new("Hello").unwrap(), "", at());
    let bytes = deliver(&folder, &mail);
    let to = parse(&bytes)
        .to()
        .unwrap()
        .first()
        .unwrap()
        .address()
        .unwrap()
        .to_owned();
    assert_eq!(to, "Емма.Китов@xn--r8jz45g.jp");
}

/// RFC 2047: what looks like an encoded word must not be taken for one.
#[test]
fn a_text_that_looks_encoded_reads_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    for text in [
        "=?utf-8?Q?=0D=0ABcc:_eve@example.org?=",
        "a =?utf-8?B?YQ==?= b",
    ] {
        assert_header(
            &folder,
            &Subject::new(text).unwrap(),
            &MailboxName::new("Ana").unwrap(),
        );
        assert_header(
            &folder,
            &Subject::new("a").unwrap(),
            &MailboxName::new(text).unwrap(),
        );
    }
}

fn assert_header(folder: &TempDir, subject: &Subject, name: &MailboxName) {
    let to = Mailbox::from(Address::new("ana@example.org").unwrap()).with_name(name.clone());
    let id = MessageId::new("a@b").unwrap();
    let bytes = deliver(folder, &Mail::new(id, to, subject.clone(), "text", at()));
    assert_sendable(&bytes);
    let message = parse(&bytes);
    assert_eq!(message.subject(), Some(subject.as_str()));
    let addresses = message.to().unwrap();
    assert_eq!(addresses.iter().count(), 1, "{name:?}");
    let to = addresses.first().unwrap();
    assert_eq!(
        (to.name(), to.address()),
        (Some(name.as_str()), Some("ana@example.org"))
    );
    let headers: Vec<_> = message
        .headers()
        .iter()
        .map(|header| header.name())
        .collect();
    assert_eq!(headers.len(), 10, "{headers:?}");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_text_reads_back_as_it_was(text in any::<String>()) {
        let folder = tempfile::tempdir().unwrap();
        let mail = mail("Hello", &text);
        let bytes = deliver(&folder, &mail);
        assert_sendable(&bytes);
        let message = parse(&bytes);
        let read = message.body_text(0).unwrap_or_default().replace("\r\n", "\n");
        prop_assert_eq!(read, mail.text());
    }

    #[test]
    fn any_subject_and_name_read_back_as_they_were(
        subject in prop_oneof!["\\PC{1,80}", "[ =?a-f0-9ßQB_-]{1,80}"],
        name in prop_oneof!["\\PC{1,40}", "[ =?a<>@,;:\"\\\\(){}ß-]{1,40}"],
    ) {
        let (Ok(subject), Ok(name)) = (Subject::new(&subject), MailboxName::new(&name)) else {
            return Ok(());
        };
        assert_header(&tempfile::tempdir().unwrap(), &subject, &name);
    }
}
