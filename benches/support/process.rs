//! What the system knows of a running program: its memory and its processor time, from `/proc`.

use std::time::Duration;

/// Resident memory of a process, in MiB.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Everything, pages of the program's own file included.
    pub resident: f64,
    /// What it has allocated.
    pub anonymous: f64,
    /// The most that was resident at once.
    pub peak: f64,
}

impl Memory {
    /// Of a process now.
    pub fn of(process: u32) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("a process");
        let mib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line of /proc/PID/status");
            line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1024.0
        };
        Self { resident: mib("VmRSS:"), anonymous: mib("RssAnon:"), peak: mib("VmHWM:") }
    }
}

/// Processor time that a process has used so far, user and system, in the clock ticks of `/proc` (10 ms).
pub fn cpu(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("a process");
    // The program's name, which may hold anything, ends with the last bracket.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = fields[11..13].iter().map(|field| field.parse::<u64>().expect("a number")).sum();
    Duration::from_millis(ticks * 10)
}
