//! What failed because something was there: what is there now is looked at when it is tried again, and asked about.

use std::sync::Arc;

use super::again::{commands, failed, ids};
use super::stage::{Stage, profile, transfer};
use crate::app::effect::QueueCommand::{Retry, RetryAs};
use crate::app::{Answer, Dialog, Effect};
use crate::domain::TransferKind::{Download, Upload};
use crate::domain::TransferState::Done;
use crate::domain::transfer::{OnConflict, TransferView};
use crate::domain::{Failure, FailureKind, Result};

/// Answers the look with what these transfers met before.
pub(super) fn still_there(stage: &mut Stage) {
    let looked = stage.effects.iter().find_map(|effect| match effect {
        Effect::LookAtMet { transfers, .. } => Some(transfers.clone()),
        _ => None,
    });
    let found = looked.unwrap().iter().map(|transfer| Ok(transfer.error.as_deref().cloned())).collect();
    now(stage, found);
}

fn now(stage: &mut Stage, found: Vec<Result<Option<Failure>>>) {
    let request = stage.asked("LookAtMet");
    stage.answer(request, Answer::Met(found));
}

fn question(stage: &Stage) -> &crate::app::dialog::ConflictDialog {
    match stage.app.dialog() {
        Some(Dialog::Conflicts(question)) => question,
        other => panic!("no question: {other:?}"),
    }
}

fn exists(what: &str) -> Result<Option<Failure>> {
    Ok(Some(Failure::new(FailureKind::Exists, what)))
}

/// Three of a folder that met something, and one whose file could not be read.
fn of_a_folder() -> Stage {
    let mut stage = Stage::full();
    let exists = |number, key| failed(number, key, FailureKind::Exists);
    let others = [failed(4, "d", FailureKind::Local), transfer(5, Upload, Done, "e")];
    stage.queue([exists(1, "a"), exists(2, "b"), exists(3, "c")].into_iter().chain(others).collect());
    stage
}

#[test]
fn a_target_that_is_taken_is_asked_about_and_not_merely_tried_again() {
    let mut stage = of_a_folder();
    stage.press("3 r");
    still_there(&mut stage);
    assert_eq!(commands(&stage), []);
    let Some(Dialog::Conflicts(question)) = stage.app.dialog() else { panic!("no question") };
    assert_eq!((question.why(), question.others()), (Some("a exists in the bucket, with other bytes"), Some(2)));
    assert_eq!((question.profile.name.as_str(), question.number()), ("prod", 1));
    stage.press("o");
    assert_eq!(commands(&stage), [(RetryAs(OnConflict::Overwrite), ids(&[1]))]);
    assert!(stage.app.dialog().is_none(), "the others are left as they are");
}

#[test]
fn an_answer_for_several_says_how_many_of_them_are_the_same() {
    let mut stage = of_a_folder();
    let mut same = failed(2, "b", FailureKind::Exists);
    let mut unknown = failed(3, "c", FailureKind::Exists);
    let said = |view: &mut TransferView, what: &str| {
        Arc::make_mut(&mut view.transfer).error = Some(Failure::new(FailureKind::Exists, what).into());
    };
    said(&mut same, "b exists in the bucket, with the same bytes");
    said(&mut unknown, "c exists in the bucket");
    stage.queue(vec![failed(1, "a", FailureKind::Exists), same, unknown, failed(4, "d", FailureKind::Exists)]);
    stage.press("3 r");
    still_there(&mut stage);
    let standings = |stage: &Stage| match stage.app.dialog() {
        Some(Dialog::Conflicts(question)) => question.standings(),
        other => panic!("{other:?}"),
    };
    let all = "of these 4, 1 is the same, 2 differ, 1 was not compared";
    assert_eq!(standings(&stage).as_deref(), Some(all));
    stage.press("esc j ctrl-a r");
    still_there(&mut stage);
    stage.press("o");
    let rest = "of these 3, 1 is the same, 1 differs, 1 was not compared";
    assert_eq!(standings(&stage).as_deref(), Some(rest), "of those still to be decided");
    stage.press("o o");
    assert_eq!(standings(&stage), None, "one is named as it is");
}

#[test]
fn one_answer_may_be_for_all_that_failed_so() {
    let mut stage = of_a_folder();
    stage.press("3 r");
    still_there(&mut stage);
    stage.press("S");
    assert_eq!(commands(&stage), [(RetryAs(OnConflict::Skip), ids(&[1, 2, 3]))]);
    let request = stage.asked("Command");
    stage.answer(request, Answer::Commanded(Ok(3)));
    assert_eq!(stage.said(), ["trying again: 3"]);
}

#[test]
fn what_is_marked_is_asked_about_together_and_the_rest_tried_at_once() {
    let mut stage = of_a_folder();
    stage.press("3 j ctrl-a r");
    assert_eq!(commands(&stage), [(Retry, ids(&[4]))]);
    still_there(&mut stage);
    let Some(Dialog::Conflicts(question)) = stage.app.dialog() else { panic!("no question") };
    assert_eq!((question.taken, question.for_all, question.others()), (3, false, None));
    stage.press("o b S");
    let decided = [(RetryAs(OnConflict::Skip), ids(&[3])), (RetryAs(OnConflict::KeepBoth), ids(&[2]))];
    let overwritten = (RetryAs(OnConflict::Overwrite), ids(&[1]));
    assert_eq!(commands(&stage), [&decided[..], &[overwritten]].concat());
}

#[test]
fn nothing_is_done_before_it_is_decided() {
    let mut stage = of_a_folder();
    stage.press("3 r");
    still_there(&mut stage);
    stage.press("esc");
    assert_eq!((commands(&stage), stage.app.dialog().is_none()), (vec![], true));
}

#[test]
fn the_question_is_had_from_the_whole_message_too() {
    let mut stage = of_a_folder();
    stage.press("3 enter");
    let Some(Dialog::Transfer(dialog)) = stage.app.dialog() else { panic!("no details") };
    let rows: Vec<String> = stage.app.details(dialog).into_iter().map(|row| row.text).collect();
    assert!(rows.contains(&"failed: r asks what to do".to_owned()), "{rows:?}");
    assert!(rows.iter().any(|row| row.starts_with("r asks whether to skip it, to keep both")), "{rows:?}");
    stage.press("r");
    still_there(&mut stage);
    assert!(matches!(stage.app.dialog(), Some(Dialog::Conflicts(_))));
}

#[test]
fn an_answer_for_all_is_for_one_bucket_and_one_way_alone() {
    let mut stage = Stage::full();
    let exists = |number, key| failed(number, key, FailureKind::Exists);
    let mut elsewhere = exists(2, "b");
    Arc::make_mut(&mut elsewhere.transfer).profile = Arc::new(profile("other").identity());
    let mut down = exists(3, "c");
    Arc::make_mut(&mut down.transfer).kind = Download;
    stage.queue(vec![exists(1, "a"), elsewhere, down, exists(4, "d")]);
    stage.press("3 r");
    still_there(&mut stage);
    stage.press("O");
    assert_eq!(commands(&stage), [(RetryAs(OnConflict::Overwrite), ids(&[1, 4]))]);
}

#[test]
fn the_question_tells_what_is_there_now_and_not_what_was() {
    let mut stage = of_a_folder();
    stage.press("3 r");
    assert!(stage.app.dialog().is_none() && commands(&stage).is_empty());
    let same = |key| exists(&format!("{key} exists in the bucket, with the same bytes"));
    now(&mut stage, vec![same("a"), exists("b exists in the bucket, with other bytes"), Ok(None)]);
    let question = question(&stage);
    assert_eq!((question.why(), question.others()), (Some("a exists in the bucket, with the same bytes"), Some(1)));
    assert_eq!(question.standings().as_deref(), Some("of these 2, 1 is the same, 1 differs"));
    assert_eq!(question.unseen(stage.now()), None);
}

#[test]
fn what_is_gone_by_now_is_tried_again_without_a_question() {
    let mut stage = of_a_folder();
    stage.press("3 r");
    now(&mut stage, vec![Ok(None), exists("b exists"), exists("c exists")]);
    assert_eq!((commands(&stage), stage.app.dialog().is_none()), (vec![(Retry, ids(&[1]))], true));
}

#[test]
fn of_several_that_are_chosen_only_those_are_asked_about_that_meet_something_still() {
    let mut stage = of_a_folder();
    stage.press("3 space space r");
    now(&mut stage, vec![exists("a exists"), Ok(None)]);
    assert_eq!((commands(&stage), question(&stage).taken), (vec![(Retry, ids(&[2]))], 1));
    stage.press("o");
    assert_eq!(commands(&stage), [(RetryAs(OnConflict::Overwrite), ids(&[1]))]);
}

#[test]
fn what_cannot_be_looked_at_is_told_as_it_was_known() {
    let mut stage = of_a_folder();
    let mut view = failed(1, "a", FailureKind::Exists);
    Arc::make_mut(&mut view.transfer).finished_at = Some(stage.now() - chrono::TimeDelta::hours(3));
    stage.queue(vec![view]).press("3 r");
    now(&mut stage, vec![Err(Failure::new(FailureKind::Offline, "cannot reach s3.example.org"))]);
    let question = question(&stage);
    assert_eq!(question.why(), Some("a exists in the bucket, with other bytes"));
    let said = "as it was when this failed, 3 h ago; it cannot be looked at now: cannot reach s3.example.org";
    assert_eq!(question.unseen(stage.now()).as_deref(), Some(said));
    stage.press("o");
    assert_eq!(commands(&stage), [(RetryAs(OnConflict::Overwrite), ids(&[1]))]);
}

#[test]
fn keys_while_it_is_looked_decide_nothing_and_are_no_commands() {
    let mut stage = of_a_folder();
    stage.press("3 r");
    let request = stage.asked("LookAtMet");
    stage.press("O x j enter q");
    assert!(commands(&stage).is_empty() && stage.app.dialog().is_none() && !stage.effects.contains(&Effect::Quit));
    stage.answer(request, Answer::Met(vec![exists("a exists"), exists("b exists"), Ok(None)]));
    assert_eq!((question(&stage).why(), stage.app.listens(), commands(&stage)), (Some("a exists"), false, vec![]));
    stage.press("O");
    assert_eq!(commands(&stage), [], "typed before it can have been read");
    stage.pause(500).wait(0).press("O");
    assert_eq!(commands(&stage), [(RetryAs(OnConflict::Overwrite), ids(&[1, 2]))]);
    let mut stage = of_a_folder();
    stage.press("3 r");
    let request = stage.asked("LookAtMet");
    stage.press("j esc");
    assert!(stage.effects.contains(&Effect::Cancel(request)));
    stage.answer(request, Answer::Met(vec![Ok(None), Ok(None), Ok(None)]));
    assert!(commands(&stage).is_empty() && stage.app.dialog().is_none());
}

#[test]
fn of_very_many_that_met_something_only_some_are_looked_at_beside_the_chosen_one() {
    let mut stage = Stage::full();
    stage.queue((1..=200).map(|number| failed(number, &format!("k{number}"), FailureKind::Exists)).collect());
    stage.press("3 r");
    let looked = stage.effects.iter().find_map(|effect| match effect {
        Effect::LookAtMet { transfers, .. } => Some(transfers.len()),
        _ => None,
    });
    assert_eq!(looked, Some(64));
    still_there(&mut stage);
    assert_eq!((question(&stage).number(), question(&stage).others()), (1, Some(199)), "the others are as they were");
}

#[test]
fn a_look_that_takes_long_is_shown_to_go_on_and_one_that_does_not_is_not() {
    let mut stage = of_a_folder();
    stage.press("3 r");
    let request = stage.asked("LookAtMet");
    let hints = |stage: &Stage| stage.app.hints().into_iter().map(|hint| hint.text).collect::<Vec<_>>();
    assert!(!hints(&stage).contains(&"stop looking".to_owned()));
    assert_eq!(stage.wakes_at(), Some(stage.now() + chrono::TimeDelta::milliseconds(500)));
    stage.pause(500).wait(0);
    assert_eq!(hints(&stage), ["stop looking"]);
    stage.answer(request, Answer::Met(vec![exists("a exists"), Ok(None), Ok(None)]));
    assert_eq!(question(&stage).why(), Some("a exists"));
    let mut stage = of_a_folder();
    stage.press("3 r");
    let request = stage.asked("LookAtMet");
    stage.pause(500).wait(0);
    super::opening::click(&mut stage, "stop looking");
    assert!(stage.effects.contains(&Effect::Cancel(request)), "{:?}", stage.effects);
}
