//! What a person does with the queue: holding, moving, limiting, looking closely; and what is said about it.

use std::sync::Arc;

use super::stage::{Stage, profile, slot, transfer};
use crate::app::effect::QueueCommand::{self, GoOn, Lower, Pause, Raise};
use crate::app::{Answer, Dialog, Effect};
use crate::domain::TransferKind::{Delete, Download, Upload};
use crate::domain::TransferState::{Cancelled, Done, Failed, Paused, Queued, Sending};
use crate::domain::transfer::{Hold, Lane, Limits, QueueView, TransferView};
use crate::domain::{Failure, FailureKind, TransferId};

fn lane(hold: Option<Hold>) -> Lane {
    let limits = Limits { jobs: 8, rate: 0 };
    Lane { profile: Arc::new(profile("prod").identity()), limits, hold, records: None }
}

fn hold(kind: FailureKind, next_try_in: Option<u64>, waiting: usize) -> Hold {
    Hold { failure: Failure::new(kind, "cannot reach s3.example.org"), next_try_in, waiting }
}

fn held(number: u128) -> TransferView {
    TransferView { held: true, ..transfer(number, Upload, Queued, "a") }
}

fn ids(numbers: &[u128]) -> Vec<TransferId> {
    numbers.iter().map(|number| TransferId(uuid::Uuid::from_u128(*number))).collect()
}

/// The command that the last key led to.
fn commanded(stage: &Stage) -> Option<(QueueCommand, Vec<TransferId>)> {
    stage.effects.iter().find_map(|effect| match effect {
        Effect::Command { command, transfers, .. } => Some((*command, transfers.clone())),
        _ => None,
    })
}

#[test]
fn marked_transfers_are_all_held_and_then_all_go_on() {
    let mut stage = Stage::full();
    stage.queue(vec![
        transfer(1, Upload, Sending, "a"),
        transfer(2, Upload, Paused, "b"),
        transfer(3, Upload, Done, "c"),
    ]);
    stage.press("3 ctrl-a p");
    assert_eq!(commanded(&stage), Some((Pause, ids(&[1]))));
    stage.queue(vec![transfer(1, Upload, Paused, "a"), transfer(2, Upload, Paused, "b")]);
    stage.press("ctrl-a p");
    assert_eq!(commanded(&stage), Some((GoOn, ids(&[1, 2]))));
}

#[test]
fn the_hint_of_the_key_that_holds_says_what_it_does_to_the_row() {
    let hint = |stage: &Stage| {
        let hints = stage.app.hints().into_iter().find(|hint| hint.keys == "p");
        hints.map(|hint| (hint.text, hint.disabled))
    };
    let mut stage = Stage::full();
    stage.queue(vec![transfer(1, Upload, Sending, "a"), transfer(2, Upload, Paused, "b")]).press("3");
    assert_eq!(hint(&stage), Some(("pause".into(), false)));
    stage.press("j");
    assert_eq!(hint(&stage), Some(("go on".into(), false)));
    stage.press("ctrl-a");
    assert_eq!(hint(&stage), Some(("pause".into(), false)), "one of them can be held");
}

#[test]
fn the_whole_queue_is_held_and_goes_on_by_one_key() {
    let mut stage = Stage::full();
    stage.queue(vec![transfer(1, Upload, Sending, "a"), transfer(2, Upload, Queued, "b")]).press("3 ctrl-p");
    assert_eq!(commanded(&stage), Some((Pause, ids(&[1, 2]))));
    let request = stage.asked("Command");
    stage.answer(request, Answer::Commanded(Ok(2)));
    assert_eq!(stage.said(), ["paused 2"]);
    stage.queue(vec![transfer(1, Upload, Paused, "a"), transfer(2, Upload, Paused, "b")]).press("ctrl-p");
    assert_eq!(commanded(&stage), Some((GoOn, ids(&[1, 2]))));
}

#[test]
fn what_waits_is_moved_in_the_queue_and_stays_marked() {
    let mut stage = Stage::full();
    stage.queue(vec![transfer(1, Upload, Sending, "a"), transfer(2, Upload, Queued, "b")]).press("3 j space K");
    assert_eq!(commanded(&stage), Some((Raise, ids(&[2]))));
    let request = stage.asked("Command");
    stage.answer(request, Answer::Commanded(Ok(1)));
    assert_eq!((stage.said(), stage.app.list().marked()), (vec![], 1), "what moved is seen");
    stage.press("J");
    assert_eq!(commanded(&stage), Some((Lower, ids(&[2]))));
    let request = stage.asked("Command");
    stage.answer(request, Answer::Commanded(Ok(0)));
    assert_eq!(stage.said(), ["this is as far as it goes"]);
    stage.press("esc g g K");
    assert_eq!(stage.said()[1..], ["earlier: only what waits for its turn can be moved"]);
}

#[test]
fn a_profile_that_stands_still_is_said_once_and_its_end_once() {
    let mut stage = Stage::full();
    let queue = |next| QueueView {
        transfers: vec![held(1), held(2)],
        lanes: vec![lane(Some(hold(FailureKind::Offline, Some(next), 2)))],
        ..QueueView::default()
    };
    stage.snapshot(queue(9)).snapshot(queue(8)).snapshot(queue(7));
    let begun = "profile prod waits and goes on by itself; cannot reach s3.example.org";
    assert_eq!(stage.said(), [begun]);
    assert_eq!(stage.app.transfers().counts().waiting, 2);
    stage.snapshot(QueueView {
        transfers: vec![transfer(1, Upload, Sending, "a")],
        lanes: vec![lane(None)],
        ..queue(1)
    });
    assert_eq!(stage.said(), ["profile prod goes on"], "what was said before is overtaken");
}

#[test]
fn a_profile_with_a_mistake_says_which_and_does_not_promise_to_go_on_by_itself() {
    let mut stage = Stage::full();
    let failure = Failure::new(FailureKind::ProfileBroken, "config.toml, line 3: unknown key bukcet");
    let hold = Hold { failure, ..hold(FailureKind::Offline, Some(30), 1) };
    stage.snapshot(QueueView { transfers: vec![held(1)], lanes: vec![lane(Some(hold))], ..QueueView::default() });
    assert_eq!(stage.said(), ["profile prod waits; config.toml, line 3: unknown key bukcet"]);
    stage.press("3 r");
    assert_eq!(commanded(&stage), None, "the file is read first: it may have been mended");
    stage.asked("ReadProfiles");
}

#[test]
fn a_profile_of_which_nothing_is_open_any_more_does_not_go_on() {
    let mut stage = Stage::full();
    let lanes = vec![lane(Some(hold(FailureKind::Offline, Some(5), 1)))];
    stage.snapshot(QueueView { transfers: vec![held(1)], lanes, ..QueueView::default() });
    stage.snapshot(QueueView::default());
    assert_eq!(stage.said().len(), 1, "only that it stands still: {:?}", stage.said());
}

#[test]
fn a_profile_whose_rows_are_all_over_does_not_go_on_unless_something_got_through() {
    for (kind, last, said) in [
        (FailureKind::ProfileMissing, Cancelled, None),
        (FailureKind::Offline, Cancelled, None),
        (FailureKind::Offline, Done, Some("profile prod goes on")),
    ] {
        let mut stage = Stage::full();
        let over = || transfer(2, Upload, Done, "b");
        let lanes = vec![lane(Some(hold(kind, None, 1)))];
        stage.snapshot(QueueView { transfers: vec![held(1), over()], lanes, ..QueueView::default() });
        let transfers = vec![transfer(1, Upload, last, "a"), over()];
        stage.snapshot(QueueView { transfers, lanes: vec![lane(None)], ..QueueView::default() });
        let goes_on = stage.said().into_iter().find(|said| said.contains("goes on"));
        assert_eq!(goes_on, said, "{kind:?}, {last:?}");
    }
}

#[test]
fn wrong_credentials_stop_a_profile_with_one_notice_and_r_tries_again() {
    let mut stage = Stage::full();
    let hold = hold(FailureKind::Credentials, None, 10_000);
    let transfers = (1..=3).map(held).collect();
    stage.snapshot(QueueView { transfers, lanes: vec![lane(Some(hold))], ..QueueView::default() });
    let said = "profile prod is stopped, r tries again; cannot reach s3.example.org";
    assert_eq!(stage.said(), [said]);
    stage.press("3 r");
    assert_eq!(commanded(&stage), None, "the file is read first: it may have been mended");
    let request = stage.asked("ReadProfiles");
    stage.answer(request, Answer::ProfilesRead(Ok(vec![slot("prod"), slot("other")])));
    assert_eq!(commanded(&stage), Some((QueueCommand::Retry, ids(&[1]))));
}

#[test]
fn a_row_opens_to_everything_about_it_and_follows_it() {
    let mut stage = Stage::full();
    let mut failed = transfer(1, Upload, Failed, "a");
    let failure = Failure::new(FailureKind::Local, "cannot read /home/me/a: permission denied").hint("change its mode");
    Arc::make_mut(&mut failed.transfer).error = Some(failure.into());
    stage.queue(vec![failed]).press("3 enter");
    let text = details(&stage);
    for part in ["cannot read ~/a: permission denied", "change its mode", "prod-bucket", "file ~/a", "upload"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    stage.queue(vec![transfer(1, Upload, Sending, "a")]);
    assert!(details(&stage).contains("sending"), "{}", details(&stage));
    stage.queue(vec![]);
    assert!(details(&stage).contains("sending"), "what was cleared stays readable");
    stage.press("esc");
    assert!(stage.app.dialog().is_none());
}

#[test]
fn the_details_of_a_delete_tell_its_size_and_of_no_bytes_that_were_moved() {
    let mut stage = Stage::full();
    for (kind, moves) in [(Delete, false), (Download, true)] {
        let mut ended = transfer(1, kind, Done, "a");
        Arc::make_mut(&mut ended.transfer).size = Some(9);
        ended.sent = 9;
        stage.queue(vec![ended]).press("3 enter");
        let text = details(&stage);
        assert!(text.contains("size 9 B"), "{text}");
        assert_eq!([text.contains("moved 9 B, 100%"), text.contains("acknowledged")], [moves; 2], "{text}");
        stage.press("esc");
    }
}

#[test]
fn what_is_stopped_is_tried_again_from_its_details_too() {
    let mut stage = Stage::full();
    let stopped = lane(Some(hold(FailureKind::Credentials, None, 1)));
    stage.snapshot(QueueView { transfers: vec![held(1)], lanes: vec![stopped], ..QueueView::default() });
    stage.press("3 enter");
    assert!(details(&stage).contains("r tries again"), "{}", details(&stage));
    let Some(dialog) = stage.app.dialog() else { panic!("no dialog") };
    assert!(dialog.hints().contains(&("r", "try again")));
    stage.press("r");
    assert!(stage.app.dialog().is_none());
    stage.asked("ReadProfiles");
    stage.queue(vec![transfer(1, Upload, Sending, "a")]).press("enter r");
    assert!(stage.app.dialog().is_some(), "what runs is not tried again");
}

#[test]
fn what_wrong_credentials_stopped_says_where_the_profile_is_opened() {
    let stopped = |kind| {
        let mut stage = Stage::full();
        let lane = lane(Some(hold(kind, None, 1)));
        stage.snapshot(QueueView { transfers: vec![held(1)], lanes: vec![lane], ..QueueView::default() });
        stage.press("3 enter");
        details(&stage)
    };
    let refused = stopped(FailureKind::Credentials);
    assert!(refused.contains("what helps P, then e on prod, opens the profile"), "{refused}");
    let away = stopped(FailureKind::Offline);
    assert!(!away.contains("opens the profile"), "{away}");
}

fn details(stage: &Stage) -> String {
    let Some(Dialog::Transfer(dialog)) = stage.app.dialog() else { panic!("no dialog") };
    stage.app.details(dialog).iter().map(|row| format!("{} {}\n", row.name, row.text)).collect()
}

#[test]
fn a_long_message_is_shown_whole_on_a_small_screen() {
    let mut stage = Stage::full();
    let mut failed = transfer(1, Upload, Failed, "a");
    let words: Vec<String> = (0..60).map(|number| format!("word{number}")).collect();
    Arc::make_mut(&mut failed.transfer).error = Some(Failure::new(FailureKind::Internal, words.join(" ")).into());
    stage.resize(40, 10).queue(vec![failed]).press("3 l");
    let text = details(&stage);
    assert!(words.iter().all(|word| text.contains(word.as_str())), "{text}");
    stage.press("G");
    let Some(Dialog::Transfer(dialog)) = stage.app.dialog() else { panic!("no dialog") };
    assert_eq!(dialog.scroll.offset, stage.app.details(dialog).len() - 6, "the last page is full");
}

#[test]
fn messages_go_on_in_the_next_row_instead_of_being_cut() {
    let mut stage = Stage::full();
    let mut view =
        QueueView { lanes: vec![lane(Some(hold(FailureKind::Offline, Some(9), 2)))], ..QueueView::default() };
    view.transfers = vec![held(1)];
    stage.resize(40, 10).snapshot(view).press("!");
    let rows = stage.app.messages();
    assert!(rows.len() > 2 && rows[0].begins.is_some() && rows[1].begins.is_none(), "{rows:?}");
    let whole: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
    assert_eq!(whole.join(" "), "profile prod waits and goes on by itself; cannot reach s3.example.org");
}

#[test]
fn the_title_says_how_far_it_is_once_a_second_at_most() {
    let mut stage = Stage::full();
    let view = |sent, left| {
        let running = TransferView { sent, ..transfer(1, Upload, Sending, "a") };
        QueueView { transfers: vec![running], rate: 1.0, seconds_left: Some(left), ..QueueView::default() }
    };
    assert_eq!(stage.app.title(), "windlass: prod");
    stage.pause(1500).snapshot(view(62, 42));
    assert_eq!(stage.app.title(), "windlass 62% 0:42");
    stage.pause(100).snapshot(view(70, 41));
    assert_eq!(stage.app.title(), "windlass 62% 0:42");
    stage.wait(1);
    assert_eq!(stage.app.title(), "windlass 70% 0:41");
    stage.pause(2000).queue(vec![transfer(1, Upload, Done, "a")]);
    assert_eq!(stage.app.title(), "windlass: prod");
}

#[test]
fn the_percentage_counts_what_was_done_since_the_queue_was_at_rest() {
    let mut stage = Stage::full();
    let sending = |number, sent| TransferView { sent, ..transfer(number, Upload, Sending, "a") };
    stage.queue(vec![sending(1, 50), sending(2, 0)]);
    assert_eq!(stage.app.transfers().percent(), Some(25));
    stage.queue(vec![sending(2, 50), transfer(1, Upload, Done, "a")]);
    assert_eq!(stage.app.transfers().percent(), Some(75));
    stage.queue(vec![transfer(1, Upload, Done, "a"), transfer(2, Upload, Done, "a")]);
    assert_eq!(stage.app.transfers().percent(), None);
    stage.queue(vec![sending(3, 10)]);
    assert_eq!(stage.app.transfers().percent(), Some(10), "what is over does not count");
}

#[test]
fn the_end_of_long_work_is_told_and_that_of_short_work_is_not() {
    let notified =
        |stage: &Stage| stage.effects.iter().any(|effect| *effect == Effect::Notify("uploaded 1 of 1".into()));
    for (seconds, told) in [(9, false), (10, true)] {
        let mut stage = Stage::full();
        stage.queue(vec![transfer(1, Upload, Sending, "a")]).wait(seconds);
        stage.queue(vec![transfer(1, Upload, Done, "a")]);
        assert_eq!(notified(&stage), told, "after {seconds} s");
    }
}

#[test]
fn fifty_thousand_that_only_move_on_leave_the_list_alone() {
    let mut stage = Stage::full();
    let mut transfers: Vec<TransferView> = (1..=50_000).map(|number| transfer(number, Upload, Queued, "a")).collect();
    stage.queue(transfers.clone()).press("3 G");
    let list = stage.app.transfers().list();
    assert_eq!((list.cursor(), list.len(), list.arrangements()), (49_999, 50_000, 1));
    for sent in 1..50 {
        transfers[0] = TransferView { sent, ..transfer(1, Upload, Sending, "a") };
        stage.queue(transfers.clone());
    }
    stage.press("g g ctrl-f ctrl-f");
    let list = stage.app.transfers().list();
    assert_eq!((list.cursor(), list.arrangements()), (2 * list.page(), 1));
    transfers.remove(0);
    stage.queue(transfers);
    assert_eq!(stage.app.transfers().list().arrangements(), 2);
}

#[test]
fn the_pane_follows_what_runs_unless_somebody_is_at_it() {
    let waiting = || (1..50).map(|number| transfer(number, Upload, Queued, "w"));
    let running = || (100..120).map(|number| transfer(number, Upload, Sending, "r"));
    for (keys, row, state) in [("1", 0, Sending), ("3", 20, Queued)] {
        let mut stage = Stage::full();
        stage.resize(80, 24).queue(waiting().collect()).press(keys);
        stage.queue(running().chain(waiting()).collect());
        let (transfers, cursor) = (stage.app.transfers(), stage.app.transfers().list().cursor());
        assert_eq!((cursor, transfers.row(cursor).unwrap().transfer.state), (row, state));
    }
}

#[test]
fn the_question_before_the_end_says_what_goes_on_and_what_does_not() {
    let mut stage = Stage::full();
    stage.snapshot(QueueView {
        transfers: vec![transfer(1, Upload, Sending, "a"), transfer(2, Upload, Paused, "b"), held(3)],
        lanes: vec![lane(Some(hold(FailureKind::Credentials, None, 1)))],
        ..QueueView::default()
    });
    stage.press("q");
    let Some(Dialog::Confirm(dialog)) = stage.app.dialog() else { panic!("no question") };
    assert_eq!(dialog.title, "Quit with 2 open transfers?");
    let said = [
        "They stay queued and go on at the next start, or with: windlass resume",
        "1 paused transfer stays paused.",
        "Those of profile prod wait until what stopped it is mended.",
    ];
    assert_eq!(dialog.lines, said);
}
