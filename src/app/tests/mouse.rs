//! The mouse: focus, choice, wheel, double click, scroll bars, hints, and giving it back.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::stage::{Stage, file, folder, transfer};
use crate::app::{Answer, Dialog, Effect, Message, Pane};
use crate::domain::transfer::TransferView;
use crate::domain::{TransferKind, TransferState};

const DOWN: MouseEventKind = MouseEventKind::Down(MouseButton::Left);
const DRAG: MouseEventKind = MouseEventKind::Drag(MouseButton::Left);
const UP: MouseEventKind = MouseEventKind::Up(MouseButton::Left);

/// One thing that the mouse does at a cell.
fn mouse(stage: &mut Stage, kind: MouseEventKind, column: u16, row: u16) {
    stage.event(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
}

fn upload() -> TransferView {
    transfer(1, TransferKind::Upload, TransferState::Done, "a.txt")
}

fn click(stage: &mut Stage, column: u16, row: u16) {
    mouse(stage, DOWN, column, row);
    mouse(stage, UP, column, row);
}

/// Where the hint stands that has that text.
fn hint_cell(stage: &Stage, text: &str) -> (u16, u16) {
    let line = stage.app.hint_line();
    let found = line.hints.iter().find(|(_, hint)| hint.text == text).unwrap();
    (found.0.start, stage.app.layout().hints.y)
}

/// Clicks on the hint that has that text.
pub(super) fn click_hint(stage: &mut Stage, text: &str) {
    let (column, row) = hint_cell(stage, text);
    click(stage, column, row);
}

/// Something that comes before the next frame.
fn meanwhile(stage: &mut Stage, event: Event) {
    let now = stage.now();
    stage.unseen(Message::Input { event, now });
}

#[test]
fn a_double_click_opens_a_folder_and_says_what_to_do_about_a_file() {
    let mut stage = Stage::full();
    click(&mut stage, 5, 3);
    assert_eq!((stage.local_cursor(), stage.asked_if("ListFolder")), ("sub".into(), None));
    stage.pause(500);
    click(&mut stage, 5, 3);
    assert_eq!(stage.asked_if("ListFolder"), None, "the second click came too late");
    mouse(&mut stage, DOWN, 5, 3);
    stage.answer_folder(vec![file("inside.txt", 1)]);
    stage.pause(1000);
    click(&mut stage, 5, 3);
    click(&mut stage, 5, 3);
    assert!(stage.app.inspector().is_some(), "a file is looked into");
}

#[test]
fn a_third_and_a_fourth_quick_click_only_choose() {
    let mut stage = Stage::full();
    let mut asked = Vec::new();
    for _ in 0..4 {
        stage.pause(100);
        mouse(&mut stage, DOWN, 5, 3);
        if stage.asked_if("ListFolder").is_some() {
            asked.push(stage.local_cursor());
            stage.answer_folder(vec![folder("deeper")]);
        }
    }
    assert_eq!((asked.len(), stage.local_cursor().as_str()), (1, "deeper"), "the folder inside stays closed");
    stage.pause(500);
    click(&mut stage, 5, 3);
    assert_eq!(stage.asked_if("ListFolder"), None);
    mouse(&mut stage, DOWN, 5, 3);
    stage.asked("ListFolder");
}

#[test]
fn a_double_click_on_a_transfer_shows_it() {
    let mut stage = Stage::full();
    stage.queue(vec![upload()]);
    let row = stage.app.layout().transfers.unwrap().y + 1;
    click(&mut stage, 5, row);
    click(&mut stage, 5, row);
    assert_eq!(stage.app.focus(), Pane::Transfers);
    assert!(matches!(stage.app.dialog(), Some(Dialog::Transfer(_))));
}

#[test]
fn a_thumb_is_dragged_and_the_bar_beside_it_jumps() {
    let mut stage = Stage::new();
    stage.answer_folder((0..500).map(|number| file(&format!("{number:03}"), 1)).collect());
    let area = stage.app.layout().local.unwrap();
    let (bar, top) = (area.right() - 1, area.y + 1);
    mouse(&mut stage, DOWN, bar, top);
    mouse(&mut stage, DRAG, bar + 7, area.bottom() + 3);
    let (list, page) = (stage.app.browser().list(), stage.app.browser().list().page());
    assert_eq!((list.offset(), list.cursor()), (501 - page, 501 - page), "dragged beyond the end");
    mouse(&mut stage, UP, bar, area.bottom());
    mouse(&mut stage, DRAG, bar, top);
    assert_eq!(stage.app.browser().list().offset(), 501 - page, "let go of");
    mouse(&mut stage, DOWN, bar, top);
    assert_eq!(stage.app.browser().list().offset(), 0);
}

#[test]
fn a_click_on_a_hint_presses_its_keys() {
    let mut stage = Stage::full();
    click_hint(&mut stage, "help");
    assert!(matches!(stage.app.dialog(), Some(Dialog::Palette(_))));
    mouse(&mut stage, MouseEventKind::ScrollDown, 50, 10);
    let Some(Dialog::Palette(palette)) = stage.app.dialog() else { panic!("the wheel closed it") };
    assert_eq!(palette.cursor, 3);
    click(&mut stage, 50, 10);
    assert!(stage.app.dialog().is_some(), "a click on the dialog is no key");
    click_hint(&mut stage, "close");
    assert!(stage.app.dialog().is_none());
    stage.press("o");
    click_hint(&mut stage, "by type");
    assert_eq!(stage.local(), ["..", "sub", "b.png", "a.txt"].map(String::from));
}

#[test]
fn a_click_on_a_hint_means_what_was_seen_and_nothing_once_that_is_not_offered_any_more() {
    let mut stage = Stage::full();
    stage.press("j");
    let (column, row) = hint_cell(&stage, "upload");
    let key = KeyEvent::new(KeyCode::Char('o'), KeyModifiers::NONE);
    meanwhile(&mut stage, Event::Key(key));
    mouse(&mut stage, DOWN, column, row);
    assert_eq!((stage.app.pending().as_str(), stage.effects.len()), ("o", 0), "nobody has seen the orders yet");
    stage.press("esc").pause(1000);
    let (column, row) = hint_cell(&stage, "upload");
    meanwhile(&mut stage, Event::Resize(120, 30));
    mouse(&mut stage, DOWN, column, row);
    stage.asked("MakeKey");
}

#[test]
fn the_wheel_leaves_the_keys_of_a_dialog_alone_and_scrolls_panes_once_they_are_gone() {
    let mut stage = Stage::full();
    stage.press("P ?");
    mouse(&mut stage, MouseEventKind::ScrollDown, 5, 3);
    assert!(stage.app.explained_dialog().is_some());
    stage.press("x esc");
    assert!(stage.app.dialog().is_none() && stage.app.explained_dialog().is_none());
    let before = stage.local_cursor();
    mouse(&mut stage, MouseEventKind::ScrollDown, 5, 3);
    assert_ne!(stage.local_cursor(), before);
}

#[test]
fn the_mouse_is_given_to_the_terminal_and_taken_back() {
    let mut stage = Stage::full();
    stage.press("M");
    assert!(stage.effects.contains(&Effect::Mouse(false)));
    assert!(stage.said()[0].contains("to select text"));
    stage.press("M");
    assert!(stage.effects.contains(&Effect::Mouse(true)));
}

#[test]
fn no_click_anywhere_makes_it_fail() {
    for (width, height) in [(0, 0), (1, 1), (3, 3), (40, 10), (120, 36)] {
        let mut stage = Stage::full();
        stage.queue(vec![upload()]).resize(width, height);
        for (column, row) in (0..=height).flat_map(|row| (0..=width).map(move |column| (column, row))) {
            click(&mut stage, column, row);
            mouse(&mut stage, MouseEventKind::ScrollDown, column, row);
            stage.press("esc esc");
            stage.pause(1000);
        }
    }
}

#[test]
fn the_second_click_on_a_hint_is_not_for_the_dialog_that_the_first_has_opened() {
    let mut stage = Stage::full();
    stage.press("j").pause(1000);
    let line = stage.app.hint_line();
    let column = line.hints.iter().find(|(_, hint)| hint.text == "upload").unwrap().0.start;
    let row = stage.app.layout().hints.y;
    mouse(&mut stage, DOWN, column, row);
    let request = stage.asked("MakeKey");
    stage.answer(request, Answer::Key(Ok("a.txt".into()))).pause(100);
    mouse(&mut stage, DOWN, column, row);
    assert!(matches!(stage.app.dialog(), Some(Dialog::Prompt(_))) && stage.asked_if("PlanUpload").is_none());
    stage.pause(1000);
    mouse(&mut stage, DOWN, column, row);
    stage.asked("PlanUpload");
}
