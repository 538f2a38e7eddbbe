//! What the program costs while nothing happens.

use std::time::Duration;

use super::start::open;
use super::support::fill::{self, Served, file_name, record_name};
use super::support::process::cpu;
use super::support::program::Home;
use super::support::pty::Person;
use super::support::report::{self, Bound};

/// How long nothing happens. Long enough to see a clock tick (10 ms) of a program that wakes up for nothing.
const IDLE: Duration = Duration::from_secs(10);

/// With nothing configured, and with a catalog and a big folder open.
pub fn idle() {
    let home = Home::new();
    let (mut person, _) = open(&home);
    person.sees("Local");
    rest(&person, "idle on the profile local");
    person.press("q").ended();

    let home = Home::new();
    fill::folder(&home.here(), super::ROWS);
    let served = Served::start();
    fill::sqlite_catalog(&home, &served, 10_000);
    let (mut person, _) = open(&home);
    person.sees(&file_name(0)).sees(&record_name(10_000));
    rest(&person, "idle with 100,000 files and a catalog open");
    person.press("q").ended();
}

fn rest(person: &Person, what: &str) {
    // What follows a start, such as opening the queue, is no idleness yet.
    std::thread::sleep(Duration::from_secs(2));
    let before = (cpu(person.process()), person.bytes());
    std::thread::sleep(IDLE);
    let used = cpu(person.process()) - before.0;
    report::value(&format!("{what}: processor time in 10 s"), Bound::Most(0.0), used.as_secs_f64(), "s");
    let bytes = (person.bytes() - before.1) as f64;
    report::value(&format!("{what}: bytes written in 10 s"), Bound::Most(0.0), bytes, "bytes");
}
