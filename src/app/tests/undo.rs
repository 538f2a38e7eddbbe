//! What can be taken back: marks, filters, cancelled transfers.

use super::stage::{Stage, file, transfer};
use crate::app::Effect;
use crate::app::effect::QueueCommand;
use crate::domain::{TransferKind, TransferState};

#[test]
fn marks_that_were_cleared_come_back() {
    let mut stage = Stage::full();
    stage.press("j space space");
    assert_eq!(stage.app.list().marked(), 2);
    stage.press("esc");
    assert_eq!(stage.app.list().marked(), 0);
    stage.press("U");
    assert_eq!((stage.app.list().marked(), stage.said()), (2, vec!["marked again: 2"]));
    stage.press("ctrl-a ctrl-a");
    assert_eq!(stage.app.list().marked(), 0);
    stage.press("U U");
    assert_eq!(stage.app.list().marked(), 3, "all again, then the two that there were");
}

#[test]
fn a_single_mark_that_was_removed_comes_back() {
    let mut stage = Stage::full();
    stage.press("j space space k space");
    assert_eq!(stage.app.list().marked(), 1);
    stage.press("U");
    assert_eq!((stage.app.list().marked(), stage.said()), (2, vec!["marked again: 1"]));
}

#[test]
fn a_filter_that_was_cleared_comes_back_where_it_was() {
    let mut stage = Stage::full();
    stage.press("/").type_text("txt").press("enter esc");
    assert_eq!(stage.local().len(), 4);
    stage.press("2 U");
    assert!(stage.said()[0].starts_with("nothing to take back here: U brings back"));
    stage.press("1 U");
    assert_eq!((stage.local(), stage.app.list().filter()), (vec!["a.txt".to_owned()], "txt"));
}

#[test]
fn transfers_that_were_cancelled_are_tried_again() {
    let mut stage = Stage::full();
    let upload = transfer(1, TransferKind::Upload, TransferState::Queued, "a.txt");
    let id = upload.transfer.id;
    stage.queue(vec![upload]).press("3 x y");
    stage.press("U");
    let asked = stage.effects.iter().any(|effect| {
        matches!(effect, Effect::Command { command: QueueCommand::Retry, transfers, .. } if *transfers == [id])
    });
    assert!(asked, "{:?}", stage.effects);
}

#[test]
fn what_had_failed_before_a_cancel_is_not_tried_again_with_what_that_took() {
    let mut stage = Stage::full();
    let of = |number, state| transfer(number, TransferKind::Upload, state, &format!("{number}.txt"));
    let queue = vec![of(1, TransferState::Failed), of(2, TransferState::Queued), of(3, TransferState::Paused)];
    let [_, open, paused] = [0, 1, 2].map(|row: usize| vec![queue[row].transfer.id]);
    stage
        .queue(queue)
        .press("3 ctrl-a x y")
        .queue((1..=3).map(|number| of(number, TransferState::Cancelled)).collect());
    stage.press("U");
    let sent = |stage: &Stage, wanted: QueueCommand| -> Vec<_> {
        let of = |effect: &Effect| match effect {
            Effect::Command { command, transfers, .. } if *command == wanted => Some(transfers.clone()),
            _ => None,
        };
        stage.effects.iter().filter_map(of).collect()
    };
    assert_eq!(sent(&stage, QueueCommand::Retry), [open]);
    assert_eq!(sent(&stage, QueueCommand::PauseAgain), [paused], "what was paused does not run");
    stage.queue(vec![of(4, TransferState::Failed)]).press("x y U");
    assert_eq!(sent(&stage, QueueCommand::Retry).len(), 0);
    assert!(stage.said().last().unwrap().starts_with("what had failed is not brought back: r tries it again"));
}

#[test]
fn cancelled_deletes_stay_cancelled_and_nothing_runs_from_another_pane() {
    let mut stage = Stage::full();
    let delete = transfer(1, TransferKind::Delete, TransferState::Queued, "a.txt");
    stage.queue(vec![delete]).press("3 x y");
    stage.press("U 1 U");
    let upload = transfer(2, TransferKind::Upload, TransferState::Queued, "b.txt");
    stage.queue(vec![upload]).press("3 x y 1 U");
    let retried =
        stage.effects.iter().any(|effect| matches!(effect, Effect::Command { command: QueueCommand::Retry, .. }));
    assert!(!retried, "{:?}", stage.effects);
}

#[test]
fn marks_come_back_in_the_folder_where_they_were() {
    let mut stage = Stage::full();
    stage.press("j space esc j").press("g g").press("j enter");
    stage.answer_folder(vec![file("a.txt", 1)]);
    stage.press("U");
    assert_eq!(stage.app.list().marked(), 0, "another folder's file of the same name");
}

#[test]
fn what_does_not_come_back_is_said_before_anything_older_is_taken_back() {
    let mut stage = Stage::full();
    let done = transfer(1, TransferKind::Upload, TransferState::Done, "a.txt");
    stage.queue(vec![done]).press("3 /").type_text("zz").press("enter esc");
    stage.press("c U");
    assert_eq!(stage.said(), ["what was cleared does not come back; U once more goes further back"]);
    assert_eq!(stage.app.needle(), "");
    stage.press("U");
    assert_eq!((stage.app.needle(), stage.said().last().copied()), ("zz", Some("filtered again: zz")));
    stage.press("1 U");
    let nothing = "nothing to take back here: U brings back marks and filters where they were cleared";
    assert_eq!(stage.said().last().copied(), Some(nothing));
}
