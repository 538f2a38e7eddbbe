//! What is tried again under a profile that its credentials have stopped: the profile is read before, whichever row it is.

use std::sync::Arc;

use super::again::{asked_about, commands, failed, ids};
use super::met::still_there;
use super::stage::{Stage, identity, slot, transfer};
use crate::app::effect::QueueCommand::{Retry, RetryAs};
use crate::app::{Answer, Effect};
use crate::domain::TransferKind::Upload;
use crate::domain::TransferState::Queued;
use crate::domain::transfer::{Hold, Lane, Limits, OnConflict, QueueView, TransferView};
use crate::domain::{Failure, FailureKind};

/// The profiles are read, and are as they were.
fn read(stage: &mut Stage) {
    let request = stage.asked("ReadProfiles");
    stage.answer(request, Answer::ProfilesRead(Ok(vec![slot("prod"), slot("other")])));
}

/// So many of a profile that its credentials have stopped, the first of them failed before.
fn stopped(waiting: usize) -> QueueView {
    let held = (1..=waiting as u128)
        .map(|number| TransferView { held: true, ..transfer(number, Upload, Queued, &format!("k{number}")) });
    let failure = Failure::new(FailureKind::Credentials, "prod: the access key is not known");
    let hold = Hold { failure, next_try_in: None, waiting };
    let lane = Lane { profile: identity("prod"), limits: Limits { jobs: 8, rate: 0 }, hold: Some(hold), records: None };
    QueueView { transfers: held.collect(), lanes: vec![lane], ..QueueView::default() }
}

#[test]
fn all_that_a_retry_sets_going_are_counted() {
    let mut stage = Stage::full();
    stage.snapshot(stopped(12)).press("3 r");
    read(&mut stage);
    assert_eq!(commands(&stage), [(Retry, ids(&[1]))]);
    let request = stage.asked("Command");
    stage.answer(request, Answer::Commanded(Ok(1)));
    assert_eq!(stage.said().last(), Some(&"trying again: 1, and 11 more that waited with it"));
    stage.press("ctrl-a r");
    read(&mut stage);
    let request = stage.asked("Command");
    stage.answer(request, Answer::Commanded(Ok(12)));
    assert_eq!(stage.said().last(), Some(&"trying again: 12"));
}

/// One that failed for a reason of its own, under a profile that its credentials have stopped for two others since.
fn beside_stopped(kind: FailureKind) -> Stage {
    let mut stage = Stage::full();
    let mut view = stopped(2);
    view.transfers.insert(0, failed(9, "big.bin", kind));
    stage.snapshot(view).press("3 g g r");
    stage
}

#[test]
fn a_stopped_profile_is_read_whichever_of_its_rows_is_tried_again() {
    let mut stage = beside_stopped(FailureKind::Local);
    assert_eq!(commands(&stage), []);
    read(&mut stage);
    assert_eq!(commands(&stage), [(Retry, ids(&[9]))]);
}

#[test]
fn a_stopped_profile_is_read_before_what_was_decided_about_its_rows_is_done() {
    let mut stage = beside_stopped(FailureKind::Exists);
    assert_eq!((asked_about(&stage), stage.asked_if("LookAtMet")), (None, None), "nothing is looked at as it stood");
    let request = stage.asked("ReadProfiles");
    stage.answer(request, Answer::ProfilesRead(Ok(vec![slot("prod"), slot("other")])));
    still_there(&mut stage);
    stage.press("b");
    assert_eq!(commands(&stage), []);
    let request = stage.asked("ReadProfiles");
    assert!(stage.effects.contains(&Effect::ReadProfiles { request, profiles: vec!["prod".into()] }));
    stage.answer(request, Answer::ProfilesRead(Ok(vec![slot("prod"), slot("other")])));
    assert_eq!(commands(&stage), [(RetryAs(OnConflict::KeepBoth), ids(&[9]))]);
}

#[test]
fn esc_while_a_stopped_profile_is_read_calls_off_the_question_and_not_the_reading() {
    let mut stage = beside_stopped(FailureKind::Exists);
    let request = stage.asked("ReadProfiles");
    stage.press("esc");
    let mut mended = slot("prod");
    mended.provider = Some(crate::domain::Provider::R2);
    stage.answer(request, Answer::ProfilesRead(Ok(vec![mended.clone(), slot("other")])));
    assert_eq!((asked_about(&stage), stage.asked_if("LookAtMet")), (None, None));
    assert_eq!(stage.app.profiles()[0], mended);
}

#[test]
fn what_was_decided_for_a_profile_that_goes_on_waits_for_no_other() {
    let mut stage = Stage::full();
    let mut view = stopped(1);
    let mut elsewhere = failed(8, "b", FailureKind::Exists);
    Arc::make_mut(&mut elsewhere.transfer).profile = identity("other");
    view.transfers.splice(0..0, [failed(9, "a", FailureKind::Exists), elsewhere]);
    stage.snapshot(view).press("3 g g space space r");
    read(&mut stage);
    still_there(&mut stage);
    stage.press("s o");
    assert_eq!(commands(&stage), [(RetryAs(OnConflict::Overwrite), ids(&[8]))]);
    read(&mut stage);
    assert_eq!(commands(&stage), [(RetryAs(OnConflict::Skip), ids(&[9]))]);
}
