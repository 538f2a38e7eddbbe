//! One line a figure: what it is, its values, the bound that the project set itself, and whether it was met. A figure
//! that misses its bound is printed as such and fails nothing, because machines differ and are busy.

use std::time::Duration;

/// What a figure may be at most.
#[derive(Debug, Clone, Copy)]
pub enum Bound {
    /// The 95th percentile, in milliseconds.
    P95(f64),
    /// The largest value, in the figure's unit.
    Most(f64),
    /// Nobody has set one.
    None,
}

/// Prints how long something took, of several runs.
pub fn times(what: &str, bound: Bound, mut samples: Vec<Duration>) {
    samples.sort_unstable();
    let at = |percent: usize| samples.get((samples.len() * percent / 100).min(samples.len() - 1));
    let at = |percent| at(percent).map_or(f64::NAN, |sample| sample.as_secs_f64() * 1000.0);
    let values = format!(
        "min {} median {} p95 {} max {} ms (n={})",
        short(at(0)),
        short(at(50)),
        short(at(95)),
        short(at(100)),
        samples.len()
    );
    let verdict = match bound {
        Bound::P95(most) => verdict("p95", at(95), most, "ms"),
        Bound::Most(most) => verdict("median", at(50), most, "ms"),
        Bound::None => String::new(),
    };
    println!("{what:<64} {values:<62} {verdict}");
}

/// Prints one value.
pub fn value(what: &str, bound: Bound, value: f64, unit: &str) {
    let shown = format!("{} {unit}", short(value));
    let verdict = match bound {
        Bound::P95(most) | Bound::Most(most) => verdict("at", value, most, unit),
        Bound::None => String::new(),
    };
    println!("{what:<64} {shown:<62} {verdict}");
}

fn verdict(what: &str, value: f64, most: f64, unit: &str) -> String {
    let met = if value <= most { "met" } else { "MISSED" };
    let what = if what == "at" { "" } else { what };
    format!("{met} (bound: {what}{}{} {unit})", if what.is_empty() { "" } else { " " }, short(most))
}

/// Two digits behind the point where they say something.
fn short(value: f64) -> String {
    if value == 0.0 || value >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}
