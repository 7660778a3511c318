//! What the process has used of the machine.

use std::fs;

/// Returns the resident memory of this process in MiB; 0 where the system does not tell.
#[must_use]
pub fn resident_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix("kB"))
        .and_then(|kib| kib.trim().parse::<f64>().ok());
    kib.unwrap_or_default() / 1_024.0
}

/// Returns the processor time of all threads so far, in seconds, to a hundredth; 0 where the system
/// does not tell. Beside the time by the clock it shows what others on the machine took.
#[must_use]
pub fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program stands in brackets and may hold blanks; times are the 12th and 13th
    // field after it.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: f64 = ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / 100.0
}
