//! The order of what waits, changed by keys in a real terminal: seen in the rows and in what runs next.

use super::queue::{home, limit};
use crate::support::home::noise;
use crate::support::pty::Person;

/// The files; each takes far longer than the test at the limit it sets.
const FILES: [&str; 4] = ["a.bin", "b.bin", "c.bin", "d.bin"];

/// Whether the row of a file in Transfers says a word.
fn says(screen: &vt100::Screen, file: &str, word: &str) -> bool {
    in_transfers(screen).iter().any(|row| row.contains(file) && row.contains(word))
}

/// Waits until the rows of Transfers are in that order.
fn rows_are(person: &mut Person, order: [&str; 4]) {
    person.sees_that(&format!("the order is {order:?}"), |screen| {
        let rows = in_transfers(screen);
        let shown: Vec<&str> =
            rows.iter().filter_map(|row| FILES.into_iter().find(|file| row.contains(file))).collect();
        shown == order
    });
}

/// The rows of the pane Transfers.
fn in_transfers(screen: &vt100::Screen) -> Vec<String> {
    let rows = screen.rows(0, screen.size().1.get());
    rows.skip_while(|row| !row.contains("3 Transfers")).collect()
}

#[test]
fn what_waits_is_moved_up_and_down_and_runs_in_that_order() {
    let (home, _far) = home();
    for (file, seed) in FILES.into_iter().zip(1..) {
        home.file(file, noise(20_000_000, seed));
    }
    let mut person = home.screen(120, 36);
    person.sees("d.bin");
    limit(&mut person, "1", "100K");
    person.press("1<C-a>").sees("4 marked").press("u").sees("Upload 4").press("<Enter>").sees("3 queued").press("3");
    rows_are(&mut person, FILES);
    person.sees_that("the first runs", |screen| says(screen, "a.bin", "%"));

    person.press("G").cursor_is_on("d.bin").press("K");
    rows_are(&mut person, ["a.bin", "b.bin", "d.bin", "c.bin"]);
    person.cursor_is_on("d.bin").press("K");
    rows_are(&mut person, ["a.bin", "d.bin", "b.bin", "c.bin"]);
    person.press("j").cursor_is_on("b.bin").press("J");
    rows_are(&mut person, ["a.bin", "d.bin", "c.bin", "b.bin"]);

    for (first, next) in [("a.bin", "d.bin"), ("d.bin", "c.bin"), ("c.bin", "b.bin")] {
        person.press("<Home>").cursor_is_on(first).press("x").sees("Cancel this").press("y");
        person.no_longer_sees("Cancel this");
        person.sees_that(&format!("{next} runs"), |screen| says(screen, next, "%"));
    }
    person.press("q");
}
