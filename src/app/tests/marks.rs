//! Marks of the catalog that stay while another search shows other rows: what they are taken for, and when they go.

use std::time::Duration;

use super::stage::{Stage, record, transfer};
use crate::app::dialog::Dialog;
use crate::app::effect::{Countable, Walk};
use crate::app::{Answer, Effect};
use crate::domain::{RecordPage, TransferKind, TransferState};

/// Everyone's folders, `docs/` marked, and beneath a search for `p` all it found.
fn folder_and_what_is_in_it() -> Stage {
    let mut stage = Stage::full();
    stage.press("2 f").answer_shelf(&["docs/", "photos/"], None);
    stage.press("A").answer_shelf(&["docs/", "photos/"], None);
    stage.press("space / p").answer_records(&["docs/2026/plan.txt", "docs/plan.pdf", "photos/p.png"], false);
    stage.press("enter ctrl-a");
    assert_eq!(stage.app.list().marked(), 4);
    stage
}

#[test]
fn what_is_marked_in_a_folder_that_is_marked_too_goes_once() {
    let mut stage = folder_and_what_is_in_it();
    stage.press("D");
    let Some(Dialog::Beneath(asking)) = stage.app.dialog() else { panic!("{:?}", stage.app.dialog()) };
    assert_eq!(asking.question.title, "Delete docs/ and 1 object?");
    stage.press("esc s");
    let taken = stage.effects.iter().find_map(|effect| match effect {
        Effect::Count { what: Countable::Taken(walk), .. } => Some(walk.clone()),
        _ => None,
    });
    let Some(Walk::Download { prefixes, objects, .. }) = taken else { panic!("{:?}", stage.effects) };
    let keys: Vec<_> = objects.iter().map(|object| object.key.as_str()).collect();
    assert_eq!((prefixes, keys), (vec!["docs/".to_owned()], vec!["photos/p.png"]));
}

#[test]
fn a_link_is_for_every_object_that_is_marked() {
    let mut stage = folder_and_what_is_in_it();
    stage.press("y l");
    let keys = stage.effects.iter().find_map(|effect| match effect {
        Effect::Link { keys, .. } => Some(keys.len()),
        _ => None,
    });
    assert_eq!(keys, Some(3), "{:?}", stage.effects);
}

/// `far.txt` was marked among what a search for `t` had found, and its mark taken off.
fn unmarked_again() -> Stage {
    let mut stage = Stage::full();
    stage.press("2 / t").answer_records(&["far.txt"], false);
    stage.press("enter space esc");
    assert_eq!((stage.remote().len(), stage.app.list().marked()), (3, 1));
    stage.press("esc");
    assert_eq!(stage.app.list().marked(), 0);
    stage
}

#[test]
fn the_mark_of_what_was_deleted_does_not_come_back() {
    let mut stage = unmarked_again();
    let delete = |state| vec![transfer(1, TransferKind::Delete, state, "far.txt")];
    stage.queue(delete(TransferState::Deleting)).queue(delete(TransferState::Done));
    stage.press("U");
    assert_eq!(stage.app.list().marked(), 0);
    assert!(stage.said().contains(&"marked again: 0; 1 not here any more"), "{:?}", stage.said());
}

#[test]
fn the_mark_of_what_others_have_does_not_come_back_among_ones_own() {
    let mut stage = unmarked_again();
    stage.press("A").answer_records(&["new.png"], false);
    stage.press("U");
    assert_eq!(stage.app.list().marked(), 0, "{:?}", stage.said());
}

/// The bucket's `b.txt` under the cursor, and `a.txt` marked, which the filter hides.
fn hidden_in_the_bucket() -> Stage {
    let mut stage = Stage::in_bucket(&["a.txt", "b.txt"]);
    stage.press("space /").type_text("b.txt").press("tab");
    assert_eq!((stage.app.list().marked(), stage.app.list().hidden_marks()), (1, 1));
    stage
}

#[test]
fn a_record_of_what_is_marked_and_hidden_is_asked_about() {
    let mut stage = hidden_in_the_bucket();
    stage.press("w");
    let Some(Dialog::Beneath(asking)) = stage.app.dialog() else { panic!("no question: {:?}", stage.effects) };
    assert_eq!(asking.question.title, "Write the record of 1 object?");
    let lines = &asking.question.lines;
    assert!(lines.iter().any(|line| line == "The filter shows none of the 1 marked that this is about."), "{lines:?}");
    assert!(asking.question.names.iter().any(|name| name.contains("a.txt")));
}

#[test]
fn what_is_marked_and_hidden_is_not_edited_in_the_place_of_what_is_seen() {
    let mut stage = hidden_in_the_bucket();
    stage.press("e");
    let edits = |stage: &Stage| stage.effects.iter().any(|effect| matches!(effect, Effect::Edit { .. }));
    assert!(!edits(&stage));
    assert_eq!(stage.said(), ["marked, but not shown, is a.txt: clear the marks to edit another"]);
}

#[test]
fn all_rows_that_are_marked_of_more_are_said_to_be_those_loaded() {
    let mut stage = Stage::full();
    stage.press("2 / t").answer_records(&["a.txt", "b.txt"], true);
    let next = stage.asked("LoadRecords");
    stage.press("enter ctrl-a");
    let more = "2 loaded rows are marked; more may match: G reads them, then ^a";
    assert_eq!(stage.said(), [more]);
    stage.wait(20).press("ctrl-a");
    assert_eq!((stage.app.list().marked(), stage.said()), (0, vec![]), "nothing is marked any more");
    let page = RecordPage { records: vec![record("c.txt", 2)], ..RecordPage::default() };
    stage.answer(next, Answer::Records { page: Ok(page), took: Duration::ZERO }).press("ctrl-a");
    assert_eq!((stage.app.list().marked(), stage.said()), (3, vec![]), "these are all");
}

#[test]
fn a_reading_that_was_stopped_says_which_key_begins_again() {
    let mut stage = Stage::in_bucket(&["a.txt"]);
    stage.press("R").answer_objects(&["a.txt"], Some("more")).press("esc ctrl-a");
    let more = "1 loaded row is marked; more follow: R and G read them, then ^a";
    assert_eq!(stage.said().last(), Some(&more));
}
