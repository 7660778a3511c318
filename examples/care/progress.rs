//! A progress bar on the error stream: redrawn on a terminal, a line at the end elsewhere.

use std::io::{IsTerminal, Write, stderr};

/// Draws one bar.
pub(crate) struct Progress {
    what: String,
    redrawn: bool,
    shown: usize,
}

impl Progress {
    /// A bar with this title.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            redrawn: stderr().is_terminal(),
            shown: 0,
        }
    }

    /// Shows how far it is.
    pub(crate) fn at(&mut self, done: usize, total: usize) {
        let percent = done * 100 / total.max(1);
        let ended = done == total;
        if !ended && (!self.redrawn || percent == self.shown) {
            return;
        }
        self.shown = percent;
        let filled = percent * 30 / 100;
        let bar = format!("{}{}", "#".repeat(filled), ".".repeat(30 - filled));
        let line = format!("{:<44} [{bar}] {percent:>3} % of {total}", self.what);
        let begin = if self.redrawn { "\r" } else { "" };
        let end = if ended || !self.redrawn { "\n" } else { "" };
        // A progress bar that cannot be drawn is no reason to stop.
        let _ = write!(stderr(), "{begin}{line}{end}");
    }
}
