//! Going to what is further down than what was read: pages are read until it comes, or cannot come any more.

use std::time::Duration;

use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::stage::{Stage, listed, record};
use crate::app::{Answer, Dialog, Effect, RequestId};
use crate::domain::{Failure, FailureKind, ListPage, ShelfPage, Shelved};

fn jump(stage: &mut Stage, to: &str) {
    stage.press("g p").type_text(to).press("enter");
}

/// Why what was typed is not gone to; `None` where the question is closed.
fn problem(stage: &Stage) -> Option<Option<&str>> {
    match stage.app.dialog() {
        Some(Dialog::Prompt(prompt)) => Some(prompt.problem()),
        _ => None,
    }
}

/// These keys and, before them, a hundred that begin with the letter: more than the screen would ask to go on from.
fn many(letter: char, more: &[&str]) -> Vec<String> {
    let hundred = (0..100).map(|number| format!("docs/{letter}{number:02}"));
    hundred.chain(more.iter().map(|key| (*key).to_owned())).collect()
}

fn borrowed(keys: &[String]) -> Vec<&str> {
    keys.iter().map(String::as_str).collect()
}

/// In the bucket, with a jump to `docs/m` under way, of which the first page has nothing.
fn looking() -> (Stage, RequestId) {
    let mut stage = Stage::in_bucket(&["a.txt", "docs/"]);
    jump(&mut stage, "docs/m");
    stage.answer_objects(&borrowed(&many('a', &[])), Some("more"));
    let request = stage.asked("ListBucket");
    (stage, request)
}

fn page(keys: &[String], next: Option<&str>) -> Answer {
    let entries = keys.iter().map(|key| listed(key)).collect();
    Answer::Objects(Ok(ListPage { entries, next: next.map(str::to_owned) }))
}

/// What the catalog was asked for: where the page begins, and how long it may be.
fn shelves(stage: &Stage) -> Vec<(Option<String>, u32)> {
    let of = |effect: &Effect| match effect {
        Effect::LoadShelf { after, limit, .. } => Some((after.clone(), *limit)),
        _ => None,
    };
    stage.effects.iter().filter_map(of).collect()
}

#[test]
fn pages_are_read_until_the_key_comes() {
    let (mut stage, second) = looking();
    assert_eq!(problem(&stage), Some(None), "nobody knows yet");
    stage.answer(second, page(&many('c', &[]), Some("on")));
    assert_eq!(stage.remote_cursor(), "a00");
    let third = stage.asked("ListBucket");
    let keys = [many('l', &["docs/m"]), many('n', &[])].concat();
    stage.answer(third, page(&keys, Some("further")));
    assert_eq!((stage.remote_cursor().as_str(), problem(&stage)), ("m", None));
    assert_eq!(stage.asked_if("ListBucket"), None, "no more than are needed");
}

#[test]
fn a_key_that_cannot_come_any_more_is_missing_at_once() {
    let (mut stage, second) = looking();
    stage.answer(second, page(&many('c', &["docs/m-1"]), Some("on")));
    let third = stage.asked("ListBucket");
    stage.answer(third, page(&["docs/ma".to_owned()], Some("further")));
    assert_eq!(problem(&stage), Some(Some("there is no docs/m in prod-bucket: look at its spelling")));
    assert_eq!(stage.asked_if("ListBucket"), None, "docs/m/ would have stood before");
}

#[test]
fn whoever_moves_on_is_left_where_they_are() {
    let (mut stage, second) = looking();
    stage.press("esc j").answer(second, page(&many('l', &["docs/m"]), Some("further")));
    assert_eq!((stage.remote_cursor().as_str(), stage.said()), ("a01", vec![]));
    let (mut stage, second) = looking();
    stage.type_text("ore").answer(second, page(&many('c', &[]), Some("further")));
    assert_eq!((problem(&stage), stage.asked_if("ListBucket")), (Some(None), None), "something else is typed");
}

/// A search for `m` in the catalog's folders, whose hit was opened.
fn opening_a_hit() -> Stage {
    let mut stage = Stage::full();
    stage.press("2 f").answer_shelf(&["docs/"], None);
    stage.press("/").type_text("m").answer_records(&["docs/m"], false);
    stage.press("enter l");
    stage
}

fn shelf(keys: &[String], next: Option<&str>) -> Answer {
    let entries = keys.iter().map(|key| Shelved::Record(Box::new(record(key, 0)))).collect();
    let page = Ok(ShelfPage { entries, next: next.map(str::to_owned) });
    Answer::Shelf { page, took: Duration::ZERO }
}

#[test]
fn a_hit_that_is_opened_is_found_in_its_folder_however_far_down_it_is() {
    let mut stage = opening_a_hit();
    assert_eq!(shelves(&stage), [(None, 200)]);
    let first = stage.asked("LoadShelf");
    stage.answer(first, shelf(&many('a', &[]), Some("docs/b")));
    assert_eq!(shelves(&stage), [(Some("docs/b".to_owned()), 1000)], "by longer pages");
    let second = stage.asked("LoadShelf");
    let keys = [many('l', &["docs/m"]), many('n', &[])].concat();
    stage.answer(second, shelf(&keys, Some("docs/o")));
    assert_eq!((stage.remote_cursor().as_str(), shelves(&stage)), ("m", vec![]));
}

#[test]
fn what_may_come_behind_all_that_is_kept_is_not_said_to_be_missing() {
    let mut stage = Stage::full();
    stage.press("2 f").answer_shelf(&["a.txt", "docs/"], None);
    jump(&mut stage, "docs/z");
    let keys: Vec<String> = (0..50_000).map(|number| format!("docs/{number:05}")).collect();
    stage.answer_shelf(&borrowed(&keys), Some("docs/500000"));
    let why = "docs/z is not among the first 50,000 of its prefix, and more are not kept: / searches for it";
    assert_eq!(problem(&stage), Some(Some(why)));
}

#[test]
fn a_range_that_waits_begins_at_the_key_and_does_not_stop_the_reading() {
    let mut stage = opening_a_hit();
    let first = stage.asked("LoadShelf");
    stage.press("V").answer(first, shelf(&many('a', &[]), Some("docs/b")));
    assert!(!stage.app.list().is_marking_range());
    let second = stage.asked("LoadShelf");
    stage.answer(second, shelf(&many('l', &["docs/m"]), None));
    assert_eq!((stage.remote_cursor().as_str(), stage.app.list().marked()), ("m", 1));
}

#[test]
fn marks_that_wait_for_a_key_are_made_nowhere_else() {
    for (keys, next) in [("space", None), ("space tab", Some("docs/b")), ("space 2 V esc", Some("docs/b"))] {
        let mut stage = opening_a_hit();
        let first = stage.asked("LoadShelf");
        stage.press(keys).answer(first, shelf(&many('a', &[]), next)).press("2");
        assert_eq!(stage.app.list().marked(), 0, "{keys}: the key is not there, or somebody moved on");
    }
}

#[test]
fn a_page_that_failed_leaves_the_keys_to_what_is_shown() {
    let mut stage = opening_a_hit();
    let first = stage.asked("LoadShelf");
    stage.answer(first, shelf(&many('a', &[]), Some("docs/b")));
    let second = stage.asked("LoadShelf");
    let page = Err(Failure::new(FailureKind::Offline, "it is gone"));
    stage.answer(second, Answer::Shelf { page, took: Duration::ZERO }).press("j space");
    assert_eq!(stage.app.list().marked(), 1);
}

#[test]
fn a_click_stops_the_reading_as_a_key_does() {
    let mut stage = opening_a_hit();
    let first = stage.asked("LoadShelf");
    stage.answer(first, shelf(&many('a', &[]), Some("docs/b")));
    let second = stage.asked("LoadShelf");
    let remote = stage.app.layout().remote.unwrap();
    let (column, row) = (remote.x + 3, remote.y + 4);
    let kind = MouseEventKind::Down(MouseButton::Left);
    stage.event(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    assert_eq!(stage.remote_cursor(), "a02");
    stage.answer(second, shelf(&many('l', &["docs/m"]), Some("docs/n")));
    assert_eq!((stage.remote_cursor().as_str(), shelves(&stage)), ("a02", vec![]));
}
