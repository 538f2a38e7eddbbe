//! Marks that are typed right behind the key that opens a folder: they are for what is in it.

use super::stage::{Stage, file, folder};
use crate::app::Answer;
use crate::app::notices::Level;
use crate::domain::{Failure, FailureKind};

fn three() -> Vec<crate::domain::FileEntry> {
    vec![file("one", 1), file("three", 1), file("two", 1)]
}

/// The names in Local that are marked, or in the range.
fn marked(stage: &Stage) -> Vec<String> {
    let names = stage.local().into_iter().enumerate();
    names.filter(|(position, _)| stage.app.browser().list().is_marked(*position)).map(|(_, name)| name).collect()
}

#[test]
fn a_range_that_is_begun_behind_open_is_drawn_in_the_folder_that_opens() {
    let mut stage = Stage::full();
    stage.press("l V j");
    assert_eq!((marked(&stage), stage.local_cursor().as_str()), (vec![], "sub"), "nothing of this folder is meant");
    stage.answer_folder(three());
    assert_eq!((marked(&stage), stage.local_cursor().as_str()), (vec!["one".to_owned(), "three".to_owned()], "three"));
    assert!(stage.app.list().is_marking_range());
    stage.press("V h").answer_folder(vec![folder("sub"), file("a.txt", 10)]);
    assert_eq!((marked(&stage), stage.local_cursor().as_str()), (vec![], "sub"));
}

#[test]
fn marks_wait_and_are_made_though_somebody_has_gone_to_another_pane() {
    let mut stage = Stage::full();
    stage.press("l ctrl-a 2").answer_folder(three());
    assert_eq!((marked(&stage), stage.app.list().marked()), (vec!["one".into(), "three".into(), "two".into()], 0));
}

#[test]
fn where_the_folder_cannot_be_read_or_is_not_wanted_nothing_is_marked() {
    let mut stage = Stage::full();
    stage.press("l space space");
    let request = stage.asked("ListFolder");
    stage.answer(request, Answer::Folder(Err(Failure::new(FailureKind::Local, "cannot read sub"))));
    assert_eq!((marked(&stage), stage.local_cursor().as_str()), (vec![], "sub"));
    stage.press("l V esc").press("l").answer_folder(three());
    assert!(!stage.app.list().is_marking_range(), "it was given up with the folder");
    stage.press("H").answer_folder(vec![folder("sub"), file("a.txt", 10)]);
    stage.press("l V").press("h").answer_folder(vec![folder("sub")]);
    assert!(!stage.app.list().is_marking_range(), "another folder was gone to instead");
}

#[test]
fn steps_alone_move_in_what_is_shown_and_an_upload_of_what_is_not_there_says_so() {
    let mut stage = Stage::full();
    stage.press("l j");
    assert_eq!(stage.local_cursor(), "a.txt");
    stage.press("V u");
    assert!(stage.app.dialog().is_none() && stage.asked_if("MakeKey").is_none());
    assert_eq!(stage.said(), ["upload: your marks wait for what is still being read"]);
    assert_eq!(stage.app.notices().shown()[0].level, Level::Refusal, "no step of its own for Esc");
}

#[test]
fn a_range_that_is_begun_before_a_prefix_is_listed_begins_where_the_cursor_will_be() {
    let mut stage = Stage::in_bucket(&["docs/", "readme.md"]);
    stage.press("l").answer_objects(&["docs/a", "docs/b/"], None);
    stage.press("h V j").answer_objects(&["a.txt", "b.txt", "docs/", "readme.md"], None);
    let list = stage.app.list();
    let marked: Vec<bool> = (0..list.len()).map(|position| list.is_marked(position)).collect();
    assert_eq!((stage.remote_cursor().as_str(), marked), ("readme.md", vec![false, false, true, true]));
}
