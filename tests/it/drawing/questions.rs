//! What questions look like: what they must say fits on any screen, and nothing is chosen before they listen.

use std::sync::Arc;

use chrono::TimeDelta;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use windlass::app::effect::{Job, PlannedJob, Taken};
use windlass::app::{Answer, App, Effect, Message, Plan};
use windlass::domain::file::{FileEntry, FileKind};
use windlass::domain::transfer::{OnConflict, QueueView};
use windlass::domain::{Failure, FailureKind, HomeFolder, TransferKind, TransferState};
use windlass::ui::Look;

use super::{app, configured, drawn, now, press, rows};

#[test]
fn a_delete_names_bucket_and_profile_however_many_and_long_the_keys_and_small_the_screen() {
    for (width, height) in [(160, 48), (80, 24), (40, 10)] {
        let mut app = app(width, height);
        press(&mut app, "2        D");
        let text = rows(&drawn(&app, &Look::default())).join("\n");
        for part in ["Delete 8 objects?", "bucket windlass", "profile local", "plain.txt", "Delete "] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        let more = if height == 10 { "plain.txt and 7 more" } else { "… and 3 more" };
        assert!(text.contains(more) && text.contains(", 19.2 MiB"), "{text}");
    }
}

#[test]
fn a_delete_names_what_goes_on_the_smallest_screen_too() {
    for (keys, said) in [("2D", "│ plain.txt"), ("2  D", "│ pl")] {
        let mut app = app(20, 5);
        press(&mut app, keys);
        let rows = rows(&drawn(&app, &Look::default()));
        assert!(rows[1].starts_with(said) && rows[2].contains("No") && rows[4].contains("yes"), "{rows:#?}");
    }
}

#[test]
fn a_delete_on_a_small_screen_still_says_that_nothing_brings_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = "default_profile = \"shop\"\n[profiles.shop]\nprovider = \"local\"\n";
    std::fs::write(folder.path().join("config.toml"), file).unwrap();
    let mut app = configured(40, 10, folder.path());
    press(&mut app, "2jD");
    let look = Look { home: HomeFolder::new(folder.path().to_str()), ..Look::default() };
    let text = rows(&drawn(&app, &look)).join("\n");
    assert!(text.contains("(~/config.toml)") && text.contains("undone"), "{text}");
}

#[test]
fn a_key_in_a_question_takes_one_row() {
    let mut app = app(80, 24);
    press(&mut app, "2GD");
    let rows = rows(&drawn(&app, &Look::default()));
    let of_key = rows.iter().filter(|row| row.contains("screen-that-people-use-today.tar.gz")).count();
    assert!(rows.iter().any(|row| row.contains("│ a-name-that") && row.contains("today.tar.gz │")), "{rows:#?}");
    assert_eq!(of_key, 1, "{rows:#?}");
}

/// A download whose file is there already: `late` keys come before the question does.
fn conflict(width: u16, height: u16, late: &str) -> App {
    let mut app = app(width, height);
    press(&mut app, "2");
    let event = Event::Key(KeyEvent::new(KeyCode::Char('s'), KeyModifiers::NONE));
    let effects = app.update(Message::Input { event, now: now() });
    let Some(Effect::PlanDownload { request, .. }) = effects.first() else { panic!("{effects:?}") };
    press(&mut app, late);
    let job = Job {
        kind: TransferKind::Download,
        key: "a".into(),
        path: Some("/home/me/a".into()),
        size: Some(1),
        on_conflict: OnConflict::Refuse,
        without_record: false,
    };
    let jobs = vec![PlannedJob {
        job,
        taken: Some(Taken { size: Some(2), modified: None }),
        modified: Some(now() - TimeDelta::hours(2)),
    }];
    let answer = Answer::Planned(Ok(Plan { jobs, refused: Vec::new() }));
    app.update(Message::Answer { request: *request, answer, now: now() });
    app
}

#[test]
fn a_conflict_says_in_which_bucket_of_which_profile() {
    for (width, height) in [(120, 36), (40, 10)] {
        let text = rows(&drawn(&conflict(width, height, ""), &Look::default())).join("\n");
        assert!(text.contains("profile local, bucket windlass") && text.contains("overwrite"), "{text}");
        assert!(text.contains("▸ skip"), "{text}");
        assert!(text.contains("new:    1 B, written 2 h ago"), "{text}");
    }
}

/// What is on the screen once those keys were pressed.
fn after(app: &mut App, keys: &str) -> String {
    press(app, keys);
    rows(&drawn(app, &Look::default())).join("\n")
}

#[test]
fn what_is_said_meanwhile_covers_neither_the_header_nor_the_keys_of_a_dialog() {
    for (width, height) in [(120, 36), (80, 24), (40, 10)] {
        let mut app = app(width, height);
        press(&mut app, "P");
        let before = rows(&drawn(&app, &Look::default()));
        let event = Event::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
        app.update(Message::Input { event, now: now() + TimeDelta::milliseconds(10) });
        let after = rows(&drawn(&app, &Look::default()));
        assert!(after.iter().any(|row| row.contains("once more quits")), "{after:#?}");
        assert_eq!((after.first(), after.last()), (before.first(), before.last()));
        let changed: Vec<_> = before.iter().zip(&after).filter(|(before, after)| before != after).collect();
        assert_eq!(changed.len(), 1, "{changed:#?}");
        assert!(!changed[0].0.contains("local"), "it is no row of the dialog: {changed:?}");
    }
}

#[test]
fn the_keys_of_a_dialog_are_shown_over_it_and_any_key_has_it_back() {
    for (width, height) in [(120, 36), (40, 10)] {
        let mut app = app(width, height);
        let before = after(&mut app, "P");
        let text = after(&mut app, "?");
        for part in ["Keys of this dialog", "open it next time", "new profile", "Esc back"] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        assert_eq!(after(&mut app, "n"), before, "a key that closes them does nothing else");
        assert_eq!(after(&mut app, "??"), before);
        assert!(!after(&mut app, "?\x1b\x1b").contains("Profiles"));
    }
}

#[test]
fn the_keys_are_shown_in_messages_and_in_a_question_but_are_a_letter_where_somebody_types() {
    let mut app = app(80, 24);
    assert!(after(&mut app, "!?").contains("Keys of this dialog"));
    assert!(after(&mut app, "\x1b\x1b2jD?").contains("what is chosen"));
    let text = after(&mut app, "\x1bngp?");
    assert!(text.contains('?') && !text.contains("Keys of this dialog"), "{text}");
}

#[test]
fn a_question_in_the_middle_of_keys_has_nothing_chosen_and_dim_hints_until_it_listens() {
    let mut app = conflict(120, 36, "j");
    let dim = |buffer: &Buffer| {
        let hints = buffer.content.chunks(120).last().unwrap().iter().filter(|cell| cell.symbol() != " ");
        hints.filter(|cell| cell.modifier.contains(Modifier::DIM)).count()
    };
    let buffer = drawn(&app, &Look::default());
    assert!(dim(&buffer) > 0 && !rows(&buffer).join("\n").contains('▸'), "{:#?}", rows(&buffer));
    app.update(Message::Tick { now: now() + TimeDelta::milliseconds(500) });
    let buffer = drawn(&app, &Look::default());
    assert!(dim(&buffer) == 0 && rows(&buffer).join("\n").contains("▸ skip"), "{:#?}", rows(&buffer));
}

/// The question about a folder.
fn folder(width: u16, height: u16) -> App {
    let mut app = app(width, height);
    let asked = super::narrow::asked(&mut app, KeyCode::Char('R'));
    let Some(Effect::ListFolder { request, .. }) = asked.first() else { panic!("{asked:?}") };
    let site = FileEntry { kind: FileKind::Folder, size: None, ..super::entry(b"site") };
    app.update(Message::Answer { request: *request, answer: Answer::Folder(Ok(vec![site])), now: now() });
    press(&mut app, "Gu");
    app
}

#[test]
fn how_names_are_made_and_how_to_keep_them_is_read_whole_however_small_the_screen() {
    let switch = Event::Key(KeyEvent::new(KeyCode::Char('n'), KeyModifiers::CONTROL));
    for (width, height) in [(80, 24), (40, 10)] {
        let mut files = app(width, height);
        press(&mut files, "VGu");
        let site = "Folders and names stay as they are:";
        for (mut app, told) in [(folder(width, height), site), (files, "Each gets a key by this template:")] {
            for (template, hint) in [("{uuid}-{name} ", "^n keep names  "), (" {name} ", "^n by template  ")] {
                let rows = rows(&drawn(&app, &Look::default()));
                let line = rows.iter().find(|row| row.contains("│ template ")).unwrap_or_else(|| panic!("{rows:#?}"));
                assert!(line.contains(template), "{rows:#?}");
                let keys = rows.last().unwrap();
                let is_whole = ["Enter queue", hint, "Esc cancel"].iter().all(|key| keys.contains(key));
                assert!(is_whole, "{rows:#?}");
                app.update(Message::Input { event: switch.clone(), now: now() });
            }
            app.update(Message::Input { event: switch.clone(), now: now() });
            let text = after(&mut app, "");
            assert!(text.contains(told), "{text}");
        }
    }
}

/// A question about an upload that has failed, and could not be looked at again.
fn unseen(width: u16, height: u16) -> String {
    let mut app = app(width, height);
    let mut failed = super::transfers::shown("photos/2026/summer/a.jpg", TransferState::Failed);
    let transfer = Arc::make_mut(&mut failed.transfer);
    transfer.error = Some(Failure::new(FailureKind::Exists, "photos/2026/summer/a.jpg exists in the bucket").into());
    transfer.finished_at = Some(now() - TimeDelta::hours(3));
    let queue = QueueView { transfers: vec![failed], ..QueueView::default() };
    app.update(Message::Queue { view: Arc::new(queue), now: now() });
    press(&mut app, "3");
    let looked = super::narrow::asked(&mut app, KeyCode::Char('r'));
    let [Effect::LookAtMet { request, .. }, ..] = looked[..] else { panic!("{looked:?}") };
    let away = Failure::new(FailureKind::Offline, "cannot reach s3.example.org port 443");
    app.update(Message::Answer { request, answer: Answer::Met(vec![Err(away)]), now: now() });
    rows(&drawn(&app, &Look::default())).join("\n")
}

#[test]
fn a_question_about_what_cannot_be_looked_at_says_of_when_that_is() {
    for (width, height) in [(120, 36), (80, 24), (40, 10)] {
        let text = unseen(width, height);
        for part in ["as it was when this failed, 3 h ago", "a.jpg exists in", "overwrite"] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }
}
