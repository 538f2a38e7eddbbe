//! What goes over a slow line: how many bytes a key costs with both panes full of names that have nothing in common.

use crate::support::program::Home;
use crate::support::pty::Person;

/// Files and records; more than a screen has rows.
const ROWS: u32 = 60;

/// A name that shares no letter's place with the next one.
fn name(number: u32) -> String {
    let noise = number.wrapping_add(1).wrapping_mul(2_654_435_761);
    format!("{number:02}-{noise:08x}-{:04x} pic.jpg", noise >> 5 & 0xffff)
}

/// Presses a key so many times, each time waiting for its frame; the median of the bytes that came.
fn bytes_of(person: &mut Person, key: &str, times: usize) -> u64 {
    let mut all: Vec<u64> = (0..times)
        .map(|_| {
            let (frames, bytes) = (person.frames(), person.bytes());
            person.press(key).frame(frames);
            person.bytes() - bytes
        })
        .collect();
    all.sort_unstable();
    all[times / 2]
}

#[test]
fn a_key_costs_under_a_kibibyte_a_page_less_than_a_whole_screen_and_that_under_twelve() {
    let home = Home::new();
    let names: Vec<String> = (0..ROWS).map(name).collect();
    for name in &names {
        home.file(name, name);
    }
    home.run(["upload"].into_iter().chain(names.iter().map(String::as_str))).with(0);
    // The second brings its own ground to a terminal that does not tell its own: no cell is left out.
    for theme in ["auto", "light"] {
        home.configure(&format!("theme = \"{theme}\"\n"));
        let mut person = home.screen(120, 36);
        person.sees(&name(0)).sees(&format!("{ROWS} files")).cursor_is_on(&name(0));
        let down = bytes_of(&mut person, "j", 15);
        let whole = bytes_of(&mut person, "<C-l>", 3);
        person.press("G").cursor_is_on(&name(ROWS - 1));
        let page = bytes_of(&mut person, "<C-b>", 1);
        println!("{theme}: j {down}, ^b {page}, ^l {whole} bytes");
        assert!(down < 1 << 10, "{down} bytes for j");
        assert!(whole < 12 << 10, "{whole} bytes for ^l");
        // One pane's rows and no frame, header or other pane.
        assert!(page < whole, "{page} bytes for ^b, {whole} for ^l");
        person.press("q").ended();
    }
}
