//! Where the cursor is in a folder that was opened: on the first row of what is in it, not on the way back.

use super::stage::{Stage, file, folder};
use crate::app::Answer;
use crate::domain::{ListPage, Listed};

fn three() -> Vec<crate::domain::FileEntry> {
    vec![file("one", 1), file("three", 1), file("two", 1)]
}

#[test]
fn a_local_folder_is_opened_on_its_first_row_and_the_way_up_stands_above() {
    let mut stage = Stage::full();
    assert_eq!(stage.local_cursor(), "sub", "at the start");
    stage.press("l").answer_folder(three());
    assert_eq!((stage.local_cursor(), stage.local()[0].as_str()), ("one".into(), ".."));
    stage.press("k");
    assert_eq!(stage.local_cursor(), "..");
    stage.press("R").answer_folder(three());
    assert_eq!(stage.local_cursor(), "..", "read again, it is where it was");
    stage.press("enter").answer_folder(vec![folder("aaa"), folder("sub")]);
    assert_eq!(stage.local_cursor(), "sub", "the folder that was left");
    stage.press("l").answer_folder(vec![]);
    assert_eq!(stage.local_cursor(), "..", "there is nothing else");
    stage.press("R").answer_folder(three());
    assert_eq!(stage.local_cursor(), "..", "whoever stood in it while it was empty stays there");
}

#[test]
fn a_folder_that_shows_nothing_of_what_is_in_it_is_opened_on_the_way_up() {
    let mut stage = Stage::full();
    stage.press("l").answer_folder(vec![file(".hidden", 1)]);
    assert_eq!((stage.local(), stage.local_cursor()), (vec!["..".to_owned()], "..".into()));
}

#[test]
fn a_prefix_of_the_bucket_is_opened_on_its_first_row_once_that_is_there() {
    let mut stage = Stage::in_bucket(&["docs/", "readme.md"]);
    stage.press("l");
    assert_eq!(stage.remote_cursor(), "..", "there is nothing else yet");
    stage.answer_objects(&["docs/a", "docs/b/"], Some("more"));
    assert_eq!(stage.remote_cursor(), "a");
    let second = stage.asked("ListBucket");
    let entries = vec![Listed::Prefix("docs/c/".into())];
    stage.press("k").answer(second, Answer::Objects(Ok(ListPage { entries, next: None })));
    assert_eq!(stage.remote_cursor(), "..", "whoever moved stays there");
    stage.press("R").answer_objects(&["docs/a", "docs/b/", "docs/c/"], None);
    assert_eq!(stage.remote_cursor(), "..");
    stage.press("j j l").answer_objects(&[], None);
    assert_eq!((stage.app.remote().prefix(), stage.remote_cursor()), ("docs/b/", "..".into()));
    stage.press("R").answer_objects(&["docs/b/new"], None);
    assert_eq!(stage.remote_cursor(), "..", "whoever stood in it while it was empty stays there");
}

#[test]
fn a_prefix_whose_first_pages_are_empty_is_opened_on_its_first_row_all_the_same() {
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("l").answer_objects(&[], Some("more"));
    assert_eq!(stage.remote_cursor(), "..");
    stage.answer_objects(&["docs/a"], None);
    assert_eq!(stage.remote_cursor(), "a");
}

#[test]
fn a_folder_of_the_catalog_is_opened_on_its_first_row_whichever_way_it_was_opened() {
    let mut stage = Stage::full();
    stage.press("2 f").answer_shelf(&["docs/", "top.txt"], None);
    stage.press("l").answer_shelf(&["docs/2026/", "docs/plan.pdf"], None);
    assert_eq!(stage.remote_cursor(), "2026/");
    stage.press("f").answer_records(&["elsewhere.txt"], false);
    stage.press("f").answer_shelf(&["docs/2026/", "docs/plan.pdf"], None);
    assert_eq!((stage.remote()[0].as_str(), stage.remote_cursor()), ("..", "2026/".into()));
    stage.press("k A").answer_shelf(&["docs/2026/", "docs/plan.pdf"], None);
    assert_eq!(stage.remote_cursor(), "2026/", "it is another list");
    stage.press("k :").type_text("type pdf").press("enter").answer_shelf(&["docs/2026/", "docs/plan.pdf"], None);
    assert_eq!(stage.remote_cursor(), "..", "it is the same folder, narrowed");
}

#[test]
fn a_mark_typed_behind_open_is_for_the_first_row() {
    let mut stage = Stage::full();
    stage.press("l space").answer_folder(three());
    let list = stage.app.browser().list();
    assert_eq!((list.marked(), list.is_marked(1), stage.local_cursor().as_str()), (1, true, "three"));
}

/// In `docs/` of the bucket, whose first page ends before the prefix that was entered from its second.
fn in_a_prefix_from_the_second_page() -> (Stage, Vec<String>, Vec<String>) {
    let keys = |letter: char| (0..100).map(|number| format!("docs/{letter}{number:02}")).collect::<Vec<_>>();
    let (first, second) = (keys('a'), [keys('l'), vec!["docs/m/".to_owned()], keys('n')].concat());
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("l").answer_objects(&borrowed(&first), Some("second"));
    stage.press("G").answer_objects(&borrowed(&second), None);
    while stage.remote_cursor() != "m/" {
        stage.press("k");
    }
    stage.press("l").answer_objects(&["docs/m/x"], None);
    (stage, first, second)
}

fn borrowed(keys: &[String]) -> Vec<&str> {
    keys.iter().map(String::as_str).collect()
}

#[test]
fn whoever_goes_back_or_up_is_led_to_the_row_they_left_however_far_down() {
    for way in ["H", "h", "esc"] {
        let (mut stage, first, second) = in_a_prefix_from_the_second_page();
        stage.press(way).answer_objects(&borrowed(&first), Some("second"));
        assert_eq!(stage.remote_cursor(), "a00", "{way}: not there yet");
        stage.answer_objects(&borrowed(&second), None);
        assert_eq!(stage.remote_cursor(), "m/", "{way}");
    }
    let (mut stage, first, second) = in_a_prefix_from_the_second_page();
    stage.press("H H").answer_objects(&["docs/"], None);
    stage.press("L").answer_objects(&borrowed(&first), Some("second"));
    stage.answer_objects(&borrowed(&second), None);
    assert_eq!(stage.remote_cursor(), "m/", "it was passed through before it was there");
}

#[test]
fn whoever_goes_on_before_the_row_has_come_finds_it_when_they_return() {
    for way in ["H", "h"] {
        let (mut stage, first, second) = in_a_prefix_from_the_second_page();
        stage.press("H").answer_objects(&borrowed(&first), Some("second"));
        assert_eq!(stage.remote_cursor(), "a00", "{way}: not there yet");
        stage.press(way).answer_objects(&["docs/"], None);
        stage.press(if way == "H" { "L" } else { "H" }).answer_objects(&borrowed(&first), Some("second"));
        stage.answer_objects(&borrowed(&second), None);
        assert_eq!(stage.remote_cursor(), "m/", "{way}");
    }
}

#[test]
fn whoever_has_moved_or_opens_a_row_before_the_one_they_left_has_come_means_that_row() {
    let (mut stage, mut first, _) = in_a_prefix_from_the_second_page();
    stage.press("H").answer_objects(&borrowed(&first), Some("second"));
    stage.press("j H").answer_objects(&["docs/"], None);
    stage.press("L").answer_objects(&borrowed(&first), Some("second"));
    assert_eq!((stage.remote_cursor(), stage.asked_if("ListBucket")), ("a01".into(), None), "moved");
    let (mut stage, ..) = in_a_prefix_from_the_second_page();
    first.insert(0, "docs/a/".into());
    stage.press("H").answer_objects(&borrowed(&first), Some("second"));
    stage.press("l").answer_objects(&["docs/a/x"], None);
    stage.press("H").answer_objects(&borrowed(&first), Some("second"));
    assert_eq!((stage.remote_cursor(), stage.asked_if("ListBucket")), ("a/".into(), None), "opened");
}

#[test]
fn whoever_moves_on_while_it_is_read_is_left_where_they_are() {
    let (mut stage, first, second) = in_a_prefix_from_the_second_page();
    stage.press("H").answer_objects(&borrowed(&first), Some("second"));
    let request = stage.asked("ListBucket");
    let entries = second.iter().map(|key| super::stage::listed(key)).collect();
    stage.press("j").answer(request, Answer::Objects(Ok(ListPage { entries, next: None })));
    assert_eq!(stage.remote_cursor(), "a01");
}

#[test]
fn where_the_row_that_was_left_is_gone_the_cursor_is_where_it_stood() {
    let (mut stage, first, mut second) = in_a_prefix_from_the_second_page();
    second.retain(|key| key != "docs/m/");
    stage.press("H").answer_objects(&borrowed(&first), Some("second"));
    stage.answer_objects(&borrowed(&second), Some("third"));
    assert_eq!((stage.remote_cursor(), stage.asked_if("ListBucket")), ("n00".into(), None), "nothing more is read");
    let mut stage = Stage::full();
    stage.press("2 f").answer_shelf(&["a.txt", "docs/", "z.txt"], None);
    stage.press("j l").answer_shelf(&["docs/plan.pdf"], None);
    stage.press("h").answer_shelf(&["a.txt", "z.txt"], None);
    assert_eq!(stage.remote_cursor(), "z.txt");
    stage.press("H").answer_shelf(&[], None);
    stage.press("h").answer_shelf(&["a.txt", "b.txt"], None);
    assert_eq!(stage.remote_cursor(), "b.txt", "nothing stands behind it");
}

#[test]
fn a_row_that_was_missed_once_does_not_keep_marks_from_the_next_list() {
    let mut stage = Stage::full();
    stage.press("2 f").answer_shelf(&["a.txt", "docs/", "z.txt"], None);
    stage.press("j l").answer_shelf(&["docs/plan.pdf"], None);
    stage.press("h").answer_shelf(&["a.txt", "z.txt"], None);
    stage.press("A space").answer_shelf(&["a.txt", "z.txt"], None);
    assert_eq!((stage.app.list().marked(), stage.app.list().is_marked(0)), (1, true));
}
