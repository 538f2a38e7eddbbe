//! Big folders, buckets and catalogs: how soon their first rows are there, and what memory they take.

use std::time::Instant;

use super::start::open;
use super::support::fill::{self, PREFIX, Served, file_name, record_name};
use super::support::postgres::{Cluster, Setup};
use super::support::process::Memory;
use super::support::program::Home;
use super::support::pty::Person;
use super::support::report::{self, Bound};
use super::support::wait;

/// How often a start is measured.
const STARTS: usize = 10;

/// Records that the screen keeps at once.
const KEPT: usize = 50_000;

/// Starts in a folder of a hundred thousand files.
pub fn folder() {
    let home = Home::new();
    fill::folder(&home.here(), super::ROWS);
    let mut rows = Vec::new();
    for _ in 0..STARTS {
        let (mut person, started) = open(&home);
        person.sees(&file_name(0));
        rows.push(started.elapsed());
        person.press("q").ended();
    }
    report::times("start to rows of a folder of 100,000 files", Bound::P95(300.0), rows);
}

/// Opens the screen in the Bucket view of the profile in force, inside its prefix.
pub fn enter_bucket(home: &Home) -> Person {
    let (mut person, _) = open(home);
    person.sees("Local").press("2v").cursor_is_on(PREFIX).press("<Enter>").sees(&file_name(0));
    person
}

/// Goes to the last row of the focused pane, which reads page after page: it may take as long as it likes while frames
/// keep coming.
pub fn to_the_end(person: &mut Person, last: &str) {
    person.press("G");
    loop {
        let frames = person.frames();
        if person.rows().iter().any(|row| row.contains('▎') && row.contains(last)) {
            return;
        }
        person.frame(frames);
    }
}

/// Enters a prefix of a hundred thousand keys, then reads all of it.
pub fn bucket() {
    let served = Served::start();
    served.fill(super::ROWS);
    let home = Home::new();
    home.configure(&served.profile(""));
    let mut rows = Vec::new();
    let mut person = enter_bucket(&home);
    for _ in 0..STARTS {
        person.press("h").cursor_is_on(PREFIX);
        let pressed = Instant::now();
        person.press("<Enter>").sees(&file_name(0));
        rows.push(pressed.elapsed());
    }
    report::times("Enter to first rows of a prefix of 100,000 keys", Bound::None, rows);
    let pressed = Instant::now();
    to_the_end(&mut person, &file_name(super::ROWS - 1));
    report::times("G to the last of 100,000 keys, every page read", Bound::None, vec![pressed.elapsed()]);
    memory_of(&person, "memory with all 100,000 keys read");
    person.press("q").ended();
}

/// A catalog of a million records beside a folder of a hundred thousand files, in both databases.
pub fn memory() {
    let home = Home::new();
    fill::folder(&home.here(), super::ROWS);
    let served = Served::start();
    fill::sqlite_catalog(&home, &served, super::RECORDS);
    with_catalog_open(&home, "SQLite");

    let cluster = wait(Cluster::own(Setup::default()));
    let url = wait(cluster.database("bench"));
    home.configure(&served.profile(&format!("database_url = \"{url}\"")));
    home.run(["catalog", "migrate"]).with(0);
    wait(fill::postgres_records(&url, super::RECORDS));
    with_catalog_open(&home, "PostgreSQL");
}

fn with_catalog_open(home: &Home, database: &str) {
    let (mut person, started) = open(home);
    person.sees(&record_name(super::RECORDS));
    report::times(&format!("start to first records of 1,000,000, {database}"), Bound::None, vec![started.elapsed()]);
    person.sees(&file_name(0));
    memory_of(&person, &format!("memory, 100,000 files and first page of 1,000,000, {database}"));
    person.press("1G").cursor_is_on(&file_name(super::ROWS - 1));
    person.press("2");
    to_the_end(&mut person, &record_name(super::RECORDS - KEPT + 1));
    memory_of(&person, &format!("memory, all that is kept of both lists, {database}"));
    person.press("q").ended();
}

fn memory_of(person: &Person, what: &str) {
    let memory = Memory::of(person.process());
    report::value(&format!("{what}: resident"), Bound::Most(40.0), memory.resident, "MiB");
    report::value(&format!("{what}: allocated"), Bound::None, memory.anonymous, "MiB");
    report::value(&format!("{what}: peak"), Bound::None, memory.peak, "MiB");
}
