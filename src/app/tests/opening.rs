//! Dialogs that open by themselves: never in the middle of typing, deaf to keys meant for something else, and never in
//! the way of a person who waits for them.

use chrono::TimeDelta;
use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::stage::{Stage, file};
use crate::app::effect::{Job, PlannedJob, Taken};
use crate::app::{Answer, Dialog, Effect, Plan, RequestId};
use crate::domain::transfer::OnConflict;
use crate::domain::{Failure, FailureKind, TransferKind};

fn planned(key: &str, taken: bool) -> Answer {
    let job = Job {
        kind: TransferKind::Upload,
        key: key.into(),
        path: None,
        size: Some(10),
        on_conflict: OnConflict::Refuse,
        without_record: false,
    };
    let taken = taken.then_some(Taken { size: Some(9), modified: None });
    Answer::Planned(Ok(Plan { jobs: vec![PlannedJob { job, taken, modified: None }], refused: Vec::new() }))
}

/// An upload that is being looked at.
fn planning() -> (Stage, RequestId) {
    let mut stage = Stage::full();
    stage.press("j u");
    let request = stage.asked("MakeKey");
    stage.answer(request, Answer::Key(Ok("a.txt".into()))).press("enter");
    let request = stage.asked("PlanUpload");
    (stage, request)
}

fn is_conflict(stage: &Stage) -> bool {
    matches!(stage.app.dialog(), Some(Dialog::Conflicts(_)))
}

#[test]
fn no_dialog_opens_in_the_middle_of_a_filter() {
    let (mut stage, request) = planning();
    stage.press("/").type_text("ph").answer(request, planned("a.txt", true)).type_text("oto");
    assert_eq!((stage.app.list().filter(), stage.app.dialog().is_none()), ("photo", true));
    stage.press("enter");
    assert!(is_conflict(&stage));
    stage.press("o");
    assert!(is_conflict(&stage) && stage.effects.is_empty(), "a key right behind the filter is not for the dialog");
    stage.pause(600).press("o");
    stage.asked("Enqueue");
}

#[test]
fn no_dialog_opens_within_a_sequence_or_before_a_letter() {
    for keys in ["g", "m", "'"] {
        let (mut stage, request) = planning();
        stage.press(keys).answer(request, planned("a.txt", true));
        assert!(stage.app.dialog().is_none(), "after {keys}");
        stage.press("g");
        assert!(is_conflict(&stage), "after {keys} g");
    }
}

#[test]
fn keys_that_follow_each_other_quickly_never_reach_a_dialog_that_came_between_them() {
    let (mut stage, request) = planning();
    stage.press("j").answer(request, planned("a.txt", true));
    for _ in 0..5 {
        stage.pause(200).press("o");
        assert!(is_conflict(&stage) && stage.asked_if("Enqueue").is_none());
    }
    stage.pause(500).press("o");
    stage.asked("Enqueue");
}

#[test]
fn the_hints_of_a_dialog_are_dim_until_it_listens_and_the_screen_is_woken_for_that() {
    let (mut stage, request) = planning();
    let dim = |stage: &Stage| stage.app.hints().iter().map(|hint| hint.disabled).collect::<Vec<_>>();
    stage.press("j").answer(request, planned("a.txt", true)).pause(200).press("o");
    assert_eq!((stage.app.listens(), dim(&stage)), (false, vec![true; 4]));
    assert_eq!(stage.wakes_at(), Some(stage.now() + TimeDelta::milliseconds(500)));
    stage.pause(500).wait(0);
    assert_eq!((stage.app.listens(), dim(&stage)), (true, vec![false; 4]));
}

#[test]
fn whoever_waits_for_a_dialog_is_not_made_to_wait_longer() {
    let (mut stage, request) = planning();
    stage.answer(request, planned("a.txt", true)).press("o");
    stage.asked("Enqueue");
    let (mut stage, request) = planning();
    stage.press("j").pause(600).answer(request, planned("a.txt", true)).press("o");
    stage.asked("Enqueue");
}

#[test]
fn the_offer_to_prepare_a_table_has_no_chosen_and_lets_keys_of_others_pass() {
    let mut stage = Stage::new();
    let request = stage.asked("LoadRecords");
    stage.answer_folder(vec![file("a", 1)]).press("j");
    let missing = Failure::new(FailureKind::NeedsMigration, "the table lacks columns");
    let answer = || Answer::Records { page: Err(missing.clone()), took: std::time::Duration::ZERO };
    stage.answer(request, answer()).press("y l");
    assert!(matches!(stage.app.dialog(), Some(Dialog::Confirm(_))) && stage.effects.is_empty());
    stage.pause(600).press("enter");
    assert_eq!((stage.app.dialog().is_none(), stage.asked_if("Migrate")), (true, None));
    stage.press("2 R");
    let request = stage.asked("LoadRecords");
    stage.answer(request, answer()).press("y");
    stage.asked("Migrate");
}

#[test]
fn what_a_person_opens_comes_before_what_waits() {
    let (mut stage, request) = planning();
    stage.press("y").answer(request, planned("a.txt", true)).press("esc esc").pause(600);
    assert!(is_conflict(&stage));
    let (mut stage, request) = planning();
    stage.press("?").answer(request, planned("a.txt", true));
    assert!(matches!(stage.app.dialog(), Some(Dialog::Palette(_))));
    stage.press("esc o");
    assert!(is_conflict(&stage));
}

/// `u` on a file, and keys right behind it, before its key is made.
fn uploading(keys: &str) -> (Stage, RequestId) {
    let mut stage = Stage::full();
    stage.press("j u");
    let request = stage.asked("MakeKey");
    stage.press(keys);
    (stage, request)
}

fn field(stage: &Stage) -> &str {
    match stage.app.dialog() {
        Some(Dialog::Prompt(prompt)) => prompt.input.value(),
        other => panic!("no question: {other:?}"),
    }
}

#[test]
fn keys_right_behind_u_are_for_its_question_and_no_commands() {
    let (mut stage, request) = uploading("e D q");
    stage.event(Event::Paste("x y".into()));
    assert!(stage.effects.is_empty() && stage.app.dialog().is_none(), "{:?}", stage.effects);
    stage.answer(request, Answer::Key(Ok("k-".into())));
    assert_eq!(field(&stage), "k-eDqx y");
    stage.press("z enter");
    stage.asked("PlanUpload");
}

#[test]
fn a_burst_answers_the_question_that_it_calls_and_goes_on_behind_it() {
    let (mut stage, request) = uploading("b enter j u c");
    stage.answer(request, Answer::Key(Ok("a".into())));
    let Some(Effect::PlanUpload { naming, .. }) =
        stage.effects.iter().find(|effect| matches!(effect, Effect::PlanUpload { .. }))
    else {
        panic!("not queued: {:?}", stage.effects)
    };
    assert_eq!(format!("{naming:?}"), r#"Key("ab")"#);
    let request = stage.asked("MakeKey");
    stage.answer(request, Answer::Key(Ok("b".into())));
    assert_eq!((field(&stage), stage.local_cursor().as_str()), ("bc", "b.png"));
}

#[test]
fn what_was_typed_for_a_question_goes_with_it() {
    let (mut stage, request) = uploading("D e");
    let refused = Failure::new(FailureKind::Usage, "no such template");
    stage.answer(request, Answer::Key(Err(refused)));
    let is_quiet = stage.effects.iter().all(|effect| matches!(effect, Effect::WakeAt(_)));
    assert!(stage.app.dialog().is_none() && is_quiet, "{:?}", stage.effects);
    let (mut stage, request) = uploading("D esc");
    stage.answer(request, Answer::Key(Ok("a".into()))).press("j");
    assert_eq!((stage.app.dialog().is_none(), stage.local_cursor().as_str()), (true, "b.png"));
    let (mut stage, request) = uploading("esc");
    assert!(stage.effects.contains(&Effect::Cancel(request)));
    stage.press("j").answer(request, Answer::Key(Ok("a".into())));
    assert_eq!((stage.app.dialog().is_none(), stage.local_cursor().as_str()), (true, "b.png"));
}

#[test]
fn a_second_plan_leaves_the_first_one_as_it_is() {
    let mut stage = Stage::full();
    stage.press("2 s");
    let first = stage.asked("PlanDownload");
    stage.press("j s");
    let second = stage.asked("PlanDownload");
    assert!(!stage.effects.iter().any(|effect| matches!(effect, Effect::Cancel(_))), "{:?}", stage.effects);
    stage.answer(first, planned("one", true)).answer(second, planned("two", true));
    let Some(Dialog::Conflicts(dialog)) = stage.app.dialog() else { panic!("no conflict") };
    assert_eq!(dialog.target(), "one");
    stage.pause(600).press("o");
    assert!(matches!(&stage.effects[0], Effect::Enqueue { jobs, .. } if jobs[0].key == "one"));
    stage.pause(600).press("o");
    assert!(matches!(&stage.effects[0], Effect::Enqueue { jobs, .. } if jobs[0].key == "two"));
}

#[test]
fn a_letter_with_control_or_alt_is_not_the_letter_that_a_dialog_asks_for() {
    for key in ["ctrl-y", "alt-y", "ctrl-n", "ctrl-h"] {
        let mut stage = Stage::full();
        stage.press("2 D").press(key);
        let Some(Dialog::Confirm(dialog)) = stage.app.dialog() else { panic!("{key} closed it") };
        assert!(!dialog.yes && stage.effects.is_empty(), "{key}");
    }
    for key in ["ctrl-o", "alt-o", "ctrl-s", "ctrl-b"] {
        let (mut stage, request) = planning();
        stage.answer(request, planned("a.txt", true)).press(key);
        assert!(is_conflict(&stage) && stage.effects.is_empty(), "{key}");
    }
    for key in ["ctrl-q", "alt-1", "alt-q"] {
        let mut stage = Stage::full();
        stage.press("2 y L").press(key);
        assert!(matches!(stage.app.dialog(), Some(Dialog::Expiry(_))), "{key}");
    }
}

#[test]
fn quitting_asks_while_something_is_on_its_way_into_the_queue() {
    let (mut stage, request) = planning();
    stage.press("q");
    assert!(stage.effects.is_empty());
    let Some(Dialog::Confirm(dialog)) = stage.app.dialog() else { panic!("no question") };
    assert!(dialog.title.contains("something is being queued"), "{dialog:?}");
    stage.press("esc").answer(request, planned("a.txt", false));
    let request = stage.asked("Enqueue");
    stage.press("q");
    assert!(stage.effects.is_empty() && stage.app.dialog().is_some());
    stage.press("esc").answer(request, Answer::Enqueued(Ok(1))).press("q");
    assert_eq!(stage.effects, [Effect::Quit]);
}

fn click_overwrite(stage: &mut Stage) {
    click(stage, "overwrite");
}

/// Clicks on the hint that says so.
pub(super) fn click(stage: &mut Stage, said: &str) {
    let line = stage.app.hint_line();
    let column = line.hints.iter().find(|(_, hint)| hint.text == said).unwrap().0.start;
    let (kind, row) = (MouseEventKind::Down(MouseButton::Left), stage.app.layout().hints.y);
    stage.event(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
}

#[test]
fn a_click_that_was_on_its_way_when_a_dialog_opened_by_itself_is_not_for_it() {
    for meanwhile in [None, Some("j")] {
        let (mut stage, request) = planning();
        if let Some(keys) = meanwhile {
            stage.press(keys);
        }
        stage.pause(5000).answer(request, planned("a.txt", true));
        assert!(is_conflict(&stage) && stage.app.listens());
        for _ in 0..3 {
            stage.pause(150);
            click_overwrite(&mut stage);
            assert!(is_conflict(&stage) && stage.asked_if("Enqueue").is_none());
        }
        stage.pause(150);
        click_overwrite(&mut stage);
        stage.asked("Enqueue");
    }
}
