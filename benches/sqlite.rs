//! Doorward on SQLite, beside hand-written statements on raw rusqlite that do the same reads and
//! write the same rows into the same tables, in the same process.
//!
//! Both sides of an accept or an import work on copies of one file. What ours reads and commits is
//! recorded beforehand on a third copy, and the floor does the same: nothing twice, a hop a group of
//! reads and one a commit. A word after `cargo bench --bench sqlite --` runs the benches alone whose
//! name contains it.

#[path = "sqlite/accept.rs"]
mod accept;
#[path = "sqlite/fill.rs"]
mod fill;
#[path = "sqlite/floor.rs"]
mod floor;
#[path = "sqlite/import.rs"]
mod import;
#[path = "sqlite/keys.rs"]
mod keys;
#[path = "sqlite/login.rs"]
mod login;
#[path = "sqlite/pages.rs"]
mod pages;
#[path = "sqlite/plan.rs"]
mod plan;
#[path = "sqlite/reads.rs"]
mod reads;
#[path = "sqlite/recorder.rs"]
mod recorder;

use doorward_benches::is_wanted;

fn main() {
    accept::accept(is_wanted);
    login::login(is_wanted);
    import::import(is_wanted);
    reads::reads(is_wanted);
}
