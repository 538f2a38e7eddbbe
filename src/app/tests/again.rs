//! What failed and is tried again: what is asked before, and what is read again for it.

use std::sync::Arc;

use super::stage::{Stage, identity, profile, slot, slot_of, transfer};
use crate::app::effect::QueueCommand::{self, Retry};
use crate::app::effect::RequestId;
use crate::app::{Answer, Dialog, Effect, Found, Message};
use crate::config::Profile;
use crate::domain::TransferKind::{Delete, Upload};
use crate::domain::TransferState::{Cancelled, Done, Failed, Queued, Sending};
use crate::domain::transfer::{OnConflict, TransferView};
use crate::domain::{Failure, FailureKind, TransferId};

pub(super) fn failed(number: u128, key: &str, kind: FailureKind) -> TransferView {
    let mut view = transfer(number, Upload, Failed, key);
    let what = format!("{key} exists in the bucket, with other bytes");
    Arc::make_mut(&mut view.transfer).error = Some(Failure::new(kind, what).into());
    view
}

pub(super) fn ids(numbers: &[u128]) -> Vec<TransferId> {
    numbers.iter().map(|number| TransferId(uuid::Uuid::from_u128(*number))).collect()
}

pub(super) fn commands(stage: &Stage) -> Vec<(QueueCommand, Vec<TransferId>)> {
    let command = |effect: &Effect| match effect {
        Effect::Command { command, transfers, .. } => Some((*command, transfers.clone())),
        _ => None,
    };
    stage.effects.iter().filter_map(command).collect()
}

#[test]
fn an_edited_text_that_has_no_place_is_asked_about_by_its_own_question() {
    let mut stage = Stage::full();
    let mut edit = failed(1, "a", FailureKind::Changed);
    Arc::make_mut(&mut edit.transfer).on_conflict = OnConflict::OverwriteIf;
    let words = crate::app::transfers::words::words(&edit, None, stage.app.saying());
    assert!(words.ends_with("r asks what to do"), "{words}");
    stage.queue(vec![edit]).press("3 r");
    let Some(Dialog::Confirm(question)) = stage.app.dialog() else { panic!("no question") };
    assert_eq!((question.title.as_str(), question.verb), ("a is not the one that was opened", "upload it"));
    assert_eq!(commands(&stage), []);
}

#[test]
fn a_profile_that_was_mended_in_its_file_is_read_before_anything_is_tried_again() {
    let mut stage = Stage::full();
    stage.queue(vec![failed(1, "a", FailureKind::Credentials)]).press("3 r");
    assert_eq!(commands(&stage), []);
    let request = stage.asked("ReadProfiles");
    assert!(stage.effects.contains(&Effect::ReadProfiles { request, profiles: vec!["prod".into()] }));
    let mended = slot_of(Profile { access_key_id: "AKIDMENDED".into(), ..profile("prod") });
    stage.answer(request, Answer::ProfilesRead(Ok(vec![mended.clone(), slot("other")])));
    assert_eq!((commands(&stage), stage.app.remote().slot()), (vec![(Retry, ids(&[1]))], &mended));
    stage.asked("LoadRecords");
    stage.asked("Describe");
}

#[test]
fn all_the_profiles_that_have_stopped_what_is_tried_again_are_opened_anew() {
    let mut stage = Stage::full();
    let refused = |number, key, of: &str| {
        let mut view = failed(number, key, FailureKind::Credentials);
        Arc::make_mut(&mut view.transfer).profile = Arc::new(profile(of).identity());
        view
    };
    stage.queue(vec![
        refused(1, "a", "prod"),
        refused(2, "b", "other"),
        refused(3, "c", "prod"),
        refused(4, "d", "gone"),
    ]);
    stage.press("3 ctrl-a r");
    let request = stage.asked("ReadProfiles");
    let profiles = ["gone", "other", "prod"].map(str::to_owned).into();
    assert!(stage.effects.contains(&Effect::ReadProfiles { request, profiles }), "{:?}", stage.effects);
    stage.answer(request, Answer::ProfilesRead(Ok(vec![slot("prod"), slot("other")])));
    assert_eq!(commands(&stage), [(Retry, ids(&[1, 2, 3, 4]))]);
}

#[test]
fn a_chosen_profile_that_is_gone_from_its_file_is_said_to_be() {
    let mut broken = slot("other");
    broken.profile = Err(Failure::new(FailureKind::Usage, "R2_ACCOUNT_ID is not set"));
    let mut stage = Stage::with(vec![slot("prod"), broken]);
    stage.press("P j").press("enter");
    let request = stage.asked("ReadProfiles");
    stage.answer(request, Answer::ProfilesRead(Ok(vec![slot("prod")])));
    assert_eq!(stage.said(), ["profile other is not in /etc/windlass.toml any more: prod stays in force"]);
    assert_eq!(stage.app.remote().slot().name, "prod");
}

#[test]
fn a_file_that_is_wrong_says_so_and_nothing_is_tried() {
    let mut stage = Stage::full();
    stage.queue(vec![failed(1, "a", FailureKind::Credentials)]).press("3 r");
    let request = stage.asked("ReadProfiles");
    let wrong = Failure::new(FailureKind::Usage, "config.toml, line 3: this is no TOML");
    stage.answer(request, Answer::ProfilesRead(Err(wrong)));
    assert_eq!((commands(&stage), stage.said()), (vec![], vec!["config.toml, line 3: this is no TOML"]));
}

#[test]
fn the_profile_in_force_is_read_again_when_it_is_chosen_once_more() {
    let mut stage = Stage::full();
    stage.press("P").press("enter");
    let request = stage.asked("ReadProfiles");
    stage.answer(request, Answer::ProfilesRead(Ok(vec![slot("prod"), slot("other")])));
    assert_eq!(stage.said(), ["prod is read again and is as it was"]);
    stage.asked("LoadRecords");
    stage.press("P").press("enter");
    let request = stage.asked("ReadProfiles");
    stage.answer(request, Answer::ProfilesRead(Ok(vec![slot("other")])));
    assert_eq!(stage.said()[1], "profile prod is not configured any more: P chooses another");
    assert!(stage.app.remote().slot().name == "prod" && stage.app.profile_is_gone());
    stage.press("1 u 2 D");
    let said = ["upload", "delete"].map(|what| format!("{what}: prod was removed; P has others"));
    assert_eq!((&stage.said()[2..], stage.app.dialog().is_some()), (&said.each_ref().map(String::as_str)[..], false));
    stage.press("P enter");
    assert!(stage.app.remote().slot().name == "other" && !stage.app.profile_is_gone());
}

#[test]
fn what_was_skipped_is_not_called_uploaded() {
    let mut stage = Stage::full();
    let one = transfer(1, Upload, Sending, "a");
    stage.queue(vec![one, transfer(2, Upload, Sending, "b")]);
    let mut skipped = failed(1, "a", FailureKind::Exists);
    Arc::make_mut(&mut skipped.transfer).state = Done;
    stage.queue(vec![skipped, transfer(2, Upload, Done, "b")]);
    assert_eq!(stage.said(), ["uploaded 1 of 1, skipped 1"]);
}

#[test]
fn what_is_answered_while_the_profiles_are_read_is_for_the_profile_that_was_told_and_else_refused() {
    let mut stage = Stage::in_bucket(&["a.txt"]);
    stage.press("P enter");
    let reading = stage.asked("ReadProfiles");
    stage.press("D y");
    let request = stage.asked("Enqueue");
    assert!(matches!(&stage.effects[..], [Effect::Enqueue { profile, .. }] if *profile == identity("prod")));
    let moved = slot_of(Profile { buckets: vec!["another".into()], ..profile("prod") });
    stage.answer(reading, Answer::ProfilesRead(Ok(vec![moved, slot("other")])));
    let refused = Failure::new(FailureKind::Changed, "profile prod was changed after you were asked");
    stage.answer(request, Answer::Enqueued(Err(refused)));
    assert!(stage.said().contains(&"profile prod was changed after you were asked"), "{:?}", stage.said());
}

#[test]
fn what_was_asked_under_a_profile_that_is_another_one_now_is_closed() {
    let mut stage = Stage::in_bucket(&["a.txt"]);
    stage.press("P enter");
    let request = stage.asked("ReadProfiles");
    stage.press("D");
    assert!(matches!(stage.app.dialog(), Some(Dialog::Confirm(_))));
    let moved = slot_of(Profile { buckets: vec!["another".into()], ..profile("prod") });
    stage.answer(request, Answer::ProfilesRead(Ok(vec![moved, slot("other")])));
    assert!(stage.app.dialog().is_none());
    assert!(stage.said().iter().any(|said| said.contains("nothing was queued")), "{:?}", stage.said());
}

/// A folder's upload that has queued these, and found all there is.
fn uploaded_folder(keys: &str, queued: &[u128]) -> Stage {
    let mut stage = Stage::full();
    stage.press(keys);
    let request = stage.asked("Walk");
    found(&mut stage, request, queued);
    stage.answer(request, Answer::Walked(Ok(Found { queued: queued.len(), ..Found::default() })));
    stage
}

fn found(stage: &mut Stage, request: RequestId, queued: &[u128]) {
    let (found, now) = (Found { queued: queued.len(), ..Found::default() }, stage.now());
    stage.send(Message::Walking { request, found, queued: ids(queued), now });
}

pub(super) fn asked_about(stage: &Stage) -> Option<usize> {
    match stage.app.dialog() {
        Some(Dialog::Conflicts(question)) => Some(question.taken),
        None => None,
        other => panic!("{other:?}"),
    }
}

fn sending(number: u128, key: &str) -> TransferView {
    transfer(number, Upload, Sending, key)
}

#[test]
fn what_was_to_be_asked_afterwards_is_asked_by_itself_once_all_is_through() {
    let mut stage = uploaded_folder("u enter", &[1, 2, 3]);
    let older = failed(9, "older", FailureKind::Exists);
    stage.queue(vec![sending(1, "sub/a"), sending(2, "sub/b"), sending(3, "sub/c"), older.clone()]);
    let (one, two) = (failed(1, "sub/a", FailureKind::Exists), failed(2, "sub/b", FailureKind::Exists));
    stage.queue(vec![sending(3, "sub/c"), one.clone(), two.clone(), older.clone()]);
    assert_eq!(asked_about(&stage), None, "one of them is not through");
    stage.queue(vec![one.clone(), two.clone(), older, transfer(3, Upload, Done, "sub/c")]);
    assert_eq!(asked_about(&stage), Some(2), "what failed before is not asked about");
    stage.wait(1).press("esc").queue(vec![transfer(4, Delete, Queued, "x"), one.clone(), two.clone()]);
    stage.queue(vec![one, two, transfer(4, Delete, Done, "x")]);
    assert_eq!(asked_about(&stage), None, "it is asked once");
}

#[test]
fn what_another_upload_meets_meanwhile_is_not_of_the_promise_and_holds_nothing_up() {
    let mut stage = uploaded_folder("u enter", &[1, 2]);
    stage.queue(vec![sending(1, "sub/a"), sending(2, "sub/b"), sending(3, "single"), sending(4, "large")]);
    let met = |number, key| failed(number, key, FailureKind::Exists);
    stage.queue(vec![met(1, "sub/a"), met(2, "sub/b"), met(3, "single"), sending(4, "large")]);
    assert_eq!(asked_about(&stage), Some(2));
    stage.wait(1).press("esc").queue(vec![met(1, "sub/a"), met(2, "sub/b"), met(3, "single"), met(4, "large")]);
    assert_eq!(asked_about(&stage), None);
}

#[test]
fn what_met_something_before_all_was_found_is_asked_about_once_it_is() {
    let mut stage = Stage::full();
    stage.press("u enter");
    let request = stage.asked("Walk");
    stage.queue(vec![sending(1, "sub/a")]).queue(vec![failed(1, "sub/a", FailureKind::Exists)]);
    found(&mut stage, request, &[1]);
    assert_eq!(asked_about(&stage), None, "it is still being gone through");
    stage.answer(request, Answer::Walked(Ok(Found { queued: 1, ..Found::default() })));
    assert_eq!(asked_about(&stage), Some(1));
}

#[test]
fn what_was_queued_before_the_looking_was_stopped_is_asked_about_too() {
    let mut stage = Stage::full();
    stage.press("u enter");
    let request = stage.asked("Walk");
    stage.queue(vec![sending(1, "sub/a"), sending(2, "sub/b")]).press("esc");
    found(&mut stage, request, &[1, 2]);
    stage.queue(vec![failed(1, "sub/a", FailureKind::Exists), transfer(2, Upload, Cancelled, "sub/b")]);
    assert_eq!(asked_about(&stage), Some(1));
}

#[test]
fn what_was_through_before_the_looking_was_stopped_is_asked_about_when_it_is() {
    let mut stage = Stage::full();
    stage.press("u enter");
    let request = stage.asked("Walk");
    found(&mut stage, request, &[1]);
    stage.queue(vec![sending(1, "sub/a")]).queue(vec![failed(1, "sub/a", FailureKind::Exists)]);
    assert_eq!(asked_about(&stage), None);
    stage.wait(1).press("esc");
    assert_eq!(asked_about(&stage), Some(1));
}

#[test]
fn what_is_told_to_be_queued_after_it_was_through_is_asked_about_also_where_the_looking_was_stopped() {
    let mut stage = Stage::full();
    stage.press("u enter");
    let request = stage.asked("Walk");
    stage.press("esc").queue(vec![sending(1, "sub/a")]).queue(vec![failed(1, "sub/a", FailureKind::Exists)]);
    stage.wait(1);
    found(&mut stage, request, &[1]);
    assert_eq!(asked_about(&stage), Some(1));
}

#[test]
fn what_was_to_be_skipped_is_not_asked_about() {
    let mut stage = uploaded_folder("u tab right enter", &[1]);
    stage.queue(vec![sending(1, "sub/a")]).queue(vec![failed(1, "sub/a", FailureKind::Exists)]);
    assert_eq!(asked_about(&stage), None);
}
