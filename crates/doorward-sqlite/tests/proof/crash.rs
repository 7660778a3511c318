//! Processes that are killed at random points.

mod accepts;
mod upkeep;

use std::{fs, path::Path};

use crate::race::is_long;

/// How many processes a test kills: a thousand where `DOORWARD_LONG` is set.
fn kills() -> u32 {
    if is_long() { 1_000 } else { 40 }
}

/// How many processes are killed upon one file: it is longer each time.
const KILLS_A_FILE: u32 = 20;

/// Removes what a test has left in its folder.
fn clear(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
}
