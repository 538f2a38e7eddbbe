//! A million records searched: from a letter to the first hit that the screen shows, and keys that are pressed while the
//! database still looks for more.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, PgConnection, Row, raw_sql};

use super::million::{PLANS, Stage, shows};
use super::orders::cursor;
use super::support::fill::record_name;
use super::support::postgres::connect;
use super::support::pty::Person;
use super::support::report::{self, Bound};

/// How often each search is done.
const ROUNDS: usize = 10;

/// How often a statement is run.
const STATEMENTS: usize = 50;

/// Rounds of letters and of keys during a search.
const WHILE: usize = 15;

/// As many hits are a page and are not read on by themselves.
const MANY: u64 = 100;

/// What is searched for, who has it, and whether an index of trigrams would find it.
const NEEDLES: [(&str, &str, bool); 7] = [
    ("report", "all have", true),
    ("abc12", "30 have", true),
    ("0000123-", "the oldest has", true),
    ("zqx", "none has", true),
    ("ab", "2 letters that 100,000 have", false),
    ("zq", "2 letters that none has", false),
    ("Übersicht", "10 have, not ASCII", true),
];

/// Letters that no key has.
const LETTERS: &str = "zqxjkvwzyq";

/// Searches for each, typed at once and by its last letter.
pub fn searches(stage: &Stage<'_>) {
    let mut person = stage.open();
    for (needle, who, has_trigram) in NEEDLES {
        let bound = Bound::P95(if stage.indexed && has_trigram { 50.0 } else { 300.0 });
        let (whole, last) =
            (0..ROUNDS).map(|_| (at_once(&mut person, needle), by_its_end(&mut person, needle))).unzip();
        report::times(&stage.figure(&format!("{needle} ({who}), typed at once, to its first hits")), bound, whole);
        report::times(&stage.figure(&format!("{needle}: its last letter to its first hits")), bound, last);
    }
    person.press("q").ended();
}

/// Letters and keys while the database looks for more, by a connection that begins now.
pub fn while_it_searches(stage: &Stage<'_>) {
    let mut person = stage.open();
    letters(stage, &mut person);
    // With an index there is nothing to move in before everything is there.
    if !stage.indexed {
        keys(stage, &mut person);
    }
    person.press("q").ended();
}

/// What the frame tells of a search: its hits, and whether there may be more.
fn told(text: &str, needle: &str) -> Option<(u64, bool)> {
    text.split(&format!("/{needle}  ")).skip(1).find_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != ',')?;
        let hits = rest[..end].replace(',', "").parse().ok()?;
        Some((hits, rest[end..].starts_with('+')))
    })
}

/// Waits for the first hits, or for the news that there are none; when that was.
fn first_hits(person: &mut Person, needle: &str) -> Instant {
    let there = |told: (u64, bool)| told.0 > 0 || !told.1;
    shows(person, &format!("hits of {needle}"), |text| told(text, needle).is_some_and(there))
}

/// Waits until nothing more is looked for, so that the next search begins with an idle database.
fn settled(person: &mut Person, needle: &str) {
    let settled = |told: (u64, bool)| told.0 >= MANY || !told.1;
    shows(person, &format!("the end of {needle}"), |text| told(text, needle).is_some_and(settled));
}

/// Leaves the search for the list from before, and the row of the hit for the first.
fn leave(person: &mut Person, needle: &str) {
    settled(person, needle);
    let gone = format!("/{needle}");
    person.press("<Esc>");
    shows(person, "the list from before", |text| !text.contains(&gone) && text.contains("1,000,000 files"));
    person.press("<Home>").cursor_is_on(&record_name(super::RECORDS));
}

/// Begins to type.
fn begin(person: &mut Person) {
    let frames = person.frames();
    person.press("/").frame(frames);
}

fn at_once(person: &mut Person, needle: &str) -> Duration {
    begin(person);
    let pressed = Instant::now();
    person.press(needle);
    let took = first_hits(person, needle) - pressed;
    leave(person, needle);
    took
}

fn by_its_end(person: &mut Person, needle: &str) -> Duration {
    let (at, last) = needle.char_indices().last().unwrap();
    begin(person);
    person.press(&needle[..at]);
    settled(person, &needle[..at]);
    let pressed = Instant::now();
    person.press(&last.to_string());
    let took = first_hits(person, needle) - pressed;
    leave(person, needle);
    took
}

/// Letters one after the other, each as soon as the one before is seen: the database looks for earlier ones meanwhile.
fn letters(stage: &Stage<'_>, person: &mut Person) {
    let mut times = Vec::new();
    for _ in 0..WHILE {
        begin(person);
        for end in 1..=LETTERS.len() {
            let typed = format!("/{}", &LETTERS[..end]);
            let pressed = Instant::now();
            person.press(&LETTERS[end - 1..end]);
            times.push(shows(person, &typed, |text| text.contains(&typed)) - pressed);
        }
        leave(person, LETTERS);
    }
    report::times(&stage.figure("a letter to itself on the screen, while it searches"), Bound::P95(5.0), times);
}

/// Keys in the first hits while all other records are looked through.
fn keys(stage: &Stage<'_>, person: &mut Person) {
    let names = ["j", "<C-f>", "G", "<Home>"];
    let mut times = vec![Vec::new(); names.len()];
    for _ in 0..WHILE {
        begin(person);
        person.press("plan");
        first_hits(person, "plan");
        person.press("<Enter>").press("<Home>").cursor_is_on(&record_name(super::RECORDS));
        let turns = (0..names.len()).cycle();
        for key in turns {
            if told(&person.text(), "plan") != Some((PLANS as u64, true)) {
                break;
            }
            times[key].push(moves(person, names[key]));
        }
        leave(person, "plan");
    }
    for (key, times) in names.iter().zip(times) {
        report::times(&stage.figure(&format!("key {key} in the hits, while it searches")), Bound::P95(5.0), times);
    }
}

fn moves(person: &mut Person, key: &str) -> Duration {
    let before = cursor(&person.text());
    let pressed = Instant::now();
    person.press(key);
    shows(person, "the cursor moves", |text| cursor(text) != before) - pressed
}

/// What the database alone takes for the first page of what 30 keys have and of what none has, asked as the one who
/// would ask by hand: by its own clock, and by that of a client on a connection that is open. Without an index this is
/// what the screen's searches are held against on a machine that is not the one of their bounds.
pub async fn in_the_database(stage: &Stage<'_>, url: &str) {
    let mut connection = connect(url).await;
    let (runs, bound) = if stage.indexed { (STATEMENTS, Bound::Most(0.5)) } else { (ROUNDS, Bound::None) };
    for (needle, bound) in [("abc12", bound), ("zqx", Bound::None)] {
        let statement = format!(
            "SELECT * FROM s3_files WHERE object_key ILIKE '%{needle}%' \
             ORDER BY upload_timestamp DESC NULLS LAST, id DESC LIMIT 201"
        );
        let (mut inside, mut outside) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            inside.push(execution(&mut connection, &statement).await);
            let begun = Instant::now();
            let rows = raw_sql(AssertSqlSafe(statement.as_str())).fetch_all(&mut connection).await.unwrap();
            outside.push(begun.elapsed());
            assert_eq!(rows.is_empty(), needle == "zqx");
        }
        report::times(&stage.figure(&format!("{needle} in the database alone (EXPLAIN ANALYZE)")), bound, inside);
        report::times(&stage.figure(&format!("{needle}, the statement alone, a client's time")), Bound::None, outside);
    }
}

/// How long the server takes, by its own clock, without planning.
async fn execution(connection: &mut PgConnection, statement: &str) -> Duration {
    let explain = format!("EXPLAIN (ANALYZE, TIMING OFF) {statement}");
    let lines = raw_sql(AssertSqlSafe(explain)).fetch_all(connection).await.unwrap();
    let line = lines.last().unwrap().try_get_unchecked::<String, _>(0).unwrap();
    let milliseconds = line.trim_start_matches("Execution Time: ").trim_end_matches(" ms");
    Duration::from_secs_f64(milliseconds.parse::<f64>().unwrap() / 1000.0)
}
