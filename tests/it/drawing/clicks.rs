//! What clicks on dialogs do, by the places where they are really drawn: rows are chosen and opened, buttons press their keys,
//! and nothing reaches the panes beneath.

use chrono::TimeDelta;
use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use windlass::app::dialog::Choice;
use windlass::app::effect::{Job, PlannedJob, Taken};
use windlass::app::{Answer, App, Counted, Dialog, Effect, Message, Pane, Plan};
use windlass::domain::transfer::OnConflict;
use windlass::domain::{Listed, TransferKind};
use windlass::ui::{Look, view};

use super::narrow::{asked as pressed, list};
use super::{app, configured, now, press, rows};

/// Draws the application, as the loop does, and answers its rows.
fn shown(app: &mut App) -> Vec<String> {
    let size = app.size();
    let mut terminal = Terminal::new(TestBackend::new(size.width, size.height)).unwrap();
    let mut spots = Vec::new();
    terminal.draw(|frame| spots = view(app, &Look::default(), frame)).unwrap();
    app.was_drawn(spots);
    rows(terminal.backend().buffer())
}

/// Where a text stands.
fn place(rows: &[String], text: &str) -> (u16, u16) {
    let found = rows.iter().enumerate().find_map(|(y, row)| Some((row.find(text)?, y, row)));
    let (at, y, row) = found.unwrap_or_else(|| panic!("{text} is not in\n{}", rows.join("\n")));
    (u16::try_from(row[..at].chars().count()).unwrap(), u16::try_from(y).unwrap())
}

/// Clicks on a cell so many milliseconds after now.
fn click(app: &mut App, (column, row): (u16, u16), milliseconds: i64) -> Vec<Effect> {
    let kind = MouseEventKind::Down(MouseButton::Left);
    let event = Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE });
    app.update(Message::Input { event, now: now() + TimeDelta::milliseconds(milliseconds) })
}

fn click_on(app: &mut App, text: &str, milliseconds: i64) -> Vec<Effect> {
    let rows = shown(app);
    click(app, place(&rows, text), milliseconds)
}

/// With more profiles than there are rows.
fn with_profiles() -> (tempfile::TempDir, App) {
    let folder = tempfile::tempdir().unwrap();
    let profile = |number| format!("[profiles.p{number:02}]\nprovider = \"local\"\n");
    let file: String = (0..30).map(profile).collect();
    std::fs::write(folder.path().join("config.toml"), format!("default_profile = \"p00\"\n{file}")).unwrap();
    let app = configured(80, 24, folder.path());
    (folder, app)
}

fn cursor(app: &App) -> usize {
    match app.dialog() {
        Some(Dialog::Profiles(dialog)) => dialog.cursor,
        Some(Dialog::Palette(dialog)) => dialog.cursor,
        other => panic!("no list: {other:?}"),
    }
}

#[test]
fn a_click_chooses_a_profile_without_moving_the_list_and_the_second_one_opens_it() {
    let (_folder, mut app) = with_profiles();
    press(&mut app, "PG");
    let before = shown(&mut app);
    let cell = place(&before, " p20 ");
    assert!(!before.iter().any(|row| row.contains(" p05 ")), "it is scrolled: {before:#?}");
    click(&mut app, cell, 0);
    assert_eq!(cursor(&app), 20);
    assert_eq!(place(&shown(&mut app), " p20 "), cell, "it has not moved");
    click(&mut app, cell, 200);
    assert!(app.dialog().is_none());
    assert_eq!(app.remote().slot().name, "p20");
}

#[test]
fn two_slow_clicks_on_a_row_open_nothing() {
    let (_folder, mut app) = with_profiles();
    press(&mut app, "P");
    click_on(&mut app, " p03 ", 0);
    click_on(&mut app, " p03 ", 900);
    assert_eq!((cursor(&app), app.remote().slot().name.as_str()), (3, "p00"));
    click_on(&mut app, " p03 ", 1200);
    assert_eq!((app.dialog().is_none(), app.remote().slot().name.as_str()), (true, "p03"), "two quick ones do");
}

#[test]
fn a_command_is_chosen_and_run_by_clicks_also_where_the_list_is_scrolled() {
    let mut app = app(80, 24);
    press(&mut app, "1?G");
    let rows = shown(&mut app);
    let cell = place(&rows, "!");
    click(&mut app, cell, 0);
    assert_eq!(place(&shown(&mut app), "!"), cell, "it has not moved");
    click(&mut app, cell, 100);
    assert!(matches!(app.dialog(), Some(Dialog::Messages(_))), "{:?}", app.dialog());
}

#[test]
fn what_was_pressed_since_the_frame_makes_a_click_mean_nothing() {
    let (_folder, mut app) = with_profiles();
    press(&mut app, "P");
    let rows = shown(&mut app);
    let cell = place(&rows, " p03 ");
    press(&mut app, "j");
    click(&mut app, cell, 0);
    assert_eq!(cursor(&app), 1, "nobody has seen yet what is there now");
}

#[test]
fn the_buttons_of_a_question_press_their_keys() {
    let mut app = app(80, 24);
    press(&mut app, "2jD");
    click_on(&mut app, "No", 0);
    assert!(app.dialog().is_none());
    press(&mut app, "D");
    let effects = click_on(&mut app, "   Delete ", 1000);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Enqueue { .. })), "{effects:?}");
}

#[test]
fn the_second_click_after_a_dialog_has_closed_means_nothing() {
    let mut app = app(80, 24);
    press(&mut app, "1jD2jD");
    let cell = place(&shown(&mut app), "No");
    click(&mut app, cell, 0);
    assert!(app.dialog().is_none());
    press(&mut app, "1");
    shown(&mut app);
    click(&mut app, cell, 100);
    assert_eq!(app.focus(), Pane::Local, "the pane beneath was not meant");
    click(&mut app, cell, 1500);
    assert_ne!(app.focus(), Pane::Local, "now it is");
}

#[test]
fn a_click_beside_a_dialog_does_nothing() {
    let mut app = app(80, 24);
    press(&mut app, "2jD");
    let before = shown(&mut app);
    click(&mut app, (2, 2), 0);
    click(&mut app, (2, 2), 100);
    assert_eq!((shown(&mut app), app.focus()), (before, Pane::Remote));
}

/// A question about two files that are there already.
fn conflict(width: u16, height: u16) -> App {
    let mut app = app(width, height);
    press(&mut app, "2");
    let event = Event::Key(crossterm::event::KeyEvent::new(crossterm::event::KeyCode::Char('s'), KeyModifiers::NONE));
    let effects = app.update(Message::Input { event, now: now() });
    let Some(Effect::PlanDownload { request, .. }) = effects.first() else { panic!("{effects:?}") };
    let job = |name: &str| Job {
        kind: TransferKind::Download,
        key: name.into(),
        path: Some(format!("/home/me/{name}").into()),
        size: Some(1),
        on_conflict: OnConflict::Refuse,
        without_record: false,
    };
    let taken = || Some(Taken { size: Some(2), modified: None });
    let jobs = ["a", "b", "c"].map(|name| PlannedJob { job: job(name), taken: taken(), modified: None }).to_vec();
    let answer = Answer::Planned(Ok(Plan { jobs, refused: Vec::new() }));
    app.update(Message::Answer { request: *request, answer, now: now() });
    app
}

fn asked(app: &App) -> (usize, bool, Choice) {
    let Some(Dialog::Conflicts(dialog)) = app.dialog() else { panic!("no question: {:?}", app.dialog()) };
    (dialog.number(), dialog.for_all, dialog.choice)
}

#[test]
fn what_to_do_with_what_is_there_is_clicked_once_for_one_file_or_for_all() {
    let mut app = conflict(80, 24);
    let cell = place(&shown(&mut app), "keep both");
    click(&mut app, cell, 0);
    shown(&mut app);
    click(&mut app, cell, 100);
    assert_eq!(asked(&app), (2, false, Choice::Skip), "the second of two was one too many");
    click_on(&mut app, "for all that are left", 1000);
    assert_eq!(asked(&app), (2, true, Choice::Skip));
    let effects = click_on(&mut app, "   overwrite", 2000);
    let Some(Effect::Enqueue { jobs, .. }) = effects.first() else { panic!("{effects:?}") };
    let done: Vec<_> = jobs.iter().map(|job| (job.key.as_str(), job.on_conflict)).collect();
    let overwritten = [("b", OnConflict::Overwrite), ("c", OnConflict::Overwrite)];
    assert_eq!(done, [&[("a", OnConflict::KeepBoth)], &overwritten[..]].concat());
}

#[test]
fn a_line_of_a_form_takes_the_keys_once_it_is_clicked_and_its_arrows_turn_the_choice() {
    let mut app = app(100, 30);
    press(&mut app, "Pn");
    let provider = |app: &App| match app.dialog() {
        Some(Dialog::Newcomer(dialog)) => (dialog.form.at(), dialog.provider()),
        other => panic!("no form: {other:?}"),
    };
    let first = provider(&app).1;
    let rows = shown(&mut app);
    click(&mut app, place(&rows, "→"), 0);
    let second = provider(&app).1;
    assert_ne!(second, first);
    click_on(&mut app, "←", 1000);
    assert_eq!(provider(&app), (0, first));
    click_on(&mut app, "name ", 2000);
    assert_eq!(provider(&app).0, 1);
    click_on(&mut app, "provider", 3000);
    assert_eq!(provider(&app).0, 0);
}

#[test]
fn how_long_a_link_is_good_is_clicked_once() {
    let mut app = app(80, 24);
    press(&mut app, "2jyL");
    if !matches!(app.dialog(), Some(Dialog::Expiry(_))) {
        panic!("no expiries: {:?}", app.dialog());
    }
    let effects = click_on(&mut app, "1  ", 0);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Link { .. })), "{effects:?}");
}

#[test]
fn the_second_of_two_clicks_opens_the_row_that_it_hits() {
    let (_folder, mut app) = with_profiles();
    press(&mut app, "P");
    click_on(&mut app, " p03 ", 0);
    press(&mut app, "j");
    click_on(&mut app, " p03 ", 200);
    assert_eq!((app.dialog().is_none(), app.remote().slot().name.as_str()), (true, "p03"));
}

#[test]
fn the_second_click_on_a_hint_answers_for_no_file_that_nobody_has_seen() {
    let mut app = conflict(80, 24);
    let cell = place(&shown(&mut app), "o overwrite");
    click(&mut app, cell, 0);
    shown(&mut app);
    click(&mut app, cell, 100);
    assert_eq!(asked(&app), (2, false, Choice::Skip));
    click(&mut app, cell, 1000);
    assert_eq!(asked(&app).0, 3);
}

#[test]
fn on_the_smallest_screen_a_conflict_can_be_answered_for_all_by_a_click() {
    let mut app = conflict(40, 10);
    let rows = shown(&mut app);
    assert!(rows.join("\n").contains("new:    1 B") && rows.join("\n").contains("/home/me/a"), "{rows:#?}");
    click(&mut app, place(&rows, "[ ] for all that are left"), 0);
    assert_eq!(asked(&app), (1, true, Choice::Skip));
}

#[test]
fn yes_has_its_place_before_it_is_to_be_had_so_that_no_is_never_where_it_comes_to_stand() {
    let mut app = app(80, 24);
    press(&mut app, "2");
    let request = pressed(&mut app, KeyCode::Char('v'));
    list(&mut app, &request, vec![Listed::Prefix("photos/".into())]);
    let effects = pressed(&mut app, KeyCode::Char('D'));
    let request = effects.iter().find_map(|effect| match effect {
        Effect::Count { request, .. } => Some(*request),
        _ => None,
    });
    let places = |rows: &[String]| ["▸ No", "   Delete ", "y yes", "n no"].map(|text| place(rows, text));
    let before = places(&shown(&mut app));
    for (cell, milliseconds) in [(before[1], 0), (before[2], 1000)] {
        assert!(click(&mut app, cell, milliseconds).is_empty() && app.dialog().is_some(), "nobody knows yet what goes");
    }
    let counted = Counted { objects: 3, ..Counted::default() };
    app.update(Message::Counting { request: request.unwrap(), counted, now: now() });
    assert_eq!(places(&shown(&mut app)), before);
    let effects = click(&mut app, before[1], 3000);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Walk { .. })), "{effects:?}");
}
