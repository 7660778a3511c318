//! The table: our column beside the peers', in their rows.

use std::fmt;

/// What was measured or counted in one row.
#[derive(Debug)]
pub struct Row {
    /// The scenario and its step, as in the peers' table.
    pub name: &'static str,
    /// Ours.
    pub ours: String,
    /// What the peers' figures ask of ours.
    pub bar: &'static str,
    /// Whether that is met.
    pub verdict: Verdict,
    /// The peers' figures: in the mode that is said, else in rollback-journal mode.
    pub peers: &'static str,
}

/// Whether a bar is met.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It is.
    Met,
    /// It is not.
    Missed,
    /// There is no bar.
    NoBar,
}

impl Verdict {
    /// Judges.
    pub const fn of(met: bool) -> Self {
        if met { Self::Met } else { Self::Missed }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Met => "met",
            Self::Missed => "MISSED",
            Self::NoBar => "-",
        })
    }
}

/// Rows as they come.
#[derive(Debug, Default)]
pub struct Table(Vec<Row>);

impl Table {
    /// Adds a figure; what it is worth depends on the machine, so it is printed and not asserted.
    pub fn figure(&mut self, row: Row) {
        println!("{}: {} ({})", row.name, row.ours, row.verdict);
        self.0.push(row);
    }

    /// Adds what was counted or seen, which is the same on every machine.
    ///
    /// # Panics
    /// Where the bar is missed.
    pub fn fact(&mut self, row: Row) {
        let missed = row.verdict == Verdict::Missed;
        let told = format!("{}: {}, and the bar is {}", row.name, row.ours, row.bar);
        self.figure(row);
        assert!(!missed, "{told}");
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| row | ours (SQLite file, WAL, FULL) | bar | | peers on SQLite |"
        )?;
        writeln!(f, "|---|---|---|---|---|")?;
        for Row {
            name,
            ours,
            bar,
            verdict,
            peers,
        } in &self.0
        {
            writeln!(f, "| {name} | {ours} | {bar} | {verdict} | {peers} |")?;
        }
        Ok(())
    }
}
