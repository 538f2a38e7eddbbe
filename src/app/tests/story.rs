//! Longer stories: idleness, notices, the mouse, and any keys at all in any state.

use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::stage::{Stage, able, request_of, transfer};
use crate::action::{Keymap, Place, TABLE, parse_keys};
use crate::app::{Effect, Pane};
use crate::domain::{Capabilities, TransferKind, TransferState};

fn mouse(stage: &mut Stage, kind: MouseEventKind, column: u16, row: u16) {
    stage.event(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
}

#[test]
fn an_idle_screen_asks_for_nothing() {
    let mut stage = Stage::full();
    stage.wait(1).wait(60).wait(3600);
    assert_eq!(stage.effects, []);
}

/// A screen where one action leads to a notice and nothing else.
fn without_public_url() -> Stage {
    Stage::described(Capabilities { public_url: Err("it has none"), ..able() })
}

#[test]
fn a_notice_is_taken_away_by_the_moment_that_was_asked_for() {
    let mut stage = without_public_url();
    stage.press("2 y p");
    assert!(matches!(stage.effects[..], [Effect::WakeAt(_)]), "{:?}", stage.effects);
    stage.press("j");
    assert_eq!(stage.effects, [], "the same moment is asked for once");
    stage.wait(10);
    assert_eq!((stage.said(), stage.effects.len()), (vec![], 0));
    assert_eq!(stage.app.notices().log().len(), 1);
}

#[test]
fn a_timer_that_fires_early_is_set_again() {
    let mut stage = without_public_url();
    stage.press("2 y p").wait(3);
    assert!(matches!(stage.effects[..], [Effect::WakeAt(_)]));
}

#[test]
fn a_click_gives_focus_and_chooses_the_row() {
    let mut stage = Stage::full();
    let remote = stage.app.layout().remote.unwrap();
    mouse(&mut stage, MouseEventKind::Down(MouseButton::Left), remote.x + 3, remote.y + 2);
    assert_eq!((stage.app.focus(), stage.remote_cursor().as_str()), (Pane::Remote, "mid.txt"));
    mouse(&mut stage, MouseEventKind::Down(MouseButton::Left), 3, 25);
    assert_eq!((stage.app.focus(), stage.local_cursor().as_str()), (Pane::Local, "sub"), "there is no row so far down");
}

#[test]
fn the_wheel_moves_the_pane_under_it() {
    let mut stage = Stage::full();
    mouse(&mut stage, MouseEventKind::ScrollDown, 100, 5);
    assert_eq!((stage.app.focus(), stage.remote_cursor().as_str()), (Pane::Local, "old.pdf"));
}

#[test]
fn a_key_of_another_place_says_where_it_works() {
    let mut stage = Stage::full();
    stage.press("2 u 1 x ~");
    assert_eq!(stage.said(), ["upload works in Local", "cancel works in Transfers"]);
}

#[test]
fn suspend_and_redraw_are_effects() {
    let mut stage = Stage::full();
    stage.press("ctrl-z ctrl-l");
    assert_eq!(stage.effects, [Effect::Suspend, Effect::Redraw]);
}

#[test]
fn every_action_either_does_something_or_says_why_not() {
    let keymap = Keymap::default();
    for entry in TABLE {
        let place = Place::ALL.into_iter().find(|place| entry.context.holds(*place)).unwrap();
        let stage = standing(place);
        let bound = keymap.keys_of(entry.action).next();
        assert!(bound.is_some() && stage.app.place() == place, "{}", entry.name);
        if let Some(reason) = stage.app.disabled(entry.action) {
            assert!(!reason.is_empty());
        }
    }
}

fn standing(place: Place) -> Stage {
    let mut stage = match place {
        Place::Bucket => Stage::in_bucket(&["a/", "b"]),
        _ => Stage::full(),
    };
    stage.queue(vec![transfer(1, TransferKind::Upload, TransferState::Sending, "x")]);
    stage.press(match place {
        Place::Local => "1",
        Place::Catalog | Place::Bucket => "2",
        Place::Transfers => "3",
    });
    stage
}

/// Pseudo-random numbers (a linear congruential generator): the same run every time.
fn random(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

#[test]
fn no_keys_in_any_order_and_at_any_size_make_it_fail() {
    let names: Vec<&str> = TABLE.iter().flat_map(|entry| entry.keys.iter().copied()).collect();
    let mut state = 7;
    let mut stage = Stage::full();
    for step in 0..20_000 {
        let keys = names[random(&mut state) % names.len()];
        if keys != "ctrl-c" {
            stage.press(keys);
        }
        if step % 97 == 0 {
            let (width, height) = (random(&mut state) % 200, random(&mut state) % 60);
            stage.resize(width as u16, height as u16);
        }
        if step % 13 == 0 {
            answer_something(&mut stage, &mut state);
        }
        let list = stage.app.list();
        assert!(list.is_empty() || list.cursor() < list.len(), "step {step}, {keys}");
        assert!(parse_keys(keys).is_some());
        stage.app.hints();
    }
}

/// Answers whichever question the last update asked, well or badly.
fn answer_something(stage: &mut Stage, state: &mut u64) {
    use crate::app::Answer;
    use crate::domain::{Failure, FailureKind, ListPage, RecordCursor, RecordPage, Sort};
    let Some(effect) = stage.effects.iter().find(|effect| request_of(effect).is_some()).cloned() else { return };
    let failure = Failure::new(FailureKind::Busy, "not now");
    let fails = random(state).is_multiple_of(4);
    let pick = |answer: Answer, bad: Answer| if fails { bad } else { answer };
    let answer = match &effect {
        Effect::ListFolder { .. } => {
            let count = random(state) % 50;
            let files = (0..count).map(|number| super::stage::file(&number.to_string(), 1)).collect();
            pick(Answer::Folder(Ok(files)), Answer::Folder(Err(failure)))
        }
        Effect::LoadRecords { .. } => {
            let count = random(state) % 300;
            let records: Vec<_> = (0..count).map(|number| super::stage::record(&number.to_string(), number)).collect();
            let next =
                records.last().filter(|_| count.is_multiple_of(2)).map(|last| RecordCursor::behind(last, Sort::NEWEST));
            let took = std::time::Duration::ZERO;
            let page = if fails { Err(failure) } else { Ok(RecordPage { records, next, ..RecordPage::default() }) };
            Answer::Records { page, took }
        }
        Effect::ListBucket { prefix, .. } | Effect::ListBelow { prefix, .. } => {
            let entries = (0..random(state) % 40)
                .map(|number| crate::domain::Listed::Prefix(format!("{prefix}{number:02}/")))
                .collect();
            let next = random(state).is_multiple_of(2).then(|| "more".to_owned());
            pick(Answer::Objects(Ok(ListPage { entries, next })), Answer::Objects(Err(failure)))
        }
        _ => return,
    };
    if let Some(request) = request_of(&effect) {
        stage.answer(request, answer);
    }
}
