//! The table of actions against everything that tells of it: each of its rows is reached by its keys and by the palette,
//! and stands in the help, in README and in the manual, with the same keys and words.

use std::path::Path;

use crossterm::event::{Event, KeyEvent};
use windlass::action::{Action, Entry, Key, Keymap, Place, Resolved, TABLE, keys_label, parse_keys};
use windlass::app::{App, Effect, Message};
use windlass::ui::Look;

use super::{app, drawn, now, press, rows};
use crate::support::program::Home;

/// Each place, and the keys that lead there.
const PLACES: [(Place, &str); 4] =
    [(Place::Local, "1"), (Place::Catalog, "2"), (Place::Bucket, "2v"), (Place::Transfers, "3")];

/// The application with somebody standing in that place.
fn standing_in(place: Place) -> App {
    let mut app = app(120, 36);
    let (_, keys) = PLACES.into_iter().find(|(there, _)| *there == place).unwrap();
    press(&mut app, keys);
    assert_eq!(app.place(), place);
    app
}

fn strike(app: &mut App, keys: &[Key]) -> Vec<Effect> {
    let event = |key: &Key| Event::Key(KeyEvent::new(key.code, key.modifiers));
    let done = keys.iter().flat_map(|key| app.update(Message::Input { event: event(key), now: now() }));
    // When a notice fades is no part of what a key does.
    done.filter(|effect| !matches!(effect, Effect::WakeAt(_))).collect()
}

/// Every row of the table in every place where it works.
fn everywhere() -> impl Iterator<Item = (&'static Entry, Place)> {
    let places = |entry: &'static Entry| Place::ALL.into_iter().map(move |place| (entry, place));
    TABLE.iter().flat_map(places).filter(|(entry, place)| entry.context.holds(*place))
}

/// The row of a text that has all of these.
fn row_with<'a>(rows: &'a [String], parts: &[&str]) -> Option<&'a String> {
    rows.iter().find(|row| parts.iter().all(|part| row.contains(part)))
}

#[test]
fn every_action_has_a_row_and_every_row_has_a_key_that_works_wherever_it_says() {
    let source = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/action.rs")).unwrap();
    let verbs = source.split("pub enum Action {").nth(1).unwrap().split("\n}").next().unwrap();
    let verbs: Vec<&str> = verbs.lines().filter_map(|line| line.trim().strip_suffix(',')).collect();
    let rows: Vec<String> = TABLE.iter().map(|entry| format!("{:?}", entry.action)).collect();
    let missing: Vec<&&str> = verbs.iter().filter(|verb| !rows.iter().any(|row| row == *verb)).collect();
    assert!(missing.is_empty() && verbs.len() == TABLE.len(), "the table lacks {missing:?}");
    let keymap = Keymap::default();
    for (entry, place) in everywhere() {
        assert!(!entry.keys.is_empty(), "{} has no key", entry.name);
        for keys in entry.keys {
            let meant = keymap.resolve(place, &parse_keys(keys).unwrap());
            assert_eq!(meant, Resolved::Action(entry.action), "{keys} in {place:?}, for {}", entry.name);
        }
    }
}

#[test]
fn the_help_of_each_place_shows_every_action_that_works_there_with_its_keys() {
    let keymap = Keymap::default();
    for (place, _) in PLACES {
        let mut app = standing_in(place);
        press(&mut app, "?");
        let mut seen = Vec::new();
        for _ in TABLE {
            seen.extend(rows(&drawn(&app, &Look::default())));
            press(&mut app, "j");
        }
        for (entry, _) in everywhere().filter(|(_, there)| *there == place) {
            let keys = keymap.label_in(place, entry.action);
            let parts = [format!(" {keys} ").as_str(), entry.name, entry.about].map(str::to_owned);
            let found = row_with(&seen, &parts.each_ref().map(String::as_str));
            assert!(found.is_some(), "the help of {place:?} has no row with {parts:?}");
        }
    }
}

#[test]
fn the_palette_finds_every_action_by_its_name_and_shows_its_keys() {
    let keymap = Keymap::default();
    for (entry, place) in everywhere() {
        let mut app = standing_in(place);
        press(&mut app, &format!(":{}", entry.name));
        let seen: Vec<String> = rows(&drawn(&app, &Look::default())).iter().map(|row| row.replace('▎', " ")).collect();
        let first = seen.iter().position(|row| row.contains(&format!(":{}", entry.name))).unwrap() + 1;
        let keys = format!(" {} ", keymap.label_in(place, entry.action));
        let found = row_with(&seen[first..=first], &[&keys, entry.name, entry.about]);
        assert!(found.is_some(), "{} in {place:?}: {seen:#?}", entry.name);
    }
}

#[test]
fn the_palette_does_what_the_key_does() {
    for (entry, place) in everywhere() {
        let keys = parse_keys(entry.keys[0]).unwrap();
        let (mut by_key, mut by_name) = (standing_in(place), standing_in(place));
        let done = strike(&mut by_key, &keys);
        press(&mut by_name, &format!(":{}", entry.name));
        let refused = by_name.disabled(entry.action);
        let also = strike(&mut by_name, &[Key::parse("enter").unwrap()]);
        let name = format!("{} ({}) in {place:?}", entry.name, keys_label(&keys));
        if let Some(reason) = refused {
            assert!(done.is_empty() && also.is_empty(), "{name}: {done:?} {also:?}");
            let said = by_key.notices().log().iter().any(|notice| notice.text.contains(&reason));
            let seen = rows(&drawn(&by_name, &Look::default())).concat();
            assert!(said && seen.contains(&reason), "{name}: {reason}");
        } else if entry.action != Action::Palette {
            assert_eq!(format!("{done:?}"), format!("{also:?}"), "{name}");
            assert_eq!(rows(&drawn(&by_key, &Look::default())), rows(&drawn(&by_name, &Look::default())), "{name}");
        }
    }
}

#[test]
fn readme_and_manual_tell_of_every_action_with_its_keys_and_where_it_works() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let manual = Home::new().run(["man"]).with(0).out.replace("\\-", "-").replace("\\(aq", "'").replace("\\\\", "\\");
    for entry in TABLE {
        let labels: Vec<String> = entry.keys.iter().map(|keys| keys_label(&parse_keys(keys).unwrap())).collect();
        let shown: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        let row = format!("| {} | {} | {} |\n", shown.join(" "), entry.context.title(), entry.about);
        assert!(readme.contains(&row), "README has no row {row}");
        let item = format!("{} ({}) [{}]", entry.about, entry.context.title(), entry.name);
        let keys = format!("\\fB{}\\fR\n", labels.join(" "));
        let told = manual.split(".TP\n").any(|part| part.starts_with(&keys) && part.contains(&item));
        assert!(told, "the manual has no item {keys}{item}");
    }
}

#[test]
fn where_only_ascii_is_drawn_an_arrow_key_is_not_read_as_a_letter() {
    let mut app = standing_in(Place::Local);
    press(&mut app, "?");
    let rows = rows(&drawn(&app, &Look { ascii: true, ..Look::default() }));
    let about = Action::MoveUp.entry().about;
    assert!(row_with(&rows, &[" k Up ", about]).is_some(), "{rows:#?}");
}

#[test]
fn a_help_that_is_longer_than_its_box_says_where_what_is_in_sight_stands() {
    let mut app = standing_in(Place::Local);
    let mut thumb = |keys: &str| -> Vec<usize> {
        press(&mut app, keys);
        let rows = rows(&drawn(&app, &Look::default()));
        (0..rows.len()).filter(|row| rows[*row].contains('┃')).collect()
    };
    let (top, end) = (thumb("?"), thumb("G"));
    assert!(!top.is_empty() && top.len() == end.len() && top[0] < end[0], "{top:?} {end:?}");
    app.update(Message::Input { event: Event::Resize(120, 400), now: now() });
    assert!(!rows(&drawn(&app, &Look::default())).concat().contains('┃'), "all is in sight");
}

#[test]
fn the_help_tells_what_everything_does_whole_on_a_screen_of_eighty_columns() {
    for place in Place::ALL {
        let mut app = standing_in(place);
        app.update(Message::Input { event: Event::Resize(80, 400), now: now() });
        press(&mut app, "?");
        let rows = rows(&drawn(&app, &Look::default()));
        for entry in TABLE.iter().filter(|entry| entry.context.holds(place)) {
            assert!(rows.iter().any(|row| row.contains(entry.about)), "{}: {rows:#?}", entry.about);
        }
    }
}
