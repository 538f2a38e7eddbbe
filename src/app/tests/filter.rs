//! The filter: what has the text first, and what merely has its letters where that is little.

use super::stage::{Stage, file, folder};
use crate::domain::FileEntry;

fn with(entries: Vec<FileEntry>) -> Stage {
    let mut stage = Stage::new();
    stage.answer_folder(entries);
    stage.answer_records(&["hero-picture.png", "photo.png"], false);
    stage
}

#[test]
fn what_has_the_text_stands_before_what_merely_has_its_letters() {
    let mut stage =
        with(vec![folder("hotel-photos"), file("a-pen.gif", 1), file("my-png", 1), file("p-n-g", 1), file("zpng", 1)]);
    stage.press("/").type_text("png");
    assert_eq!(stage.local(), ["my-png", "zpng", "p-n-g", "a-pen.gif"]);
    assert_eq!((stage.app.list().len(), stage.app.list().alike()), (4, 2));
    assert_eq!(stage.local_cursor(), "my-png");
}

#[test]
fn the_cursor_is_on_the_best_and_stays_on_a_row_that_has_the_text() {
    let mut stage = with(vec![file("h-e-r-o", 1), file("a-hero", 1), file("the-hero", 1)]);
    stage.press("G /").type_text("hero");
    assert_eq!((stage.local_cursor().as_str(), stage.local().len()), ("the-hero", 3));
    stage.press("esc g g j /").type_text("hero");
    assert_eq!(stage.local_cursor(), "a-hero", "the row before has only the letters");
    stage.press("ctrl-u").type_text("hro");
    assert_eq!(stage.app.list().alike(), 3);
}

#[test]
fn a_shorter_or_longer_filter_finds_anew() {
    let mut stage = with(vec![file("alpha-beta", 1), file("ab", 1), file("abx", 1), file("a-x-b", 1)]);
    stage.press("/").type_text("ab");
    assert_eq!(stage.local(), ["ab", "abx", "a-x-b", "alpha-beta"]);
    stage.type_text("x");
    assert_eq!(stage.local(), ["abx"]);
    stage.press("backspace");
    assert_eq!(stage.local().len(), 4);
    stage.press("esc");
    assert_eq!((stage.local().len(), stage.app.list().alike()), (5, 0));
}

#[test]
fn marking_all_takes_what_has_the_text_and_what_is_alike_only_where_nothing_has_it() {
    let mut stage = with(vec![file("hero", 1), file("h-e-r-o", 1)]);
    stage.press("/").type_text("hero").press("enter ctrl-a");
    assert_eq!((stage.app.list().marked(), stage.app.list().len()), (1, 2));
    stage.press("esc esc /").type_text("h--o").press("enter ctrl-a");
    assert_eq!((stage.app.list().marked(), stage.local()), (1, vec!["h-e-r-o".to_owned()]));
}

#[test]
fn more_than_a_screenful_of_hits_needs_nothing_like_them() {
    let mut entries: Vec<FileEntry> = (0..50).map(|number| file(&format!("ab-{number:02}"), 1)).collect();
    entries.push(file("b-a-b", 1));
    entries.push(file("x-a-b", 1));
    let mut stage = with(entries);
    stage.press("/").type_text("ab");
    assert_eq!((stage.app.list().len(), stage.app.list().alike()), (50, 0));
    stage.type_text("-49");
    assert_eq!(stage.local(), ["ab-49"]);
}

#[test]
fn pages_that_come_while_a_filter_is_in_force_put_what_has_its_text_first() {
    let mut stage = Stage::full();
    stage.press("2 v").answer_objects(&["a-b.txt", "k-e-y.txt"], Some("more"));
    let effects = stage.effects.clone();
    stage.press("/").type_text("key");
    stage.effects = effects;
    assert_eq!(stage.remote(), ["k-e-y.txt"]);
    stage.answer_objects(&["key.txt", "x.txt"], None);
    assert_eq!(stage.remote(), ["key.txt", "k-e-y.txt"]);
    assert_eq!(stage.remote_cursor(), "k-e-y.txt", "it stays on its row");
}

#[test]
fn the_guides_random_parts_are_found_by_their_text_and_not_by_their_letters() {
    let key = "3f2a9c1e-0d1b-4c57-9f0e-2b6f4f6d8a11-logo.svg";
    let mut stage = Stage::full();
    stage.press("2 v").answer_objects(&[key], None);
    stage.press("/").type_text("3f2a9c");
    assert_eq!(stage.remote(), [key]);
    stage.press("ctrl-u").type_text("cafe");
    assert_eq!(stage.remote(), [""; 0]);
    stage.press("ctrl-u").type_text("lgsvg");
    assert_eq!(stage.remote(), [key]);
}

/// Local with `png` kept as its filter, and `/` pressed again.
fn typing_again() -> Stage {
    let mut stage = Stage::full();
    stage.press("/").type_text("png").press("enter /");
    assert!(stage.app.typing().unwrap().is_whole());
    assert_eq!(stage.local(), ["b.png"]);
    stage
}

#[test]
fn what_was_kept_gives_way_to_the_first_letter() {
    let mut stage = typing_again();
    stage.type_text("tx");
    assert_eq!((stage.app.needle(), stage.local()), ("tx", vec!["a.txt".to_owned()]));
    assert!(!stage.app.typing().unwrap().is_whole());
    for key in ["backspace", "delete", "ctrl-h", "ctrl-u"] {
        let mut stage = typing_again();
        stage.press(key);
        assert_eq!((stage.app.needle(), stage.local().len()), ("", 4), "{key}");
    }
    let mut stage = typing_again();
    stage.event(crossterm::event::Event::Paste("a.t".into()));
    assert_eq!(stage.app.needle(), "a.t");
}

#[test]
fn what_was_kept_is_gone_on_with_by_a_key_that_moves_in_it() {
    let mut stage = typing_again();
    stage.press("left").type_text("x");
    assert_eq!(stage.app.needle(), "pnxg");
    let mut stage = typing_again();
    stage.press("down enter");
    assert_eq!((stage.app.needle(), stage.local()), ("png", vec!["b.png".to_owned()]), "kept as it was");
    stage.press("2 /");
    assert!(!stage.app.typing().unwrap().is_whole(), "no filter of Remote's to begin with");
}

#[test]
fn what_was_kept_is_offered_so_in_every_list() {
    let mut stage = Stage::in_bucket(&["docs/", "hero.png"]);
    stage.press("/").type_text("her").press("tab /").type_text("doc");
    assert_eq!(stage.app.needle(), "doc");
    stage.press("esc v /").type_text("mid").press("enter /").type_text("o");
    assert_eq!(stage.app.needle(), "o");
    stage.press("3 /").type_text("a").press("enter /").type_text("b");
    assert_eq!(stage.app.needle(), "b");
}
