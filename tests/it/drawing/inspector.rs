//! The inspector, cell by cell: inside its borders whatever record, object and bytes say, and nothing raw from any of them.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use windlass::app::effect::Question;
use windlass::app::{Answer, App, Effect, Inspected, Message};
use windlass::domain::picture::Picture;
use windlass::domain::{Checksum, ObjectInfo, Record};
use windlass::preview::{Sample, first};
use windlass::ui::{Look, Palette, Theme};

use super::{NAMES, app, drawn, now, press, record, rows};

/// Everything that text can do to a line.
const TEXT: &str = "// \u{1b}[31m remark \u{202e}gpj\n\tlet name = \"文件名字很长很长很长很长很长很长很长很长很长很长很长很长很长\"; 👩‍💻\n";

/// What a picture begins with.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x07\x80\0\0\x04\x38";

/// Opens the inspector over the row under the cursor and answers whatever it asks.
fn inspect(app: &mut App, found: &Record, bytes: &[u8]) {
    let event = Event::Key(KeyEvent::new(KeyCode::Char('i'), KeyModifiers::NONE));
    let mut effects = app.update(Message::Input { event, now: now() });
    while let Some(effect) = effects.pop() {
        let Effect::Inspect { request, question } = effect else { continue };
        let answer = Answer::Inspected(Box::new(answer(question, found, bytes)));
        effects.extend(app.update(Message::Answer { request, answer, now: now() }));
    }
}

fn answer(question: Question, found: &Record, bytes: &[u8]) -> Inspected {
    match question {
        Question::Record { .. } => Inspected::Record(Ok(Some(found.clone()))),
        Question::Object { key, .. } => Inspected::Object(Ok(Some((object(key, found), None)))),
        Question::Preview { .. } => {
            let sample = Sample { name: "name.rs", size: bytes.len() as u64, from: 0, bytes, end: None };
            Inspected::Preview(Ok(first(&sample)))
        }
        // One that was made for a larger room than there is by now.
        Question::Picture { room, .. } => {
            let (width, height) = (u32::from(room.columns) + 9, u32::from(room.rows) * 2 + 5);
            let rgb: Vec<u8> = (0..=255).cycle().take((width * height * 3) as usize).collect();
            Inspected::Picture(Ok(Picture::new(width, height, &rgb).unwrap()))
        }
        Question::File(path) => panic!("nobody looks at {path:?}"),
    }
}

/// What differs from the record in everything.
fn object(key: String, found: &Record) -> ObjectInfo {
    let name = Some(found.key.clone());
    let (etag, content_type) = (Some("other".into()), Some("text/\u{1b}plain".into()));
    ObjectInfo { key, name, size: 1 << 40, modified: Some(now()), etag, content_type }
}

/// A record that has that name in every field.
fn named(name: &[u8]) -> Record {
    let text = || Some(String::from_utf8_lossy(name).into_owned());
    let checksum = Some(Checksum::md5(String::from_utf8_lossy(name)));
    Record { url: text(), bucket: text(), etag: text(), checksum, verified_at: Some(now()), ..record(7, name) }
}

fn stands_whole(app: &App, buffer: &Buffer) {
    let area = app.layout().inspector.unwrap();
    for y in area.y + 1..area.bottom().saturating_sub(1) {
        // The right one has the thumb where there is more than is seen.
        for (x, borders) in [(area.x, &["│"][..]), (area.right() - 1, &["│", "┃"][..])] {
            let symbol = buffer[(x, y)].symbol();
            assert!(borders.contains(&symbol), "{symbol:?} at {x},{y} of {area:?}: {:#?}", rows(buffer));
        }
    }
    let raw = |symbol: &str| symbol.chars().any(|letter| letter.is_control() || letter == '\u{202e}');
    assert!(!buffer.content.iter().any(|cell| raw(cell.symbol())));
}

#[test]
fn its_borders_stand_whatever_is_in_it_and_however_large_the_screen() {
    let program: Vec<u8> = (0..=255).cycle().take(3000).collect();
    for name in NAMES {
        for (width, height) in [(160, 48), (120, 36), (80, 24), (60, 24), (40, 10)] {
            for bytes in [TEXT.repeat(20).as_bytes(), &program, PICTURE] {
                let mut app = app(width, height);
                press(&mut app, "2");
                inspect(&mut app, &named(name), bytes);
                for keys in ["", "J", "JJ", "z", "j", "G", "z"] {
                    press(&mut app, keys);
                    stands_whole(&app, &drawn(&app, &Look::default()));
                }
            }
        }
    }
}

#[test]
fn no_screen_is_too_small_for_it() {
    for (width, height) in [(40, 10), (20, 5), (10, 3), (3, 3), (2, 9), (9, 1), (1, 1)] {
        let mut app = app(width, height);
        press(&mut app, "2");
        inspect(&mut app, &named(b"name"), TEXT.as_bytes());
        for keys in ["", "J", "z", "G", "z", "yf"] {
            press(&mut app, keys);
            for palette in [Palette::Dark, Palette::Plain] {
                drawn(&app, &Look { theme: Theme::new(palette), ascii: height % 2 == 0, ..Look::default() });
            }
        }
    }
}

#[test]
fn what_differs_is_on_the_screen_with_both_values() {
    for (width, height) in [(160, 48), (120, 36), (80, 24)] {
        let mut app = app(width, height);
        press(&mut app, "2");
        inspect(&mut app, &named(b"plain.txt"), b"text");
        let text = rows(&drawn(&app, &Look::default())).join("\n");
        assert!(text.contains("record and object differ: size"), "{text}");
        // On the lowest of them all fields are a key away.
        press(&mut app, "K");
        let text = rows(&drawn(&app, &Look::default())).join("\n");
        for part in ["record and object", "in the record", "in the bucket", "2.4 MiB", "1.0 TiB"] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }
}
