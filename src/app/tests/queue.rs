//! The pane Transfers, and what the queue's changes lead to elsewhere.

use std::sync::Arc;

use chrono::TimeDelta;

use super::stage::{Stage, file, record, transfer};
use crate::app::effect::QueueCommand;
use crate::app::{Answer, Dialog, Effect, Found, Plan};
use crate::domain::TransferKind::{Delete, Download, Upload};
use crate::domain::TransferState::{Cancelled, Done, Failed, Paused, Queued, Recording, Sending};
use crate::domain::transfer::{QueueView, TransferView};
use crate::domain::{Failure, FailureKind, Record, RecordCursor, RecordPage, Sort};

fn parked(mut view: TransferView) -> TransferView {
    view.next_try_in = Some(8);
    view
}

#[test]
fn the_end_of_work_is_counted_once_the_queue_is_at_rest() {
    let mut stage = Stage::full();
    stage.queue(vec![
        transfer(1, Upload, Sending, "a"),
        transfer(2, Upload, Queued, "b"),
        transfer(3, Delete, Queued, "c"),
    ]);
    stage.queue(vec![
        transfer(2, Upload, Sending, "b"),
        transfer(1, Upload, Done, "a"),
        transfer(3, Delete, Done, "c"),
    ]);
    assert_eq!(stage.said(), [""; 0]);
    stage.queue(vec![transfer(1, Upload, Done, "a"), transfer(2, Upload, Failed, "b"), transfer(3, Delete, Done, "c")]);
    assert_eq!(stage.said(), ["uploaded 1 of 2, deleted 1 of 1; 1 failed, see Transfers (3)"]);
    stage.queue(vec![transfer(1, Upload, Done, "a"), transfer(2, Upload, Failed, "b")]);
    assert_eq!(stage.said().len(), 1);
}

#[test]
fn what_had_ended_before_the_start_is_no_news() {
    let mut stage = Stage::full();
    stage.queue(vec![transfer(1, Upload, Done, "a"), transfer(2, Upload, Failed, "b")]);
    assert_eq!((stage.said(), stage.effects.len()), (vec![], 0));
}

#[test]
fn the_end_is_told_once_and_not_while_some_of_it_waits_for_a_later_try() {
    let mut stage = Stage::full();
    let (gone, deleted) = (transfer(1, Upload, Done, "a"), transfer(3, Delete, Done, "c"));
    stage.queue(vec![transfer(1, Upload, Sending, "a"), transfer(2, Upload, Recording, "b")]);
    stage.queue(vec![gone.clone(), parked(transfer(2, Upload, Recording, "b"))]);
    assert_eq!(stage.said(), [""; 0], "one of two is still open");
    stage.queue(vec![gone.clone(), transfer(2, Upload, Done, "b")]);
    assert_eq!(stage.said(), ["uploaded 2 of 2"]);
    let waits = parked(transfer(4, Upload, Queued, "d"));
    stage.queue(vec![gone.clone(), transfer(3, Delete, Queued, "c"), waits.clone()]);
    stage.queue(vec![gone, deleted, waits]);
    assert_eq!(stage.said(), ["deleted 1 of 1"], "work of another kind holds up nothing");
}

#[test]
fn while_files_are_still_being_found_nothing_is_at_its_end() {
    let mut stage = Stage::full();
    let found = |transfers, walks| QueueView { transfers, walks, ..QueueView::default() };
    stage.snapshot(found(vec![transfer(1, Download, Queued, "a")], 1));
    stage.snapshot(found(vec![transfer(1, Download, Done, "a")], 1));
    assert_eq!(stage.said(), [""; 0]);
    stage.snapshot(found(vec![transfer(2, Download, Queued, "b"), transfer(1, Download, Done, "a")], 0));
    stage.snapshot(found(vec![transfer(2, Download, Done, "b"), transfer(1, Download, Done, "a")], 0));
    assert_eq!(stage.said(), ["downloaded 2 of 2"]);
}

#[test]
fn a_finished_upload_has_the_records_read_again_but_not_more_than_once_a_second() {
    let mut stage = Stage::full();
    stage.wait(5).queue(vec![transfer(1, Upload, Sending, "a"), transfer(2, Upload, Sending, "b")]);
    stage.queue(vec![transfer(1, Upload, Done, "a"), transfer(2, Upload, Sending, "b")]);
    stage.answer_records(&["a", "new.png", "mid.txt", "old.pdf"], false);
    stage.queue(vec![transfer(1, Upload, Done, "a"), transfer(2, Upload, Done, "b")]);
    assert_eq!(stage.asked_if("LoadRecords"), None);
    assert_eq!(stage.wakes_at(), Some(stage.now() + chrono::TimeDelta::seconds(1)));
    stage.wait(1);
    stage.asked("LoadRecords");
}

/// A page of records that many hours newer than those that [`Stage::full`] shows.
fn newer(hours: [i64; 2], is_last: bool) -> RecordPage {
    let record = |hours: i64| {
        let shown = record(&format!("n{hours}"), 0);
        let uploaded_at = shown.uploaded_at.map(|at| at + TimeDelta::hours(hours));
        Record { id: shown.id + hours, uploaded_at, ..shown }
    };
    let records = hours.map(record).to_vec();
    let next = records.last().filter(|_| !is_last).map(|last| RecordCursor::behind(last, Sort::NEWEST));
    RecordPage { records, next, ..RecordPage::default() }
}

#[test]
fn more_new_records_than_a_page_has_are_all_read_until_those_that_were_there_come() {
    let mut stage = Stage::full();
    stage.wait(5).queue(vec![transfer(1, Upload, Sending, "a")]).queue(vec![transfer(1, Upload, Done, "a")]);
    stage.answer_page(newer([4, 3], false)).answer_page(newer([2, 1], false)).answer_records(&["new.png"], true);
    assert!(!stage.app.remote().is_loading(), "what is behind is there");
    assert_eq!(stage.remote(), ["n4", "n3", "n2", "n1", "new.png", "mid.txt", "old.pdf"]);
}

#[test]
fn a_deleted_object_is_gone_from_the_list_at_once() {
    let mut stage = Stage::full();
    stage.press("2 j").queue(vec![transfer(1, Delete, Queued, "mid.txt")]);
    stage.queue(vec![transfer(1, Delete, Done, "mid.txt")]);
    assert_eq!((stage.remote(), stage.remote_cursor()), (vec!["new.png".into(), "old.pdf".into()], "old.pdf".into()));
}

#[test]
fn a_transfer_of_another_profile_leaves_this_ones_lists_alone() {
    let mut stage = Stage::full();
    stage.press("P j enter").answer_records(&["x"], false);
    stage.wait(5).queue(vec![transfer(1, Upload, Sending, "a")]).queue(vec![transfer(1, Upload, Done, "a")]);
    assert_eq!((stage.asked_if("LoadRecords"), stage.said()), (None, vec!["profile other", "uploaded 1 of 1"]));
}

#[test]
fn a_finished_download_has_the_folder_read_again() {
    let mut stage = Stage::full();
    stage.wait(5).queue(vec![transfer(1, Download, Queued, "got.txt")]);
    stage.queue(vec![transfer(1, Download, Done, "got.txt")]);
    stage.answer_folder(vec![file("got.txt", 100)]);
    assert_eq!(stage.local(), ["..", "got.txt"]);
}

/// An upload of a file of the folder that is shown has failed.
fn upload_failed(kind: FailureKind) -> Stage {
    let mut stage = Stage::full();
    let mut failed = transfer(1, Upload, Failed, "a.txt");
    stage.queue(vec![transfer(1, Upload, Sending, "a.txt")]);
    Arc::make_mut(&mut failed.transfer).error = Some(Failure::new(kind, "cannot read a.txt").into());
    stage.queue(vec![failed]).wait(5);
    stage
}

#[test]
fn a_file_that_is_found_to_be_gone_is_not_listed_any_longer() {
    let mut stage = upload_failed(FailureKind::NotFound);
    stage.answer_folder(vec![file("b.png", 2048)]);
    assert_eq!(stage.local(), ["..", "b.png"]);
    assert_eq!(upload_failed(FailureKind::Denied).asked_if("ListFolder"), None, "it is there");
}

#[test]
fn what_is_gone_before_it_is_queued_is_not_listed_any_longer_either() {
    let gone = || Failure::new(FailureKind::NotFound, "cannot read a.txt: no such file or directory");
    let mut stage = Stage::full();
    stage.press("j u");
    let request = stage.asked("MakeKey");
    stage.answer(request, Answer::Key(Ok("a.txt".into()))).press("enter");
    let request = stage.asked("PlanUpload");
    stage.answer(request, Answer::Planned(Ok(Plan { jobs: Vec::new(), refused: vec![gone()] }))).wait(5);
    stage.asked("ListFolder");
    let mut stage = Stage::full();
    stage.press("u enter");
    let request = stage.asked("Walk");
    let found = Found { refused: 1, why: vec![gone()], ..Found::default() };
    stage.answer(request, Answer::Walked(Ok(found))).wait(5);
    stage.asked("ListFolder");
}

#[test]
fn the_cursor_stays_on_its_transfer_when_the_order_changes() {
    let mut stage = Stage::full();
    stage.queue(vec![transfer(1, Upload, Sending, "a"), transfer(2, Upload, Queued, "b")]).press("3 j");
    stage.queue(vec![transfer(2, Upload, Sending, "b"), transfer(1, Upload, Done, "a")]);
    let list = stage.app.list();
    assert_eq!(&*stage.app.transfers().row(list.cursor()).unwrap().transfer.key, "b");
    stage.queue(vec![
        transfer(3, Upload, Sending, "c"),
        transfer(2, Upload, Paused, "b"),
        transfer(1, Upload, Done, "a"),
    ]);
    let list = stage.app.list();
    assert_eq!(&*stage.app.transfers().row(list.cursor()).unwrap().transfer.key, "b");
}

#[test]
fn retry_is_for_what_failed_and_says_so_otherwise() {
    let mut stage = Stage::full();
    let (failed, running) = (transfer(1, Upload, Failed, "a"), transfer(2, Upload, Sending, "b"));
    stage.queue(vec![failed.clone(), running]).press("3 r");
    let (request, command) = (stage.asked("Command"), QueueCommand::Retry);
    assert_eq!(stage.effects, [Effect::Command { request, command, transfers: vec![failed.transfer.id] }]);
    stage.answer(request, Answer::Commanded(Ok(1)));
    assert_eq!(stage.said(), ["trying again: 1"]);
    stage.press("j r");
    assert_eq!(stage.said()[1], "retry: only what failed or waits for a later try can be tried again");
}

#[test]
fn a_cancel_is_asked_about_and_concerns_only_what_is_open() {
    let mut stage = Stage::full();
    let (open, over) = (transfer(1, Upload, Sending, "a"), transfer(2, Upload, Cancelled, "b"));
    stage.queue(vec![open.clone(), over]).press("3 ctrl-a x");
    assert!(matches!(stage.app.dialog(), Some(Dialog::Confirm(dialog)) if dialog.title == "Cancel this transfer?"));
    stage.press("y");
    let (request, command) = (stage.asked("Command"), QueueCommand::Cancel);
    assert_eq!(stage.effects, [Effect::Command { request, command, transfers: vec![open.transfer.id] }]);
}

#[test]
fn a_cancel_of_what_has_failed_says_what_becomes_of_it() {
    let asked = |of: Vec<TransferView>| {
        let mut stage = Stage::full();
        stage.queue(of).press("3 ctrl-a x");
        let Some(Dialog::Confirm(dialog)) = stage.app.dialog() else { panic!("{:?}", stage.app.dialog()) };
        (dialog.title.clone(), dialog.lines.clone())
    };
    let (up, down) = (transfer(1, Upload, Failed, "a"), transfer(2, Download, Failed, "b"));
    let (title, lines) = asked(vec![up.clone()]);
    assert_eq!(title, "Give up this transfer?");
    assert_eq!(lines, ["It has failed. What it left in the bucket is removed; the local file stays."]);
    assert_eq!(asked(vec![down.clone()]).1, ["It has failed. What it left on disk is removed; the object stays."]);
    assert_eq!(asked(vec![up.clone(), down]).0, "Give up 2 transfers?");
    let (title, lines) = asked(vec![up, transfer(3, Upload, Sending, "c")]);
    assert_eq!(
        (title.as_str(), lines[1].as_str()),
        ("Cancel 2 transfers?", "1 of them has failed: what it left is removed.")
    );
}

#[test]
fn clearing_needs_something_that_is_finished() {
    let mut stage = Stage::full();
    stage.queue(vec![transfer(1, Upload, Sending, "a")]).press("3 c");
    assert_eq!(stage.said(), ["clear done: nothing is finished"]);
    stage.queue(vec![transfer(1, Upload, Done, "a")]).press("c");
    assert!(matches!(&stage.effects[..], [.., Effect::Command { command: QueueCommand::ClearAllDone, .. }]));
}

#[test]
fn clearing_with_a_filter_forgets_what_it_shows_and_says_how_many() {
    let mut stage = Stage::full();
    let (shown, hidden) = (transfer(1, Upload, Done, "shown"), transfer(2, Upload, Done, "hidden"));
    stage.queue(vec![transfer(3, Upload, Sending, "shown-too"), shown.clone(), hidden]).press("3 /").type_text("shown");
    stage.press("enter c");
    let (request, command) = (stage.asked("Command"), QueueCommand::ClearDone);
    assert_eq!(stage.effects, [Effect::Command { request, command, transfers: vec![shown.transfer.id] }]);
    stage.answer(request, Answer::Commanded(Ok(1)));
    assert_eq!(stage.said(), ["forgot 1 transfer"]);
    stage.press("/").type_text("-too").press("enter c");
    assert_eq!(stage.asked_if("Command"), None, "nothing of what is shown is finished");
    assert_eq!(stage.said()[1], "clear done: nothing that is shown is finished");
    stage.press("esc c");
    let (request, command) = (stage.asked("Command"), QueueCommand::ClearAllDone);
    assert!(stage.effects.contains(&Effect::Command { request, command, transfers: Vec::new() }), "all of them");
    stage.answer(request, Answer::Commanded(Ok(1200)));
    assert_eq!(stage.said().last(), Some(&"forgot 1,200 transfers"));
}

#[test]
fn a_range_outlives_the_snapshots_that_come_while_it_is_marked() {
    let mut stage = Stage::full();
    let views = |state| {
        vec![transfer(1, Upload, state, "a"), transfer(2, Upload, Queued, "b"), transfer(3, Upload, Queued, "c")]
    };
    stage.queue(views(Queued)).press("3 V j").queue(views(Sending)).press("j");
    assert_eq!((stage.app.list().marked(), stage.app.list().is_marking_range()), (3, true));
}

#[test]
fn whoever_watches_the_first_transfer_goes_on_watching_what_runs_when_it_is_done() {
    let mut stage = Stage::full();
    let cursor = |stage: &Stage| stage.app.transfers().current().map(|view| view.transfer.key.to_string());
    stage.queue(vec![transfer(1, Upload, Sending, "a"), transfer(2, Upload, Queued, "b")]).press("3");
    stage.queue(vec![transfer(2, Upload, Sending, "b"), transfer(1, Upload, Done, "a")]);
    assert_eq!(cursor(&stage).as_deref(), Some("b"));
    stage.press("j").queue(vec![
        transfer(3, Upload, Sending, "c"),
        transfer(2, Upload, Done, "b"),
        transfer(1, Upload, Done, "a"),
    ]);
    assert_eq!(cursor(&stage).as_deref(), Some("a"), "who looks at what is over goes on looking at it");
    stage.press("g g").queue(vec![
        transfer(2, Upload, Done, "b"),
        transfer(1, Upload, Done, "a"),
        transfer(3, Upload, Failed, "c"),
    ]);
    assert_eq!(cursor(&stage).as_deref(), Some("c"), "what failed is not left alone");
}

#[test]
fn a_download_knows_when_its_object_was_uploaded() {
    let mut stage = Stage::full();
    stage.press("2 s");
    let Effect::PlanDownload { objects, .. } = &stage.effects[0] else { panic!("{:?}", stage.effects) };
    assert_eq!(objects.len(), 1);
    assert_eq!(objects[0].modified, record("new.png", 0).uploaded_at);
}
