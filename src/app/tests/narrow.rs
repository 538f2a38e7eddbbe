//! Lists narrowed to files of a type, a size or an age.

use chrono::TimeDelta;

use super::stage::{Stage, file, folder};
use crate::action::Action;
use crate::app::Answer;
use crate::domain::{FileEntry, ListPage, Narrow};

/// `sub/`, a picture of 20 MiB, one of a KiB, text, a name that tells no type, and a file whose size is not known.
fn full() -> Stage {
    let mut stage = Stage::new();
    let unknown = FileEntry { size: None, ..file("void.png", 0) };
    stage.answer_folder(vec![
        folder("sub"),
        file("big.png", 20 << 20),
        file("notes.txt", 300),
        file("README", 10),
        file("small.jpg", 1024),
        unknown,
    ]);
    stage.answer_records(&["new.png"], false);
    stage
}

fn line(stage: &mut Stage, text: &str) {
    stage.press(":").type_text(text).press("enter");
}

#[test]
fn a_line_of_the_palette_narrows_and_what_is_not_known_is_left_out_and_said() {
    let mut stage = full();
    line(&mut stage, "type image");
    assert_eq!(stage.local(), ["..", "sub", "big.png", "small.jpg", "void.png"], "folders stay, for what is in them");
    assert_eq!(stage.said(), ["image: 2 left out, 1 of them because that is not known of them; folders stay"]);
    line(&mut stage, "larger 10M");
    assert_eq!(stage.local(), ["..", "sub", "big.png"]);
    assert_eq!(
        stage.said()[1],
        "image ≥ 10.0 MiB: 4 left out, 1 of them because that is not known of them; folders stay"
    );
    line(&mut stage, "smaller 15M");
    assert_eq!(stage.local(), ["..", "sub"]);
    assert_eq!(stage.app.list().left_out().all, 5);
}

#[test]
fn a_key_asks_and_an_empty_answer_takes_that_away() {
    let mut stage = full();
    stage.press("F t").type_text("jpg").press("enter");
    assert_eq!(stage.local(), ["..", "sub", "small.jpg"]);
    stage.press("F s").type_text("big").press("enter");
    assert!(stage.app.dialog().is_some(), "what is no size is not taken");
    stage.press("ctrl-u").type_text("1K").press("enter");
    assert_eq!(stage.local(), ["..", "sub", "small.jpg"]);
    stage.press("F t ctrl-u enter");
    assert_eq!(
        (stage.local(), stage.app.list().narrow().words()),
        (["..", "sub", "notes.txt", "README", "small.jpg"].map(str::to_owned).to_vec(), "≤ 1.0 KiB".to_owned())
    );
}

#[test]
fn an_age_counts_from_now() {
    let mut stage = Stage::new();
    let aged = |name: &str, days| FileEntry { modified: Some(stage.now() - TimeDelta::days(days)), ..file(name, 1) };
    let entries = vec![aged("new", 1), aged("old", 3), file("unknown", 1)];
    stage.answer_folder(entries);
    line(&mut stage, "since 2d");
    assert_eq!(stage.local(), ["..", "new"]);
}

#[test]
fn esc_clears_the_filter_first_and_undo_brings_back_what_it_cleared() {
    let mut stage = full();
    line(&mut stage, "type image");
    stage.press("/").type_text("big").press("enter");
    assert_eq!(stage.local(), ["big.png"]);
    stage.press("esc");
    assert_eq!(stage.local(), ["..", "sub", "big.png", "small.jpg", "void.png"]);
    stage.press("esc");
    assert_eq!(stage.local().len(), 7);
    assert!(stage.app.disabled(Action::NarrowClear).is_some(), "nothing is narrowed any more");
    stage.press("U");
    assert_eq!(stage.local().len(), 5);
    stage.press("F x");
    assert_eq!(stage.local().len(), 7);
}

#[test]
fn it_holds_for_what_is_read_again_and_for_the_next_folder_and_keeps_the_cursor() {
    let mut stage = full();
    stage.press("G k");
    assert_eq!(stage.local_cursor(), "small.jpg");
    line(&mut stage, "type image");
    assert_eq!(stage.local_cursor(), "small.jpg");
    stage.press("R").answer_folder(vec![folder("sub"), file("a.txt", 1), file("new.gif", 1), file("small.jpg", 1)]);
    assert_eq!(
        (stage.local(), stage.local_cursor()),
        (["..", "sub", "new.gif", "small.jpg"].map(str::to_owned).to_vec(), "small.jpg".to_owned())
    );
    stage.press("g g j l").answer_folder(vec![file("b.txt", 1), file("in.png", 1)]);
    assert_eq!(stage.local(), ["..", "in.png"]);
}

#[test]
fn pages_of_the_bucket_are_narrowed_as_they_come_and_another_profile_begins_without() {
    let mut stage = Stage::full();
    stage.press("2 v").answer_objects(&["a.txt", "b.png", "c/"], Some("more"));
    let effects = stage.effects.clone();
    line(&mut stage, "type image/png");
    stage.effects = effects;
    assert_eq!(stage.remote(), ["b.png", "c/"]);
    stage.answer_objects(&["d.png", "e.pdf"], None);
    assert_eq!(stage.remote(), ["b.png", "c/", "d.png"]);
    assert_eq!(stage.app.list().left_out().all, 2);
    line(&mut stage, "profile other");
    assert_eq!(*stage.app.remote().list().narrow(), Narrow::default());
}

#[test]
fn a_narrowed_bucket_does_not_read_on_by_itself() {
    let mut stage = Stage::full();
    stage.press("2 v").answer_objects(&["a.txt", "b.txt"], Some("b.txt"));
    assert!(stage.asked_if("ListBucket").is_some(), "all of two rows: the next page is near");
    stage.answer_objects(&["c.txt"], Some("c.txt"));
    let request = stage.asked("ListBucket");
    line(&mut stage, "type video");
    let page = ListPage { entries: Vec::new(), next: Some("d.txt".into()) };
    stage.answer(request, Answer::Objects(Ok(page)));
    assert_eq!(stage.asked_if("ListBucket"), None);
}

#[test]
fn the_cursor_lands_on_a_row_and_not_on_the_way_up() {
    let mut stage = Stage::full();
    stage.press("2 v").answer_objects(&["d/"], None);
    stage.press("enter").answer_objects(&["d/a.txt", "d/b.png", "d/c/", "d/d.png"], None);
    assert_eq!(stage.remote_cursor(), "a.txt");
    line(&mut stage, "type image");
    assert_eq!((stage.remote_cursor(), stage.said()), ("b.png".into(), vec!["image: 1 left out; folders stay"]));
    stage.press("g g");
    line(&mut stage, "type text");
    assert_eq!(stage.remote_cursor(), "..", "where somebody has put it");
}

#[test]
fn the_cursor_is_on_the_first_row_also_where_the_first_page_has_none() {
    let mut stage = Stage::full();
    stage.press("2 v").answer_objects(&["d/"], None);
    stage.press("enter").answer_objects(&["d/a.txt"], Some("more"));
    let effects = stage.effects.clone();
    line(&mut stage, "type image");
    assert_eq!(stage.remote(), [".."]);
    stage.effects = effects;
    stage.answer_objects(&["d/b.png"], None);
    assert_eq!((stage.remote(), stage.remote_cursor()), (vec!["..".to_owned(), "b.png".into()], "b.png".into()));
}

#[test]
fn a_filter_that_found_nothing_leaves_the_cursor_on_a_row() {
    let mut stage = full();
    stage.press("/").type_text("zzz").press("esc");
    assert_eq!(stage.local_cursor(), "sub");
}
