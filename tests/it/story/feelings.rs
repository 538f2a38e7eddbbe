//! What makes a screen pleasant: nothing is lost over a refresh, a stop or another size, what was taken away by mistake comes
//! back, and what was said can be read again.

use crate::support::home::noise;
use crate::support::program::Home;

use super::queue::{home as far_home, limit};

/// A home with files of which two are in the bucket.
fn home() -> Home {
    let home = Home::new();
    for name in ["docs/one.txt", "hero.png", "logo.png", "plan.txt"] {
        home.file(name, name);
    }
    for name in ["hero.png", "logo.png"] {
        home.run(["upload", name, "--key", &format!("site/{name}")]).with(0);
    }
    home
}

#[test]
fn a_refresh_keeps_cursor_marks_and_filter_and_shows_what_is_new() {
    let home = home();
    let mut person = home.screen(120, 36);
    person.sees("plan.txt").press("/png<Enter>").sees("2 of 4").press("j<Space>").sees("1 marked").press("G");
    person.cursor_is_on("logo.png");
    home.file("another.png", "new");
    person.press("R").sees("3 of 5").sees("another.png").sees("1 marked").cursor_is_on("logo.png");
    person.press("<Esc>").sees("plan.txt").cursor_is_on("logo.png").press("<Esc>").no_longer_sees("marked");
    person.press("2").sees("as of").cursor_is_on("logo.png").press("j").cursor_is_on("hero.png");
    home.run(["upload", "another.png", "--key", "site/another.png"]).with(0);
    person.press("R").sees("site/another.png").cursor_is_on("hero.png").sees("uploaded, 3 B").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn every_dialog_stands_whole_in_a_window_of_any_other_size() {
    let home = home();
    let mut person = home.screen(120, 36);
    person.sees("plan.txt").sees("2 files").press("2").cursor_is_on("site/");
    for (keys, title) in [
        ("?", "Help"),
        (":", "Command"),
        ("P", "Profiles"),
        ("!", "Messages"),
        ("D", "Delete 1 object?"),
        ("yL", "How long is the link"),
        ("yP", "Have somebody upload"),
        ("B", "Bucket windlass"),
        ("gp", "Jump"),
        ("S", "Save"),
    ] {
        person.press(keys).sees(title);
        for (width, height) in [(80, 24), (40, 10), (120, 36)] {
            let frames = person.frames();
            // The next frame is of that size, and a key that comes with the signal itself could wait for the next one.
            person.resize(width, height).frame(frames);
            person.sees_that(&format!("{title} is whole at {width}x{height}"), |screen| {
                let rows: Vec<String> = screen.rows(0, width).collect();
                let top = rows.iter().position(|row| row.contains(&format!("─ {title}")));
                top.is_some_and(|top| rows[top].contains('╮') && rows[top..].iter().any(|row| row.contains('╯')))
            });
        }
        person.press("<Esc>").no_longer_sees(&format!("─ {title}"));
    }
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
    assert!(person.terminal_is_as_before());
}

#[test]
fn a_stop_and_a_return_find_everything_where_it_was() {
    let home = home();
    let shell = ["bash", "--norc", "--noprofile", "-i"];
    let mut person = home.in_terminal(&shell, &[("PS1", "shell> ")], 100, 30);
    person.sees("shell>").press(&format!("{}<Enter>", env!("CARGO_BIN_EXE_windlass")));
    person.sees("plan.txt").press("/png<Enter>").sees("2 of 4").press("j<Space>").sees("1 marked");
    person.press("<C-z>").sees("Stopped").press("fg<Enter>").sees("2 of 4").sees("1 marked");
    person.cursor_is_on("png").press("q").no_longer_sees("1 marked").press("exit<Enter>").ended();
}

#[test]
fn a_cancelled_queue_comes_back_and_what_was_said_can_be_read_again() {
    let (home, _far) = far_home();
    for (name, seed) in [("one.bin", 1), ("two.bin", 2)] {
        home.file(name, noise(8_000_000, seed));
    }
    let mut person = home.screen(120, 36);
    person.sees("two.bin");
    limit(&mut person, "4", "1M");
    person.press("1<C-a>u").sees("Upload 2 files").sees("2 files, 15.3 MiB").press("<Enter>").sees("2 running");
    person.press("3<C-a>x").sees("Cancel 2 transfers?").press("y").sees("cancelled: r tries again");
    person.no_longer_sees("2 running").press("U").sees("2 running");
    limit(&mut person, "4", "0");
    person.sees("uploaded 2 of 2").press("!").sees("Messages").sees("queued 2 uploads").sees("uploaded 2 of 2");
    person.press("<Esc>").no_longer_sees("Messages").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}
