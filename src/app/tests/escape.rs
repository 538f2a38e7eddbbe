//! Esc closes, clears and goes back, in that order, and says where it went.

use super::stage::{Stage, file, folder};
use crate::app::Answer;
use crate::domain::{Failure, FailureKind};

fn in_sub() -> Stage {
    let mut stage = Stage::full();
    stage.press("l").answer_folder(vec![folder("deep"), file("inside", 1)]);
    stage
}

#[test]
fn esc_that_goes_to_another_folder_says_which_and_how_to_return() {
    let mut stage = in_sub();
    stage.press("/").type_text("ins").press("enter space");
    stage.press("esc").press("esc");
    assert_eq!((stage.said(), stage.asked_if("ListFolder")), (vec![], None), "filter and marks are cleared first");
    stage.press("esc");
    assert_eq!(stage.said(), [""; 0], "not before it is there");
    stage.answer_folder(vec![folder("sub")]);
    assert_eq!(stage.said(), ["Esc went back to ~; L goes forward again"]);
    stage.press("L").answer_folder(vec![folder("deep"), file("inside", 1)]);
    stage.wait(10).press("H").answer_folder(vec![folder("sub")]);
    assert_eq!(stage.said(), [""; 0], "who presses the key for it knows");
}

#[test]
fn esc_goes_back_though_a_folder_is_read_that_nobody_asked_for() {
    let mut stage = in_sub();
    let watch = stage.asked("WatchFolder");
    stage.answer(watch, Answer::FolderChanged).wait(1).asked("ListFolder");
    stage.press("esc").answer_folder(vec![folder("sub")]);
    assert_eq!(stage.said(), ["Esc went back to ~; L goes forward again"]);
}

#[test]
fn a_folder_that_esc_cannot_go_back_to_is_not_said_to_be_shown() {
    let mut stage = in_sub();
    stage.press("esc");
    let request = stage.asked("ListFolder");
    stage.answer(request, Answer::Folder(Err(Failure::new(FailureKind::Local, "cannot read it"))));
    assert_eq!(stage.said(), ["cannot read it"]);
}

#[test]
fn one_esc_after_the_other_goes_back_step_by_step_without_stopping_at_its_own_notice() {
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("l").answer_objects(&["docs/deep/"], None);
    stage.press("j l").answer_objects(&["docs/deep/x"], None);
    stage.press("esc").answer_objects(&["docs/deep/"], None);
    assert_eq!(
        (stage.app.remote().prefix(), stage.said()),
        ("docs/", vec!["Esc went back to docs/; L goes forward again"])
    );
    stage.press("esc").answer_objects(&["docs/"], None);
    let told = "Esc went back to the top of prod-bucket; L goes forward again";
    assert_eq!((stage.app.remote().prefix(), stage.said()), ("", vec![told]), "one notice takes the other's place");
    stage.press("esc");
    assert_eq!(stage.said(), [""; 0], "there is nothing further back");
}

#[test]
fn another_notice_is_still_closed_before_esc_goes_back() {
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("l").answer_objects(&["docs/deep/"], None);
    stage.press("m d esc");
    assert_eq!((stage.app.remote().prefix(), stage.said()), ("docs/", vec![]));
    stage.press("esc");
    assert_eq!(stage.app.remote().prefix(), "");
}

#[test]
fn a_notice_that_nothing_was_done_takes_no_press_of_its_own() {
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("l").answer_objects(&["docs/deep/"], None);
    stage.press("h").answer_objects(&["docs/"], None);
    stage.press("h");
    assert_eq!(stage.said(), ["there is nothing above"]);
    stage.press("esc").answer_objects(&["docs/deep/"], None);
    assert_eq!(
        (stage.app.remote().prefix(), stage.said()),
        ("docs/", vec!["Esc went back to docs/; L goes forward again"])
    );
    let mut stage = Stage::full();
    stage.press("2 z h esc");
    assert_eq!((stage.said(), stage.app.layout().local.is_some()), (vec![], true), "the zoom goes, and the notice");
    stage.press("h esc");
    assert_eq!(stage.said(), [""; 0], "where there is no step, it goes alone");
}
