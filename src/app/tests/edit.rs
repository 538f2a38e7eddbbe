//! Editing: what is opened, who gets the terminal, and what becomes of the text.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::Arc;

use super::stage::{Stage, able, file, profile, slot_of, transfer};
use crate::app::effect::{EditEnd, EditStep, EditWish, QueueCommand};
use crate::app::notices::Level;
use crate::app::{Answer, Dialog, Effect, KeptText, KeptWork, Message};
use crate::config::Profile;
use crate::domain::file::{FileEntry, FileKind, LinkTarget};
use crate::domain::transfer::{OnConflict, TransferView};
use crate::domain::{Capabilities, Failure, FailureKind, Result, Transfer, TransferKind, TransferState};

const TEXT: &str = "/state/edits/1/new.png";

/// What the last update asked of an edit.
fn step(stage: &Stage) -> Option<EditStep> {
    stage.effects.iter().find_map(|effect| match effect {
        Effect::Edit { step, .. } => Some(step.clone()),
        _ => None,
    })
}

fn answer(stage: &mut Stage, end: Result<EditEnd>) {
    let request = stage.asked("Edit");
    stage.answer(request, Answer::Edit(end));
}

fn settle(wish: EditWish) -> Option<EditStep> {
    Some(EditStep::Settle { path: TEXT.into(), wish })
}

/// A screen whose user has left the editor.
fn edited() -> Stage {
    let mut stage = Stage::full();
    stage.press("2 e");
    answer(&mut stage, Ok(EditEnd::Opened(TEXT.into())));
    assert_eq!(step(&stage), Some(EditStep::Lend(TEXT.into())));
    answer(&mut stage, Ok(EditEnd::Closed));
    stage
}

fn upload(state: TransferState, on_conflict: OnConflict, error: Option<FailureKind>) -> TransferView {
    let view = transfer(9, TransferKind::Upload, state, "new.png");
    let error = error.map(|kind| Failure::new(kind, "new.png was replaced meanwhile").into());
    let path = Some(PathBuf::from(TEXT).into());
    let finished_at = state.is_final().then(chrono::DateTime::default);
    let transfer = Transfer { on_conflict, path, error, finished_at, ..(*view.transfer).clone() };
    TransferView { transfer: Arc::new(transfer), ..view }
}

#[test]
fn a_changed_text_goes_back_over_what_was_opened_and_its_file_goes_once_it_is_saved() {
    let mut stage = edited();
    assert_eq!(step(&stage), settle(EditWish::SaveBack));
    answer(&mut stage, Ok(EditEnd::Queued));
    assert!(stage.said().contains(&"saving new.png"));
    stage.queue(vec![upload(TransferState::Sending, OnConflict::OverwriteIf, None)]);
    stage.queue(vec![upload(TransferState::Done, OnConflict::OverwriteIf, None)]);
    assert!(stage.effects.contains(&Effect::ForgetEdit(TEXT.into())), "{:?}", stage.effects);
}

#[test]
fn a_text_as_it_was_is_said_and_nothing_is_queued() {
    let mut stage = edited();
    answer(&mut stage, Ok(EditEnd::Unchanged));
    assert!(stage.said().contains(&"new.png is as it was: nothing to save"));
    assert_eq!(step(&stage), None);
}

#[test]
fn what_was_replaced_is_asked_about_and_a_bare_enter_keeps_the_text() {
    let replaced = || upload(TransferState::Failed, OnConflict::OverwriteIf, Some(FailureKind::Changed));
    let mut stage = Stage::full();
    stage.queue(vec![upload(TransferState::Sending, OnConflict::OverwriteIf, None)]).queue(vec![replaced()]);
    let Some(Dialog::Confirm(question)) = stage.app.dialog() else { panic!("{:?}", stage.app.dialog()) };
    assert!(question.lines.iter().any(|line| line.contains(TEXT)) && !question.yes, "{question:?}");
    stage.press("enter");
    assert!(stage.app.dialog().is_none() && step(&stage).is_none());
    assert!(!stage.effects.contains(&Effect::ForgetEdit(TEXT.into())));
}

#[test]
fn what_was_replaced_finds_another_name_and_its_file_goes_then() {
    let replaced = || upload(TransferState::Failed, OnConflict::OverwriteIf, Some(FailureKind::Changed));
    let mut stage = Stage::full();
    stage.queue(vec![upload(TransferState::Sending, OnConflict::OverwriteIf, None)]).queue(vec![replaced()]);
    stage.press("y enter");
    assert_eq!(step(&stage), settle(EditWish::SaveAs("new (2).png".into())));
    answer(&mut stage, Ok(EditEnd::Queued));
    let other = |state| {
        let view = upload(state, OnConflict::Refuse, None);
        let transfer =
            Transfer { id: crate::domain::TransferId(uuid::Uuid::from_u128(10)), ..(*view.transfer).clone() };
        TransferView { transfer: Arc::new(transfer), ..view }
    };
    stage.queue(vec![other(TransferState::Queued), replaced()]).queue(vec![other(TransferState::Done), replaced()]);
    assert!(stage.effects.contains(&Effect::ForgetEdit(TEXT.into())), "{:?}", stage.effects);
    let forgotten = stage.effects.iter().find_map(|effect| match effect {
        Effect::Command { command, transfers, .. } => Some((*command, transfers.clone())),
        _ => None,
    });
    let failed = vec![replaced().transfer.id];
    assert_eq!(forgotten, Some((QueueCommand::ForgetTries, failed)), "its text is gone");
}

#[test]
fn an_editor_that_fails_has_its_text_kept_and_named() {
    let mut stage = Stage::full();
    stage.press("2 e");
    answer(&mut stage, Ok(EditEnd::Opened(TEXT.into())));
    answer(&mut stage, Err(Failure::new(FailureKind::Local, "the editor vi ended with code 1")));
    assert_eq!(step(&stage), settle(EditWish::Keep));
    answer(&mut stage, Ok(EditEnd::Kept));
    assert!(stage.said().iter().any(|said| said.contains(TEXT)), "{:?}", stage.said());
}

#[test]
fn an_editor_that_never_ran_is_all_that_is_said() {
    let mut stage = Stage::full();
    stage.press("2 e");
    assert_eq!(stage.app.notices().shown()[0].level, Level::Note, "nothing was done yet");
    answer(&mut stage, Ok(EditEnd::Opened(TEXT.into())));
    answer(&mut stage, Err(Failure::new(FailureKind::Local, "the editor \"x\" is not installed")));
    answer(&mut stage, Ok(EditEnd::Unchanged));
    assert!(!stage.said().iter().any(|said| said.contains("nothing to save")), "{:?}", stage.said());
}

#[test]
fn the_keyboard_is_not_taken_from_whoever_types_meanwhile() {
    let mut stage = Stage::full();
    stage.press("2 e");
    let opening = stage.asked("Edit");
    stage.press("/").type_text("new");
    stage.answer(opening, Answer::Edit(Ok(EditEnd::Opened(TEXT.into()))));
    assert_eq!(step(&stage), None);
    assert!(stage.effects.contains(&Effect::ForgetEdit(TEXT.into())));
    assert!(stage.said().iter().any(|said| said.contains("e opens it again")), "{:?}", stage.said());
}

#[test]
fn a_text_on_its_way_is_given_up_by_escape() {
    let mut stage = Stage::full();
    stage.press("2 e");
    let opening = stage.asked("Edit");
    stage.press("esc");
    assert!(stage.effects.contains(&Effect::Cancel(opening)), "{:?}", stage.effects);
}

#[test]
fn a_local_file_is_edited_itself_and_read_again() {
    let mut stage = Stage::full();
    stage.press("G e");
    assert_eq!(step(&stage), Some(EditStep::Lend("/home/me/b.png".into())));
    answer(&mut stage, Ok(EditEnd::Closed));
    assert_eq!(stage.said(), ["saved b.png"]);
    stage.answer_folder(vec![file("b.png", 5)]);
    assert_eq!(stage.local(), ["..", "b.png"]);
    stage.press("e");
    answer(&mut stage, Ok(EditEnd::Unchanged));
    assert_eq!(stage.said().last(), Some(&"b.png is as it was"));
}

#[test]
fn a_local_file_whose_name_is_no_text_is_named_as_the_list_names_it() {
    let mut stage = Stage::full();
    let name = OsString::from_vec(b"bad\xff\xfe.txt".to_vec());
    stage.press("R").answer_folder(vec![FileEntry { name, ..file("b.png", 5) }]).press("G e");
    answer(&mut stage, Ok(EditEnd::Unchanged));
    assert_eq!(stage.said(), ["bad\\xFF\\xFE.txt is as it was"]);
}

#[test]
fn what_cannot_be_edited_says_why() {
    let mut stage = Stage::full();
    stage.press("e");
    assert!(stage.said()[0].contains("only a file can be edited"), "{:?}", stage.said());

    let mut stage = Stage::described(Capabilities { overwrite: Err("every upload is a file of its own"), ..able() });
    stage.press("2 e");
    assert!(stage.said()[0].contains("every upload is a file of its own"), "{:?}", stage.said());

    let mut read_only = profile("prod");
    read_only.read_only = true;
    let mut stage = Stage::with(vec![slot_of(read_only)]);
    stage.answer_records(&["a.txt"], false).press("2 e");
    assert!(stage.said()[0].contains("prod is read-only"), "{:?}", stage.said());
    assert_eq!(step(&stage), None);
}

#[test]
fn a_link_that_leads_nowhere_is_called_so_where_it_cannot_be_uploaded() {
    let mut stage = Stage::full();
    let link = |target| FileEntry { kind: FileKind::Symlink(target), size: None, ..file("link", 0) };
    for (target, why) in
        [(LinkTarget::Missing, "this link leads nowhere"), (LinkTarget::Other, "this is no file that can be read")]
    {
        stage.press("R").answer_folder(vec![link(target)]).press("G u");
        assert_eq!(stage.said().last(), Some(&&*format!("upload: {why}")));
    }
}

#[test]
fn what_was_started_read_only_says_so() {
    let now = Profile { read_only: true, read_only_now: true, ..profile("prod") };
    let mut stage = Stage::with(vec![slot_of(now)]);
    stage.answer_folder(vec![file("a", 1)]).press("j u");
    assert_eq!(stage.said(), ["upload: prod is read-only, because Windlass was started with --read-only"]);
}

fn left(profile: &str) -> KeptText {
    let path = format!("/state/edits/{profile}/a.txt").into();
    KeptText { path, of: Some((profile.into(), "a.txt".into())), work: KeptWork::Text }
}

fn finds(stage: &mut Stage, kept: KeptText) {
    let now = stage.now();
    stage.send(Message::Kept { kept, now });
}

#[test]
fn a_text_that_was_left_is_named_under_its_own_profile_alone() {
    let mut stage = Stage::full();
    finds(&mut stage, left("other"));
    assert!(stage.said().is_empty(), "{:?}", stage.said());
    stage.press("g e");
    assert_eq!(stage.said(), ["edit on: no edited text of this profile waits to be saved"]);
    finds(&mut stage, left("gone"));
    let named = "an edited text of a.txt was not saved: ge opens it again, gx discards it; it is /state/edits";
    assert!(stage.said()[1].starts_with(named), "of no profile that there is: {:?}", stage.said());
    stage.press("P j enter");
    let of_other = stage.said().into_iter().filter(|said| said.contains("/edits/other/")).count();
    assert_eq!(of_other, 1, "{:?}", stage.said());
}

#[test]
fn a_text_that_was_left_is_edited_on_and_saved_as_any_other() {
    let mut stage = Stage::full();
    let kept = left("prod");
    finds(&mut stage, kept.clone());
    stage.press("g e");
    assert_eq!(step(&stage), Some(EditStep::Lend(kept.path.clone())));
    answer(&mut stage, Ok(EditEnd::Closed));
    assert_eq!(step(&stage), Some(EditStep::Settle { path: kept.path, wish: EditWish::SaveBack }));
    answer(&mut stage, Ok(EditEnd::Queued));
    stage.press("g x");
    assert!(stage.app.dialog().is_none(), "it is on its way");
}

#[test]
fn a_text_that_was_left_is_discarded_after_a_question() {
    let mut stage = Stage::full();
    let kept = KeptText { work: KeptWork::Beside("/state/edits/prod/.a.txt.swp".into()), ..left("prod") };
    finds(&mut stage, kept.clone());
    stage.press("g e");
    assert_eq!(step(&stage), None, "what it has beside it is the editor's own");
    stage.press("g x").press("enter");
    assert!(stage.effects.is_empty(), "No is chosen");
    stage.press("g x").press("y");
    assert!(stage.effects.contains(&Effect::ForgetEdit(kept.path)), "{:?}", stage.effects);
    stage.press("g x");
    assert!(stage.app.dialog().is_none());
}

/// A screen whose edited text met another object, after the question what to do was closed.
fn refused() -> (Stage, TransferView) {
    let replaced = upload(TransferState::Failed, OnConflict::OverwriteIf, Some(FailureKind::Changed));
    let mut stage = Stage::full();
    stage.queue(vec![upload(TransferState::Sending, OnConflict::OverwriteIf, None)]).queue(vec![replaced.clone()]);
    stage.press("esc");
    assert!(stage.app.dialog().is_none());
    (stage, replaced)
}

/// The same, ended a second later.
fn later(view: &TransferView) -> TransferView {
    let finished_at = view.transfer.finished_at.map(|at| at + chrono::TimeDelta::seconds(1));
    TransferView { transfer: Arc::new(Transfer { finished_at, ..(*view.transfer).clone() }), ..view.clone() }
}

#[test]
fn a_text_whose_upload_failed_waits_to_be_saved_until_it_is_tried_again() {
    let (mut stage, _) = refused();
    stage.queue(vec![upload(TransferState::Queued, OnConflict::OverwriteIf, None)]).press("g x");
    assert!(stage.app.dialog().is_none(), "it is on its way");
    let said = "discard: no edited text of this profile waits to be saved";
    assert_eq!(stage.said().last(), Some(&said));
    let (mut stage, replaced) = refused();
    stage.queue(vec![upload(TransferState::Queued, OnConflict::OverwriteIf, None)]);
    stage.wait(1).queue(vec![later(&replaced)]).wait(1).press("esc").press("g e");
    assert_eq!(step(&stage), Some(EditStep::Lend(TEXT.into())));
    answer(&mut stage, Ok(EditEnd::Closed));
    assert_eq!(step(&stage), settle(EditWish::SaveBack));
}

#[test]
fn a_text_that_is_discarded_takes_its_failed_try_along() {
    let (mut stage, replaced) = refused();
    stage.press("g x").press("y");
    assert!(stage.effects.contains(&Effect::ForgetEdit(TEXT.into())), "{:?}", stage.effects);
    let (request, command) = (stage.asked("Command"), QueueCommand::ForgetTries);
    let failed = vec![replaced.transfer.id];
    assert!(stage.effects.contains(&Effect::Command { request, command, transfers: failed }), "{:?}", stage.effects);
    stage.queue(Vec::new()).press("g x");
    assert!(stage.app.dialog().is_none());
}

#[test]
fn a_text_that_is_saved_after_all_waits_no_longer() {
    let (mut stage, _) = refused();
    stage.queue(vec![later(&upload(TransferState::Done, OnConflict::OverwriteIf, None))]).press("g e");
    assert_eq!(step(&stage), None);
}
