//! How old a list says it is: as old as its last reading that came to an end.

use chrono::{DateTime, Utc};
use std::time::Duration;

use super::stage::{Stage, file, folder};
use crate::app::Answer;
use crate::domain::{Failure, FailureKind};

fn age(stage: &Stage) -> Option<DateTime<Utc>> {
    stage.app.remote().read_at()
}

/// The records cannot be read.
fn fails(stage: &mut Stage) {
    let request = stage.asked("LoadRecords");
    let away = Failure::new(FailureKind::CatalogAway, "the connection was lost");
    stage.answer(request, Answer::Records { page: Err(away), took: Duration::ZERO });
}

/// The bucket cannot be read, or what is below.
fn bucket_fails(stage: &mut Stage, question: &str) {
    let away = Failure::new(FailureKind::Offline, "nobody answers");
    stage.answer(stage.asked(question), Answer::Objects(Err(away)));
}

#[test]
fn records_that_cannot_be_read_again_are_as_old_as_before() {
    let mut stage = Stage::full();
    let read_at = Some(stage.now());
    assert_eq!(age(&stage), read_at);
    stage.wait(60).press("2 R");
    for seconds in [2, 4, 8] {
        fails(&mut stage);
        assert_eq!((age(&stage), stage.remote().len()), (read_at, 3));
        stage.wait(seconds);
    }
    fails(&mut stage);
    assert_eq!(age(&stage), read_at);
    stage.wait(60).press("R");
    let asked_at = Some(stage.now());
    stage.pause(3_000).answer_records(&["new.png"], false);
    assert_eq!(age(&stage), asked_at, "what changed since the question may not be in it");
}

#[test]
fn a_level_of_the_bucket_that_cannot_be_read_again_is_as_old_as_before() {
    let mut stage = Stage::in_bucket(&["a.txt"]);
    let read_at = Some(stage.now());
    stage.wait(60).press("R");
    bucket_fails(&mut stage, "ListBucket");
    assert_eq!((age(&stage), stage.remote().len()), (read_at, 1));
    stage.wait(60).press("R");
    let asked_at = Some(stage.now());
    stage.answer_objects(&["a.txt"], None);
    assert_eq!(age(&stage), asked_at);
}

#[test]
fn a_reading_that_was_stopped_makes_no_list_younger() {
    let mut stage = Stage::in_bucket(&["a.txt"]);
    let read_at = age(&stage);
    stage.wait(60).press("R esc");
    assert_eq!(age(&stage), read_at);
    stage.press("v").wait(60).press("R esc");
    assert_eq!(age(&stage), read_at, "the records, too");
}

#[test]
fn a_level_that_was_not_waited_for_has_no_age() {
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("l esc");
    assert_eq!((age(&stage), stage.remote()), (None, vec!["..".to_owned()]));
}

#[test]
fn records_in_another_order_are_as_old_as_that() {
    let mut stage = Stage::full();
    stage.wait(60).press("2 o n").answer_records(&["mid.txt", "new.png"], false);
    assert_eq!(age(&stage), Some(stage.now()));
}

#[test]
fn what_was_found_makes_the_list_from_before_no_younger() {
    let mut stage = Stage::full();
    let read_at = age(&stage);
    stage.wait(60).press("2 / x").pause(1_000).answer_records(&["x"], false);
    stage.press("enter R").answer_records(&["x"], false).press("esc");
    assert_eq!((age(&stage), stage.remote().len()), (read_at, 3));
}

#[test]
fn a_search_below_has_its_own_age() {
    let mut stage = Stage::in_bucket(&["docs/", "a.txt"]);
    let read_at = age(&stage);
    stage.wait(60).press("/ a enter");
    let searched_at = Some(stage.now());
    stage.answer_below(&["a.txt"], None);
    assert_eq!(age(&stage), searched_at);
    stage.press("esc");
    assert_eq!(age(&stage), read_at);
}

#[test]
fn a_folder_that_cannot_be_read_again_has_no_new_age() {
    let mut stage = Stage::new();
    stage.answer_folder(vec![folder("sub"), file("a.txt", 1)]);
    let read_at = stage.app.browser().read_at();
    stage.wait(60).press("R");
    let gone = Failure::new(FailureKind::NotFound, "it is not there");
    stage.answer(stage.asked("ListFolder"), Answer::Folder(Err(gone)));
    assert_eq!(stage.app.browser().read_at(), read_at);
}
