//! Doorward on a real file under what a real host meets: races between threads and processes,
//! crashes, and a disk that fills up.
//!
//! | file | what |
//! |---|---|
//! | `races`, `scenes`, `arm`, `race` | scenes that are raced, and how |
//! | `crash` | processes that are killed: while people accept, while a file is made, emptied, copied |
//! | `full` | a disk that fills up, and files that may not grow |
//! | `secrets` | clear text, looked for in every file |
//! | `office`, `ledger` | a practice; what is stored of it, held against itself |
//! | `child` | a second process |
//!
//! `DOORWARD_LONG=1` runs ten times the rounds and 25 times the crashes, `DOORWARD_SEED=17` repeats
//! the choices of a run; the meeting of threads it cannot repeat.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod arm;
mod child;
mod crash;
mod full;
mod ledger;
mod office;
mod race;
mod races;
mod scenes;
mod secrets;
