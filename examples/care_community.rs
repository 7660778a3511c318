//! The main job: five communities of care, their residents and the residents' families.
//!
//! ```text
//! cargo run --release --example care_community -- [--people FILE] [--mail-dir FOLDER] [--report FOLDER]
//! ```
//!
//! It reads the list of people, opens a tenant per community with its Director, records everybody
//! and how they stand to each other, invites everyone with an address, writes each mail as an `.eml`
//! file, and lets two thirds accept through the links in those files. Some sign in, some are
//! disabled, support is let in, somebody asks who can see a resident and why, and the access report
//! is written as CSV. Everything it prints at the end is counted from what the system answered, and
//! the counts add up, or the exit code says so.

#[path = "care/answers.rs"]
mod answers;
#[path = "care/arguments.rs"]
mod arguments;
#[path = "care/community.rs"]
mod community;
#[path = "care/failure.rs"]
mod failure;
#[path = "care/intake.rs"]
mod intake;
#[path = "care/mailbox.rs"]
mod mailbox;
#[path = "care/page.rs"]
mod page;
#[path = "care/people.rs"]
mod people;
#[path = "care/progress.rs"]
mod progress;
#[path = "care/review.rs"]
mod review;

use std::{process::ExitCode, sync::Arc};

use clap::Parser;
use doorward::{
    Doorward, KeyRing, Keys, SecretKey,
    mailer::{Address, FolderMailer},
};
use doorward_examples::alis_connect;
use doorward_memory::MemoryStorage;

use self::{
    answers::Answers, arguments::Arguments, community::Community, failure::Failure,
    mailbox::Mailbox, page::Page,
};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match pollster::block_on(run(&arguments)) {
        Ok(page) => {
            print!("{page}");
            page.exit_code()
        }
        Err(failure) => {
            eprintln!("care_community: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<Page, Failure> {
    let people = people::read(&arguments.people)?;
    let mailer = FolderMailer::open(
        arguments.fresh_mail_folder()?,
        Address::new("no-reply@portal.example.org")?,
    )?;
    let mailbox = Mailbox::of(mailer.folder());
    let door = open()?;
    let mut page = Page::of(&people);

    let mut communities = Community::open_all(&door, &mailer, &mailbox, &people).await?;
    for community in &mut communities {
        page.recorded(community.record(&door, &people).await?);
        page.invited(community.invite_everyone(&door).await?);
    }
    page.mailed(community::hand_over(&door, &mailer).await?);

    let mut answers = Answers::default();
    answers.give(&door, &communities, &mailbox).await?;
    page.answered(&answers);
    page.mailed(community::hand_over(&door, &mailer).await?);
    page.used(review::sign_some_in(&door, &answers).await?);
    page.disabled(review::disable_some(&door, &communities, &answers).await?);
    page.supported(review::let_support_in(&door, &communities).await?);
    page.asked(review::ask_who_sees(&door, &communities, &answers).await?);
    page.reported(review::write_reports(&door, &communities, &arguments.report).await?);
    Ok(page)
}

/// Doorward in memory, with the products's own catalog and fresh keys.
fn open() -> Result<Doorward, Failure> {
    let key = |byte| KeyRing::new(SecretKey::from_bytes([byte; 32]));
    let keys = Keys {
        token: key(1),
        pin: key(2),
    };
    Ok(alis_connect::setup(keys)
        .map_err(Failure::of)?
        .open(Arc::new(MemoryStorage::new())))
}
