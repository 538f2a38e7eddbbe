//! The smallest screen that still works, 40 by 10: where somebody stands and what is said are read there too.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use windlass::app::{Answer, App, Effect, Message};
use windlass::domain::{ListPage, Listed, ObjectInfo};
use windlass::ui::Look;

use super::{app, drawn, now, press, rows};

/// Presses one key; what was asked by it.
fn asked(app: &mut App, code: KeyCode) -> Vec<Effect> {
    let event = Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
    app.update(Message::Input { event, now: now() })
}

/// Answers the listing that was asked for.
fn list(app: &mut App, asked: &[Effect], entries: Vec<Listed>) {
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
