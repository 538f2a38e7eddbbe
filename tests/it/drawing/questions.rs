//! What questions look like: what they must say fits on any screen, and nothing is chosen before they listen.

use chrono::TimeDelta;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use windlass::app::effect::{Job, PlannedJob, Taken};
use windlass::app::{Answer, App, Effect, Message, Plan};
use windlass::domain::transfer::OnConflict;
use windlass::domain::{HomeFolder, TransferKind};
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
