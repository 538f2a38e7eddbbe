//! What the screen looks like, cell by cell: aligned whatever the names, nothing raw from outside, and no size too small.

mod clicks;
mod inspector;
mod narrow;
mod questions;
mod table;
mod transfers;

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use ratatui::style::Color;
use windlass::action::Keymap;
use windlass::app::{Answer, App, Effect, Message, Start};
use windlass::config::load::{Flags, load};
use windlass::config::places::Places;
use windlass::domain::file::{FileEntry, FileKind};
use windlass::domain::transfer::Limits;
use windlass::domain::{HomeFolder, Provider, Record, RecordPage};
use windlass::storage::ObjectStore;
use windlass::storage::s3::{S3Config, S3Store, open};
use windlass::ui::{Depth, Look, Palette, Theme, view};

/// Names that terminals act on, that hide, or that are wider than they are long.
const NAMES: [&[u8]; 8] = [
    b"plain.txt",
    b"esc\x1b[31mred",
    b"two\nlines\r",
    b"not \xff text",
    "\u{202e}gpj.exe".as_bytes(),
    "文件名字很长很长很长很长很长很长很长很长.txt".as_bytes(),
    "👩‍💻 emoji.png".as_bytes(),
    b"a-name-that-is-far-too-long-for-any-column-of-any-pane-on-any-screen-that-people-use-today.tar.gz",
];

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn entry(name: &[u8]) -> FileEntry {
    let name = OsString::from_vec(name.to_vec());
    FileEntry { name, kind: FileKind::File, size: Some(2_516_582), modified: Some(now()), problem: None }
}

fn record(id: i64, name: &[u8]) -> Record {
    Record {
        id,
        key: String::from_utf8_lossy(name).into_owned(),
        url: None,
        user_id: "user_123".into(),
        uploaded_at: Some(now() - TimeDelta::minutes(2)),
        bucket: None,
        size: Some(2_516_582),
        content_type: Some("image/png".into()),
        etag: None,
        checksum: None,
        verified_at: None,
    }
}

/// The local bucket's store, which nobody asks anything over the network.
fn local() -> S3Store {
    let mut config = S3Config::new(Provider::Local, "windlass", "key", "secret");
    config.endpoint = Some("http://127.0.0.1:1".into());
    open(config).unwrap()
}

/// The application with everything there, on a screen of that size.
fn app(width: u16, height: u16) -> App {
    configured(width, height, Path::new("/nowhere"))
}

/// The same with the configuration of a folder.
fn configured(width: u16, height: u16, folder: &Path) -> App {
    let place = folder.to_path_buf();
    let places = Places { config: place.clone(), state: place.clone(), data: place };
    let config = load(&Flags::default(), &|_| None, places).unwrap();
    let mut app = App::new(Start {
        profiles: config.profiles,
        in_force: config.in_force,
        meant: windlass::app::Meant::Known,
        folder: "/home/me/site".into(),
        size: Size { width, height },
        now: now(),
        limits: Limits { jobs: 8, rate: 0 },
        keymap: Keymap::default(),
        mouse: true,
        home: HomeFolder::default(),
        memory: Default::default(),
        images: Default::default(),
        files: Default::default(),
    });
    for effect in app.start() {
        let (request, answer) = match effect {
            Effect::ListFolder { request, .. } => {
                (request, Answer::Folder(Ok(NAMES.iter().map(|name| entry(name)).collect())))
            }
            Effect::LoadRecords { request, .. } => {
                let records = NAMES.iter().zip(0..).map(|(name, id)| record(id, name)).collect();
                let took = Duration::from_millis(12);
                (request, Answer::Records { page: Ok(RecordPage { records, ..RecordPage::default() }), took })
            }
            Effect::Describe { request, .. } => (request, Answer::Described(Ok(local().capabilities()))),
            _ => continue,
        };
        app.update(Message::Answer { request, answer, now: now() });
    }
    app
}

fn press(app: &mut App, keys: &str) {
    for letter in keys.chars() {
        let code = if letter == '\x1b' { KeyCode::Esc } else { KeyCode::Char(letter) };
        let event = Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
        app.update(Message::Input { event, now: now() });
    }
}

fn drawn(app: &App, look: &Look) -> Buffer {
    let size = app.size();
    let mut terminal = Terminal::new(TestBackend::new(size.width, size.height)).unwrap();
    terminal.draw(|frame| drop(view(app, look, frame))).unwrap();
    terminal.backend().buffer().clone()
}

fn rows(buffer: &Buffer) -> Vec<String> {
    let cells = |y| (0..buffer.area.width).map(move |x| buffer[(x, y)].symbol()).collect();
    (0..buffer.area.height).map(cells).collect()
}

#[test]
fn help_is_in_the_hint_line_of_every_pane_however_narrow() {
    for (width, height) in [(120, 36), (80, 24), (40, 10), (20, 10)] {
        for keys in ["1", "2", "2v", "3", "3 "] {
            let mut app = app(width, height);
            press(&mut app, keys);
            let rows = rows(&drawn(&app, &Look::default()));
            assert!(rows.last().unwrap().contains("? help"), "{width} columns, {keys}: {rows:#?}");
        }
    }
}

#[test]
fn names_from_outside_are_visible_and_never_raw() {
    let buffer = drawn(&app(120, 36), &Look::default());
    let text = rows(&buffer).join("\n");
    for shown in ["esc␛[31mred", "two\\nlines\\r", "not \\xFF text", "⟨U+202E⟩gpj.exe"] {
        assert!(text.contains(shown), "{shown} is not in\n{text}");
    }
    let raw = |symbol: &str| symbol.chars().any(|letter| letter.is_control() || letter == '\u{202e}');
    assert!(!buffer.content.iter().any(|cell| raw(cell.symbol())));
}

#[test]
fn a_dialog_stands_on_calm_ground_and_what_is_said_meanwhile_covers_nothing_of_it() {
    let said = |app: &mut App, what: &str, seconds| {
        let failure = windlass::domain::Failure::new(windlass::domain::FailureKind::Local, what);
        app.update(Message::Warning { failure, now: now() + TimeDelta::seconds(seconds) });
    };
    let seen = |app: &App| rows(&drawn(app, &Look::default()));
    let mut app = app(80, 24);
    said(&mut app, "said before", -1);
    assert!(seen(&app).concat().contains("said before"));
    press(&mut app, "?");
    assert!(!seen(&app).concat().contains("said before"));
    said(&mut app, "said meanwhile", 2);
    let rows = seen(&app);
    assert!(rows[0].contains("windlass   local") && rows[1].contains("! said meanwhile"), "{rows:#?}");
    assert!(!rows[2..].concat().contains("said"), "{rows:#?}");
    assert!(seen(&app)[23].contains("Esc"), "the dialog's keys stay in sight: {}", seen(&app)[23]);
    press(&mut app, "\x1b");
    assert!(seen(&app).concat().contains("said before"), "it has not been seen for long enough");
}

#[test]
fn the_order_in_a_title_is_whole_or_not_there() {
    for width in 40..130 {
        let mut app = app(width, 24);
        press(&mut app, "2");
        let title = rows(&drawn(&app, &Look::default()))[1].clone();
        assert_eq!(title.contains("first"), title.contains("  newest first "), "{title}");
    }
}

/// Presses a key and answers the first question that it leads to.
fn answered(app: &mut App, key: &str, answer: Answer) {
    let code = KeyCode::Char(key.chars().next().unwrap());
    let effects = app.update(Message::Input { event: Event::Key(KeyEvent::new(code, KeyModifiers::NONE)), now: now() });
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::ListFolder { request, .. } | Effect::ListBucket { request, .. } => Some(*request),
        _ => None,
    });
    app.update(Message::Answer { request: asked.unwrap(), answer, now: now() });
}

#[test]
fn days_of_one_and_of_two_digits_end_in_one_column() {
    let mut app = app(120, 36);
    let written = |name: &[u8], days| FileEntry { modified: Some(now() - TimeDelta::days(days)), ..entry(name) };
    // 15 January 2027 less so many days.
    let entries = vec![written(b"a", 8), written(b"b", 3), written(b"c", 28), written(b"d", 0)];
    answered(&mut app, "R", Answer::Folder(Ok(entries)));
    let rows = rows(&drawn(&app, &Look::default()));
    let end = |row: &String| row.split('│').nth(1).map(|pane| pane.trim_end().chars().count()).unwrap();
    let ends: Vec<usize> = rows[3..7].iter().map(end).collect();
    assert!(ends.iter().all(|end| *end == ends[0]), "{rows:#?}");
    assert!(rows[5].contains(" Dec 2026"), "the year is whole: {}", rows[5]);
}

#[test]
fn a_bucket_that_refuses_is_told_at_the_top() {
    use windlass::domain::FailureKind;
    for (kind, said) in [
        (FailureKind::Credentials, "✗ bucket refused"),
        (FailureKind::Offline, "✗ bucket unreachable"),
        (FailureKind::NoBucket, "✗ no such bucket"),
    ] {
        for (width, height) in [(120, 36), (80, 24), (40, 10)] {
            let mut app = app(width, height);
            press(&mut app, "2");
            answered(&mut app, "v", Answer::Objects(Err(windlass::domain::Failure::new(kind, "no"))));
            let top = rows(&drawn(&app, &Look::default())).remove(0);
            assert!(top.contains(said), "{top}");
        }
    }
}

#[test]
fn a_folder_with_nothing_but_hidden_files_is_not_called_empty() {
    let mut app = app(80, 24);
    let event = Event::Key(KeyEvent::new(KeyCode::Char('R'), KeyModifiers::NONE));
    let effects = app.update(Message::Input { event, now: now() });
    let Some(Effect::ListFolder { request, .. }) = effects.first() else { panic!("{effects:?}") };
    let answer = Answer::Folder(Ok(vec![entry(b".env")]));
    app.update(Message::Answer { request: *request, answer, now: now() });
    let text = rows(&drawn(&app, &Look::default())).concat();
    assert!(text.contains("only hidden files: . shows") && !text.contains("an empty folder"), "{text}");
}

#[test]
fn the_profiles_say_whole_where_they_come_from_where_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "[profiles.a-name-of-twenty-one]\nprovider = \"local\"\n").unwrap();
    let mut app = configured(120, 36, folder.path());
    press(&mut app, "P");
    let rows = rows(&drawn(&app, &Look::default()));
    let row = rows.iter().find(|row| row.contains("a-name-of-twenty")).unwrap();
    assert!(row.contains(&format!("  {} ", file.display())), "{row}");
    let shared = rows.iter().filter(|row| row.contains(" windlass, shared ")).count();
    assert_eq!(shared, 2, "that and the built-in one have one bucket: {rows:#?}");
    let home = HomeFolder::new(folder.path().to_str());
    let text = self::rows(&drawn(&app, &Look { home, ..Look::default() })).concat();
    assert!(text.contains("  ~/config.toml "), "{text}");
}

#[test]
fn columns_stand_under_each_other_whatever_the_names() {
    for (width, height) in [(160, 48), (120, 36), (80, 24), (40, 10)] {
        let app = app(width, height);
        let buffer = drawn(&app, &Look::default());
        let area = app.layout().local.unwrap();
        let ends: Vec<u16> = (area.y + 2..area.bottom() - 1)
            .filter_map(|y| (area.x..area.right()).rev().find(|x| buffer[(*x, y)].symbol() == "B"))
            .collect();
        assert!(ends.len() > 3 && ends.iter().all(|end| *end == ends[0]), "{:#?}", rows(&buffer));
        for y in area.y + 1..area.bottom() - 1 {
            assert_eq!(buffer[(area.x, y)].symbol(), "│", "the border stands at {width}x{height}");
            assert_eq!(buffer[(area.right() - 2, y)].symbol(), " ", "nothing touches it");
        }
    }
}

#[test]
fn no_size_is_too_small_for_anything_that_is_open() {
    let sizes = [(160, 48), (80, 24), (40, 10), (20, 5), (10, 3), (3, 3), (2, 9), (9, 1), (1, 1)];
    for keys in ["", "?", "!", "P", "/filter", "jju", "2jD", "2yL", "2v", "3", "z", "V", "2y", "q"] {
        for (width, height) in sizes {
            let mut app = app(width, height);
            press(&mut app, keys);
            for palette in [Palette::Dark, Palette::Light, Palette::Sixteen, Palette::Plain] {
                let look = Look {
                    theme: Theme::new(palette),
                    ascii: height % 2 == 0,
                    home: HomeFolder::new(Some("/home/me")),
                    depth: Depth::True,
                };
                drawn(&app, &look);
            }
        }
    }
}

#[test]
fn poor_fonts_get_plain_symbols() {
    let mut app = app(120, 36);
    press(&mut app, " ?");
    let text = rows(&drawn(&app, &Look { ascii: true, ..Look::default() })).concat();
    let strange = |letter: &char| "╭╮╰╯│─▎▏✓●…━↑↓→▾▸".contains(*letter);
    assert_eq!(text.chars().filter(strange).collect::<String>(), "");
}

#[test]
fn all_that_the_palette_offers_for_a_theme_stands_in_two_columns() {
    for (width, height) in [(120, 36), (80, 24), (40, 10)] {
        let mut app = app(width, height);
        press(&mut app, ":theme");
        let text = rows(&drawn(&app, &Look::default())).join("\n");
        let abouts = ["theme = \"", "[styles]", "by the terminal", "at once"];
        let column = |row: &str| abouts.iter().find_map(|about| Some(row.split_once(about)?.0.chars().count()));
        let columns: Vec<usize> = text.lines().filter_map(column).collect();
        assert!(columns.len() > 2 && columns.iter().all(|column| *column == columns[0]), "{columns:?}\n{text}");
    }
}

#[test]
fn the_row_that_has_the_cursor_elsewhere_looks_like_no_second_border() {
    for (palette, ascii) in [(Palette::Plain, true), (Palette::Plain, false), (Palette::Dark, true)] {
        let mut app = app(120, 36);
        press(&mut app, "1");
        let text = rows(&drawn(&app, &Look { ascii, theme: Theme::new(palette), ..Look::default() })).join("\n");
        assert!(text.contains("||") || text.contains("││"), "{text}");
        assert!(!text.contains("|||") && !text.contains("││▏"), "{text}");
    }
}

#[test]
fn the_home_folder_is_a_tilde_and_the_header_says_what_the_database_took() {
    let look = Look { home: HomeFolder::new(Some("/home/me")), ..Look::default() };
    let text = rows(&drawn(&app(120, 36), &look));
    assert!(text[0].contains("sqlite ● 12 ms"), "{}", text[0]);
    assert!(text[1].contains("Local  ~/site"), "{}", text[1]);
}

#[test]
fn what_is_chosen_in_a_dialog_is_read_whatever_the_terminals_background_is() {
    let look = Look { theme: Theme::new(Palette::Light), ..Look::default() };
    for (keys, name) in [("?", "move-down"), (":", "upload"), ("P", "local")] {
        let mut app = app(120, 36);
        press(&mut app, keys);
        let buffer = drawn(&app, &look);
        let chosen = |y: &u16| {
            (0..120).any(|x| buffer[(x, *y)].symbol() == "▎" && buffer[(x + 1, *y)].bg == Color::Indexed(253))
        };
        let row = (2..34).find(chosen).unwrap();
        let dark = (0..120).filter(|x| buffer[(*x, row)].fg == Color::Indexed(232)).count();
        assert!(dark >= name.len(), "{keys}: {dark} letters: {:?}", rows(&buffer)[usize::from(row)]);
    }
}

#[test]
fn without_colour_nothing_has_any() {
    let look = Look { theme: Theme::new(Palette::Plain), ..Look::default() };
    let mut app = app(120, 36);
    press(&mut app, "2jD");
    let buffer = drawn(&app, &look);
    let reset = ratatui::style::Color::Reset;
    assert!(buffer.content.iter().all(|cell| cell.fg == reset && cell.bg == reset));
}

#[test]
fn the_help_cuts_neither_keys_nor_reasons_on_a_usual_screen() {
    for place in ["1", "2", "2v", "3"] {
        let mut app = app(80, 24);
        press(&mut app, place);
        press(&mut app, "?");
        let mut seen = String::new();
        for _ in 0..60 {
            seen += &rows(&drawn(&app, &Look::default()))[2..22].join("\n");
            press(&mut app, "j");
        }
        let inside: Vec<&str> = seen.lines().filter(|row| row.starts_with('│') && row.contains('…')).collect();
        assert_eq!(inside, [""; 0], "in {place}");
        assert!(place != "2" || seen.contains("the local bucket has no URL without a signature"), "{seen}");
    }
}
