//! What a command costs, from its start to its end: wall time, processor time and the most memory, as the kernel tells
//! the parent (`wait4`). A few lines of Python are that parent, because Rust reaches `rusage` only by unsafe code.

use std::process::Command;

use super::tools::Tools;

/// Prints what the command cost, in seconds and KiB. Before its `exec` the child has the runner's memory: about 9 MiB are
/// the least that it can report.
const RUNNER: &str = r"
import os, sys, time
quiet = [(os.POSIX_SPAWN_OPEN, 1, '/dev/null', os.O_WRONLY, 0)]
begun = time.monotonic()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
status, used = os.wait4(child, 0)[1:]
wall = time.monotonic() - begun
print(os.waitstatus_to_exitcode(status), wall, used.ru_utime + used.ru_stime, used.ru_maxrss)
";

/// What one run cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Seconds from start to end.
    pub wall: f64,
    /// Seconds of processor time, user and system.
    pub cpu: f64,
    /// The most resident memory, in MiB.
    pub peak: f64,
}

/// Runs a command that has to succeed; its standard output goes nowhere.
pub fn run(tools: &Tools, command: &Command) -> Cost {
    let mut runner = Command::new(tools.python());
    runner.args(["-I", "-S", "-c", RUNNER]).arg(command.get_program()).args(command.get_args()).env_clear();
    runner.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        runner.current_dir(folder);
    }
    let output = runner.output().expect("python3");
    let said = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = said.split_whitespace().map(|word| word.parse().expect("a number")).collect();
    let [status, wall, cpu, peak] = numbers[..] else {
        panic!("{command:?}: {}", String::from_utf8_lossy(&output.stderr))
    };
    assert!(status == 0.0, "{command:?} ended with {status}: {}", String::from_utf8_lossy(&output.stderr));
    Cost { wall, cpu, peak: peak / 1024.0 }
}

/// The runs of one contender.
#[derive(Debug, Clone, Default)]
pub struct Runs(Vec<Cost>);

impl Runs {
    /// One more.
    pub fn add(&mut self, cost: Cost) {
        self.0.push(cost);
    }

    /// The median, and the least and the most, of one figure.
    pub fn spread(&self, figure: impl Fn(&Cost) -> f64) -> Spread {
        let mut values: Vec<f64> = self.0.iter().map(figure).collect();
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        Spread { least: at(0), median: at(values.len() / 2), most: at(values.len().saturating_sub(1)) }
    }
}

/// Several values of one figure.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    /// The smallest.
    pub least: f64,
    /// The one in the middle.
    pub median: f64,
    /// The largest.
    pub most: f64,
}
