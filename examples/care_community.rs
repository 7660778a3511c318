//! The main job: five communities of care, their residents and the residents' families.
//!
//! ```text
//! cargo run --release --example care_community -- \
//!     [--people FILE] [--database FILE] [--mail-dir FOLDER] [--report FOLDER]
//! ```
//!
//! It reads the list of people, opens a tenant per community with its Director, records everybody
//! and how they stand to each other, invites everyone with an address, writes each mail as an `.eml`
//! file, and lets two thirds accept through the links in those files. Some sign in, some are
//! disabled, support is let in, somebody asks who can see a resident and why, and the access report
//! is written as CSV. Everything it prints at the end is counted from what the system answered, and
//! the counts add up, or the exit code says so.
//!
//! Everything is kept in one SQLite file. A second run on it continues, wherever the first one
//! ended, and doubles nothing:
//!
//! | what | is found by |
//! |---|---|
//! | a community | the name of its tenant, which the operator lists |
//! | its Director | an address made from that name |
//! | a person | their reference on the list; a relationship by its two people |
//! | an invitation, a member | the person: the plan of a bulk run knows both |
//! | whose mail is due | the outbox; a mail that a killed run had in hand is written again, as the same file |
//! | who answers, signs in, is disabled | a number made from their reference |
//! | an account's password | a number made from its address |
//! | support access | a request of its own for the first, second, .. opening |

use std::{process::ExitCode, sync::Arc};

use clap::Parser;
use doorward::{
    Doorward, Setup,
    identity::{PasswordCost, PasswordPolicy},
    mailer::{Address, FolderMailer},
};
use doorward_examples::{alis_connect, world};
use doorward_sqlite::SqliteStorage;

#[path = "care/answers.rs"]
mod answers;
#[path = "care/arguments.rs"]
mod arguments;
#[path = "care/choice.rs"]
mod choice;
#[path = "care/community.rs"]
mod community;
#[path = "care/database.rs"]
mod database;
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
#[path = "care/places.rs"]
mod places;
#[path = "care/post.rs"]
mod post;
#[path = "care/progress.rs"]
mod progress;
#[path = "care/review.rs"]
mod review;

use self::{answers::Answers, community::Community, database::Begun, post::Post};

pub use self::{arguments::Arguments, failure::Failure, page::Page};

/// Runs the job as the command line says, and prints its page.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match pollster::block_on(run(&arguments, PasswordCost::owasp())) {
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

/// Runs the job at this cost of a password's hash.
///
/// # Errors
/// [`Failure`] where a file or folder cannot be used, or something did not go as it must.
pub async fn run(arguments: &Arguments, cost: PasswordCost) -> Result<Page, Failure> {
    let people = people::read(&arguments.people)?;
    let (storage, begun) = database::open(&arguments.database)?;
    let folder = arguments.mail_folder(begun)?;
    let from = Address::new("no-reply@portal.example.org")?;
    let mut post = Post::of(FolderMailer::open(folder, from)?);
    let door = open(storage, cost)?;
    let mut page = Page::of(&people);

    if begun == Begun::Before {
        post.hand_over_what_was_left(&door).await?;
    }
    let mut communities = Community::open_all(&door, &mut post, &people).await?;
    let named = people.communities();
    let on_list = |community: &&mut Community| named.contains(&community.name);
    for community in communities.iter_mut().filter(on_list) {
        page.recorded(community.record(&door, &people).await?);
        page.invited(community.invite_everyone(&door).await?);
    }
    post.hand_over(&door).await?;

    let answers = Answers::give(&door, &communities, &mut post).await?;
    post.hand_over(&door).await?;
    page.mailed(&post);
    let places = &answers.places;
    page.used(review::sign_some_in(&door, places).await?);
    page.disabled(review::disable_some(&door, &communities, places).await?);
    page.supported(review::let_support_in(&door, &communities).await?);
    page.asked(review::ask_who_sees(&door, &communities, places).await?);
    page.reported(review::write_reports(&door, &communities, &arguments.report).await?);
    page.answered(answers);
    Ok(page)
}

/// The product, with its own catalog and keys that everybody can read.
fn open(storage: SqliteStorage, cost: PasswordCost) -> Result<Doorward, Failure> {
    let setup: Setup = alis_connect::setup(world::published_keys()).map_err(Failure::of)?;
    let setup = setup.with_passwords(PasswordPolicy::only_factor(), cost);
    Ok(setup.open(Arc::new(storage)))
}
