//! A million records put in another order by the database, and scrolled: from a key to the first rows that it brings.

use std::time::{Duration, Instant};

use super::million::{Stage, shows};
use super::support::fill::record_name;
use super::support::pty::Person;
use super::support::report::{self, Bound};

/// How often each order is asked for.
const ROUNDS: usize = 10;

/// Pages that are scrolled through.
const PAGES: usize = 300;

/// Records that the screen keeps at once.
const KEPT: usize = 50_000;

/// After so long a key has come to nothing.
const A_MOMENT: Duration = Duration::from_millis(20);

/// The order at the start; the frame has no room for its name beside the hour.
const NEWEST: &str = "newest first";

/// The keys of the orders, what the frame calls each, and what its rows may take: size and type have no index.
const ORDERS: [(&str, &str, f64); 8] = [
    ("on", "by name ↓", 50.0),
    ("on", "by name ↑", 50.0),
    ("os", "by size ↑", 300.0),
    ("os", "by size ↓", 300.0),
    ("ot", "by type ↓", 300.0),
    ("ot", "by type ↑", 300.0),
    ("od", "by date ↑", 50.0),
    ("od", NEWEST, 50.0),
];

/// Every order there and back, then the list from its top to the end of what is kept.
pub fn orders(stage: &Stage<'_>) {
    let mut person = stage.open();
    let mut times = vec![Vec::new(); ORDERS.len()];
    for _ in 0..ROUNDS {
        for ((keys, words, _), times) in ORDERS.iter().zip(&mut times) {
            times.push(put_in_order(&mut person, keys, words));
        }
    }
    for ((keys, words, bound), times) in ORDERS.iter().zip(times) {
        report::times(&stage.figure(&format!("keys {keys} to the first rows {words}")), Bound::P95(*bound), times);
    }
    scroll(stage, &mut person);
    person.press("q").ended();
}

fn put_in_order(person: &mut Person, keys: &str, words: &str) -> Duration {
    let pressed = Instant::now();
    person.press(keys);
    shows(person, words, |text| is_shown(text, words)) - pressed
}

fn is_shown(text: &str, words: &str) -> bool {
    match words {
        // Oldest first is what was shown before.
        NEWEST => text.contains(&record_name(super::RECORDS)),
        _ => text.contains(words) && !text.contains("reading …"),
    }
}

fn scroll(stage: &Stage<'_>, person: &mut Person) {
    person.press("<Home>").cursor_is_on(&record_name(super::RECORDS));
    let pages = (0..PAGES).map(|_| one_page_down(person)).collect();
    report::times(&stage.figure("key ^f to changed screen, pages read on the way"), Bound::P95(5.0), pages);
    let pressed = Instant::now();
    super::lists::to_the_end(person, &record_name(super::RECORDS - KEPT + 1));
    report::times(&stage.figure("G to the last of 50,000, 250 pages read"), Bound::None, vec![pressed.elapsed()]);
}

/// A key at the end of what is read comes to nothing: then it is pressed again, and both count as one.
fn one_page_down(person: &mut Person) -> Duration {
    let before = cursor(&person.text());
    let pressed = Instant::now();
    while cursor(&person.text()) == before {
        let again = Instant::now() + A_MOMENT;
        person.press("<C-f>");
        while Instant::now() < again && cursor(&person.text()) == before {
            std::thread::sleep(A_MOMENT / 100);
        }
    }
    shows(person, "the cursor moves", |text| cursor(text) != before) - pressed
}

/// The row under the cursor.
pub fn cursor(text: &str) -> Option<String> {
    text.lines().find_map(|row| Some(row.rsplit_once('▎')?.1.to_owned()))
}
