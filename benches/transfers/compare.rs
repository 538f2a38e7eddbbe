//! Several ways to do one job, in turn, and what they cost beside each other: one line a figure, with its bound.

use std::process::Command;

use super::measure::{self, Cost, Runs, Spread};
use super::tools::Tools;

/// Measured rounds behind the first, which only warms up.
pub const ROUNDS: usize = 5;

/// One way to do a job.
pub struct Contender<'a> {
    /// Its name in the table.
    pub name: &'static str,
    /// Its flags, as far as they matter.
    pub settings: String,
    /// Makes everything as it has to be, and the command.
    pub command: Box<dyn Fn() -> Command + 'a>,
    /// Fails where the job was not done.
    pub check: Box<dyn Fn() + 'a>,
}

/// What Windlass may take at most, as shares of what the other tool takes.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Of its wall time.
    pub wall: f64,
    /// Of its processor time.
    pub cpu: f64,
    /// MiB, of nobody's.
    pub peak: f64,
}

/// Whom Windlass is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The first of the others: s5cmd.
    S5cmd,
    /// Whichever of the others is better, figure by figure.
    Better,
}

/// Does a job with each contender in turn, and prints what it cost. Those whose name begins with `windlass` come first.
pub fn compare(tools: &Tools, job: &str, bounds: Bounds, against: Against, contenders: &[Contender<'_>]) {
    println!("\n{job}");
    contenders.iter().for_each(|contender| println!("    {:<10} {}", contender.name, contender.settings));
    let mut runs = vec![Runs::default(); contenders.len()];
    for round in 0..=rounds() {
        for (contender, runs) in contenders.iter().zip(&mut runs) {
            let cost = measure::run(tools, &(contender.command)());
            (contender.check)();
            if round > 0 {
                runs.add(cost);
            }
        }
    }
    let named: Vec<(&str, &Runs)> = contenders.iter().map(|contender| contender.name).zip(&runs).collect();
    let (ours, others): (Vec<_>, Vec<_>) = named.iter().partition(|(name, _)| name.starts_with("windlass"));
    for (name, own) in ours {
        let line = |what, unit, figure: fn(&Cost) -> f64| {
            let others: Vec<(&str, Spread)> = others.iter().map(|(name, runs)| (*name, runs.spread(figure))).collect();
            Line { name, what, unit, own: own.spread(figure), others, against }
        };
        line("wall", "s", |cost| cost.wall).print(Some(bounds.wall));
        line("client CPU", "s", |cost| cost.cpu).print(Some(bounds.cpu));
        let peak = line("peak memory", "MiB", |cost| cost.peak);
        peak.print(None);
        println!("    {:<10} {:<12} {}", name, "", verdict(peak.own.median, bounds.peak, "MiB"));
    }
}

/// How many rounds are measured: five, unless `WINDLASS_BENCH_ROUNDS` says otherwise.
pub fn rounds() -> usize {
    std::env::var("WINDLASS_BENCH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS)
}

/// One figure of Windlass beside the others'.
struct Line<'a> {
    name: &'a str,
    what: &'static str,
    unit: &'static str,
    own: Spread,
    others: Vec<(&'a str, Spread)>,
    against: Against,
}

impl Line<'_> {
    fn print(&self, bound: Option<f64>) {
        let others: Vec<String> =
            self.others.iter().map(|(name, spread)| format!("{name} {}", shown(spread))).collect();
        let ratio = self.own.median / self.reference();
        let verdict = bound.map_or(String::new(), |bound| verdict(ratio, bound, ""));
        println!(
            "    {:<10} {:<12} {} {}   {}   ratio {ratio:.2}   {verdict}",
            self.name,
            self.what,
            shown(&self.own),
            self.unit,
            others.join("   ")
        );
    }

    fn reference(&self) -> f64 {
        let medians = self.others.iter().map(|(_, spread)| spread.median);
        match self.against {
            Against::S5cmd => medians.take(1).sum(),
            Against::Better => medians.fold(f64::INFINITY, f64::min),
        }
    }
}

fn shown(spread: &Spread) -> String {
    format!("{:.2} ({:.2}..{:.2})", spread.median, spread.least, spread.most)
}

/// Whether a value keeps to its bound.
pub fn verdict(value: f64, bound: f64, unit: &str) -> String {
    let reached = if value <= bound { "REACHED" } else { "MISSED" };
    format!("{reached} (bound {bound} {unit})").replace(" )", ")")
}
