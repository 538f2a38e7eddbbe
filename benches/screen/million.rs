//! A catalog of a million records on the screen, in PostgreSQL without and with an index of trigrams and in SQLite:
//! searched, put in order, scrolled, and moved in while the database looks for more.

use std::num::NonZeroUsize;
use std::process::Command;
use std::thread::available_parallelism;
use std::time::Instant;

use super::support::fill::{self, Served, record_name};
use super::support::postgres::{Cluster, Setup, sql, texts};
use super::support::program::Home;
use super::support::pty::Person;
use super::support::report::{self, Bound};
use super::support::wait;
use super::{orders, searches};

/// How many of the newest records have `plan` in their keys, as no other has: more than a screenful, so that there is
/// something to move in while all others are looked through.
pub const PLANS: usize = 40;

/// What some of the keys have beside what [`fill`] gives them, in either database's SQL: [`PLANS`], a word that is not all
/// ASCII in one key of a hundred thousand, and types.
const SPICE: &str =
    "UPDATE s3_files SET object_key = replace(object_key, 'report', 'plan') WHERE id > 990000 AND id % 250 = 0;
     UPDATE s3_files SET object_key = replace(object_key, 'report', 'Übersicht') WHERE id % 100000 = 17;
     UPDATE s3_files SET content_type = 'image/jpeg' WHERE id % 1000 = 0;";

/// A database that is measured.
pub struct Stage<'a> {
    /// Its name in the figures.
    pub name: &'a str,
    /// Where the program finds it.
    pub home: &'a Home,
    /// Whether searches have an index of trigrams to go by.
    pub indexed: bool,
}

impl Stage<'_> {
    /// The screen, with the newest records shown and the cursor among them.
    pub fn open(&self) -> Person {
        let mut person = self.home.screen(120, 36);
        person.sees(&record_name(super::RECORDS)).press("2").cursor_is_on(&record_name(super::RECORDS));
        person.sees("1,000,000");
        person
    }

    /// What a figure is called.
    pub fn figure(&self, what: &str) -> String {
        format!("{}: {what}", self.name)
    }
}

/// In PostgreSQL, without an index of trigrams and with one.
pub fn in_postgres() {
    let served = Served::start();
    let cluster = wait(Cluster::own(Setup::default()));
    // Letters beyond ASCII have two cases there, as in most databases; in the cluster's own locale they have none.
    wait(sql(&cluster.url("postgres"), "CREATE DATABASE million TEMPLATE template0 LOCALE 'C.UTF-8'"));
    let (home, url) = (Home::new(), cluster.url("million"));
    home.configure(&served.profile(&format!("database_url = \"{url}\"")));
    home.run(["catalog", "migrate"]).with(0);
    wait(sql(&url, "DROP INDEX s3_files_windlass_search"));
    wait(fill::postgres_records(&url, super::RECORDS));
    wait(sql(&url, SPICE));
    wait(sql(&url, "VACUUM ANALYZE s3_files"));
    let without = Stage { name: "no pg_trgm", home: &home, indexed: false };
    orders::orders(&without);
    wait(searches::in_the_database(&without, &url));
    searches::searches(&without);
    // A user's database is on another machine; here its workers would take all the processors that the screen has. Each is
    // a session of its own, between which the kernel shares the time out evenly, so that none can be told to give way.
    wait(run_on(&url, Processors::AllButTheFirst));
    searches::while_it_searches(&without);
    wait(run_on(&url, Processors::All));

    let begun = Instant::now();
    home.run(["catalog", "migrate"]).with(0);
    report::times("pg_trgm: catalog migrate builds the index", Bound::None, vec![begun.elapsed()]);
    let with = Stage { name: "pg_trgm", home: &home, indexed: true };
    wait(searches::in_the_database(&with, &url));
    searches::searches(&with);
    wait(run_on(&url, Processors::AllButTheFirst));
    searches::while_it_searches(&with);
}

/// Where the server's processes run that begin from now on.
enum Processors {
    All,
    AllButTheFirst,
}

async fn run_on(url: &str, processors: Processors) {
    let last = available_parallelism().map_or(1, NonZeroUsize::get) - 1;
    let first = match processors {
        Processors::All => 0,
        Processors::AllButTheFirst => last.min(1),
    };
    let file = &texts(url, "SELECT pg_read_file('postmaster.pid')").await[0][0];
    let postmaster = file.lines().next().expect("a process");
    let list = format!("{first}-{last}");
    let told = Command::new("taskset").args(["--cpu-list", "--pid", &list, postmaster]).output().expect("taskset");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
}

/// In the SQLite file that a profile has without a database.
pub fn in_sqlite() {
    let (home, served) = (Home::new(), Served::start());
    let file = fill::sqlite_catalog(&home, &served, super::RECORDS);
    wait(fill::sqlite(&file, SPICE));
    let stage = Stage { name: "SQLite", home: &home, indexed: false };
    orders::orders(&stage);
    searches::searches(&stage);
    searches::while_it_searches(&stage);
}

/// Waits until something holds of what a whole frame shows; when that frame was whole.
pub fn shows(person: &mut Person, what: &str, holds: impl Fn(&str) -> bool) -> Instant {
    person.sees_that(what, |screen| holds(&screen.contents()));
    person.whole_rows();
    person.frame(person.frames() - 1)
}
