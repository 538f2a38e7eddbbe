//! The smallest screen that still works, 40 by 10: where somebody stands and what is said are read there too.

use std::time::Duration;

use chrono::TimeDelta;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use windlass::app::{Answer, App, Counted, Effect, LinkText, Message};
use windlass::domain::{ListPage, Listed, ObjectInfo, RecordPage, SecretUrl};
use windlass::ui::Look;

use super::{app, drawn, now, press, rows};

/// Presses one key; what was asked by it.
pub(super) fn asked(app: &mut App, code: KeyCode) -> Vec<Effect> {
    let event = Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
    app.update(Message::Input { event, now: now() })
}

/// Answers the listing that was asked for.
pub(super) fn list(app: &mut App, asked: &[Effect], entries: Vec<Listed>) {
    let Some(request) = asked.iter().find_map(|effect| match effect {
        Effect::ListBucket { request, .. } => Some(*request),
        _ => None,
    }) else {
        panic!("{asked:?}")
    };
    let page = Ok(ListPage { entries, next: None });
    app.update(Message::Answer { request, answer: Answer::Objects(page), now: now() });
}

fn object(key: &str) -> Listed {
    Listed::Object(ObjectInfo { key: key.into(), name: None, size: 10, modified: None, etag: None, content_type: None })
}

/// In `photos/2026/` of the bucket, on a screen of so many columns.
fn in_prefix(width: u16, height: u16) -> App {
    let mut app = app(width, height);
    press(&mut app, "2");
    let request = asked(&mut app, KeyCode::Char('v'));
    list(&mut app, &request, vec![Listed::Prefix("photos/".into())]);
    let request = asked(&mut app, KeyCode::Enter);
    list(&mut app, &request, vec![Listed::Prefix("photos/2026/".into())]);
    let request = asked(&mut app, KeyCode::Enter);
    let keys = ["photos/2026/a.png", "photos/2026/b.png", "photos/2026/c.png"];
    let deeper = Listed::Prefix("photos/2026/deep/".into());
    list(&mut app, &request, keys.into_iter().map(object).chain([deeper]).collect());
    app
}

fn text(app: &App) -> Vec<String> {
    rows(&drawn(app, &Look::default()))
}

#[test]
fn the_title_says_where_somebody_stands_before_it_says_that_this_is_remote() {
    let mut app = in_prefix(40, 10);
    let title = &text(&app)[1];
    assert!(title.starts_with("╭─ 2 Bucket ▾  …photos/2026/") && title.contains(" 3 files"), "{title}");
    press(&mut app, "j ");
    let title = &text(&app)[1];
    assert!(title.starts_with("╭─ 2 Bucket ▾  …") && title.contains("2026/  1 marked, 10 B"), "{title}");
    let title = &text(&in_prefix(80, 24))[1];
    assert!(title.contains("2 Remote  Bucket ▾  …"), "{title}");
}

#[test]
fn a_jump_that_leads_nowhere_is_told_whole() {
    for (width, height) in [(40, 10), (80, 24)] {
        let mut app = in_prefix(width, height);
        press(&mut app, "gpphotos/nothing-of-this/");
        let request = asked(&mut app, KeyCode::Enter);
        list(&mut app, &request, vec![]);
        let rows = text(&app);
        let inside = |row: &String| row.trim_matches(|letter| "│ ".contains(letter)).to_owned();
        let said: Vec<String> = rows.iter().map(inside).collect();
        let said = said.join(" ");
        for part in ["there is no photos/nothing-of-this/", "Esc goes back", "Enter stays", "your next upload makes it"]
        {
            assert!(said.contains(part), "{part} is not in\n{}", rows.join("\n"));
        }
        assert!(rows.iter().any(|row| row.contains("prefix photos/nothing-of-this/")), "{}", rows.join("\n"));
        assert_eq!(said.contains("asked in"), height == 24, "what was asked gives way where there is no room");
    }
}

#[test]
fn why_a_profile_cannot_be_saved_is_read_where_enter_was_pressed() {
    for (width, height) in [(40, 10), (40, 6), (80, 24)] {
        let mut app = app(width, height);
        press(&mut app, "Pn");
        asked(&mut app, KeyCode::Enter);
        let rows = text(&app);
        let of = |what: &str| rows.iter().position(|row| row.contains(what));
        let (line, why) = (of("│ account id  "), of("│ account id is missing"));
        assert!(line.is_some() && why > line, "{rows:#?}");
        assert!(height < 10 || rows.iter().any(|row| row.contains("provider")), "as many lines as fit: {rows:#?}");
    }
}

/// Answers what was asked with that name.
fn answered(app: &mut App, asked: &[Effect], answer: Answer) {
    let request = asked.iter().find_map(|effect| match (effect, &answer) {
        (Effect::ListBelow { request, .. }, Answer::Objects(_))
        | (Effect::Link { request, .. }, Answer::Links(_))
        | (Effect::Count { request, .. }, Answer::Counted(_)) => Some(*request),
        _ => None,
    });
    let Some(request) = request else { panic!("{asked:?}") };
    app.update(Message::Answer { request, answer, now: now() });
}

#[test]
fn a_delete_of_a_whole_prefix_says_that_nothing_brings_it_back() {
    let mut app = in_prefix(40, 10);
    press(&mut app, "G");
    let request = asked(&mut app, KeyCode::Char('D'));
    answered(
        &mut app,
        &request,
        Answer::Counted(Ok(Counted { objects: 1_204, bytes: 5 << 30, hidden: 0, recorded: 0 })),
    );
    let text = text(&app).join("\n");
    for part in ["1,204", "objects, 5.0 GiB", "bucket windlass", "profile local", "This cannot be undone", "▸ No"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn when_a_link_ends_is_seen_however_long_it_is() {
    let mut app = in_prefix(40, 10);
    press(&mut app, "y");
    let request = asked(&mut app, KeyCode::Char('l'));
    let url = SecretUrl::new(format!("https://example.org/{}", "x".repeat(700)));
    let ends = now() + TimeDelta::hours(1);
    let links = vec![LinkText { key: "photos/2026/a.png".into(), text: url, expires_at: Some(ends) }];
    answered(&mut app, &request, Answer::Links(Ok(links)));
    let rows = text(&app);
    let until = ends.with_timezone(&chrono::Local).format("%Y-%m-%d %H:%M").to_string();
    assert!(rows.join("").contains("good for 1 h, until") && rows.join("").contains(&until), "{rows:#?}");
    press(&mut app, &"j".repeat(30));
    let rows = text(&app);
    assert!(rows.iter().any(|row| row.starts_with("works here only")), "the end can be scrolled to: {rows:#?}");
    assert!(!rows.join("").contains("more: j"), "{rows:#?}");
}

#[test]
fn the_title_of_a_search_says_where_it_is_made() {
    for (width, place) in [(80, "/2026/"), (160, "photos/2026/ and below")] {
        let mut app = in_prefix(width, 24);
        press(&mut app, "/deep");
        let request = asked(&mut app, KeyCode::Enter);
        let entries = vec![object("photos/2026/deep/a.png"), object("photos/2026/b.png")];
        answered(&mut app, &request, Answer::Objects(Ok(ListPage { entries, next: None })));
        let title = &text(&app)[1];
        assert!(title.contains(place) && title.contains("/deep  1 of 2"), "{title}");
    }
}

#[test]
fn a_long_type_is_named_in_the_title_as_far_as_there_is_room() {
    let mut app = in_prefix(120, 36);
    press(&mut app, ":type application/vnd.openxmlformats-officedocument.wordprocessingml.document");
    asked(&mut app, KeyCode::Enter);
    let title = &text(&app)[1];
    assert!(title.contains(" applicatio…ml.document  1 of 4"), "{title}");
}

#[test]
fn what_is_done_is_told_in_one_row() {
    let mut app = in_prefix(40, 10);
    press(&mut app, "9");
    let rows = text(&app);
    assert!(rows[7].contains("no key takes a count") && rows[7].contains('…'), "{rows:#?}");
    assert!(rows[6].contains("deep"), "{rows:#?}");
}

/// What is on the screen once those keys were pressed.
fn after(app: &mut App, keys: &str) -> String {
    press(app, keys);
    text(app).join("\n")
}

#[test]
fn a_delete_that_has_no_room_ends_with_a_sentence_and_is_read_on_by_a_key() {
    let mut app = in_prefix(40, 10);
    let said = after(&mut app, "jD");
    for part in ["photos/2026/", "bucket windlass", "profile local", "This cannot be undone.", "j: more"] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    assert!(!said.contains("behind."), "{said}");
    let said = after(&mut app, "jjjjjjjj");
    assert!(said.contains("behind.") && said.contains("k: back"), "{said}");
    assert!(after(&mut app, "kkkkkkkk").contains("bucket windlass"));
    assert!(!after(&mut app, "n").contains("Delete"));
}

#[test]
fn a_folder_says_first_in_which_bucket_of_which_profile_it_is() {
    let said = after(&mut in_prefix(40, 10), "Gs");
    assert!(said.contains("from windlass (profile local)") && said.contains("already there"), "{said}");
}

#[test]
fn a_delete_of_what_a_filter_hides_says_so_where_there_is_the_least_room() {
    let mut app = app(40, 10);
    press(&mut app, "2");
    let request = asked(&mut app, KeyCode::Char('v'));
    list(&mut app, &request, vec![Listed::Prefix("docs/".into()), Listed::Prefix("photos/".into())]);
    press(&mut app, "  /docs");
    asked(&mut app, KeyCode::Tab);
    asked(&mut app, KeyCode::Char('D'));
    let text = rows(&drawn(&app, &Look::default())).join("\n");
    assert!(text.contains("Delete 2 prefixes?") && text.contains("The filter hides 1 of the 2"), "{text}");
}

/// Answers what was asked of the catalog with so many records.
fn records(app: &mut App, asked: &[Effect], count: i64) {
    let Some(request) = asked.iter().find_map(|effect| match effect {
        Effect::LoadRecords { request, .. } => Some(*request),
        _ => None,
    }) else {
        panic!("{asked:?}")
    };
    let records = (0..count).map(|id| super::record(id, format!("img-{id}.png").as_bytes())).collect();
    let page = Ok(RecordPage { records, ..RecordPage::default() });
    app.update(Message::Answer { request, answer: Answer::Records { page, took: Duration::ZERO }, now: now() });
}

#[test]
fn marks_that_a_search_hides_are_told_on_every_screen() {
    for (width, height) in [(40, 10), (80, 24), (100, 30), (120, 36)] {
        let mut app = app(width, height);
        press(&mut app, "2");
        let reading = asked(&mut app, KeyCode::Char('R'));
        records(&mut app, &reading, 3);
        press(&mut app, "   ");
        let title = &text(&app)[1];
        assert!(title.contains("3 marked, 7.2 MiB"), "{title}");
        press(&mut app, "/");
        let search = asked(&mut app, KeyCode::Char('q'));
        records(&mut app, &search, 0);
        let title = &text(&app)[1];
        assert!(title.contains("Catalog") && title.contains("3 marked (3 hidden)"), "{width}: {title}");
        assert!(width < 120 || title.contains("/q  0 of 3 · 3 marked (3 hidden), 7.2 MiB"), "{title}");
    }
}

#[test]
fn an_order_that_was_chosen_is_told_on_every_screen() {
    for (width, height) in [(80, 24), (120, 36)] {
        let mut app = app(width, height);
        press(&mut app, "2o");
        let reading = asked(&mut app, KeyCode::Char('s'));
        records(&mut app, &reading, 32);
        let title = &text(&app)[1];
        assert!(title.contains("Catalog ▾  by size") && title.contains("32 files"), "{title}");
    }
}
