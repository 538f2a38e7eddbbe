//! One thing is called by one word wherever it is said.

use std::sync::Arc;

use super::stage::{Stage, transfer};
use crate::app::dialog::Shown;
use crate::app::{Answer, Dialog};
use crate::domain::transfer::OnConflict;
use crate::domain::{TransferKind, TransferState};

/// What Enter does in the dialog that is open, by the hint line.
fn enter(stage: &Stage) -> Option<String> {
    stage.app.hints().into_iter().find(|hint| hint.keys == "Enter").map(|hint| hint.text)
}

#[test]
fn where_enter_queues_it_says_so_and_else_what_it_does() {
    let mut stage = Stage::full();
    stage.press("j u");
    let request = stage.asked("MakeKey");
    stage.answer(request, Answer::Key(Ok("a.txt".into())));
    assert_eq!(enter(&stage).as_deref(), Some("queue"), "one file");
    stage.press("esc ctrl-a u");
    assert_eq!(enter(&stage).as_deref(), Some("queue"), "a folder and files");
    stage.press("esc esc g g j j space space u");
    assert_eq!(enter(&stage).as_deref(), Some("queue"), "several files");
    stage.press("esc 2 S");
    assert_eq!(enter(&stage).as_deref(), Some("queue"), "a download under another name");
    stage.press("esc F t");
    assert_eq!(enter(&stage).as_deref(), Some("narrow"));
    stage.press("esc y L").press("G enter");
    assert_eq!(enter(&stage).as_deref(), Some("copy the link"));
}

#[test]
fn what_becomes_of_what_is_there_has_the_words_of_the_question_in_the_details_too() {
    let mut stage = Stage::full();
    stage.press("u");
    let choice = match stage.app.dialog() {
        Some(Dialog::Tree(dialog)) => dialog.form.lines()[1].shown(),
        other => panic!("no question: {other:?}"),
    };
    let Shown::Chosen(asked) = choice else { panic!("nothing to choose") };
    let mut view = transfer(1, TransferKind::Upload, TransferState::Sending, "sub/x");
    Arc::make_mut(&mut view.transfer).on_conflict = OnConflict::Refuse;
    stage.press("esc").queue(vec![view]).press("3 enter");
    let Some(Dialog::Transfer(dialog)) = stage.app.dialog() else { panic!("no details") };
    let row = stage.app.details(dialog).into_iter().find(|row| row.name == "if it is there");
    assert_eq!(row.map(|row| row.text).as_deref(), Some(asked));
}
