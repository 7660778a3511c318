//! What the benches share: interleaved runs with their ratio, and a product to measure.
//!
//! A shared machine's absolute times are noise, so both sides of a comparison run in turns in one
//! process, and `ratio NAME VALUE` is the median of what neighbouring turns give. (The ratio of the
//! two medians jumps where the machine changes its pace halfway.)

pub mod hash;
pub mod house;
pub mod invitees;
pub mod names;
pub mod people;
pub mod usage;

use std::{hint::black_box, time::Instant};

/// Whether this is a run of `cargo test --benches`: each side runs once, and nothing is judged.
#[must_use]
pub fn is_test() -> bool {
    let given = |word| std::env::args().any(|argument| argument == word);
    // `cargo bench` says `--bench`; `cargo test` says nothing.
    given("--test") || !given("--bench")
}

/// Whether a bench of this name is to run: no word was given, or its name contains one.
#[must_use]
pub fn is_wanted(name: &str) -> bool {
    let mut words = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .peekable();
    words.peek().is_none() || words.any(|word| name.contains(&word))
}

/// The medians of two sides that ran in turns.
#[derive(Clone, Copy, Debug)]
pub struct Medians {
    /// Ours, in nanoseconds a call.
    pub ours: f64,
    /// The floor's or the peer's, in nanoseconds a call.
    pub floor: f64,
    ratio: f64,
}

impl Medians {
    /// Of two sides whose times stand side by side, turn by turn.
    fn of(ours: Vec<f64>, floor: Vec<f64>) -> Self {
        // Two turns together, since who comes first in one comes second in the next.
        let turns = ours.chunks(2).zip(floor.chunks(2));
        let ratios = turns.map(|(ours, floor)| {
            ours.iter().sum::<f64>() / floor.iter().sum::<f64>().max(f64::MIN_POSITIVE)
        });
        Self {
            ratio: median(ratios.collect()),
            ours: median(ours),
            floor: median(floor),
        }
    }

    /// Returns ours over the floor.
    #[must_use]
    pub const fn ratio(self) -> f64 {
        self.ratio
    }

    /// Prints both medians, and the line that is looked for.
    pub fn print(self, name: &str) {
        println!(
            "{name}: ours {:.1} ns, floor {:.1} ns",
            self.ours, self.floor
        );
        println!("ratio {name} {:.3}", self.ratio());
    }
}

/// Runs both sides in turns: `rounds` times a batch of `batch` calls each, the order changing with
/// every round, and returns the median times of a call with their ratio.
pub fn interleave<A, B>(
    rounds: usize,
    batch: u32,
    mut ours: impl FnMut() -> A,
    mut floor: impl FnMut() -> B,
) -> Medians {
    let batch = if is_test() { 1 } else { batch };
    interleave_times(
        rounds,
        || timed(batch, &mut ours),
        || timed(batch, &mut floor),
    )
}

/// Runs two sides in turns, each of which tells its own time in nanoseconds.
pub fn interleave_times(
    rounds: usize,
    mut ours: impl FnMut() -> f64,
    mut floor: impl FnMut() -> f64,
) -> Medians {
    let rounds = if is_test() { 1 } else { rounds };
    let mut times = (Vec::with_capacity(rounds), Vec::with_capacity(rounds));
    for round in 0..rounds {
        if round % 2 == 0 {
            times.0.push(ours());
            times.1.push(floor());
        } else {
            times.1.push(floor());
            times.0.push(ours());
        }
    }
    Medians::of(times.0, times.1)
}

/// Returns what a call takes, in nanoseconds.
pub fn timed<T>(batch: u32, call: &mut impl FnMut() -> T) -> f64 {
    let begin = Instant::now();
    for _ in 0..batch {
        black_box(call());
    }
    begin.elapsed().as_secs_f64() * 1e9 / f64::from(batch)
}

/// Returns the middle one of the times.
#[must_use]
pub fn median(mut times: Vec<f64>) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_of_the_sorted_times() {
        assert!((median(vec![9.0, 1.0, 5.0]) - 5.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).abs() < f64::EPSILON);
    }

    #[test]
    fn who_comes_first_does_not_show_in_the_ratio() {
        let first_is_quick = Medians::of(vec![1., 2., 1., 2., 1.], vec![2., 1., 2., 1., 2.]);
        assert!((first_is_quick.ratio() - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_change_of_pace_halfway_does_not_show_in_the_ratio() {
        let slower = Medians::of(vec![1., 1., 1., 3., 3.], vec![1., 1., 3., 3., 3.]);
        assert!((slower.ratio() - 1.0).abs() < f64::EPSILON);
    }
}
